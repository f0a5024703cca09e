//! Intermediate images of a walk, kept on request for `inspect --trace`.

use crate::radiograph::Mask;
use ndarray::Array2;

/// One intermediate image.
#[derive(Clone, Debug)]
pub enum TraceImage {
    /// Grey values of any range.
    Grey(Array2<f32>),
    /// Yes or no.
    Mask(Mask),
}

/// Named intermediate images in the order of the walk; each on the grid of its own stage.
#[derive(Clone, Debug, Default)]
pub struct Trace {
    /// Name in snake case, and image.
    pub images: Vec<(String, TraceImage)>,
}

impl Trace {
    pub(super) fn grey(&mut self, name: impl Into<String>, image: &Array2<f32>) {
        self.images.push((name.into(), TraceImage::Grey(image.clone())));
    }

    pub(super) fn mask(&mut self, name: impl Into<String>, mask: &Mask) {
        self.images.push((name.into(), TraceImage::Mask(mask.clone())));
    }
}
