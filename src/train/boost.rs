//! Gradient boosting of regression trees on histograms of the inputs.
//!
//! Friedman, Ann Stat 2001;29:1189, doi 10.1214/aos/1013203451; second-order leaves with L2 as in Chen and Guestrin,
//! KDD 2016, doi 10.1145/2939672.2939785. Same rows, same settings: same trees, bit for bit.

use super::table::{BINS, Binned, Table};
use crate::classify::model::{Forest, Node, Tree, short, softmax};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// How trees are grown.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Boosting {
    /// Trees in the forest.
    pub trees: usize,
    /// Deepest level of splits.
    pub depth: usize,
    /// Share of each tree's answer that is added.
    pub rate: f32,
    /// L2 penalty on leaves.
    pub lambda: f64,
    /// Least sum of second derivatives in a leaf.
    pub least_hessian: f64,
    /// Share of rows each tree sees.
    pub rows: f32,
    /// Share of inputs each tree sees.
    pub inputs: f32,
    /// Inputs that no tree sees, a bit each, the first the lowest.
    pub hidden: u64,
    /// Inputs of which more never lowers the answer, bits likewise.
    pub rising: u64,
    /// Inputs of which more never raises the answer, bits likewise.
    pub falling: u64,
    /// Seed of which rows and inputs those are.
    pub seed: u64,
}

impl Default for Boosting {
    fn default() -> Self {
        Self {
            trees: 300,
            depth: 5,
            rate: 0.05,
            lambda: 5.0,
            least_hessian: 4.0,
            rows: 0.7,
            inputs: 0.5,
            hidden: 0,
            rising: 0,
            falling: 0,
            seed: 1,
        }
    }
}

impl Boosting {
    fn trend(&self, input: usize) -> Trend {
        let is_in = |bits: u64| input < 64 && bits >> input & 1 == 1;
        match (is_in(self.rising), is_in(self.falling)) {
            (true, false) => Trend::Rising,
            (false, true) => Trend::Falling,
            _ => Trend::Free,
        }
    }

    /// The answer of a leaf, in log-odds before the rate, that lowers the loss most within `bounds`.
    fn leaf(&self, [slope, curvature]: [f64; 2], bounds: Bounds) -> f64 {
        (-slope / (curvature + self.lambda)).clamp(bounds.least, bounds.most)
    }

    /// By how much that answer lowers the loss, twice.
    fn worth(&self, sums: [f64; 2], bounds: Bounds) -> f64 {
        let leaf = self.leaf(sums, bounds);
        -(2.0 * sums[0] * leaf + (sums[1] + self.lambda) * leaf * leaf)
    }
}

/// How the answer may follow an input.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Trend {
    Free,
    Rising,
    Falling,
}

/// Between what the answers below a node lie, so that a split above it keeps its trend.
#[derive(Clone, Copy, Debug)]
struct Bounds {
    least: f64,
    most: f64,
}

impl Bounds {
    const NONE: Self = Self {
        least: f64::NEG_INFINITY,
        most: f64::INFINITY,
    };

    /// Those of the two sides of a split: where there is a trend, both keep to their side of the middle of their answers.
    fn split(self, trend: Trend, lower: f64, upper: f64) -> [Self; 2] {
        let middle = (lower + upper) / 2.0;
        let below = Self { most: middle, ..self };
        let above = Self { least: middle, ..self };
        match trend {
            Trend::Free => [self, self],
            Trend::Rising => [below, above],
            Trend::Falling => [above, below],
        }
    }
}

/// Fits the log-odds of the targets.
pub fn fit(table: &Table, boosting: &Boosting) -> Forest {
    let rows = table.len();
    if rows == 0 {
        return Forest::default();
    }
    let share = table.share(|target| target);
    let bias = (share / (1.0 - share)).ln() as f32;
    let mut log_odds = vec![bias; rows];
    let mut grower = Grower::new(table, *boosting);
    let mut forest = Forest {
        bias,
        trees: Vec::with_capacity(boosting.trees),
    };
    for _ in 0..boosting.trees {
        for (row, slope) in grower.slopes.iter_mut().enumerate() {
            let p = 1.0 / (1.0 + (-f64::from(log_odds[row])).exp());
            let w = f64::from(table.weights[row]);
            *slope = [w * (p - f64::from(table.targets[row])), w * (p * (1.0 - p)).max(1e-6)];
        }
        let Some(tree) = grower.tree() else { continue };
        for (row, log_odds) in log_odds.iter_mut().enumerate() {
            *log_odds += tree.value(table.row(row));
        }
        forest.trees.push(tree);
    }
    forest
}

/// Fits the logarithms of the chances of `classes` classes, up to a common term: one forest a class, grown side by side
/// (multinomial deviance, Friedman 2001, algorithm 6). The targets are the numbers of the classes, from 0.
pub fn fit_classes(table: &Table, classes: usize, boosting: &Boosting) -> Vec<Forest> {
    let rows = table.len();
    if rows == 0 {
        return vec![Forest::default(); classes];
    }
    let mut grower = Grower::new(table, *boosting);
    let bias: Vec<f32> = (0..classes)
        .map(|class| table.share(|target| f32::from(u8::from(target == class as f32))).ln() as f32)
        .collect();
    let mut forests: Vec<Forest> = bias
        .iter()
        .map(|&bias| Forest {
            bias,
            trees: Vec::with_capacity(boosting.trees),
        })
        .collect();
    let mut scores: Vec<f32> = bias.repeat(rows);
    let mut chances = vec![0.0_f32; classes * rows];
    // The second derivative of the multinomial deviance underrates how far classes move together.
    let stretch = classes as f64 / (classes as f64 - 1.0).max(1.0);
    for _ in 0..boosting.trees {
        for (chances, scores) in chances.chunks_exact_mut(classes).zip(scores.chunks_exact(classes)) {
            chances.copy_from_slice(scores);
            softmax(chances);
        }
        for (class, forest) in forests.iter_mut().enumerate() {
            for (row, slope) in grower.slopes.iter_mut().enumerate() {
                let p = f64::from(chances[row * classes + class]);
                let is_class = f64::from(u8::from(table.targets[row] == class as f32));
                let w = f64::from(table.weights[row]);
                *slope = [w * (p - is_class), w * (stretch * p * (1.0 - p)).max(1e-6)];
            }
            let Some(tree) = grower.tree() else { continue };
            for row in 0..rows {
                scores[row * classes + class] += tree.value(table.row(row));
            }
            forest.trees.push(tree);
        }
    }
    forests
}

/// Grows one tree after another on the slopes it is given.
struct Grower<'a> {
    table: &'a Table,
    binned: Binned,
    /// First and second derivative of the loss at each row.
    slopes: Vec<[f64; 2]>,
    boosting: Boosting,
    rng: ChaCha8Rng,
}

impl<'a> Grower<'a> {
    fn new(table: &'a Table, boosting: Boosting) -> Self {
        Self {
            table,
            binned: Binned::of(table),
            slopes: vec![[0.0; 2]; table.len()],
            boosting,
            rng: ChaCha8Rng::seed_from_u64(boosting.seed),
        }
    }

    /// A tree on some of the rows and inputs; `None` if chance leaves none.
    fn tree(&mut self) -> Option<Tree> {
        let (boosting, rng) = (&self.boosting, &mut self.rng);
        let seen: Vec<u32> = (0..self.table.len() as u32)
            .filter(|_| rng.random::<f32>() < boosting.rows)
            .collect();
        let inputs: Vec<usize> = (0..self.table.width)
            .filter(|&nth| rng.random::<f32>() < boosting.inputs && boosting.hidden >> nth.min(63) & 1 == 0)
            .collect();
        if seen.is_empty() || inputs.is_empty() {
            return None;
        }
        let mut tree = Tree::default();
        let ground = Ground {
            binned: &self.binned,
            slopes: &self.slopes,
            rows: self.table.len(),
            inputs: &inputs,
            boosting,
        };
        let histograms = (boosting.depth > 0).then(|| Histograms::of(&seen, &ground));
        grow(&mut tree, seen, histograms, Bounds::NONE, 0, &ground);
        Some(tree)
    }
}

/// What a tree grows on.
struct Ground<'a> {
    binned: &'a Binned,
    /// First and second derivative of the loss at each row.
    slopes: &'a [[f64; 2]],
    rows: usize,
    inputs: &'a [usize],
    boosting: &'a Boosting,
}

struct Split {
    gain: f64,
    input: usize,
    /// Rows in bins up to this one go down the lower branch.
    bin: usize,
    missing_is_lower: bool,
    /// What a leaf would answer on either side.
    answers: [f64; 2],
}

/// Sums of the slopes of the rows in each bin of one input.
type Histogram = [[f64; 2]; BINS + 1];

/// One histogram for each input that is looked at.
struct Histograms(Vec<Histogram>);

impl Histograms {
    fn of(seen: &[u32], ground: &Ground<'_>) -> Self {
        // Side by side, so that each input reads them in a row.
        let slopes: Vec<[f64; 2]> = seen.iter().map(|&row| ground.slopes[row as usize]).collect();
        let each = ground.inputs.iter().map(|&input| {
            let bins = &ground.binned.bins[input * ground.rows..][..ground.rows];
            let mut sums = [[0.0; 2]; BINS + 1];
            for (&row, &slope) in seen.iter().zip(&slopes) {
                let sum = &mut sums[usize::from(bins[row as usize])];
                *sum = plus(*sum, slope);
            }
            sums
        });
        Self(each.collect())
    }

    /// Those of the rows that are left when the rows of `part` are taken away.
    fn without(mut self, part: &Self) -> Self {
        for (own, part) in self.0.iter_mut().flatten().zip(part.0.iter().flatten()) {
            *own = [own[0] - part[0], own[1] - part[1]];
        }
        self
    }
}

/// Adds the subtree for the rows `seen`, of which `histograms` are; a leaf if there are none.
fn grow(
    tree: &mut Tree,
    seen: Vec<u32>,
    histograms: Option<Histograms>,
    bounds: Bounds,
    depth: usize,
    ground: &Ground<'_>,
) {
    let total = seen
        .iter()
        .fold([0.0; 2], |sum, &row| plus(sum, ground.slopes[row as usize]));
    let at = tree.nodes.len();
    let leaf = ground.boosting.leaf(total, bounds);
    tree.nodes
        .push(Node::Leaf(short((leaf * f64::from(ground.boosting.rate)) as f32)));
    let Some(histograms) = histograms else { return };
    let Some(split) = ground
        .inputs
        .iter()
        .zip(&histograms.0)
        .filter_map(|(&input, histogram)| best_split(input, histogram, total, bounds, ground))
        .fold(None, |best: Option<Split>, split| match best {
            Some(best) if best.gain >= split.gain => Some(best),
            _ => Some(split),
        })
    else {
        return;
    };
    let bins = &ground.binned.bins[split.input * ground.rows..][..ground.rows];
    let (lower, upper): (Vec<u32>, Vec<u32>) = seen.into_iter().partition(|&row| match bins[row as usize] {
        0 => split.missing_is_lower,
        bin => usize::from(bin) <= split.bin,
    });
    // The fewer rows are summed; the others are what is left.
    let of_both = (depth + 1 < ground.boosting.depth).then(|| {
        let is_lower = lower.len() <= upper.len();
        let fewer = Histograms::of(if is_lower { &lower } else { &upper }, ground);
        let more = histograms.without(&fewer);
        if is_lower { (fewer, more) } else { (more, fewer) }
    });
    let (of_lower, of_upper) = of_both.unzip();
    let trend = ground.boosting.trend(split.input);
    let [below, above] = bounds.split(trend, split.answers[0], split.answers[1]);
    let first = tree.nodes.len() as u16;
    grow(tree, lower, of_lower, below, depth + 1, ground);
    let second = tree.nodes.len() as u16;
    grow(tree, upper, of_upper, above, depth + 1, ground);
    let threshold = short(ground.binned.edges[split.input][split.bin - 1]);
    tree.nodes[at] = Node::Split(split.input as u16, threshold, first, second, split.missing_is_lower);
}

fn plus(a: [f64; 2], b: [f64; 2]) -> [f64; 2] {
    [a[0] + b[0], a[1] + b[1]]
}

fn best_split(input: usize, sums: &Histogram, total: [f64; 2], bounds: Bounds, ground: &Ground<'_>) -> Option<Split> {
    let edges = ground.binned.edges[input].len();
    let (boosting, trend) = (ground.boosting, ground.boosting.trend(input));
    let least = boosting.least_hessian;
    let (whole, missing) = (boosting.worth(total, bounds), sums[0]);
    let mut best: Option<Split> = None;
    let mut below = [0.0; 2];
    for (bin, &sum) in sums.iter().enumerate().take(edges + 1).skip(1) {
        below = plus(below, sum);
        for missing_is_lower in [false, true] {
            let lower = if missing_is_lower { plus(below, missing) } else { below };
            let upper = [total[0] - lower[0], total[1] - lower[1]];
            if lower[1] < least || upper[1] < least {
                continue;
            }
            let answers = [lower, upper].map(|sums| boosting.leaf(sums, bounds));
            let against = match trend {
                Trend::Free => false,
                Trend::Rising => answers[0] > answers[1],
                Trend::Falling => answers[0] < answers[1],
            };
            if against {
                continue;
            }
            let gain = boosting.worth(lower, bounds) + boosting.worth(upper, bounds) - whole;
            if gain > 1e-6 && best.as_ref().is_none_or(|best| gain > best.gain) {
                best = Some(Split {
                    gain,
                    input,
                    bin,
                    missing_is_lower,
                    answers,
                });
            }
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::{Boosting, Table, fit, fit_classes};
    use crate::classify::model::{Node, softmax};

    /// Two inputs, the second of no use; the target is an exclusive or of the first's range and missing values.
    fn table() -> Table {
        let mut table = Table {
            width: 2,
            ..Table::default()
        };
        for i in 0..600_u32 {
            let x = f32::from((i * 37 % 101) as u16);
            let value = if i % 7 == 0 { f32::NAN } else { x };
            table.values.extend([value, f32::from((i * 53 % 89) as u16)]);
            table
                .targets
                .push(f32::from(u8::from(value.is_nan() || (30.0..60.0).contains(&value))));
            table.weights.push(1.0);
        }
        table
    }

    #[test]
    fn a_rule_is_learned_with_missing_values() {
        let forest = fit(
            &table(),
            &Boosting {
                depth: 3,
                trees: 150,
                inputs: 1.0,
                ..Boosting::default()
            },
        );
        let chance = |x: f32| 1.0 / (1.0 + (-forest.log_odds(&[x, 40.0])).exp());
        assert!(
            chance(45.0) > 0.9 && chance(f32::NAN) > 0.9,
            "{} {}",
            chance(45.0),
            chance(f32::NAN)
        );
        assert!(chance(10.0) < 0.1 && chance(80.0) < 0.1);
    }

    #[test]
    fn classes_are_told_apart() {
        let mut table = table();
        for (row, target) in table.targets.iter_mut().enumerate() {
            let value = table.values[2 * row];
            *target = if value.is_nan() {
                2.0
            } else {
                f32::from(u8::from(value > 50.0))
            };
        }
        let boosting = Boosting {
            depth: 2,
            trees: 60,
            inputs: 1.0,
            ..Boosting::default()
        };
        let forests = fit_classes(&table, 3, &boosting);
        for (value, class) in [(10.0, 0), (90.0, 1), (f32::NAN, 2)] {
            let mut chances: Vec<f32> = forests.iter().map(|forest| forest.log_odds(&[value, 40.0])).collect();
            softmax(&mut chances);
            assert!(chances[class] > 0.8, "{value}: {chances:?}");
        }
    }

    #[test]
    fn what_is_hidden_is_not_asked() {
        let boosting = Boosting {
            depth: 3,
            trees: 30,
            hidden: 1,
            ..Boosting::default()
        };
        let forest = fit(&table(), &boosting);
        let asked = forest.trees.iter().flat_map(|tree| &tree.nodes);
        assert!(asked.into_iter().all(|node| !matches!(node, Node::Split(0, ..))));
    }

    #[test]
    fn the_answer_follows_an_input_as_it_must() {
        let answers = |rising, falling| -> Vec<f32> {
            let boosting = Boosting {
                depth: 4,
                trees: 80,
                inputs: 1.0,
                rising,
                falling,
                ..Boosting::default()
            };
            let forest = fit(&table(), &boosting);
            (0..=100).map(|x| forest.log_odds(&[x as f32, 40.0])).collect()
        };
        let (free, rising, falling) = (answers(0, 0), answers(1, 0), answers(0, 1));
        // What is likely between 30 and 60 only.
        assert!(free[10] < free[45] && free[80] < free[45]);
        assert!(rising.windows(2).all(|pair| pair[0] <= pair[1]) && rising[10] < rising[45]);
        assert!(falling.windows(2).all(|pair| pair[0] >= pair[1]) && falling[80] < falling[45]);
    }

    #[test]
    fn the_same_rows_give_the_same_trees() {
        let boosting = Boosting {
            trees: 20,
            ..Boosting::default()
        };
        assert_eq!(fit(&table(), &boosting), fit(&table(), &boosting));
        assert_ne!(
            fit(&table(), &boosting),
            fit(&table(), &Boosting { seed: 2, ..boosting })
        );
    }
}
