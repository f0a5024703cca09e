//! What several tests share.

pub mod jpeg;
pub mod jpeg_ls;
