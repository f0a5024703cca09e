//! DICOM reports and segmentations of a scan: right in content, on request only, and as steady as every other file.

use super::output::begun_with;
use super::scan;
use crate::support::{assert_same_tree, column, run, tree};
use calxray::label::{Region, Run};
use calxray::write::Rle;
use dicom_object::open_file;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Two synthetic radiographs with foci, a real one, and a picture that is no DICOM file.
fn archive() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let phantoms = folder.path().join("phantoms");
    run([
        "phantom",
        "--count",
        "2",
        "--seed",
        "3",
        "--out",
        phantoms.to_str().unwrap(),
    ])
    .expect(0);
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/radiographs");
    for name in ["WG04_RG3_leg_J2KR.dcm", "fracatlas_leg_ap.png"] {
        fs::copy(fixtures.join(name), folder.path().join(name)).unwrap();
    }
    folder
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .map(|entries| {
            entries
                .map(|entry| entry.unwrap().file_name().into_string().unwrap())
                .collect()
        })
        .unwrap_or_default();
    names.sort();
    names
}

/// The pixels of every frame of a segmentation.
fn frames(path: &Path) -> Vec<Region> {
    let object = open_file(path).unwrap();
    let number = |name| object.element_by_name(name).unwrap().to_int::<usize>().unwrap();
    let (rows, columns, count) = (number("Rows"), number("Columns"), number("NumberOfFrames"));
    let bytes = object.element_by_name("PixelData").unwrap().to_bytes().unwrap();
    let frame = |at: usize| {
        let on = (0..rows * columns).filter(|pixel| {
            let bit = at * rows * columns + pixel;
            bytes[bit / 8] >> (bit % 8) & 1 == 1
        });
        let runs = on.map(|pixel| {
            let (row, start) = ((pixel / columns) as u32, (pixel % columns) as u32);
            Run {
                row,
                start,
                end: start + 1,
            }
        });
        Region::new(runs.collect()).unwrap()
    };
    (0..count).map(frame).collect()
}

#[test]
fn objects_hold_what_the_tables_hold() {
    let archive = archive();
    let place = tempfile::tempdir().unwrap();
    let out = place.path().join("out");
    let said = scan(
        archive.path(),
        &out,
        &["--format", "csv,coco,sr,seg", "--segments", "focus", "--min-score", "0"],
    )
    .expect(0);
    assert!(
        said.stderr.contains("cannot be made of 1 of the images"),
        "{}",
        said.stderr
    );
    let [images, paths] = ["image", "path"].map(|name| column(&out.join("images.csv"), name));
    let dicom = images.iter().zip(&paths).filter(|(_, path)| path.ends_with(".dcm"));
    let mut reports: Vec<String> = dicom.map(|(image, _)| format!("{image}.dcm")).collect();
    reports.sort();
    assert_eq!(reports.len(), 3);
    assert_eq!(names(&out.join("sr")), reports);

    let coco: serde_json::Value = serde_json::from_str(&fs::read_to_string(out.join("coco.json")).unwrap()).unwrap();
    let mut masks: BTreeMap<String, Vec<Region>> = BTreeMap::new();
    for annotation in coco["annotations"].as_array().unwrap() {
        let mask: Rle = serde_json::from_value(annotation["segmentation"].clone()).unwrap();
        let image = &coco["images"][annotation["image_id"].as_u64().unwrap() as usize - 1];
        if image["file_name"].as_str().unwrap().ends_with(".dcm") {
            let name = format!("{}.dcm", image["image"].as_str().unwrap());
            masks.entry(name).or_default().push(mask.decode().unwrap());
        }
    }
    assert!(masks.len() >= 2, "images with foci");
    assert_eq!(names(&out.join("seg")), masks.keys().cloned().collect::<Vec<_>>());
    for (name, masks) in &masks {
        assert_eq!(frames(&out.join("seg").join(name)), *masks, "{name}");
    }
}

#[test]
fn objects_are_in_the_study_of_their_image_and_no_other_file_knows_the_patient() {
    let place = tempfile::tempdir().unwrap();
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/radiographs/WG04_RG3_leg_J2KR.dcm");
    let out = place.path().join("out");
    scan(
        &source,
        &out,
        &["--format", "jsonl,csv,coco,overlay,sr,seg", "--min-score", "0.1"],
    )
    .expect(0);
    let image = open_file(&source).unwrap();
    let report = open_file(out.join("sr").join(&names(&out.join("sr"))[0])).unwrap();
    for name in [
        "PatientName",
        "PatientID",
        "PatientBirthDate",
        "StudyInstanceUID",
        "StudyDate",
    ] {
        let text = |object: &dicom_object::DefaultDicomObject| {
            object
                .element_by_name(name)
                .unwrap()
                .to_str()
                .unwrap()
                .trim()
                .to_owned()
        };
        assert_eq!(text(&report), text(&image), "{name}");
    }
    let patient = image.element_by_name("PatientID").unwrap().to_bytes().unwrap().to_vec();
    let patient = patient.trim_ascii();
    assert!(!patient.is_empty());
    let knows = |bytes: &[u8]| bytes.windows(patient.len()).any(|window| window == patient);
    for (path, bytes) in tree(&out) {
        let is_object = path.extension().is_some_and(|extension| extension == "dcm");
        assert_eq!(knows(&bytes), is_object, "{}", path.display());
    }
}

#[test]
fn objects_are_the_same_however_they_came_to_be() {
    let archive = archive();
    let place = tempfile::tempdir().unwrap();
    let [direct, later, killed] = ["direct", "later", "killed"].map(|name| place.path().join(name));
    let all = ["--format", "csv,sr,seg"];
    scan(archive.path(), &direct, &all).expect(0);
    // Asked for later; one at a time; taken away by somebody.
    scan(archive.path(), &later, &["--format", "csv"]).expect(0);
    assert!(!later.join("sr").exists());
    scan(archive.path(), &later, &["--format", "csv,seg", "--jobs", "1"]).expect(0);
    scan(archive.path(), &later, &all).expect(0);
    assert_same_tree(&direct, &later);
    let report = later.join("sr").join(&names(&later.join("sr"))[0]);
    fs::remove_file(&report).unwrap();
    fs::write(later.join("sr/mine.txt"), "").unwrap();
    scan(archive.path(), &later, &all).expect(0);
    assert!(report.exists());
    // No longer asked for: ours go, what a person put there stays.
    scan(archive.path(), &later, &["--format", "csv"]).expect(0);
    assert_eq!(names(&later.join("sr")), ["mine.txt"]);
    assert!(!later.join("seg").exists());

    let mut child = begun_with(archive.path(), &killed, 1200, &all);
    child.kill().unwrap();
    child.wait().unwrap();
    scan(archive.path(), &killed, &all).expect(0);
    assert_same_tree(&direct, &killed);
}

#[test]
fn a_folder_of_somebody_else_is_not_written_to() {
    let place = tempfile::tempdir().unwrap();
    let archive = crate::support::small_archive();
    let out = place.path().join("out");
    fs::create_dir_all(out.join("sr")).unwrap();
    let error = scan(archive.path(), &out, &["--format", "csv,sr"]).expect(2).stderr;
    assert!(error.contains("sr"), "{error}");
    scan(archive.path(), &out, &["--format", "csv"]).expect(0);
}

#[test]
fn segments_of_another_kind_are_not_mixed_in() {
    let place = tempfile::tempdir().unwrap();
    let archive = crate::support::small_archive();
    let out = place.path().join("out");
    scan(archive.path(), &out, &["--format", "csv,seg"]).expect(0);
    let error = scan(archive.path(), &out, &["--format", "csv,seg", "--segments", "focus"])
        .expect(2)
        .stderr;
    assert!(error.contains("segments=focus"), "{error}");
}

#[test]
fn outlines_are_drawn_over_images_whose_greys_they_can_state() {
    let place = tempfile::tempdir().unwrap();
    let [images, out] = ["images", "out"].map(|name| place.path().join(name));
    fs::create_dir(&images).unwrap();
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    // In grey; in colour; through a table from stored to modality values, in a sequence without length.
    for name in [
        "radiographs/highdicom_dx_dog_thorax.dcm",
        "radiographs/DDH_pelvis_1.dcm",
        "specimens/read/CR-ModalitySequenceLUT.dcm",
    ] {
        let image = fixtures.join(name);
        fs::copy(&image, images.join(image.file_name().unwrap())).unwrap();
    }
    scan(&images, &out, &["--format", "csv,seg,gsps", "--min-score", "0"]).expect(0);
    assert_eq!(names(&out.join("seg")).len(), 3, "all have foci");
    let [images, paths] = ["image", "path"].map(|name| column(&out.join("images.csv"), name));
    let grey = paths.iter().position(|path| path.starts_with("highdicom")).unwrap();
    assert_eq!(names(&out.join("gsps")), [format!("{}.dcm", images[grey])]);
}

#[test]
fn objects_are_gathered_flat_for_routers() {
    let place = tempfile::tempdir().unwrap();
    let image = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/radiographs/highdicom_dx_dog_thorax.dcm");
    let [out, flat] = ["out/calxray", "out"].map(|name| place.path().join(name));
    let more = [
        "--format",
        "csv,sr,seg",
        "--min-score",
        "0",
        "--objects",
        flat.to_str().unwrap(),
    ];
    scan(&image, &out, &more).expect(0);
    let mut expected: Vec<(String, Vec<u8>)> = Vec::new();
    for kind in ["seg", "sr"] {
        for name in names(&out.join(kind)) {
            let flat = format!("{}-{kind}.dcm", name.strip_suffix(".dcm").unwrap());
            expected.push((flat, fs::read(out.join(kind).join(name)).unwrap()));
        }
    }
    expected.sort();
    assert_eq!(expected.len(), 2);
    let mut gathered = names(&flat);
    gathered.retain(|name| name != "calxray");
    assert_eq!(
        gathered,
        expected.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>()
    );
    assert!(
        expected
            .iter()
            .all(|(name, bytes)| fs::read(flat.join(name)).unwrap() == *bytes)
    );
    let error = scan(&image, &out, &["--format", "csv", "--objects", flat.to_str().unwrap()])
        .expect(2)
        .stderr;
    assert!(error.contains("--objects needs"), "{error}");
}
