//! One pass over the words of a mask: runs, their components, and all sums over them.
//!
//! No label image is written. Two lists of runs are alive, the row's and that of the row above; labels that meet are
//! joined in a union-find forest whose root is always the oldest label, so roots come out in raster order.
//!
//! # Source
//!
//! Run-based labelling: L. He, Y. Chao, K. Suzuki, IEEE Trans. Image Process. 17(5), 2008, doi 10.1109/TIP.2008.919369.
//! Features in the same pass: L. Lacassagne, B. Zavidovique, J. Real-Time Image Proc. 6, 2011, doi 10.1007/s11554-009-0134-0.
//! Run edges by `word ^ (word << 1)`: F. Lee et al., bit-run two-scan labelling, 2021.

use super::component::{Borders, Component, Connectivity, Intensity, Summary};
use super::{Bounds, Region, Run};
use crate::radiograph::Mask;
use ndarray::ArrayView2;

/// The connected components of `mask`, in raster order of their first pixels, each with its runs and its sums.
///
/// `values`, shape of the mask and finite, adds [`Intensity`] to every summary. Time is linear in words and runs.
///
/// # Panics
///
/// If the shapes of `mask` and `values` differ.
///
/// # Examples
///
/// ```
/// use calxray::label::{Connectivity, components};
/// use calxray::radiograph::Mask;
///
/// let mut mask = Mask::empty((3, 5));
/// mask.fill_run(0, 0, 2);
/// mask.fill_run(1, 2, 3); // touches the first run by a corner
/// mask.fill_run(1, 4, 5);
/// let found = components(&mask, None, Connectivity::Eight);
/// assert_eq!(found.len(), 2);
/// assert_eq!(found[0].summary.area, 3);
/// assert_eq!(components(&mask, None, Connectivity::Four).len(), 3);
/// ```
pub fn components(mask: &Mask, values: Option<ArrayView2<'_, f32>>, connectivity: Connectivity) -> Vec<Component> {
    components_where(mask, values, connectivity, |_| true)
}

/// Those of the [`components`] whose summary `is_wanted`; the others' runs are never gathered.
///
/// # Panics
///
/// If the shapes of `mask` and `values` differ.
pub fn components_where(
    mask: &Mask,
    values: Option<ArrayView2<'_, f32>>,
    connectivity: Connectivity,
    is_wanted: impl Fn(&Summary) -> bool,
) -> Vec<Component> {
    let mut kept = Vec::new();
    let mut forest = scan(mask, values, connectivity, |run, label| kept.push((run, label)));
    let (summaries, number) = forest.close(mask.shape());

    let mut count = vec![0_usize; summaries.len()];
    for &(_, label) in &kept {
        count[number[label as usize] as usize] += 1;
    }
    let mut runs: Vec<Option<Vec<Run>>> = summaries
        .iter()
        .zip(count)
        .map(|(summary, count)| is_wanted(summary).then(|| Vec::with_capacity(count)))
        .collect();
    for (run, label) in kept {
        if let Some(runs) = &mut runs[number[label as usize] as usize] {
            runs.push(run);
        }
    }
    summaries
        .into_iter()
        .zip(runs)
        .filter_map(|(summary, runs)| Some((summary, runs?)))
        .map(|(summary, runs)| Component {
            region: Region::from_raster_order(runs, summary.bounds, summary.area),
            summary,
        })
        .collect()
}

/// As [`components`], but without keeping the runs: memory grows with components only.
///
/// # Panics
///
/// If the shapes of `mask` and `values` differ.
pub fn summaries(mask: &Mask, values: Option<ArrayView2<'_, f32>>, connectivity: Connectivity) -> Vec<Summary> {
    scan(mask, values, connectivity, |_, _| {}).close(mask.shape()).0
}

/// A run of the row in hand, or of the row above, with its label.
#[derive(Clone, Copy)]
struct Labelled {
    start: u32,
    end: u32,
    label: u32,
}

/// Labels with their sums; `parent[label] <= label`, equal for a root.
struct Forest {
    parent: Vec<u32>,
    records: Vec<Summary>,
}

impl Forest {
    fn root(&mut self, mut label: u32) -> u32 {
        while self.parent[label as usize] != label {
            let parent = self.parent[label as usize];
            let grandparent = self.parent[parent as usize];
            self.parent[label as usize] = grandparent;
            label = grandparent;
        }
        label
    }

    /// Folds every record into its root; gives the roots' records and, for every label, its root's place among them.
    fn close(&mut self, (rows, columns): (usize, usize)) -> (Vec<Summary>, Vec<u32>) {
        let mut number = vec![0; self.parent.len()];
        let mut closed: Vec<Summary> = Vec::new();
        for (label, record) in std::mem::take(&mut self.records).into_iter().enumerate() {
            let parent = self.parent[label] as usize;
            if parent == label {
                number[label] = closed.len() as u32;
                closed.push(record);
            } else {
                // A parent is older than its child, so its number is known already.
                number[label] = number[parent];
                closed[number[label] as usize].merge(&record);
            }
        }
        for record in &mut closed {
            record.borders = Borders {
                top: record.bounds.top == 0,
                left: record.bounds.left == 0,
                bottom: record.bounds.bottom as usize == rows,
                right: record.bounds.right as usize == columns,
            };
        }
        (closed, number)
    }
}

fn scan(
    mask: &Mask,
    values: Option<ArrayView2<'_, f32>>,
    connectivity: Connectivity,
    mut keep: impl FnMut(Run, u32),
) -> Forest {
    let (rows, columns) = mask.shape();
    if let Some(values) = &values {
        assert_eq!(values.dim(), (rows, columns), "mask and values differ in shape");
    }
    let values = values.as_ref().map(|values| values.as_standard_layout());
    let values = values.as_ref().and_then(|values| values.as_slice());
    let reach = u32::from(connectivity == Connectivity::Eight);
    let mut forest = Forest {
        parent: Vec::new(),
        records: Vec::new(),
    };
    let mut above: Vec<Labelled> = Vec::new();
    let mut current: Vec<Labelled> = Vec::new();

    for row in 0..rows {
        std::mem::swap(&mut above, &mut current);
        runs_of_row(mask.row(row), columns as u32, &mut current);
        let row_values = values.map(|values| &values[row * columns..][..columns]);
        let mut next = 0;
        for run in &mut current {
            let (start, end) = (run.start, run.end);
            // Runs above that end before this one can touch neither it nor any later one.
            while next < above.len() && above[next].end + reach <= start {
                next += 1;
            }
            let mut label = u32::MAX;
            let (mut overlap, mut touching) = (0, 0);
            for neighbour in above[next..]
                .iter()
                .take_while(|neighbour| neighbour.start < end + reach)
            {
                touching += 1;
                let (from, to) = (neighbour.start.max(start), neighbour.end.min(end));
                overlap += u64::from(to.saturating_sub(from));
                let root = forest.root(neighbour.label);
                if label == u32::MAX {
                    label = root;
                } else if root < label {
                    forest.parent[label as usize] = root;
                    label = root;
                } else {
                    forest.parent[root as usize] = label;
                }
            }
            let record = of_run(row as u32, start, end, overlap, touching, row_values);
            if label == u32::MAX {
                label = forest.parent.len() as u32;
                forest.parent.push(label);
                forest.records.push(record);
            } else {
                forest.records[label as usize].merge(&record);
            }
            run.label = label;
            keep(
                Run {
                    row: row as u32,
                    start,
                    end,
                },
                label,
            );
        }
    }
    forest
}

/// Writes the runs of one row of words into `runs`, labels unset.
fn runs_of_row(words: &[u64], columns: u32, runs: &mut Vec<Labelled>) {
    runs.clear();
    let mut carry = 0;
    let mut start = 0;
    let mut inside = false;
    for (i, &word) in words.iter().enumerate() {
        let mut edges = word ^ (word << 1 | carry);
        carry = word >> 63;
        while edges != 0 {
            let at = i as u32 * 64 + edges.trailing_zeros();
            edges &= edges - 1;
            if inside {
                runs.push(Labelled {
                    start,
                    end: at,
                    label: u32::MAX,
                });
            } else {
                start = at;
            }
            inside = !inside;
        }
    }
    if inside {
        runs.push(Labelled {
            start,
            end: columns,
            label: u32::MAX,
        });
    }
}

/// The sums of one run, in closed form, given how many of its pixels lie under pixels of the same component
/// and how many runs above it touches.
fn of_run(row: u32, start: u32, end: u32, overlap: u64, touching: i64, values: Option<&[f32]>) -> Summary {
    let (a, b, r) = (u64::from(start), u64::from(end), u64::from(row));
    let n = b - a;
    let sum_column = (a + b - 1) * n / 2;
    Summary {
        first: (row, start),
        area: n,
        bounds: Bounds {
            top: row,
            left: start,
            bottom: row + 1,
            right: end,
        },
        sum_row: r * n,
        sum_column,
        sum_second: [
            u128::from(r * n) * u128::from(r),
            u128::from(sum_column) * u128::from(r),
            sum_of_squares(a, b),
        ],
        // Each pixel of overlap hides two edges: this run's upper one and the lower one of the run above.
        cracks_along_rows: 2 * (n - overlap),
        cracks_along_columns: 2,
        // The closed runs and their contacts form a graph with the component's homotopy type.
        euler: 1 - touching,
        borders: Borders::default(),
        intensity: values.map(|values| intensity_of_run(row, start, &values[a as usize..b as usize])),
    }
}

/// Sum of the squares of `a..b`, by sum of squares below x = (x - 1) x (2x - 1) / 6.
fn sum_of_squares(a: u64, b: u64) -> u128 {
    if b < 1 << 20 {
        let below = |x: u64| x.saturating_sub(1) * x * (2 * x).saturating_sub(1) / 6;
        u128::from(below(b) - below(a))
    } else {
        let below = |x: u128| x.saturating_sub(1) * x * (2 * x).saturating_sub(1) / 6;
        below(u128::from(b)) - below(u128::from(a))
    }
}

fn intensity_of_run(row: u32, start: u32, values: &[f32]) -> Intensity {
    let mut found = Intensity {
        sum: 0.0,
        sum_of_squares: 0.0,
        max: values[0],
        argmax: (row, start),
    };
    for (i, &value) in values.iter().enumerate() {
        let wide = f64::from(value);
        found.sum += wide;
        found.sum_of_squares += wide * wide;
        if value > found.max {
            found.max = value;
            found.argmax = (row, start + i as u32);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::{Connectivity, Summary, components, fill_holes, fill_holes_up_to, summaries};
    use crate::radiograph::Mask;
    use ndarray::Array2;
    use proptest::prelude::*;

    /// A mask drawn with `#` for on.
    fn drawn(rows: &[&str]) -> Mask {
        let pixels = Array2::from_shape_fn((rows.len(), rows[0].len()), |(r, c)| rows[r].as_bytes()[c]);
        Mask::from_fn(pixels.view(), |&byte| byte == b'#')
    }

    fn only(mask: &Mask) -> Summary {
        let mut found = summaries(mask, None, Connectivity::Eight);
        assert_eq!(found.len(), 1);
        found.remove(0)
    }

    #[test]
    fn labels_come_in_raster_order_and_late_joins_keep_the_first() {
        let mask = drawn(&[
            "#...#....#", //
            "#...#...##",
            "##.##.....",
            ".###...#.#",
        ]);
        let found = components(&mask, None, Connectivity::Four);
        let firsts: Vec<_> = found.iter().map(|part| part.summary.first).collect();
        assert_eq!(firsts, [(0, 0), (0, 9), (3, 7), (3, 9)]);
        assert_eq!(found[0].summary.area, 11);
        assert_eq!(found[0].region.runs().len(), 7);
        assert!(found[0].summary.borders.top && found[0].summary.borders.bottom && found[0].summary.borders.left);
        assert!(!found[0].summary.borders.right);
    }

    #[test]
    fn euler_number_follows_the_connectivity() {
        // A diamond: under 8 one ring with a hole, under 4 four single pixels.
        let diamond = drawn(&[".#.", "#.#", ".#."]);
        assert_eq!(only(&diamond).euler, 0);
        let four = summaries(&diamond, None, Connectivity::Four);
        assert_eq!(four.iter().map(|part| part.euler).collect::<Vec<_>>(), [1, 1, 1, 1]);
        let two_holes = drawn(&["#####", "#.#.#", "#####"]);
        assert_eq!(only(&two_holes).euler, -1);
        // Closed by corners only: under 8 one hole, under 4 the background leaks out.
        let leaky = drawn(&["###.", "#.#.", "##.#"]);
        assert_eq!(only(&leaky).euler, 0);
        assert_eq!(summaries(&leaky, None, Connectivity::Four)[0].euler, 1);
    }

    #[test]
    fn a_rectangle_far_from_the_origin_has_closed_form_moments() {
        let mut mask = Mask::empty((3010, 2600));
        for row in 3000..3007 {
            mask.fill_run(row, 2500, 2512);
        }
        let part = only(&mask);
        assert_eq!(part.centroid(), [3003.0, 2505.5]);
        // Variance of n consecutive integers: (n² - 1) / 12.
        let expected = [48.0 / 12.0, 0.0, 143.0 / 12.0];
        for (moment, expected) in part.central_moments().into_iter().zip(expected) {
            assert!((moment - expected).abs() < 1e-12);
        }
        assert_eq!((part.cracks_along_rows, part.cracks_along_columns), (24, 14));
    }

    #[test]
    fn sums_stay_exact_for_a_strip_a_million_pixels_long() {
        let mask = Mask::full((1, (1 << 20) + 5));
        let n = f64::from((1 << 20) + 5);
        assert!((only(&mask).central_moments()[2] / ((n * n - 1.0) / 12.0) - 1.0).abs() < 1e-14);
    }

    #[test]
    fn intensity_is_summed_over_the_component_alone() {
        let values = Array2::from_shape_fn((2, 4), |(r, c)| (10 * r + c) as f32);
        let mask = drawn(&["##.#", ".#.#"]);
        let found = summaries(&mask, Some(values.view()), Connectivity::Eight);
        let left = found[0].intensity.unwrap();
        assert_eq!(
            (left.sum, left.sum_of_squares, left.max, left.argmax),
            (12.0, 122.0, 11.0, (1, 1))
        );
        // A transposed view has no contiguous rows; the sums are the same.
        let turned = values.t().as_standard_layout().into_owned();
        assert_eq!(summaries(&mask, Some(turned.t()), Connectivity::Eight), found);
    }

    #[test]
    fn holes_are_enclosed_by_edges_or_corners() {
        let ring = drawn(&[".#..", "#.#.", ".#.#", "..#.", "####"]);
        let filled = drawn(&[".#..", "###.", ".###", "..#.", "####"]);
        assert_eq!(fill_holes(&ring), filled);
        let two = drawn(&["######", "#.#..#", "######"]);
        assert_eq!(fill_holes_up_to(&two, 1), drawn(&["######", "###..#", "######"]));
    }

    #[test]
    fn nothing_in_nothing_out() {
        assert!(components(&Mask::empty((0, 0)), None, Connectivity::Eight).is_empty());
        assert!(components(&Mask::empty((4, 0)), None, Connectivity::Eight).is_empty());
        assert!(components(&Mask::empty((4, 70)), None, Connectivity::Eight).is_empty());
    }

    /// Components by flood fill, as sorted pixel lists in raster order of the first pixel.
    fn flooded(mask: &Mask, connectivity: Connectivity) -> Vec<Vec<(usize, usize)>> {
        let (rows, columns) = mask.shape();
        let mut left = mask.to_array();
        let mut found = Vec::new();
        for r in 0..rows {
            for c in 0..columns {
                if !left[[r, c]] {
                    continue;
                }
                left[[r, c]] = false;
                let (mut stack, mut part) = (vec![(r, c)], Vec::new());
                while let Some((r, c)) = stack.pop() {
                    part.push((r, c));
                    for y in r.saturating_sub(1)..(r + 2).min(rows) {
                        for x in c.saturating_sub(1)..(c + 2).min(columns) {
                            let diagonal = y != r && x != c;
                            if left[[y, x]] && !(diagonal && connectivity == Connectivity::Four) {
                                left[[y, x]] = false;
                                stack.push((y, x));
                            }
                        }
                    }
                }
                part.sort_unstable();
                found.push(part);
            }
        }
        found
    }

    fn any_mask() -> impl Strategy<Value = Mask> {
        (1_usize..14, 1_usize..140, 0.05_f64..0.95).prop_flat_map(|(rows, columns, density)| {
            proptest::collection::vec(proptest::bool::weighted(density), rows * columns).prop_map(move |bits| {
                let bits = Array2::from_shape_vec((rows, columns), bits).unwrap();
                Mask::from_fn(bits.view(), |&bit| bit)
            })
        })
    }

    proptest! {
        #[test]
        fn equals_a_flood_fill(mask in any_mask(), eight: bool) {
            let connectivity = if eight { Connectivity::Eight } else { Connectivity::Four };
            let (rows, columns) = mask.shape();
            let values = Array2::from_shape_fn((rows, columns), |(r, c)| ((r * 31 + c * 17) % 23) as f32);
            let found = components(&mask, Some(values.view()), connectivity);
            let expected = flooded(&mask, connectivity);
            prop_assert_eq!(found.len(), expected.len());
            let on = |r: isize, c: isize| {
                r >= 0 && c >= 0 && (r as usize) < rows && (c as usize) < columns && mask.get(r as usize, c as usize)
            };
            for (part, pixels) in found.iter().zip(&expected) {
                prop_assert_eq!(&part.region.pixels().collect::<Vec<_>>(), pixels);
                let summary = &part.summary;
                prop_assert_eq!(summary.area, pixels.len() as u64);
                prop_assert_eq!(summary.first, (pixels[0].0 as u32, pixels[0].1 as u32));
                let sum = |f: &dyn Fn(u128, u128) -> u128| pixels.iter().map(|&(r, c)| f(r as u128, c as u128)).sum::<u128>();
                prop_assert_eq!(u128::from(summary.sum_row), sum(&|r, _| r));
                prop_assert_eq!(u128::from(summary.sum_column), sum(&|_, c| c));
                prop_assert_eq!(summary.sum_second, [sum(&|r, _| r * r), sum(&|r, c| r * c), sum(&|_, c| c * c)]);
                let edges = |dr: isize, dc: isize| {
                    pixels.iter().filter(|&&(r, c)| !on(r as isize + dr, c as isize + dc)).count() as u64
                };
                prop_assert_eq!(summary.cracks_along_rows, edges(-1, 0) + edges(1, 0));
                prop_assert_eq!(summary.cracks_along_columns, edges(0, -1) + edges(0, 1));
                let intensity = summary.intensity.unwrap();
                prop_assert_eq!(intensity.sum, pixels.iter().map(|&p| f64::from(values[p])).sum::<f64>());
                let top = pixels.iter().map(|&p| values[p]).fold(f32::MIN, f32::max);
                let first_top = pixels.iter().find(|&&p| values[p] == top).unwrap();
                prop_assert_eq!((intensity.max, intensity.argmax), (top, (first_top.0 as u32, first_top.1 as u32)));
            }
            let without: Vec<_> = summaries(&mask, Some(values.view()), connectivity);
            prop_assert!(found.iter().map(|part| &part.summary).eq(&without));
            prop_assert_eq!(found.iter().map(|part| part.summary.area as usize).sum::<usize>(), mask.count());
            // Euler by counting holes: background parts, in the other connectivity, that do not reach the border.
            let mut background = Mask::full(mask.shape());
            background.subtract(&mask);
            let other = if eight { Connectivity::Four } else { Connectivity::Eight };
            let holes = flooded(&background, other).iter().filter(|part| {
                !part.iter().any(|&(r, c)| r == 0 || c == 0 || r + 1 == rows || c + 1 == columns)
            }).count();
            prop_assert_eq!(found.iter().map(|part| part.summary.euler).sum::<i64>(), found.len() as i64 - holes as i64);
        }
    }
}
