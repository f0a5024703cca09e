//! The `calxray` command.

fn main() {}
