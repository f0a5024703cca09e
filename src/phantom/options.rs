//! What kind of phantoms to draw.

use super::{Kind, Scene, Split};

/// What kind of phantoms to draw.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// Scenes to choose from; empty: all.
    pub scenes: Vec<Scene>,
    /// Kinds of deposit to choose from; empty: the six of [`Kind::ALL`]. Scenes without any of them are not drawn,
    /// unless normal.
    pub kinds: Vec<Kind>,
    /// Share of images without deposits, `0.0..=1.0`.
    pub normal_share: f32,
    /// Side of a pixel in mm.
    pub spacing_mm: f32,
    /// Least and largest side of a pixel in mm, drawn evenly in the logarithm; `None`: [`Options::spacing_mm`].
    pub spacing_range: Option<(f32, f32)>,
    /// `(rows, columns)`; `None`: what the scene needs at that spacing.
    pub size: Option<(usize, usize)>,
    /// Range of the factor on mineral density, drawn evenly in the logarithm; 2 is dense, 1 is obvious, 0.1 is barely visible.
    pub density: (f32, f32),
    /// Range of the factor on the unrest of deposits, drawn likewise: below 1 they are smoother inside and in outline.
    pub roughness: (f32, f32),
    /// Half of the groups of deposits have margins that are smoothed by up to this standard deviation in mm.
    pub softness_mm: f32,
    /// Share of images with metal; likewise with calcified arteries, with clothing or electrodes, and with burned-in
    /// text. Half that share has dead pixels, less of it grid lines and contrast medium.
    pub distractor_share: f32,
    /// Part of the set: see [`Split`] for how they differ.
    pub split: Split,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            scenes: Vec::new(),
            kinds: Vec::new(),
            normal_share: 0.3,
            spacing_mm: 0.16,
            spacing_range: None,
            size: None,
            density: (0.2, 2.0),
            roughness: (1.0, 1.0),
            softness_mm: 0.0,
            distractor_share: 0.2,
            split: Split::Train,
        }
    }
}

impl Options {
    /// Whether deposits of `kind` may be drawn.
    pub(super) fn allows(&self, kind: Kind) -> bool {
        if self.kinds.is_empty() {
            Kind::ALL.contains(&kind)
        } else {
            self.kinds.contains(&kind)
        }
    }
}
