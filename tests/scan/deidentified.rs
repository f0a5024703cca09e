//! What identifies a patient stays in the input: no output but DICOM objects holds it.

use super::scan;
use crate::support::{column, draw, run, tree};
use dicom_core::{DataElement, PrimitiveValue, Tag, VR};
use dicom_object::open_file;
use std::path::Path;

/// Attributes that PS3.15 table E.1-1 removes or replaces, UIDs apart.
const IDENTIFYING: [(u16, u16, VR); 44] = [
    (0x0008, 0x0050, VR::SH),
    (0x0008, 0x0080, VR::LO),
    (0x0008, 0x0081, VR::ST),
    (0x0008, 0x0090, VR::PN),
    (0x0008, 0x0092, VR::ST),
    (0x0008, 0x0094, VR::SH),
    (0x0008, 0x1010, VR::SH),
    (0x0008, 0x1030, VR::LO),
    (0x0008, 0x103E, VR::LO),
    (0x0008, 0x1040, VR::LO),
    (0x0008, 0x1048, VR::PN),
    (0x0008, 0x1050, VR::PN),
    (0x0008, 0x1060, VR::PN),
    (0x0008, 0x1070, VR::PN),
    (0x0008, 0x1080, VR::LO),
    (0x0008, 0x2111, VR::ST),
    (0x0010, 0x0010, VR::PN),
    (0x0010, 0x0020, VR::LO),
    (0x0010, 0x0021, VR::LO),
    (0x0010, 0x1000, VR::LO),
    (0x0010, 0x1001, VR::PN),
    (0x0010, 0x1005, VR::PN),
    (0x0010, 0x1040, VR::LO),
    (0x0010, 0x1060, VR::PN),
    (0x0010, 0x1090, VR::LO),
    (0x0010, 0x2000, VR::LO),
    (0x0010, 0x2110, VR::LO),
    (0x0010, 0x2150, VR::LO),
    (0x0010, 0x2154, VR::SH),
    (0x0010, 0x2160, VR::SH),
    (0x0010, 0x2180, VR::SH),
    (0x0010, 0x21B0, VR::LT),
    (0x0010, 0x21F0, VR::LO),
    (0x0010, 0x4000, VR::LT),
    (0x0012, 0x0040, VR::LO),
    (0x0018, 0x1000, VR::LO),
    (0x0018, 0x1030, VR::LO),
    (0x0020, 0x0010, VR::SH),
    (0x0020, 0x4000, VR::LT),
    (0x0032, 0x1032, VR::PN),
    (0x0032, 0x1060, VR::LO),
    (0x0038, 0x0010, VR::LO),
    (0x0040, 0x0254, VR::LO),
    (0x0040, 0xA123, VR::PN),
];

/// Dates and times; the birth date above all.
const DATES: [(u16, u16); 6] = [
    (0x0008, 0x0020),
    (0x0008, 0x0021),
    (0x0008, 0x0022),
    (0x0008, 0x0023),
    (0x0010, 0x0030),
    (0x0040, 0x0244),
];

fn token(nth: usize) -> String {
    format!("ZQ{nth:02}XJ")
}

fn date(nth: usize) -> String {
    format!("19{:02}0{}17", 31 + nth, nth + 1)
}

/// Writes `from` with every identifying attribute filled to `to`.
fn identified(from: &Path, to: &Path) {
    let mut object = open_file(from).unwrap();
    for (nth, (group, element, vr)) in IDENTIFYING.into_iter().enumerate() {
        object.put(DataElement::new(
            Tag(group, element),
            vr,
            PrimitiveValue::from(token(nth)),
        ));
    }
    for (nth, (group, element)) in DATES.into_iter().enumerate() {
        object.put(DataElement::new(
            Tag(group, element),
            VR::DA,
            PrimitiveValue::from(date(nth)),
        ));
    }
    object.write_to_file(to).unwrap();
}

#[test]
fn no_output_holds_what_identifies_a_patient() {
    let place = tempfile::tempdir().unwrap();
    let [drawn, archive, out] = ["drawn", "archive", "out"].map(|name| place.path().join(name));
    draw(&drawn, 2);
    std::fs::create_dir(&archive).unwrap();
    for (nth, entry) in std::fs::read_dir(&drawn).unwrap().map(Result::unwrap).enumerate() {
        if entry.path().extension().is_some_and(|ending| ending == "dcm") {
            identified(&entry.path(), &archive.join(format!("{nth}.dcm")));
        }
    }
    // One that fails, with the reason in the tables.
    let whole = std::fs::read(std::fs::read_dir(&archive).unwrap().next().unwrap().unwrap().path()).unwrap();
    std::fs::write(archive.join("torn.dcm"), &whole[..whole.len() / 3]).unwrap();

    let list = "jsonl,csv,coco,overlay,html,parquet,label-studio,cvat,yolo,yolo-segment,masks";
    let options = ["--format", list, "--min-score", "0.1", "--verbose"];
    let said = scan(&archive, &out, &options).expect(1);
    // Again with names for patients and studies, and without a single UID of the input.
    let (key, keyed, compared) = (place.path().join("key"), out.join("keyed"), out.join("compared"));
    std::fs::write(&key, "a secret of this test\n").unwrap();
    let named = [&options[..], &["--site-key", key.to_str().unwrap(), "--hash-uids"]].concat();
    let keyed_said = scan(&archive, &keyed, &named).expect(1);
    let follow = [
        "compare".as_ref(),
        archive.as_os_str(),
        archive.as_os_str(),
        "--out".as_ref(),
        compared.as_os_str(),
    ];
    let compared_said = run(follow).expect(1);
    let patients = column(&keyed.join("images.csv"), "patient_key");
    // Both images state one patient here.
    assert!(patients[0].len() == 32 && patients[0] == patients[1], "{patients:?}");
    assert_ne!(column(&keyed.join("images.csv"), "study_key")[0], "");
    let uids: Vec<String> = ["sop_instance_uid", "series_instance_uid", "study_instance_uid"]
        .iter()
        .flat_map(|name| column(&out.join("images.csv"), name))
        .filter(|uid| !uid.is_empty())
        .collect();
    assert_eq!(uids.len(), 6);
    for (name, bytes) in tree(&keyed) {
        for uid in uids.iter().map(String::as_str).chain(["a secret of this test"]) {
            let holds = bytes.windows(uid.len()).any(|part| part == uid.as_bytes());
            assert!(!holds, "{} holds {uid}", name.display());
        }
    }
    let explained = run(["inspect", archive.join("torn.dcm").to_str().unwrap()]);
    let mut outputs: Vec<(String, Vec<u8>)> = tree(&out)
        .into_iter()
        .map(|(name, bytes)| (name.display().to_string(), bytes))
        .collect();
    assert!(outputs.len() > 20);
    outputs.extend(
        outputs
            .clone()
            .into_iter()
            .map(|(name, _)| (format!("the name {name}"), name.into_bytes())),
    );
    for (name, text) in [
        ("standard output", said.stdout),
        ("standard error", said.stderr),
        ("with a key", keyed_said.stdout + &keyed_said.stderr),
        ("compare", compared_said.stdout + &compared_said.stderr),
        ("inspect", explained.stdout + &explained.stderr),
    ] {
        outputs.push((name.to_owned(), text.into_bytes()));
    }
    let tokens = (0..IDENTIFYING.len()).map(token).chain((0..DATES.len()).map(date));
    let input = std::fs::read(archive.join("torn.dcm")).unwrap();
    let holds = |bytes: &[u8], token: &str| bytes.windows(token.len()).any(|part| part == token.as_bytes());
    for token in tokens {
        assert!(holds(&input, &token), "{token} is not in the input");
        for (name, bytes) in &outputs {
            assert!(!holds(bytes, &token), "{name} holds {token}");
        }
    }
}

#[test]
fn a_key_that_is_none_is_refused_and_another_key_begins_another_run() {
    let place = tempfile::tempdir().unwrap();
    let (image, out) = (place.path().join("a.png"), place.path().join("out"));
    crate::support::write_png(&image, 1, 64, 64);
    let [short, first, second] = ["short", "first", "second"].map(|name| {
        let path = place.path().join(name);
        std::fs::write(
            &path,
            format!("{name} {}", if name == "short" { "" } else { "and long enough" }),
        )
        .unwrap();
        path.to_str().unwrap().to_owned()
    });
    let refused = scan(&image, &out, &["--site-key", &short]).expect(2);
    assert!(refused.stderr.contains("at least 16 bytes"), "{}", refused.stderr);
    let refused = scan(&image, &out, &["--hash-uids"]).expect(2);
    assert!(refused.stderr.contains("needs a site key"), "{}", refused.stderr);
    let refused = scan(&image, &out, &["--site-key", &first, "--hash-uids", "--format", "sr"]).expect(2);
    assert!(
        refused.stderr.contains("refers to its image by UID"),
        "{}",
        refused.stderr
    );
    scan(&image, &out, &["--site-key", &first]).expect(0);
    scan(&image, &out, &["--site-key", &first]).expect(0);
    // Names of two keys do not mix in one table.
    scan(&image, &out, &["--site-key", &second]).expect(2);
}
