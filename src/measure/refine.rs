//! A rough region, found on a coarse scale, drawn again at the resolution of the pixels.

use super::background::{Plane, Window};
use crate::label::{Connectivity, Region, Run, components, fill_holes_up_to};
use crate::radiograph::Mask;
use ndarray::ArrayView2;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// How [`refine`] draws.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Refinement {
    /// Where the outline lies between background (0) and focus (1). Default 0.3.
    pub level: f64,
    /// How far the outline may leave the seed, as a share of its equivalent diameter. Default 0.25.
    pub growth: f64,
    /// Holes up to this share of the region's area are filled. Default 4: the medulla of a shell.
    pub largest_hole: f64,
    /// Width of the ring that tells the background, as a share of the equivalent diameter, but 4 to 40 pixels.
    /// Default 0.5.
    pub ring: f64,
}

impl Default for Refinement {
    fn default() -> Self {
        Self {
            level: 0.3,
            growth: 0.25,
            largest_hole: 4.0,
            ring: 0.5,
        }
    }
}

/// The part of the image around `seed` that stands out by at least `settings.level` of the focus' own height.
///
/// 1. Background: a plane through a ring outside the room for growth, fitted again without what strays from it.
/// 2. Height of the focus: the 85th percentile above that plane of the seed's pixels, smoothed over 3 x 3.
/// 3. Kept: of the seed's pixels above the level, the connected part that is largest.
/// 4. Grown: beyond the seed to neighbours above the level, but never uphill, so that the outline does not climb into
///    a bone beside the focus, and never farther than `settings.growth` allows. Small holes are filled.
///
/// `noise` is the standard deviation of the pixels' noise; it tells how far uphill is no slope. `excluded` (bone,
/// other candidates, invalid pixels) is kept out of the ring, but not out of the region.
/// `None` if the seed does not stand out from its ring, or no ring is left.
///
/// # Panics
///
/// If `seed` reaches beyond `pixels`, or `excluded` has another shape.
pub fn refine(
    pixels: ArrayView2<'_, u16>,
    seed: &Region,
    excluded: Option<&Mask>,
    noise: f64,
    settings: &Refinement,
) -> Option<Region> {
    let pixels = pixels.as_standard_layout();
    let pixels = pixels.view();
    let diameter = (4.0 * seed.area() as f64 / std::f64::consts::PI).sqrt();
    let growth = (settings.growth * diameter).clamp(1.5, 400.0);
    let width = (settings.ring * diameter).clamp(4.0, 40.0);
    let window = Window::around(seed, (growth + width).ceil() as usize + 2, pixels.dim());
    let ring = window.ring(growth + 1.0, growth + 1.0 + width, |ring| {
        if let Some(mask) = excluded {
            ring.subtract(&window.cut(mask));
        }
    });
    let plane = settled_plane(&window, pixels, &ring)?;
    // What is not needed for the background: the seed with room to grow, and neighbours to smooth with.
    let near = Window::around(seed, growth.ceil() as usize + 2, pixels.dim());
    let room = near.region.grown(growth);
    let signal = smoothed_signal(&near, pixels, &window, &plane);
    let (rows, columns) = near.shape();

    let mut inside: Vec<f32> = Vec::with_capacity(seed.area() as usize);
    for r in 0..rows {
        for (start, end) in near.region.runs(r) {
            inside.extend_from_slice(&signal[r * columns + start..r * columns + end]);
        }
    }
    let rank = (inside.len() * 85 / 100).min(inside.len() - 1);
    let height = f64::from(*inside.select_nth_unstable_by(rank, f32::total_cmp).1);
    // A focus lower than its own smoothed noise has no outline.
    if height.is_nan() || height <= 0.0 || height < noise / 3.0 {
        return None;
    }
    let level = (settings.level * height) as f32;

    let mut core = Mask::empty(near.shape());
    for r in 0..rows {
        let words = core.row_mut(r).words;
        for (start, end) in near.region.runs(r) {
            for (c, &signal) in (start..end).zip(&signal[r * columns + start..]) {
                words[c / 64] |= u64::from(signal >= level) << (c % 64);
            }
        }
    }
    let largest = components(&core, None, Connectivity::Eight)
        .into_iter()
        .rev()
        .max_by_key(|part| part.summary.area)?;
    let grown = grow_downhill(
        &largest.region,
        &signal,
        &room,
        level,
        (0.1 * height).max(noise / 1.5) as f32,
    );
    let hole = (settings.largest_hole * grown.count() as f64) as u64;
    let filled = fill_holes_up_to(&grown, hole);
    let (top, left) = (near.bounds.top, near.bounds.left);
    let runs = (0..rows).flat_map(|r| filled.runs(r).map(move |(start, end)| (r, start, end)));
    Region::new(
        runs.map(|(r, start, end)| Run {
            row: r as u32 + top,
            start: start as u32 + left,
            end: end as u32 + left,
        })
        .collect(),
    )
}

/// The plane through the ring, fitted three times, each time without pixels beyond 1.5 standard deviations of the last.
fn settled_plane(window: &Window, pixels: ArrayView2<'_, u16>, ring: &Mask) -> Option<Plane> {
    let limit = |plane: &Plane| 1.5 * plane.residual as f32;
    let first = Plane::fit(window, pixels, ring)?;
    let near_first = (first, limit(&first));
    let Some(second) = Plane::fit_near(window, pixels, ring, [near_first]) else {
        return Some(first);
    };
    let near_second = (second, limit(&second));
    Plane::fit_near(window, pixels, ring, [near_first, near_second]).or(Some(second))
}

/// Pixels of `near` above the plane in `window`, averaged over 3 x 3 (over what exists of it at the edge of `near`).
fn smoothed_signal(near: &Window, pixels: ArrayView2<'_, u16>, window: &Window, plane: &Plane) -> Vec<f32> {
    let (rows, columns) = near.shape();
    let [down, left] = [
        near.bounds.top - window.bounds.top,
        near.bounds.left - window.bounds.left,
    ];
    let mut across = vec![0.0_f32; rows * columns];
    let mut raw = vec![0.0_f32; columns];
    for r in 0..rows {
        let row = near.row(&pixels, r);
        let base = plane.at(r as f64 + f64::from(down), 0.0) as f32;
        let slope = plane.slope[1] as f32;
        for ((c, out), &value) in (left as i32..).zip(&mut raw).zip(row) {
            *out = f32::from(value) - base - slope * c as f32;
        }
        let out = &mut across[r * columns..][..columns];
        for (mean, three) in out[1..].iter_mut().zip(raw.windows(3)) {
            *mean = (three[0] + three[1] + three[2]) * (1.0 / 3.0);
        }
        if columns >= 2 {
            out[0] = (raw[0] + raw[1]) / 2.0;
            out[columns - 1] = (raw[columns - 2] + raw[columns - 1]) / 2.0;
        } else {
            out.copy_from_slice(&raw);
        }
    }
    let mut signal = vec![0.0_f32; rows * columns];
    for r in 0..rows {
        let (from, to) = (r.saturating_sub(1), (r + 2).min(rows));
        let share = 1.0 / (to - from) as f32;
        let out = &mut signal[r * columns..][..columns];
        for row in across[from * columns..to * columns].chunks_exact(columns) {
            for (sum, &value) in out.iter_mut().zip(row) {
                *sum += value * share;
            }
        }
    }
    signal
}

/// `start` and every pixel of `room` above `level` that can be reached from it without a step up by more than `slack`.
fn grow_downhill(start: &Region, signal: &[f32], room: &Mask, level: f32, slack: f32) -> Mask {
    let (rows, columns) = room.shape();
    let mut grown = start.to_mask(room.shape());
    // Each reached pixel carries the lowest signal on its best way here, so that small steps do not add up.
    let mut lowest = vec![f32::NEG_INFINITY; rows * columns];
    for run in start.runs() {
        let run = run.row as usize * columns + run.start as usize..run.row as usize * columns + run.end as usize;
        for (lowest, &signal) in lowest[run.clone()].iter_mut().zip(&signal[run]) {
            *lowest = signal.max(level);
        }
    }
    // Ways out of the start begin at its border: inside it no way is better than a pixel's own.
    let mut queue = border(&grown);
    while let Some((r, c)) = queue.pop_front() {
        let way = lowest[r * columns + c];
        for (y, x) in [(r.wrapping_sub(1), c), (r, c.wrapping_sub(1)), (r, c + 1), (r + 1, c)] {
            if y >= rows || x >= columns || !room.get(y, x) {
                continue;
            }
            let at = y * columns + x;
            let here = signal[at];
            let reached = way.min(here);
            if here >= level && here <= way + slack && reached > lowest[at] {
                lowest[at] = reached;
                grown.set(y, x, true);
                queue.push_back((y, x));
            }
        }
    }
    grown
}

/// The pixels of `mask` with an off pixel above, below or beside them.
fn border(mask: &Mask) -> VecDeque<(usize, usize)> {
    let (rows, _) = mask.shape();
    let mut pixels = VecDeque::new();
    let nothing = vec![0; if rows > 0 { mask.row(0).len() } else { 0 }];
    for r in 0..rows {
        let here = mask.row(r);
        let above = if r > 0 { mask.row(r - 1) } else { &nothing };
        let below = if r + 1 < rows { mask.row(r + 1) } else { &nothing };
        for i in 0..here.len() {
            let left = here[i] << 1 | if i > 0 { here[i - 1] >> 63 } else { 0 };
            let right = here[i] >> 1 | here.get(i + 1).map_or(0, |next| next << 63);
            let mut bits = here[i] & !(left & right & above[i] & below[i]);
            while bits != 0 {
                pixels.push_back((r, i * 64 + bits.trailing_zeros() as usize));
                bits &= bits - 1;
            }
        }
    }
    pixels
}

#[cfg(test)]
mod tests {
    use super::{Refinement, refine};
    use crate::label::{Region, Run};
    use crate::radiograph::Mask;
    use ndarray::Array2;

    /// Discs with soft edges on a slope, with deterministic noise of about `noise`; synthetic.
    fn image(discs: &[(f64, f64, f64, f64)], noise: f64) -> Array2<u16> {
        Array2::from_shape_fn((160, 180), |(r, c)| {
            let mut value = 2000.0 + 4.0 * r as f64 - 3.0 * c as f64;
            for &(row, column, radius, height) in discs {
                let distance = (r as f64 - row).hypot(c as f64 - column);
                value += height / (1.0 + ((distance - radius) / 0.8).exp());
            }
            let random = (((r * 7919 + c * 104_729) * 2_654_435_761) >> 7) % 1000;
            (value + noise * (random as f64 / 1000.0 - 0.5) * 12_f64.sqrt()) as u16
        })
    }

    fn disc(row: f64, column: f64, radius: f64) -> Region {
        let mask = Array2::from_shape_fn((160, 180), |(r, c)| (r as f64 - row).hypot(c as f64 - column) <= radius);
        Region::from_mask(&Mask::from_fn(mask.view(), |&on| on)).unwrap()
    }

    /// Radius at which a soft-edged disc of `radius` falls to the default level of its height.
    fn outlined(radius: f64) -> f64 {
        let level = Refinement::default().level;
        radius + 0.8 * ((1.0 - level) / level).ln()
    }

    fn dice(a: &Region, b: &Region) -> f64 {
        2.0 * a.overlap(b) as f64 / (a.area() + b.area()) as f64
    }

    #[test]
    fn a_rough_seed_becomes_the_disc() {
        let truth = disc(80.0, 90.0, outlined(14.0));
        for (row, column, radius) in [(80.0, 90.0, 11.0), (80.0, 90.0, 18.0), (83.0, 87.0, 14.0)] {
            for noise in [0.0, 60.0] {
                let pixels = image(&[(80.0, 90.0, 14.0, 400.0)], noise);
                let found = refine(
                    pixels.view(),
                    &disc(row, column, radius),
                    None,
                    noise,
                    &Refinement::default(),
                )
                .unwrap();
                assert!(
                    dice(&found, &truth) > 0.95,
                    "{row} {radius} {noise}: {}",
                    dice(&found, &truth)
                );
            }
        }
    }

    #[test]
    fn a_bone_beside_it_is_not_entered() {
        // A tall, wide shape whose edge is four pixels from the focus' own; the valley lies above half height.
        let mut pixels = image(&[(80.0, 60.0, 10.0, 400.0), (80.0, 124.0, 50.0, 2500.0)], 20.0);
        for ((r, c), value) in pixels.indexed_iter_mut() {
            let distance = (r as f64 - 80.0).hypot(c as f64 - 124.0) - 50.0;
            *value += (300.0 * (-distance.max(0.0) / 4.0).exp()) as u16;
        }
        let mut bone = Mask::empty((160, 180));
        for run in disc(80.0, 124.0, 52.0).runs() {
            bone.fill_run(run.row as usize, run.start as usize, run.end as usize);
        }
        let found = refine(
            pixels.view(),
            &disc(80.0, 60.0, 9.0),
            Some(&bone),
            20.0,
            &Refinement::default(),
        )
        .unwrap();
        assert!(found.overlap(&disc(80.0, 124.0, 50.0)) == 0, "{:?}", found.bounds());
        assert!(
            dice(&found, &disc(80.0, 60.0, 10.0)) > 0.85,
            "{}",
            dice(&found, &disc(80.0, 60.0, 10.0))
        );
    }

    #[test]
    fn a_lucent_centre_is_part_of_the_focus() {
        let mut pixels = image(&[(80.0, 90.0, 14.0, 400.0)], 0.0);
        for ((r, c), value) in pixels.indexed_iter_mut() {
            if (r as f64 - 80.0).hypot(c as f64 - 90.0) < 6.0 {
                *value -= 390;
            }
        }
        let found = refine(
            pixels.view(),
            &disc(80.0, 90.0, 14.0),
            None,
            0.0,
            &Refinement::default(),
        )
        .unwrap();
        assert!(found.contains(80, 90));
        assert!(dice(&found, &disc(80.0, 90.0, outlined(14.0))) > 0.95);
    }

    #[test]
    fn nothing_stands_out_of_a_slope() {
        let pixels = image(&[], 0.0);
        let found = refine(
            pixels.view(),
            &disc(80.0, 90.0, 10.0),
            None,
            10.0,
            &Refinement::default(),
        );
        assert!(found.is_none());
        let all = Region::new(
            (0..160)
                .map(|row| Run {
                    row,
                    start: 0,
                    end: 180,
                })
                .collect(),
        )
        .unwrap();
        assert!(
            refine(pixels.view(), &all, None, 10.0, &Refinement::default()).is_none(),
            "no ring is left"
        );
    }
}
