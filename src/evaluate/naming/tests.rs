use crate::evaluate::{Case, Detection, Options, Scores, TruthFocus, score};
use crate::label::{Region, Run};
use crate::units::Millimetres;

fn square(row: u32, side: u32) -> Region {
    let run = |row| Run {
        row,
        start: 0,
        end: side,
    };
    Region::new((row..row + side).map(run).collect()).unwrap()
}

/// Foci of `(true name, given name, side in mm)`, all found but those without a given name.
fn scored(foci: &[(&'static str, &'static str, u32)]) -> Scores {
    let mm = Millimetres::new(1.0).unwrap();
    let mut case = Case::new("drawn", (10_000, 100), Some([mm, mm]));
    for (&(truly, given, side), row) in foci.iter().zip((0..).step_by(100)) {
        case.truth.push(TruthFocus::new(square(row, side), truly));
        if !given.is_empty() {
            let mut detection = Detection::new(square(row, side), 0.9, given);
            detection.label_score = Some(0.8);
            case.found.push(detection);
        }
    }
    case.found.push(Detection::new(square(9_000, 3), 0.9, "ossification"));
    score(
        &[case],
        &Options {
            bootstrap: 0,
            ..Options::default()
        },
    )
}

#[test]
fn names_are_counted_as_by_hand() {
    let naming = scored(&[
        ("rice_grain", "rice_grain", 3),
        ("rice_grain", "rice_grain", 3),
        ("rice_grain", "indeterminate", 3),
        ("phlebolith", "rice_grain", 3),
        ("phlebolith", "phlebolith", 3),
        ("phlebolith", "", 3),
        ("granuloma", "calcification", 3),
        ("ossification", "arterial_calcification", 3),
    ])
    .naming;
    // Six matched foci of the mission, three right, one indeterminate, four with a mission label.
    assert_eq!((naming.right.count, naming.right.of), (3, 6));
    assert_eq!((naming.indeterminate.count, naming.indeterminate.of), (1, 6));
    assert_eq!((naming.right_when_named.count, naming.right_when_named.of), (3, 4));
    // F1: rice 2*2/(3+3), phlebolith 2*1/(2+1), ossification 0.
    let f1: Vec<_> = naming.labels.iter().map(|label| label.f1.value).collect();
    assert_eq!(f1, [Some(0.666_667), Some(0.666_667), None, None, Some(0.0), None]);
    assert_eq!(naming.macro_f1.value, Some(0.444_444));
    let rice = &naming.labels[0];
    assert_eq!((rice.recall.count, rice.recall.of), (2, 3));
    assert_eq!((rice.precision.count, rice.precision.of), (2, 3));
}

#[test]
fn bone_is_told_from_chalk_by_the_likelier_of_both_names() {
    let named = |truly: &'static str, given: &'static str, scores: &[(&'static str, f32)]| {
        let mut detection = Detection::new(square(0, 9), 0.9, given);
        detection.scores = scores.iter().map(|&(name, score)| (name.into(), score)).collect();
        let mm = Millimetres::new(1.0).unwrap();
        let mut case = Case::new("drawn", (100, 100), Some([mm, mm]));
        case.truth.push(TruthFocus::new(square(0, 9), truly));
        case.found.push(detection);
        case
    };
    let towards_bone = [
        ("ossification", 0.3),
        ("calcification", 0.2),
        ("tumoral_calcinosis", 0.5),
    ];
    let cases = [
        // A third name, but bone rather than chalk.
        named("ossification", "tumoral_calcinosis", &towards_bone),
        named("calcification", "tumoral_calcinosis", &towards_bone),
        // Without scores the name decides, and a third one is wrong.
        named("calcification", "calcification", &[]),
        named("calcification", "tumoral_calcinosis", &[]),
    ];
    let options = Options {
        bootstrap: 0,
        ..Options::default()
    };
    let naming = score(&cases, &options).naming;
    let (name, apart) = (
        naming.ossification_and_calcification,
        naming.ossification_against_calcification,
    );
    assert_eq!((name.count, name.of), (1, 4));
    assert_eq!((apart.count, apart.of), (2, 4));
}

#[test]
fn the_confusion_matrix_holds_every_focus_once() {
    let foci = [
        ("rice_grain", "phlebolith", 3),
        ("calcification", "", 3),
        ("granuloma", "calcification", 3),
        ("ossification", "ossification", 3),
    ];
    let confusion = scored(&foci).naming.confusion;
    assert_eq!(confusion.rows.last().unwrap(), "granuloma");
    assert_eq!(confusion.columns.last().unwrap(), "indeterminate");
    let at = |names: &[String], name: &str| names.iter().position(|other| other == name).unwrap();
    let count = |truly: &str, given: &str| confusion.counts[at(&confusion.rows, truly)][at(&confusion.columns, given)];
    assert_eq!(count("rice_grain", "phlebolith"), 1);
    assert_eq!(count("granuloma", "calcification"), 1);
    assert_eq!(count("ossification", "ossification"), 1);
    assert_eq!(confusion.missed[at(&confusion.rows, "calcification")], 1);
    assert_eq!(confusion.on_nothing[at(&confusion.columns, "ossification")], 1);
    let all = confusion.counts.iter().flatten().sum::<u64>() + confusion.missed.iter().sum::<u64>();
    assert_eq!(all, foci.len() as u64);
}

#[test]
fn ossification_is_told_from_calcification_where_both_are_large() {
    // Squares of 6 mm have a diagonal of 8.5 mm, of 5 mm one of 7.1 mm.
    let scores = scored(&[
        ("ossification", "ossification", 6),
        ("ossification", "ossification", 5),
        ("calcification", "ossification", 9),
        ("calcification", "calcification", 9),
        ("rice_grain", "ossification", 9),
    ]);
    let told = scores.naming.ossification_and_calcification;
    assert_eq!((told.count, told.of), (2, 3));
    // Score of the name 0.8, three of five right.
    assert_eq!(scores.label_calibration.expected_error.value, Some(0.2));
    assert_eq!(scores.extent.area_error.value, Some(0.0));
    assert_eq!(scores.extent.dice_mean.value, Some(1.0));
}
