//! A watched folder: files are taken when they are whole, results are those of a scan, and Ctrl-C ends it well.

use super::scan;
use crate::support::{assert_same_tree, calxray, collect, column, run, write_png};
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

#[test]
fn objects_that_a_router_took_away_do_not_come_back() {
    let place = tempfile::tempdir().unwrap();
    let [drawn, incoming, out, flat] = ["drawn", "in", "out", "flat"].map(|name| place.path().join(name));
    let draw = [
        "phantom",
        "--count",
        "3",
        "--seed",
        "3",
        "--normal",
        "0",
        "--spacing",
        "0.4",
    ];
    run(draw.into_iter().chain(["--out", drawn.to_str().unwrap()])).expect(0);
    let mut images: Vec<_> = fs::read_dir(&drawn)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    images.retain(|path| path.extension().is_some_and(|extension| extension == "dcm"));
    images.sort();
    assert_eq!(images.len(), 3);
    fs::create_dir(&incoming).unwrap();
    let bring = |image: &Path| fs::copy(image, incoming.join(image.file_name().unwrap())).unwrap();
    let gathered = || -> Vec<String> {
        let entries = fs::read_dir(&flat).into_iter().flatten();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> = names.filter(|name| name.ends_with(".dcm")).collect();
        names.sort();
        names
    };
    // A round writes the objects first and gathers them at its end.
    let until_gathered = |wanted: usize| {
        let begun = Instant::now();
        while gathered().len() < wanted {
            assert!(
                begun.elapsed() < Duration::from_secs(120),
                "waited in vain, {:?}",
                gathered()
            );
            std::thread::sleep(Duration::from_millis(50));
        }
        let names = gathered();
        for name in &names {
            fs::remove_file(flat.join(name)).unwrap();
        }
        names
    };
    let options = |watch: &[&'static str]| {
        let [incoming, out, flat] = [&incoming, &out, &flat].map(|path| path.to_str().unwrap());
        let mut command = calxray(["scan", incoming, "--out", out, "--objects", flat]);
        command.args(["--format", "csv,sr", "--progress", "none"]).args(watch);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    };
    let stop = |watching: std::process::Child| {
        let stopped = Command::new("kill")
            .args(["-TERM", &watching.id().to_string()])
            .status();
        assert!(stopped.unwrap().success());
        collect(watching).expect(0);
    };
    let watch = ["--watch", "--settle", "1"];

    bring(&images[0]);
    let watching = options(&watch).spawn().unwrap();
    let first = until_gathered(1);
    assert_eq!(first.len(), 1);
    bring(&images[1]);
    let second = until_gathered(1);
    assert_eq!(second.len(), 1, "{second:?}");
    assert_ne!(first, second);
    stop(watching);

    // Begun again.
    bring(&images[2]);
    let watching = options(&watch).spawn().unwrap();
    let third = until_gathered(1);
    assert_eq!(third.len(), 1, "{third:?}");
    assert!(third != first && third != second);
    stop(watching);
    collect(options(&[]).spawn().unwrap()).expect(0);
    assert!(gathered().is_empty(), "{:?}", gathered());

    // Lost on the way, and asked for.
    collect(options(&["--fresh"]).spawn().unwrap()).expect(0);
    let mut all = [first, second, third].concat();
    all.sort();
    assert_eq!(gathered(), all);
    // What was put where says nothing of the machine.
    let ledger = fs::read_to_string(out.join("gathered")).unwrap();
    assert!(!ledger.contains("flat") && !ledger.contains('/'), "{ledger}");
}
