//! Transfer syntaxes (PS3.5 annex A): how a data set is laid out and how its pixels are packed.

/// How Pixel Data is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PixelEncoding {
    /// Plain samples in one element.
    Native,
    /// Plain samples in fragments.
    EncapsulatedNative,
    /// Each frame a raw deflate stream.
    DeflatedFrame,
    /// Run lengths of bytes, one plane per byte of the sample.
    RunLength,
    /// JPEG: baseline, extended, progressive (retired), lossless; the codestream tells which.
    Jpeg,
    /// JPEG-LS, lossless or near-lossless.
    JpegLs,
    /// JPEG 2000 and High-Throughput JPEG 2000.
    Jpeg2000,
    /// JPEG XL.
    JpegXl,
    /// Video, or pixels that are elsewhere: not read.
    Unsupported,
}

/// One transfer syntax.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TransferSyntax {
    /// UID.
    pub uid: &'static str,
    /// The standard's name.
    pub name: &'static str,
    /// Each element says its value representation.
    pub explicit_vr: bool,
    /// Most significant byte first.
    pub big_endian: bool,
    /// The data set after the meta information is a raw deflate stream.
    pub deflated: bool,
    /// How Pixel Data is packed.
    pub encoding: PixelEncoding,
}

impl TransferSyntax {
    /// Implicit VR Little Endian.
    pub const IMPLICIT_LITTLE: Self = Self {
        uid: "1.2.840.10008.1.2",
        name: "Implicit VR Little Endian",
        explicit_vr: false,
        big_endian: false,
        deflated: false,
        encoding: PixelEncoding::Native,
    };
    /// Explicit VR Little Endian.
    pub const EXPLICIT_LITTLE: Self = encapsulated(
        "1.2.840.10008.1.2.1",
        "Explicit VR Little Endian",
        PixelEncoding::Native,
    );
    /// Explicit VR Big Endian (retired).
    pub const EXPLICIT_BIG: Self = Self {
        uid: "1.2.840.10008.1.2.2",
        name: "Explicit VR Big Endian",
        big_endian: true,
        ..Self::EXPLICIT_LITTLE
    };
    /// Deflated Explicit VR Little Endian.
    pub const DEFLATED: Self = Self {
        uid: "1.2.840.10008.1.2.1.99",
        name: "Deflated Explicit VR Little Endian",
        deflated: true,
        ..Self::EXPLICIT_LITTLE
    };

    /// The transfer syntax of `uid`, if we know it by name.
    ///
    /// ```
    /// use calxray::dicom::{PixelEncoding, TransferSyntax};
    /// let syntax = TransferSyntax::find("1.2.840.10008.1.2.5").expect("RLE is known");
    /// assert_eq!(syntax.encoding, PixelEncoding::RunLength);
    /// ```
    pub fn find(uid: &str) -> Option<&'static Self> {
        ALL.iter().find(|syntax| syntax.uid == uid)
    }

    /// Every transfer syntax we know by name.
    pub fn all() -> &'static [Self] {
        ALL
    }

    /// Whether we read its pixels.
    pub fn is_decoded(&self) -> bool {
        self.encoding != PixelEncoding::Unsupported
    }
}

/// Explicit VR, little endian: what every compressed transfer syntax builds on.
const fn encapsulated(uid: &'static str, name: &'static str, encoding: PixelEncoding) -> TransferSyntax {
    TransferSyntax {
        uid,
        name,
        explicit_vr: true,
        big_endian: false,
        deflated: false,
        encoding,
    }
}

const ALL: &[TransferSyntax] = {
    use PixelEncoding::{DeflatedFrame, EncapsulatedNative, Jpeg, Jpeg2000, JpegLs, JpegXl, RunLength, Unsupported};
    &[
        TransferSyntax::IMPLICIT_LITTLE,
        TransferSyntax::EXPLICIT_LITTLE,
        TransferSyntax::EXPLICIT_BIG,
        TransferSyntax::DEFLATED,
        encapsulated(
            "1.2.840.10008.1.2.1.98",
            "Encapsulated Uncompressed Explicit VR Little Endian",
            EncapsulatedNative,
        ),
        encapsulated(
            "1.2.840.10008.1.2.8.1",
            "Deflated Image Frame Compression",
            DeflatedFrame,
        ),
        encapsulated("1.2.840.10008.1.2.5", "RLE Lossless", RunLength),
        encapsulated("1.2.840.10008.1.2.4.50", "JPEG Baseline (Process 1)", Jpeg),
        encapsulated("1.2.840.10008.1.2.4.51", "JPEG Extended (Process 2 and 4)", Jpeg),
        encapsulated(
            "1.2.840.10008.1.2.4.53",
            "JPEG Spectral Selection, Non-Hierarchical (Process 6 and 8)",
            Jpeg,
        ),
        encapsulated(
            "1.2.840.10008.1.2.4.55",
            "JPEG Full Progression, Non-Hierarchical (Process 10 and 12)",
            Jpeg,
        ),
        encapsulated(
            "1.2.840.10008.1.2.4.57",
            "JPEG Lossless, Non-Hierarchical (Process 14)",
            Jpeg,
        ),
        encapsulated(
            "1.2.840.10008.1.2.4.70",
            "JPEG Lossless, Non-Hierarchical, First-Order Prediction",
            Jpeg,
        ),
        encapsulated("1.2.840.10008.1.2.4.80", "JPEG-LS Lossless", JpegLs),
        encapsulated("1.2.840.10008.1.2.4.81", "JPEG-LS Near-lossless", JpegLs),
        encapsulated("1.2.840.10008.1.2.4.90", "JPEG 2000 Lossless", Jpeg2000),
        encapsulated("1.2.840.10008.1.2.4.91", "JPEG 2000", Jpeg2000),
        encapsulated("1.2.840.10008.1.2.4.92", "JPEG 2000 Part 2 Lossless", Jpeg2000),
        encapsulated("1.2.840.10008.1.2.4.93", "JPEG 2000 Part 2", Jpeg2000),
        encapsulated(
            "1.2.840.10008.1.2.4.201",
            "High-Throughput JPEG 2000 Lossless",
            Jpeg2000,
        ),
        encapsulated(
            "1.2.840.10008.1.2.4.202",
            "High-Throughput JPEG 2000 with RPCL Lossless",
            Jpeg2000,
        ),
        encapsulated("1.2.840.10008.1.2.4.203", "High-Throughput JPEG 2000", Jpeg2000),
        encapsulated("1.2.840.10008.1.2.4.110", "JPEG XL Lossless", JpegXl),
        encapsulated("1.2.840.10008.1.2.4.111", "JPEG XL JPEG Recompression", JpegXl),
        encapsulated("1.2.840.10008.1.2.4.112", "JPEG XL", JpegXl),
        encapsulated("1.2.840.10008.1.2.4.94", "JPIP Referenced", Unsupported),
        encapsulated(
            "1.2.840.10008.1.2.4.100",
            "MPEG2 Main Profile / Main Level",
            Unsupported,
        ),
        encapsulated(
            "1.2.840.10008.1.2.4.101",
            "MPEG2 Main Profile / High Level",
            Unsupported,
        ),
        encapsulated("1.2.840.10008.1.2.4.102", "MPEG-4 AVC/H.264 High Profile", Unsupported),
        encapsulated(
            "1.2.840.10008.1.2.4.103",
            "MPEG-4 AVC/H.264 BD-compatible High Profile",
            Unsupported,
        ),
        encapsulated("1.2.840.10008.1.2.4.107", "HEVC/H.265 Main Profile", Unsupported),
        encapsulated("1.2.840.10008.1.2.4.108", "HEVC/H.265 Main 10 Profile", Unsupported),
    ]
};

#[cfg(test)]
mod tests {
    use super::{PixelEncoding, TransferSyntax};
    use std::collections::BTreeSet;

    #[test]
    fn each_uid_is_listed_once() {
        let uids: BTreeSet<_> = TransferSyntax::all().iter().map(|syntax| syntax.uid).collect();
        assert_eq!(uids.len(), TransferSyntax::all().len());
        assert!(uids.iter().all(|uid| crate::dicom::uid::is_valid(uid)));
    }

    #[test]
    fn video_is_known_but_not_decoded() {
        let video = TransferSyntax::find("1.2.840.10008.1.2.4.102").map(|syntax| syntax.encoding);
        assert_eq!(video, Some(PixelEncoding::Unsupported));
        assert_eq!(TransferSyntax::find("1.2.3"), None);
    }
}
