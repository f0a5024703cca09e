//! Corrections that a reviewer saved from `report.html`.

use super::budget::{Budget, damaged, shape};
use super::{InputError, TruthImage, TruthSet, machine_name};
use crate::evaluate::case::{Distractor, TruthFocus, Visibility};
use crate::write::Rle;
use serde::Deserialize;

/// The version this can read.
const VERSION: u32 = 1;

#[derive(Debug, Deserialize)]
pub(super) struct File {
    calxray_corrections: u32,
    images: Vec<Image>,
}

#[derive(Debug, Deserialize)]
struct Image {
    path: String,
    /// Short name by its bytes.
    image: Option<String>,
    frame: u32,
    rows: u64,
    columns: u64,
    foci: Vec<Focus>,
}

#[derive(Debug, Deserialize)]
struct Focus {
    focus: u32,
    decision: Decision,
    label: Option<String>,
    predicted: String,
    segmentation: Rle,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Decision {
    None,
    Accept,
    Relabel,
    Reject,
}

/// Accepted and relabelled foci are the truth; what was rejected fools, and what nobody decided on counts neither way.
pub(super) fn truth(file: File) -> Result<TruthSet, InputError> {
    if file.calxray_corrections != VERSION {
        return Err(damaged(
            "corrections",
            format!("of version {}, this reads version {VERSION}", file.calxray_corrections),
        ));
    }
    let mut budget = Budget::default();
    let mut images = Vec::with_capacity(file.images.len());
    for image in file.images {
        let extent = shape(&image.path, image.rows, image.columns)?;
        let mut read = TruthImage {
            frame: image.frame,
            short: image.image,
            shape: Some(extent),
            ..TruthImage::default()
        };
        for focus in image.foci {
            let place = format!("{}, focus {}", image.path, focus.focus);
            let fits = focus.segmentation.size == [extent.0, extent.1];
            let region = fits.then(|| focus.segmentation.decode()).flatten();
            let region = region.ok_or_else(|| damaged(&place, "run lengths that hold no mask of the image"))?;
            let region = budget.take(&place, region)?;
            let label = match (focus.decision, focus.label) {
                (Decision::Relabel, None) => return Err(damaged(&place, "relabelled without a label")),
                (Decision::Relabel, Some(label)) => label,
                _ => focus.predicted,
            };
            if focus.decision == Decision::Reject {
                read.distractors.push(Distractor {
                    region,
                    kind: "rejected".into(),
                });
                continue;
            }
            read.foci.push(TruthFocus {
                visibility: match focus.decision {
                    Decision::None => Visibility::Ignore,
                    _ => Visibility::Clear,
                },
                ..TruthFocus::new(region, machine_name(&label))
            });
        }
        read.name = image.path;
        images.push(read);
    }
    Ok(TruthSet {
        images,
        ..TruthSet::default()
    })
}
