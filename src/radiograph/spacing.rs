//! Distance between pixel centres, the plane it is true in, and where it came from.

use crate::units::Millimetres;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The plane in which a spacing is true.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SpacingPlane {
    /// In the patient: a corrected or calibrated _Pixel Spacing_ (0028,0030).
    Patient,
    /// On the detector: _Imager Pixel Spacing_ (0018,1164), where things look magnified.
    Detector,
    /// The file gives a spacing but not enough to tell which of the two.
    Unknown,
}

/// Which statement a spacing was taken from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SpacingSource {
    /// _Pixel Spacing_ (0028,0030).
    PixelSpacing,
    /// _Imager Pixel Spacing_ (0018,1164).
    ImagerPixelSpacing,
    /// _Nominal Scanned Pixel Spacing_ (0018,2010), digitised film.
    NominalScannedPixelSpacing,
    /// The user's `--spacing`.
    User,
    /// A phantom's geometry.
    Phantom,
}

/// Distance between the centres of neighbouring pixels (DICOM PS3.3, 10.7.1.3).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct PixelSpacing {
    /// From one row to the next, down the image. The first value of the DICOM pair.
    pub between_rows: Millimetres,
    /// From one column to the next, across the image. The second value of the DICOM pair.
    pub between_columns: Millimetres,
    /// Where both hold.
    pub plane: SpacingPlane,
    /// Which statement both were taken from.
    pub source: SpacingSource,
}

impl PixelSpacing {
    /// Equal spacing both ways, in millimetres; `None` unless finite and above zero.
    pub fn square(mm: f64, plane: SpacingPlane, source: SpacingSource) -> Option<Self> {
        let side = Millimetres::new(mm)?;
        Some(Self {
            between_rows: side,
            between_columns: side,
            plane,
            source,
        })
    }

    /// Area of one pixel in square millimetres.
    pub fn pixel_area(&self) -> f64 {
        self.between_rows.get() * self.between_columns.get()
    }

    /// Geometric mean of both spacings in millimetres.
    pub fn mean(&self) -> f64 {
        self.pixel_area().sqrt()
    }
}
