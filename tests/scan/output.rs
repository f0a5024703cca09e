//! The output folder: refused when it cannot be used, guarded while in use.

use super::scan;
use crate::support::{calxray, collect, small_archive, write_png};
use std::fs;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

/// Starts a long scan and waits until its journal holds at least `bytes`.
pub fn begun(input: &Path, out: &Path, bytes: u64) -> Child {
    begun_with(input, out, bytes, &[])
}

/// The same with more arguments.
pub fn begun_with(input: &Path, out: &Path, bytes: u64, more: &[&str]) -> Child {
    let mut command = calxray(["scan", "--jobs", "1", "--progress", "none"]);
    command
        .arg(input)
        .arg("--out")
        .arg(out)
        .args(more)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let begun = Instant::now();
    while fs::metadata(out.join("journal")).map_or(0, |metadata| metadata.len()) < bytes {
        assert!(begun.elapsed() < Duration::from_secs(30), "the journal does not grow");
        if child.try_wait().unwrap().is_some() {
            break;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    child
}

/// A folder that takes a moment to scan.
pub fn long_archive(images: u32) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for seed in 0..images {
        write_png(&folder.path().join(format!("{}/{seed}.png", seed % 3)), seed, 300, 280);
    }
    folder
}

#[test]
fn an_output_that_cannot_be_written_is_refused_before_any_work() {
    let archive = small_archive();
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("file");
    fs::write(&file, "mine").unwrap();
    for out in [file.clone(), file.join("below")] {
        let error = scan(archive.path(), &out, &[]).expect(2).stderr;
        assert!(error.starts_with("calxray: cannot write "), "{error}");
    }
    let own = place.path().join("own");
    fs::create_dir(&own).unwrap();
    fs::write(own.join("foci.csv"), "mine").unwrap();
    let error = scan(archive.path(), &own, &[]).expect(2).stderr;
    assert!(error.contains("foci.csv"), "{error}");
    assert_eq!(fs::read_to_string(own.join("foci.csv")).unwrap(), "mine");
    scan(archive.path(), &own, &["--fresh"]).expect(0);
}

#[test]
fn two_runs_do_not_write_to_one_folder() {
    let archive = long_archive(60);
    let place = tempfile::tempdir().unwrap();
    let out = place.path().join("out");
    let mut first = begun(archive.path(), &out, 1);
    let error = scan(archive.path(), &out, &[]).expect(2).stderr;
    assert!(error.contains("another run is writing"), "{error}");
    first.kill().unwrap();
    first.wait().unwrap();
    // A lock does not outlive its process.
    scan(archive.path(), &out, &[]).expect(0);
}

#[test]
fn results_of_other_settings_are_not_mixed_in() {
    let archive = small_archive();
    let place = tempfile::tempdir().unwrap();
    let out = place.path().join("out");
    scan(archive.path(), &out, &[]).expect(0);
    let before = crate::support::tree(&out);
    let error = scan(archive.path(), &out, &["--spacing", "0.2"]).expect(2).stderr;
    assert!(error.contains("spacing=0.2") && error.contains("--fresh"), "{error}");
    assert_eq!(crate::support::tree(&out), before);
    scan(archive.path(), &out, &["--spacing", "0.2", "--fresh"]).expect(0);
    let direct = place.path().join("direct");
    scan(archive.path(), &direct, &["--spacing", "0.2"]).expect(0);
    crate::support::assert_same_tree(&out, &direct);
}

#[test]
fn other_formats_can_be_had_later() {
    let archive = small_archive();
    let place = tempfile::tempdir().unwrap();
    let out = place.path().join("out");
    let lists = ["csv", "overlay,jsonl", "coco", "overlay"];
    for list in lists {
        scan(archive.path(), &out, &["--format", list]).expect(0);
        let direct = place.path().join(list);
        scan(archive.path(), &direct, &["--format", list]).expect(0);
        crate::support::assert_same_tree(&out, &direct);
    }
    assert_eq!(fs::read_dir(out.join("overlays")).unwrap().count(), 6);
}

#[cfg(unix)]
#[test]
fn a_signal_ends_the_run_well_and_it_can_be_continued() {
    let archive = long_archive(60);
    let place = tempfile::tempdir().unwrap();
    let undisturbed = place.path().join("undisturbed");
    scan(archive.path(), &undisturbed, &[]).expect(0);
    for signal in ["INT", "TERM"] {
        let out = place.path().join(signal);
        let child = begun(archive.path(), &out, 4000);
        let kill = format!("kill -{signal} {}", child.id());
        assert!(
            std::process::Command::new("sh")
                .args(["-c", &kill])
                .status()
                .unwrap()
                .success()
        );
        let ended = collect(child).expect(1);
        assert!(
            ended.stdout.contains("Give the same command again to continue"),
            "{}",
            ended.stdout
        );
        let rows = crate::support::column(&out.join("images.csv"), "path").len();
        assert!((1..60).contains(&rows), "{rows} rows");
        scan(archive.path(), &out, &[]).expect(0);
        crate::support::assert_same_tree(&undisturbed, &out);
    }
}
