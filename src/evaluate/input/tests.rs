use super::*;
use crate::evaluate::{Case, Options, Scores, score};
use crate::label::{Region, Run};
use crate::write::Rle;
use serde_json::{Value, json};

fn square(top: u32, left: u32, side: u32) -> Region {
    let run = |row| Run {
        row,
        start: left,
        end: left + side,
    };
    Region::new((top..top + side).map(run).collect()).unwrap()
}

fn rle(top: u32, left: u32, side: u32) -> Value {
    json!(Rle::encode(&square(top, left, side), (50, 60)))
}

fn phantom_truth() -> Value {
    json!({
        "synthetic": true,
        "seed": 3,
        "images": [
            { "file": "a.dcm", "rows": 50, "columns": 60, "spacing_mm": 0.5, "scene": "thigh", "new_field": [1], "foci": [
                { "label": "rice_grain", "cnr": 2.0, "cnr_noise": 9.0, "over_bone": 0.1, "visibility": "clear", "segmentation": rle(5, 5, 6) },
                { "label": "calcification", "cnr": 0.2, "cnr_noise": 9.0, "over_bone": 0.0, "visibility": "ignore", "segmentation": rle(30, 30, 4) },
            ], "distractors": [
                { "kind": "vessel", "segmentation": rle(40, 5, 3) },
                { "kind": "metal", "box": { "top": 1, "left": 50, "bottom": 4, "right": 53 } },
            ] },
            { "file": "b.dcm", "rows": 50, "columns": 60, "spacing_mm": 0.5, "scene": "pelvis", "foci": [] },
        ],
    })
}

fn line(path: &str, foci: Value) -> Value {
    json!({
        "record_version": 1, "path": path, "frame": 1, "outcome": { "status": "analysed" }, "body_part": "unknown",
        "rows": 50, "columns": 60, "spacing": { "between_rows_mm": 0.5, "between_columns_mm": 0.5, "plane": "detector" },
        "scene": { "field_fraction": 0.5, "body_fraction": 0.8 }, "foci": foci, "rejected": [{ "reason": "bone" }],
    })
}

fn focus(label: &str, score: f64, mask: Value, centroid: [f64; 2]) -> Value {
    json!({ "number": 1, "label": label, "score": score, "label_score": 0.7, "centroid": centroid, "segmentation": mask })
}

fn lines(values: &[Value]) -> String {
    values.iter().map(|value| format!("{value}\n")).collect()
}

fn both(truth: &Value, found: &str, missing_as_empty: bool) -> Result<(Vec<Case>, Inputs), InputError> {
    let truth = TruthSet::parse(&truth.to_string())?;
    let found = FoundSet::parse(found, &truth)?;
    pair(truth, found, missing_as_empty)
}

fn scored(cases: &[Case]) -> Scores {
    score(
        cases,
        &Options {
            bootstrap: 0,
            ..Options::default()
        },
    )
}

#[test]
fn truth_and_findings_of_calxray_come_together() {
    let found = lines(&[
        json!({ "path": "in/truth.json", "frame": 1, "outcome": { "status": "skipped", "reason": "no image" } }),
        line(
            "in/a.dcm",
            json!([
                focus("rice_grain", 0.9, rle(5, 5, 6), [7.5, 7.5]),
                focus("arterial_calcification", 0.8, rle(40, 5, 3), [41.0, 6.0]),
                focus("calcification", 0.7, rle(1, 50, 3), [2.0, 51.0]),
                focus("calcification", 0.6, rle(30, 30, 4), [31.5, 31.5]),
            ]),
        ),
        line("in/b.dcm", json!([])),
        line("in/c.dcm", json!([])),
    ]);
    let (cases, inputs) = both(&phantom_truth(), &found, false).unwrap();
    let expected = Inputs {
        truth_images: 2,
        found_images: 3,
        paired: 2,
        without_truth: 1,
        body_area_known: 2,
        ..Inputs::default()
    };
    assert_eq!(inputs, expected);
    // 50 x 60 pixels of 0.25 mm2 are 7.5 cm2, two fifths of them body.
    assert!((cases[0].area_cm2.unwrap() - 3.0).abs() < 1e-9);
    assert_eq!((cases[1].part.as_deref(), cases[1].is_normal()), (Some("pelvis"), true));
    let scores = scored(&cases);
    assert_eq!(scores.counts.synthetic_images, 2);
    assert_eq!((scores.counts.clear_foci, scores.counts.ignored_foci), (1, 1));
    let operating = &scores.operating[0];
    assert_eq!(operating.sensitivity[0].share.value, Some(1.0));
    assert_eq!(operating.false_per_image.value, Some(0.5));
    assert_eq!(operating.false_on_distractors.get("metal"), Some(&1));
    assert_eq!(operating.false_on_distractors.len(), 1);
    assert_eq!(operating.by_part.len(), 2);
}

#[test]
fn missing_images_are_an_error_unless_told_otherwise() {
    let failed = json!({ "path": "b.dcm", "frame": 1, "outcome": { "status": "failed", "stage": "pixels", "message": "damaged" } });
    for rest in [vec![], vec![failed]] {
        let found = lines(&[vec![line("a.dcm", json!([]))], rest].concat());
        let error = both(&phantom_truth(), &found, false).unwrap_err();
        assert!(matches!(error, InputError::Missing { count: 1, of: 2, .. }), "{error}");
        assert!(error.to_string().contains("b.dcm"));
        let (cases, inputs) = both(&phantom_truth(), &found, true).unwrap();
        assert_eq!((cases.len(), inputs.missing_as_empty, inputs.paired), (2, 1, 1));
    }
    let nothing = both(&phantom_truth(), "", true).unwrap_err();
    assert!(matches!(nothing, InputError::NothingPairs { .. }), "{nothing}");
}

#[test]
fn names_pair_by_whole_folders_and_never_by_guess() {
    let truth = |names: &[&str]| TruthSet {
        images: names
            .iter()
            .map(|&name| TruthImage {
                name: name.to_owned(),
                frame: 1,
                ..TruthImage::default()
            })
            .collect(),
        ..TruthSet::default()
    };
    let found = |names: &[&str]| FoundSet {
        images: names
            .iter()
            .map(|&name| FoundImage {
                name: name.to_owned(),
                frame: 1,
                ..FoundImage::default()
            })
            .collect(),
    };
    let pairs = |a: &[&str], b: &[&str]| pair(truth(a), found(b), true).map(|(_, inputs)| inputs.paired);
    assert_eq!(pairs(&["a/1.dcm", "b/1.dcm"], &["x/b/1.dcm", "x/a/1.dcm"]).unwrap(), 2);
    assert_eq!(pairs(&["all\\a\\1.dcm"], &["a/1.dcm"]).unwrap(), 1);
    assert_eq!(pairs(&["1.dcm"], &["set.zip!/deep/1.dcm"]).unwrap(), 1);
    // An equal name goes before one that merely fits.
    assert_eq!(pairs(&["1.dcm"], &["1.dcm", "a/1.dcm"]).unwrap(), 1);
    assert!(matches!(
        pairs(&["1.dcm"], &["b/1.dcm", "a/1.dcm"]),
        Err(InputError::Ambiguous { .. })
    ));
    assert!(matches!(
        pairs(&["b/1.dcm", "a/1.dcm"], &["1.dcm"]),
        Err(InputError::Ambiguous { .. })
    ));
    assert!(matches!(
        pairs(&["11.dcm"], &["1.dcm"]),
        Err(InputError::NothingPairs { .. })
    ));
    assert!(matches!(
        pairs(&["1.dcm", "./1.dcm"], &["1.dcm"]),
        Err(InputError::Twice(_))
    ));
}

/// A lab's own truth: a polygon, plain counts, a crowd, a mere box, a name beyond the mission.
fn lab() -> Value {
    json!({
        "images": [
            { "id": 7, "file_name": "x/one.png", "height": 50, "width": 60, "spacing_mm": [0.5, 0.25], "license": null },
            { "id": 9, "file_name": "x/two.png", "height": 50, "width": 60 },
        ],
        "categories": [
            { "id": 1, "name": "Rice grain" }, { "id": 2, "name": "phlebolith" }, { "id": 5, "name": "osteophyte" },
        ],
        "annotations": [
            { "id": 1, "image_id": 7, "category_id": 1, "segmentation": [[10, 5, 16, 5, 16, 11, 10, 11]], "iscrowd": 0 },
            { "id": 2, "image_id": 7, "category_id": 2, "segmentation": { "size": [50, 60], "counts": [20, 4, 2976] }, "cnr": 0.7 },
            { "id": 3, "image_id": 7, "category_id": 2, "segmentation": rle(30, 30, 4), "iscrowd": 1 },
            { "id": 4, "image_id": 9, "category_id": 5, "bbox": [10.2, 20.0, 4.9, 6.0] },
        ],
    })
}

#[test]
fn coco_truth_is_read_in_all_its_forms() {
    let truth = TruthSet::parse(&lab().to_string()).unwrap();
    let [one, two] = &truth.images[..] else {
        panic!("two images")
    };
    assert_eq!(one.spacing.map(|both| both.map(Millimetres::get)), Some([0.5, 0.25]));
    assert_eq!(two.spacing, None);
    assert!(!one.synthetic);
    let areas: Vec<u64> = one.foci.iter().map(|focus| focus.region.area()).collect();
    assert_eq!(areas, [36, 4, 16]);
    let kinds: Vec<Visibility> = one.foci.iter().map(|focus| focus.visibility).collect();
    assert_eq!(kinds, [Visibility::Clear, Visibility::Visible, Visibility::Ignore]);
    assert_eq!(one.foci[0].label, "rice_grain");
    // Rows 20 to 23 of the first column.
    assert!(one.foci[1].region.contains(20, 0) && one.foci[1].region.contains(23, 0));
    let boxed = &two.foci[0];
    assert_eq!(
        (boxed.masked, boxed.region.area(), boxed.label.as_ref()),
        (false, 5 * 6, "osteophyte")
    );
    assert_eq!((boxed.region.bounds().left, boxed.region.bounds().right), (10, 15));
}

#[test]
fn coco_detections_and_results_score_the_same() {
    let annotations = json!([
        { "image_id": 7, "category_id": 1, "bbox": [10, 5, 6, 6], "segmentation": rle(5, 10, 6), "score": 0.9 },
        { "image_id": 9, "category_id": 2, "bbox": [40, 20, 4, 4], "score": 0.8 },
    ]);
    let mut file = lab();
    file["annotations"] = annotations.clone();
    for found in [file.to_string(), annotations.to_string()] {
        let (cases, inputs) = both(&lab(), &found, false).unwrap();
        assert_eq!((inputs.paired, inputs.body_area_known), (2, 0));
        let scores = scored(&cases);
        assert_eq!(scores.counts.images_without_spacing, 1);
        assert_eq!(scores.counts.foci_without_contrast, 2);
        assert_eq!(
            (scores.counts.foci_without_mask, scores.counts.foci_beyond_mission),
            (1, 1)
        );
        assert_eq!(scores.operating[0].sensitivity[0].share.count, 1);
        assert_eq!(scores.operating[0].false_per_image.value, Some(0.5));
        assert_eq!(scores.extent.foci, 1);
        assert!(scores.froc[0].per_100_cm2.is_empty());
        assert_eq!(scores.prefix(), "");
    }
    let unscored = json!([{ "image_id": 7, "category_id": 1, "bbox": [10, 5, 6, 6] }]).to_string();
    assert!(matches!(
        both(&lab(), &unscored, false),
        Err(InputError::Damaged { .. })
    ));
}

#[test]
fn synthetic_truth_in_coco_stays_synthetic() {
    let mut file = lab();
    file["info"] = json!({ "description": "Synthetic radiographs of calxray phantom" });
    let truth = TruthSet::parse(&file.to_string()).unwrap();
    assert!(truth.images.iter().all(|image| image.synthetic));
}

#[test]
fn damaged_files_end_in_an_error_that_says_where() {
    let wrong = [
        (
            "/annotations/0/image_id",
            json!(8),
            "annotation 1: there is no image with number 8",
        ),
        (
            "/annotations/0/category_id",
            json!(3),
            "annotation 1: there is no category",
        ),
        (
            "/annotations/0/segmentation",
            json!([[1, 2, 3, 4]]),
            "a polygon of 4 numbers",
        ),
        (
            "/annotations/0/segmentation",
            json!([[1e9, 2, 3, 4, 1, 2]]),
            "beyond any image",
        ),
        (
            "/annotations/0/segmentation",
            json!([[-9, -9, -5, -9, -5, -5]]),
            "empty",
        ),
        (
            "/annotations/1/segmentation/counts",
            json!([20, 4, 2975]),
            "do not fill",
        ),
        (
            "/annotations/1/segmentation/counts",
            json!([20, 4, u64::MAX, 9]),
            "leave the image",
        ),
        ("/annotations/1/segmentation/counts", json!([0, u64::MAX]), "too large"),
        ("/annotations/2/segmentation/counts", json!("zzz"), "hold no mask"),
        (
            "/annotations/2/segmentation/size",
            json!([60, 50]),
            "annotation 3: a mask of 60 x 50",
        ),
        ("/annotations/3/bbox", json!([70, 80, 5, 5]), "outside"),
        ("/annotations/3/bbox", json!([null, 1, 1, 1]), "not readable"),
        ("/images/0/height", json!(4_000_000_000_u64), "no image"),
        ("/images/1/id", json!(7), "second image"),
    ];
    for (place, value, says) in wrong {
        let mut file = lab();
        *file.pointer_mut(place).unwrap() = value;
        let error = TruthSet::parse(&file.to_string()).unwrap_err().to_string();
        assert!(error.contains(says), "{place}: {error}");
    }
    for text in ["", "{}", "[]", "nonsense", "{\"images\":3}", "{\"images\":[{}]}"] {
        assert!(TruthSet::parse(text).is_err(), "{text}");
    }
    let truth = TruthSet::parse(&lab().to_string()).unwrap();
    for text in ["{}", "nonsense", "{\"outcome\":3}", "[{}]", "{\"annotations\":[]}"] {
        assert!(FoundSet::parse(text, &truth).is_err(), "{text}");
    }
    let other = TruthSet::parse(&phantom_truth().to_string()).unwrap();
    assert!(matches!(FoundSet::parse("[]", &other), Err(InputError::Unknown(_))));
    let shorter = lines(&[line("a.dcm", json!([])), line("b.dcm", json!([]))]).replace("\"rows\":50", "\"rows\":40");
    let error = both(&phantom_truth(), &shorter, false).unwrap_err().to_string();
    assert!(error.contains("50 x 60") && error.contains("40 x 60"), "{error}");
}

#[test]
fn scores_of_all_names_are_read_where_they_are_stated() {
    let mut named = focus("tumoral_calcinosis", 0.9, rle(5, 5, 6), [7.5, 7.5]);
    named["scores"] = json!([{ "label": "ossification", "score": 0.3 }, { "label": "calcification", "score": 0.2 }]);
    let found = lines(&[line("a.dcm", json!([named])), line("b.dcm", json!([]))]);
    let (cases, _) = both(&phantom_truth(), &found, false).unwrap();
    let detection = &cases[0].found[0];
    assert!(detection.prefers("ossification", "calcification"));
    assert!(!detection.prefers("calcification", "ossification"));
}
