//! One image file, opened: header known, pixels to be had frame by frame.

use super::error::ReadError;
use super::header::Header;
use super::options::Limits;
use super::raster;
use crate::radiograph::Radiograph;
use std::sync::Arc;

/// One image file whose header qualified. Holds the compressed bytes; decodes one frame at a time.
#[derive(Debug)]
pub struct Instance {
    pub(super) header: Header,
    pub(super) bytes: Arc<[u8]>,
    pub(super) limits: Limits,
}

impl Instance {
    /// What the file says of itself.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// How many images the instance holds, at least 1.
    pub fn frames(&self) -> usize {
        self.header.frames as usize
    }

    /// Image number `frame`, 0-based, with settled polarity.
    ///
    /// # Errors
    ///
    /// If the frame does not exist, or its pixels are damaged or in an encoding this version does not read.
    pub fn radiograph(&self, frame: usize) -> Result<Radiograph, ReadError> {
        if frame >= self.frames() {
            return Err(ReadError::Frame {
                frame,
                frames: self.frames(),
            });
        }
        raster::radiograph(&self.header, &self.bytes, &self.limits)
    }
}
