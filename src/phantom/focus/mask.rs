//! The pixels of a deposit: where it is thick enough, with its parts and its inside.

use crate::morphology;
use crate::radiograph::Mask;
use ndarray::Array2;

/// Share of the typical greatest thickness at which a deposit begins.
const EDGE: f32 = 0.25;

/// Runs `(row, start, end)` where `thickness` is at least a quarter of its 95th percentile; gaps up to `gap` pixels
/// are closed and holes filled, so that a shell counts with what it holds.
///
/// Specks are joined by growing; all but `keep` pixels of that is taken back.
pub(super) fn runs(thickness: &Array2<f32>, gap: f32, keep: f32) -> Vec<(usize, usize, usize)> {
    let mut some: Vec<f32> = thickness.iter().copied().filter(|&value| value > 1e-4).collect();
    if some.is_empty() {
        return Vec::new();
    }
    some.sort_by(f32::total_cmp);
    let typical = some[(some.len() - 1) * 19 / 20];
    // A margin, so that closing does not meet the edge of the grid.
    let margin = gap.ceil() as usize + 2;
    let (rows, columns) = thickness.dim();
    let mut mask = Mask::empty((rows + 2 * margin, columns + 2 * margin));
    for ((row, column), &value) in thickness.indexed_iter() {
        if value >= EDGE * typical {
            mask.set(row + margin, column + margin, true);
        }
    }
    let mut filled = if gap < 0.5 {
        fill(&mask)
    } else {
        let grown = fill(&morphology::dilate_mask(&mask, f64::from(0.5 * gap)));
        morphology::erode_mask(&grown, f64::from((0.5 * gap - keep).max(0.0)))
    };
    filled.unite(&mask);
    (0..rows)
        .flat_map(|row| {
            filled
                .runs(row + margin)
                .map(|(start, end)| {
                    (
                        row,
                        start.max(margin) - margin,
                        end.min(columns + margin).max(margin) - margin,
                    )
                })
                .filter(|&(_, start, end)| start < end)
                .collect::<Vec<_>>()
        })
        .collect()
}

/// The mask with its holes: all that is not reached from the corner through background.
fn fill(mask: &Mask) -> Mask {
    let (rows, columns) = mask.shape();
    let mut outside = vec![false; rows * columns];
    let mut open = vec![(0_usize, 0_usize)];
    outside[0] = true;
    while let Some((row, column)) = open.pop() {
        let neighbours = [
            (row.wrapping_sub(1), column),
            (row + 1, column),
            (row, column.wrapping_sub(1)),
            (row, column + 1),
        ];
        for (r, c) in neighbours {
            if r < rows && c < columns && !outside[r * columns + c] && !mask.get(r, c) {
                outside[r * columns + c] = true;
                open.push((r, c));
            }
        }
    }
    let mut filled = Mask::empty((rows, columns));
    for row in 0..rows {
        for column in 0..columns {
            if !outside[row * columns + column] {
                filled.set(row, column, true);
            }
        }
    }
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_counts_with_what_it_holds_and_near_specks_belong_together() {
        let ring = Array2::from_shape_fn((41, 41), |(row, column)| {
            let away = (row as f32 - 20.0).hypot(column as f32 - 20.0);
            if (12.0..15.0).contains(&away) { 1.0 } else { 0.0 }
        });
        let area: usize = runs(&ring, 0.0, 0.0).iter().map(|(_, start, end)| end - start).sum();
        assert!((640..760).contains(&area), "{area}");
        let mut specks = Array2::zeros((20, 20));
        specks[(10, 5)] = 1.0_f32;
        specks[(10, 9)] = 1.0;
        assert_eq!(runs(&specks, 0.0, 0.0).len(), 2);
        let joined = runs(&specks, 6.0, 1.0);
        assert_eq!(joined.iter().filter(|run| run.0 == 10).count(), 1);
        assert!(joined.iter().all(|run| (8..=12).contains(&run.0)), "{joined:?}");
    }
}
