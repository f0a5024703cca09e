//! How much the names of the other foci of a picture say, found out on images that were not fitted to.

use super::Image;
use super::field::in_field;
use super::look::Part;
use crate::classify::Label;
use crate::classify::model::{Company, Member};
use crate::measure::Feature;
use rayon::prelude::*;

/// Weights that are tried.
const WEIGHTS: [f32; 7] = [0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5];
/// Distance at which a focus counts e times less, mm: half the width of a radiograph of a limb. Figures hardly hang on it.
const REACH_MM: f32 = 100.0;
/// Foci without a name around each: one neighbour alone does not decide.
const STRANGERS: f32 = 0.5;

/// The company whose names of what has one, in the images that `takes`, are likeliest right. What is no focus is not among the others
/// here, as nothing says what it would be called.
pub(super) fn fit(parts: &[Part<'_>; 2], takes: impl Fn(&Image) -> bool) -> Company {
    let pictures: Vec<Picture> = parts.iter().flat_map(|part| pictures(part, &takes)).collect();
    let of = |weight: f32| {
        let company = Company {
            weight,
            reach_mm: REACH_MM,
            strangers: STRANGERS,
        };
        let each = pictures.par_iter().map(|picture| picture.loss(&company));
        // Added in a fixed order.
        let loss: f64 = each.collect::<Vec<f64>>().into_iter().sum();
        (loss, company)
    };
    let each = WEIGHTS.map(of).into_iter();
    let least = each.min_by(|a, b| a.0.total_cmp(&b.0));
    least.map(|(_, company)| company).unwrap_or_default()
}

/// The candidates of a picture that have a name.
struct Picture<'a> {
    image: &'a Image,
    members: Vec<Member>,
    /// The number of the right name of each, if it is one that is known, and how much it counts.
    truths: Vec<(Option<usize>, f32)>,
}

fn pictures<'a>(part: &Part<'a>, takes: &impl Fn(&Image) -> bool) -> Vec<Picture<'a>> {
    let known: Vec<Label> = part.names.forests.keys().copied().collect();
    let mut named = part.named.iter();
    let mut pictures = Vec::new();
    for (image, found) in part.images.iter().zip(&*part.found) {
        let (mut members, mut truths) = (Vec::new(), Vec::new());
        for (nth, target) in image.targets.iter().enumerate() {
            let Some(name) = target.name() else { continue };
            let Some(chances) = named.next() else { continue };
            let area = image.features[nth].get(Feature::AreaPx).unwrap_or(0.0);
            members.push(Member {
                centroid: image.centroids[nth],
                diameter: (4.0 * area / std::f64::consts::PI).sqrt(),
                score: found[nth],
                chances: chances.clone(),
            });
            truths.push((known.iter().position(|&label| label == name), in_field(image, name).0));
        }
        if takes(image) && !members.is_empty() {
            pictures.push(Picture { image, members, truths });
        }
    }
    pictures
}

impl Picture<'_> {
    /// Less the logarithm of the chance of the right names.
    fn loss(&self, company: &Company) -> f64 {
        let reach = company.reach(self.image.spacing, self.image.shape);
        let names = company.names(&self.members, reach);
        let each = names.iter().zip(&self.truths).filter_map(|(called, (truth, weight))| {
            let chance = called.chances.get((*truth)?)?;
            Some(-f64::from(*weight) * f64::from(chance.max(1e-6)).ln())
        });
        each.sum()
    }
}

#[cfg(test)]
mod tests {
    use super::fit;
    use crate::classify::Label::{Phlebolith, RiceGrain};
    use crate::classify::model::{Company, Forest, Names};
    use crate::measure::Features;
    use crate::radiograph::Place;
    use crate::train::look::Part;
    use crate::train::{Image, Target};

    /// An image of four foci, of which the last could be either by itself.
    fn image(nth: usize, is_of_one_kind: bool) -> (Image, Vec<Vec<f32>>) {
        let (own, other) = if nth.is_multiple_of(2) {
            (RiceGrain, Phlebolith)
        } else {
            (Phlebolith, RiceGrain)
        };
        let last = if is_of_one_kind { own } else { other };
        let surely = if own == RiceGrain {
            vec![0.9, 0.1]
        } else {
            vec![0.1, 0.9]
        };
        let image = Image {
            features: vec![Features::default(); 4],
            centroids: (0..4_u8).map(|at| [100.0 * f64::from(at), 50.0]).collect(),
            targets: [own, own, own, last].map(|name| Target::Focus(Some(name))).to_vec(),
            views: vec![None; 4],
            place: Place::default(),
            spacing: None,
            shape: (1000, 1000),
            fold: nth,
        };
        (image, vec![surely.clone(), surely.clone(), surely, vec![0.5, 0.5]])
    }

    fn fitted(is_of_one_kind: bool) -> Company {
        let (images, named): (Vec<Image>, Vec<Vec<Vec<f32>>>) = (0..20).map(|nth| image(nth, is_of_one_kind)).unzip();
        let names = Names {
            sharpness: 1.0,
            forests: [RiceGrain, Phlebolith].map(|label| (label, Forest::default())).into(),
        };
        let (mut found, mut named) = (vec![vec![0.9; 4]; 20], named.concat());
        let part = |images, found, named| Part {
            images,
            names: &names,
            found,
            named,
        };
        let parts = [part(&images, &mut found, &mut named), part(&[], &mut [], &mut [])];
        fit(&parts, |_| true)
    }

    #[test]
    fn the_others_are_asked_where_pictures_are_of_one_kind() {
        assert!(fitted(true).weight >= 1.0);
    }

    #[test]
    fn they_are_not_asked_where_kinds_are_mixed() {
        assert!(fitted(false).weight < 0.5, "{}", fitted(false).weight);
    }
}
