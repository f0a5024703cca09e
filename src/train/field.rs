//! Weights of foci that lie together: a field of a hundred grains is not a hundred times the evidence of one mass.

use super::Image;
use crate::classify::Label;

/// Weight of each of an image's foci called `label`, and of all of them together.
pub(super) fn in_field(image: &Image, label: Label) -> (f32, f32) {
    let own = image.targets.iter().filter(|target| target.name() == Some(label));
    let count = own.count() as f32;
    let each = (1.0 / count.max(1.0).sqrt()).max(0.2);
    (each, each * count)
}

/// Weight of all foci called `label` in `images`.
pub(super) fn in_fields(images: &[Image], label: Label) -> f32 {
    images.iter().map(|image| in_field(image, label).1).sum()
}
