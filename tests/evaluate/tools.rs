//! What labelling tools and the page give back is truth: the same pixels, names and images.

use crate::support::{draw, run};
use calxray::classify::Label;
use calxray::evaluate::{FoundSet, Options, TruthSet, Visibility, pair, score};
use calxray::label::Region;
use calxray::write::Record;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

/// Scans three synthetic radiographs into `out`.
fn scanned(place: &Path) -> Vec<Record> {
    let [archive, out] = ["archive", "out"].map(|name| place.join(name));
    draw(&archive, 3);
    let list = "jsonl,csv,coco,label-studio,cvat";
    let [archive, out] = [&archive, &out].map(|path| path.to_str().unwrap());
    run(["scan", archive, "--out", out, "--format", list, "--min-score", "0.1"]).expect(0);
    records(place)
}

fn records(place: &Path) -> Vec<Record> {
    let text = fs::read_to_string(place.join("out/findings.jsonl")).unwrap();
    let records = text.lines().map(|line| Record::from_json(line).unwrap());
    records.filter(|record| record.provenance.is_some()).collect()
}

/// Tasks whose predictions a person took over.
fn annotated(place: &Path) -> Value {
    let text = fs::read_to_string(place.join("out/label_studio.json")).unwrap();
    let mut tasks: Value = serde_json::from_str(&text).unwrap();
    for task in tasks.as_array_mut().unwrap() {
        let predictions = task.as_object_mut().unwrap().remove("predictions").unwrap();
        task["annotations"] =
            json!([{ "was_cancelled": true, "result": [] }, predictions[0], { "was_cancelled": true }]);
    }
    tasks
}

#[test]
fn annotations_come_back_as_they_went() {
    let place = tempfile::tempdir().unwrap();
    let records = scanned(place.path());
    let expected: Vec<(Region, &str)> = records
        .iter()
        .flat_map(|record| &record.foci)
        .map(|focus| (focus.segmentation.decode().unwrap(), focus.label.name()))
        .collect();
    assert!(expected.len() >= 5);
    let read = |name: &str| fs::read_to_string(place.path().join("out").join(name)).unwrap();
    let texts = [read("coco.json"), read("cvat.xml"), annotated(place.path()).to_string()];
    for text in texts {
        let truth = TruthSet::parse(&text).unwrap();
        let images: Vec<_> = truth.labelled().collect();
        let told: Vec<(Region, &str)> = images
            .iter()
            .flat_map(|image| image.foci)
            .map(|focus| (focus.region.clone(), &*focus.label))
            .collect();
        assert_eq!(told, expected);
        let found = FoundSet::parse(&read("findings.jsonl"), &truth).unwrap();
        let (cases, inputs) = pair(truth, found, false).unwrap();
        assert_eq!(inputs.paired, 3);
        let scores = score(
            &cases,
            &Options {
                score: 0.0,
                bootstrap: 0,
                ..Options::default()
            },
        );
        for row in &scores.operating[0].sensitivity {
            assert_eq!(row.share.count, row.share.of);
        }
    }
}

#[test]
fn what_the_page_saves_is_truth() {
    let place = tempfile::tempdir().unwrap();
    let mut records = scanned(place.path());
    records.retain(|record| !record.foci.is_empty());
    let decisions = ["accept", "relabel", "reject", "none"];
    let mut nth = 0;
    let images: Vec<Value> = records
        .iter()
        .map(|record| {
            let foci: Vec<Value> = record
                .foci
                .iter()
                .map(|focus| {
                    let decision = decisions[nth % 4];
                    nth += 1;
                    let label = match decision {
                        "relabel" => Some(Label::Ossification.name()),
                        "reject" => None,
                        _ => Some(focus.label.name()),
                    };
                    json!({ "focus": focus.number, "box": focus.bounds, "predicted": focus.label, "score": focus.score,
                        "decision": decision, "label": label, "note": "", "segmentation": focus.segmentation })
                })
                .collect();
            json!({ "path": record.path, "image": record.image, "frame": 1, "rows": record.rows, "columns": record.columns, "foci": foci })
        })
        .collect();
    let file = json!({ "calxray_corrections": 1, "images": images });
    let truth = TruthSet::parse(&file.to_string()).unwrap();
    let of = |is: &dyn Fn(&calxray::evaluate::TruthFocus) -> bool| {
        truth
            .labelled()
            .flat_map(|image| image.foci)
            .filter(|focus| is(focus))
            .count()
    };
    assert_eq!(of(&|focus| focus.visibility == Visibility::Ignore), nth / 4);
    assert_eq!(of(&|_| true), nth - (nth + 1) / 4);
    assert!(of(&|focus| focus.label == "ossification") >= (nth + 2) / 4);
    let rejected: usize = truth.labelled().map(|image| image.distractors.len()).sum();
    assert_eq!(rejected, (nth + 1) / 4);

    let mut wrong = file.clone();
    wrong["calxray_corrections"] = json!(2);
    assert!(
        TruthSet::parse(&wrong.to_string())
            .unwrap_err()
            .to_string()
            .contains("version 2")
    );
    wrong = file.clone();
    wrong["images"][0]["rows"] = json!(7);
    assert!(
        TruthSet::parse(&wrong.to_string())
            .unwrap_err()
            .to_string()
            .contains("focus 1")
    );
}

#[test]
fn what_is_not_read_is_said() {
    let region = |kind: &str, value: Value| {
        json!([{ "data": { "path": "a.dcm" }, "annotations": [{ "result": [{ "type": kind, "original_width": 60,
            "original_height": 50, "image_rotation": 0, "value": value }] }] }])
    };
    let polygon = json!({ "points": [[10, 10], [20, 10], [20, 20]], "polygonlabels": ["Rice grain"] });
    let truth = TruthSet::parse(&region("polygonlabels", polygon.clone()).to_string()).unwrap();
    assert_eq!(truth.labelled().next().unwrap().foci[0].label, "rice_grain");
    let rectangle =
        json!({ "x": 10, "y": 20, "width": 10, "height": 20, "rotation": 0, "rectanglelabels": ["phlebolith"] });
    let truth = TruthSet::parse(&region("rectanglelabels", rectangle).to_string()).unwrap();
    let focus = &truth.labelled().next().unwrap().foci[0];
    assert!(!focus.masked && focus.region.area() == 60);
    let wrong = [
        (region("brushlabels", json!({})), "brushlabels"),
        (
            region("polygonlabels", json!({ "points": [[10, 10]], "polygonlabels": ["x"] })),
            "polygon of 2",
        ),
        (
            region("polygonlabels", json!({ "points": [[10, 10], [20, 10], [20, 20]] })),
            "0 labels",
        ),
        (
            json!([{ "data": { "path": "a.dcm" }, "predictions": [] }]),
            "no task is annotated",
        ),
    ];
    for (file, about) in wrong {
        let error = TruthSet::parse(&file.to_string()).unwrap_err().to_string();
        assert!(error.contains(about), "{error}");
    }
    let cvat = |inside: &str| {
        format!("<annotations><image id=\"0\" name=\"a.png\" width=\"60\" height=\"50\">{inside}</image></annotations>")
    };
    let truth = TruthSet::parse(&cvat(
        "<box label=\"phlebolith\" xtl=\"1\" ytl=\"2\" xbr=\"4\" ybr=\"9\"/><tag label=\"x\"/>",
    ))
    .unwrap();
    assert_eq!(truth.labelled().next().unwrap().foci[0].region.area(), 21);
    for (inside, about) in [
        ("<mask label=\"x\"/>", "only polygons"),
        ("<polygon label=\"x\" points=\"1,1;2,a\"/>", "no number"),
        ("<polygon points=\"1,1;9,1;9,9\"/>", "no label"),
    ] {
        let error = TruthSet::parse(&cvat(inside)).unwrap_err().to_string();
        assert!(error.contains(about), "{error}");
    }
}
