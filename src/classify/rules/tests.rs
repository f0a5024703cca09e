//! Typical foci, with values from the clinical ranges the rules cite, and one test per rule of conduct.

use super::{NO_SPACING, Rules};
use crate::classify::{Assessment, Classifier, Label, Rejection, Verdict};
use crate::measure::Feature::{self, *};
use crate::measure::Features;
use crate::radiograph::{BodyPart, Place};

type Values = &'static [(Feature, f64)];
type Case<'a> = (&'a [(Feature, f64)], Option<Rejection>);

/// 10 x 4 mm, one of many along the thigh [S8].
const GRAIN: Values = &[
    (AreaPx, 1600.0),
    (EquivalentDiameterMm, 6.3),
    (MajorAxisMm, 10.0),
    (MinorAxisMm, 4.0),
    (FeretMaxMm, 10.2),
    (AspectRatio, 2.5),
    (Circularity, 0.72),
    (Solidity, 0.96),
    (Lobules, 1.0),
    (EdgeWidthMm, 0.8),
    (CoefficientOfVariation, 0.2),
    (LucentCentre, 0.0),
    (RimClosure, 0.2),
    (CoreToRim, 1.6),
    (TextureEnergy, 0.02),
    (DistanceToBoneMm, 25.0),
    (Neighbours, 24.0),
    (Alignment, 0.85),
    (AngleToLimbAxis, 8.0),
    (Collinearity, 0.2),
];

/// 4 mm, round, lucent in the centre, low in the pelvis [S11, S14].
const PHLEBOLITH: Values = &[
    (AreaPx, 640.0),
    (EquivalentDiameterMm, 4.0),
    (MajorAxisMm, 4.2),
    (MinorAxisMm, 3.8),
    (FeretMaxMm, 4.4),
    (AspectRatio, 1.1),
    (Circularity, 0.92),
    (Solidity, 0.96),
    (Lobules, 1.0),
    (EdgeWidthMm, 0.7),
    (CoefficientOfVariation, 0.25),
    (LucentCentre, 0.3),
    (RimClosure, 0.95),
    (CoreToRim, 0.8),
    (DistanceToBoneMm, 15.0),
    (FieldRow, 0.7),
    (Neighbours, 2.0),
];

/// 50 mm, lobulated, homogeneous but for septa, off the bone [S21, S22].
const MASS: Values = &[
    (AreaPx, 60000.0),
    (EquivalentDiameterMm, 40.0),
    (MajorAxisMm, 52.0),
    (MinorAxisMm, 36.0),
    (FeretMaxMm, 54.0),
    (AspectRatio, 1.45),
    (Circularity, 0.4),
    (Solidity, 0.84),
    (Lobules, 6.0),
    (EdgeWidthMm, 1.5),
    (CoefficientOfVariation, 0.25),
    (LucentCentre, 0.0),
    (RimClosure, 0.2),
    (CoreToRim, 1.5),
    (TextureEnergy, 0.06),
    (DistanceToBoneMm, 8.0),
];

/// 18 mm, dense, homogeneous, above the greater tuberosity [S3].
const TENDON: Values = &[
    (AreaPx, 6000.0),
    (EquivalentDiameterMm, 12.0),
    (MajorAxisMm, 18.0),
    (MinorAxisMm, 8.0),
    (FeretMaxMm, 18.7),
    (AspectRatio, 2.2),
    (Circularity, 0.78),
    (Solidity, 0.96),
    (Lobules, 1.0),
    (EdgeWidthMm, 1.0),
    (CoefficientOfVariation, 0.12),
    (LucentCentre, 0.0),
    (RimClosure, 0.2),
    (CoreToRim, 1.7),
    (TextureEnergy, 0.02),
    (DistanceToBoneMm, 6.0),
];

/// 30 mm, cortex around trabeculae [S1, S43].
const OSSIFICATION: Values = &[
    (AreaPx, 24000.0),
    (EquivalentDiameterMm, 25.0),
    (MajorAxisMm, 34.0),
    (MinorAxisMm, 20.0),
    (FeretMaxMm, 34.0),
    (AspectRatio, 1.7),
    (Circularity, 0.75),
    (Solidity, 0.94),
    (Lobules, 1.0),
    (EdgeWidthMm, 1.0),
    (CoefficientOfVariation, 0.4),
    (LucentCentre, 0.45),
    (RimClosure, 0.9),
    (CoreToRim, 0.55),
    (TextureEnergy, 0.15),
    (DistanceToBoneMm, 12.0),
];

/// 14 mm cloud without order or edge.
const CLOUD: Values = &[
    (AreaPx, 5000.0),
    (EquivalentDiameterMm, 11.0),
    (MajorAxisMm, 15.0),
    (MinorAxisMm, 8.5),
    (FeretMaxMm, 17.0),
    (AspectRatio, 1.8),
    (Circularity, 0.35),
    (Solidity, 0.72),
    (Lobules, 4.0),
    (EdgeWidthMm, 2.6),
    (CoefficientOfVariation, 0.55),
    (LucentCentre, 0.0),
    (RimClosure, 0.2),
    (CoreToRim, 1.8),
    (TextureEnergy, 0.2),
    (DistanceToBoneMm, 20.0),
];

fn with(values: Values, changes: &[(Feature, f64)]) -> Features {
    let mut features = Features::default();
    for &(feature, value) in values.iter().chain(changes) {
        features.set(feature, value);
    }
    // What every visible focus in soft tissue has.
    for (feature, value) in [
        (BoundaryClosure, 0.95),
        (ContrastToNoise, 15.0),
        (ContrastToRing, 4.0),
        (BoneOverlap, 0.0),
        (MetalOverlap, 0.0),
        (MarkerOverlap, 0.0),
        (BodyOverlap, 1.0),
        (SaturatedFraction, 0.0),
        (RelativeDensity, 0.6),
        (DistanceToFieldEdgeMm, 40.0),
        (DistanceToSkinMm, 20.0),
    ] {
        if features.get(feature).is_none() {
            features.set(feature, value);
        }
    }
    features
}

fn without_millimetres(mut features: Features) -> Features {
    for feature in Feature::ALL.iter().filter(|f| f.definition().unit.starts_with("mm")) {
        features.set(*feature, None);
    }
    features
}

fn at(body_part: BodyPart) -> Place {
    Place {
        body_part,
        ..Place::default()
    }
}

fn named(features: &Features, place: &Place) -> Assessment {
    match Rules::default().judge(features, place) {
        Verdict::Focus { assessment, .. } => assessment,
        Verdict::Rejected { reason, evidence } => panic!("rejected as {reason:?}: {evidence:?}"),
    }
}

fn reason(features: &Features) -> Option<Rejection> {
    match Rules::default().judge(features, &at(BodyPart::Thigh)) {
        Verdict::Focus { .. } => None,
        Verdict::Rejected { reason, evidence } => {
            assert!(
                evidence
                    .iter()
                    .any(|item| item.about == reason.name() && item.support > 0.0)
            );
            Some(reason)
        }
    }
}

#[test]
fn the_default_is_well_formed_and_survives_toml() {
    let rules = Rules::default();
    assert_eq!(rules.check(), Ok(()));
    let text = toml::to_string(&rules).unwrap();
    assert_eq!(toml::from_str::<Rules>(&text).unwrap(), rules);
}

#[test]
fn impossible_numbers_are_found() {
    let mut rules = Rules::default();
    rules.labels.remove(&Label::Phlebolith);
    assert!(rules.check().is_err());
    let mut rules = Rules::default();
    rules.refused = rules.sure;
    assert!(rules.check().is_err());
    let mut rules = Rules::default();
    rules.bans[0].leaves = Some(1.5);
    assert!(rules.check().unwrap_err().contains("leaves"));
    let mut rules = Rules::default();
    rules.reject[0].when[0].soft = f64::NAN;
    assert!(rules.check().is_err());
    let mut rules = Rules::default();
    rules.detection.terms[0].to = rules.detection.terms[0].from;
    assert!(rules.check().is_err());
}

#[test]
fn each_typical_focus_gets_its_name_where_it_is_at_home_and_where_nothing_is_stated() {
    let typical = [
        (GRAIN, Label::RiceGrain, BodyPart::Thigh),
        (PHLEBOLITH, Label::Phlebolith, BodyPart::Pelvis),
        (MASS, Label::TumoralCalcinosis, BodyPart::Hip),
        (OSSIFICATION, Label::Ossification, BodyPart::Hip),
        (CLOUD, Label::Calcification, BodyPart::LowerLeg),
    ];
    for (values, label, home) in typical {
        for body_part in [home, BodyPart::Unknown, BodyPart::Extremity] {
            let assessment = named(&with(values, &[]), &at(body_part));
            assert_eq!(assessment.label, label, "{body_part:?} {:?}", assessment.scores);
            assert_eq!(assessment.scores.len(), Label::ALL.len() - 1);
            assert!(
                assessment
                    .evidence
                    .iter()
                    .any(|e| e.about == label.name() && e.support > 0.0)
            );
        }
    }
    // A tendon deposit is named by its place.
    let tendon = with(TENDON, &[]);
    assert_eq!(named(&tendon, &at(BodyPart::Shoulder)).label, Label::CalcificTendinitis);
    assert_eq!(named(&tendon, &at(BodyPart::Thigh)).label, Label::Indeterminate);
}

#[test]
fn a_prior_leans_and_never_vetoes() {
    let rules = Rules::default();
    let grain = with(GRAIN, &[]);
    let score = |part| rules.name(&grain, &at(part)).scores[0].1;
    assert!(score(BodyPart::Hand) < score(BodyPart::Thigh));
    assert_eq!(named(&grain, &at(BodyPart::Hand)).label, Label::RiceGrain);
    assert_eq!(
        named(&with(PHLEBOLITH, &[]), &at(BodyPart::Chest)).label,
        Label::Phlebolith
    );
}

#[test]
fn a_single_spindle_is_never_a_rice_grain() {
    for neighbours in [0.0, 1.0] {
        let lone = with(GRAIN, &[(Neighbours, neighbours)]);
        let assessment = named(&lone, &at(BodyPart::Thigh));
        assert_eq!(assessment.label, Label::Indeterminate, "{:?}", assessment.scores);
    }
}

#[test]
fn without_spacing_no_size_rule_fires_and_no_name_is_given() {
    for (values, part) in [
        (GRAIN, BodyPart::Thigh),
        (PHLEBOLITH, BodyPart::Pelvis),
        (MASS, BodyPart::Hip),
        (TENDON, BodyPart::Shoulder),
        (OSSIFICATION, BodyPart::Hip),
        (CLOUD, BodyPart::LowerLeg),
    ] {
        let assessment = named(&without_millimetres(with(values, &[])), &at(part));
        assert_eq!(assessment.label, Label::Indeterminate);
        assert!(assessment.notes.iter().any(|note| note == NO_SPACING));
        for item in assessment.evidence.iter() {
            if item.feature.is_some_and(|f| f.definition().unit.starts_with("mm")) {
                assert_eq!((item.value, item.support), (None, 0.0));
            }
        }
    }
}

#[test]
fn an_unknown_value_leaves_the_normalisation() {
    let rules = Rules::default();
    let place = at(BodyPart::Pelvis);
    let full = rules.name(&with(PHLEBOLITH, &[]), &place).scores[1].1;
    let mut partial = with(PHLEBOLITH, &[]);
    partial.set(LucentCentre, None);
    partial.set(EdgeWidthMm, None);
    assert_eq!(rules.name(&partial, &place).scores[1].1, full);
}

#[test]
fn ossification_needs_size_rim_and_texture_inside() {
    let hip = at(BodyPart::Hip);
    for change in [
        [(CoreToRim, 1.5)].as_slice(),
        &[(RimClosure, 0.0), (CoreToRim, 1.3)],
        &[
            (FeretMaxMm, 6.5),
            (EquivalentDiameterMm, 5.5),
            (MajorAxisMm, 6.5),
            (MinorAxisMm, 4.5),
        ],
        &[(AreaPx, 30.0)],
    ] {
        let assessment = named(&with(OSSIFICATION, change), &hip);
        assert_ne!(
            assessment.label,
            Label::Ossification,
            "{change:?} {:?}",
            assessment.scores
        );
    }
    // A small rim without texture is any wall; a large one an immature stage, and the remark says so.
    let small = [
        (TextureEnergy, 0.0),
        (FeretMaxMm, 11.0),
        (MajorAxisMm, 11.0),
        (MinorAxisMm, 9.0),
        (EquivalentDiameterMm, 10.0),
    ];
    let rim_only = named(&with(OSSIFICATION, &small), &hip);
    assert_eq!(rim_only.label, Label::Indeterminate, "{:?}", rim_only.scores);
    let immature = named(&with(OSSIFICATION, &[(TextureEnergy, 0.0)]), &hip);
    let says = |assessment: &Assessment, word: &str| assessment.notes.iter().any(|note| note.contains(word));
    assert!(immature.label != Label::Ossification || says(&immature, "not mature"));
    assert!(!says(&named(&with(OSSIFICATION, &[]), &hip), "not mature"));
}

#[test]
fn below_twenty_years_ossification_is_given_less_readily() {
    let mut place = at(BodyPart::Hip);
    let score = |assessment: &Assessment| {
        let own = assessment
            .scores
            .iter()
            .find(|(label, _)| *label == Label::Ossification);
        own.unwrap().1
    };
    let focus = with(OSSIFICATION, &[]);
    place.age_years = Some(15.0);
    let young = named(&focus, &place);
    assert!(young.notes.iter().any(|note| note.contains("growth centres")));
    place.age_years = Some(60.0);
    let old = named(&focus, &place);
    assert_eq!(old.label, Label::Ossification);
    assert!((score(&young) / score(&old) - 0.5).abs() < 1e-6);
}

#[test]
fn in_the_young_a_sure_ossification_keeps_its_name() {
    let place = Place {
        age_years: Some(15.0),
        ..at(BodyPart::Thigh)
    };
    let focus = with(OSSIFICATION, &[]);
    let given = |ossification: f32| {
        let scores = vec![
            (Label::Ossification, ossification),
            (Label::Calcification, 1.0 - ossification),
        ];
        Rules::default().named(scores, &focus, &place, 0.25, 0.0).label
    };
    assert_eq!(given(0.9), Label::Ossification);
    assert_eq!(given(0.6), Label::Calcification);
}

#[test]
fn outside_the_pelvis_a_phlebolith_is_phlebolith_like() {
    let focus = with(PHLEBOLITH, &[]);
    let leg = named(&focus, &at(BodyPart::LowerLeg));
    assert_eq!(leg.label, Label::Phlebolith);
    assert!(leg.notes.iter().any(|note| note.contains("phlebolith-like")));
    assert!(named(&focus, &at(BodyPart::Pelvis)).notes.is_empty());
}

#[test]
fn a_lucent_centre_speaks_for_a_phlebolith_and_its_absence_not_against() {
    let solid = with(PHLEBOLITH, &[(LucentCentre, 0.0), (RimClosure, 0.1)]);
    assert_eq!(named(&solid, &at(BodyPart::Pelvis)).label, Label::Phlebolith);
}

#[test]
fn a_large_mass_dense_in_its_centre_gets_no_benign_name() {
    let cloudlike = [(CoreToRim, 4.0), (EdgeWidthMm, 9.0), (Lobules, 1.0)];
    for values in [MASS, OSSIFICATION] {
        let assessment = named(&with(values, &cloudlike), &at(BodyPart::Thigh));
        let no_benign_name = [Label::MineralisedMass, Label::Indeterminate];
        assert!(no_benign_name.contains(&assessment.label), "{:?}", assessment.scores);
        let review = |note: &String| note.contains("review by a radiologist");
        assert!(assessment.notes.iter().any(review));
    }
}

#[test]
fn a_cloud_densest_in_its_centre_is_called_what_it_is() {
    let values = [
        (CoreToRim, 4.0),
        (EdgeWidthMm, 9.0),
        (Lobules, 1.0),
        (Solidity, 0.95),
        (Circularity, 0.8),
    ];
    let assessment = named(&with(MASS, &values), &at(BodyPart::Thigh));
    assert_eq!(assessment.label, Label::MineralisedMass, "{:?}", assessment.scores);
    assert!(assessment.notes.iter().any(|note| note.contains("benign nature")));
}

#[test]
fn a_mass_that_meets_bone_is_remarked_upon() {
    let assessment = named(&with(MASS, &[(DistanceToBoneMm, 0.0)]), &at(BodyPart::Hip));
    assert_eq!(assessment.label, Label::TumoralCalcinosis);
    assert!(assessment.notes.iter().any(|note| note.contains("another view")));
}

#[test]
fn over_bone_the_reader_is_told() {
    for values in [PHLEBOLITH, MASS] {
        let assessment = named(&with(values, &[(BoneOverlap, 0.55)]), &at(BodyPart::Pelvis));
        assert!(assessment.notes.iter().any(|note| note.contains("Projected over bone")));
    }
}

#[test]
fn the_base_rate_alone_names_nothing() {
    // A smooth, sharp, homogeneous oval of 9 mm with nobody near: no sign of any label.
    let plain = with(
        TENDON,
        &[
            (FeretMaxMm, 9.5),
            (MajorAxisMm, 9.0),
            (MinorAxisMm, 5.5),
            (EquivalentDiameterMm, 7.0),
        ],
    );
    let assessment = named(&plain, &at(BodyPart::Thigh));
    assert_eq!(assessment.label, Label::Indeterminate, "{:?}", assessment.scores);
    assert!(assessment.runner_up.is_some());
}

#[test]
fn too_few_pixels_abstain() {
    let assessment = named(&with(PHLEBOLITH, &[(AreaPx, 10.0)]), &at(BodyPart::Pelvis));
    assert_eq!(assessment.label, Label::Indeterminate);
    assert!(assessment.notes.iter().any(|note| note.contains("12 pixels")));
}

#[test]
fn candidates_that_are_no_foci_are_rejected_with_their_reason() {
    let cases: [Case; 19] = [
        (&[], None),
        (&[(BodyOverlap, 0.1)], Some(Rejection::OutsideBody)),
        (
            &[(MarkerOverlap, 0.8), (SaturatedFraction, 0.9)],
            Some(Rejection::Marker),
        ),
        (
            &[(Flatness, 0.95), (FeretMaxMm, 12.0), (ContrastToNoise, 20.0)],
            Some(Rejection::Marker),
        ),
        // As smooth as mineral may be; and clipped, where everything looks even.
        (&[(Flatness, 0.8), (FeretMaxMm, 12.0), (ContrastToNoise, 20.0)], None),
        (
            &[
                (Flatness, 0.95),
                (FeretMaxMm, 12.0),
                (ContrastToNoise, 20.0),
                (SaturatedFraction, 0.4),
            ],
            None,
        ),
        (&[(MetalOverlap, 0.7)], Some(Rejection::Metal)),
        (
            &[(SaturatedFraction, 0.9), (RelativeDensity, 2.5)],
            Some(Rejection::Metal),
        ),
        (
            &[
                (SaturatedFraction, 1.0),
                (CoefficientOfVariation, 0.0),
                (DistanceToFieldEdgeMm, 10.0),
            ],
            Some(Rejection::Text),
        ),
        (&[(DistanceToFieldEdgeMm, 0.1)], Some(Rejection::Edge)),
        (&[(FieldEdgeContact, 0.2)], Some(Rejection::Edge)),
        (&[(SkinContact, 0.6)], Some(Rejection::Edge)),
        (&[(BoneOverlap, 0.9)], Some(Rejection::Bone)),
        (&[(BoneOverlap, 0.3), (BoundaryClosure, 0.5)], Some(Rejection::Bone)),
        (&[(AreaPx, 4.0)], Some(Rejection::TooSmall)),
        (&[(FeretMaxMm, 300.0)], Some(Rejection::TooLarge)),
        (&[(AspectRatio, 12.0), (MinorAxisMm, 2.0)], Some(Rejection::Vessel)),
        (&[(ContrastToNoise, 1.0)], Some(Rejection::LowContrast)),
        (&[(BoundaryClosure, 0.2)], Some(Rejection::LowContrast)),
    ];
    for (changes, expected) in cases {
        assert_eq!(reason(&with(PHLEBOLITH, changes)), expected, "{changes:?}");
    }
}

#[test]
fn the_detection_score_rises_with_contrast_and_closure_and_falls_over_bone() {
    let rules = Rules::default();
    let score = |changes: &[(Feature, f64)]| rules.detection.score(&with(PHLEBOLITH, changes));
    let clear = score(&[]);
    assert!(clear > 0.9, "{clear}");
    assert!(score(&[(ContrastToRing, 1.0)]) < clear);
    assert!(score(&[(BoundaryClosure, 0.5)]) < clear);
    assert!(score(&[(BoneOverlap, 0.4)]) < clear);
    assert!(score(&[(ContrastToRing, 0.6), (BoundaryClosure, 0.4), (ContrastToNoise, 2.5)]) < 0.3);
}

#[test]
fn verdicts_do_not_depend_on_the_order_of_candidates() {
    let rules = Rules::default();
    let place = at(BodyPart::Hip);
    let mut candidates =
        Vec::from([GRAIN, PHLEBOLITH, MASS, TENDON, OSSIFICATION, CLOUD].map(|values| with(values, &[])));
    let mut forward = rules.assess(&candidates, &place);
    candidates.reverse();
    forward.reverse();
    assert_eq!(rules.assess(&candidates, &place), forward);
}

#[test]
fn a_refusal_that_does_not_hang_on_what_is_open_is_told_before_it_is_measured() {
    let rules = Rules::default();
    let place = at(BodyPart::Hip);
    let open = [CoefficientOfVariation, LucentCentre];
    let blank = |mut features: Features| {
        open.iter().for_each(|&feature| features.set(feature, None));
        features
    };
    let early = |features: &Features| rules.refuses_without(&blank(features.clone()), &place, &open, |_| true);
    let bone = with(PHLEBOLITH, &[(BoneOverlap, 0.9)]);
    assert!(early(&bone));
    assert_eq!(rules.judge(&blank(bone.clone()), &place), rules.judge(&bone, &place));
    assert!(!early(&with(PHLEBOLITH, &[])));
    // Text is told by how even it is: no other reason may be given before that is known.
    let perhaps_text = [
        (SaturatedFraction, 0.9),
        (DistanceToFieldEdgeMm, 5.0),
        (BoneOverlap, 0.9),
    ];
    assert!(!early(&with(PHLEBOLITH, &perhaps_text)));
}
