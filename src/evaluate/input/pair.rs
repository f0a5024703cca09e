//! Which image of the truth is which image searched.

use super::{FoundImage, FoundSet, InputError, TruthImage, TruthSet};
use crate::evaluate::case::Case;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How images of the truth and images searched came together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inputs {
    /// Images of the truth.
    pub truth_images: u64,
    /// Images searched.
    pub found_images: u64,
    /// Images judged because both have them.
    pub paired: u64,
    /// Images of the truth that were not searched and are judged as if nothing had been found.
    pub missing_as_empty: u64,
    /// Images searched that the truth does not have: left out.
    pub without_truth: u64,
    /// Images whose searched area is that of the body as the search saw it; of others it is the whole image.
    pub body_area_known: u64,
}

/// Brings images together by path.
///
/// Names are equal, or else one is the end of the other, whole folders at a time: `a/b/1.dcm` and `b/1.dcm`, or
/// `set.zip!/b/1.dcm` and `1.dcm`. The frame must be the same. Images searched without truth are left out and counted.
/// An image that a labelling tool knows as `0123456789abcdef.png` is the one searched under that short name.
/// Images of the truth that were not searched are an error unless `missing_as_empty`.
///
/// # Errors
///
/// [`InputError`] if names are ambiguous, no image pairs, images are missing, or a pair has two sizes.
pub fn pair(mut truth: TruthSet, found: FoundSet, missing_as_empty: bool) -> Result<(Vec<Case>, Inputs), InputError> {
    let short: BTreeMap<&str, &FoundImage> = found
        .images
        .iter()
        .filter_map(|image| Some((image.image.as_deref()?, image)))
        .collect();
    for image in &mut truth.images {
        let stem = image.name.rsplit('/').next().and_then(|name| name.strip_suffix(".png"));
        if let Some(found) = stem.and_then(|stem| short.get(stem)) {
            image.name.clone_from(&found.name);
            image.frame = found.frame;
        }
    }
    let names = |name: &str| parts(name).join("/");
    let truth_keys: Vec<Key> = truth
        .images
        .iter()
        .map(|image| Key::new(&image.name, image.frame))
        .collect();
    let found_keys: Vec<Key> = found
        .images
        .iter()
        .map(|image| Key::new(&image.name, image.frame))
        .collect();
    once(&truth_keys)?;
    once(&found_keys)?;
    let partner = partners(&truth_keys, &found_keys)?;
    if partner.iter().all(Option::is_none) && !(truth.images.is_empty() && found.images.is_empty()) {
        let example = |name: Option<&str>| name.map_or("nothing".to_owned(), names);
        return Err(InputError::NothingPairs {
            truth: example(truth.images.first().map(|image| image.name.as_str())),
            found: example(found.images.first().map(|image| image.name.as_str())),
        });
    }
    let mut inputs = Inputs {
        truth_images: truth.images.len() as u64,
        found_images: searched(&found.images),
        ..Inputs::default()
    };
    let mut waiting: Vec<Option<FoundImage>> = found.images.into_iter().map(Some).collect();
    let (mut cases, mut missing) = (Vec::with_capacity(truth.images.len()), Vec::new());
    for (image, partner) in truth.images.into_iter().zip(partner) {
        let found = partner.and_then(|index| waiting[index].take());
        let result = match found {
            Some(found) => match &found.not_searched {
                None => Some(found),
                Some(why) => {
                    missing.push(format!("{} ({why})", image.name));
                    None
                }
            },
            None => {
                missing.push(image.name.clone());
                None
            }
        };
        inputs.paired += u64::from(result.is_some());
        inputs.body_area_known += u64::from(result.as_ref().is_some_and(|found| found.body.is_some()));
        cases.push(case(image, result)?);
    }
    if !missing.is_empty() && !missing_as_empty {
        let more = if missing.len() > 3 { ", ..." } else { "" };
        return Err(InputError::Missing {
            count: missing.len(),
            of: cases.len(),
            examples: format!("{}{more}", missing[..missing.len().min(3)].join(", ")),
        });
    }
    inputs.missing_as_empty = missing.len() as u64;
    inputs.without_truth = searched(waiting.iter().flatten());
    Ok((cases, inputs))
}

fn searched<'a>(images: impl IntoIterator<Item = &'a FoundImage>) -> u64 {
    images.into_iter().filter(|image| image.not_searched.is_none()).count() as u64
}

/// Path as parts, and frame.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    parts: Vec<String>,
    frame: u32,
}

impl Key {
    fn new(name: &str, frame: u32) -> Self {
        Self {
            parts: parts(name),
            frame,
        }
    }

    fn fits(&self, other: &Key) -> bool {
        self.frame == other.frame && (self.parts.ends_with(&other.parts) || other.parts.ends_with(&self.parts))
    }

    fn name(&self) -> String {
        self.parts.join("/")
    }
}

/// Folders and name; Windows separates by backslashes.
fn parts(name: &str) -> Vec<String> {
    let parts = name.split(['/', '\\']).filter(|part| !matches!(*part, "" | "."));
    parts.map(str::to_owned).collect()
}

fn once(keys: &[Key]) -> Result<(), InputError> {
    let mut sorted: Vec<&Key> = keys.iter().collect();
    sorted.sort_unstable();
    match sorted.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) if pair[0].frame > 1 => {
            Err(InputError::Twice(format!("{} frame {}", pair[0].name(), pair[0].frame)))
        }
        Some(pair) => Err(InputError::Twice(pair[0].name())),
        None => Ok(()),
    }
}

/// Index of the image searched for each image of the truth.
fn partners(truth: &[Key], found: &[Key]) -> Result<Vec<Option<usize>>, InputError> {
    let exact: BTreeMap<&Key, usize> = found.iter().zip(0..).collect();
    let mut partner: Vec<Option<usize>> = truth.iter().map(|key| exact.get(key).copied()).collect();
    let mut free = vec![true; found.len()];
    for &index in partner.iter().flatten() {
        free[index] = false;
    }
    let mut by_name: BTreeMap<Option<&String>, Vec<usize>> = BTreeMap::new();
    for (index, key) in found.iter().enumerate().filter(|(index, _)| free[*index]) {
        by_name.entry(key.parts.last()).or_default().push(index);
    }
    let mut taken: BTreeMap<usize, usize> = BTreeMap::new();
    for (at, key) in truth.iter().enumerate() {
        if partner[at].is_some() {
            continue;
        }
        let same = by_name.get(&key.parts.last()).map_or(&[][..], Vec::as_slice);
        let mut fitting = same.iter().copied().filter(|&index| found[index].fits(key));
        let Some(index) = fitting.next() else { continue };
        if let Some(other) = fitting.next() {
            return Err(ambiguous(key, &found[index], &found[other]));
        }
        if let Some(&other) = taken.get(&index) {
            return Err(ambiguous(&found[index], &truth[other], key));
        }
        taken.insert(index, at);
        partner[at] = Some(index);
    }
    Ok(partner)
}

fn ambiguous(name: &Key, first: &Key, second: &Key) -> InputError {
    InputError::Ambiguous {
        name: name.name(),
        first: first.name(),
        second: second.name(),
    }
}

fn case(image: TruthImage, searched: Option<FoundImage>) -> Result<Case, InputError> {
    let searched = searched.unwrap_or_default();
    let shape = match (image.shape, searched.shape) {
        (Some(truth), Some(found)) if truth != found => {
            let what = format!(
                "the truth has {} x {} pixels, the image searched {} x {}",
                truth.0, truth.1, found.0, found.1
            );
            return Err(super::budget::damaged(&image.name, what));
        }
        (truth, found) => truth.or(found),
    };
    let spacing = image.spacing.or(searched.spacing);
    let mut case = Case::new(image.name, shape.unwrap_or_default(), spacing);
    let whole = case.area_cm2.filter(|area| *area > 0.0);
    case.area_cm2 = whole.map(|area| area * searched.body.unwrap_or(1.0));
    case.synthetic = image.synthetic;
    case.part = image.part.or(searched.part);
    case.truth = image.foci;
    case.distractors = image.distractors;
    case.found = searched.detections;
    Ok(case)
}
