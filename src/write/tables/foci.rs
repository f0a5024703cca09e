//! `foci.csv`: every focus with every feature.

use super::cell::name;
use super::images::{pseudonym_cells, pseudonym_columns};
use super::row::{Cell, Column};
use crate::classify::Label;
use crate::measure::Feature;
use crate::write::{FocusRecord, Record};
use std::io::{self, Write};

/// One row per focus. Feature columns are called as in the catalogue, units included; empty where a value could not be had.
#[derive(Debug)]
pub struct Foci<W: Write> {
    writer: csv::Writer<W>,
}

/// The columns of the table.
pub fn columns() -> Vec<Column> {
    let mut columns = vec![
        Column::text("path").about("where the input was found"),
        Column::text("image").about("short name of the image, from its bytes"),
        Column::whole("frame").about("from 1"),
        Column::whole("focus").about("number within the image, in raster order"),
        Column::whole("finding").about("number of the finding within the image"),
        Column::text("finding_pattern"),
        Column::text("label").about("what form and place are consistent with"),
        Column::number("score", "1")
            .about("that this is a focus in soft tissue, whatever its name; ranks, no probability"),
        Column::number("label_score", "1"),
        Column::text("runner_up").about("next best label"),
        Column::number("runner_up_score", "1"),
    ];
    let scores = Label::ALL.iter().map(|label| format!("score_{}", label.name()));
    columns.extend(scores.map(|name| Column::number(name, "1")));
    let edges = ["box_top", "box_left", "box_bottom", "box_right"];
    columns.extend(edges.map(|name| Column::whole(name).in_unit("[px]").about("half-open")));
    columns.extend(["centroid_row", "centroid_column"].map(|name| Column::number(name, "[px]")));
    columns.push(Column::text("spacing_plane").about("plane in which lengths in mm are true"));
    columns.push(Column::text("notes"));
    columns.extend(pseudonym_columns());
    columns.extend(Feature::ALL.iter().map(|feature| {
        let definition = feature.definition();
        Column::number(definition.name, definition.unit).about(definition.definition)
    }));
    columns
}

impl<W: Write> Foci<W> {
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

    /// Adds the rows of `record`'s foci.
    ///
    /// # Errors
    ///
    /// If the table cannot be written.
    pub fn push(&mut self, record: &Record) -> io::Result<()> {
        for focus in &record.foci {
            let row = row(record, focus);
            self.writer
                .write_record(row.iter().map(|cell| cell.csv().into_owned()))?;
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

/// The row of `focus`, a cell a column.
pub fn row<'a>(record: &'a Record, focus: &'a FocusRecord) -> Vec<Cell<'a>> {
    let finding = record.findings.iter().find(|finding| finding.number == focus.finding);
    let runner_up = focus.runner_up.as_ref();
    let mut row = vec![
        Cell::Path(&record.path),
        Cell::text(&record.image),
        Cell::whole(record.frame),
        Cell::whole(focus.number),
        Cell::whole(focus.finding),
        Cell::text(finding.map(|finding| name(finding.pattern)).unwrap_or_default()),
        Cell::text(focus.label.name()),
        Cell::score(Some(focus.score)),
        Cell::score(Some(focus.label_score)),
        Cell::stated(runner_up.map(|second| second.label.name())),
        Cell::score(runner_up.map(|second| second.score)),
    ];
    for label in Label::ALL {
        let scored = focus.scores.iter().find(|scored| scored.label == label);
        row.push(Cell::score(scored.map(|scored| scored.score)));
    }
    row.extend(focus.bounds.map(Cell::whole));
    row.extend(focus.centroid.map(|value| Cell::number(Some(value))));
    let plane = record.spacing.as_ref().map(|spacing| name(spacing.plane));
    row.push(Cell::text(plane.unwrap_or_default()));
    row.push(Cell::text(focus.notes.join("; ")));
    row.extend(pseudonym_cells(record));
    let features = Feature::ALL.iter();
    row.extend(features.map(|&feature| Cell::number(focus.features.get(feature))));
    row
}
