//! A small report drawn by hand, for the tests of this room.

use super::{Failure, Magnification, Record, SourceInfo, SourceUids, sha256};
use crate::classify::{Assessment, Evidence, Label, Rejection};
use crate::finding::{Candidate, Finding, Focus, Pattern, Rejected};
use crate::label::{Region, Run};
use crate::measure::{Feature, Features};
use crate::radiograph::{BodyPart, Laterality, PixelSpacing, Place, Radiograph, SpacingPlane, SpacingSource, Warning};
use crate::report::{Provenance, Report, SceneSummary};
use crate::units::Millimetres;
use ndarray::Array2;

/// A disc of `radius` pixels about `(row, column)`, stretched down by `stretch`.
pub fn disc(row: f64, column: f64, radius: f64, stretch: f64) -> Region {
    let reach = radius * stretch;
    let mut runs = Vec::new();
    for r in (row - reach).ceil() as u32..=(row + reach).floor() as u32 {
        let half = (radius * radius - ((f64::from(r) - row) / stretch).powi(2))
            .max(0.0)
            .sqrt();
        runs.push(Run {
            row: r,
            start: (column - half).ceil() as u32,
            end: (column + half).floor() as u32 + 1,
        });
    }
    Region::new(runs).expect("a disc has pixels")
}

pub fn candidate(region: Region) -> Candidate {
    let area = region.area() as f64;
    let (mut row, mut column) = (0.0, 0.0);
    for (r, c) in region.pixels() {
        row += r as f64 / area;
        column += c as f64 / area;
    }
    let mut features = Features::default();
    features.set(Feature::AreaPx, area);
    features.set(Feature::AreaMm2, area * 0.1 * 0.2);
    features.set(Feature::AspectRatio, 1.0 + 1.0 / 3.0);
    features.set(Feature::ContrastToNoise, 12.345_678_9);
    Candidate {
        region,
        centroid: [row, column],
        features,
    }
}

pub fn focus(number: u32, finding: u32, label: Label, score: f32, region: Region) -> Focus {
    let runner_up = if label == Label::Phlebolith {
        Label::Calcification
    } else {
        Label::Phlebolith
    };
    Focus {
        number,
        finding,
        candidate: candidate(region),
        score,
        assessment: Assessment {
            label,
            label_score: score * 0.9,
            scores: Label::ALL
                .iter()
                .map(|&each| (each, if each == label { score * 0.9 } else { 0.1 }))
                .collect(),
            runner_up: Some((runner_up, 0.1)),
            evidence: vec![
                Evidence {
                    about: label.name().to_owned(),
                    criterion: "aspect_ratio 1.0 to 1.4".to_owned(),
                    feature: Some(Feature::AspectRatio),
                    value: Some(1.0 + 1.0 / 3.0),
                    support: 1.0,
                    weight: 2.0,
                },
                Evidence {
                    about: runner_up.name().to_owned(),
                    criterion: "solidity below 0.8".to_owned(),
                    feature: Some(Feature::Solidity),
                    value: None,
                    support: 0.0,
                    weight: 1.0,
                },
            ],
            notes: vec!["no lucent centre measured".to_owned()],
        },
    }
}

/// Three foci in two findings and one rejected candidate in 60 rows and 80 columns.
pub fn report() -> Report {
    Report {
        shape: (60, 80),
        spacing: Some(PixelSpacing {
            between_rows: Millimetres::new(0.1).expect("above zero"),
            between_columns: Millimetres::new(0.2).expect("above zero"),
            plane: SpacingPlane::Detector,
            source: SpacingSource::ImagerPixelSpacing,
        }),
        place: Place {
            body_part: BodyPart::Pelvis,
            body_part_stated: Some("PELVIS".to_owned()),
            laterality: Laterality::Unpaired,
            view: Some("AP".to_owned()),
            age_years: Some(61.0),
        },
        scene: SceneSummary {
            field_fraction: 2.0 / 3.0,
            body_fraction: 0.5,
            bone_fraction: 0.25,
            metal_fraction: 0.0,
            markers: 1,
            limb_axis_deg: None,
        },
        findings: vec![
            Finding {
                number: 1,
                label: Label::Phlebolith,
                score: 0.91,
                pattern: Pattern::Group,
                foci: vec![1, 3],
                extent_mm: Some(7.123_456_78),
                area_mm2: Some(3.5),
                alignment: None,
                statement: "Two round foci, pattern consistent with phleboliths".to_owned(),
                differential: vec!["distal ureteric stone".to_owned()],
            },
            Finding {
                number: 2,
                label: Label::RiceGrain,
                score: 0.55,
                pattern: Pattern::Single,
                foci: vec![2],
                extent_mm: Some(5.0),
                area_mm2: Some(1.0),
                alignment: None,
                statement: "One spindle, pattern consistent with a rice-grain calcification".to_owned(),
                differential: vec![],
            },
        ],
        foci: vec![
            focus(1, 1, Label::Phlebolith, 0.82, disc(12.0, 20.0, 3.0, 1.0)),
            focus(2, 2, Label::RiceGrain, 0.55, disc(30.0, 60.0, 2.0, 3.0)),
            focus(3, 1, Label::Phlebolith, 0.91, disc(40.0, 25.0, 4.0, 1.0)),
        ],
        rejected: vec![Rejected {
            candidate: candidate(disc(50.0, 70.0, 5.0, 1.0)),
            reason: Rejection::OutsideBody,
            evidence: vec![Evidence {
                about: "outside_body".to_owned(),
                criterion: "distance_to_skin_mm 0".to_owned(),
                feature: Some(Feature::DistanceToSkinMm),
                value: Some(0.0),
                support: 0.8,
                weight: 1.0,
            }],
        }],
        warnings: vec![Warning::new("spacing_detector", "the spacing is that of the detector")],
        provenance: Provenance {
            software: "calxray 0.0.0".to_owned(),
            settings_digest: sha256(b"settings"),
            classifier: "rules 0".to_owned(),
        },
    }
}

/// A grey wedge with the foci of [`report`] brighter.
pub fn radiograph() -> Radiograph {
    let report = report();
    let mut pixels = Array2::from_shape_fn(report.shape, |(r, c)| (400 + 5 * r + 3 * c) as u16);
    for focus in &report.foci {
        for at in focus.candidate.region.pixels() {
            pixels[at] += 300;
        }
    }
    Radiograph::new(pixels)
        .with_spacing(report.spacing)
        .with_place(report.place)
}

pub fn source(path: &str, frame: u32, frames: u32) -> SourceInfo {
    SourceInfo {
        path: path.to_owned(),
        digest: Some(sha256(path.as_bytes())),
        frame,
        frames,
        uids: SourceUids {
            sop_class: Some("1.2.840.10008.5.1.4.1.1.1.1".to_owned()),
            sop_instance: Some("2.25.1".to_owned()),
            series: Some("2.25.2".to_owned()),
            study: Some("2.25.3".to_owned()),
        },
        modality: Some("DX".to_owned()),
        magnification: Magnification {
            estimated_factor: Some(1.1),
            ..Magnification::default()
        },
        ..SourceInfo::default()
    }
}

/// One record of every outcome, among them a file with frames and texts that a spreadsheet would run.
pub fn records() -> Vec<Record> {
    let empty = Report {
        foci: vec![],
        findings: vec![],
        rejected: vec![],
        spacing: None,
        ..report()
    };
    let unread = SourceInfo {
        digest: None,
        ..SourceInfo::default()
    };
    vec![
        Record::analysed(source("a/=1+1.dcm", 1, 1), &report()),
        Record::analysed(source("b,\"quoted\".dcm", 2, 3), &empty),
        Record::skipped(
            SourceInfo {
                modality: Some("CT".to_owned()),
                ..source("c.dcm", 1, 1)
            },
            "modality CT is not asked for",
        ),
        Record::failed(
            SourceInfo {
                path: "=d.dcm".to_owned(),
                ..unread
            },
            Failure {
                stage: "pixels".to_owned(),
                attribute: Some("PixelData".to_owned()),
                kind: "damaged".to_owned(),
                message: "Pixel Data holds 3 bytes, its shape asks for 8".to_owned(),
            },
        ),
    ]
}
