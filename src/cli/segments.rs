//! `--segments`, shared by verbs.

use crate::write::seg::SegmentBy;

/// What `--segments` takes.
#[derive(clap::ValueEnum, Clone, Copy, Debug, Default)]
pub enum Segments {
    /// All foci of one label.
    #[default]
    Label,
    /// Each focus.
    Focus,
}

impl From<Segments> for SegmentBy {
    fn from(segments: Segments) -> Self {
        match segments {
            Segments::Label => Self::Label,
            Segments::Focus => Self::Focus,
        }
    }
}
