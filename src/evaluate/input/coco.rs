//! COCO object detection files (Lin et al., doi 10.1007/978-3-319-10602-1_48), as truth and as detections.

use super::budget::{Budget, damaged, shape};
use super::{FoundImage, FoundSet, InputError, TruthImage, TruthSet, machine_name, polygon, spacing, visibility};
use crate::evaluate::case::{Detection, TruthFocus, Visibility};
use crate::label::{Region, Run};
use crate::units::Millimetres;
use crate::write::Rle;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Most pixels of a mask given as plain counts.
const PIXELS_ON: u64 = 1 << 24;

/// Number of an image or category; some tools write text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(untagged)]
pub(super) enum Id {
    Number(i64),
    Text(String),
}

impl std::fmt::Display for Id {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Id::Number(number) => write!(f, "{number}"),
            Id::Text(text) => f.write_str(text),
        }
    }
}

/// A COCO file; also with the extra fields that calxray and a lab may write.
#[derive(Debug, Deserialize)]
pub(super) struct File {
    #[serde(default)]
    info: Info,
    #[serde(default)]
    synthetic: bool,
    images: Vec<Image>,
    #[serde(default)]
    categories: Vec<Category>,
    annotations: Vec<Annotation>,
}

#[derive(Debug, Default, Deserialize)]
struct Info {
    #[serde(default)]
    description: Option<String>,
    #[serde(default)]
    synthetic: bool,
}

#[derive(Debug, Deserialize)]
struct Image {
    id: Id,
    file_name: String,
    /// Short name, as calxray writes it.
    image: Option<String>,
    height: Option<u64>,
    width: Option<u64>,
    frame: Option<u32>,
    #[serde(alias = "pixel_spacing", alias = "spacing")]
    spacing_mm: Option<Spacing>,
    #[serde(default)]
    synthetic: bool,
    #[serde(alias = "scene")]
    body_part: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Spacing {
    Square(f64),
    /// From row to row, from column to column, as in DICOM.
    Pair([f64; 2]),
}

impl Spacing {
    fn get(&self) -> Option<[Millimetres; 2]> {
        match *self {
            Spacing::Square(side) => spacing(side, side),
            Spacing::Pair([down, across]) => spacing(down, across),
        }
    }
}

#[derive(Debug, Deserialize)]
struct Category {
    id: Id,
    name: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Annotation {
    id: Option<Id>,
    image_id: Id,
    category_id: Option<Id>,
    bbox: Option<[f64; 4]>,
    segmentation: Option<Segmentation>,
    #[serde(default)]
    iscrowd: Flag,
    #[serde(default)]
    ignore: Flag,
    cnr: Option<f32>,
    cnr_noise: Option<f32>,
    over_bone: Option<f32>,
    visibility: Option<Visibility>,
    score: Option<f32>,
    label_score: Option<f32>,
}

/// A yes or no, as COCO writes it or as JSON does.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Flag {
    Number(f64),
    Truth(bool),
}

impl Default for Flag {
    fn default() -> Self {
        Flag::Truth(false)
    }
}

impl Flag {
    fn is_set(&self) -> bool {
        match *self {
            Flag::Number(number) => number != 0.0,
            Flag::Truth(truth) => truth,
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Segmentation {
    Polygons(Vec<Vec<f64>>),
    Compressed(Rle),
    Counts { size: [u32; 2], counts: Vec<u64> },
}

/// The truth a COCO file holds.
pub(super) fn truth(file: File) -> Result<TruthSet, InputError> {
    let categories = names(&file.categories);
    let ids = by_number(&file.images)?;
    let mut images = Vec::with_capacity(file.images.len());
    let all_synthetic = file.is_synthetic();
    for image in file.images {
        images.push(TruthImage {
            shape: image.shape()?,
            spacing: image.spacing_mm.as_ref().and_then(Spacing::get),
            frame: image.frame.unwrap_or(1),
            synthetic: all_synthetic || image.synthetic,
            part: image.body_part.map(|part| machine_name(&part).into()),
            name: image.file_name,
            ..TruthImage::default()
        });
    }
    let mut budget = Budget::default();
    for (number, annotation) in (1..).zip(file.annotations) {
        let place = annotation.place(number);
        let at = *ids
            .get(&annotation.image_id)
            .ok_or_else(|| no_image(&place, &annotation))?;
        let image = &mut images[at];
        let (region, masked) = annotation.region(&place, image.shape, &mut budget)?;
        let ignored = annotation.iscrowd.is_set() || annotation.ignore.is_set();
        image.foci.push(TruthFocus {
            region,
            masked,
            label: annotation.label(&place, &categories)?.into(),
            visibility: match annotation.visibility {
                _ if ignored => Visibility::Ignore,
                Some(stated) => stated,
                None => visibility(annotation.cnr, annotation.cnr_noise),
            },
            cnr: annotation.cnr,
            over_bone: annotation.over_bone,
        });
    }
    Ok(TruthSet {
        images,
        ids,
        categories,
    })
}

/// The detections a COCO file holds.
pub(super) fn found(file: File) -> Result<FoundSet, InputError> {
    let categories = names(&file.categories);
    let ids = by_number(&file.images)?;
    let mut images = Vec::with_capacity(file.images.len());
    for image in file.images {
        images.push(FoundImage {
            shape: image.shape()?,
            spacing: image.spacing_mm.as_ref().and_then(Spacing::get),
            frame: image.frame.unwrap_or(1),
            part: image.body_part.map(|part| machine_name(&part).into()),
            image: image.image,
            name: image.file_name,
            ..FoundImage::default()
        });
    }
    place(file.annotations, &ids, &categories, &mut images)?;
    Ok(FoundSet { images })
}

/// A list of COCO results, whose images and categories are those of `truth`. Images it does not mention were searched
/// without a result.
pub(super) fn results(annotations: Vec<Annotation>, truth: &TruthSet) -> Result<FoundSet, InputError> {
    let image = |image: &TruthImage| FoundImage {
        name: image.name.clone(),
        frame: image.frame,
        shape: image.shape,
        ..FoundImage::default()
    };
    let mut images: Vec<FoundImage> = truth.images.iter().map(image).collect();
    place(annotations, &truth.ids, &truth.categories, &mut images)?;
    Ok(FoundSet { images })
}

/// Puts annotations as detections to their images.
fn place(
    annotations: Vec<Annotation>,
    ids: &BTreeMap<Id, usize>,
    categories: &BTreeMap<Id, String>,
    images: &mut [FoundImage],
) -> Result<(), InputError> {
    let mut budget = Budget::default();
    for (number, annotation) in (1..).zip(annotations) {
        let place = annotation.place(number);
        let at = *ids
            .get(&annotation.image_id)
            .ok_or_else(|| no_image(&place, &annotation))?;
        let image = &mut images[at];
        let (region, masked) = annotation.region(&place, image.shape, &mut budget)?;
        let score = annotation.score.filter(|score| score.is_finite());
        let score = score.ok_or_else(|| damaged(&place, "a detection has a score"))?;
        image.detections.push(Detection {
            masked,
            label_score: annotation.label_score,
            scores: Vec::new(),
            ..Detection::new(region, score, annotation.label(&place, categories)?)
        });
    }
    Ok(())
}

fn names(categories: &[Category]) -> BTreeMap<Id, String> {
    let name = |category: &Category| (category.id.clone(), machine_name(&category.name));
    categories.iter().map(name).collect()
}

/// Where each image is in the list, by its number.
fn by_number(images: &[Image]) -> Result<BTreeMap<Id, usize>, InputError> {
    let mut ids = BTreeMap::new();
    for (at, image) in images.iter().enumerate() {
        if ids.insert(image.id.clone(), at).is_some() {
            return Err(damaged(
                &image.file_name,
                format!("a second image with number {}", image.id),
            ));
        }
    }
    Ok(ids)
}

fn no_image(place: &str, annotation: &Annotation) -> InputError {
    damaged(place, format!("there is no image with number {}", annotation.image_id))
}

impl File {
    fn is_synthetic(&self) -> bool {
        let said = self.info.description.as_deref().unwrap_or("").to_lowercase();
        self.synthetic
            || self.info.synthetic
            || said.split(|c: char| !c.is_alphabetic()).any(|word| word == "synthetic")
    }
}

impl Image {
    fn shape(&self) -> Result<Option<(u32, u32)>, InputError> {
        match (self.height, self.width) {
            (Some(rows), Some(columns)) if rows > 0 || columns > 0 => shape(&self.file_name, rows, columns).map(Some),
            _ => Ok(None),
        }
    }
}

impl Annotation {
    fn place(&self, number: usize) -> String {
        match &self.id {
            Some(id) => format!("annotation {id}"),
            None => format!("annotation number {number}"),
        }
    }

    fn label(&self, place: &str, categories: &BTreeMap<Id, String>) -> Result<String, InputError> {
        let Some(id) = &self.category_id else {
            return Ok(crate::classify::Label::Indeterminate.name().to_owned());
        };
        let name = categories.get(id);
        name.cloned()
            .ok_or_else(|| damaged(place, format!("there is no category with number {id}")))
    }

    /// The pixels, and whether they are a mask and not a mere box.
    fn region(
        &self,
        place: &str,
        image: Option<(u32, u32)>,
        budget: &mut Budget,
    ) -> Result<(Region, bool), InputError> {
        let of_image = || image.ok_or_else(|| damaged(place, "its image has no height and width"));
        let sized = |size: [u32; 2]| match image {
            Some((rows, columns)) if size != [rows, columns] => Err(damaged(
                place,
                format!("a mask of {} x {} in an image of {rows} x {columns}", size[0], size[1]),
            )),
            _ => shape(place, u64::from(size[0]), u64::from(size[1])),
        };
        let region = match &self.segmentation {
            Some(Segmentation::Polygons(polygons)) if !polygons.is_empty() => {
                polygon::fill(polygons, of_image()?).map_err(|what| damaged(place, what))?
            }
            Some(Segmentation::Compressed(rle)) => {
                sized(rle.size)?;
                Some(
                    rle.decode()
                        .ok_or_else(|| damaged(place, "its run lengths hold no mask"))?,
                )
            }
            Some(Segmentation::Counts { size, counts }) => {
                from_counts(sized(*size)?, counts).map_err(|what| damaged(place, what))?
            }
            Some(Segmentation::Polygons(_)) | None => {
                let Some(corners) = self.bbox else {
                    return Err(damaged(place, "neither a mask nor a box"));
                };
                let region = from_box(corners, of_image()?);
                let region = region.ok_or_else(|| damaged(place, "its box lies outside the image"))?;
                return Ok((budget.take(place, region)?, false));
            }
        };
        let region = region.ok_or_else(|| damaged(place, "its mask is empty"))?;
        Ok((budget.take(place, region)?, true))
    }
}

/// Pixels of a box `[x, y, width, height]`, at least one, inside the image.
pub(super) fn from_box([x, y, width, height]: [f64; 4], (rows, columns): (u32, u32)) -> Option<Region> {
    let side = |low: f64, length: f64, end: u32| {
        let first = low.round();
        let last = (low + length.max(0.0)).round().max(first + 1.0);
        // What is not a number ends as an empty stretch.
        (first.max(0.0) as u32, last.clamp(0.0, f64::from(end)) as u32)
    };
    let ((left, right), (top, bottom)) = (side(x, width, columns), side(y, height, rows));
    let run = |row| Run {
        row,
        start: left,
        end: right,
    };
    (left < right).then(|| Region::new((top..bottom).map(run).collect()))?
}

/// Pixels of run lengths counted down the columns, beginning with pixels that are off.
fn from_counts((rows, columns): (u32, u32), counts: &[u64]) -> Result<Option<Region>, String> {
    let end = u64::from(rows) * u64::from(columns);
    let mut runs = Vec::new();
    let mut at = 0_u64;
    let on: u64 = counts
        .iter()
        .skip(1)
        .step_by(2)
        .fold(0, |sum, &count| sum.saturating_add(count));
    if on > PIXELS_ON {
        return Err("a mask too large for a focus".to_owned());
    }
    for (index, &count) in counts.iter().enumerate() {
        let next = at.checked_add(count).filter(|&next| next <= end);
        let next = next.ok_or("run lengths that leave the image")?;
        if index % 2 == 1 {
            runs.extend((at..next).map(|at| {
                let (column, row) = ((at / u64::from(rows)) as u32, (at % u64::from(rows)) as u32);
                Run {
                    row,
                    start: column,
                    end: column + 1,
                }
            }));
        }
        at = next;
    }
    if at != end {
        return Err("run lengths that do not fill the image".to_owned());
    }
    Ok(Region::new(runs))
}
