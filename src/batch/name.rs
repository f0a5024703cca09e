//! How an input is called in results: one line of text, unique, the same on every machine.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::path::{Component, Path};

/// Stands between an archive and the path of a member inside it.
pub const INSIDE: &str = "!/";

/// One path component as text. Bytes that are not UTF-8 become `\xFF`, control characters `\u{7}`, a backslash `\\`,
/// so that two names never read the same and a name never breaks a line.
pub fn component(name: &OsStr) -> String {
    escaped(name.as_encoded_bytes())
}

/// The components of a relative `path`, joined by `/`.
pub fn relative(path: &Path) -> String {
    let mut text = String::new();
    for part in path.components() {
        if let Component::Normal(name) = part {
            if !text.is_empty() {
                text.push('/');
            }
            text += &component(name);
        }
    }
    text
}

/// The name of member `path` of the archive shown as `archive`. Backslashes and slashes both separate folders;
/// empty parts, `.` and `..` are dropped, so that the name stays inside.
pub fn member(archive: &str, path: &[u8]) -> String {
    let parts = path.split(|byte| matches!(byte, b'/' | b'\\'));
    let kept: Vec<String> = parts
        .filter(|part| !matches!(*part, b"" | b"." | b".."))
        .map(escaped)
        .collect();
    format!("{archive}{INSIDE}{}", kept.join("/"))
}

fn escaped(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            match character {
                '\\' => text.push_str("\\\\"),
                c if c.is_control()
                    || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}') =>
                {
                    text.extend(c.escape_unicode());
                }
                c => text.push(c),
            }
        }
        for byte in chunk.invalid() {
            let _ = write!(text, "\\x{byte:02X}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{escaped, member};

    #[test]
    fn names_are_one_line_and_differ_when_bytes_differ() {
        let names: [&[u8]; 6] = [
            b"a\xffb",
            b"a\\xFFb",
            b"a\nb",
            b"a\\u{a}b",
            "aü".as_bytes(),
            "a\u{85}".as_bytes(),
        ];
        let shown: Vec<String> = names.iter().map(|name| escaped(name)).collect();
        assert_eq!(shown[0], "a\\xFFb");
        assert_eq!(shown[4], "aü");
        for (i, left) in shown.iter().enumerate() {
            assert!(!left.chars().any(char::is_control));
            assert!(shown[i + 1..].iter().all(|right| right != left));
        }
    }

    #[test]
    fn members_stay_inside_their_archive() {
        assert_eq!(member("a.zip", b"../..//etc\\./x.dcm"), "a.zip!/etc/x.dcm");
    }
}
