//! A model set to pictures of another kind: forests and network stay, how they are joined and calibrated is fitted anew.

use super::look::{Part, join};
use super::{Figures, HeldOut, Image, TooFew, company, prepared};
use crate::classify::model::{Detector, Model, Names, inputs};

/// `model` with its answers joined and calibrated to `images`, none of which it has seen. Same images in the same order: same model.
///
/// # Errors
///
/// [`TooFew`] when there are fewer than 50 foci or 50 candidates that are none, or when the model has no network to join.
pub fn adapt(images: Vec<Image>, model: &Model, identity: &str, built_on: &str) -> Result<(Model, Figures), TooFew> {
    let (mut with, mut bare) = prepared(images)?;
    let network = model
        .network
        .clone()
        .ok_or_else(|| TooFew("the model has no network, so there is nothing to join to its forests".to_owned()))?;
    let (mut found, mut named) = said(&model.with_spacing, &model.names, &mut with);
    let (mut found_without, mut named_without) = said(&model.without_spacing, &model.names_without_spacing, &mut bare);
    let mut parts = [
        Part {
            images: &with,
            names: &model.names,
            found: &mut found,
            named: &mut named,
        },
        Part {
            images: &bare,
            names: &model.names_without_spacing,
            found: &mut found_without,
            named: &mut named_without,
        },
    ];
    let joined = join(&mut parts, network, false)
        .ok_or_else(|| TooFew("the network has looked at none of the candidates".to_owned()))?;
    let company = company::fit(&parts, |_| true);
    let [with_spacing, without_spacing] = parts.map(|part| part.sheets(model.sure));
    let figures = Figures::of(HeldOut {
        with_spacing,
        without_spacing,
    });
    let model = Model {
        identity: identity.to_owned(),
        built_on: format!("{}; joined and calibrated on {built_on}", model.built_on),
        company,
        network: Some(joined.network),
        ..model.clone()
    };
    Ok((model, figures))
}

/// Chances of a focus, candidate by candidate, and chances of names of those that have one.
type Said = (Vec<Vec<f32>>, Vec<Vec<f32>>);

/// What forests say of `images`; sets the features of company of the candidates.
fn said(detector: &Detector, names: &Names, images: &mut [Image]) -> Said {
    let (mut found, mut named) = (Vec::new(), Vec::new());
    for image in images {
        let each = image.features.iter();
        let suspicions: Vec<f32> = each
            .map(|features| detector.alone.chance(&inputs(features, &image.place)))
            .collect();
        image.set_company(&suspicions);
        let place = &image.place;
        let all: Vec<_> = image.features.iter().map(|features| inputs(features, place)).collect();
        found.push(all.iter().map(|inputs| detector.focus.chance(inputs)).collect());
        for (inputs, target) in all.iter().zip(&image.targets) {
            if target.name().is_some() {
                named.push(names.chances(inputs).into_iter().map(|(_, chance)| chance).collect());
            }
        }
    }
    (found, named)
}
