//! What an image is: pixels with settled polarity, an honest spacing, and what the header says of the place.
//!
//! Takes nothing, gives the types every later room reads. Knows no file format, no DICOM tag, no window.

mod distance;
mod growth;
mod mask;
mod place;
mod spacing;
mod warning;

pub use mask::{Mask, MaskRow};
pub use place::{BodyPart, Laterality, Place};
pub use spacing::{PixelSpacing, SpacingPlane, SpacingSource};
pub use warning::Warning;

use ndarray::{Array2, ArrayView2};

/// One projection image: shape `(rows, columns)`, origin at the top left, no VOI window.
///
/// Polarity is settled on reading: **a larger value is more radio-opaque**, always.
/// Pixels stay 16 bit; the modality value of pixel `p` is `intercept + slope * p` (see [`ValueScale`]).
#[derive(Clone, Debug)]
pub struct Radiograph {
    pixels: Array2<u16>,
    value_scale: ValueScale,
    valid: Option<Mask>,
    spacing: Option<PixelSpacing>,
    place: Place,
    warnings: Vec<Warning>,
}

/// The line that leads from a stored pixel back to the value after the modality LUT (PS3.3 C.11.1).
///
/// The slope is negative when polarity had to be turned.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ValueScale {
    /// Modality value of pixel 0.
    pub intercept: f64,
    /// Modality values per pixel step. Never zero.
    pub slope: f64,
}

impl Default for ValueScale {
    fn default() -> Self {
        Self {
            intercept: 0.0,
            slope: 1.0,
        }
    }
}

impl Radiograph {
    /// A radiograph of `pixels` in which a larger value is more radio-opaque.
    ///
    /// # Panics
    ///
    /// If either side of `pixels` is empty.
    pub fn new(pixels: Array2<u16>) -> Self {
        assert!(!pixels.is_empty(), "a radiograph has at least one pixel");
        Self {
            pixels: if pixels.is_standard_layout() {
                pixels
            } else {
                pixels.as_standard_layout().into_owned()
            },
            value_scale: ValueScale::default(),
            valid: None,
            spacing: None,
            place: Place::default(),
            warnings: Vec::new(),
        }
    }

    /// The same image with a stated spacing.
    #[must_use]
    pub fn with_spacing(mut self, spacing: Option<PixelSpacing>) -> Self {
        self.spacing = spacing;
        self
    }

    /// The same image with the line that leads back to modality values.
    #[must_use]
    pub fn with_value_scale(mut self, value_scale: ValueScale) -> Self {
        self.value_scale = value_scale;
        self
    }

    /// The same image of which only `valid` pixels carry a measurement (off padding, inside a declared shutter).
    ///
    /// # Panics
    ///
    /// If the shapes differ.
    #[must_use]
    pub fn with_valid(mut self, valid: Option<Mask>) -> Self {
        if let Some(mask) = &valid {
            assert_eq!(mask.shape(), self.shape(), "mask and pixels differ in shape");
        }
        self.valid = valid;
        self
    }

    /// The same image with what the header says of body part, side and view.
    #[must_use]
    pub fn with_place(mut self, place: Place) -> Self {
        self.place = place;
        self
    }

    /// The same image with warnings found on reading.
    #[must_use]
    pub fn with_warnings(mut self, warnings: Vec<Warning>) -> Self {
        self.warnings = warnings;
        self
    }

    /// Pixels, shape `(rows, columns)`, row-major and contiguous; larger is more radio-opaque.
    pub fn pixels(&self) -> ArrayView2<'_, u16> {
        self.pixels.view()
    }

    /// `(rows, columns)`, both above zero.
    pub fn shape(&self) -> (usize, usize) {
        self.pixels.dim()
    }

    /// The line from a pixel to its modality value.
    pub fn value_scale(&self) -> ValueScale {
        self.value_scale
    }

    /// Pixels that carry a measurement; `None` means all of them.
    pub fn valid(&self) -> Option<&Mask> {
        self.valid.as_ref()
    }

    /// Distance between pixel centres; `None` when the file states none: then sizes exist in pixels only.
    pub fn spacing(&self) -> Option<PixelSpacing> {
        self.spacing
    }

    /// What the header says of body part, side, view and age.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// What reading found odd, in the order it was found.
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }
}
