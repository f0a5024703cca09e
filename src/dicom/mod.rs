//! The standard's words: attributes, codes, SOP classes, transfer syntaxes, UIDs. Knows no pixels and no file.

pub mod attribute;
pub mod code;
pub mod context;
pub mod pseudonym;
pub mod sop_class;
pub mod text;
pub mod transfer_syntax;
pub mod uid;

pub use attribute::Attribute;
pub use code::Code;
pub use context::Context;
pub use pseudonym::SiteKey;
pub use transfer_syntax::{PixelEncoding, TransferSyntax};
