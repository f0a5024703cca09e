//! What the other candidates of an image tell about each: how many, how near, how aligned.

use super::scale::Scale;
use super::{Feature, Features};
use crate::radiograph::PixelSpacing;

/// Candidates are neighbours within this distance ...
const REACH_MM: f64 = 60.0;
/// ... or, without spacing, within this share of the image's longer side.
const REACH_OF_SIDE: f64 = 0.1;
/// Of similar size: neither is wider than so many times the other.
const SIMILAR: f64 = 2.5;
/// Elongated enough to have a direction.
const ELONGATED: f64 = 1.5;
/// Fewer directions than this cannot agree by more than chance.
const LEAST_DIRECTIONS: usize = 5;
/// Fewer neighbours than this lie on a curve by chance.
const LEAST_ON_CURVE: usize = 3;
/// At most so many neighbours, the nearest, are looked at.
const MOST: usize = 256;

/// One candidate in the plane of the spacing, or in pixels.
struct Candidate {
    /// Down and across.
    place: [f64; 2],
    diameter: f64,
    minor: f64,
    /// Unit vector of the major axis, if the candidate is elongated.
    axis: Option<[f64; 2]>,
}

/// Sets the features that need all candidates of an image: neighbours, nearest neighbour, alignment, collinearity.
///
/// `centroids` (`[row, column]`, in pixels) and `features` belong to the same candidates in the same order; features
/// hold size, axes and orientation already. `shape` is that of the image. Of each candidate's neighbours the 256
/// nearest are looked at, so time is linear in candidates.
///
/// # Panics
///
/// If there are not as many centroids as features.
pub fn neighbourhood(
    features: &mut [Features],
    centroids: &[[f64; 2]],
    spacing: Option<PixelSpacing>,
    shape: (usize, usize),
) {
    let scale = Scale::of(spacing);
    let reach = scale.length(REACH_MM, REACH_OF_SIDE * shape.0.max(shape.1) as f64);
    let candidates = candidates(features, centroids, scale);
    let grid = Grid::of(&candidates, reach);
    for (i, features) in features.iter_mut().enumerate() {
        let near = grid.neighbours(&candidates, i, reach);
        features.set(Feature::Neighbours, near.len() as f64);
        features.set(
            Feature::NearestNeighbourMm,
            near.first().filter(|_| scale.is_mm).map(|&(distance, _)| distance),
        );
        let others = || near.iter().map(|&(_, other)| &candidates[other]);
        features.set(Feature::Alignment, alignment(&candidates[i], others()));
        features.set(Feature::Collinearity, collinearity(&candidates[i], others(), reach));
    }
}

/// Sets the features that weigh each neighbour by its `suspicion` in `0.0..=1.0` of being a focus: company, its
/// alignment, and the angle to it. Otherwise as [`neighbourhood`].
///
/// # Panics
///
/// If there are not as many centroids and suspicions as features.
pub fn company(
    features: &mut [Features],
    centroids: &[[f64; 2]],
    suspicions: &[f32],
    spacing: Option<PixelSpacing>,
    shape: (usize, usize),
) {
    assert_eq!(features.len(), suspicions.len(), "each candidate has one suspicion");
    let scale = Scale::of(spacing);
    let reach = scale.length(REACH_MM, REACH_OF_SIDE * shape.0.max(shape.1) as f64);
    let candidates = candidates(features, centroids, scale);
    let grid = Grid::of(&candidates, reach);
    for (i, features) in features.iter_mut().enumerate() {
        let (mut whole, mut directed, mut cosine, mut sine) = (0.0, 0.0, 0.0, 0.0);
        for (distance, other) in grid.neighbours(&candidates, i, reach) {
            // The same object, seen at another scale, is no company.
            let apart = candidates[i].diameter.max(candidates[other].diameter) / 2.0;
            if distance < apart {
                continue;
            }
            let weight = f64::from(suspicions[other]);
            whole += weight;
            if let Some([down, across]) = candidates[other].axis {
                directed += weight;
                cosine += weight * (down * down - across * across);
                sine += weight * 2.0 * down * across;
            }
        }
        features.set(Feature::Company, whole);
        let length = cosine.hypot(sine);
        // One neighbour is always aligned with itself.
        let known = directed >= 1.5 && length > 0.0;
        features.set(Feature::CompanyAlignment, known.then(|| length / directed));
        let angle = candidates[i].axis.filter(|_| known).map(|[down, across]| {
            let (own_cosine, own_sine) = (down * down - across * across, 2.0 * down * across);
            let double = ((own_cosine * cosine + own_sine * sine) / length)
                .clamp(-1.0, 1.0)
                .acos();
            double.to_degrees() / 2.0
        });
        features.set(Feature::CompanyAngle, angle);
    }
}

/// The candidates in the plane of the spacing, or in pixels.
fn candidates(features: &[Features], centroids: &[[f64; 2]], scale: Scale) -> Vec<Candidate> {
    assert_eq!(features.len(), centroids.len(), "each candidate has one centroid");
    features
        .iter()
        .zip(centroids)
        .map(|(features, centroid)| {
            let get = |feature| features.get(feature);
            let elongated = get(Feature::AspectRatio).is_some_and(|ratio| ratio > ELONGATED);
            Candidate {
                place: [centroid[0] * scale.row, centroid[1] * scale.column],
                diameter: get(Feature::EquivalentDiameterPx).unwrap_or(1.0) * scale.mean(),
                minor: get(Feature::MinorAxisPx).unwrap_or(1.0).max(1.0) * scale.mean(),
                axis: get(Feature::Orientation)
                    .filter(|_| elongated)
                    .map(f64::to_radians)
                    .map(|angle| [angle.cos(), angle.sin()]),
            }
        })
        .collect()
}

/// |mean exp(2 i theta)| over the candidate and its elongated neighbours; `None` below five directions.
fn alignment<'a>(own: &Candidate, others: impl Iterator<Item = &'a Candidate>) -> Option<f64> {
    let first = own.axis?;
    let (mut cosine, mut sine, mut n) = (0.0, 0.0, 0);
    for [down, across] in others.filter_map(|other| other.axis).chain([first]) {
        cosine += down * down - across * across;
        sine += 2.0 * down * across;
        n += 1;
    }
    (n >= LEAST_DIRECTIONS).then(|| cosine.hypot(sine) / f64::from(n as u32))
}

/// The greatest share of neighbours on one curve `across = bend along² / 2` in the candidate's own axes, its radius at
/// least a third of `reach`; a neighbour is on it within the candidate's own width, or a tenth of the way.
fn collinearity<'a>(own: &Candidate, others: impl Iterator<Item = &'a Candidate>, reach: f64) -> Option<f64> {
    let axis = own.axis?;
    let sharpest = 3.0 / reach;
    let mut n = 0;
    // Where a neighbour begins (+1) and ceases (-1) to lie on the curve as its bend grows.
    let mut events: Vec<(f64, i32)> = Vec::new();
    for other in others {
        n += 1;
        let step = [other.place[0] - own.place[0], other.place[1] - own.place[1]];
        let along = step[0] * axis[0] + step[1] * axis[1];
        let across = step[1] * axis[0] - step[0] * axis[1];
        let slack = own.minor.max(0.1 * along.abs());
        let (from, to) = if along * along * sharpest <= 1e-9 * slack {
            if across.abs() > slack {
                continue;
            }
            (-sharpest, sharpest)
        } else {
            let bend = |offset: f64| 2.0 * offset / (along * along);
            (bend(across - slack).max(-sharpest), bend(across + slack).min(sharpest))
        };
        if from <= to {
            events.extend([(from, 1), (to, -1)]);
        }
    }
    if n < LEAST_ON_CURVE {
        return None;
    }
    // At equal bends, beginnings come first.
    events.sort_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)));
    let (mut on, mut most) = (0, 0);
    for (_, change) in events {
        on += change;
        most = most.max(on);
    }
    Some(f64::from(most) / f64::from(n as u32))
}

/// Candidates by square cells, an eighth of the reach wide.
struct Grid {
    origin: [f64; 2],
    side: f64,
    rows: usize,
    columns: usize,
    /// Candidates sorted by cell, then by number.
    sorted: Vec<usize>,
    /// Where each cell begins in `sorted`; one more than there are cells.
    starts: Vec<usize>,
}

impl Grid {
    fn of(candidates: &[Candidate], reach: f64) -> Self {
        let mut low = [f64::INFINITY; 2];
        let mut high = [f64::NEG_INFINITY; 2];
        for candidate in candidates {
            for axis in 0..2 {
                low[axis] = low[axis].min(candidate.place[axis]);
                high[axis] = high[axis].max(candidate.place[axis]);
            }
        }
        let extent = if candidates.is_empty() {
            0.0
        } else {
            (high[0] - low[0]).max(high[1] - low[1])
        };
        // At most 256 cells a side.
        let side = (reach / 8.0).max(extent / 255.0).max(1e-9);
        let cells = |axis: usize| {
            if candidates.is_empty() {
                1
            } else {
                ((high[axis] - low[axis]) / side) as usize + 1
            }
        };
        let mut grid = Self {
            origin: low,
            side,
            rows: cells(0),
            columns: cells(1),
            sorted: (0..candidates.len()).collect(),
            starts: Vec::new(),
        };
        let cell: Vec<usize> = candidates.iter().map(|candidate| grid.cell(candidate.place)).collect();
        grid.sorted.sort_by_key(|&i| cell[i]);
        grid.starts = vec![0; grid.rows * grid.columns + 1];
        for &cell in &cell {
            grid.starts[cell + 1] += 1;
        }
        for i in 1..grid.starts.len() {
            grid.starts[i] += grid.starts[i - 1];
        }
        grid
    }

    fn cell_place(&self, place: [f64; 2]) -> (usize, usize) {
        let index = |axis: usize, n: usize| (((place[axis] - self.origin[axis]) / self.side) as usize).min(n - 1);
        (index(0, self.rows), index(1, self.columns))
    }

    fn cell(&self, place: [f64; 2]) -> usize {
        let (row, column) = self.cell_place(place);
        row * self.columns + column
    }

    /// Candidates of similar size within `reach` of candidate `own`, `(distance, number)`, nearest first, at most 256.
    fn neighbours(&self, candidates: &[Candidate], own: usize, reach: f64) -> Vec<(f64, usize)> {
        let centre = &candidates[own];
        let (row, column) = self.cell_place(centre.place);
        let mut near = Vec::new();
        for ring in 0..=(reach / self.side).ceil() as usize {
            for r in row.saturating_sub(ring)..=(row + ring).min(self.rows - 1) {
                let whole = r.abs_diff(row) == ring;
                for c in column.saturating_sub(ring)..=(column + ring).min(self.columns - 1) {
                    if !whole && c.abs_diff(column) != ring {
                        continue;
                    }
                    let cell = r * self.columns + c;
                    for &other in &self.sorted[self.starts[cell]..self.starts[cell + 1]] {
                        let candidate = &candidates[other];
                        let [down, across] = [0, 1].map(|axis| candidate.place[axis] - centre.place[axis]);
                        let distance = down.hypot(across);
                        let ratio = candidate.diameter / centre.diameter;
                        if other != own && distance <= reach && (1.0 / SIMILAR..=SIMILAR).contains(&ratio) {
                            near.push((distance, other));
                        }
                    }
                }
            }
            if near.len() >= MOST {
                break;
            }
        }
        // Of equally near ones the upper, then the left one first, whatever their numbers.
        near.sort_by(|a, b| {
            let ([a_row, a_column], [b_row, b_column]) = (candidates[a.1].place, candidates[b.1].place);
            a.0.total_cmp(&b.0)
                .then(a_row.total_cmp(&b_row))
                .then(a_column.total_cmp(&b_column))
        });
        near.truncate(MOST);
        near
    }
}

#[cfg(test)]
mod tests {
    use super::neighbourhood;
    use crate::measure::{Feature, Features};
    use crate::radiograph::{PixelSpacing, SpacingPlane, SpacingSource};

    fn candidate(diameter: f64, aspect: f64, orientation: f64) -> Features {
        let mut features = Features::default();
        features.set(Feature::EquivalentDiameterPx, diameter);
        features.set(Feature::MinorAxisPx, diameter / aspect.sqrt());
        features.set(Feature::AspectRatio, aspect);
        features.set(Feature::Orientation, orientation);
        features
    }

    fn tenth() -> Option<PixelSpacing> {
        PixelSpacing::square(0.1, SpacingPlane::Patient, SpacingSource::PixelSpacing)
    }

    #[test]
    fn neighbours_are_near_and_of_similar_size() {
        let mut features: Vec<_> = [20.0, 22.0, 19.0, 200.0, 20.0]
            .iter()
            .map(|&d| candidate(d, 1.0, 0.0))
            .collect();
        let centroids = [
            [100.0, 100.0],
            [100.0, 250.0],
            [140.0, 130.0],
            [100.0, 120.0],
            [1500.0, 100.0],
        ];
        neighbourhood(&mut features, &centroids, tenth(), (2000, 2000));
        assert_eq!(features[0].get(Feature::Neighbours), Some(2.0));
        assert_eq!(features[0].get(Feature::NearestNeighbourMm), Some(5.0));
        assert_eq!(features[3].get(Feature::Neighbours), Some(0.0));
        assert_eq!(features[4].get(Feature::NearestNeighbourMm), None);
        assert_eq!(features[0].get(Feature::Alignment), None);
        // Without spacing: within 200 pixels of 2000, and no millimetres.
        neighbourhood(&mut features, &centroids, None, (2000, 1000));
        assert_eq!(features[0].get(Feature::Neighbours), Some(2.0));
        assert_eq!(features[0].get(Feature::NearestNeighbourMm), None);
        neighbourhood(&mut [], &[], None, (1, 1));
    }

    #[test]
    fn parallel_grains_are_aligned_and_crossed_ones_are_not() {
        let centroids: Vec<_> = (0..12_u32)
            .map(|i| [100.0 + f64::from(i % 4) * 60.0, 100.0 + f64::from(i / 4) * 70.0])
            .collect();
        let mut parallel: Vec<_> = (0..12).map(|i| candidate(30.0, 2.5, 30.0 + f64::from(i % 3))).collect();
        neighbourhood(&mut parallel, &centroids, tenth(), (1000, 1000));
        assert!(
            parallel
                .iter()
                .all(|features| features.get(Feature::Alignment).unwrap() > 0.99)
        );
        let mut crossed: Vec<_> = (0..12)
            .map(|i| candidate(30.0, 2.5, f64::from(i) * 15.0 - 90.0))
            .collect();
        neighbourhood(&mut crossed, &centroids, tenth(), (1000, 1000));
        assert!(
            crossed
                .iter()
                .all(|features| features.get(Feature::Alignment).unwrap() < 0.01)
        );
    }

    #[test]
    fn a_beaded_curve_is_collinear_and_a_field_is_not() {
        // Beads on a circle of radius 500 pixels (50 mm), each along it.
        let arc: Vec<f64> = (-5..=5).map(|i| f64::from(i) * 0.08).collect();
        let centroids: Vec<_> = arc
            .iter()
            .map(|a| [600.0 + 500.0 * a.sin(), 900.0 - 500.0 * a.cos()])
            .collect();
        let mut beads: Vec<_> = arc.iter().map(|a| candidate(20.0, 2.0, a.to_degrees())).collect();
        neighbourhood(&mut beads, &centroids, tenth(), (1500, 1500));
        assert_eq!(beads[5].get(Feature::Collinearity), Some(1.0));
        assert!(beads[0].get(Feature::Collinearity).unwrap() > 0.5);

        let field: Vec<_> = (0..49_u32)
            .map(|i| [300.0 + f64::from(i / 7) * 100.0, 300.0 + f64::from(i % 7) * 100.0])
            .collect();
        let mut grains: Vec<_> = field.iter().map(|_| candidate(20.0, 2.0, 0.0)).collect();
        neighbourhood(&mut grains, &field, tenth(), (1500, 1500));
        assert!(
            grains[24].get(Feature::Collinearity).unwrap() < 0.35,
            "{:?}",
            grains[24].get(Feature::Collinearity)
        );
    }

    #[test]
    fn the_order_of_candidates_does_not_matter() {
        let places: Vec<_> = (0..600_u32)
            .map(|i| [f64::from(i * 7919 % 1500), f64::from(i * 104_729 % 1700)])
            .collect();
        let make = |i: usize| {
            candidate(
                10.0 + (i % 13) as f64,
                1.0 + (i % 5) as f64 * 0.4,
                (i * 37 % 180) as f64 - 89.0,
            )
        };
        let mut forward: Vec<_> = (0..600).map(make).collect();
        neighbourhood(&mut forward, &places, tenth(), (1500, 1700));
        let mut backward: Vec<_> = (0..600).rev().map(make).collect();
        let turned: Vec<_> = places.iter().rev().copied().collect();
        neighbourhood(&mut backward, &turned, tenth(), (1500, 1700));
        backward.reverse();
        for (a, b) in forward.iter().zip(&backward) {
            for ((feature, x), (_, y)) in a.iter().zip(b.iter()) {
                assert!(
                    x.zip(y).is_none_or(|(x, y)| (x - y).abs() < 1e-9) && x.is_some() == y.is_some(),
                    "{}",
                    feature.name()
                );
            }
        }
    }
}
