//! From paths to files: recursive, by content, safe from loops, in one fixed order.

use super::journal;
use super::name;
use super::stamp::{self, Stamp};
use std::collections::{BTreeSet, HashSet};
use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};

/// A file that may be an image or an archive.
#[derive(Clone, Debug)]
pub struct FoundFile {
    /// How it is shown: relative to the folder all given paths have in common.
    pub shown: String,
    /// Where it is.
    pub path: PathBuf,
    /// When it counts as unchanged.
    pub stamp: Stamp,
    /// Bytes.
    pub size: u64,
}

/// Something that should have been a file and is none.
#[derive(Clone, Debug)]
pub struct Problem {
    /// How it is shown.
    pub shown: String,
    /// What is wrong, in words.
    pub message: String,
}

/// All that the given paths lead to.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// Files, each once, sorted by shown path.
    pub files: Vec<FoundFile>,
    /// Paths that lead nowhere, sorted by shown path.
    pub problems: Vec<Problem>,
    /// Folders left out because they are output of an earlier run, as shown.
    pub own_output: Vec<String>,
}

/// Lists the images a DICOMDIR at a path refers to, relative to its folder.
pub type References<'a> = &'a dyn Fn(&Path) -> Result<Vec<PathBuf>, String>;

/// Follows `roots` (files and folders) to files. The folder `out` and output of earlier runs are left out. A file met
/// twice, through links, overlapping roots or a DICOMDIR, is found once.
pub fn find(roots: &[PathBuf], out: &Path, references: References<'_>) -> Found {
    let mut walk = Walk {
        base: PathBuf::new(),
        out: fs::canonicalize(out).ok(),
        references,
        found: Found::default(),
        folders: HashSet::new(),
        files: HashSet::new(),
        links: BTreeSet::new(),
    };
    let mut located: BTreeSet<(PathBuf, bool)> = BTreeSet::new();
    for root in roots {
        match locate(root) {
            Ok(found) => drop(located.insert(found)),
            Err(error) => walk.problem(name::component(root.as_os_str()), &error),
        }
    }
    walk.base = common_folder(&located);
    for (path, _) in &located {
        walk.follow(path);
    }
    // Real places first, so that a file reached both ways is shown by its own name.
    while let Some(link) = walk.links.pop_first() {
        walk.follow(&link);
    }
    let mut found = walk.found;
    found.files.sort_by(|a, b| a.shown.cmp(&b.shown));
    found.problems.sort_by(|a, b| a.shown.cmp(&b.shown));
    found.problems.dedup_by(|a, b| a.shown == b.shown);
    found.own_output.sort();
    found
}

/// The paths in a list: separated by NUL if it holds any (`find -print0`), else one a line.
pub fn parse_list(bytes: &[u8]) -> Vec<PathBuf> {
    let separator = if bytes.contains(&0) { 0 } else { b'\n' };
    let parts = bytes.split(|byte| *byte == separator).map(|part| match separator {
        b'\n' => part.strip_suffix(b"\r").unwrap_or(part),
        _ => part,
    });
    parts.filter(|part| !part.is_empty()).map(path_from).collect()
}

#[cfg(unix)]
fn path_from(bytes: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    std::ffi::OsStr::from_bytes(bytes).into()
}

#[cfg(not(unix))]
fn path_from(bytes: &[u8]) -> PathBuf {
    String::from_utf8_lossy(bytes).into_owned().into()
}

/// `root` with every link but its own last part resolved, and whether it is a folder. It need not exist, its folder must.
fn locate(root: &Path) -> io::Result<(PathBuf, bool)> {
    let path = match (root.parent(), root.file_name()) {
        (Some(parent), Some(own)) if parent.as_os_str().is_empty() => fs::canonicalize(".")?.join(own),
        (Some(parent), Some(own)) => fs::canonicalize(parent)?.join(own),
        _ => fs::canonicalize(root)?,
    };
    Ok((path, root.is_dir()))
}

/// The deepest folder that holds all of `located`; a single folder holds itself.
fn common_folder(located: &BTreeSet<(PathBuf, bool)>) -> PathBuf {
    let folders = located.iter().map(|(path, folder)| match path.parent() {
        Some(parent) if !folder => parent,
        _ => path.as_path(),
    });
    folders
        .map(Path::to_path_buf)
        .reduce(|common, next| {
            let same = common.components().zip(next.components()).take_while(|(a, b)| a == b);
            same.map(|(part, _)| part).collect()
        })
        .unwrap_or_default()
}

struct Walk<'a> {
    base: PathBuf,
    out: Option<PathBuf>,
    references: References<'a>,
    found: Found,
    /// Canonical paths met.
    folders: HashSet<PathBuf>,
    files: HashSet<PathBuf>,
    /// Symbolic links still to be followed.
    links: BTreeSet<PathBuf>,
}

impl Walk<'_> {
    fn shown(&self, path: &Path) -> String {
        let shown = name::relative(path.strip_prefix(&self.base).unwrap_or(path));
        if shown.is_empty() { ".".to_owned() } else { shown }
    }

    fn problem(&mut self, shown: String, message: &dyn std::fmt::Display) {
        let message = message.to_string();
        self.found.problems.push(Problem { shown, message });
    }

    /// Takes whatever is at `path`, through a link or not.
    fn follow(&mut self, path: &Path) {
        match fs::metadata(path).and_then(|metadata| Ok((metadata, fs::canonicalize(path)?))) {
            Err(error) => self.problem(self.shown(path), &error),
            Ok((metadata, canonical)) if metadata.is_dir() => self.folder(path.to_path_buf(), canonical),
            Ok((metadata, canonical)) if metadata.is_file() => self.file(path, canonical, &metadata),
            Ok(_) => self.problem(self.shown(path), &"neither a file nor a folder"),
        }
    }

    /// Takes all files below a folder, which lies at `canonical`.
    fn folder(&mut self, path: PathBuf, canonical: PathBuf) {
        let mut open = vec![(path, canonical)];
        while let Some((path, canonical)) = open.pop() {
            if self.out.as_ref() == Some(&canonical) || !self.folders.insert(canonical.clone()) {
                continue;
            }
            if journal::is_journal(&canonical.join(super::JOURNAL)) {
                self.found.own_output.push(self.shown(&path));
                continue;
            }
            let entries = match fs::read_dir(&canonical) {
                Ok(entries) => entries,
                Err(error) => {
                    self.problem(self.shown(&path), &error);
                    continue;
                }
            };
            for entry in entries {
                let (entry, kind) = match entry.and_then(|entry| Ok((entry.file_type()?, entry))) {
                    Ok((kind, entry)) => (entry, kind),
                    Err(error) => {
                        self.problem(self.shown(&path), &error);
                        continue;
                    }
                };
                let child = path.join(entry.file_name());
                let child_canonical = canonical.join(entry.file_name());
                if kind.is_symlink() {
                    self.links.insert(child);
                } else if kind.is_dir() {
                    open.push((child, child_canonical));
                } else if kind.is_file() {
                    match entry.metadata() {
                        Ok(metadata) => self.file(&child, child_canonical, &metadata),
                        Err(error) => self.problem(self.shown(&child), &error),
                    }
                }
            }
        }
    }

    fn file(&mut self, path: &Path, canonical: PathBuf, metadata: &Metadata) {
        if !self.files.insert(canonical.clone()) {
            return;
        }
        self.found.files.push(FoundFile {
            shown: self.shown(path),
            stamp: stamp::of_file(&canonical, metadata),
            path: path.to_path_buf(),
            size: metadata.len(),
        });
        if path
            .file_name()
            .is_some_and(|name| name.eq_ignore_ascii_case("DICOMDIR"))
        {
            self.directory(path);
        }
    }

    /// Takes what a DICOMDIR refers to. One that cannot be read will be reported when it is opened as a file.
    fn directory(&mut self, path: &Path) {
        let Some(folder) = path.parent() else { return };
        for reference in (self.references)(path).unwrap_or_default() {
            match as_written_or_ignoring_case(folder, &reference) {
                Some(file) => self.follow(&file),
                None => {
                    let shown = self.shown(&folder.join(&reference));
                    self.problem(shown, &"DICOMDIR refers to it and it does not exist");
                }
            }
        }
    }
}

/// The file `reference` below `folder`; media are often copied with names in lower case (PS3.10 section 8.5 has upper).
fn as_written_or_ignoring_case(folder: &Path, reference: &Path) -> Option<PathBuf> {
    let direct = folder.join(reference);
    if direct.is_file() {
        return Some(direct);
    }
    let mut place = folder.to_path_buf();
    for part in reference.components() {
        let mut names: Vec<_> = fs::read_dir(&place)
            .ok()?
            .flatten()
            .map(|entry| entry.file_name())
            .collect();
        names.sort();
        let own = names
            .into_iter()
            .find(|name| name.eq_ignore_ascii_case(part.as_os_str()))?;
        place.push(own);
    }
    place.is_file().then_some(place)
}

#[cfg(test)]
mod tests {
    use super::{Found, find, parse_list};
    use std::fs;
    use std::path::{Path, PathBuf};

    fn tree() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for file in ["a/1.dcm", "a/deep/2", "b/1.dcm", "b/Z", "top"] {
            let path = folder.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, file).unwrap();
        }
        folder
    }

    fn walk(root: &Path, roots: &[&str]) -> Found {
        let roots: Vec<PathBuf> = roots.iter().map(|path| root.join(path)).collect();
        find(&roots, &root.join("out"), &|_| {
            Ok(vec!["A/1.DCM".into(), "b/none".into()])
        })
    }

    fn shown(found: &Found) -> Vec<&str> {
        found.files.iter().map(|file| file.shown.as_str()).collect()
    }

    #[test]
    fn files_are_shown_relative_to_what_the_roots_have_in_common() {
        let tree = tree();
        let all = ["a/1.dcm", "a/deep/2", "b/1.dcm", "b/Z", "top"];
        assert_eq!(shown(&walk(tree.path(), &[""])), all);
        assert_eq!(shown(&walk(tree.path(), &["b", "a/deep", "a", "top"])), all);
        assert_eq!(shown(&walk(tree.path(), &["a"])), ["1.dcm", "deep/2"]);
        assert_eq!(shown(&walk(tree.path(), &["a/1.dcm"])), ["1.dcm"]);
        assert_eq!(
            shown(&walk(tree.path(), &["b/1.dcm", "a/1.dcm"])),
            ["a/1.dcm", "b/1.dcm"]
        );
    }

    #[test]
    fn what_is_missing_is_told() {
        let tree = tree();
        let found = walk(tree.path(), &["a", "nowhere"]);
        assert_eq!(found.files.len(), 2);
        assert_eq!(found.problems[0].shown, "nowhere");
        assert_eq!(walk(tree.path(), &["a", "not/there"]).problems.len(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn links_and_loops_do_not_double_files() {
        let tree = tree();
        std::os::unix::fs::symlink("..", tree.path().join("a/loop")).unwrap();
        std::os::unix::fs::symlink("b", tree.path().join("aa")).unwrap();
        std::os::unix::fs::symlink("top", tree.path().join("0")).unwrap();
        std::os::unix::fs::symlink("gone", tree.path().join("dangling")).unwrap();
        let found = walk(tree.path(), &[""]);
        assert_eq!(shown(&found), ["a/1.dcm", "a/deep/2", "b/1.dcm", "b/Z", "top"]);
        assert_eq!(found.problems.len(), 1);
        assert_eq!(found.problems[0].shown, "dangling");
        assert_eq!(shown(&walk(tree.path(), &["aa"])), ["1.dcm", "Z"]);
    }

    #[test]
    fn output_folders_are_left_out() {
        let tree = tree();
        fs::create_dir(tree.path().join("out")).unwrap();
        fs::write(tree.path().join("out/overlay.png"), "").unwrap();
        let earlier = super::journal::Identity::new("s", Vec::new());
        fs::create_dir(tree.path().join("old")).unwrap();
        super::journal::Journal::create(&tree.path().join("old/journal"), &earlier).unwrap();
        fs::write(tree.path().join("old/overlay.png"), "").unwrap();
        let found = walk(tree.path(), &[""]);
        assert_eq!(found.files.len(), 5);
        assert_eq!(found.own_output, ["old"]);
    }

    #[test]
    fn a_dicomdir_leads_to_files_whatever_their_case() {
        let tree = tree();
        fs::write(tree.path().join("DICOMDIR"), "").unwrap();
        let found = walk(tree.path(), &["DICOMDIR"]);
        assert_eq!(shown(&found), ["DICOMDIR", "a/1.dcm"]);
        assert_eq!(found.problems[0].shown, "b/none");
        assert_eq!(walk(tree.path(), &[""]).files.len(), 6);
    }

    #[test]
    fn lists_are_split_at_line_ends_or_nul() {
        assert_eq!(parse_list(b"a b\r\nc\n\n"), [PathBuf::from("a b"), PathBuf::from("c")]);
        assert_eq!(parse_list(b"a\nb\0c\0"), [PathBuf::from("a\nb"), PathBuf::from("c")]);
        assert!(parse_list(b"").is_empty());
    }
}
