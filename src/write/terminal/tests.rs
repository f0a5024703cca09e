use super::{HeaderFacts, numbers, render, short};
use crate::write::example;

fn facts() -> HeaderFacts {
    HeaderFacts {
        title: "a.dcm".to_owned(),
        facts: vec![("Polarity".to_owned(), "MONOCHROME1, turned\u{1b}[2J".to_owned())],
    }
}

#[test]
fn the_text_says_what_was_found_and_why() {
    let text = render(&example::report(), &facts(), false);
    crate::write::tables::assert_golden("inspect.txt", text.as_bytes());
}

#[test]
fn no_header_drives_the_terminal() {
    let plain = render(&example::report(), &facts(), false);
    assert!(!plain.contains('\u{1b}'));
    let coloured = render(&example::report(), &facts(), true);
    assert!(coloured.contains("\u{1b}[32mfor") || coloured.contains("\u{1b}[32m    for"));
    assert!(!coloured.contains("\u{1b}[2J"));
    let mut bare = String::new();
    for (index, piece) in coloured.split('\u{1b}').enumerate() {
        bare += if index == 0 {
            piece
        } else {
            piece.split_once('m').unwrap().1
        };
    }
    assert_eq!(bare, plain);
}

#[test]
fn numbers_are_short() {
    assert_eq!(numbers(&[1, 2, 3, 4, 7, 9, 10]), "1-4, 7, 9, 10");
    for (value, text) in [
        (1.333_33, "1.33"),
        (1234.5, "1234"),
        (0.001_234, "0.00123"),
        (-2.0, "-2"),
        (0.0, "0"),
    ] {
        assert_eq!(short(value), text);
    }
}
