//! The one integration test binary: a module per subject.

mod architecture;
mod codec;
mod command;
mod evaluate;
mod inspect;
mod read;
mod scan;
mod support;
