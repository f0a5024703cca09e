use super::*;
use crate::evaluate::{Case, Detection, Options, Scores, TruthFocus, Visibility, score};
use crate::label::{Region, Run};
use crate::units::Millimetres;

fn dot(row: u32) -> Region {
    let run = Run {
        row,
        start: 10,
        end: 12,
    };
    Region::new(vec![run]).unwrap()
}

/// Foci at rows 100, 200 ...; `hits` are scores of detections on them, `strays` those elsewhere.
fn case(foci: u32, hits: &[f32], strays: &[f32]) -> Case {
    let mm = Millimetres::new(0.1).unwrap();
    let mut case = Case::new("drawn", (1000, 1000), Some([mm, mm]));
    case.truth = (1..=foci)
        .map(|n| TruthFocus::new(dot(100 * n), "phlebolith"))
        .collect();
    let on = hits.iter().zip(1..).map(|(&score, n)| (score, 100 * n));
    let off = strays.iter().zip(1..).map(|(&score, n)| (score, 100 * n + 50));
    case.found = on
        .chain(off)
        .map(|(score, row)| Detection::new(dot(row), score, "phlebolith"))
        .collect();
    case
}

fn sensitivity(scores: &Scores, group: Group, rate: f64) -> (Option<f64>, bool) {
    let froc = scores.froc.iter().find(|froc| froc.group == group).unwrap();
    let at = froc.per_image.iter().find(|at| at.rate == rate).unwrap();
    (at.sensitivity.value, at.reached)
}

#[test]
fn the_curve_is_the_one_drawn_by_hand() {
    // By falling score: hit .9, stray .8, hit .7, stray .6, stray .5, hit .4, stray .3; four images, five foci.
    let cases = [
        case(2, &[0.9, 0.7], &[0.8]),
        case(3, &[0.4], &[0.6]),
        case(0, &[], &[0.5, 0.3]),
        case(0, &[], &[]),
    ];
    let scores = score(&cases, &Options::default());
    let at = |rate| sensitivity(&scores, Group::Clear, rate);
    assert_eq!(at(0.25), (Some(0.4), true));
    assert_eq!(at(0.5), (Some(0.4), true));
    assert_eq!(at(1.0), (Some(0.6), true));
    // Four strays in four images: beyond one per image nothing is known.
    assert_eq!(at(2.0), (Some(0.6), false));
    let per_image = &scores.froc[1].per_image;
    assert_eq!(per_image[0].score, Some(0.7));
    assert_eq!(per_image[1].score, Some(0.6));
    assert_eq!(per_image[2].score, Some(0.3));
    assert_eq!(scores.operating[1].score, 0.3);
    let chosen = &scores.operating[0];
    assert_eq!(chosen.sensitivity[0].share.count, 2);
    assert_eq!(chosen.false_per_image.value, Some(0.75));
    assert_eq!(chosen.false_per_normal_image.value, Some(0.5));
    assert_eq!(
        (chosen.normal_images_untouched.count, chosen.normal_images_untouched.of),
        (1, 2)
    );
    // 100 x 100 mm each: 1 per 100 cm2 is 1 per image.
    assert_eq!(chosen.false_per_100_cm2.value, Some(0.75));
    let per_area: Vec<_> = scores.froc[1]
        .per_100_cm2
        .iter()
        .map(|at| at.sensitivity.value)
        .collect();
    assert_eq!(per_area, [Some(0.4), Some(0.4), Some(0.6), Some(0.6), Some(0.6)]);
}

#[test]
fn equal_scores_stand_or_fall_together() {
    let cases = [case(1, &[0.5], &[0.5])];
    let scores = score(&cases, &Options::default());
    // The hit cannot be had without the stray.
    assert_eq!(sensitivity(&scores, Group::Clear, 0.5), (Some(0.0), true));
    assert_eq!(sensitivity(&scores, Group::Clear, 1.0), (Some(1.0), true));
    assert_eq!(scores.froc[1].per_image[1].score, None);
}

#[test]
fn foci_outside_a_group_are_neither_missed_nor_false() {
    let mut image = case(4, &[0.9, 0.8, 0.7, 0.6], &[]);
    image.truth[0].visibility = Visibility::Visible;
    image.truth[1].over_bone = Some(0.2);
    image.truth[2].over_bone = Some(0.19);
    image.truth[3].visibility = Visibility::Ignore;
    image.found.remove(0);
    let scores = score(&[image], &Options::default());
    let counts: Vec<u64> = scores.froc.iter().map(|froc| froc.foci).collect();
    assert_eq!(counts, [1, 2, 2, 3]);
    let values: Vec<_> = Group::ALL.map(|group| sensitivity(&scores, group, 0.25).0).to_vec();
    assert_eq!(values, [Some(1.0), Some(1.0), Some(0.5), Some(0.666_667)]);
    assert_eq!(scores.operating[0].false_per_image.value, Some(0.0));
    // An image that only has a focus to ignore is not normal.
    assert_eq!(scores.counts.normal_images, 0);
}

#[test]
fn intervals_hold_the_figure_and_do_not_change() {
    let cases: Vec<Case> = (0..60)
        .map(|index| case(2, &[[0.9, 0.2][index % 2], 0.7], &[[0.8, 0.1, 0.3][index % 3]]))
        .collect();
    let options = Options {
        bootstrap: 200,
        ..Options::default()
    };
    let scores = score(&cases, &options);
    for froc in &scores.froc {
        for at in froc.per_image.iter().chain(&froc.curve) {
            let Some(value) = at.sensitivity.value else {
                continue;
            };
            let (low, high) = (at.sensitivity.low.unwrap(), at.sensitivity.high.unwrap());
            assert!(low <= high && low <= value + 1e-9, "{at:?}");
        }
        let values: Vec<_> = froc.curve.iter().map(|at| at.sensitivity.value).collect();
        assert!(values.is_sorted_by(|a, b| a <= b));
    }
    let bytes = |scores: &Scores| serde_json::to_string(scores).unwrap();
    assert_eq!(bytes(&score(&cases, &options)), bytes(&scores));
    let back: Scores = serde_json::from_str(&bytes(&scores)).unwrap();
    assert_eq!(back, scores);
}

#[test]
fn without_images_or_areas_there_are_no_figures_of_them() {
    let nothing = score(&[], &Options::default());
    assert_eq!(nothing.froc[0].per_image[0].sensitivity, Figure::default());
    assert!(nothing.froc[0].per_100_cm2.is_empty());
    let mut image = case(1, &[0.9], &[]);
    image.area_cm2 = None;
    let scores = score(&[image], &Options::default());
    assert!(scores.froc[0].per_100_cm2.is_empty());
    assert_eq!(scores.operating[0].false_per_100_cm2, Figure::default());
}
