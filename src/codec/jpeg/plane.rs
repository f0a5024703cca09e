//! Samples of one component while it is decoded.

use super::header::{Frame, Process};

/// One component, at its own resolution, with the samples that fill up its last blocks and units.
#[derive(Clone, Debug)]
pub(super) struct Plane {
    /// Lines and samples per line of the component itself: A.1.1.
    pub(super) height: usize,
    pub(super) width: usize,
    /// Samples from one stored line to the next.
    pub(super) stride: usize,
    pub(super) samples: Vec<u16>,
}

impl Plane {
    /// Empty planes of all components.
    pub(super) fn of_frame(frame: &Frame) -> Vec<Self> {
        let (rows, columns) = (frame.rows as usize, frame.columns as usize);
        let (most_across, most_down) = frame.factors();
        let unit = match frame.process {
            Process::Sequential | Process::Progressive => 8,
            Process::Lossless => 1,
        };
        let plane = |component: &super::header::Component| {
            let stride = columns.div_ceil(unit * most_across) * component.across * unit;
            let lines = rows.div_ceil(unit * most_down) * component.down * unit;
            Self {
                height: (rows * component.down).div_ceil(most_down),
                width: (columns * component.across).div_ceil(most_across),
                stride,
                samples: vec![0; lines * stride],
            }
        };
        frame.components.iter().map(plane).collect()
    }

    /// The line above `row`, empty when there is none, and the line `row`.
    pub(super) fn lines(&mut self, row: usize) -> (&[u16], &mut [u16]) {
        let (before, from) = self.samples.split_at_mut(row * self.stride);
        (
            &before[before.len().saturating_sub(self.stride)..],
            &mut from[..self.stride],
        )
    }
}

/// The samples of all planes interleaved by pixel, those of subsampled ones repeated.
pub(super) fn interleave(frame: &Frame, mut planes: Vec<Plane>) -> Vec<u16> {
    let (rows, columns) = (frame.rows as usize, frame.columns as usize);
    if let [plane] = &mut planes[..] {
        let mut samples = std::mem::take(&mut plane.samples);
        if plane.stride != columns {
            for row in 1..rows {
                samples.copy_within(row * plane.stride..row * plane.stride + columns, row * columns);
            }
        }
        samples.truncate(rows * columns);
        return samples;
    }
    let count = planes.len();
    let (most_across, most_down) = frame.factors();
    let mut samples = vec![0; rows * columns * count];
    for (index, (plane, component)) in planes.iter().zip(&frame.components).enumerate() {
        for (row, line) in samples.chunks_exact_mut(columns * count).enumerate() {
            let from = &plane.samples[row * component.down / most_down * plane.stride..][..plane.stride];
            for (column, sample) in line[index..].iter_mut().step_by(count).enumerate() {
                *sample = from[column * component.across / most_across];
            }
        }
    }
    samples
}
