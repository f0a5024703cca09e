//! Bytes to radiograph: decode, modality LUT, polarity, padding, spacing; DICOM, PNG, TIFF, JPEG.
//!
//! Only this room decides polarity and spacing. Never applies a VOI window.
