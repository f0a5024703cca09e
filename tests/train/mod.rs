//! `calxray train`: from known foci to a model that `scan` uses.

use crate::support::run;
use std::path::Path;

/// Synthetic radiographs with many grains, small and quick to draw.
fn phantoms(folder: &Path, count: &str) -> String {
    let out = folder.join("synthetic");
    let out = out.to_str().unwrap();
    let arguments = [
        "phantom", "--out", out, "--count", count, "--seed", "3", "--normal", "0",
    ];
    run(arguments
        .into_iter()
        .chain(["--spacing", "0.3", "--label", "rice_grain", "--density", "1.5,2"]))
    .expect(0);
    format!("{out}/truth.json")
}

#[test]
fn a_model_is_made_of_labels_and_used() {
    let folder = tempfile::tempdir().unwrap();
    let truth = phantoms(folder.path(), "10");
    let [first, again, found] = ["first.json", "again.json", "found"].map(|name| folder.path().join(name));
    for model in [&first, &again] {
        let model = model.to_str().unwrap();
        let negative = "fixtures/radiographs/fracatlas_leg_ap.png";
        let told = run([
            "train",
            "--labels",
            &truth,
            "--negative",
            negative,
            "--identity",
            "mine 1",
            "--out",
            model,
        ])
        .expect(0)
        .stdout;
        assert!(told.contains("10 synthetic radiographs and 1 real ones"), "{told}");
        assert!(told.contains("rice grain"), "{told}");
    }
    assert_eq!(std::fs::read(&first).unwrap(), std::fs::read(&again).unwrap());
    let archive = folder.path().join("synthetic");
    run([
        "scan",
        archive.to_str().unwrap(),
        "--model",
        first.to_str().unwrap(),
        "--out",
        found.to_str().unwrap(),
    ])
    .expect(0);
    let findings = std::fs::read_to_string(found.join("findings.jsonl")).unwrap();
    assert!(findings.contains("\"mine 1\""));
    assert!(findings.contains("\"rice_grain\""));
}

#[test]
fn too_little_to_learn_from_is_said_and_no_model_written() {
    let folder = tempfile::tempdir().unwrap();
    let truth = phantoms(folder.path(), "1");
    let model = folder.path().join("model.json");
    let told = run(["train", "--labels", &truth, "--out", model.to_str().unwrap()]).expect(1);
    assert!(told.stderr.contains("too few to learn from"), "{}", told.stderr);
    assert!(!model.exists());
}

#[test]
fn a_file_that_is_no_model_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let told = run([
        "scan",
        "fixtures/radiographs",
        "--model",
        "Cargo.toml",
        "--out",
        out.to_str().unwrap(),
    ])
    .expect(2);
    assert!(told.stderr.contains("Cargo.toml"), "{}", told.stderr);
}
