//! Short texts (PS3.5 6.2).

/// Whether `text` has the length of an AE title or a code string, 1 to 16 characters, each of them one that `fits`.
pub fn is_short(text: &str, fits: impl Fn(u8) -> bool) -> bool {
    (1..=16).contains(&text.len()) && text.bytes().all(fits)
}

#[cfg(test)]
mod tests {
    use super::is_short;

    #[test]
    fn length_and_characters_count() {
        let fits = |text: &str| is_short(text, |byte| byte.is_ascii_uppercase());
        assert!(fits("CR") && fits("ABCDEFGHIJKLMNOP"));
        assert!(!fits("") && !fits("ABCDEFGHIJKLMNOPQ") && !fits("Cr") && !fits("\u{c4}"));
    }
}
