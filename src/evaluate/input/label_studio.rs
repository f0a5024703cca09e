//! Annotations of Label Studio: its JSON export of tasks with polygons and rectangles.

use super::budget::{Budget, damaged, shape};
use super::{InputError, TruthImage, TruthSet, coco, machine_name, polygon};
use crate::evaluate::case::TruthFocus;
use serde::Deserialize;

#[derive(Debug, Deserialize)]
pub(super) struct Task {
    data: Data,
    #[serde(default)]
    annotations: Vec<Annotation>,
}

#[derive(Debug, Deserialize)]
struct Data {
    /// Where calxray found the image.
    path: Option<String>,
    frame: Option<u32>,
    image: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Annotation {
    #[serde(default)]
    was_cancelled: bool,
    #[serde(default)]
    result: Vec<Region>,
}

#[derive(Debug, Deserialize)]
struct Region {
    #[serde(default)]
    id: String,
    #[serde(rename = "type")]
    kind: String,
    original_width: Option<u64>,
    original_height: Option<u64>,
    #[serde(default)]
    image_rotation: f64,
    value: Value,
}

/// Percent of the image.
#[derive(Debug, Deserialize)]
struct Value {
    #[serde(default)]
    points: Vec<[f64; 2]>,
    x: Option<f64>,
    y: Option<f64>,
    width: Option<f64>,
    height: Option<f64>,
    #[serde(default)]
    rotation: f64,
    #[serde(default)]
    polygonlabels: Vec<String>,
    #[serde(default)]
    rectanglelabels: Vec<String>,
}

/// The truth of tasks that were annotated: of several annotations of a task the last that was not skipped. Tasks without
/// one are left out, predictions are not looked at.
pub(super) fn truth(tasks: Vec<Task>) -> Result<TruthSet, InputError> {
    let mut budget = Budget::default();
    let mut images = Vec::new();
    for task in tasks {
        let annotation = task.annotations.into_iter().rev().find(|one| !one.was_cancelled);
        let Some(annotation) = annotation else { continue };
        let name = task.data.path.or_else(|| task.data.image.as_deref().map(file_name));
        let name = name.ok_or_else(|| damaged("a task", "its data has neither path nor image"))?;
        let mut image = TruthImage {
            frame: task.data.frame.unwrap_or(1),
            ..TruthImage::default()
        };
        for region in annotation.result {
            let place = format!("{name}, region {}", region.id);
            if !matches!(region.kind.as_str(), "polygonlabels" | "rectanglelabels") {
                let what = format!("{} is no polygon and no rectangle with a label", region.kind);
                return Err(damaged(&place, what));
            }
            let (Some(rows), Some(columns)) = (region.original_height, region.original_width) else {
                return Err(damaged(&place, "the size of the image is not stated"));
            };
            let extent = shape(&place, rows, columns)?;
            if *image.shape.get_or_insert(extent) != extent {
                return Err(damaged(&place, "another size than other regions of the image"));
            }
            if region.image_rotation != 0.0 || region.value.rotation != 0.0 {
                return Err(damaged(&place, "turned images and rectangles are not read"));
            }
            image.foci.push(focus(&place, region, extent, &mut budget)?);
        }
        image.name = name;
        images.push(image);
    }
    if images.is_empty() {
        return Err(damaged(
            "Label Studio",
            "no task is annotated; predictions are no truth",
        ));
    }
    Ok(TruthSet {
        images,
        ..TruthSet::default()
    })
}

fn focus(
    place: &str,
    region: Region,
    (rows, columns): (u32, u32),
    budget: &mut Budget,
) -> Result<TruthFocus, InputError> {
    let value = region.value;
    let of = |percent: f64, side: u32| percent / 100.0 * f64::from(side);
    let (pixels, masked, labels) = if region.kind == "polygonlabels" {
        let points = value.points.iter();
        let points = points.flat_map(|[x, y]| [of(*x, columns), of(*y, rows)]).collect();
        let filled = polygon::fill(&[points], (rows, columns)).map_err(|what| damaged(place, what))?;
        (filled, true, value.polygonlabels)
    } else {
        let (Some(x), Some(y), Some(width), Some(height)) = (value.x, value.y, value.width, value.height) else {
            return Err(damaged(place, "a rectangle without its four numbers"));
        };
        let corners = [of(x, columns), of(y, rows), of(width, columns), of(height, rows)];
        (coco::from_box(corners, (rows, columns)), false, value.rectanglelabels)
    };
    let pixels = pixels.ok_or_else(|| damaged(place, "it holds no pixel of the image"))?;
    let [label] = &labels[..] else {
        return Err(damaged(place, format!("{} labels instead of one", labels.len())));
    };
    Ok(TruthFocus {
        masked,
        ..TruthFocus::new(budget.take(place, pixels)?, machine_name(label))
    })
}

/// The last part of a URL, after the query of local files.
fn file_name(url: &str) -> String {
    let path = url.rsplit_once("?d=").map_or(url, |(_, path)| path);
    path.rsplit('/').next().unwrap_or(path).to_owned()
}
