//! Dilation and erosion of a mask by an exact disc.

use crate::radiograph::Mask;

/// `mask` grown by the disc of pixels within `radius` pixels, see [`Mask::grown`].
pub fn dilate_mask(mask: &Mask, radius: f64) -> Mask {
    mask.grown(radius)
}

/// `mask` without pixels that lie within `radius` pixels of an off pixel. Beyond the image nothing is off.
pub fn erode_mask(mask: &Mask, radius: f64) -> Mask {
    complement(&dilate_mask(&complement(mask), radius))
}

/// Erosion, then dilation: removes parts into which the disc does not fit.
pub fn open_mask(mask: &Mask, radius: f64) -> Mask {
    dilate_mask(&erode_mask(mask, radius), radius)
}

/// Dilation, then erosion: fills gaps into which the disc does not fit.
pub fn close_mask(mask: &Mask, radius: f64) -> Mask {
    erode_mask(&dilate_mask(mask, radius), radius)
}

fn complement(mask: &Mask) -> Mask {
    let mut other = Mask::full(mask.shape());
    other.subtract(mask);
    other
}

#[cfg(test)]
mod tests {
    use super::{close_mask, dilate_mask, erode_mask, open_mask};
    use crate::radiograph::Mask;
    use ndarray::Array2;
    use proptest::prelude::*;

    #[test]
    fn a_dot_grows_to_a_disc() {
        let mut dot = Mask::empty((11, 135));
        dot.set(5, 64, true);
        let disc = dilate_mask(&dot, 5.0);
        // Gauss circle problem: 81 lattice points within 5 of the origin.
        assert_eq!(disc.count(), 81);
        assert!(disc.get(0, 64) && disc.get(2, 60) && !disc.get(1, 60) && disc.get(5, 69));
        assert_eq!(erode_mask(&disc, 5.0), dot);
        assert_eq!(open_mask(&disc, 5.0), disc);
        assert_eq!(open_mask(&dot, 1.0).count(), 0);
    }

    #[test]
    fn a_gap_is_closed_and_the_border_takes_nothing_away() {
        let mut mask = Mask::full((9, 9));
        mask.set(4, 4, false);
        assert_eq!(close_mask(&mask, 1.0), Mask::full((9, 9)));
        assert_eq!(erode_mask(&Mask::full((9, 9)), 3.0), Mask::full((9, 9)));
        assert_eq!(erode_mask(&mask, 1.0).count(), 81 - 5);
        assert_eq!(dilate_mask(&mask, f64::NAN), mask);
        assert_eq!(dilate_mask(&Mask::empty((0, 7)), 3.0).shape(), (0, 7));
    }

    proptest! {
        #[test]
        fn equals_the_definition(
            (rows, columns, bits) in (1_usize..20, 1_usize..150).prop_flat_map(|(r, c)| {
                (Just(r), Just(c), proptest::collection::vec(proptest::bool::weighted(0.03), r * c))
            }),
            radius in 0.0_f64..90.0,
        ) {
            let bits = Array2::from_shape_vec((rows, columns), bits).unwrap();
            let mask = Mask::from_fn(bits.view(), |&bit| bit);
            let on: Vec<_> = bits.indexed_iter().filter(|(_, on)| **on).map(|(place, _)| place).collect();
            let expected = Array2::from_shape_fn((rows, columns), |(r, c)| {
                on.iter().any(|&(y, x)| {
                    let (dr, dc) = (r.abs_diff(y), c.abs_diff(x));
                    (dr * dr + dc * dc) as f64 <= radius * radius
                })
            });
            prop_assert_eq!(dilate_mask(&mask, radius), Mask::from_fn(expected.view(), |&on| on));
        }
    }
}
