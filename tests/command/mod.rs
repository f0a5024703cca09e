//! The command as a whole: help, schema, completions, manual pages.

use crate::support::{calxray, collect, run};
use std::process::Stdio;

#[test]
fn help_and_version_are_no_errors_and_mistakes_are() {
    assert!(run(["--help"]).expect(0).stdout.contains("Exit status"));
    assert!(run(["--version"]).expect(0).stdout.starts_with("calxray "));
    assert!(run(["no-such-verb"]).expect(2).stderr.contains("unrecognized"));
    run(["scan", "x", "--out", "y", "--quiet", "--verbose"]).expect(2);
    let none: [&str; 0] = [];
    run(none).expect(2);
}

#[test]
fn the_schema_is_the_schema_of_records() {
    let schema: serde_json::Value = serde_json::from_str(&run(["schema"]).expect(0).stdout).unwrap();
    assert_eq!(schema, calxray::write::schema());
}

#[test]
fn every_shell_and_every_verb_is_served() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        assert!(run(["completions", shell]).expect(0).stdout.contains("scan"), "{shell}");
    }
    assert!(run(["man"]).expect(0).stdout.contains(".TH calxray 1"));
    let folder = tempfile::tempdir().unwrap();
    run(["man", "--out", folder.path().to_str().unwrap()]).expect(0);
    let page = std::fs::read_to_string(folder.path().join("calxray-scan.1")).unwrap();
    assert!(page.contains("shard"));
}

#[test]
fn a_reader_that_leaves_early_is_no_failure() {
    let mut child = calxray(["schema"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let ended = collect(child).expect(0);
    assert_eq!(ended.stderr, "");
}
