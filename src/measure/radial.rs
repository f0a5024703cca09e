//! From rim to core: the signal by its depth below the outline.

use super::intensity::Background;
use super::outline::Cutout;
use super::scale::Scale;
use super::sectors::{Row, Sectors};
use super::{Feature, Features};
use super::{flatness, order, texture};
use crate::label::{Region, fill_holes};
use crate::radiograph::{Mask, Radiograph};
use std::ops::Range;

/// A region must be so deep, in pixels, for its rim and its core to be told apart.
const LEAST_DEPTH: f64 = 3.5;

/// Side of the cells that part coarse unrest from fine, with and without spacing.
const CELL_MM: f64 = 1.5;
const CELL_PX: f64 = 6.0;

/// The pixels of a region with its holes filled, in raster order.
pub(super) struct Samples {
    pub runs: Vec<SampleRun>,
    /// Above the background, in pixel values.
    pub signal: Vec<f32>,
    /// Distance below the outline, in pixels of mean spacing, above 0.
    pub depth: Vec<f32>,
}

/// Neighbouring pixels of one row.
#[derive(Clone, Copy, Debug)]
pub(super) struct SampleRun {
    /// Row and first column, from the corner of the region's box.
    pub row: usize,
    pub column: usize,
    /// The first of its samples, and the one after its last.
    pub from: usize,
    pub to: usize,
}

impl Samples {
    /// Signal and depth of every pixel of the region, holes filled.
    pub(super) fn of(
        region: &Region,
        cutout: &Cutout,
        radiograph: &Radiograph,
        background: &Background,
        scale: Scale,
    ) -> Self {
        let bounds = region.bounds();
        let filled = fill_holes(&cutout.mask);
        let mut outside = Mask::full(filled.shape());
        outside.subtract(&filled);
        let unit = scale.mean();
        let distance = outside.squared_distance([scale.row / unit, scale.column / unit]);
        let area = filled.count();
        let mut samples = Self {
            runs: Vec::with_capacity(2 * bounds.height() as usize),
            signal: Vec::with_capacity(area),
            depth: Vec::with_capacity(area),
        };
        let outer = background.window.bounds;
        let (down, across) = ((bounds.top - outer.top) as usize, (bounds.left - outer.left) as usize);
        let pixels = radiograph.pixels();
        let distances = distance.as_slice().unwrap_or(&[]);
        for r in 0..bounds.height() as usize {
            let row = &background.window.row(&pixels, down + r)[across..];
            let base = background.plane.at((down + r) as f64, across as f64) as f32;
            let slope = background.plane.slope[1] as f32;
            // The cutout has one more row and column on every side.
            let distances = &distances[(r + 1) * filled.shape().1 + 1..];
            for (start, end) in filled.runs(r + 1) {
                let (start, end) = (start - 1, end - 1);
                let from = samples.signal.len();
                let above = |(c, &value): (u32, &u16)| f32::from(value) - base - slope * c as f32;
                samples.signal.extend((start as u32..).zip(&row[start..end]).map(above));
                // The outline runs half-way to the nearest pixel outside.
                samples
                    .depth
                    .extend(distances[start..end].iter().map(|square| square.sqrt() - 0.5));
                samples.runs.push(SampleRun {
                    row: r,
                    column: start,
                    from,
                    to: from + end - start,
                });
            }
        }
        samples
    }

    /// The greatest depth.
    fn deepest(&self) -> f32 {
        // Several at a time: the largest is the same in any order.
        let mut most = [0.0_f32; 8];
        let (eights, rest) = self.depth.as_chunks::<8>();
        for eight in eights {
            for (most, &depth) in most.iter_mut().zip(eight) {
                *most = if depth > *most { depth } else { *most };
            }
        }
        most.iter().chain(rest).copied().fold(0.0, f32::max)
    }
}

/// Samples that are added up side by side, so that none waits for the one before it.
const LANES: usize = 4;

/// Sums of signal and count by class of depth.
struct Sums {
    lanes: Vec<[[f64; 2]; LANES]>,
}

impl Sums {
    fn new(classes: usize) -> Self {
        Self {
            lanes: vec![[[0.0; 2]; LANES]; classes],
        }
    }

    /// Adds each signal to the class of its depth, `per_depth` classes a pixel, the last class holding all beyond.
    fn add(&mut self, signal: &[f32], depth: &[f32], per_depth: f32, classes: Range<usize>) {
        let lanes = &mut self.lanes[classes];
        let last = lanes.len() - 1;
        for (i, (&signal, &depth)) in signal.iter().zip(depth).enumerate() {
            let class = ((depth * per_depth) as i32).max(0) as usize;
            let [sum, n] = &mut lanes[class.min(last)][i % LANES];
            *sum += f64::from(signal);
            *n += 1.0;
        }
    }

    /// `[sum, count]` of every class.
    fn total(&self) -> Vec<[f64; 2]> {
        let total = |lanes: &[[f64; 2]; LANES]| [0, 1].map(|k| lanes.iter().map(|lane| lane[k]).sum());
        self.lanes.iter().map(total).collect()
    }
}

/// Means of the signal deeper than the first and the second of `depths`, and of what is no deeper than the third; `None`
/// where there is nothing.
fn means_by_depth(samples: &Samples, depths: [f32; 3]) -> [Option<f64>; 3] {
    let [first, second, third] = depths;
    let mut sums = [[0.0_f64; LANES]; 3];
    let mut counts = [[0_u32; LANES]; 3];
    let mut add = |lane: usize, signal: f32, depth: f32| {
        let counts_in = [depth >= first, depth >= second, depth <= third];
        for ((sum, count), is_in) in sums.iter_mut().zip(&mut counts).zip(counts_in) {
            sum[lane] += f64::from(if is_in { signal } else { 0.0 });
            count[lane] += u32::from(is_in);
        }
    };
    let (signals, signals_left) = samples.signal.as_chunks::<LANES>();
    let (depths, depths_left) = samples.depth.as_chunks::<LANES>();
    for (signals, depths) in signals.iter().zip(depths) {
        for lane in 0..LANES {
            add(lane, signals[lane], depths[lane]);
        }
    }
    for (lane, (&signal, &depth)) in signals_left.iter().zip(depths_left).enumerate() {
        add(lane, signal, depth);
    }
    [0, 1, 2].map(|k| {
        let count = counts[k].iter().map(|&count| u64::from(count)).sum::<u64>();
        (count > 0).then(|| sums[k].iter().sum::<f64>() / count as f64)
    })
}

/// Sets what rim and core tell, and texture.
///
/// Depth is relative to the deepest pixel: 0 at the outline, 1 in the middle, so a long focus has a long core.
pub(super) fn measure(
    region: &Region,
    cutout: &Cutout,
    radiograph: &Radiograph,
    background: &Background,
    noise: f64,
    scale: Scale,
    features: &mut Features,
) {
    if background.contrast <= 0.0 {
        return;
    }
    let samples = Samples::of(region, cutout, radiograph, background, scale);
    let deepest = samples.deepest();
    texture::measure(&samples, f64::from(deepest), background.contrast, noise, features);
    flatness::measure(&samples, features);
    if f64::from(deepest) < LEAST_DEPTH {
        return;
    }
    let cell = if scale.is_mm { CELL_MM / scale.mean() } else { CELL_PX };
    let cell = cell.round().max(2.0) as usize;
    order::measure(&samples, deepest, background.contrast, noise, cell, features);
    let [centre, core, outer] = means_by_depth(&samples, [0.8, 0.5, 0.2].map(|share| share * deepest));
    let profile = Profile::of(&samples, deepest);
    let Some((rim_bin, rim)) = profile.rim() else { return };
    let Some(centre) = centre else { return };
    if rim > 0.0 {
        let [row, column] = super::centroid(region);
        let bounds = region.bounds();
        let middle = [row - f64::from(bounds.top), column - f64::from(bounds.left)];
        features.set(Feature::LucentCentre, (rim - centre) / rim);
        features.set(
            Feature::RimClosure,
            rim_closure(&samples, deepest, centre, noise, middle, scale),
        );
    }
    if let (Some(core), Some(outer)) = (core, outer)
        && outer > 0.0
    {
        features.set(Feature::CoreToRim, (core / outer).max(0.0));
    }
    if scale.is_mm && rim > 0.0 {
        features.set(
            Feature::RimThicknessMm,
            profile.rim_thickness(rim_bin, rim, centre).map(|px| px * scale.mean()),
        );
    }
}

/// Mean signal by depth, in bins as wide as a pixel or a tenth of the depth, whichever is more.
struct Profile {
    means: Vec<f64>,
    bin: f64,
}

impl Profile {
    fn of(samples: &Samples, deepest: f32) -> Self {
        let bin = (deepest / 10.0).max(1.0);
        let bins = (deepest / bin).ceil() as usize;
        let per_depth = 1.0 / bin;
        let mut sums = Sums::new(bins);
        sums.add(&samples.signal, &samples.depth, per_depth, 0..bins);
        // A bin between two whole distances may be empty: it takes the value of the one outside it.
        let mut means = Vec::with_capacity(bins);
        for [sum, n] in sums.total() {
            let last = means.last().copied().unwrap_or(0.0);
            means.push(if n > 0.0 { sum / n } else { last });
        }
        Self {
            means,
            bin: f64::from(bin),
        }
    }

    /// The highest bin of the outer half, and its mean.
    fn rim(&self) -> Option<(usize, f64)> {
        let outer = self.means.len().div_ceil(2);
        self.means[..outer]
            .iter()
            .copied()
            .enumerate()
            .max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)))
    }

    /// Pixels between half height on either side of the rim: towards the core half-way down to the centre, towards the
    /// outside half-way down to the background, at most to the outline. `None` if the rim is no higher than a tenth
    /// above the centre, or never falls half-way.
    fn rim_thickness(&self, rim_bin: usize, rim: f64, centre: f64) -> Option<f64> {
        if rim - centre < 0.1 * rim {
            return None;
        }
        let place = |i: usize| (i as f64 + 0.5) * self.bin;
        let crossing = |high: usize, low: usize, level: f64| {
            let (a, b) = (self.means[high], self.means[low]);
            place(high) + (place(low) - place(high)) * (a - level) / (a - b)
        };
        let (inner_level, outer_level) = ((rim + centre) / 2.0, rim / 2.0);
        let inner = (rim_bin + 1..self.means.len())
            .find(|&i| self.means[i] < inner_level)
            .map(|i| crossing(i - 1, i, inner_level))?;
        let outer = (0..rim_bin)
            .rev()
            .find(|&i| self.means[i] < outer_level)
            .map_or(0.0, |i| crossing(i + 1, i, outer_level));
        Some(inner - outer)
    }
}

/// Share of angular sectors whose highest depth class lies in the outer half and exceeds the centre, by a tenth of it
/// and by twice what noise leaves of the mean.
fn rim_closure(samples: &Samples, deepest: f32, centre: f64, noise: f64, centroid: [f64; 2], scale: Scale) -> f64 {
    const CLASSES: usize = 5;
    let sectors = Sectors::new(if deepest < 6.0 { 12 } else { 24 });
    let per_depth = CLASSES as f32 / deepest;
    let mut sums = Sums::new(CLASSES * sectors.count());
    for run in &samples.runs {
        let row = Row {
            down: (run.row as f64 - centroid[0]) * scale.row,
            middle: centroid[1],
            step: scale.column,
        };
        sectors.for_each_in_row(row, run.column..run.column + run.to - run.from, |sector, columns| {
            let part = columns.start - run.column + run.from..columns.end - run.column + run.from;
            sums.add(
                &samples.signal[part.clone()],
                &samples.depth[part],
                per_depth,
                sector * CLASSES..(sector + 1) * CLASSES,
            );
        });
    }
    let sums = sums.total();
    let (mut seen, mut closed) = (0, 0);
    for sector in sums.chunks_exact(CLASSES) {
        let peak = sector
            .iter()
            .enumerate()
            .filter(|(_, [_, n])| *n > 0.0)
            .map(|(class, [sum, n])| (class, sum / n, *n))
            .max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)));
        let Some((class, mean, n)) = peak else { continue };
        seen += 1;
        let margin = (0.1 * centre.abs()).max(2.0 * noise / n.sqrt());
        closed += u32::from(2 * class < CLASSES && mean > centre + margin);
    }
    if seen == 0 {
        0.0
    } else {
        f64::from(closed) / f64::from(seen)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Feature, Features, Surroundings, measure};
    use crate::label::Region;
    use crate::radiograph::{Mask, PixelSpacing, Radiograph, SpacingPlane, SpacingSource};
    use crate::units::Millimetres;
    use ndarray::Array2;

    /// Features of a disc of `radius` whose signal is `signal(distance, angle)`; synthetic.
    fn disc(radius: f64, spacing: Option<[f64; 2]>, signal: impl Fn(f64, f64) -> f64) -> Features {
        let [rows, columns] = spacing.unwrap_or([1.0, 1.0]);
        let polar = |r: usize, c: usize| {
            let (down, across) = ((r as f64 - 80.0) * rows, (c as f64 - 90.0) * columns);
            (down.hypot(across), down.atan2(across))
        };
        let pixels = Array2::from_shape_fn((160, 180), |(r, c)| {
            let (distance, angle) = polar(r, c);
            (1000.0
                + if distance <= radius {
                    signal(distance, angle)
                } else {
                    0.0
                }) as u16
        });
        let inside = Array2::from_shape_fn((160, 180), |(r, c)| polar(r, c).0 <= radius);
        let region = Region::from_mask(&Mask::from_fn(inside.view(), |&on| on)).unwrap();
        let stated = spacing.map(|[rows, columns]| PixelSpacing {
            between_rows: Millimetres::new(rows).unwrap(),
            between_columns: Millimetres::new(columns).unwrap(),
            plane: SpacingPlane::Patient,
            source: SpacingSource::PixelSpacing,
        });
        measure(
            &region,
            &Radiograph::new(pixels).with_spacing(stated),
            &Surroundings::default(),
        )
    }

    #[test]
    fn a_solid_disc_has_neither_rim_nor_lucent_centre() {
        let features = disc(15.0, None, |_, _| 500.0);
        assert!(features.get(Feature::LucentCentre).unwrap().abs() < 0.01);
        assert_eq!(features.get(Feature::RimClosure), Some(0.0));
        assert!((features.get(Feature::CoreToRim).unwrap() - 1.0).abs() < 0.01);
        assert_eq!(features.get(Feature::RimThicknessMm), None);
        let dome = disc(15.0, None, |distance, _| {
            2.0 * 500.0 * (1.0 - (distance / 15.0).powi(2)).sqrt()
        });
        assert!(dome.get(Feature::LucentCentre).unwrap() < 0.0);
        assert!(dome.get(Feature::CoreToRim).unwrap() > 1.5);
    }

    #[test]
    fn an_empty_ring_is_all_rim() {
        let features = disc(15.0, Some([0.2, 0.2]), |_, _| 500.0);
        assert_eq!(features.get(Feature::RimThicknessMm), None);
        for spacing in [[0.2, 0.2], [0.2, 0.1]] {
            let features = disc(
                3.0,
                Some(spacing),
                |distance, _| if distance > 2.0 { 500.0 } else { 0.0 },
            );
            assert!(features.get(Feature::LucentCentre).unwrap() > 0.95);
            assert!(features.get(Feature::RimClosure).unwrap() > 0.99);
            assert!(features.get(Feature::CoreToRim).unwrap() < 0.15);
            let thickness = features.get(Feature::RimThicknessMm).unwrap();
            assert!((thickness - 1.0).abs() < 0.2, "{spacing:?}: {thickness}");
        }
    }

    #[test]
    fn a_ring_open_on_one_side_is_closed_by_the_rest() {
        let features = disc(15.0, None, |distance, angle| {
            if distance > 10.0 && angle.abs() > std::f64::consts::FRAC_PI_4 {
                500.0
            } else {
                50.0
            }
        });
        let closure = features.get(Feature::RimClosure).unwrap();
        assert!((closure - 0.75).abs() < 0.1, "{closure}");
    }

    #[test]
    fn a_few_pixels_have_no_core() {
        let features = disc(3.0, None, |_, _| 500.0);
        for feature in [Feature::LucentCentre, Feature::RimClosure, Feature::CoreToRim] {
            assert_eq!(features.get(feature), None);
        }
        assert!(features.get(Feature::Contrast).is_some());
    }
}
