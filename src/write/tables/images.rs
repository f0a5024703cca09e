//! `images.csv`: every input, also those skipped or failed, so that denominators are right.

use super::cell::name;
use super::row::{Cell, Column};
use crate::classify::Label;
use crate::write::{Outcome, Record};
use std::io::{self, Write};

/// One row per record. Counts and fractions are empty unless the image was analysed.
#[derive(Debug)]
pub struct Images<W: Write> {
    writer: csv::Writer<W>,
}

/// The columns of the table.
pub fn columns() -> Vec<Column> {
    let mut columns = vec![
        Column::text("path").about("where the input was found"),
        Column::text("image").about("short name of the image, from its bytes"),
        Column::whole("frame").about("from 1"),
        Column::text("outcome").about("analysed, skipped or failed"),
        Column::text("reason"),
    ];
    let stated = ["modality", "body_part", "body_part_stated", "laterality", "view"];
    columns.extend(stated.map(Column::text));
    columns.extend(["rows", "columns"].map(|name| Column::whole(name).in_unit("[px]")));
    let spacing = ["spacing_between_rows_mm", "spacing_between_columns_mm"];
    columns.extend(spacing.map(|name| Column::number(name, "mm")));
    columns.extend(["spacing_plane", "spacing_source"].map(Column::text));
    columns.push(Column::number("magnification_factor", "1").about("as the header states it; never applied"));
    columns.extend(["foci", "findings", "rejected"].map(Column::whole));
    columns.push(Column::number("max_score", "1"));
    columns.push(Column::text("max_score_label"));
    let labels = Label::ALL.iter().map(|label| format!("foci_{}", label.name()));
    columns.extend(labels.map(Column::whole));
    let fractions = ["field_fraction", "body_fraction", "bone_fraction", "metal_fraction"];
    columns.extend(fractions.map(|name| Column::number(name, "1")));
    columns.push(Column::whole("markers"));
    columns.push(Column::number("limb_axis_deg", "deg"));
    columns.push(Column::text("warnings"));
    let uids = [
        "sop_class_uid",
        "sop_instance_uid",
        "series_instance_uid",
        "study_instance_uid",
    ];
    columns.extend(uids.map(Column::text));
    columns.extend(pseudonym_columns());
    columns
}

/// The row of `record`, a cell a column.
pub fn row(record: &Record) -> Vec<Cell<'_>> {
    let reason = match &record.outcome {
        Outcome::Analysed => None,
        Outcome::Skipped { reason } => Some(reason.as_str()),
        Outcome::Failed(failure) => Some(failure.message.as_str()),
    };
    let analysed = record.outcome == Outcome::Analysed;
    let count = |number: usize| Cell::Whole(analysed.then_some(number as u64));
    let whole = |number: Option<u32>| Cell::Whole(number.map(u64::from));
    let spacing = record.spacing.as_ref();
    let scene = record.scene.as_ref();
    let magnification = record.magnification.as_ref();
    // Of equals the first in raster order.
    let best = record.foci.iter().rev().max_by(|a, b| a.score.total_cmp(&b.score));
    let mut row = vec![
        Cell::Path(&record.path),
        Cell::text(&record.image),
        Cell::whole(record.frame),
        Cell::text(record.outcome.name()),
        Cell::stated(reason),
        Cell::stated(record.modality.as_deref()),
        Cell::text(name(record.body_part)),
        Cell::stated(record.body_part_stated.as_deref()),
        Cell::text(name(record.laterality)),
        Cell::stated(record.view.as_deref()),
        whole(record.rows),
        whole(record.columns),
        Cell::number(spacing.map(|spacing| spacing.between_rows_mm)),
        Cell::number(spacing.map(|spacing| spacing.between_columns_mm)),
        Cell::text(spacing.map(|spacing| name(spacing.plane)).unwrap_or_default()),
        Cell::text(spacing.map(|spacing| name(spacing.source)).unwrap_or_default()),
        Cell::number(magnification.and_then(|stated| stated.estimated_factor)),
        count(record.foci.len()),
        count(record.findings.len()),
        count(record.rejected.len()),
        Cell::score(best.map(|focus| focus.score)),
        Cell::stated(best.map(|focus| focus.label.name())),
    ];
    for label in Label::ALL {
        row.push(count(record.foci.iter().filter(|focus| focus.label == label).count()));
    }
    let codes: Vec<&str> = record.warnings.iter().map(|warning| warning.code.as_str()).collect();
    row.extend([
        Cell::number(scene.map(|scene| scene.field_fraction)),
        Cell::number(scene.map(|scene| scene.body_fraction)),
        Cell::number(scene.map(|scene| scene.bone_fraction)),
        Cell::number(scene.map(|scene| scene.metal_fraction)),
        whole(scene.map(|scene| scene.markers)),
        Cell::number(scene.and_then(|scene| scene.limb_axis_deg)),
        Cell::text(codes.join(" ")),
        Cell::stated(record.source.sop_class.as_deref()),
        Cell::stated(record.source.sop_instance.as_deref()),
        Cell::stated(record.source.series.as_deref()),
        Cell::stated(record.source.study.as_deref()),
    ]);
    row.extend(pseudonym_cells(record));
    row
}

/// The columns images are grouped by.
pub fn pseudonym_columns() -> [Column; 2] {
    [
        Column::text("patient_key").about("keyed hash of the patient; empty without a site key"),
        Column::text("study_key").about("keyed hash of the study; empty without a site key"),
    ]
}

/// Their cells.
pub fn pseudonym_cells(record: &Record) -> [Cell<'_>; 2] {
    let own = record.pseudonyms.as_ref();
    [
        Cell::stated(own.and_then(|own| own.patient.as_deref())),
        Cell::stated(own.and_then(|own| own.study.as_deref())),
    ]
}

impl<W: Write> Images<W> {
    /// Begins the table.
    ///
    /// # Errors
    ///
    /// If `out` cannot be written.
    pub fn new(out: W) -> io::Result<Self> {
        let mut writer = csv::Writer::from_writer(out);
        writer.write_record(columns().iter().map(|column| &*column.name))?;
        Ok(Self { writer })
    }

    /// Adds the row of `record`.
    ///
    /// # Errors
    ///
    /// If the table cannot be written.
    pub fn push(&mut self, record: &Record) -> io::Result<()> {
        let row = row(record);
        Ok(self
            .writer
            .write_record(row.iter().map(|cell| cell.csv().into_owned()))?)
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
