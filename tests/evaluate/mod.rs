//! `calxray evaluate` from outside, on phantoms that were scanned.

mod tools;

use crate::support::{Finished, run};
use serde_json::Value;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

/// Three small synthetic radiographs in `images`, and what a scan found in `out`.
fn scanned() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let (images, out) = (folder.path().join("images"), folder.path().join("out"));
    let path = |path: &Path| path.to_str().unwrap().to_owned();
    let drawn = [
        "--count",
        "3",
        "--seed",
        "5",
        "--scene",
        "forearm",
        "--normal",
        "0",
        "--spacing",
        "0.4",
    ];
    run(["phantom", "--out", &path(&images)].into_iter().chain(drawn)).expect(0);
    run([
        "scan",
        &path(&images),
        "--out",
        &path(&out),
        "--format",
        "jsonl,coco",
        "--min-score",
        "0",
        "--quiet",
    ])
    .expect(0);
    folder
}

fn evaluate(folder: &Path, truth: &str, found: &str, more: &[&str]) -> Finished {
    let (truth, found) = (folder.join(truth), folder.join(found));
    let mut arguments = vec![
        "evaluate",
        "--truth",
        truth.to_str().unwrap(),
        "--found",
        found.to_str().unwrap(),
    ];
    arguments.extend(more);
    run(arguments)
}

#[test]
fn phantoms_scanned_are_scored_as_table_json_and_page() {
    let folder = scanned();
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let more = ["--json", &at("a.json"), "--html", &at("a.html"), "--bootstrap", "100"];
    let table = evaluate(folder.path(), "images/truth.json", "out", &more)
        .expect(0)
        .stdout;
    assert!(table.starts_with("3 synthetic images"), "{table}");
    assert!(table.contains("clear foci off bone") && table.contains("no focus"));
    let json: Value = serde_json::from_str(&fs::read_to_string(at("a.json")).unwrap()).unwrap();
    assert_eq!(json["inputs"]["paired"], 3);
    assert_eq!(json["inputs"]["without_truth"], 0);
    assert_eq!(json["inputs"]["body_area_known"], 3);
    let counts = &json["scores"]["counts"];
    let lines = fs::read_to_string(at("out/findings.jsonl")).unwrap();
    let foci = |line: &str| {
        serde_json::from_str::<Value>(line).unwrap()["foci"]
            .as_array()
            .unwrap()
            .len()
    };
    let detections: usize = lines.lines().map(foci).sum();
    assert_eq!(counts["detections"], detections);
    let truth: Value = serde_json::from_str(&fs::read_to_string(at("images/truth.json")).unwrap()).unwrap();
    let deposits: usize = truth["images"]
        .as_array()
        .unwrap()
        .iter()
        .map(|image| image["foci"].as_array().unwrap().len())
        .sum();
    let counted = ["clear_foci", "less_clear_foci", "ignored_foci"].map(|name| counts[name].as_u64().unwrap());
    assert_eq!(counted.iter().sum::<u64>() as usize, deposits);
    assert!(deposits > 0, "an empty comparison shows nothing");

    // COCO on both sides tells the same story, but for what COCO does not hold: visibility and body.
    let again = ["--json", &at("b.json"), "--html", &at("b.html"), "--bootstrap", "100"];
    evaluate(folder.path(), "images/truth.json", "out/findings.jsonl", &again).expect(0);
    assert_eq!(fs::read(at("a.json")).unwrap(), fs::read(at("b.json")).unwrap());
    assert_eq!(fs::read(at("a.html")).unwrap(), fs::read(at("b.html")).unwrap());
    evaluate(
        folder.path(),
        "images/truth.json",
        "out/coco.json",
        &["--json", &at("c.json"), "--bootstrap", "0"],
    )
    .expect(0);
    let coco: Value = serde_json::from_str(&fs::read_to_string(at("c.json")).unwrap()).unwrap();
    for place in ["/scores/counts", "/scores/naming/confusion"] {
        assert_eq!(json.pointer(place), coco.pointer(place), "{place}");
    }
    let table = evaluate(
        folder.path(),
        "images/coco.json",
        "out/coco.json",
        &["--bootstrap", "0"],
    )
    .expect(0)
    .stdout;
    assert!(
        table.starts_with("3 synthetic images") && table.contains("state no contrast"),
        "{table}"
    );
}

#[test]
fn truth_found_again_is_perfect() {
    let folder = scanned();
    let at = |name: &str| folder.path().join(name);
    let mut coco: Value = serde_json::from_str(&fs::read_to_string(at("images/coco.json")).unwrap()).unwrap();
    for annotation in coco["annotations"].as_array_mut().unwrap() {
        annotation["score"] = 1.0.into();
    }
    fs::write(at("same.json"), coco.to_string()).unwrap();
    let json = at("scores.json");
    let more = ["--json", json.to_str().unwrap(), "--bootstrap", "20"];
    evaluate(folder.path(), "images/truth.json", "same.json", &more).expect(0);
    let scores: Value = serde_json::from_str(&fs::read_to_string(&json).unwrap()).unwrap();
    let value = |place: &str| scores.pointer(place).unwrap_or_else(|| panic!("no {place}")).clone();
    assert_eq!(value("/scores/froc/3/per_image/0/sensitivity/low"), 1.0);
    assert_eq!(value("/scores/operating/0/false_per_image/value"), 0.0);
    assert_eq!(value("/scores/naming/macro_f1/value"), 1.0);
    assert_eq!(value("/scores/extent/area_error/value"), 0.0);
    assert_eq!(value("/scores/calibration/expected_error/value"), 0.0);
}

#[test]
fn what_does_not_fit_is_an_error_that_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let truth = r#"{"synthetic":true,"images":[{"file":"a.dcm","rows":9,"columns":9,"spacing_mm":1,"foci":[]},
        {"file":"b.dcm","rows":9,"columns":9,"spacing_mm":1,"foci":[]}]}"#;
    fs::write(folder.path().join("truth.json"), truth).unwrap();
    let line = r#"{"path":"a.dcm","frame":1,"outcome":{"status":"analysed"},"rows":9,"columns":9,"foci":[]}"#;
    fs::write(folder.path().join("found.jsonl"), line).unwrap();
    let missing = evaluate(folder.path(), "truth.json", "found.jsonl", &[]).expect(2);
    assert!(missing.stderr.contains("1 of 2") && missing.stderr.contains("b.dcm"));
    assert!(missing.stderr.contains("--missing-as-empty") && missing.stdout.is_empty());
    let counted = evaluate(folder.path(), "truth.json", "found.jsonl", &["--missing-as-empty"]).expect(0);
    assert!(counted.stdout.contains("1 images of the truth were not searched"));
    fs::write(folder.path().join("damaged.jsonl"), &line[..40]).unwrap();
    let damaged = evaluate(folder.path(), "truth.json", "damaged.jsonl", &[]).expect(2);
    assert!(damaged.stderr.contains("damaged.jsonl"));
    evaluate(folder.path(), "truth.json", "nowhere.jsonl", &[]).expect(2);
    evaluate(folder.path(), "truth.json", "found.jsonl", &["--score", "1.5"]).expect(2);
}
