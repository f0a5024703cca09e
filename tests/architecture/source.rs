//! Rust files as text: what they import and say, without comments and tests.

use std::path::Path;

/// One source file.
pub struct File {
    /// Below the folder, with `/`.
    pub path: String,
    pub text: String,
    /// The text without comments and without what only tests see.
    code: String,
}

/// All Rust files below `folder` of the package, in order of their names.
pub fn files(folder: &str) -> Vec<File> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut files = Vec::new();
    // The fuzz package builds below `tests`.
    let walk = walkdir::WalkDir::new(&root).sort_by_file_name().into_iter();
    for entry in walk.filter_entry(|entry| entry.file_name() != "target") {
        let entry = entry.unwrap();
        if entry.path().extension().is_none_or(|extension| extension != "rs") {
            continue;
        }
        let path = entry.path().strip_prefix(&root).unwrap();
        let path = path
            .components()
            .map(|part| part.as_os_str().to_string_lossy())
            .collect::<Vec<_>>()
            .join("/");
        let text = std::fs::read_to_string(entry.path()).unwrap();
        files.push(File {
            path,
            text,
            code: String::new(),
        });
    }
    let tests: Vec<String> = files.iter().flat_map(test_modules).collect();
    for file in &mut files {
        let module = file.path.trim_end_matches(".rs");
        if !tests
            .iter()
            .any(|test| module == test || module.starts_with(&format!("{test}/")))
        {
            file.code = product(&file.text);
        }
    }
    assert!(!files.is_empty(), "nothing to check in {folder}");
    files
}

/// The rooms: folders and files of `src`, except the two roots.
pub fn rooms() -> Vec<String> {
    let mut rooms: Vec<String> = files("src").iter().filter_map(File::room).collect();
    rooms.dedup();
    rooms
}

/// Modules that `file` declares for tests only, as paths without ending.
fn test_modules(file: &File) -> Vec<String> {
    let folder = match file.path.strip_suffix("mod.rs") {
        Some(folder) => folder.to_owned(),
        None if file.path.contains('/') => file.path.replace(".rs", "/"),
        None => String::new(),
    };
    let declared = file.text.split("#[cfg(test)]").skip(1).filter_map(|after| {
        let declaration = after.trim_start().lines().next()?;
        let (_, module) = declaration.strip_suffix(';')?.rsplit_once("mod ")?;
        Some(format!("{folder}{module}"))
    });
    declared.collect()
}

/// The code that ships: lines that are not comments, up to the test module at the end.
fn product(text: &str) -> String {
    let shipped = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or(text);
    let code = |line: &&str| !line.trim_start().starts_with("//");
    shipped.lines().filter(code).map(|line| format!("{line}\n")).collect()
}

impl File {
    /// The room it belongs to; none for `lib.rs` and `main.rs`.
    pub fn room(&self) -> Option<String> {
        match self.path.split_once('/') {
            Some((room, _)) => Some(room.to_owned()),
            None if matches!(self.path.as_str(), "lib.rs" | "main.rs") => None,
            None => self.path.strip_suffix(".rs").map(str::to_owned),
        }
    }

    /// First names behind `crate::`, also in `crate::{...}`.
    pub fn crate_paths(&self) -> Vec<String> {
        let mut names = Vec::new();
        for (at, _) in self.code.match_indices("crate::") {
            let rest = &self.code[at + "crate::".len()..];
            match rest.strip_prefix('{') {
                Some(list) => names.extend(first_names(list)),
                None => names.push(name(rest)),
            }
        }
        names.sort();
        names.dedup();
        names
    }

    /// Lines of the code with one of `words`.
    pub fn code_with(&self, words: &[&str]) -> Vec<String> {
        lines_with(&self.code, words)
    }
}

/// Lines of `text` with one of `words`.
pub fn lines_with(text: &str, words: &[&str]) -> Vec<String> {
    text.lines()
        .filter(|line| words.iter().any(|word| line.contains(word)))
        .map(|line| line.trim().to_owned())
        .collect()
}

fn name(text: &str) -> String {
    text.chars()
        .take_while(|character| character.is_alphanumeric() || *character == '_')
        .collect()
}

/// First names of a `use` list, whose opening brace is behind us.
fn first_names(list: &str) -> Vec<String> {
    let mut names = vec![name(list.trim_start())];
    let mut depth = 0;
    for (at, character) in list.char_indices() {
        match character {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => names.push(name(list[at + 1..].trim_start())),
            _ => {}
        }
    }
    names.retain(|name| !name.is_empty());
    names
}

#[test]
fn imports_are_found_in_every_form() {
    let code = "use crate::label::Region;\nuse crate::{measure::{a, b}, scene, units::Length,\n};\nlet x = crate::read::open();\n";
    let file = File {
        path: "write/a.rs".into(),
        text: String::new(),
        code: product(code),
    };
    assert_eq!(file.crate_paths(), ["label", "measure", "read", "scene", "units"]);
    assert_eq!(file.room().as_deref(), Some("write"));
}

#[test]
fn comments_and_tests_do_not_count() {
    let code = "//! See crate::cli.\nfn f() {}\n#[cfg(test)]\nmod tests {\n    use crate::batch::X;\n}\n";
    let file = File {
        path: "units.rs".into(),
        text: String::new(),
        code: product(code),
    };
    assert!(file.crate_paths().is_empty());
    assert_eq!(file.room().as_deref(), Some("units"));
}

#[test]
fn test_modules_are_known_by_their_declaration() {
    let text = "mod a;\n#[cfg(test)]\nmod example;\n#[cfg(test)]\npub(crate) mod tests;\n#[cfg(test)]\nmod inner {}\n";
    let file = |path: &str| File {
        path: path.into(),
        text: text.into(),
        code: String::new(),
    };
    assert_eq!(test_modules(&file("write/mod.rs")), ["write/example", "write/tests"]);
    assert_eq!(
        test_modules(&file("write/sr.rs")),
        ["write/sr/example", "write/sr/tests"]
    );
}
