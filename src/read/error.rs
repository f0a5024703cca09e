//! Why an input could not become a radiograph: damaged, valid but not supported, or not to be had.

/// Which of three things went wrong; a batch counts them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// The bytes contradict themselves or end too early.
    Damaged,
    /// Valid, as far as we can tell, but this version does not read it.
    Unsupported,
    /// The bytes could not be had; says nothing about the image.
    FileSystem,
}

impl ErrorKind {
    /// Stable name for tables: `damaged`, `unsupported`, `file_system`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Damaged => "damaged",
            Self::Unsupported => "unsupported",
            Self::FileSystem => "file_system",
        }
    }
}

/// Why an input could not become a [`Radiograph`](crate::radiograph::Radiograph).
///
/// Messages name the attribute and never hold a patient's data or a path.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The bytes could not be had; says nothing about the image.
    #[error("cannot read the file")]
    Io(#[from] std::io::Error),
    /// The data set breaks off or is not built as PS3.5 section 7 says.
    #[error("{0}")]
    Structure(String),
    /// The standard requires the attribute and the file lacks it.
    #[error("attribute {0} is missing")]
    Missing(&'static str),
    /// The attribute holds something it cannot mean.
    #[error("{attribute} is {found}, expected {expected}")]
    Value {
        /// The attribute's name.
        attribute: &'static str,
        /// What it holds.
        found: String,
        /// What it may hold.
        expected: &'static str,
    },
    /// Pixel Data, or a fragment of it, is shorter than the image or its own length asks for.
    #[error("Pixel Data holds {found} bytes where {expected} are announced")]
    PixelDataLength {
        /// Bytes present.
        found: u64,
        /// Frames x rows x columns x samples x bytes per sample, or the fragment's length.
        expected: u64,
    },
    /// Larger than [`Limits`](super::Limits) allow.
    #[error("{attribute} asks for {found}, the limit is {limit}")]
    Limit {
        /// What is too large.
        attribute: &'static str,
        /// What the input asks for.
        found: u64,
        /// What is allowed.
        limit: u64,
    },
    /// Valid, but this version does not read it.
    #[error("{attribute} {what} is not supported")]
    Unsupported {
        /// The attribute that asks for it.
        attribute: &'static str,
        /// What it asks for.
        what: String,
    },
    /// The compressed pixels do not decode.
    #[error("frame {frame} does not decode as {syntax}: {message}")]
    Codec {
        /// 0-based.
        frame: usize,
        /// Name of the encoding.
        syntax: &'static str,
        /// The decoder's reason.
        message: String,
    },
    /// The caller asked for a frame beyond the last.
    #[error("frame {frame} of {frames} does not exist")]
    Frame {
        /// 0-based, as asked.
        frame: usize,
        /// How many there are.
        frames: usize,
    },
}

impl ReadError {
    /// Which of the three causes.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Io(_) => ErrorKind::FileSystem,
            Self::Limit { .. } | Self::Unsupported { .. } | Self::Frame { .. } => ErrorKind::Unsupported,
            Self::Structure(_)
            | Self::Missing(_)
            | Self::Value { .. }
            | Self::PixelDataLength { .. }
            | Self::Codec { .. } => ErrorKind::Damaged,
        }
    }

    /// The message with those of its causes, on one line.
    pub fn explained(&self) -> String {
        let mut message = self.to_string();
        let mut cause = std::error::Error::source(self);
        while let Some(error) = cause {
            message = format!("{message}: {error}");
            cause = error.source();
        }
        message
    }

    /// How far reading came: `open`, `header` or `decode`.
    pub fn stage(&self) -> &'static str {
        match self {
            Self::Io(_) => "open",
            Self::Codec { .. } | Self::Frame { .. } => "decode",
            _ => "header",
        }
    }

    /// Name of the DICOM attribute at fault, where one is.
    pub fn attribute(&self) -> Option<&str> {
        match self {
            Self::Missing(attribute)
            | Self::Value { attribute, .. }
            | Self::Limit { attribute, .. }
            | Self::Unsupported { attribute, .. } => Some(attribute),
            Self::PixelDataLength { .. } | Self::Codec { .. } => Some("Pixel Data"),
            Self::Frame { .. } => Some("Number of Frames"),
            Self::Io(_) | Self::Structure(_) => None,
        }
    }
}
