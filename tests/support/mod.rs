//! What several tests share: running the command, making images, comparing folders.

pub mod jpeg;
pub mod jpeg_ls;

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

/// What a finished command left.
#[derive(Debug)]
pub struct Finished {
    pub status: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Finished {
    #[track_caller]
    pub fn expect(self, status: i32) -> Self {
        assert_eq!(
            self.status, status,
            "stdout:\n{}\nstderr:\n{}",
            self.stdout, self.stderr
        );
        self
    }
}

/// The command with `arguments`, not yet started.
pub fn calxray<A: AsRef<std::ffi::OsStr>>(arguments: impl IntoIterator<Item = A>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_calxray"));
    command.args(arguments).env("NO_COLOR", "1").stdin(Stdio::null());
    command
}

/// Runs the command to its end.
pub fn run<A: AsRef<std::ffi::OsStr>>(arguments: impl IntoIterator<Item = A>) -> Finished {
    finished(calxray(arguments))
}

/// Runs the command to its end with `input` on standard input.
pub fn run_with_input<A: AsRef<std::ffi::OsStr>>(arguments: impl IntoIterator<Item = A>, input: &[u8]) -> Finished {
    let mut command = calxray(arguments);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    collect(child)
}

fn finished(mut command: Command) -> Finished {
    collect(command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap())
}

/// Waits for a child whose output is piped.
pub fn collect(child: Child) -> Finished {
    let output = child.wait_with_output().unwrap();
    Finished {
        status: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A synthetic image without meaning: a slope, a disc whose place depends on `seed`, and grain.
pub fn image(seed: u32, rows: u32, columns: u32) -> image::ImageBuffer<image::Luma<u16>, Vec<u16>> {
    let (row, column) = (
        rows / 4 + seed * 13 % (rows / 2),
        columns / 4 + seed * 29 % (columns / 2),
    );
    image::ImageBuffer::from_fn(columns, rows, |x, y| {
        let distance = (f64::from(x) - f64::from(column)).hypot(f64::from(y) - f64::from(row));
        let grain = (x.wrapping_mul(2_654_435_761) ^ y.wrapping_mul(40_503) ^ seed.wrapping_mul(97)) >> 7 & 63;
        let disc = if distance < 8.0 { 9000 } else { 0 };
        image::Luma([(12_000 + 20 * x + disc + grain) as u16])
    })
}

/// Writes a PNG of [`image`] to `path`, making its folder.
pub fn write_png(path: &Path, seed: u32, rows: u32, columns: u32) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    image(seed, rows, columns)
        .save_with_format(path, image::ImageFormat::Png)
        .unwrap();
}

/// Draws `count` synthetic radiographs with deposits into `out`.
pub fn draw(out: &Path, count: usize) {
    let (count, out) = (count.to_string(), out.to_str().unwrap());
    run([
        "phantom", "--count", &count, "--seed", "3", "--normal", "0", "--out", out,
    ])
    .expect(0);
}

/// A folder with six images in folders of different depth and odd names, and a text.
pub fn small_archive() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (seed, name) in ["a.png", "b/1.dcm", "b/2", "b/deep/er/x.tiff", "c ü.png", "z"]
        .iter()
        .enumerate()
    {
        write_png(&folder.path().join(name), seed as u32, 96, 80);
    }
    fs::write(folder.path().join("b/notes.txt"), "not an image").unwrap();
    folder
}

/// Every file below `folder` by relative path, with its bytes; the lock is left out.
pub fn tree(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(&next).unwrap().map(Result::unwrap) {
            let path = entry.path();
            if entry.file_type().unwrap().is_dir() {
                open.push(path);
            } else if entry.file_name() != ".lock" {
                files.insert(
                    path.strip_prefix(folder).unwrap().to_path_buf(),
                    fs::read(&path).unwrap(),
                );
            }
        }
    }
    files
}

/// Fails with the names of the files that differ.
#[track_caller]
pub fn assert_same_tree(left: &Path, right: &Path) {
    let (left, right) = (tree(left), tree(right));
    let names = |tree: &BTreeMap<PathBuf, Vec<u8>>| tree.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&left), names(&right));
    let differing: Vec<&PathBuf> = left
        .iter()
        .filter(|(name, bytes)| right[*name] != **bytes)
        .map(|(name, _)| name)
        .collect();
    assert!(differing.is_empty(), "these files differ: {differing:?}");
}

/// The column called `name` of a CSV file, below its head.
pub fn column(file: &Path, name: &str) -> Vec<String> {
    let mut reader = csv::Reader::from_path(file).unwrap();
    let at = reader.headers().unwrap().iter().position(|head| head == name);
    let at = at.unwrap_or_else(|| panic!("no column {name} in {}", file.display()));
    reader.records().map(|row| row.unwrap()[at].to_owned()).collect()
}
