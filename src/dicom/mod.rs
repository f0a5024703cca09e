//! The standard's words: attributes, SOP classes, transfer syntaxes, UIDs. Knows no pixels and no file.

pub mod attribute;
pub mod sop_class;
pub mod transfer_syntax;
pub mod uid;

pub use attribute::Attribute;
pub use transfer_syntax::{PixelEncoding, TransferSyntax};
