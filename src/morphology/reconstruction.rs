//! Grey reconstruction: what a marker can flood without rising above a ceiling.

use super::rows::{Extremum, Grey, Largest, Smallest};
use super::{StructuringElement, erode};
use ndarray::{Array2, ArrayView2};
use std::collections::VecDeque;

/// The highest image below `ceiling` in which every summit is one of `marker`; neighbours share an edge or a corner.
///
/// `marker` is cut to `ceiling` first. Same values as `skimage.morphology.reconstruction(marker, ceiling)`.
///
/// # Panics
///
/// If the shapes differ.
///
/// # Source
///
/// L. Vincent, IEEE Trans. Image Process. 2(2), 1993, doi 10.1109/83.217222: two raster scans, then a queue.
pub fn reconstruct_by_dilation<T: Grey>(marker: ArrayView2<'_, T>, ceiling: ArrayView2<'_, T>) -> Array2<T> {
    assert_eq!(marker.dim(), ceiling.dim(), "marker and ceiling differ in shape");
    let (rows, columns) = marker.dim();
    let mut flooded = marker.as_standard_layout().into_owned();
    let ceiling = ceiling.as_standard_layout();
    let (Some(level), Some(ceiling)) = (flooded.as_slice_mut(), ceiling.as_slice()) else {
        return flooded;
    };
    if rows == 0 || columns == 0 {
        return flooded;
    }
    for (level, &ceiling) in level.iter_mut().zip(ceiling) {
        *level = Smallest::of(*level, ceiling);
    }
    scan(level, ceiling, columns, false);
    scan(level, ceiling, columns, true);
    let mut queue = VecDeque::new();
    for at in 0..level.len() {
        if neighbours(at, rows, columns).any(|next| level[next] < level[at] && level[next] < ceiling[next]) {
            queue.push_back(at);
        }
    }
    while let Some(at) = queue.pop_front() {
        for next in neighbours(at, rows, columns) {
            if level[next] < level[at] && level[next] < ceiling[next] {
                level[next] = Smallest::of(level[at], ceiling[next]);
                queue.push_back(next);
            }
        }
    }
    flooded
}

/// Opening that keeps the form of what survives: the erosion by `element`, flooded back under the image.
pub fn open_by_reconstruction<T: Grey>(image: ArrayView2<'_, T>, element: StructuringElement) -> Array2<T> {
    reconstruct_by_dilation(erode(image, element).view(), image)
}

/// One raster scan, from the last pixel backwards if `backward`.
fn scan<T: Grey>(level: &mut [T], ceiling: &[T], columns: usize, backward: bool) {
    let rows = level.len() / columns;
    let mut before: Vec<T> = vec![T::LOWEST; columns];
    for i in 0..rows {
        let r = if backward { rows - 1 - i } else { i };
        let row = &mut level[r * columns..][..columns];
        let ceiling = &ceiling[r * columns..][..columns];
        // From the row before: straight, then both diagonals.
        for (a, &b) in row.iter_mut().zip(&before) {
            *a = Largest::of(*a, b);
        }
        for (a, &b) in row[1..].iter_mut().zip(&before) {
            *a = Largest::of(*a, b);
        }
        for (a, &b) in row.iter_mut().zip(&before[1..]) {
            *a = Largest::of(*a, b);
        }
        let mut last = T::LOWEST;
        let mut step = |(a, &top): (&mut T, &T)| {
            last = Smallest::of(Largest::of(*a, last), top);
            *a = last;
        };
        if backward {
            row.iter_mut().zip(ceiling).rev().for_each(&mut step);
        } else {
            row.iter_mut().zip(ceiling).for_each(&mut step);
        }
        before.copy_from_slice(row);
    }
}

/// Up to eight pixels around `at`.
fn neighbours(at: usize, rows: usize, columns: usize) -> impl Iterator<Item = usize> {
    let (r, c) = (at / columns, at % columns);
    let across = c.saturating_sub(1)..(c + 2).min(columns);
    (r.saturating_sub(1)..(r + 2).min(rows))
        .flat_map(move |y| across.clone().map(move |x| y * columns + x))
        .filter(move |&next| next != at)
}

#[cfg(test)]
mod tests {
    use super::{open_by_reconstruction, reconstruct_by_dilation};
    use crate::morphology::{StructuringElement, dilate};
    use ndarray::{Array2, array};
    use proptest::prelude::*;

    #[test]
    fn a_summit_without_marker_is_cut_to_its_pass() {
        let ceiling = array![[1_u16, 8, 1, 3, 9, 1]];
        let marker = array![[0_u16, 8, 0, 0, 0, 0]];
        assert_eq!(
            reconstruct_by_dilation(marker.view(), ceiling.view()),
            array![[1, 8, 1, 1, 1, 1]]
        );
    }

    #[test]
    fn what_the_element_fits_into_keeps_its_corners() {
        let mut image = Array2::<f32>::zeros((12, 12));
        for r in 2..7 {
            for c in 2..7 {
                image[[r, c]] = 5.0;
            }
        }
        image[[7, 7]] = 4.0;
        let mut with_speck = image.clone();
        with_speck[[10, 2]] = 9.0;
        let element = StructuringElement::Octagon { radius: 2 };
        assert_eq!(open_by_reconstruction(with_speck.view(), element), image);
    }

    proptest! {
        #[test]
        fn equals_repeated_dilation(
            (rows, columns, values) in (1_usize..12, 1_usize..12).prop_flat_map(|(r, c)| {
                (Just(r), Just(c), proptest::collection::vec((0_u16..9, 0_u16..9), r * c))
            })
        ) {
            let ceiling = Array2::from_shape_fn((rows, columns), |(r, c)| values[r * columns + c].0);
            let marker = Array2::from_shape_fn((rows, columns), |(r, c)| values[r * columns + c].1);
            let cut = |image: Array2<u16>| {
                let mut image = image;
                image.zip_mut_with(&ceiling, |a, &b| *a = (*a).min(b));
                image
            };
            let mut level = cut(marker.clone());
            loop {
                let next = cut(dilate(level.view(), StructuringElement::Square { half_side: 1 }));
                if next == level {
                    break;
                }
                level = next;
            }
            prop_assert_eq!(reconstruct_by_dilation(marker.view(), ceiling.view()), level);
        }
    }
}
