//! The house rules of `ARCHITECTURE.md` that a machine can check, on the source as it stands.

mod source;

use source::{File, files, rooms};
use std::collections::BTreeMap;

/// What each room may import. This list is the rule; `ARCHITECTURE.md` explains it. `lib.rs` and `main.rs` are not rooms.
const ARROWS: &[(&str, &[&str])] = &[
    ("units", &[]),
    ("radiograph", &["units"]),
    ("dicom", &["units"]),
    ("codec", &[]),
    ("morphology", &["radiograph", "units"]),
    ("threshold", &["radiograph", "units"]),
    ("label", &["radiograph", "units"]),
    ("enhance", &["morphology", "radiograph", "units"]),
    ("scene", &["morphology", "threshold", "label", "radiograph", "units"]),
    ("measure", &["scene", "label", "radiograph", "units"]),
    // Of the radiograph: the words for body part and view, never its pixels (see below).
    ("classify", &["measure", "radiograph", "units"]),
    ("finding", &["classify", "measure", "label", "radiograph", "units"]),
    ("report", &["finding", "classify", "measure", "radiograph", "units"]),
    (
        "pipeline",
        &[
            "scene",
            "enhance",
            "morphology",
            "threshold",
            "label",
            "measure",
            "classify",
            "finding",
            "report",
            "radiograph",
            "units",
        ],
    ),
    (
        "train",
        &[
            "evaluate",
            "pipeline",
            "classify",
            "measure",
            "morphology",
            "label",
            "radiograph",
            "units",
        ],
    ),
    ("read", &["codec", "dicom", "radiograph", "units"]),
    (
        "phantom",
        &["radiograph", "label", "morphology", "dicom", "units", "write"],
    ),
    (
        "write",
        &[
            "report",
            "finding",
            "measure",
            "label",
            "classify",
            "radiograph",
            "dicom",
            "units",
        ],
    ),
    (
        "evaluate",
        &["write", "finding", "classify", "label", "radiograph", "units"],
    ),
    (
        "compare",
        &[
            "write",
            "pipeline",
            "scene",
            "morphology",
            "report",
            "finding",
            "measure",
            "label",
            "classify",
            "radiograph",
            "units",
        ],
    ),
    // Of dicom: the context of an image, handed from read to write unopened.
    (
        "batch",
        &["read", "pipeline", "write", "report", "radiograph", "dicom", "units"],
    ),
    ("pacs", &["batch", "pipeline", "read", "write", "dicom"]),
    ("cli", &[EVERYTHING]),
];

const EVERYTHING: &str = "*";

/// Rooms in which the same input gives the same output, whatever the machine, the hour and the number of threads.
const PURE: &[&str] = &[
    "units",
    "radiograph",
    "codec",
    "morphology",
    "threshold",
    "label",
    "enhance",
    "scene",
    "measure",
    "classify",
    "finding",
    "report",
    "pipeline",
];

/// Places that may name a DICOM attribute or UID.
const DICOM: &[&str] = &[
    "dicom/",
    "read/",
    "phantom/",
    "pacs/",
    "write/object",
    "write/sc",
    "write/gsps",
    "write/sr",
    "write/seg",
];

/// Longest file, in lines.
const LONGEST: usize = 600;

/// Lists what `broken` finds, file by file.
fn none(rule: &str, files: &[File], broken: impl Fn(&File) -> Vec<String>) {
    let found: Vec<String> = files
        .iter()
        .flat_map(|file| {
            broken(file)
                .into_iter()
                .map(move |what| format!("  {}: {what}", file.path))
        })
        .collect();
    assert!(found.is_empty(), "{rule}\n{}", found.join("\n"));
}

fn allowed(from: &str) -> &'static [&'static str] {
    ARROWS.iter().find(|(room, _)| *room == from).map_or(&[], |(_, to)| to)
}

#[test]
fn every_arrow_is_listed() {
    let rooms = rooms();
    none(
        "a room imports what stands right of its arrow only",
        &files("src"),
        |file| {
            let Some(room) = file.room() else { return Vec::new() };
            let names = file.crate_paths();
            let forbidden = |name: &String| {
                *name != room
                    && rooms.contains(name)
                    && !allowed(&room).iter().any(|to| to == name || *to == EVERYTHING)
            };
            names
                .into_iter()
                .filter(forbidden)
                .map(|name| format!("{room} -> {name}"))
                .collect()
        },
    );
}

#[test]
fn every_room_is_listed_and_has_a_door() {
    for room in rooms() {
        assert!(
            ARROWS.iter().any(|(name, _)| *name == room),
            "list the arrows of the new room {room}"
        );
    }
    none(
        "a door says what the room takes, gives and does not know",
        &files("src"),
        |file| {
            let first = file.text.lines().next().unwrap_or("");
            let door =
                file.path.matches('/').count() <= 1 && (file.path.ends_with("/mod.rs") || !file.path.contains('/'));
            if door && !first.starts_with("//! ") {
                vec!["no documentation at the top".to_owned()]
            } else {
                Vec::new()
            }
        },
    );
}

#[test]
fn arrows_make_no_circle() {
    // Rooms whose imports are all placed already are placed next; a circle is what remains.
    let mut rest: BTreeMap<&str, &[&str]> = ARROWS.iter().copied().collect();
    while !rest.is_empty() {
        let free: Vec<&str> = rest
            .iter()
            .filter(|(_, to)| to.iter().all(|name| !rest.contains_key(name)))
            .map(|(&room, _)| room)
            .collect();
        assert!(!free.is_empty(), "these import each other: {:?}", rest.keys());
        rest.retain(|room, _| !free.contains(room));
    }
}

#[test]
fn stages_print_nothing_open_nothing_and_know_no_time() {
    const FORBIDDEN: &[&str] = &[
        "println!(",
        "eprintln!(",
        "print!(",
        "eprint!(",
        "dbg!(",
        "std::fs",
        "std::path",
        "std::env",
        "std::net",
        "std::time",
        "Instant::",
        "SystemTime",
        "std::thread",
        "rayon",
        "HashMap",
        "HashSet",
        "rand::",
        "rand_chacha",
    ];
    none(
        "from units to pipeline: no path, clock, printing, thread, chance or unordered map",
        &files("src"),
        |file| {
            if !file.room().is_some_and(|room| PURE.contains(&room.as_str())) {
                return Vec::new();
            }
            file.code_with(FORBIDDEN)
        },
    );
}

#[test]
fn dicom_is_named_where_it_is_known() {
    const FORBIDDEN: &[&str] = &["tags::", "Tag(0x", "dicom_", "\"1.2.840.10008"];
    none(
        "only these may name a tag or a UID: dicom, read, phantom, pacs, write/object, write/gsps, write/sc, write/sr, write/seg",
        &files("src"),
        |file| {
            if DICOM.iter().any(|place| file.path.starts_with(place)) {
                Vec::new()
            } else {
                file.code_with(FORBIDDEN)
            }
        },
    );
}

#[test]
fn the_classifier_sees_no_pixels() {
    none("classify knows features, not images", &files("src"), |file| {
        let seen = file.room().is_some_and(|room| room == "classify");
        if seen {
            file.code_with(&["Radiograph", "Mask", "pixels()"])
        } else {
            Vec::new()
        }
    });
}

#[test]
fn files_are_short() {
    none("a file has one purpose", &files("src"), |file| {
        let lines = file.text.lines().count();
        if lines > LONGEST {
            vec![format!("{lines} lines, {LONGEST} at most")]
        } else {
            Vec::new()
        }
    });
}

#[test]
fn nothing_is_left_for_later() {
    // Written apart, so that this file does not name them.
    let forbidden = ["todo", "unimplemented"].map(|name| format!("{name}!("));
    let forbidden: Vec<&str> = forbidden
        .iter()
        .map(String::as_str)
        .chain([concat!("#[", "ignore")])
        .collect();
    for folder in ["src", "tests"] {
        none("no stub, no test that is skipped", &files(folder), |file| {
            source::lines_with(&file.text, &forbidden)
        });
    }
}
