//! A watched folder: files are taken when they are whole, results are those of a scan, and Ctrl-C ends it well.

use super::scan;
use crate::support::{assert_same_tree, calxray, collect, column, write_png};
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Waits until images.csv in `out` lists `wanted`.
#[track_caller]
fn until_listed(out: &Path, wanted: &[&str]) {
    let begun = Instant::now();
    let table = out.join("images.csv");
    while !table.exists() || column(&table, "path") != wanted {
        assert!(
            begun.elapsed() < Duration::from_secs(120),
            "waited in vain for {wanted:?}"
        );
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn files_that_come_are_scanned_until_it_is_stopped() {
    let place = tempfile::tempdir().unwrap();
    let [incoming, out, whole] = ["in", "out", "whole"].map(|name| place.path().join(name));
    fs::create_dir(&incoming).unwrap();
    write_png(&incoming.join("1.png"), 1, 96, 80);
    let arguments = ["--watch", "--settle", "1", "--progress", "none"];
    let mut command = calxray(["scan", incoming.to_str().unwrap(), "--out", out.to_str().unwrap()]);
    command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped());
    let watching = command.spawn().unwrap();
    until_listed(&out, &["1.png"]);
    // One comes whole, one in pieces: read half way, it would be a failure.
    write_png(&incoming.join("0/2.png"), 2, 96, 80);
    let bytes = fs::read(incoming.join("0/2.png")).unwrap();
    let slow = incoming.join("3.png");
    fs::write(&slow, &bytes[..bytes.len() / 2]).unwrap();
    std::thread::sleep(Duration::from_millis(500));
    fs::write(&slow, &bytes).unwrap();
    until_listed(&out, &["0/2.png", "1.png", "3.png"]);
    // One goes.
    fs::remove_file(incoming.join("1.png")).unwrap();
    until_listed(&out, &["0/2.png", "3.png"]);
    let interrupted = Command::new("kill").args(["-INT", &watching.id().to_string()]).status();
    assert!(interrupted.unwrap().success());
    let said = collect(watching).expect(0);
    assert!(
        said.stdout.contains("2 images analysed, 0 skipped, 0 failed"),
        "{}",
        said.stdout
    );
    scan(&incoming, &whole, &["--progress", "none"]).expect(0);
    assert_same_tree(&whole, &out);
}

#[test]
fn begun_again_it_takes_over_what_is_done() {
    let place = tempfile::tempdir().unwrap();
    let [incoming, out] = ["in", "out"].map(|name| place.path().join(name));
    write_png(&incoming.join("1.png"), 1, 96, 80);
    scan(&incoming, &out, &["--progress", "none"]).expect(0);
    let mut command = calxray(["scan", incoming.to_str().unwrap(), "--out", out.to_str().unwrap()]);
    command.args(["--watch", "--settle", "1", "--progress", "none"]);
    let watching = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    std::thread::sleep(Duration::from_millis(500));
    assert_eq!(column(&out.join("images.csv"), "path"), ["1.png"]);
    write_png(&incoming.join("2.png"), 2, 96, 80);
    until_listed(&out, &["1.png", "2.png"]);
    let stopped = Command::new("kill")
        .args(["-TERM", &watching.id().to_string()])
        .status();
    assert!(stopped.unwrap().success());
    let said = collect(watching).expect(0).stdout;
    assert!(said.contains("1 input taken over from an earlier run"), "{said}");
}
