//! Rows of figures, the same in the table and on the page.

use super::naming::Naming;
use super::operating::Operating;
use super::words::{counts, figure, title};

/// Heads of [`parts`].
pub(super) const PARTS: [&str; 5] = ["", "images", "clear off bone", "visible off bone", "false per image"];

/// Heads of [`labels`].
pub(super) const LABELS: [&str; 4] = ["", "F1", "recall", "precision"];

/// A row per part of the body.
pub(super) fn parts(at: &Operating) -> impl Iterator<Item = Vec<String>> {
    at.by_part.iter().map(|part| {
        vec![
            title(&part.name),
            part.images.to_string(),
            figure(part.clear.figure()),
            figure(part.visible.figure()),
            figure(part.false_per_image),
        ]
    })
}

/// A row per true name.
pub(super) fn labels(naming: &Naming) -> impl Iterator<Item = Vec<String>> {
    naming.labels.iter().map(|label| {
        let of = |share: &super::Share| format!("{} ({})", figure(share.figure()), counts(share));
        vec![
            title(&label.label),
            figure(label.f1),
            of(&label.recall),
            of(&label.precision),
        ]
    })
}
