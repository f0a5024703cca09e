//! The margin: how sharply, and along how much of the outline, the signal falls.

use super::intensity::Background;
use super::scale::Scale;
use super::signal::Signal;
use super::{Feature, Features};
use crate::label::Region;
use crate::radiograph::Radiograph;

/// Below so many pixels a region has no normals worth the name.
const LEAST_AREA: u64 = 9;

/// How far the margin is followed to either side of the outline, in the unit of `scale`.
fn reach(equivalent_diameter: f64, scale: Scale) -> f64 {
    scale.length(1.5, 10.0).max(0.35 * equivalent_diameter)
}

/// Sets edge width and closure of the boundary, from profiles across the outline.
///
/// Profiles stand on the outline's normals, at least 32; they are averaged in 16 sectors of equal length of outline (32
/// for a long one), and each sector's profile is smoothed by (1, 2, 1). A sector is closed where its profile falls,
/// going outwards, by half the contrast at least. Sectors whose surroundings lie beyond the
/// image or carry no measurement do not count; bone and other candidates do, for they are what keeps a signal from falling.
pub(super) fn measure(
    region: &Region,
    outline: &[[i32; 2]],
    radiograph: &Radiograph,
    background: &Background,
    scale: Scale,
    features: &mut Features,
) {
    if region.area() < LEAST_AREA || outline.len() < 8 {
        return;
    }
    if background.contrast <= 0.0 {
        features.set(Feature::BoundaryClosure, 0.0);
        return;
    }
    let unit = scale.mean();
    let diameter = (4.0 * region.area() as f64 / std::f64::consts::PI).sqrt() * unit;
    let outward = reach(diameter, scale).min(100.0 * unit);
    let step = (0.5 * unit).max(outward / 24.0);
    // Inwards no farther than the middle of the narrow side.
    let minor = features.get(Feature::MinorAxisPx).map_or(diameter, |axis| axis * unit);
    let inward = outward.min((0.5 * minor).max(1.5 * unit));
    let pixels = (outward / scale.row.min(scale.column)).ceil() as usize + 2;
    let signal = Signal::around(region.bounds(), pixels, background, radiograph);
    let steps = [(inward / step).round() as usize, (outward / step).round() as usize];

    let sectors = if outline.len() < 160 { 16 } else { 32 };
    let rays = (outline.len() / 2).clamp(2 * sectors, 3 * sectors) / sectors;
    let start = farthest(outline, super::centroid(region));
    let mut widths = Vec::new();
    let (mut seen, mut closed) = (0, 0);
    let mut profile = Profile::new(steps);
    for sector in 0..sectors {
        profile.clear();
        for ray in 0..rays {
            let place = ((sector * rays + ray) as f64 + 0.5) / (sectors * rays) as f64 * outline.len() as f64;
            profile.add(outline, start + place as usize, step, scale, &signal);
        }
        let Some((inner, outer)) = profile.means() else {
            continue;
        };
        seen += 1;
        let highest = inner.iter().copied().fold(f32::MIN, f32::max);
        let lowest = outer.iter().copied().fold(f32::MAX, f32::min);
        if f64::from(highest - lowest) >= 0.5 * background.contrast {
            closed += 1;
            widths.extend(
                profile
                    .edge_width()
                    .map(|steps| steps * step)
                    .map(|width| sharpened(width, step, unit)),
            );
        }
    }
    if 2 * seen < sectors {
        return;
    }
    features.set(Feature::BoundaryClosure, f64::from(closed) / seen as f64);
    if widths.len() >= 4 {
        widths.sort_by(f64::total_cmp);
        let width = widths[widths.len() / 2];
        features.set(Feature::EdgeWidthPx, width / unit);
        features.set(Feature::EdgeWidthMm, scale.is_mm.then_some(width));
    }
}

/// The corner of the outline that is farthest from the middle: sectors counted from there do not hang on which way is up.
fn farthest(outline: &[[i32; 2]], centroid: [f64; 2]) -> usize {
    // Corners lie half a pixel before the middles of pixels.
    let squared = |corner: &[i32; 2]| {
        let [down, across] = [0, 1].map(|axis| f64::from(corner[axis]) - 0.5 - centroid[axis]);
        down * down + across * across
    };
    let distances = outline.iter().map(squared).enumerate();
    distances
        .fold((0, f64::NEG_INFINITY), |most, (at, distance)| {
            if distance > most.1 { (at, distance) } else { most }
        })
        .0
}

/// `width` without what the measurement itself adds: interpolation between pixels, and the smoothing by (1, 2, 1).
///
/// Variances add; 10-90 % of a normal edge are 2.563 standard deviations. At least half a pixel is left.
fn sharpened(width: f64, step: f64, unit: f64) -> f64 {
    let own = unit * unit / 6.0 + step * step / 2.0;
    (width * width - 2.563 * 2.563 * own).max(0.25 * unit * unit).sqrt()
}

/// Signal along the rays of one sector, from the inside out. Memory is kept from sector to sector.
struct Profile {
    sums: Vec<f32>,
    counts: Vec<u16>,
    /// Steps inside; the sample after so many lies on the outline.
    inside: usize,
    /// Means over the rays, and the same smoothed, of which the first `inner` are up to and including the outline.
    means: Vec<f32>,
    smooth: Vec<f32>,
    inner: usize,
    scratch: Vec<f32>,
}

impl Profile {
    fn new([inside, outside]: [usize; 2]) -> Self {
        let length = inside + outside + 1;
        Self {
            sums: vec![0.0; length],
            counts: vec![0; length],
            inside,
            means: Vec::with_capacity(length),
            smooth: Vec::with_capacity(length),
            inner: 0,
            scratch: Vec::with_capacity(length),
        }
    }

    /// Forgets all rays.
    fn clear(&mut self) {
        self.sums.fill(0.0);
        self.counts.fill(0);
    }

    /// Adds the ray on the normal of the outline at corner `at`.
    fn add(&mut self, outline: &[[i32; 2]], at: usize, step: f64, scale: Scale, signal: &Signal) {
        // Corners are averaged over some neighbours, so that stairs do not turn the normal.
        let n = outline.len();
        let half = (n / 16).clamp(2, 5);
        let corner = |i: usize| outline[i % n].map(f64::from);
        let (mut place, mut along) = ([0.0; 2], [0.0; 2]);
        for k in 0..=2 * half {
            let point = corner(at + n - half + k);
            let weight = k as f64 - half as f64;
            for axis in 0..2 {
                place[axis] += point[axis] / (2 * half + 1) as f64;
                along[axis] += weight * point[axis];
            }
        }
        // Corner [r, c] is the upper left one of pixel (r, c), whose centre is half a pixel on.
        let place = [place[0] - 0.5, place[1] - 0.5];
        let along = [along[0] * scale.row, along[1] * scale.column];
        let length = along[0].hypot(along[1]);
        if length == 0.0 {
            return;
        }
        // Clockwise on the screen: going right, outside is up.
        let normal = [-along[1] / length / scale.row, along[0] / length / scale.column];
        let inside = self.inside;
        let at = |i: usize| {
            let t = (i as f64 - inside as f64) * step;
            [place[0] + t * normal[0], place[1] + t * normal[1]]
        };
        let samples = self.sums.iter_mut().zip(&mut self.counts).enumerate();
        // Between two places in the box all are.
        if signal.is_all_valid() && signal.holds(at(0)) && signal.holds(at(samples.len() - 1)) {
            for (i, (sum, count)) in samples {
                *sum += signal.within(at(i));
                *count += 1;
            }
            return;
        }
        for (i, (sum, count)) in samples {
            let [row, column] = at(i);
            if !signal.is_valid(row, column) {
                break;
            }
            if signal.holds([row, column]) {
                *sum += signal.within([row, column]);
                *count += 1;
            }
        }
    }

    /// Means, smoothed: up to and including the outline, and beyond it. `None` unless both sides of the outline were seen.
    fn means(&mut self) -> Option<(&[f32], &[f32])> {
        self.means.clear();
        let mut inside = 0;
        for (i, (&sum, &count)) in self.sums.iter().zip(&self.counts).enumerate() {
            if count > 0 {
                self.means.push(sum / f32::from(count));
                inside += usize::from(i < self.inside);
            } else if i > self.inside {
                break;
            }
        }
        let means = &self.means;
        if inside == 0 || means.len() < inside + 3 {
            return None;
        }
        let last = means.len() - 1;
        self.smooth.clear();
        self.smooth
            .extend((0..=last).map(|i| (means[i.saturating_sub(1)] + 2.0 * means[i] + means[(i + 1).min(last)]) / 4.0));
        self.inner = inside + 1;
        Some(self.smooth.split_at(self.inner))
    }

    /// Steps from 90 % down to 10 % of the way between the levels inside and outside in the last
    /// [`means`](Self::means), looked for from the half-way point to either side, so that texture farther off does not
    /// count.
    ///
    /// Levels are the 80th percentile inside and the 20th outside.
    fn edge_width(&mut self) -> Option<f64> {
        let (inner, outer) = self.smooth.split_at(self.inner);
        let scratch = &mut self.scratch;
        let mut quantile = |values: &[f32], share: usize| {
            scratch.clear();
            scratch.extend_from_slice(values);
            let rank = (values.len() - 1) * share / 100;
            *scratch.select_nth_unstable_by(rank, f32::total_cmp).1
        };
        let (high, low) = (quantile(inner, 80), quantile(outer, 20));
        if high <= low {
            return None;
        }
        scratch.clear();
        scratch.extend(self.smooth.iter().map(|value| (value - low) / (high - low)));
        let profile = &scratch[..];
        let middle = inner.len() as f64 - 1.0;
        // The crossing of one half nearest to the outline.
        let crossing = |level: f32, i: usize| {
            let (a, b) = (profile[i], profile[i + 1]);
            (a >= level && b < level).then(|| i as f64 + f64::from((a - level) / (a - b)))
        };
        let half = (0..profile.len() - 1)
            .filter_map(|i| crossing(0.5, i))
            .min_by(|a, b| (a - middle).abs().total_cmp(&(b - middle).abs()))?;
        let at = half as usize;
        let upper = (0..=at).rev().find_map(|i| crossing(0.9, i))?;
        let lower = (at..profile.len() - 1).find_map(|i| crossing(0.1, i))?;
        Some(lower - upper)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Feature, Surroundings, measure};
    use crate::label::{Region, Run};
    use crate::radiograph::{Mask, PixelSpacing, Radiograph, SpacingPlane, SpacingSource};
    use crate::units::Millimetres;
    use ndarray::Array2;

    /// A disc whose edge is a logistic of the given width; 10-90 % of it span 4.394 widths. Synthetic.
    fn soft_disc(radius: f64, width: f64, scale: [f64; 2]) -> (Radiograph, Region) {
        let distance = |r: usize, c: usize| ((r as f64 - 80.0) * scale[0]).hypot((c as f64 - 90.0) * scale[1]);
        let pixels = Array2::from_shape_fn((160, 180), |(r, c)| {
            (1000.0 + 2.0 * r as f64 + 800.0 / (1.0 + ((distance(r, c) - radius) / width).exp())) as u16
        });
        let inside = Array2::from_shape_fn((160, 180), |(r, c)| distance(r, c) <= radius);
        let region = Region::from_mask(&Mask::from_fn(inside.view(), |&on| on)).unwrap();
        (Radiograph::new(pixels), region)
    }

    fn spacing(rows: f64, columns: f64) -> Option<PixelSpacing> {
        Some(PixelSpacing {
            between_rows: Millimetres::new(rows)?,
            between_columns: Millimetres::new(columns)?,
            plane: SpacingPlane::Detector,
            source: SpacingSource::ImagerPixelSpacing,
        })
    }

    #[test]
    fn the_edge_width_of_a_logistic_edge_is_its_own() {
        for (radius, width) in [(12.0, 0.6), (20.0, 1.0), (30.0, 2.0)] {
            let (radiograph, region) = soft_disc(radius, width, [1.0, 1.0]);
            let features = measure(&region, &radiograph, &Surroundings::default());
            let found = features.get(Feature::EdgeWidthPx).unwrap();
            let expected = 2.0 * 9.0_f64.ln() * width;
            assert!(
                (found / expected - 1.0).abs() < 0.15,
                "{radius} {width}: {found}, expected {expected}"
            );
            assert_eq!(features.get(Feature::EdgeWidthMm), None);
            assert_eq!(features.get(Feature::BoundaryClosure), Some(1.0));
        }
    }

    #[test]
    fn millimetres_follow_both_spacings() {
        let (radiograph, region) = soft_disc(4.0, 0.2, [0.2, 0.1]);
        let features = measure(
            &region,
            &radiograph.with_spacing(spacing(0.2, 0.1)),
            &Surroundings::default(),
        );
        let (found, expected) = (features.get(Feature::EdgeWidthMm).unwrap(), 2.0 * 9.0_f64.ln() * 0.2);
        assert!((found / expected - 1.0).abs() < 0.15, "{found}, expected {expected}");
        assert_eq!(features.get(Feature::BoundaryClosure), Some(1.0));
    }

    #[test]
    fn a_boundary_that_runs_into_bone_is_open_there() {
        // The right half of the disc's surroundings is as bright as the disc.
        let (radiograph, region) = soft_disc(14.0, 0.8, [1.0, 1.0]);
        let mut pixels = radiograph.pixels().to_owned();
        for ((r, c), value) in pixels.indexed_iter_mut() {
            if c >= 90 {
                *value = (*value).max(1800 + 2 * r as u16);
            }
        }
        // The caller keeps bone out of the background; the margin still meets it.
        let mut bone = Mask::empty((160, 180));
        for row in 0..160 {
            bone.fill_run(row, 90, 180);
        }
        let surroundings = Surroundings {
            excluded: Some(&bone),
            ..Surroundings::default()
        };
        let closure = measure(&region, &Radiograph::new(pixels), &surroundings)
            .get(Feature::BoundaryClosure)
            .unwrap();
        assert!((closure - 0.5).abs() < 0.15, "{closure}");
    }

    #[test]
    fn a_dark_region_has_no_boundary_and_a_speck_no_margin() {
        let (radiograph, region) = soft_disc(10.0, 0.8, [1.0, 1.0]);
        let dark = Radiograph::new(radiograph.pixels().mapv(|value| 5000 - value));
        assert_eq!(
            measure(&region, &dark, &Surroundings::default()).get(Feature::BoundaryClosure),
            Some(0.0)
        );
        let speck = Region::new(vec![Run {
            row: 80,
            start: 90,
            end: 92,
        }])
        .unwrap();
        let features = measure(&speck, &radiograph, &Surroundings::default());
        assert_eq!(features.get(Feature::BoundaryClosure), None);
        assert_eq!(features.get(Feature::EdgeWidthPx), None);
    }
}
