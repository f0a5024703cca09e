use super::*;
use crate::evaluate::{Distractor, Visibility};
use crate::label::Run;

/// Pixels drawn with `letter`.
fn drawn(rows: &[&str], letter: char) -> Region {
    let pixels = rows.iter().zip(0..).flat_map(|(line, row)| {
        line.chars()
            .zip(0..)
            .filter(move |(other, _)| *other == letter)
            .map(move |(_, start)| Run {
                row,
                start,
                end: start + 1,
            })
    });
    Region::new(pixels.collect()).unwrap()
}

fn truth(rows: &[&str], letter: char) -> TruthFocus {
    TruthFocus::new(drawn(rows, letter), "phlebolith")
}

fn found(rows: &[&str], letter: char, score: f32) -> Detection {
    Detection::new(drawn(rows, letter), score, "phlebolith")
}

/// An image with a spacing of `mm` in both directions.
fn image(mm: f64, truth: Vec<TruthFocus>, found: Vec<Detection>) -> Case {
    let mm = Millimetres::new(mm).unwrap();
    Case {
        truth,
        found,
        ..Case::new("drawn", (100, 100), Some([mm, mm]))
    }
}

fn fates(case: &Case) -> Vec<Fate> {
    match_case(case, &Options::default()).fates
}

#[test]
fn a_centroid_within_a_millimetre_hits() {
    let truth_rows = &["", "  AA", "  AA"];
    // Four columns to the right of the mask: at 0.25 mm just within, at 0.3 mm beyond. The boxes are apart.
    let found_rows = &["", "       B", ""];
    let case = |mm| image(mm, vec![truth(truth_rows, 'A')], vec![found(found_rows, 'B', 0.9)]);
    assert_eq!(fates(&case(0.25)), [Fate::Hit(0)]);
    assert_eq!(fates(&case(0.3)), [Fate::False(None)]);
    // Without a spacing only the mask itself counts.
    let mut bare = case(0.25);
    bare.spacing = None;
    assert_eq!(fates(&bare), [Fate::False(None)]);
    bare.found = vec![found(&["", "   B"], 'B', 0.9)];
    assert_eq!(fates(&bare), [Fate::Hit(0)]);
}

#[test]
fn boxes_that_overlap_by_three_tenths_hit() {
    // A ring whose middle is hollow and far: the centroid is more than 1 mm from it.
    let ring = &[
        "AAAAAAAAA",
        "A       A",
        "A       A",
        "A       A",
        "A       A",
        "A       A",
        "AAAAAAAAA",
    ];
    let core = |rows: &[&str]| {
        let case = image(2.0, vec![truth(ring, 'A')], vec![found(rows, 'B', 0.9)]);
        fates(&case)[0]
    };
    // 5 x 5 in 9 x 7: 0.397; 3 x 5: 0.238.
    let square = "  BBBBB  ";
    assert_eq!(core(&["", square, square, square, square, square]), Fate::Hit(0));
    let narrow = "   BBB   ";
    assert_eq!(core(&["", narrow, narrow, narrow, narrow, narrow]), Fate::False(None));
}

#[test]
fn each_focus_is_taken_once_by_the_best_score() {
    let rows = &["ABB", "AAC"];
    let case = image(
        1.0,
        vec![TruthFocus::new(
            Region::new(vec![
                Run {
                    row: 0,
                    start: 0,
                    end: 3,
                },
                Run {
                    row: 1,
                    start: 0,
                    end: 3,
                },
            ])
            .unwrap(),
            "phlebolith",
        )],
        vec![found(rows, 'A', 0.5), found(rows, 'B', 0.9), found(rows, 'C', 0.7)],
    );
    let matching = match_case(&case, &Options::default());
    assert_eq!(matching.fates, [Fate::Neutral, Fate::Hit(0), Fate::Neutral]);
    assert_eq!(matching.taken_by, [Some(1)]);
}

#[test]
fn equal_scores_stay_in_the_order_given() {
    let rows = &["AB"];
    let both = Region::new(vec![Run {
        row: 0,
        start: 0,
        end: 2,
    }])
    .unwrap();
    let focus = TruthFocus::new(both, "phlebolith");
    let case = image(1.0, vec![focus], vec![found(rows, 'B', 0.5), found(rows, 'A', 0.5)]);
    assert_eq!(fates(&case), [Fate::Hit(0), Fate::Neutral]);
}

#[test]
fn of_several_foci_the_largest_overlap_is_taken_then_the_nearest_then_the_first() {
    // The detection covers two pixels of B, one of A.
    let rows = &["AABB"];
    let detection = Detection::new(
        Region::new(vec![Run {
            row: 0,
            start: 1,
            end: 4,
        }])
        .unwrap(),
        0.9,
        "x",
    );
    let case = image(0.5, vec![truth(rows, 'A'), truth(rows, 'B')], vec![detection]);
    assert_eq!(fates(&case), [Fate::Hit(1)]);
    // Without overlap: B is nearer to C than A.
    let rows = &["A  C B"];
    let case = image(
        0.25,
        vec![truth(rows, 'A'), truth(rows, 'B')],
        vec![found(rows, 'C', 0.9)],
    );
    assert_eq!(fates(&case), [Fate::Hit(1)]);
    // Equal in both: the first; a second detection takes the other.
    let rows = &["A  C  B", "   D"];
    let case = image(
        0.25,
        vec![truth(rows, 'A'), truth(rows, 'B')],
        vec![found(rows, 'C', 0.8), found(rows, 'D', 0.9)],
    );
    assert_eq!(fates(&case), [Fate::Hit(1), Fate::Hit(0)]);
}

#[test]
fn a_free_focus_is_preferred_to_one_that_is_ignored_or_taken() {
    let rows = &["AAACB"];
    let mut ignored = truth(rows, 'A');
    ignored.visibility = Visibility::Ignore;
    let case = image(0.5, vec![ignored, truth(rows, 'B')], vec![found(rows, 'C', 0.9)]);
    assert_eq!(fates(&case), [Fate::Hit(1)]);
}

#[test]
fn on_an_ignored_focus_a_detection_is_neutral() {
    let rows = &["AAC"];
    let mut ignored = truth(rows, 'A');
    ignored.visibility = Visibility::Ignore;
    let case = image(0.5, vec![ignored], vec![found(rows, 'C', 0.9), found(rows, 'A', 0.8)]);
    let matching = match_case(&case, &Options::default());
    assert_eq!(matching.fates, [Fate::Neutral, Fate::Neutral]);
    assert_eq!(matching.taken_by, [None]);
}

#[test]
fn a_lobe_is_neutral_though_its_centroid_is_outside() {
    // B is half inside A, its centroid two pixels of 2 mm away, and the boxes overlap little.
    let a = "AAAAAAAAAAAAAAAAAAAA";
    let large = Region::new(
        (0..10)
            .map(|row| Run {
                row,
                start: 0,
                end: a.len() as u32,
            })
            .collect(),
    )
    .unwrap();
    let split = |inside: u32, outside: u32| {
        let runs = vec![
            Run {
                row: 0,
                start: 0,
                end: inside,
            },
            Run {
                row: 14,
                start: 0,
                end: outside,
            },
        ];
        let case = image(
            2.0,
            vec![TruthFocus::new(large.clone(), "tumoral_calcinosis")],
            vec![Detection {
                centroid: [13.0, 1.0],
                ..Detection::new(Region::new(runs).unwrap(), 0.9, "x")
            }],
        );
        fates(&case)[0]
    };
    assert_eq!(split(2, 2), Fate::Neutral);
    assert_eq!(split(2, 3), Fate::False(None));
}

#[test]
fn a_vessel_called_vascular_is_neutral_and_other_distractors_are_counted() {
    let rows = &["VVVV   M"];
    let mut case = image(0.1, vec![], vec![found(rows, 'V', 0.9), found(rows, 'M', 0.8)]);
    case.distractors = vec![
        Distractor {
            region: drawn(rows, 'M'),
            kind: "metal".into(),
        },
        Distractor {
            region: drawn(rows, 'V'),
            kind: "vessel".into(),
        },
    ];
    assert_eq!(fates(&case), [Fate::False(Some(1)), Fate::False(Some(0))]);
    case.found[0].label = "arterial_calcification".into();
    case.found[1].label = "arterial_calcification".into();
    assert_eq!(fates(&case), [Fate::Neutral, Fate::False(Some(0))]);
}

#[test]
fn the_fate_of_a_detection_depends_on_better_ones_only() {
    let rows = &["ABCD  EF   G"];
    let truths = || vec![truth(rows, 'B'), truth(rows, 'E')];
    let all: Vec<Detection> = "ABCDEFG"
        .chars()
        .zip([0.3, 0.9, 0.5, 0.8, 0.2, 0.7, 0.6])
        .map(|(letter, score)| found(rows, letter, score))
        .collect();
    let whole = fates(&image(0.5, truths(), all.clone()));
    for least in [0.25, 0.45, 0.65, 0.85] {
        let kept: Vec<usize> = (0..all.len()).filter(|&index| all[index].score >= least).collect();
        let some = image(0.5, truths(), kept.iter().map(|&index| all[index].clone()).collect());
        let expected: Vec<Fate> = kept.iter().map(|&index| whole[index]).collect();
        assert_eq!(fates(&some), expected);
    }
}

#[test]
fn a_score_that_is_no_number_comes_last() {
    let rows = &["A"];
    let case = image(
        1.0,
        vec![truth(rows, 'A')],
        vec![found(rows, 'A', f32::NAN), found(rows, 'A', 0.0)],
    );
    assert_eq!(fates(&case), [Fate::Neutral, Fate::Hit(0)]);
}
