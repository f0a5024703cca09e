//! Erosion and dilation by flat elements, and what is made of them.

use super::StructuringElement;
use super::element::Part;
use super::rows::{Extremum, Flow, Grey, Largest, Smallest};
use ndarray::{Array2, ArrayView2};

/// The smallest value under `element` around each pixel. What lies outside the image never decides.
///
/// Same values as `scipy.ndimage.grey_erosion` with a flat footprint.
pub fn erode<T: Grey>(image: ArrayView2<'_, T>, element: StructuringElement) -> Array2<T> {
    let mut flow = TwoFlows::<T, Smallest, Largest>::of(image.dim(), [Some(element), None]);
    mapped(image, &mut flow, |_, extremum| extremum)
}

/// The largest value under `element` around each pixel. What lies outside the image never decides.
///
/// Same values as `scipy.ndimage.grey_dilation` with a flat footprint.
pub fn dilate<T: Grey>(image: ArrayView2<'_, T>, element: StructuringElement) -> Array2<T> {
    let mut flow = TwoFlows::<T, Largest, Smallest>::of(image.dim(), [Some(element), None]);
    mapped(image, &mut flow, |_, extremum| extremum)
}

/// Erosion, then dilation: removes bright structure into which `element` does not fit.
pub fn open<T: Grey>(image: ArrayView2<'_, T>, element: StructuringElement) -> Array2<T> {
    let mut flow = TwoFlows::<T, Smallest, Largest>::of(image.dim(), [Some(element); 2]);
    mapped(image, &mut flow, |_, extremum| extremum)
}

/// Dilation, then erosion: removes dark structure into which `element` does not fit.
pub fn close<T: Grey>(image: ArrayView2<'_, T>, element: StructuringElement) -> Array2<T> {
    let mut flow = TwoFlows::<T, Largest, Smallest>::of(image.dim(), [Some(element); 2]);
    mapped(image, &mut flow, |_, extremum| extremum)
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
    let mut flow = TwoFlows::<T, Smallest, Largest>::of(image.dim(), [Some(element); 2]);
    mapped(image, &mut flow, |high, low| high.minus(low))
}

/// What the closing adds, never below zero: dark structure narrower than `element`.
pub fn black_top_hat<T: Grey>(image: ArrayView2<'_, T>, element: StructuringElement) -> Array2<T> {
    let mut flow = TwoFlows::<T, Largest, Smallest>::of(image.dim(), [Some(element); 2]);
    mapped(image, &mut flow, |low, high| high.minus(low))
}

/// [`erode`] without a second image.
pub fn erode_in_place<T: Grey>(image: &mut Array2<T>, element: StructuringElement) {
    let mut flow = TwoFlows::<T, Smallest, Largest>::of(image.dim(), [Some(element), None]);
    in_place(image, &mut flow, |_, low| low);
}

/// [`dilate`] without a second image.
pub fn dilate_in_place<T: Grey>(image: &mut Array2<T>, element: StructuringElement) {
    let mut flow = TwoFlows::<T, Largest, Smallest>::of(image.dim(), [Some(element), None]);
    in_place(image, &mut flow, |_, high| high);
}

/// [`open`] without a second image.
pub fn open_in_place<T: Grey>(image: &mut Array2<T>, element: StructuringElement) {
    let mut flow = TwoFlows::<T, Smallest, Largest>::of(image.dim(), [Some(element); 2]);
    in_place(image, &mut flow, |_, low| low);
}

/// [`close`] without a second image.
pub fn close_in_place<T: Grey>(image: &mut Array2<T>, element: StructuringElement) {
    let mut flow = TwoFlows::<T, Largest, Smallest>::of(image.dim(), [Some(element); 2]);
    in_place(image, &mut flow, |_, high| high);
}

/// One extremum, then the other, row by row.
struct TwoFlows<T, A, B> {
    first: Flow<T, A>,
    second: Flow<T, B>,
    /// Rows that the first has still to give.
    to_come: usize,
}

impl<T: Grey, A: Extremum<T>, B: Extremum<T>> TwoFlows<T, A, B> {
    /// Flows through an image of shape `(rows, columns)`; `None` leaves rows as they are.
    fn of((rows, columns): (usize, usize), elements: [Option<StructuringElement>; 2]) -> Self {
        let flow = |element: Option<StructuringElement>| {
            let element = match element {
                // This far it sees the whole image from any pixel.
                Some(StructuringElement::Octagon { radius }) => Some(StructuringElement::Octagon {
                    radius: radius.min(rows + columns),
                }),
                other => other,
            };
            let pad = element.map_or(0, StructuringElement::detour);
            let mut parts = element.map_or_else(Vec::new, StructuringElement::parts);
            for part in &mut parts {
                if let Part::Slanted(half, 0) = part {
                    *half = (*half).min(rows + 2 * pad);
                }
            }
            (parts, pad)
        };
        let [(first, first_pad), (second, second_pad)] = elements.map(flow);
        Self {
            first: Flow::new(&first, first_pad, columns),
            second: Flow::new(&second, second_pad, columns),
            to_come: rows,
        }
    }

    fn lag(&self) -> usize {
        self.first.lag() + self.second.lag()
    }

    /// The next row of the image, or one below it; gives the row of [`TwoFlows::lag`] rows ago, if there is one.
    fn push(&mut self, row: Option<&[T]>) -> Option<&[T]> {
        if self.to_come == 0 {
            return self.second.push(None);
        }
        let between = self.first.push(row)?;
        self.to_come -= 1;
        self.second.push(Some(between))
    }
}

/// `combine` of each value of `image` and what comes out of `flow` in its place.
fn mapped<T: Grey, A: Extremum<T>, B: Extremum<T>>(
    image: ArrayView2<'_, T>,
    flow: &mut TwoFlows<T, A, B>,
    combine: impl Fn(T, T) -> T,
) -> Array2<T> {
    let (rows, columns) = image.dim();
    let image = image.as_standard_layout();
    let mut values = Vec::with_capacity(image.len());
    if let (Some(data), false) = (image.as_slice(), image.is_empty()) {
        let lag = flow.lag();
        let row = |r: usize| &data[r * columns..][..columns];
        for r in 0..rows + lag {
            let Some(out) = flow.push((r < rows).then(|| row(r))) else {
                continue;
            };
            values.extend(
                row(r - lag)
                    .iter()
                    .zip(out)
                    .map(|(&value, &extremum)| combine(value, extremum)),
            );
        }
    }
    // As many rows come out as went in.
    Array2::from_shape_vec((rows, columns), values).unwrap_or_else(|_| image.into_owned())
}

/// Replaces each value by `combine` of itself and what comes out of `flow` in its place.
fn in_place<T: Grey, A: Extremum<T>, B: Extremum<T>>(
    image: &mut Array2<T>,
    flow: &mut TwoFlows<T, A, B>,
    combine: impl Fn(T, T) -> T,
) {
    let (rows, columns) = image.dim();
    if image.is_empty() {
        return;
    }
    if !image.is_standard_layout() {
        *image = image.as_standard_layout().into_owned();
    }
    let Some(data) = image.as_slice_mut() else { return };
    let lag = flow.lag();
    for r in 0..rows + lag {
        let row = (r < rows).then(|| &data[r * columns..][..columns]);
        // A row is replaced only after the flow has seen it.
        let Some(out) = flow.push(row) else { continue };
        let target = &mut data[(r - lag) * columns..][..columns];
        for (value, &extremum) in target.iter_mut().zip(out) {
            *value = combine(*value, extremum);
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
