//! Pixel decoders that no pure Rust crate has: JPEG-LS, and JPEG Extended with 12 bits. Bytes in, samples out; knows no DICOM.
