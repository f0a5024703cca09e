//! `foci.csv`: every focus with every feature.

use super::cell::{name, number_or_empty, path, text};
use crate::classify::Label;
use crate::measure::Feature;
use crate::write::{FocusRecord, Record};
use std::io::{self, Write};

/// One row per focus. Feature columns are called as in the catalogue, units included; empty where a value could not be had.
#[derive(Debug)]
pub struct Foci<W: Write> {
    writer: csv::Writer<W>,
}

const BEFORE_SCORES: [&str; 11] = [
    "path",
    "image",
    "frame",
    "focus",
    "finding",
    "finding_pattern",
    "label",
    "score",
    "label_score",
    "runner_up",
    "runner_up_score",
];

const BEFORE_FEATURES: [&str; 8] = [
    "box_top",
    "box_left",
    "box_bottom",
    "box_right",
    "centroid_row",
    "centroid_column",
    "spacing_plane",
    "notes",
];

impl<W: Write> Foci<W> {
    /// Begins the table.
    ///
    /// # Errors
    ///
    /// If `out` cannot be written.
    pub fn new(out: W) -> io::Result<Self> {
        let mut writer = csv::Writer::from_writer(out);
        let scores = Label::ALL.iter().map(|label| format!("score_{}", label.name()));
        let features = Feature::ALL.iter().map(|feature| feature.name().to_owned());
        let header = BEFORE_SCORES.iter().map(|&column| column.to_owned());
        writer.write_record(
            header
                .chain(scores)
                .chain(BEFORE_FEATURES.map(str::to_owned))
                .chain(features),
        )?;
        Ok(Self { writer })
    }

    /// Adds the rows of `record`'s foci.
    ///
    /// # Errors
    ///
    /// If the table cannot be written.
    pub fn push(&mut self, record: &Record) -> io::Result<()> {
        for focus in &record.foci {
            self.writer.write_record(row(record, focus))?;
        }
        Ok(())
    }

    /// Ends the table and gives the sink back.
    ///
    /// # Errors
    ///
    /// If the table cannot be written.
    pub fn finish(self) -> io::Result<W> {
        self.writer.into_inner().map_err(csv::IntoInnerError::into_error)
    }
}

fn row(record: &Record, focus: &FocusRecord) -> Vec<String> {
    let finding = record.findings.iter().find(|finding| finding.number == focus.finding);
    let runner_up = focus.runner_up.as_ref();
    let mut row = vec![
        path(&record.path).into_owned(),
        record.image.clone(),
        record.frame.to_string(),
        focus.number.to_string(),
        focus.finding.to_string(),
        finding.map(|finding| name(finding.pattern)).unwrap_or_default(),
        focus.label.name().to_owned(),
        focus.score.to_string(),
        focus.label_score.to_string(),
        runner_up
            .map(|second| second.label.name().to_owned())
            .unwrap_or_default(),
        runner_up.map(|second| second.score.to_string()).unwrap_or_default(),
    ];
    for label in Label::ALL {
        let scored = focus.scores.iter().find(|scored| scored.label == label);
        row.push(scored.map(|scored| scored.score.to_string()).unwrap_or_default());
    }
    row.extend(focus.bounds.map(|edge| edge.to_string()));
    row.extend(focus.centroid.map(|value| number_or_empty(Some(value))));
    row.push(
        record
            .spacing
            .as_ref()
            .map(|spacing| name(spacing.plane))
            .unwrap_or_default(),
    );
    row.push(text(&focus.notes.join("; ")).into_owned());
    row.extend(
        Feature::ALL
            .iter()
            .map(|&feature| number_or_empty(focus.features.get(feature))),
    );
    row
}
