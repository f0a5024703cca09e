//! Archives give what their unpacked folder gives.

use super::scan;
use crate::support::{column, small_archive};
use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

/// `(relative path, bytes)` of all files below `folder`, sorted.
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let tree = crate::support::tree(folder);
    tree.into_iter()
        .map(|(path, bytes)| (path.to_str().unwrap().to_owned(), bytes))
        .collect()
}

fn write_zip(path: &Path, files: &[(String, Vec<u8>)]) {
    let mut zip = zip::ZipWriter::new(File::create(path).unwrap());
    for (name, bytes) in files {
        zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap();
}

fn tar(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    for (name, bytes) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        tar.append_data(&mut header, name, &bytes[..]).unwrap();
    }
    tar.into_inner().unwrap()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(bytes).unwrap();
    gzip.finish().unwrap()
}

/// `findings.jsonl` with the archive's name and names made of paths taken out.
fn findings(out: &Path, archive: &str) -> Vec<String> {
    let text = fs::read_to_string(out.join("findings.jsonl")).unwrap();
    let lines = text.lines().map(|line| {
        let line = line.replace(&format!("{archive}!/"), "");
        match line.split_once("\"unread-") {
            Some((before, after)) => format!("{before}\"unread{}", &after[16..]),
            None => line,
        }
    });
    lines.collect()
}

#[test]
fn zip_tar_and_tar_gz_give_what_the_folder_gives() {
    let folder = small_archive();
    let files = files(folder.path());
    let place = tempfile::tempdir().unwrap();
    write_zip(&place.path().join("s.zip"), &files);
    fs::write(place.path().join("s.tar"), tar(&files)).unwrap();
    fs::write(place.path().join("named-oddly"), gzip(&tar(&files))).unwrap();
    let plain = place.path().join("plain");
    scan(folder.path(), &plain, &[]).expect(0);
    let expected = findings(&plain, "");
    assert_eq!(expected.len(), 7);
    for archive in ["s.zip", "s.tar", "named-oddly"] {
        let out = place.path().join(format!("{archive}-out"));
        for jobs in ["1", "2"] {
            scan(&place.path().join(archive), &out, &["--jobs", jobs, "--fresh"]).expect(0);
            assert_eq!(findings(&out, archive), expected, "{archive} with {jobs} workers");
        }
        // Done is done: nothing is unpacked again.
        let again = scan(&place.path().join(archive), &out, &[]).expect(0);
        assert!(again.stdout.contains("7 inputs taken over"), "{}", again.stdout);
    }
}

#[test]
fn a_broken_archive_gives_what_it_has_and_a_failure() {
    let folder = small_archive();
    let place = tempfile::tempdir().unwrap();
    let whole = gzip(&tar(&files(folder.path())));
    fs::write(place.path().join("cut.tgz"), &whole[..whole.len() * 2 / 3]).unwrap();
    fs::write(
        place.path().join("bad.zip"),
        b"PK\x03\x04 and nothing else that a zip file has",
    )
    .unwrap();
    let out = tempfile::tempdir().unwrap();
    for _ in 0..2 {
        scan(place.path(), out.path(), &[]).expect(1);
        // The archives, and the member in which one breaks off.
        let failed = column(&out.path().join("errors.csv"), "path");
        assert_eq!(failed[..2], ["bad.zip", "cut.tgz"]);
        assert!(
            failed[2..].iter().all(|path| path.starts_with("cut.tgz!/")),
            "{failed:?}"
        );
        let stages = column(&out.path().join("errors.csv"), "stage");
        assert!(stages.iter().all(|stage| stage == "archive"), "{stages:?}");
        let images = column(&out.path().join("images.csv"), "path");
        assert!(images.iter().any(|path| path == "cut.tgz!/a.png"), "{images:?}");
    }
}

#[test]
fn encrypted_and_nested_members_are_told() {
    let folder = small_archive();
    let place = tempfile::tempdir().unwrap();
    let inner = tar(&files(folder.path()));
    let picture = fs::read(folder.path().join("a.png")).unwrap();
    let mut zip = zip::ZipWriter::new(File::create(place.path().join("s.zip")).unwrap());
    let plain = zip::write::SimpleFileOptions::default();
    zip.start_file("inner.tar", plain).unwrap();
    zip.write_all(&inner).unwrap();
    zip.start_file("secret.png", plain).unwrap();
    zip.write_all(&picture).unwrap();
    zip.finish().unwrap();
    // The flag of an encrypted member, in the local and in the central header (APPNOTE.TXT 4.4.4).
    let path = place.path().join("s.zip");
    let mut bytes = fs::read(&path).unwrap();
    let name_at: Vec<usize> = (0..bytes.len() - 10)
        .filter(|&at| &bytes[at..at + 10] == b"secret.png")
        .collect();
    bytes[name_at[0] - 30 + 6] |= 1;
    bytes[name_at[1] - 46 + 8] |= 1;
    fs::write(&path, bytes).unwrap();
    let out = tempfile::tempdir().unwrap();
    scan(&path, out.path(), &[]).expect(1);
    assert_eq!(column(&out.path().join("images.csv"), "outcome"), ["skipped", "failed"]);
    assert_eq!(
        column(&out.path().join("images.csv"), "reason"),
        ["archive inside an archive", "member is encrypted"]
    );
    assert_eq!(column(&out.path().join("errors.csv"), "path"), ["s.zip!/secret.png"]);
}

#[test]
fn a_bomb_is_refused_in_little_time_and_memory() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("bomb.tgz");
    // 8 GiB of zeros: a member beyond every limit, whose bytes are also far more than the archive's.
    let mut header = tar::Header::new_gnu();
    header.set_path("zeros").unwrap();
    header.set_size(8 << 30);
    header.set_cksum();
    let mut gzip = flate2::write::GzEncoder::new(File::create(&path).unwrap(), flate2::Compression::best());
    gzip.write_all(header.as_bytes()).unwrap();
    let zeros = vec![0; 1 << 20];
    let mut piece = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    for _ in 0..64 {
        piece.write_all(&zeros).unwrap();
    }
    let piece = piece.finish().unwrap();
    // gzip members follow one another: 128 times the same 64 MiB of zeros.
    let mut file = gzip.finish().unwrap();
    for _ in 0..128 {
        file.write_all(&piece).unwrap();
    }
    drop(file);
    let out = tempfile::tempdir().unwrap();
    let begun = std::time::Instant::now();
    scan(place.path(), out.path(), &[]).expect(1);
    assert!(begun.elapsed().as_secs() < 30);
    let messages = column(&out.path().join("errors.csv"), "message");
    assert!(
        messages
            .iter()
            .all(|message| message.contains("limit") || message.contains("times")),
        "{messages:?}"
    );
    assert!(!messages.is_empty());
}
