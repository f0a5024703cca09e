//! The network that looks at candidates: learned where there are enough of them, and joined to the forests.
//!
//! How much the network has to say beside the forests is found out on images neither has seen: one fold is kept from the network, and
//! what the forests say there comes from forests without it.

use super::calibrate::{log_loss, loss_of_choices};
use super::detector::rarity;
use super::field::{in_field, in_fields};
use super::network::{self, Course, Example};
use super::{Answer, Choice, FOLDS, Image, Sheet, Target, calibrate, held_out, sharpness};
use crate::classify::Label;
use crate::classify::model::{LEAST_SCORE, Look, Names, Network, joined, joined_names, size};
use rayon::prelude::*;

/// Fewest foci from which a network is learned; with fewer that of the model before stays, and only its share is fitted.
const LEAST_FOCI: usize = 2000;
/// Most candidates that are nothing to learn from.
const MOST_NOTHING: usize = 150_000;
/// The fold that is kept from the network.
const KEPT: usize = 0;
/// Steps in which shares are tried.
const SHARES: usize = 20;
/// Mean weight of a name over that of whether there is a focus.
const NAME_WEIGHT: f32 = 0.5;

/// Images with or without a spacing, and what forests that have not seen them say of their candidates.
pub(super) struct Part<'a> {
    pub(super) images: &'a [Image],
    pub(super) names: &'a Names,
    /// Chance that each candidate of each image is a focus.
    pub(super) found: &'a mut [Vec<f32>],
    /// Chances of names of each candidate that has one, image after image.
    pub(super) named: &'a mut [Vec<f32>],
}

impl Part<'_> {
    /// What is said of each image.
    pub(super) fn sheets(self, sure: f32) -> Vec<Sheet> {
        let known: Vec<Label> = self.names.forests.keys().copied().collect();
        let mut named = self.named.iter();
        let each = self.images.iter().zip(&*self.found).map(|(image, found)| {
            let truths = image.targets.iter().filter_map(|target| target.name());
            let given = truths.zip(&mut named).map(|(truth, chances)| {
                let chances = known.iter().copied().zip(chances.iter().copied());
                (truth, held_out::given(chances, sure))
            });
            Sheet {
                unit: image.fold,
                named: given.collect(),
                found: held_out::found(image, found),
            }
        });
        each.collect()
    }
}

/// A network, and whether it was learned from these images but those of the fold that is kept from it.
pub(super) struct Fitted {
    pub(super) network: Network,
    pub(super) is_new: bool,
}

/// Whether an image was kept from a network that was learned.
pub(super) fn is_kept(unit: usize) -> bool {
    unit % FOLDS == KEPT
}

/// A network for the candidates of `parts`, learned or taken from the model before, and [`join`]ed to the forests. `None` if there is
/// none to take and too little to learn from.
pub(super) fn fit(parts: &mut [Part<'_>; 2], before: Option<&Network>) -> Option<Fitted> {
    let labels = labels(parts);
    let examples = examples(parts, &labels);
    let foci = examples.iter().filter(|example| example.focus.0).count();
    let is_new = foci >= LEAST_FOCI;
    let network = if is_new {
        network::fit(&examples, labels, &Course::default())
    } else {
        before?.clone()
    };
    drop(examples);
    join(parts, network, is_new)
}

/// Finds out how much `network` has to say beside the forests, on the images that neither has seen; changes what is said of candidates
/// to what forests and network say together. `None` if it has not looked at anything.
pub(super) fn join(parts: &mut [Part<'_>; 2], mut network: Network, is_new: bool) -> Option<Fitted> {
    let mut looks: Vec<Looks> = parts.iter().map(|part| looks(part, &network)).collect();
    let takes = |image: &Image| !is_new || is_kept(image.fold);
    network.finding = finding(parts, &looks, takes)?;
    // What is likely is looked at from all sides, which is surer: it takes a calibration of its own.
    for (part, looks) in parts.iter().zip(&mut looks) {
        look_again(part, &network, looks);
    }
    network.finding = finding(parts, &looks, takes)?;
    if let Some(naming) = naming(parts, &looks, &network, takes) {
        network.naming = naming;
    }
    for (part, looks) in parts.iter_mut().zip(&looks) {
        let mut named = part.named.iter_mut();
        for ((image, found), looks) in part.images.iter().zip(&mut *part.found).zip(looks) {
            for ((found, look), target) in found.iter_mut().zip(looks).zip(&image.targets) {
                if let Some(look) = look {
                    *found = joined(log_odds(*found), look.focus, network.finding);
                }
                if target.name().is_some()
                    && let Some(named) = named.next()
                    && let Some(look) = look
                {
                    *named = joined_names(&network, part.names.forests.keys(), named, look);
                }
            }
        }
    }
    Some(Fitted { network, is_new })
}

fn log_odds(chance: f32) -> f32 {
    let chance = chance.clamp(1e-6, 1.0 - 1e-6);
    (chance / (1.0 - chance)).ln()
}

/// Every label that forests know.
fn labels(parts: &[Part<'_>; 2]) -> Vec<Label> {
    let is_known = |label: &Label| parts.iter().any(|part| part.names.forests.contains_key(label));
    Label::ALL.into_iter().filter(is_known).collect()
}

/// What the network is learned from.
fn examples<'a>(parts: &[Part<'a>; 2], labels: &[Label]) -> Vec<Example<'a>> {
    let mut examples = Vec::new();
    let mut nothing = Vec::new();
    let amount = |label: Label| parts.iter().map(|part| in_fields(part.images, label)).sum::<f32>();
    let most = labels.iter().map(|&label| amount(label)).fold(0.0, f32::max);
    let rare = |label: Label| (most / amount(label).max(1.0)).sqrt().min(5.0);
    let rare: Vec<f32> = labels.iter().map(|&label| rare(label)).collect();
    for part in parts {
        let rarity = rarity(part.images);
        for image in part.images.iter().filter(|image| !is_kept(image.fold)) {
            for ((features, &target), views) in image.features.iter().zip(&image.targets).zip(&image.views) {
                let Some(views) = views else { continue };
                let name = target.name();
                let each = name.map_or(1.0, |label| in_field(image, label).0);
                let weight = match held_out::is_focus(target) {
                    None => 0.0,
                    Some(true) => each * name.map_or(1.0, |label| rarity[&label]),
                    Some(false) if target == Target::Part => 0.4,
                    Some(false) => 1.0,
                };
                let place = name.and_then(|name| labels.iter().position(|&label| label == name));
                let example = Example {
                    views,
                    size: size(features),
                    focus: (held_out::is_focus(target) == Some(true), weight),
                    name: place.map_or((0, 0.0), |place| (place, each * rare[place])),
                };
                match target {
                    Target::Nothing => nothing.push(example),
                    _ if weight > 0.0 || place.is_some() => examples.push(example),
                    _ => {}
                }
            }
        }
    }
    let (mut sum, mut count) = (0.0, 0.0);
    for (_, weight) in examples.iter().map(|example| example.name).filter(|name| name.1 > 0.0) {
        (sum, count) = (sum + weight, count + 1.0);
    }
    for example in &mut examples {
        example.name.1 *= NAME_WEIGHT * count / f32::max(sum, 1e-6);
    }
    let every = nothing.len().div_ceil(MOST_NOTHING).max(1);
    examples.extend(nothing.into_iter().step_by(every));
    examples
}

/// What the network says of every candidate that it looks at, image by image.
type Looks = Vec<Vec<Option<Look>>>;

/// What it says of each at first sight.
fn looks(part: &Part<'_>, network: &Network) -> Looks {
    let of = |image: &Image| {
        let each = image.features.iter().zip(&image.views);
        each.map(|(features, views)| Some(network.look(views.as_ref()?, features)))
            .collect()
    };
    part.images.par_iter().map(of).collect()
}

/// Looks from all sides at what both say is likely.
fn look_again(part: &Part<'_>, network: &Network, looks: &mut Looks) {
    let images = part.images.par_iter().zip(&*part.found).zip(looks);
    images.for_each(|((image, found), looks)| {
        let each = image.features.iter().zip(&image.views).zip(found).zip(looks);
        for (((features, views), &chance), look) in each {
            let (Some(views), Some(first)) = (views, look.take()) else {
                continue;
            };
            let is_likely = joined(log_odds(chance), first.focus, network.finding) >= LEAST_SCORE;
            *look = Some(if is_likely {
                network.look_from_all_sides(first, views, features)
            } else {
                first
            });
        }
    });
}

/// The share of the network in finding, with the calibration of what both say. `None` if nothing was looked at.
fn finding(parts: &[Part<'_>; 2], looks: &[Looks], takes: impl Fn(&Image) -> bool) -> Option<[f32; 3]> {
    let mut said = Vec::new();
    for (part, looks) in parts.iter().zip(looks) {
        for ((image, found), looks) in part.images.iter().zip(&*part.found).zip(looks) {
            if !takes(image) {
                continue;
            }
            for ((&target, &chance), look) in image.targets.iter().zip(found).zip(looks) {
                // A part gives way to its whole before anything is reported: it is no false report.
                if target == Target::Part {
                    continue;
                }
                if let (Some(is_true), Some(look)) = (held_out::is_focus(target), look) {
                    said.push((log_odds(chance), look.focus, is_true));
                }
            }
        }
    }
    if said.is_empty() {
        return None;
    }
    let of = |share: f32| {
        let blend = said.iter().map(|&(forests, look, is_true)| Answer {
            log_odds: forests + share * (look - forests),
            is_true,
            weight: 1.0,
        });
        let blend: Vec<Answer> = blend.collect();
        let [factor, offset] = calibrate(&blend);
        (log_loss(&blend, [factor, offset]), [share, factor, offset])
    };
    best(of)
}

/// The share of the network in naming, with the sharpness of what both say.
fn naming(
    parts: &[Part<'_>; 2],
    looks: &[Looks],
    network: &Network,
    takes: impl Fn(&Image) -> bool,
) -> Option<[f32; 2]> {
    // Logarithms of the chances of both, the number of the right name, and its weight.
    let mut said: Vec<(Vec<f32>, Vec<f32>, usize, f32)> = Vec::new();
    for (part, looks) in parts.iter().zip(looks) {
        let mut named = part.named.iter();
        let known: Vec<Label> = part.names.forests.keys().copied().collect();
        for (image, looks) in part.images.iter().zip(looks) {
            for (&target, look) in image.targets.iter().zip(looks) {
                let Some(name) = target.name() else { continue };
                let Some(chances) = named.next() else { continue };
                let Some(truth) = known.iter().position(|&label| label == name) else {
                    continue;
                };
                if let Some(look) = look.as_ref().filter(|_| takes(image)) {
                    let forests = chances.iter().map(|chance| chance.max(1e-6).ln()).collect();
                    let weight = in_field(image, name).0;
                    said.push((forests, network.names_of(look, known.iter()), truth, weight));
                }
            }
        }
    }
    if said.is_empty() {
        return None;
    }
    let of = |share: f32| {
        let blend = said.iter().map(|(forests, look, truth, weight)| Choice {
            log_chances: forests.iter().zip(look).map(|(a, b)| a + share * (b - a)).collect(),
            truth: *truth,
            weight: *weight,
        });
        let blend: Vec<Choice> = blend.collect();
        let sharpness = sharpness(&blend);
        (loss_of_choices(&blend, f64::from(sharpness)), [share, sharpness])
    };
    best(of)
}

/// What `of` gives for the share with the least loss.
fn best<T>(of: impl Fn(f32) -> (f64, T)) -> Option<T> {
    let each = (0..=SHARES).map(|nth| of(nth as f32 / SHARES as f32));
    let least = each.min_by(|a, b| a.0.total_cmp(&b.0));
    least.map(|(_, fitted)| fitted)
}

#[cfg(test)]
mod tests {
    use super::{LEAST_FOCI, Part, fit, is_kept};
    use crate::classify::model::{Forest, Names};
    use crate::measure::{Feature, Features};
    use crate::radiograph::Place;
    use crate::train::network::tests::{LABELS, example, views};
    use crate::train::network::{self, Course, Example};
    use crate::train::{Image, Target};

    /// An image with a disc, a ring and a piece of ground, all alike in what is measured.
    fn image(nth: usize) -> Image {
        let mut features = Features::default();
        features.set(Feature::AreaPx, Some(256.0));
        Image {
            features: vec![features; 3],
            centroids: vec![[30.0, 30.0]; 3],
            targets: vec![
                Target::Focus(Some(LABELS[0])),
                Target::Focus(Some(LABELS[1])),
                Target::Nothing,
            ],
            views: (0..3).map(|kind| Some(views(kind, 3 * nth + kind))).collect(),
            place: Place::default(),
            spacing: None,
            shape: (60, 60),
            fold: nth,
        }
    }

    /// Forests that know nothing but the names there are.
    fn names() -> Names {
        Names {
            sharpness: 1.0,
            forests: LABELS.map(|label| (label, Forest::default())).into(),
        }
    }

    /// Parts of which the second is empty.
    fn one_part<'a>(
        images: &'a [Image],
        names: &'a Names,
        found: &'a mut [Vec<f32>],
        named: &'a mut [Vec<f32>],
    ) -> [Part<'a>; 2] {
        let part = |images, found, named| Part {
            images,
            names,
            found,
            named,
        };
        [part(images, found, named), part(&[], &mut [], &mut [])]
    }

    #[test]
    fn a_network_that_was_there_is_joined_by_what_it_is_worth() {
        let images: Vec<Image> = (0..40).map(image).collect();
        let seen: Vec<_> = (1000..1180).map(|nth| (nth % 3, views(nth % 3, nth))).collect();
        let examples: Vec<Example<'_>> = seen.iter().map(|(kind, views)| example(views, *kind)).collect();
        let course = Course {
            passes: 40,
            ..Course::default()
        };
        let before = network::fit(&examples, LABELS.to_vec(), &course);
        let names = names();
        let (mut found, mut named) = (vec![vec![0.5; 3]; 40], vec![vec![0.5; 2]; 80]);
        let mut parts = one_part(&images, &names, &mut found, &mut named);
        assert!(2 * images.len() < LEAST_FOCI);
        let fitted = fit(&mut parts, Some(&before)).unwrap();
        assert!(!fitted.is_new);
        assert_eq!(fitted.network.near, before.near);
        // Forests that know nothing leave it the last word.
        let right = found
            .iter()
            .filter(|own| own[0] > 0.5 && own[1] > 0.5 && own[2] < 0.5)
            .count();
        assert!(right >= 36, "{right} of 40");
        let right = named
            .chunks_exact(2)
            .filter(|own| own[0][0] > 0.5 && own[1][1] > 0.5)
            .count();
        assert!(right >= 36, "{right} of 40");
    }

    #[test]
    fn too_few_foci_and_no_network_before_leave_the_forests_alone() {
        let images: Vec<Image> = (0..4).map(image).collect();
        let names = names();
        let (mut found, mut named) = (vec![vec![0.25; 3]; 4], vec![vec![0.5; 2]; 8]);
        let mut parts = one_part(&images, &names, &mut found, &mut named);
        assert!(fit(&mut parts, None).is_none());
        assert!(found.iter().flatten().all(|&chance| chance == 0.25));
        assert!(is_kept(0) && is_kept(5) && !is_kept(1));
    }
}
