//! `images.csv`: every input, also those skipped or failed, so that denominators are right.

use super::cell::{name, number_or_empty, path, text_or_empty};
use crate::classify::Label;
use crate::write::{Outcome, Record};
use std::io::{self, Write};

/// One row per record. Counts and fractions are empty unless the image was analysed.
#[derive(Debug)]
pub struct Images<W: Write> {
    writer: csv::Writer<W>,
}

const BEFORE_LABELS: [&str; 22] = [
    "path",
    "image",
    "frame",
    "outcome",
    "reason",
    "modality",
    "body_part",
    "body_part_stated",
    "laterality",
    "view",
    "rows",
    "columns",
    "spacing_between_rows_mm",
    "spacing_between_columns_mm",
    "spacing_plane",
    "spacing_source",
    "magnification_factor",
    "foci",
    "findings",
    "rejected",
    "max_score",
    "max_score_label",
];

const AFTER_LABELS: [&str; 11] = [
    "field_fraction",
    "body_fraction",
    "bone_fraction",
    "metal_fraction",
    "markers",
    "limb_axis_deg",
    "warnings",
    "sop_class_uid",
    "sop_instance_uid",
    "series_instance_uid",
    "study_instance_uid",
];

impl<W: Write> Images<W> {
    /// Begins the table.
    ///
    /// # Errors
    ///
    /// If `out` cannot be written.
    pub fn new(out: W) -> io::Result<Self> {
        let mut writer = csv::Writer::from_writer(out);
        let labels = Label::ALL.iter().map(|label| format!("foci_{}", label.name()));
        let header = BEFORE_LABELS.iter().map(|&column| column.to_owned());
        writer.write_record(header.chain(labels).chain(AFTER_LABELS.map(str::to_owned)))?;
        Ok(Self { writer })
    }

    /// Adds the row of `record`.
    ///
    /// # Errors
    ///
    /// If the table cannot be written.
    pub fn push(&mut self, record: &Record) -> io::Result<()> {
        let reason = match &record.outcome {
            Outcome::Analysed => None,
            Outcome::Skipped { reason } => Some(reason.as_str()),
            Outcome::Failed(failure) => Some(failure.message.as_str()),
        };
        let analysed = record.outcome == Outcome::Analysed;
        let count = |number: usize| if analysed { number.to_string() } else { String::new() };
        let whole = |number: Option<u32>| number.map(|number| number.to_string()).unwrap_or_default();
        let spacing = record.spacing.as_ref();
        let scene = record.scene.as_ref();
        let magnification = record.magnification.as_ref();
        // Of equals the first in raster order.
        let best = record.foci.iter().rev().max_by(|a, b| a.score.total_cmp(&b.score));

        let mut row = vec![
            path(&record.path).into_owned(),
            record.image.clone(),
            record.frame.to_string(),
            record.outcome.name().to_owned(),
            text_or_empty(reason),
            text_or_empty(record.modality.as_deref()),
            name(record.body_part),
            text_or_empty(record.body_part_stated.as_deref()),
            name(record.laterality),
            text_or_empty(record.view.as_deref()),
            whole(record.rows),
            whole(record.columns),
            number_or_empty(spacing.map(|spacing| spacing.between_rows_mm)),
            number_or_empty(spacing.map(|spacing| spacing.between_columns_mm)),
            spacing.map(|spacing| name(spacing.plane)).unwrap_or_default(),
            spacing.map(|spacing| name(spacing.source)).unwrap_or_default(),
            number_or_empty(magnification.and_then(|stated| stated.estimated_factor)),
            count(record.foci.len()),
            count(record.findings.len()),
            count(record.rejected.len()),
            best.map(|focus| focus.score.to_string()).unwrap_or_default(),
            best.map(|focus| focus.label.name().to_owned()).unwrap_or_default(),
        ];
        for label in Label::ALL {
            row.push(count(record.foci.iter().filter(|focus| focus.label == label).count()));
        }
        let codes: Vec<&str> = record.warnings.iter().map(|warning| warning.code.as_str()).collect();
        row.extend([
            number_or_empty(scene.map(|scene| scene.field_fraction)),
            number_or_empty(scene.map(|scene| scene.body_fraction)),
            number_or_empty(scene.map(|scene| scene.bone_fraction)),
            number_or_empty(scene.map(|scene| scene.metal_fraction)),
            whole(scene.map(|scene| scene.markers)),
            number_or_empty(scene.and_then(|scene| scene.limb_axis_deg)),
            codes.join(" "),
            text_or_empty(record.source.sop_class.as_deref()),
            text_or_empty(record.source.sop_instance.as_deref()),
            text_or_empty(record.source.series.as_deref()),
            text_or_empty(record.source.study.as_deref()),
        ]);
        Ok(self.writer.write_record(row)?)
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
