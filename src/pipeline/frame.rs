//! The part of a picture that whole blocks tile, in its middle.
//!
//! Stages work on grids of blocks. Were these to begin at the upper left corner, the same radiograph mirrored or turned would be
//! read on other grids, and what is near a threshold would come out otherwise. So less than a block is left out, half of it at
//! each of two opposite edges: a picture of even sides gives the same blocks from every side.

use crate::finding::Candidate;
use crate::label::{Region, Run};
use crate::radiograph::{Mask, Radiograph};
use ndarray::Axis;
use ndarray::Slice;
use std::borrow::Cow;

/// A picture is cut only if it holds at least this many blocks along its shorter side.
const LEAST_BLOCKS: usize = 8;

/// The middle of a radiograph, and where it begins.
pub(super) struct Frame<'a> {
    pub(super) radiograph: Cow<'a, Radiograph>,
    /// Its first row and column in the whole picture.
    origin: (usize, usize),
}

impl<'a> Frame<'a> {
    /// The largest middle part of `radiograph` whose sides are multiples of `block` pixels.
    pub(super) fn of(radiograph: &'a Radiograph, block: usize) -> Self {
        let (rows, columns) = radiograph.shape();
        let (height, width) = (rows - rows % block, columns - columns % block);
        if (height, width) == (rows, columns) || height.min(width) < LEAST_BLOCKS * block {
            return Self {
                radiograph: Cow::Borrowed(radiograph),
                origin: (0, 0),
            };
        }
        let origin = ((rows - height) / 2, (columns - width) / 2);
        let mut pixels = radiograph.pixels();
        pixels.slice_axis_inplace(Axis(0), Slice::from(origin.0..origin.0 + height));
        pixels.slice_axis_inplace(Axis(1), Slice::from(origin.1..origin.1 + width));
        let valid: Option<Mask> = radiograph.valid().map(|valid| valid.window(origin, (height, width)));
        let middle = Radiograph::new(pixels.to_owned())
            .with_value_scale(radiograph.value_scale())
            .with_spacing(radiograph.spacing())
            .with_valid(valid)
            .with_place(radiograph.place().clone());
        Self {
            radiograph: Cow::Owned(middle),
            origin,
        }
    }

    /// Candidates of the middle as candidates of the whole picture.
    pub(super) fn back(&self, candidates: &mut [Candidate]) {
        let (down, right) = self.origin;
        if self.origin == (0, 0) {
            return;
        }
        for candidate in candidates {
            candidate.centroid[0] += down as f64;
            candidate.centroid[1] += right as f64;
            let moved = candidate.region.runs().iter().map(|run| Run {
                row: run.row + down as u32,
                start: run.start + right as u32,
                end: run.end + right as u32,
            });
            if let Some(region) = Region::new(moved.collect()) {
                candidate.region = region;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Frame;
    use crate::finding::Candidate;
    use crate::label::Region;
    use crate::measure::Features;
    use crate::radiograph::{Mask, Radiograph};
    use ndarray::{Array2, Axis};

    #[test]
    fn whole_blocks_are_the_same_from_every_side() {
        let pixels = Array2::from_shape_fn((206, 250), |(r, c)| (r * 250 + c) as u16);
        let radiograph = Radiograph::new(pixels.clone());
        let frame = Frame::of(&radiograph, 12);
        assert_eq!((frame.radiograph.shape(), frame.origin), ((204, 240), (1, 5)));
        let mut mirrored = pixels;
        mirrored.invert_axis(Axis(1));
        let other = Radiograph::new(mirrored);
        let other = Frame::of(&other, 12);
        let mut back = other.radiograph.pixels();
        back.invert_axis(Axis(1));
        assert_eq!(back, frame.radiograph.pixels());
    }

    #[test]
    fn what_is_found_lies_where_it_was() {
        let radiograph = Radiograph::new(Array2::from_elem((206, 250), 1));
        let frame = Frame::of(&radiograph, 12);
        let mut mask = Mask::empty((206, 250));
        mask.fill_run(40, 50, 57);
        let whole = Region::from_mask(&mask).unwrap();
        let part = Region::from_mask(&mask.window(frame.origin, frame.radiograph.shape())).unwrap();
        let mut candidates = [Candidate {
            region: part,
            centroid: [39.0, 48.0],
            features: Features::default(),
        }];
        frame.back(&mut candidates);
        assert_eq!(candidates[0].region, whole);
        assert_eq!(candidates[0].centroid, [40.0, 53.0]);
    }

    #[test]
    fn a_small_picture_stays_whole() {
        let radiograph = Radiograph::new(Array2::from_elem((60, 250), 1));
        assert_eq!(Frame::of(&radiograph, 12).radiograph.shape(), (60, 250));
    }
}
