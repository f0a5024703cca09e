//! `fixtures/specimens/read/index.toml` says what must become of each file there.

use super::{fixture, open_any};
use calxray::radiograph::{Laterality, Radiograph};
use calxray::read::{ErrorKind, ImageKind, Opened, ReadOptions, SkipReason, Source, open, polarity_conflict};
use serde::Deserialize;
use std::collections::BTreeSet;
use std::sync::Arc;

#[derive(Debug, Deserialize)]
struct Index {
    specimen: Vec<Specimen>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Specimen {
    file: String,
    origin: String,
    licence: String,
    expect: Expect,
    /// Refused: which of the three causes.
    kind: Option<String>,
    /// Refused: the attribute at fault.
    attribute: Option<String>,
    /// Read: how many images.
    frames: Option<usize>,
    /// Read: rows and columns.
    shape: Option<(usize, usize)>,
    /// Read: codes, in order.
    #[serde(default)]
    warnings: Vec<String>,
    /// Read: another file with the same pixels.
    same_as: Option<String>,
    /// Read: minimum, maximum and sum of the first frame's modality values, by pydicom.
    modality: Option<(f64, f64, f64)>,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "snake_case")]
enum Expect {
    Read,
    Skipped,
    Refused,
}

fn index() -> Vec<Specimen> {
    let text = std::fs::read_to_string(fixture("specimens/read/index.toml")).expect("the index is there");
    toml::from_str::<Index>(&text).expect("the index is sound").specimen
}

fn source(file: &str) -> Source {
    Source::Path(fixture("specimens/read").join(file))
}

/// Every frame of a file that must read.
fn radiographs(file: &str) -> Vec<Radiograph> {
    match open_any(&source(file)) {
        Ok(Opened::Instance(instance)) => (0..instance.frames())
            .map(|frame| {
                instance
                    .radiograph(frame)
                    .unwrap_or_else(|error| panic!("{file}: {error}"))
            })
            .collect(),
        other => panic!("{file} must read: {other:?}"),
    }
}

#[test]
fn every_file_is_listed_with_origin_and_licence() {
    let listed: BTreeSet<_> = index().into_iter().map(|specimen| specimen.file).collect();
    let present: BTreeSet<_> = std::fs::read_dir(fixture("specimens/read"))
        .expect("the folder is there")
        .map(|entry| entry.expect("a file").file_name().into_string().expect("a plain name"))
        .filter(|name| name != "index.toml")
        .collect();
    assert_eq!(listed, present);
    assert!(
        index()
            .iter()
            .all(|specimen| !specimen.origin.is_empty() && !specimen.licence.is_empty())
    );
}

#[test]
fn files_that_must_read_give_the_values_that_pydicom_gives() {
    for specimen in index().iter().filter(|specimen| specimen.expect == Expect::Read) {
        let file = &specimen.file;
        let images = radiographs(file);
        assert_eq!(Some(images.len()), specimen.frames, "{file}");
        assert_eq!(Some(images[0].shape()), specimen.shape, "{file}");
        let codes: Vec<_> = images[0]
            .warnings()
            .iter()
            .map(|warning| warning.code.clone())
            .collect();
        assert_eq!(codes, specimen.warnings, "{file}");
        let Some((minimum, maximum, sum)) = specimen.modality else {
            continue;
        };
        let scale = images[0].value_scale();
        let values = images[0]
            .pixels()
            .mapv(|pixel| scale.intercept + scale.slope * f64::from(pixel));
        assert_eq!(values.iter().copied().fold(f64::MAX, f64::min), minimum, "{file}");
        assert_eq!(values.iter().copied().fold(f64::MIN, f64::max), maximum, "{file}");
        assert_eq!(values.sum(), sum, "{file}");
    }
}

#[test]
fn encodings_of_one_image_give_one_radiograph() {
    let mut compared = 0;
    for specimen in index() {
        let Some(other) = &specimen.same_as else { continue };
        let (these, those) = (radiographs(&specimen.file), radiographs(other));
        assert_eq!(these.len(), those.len(), "{}", specimen.file);
        for (this, that) in these.iter().zip(&those) {
            assert_eq!(this.pixels(), that.pixels(), "{} and {other}", specimen.file);
            assert_eq!(this.value_scale(), that.value_scale(), "{} and {other}", specimen.file);
            assert_eq!(this.spacing(), that.spacing(), "{} and {other}", specimen.file);
        }
        compared += 1;
    }
    assert!(compared > 15, "{compared}");
}

#[test]
fn files_that_must_be_refused_say_why() {
    for specimen in index().iter().filter(|specimen| specimen.expect == Expect::Refused) {
        let file = &specimen.file;
        let error = match open_any(&source(file)) {
            Err(error) => error,
            Ok(Opened::Instance(instance)) => instance
                .radiograph(0)
                .err()
                .unwrap_or_else(|| panic!("{file} must be refused")),
            Ok(skipped) => panic!("{file} must be refused: {skipped:?}"),
        };
        assert_eq!(Some(error.kind().name()), specimen.kind.as_deref(), "{file}: {error}");
        assert_eq!(error.attribute(), specimen.attribute.as_deref(), "{file}: {error}");
        assert!(["header", "decode"].contains(&error.stage()), "{file}");
        assert!(!error.to_string().ends_with('.'), "{file}: {error}");
    }
}

#[test]
fn files_without_pixels_are_skipped() {
    for specimen in index().iter().filter(|specimen| specimen.expect == Expect::Skipped) {
        match open_any(&source(&specimen.file)) {
            Ok(Opened::Skipped {
                header,
                reason: SkipReason::NoPixelData,
            }) => {
                assert!(header.is_some(), "{}", specimen.file);
            }
            other => panic!("{} must be skipped: {other:?}", specimen.file),
        }
    }
}

#[test]
fn other_modalities_are_skipped_unless_asked_for() {
    let opened = open(&source("MR_small.dcm"), &ReadOptions::default()).expect("a sound file");
    let Opened::Skipped {
        header: Some(header),
        reason,
    } = opened
    else {
        panic!("an MR image is no plain radiograph");
    };
    assert_eq!(reason, SkipReason::Modality("MR".to_owned()));
    assert_eq!((header.rows, header.columns), (64, 64));
}

#[test]
fn a_path_and_its_bytes_give_the_same() {
    for file in [
        "CR-MONO1-10-chest",
        "dxdog_12bit.dcm",
        "dxdog_12bit_htj2k.dcm",
        "SC_rgb_small_odd.dcm",
    ] {
        let bytes: Arc<[u8]> = std::fs::read(fixture("specimens/read").join(file))
            .expect("a file")
            .into();
        let Ok(Opened::Instance(instance)) = open_any(&Source::Bytes(bytes)) else {
            panic!("{file} must read from memory");
        };
        let there = instance.radiograph(0).expect("a sound file");
        assert_eq!(there.pixels(), radiographs(file)[0].pixels(), "{file}");
    }
}

#[test]
fn bundled_radiographs_read_and_are_radiographs() {
    let mut dicom = 0;
    for entry in std::fs::read_dir(fixture("radiographs")).expect("the folder is there") {
        let path = entry.expect("a file").path();
        let Ok(Opened::Instance(instance)) = open_any(&Source::Path(path.clone())) else {
            panic!("{} must read", path.display());
        };
        dicom += usize::from(instance.header().kind == ImageKind::Dicom);
        let radiograph = instance
            .radiograph(0)
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        assert_eq!(polarity_conflict(&radiograph), None, "{}", path.display());
    }
    assert!(dicom >= 5);
}

#[test]
fn what_is_no_image_is_skipped_and_what_is_not_there_is_an_error() {
    let text = Source::Bytes(Arc::from(&b"{\"no\": \"image\"}"[..]));
    assert!(matches!(
        open_any(&text),
        Ok(Opened::Skipped {
            header: None,
            reason: SkipReason::NotAnImage
        })
    ));
    let error = open_any(&source("no such file")).expect_err("not there");
    assert_eq!((error.kind(), error.stage()), (ErrorKind::FileSystem, "open"));
}

/// Two frames of one object, each with a rescale, a spacing and a side of its own, in its functional groups.
#[test]
fn each_frame_is_read_by_its_own_functional_groups() {
    let images = radiographs("synthetic_functional_groups.dcm");
    let spacing = |image: &Radiograph| image.spacing().expect("a spacing").between_rows.get();
    assert_eq!([spacing(&images[0]), spacing(&images[1])], [0.25, 0.5]);
    let values = |image: &Radiograph, at: (usize, usize)| {
        let scale = image.value_scale();
        scale.intercept + scale.slope * f64::from(image.pixels()[at])
    };
    // Stored values are 100 row + column, and 1000 more in the second frame, whose rescale is -2 s + 5000.
    assert_eq!(values(&images[0], (3, 4)), 0.5 * 304.0 - 10.0);
    assert_eq!(values(&images[1], (3, 4)), 5000.0 - 2.0 * 1304.0);
    // Larger is more radio-opaque in both: in the second, stored values fall.
    assert!(images[0].pixels()[(3, 4)] > images[0].pixels()[(0, 0)]);
    assert!(images[1].pixels()[(3, 4)] < images[1].pixels()[(0, 0)]);
    let sides = images.iter().map(|image| image.place().laterality);
    assert_eq!(sides.collect::<Vec<_>>(), [Laterality::Left, Laterality::Right]);
}

/// zune-jpeg and our own decoder, on one progressive stream.
#[test]
fn a_progressive_jpeg_reads_as_a_sequential_one() {
    let pixels = |file: &str| {
        let source = Source::Path(fixture("specimens/codec").join(file));
        match open_any(&source) {
            Ok(Opened::Instance(instance)) => instance.radiograph(0).expect("an image").pixels().to_owned(),
            other => panic!("{file} must read: {other:?}"),
        }
    };
    assert_eq!(
        pixels("synthetic_progressive_8.jpg"),
        pixels("synthetic_dct_8_quality90.jpg")
    );
}
