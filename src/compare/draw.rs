//! Outlines in one picture of a patch, drawn the same way in both pictures.

use super::heights::settled_plane;
use super::patch::{Patch, Side};
use crate::label::{Connectivity, Region, Run, components};
use crate::measure::{Refinement, refine};
use crate::morphology;
use crate::radiograph::Mask;
use ndarray::Array2;

/// One picture on a coarser grid.
struct Coarse {
    picture: Array2<u16>,
    others: Mask,
}

impl Coarse {
    /// The outline around `seed`, and how uncertain its area is, in cells.
    fn drawn(&self, seed: &Region) -> Option<(Region, f64)> {
        let at = |level: f64| {
            let settings = Refinement {
                level,
                ..Refinement::default()
            };
            let region = refine(self.picture.view(), seed, Some(&self.others), 0.0, &settings)?;
            // From itself until it stays, so that the result does not hang on the seed's own size; hardly any room to grow.
            let settled = Refinement {
                growth: 0.0,
                ..settings
            };
            let mut region = region;
            for _ in 0..4 {
                let again = refine(self.picture.view(), &region, Some(&self.others), 0.0, &settled)?;
                if again.area() >= region.area() {
                    return Some(if again.area() * 10 < region.area() * 11 {
                        again
                    } else {
                        region
                    });
                }
                region = again;
            }
            Some(region)
        };
        let region = at(LEVEL)?;
        let area = |level: f64| at(level).map_or(region.area() as f64, |region| region.area() as f64);
        let range = (area(LEVEL_RANGE.0) - area(LEVEL_RANGE.1)).abs();
        let uncertainty = (range / 4.0).max(0.02 * region.area() as f64);
        Some((region, uncertainty))
    }

    /// Whether a part stands out at least half as much as what has been drawn.
    fn is_as_high(&self, part: &Region, drawn: &Region) -> bool {
        let shape = self.picture.dim();
        let mut both = part.to_mask(shape);
        drawn.draw_on(&mut both);
        let away = morphology::squared_distance_to(&both, [1.0, 1.0]);
        let ring: Vec<_> = away
            .indexed_iter()
            .filter(|&((row, column), &squared)| squared > 4.0 && squared <= 400.0 && !self.others.get(row, column))
            .map(|(place, _)| place)
            .collect();
        if ring.len() < 30 {
            return false;
        }
        let values = self.picture.mapv(f32::from);
        let plane = settled_plane(&ring, &values);
        let height = |region: &Region| {
            region
                .pixels()
                .map(|place| f64::from(values[place]) - plane.at(place))
                .sum::<f64>()
                / region.area() as f64
        };
        height(part) >= 0.5 * height(drawn)
    }
}

/// Blocks of which at least half the pixels are on.
fn coarser(mask: &Mask, factor: usize) -> Mask {
    let on = mask.to_array().mapv(|on| f32::from(u8::from(on)));
    Mask::from_fn(morphology::downsample(on.view(), factor).view(), |share| *share >= 0.5)
}

/// Cells across a focus at most.
const FINE: f64 = 40.0;
/// Most pieces of one deposit.
const MOST_PIECES: usize = 6;
/// Least share of the first piece, and of the seed, that a further piece has.
const LEAST_PIECE: f64 = 0.12;

/// A focus as measured in one picture, in pixels of the prior grid.
#[derive(Clone, Debug)]
pub(super) struct Outline {
    /// On the prior grid.
    pub(super) region: Region,
    /// Its area in pixels; of an outline that was moved, before it was laid on pixels.
    pub(super) area_px: f64,
    /// Pixels by which the area is uncertain, one standard deviation.
    pub(super) uncertainty_px: f64,
}

impl Outline {
    /// Around `region`, not uncertain.
    pub(super) fn of(region: Region) -> Self {
        Self {
            area_px: region.area() as f64,
            uncertainty_px: 0.0,
            region,
        }
    }

    /// Both as one.
    pub(super) fn with(&self, other: &Self) -> Option<Self> {
        let runs = self.region.runs().iter().chain(other.region.runs()).copied();
        Some(Self {
            uncertainty_px: self.uncertainty_px.hypot(other.uncertainty_px),
            ..Self::of(Region::new(runs.collect())?)
        })
    }

    /// The same form at the same place with `factor` on its area.
    pub(super) fn enlarged(&self, factor: f64) -> Option<Self> {
        let count = self.region.area() as f64;
        let sum = self.region.pixels().fold((0.0, 0.0), |sum, (row, column)| {
            (sum.0 + row as f64, sum.1 + column as f64)
        });
        let middle = (sum.0 / count, sum.1 / count);
        self.moved(middle, middle, factor)
    }

    /// The same form with `factor` on its area, `from` moved to `to`; `None` if it lies beyond the grid.
    pub(super) fn moved(&self, from: (f64, f64), to: (f64, f64), factor: f64) -> Option<Self> {
        let by = factor.sqrt();
        let bounds = self.region.bounds();
        let there = |row: f64, column: f64| (to.0 + (row - from.0) * by, to.1 + (column - from.1) * by);
        let low = there(f64::from(bounds.top) - 1.0, f64::from(bounds.left) - 1.0);
        let high = there(f64::from(bounds.bottom), f64::from(bounds.right));
        let back = |at: u32, to: f64, from: f64| (from + (f64::from(at) - to) / by).round();
        let mut runs = Vec::new();
        for row in low.0.max(0.0) as u32..=high.0.max(0.0) as u32 {
            for column in low.1.max(0.0) as u32..=high.1.max(0.0) as u32 {
                let (r, c) = (back(row, to.0, from.0), back(column, to.1, from.1));
                if r >= 0.0 && c >= 0.0 && self.region.contains(r as u32, c as u32) {
                    runs.push(Run {
                        row,
                        start: column,
                        end: column + 1,
                    });
                }
            }
        }
        Some(Self {
            region: Region::new(runs)?,
            area_px: factor * self.area_px,
            uncertainty_px: factor * self.uncertainty_px,
        })
    }
}

/// Where the outline lies between background and focus; as in the pipeline, and by how much it may lie elsewhere.
const LEVEL: f64 = 0.3;
const LEVEL_RANGE: (f64, f64) = (0.2, 0.42);
/// Room around a piece in which the whole is sought, as a share of the piece's diameter.
const ROOM: f64 = 1.0;

impl Patch {
    /// One of the pictures on a grid as coarse as the size of `seed` allows, the seed there, and pixels along the side of a cell: a
    /// mass is one object although its lobules part at native resolution.
    fn coarse(&self, seed: &Region, of: Side) -> Option<(Coarse, Region, usize)> {
        let seed = self.cut(seed)?;
        let diameter = (4.0 * seed.area() as f64 / std::f64::consts::PI).sqrt();
        let factor = ((diameter / FINE) as usize).max(1);
        let picture = &self.smooth[of.index()];
        let coarse = Coarse {
            picture: morphology::downsample(picture.view(), factor)
                .mapv(|value| value.round().clamp(0.0, 65_535.0) as u16),
            others: coarser(&self.others, factor),
        };
        let seed = Region::from_mask(&coarser(&seed.to_mask(self.seen.shape()), factor))?;
        Some((coarse, seed, factor))
    }

    /// The focus around `seed` in one of the pictures, with room to be several times as large.
    pub(super) fn reach(&self, seed: &Region, of: Side) -> Option<Region> {
        let (coarse, seed, factor) = self.coarse(seed, of)?;
        let settings = Refinement {
            level: LEVEL,
            growth: ROOM,
            ..Refinement::default()
        };
        let region = refine(coarse.picture.view(), &seed, Some(&coarse.others), 0.0, &settings)?;
        self.whole(region.enlarged(factor, self.seen.shape())?)
    }

    /// The focus around `seed` in one of the pictures, in as many pieces as it has there; drawn the same way in both pictures.
    pub(super) fn outlines(&self, seed: &Region, of: Side) -> Vec<Outline> {
        let Some((coarse, seed, factor)) = self.coarse(seed, of) else {
            return Vec::new();
        };
        let whole = |region: &Region| -> Option<Region> { self.whole(region.enlarged(factor, self.seen.shape())?) };
        let cells = (factor * factor) as f64;
        let mut pieces: Vec<(Region, f64)> = Vec::new();
        let mut rest = seed.clone();
        while pieces.len() < MOST_PIECES {
            let Some((region, uncertainty)) = coarse.drawn(&rest) else {
                break;
            };
            let first = pieces.first().map_or(region.area(), |(first, _)| first.area());
            let is_new = pieces
                .iter()
                .all(|(other, _)| 5 * other.overlap(&region) < region.area());
            if !is_new || (region.area() as f64) < LEAST_PIECE * first as f64 {
                break;
            }
            pieces.push((region, uncertainty));
            // What of the seed is not yet drawn, a little off what is.
            let mut left = seed.to_mask(coarse.picture.dim());
            for (piece, _) in &pieces {
                left.subtract(&morphology::dilate_mask(&piece.to_mask(coarse.picture.dim()), 1.5));
            }
            let parts = components(&left, None, Connectivity::Eight);
            let Some(next) = parts.into_iter().max_by_key(|part| part.summary.area) else {
                break;
            };
            if (next.summary.area as f64) < LEAST_PIECE * seed.area() as f64
                || !coarse.is_as_high(&next.region, &pieces[0].0)
            {
                break;
            }
            rest = next.region;
        }
        pieces
            .into_iter()
            .filter_map(|(region, uncertainty)| {
                Some(Outline {
                    uncertainty_px: uncertainty * cells,
                    ..Outline::of(whole(&region)?)
                })
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::Outline;
    use crate::label::{Region, Run};

    #[test]
    fn a_moved_outline_keeps_its_form() {
        let run = |row| Run {
            row,
            start: 20,
            end: 50,
        };
        let square = Outline {
            uncertainty_px: 9.0,
            ..Outline::of(Region::new((10..40).map(run).collect()).unwrap())
        };
        let moved = square.moved((24.5, 34.5), (60.0, 20.0), 0.25).unwrap();
        assert_eq!(moved.area_px, 225.0);
        assert_eq!(moved.uncertainty_px, 2.25);
        assert!(
            (moved.region.area() as f64 - 225.0).abs() <= 31.0,
            "{:?}",
            moved.region.bounds()
        );
        let bounds = moved.region.bounds();
        assert!(
            bounds.top.abs_diff(53) <= 1 && bounds.left.abs_diff(13) <= 1,
            "{bounds:?}"
        );
        // The part above the grid is cut off.
        let cut = square.moved((24.5, 34.5), (0.0, 34.5), 1.0).unwrap();
        assert!(cut.region.area().abs_diff(450) <= 60);
        assert!(square.moved((24.5, 34.5), (-40.0, 34.5), 1.0).is_none());
    }
}
