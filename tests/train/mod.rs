//! `calxray train`: from known foci to a model that `scan` uses.

use crate::support::run;
use serde_json::{Value, json};
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
fn a_model_is_calibrated_to_other_pictures_without_being_fitted_anew() {
    let folder = tempfile::tempdir().unwrap();
    let truth = phantoms(folder.path(), "10");
    let out = folder.path().join("model.json");
    let told = run([
        "train",
        "--labels",
        &truth,
        "--only-calibrate",
        "--identity",
        "mine 1",
        "--out",
        out.to_str().unwrap(),
    ])
    .expect(0)
    .stdout;
    assert!(
        told.contains("Joined and calibrated on 10 synthetic radiographs"),
        "{told}"
    );
    let read = |path: &Path| -> Value { serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap() };
    let (before, after) = (read(Path::new("src/classify/model/default.json")), read(&out));
    for part in ["with_spacing", "without_spacing", "names", "names_without_spacing"] {
        assert!(before[part] == after[part], "{part}");
    }
    for layer in ["near", "far", "hidden", "answers"] {
        assert!(before["network"][layer] == after["network"][layer], "{layer}");
    }
    assert_ne!(before["network"]["finding"], after["network"]["finding"]);
    assert_eq!(after["identity"], "mine 1");
    let said = after["built_on"].as_str().unwrap();
    assert!(
        said.contains("joined and calibrated on 10 synthetic radiographs"),
        "{said}"
    );
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

/// What a reviewer saves who accepts every focus of truth.json in the first `count` images.
fn corrections(truth: &str, count: usize) -> String {
    let truth: Value = serde_json::from_str(&std::fs::read_to_string(truth).unwrap()).unwrap();
    let images = truth["images"].as_array().unwrap().iter().take(count).map(|image| {
        let foci = image["foci"].as_array().unwrap().iter().map(|focus| {
            json!({ "focus": focus["focus"], "predicted": "indeterminate", "decision": "relabel", "label": focus["label"],
                "segmentation": focus["segmentation"] })
        });
        json!({ "path": format!("synthetic/{}", image["file"].as_str().unwrap()), "frame": 1, "rows": image["rows"],
            "columns": image["columns"], "foci": foci.collect::<Vec<_>>() })
    });
    json!({ "calxray_corrections": 1, "images": images.collect::<Vec<_>>() }).to_string()
}

#[test]
fn labels_of_a_lab_are_learned_from_patient_by_patient() {
    let folder = tempfile::tempdir().unwrap();
    let truth = phantoms(folder.path(), "8");
    // Not beside the images.
    std::fs::create_dir(folder.path().join("reviewed")).unwrap();
    let [labels, model] = ["reviewed/labels.json", "model.json"].map(|name| folder.path().join(name));
    let [labels, model] = [&labels, &model].map(|path| path.to_str().unwrap());
    let train = |more: &[&str]| {
        run(["train", "--labels", labels, "--out", model]
            .into_iter()
            .chain(more.iter().copied()))
    };
    let images = Path::new(&truth).parent().unwrap().to_str().unwrap();

    std::fs::write(labels, corrections(&truth, 8)).unwrap();
    assert!(train(&[]).expect(2).stderr.contains("--images"));
    let told = train(&["--images", images]).expect(0).stdout;
    assert!(told.contains("8 images of 8 patients"), "{told}");
    assert!(
        std::fs::read_to_string(model)
            .unwrap()
            .contains("8 images of 8 patients")
    );

    // Beside the model built in, which keeps no list of what it was fitted to.
    assert!(
        told.contains("Before and after") && told.contains("resampling 8 patients"),
        "{told}"
    );
    assert!(told.contains("is not recorded"), "{told}");
    let beside = folder.path().join("model.figures.json");
    let figures = || serde_json::from_str::<Value>(&std::fs::read_to_string(&beside).unwrap()).unwrap();
    let first = figures();
    assert_eq!(first["images"].as_array().unwrap().len(), 8);
    assert_eq!(first["before"]["shared_images"], Value::Null);
    let rows = first["held_out"]["rows"].as_array().unwrap();
    for what in ["with spacing: area under the ROC curve", "rice grain: named right"] {
        let row = rows.iter().find(|row| row["what"] == what).unwrap();
        for side in ["before", "after", "change"] {
            let [low, value, high] = ["low", "value", "high"].map(|end| row[side][end].as_f64().unwrap());
            assert!(low <= value && value <= high, "{row}");
        }
        assert!(told.contains(what), "{told}");
    }
    // Beside itself, which has seen all of them: better than what it says of images left out.
    let told = train(&["--images", images, "--against", model]).expect(0).stdout;
    assert!(told.contains("fitted to 8 of these 8 images itself"), "{told}");
    let second = figures();
    assert_eq!(second["before"]["shared_images"], 8);
    let curve = |figures: &Value, side: &str| figures["held_out"]["rows"][0][side]["value"].as_f64().unwrap();
    // What is looked at, and who looks, are taken from the model before: that changes little.
    assert!((curve(&first, "after") - curve(&second, "after")).abs() < 0.01);
    assert!(curve(&second, "before") > curve(&second, "after"));

    std::fs::write(labels, corrections(&truth, 1)).unwrap();
    let refused = train(&["--images", images]).expect(1).stderr;
    assert!(refused.contains("of one patient"), "{refused}");
}

#[test]
fn images_of_a_test_set_are_not_learned_from_unasked() {
    let folder = tempfile::tempdir().unwrap();
    let [images, model] = ["images", "model.json"].map(|name| folder.path().join(name));
    let [images, model] = [&images, &model].map(|path| path.to_str().unwrap());
    run([
        "phantom",
        "--out",
        images,
        "--count",
        "1",
        "--split",
        "test",
        "--spacing",
        "0.4",
    ])
    .expect(0);
    let truth = format!("{images}/truth.json");
    let refused = run(["train", "--labels", &truth, "--out", model]).expect(2).stderr;
    assert!(refused.contains("1 of 1 images are of a test set"), "{refused}");
    // Asked for, it goes on, and finds them too few.
    let refused = run(["train", "--labels", &truth, "--with-test-images", "--out", model])
        .expect(1)
        .stderr;
    assert!(refused.contains("too few"), "{refused}");
}
