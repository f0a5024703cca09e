//! Rows of inputs with what is to be predicted, and their inputs in bins.

/// Rows of inputs, NaN where missing, each with a target (`0.0..=1.0`, or the number of a class) and a weight.
#[derive(Clone, Debug, Default)]
pub struct Table {
    /// Number of inputs of a row.
    pub width: usize,
    /// Inputs, row after row.
    pub values: Vec<f32>,
    /// What is to be predicted, one a row.
    pub targets: Vec<f32>,
    /// How much each row counts.
    pub weights: Vec<f32>,
}

impl Table {
    /// Row `index`.
    pub fn row(&self, index: usize) -> &[f32] {
        &self.values[index * self.width..][..self.width]
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.targets.len()
    }

    /// Weighted mean of `of` over the targets, kept off 0 and 1.
    pub(super) fn share(&self, of: impl Fn(f32) -> f32) -> f64 {
        let each = self.targets.iter().zip(&self.weights);
        let sum: f64 = each.map(|(&target, &weight)| f64::from(of(target) * weight)).sum();
        let weight: f64 = self.weights.iter().map(|&weight| f64::from(weight)).sum();
        (sum / weight).clamp(1e-4, 1.0 - 1e-4)
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.targets.is_empty()
    }
}

/// Bins of one input: 0 is for missing values, `1 + n` for values above `n` of the edges.
pub(super) const BINS: usize = 64;

/// The inputs of a table as numbers of bins.
pub(super) struct Binned {
    /// Bin of each input of each row, input after input.
    pub(super) bins: Vec<u8>,
    /// Rising thresholds of each input.
    pub(super) edges: Vec<Vec<f32>>,
}

impl Binned {
    pub(super) fn of(table: &Table) -> Self {
        let rows = table.len();
        let mut bins = vec![0_u8; rows * table.width];
        let mut edges = Vec::with_capacity(table.width);
        for input in 0..table.width {
            let column = || (0..rows).map(|row| table.values[row * table.width + input]);
            let mut known: Vec<f32> = column().filter(|value| !value.is_nan()).collect();
            known.sort_unstable_by(f32::total_cmp);
            let mut own: Vec<f32> = (1..BINS - 1)
                .filter_map(|nth| {
                    let at = nth * known.len() / (BINS - 1);
                    // Halfway between values, so that a threshold is no value of the training set.
                    let (below, above) = (*known.get(at.checked_sub(1)?)?, *known.get(at)?);
                    (below < above)
                        .then(|| below + (above - below) / 2.0)
                        .filter(|edge| *edge < above)
                })
                .collect();
            own.dedup();
            for (row, value) in column().enumerate() {
                if !value.is_nan() {
                    bins[input * rows + row] = 1 + own.partition_point(|edge| *edge < value) as u8;
                }
            }
            edges.push(own);
        }
        Self { bins, edges }
    }
}
