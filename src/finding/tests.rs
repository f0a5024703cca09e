//! Whole images of drawn regions: the company of a focus, grouping, numbering, words.

use super::{Candidate, Finding, Focus, Grouping, Pattern, Rejected, assemble};
use crate::classify::{Assessment, Label, Rejection, Verdict};
use crate::label::{Region, Run};
use crate::measure::{Feature, Features};
use crate::radiograph::{BodyPart, PixelSpacing, Place, SpacingPlane, SpacingSource};
use proptest::prelude::*;

const MM_PER_PIXEL: f64 = 0.2;

fn spacing() -> Option<PixelSpacing> {
    PixelSpacing::square(MM_PER_PIXEL, SpacingPlane::Patient, SpacingSource::User)
}

/// An ellipse of `length` x `width` mm centred `[down, across]` mm, its major axis `degrees` counter-clockwise from down.
fn ellipse(centre: [f64; 2], length: f64, width: f64, degrees: f64, label: Label) -> (Candidate, Verdict) {
    let (sine, cosine) = degrees.to_radians().sin_cos();
    let [down, across] = centre.map(|mm| mm / MM_PER_PIXEL);
    let (a, b) = (length / 2.0 / MM_PER_PIXEL, width / 2.0 / MM_PER_PIXEL);
    let reach = a.max(b).ceil() as i64 + 1;
    let mut runs = Vec::new();
    for row in (down as i64 - reach).max(0)..=down as i64 + reach {
        let inside = |column: &i64| {
            let (y, x) = (row as f64 - down, *column as f64 - across);
            let (along, aside) = (y * cosine + x * sine, x * cosine - y * sine);
            (along / a).powi(2) + (aside / b).powi(2) <= 1.0
        };
        let columns: Vec<i64> = ((across as i64 - reach).max(0)..=across as i64 + reach)
            .filter(inside)
            .collect();
        if let (Some(first), Some(last)) = (columns.first(), columns.last()) {
            runs.push(Run {
                row: row as u32,
                start: *first as u32,
                end: *last as u32 + 1,
            });
        }
    }
    let mut features = Features::default();
    for (feature, value) in [
        (Feature::MajorAxisMm, length),
        (Feature::MinorAxisMm, width),
        (Feature::EquivalentDiameterMm, (length * width).sqrt()),
        (Feature::AspectRatio, length / width),
        (Feature::Orientation, degrees),
        (Feature::Lobules, 1.0),
        (Feature::DistanceToBoneMm, 20.0),
    ] {
        features.set(feature, value);
    }
    let candidate = Candidate {
        region: Region::new(runs).unwrap(),
        centroid: [down, across],
        features,
    };
    let scores = Label::ALL[..13]
        .iter()
        .map(|&of| (of, if of == label { 0.9 } else { 0.1 }))
        .collect();
    let verdict = Verdict::Focus {
        score: 0.9,
        assessment: Assessment {
            label,
            label_score: 0.9,
            scores,
            runner_up: Some((Label::Calcification, 0.1)),
            evidence: Vec::new(),
            notes: Vec::new(),
        },
    };
    (candidate, verdict)
}

fn at(body_part: BodyPart) -> Place {
    Place {
        body_part,
        ..Place::default()
    }
}

fn run(image: Vec<(Candidate, Verdict)>, body_part: BodyPart) -> (Vec<Finding>, Vec<Focus>, Vec<Rejected>) {
    let (candidates, verdicts) = image.into_iter().unzip();
    assemble(
        &Grouping::default(),
        candidates,
        verdicts,
        &at(body_part),
        spacing(),
        true,
    )
}

/// Twelve spindles in four rows, staggered, all within `spread` degrees of 10.
fn field(label: Label, spread: f64) -> Vec<(Candidate, Verdict)> {
    (0..12)
        .map(|nth| {
            let (row, column) = (f64::from(nth / 3), f64::from(nth % 3));
            let centre = [20.0 + 18.0 * row + 7.0 * (column % 2.0), 20.0 + 16.0 * column];
            let turn = spread * (f64::from(nth % 5) - 2.0) / 2.0;
            ellipse(centre, 10.0, 4.0, 10.0 + turn, label)
        })
        .collect()
}

#[test]
fn a_field_of_aligned_spindles_is_one_finding_of_grains() {
    // Two were not sure by themselves; the field names them.
    let mut image = field(Label::RiceGrain, 15.0);
    image[3] = ellipse([38.0, 20.0], 8.0, 4.0, 15.0, Label::Indeterminate);
    image[7] = ellipse([63.0, 36.0], 8.0, 4.0, 5.0, Label::Calcification);
    let (findings, foci, rejected) = run(image, BodyPart::Thigh);
    assert!(rejected.is_empty());
    assert_eq!(findings.len(), 1);
    assert!(foci.iter().all(|focus| focus.assessment.label == Label::RiceGrain));
    let finding = &findings[0];
    assert_eq!(finding.pattern, Pattern::AlignedField);
    assert_eq!(finding.foci, (1..=12).collect::<Vec<u32>>());
    assert!(finding.alignment.unwrap() > 0.9);
    assert!(
        finding.statement.contains("pattern consistent with"),
        "{}",
        finding.statement
    );
    let named_by_field = &foci
        .iter()
        .find(|f| f.candidate.features.get(Feature::MajorAxisMm) == Some(8.0))
        .unwrap();
    assert!(
        named_by_field
            .assessment
            .evidence
            .iter()
            .any(|e| e.about == "rice_grain" && e.support > 0.0)
    );
    assert!(named_by_field.assessment.label_score >= 0.8);
}

#[test]
fn a_round_focus_amid_the_field_is_a_grain_end_on() {
    let mut image = field(Label::RiceGrain, 10.0);
    image.push(ellipse([47.0, 28.0], 4.0, 4.0, 0.0, Label::Phlebolith));
    let far = ellipse([150.0, 150.0], 4.0, 4.0, 0.0, Label::Phlebolith);
    image.push(far);
    let (_, foci, _) = run(image, BodyPart::Thigh);
    let labels: Vec<Label> = foci.iter().map(|focus| focus.assessment.label).collect();
    assert_eq!(labels.iter().filter(|label| **label == Label::RiceGrain).count(), 13);
    assert_eq!(labels.last(), Some(&Label::Phlebolith));
}

#[test]
fn spindles_without_a_field_lose_the_name() {
    let few: Vec<_> = field(Label::RiceGrain, 10.0).into_iter().take(4).collect();
    let crossed = field(Label::RiceGrain, 160.0);
    for image in [few, crossed] {
        let (_, foci, _) = run(image, BodyPart::Thigh);
        assert!(!foci.is_empty());
        for focus in foci {
            assert_eq!(focus.assessment.label, Label::Indeterminate);
            assert_eq!(focus.assessment.runner_up.unwrap().0, Label::RiceGrain);
            assert!(focus.assessment.notes.iter().any(|note| note.contains("at least five")));
        }
    }
}

#[test]
fn segments_strung_end_to_end_are_a_vessel() {
    let chain: Vec<_> = (0..7)
        .map(|nth| {
            let down = 20.0 + 14.0 * f64::from(nth);
            let slope = 0.004 * down;
            ellipse(
                [down, 40.0 + slope * down / 2.0],
                9.0,
                2.5,
                slope.atan().to_degrees(),
                Label::RiceGrain,
            )
        })
        .collect();
    let (findings, foci, _) = run(chain, BodyPart::Thigh);
    assert_eq!((findings.len(), foci.len()), (1, 7));
    assert_eq!(
        (findings[0].label, findings[0].pattern),
        (Label::VascularCalcification, Pattern::Row)
    );
    assert!(foci.iter().all(|focus| !focus.assessment.evidence.is_empty()));
}

#[test]
fn lobules_with_narrow_gaps_are_one_mass() {
    let lobes = [[30.0, 30.0], [30.0, 47.0], [45.0, 38.5]];
    let image = |bone: f64| -> Vec<_> {
        lobes
            .iter()
            .map(|&centre| {
                let mut lobe = ellipse(centre, 15.5, 15.0, 0.0, Label::Indeterminate);
                lobe.0.features.set(Feature::DistanceToBoneMm, bone);
                lobe
            })
            .collect()
    };
    let (findings, foci, _) = run(image(15.0), BodyPart::Hip);
    assert_eq!(findings.len(), 1);
    assert_eq!(
        (findings[0].label, findings[0].pattern),
        (Label::TumoralCalcinosis, Pattern::Lobulated)
    );
    assert_eq!(foci.len(), 3);
    let across = findings[0].extent_mm.unwrap();
    assert!((across - 32.0).abs() < 1.0, "{across}");
    let area: f64 = lobes.len() as f64 * std::f64::consts::PI / 4.0 * 15.5 * 15.0;
    assert!((findings[0].area_mm2.unwrap() / area - 1.0).abs() < 0.02);

    let (findings, _, _) = run(image(0.0), BodyPart::Hip);
    assert_eq!(findings[0].label, Label::MineralisedMass);
    assert!(
        findings[0].statement.contains("review by a radiologist"),
        "{}",
        findings[0].statement
    );
}

#[test]
fn specks_with_narrow_gaps_are_one_amorphous_calcification() {
    let at = [[30.0, 30.0], [33.5, 31.0], [31.0, 34.5], [35.0, 35.0]];
    let image = |apart: f64| -> Vec<_> {
        at.map(|c| ellipse(c.map(|mm| mm * apart), 2.0, 1.8, 0.0, Label::Phlebolith))
            .into()
    };
    let (findings, foci, _) = run(image(1.0), BodyPart::LowerLeg);
    assert_eq!((findings.len(), findings[0].label), (1, Label::Calcification));
    assert!(
        foci.iter()
            .all(|focus| focus.assessment.runner_up == Some((Label::Phlebolith, 0.9)))
    );
    let (findings, _, _) = run(image(4.0), BodyPart::LowerLeg);
    assert!(findings.iter().all(|finding| finding.label == Label::Phlebolith));
}

#[test]
fn phleboliths_make_a_row_or_a_group_and_far_ones_are_apart() {
    let row = (0..5).map(|nth| ellipse([20.0 + 10.0 * f64::from(nth), 30.0], 4.0, 3.8, 0.0, Label::Phlebolith));
    let (findings, _, _) = run(row.collect(), BodyPart::LowerLeg);
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0].pattern, Pattern::Row);
    assert!(findings[0].statement.contains("phlebolith-like"));
    assert!(findings[0].differential[0].contains("vascular malformation"));

    let apart = [[20.0, 20.0], [25.0, 22.0], [200.0, 200.0]];
    let (findings, _, _) = run(
        apart.map(|c| ellipse(c, 4.0, 3.8, 0.0, Label::Phlebolith)).into(),
        BodyPart::Pelvis,
    );
    let patterns: Vec<Pattern> = findings.iter().map(|finding| finding.pattern).collect();
    assert_eq!(patterns, [Pattern::Group, Pattern::Single]);
    assert!(findings[0].statement.contains("ureteral stone"));
}

#[test]
fn amorphous_foci_within_the_gap_are_one_finding() {
    let image = |gap: f64| -> Vec<_> {
        [0.0, 8.0 + gap]
            .map(|shift| ellipse([30.0, 30.0 + shift], 8.0, 8.0, 0.0, Label::Calcification))
            .into()
    };
    assert_eq!(run(image(12.0), BodyPart::Thigh).0.len(), 1);
    assert_eq!(run(image(18.0), BodyPart::Thigh).0.len(), 2);
}

#[test]
fn every_label_has_a_sentence_and_a_differential() {
    for label in Label::ALL {
        for body_part in [BodyPart::Pelvis, BodyPart::Shoulder, BodyPart::Unknown] {
            let (findings, _, _) = run(vec![ellipse([30.0, 30.0], 9.0, 8.0, 0.0, label)], body_part);
            let finding = &findings[0];
            assert!(finding.statement.contains("pattern consistent with"));
            assert!(finding.differential.len() >= 2);
            assert_eq!(finding.pattern, Pattern::Single);
            assert!((finding.extent_mm.unwrap() - 9.0).abs() < 0.5);
        }
    }
}

#[test]
fn without_spacing_there_are_no_lengths_and_no_second_look() {
    let (candidates, verdicts) = field(Label::Indeterminate, 10.0).into_iter().unzip();
    let (findings, foci, _) = assemble(
        &Grouping::default(),
        candidates,
        verdicts,
        &at(BodyPart::Thigh),
        None,
        true,
    );
    assert_eq!(foci.len(), 12);
    assert!(foci.iter().all(|focus| focus.assessment.label == Label::Indeterminate));
    assert!(findings.iter().all(|f| f.extent_mm.is_none() && f.area_mm2.is_none()));
}

#[test]
fn thousands_of_foci_are_grouped_in_reasonable_time() {
    // A 60 x 60 lattice, 5 mm apart: one field of 3600 grains.
    let image: Vec<_> = (0..3600)
        .map(|nth| {
            let centre = [10.0 + 8.0 * f64::from(nth / 60), 10.0 + 5.0 * f64::from(nth % 60)];
            ellipse(centre, 5.0, 2.0, 0.0, Label::RiceGrain)
        })
        .collect();
    let start = std::time::Instant::now();
    let (findings, foci, _) = run(image, BodyPart::Thigh);
    assert_eq!((findings.len(), foci.len()), (1, 3600));
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn the_order_of_candidates_changes_nothing(order in Just((0..17usize).collect::<Vec<_>>()).prop_shuffle()) {
        let mut image = field(Label::RiceGrain, 20.0);
        image.push(ellipse([47.0, 28.0], 4.0, 4.0, 0.0, Label::Phlebolith));
        image.push(ellipse([120.0, 28.0], 4.0, 4.0, 0.0, Label::Phlebolith));
        image.push(ellipse([120.0, 50.0], 9.0, 4.0, 90.0, Label::Calcification));
        image.push(ellipse([150.0, 150.0], 20.0, 18.0, 0.0, Label::Indeterminate));
        let mut refused = ellipse([160.0, 30.0], 9.0, 4.0, 90.0, Label::Calcification);
        refused.1 = Verdict::Rejected { reason: Rejection::Bone, evidence: Vec::new() };
        image.push(refused);
        let plain = run(image.clone(), BodyPart::Thigh);
        let shuffled = run(order.into_iter().map(|nth| image[nth].clone()).collect(), BodyPart::Thigh);
        prop_assert_eq!(&plain, &shuffled);
        let (findings, foci, _) = plain;
        let first_pixels: Vec<Run> = foci.iter().map(|focus| focus.candidate.region.runs()[0]).collect();
        prop_assert!(first_pixels.is_sorted());
        prop_assert_eq!(foci.iter().map(|f| f.number).collect::<Vec<_>>(), (1..=foci.len() as u32).collect::<Vec<_>>());
        let first_foci: Vec<u32> = findings.iter().map(|finding| finding.foci[0]).collect();
        prop_assert!(first_foci.is_sorted());
        for finding in &findings {
            for &number in &finding.foci {
                prop_assert_eq!(foci[number as usize - 1].finding, finding.number);
            }
        }
    }
}
