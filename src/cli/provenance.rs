//! What a model was fitted to and how it does: a file beside the model.

use super::Failure;
use crate::classify::Model;
use crate::train::Gain;
use crate::write::atomic;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The model that was there before.
#[derive(Debug, Serialize)]
pub(super) struct Before {
    identity: String,
    built_on: String,
    /// How many of the images it was fitted to itself; `None` if that is not recorded.
    shared_images: Option<usize>,
}

/// What is written beside a model.
#[derive(Debug, Serialize)]
pub(super) struct Provenance<'a> {
    pub(super) identity: &'a str,
    pub(super) built_on: &'a str,
    pub(super) before: Before,
    /// Held-out figures before and after.
    pub(super) held_out: &'a Gain,
    /// SHA-256 of the files of the images, in order.
    pub(super) images: &'a BTreeSet<String>,
}

/// What of it is read again.
#[derive(Debug, Deserialize)]
struct Earlier {
    images: BTreeSet<String>,
}

/// The file beside the model `out`.
pub(super) fn beside(out: &Path) -> PathBuf {
    out.with_extension("figures.json")
}

impl Before {
    /// `model`, from the file `path` if it was not built in, before a fit to `images`.
    pub(super) fn new(model: &Model, path: Option<&Path>, images: &BTreeSet<String>) -> Self {
        // What cannot be read records nothing.
        let earlier = path.and_then(|path| std::fs::read(beside(path)).ok());
        let earlier = earlier.and_then(|bytes| serde_json::from_slice::<Earlier>(&bytes).ok());
        Self {
            identity: model.identity.clone(),
            built_on: model.built_on.clone(),
            shared_images: earlier.map(|earlier| earlier.images.intersection(images).count()),
        }
    }
}

impl Provenance<'_> {
    /// Writes it beside the model `out`.
    pub(super) fn write(&self, out: &Path) -> Result<(), Failure> {
        let path = beside(out);
        let text = serde_json::to_string_pretty(self).map_err(Failure::failed)? + "\n";
        atomic::write(&path, text.as_bytes()).map_err(|error| Failure::output(&path, error.source))
    }
}

impl std::fmt::Display for Provenance<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(
            f,
            "Before and after, on images that the new model was not fitted to; 95 % intervals by resampling {} patients, or images of none:",
            self.held_out.units
        )?;
        write!(f, "{}", self.held_out)?;
        write!(
            f,
            "Before: {}, built on {}. ",
            self.before.identity, self.before.built_on
        )?;
        match self.before.shared_images {
            None => writeln!(
                f,
                "Which images those were is not recorded: if any of these {} was among them, the figures before are too good.",
                self.images.len()
            ),
            Some(0) => writeln!(
                f,
                "None of these {} images was among those it was fitted to.",
                self.images.len()
            ),
            Some(shared) => writeln!(
                f,
                "It was fitted to {shared} of these {} images itself: the figures before are too good.",
                self.images.len()
            ),
        }
    }
}
