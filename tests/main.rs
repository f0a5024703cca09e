//! The one integration test binary: a module per subject.

mod architecture;
mod codec;
mod read;
mod support;
