//! `calxray compare` from outside, on synthetic bodies drawn twice.

use crate::support::{Finished, column, run, tree};
use serde_json::Value;
use std::path::Path;

fn series(folder: &Path, more: &[&str]) -> Value {
    let mut arguments = vec![
        "phantom",
        "--series",
        "--spacing",
        "0.3",
        "--out",
        folder.to_str().unwrap(),
    ];
    arguments.extend(more);
    run(arguments).expect(0);
    serde_json::from_str(&std::fs::read_to_string(folder.join("series.json")).unwrap()).unwrap()
}

fn compare(prior: &Path, current: &Path, out: &Path, more: &[&str]) -> Finished {
    let mut arguments = vec!["compare".as_ref(), prior.as_os_str(), current.as_os_str()];
    arguments.extend(["--out".as_ref(), out.as_os_str()]);
    arguments.extend(more.iter().map(AsRef::<std::ffi::OsStr>::as_ref));
    run(arguments)
}

fn told(out: &Path) -> Value {
    serde_json::from_str(&std::fs::read_to_string(out.join("comparison.json")).unwrap()).unwrap()
}

/// The true foci of a picture of one side of a series.
fn focuses(series: &Path, side: &str, file: &Value) -> Vec<Value> {
    let truth = std::fs::read_to_string(series.join(side).join("truth.json")).unwrap();
    let truth: Value = serde_json::from_str(&truth).unwrap();
    let image = truth["images"]
        .as_array()
        .unwrap()
        .iter()
        .find(|image| image["file"] == *file);
    image.unwrap()["foci"].as_array().unwrap().clone()
}

/// Whether what is told of one side lies in the box of one of the foci with `numbers`, or within two pixels of it.
fn lies_on(told: &Value, numbers: &Value, foci: &[Value]) -> bool {
    let Some(centroid) = told["centroid"].as_array() else {
        return false;
    };
    let [row, column] = [0, 1].map(|axis| centroid[axis].as_f64().unwrap());
    let is_meant = |focus: &&Value| numbers.as_array().unwrap().contains(&focus["focus"]);
    foci.iter().filter(is_meant).any(|focus| {
        let side = |name: &str| focus["box"][name].as_f64().unwrap();
        (side("top") - 2.0..side("bottom") + 2.0).contains(&row)
            && (side("left") - 2.0..side("right") + 2.0).contains(&column)
    })
}

#[test]
fn bodies_are_laid_on_each_other_and_deposits_followed() {
    let place = tempfile::tempdir().unwrap();
    let truth = series(
        place.path(),
        &[
            "--count",
            "3",
            "--seed",
            "21",
            "--density",
            "0.8,2",
            "--scene",
            "knee,lower_leg,hand",
            "--label",
            "phlebolith,calcification",
        ],
    );
    let out = place.path().join("out");
    let said = compare(&place.path().join("prior"), &place.path().join("current"), &out, &[]).expect(0);
    assert!(said.stdout.contains("mm2 before"), "{}", said.stdout);
    let told = told(&out);
    let pairs = told["pairs"].as_array().unwrap();
    assert_eq!(pairs.len(), 3);
    let (mut right, mut asked) = (0, 0);
    for (pair, truth) in pairs.iter().zip(truth["pairs"].as_array().unwrap()) {
        assert_eq!(pair["prior"]["path"], truth["file"]);
        assert_eq!(pair["interval_days"], 366);
        let (placed, motion) = (&pair["comparison"]["registration"], &truth["motion"]);
        let off = |told: &str| placed[told].as_f64().unwrap() - motion[told].as_f64().unwrap();
        assert!(off("turn_deg").abs() < 0.7, "{placed} {motion}");
        assert!(off("scale").abs() < 0.02, "{placed} {motion}");
        // What is told of a true deposit, of the largest piece if there are several; what neither report holds, and what is none, is
        // the detector's concern.
        let changes = pair["comparison"]["changes"].as_array().unwrap();
        let sides = ["prior", "current"];
        let foci = sides.map(|side| focuses(place.path(), side, &truth["file"]));
        for deposit in truth["deposits"].as_array().unwrap() {
            let is_of = |change: &&Value| {
                let mut each = sides.iter().zip(&foci);
                each.any(|(side, foci)| lies_on(&change[side], &deposit[side], foci))
            };
            let area = |change: &Value| {
                let each = sides.map(|side| change[side]["area_mm2"].as_f64().unwrap_or(0.0));
                each[0].max(each[1])
            };
            let told = changes.iter().filter(is_of);
            let Some(largest) = told.max_by(|a, b| area(a).total_cmp(&area(b))) else {
                continue;
            };
            if deposit["counts"] != false {
                asked += 1;
                right += usize::from(largest["event"] == deposit["fate"]);
            }
        }
    }
    assert!(asked >= 6 && 10 * right >= 8 * asked, "{right} of {asked}");
    // The tables say the same.
    let events = column(&out.join("changes.csv"), "event");
    let changes = |pair: &Value| pair["comparison"]["changes"].as_array().unwrap().len();
    assert_eq!(events.len(), pairs.iter().map(changes).sum::<usize>());
    assert!(column(&out.join("burden.csv"), "region").contains(&"all".to_owned()));
    assert!(
        std::fs::read_to_string(out.join("burden.svg"))
            .unwrap()
            .ends_with("</svg>\n")
    );
    assert_eq!(std::fs::read_dir(out.join("pictures")).unwrap().count(), 3);
    for (name, bytes) in tree(&out) {
        let holds = |token: &[u8]| bytes.windows(token.len()).any(|part| part == token);
        assert!(
            !holds(b"SYNTHETIC-21") && !holds(b"20010101"),
            "{} holds whose it is",
            name.display()
        );
    }
    // The same again, whatever the number of threads.
    let again = place.path().join("again");
    compare(
        &place.path().join("prior"),
        &place.path().join("current"),
        &again,
        &["--no-pictures"],
    )
    .expect(0);
    for name in ["comparison.json", "changes.csv", "burden.csv", "burden.svg"] {
        assert_eq!(
            std::fs::read(out.join(name)).unwrap(),
            std::fs::read(again.join(name)).unwrap()
        );
    }
}

#[test]
fn an_image_against_itself_has_not_changed() {
    let place = tempfile::tempdir().unwrap();
    series(
        place.path(),
        &[
            "--count",
            "1",
            "--seed",
            "5",
            "--density",
            "1,2",
            "--scene",
            "lower_leg",
            "--label",
            "phlebolith",
        ],
    );
    let (image, out) = (
        place.path().join("prior/synthetic-5-000000.dcm"),
        place.path().join("out"),
    );
    compare(&image, &image, &out, &["--no-pictures"]).expect(0);
    let told = told(&out);
    let comparison = &told["pairs"][0]["comparison"];
    assert!(comparison["registration"]["correlation"].as_f64().unwrap() > 0.99);
    let changes = comparison["changes"].as_array().unwrap();
    assert!(!changes.is_empty());
    for change in changes {
        assert_eq!(change["event"], "stable");
        assert!(change["change"].as_f64().unwrap().abs() < 0.1, "{change}");
    }
}

#[test]
fn what_cannot_be_compared_is_refused_with_the_reason() {
    let place = tempfile::tempdir().unwrap();
    let draw = |name: &str, scene: &str, seed: &str| {
        let folder = place.path().join(name);
        series(&folder, &["--count", "1", "--seed", seed, "--scene", scene]);
        folder.join(format!("prior/synthetic-{seed}-000000.dcm"))
    };
    let (hand, knee) = (draw("a", "hand", "6"), draw("b", "knee", "7"));
    let out = place.path().join("out");
    let refused = compare(&hand, &knee, &out, &[]).expect(1);
    assert!(refused.stderr.contains("different patients"), "{}", refused.stderr);
    // A table of pairs says that they belong together; their bones say no.
    let table = place.path().join("pairs.csv");
    std::fs::write(&table, "prior,current\nsynthetic-6-000000.dcm,synthetic-7-000000.dcm\n").unwrap();
    let pair = ["--pair", table.to_str().unwrap()];
    let said = compare(hand.parent().unwrap(), knee.parent().unwrap(), &out, &pair).expect(1);
    assert!(said.stdout.contains("not comparable: the bones"), "{}", said.stdout);
    assert_eq!(told(&out)["pairs"][0]["comparison"]["refusal"], "fit");
    assert_eq!(column(&out.join("burden.csv"), "comparable"), ["no"]);
    // Folders without a common patient.
    let said = compare(hand.parent().unwrap(), knee.parent().unwrap(), &out, &[]).expect(1);
    assert!(said.stdout.contains("no partner"), "{}", said.stdout);
    assert_eq!(told(&out)["left"].as_array().unwrap().len(), 2);
}
