//! `report.html`: one page per scan, complete in itself, to look foci over and to correct them.
//!
//! Plots of all foci, a gallery that filters, and a review by keyboard whose corrections are saved as a file. The page
//! loads nothing and sends nothing: its policy forbids both. Crops were made when pixels were at hand ([`crop`]).

pub mod crop;

use super::overlay::colour;
use super::tables::name;
use super::{FocusRecord, Outcome, Record};
use crate::classify::Label;
use crate::measure::Feature;
use crop::Crop;
use serde::Serialize;
use serde_json::{Value, json};
use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;

/// The page under way.
#[derive(Debug)]
pub struct Page<W: Write> {
    out: W,
    crops: PathBuf,
}

/// The foci of one record, with short names since there are many.
#[derive(Serialize)]
struct Image<'a> {
    path: &'a str,
    image: &'a str,
    frame: u32,
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    size: Option<[u32; 2]>,
    part: String,
    view: Option<&'a str>,
    /// Criteria that foci refer to by place: label and words.
    criteria: Vec<[&'a str; 2]>,
    /// Statement and differential by number of the finding.
    findings: Vec<(u32, &'a str, String)>,
    foci: Vec<Focus<'a>>,
    software: Option<[&'a str; 3]>,
}

#[derive(Serialize)]
struct Focus<'a> {
    /// Number.
    n: u32,
    /// Number of the finding.
    f: u32,
    /// Place of the label.
    l: usize,
    /// Score, and that of the label.
    s: [f32; 2],
    /// Runner-up: place and score.
    r: Option<(usize, f32)>,
    /// Box.
    b: [u32; 4],
    /// Longest extent in mm and in pixels.
    d: [Option<f64>; 2],
    /// Area in mm2 and in pixels.
    a: (Option<f64>, u64),
    /// Evidence: criterion, value, support, weight.
    e: Vec<(usize, Option<f64>, f32, f32)>,
    /// Notes.
    t: String,
    /// Run lengths.
    m: &'a str,
    /// Window of the crop.
    w: Option<[u32; 3]>,
}

impl<W: Write> Page<W> {
    /// Begins the page; crops are in the folder `crops`, a file an image.
    ///
    /// # Errors
    ///
    /// If `out` cannot be written.
    pub fn new(mut out: W, crops: PathBuf) -> io::Result<Self> {
        let (head, _) = halves();
        let labels: Vec<Value> = Label::ALL
            .iter()
            .map(|label| json!({ "name": label.name(), "title": label.title(), "colour": colour(*label) }))
            .collect();
        out.write_all(head.replace("/*style*/", include_str!("page.css")).as_bytes())?;
        script(&mut out, "labels", &labels)?;
        Ok(Self { out, crops })
    }

    /// Adds `record`.
    ///
    /// # Errors
    ///
    /// If the page cannot be written or the crops of the image cannot be read.
    pub fn push(&mut self, record: &Record) -> io::Result<()> {
        let crops: Vec<Crop> = if record.foci.is_empty() {
            Vec::new()
        } else {
            serde_json::from_slice(&fs::read(self.crops.join(format!("{}.json", record.image)))?)?
        };
        script(&mut self.out, "image", &image(record, &crops))?;
        if !crops.is_empty() {
            let pictures: Vec<&str> = crops.iter().map(|crop| crop.jpeg.as_str()).collect();
            script(&mut self.out, "crops", &pictures)?;
        }
        Ok(())
    }

    /// Ends the page and gives the sink back.
    ///
    /// # Errors
    ///
    /// If the page cannot be written.
    pub fn finish(mut self) -> io::Result<W> {
        let (_, tail) = halves();
        let code = concat!(
            "\"use strict\";\n",
            include_str!("data.js"),
            include_str!("outline.js"),
            include_str!("plots.js"),
            include_str!("review.js"),
            include_str!("detail.js"),
            include_str!("gallery.js"),
            include_str!("start.js")
        );
        self.out.write_all(tail.replace("/*script*/", code).as_bytes())?;
        self.out.flush()?;
        Ok(self.out)
    }
}

/// The page before and after its data.
fn halves() -> (&'static str, &'static str) {
    let page = include_str!("page.html");
    page.split_once("<!--data-->\n").unwrap_or((page, ""))
}

/// Data the page reads; `<` is written so that no text can end the element.
fn script(out: &mut impl Write, class: &str, data: &impl Serialize) -> io::Result<()> {
    let text = serde_json::to_string(data)?.replace('<', "\\u003c");
    writeln!(
        out,
        "<script type=\"application/json\" class=\"{class}\">{text}</script>"
    )
}

fn place(label: Label) -> usize {
    Label::ALL.iter().position(|own| *own == label).unwrap_or(0)
}

fn image<'a>(record: &'a Record, crops: &[Crop]) -> Image<'a> {
    let mut criteria: Vec<[&str; 2]> = Vec::new();
    let foci = record
        .foci
        .iter()
        .map(|focus| {
            let crop = crops.iter().find(|crop| crop.focus == focus.number);
            described(focus, crop, &mut criteria)
        })
        .collect();
    Image {
        path: &record.path,
        image: &record.image,
        frame: record.frame,
        outcome: record.outcome.name(),
        reason: match &record.outcome {
            Outcome::Analysed => None,
            Outcome::Skipped { reason } => Some(reason),
            Outcome::Failed(failure) => Some(&failure.message),
        },
        size: record.rows.zip(record.columns).map(|(rows, columns)| [rows, columns]),
        part: name(record.body_part),
        view: record.view.as_deref(),
        criteria,
        findings: record
            .findings
            .iter()
            .map(|finding| {
                (
                    finding.number,
                    finding.statement.as_str(),
                    finding.differential.join("; "),
                )
            })
            .collect(),
        foci,
        software: record
            .provenance
            .as_ref()
            .map(|own| [own.software.as_str(), &own.classifier, &own.settings_digest]),
    }
}

fn described<'a>(focus: &'a FocusRecord, crop: Option<&Crop>, criteria: &mut Vec<[&'a str; 2]>) -> Focus<'a> {
    let mut evidence = Vec::with_capacity(focus.evidence.len());
    for own in &focus.evidence {
        let words = [own.about.as_str(), own.criterion.as_str()];
        let at = criteria.iter().position(|known| *known == words).unwrap_or_else(|| {
            criteria.push(words);
            criteria.len() - 1
        });
        evidence.push((at, own.value, own.support, own.weight));
    }
    let feature = |feature: Feature| focus.features.get(feature);
    Focus {
        n: focus.number,
        f: focus.finding,
        l: place(focus.label),
        s: [focus.score, focus.label_score],
        r: focus
            .runner_up
            .as_ref()
            .map(|second| (place(second.label), second.score)),
        b: focus.bounds,
        d: [feature(Feature::FeretMaxMm), feature(Feature::FeretMaxPx)],
        a: (feature(Feature::AreaMm2), focus.area_px),
        e: evidence,
        t: focus.notes.join("; "),
        m: &focus.segmentation.counts,
        w: crop.map(|crop| crop.window),
    }
}

#[cfg(test)]
mod tests;
