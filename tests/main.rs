//! The one integration test binary: a module per subject.

mod architecture;
mod codec;
mod command;
mod compare;
mod evaluate;
mod inspect;
mod oracle;
mod pacs;
mod read;
mod scan;
mod support;
mod train;
