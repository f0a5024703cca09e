//! Erosion and dilation by flat elements, and what is made of them.

use super::StructuringElement;
use super::rows::{Extremum, Grey, Largest, Smallest, run_part};
use ndarray::{Array2, ArrayView2};

/// The smallest value under `element` around each pixel. What lies outside the image never decides.
///
/// Same values as `scipy.ndimage.grey_erosion` with a flat footprint.
pub fn erode<T: Grey>(image: ArrayView2<'_, T>, element: StructuringElement) -> Array2<T> {
    let mut image = owned(image);
    erode_in_place(&mut image, element);
    image
}

/// The largest value under `element` around each pixel. What lies outside the image never decides.
///
/// Same values as `scipy.ndimage.grey_dilation` with a flat footprint.
pub fn dilate<T: Grey>(image: ArrayView2<'_, T>, element: StructuringElement) -> Array2<T> {
    let mut image = owned(image);
    dilate_in_place(&mut image, element);
    image
}

/// Erosion, then dilation: removes bright structure into which `element` does not fit.
pub fn open<T: Grey>(image: ArrayView2<'_, T>, element: StructuringElement) -> Array2<T> {
    let mut image = owned(image);
    open_in_place(&mut image, element);
    image
}

/// Dilation, then erosion: removes dark structure into which `element` does not fit.
pub fn close<T: Grey>(image: ArrayView2<'_, T>, element: StructuringElement) -> Array2<T> {
    let mut image = owned(image);
    close_in_place(&mut image, element);
    image
}

/// What the opening removes, never below zero: bright structure narrower than `element`, freed of its background.
///
/// # Examples
///
/// ```
/// use calxray::morphology::{StructuringElement, white_top_hat};
/// use ndarray::array;
///
/// let ramp_with_a_dot = array![[10_u16, 20, 30, 95, 50, 50, 50]];
/// let top_hat = white_top_hat(ramp_with_a_dot.view(), StructuringElement::HorizontalLine { half_length: 1 });
/// assert_eq!(top_hat, array![[0, 0, 0, 45, 0, 0, 0]]);
/// ```
pub fn white_top_hat<T: Grey>(image: ArrayView2<'_, T>, element: StructuringElement) -> Array2<T> {
    let mut opened = open(image, element);
    opened.zip_mut_with(&image, |low, &high| *low = high.minus(*low));
    opened
}

/// What the closing adds, never below zero: dark structure narrower than `element`.
pub fn black_top_hat<T: Grey>(image: ArrayView2<'_, T>, element: StructuringElement) -> Array2<T> {
    let mut closed = close(image, element);
    closed.zip_mut_with(&image, |high, &low| *high = high.minus(low));
    closed
}

/// [`erode`] without a second image.
pub fn erode_in_place<T: Grey>(image: &mut Array2<T>, element: StructuringElement) {
    each_part::<T, Smallest>(image, element);
}

/// [`dilate`] without a second image.
pub fn dilate_in_place<T: Grey>(image: &mut Array2<T>, element: StructuringElement) {
    each_part::<T, Largest>(image, element);
}

/// [`open`] without a second image.
pub fn open_in_place<T: Grey>(image: &mut Array2<T>, element: StructuringElement) {
    erode_in_place(image, element);
    dilate_in_place(image, element);
}

/// [`close`] without a second image.
pub fn close_in_place<T: Grey>(image: &mut Array2<T>, element: StructuringElement) {
    dilate_in_place(image, element);
    erode_in_place(image, element);
}

fn owned<T: Grey>(image: ArrayView2<'_, T>) -> Array2<T> {
    image.as_standard_layout().into_owned()
}

fn each_part<T: Grey, E: Extremum<T>>(image: &mut Array2<T>, element: StructuringElement) {
    let (rows, columns) = image.dim();
    if image.is_empty() {
        return;
    }
    let element = match element {
        // This far it sees the whole image from any pixel.
        StructuringElement::Octagon { radius } => StructuringElement::Octagon {
            radius: radius.min(rows + columns),
        },
        other => other,
    };
    let pad = element.detour();
    let parts = element.parts();
    if pad == 0 && image.is_standard_layout() {
        if let Some(data) = image.as_slice_mut() {
            parts.into_iter().for_each(|part| run_part::<T, E>(data, columns, part));
        }
    } else {
        // A sum of diagonals leads from one pixel of a corner to another through places beside the image.
        let stride = columns + 2 * pad;
        let mut wide = vec![E::NEUTRAL; (rows + 2 * pad) * stride];
        let inside = |r: usize| (r + pad) * stride + pad..(r + pad) * stride + pad + columns;
        for (r, row) in image.outer_iter().enumerate() {
            for (to, &from) in wide[inside(r)].iter_mut().zip(row) {
                *to = from;
            }
        }
        parts
            .into_iter()
            .for_each(|part| run_part::<T, E>(&mut wide, stride, part));
        for (r, mut row) in image.outer_iter_mut().enumerate() {
            for (to, &from) in row.iter_mut().zip(&wide[inside(r)]) {
                *to = from;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{black_top_hat, close, dilate, erode, open, white_top_hat};
    use crate::morphology::StructuringElement::{self, HorizontalLine, Octagon, Square, VerticalLine};
    use ndarray::{Array2, ArrayView2, array};
    use proptest::prelude::*;

    /// The pixels of an element: what a dilation makes of one dot.
    fn footprint(element: StructuringElement) -> Vec<(isize, isize)> {
        let [down, across] = element.reach();
        let mut dot = Array2::<u16>::zeros((2 * down + 1, 2 * across + 1));
        dot[[down, across]] = 1;
        let grown = dilate(dot.view(), element);
        grown
            .indexed_iter()
            .filter(|&(_, &on)| on == 1)
            .map(|((r, c), _)| (r as isize - down as isize, c as isize - across as isize))
            .collect()
    }

    /// Extremum over a footprint, pixel by pixel.
    fn naive(image: ArrayView2<'_, u16>, footprint: &[(isize, isize)], largest: bool) -> Array2<u16> {
        Array2::from_shape_fn(image.dim(), |(r, c)| {
            let seen = footprint.iter().filter_map(|&(dr, dc)| {
                image
                    .get((r.checked_add_signed(dr)?, c.checked_add_signed(dc)?))
                    .copied()
            });
            if largest {
                seen.max().unwrap()
            } else {
                seen.min().unwrap()
            }
        })
    }

    #[test]
    fn an_octagon_drawn() {
        let mut dot = Array2::<u16>::zeros((9, 9));
        dot[[4, 4]] = 1;
        let grown = dilate(dot.view(), Octagon { radius: 4 });
        let expected = array![
            [0, 0, 1, 1, 1, 1, 1, 0, 0],
            [0, 1, 1, 1, 1, 1, 1, 1, 0],
            [1, 1, 1, 1, 1, 1, 1, 1, 1],
            [1, 1, 1, 1, 1, 1, 1, 1, 1],
            [1, 1, 1, 1, 1, 1, 1, 1, 1],
            [1, 1, 1, 1, 1, 1, 1, 1, 1],
            [1, 1, 1, 1, 1, 1, 1, 1, 1],
            [0, 1, 1, 1, 1, 1, 1, 1, 0],
            [0, 0, 1, 1, 1, 1, 1, 0, 0],
        ];
        assert_eq!(grown, expected);
    }

    #[test]
    fn an_opening_keeps_what_the_element_fits_into() {
        let image = array![
            [0_u16, 0, 0, 0, 0, 0],
            [0, 9, 9, 9, 0, 7],
            [0, 9, 9, 9, 0, 0],
            [0, 9, 9, 9, 5, 0],
            [0, 0, 0, 0, 0, 0],
        ];
        let kept = array![
            [0_u16, 0, 0, 0, 0, 0],
            [0, 9, 9, 9, 0, 0],
            [0, 9, 9, 9, 0, 0],
            [0, 9, 9, 9, 0, 0],
            [0, 0, 0, 0, 0, 0],
        ];
        assert_eq!(open(image.view(), Square { half_side: 1 }), kept);
        let removed = white_top_hat(image.view(), Square { half_side: 1 });
        assert_eq!(
            (
                removed[[1, 5]],
                removed[[3, 4]],
                removed.iter().filter(|&&v| v > 0).count()
            ),
            (7, 5, 2)
        );
        let inverted = image.mapv(|value| 9 - value);
        assert_eq!(
            close(inverted.view(), Square { half_side: 1 }),
            kept.mapv(|value| 9 - value)
        );
        assert_eq!(black_top_hat(inverted.view(), Square { half_side: 1 }), removed);
    }

    #[test]
    fn an_element_larger_than_the_image_sees_all_of_it() {
        let image = array![[3_u16, 1, 2], [9, 5, 4]];
        assert!(
            erode(image.view(), Square { half_side: 1000 })
                .iter()
                .all(|&value| value == 1)
        );
        assert!(
            dilate(image.view(), Octagon { radius: 1000 })
                .iter()
                .all(|&value| value == 9)
        );
        assert_eq!(
            erode(Array2::<u16>::zeros((0, 5)).view(), Octagon { radius: 3 }).dim(),
            (0, 5)
        );
        assert_eq!(
            erode(Array2::<u16>::zeros((5, 0)).view(), Octagon { radius: 3 }).dim(),
            (5, 0)
        );
    }

    fn any_element() -> impl Strategy<Value = StructuringElement> {
        (0_usize..12, 0..4).prop_map(|(size, kind)| match kind {
            0 => HorizontalLine { half_length: size },
            1 => VerticalLine { half_length: size },
            2 => Square { half_side: size },
            _ => Octagon { radius: size },
        })
    }

    fn any_image() -> impl Strategy<Value = Array2<u16>> {
        (1_usize..40, 1_usize..40).prop_flat_map(|(rows, columns)| {
            proptest::collection::vec(0_u16..50, rows * columns)
                .prop_map(move |values| Array2::from_shape_vec((rows, columns), values).unwrap())
        })
    }

    proptest! {
        #[test]
        fn equals_the_definition(image in any_image(), element in any_element()) {
            let footprint = footprint(element);
            prop_assert_eq!(erode(image.view(), element), naive(image.view(), &footprint, false));
            prop_assert_eq!(dilate(image.view(), element), naive(image.view(), &footprint, true));
            let real = image.mapv(f32::from);
            prop_assert_eq!(erode(real.view(), element), naive(image.view(), &footprint, false).mapv(f32::from));
            prop_assert_eq!(dilate(real.view(), element), naive(image.view(), &footprint, true).mapv(f32::from));
        }

        #[test]
        fn an_opening_lowers_and_settles(image in any_image(), element in any_element()) {
            let opened = open(image.view(), element);
            prop_assert!(opened.iter().zip(&image).all(|(low, high)| low <= high));
            prop_assert_eq!(open(opened.view(), element), opened.clone());
            let turned = image.t().as_standard_layout().into_owned();
            if let Square { .. } | Octagon { .. } = element {
                prop_assert_eq!(open(turned.view(), element), opened.t().as_standard_layout().into_owned());
            }
        }
    }

    #[test]
    fn strips_meet_without_a_seam() {
        let image = Array2::from_shape_fn((40, 1200), |(r, c)| ((r * 7919 + c * 104_729) % 4093) as u16);
        let element = VerticalLine { half_length: 5 };
        assert_eq!(
            dilate(image.view(), element),
            naive(image.view(), &footprint(element), true)
        );
        let element = Octagon { radius: 9 };
        assert_eq!(
            erode(image.view(), element),
            naive(image.view(), &footprint(element), false)
        );
    }
}
