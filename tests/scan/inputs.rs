//! What is found, and that neither order nor cores change a byte.

use super::scan;
use crate::support::{assert_same_tree, column, run, run_with_input, small_archive, write_png};
use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

#[test]
fn any_number_of_workers_and_any_order_give_the_same_bytes() {
    let archive = small_archive();
    let out = tempfile::tempdir().unwrap();
    let [one, two, three] = ["one", "two", "three"].map(|name| out.path().join(name));
    scan(archive.path(), &one, &["--jobs", "1"]).expect(0);
    scan(archive.path(), &two, &["--jobs", "2", "--memory", "16"]).expect(0);
    assert_same_tree(&one, &two);
    let mut parts: Vec<_> = ["a.png", "b", "c ü.png", "z"]
        .map(|name| archive.path().join(name))
        .into();
    parts.reverse();
    let mut arguments: Vec<_> = parts.into_iter().map(Into::into).collect();
    arguments.extend([
        "--jobs".into(),
        "2".into(),
        "--out".into(),
        three.clone().into_os_string(),
    ]);
    run([vec![std::ffi::OsString::from("scan")], arguments].concat()).expect(0);
    assert_same_tree(&one, &three);
    let shown = column(&one.join("images.csv"), "path");
    assert_eq!(
        shown,
        [
            "a.png",
            "b/1.dcm",
            "b/2",
            "b/deep/er/x.tiff",
            "b/notes.txt",
            "c ü.png",
            "z"
        ]
    );
    let outcomes = column(&one.join("images.csv"), "outcome");
    assert_eq!(outcomes.iter().filter(|outcome| *outcome == "analysed").count(), 6);
    assert_eq!(outcomes[4], "skipped");
    for name in column(&one.join("images.csv"), "image")
        .iter()
        .zip(&outcomes)
        .filter(|(_, outcome)| *outcome == "analysed")
    {
        assert!(one.join(format!("overlays/{}.png", name.0)).is_file());
    }
}

#[test]
fn the_bundled_radiographs_are_scanned_alike_by_one_worker_and_two() {
    let archive = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/radiographs");
    let place = tempfile::tempdir().unwrap();
    let [one, two] = ["one", "two"].map(|name| place.path().join(name));
    let said = scan(&archive, &one, &["--jobs", "1"]).expect(0).stdout;
    scan(&archive, &two, &["--jobs", "2"]).expect(0);
    assert_same_tree(&one, &two);
    assert!(said.contains("11 images analysed, 1 skipped, 0 failed"), "{said}");
    assert!(said.contains("modality MG was not asked for"), "{said}");
    let pictures = fs::read_dir(one.join("overlays")).unwrap().count();
    assert_eq!(pictures, 11);
    let text = fs::read_to_string(one.join("findings.jsonl")).unwrap();
    for line in text.lines() {
        let record = calxray::write::Record::from_json(line).unwrap();
        assert_eq!(record.to_json(), line);
    }
}

#[test]
fn a_list_on_standard_input_is_as_good_as_paths() {
    let archive = small_archive();
    let out = tempfile::tempdir().unwrap();
    let paths = ["b/2", "a.png"].map(|name| archive.path().join(name).to_str().unwrap().to_owned());
    let [given, lines, zeros] = ["given", "lines", "zeros"].map(|name| out.path().join(name));
    run(["scan", &paths[0], &paths[1], "--out", given.to_str().unwrap()]).expect(0);
    let arguments = ["scan", "-", "--out", lines.to_str().unwrap()];
    run_with_input(arguments, (paths.join("\n") + "\n").as_bytes()).expect(0);
    let arguments = ["scan", "-", "--out", zeros.to_str().unwrap()];
    run_with_input(arguments, (paths.join("\0") + "\0").as_bytes()).expect(0);
    assert_same_tree(&given, &lines);
    assert_same_tree(&given, &zeros);
    let arguments = ["scan", "-", "--out", out.path().join("none").to_str().unwrap()].map(str::to_owned);
    assert!(
        run_with_input(arguments, b"")
            .expect(2)
            .stderr
            .contains("no path given")
    );
}

#[test]
fn shards_are_a_partition() {
    let archive = tempfile::tempdir().unwrap();
    for seed in 0..20 {
        write_png(&archive.path().join(format!("{seed}.png")), seed, 64, 64);
    }
    let out = tempfile::tempdir().unwrap();
    let mut met = Vec::new();
    for part in 1..=3 {
        let folder = out.path().join(part.to_string());
        scan(
            archive.path(),
            &folder,
            &["--shard", &format!("{part}/3"), "--format", "csv"],
        )
        .expect(0);
        met.extend(column(&folder.join("images.csv"), "path"));
    }
    assert_eq!(met.len(), 20);
    assert_eq!(met.iter().collect::<BTreeSet<_>>().len(), 20);
    scan(archive.path(), &out.path().join("bad"), &["--shard", "4/3"]).expect(2);
    // Another part in the same folder would mix two halves.
    scan(
        archive.path(),
        &out.path().join("1"),
        &["--shard", "2/3", "--format", "csv"],
    )
    .expect(2);
}

#[test]
fn input_that_fails_is_told_and_the_rest_is_done() {
    let archive = small_archive();
    let good = fs::read(archive.path().join("z")).unwrap();
    fs::write(archive.path().join("b/torn.png"), &good[..good.len() / 2]).unwrap();
    let out = tempfile::tempdir().unwrap();
    let missing = archive.path().join("nowhere");
    let folder = out.path().join("out");
    let arguments = [archive.path(), &missing].map(|path| path.to_str().unwrap().to_owned());
    let finished = run(["scan", &arguments[0], &arguments[1], "--out", folder.to_str().unwrap()]).expect(1);
    assert!(
        finished
            .stderr
            .lines()
            .any(|line| line.contains("b/torn.png: failed at decode (Pixel Data)"))
    );
    assert!(
        finished.stdout.contains("6 images analysed, 1 skipped, 2 failed"),
        "{}",
        finished.stdout
    );
    let failed = column(&folder.join("errors.csv"), "path");
    assert_eq!(failed, ["b/torn.png", "nowhere"]);
    assert_eq!(column(&folder.join("errors.csv"), "stage"), ["decode", "walk"]);
    let outcomes = column(&folder.join("images.csv"), "outcome");
    assert_eq!(outcomes.iter().filter(|outcome| *outcome == "failed").count(), 2);
    // Given again, it is still told by the exit status.
    scan(&missing, &out.path().join("none"), &[]).expect(2);
    run(["scan", &arguments[0], &arguments[1], "--out", folder.to_str().unwrap()]).expect(1);
}

#[test]
fn fail_fast_stops_at_the_first_failure() {
    let archive = tempfile::tempdir().unwrap();
    for seed in 0..30 {
        write_png(&archive.path().join(format!("{seed:02}.png")), seed, 64, 64);
    }
    let good = fs::read(archive.path().join("00.png")).unwrap();
    fs::write(archive.path().join("00.png"), &good[..good.len() / 2]).unwrap();
    let out = tempfile::tempdir().unwrap();
    let folder = out.path().join("out");
    let finished = scan(archive.path(), &folder, &["--fail-fast", "--jobs", "1"]).expect(1);
    assert!(
        finished.stdout.contains("Stopped before the end"),
        "{}",
        finished.stdout
    );
    assert!(column(&folder.join("images.csv"), "path").len() < 5);
}

#[cfg(unix)]
#[test]
fn names_that_are_no_text_and_files_that_are_none_do_no_harm() {
    use std::os::unix::ffi::OsStrExt;
    let archive = small_archive();
    let odd = archive.path().join(std::ffi::OsStr::from_bytes(b"b/caf\xe9\n.png"));
    fs::copy(archive.path().join("a.png"), odd).unwrap();
    assert!(
        Command::new("mkfifo")
            .arg(archive.path().join("pipe"))
            .status()
            .unwrap()
            .success()
    );
    std::os::unix::fs::symlink(".", archive.path().join("b/loop")).unwrap();
    let out = tempfile::tempdir().unwrap();
    scan(archive.path(), &out.path().join("out"), &[]).expect(0);
    let shown = column(&out.path().join("out/images.csv"), "path");
    assert_eq!(shown.len(), 8);
    assert!(shown.contains(&"b/caf\\xE9\\u{a}.png".to_owned()), "{shown:?}");
}

#[test]
fn a_dicomdir_stands_for_the_files_it_lists() {
    use dicom_core::value::DataSetSequence;
    use dicom_core::{DataElement, PrimitiveValue, Tag, VR};
    use dicom_object::{FileMetaTableBuilder, InMemDicomObject};
    let archive = small_archive();
    let listed = [["b", "1.dcm"], ["b", "GONE"]].map(|parts| {
        let id = PrimitiveValue::Strs(parts.map(str::to_owned).to_vec().into());
        InMemDicomObject::from_element_iter([DataElement::new(Tag(0x0004, 0x1500), VR::CS, id)])
    });
    let records = DataSetSequence::from(listed.to_vec());
    let object = InMemDicomObject::from_element_iter([DataElement::new(Tag(0x0004, 0x1220), VR::SQ, records)]);
    let meta = FileMetaTableBuilder::new()
        .transfer_syntax("1.2.840.10008.1.2.1")
        .media_storage_sop_class_uid("1.2.840.10008.1.3.10")
        .media_storage_sop_instance_uid("2.25.1");
    let path = archive.path().join("DICOMDIR");
    object.with_meta(meta).unwrap().write_to_file(&path).unwrap();
    let out = tempfile::tempdir().unwrap();
    scan(&path, &out.path().join("alone"), &[]).expect(1);
    let rows = |name: &str| column(&out.path().join(name).join("images.csv"), "path");
    assert_eq!(rows("alone"), ["DICOMDIR", "b/1.dcm", "b/GONE"]);
    assert_eq!(column(&out.path().join("alone/errors.csv"), "path"), ["b/GONE"]);
    // In its folder nothing is met twice.
    scan(archive.path(), &out.path().join("folder"), &[]).expect(1);
    assert_eq!(rows("folder").len(), 9);
}

#[test]
fn help_names_what_is_written_and_how_it_ends() {
    let help = run(["scan", "--help"]).expect(0).stdout;
    for word in [
        "images.csv",
        "foci.csv",
        "findings.jsonl",
        "coco.json",
        "errors.csv",
        "journal",
        "Exit status",
        "--shard",
    ] {
        assert!(help.contains(word), "{word}");
    }
    assert!(run(["scan"]).expect(2).stderr.contains("--out"));
    let error = run(["scan", "x", "--out", "y", "--format", "csv,nonsense"])
        .expect(2)
        .stderr;
    assert!(
        error.contains("nonsense") && error.contains("jsonl,csv,coco"),
        "{error}"
    );
}

#[test]
fn a_least_score_turns_foci_into_rejected_candidates() {
    let place = tempfile::tempdir().unwrap();
    let drawn = place.path().join("drawn");
    let arguments = [
        "--count",
        "1",
        "--seed",
        "3",
        "--normal",
        "0",
        "--label",
        "phlebolith",
        "--size",
        "900x800",
    ];
    run([&["phantom", "--out", drawn.to_str().unwrap()], &arguments[..]].concat()).expect(0);
    let counts = ["0", "0.6", "1"].map(|score| {
        let out = place.path().join(score);
        scan(
            &drawn.join("synthetic-3-000000.dcm"),
            &out,
            &["--min-score", score, "--format", "csv,jsonl"],
        )
        .expect(0);
        let line = fs::read_to_string(out.join("findings.jsonl")).unwrap();
        let record = calxray::write::Record::from_json(line.trim_end()).unwrap();
        let least: f32 = score.parse().unwrap();
        assert!(record.foci.iter().all(|focus| focus.score >= least));
        assert_eq!(column(&out.join("foci.csv"), "score").len(), record.foci.len());
        (record.foci.len(), record.foci.len() + record.rejected.len())
    });
    assert!(counts[0].0 > counts[2].0, "{counts:?}");
    assert!(
        counts.iter().all(|count| count.1 == counts[0].1),
        "a candidate is lost: {counts:?}"
    );
    scan(&drawn, &place.path().join("bad"), &["--min-score", "1.5"]).expect(2);
}

#[test]
fn settings_go_round_and_unknown_ones_are_refused() {
    let folder = small_archive();
    let file = folder.path().join("settings.toml");
    fs::write(&file, run(["scan", "--print-settings"]).expect(0).stdout).unwrap();
    let again = run(["scan", "--print-settings", "--settings", file.to_str().unwrap()]).expect(0);
    assert_eq!(fs::read_to_string(&file).unwrap(), again.stdout);
    fs::write(&file, "no_such_setting = 1\n").unwrap();
    let out = tempfile::tempdir().unwrap();
    let error = scan(
        folder.path(),
        &out.path().join("out"),
        &["--settings", file.to_str().unwrap()],
    )
    .expect(2);
    assert!(error.stderr.contains("no_such_setting"), "{}", error.stderr);
}
