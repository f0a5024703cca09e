//! Whether an object is of even thickness: lead letters, buttons, coins and electrodes are, mineral is domed, rough or hollow.

use super::radial::Samples;
use super::{Feature, Features};

/// Pixels looked at, about.
const LOOKED_AT: usize = 2000;
/// Fewer signals than this tell nothing.
const LEAST: usize = 100;
/// Steps from no signal to the strongest one.
const STEPS: usize = 256;
/// What counts as the object and not as a gap in it, and how wide the band is, as shares of its height.
const OBJECT: f32 = 0.3;
const BAND: f32 = 0.3;
/// A band begins no lower than here, as a share of the height.
const LOWEST: f32 = 0.4;

/// Sets the flatness: of the pixels that reach 0.3 of the height, the share in the fullest band of signals 0.3 of the height wide. The
/// height is the 95th percentile of the signal.
pub(super) fn measure(samples: &Samples, features: &mut Features) {
    let step = (samples.signal.len() / LOOKED_AT).max(1);
    let looked_at = || samples.signal.iter().step_by(step).copied();
    let count = samples.signal.len().div_ceil(step);
    let most = looked_at().fold(0.0_f32, f32::max);
    if count < LEAST || most <= 0.0 {
        return;
    }
    let per_signal = (STEPS - 1) as f32 / most;
    let mut histogram = [0_u32; STEPS];
    for signal in looked_at().filter(|&signal| signal > 0.0) {
        // Signals too small to be divided by count as the strongest.
        histogram[((signal * per_signal) as usize).min(STEPS - 1)] += 1;
    }
    let mut above = 0;
    let height = (0..STEPS)
        .rev()
        .find(|&at| {
            above += histogram[at];
            above as usize * 20 >= count
        })
        .unwrap_or(0);
    let share = |share: f32| ((share * height as f32).round() as usize).max(1);
    let object: u32 = histogram[share(OBJECT)..].iter().sum();
    let bands = histogram[share(LOWEST)..].windows(share(BAND));
    let fullest = bands.map(|band| band.iter().sum::<u32>()).max().unwrap_or(0);
    features.set(
        Feature::Flatness,
        (object > 0).then(|| f64::from(fullest) / f64::from(object)),
    );
}

#[cfg(test)]
mod tests {
    use crate::label::Region;
    use crate::measure::{Feature, Surroundings, measure};
    use crate::radiograph::{Mask, Radiograph};
    use ndarray::Array2;

    /// Flatness of a synthetic object: its signal by distance from the middle, 60 pixels across, some grain on all.
    fn flatness(signal: impl Fn(f64) -> f64) -> f64 {
        let distance = |r: usize, c: usize| (r as f64 - 60.0).hypot(c as f64 - 60.0);
        let grain = |r: usize, c: usize| ((r * 7 + c * 13) % 20) as f64;
        let pixels = Array2::from_shape_fn((120, 120), |(r, c)| {
            let d = distance(r, c);
            (1000.0 + grain(r, c) + if d <= 30.0 { signal(d) } else { 0.0 }) as u16
        });
        let inside = Array2::from_shape_fn((120, 120), |(r, c)| distance(r, c) <= 30.0);
        let region = Region::from_mask(&Mask::from_fn(inside.view(), |&on| on)).unwrap();
        let features = measure(&region, &Radiograph::new(pixels), &Surroundings::default());
        features.get(Feature::Flatness).unwrap()
    }

    #[test]
    fn a_plate_is_flat_and_a_ball_and_a_shell_are_not() {
        let plate = flatness(|_| 800.0);
        let ring = flatness(|d| if d < 12.0 { 0.0 } else { 800.0 });
        let ball = flatness(|d| 800.0 * (1.0 - (d / 30.0).powi(2)).max(0.0).sqrt());
        let rough = flatness(|d| 500.0 + 300.0 * (d * 1.3).sin());
        assert!(plate > 0.95 && ring > 0.95, "{plate} {ring}");
        assert!(ball < 0.75 && rough < 0.75, "{ball} {rough}");
    }

    #[test]
    fn flatness_does_not_hang_on_contrast() {
        let ball = |height: f64| flatness(|d| height * (1.0 - (d / 30.0).powi(2)).max(0.0).sqrt());
        assert!((ball(800.0) - ball(8000.0)).abs() < 0.05);
    }
}
