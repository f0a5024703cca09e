//! What a detector may take for a focus and must not: recorded with its place.

use super::bone::{self, Bone, Quality};
use super::layers::Layers;
use super::outline::{Point, Shape, ellipse};
use super::texture::Texture;
use crate::label::{Region, Run};
use serde::{Deserialize, Serialize};

/// What kind of distractor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DistractorKind {
    /// Artery with calcified walls.
    Vessel,
    /// Sesamoid bone.
    Sesamoid,
    /// Accessory ossicle.
    Ossicle,
    /// Screw.
    Screw,
    /// Plate with screws.
    Plate,
    /// Surgical clips.
    Clip,
    /// Wire.
    Wire,
    /// Ring of metal.
    Ring,
    /// Prosthesis.
    Prosthesis,
    /// Coin.
    Coin,
    /// Lead letter.
    Marker,
    /// Ball bearing.
    Ball,
    /// Burned-in text.
    Text,
    /// Electrode with its snap and lead.
    Electrode,
    /// Button with holes.
    Button,
    /// Zip of clothing.
    Zip,
    /// Nipple.
    Nipple,
    /// Fold of skin.
    SkinFold,
    /// Dead or hot pixels, a dead column.
    DeadPixel,
    /// Lines of a grid.
    GridLine,
    /// Contrast medium in bowel or bladder.
    Contrast,
}

impl DistractorKind {
    /// Stable name, such as `skin_fold`.
    pub const fn name(self) -> &'static str {
        match self {
            DistractorKind::Vessel => "vessel",
            DistractorKind::Sesamoid => "sesamoid",
            DistractorKind::Ossicle => "ossicle",
            DistractorKind::Screw => "screw",
            DistractorKind::Plate => "plate",
            DistractorKind::Clip => "clip",
            DistractorKind::Wire => "wire",
            DistractorKind::Ring => "ring",
            DistractorKind::Prosthesis => "prosthesis",
            DistractorKind::Coin => "coin",
            DistractorKind::Marker => "marker",
            DistractorKind::Ball => "ball",
            DistractorKind::Text => "text",
            DistractorKind::Electrode => "electrode",
            DistractorKind::Button => "button",
            DistractorKind::Zip => "zip",
            DistractorKind::Nipple => "nipple",
            DistractorKind::SkinFold => "skin_fold",
            DistractorKind::DeadPixel => "dead_pixel",
            DistractorKind::GridLine => "grid_line",
            DistractorKind::Contrast => "contrast",
        }
    }
}

/// One distractor.
#[derive(Clone, Debug, PartialEq)]
pub struct Distractor {
    /// What it is.
    pub kind: DistractorKind,
    /// Its pixels.
    pub region: Region,
}

impl Distractor {
    pub(super) fn new(kind: DistractorKind, region: Region) -> Self {
        Self { kind, region }
    }
}

/// The pixels for which `inside` holds, in the box from `low` to `high`; `None` if there are none in the picture.
pub(super) fn pixels(
    layers: &Layers,
    (low, high): (Point, Point),
    inside: impl Fn(f32, f32) -> bool,
) -> Option<Region> {
    let window = layers.window(low, high, 0.0);
    let mut runs = Vec::new();
    let frame = layers.frame();
    for row in window.rows.0..window.rows.1 {
        for column in window.columns.0..window.columns.1 {
            let (x, y) = frame.scene(row as f32 + 0.5, column as f32 + 0.5);
            if inside(x, y) {
                runs.push(Run {
                    row: row as u32,
                    start: column as u32,
                    end: column as u32 + 1,
                });
            }
        }
    }
    Region::new(runs)
}

/// Adds a small corticated bone: a sesamoid or an ossicle. Returns its pixels.
pub(super) fn bone_pebble(
    layers: &mut Layers,
    at: Point,
    half: (f32, f32),
    quality: &Quality,
    texture: &Texture,
) -> Option<Region> {
    let shape = Shape::curve(&ellipse(at, half, 0.6));
    let pebble = Bone::flat(shape, 0.9 * half.0.min(half.1), 0.55, 0.25);
    bone::add(layers, &pebble, quality, texture);
    let reach = half.0.max(half.1);
    let (sine, cosine) = 0.6_f32.sin_cos();
    pixels(
        layers,
        ((at.0 - reach, at.1 - reach), (at.0 + reach, at.1 + reach)),
        |x, y| {
            let (dx, dy) = (x - at.0, y - at.1);
            ((dx * cosine + dy * sine) / half.0).hypot((dy * cosine - dx * sine) / half.1) < 1.0
        },
    )
}
