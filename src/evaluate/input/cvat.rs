//! Annotations of CVAT for images 1.1: polygons and boxes.

use super::budget::{Budget, damaged, shape};
use super::xml::{Event, Reader};
use super::{InputError, TruthImage, TruthSet, coco, machine_name, polygon};
use crate::evaluate::case::TruthFocus;

/// The truth of a file of annotations. Every image in it counts as looked at.
pub(super) fn truth(text: &str) -> Result<TruthSet, InputError> {
    let mut budget = Budget::default();
    let mut images: Vec<TruthImage> = Vec::new();
    let mut inside = false;
    let mut reader = Reader::new(text);
    while let Some(event) = reader.next().map_err(|what| damaged("CVAT annotations", what))? {
        match event {
            Event::Open {
                name: "image",
                attributes,
            } => {
                let get = |key: &str| {
                    attributes
                        .iter()
                        .find(|(own, _)| *own == key)
                        .map(|(_, value)| value.as_str())
                };
                let name = get("name").ok_or_else(|| damaged("an image", "has no name"))?;
                let side = |key| get(key).and_then(|text: &str| text.parse().ok()).unwrap_or(0);
                images.push(TruthImage {
                    frame: 1,
                    shape: Some(shape(name, side("height"), side("width"))?),
                    name: name.to_owned(),
                    ..TruthImage::default()
                });
                inside = true;
            }
            Event::Close { name: "image" } => inside = false,
            Event::Open { name, attributes } if inside => {
                let Some(image) = images.last_mut() else { continue };
                let extent = image.shape.unwrap_or_default();
                let place = format!("{}, {name} {}", image.name, image.foci.len() + 1);
                let get = |key: &str| {
                    let found = attributes
                        .iter()
                        .find(|(own, _)| *own == key)
                        .map(|(_, value)| value.as_str());
                    found.ok_or_else(|| damaged(&place, format!("has no {key}")))
                };
                let number = |text: &str| {
                    let number: Option<f64> = text.trim().parse().ok();
                    number.ok_or_else(|| damaged(&place, format!("{text:?} is no number")))
                };
                let (pixels, masked) = match name {
                    "polygon" => {
                        let numbers = get("points")?.split([';', ',']).map(number);
                        let points = numbers.collect::<Result<Vec<f64>, _>>()?;
                        let filled = polygon::fill(&[points], extent).map_err(|what| damaged(&place, what))?;
                        (filled, true)
                    }
                    "box" => {
                        let [left, top, right, bottom] =
                            ["xtl", "ytl", "xbr", "ybr"].map(|key| get(key).and_then(number));
                        let (left, top) = (left?, top?);
                        let corners = [left, top, right? - left, bottom? - top];
                        (coco::from_box(corners, extent), false)
                    }
                    "mask" | "ellipse" | "polyline" | "points" | "cuboid" | "skeleton" => {
                        return Err(damaged(&place, "only polygons and boxes are read"));
                    }
                    // Attributes of a shape, tags of an image.
                    _ => continue,
                };
                let pixels = pixels.ok_or_else(|| damaged(&place, "it holds no pixel of the image"))?;
                image.foci.push(TruthFocus {
                    masked,
                    ..TruthFocus::new(budget.take(&place, pixels)?, machine_name(get("label")?))
                });
            }
            Event::Open { .. } | Event::Close { .. } => {}
        }
    }
    Ok(TruthSet {
        images,
        ..TruthSet::default()
    })
}
