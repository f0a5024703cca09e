//! `calxray inspect` from outside.

use crate::support::{run, write_png};
use std::fs;

#[test]
fn one_image_is_explained() {
    let folder = tempfile::tempdir().unwrap();
    let image = folder.path().join("image");
    write_png(&image, 3, 200, 240);
    let path = image.to_str().unwrap();
    let said = run(["inspect", path]).expect(0).stdout;
    for word in [
        "PNG",
        "200 rows x 240 columns",
        "not stated: sizes in pixels",
        "larger is more radio-opaque",
        "never a diagnosis",
    ] {
        assert!(said.contains(word), "{word} is missing in\n{said}");
    }
    assert!(!said.contains('\u{1b}'), "colours without a terminal");
    let said = run(["inspect", path, "--spacing", "0.2"]).expect(0).stdout;
    assert!(said.contains("0.2 x 0.2 mm"), "{said}");
    assert_eq!(said, run(["inspect", path, "--spacing", "0.2"]).stdout);
}

#[test]
fn an_overlay_is_a_picture() {
    let folder = tempfile::tempdir().unwrap();
    let image = folder.path().join("image");
    write_png(&image, 3, 700, 640);
    let overlay = folder.path().join("overlay.png");
    run([
        "inspect",
        image.to_str().unwrap(),
        "--overlay",
        overlay.to_str().unwrap(),
    ])
    .expect(0);
    let picture = image::open(&overlay).unwrap();
    assert!(picture.width() >= 640 && picture.height() >= 700);
    let nowhere = folder.path().join("no/such/overlay.png");
    run([
        "inspect",
        image.to_str().unwrap(),
        "--overlay",
        nowhere.to_str().unwrap(),
    ])
    .expect(2);
}

#[test]
fn a_trace_holds_every_step() {
    let folder = tempfile::tempdir().unwrap();
    let image = folder.path().join("image");
    write_png(&image, 3, 300, 280);
    let trace = folder.path().join("steps/all");
    run(["inspect", image.to_str().unwrap(), "--trace", trace.to_str().unwrap()]).expect(0);
    let files = crate::support::column(&trace.join("trace.csv"), "file");
    assert!(files.len() >= 4, "{files:?}");
    for file in &files {
        assert!(image::open(trace.join(file)).is_ok(), "{file}");
    }
    assert_eq!(fs::read_dir(&trace).unwrap().count(), files.len() + 1);
}

#[test]
fn what_cannot_be_explained_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let image = folder.path().join("image");
    write_png(&image, 3, 96, 80);
    let bytes = fs::read(&image).unwrap();
    let cut = folder.path().join("cut");
    fs::write(&cut, &bytes[..bytes.len() / 2]).unwrap();
    let error = run(["inspect", cut.to_str().unwrap()]).expect(1).stderr;
    assert!(error.contains("does not decode as PNG"), "{error}");
    let text = folder.path().join("text");
    fs::write(&text, "words").unwrap();
    let error = run(["inspect", text.to_str().unwrap()]).expect(1).stderr;
    assert!(error.contains("neither DICOM nor PNG"), "{error}");
    run(["inspect", folder.path().join("none").to_str().unwrap()]).expect(2);
    let error = run(["inspect", image.to_str().unwrap(), "--frame", "2"])
        .expect(1)
        .stderr;
    assert!(error.contains("does not exist"), "{error}");
}
