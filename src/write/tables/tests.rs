use super::{Coco, Errors, Foci, Images, JsonLines, Selection, Summary, Tables, write_all};
use crate::classify::Label;
use crate::measure::Feature;
use crate::write::{Record, WriteError, example};
use std::io::Cursor;
use std::path::PathBuf;

/// Compares with the text kept under `fixtures/baselines/write`; `REGENERATE=1` rewrites it.
pub fn assert_golden(name: &str, text: &[u8]) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures/baselines/write")
        .join(name);
    if std::env::var_os("REGENERATE").is_some() {
        std::fs::write(&path, text).unwrap();
    }
    let kept = std::fs::read(&path).unwrap();
    assert_eq!(
        String::from_utf8_lossy(text),
        String::from_utf8_lossy(&kept),
        "{name}: if the change is meant, run the tests once with REGENERATE=1"
    );
}

/// The table without feature columns that hold no value, so that a new feature leaves the kept text alone.
fn without_empty_features(table: &[u8]) -> Vec<u8> {
    let rows: Vec<csv::StringRecord> = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(table)
        .records()
        .map(Result::unwrap)
        .collect();
    let names: Vec<&str> = rows[0].iter().rev().take(Feature::COUNT).collect();
    assert!(
        names.iter().rev().eq(Feature::ALL
            .iter()
            .map(|feature| feature.name())
            .collect::<Vec<_>>()
            .iter())
    );
    let keep = |column: usize| {
        let is_feature = Feature::from_name(&rows[0][column]).is_some();
        !is_feature || rows[1..].iter().any(|row| !row[column].is_empty())
    };
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in &rows {
        let kept = (0..row.len()).filter(|&column| keep(column)).map(|column| &row[column]);
        writer.write_record(kept).unwrap();
    }
    writer.into_inner().unwrap()
}

#[test]
fn every_table_is_the_text_we_agreed_on() {
    let mut images = Images::new(Vec::new()).unwrap();
    let mut foci = Foci::new(Vec::new()).unwrap();
    let mut errors = Errors::new(Vec::new()).unwrap();
    let mut jsonl = JsonLines::new(Vec::new());
    let mut coco = Coco::new(Vec::new(), Cursor::new(Vec::new())).unwrap();
    let mut summary = Summary::default();
    for record in example::records() {
        images.push(&record).unwrap();
        foci.push(&record).unwrap();
        errors.push(&record).unwrap();
        jsonl.push(&record).unwrap();
        coco.push(&record).unwrap();
        summary.push(&record);
    }
    assert_golden("images.csv", &images.finish().unwrap());
    assert_golden("foci.csv", &without_empty_features(&foci.finish().unwrap()));
    assert_golden("errors.csv", &errors.finish().unwrap());
    assert_golden("findings.jsonl", &jsonl.finish().unwrap());
    let version = concat!("calxray ", env!("CARGO_PKG_VERSION"));
    let coco = String::from_utf8(coco.finish().unwrap()).unwrap();
    assert_golden("coco.json", coco.replace(version, "calxray 0.0.0").as_bytes());
    assert_golden("summary.txt", summary.to_string().as_bytes());
}

#[test]
fn coco_without_images_is_still_json() {
    let coco = Coco::new(Vec::new(), Cursor::new(Vec::new())).unwrap();
    let value: serde_json::Value = serde_json::from_slice(&coco.finish().unwrap()).unwrap();
    assert_eq!(value["images"], serde_json::json!([]));
    assert_eq!(value["annotations"], serde_json::json!([]));
    assert_eq!(value["categories"].as_array().unwrap().len(), Label::ALL.len());
}

#[test]
fn tables_of_records_read_back_are_the_same_bytes() {
    let read_back = |record: Record| Record::from_json(&record.to_json()).unwrap();
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let direct = example::records().into_iter().map(Ok::<_, WriteError>);
    let again = example::records()
        .into_iter()
        .map(|record| Ok::<_, WriteError>(read_back(record)));
    let all = Selection::default();
    let first = write_all(folders[0].path(), all, direct).unwrap();
    let second = write_all(folders[1].path(), all, again).unwrap();
    assert_eq!(first, second);
    let names = ["images.csv", "foci.csv", "findings.jsonl", "coco.json", "errors.csv"];
    for name in names {
        let [a, b] = folders
            .each_ref()
            .map(|folder| std::fs::read(folder.path().join(name)).unwrap());
        assert!(a == b && !a.is_empty(), "{name}");
    }
    assert_eq!(std::fs::read_dir(folders[0].path()).unwrap().count(), names.len());
}

#[test]
fn nothing_is_in_its_place_before_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let selection = Selection {
        coco: false,
        ..Selection::default()
    };
    let mut tables = Tables::create(folder.path(), selection).unwrap();
    for record in example::records() {
        tables.push(&record).unwrap();
    }
    assert!(!folder.path().join("images.csv").exists());
    drop(tables);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}
