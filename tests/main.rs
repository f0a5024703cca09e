//! The one integration test binary: a module per subject.

mod architecture;
mod codec;
mod read;
mod command;
mod inspect;
mod scan;
mod support;
