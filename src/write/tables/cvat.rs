//! `cvat.xml`: analysed images and their foci as CVAT for images 1.1.

use crate::classify::Label;
use crate::write::overlay::colour;
use crate::write::polygon::ring;
use crate::write::{Outcome, Record};
use std::fmt::Write as _;
use std::io::{self, Write};

/// Annotations for CVAT (<https://docs.cvat.ai/docs/dataset_management/formats/format-cvat/>).
///
/// A focus is a polygon along the edges of its pixels with its number and scores as attributes. An image is called as in
/// `images/`.
#[derive(Debug)]
pub struct Cvat<W: Write> {
    out: W,
    images: u64,
}

const ATTRIBUTES: [&str; 5] = ["focus", "finding", "score", "label_score", "runner_up"];

impl<W: Write> Cvat<W> {
    /// Begins the file.
    ///
    /// # Errors
    ///
    /// If `out` cannot be written.
    pub fn new(mut out: W) -> io::Result<Self> {
        let mut head = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<annotations>\n<version>1.1</version>\n\
                        <meta><task><name>calxray</name><labels>\n"
            .to_owned();
        for label in Label::ALL {
            let [red, green, blue] = colour(label);
            let name = label.name();
            let _ = write!(
                head,
                "<label><name>{name}</name><color>#{red:02x}{green:02x}{blue:02x}</color><type>polygon</type><attributes>"
            );
            for attribute in ATTRIBUTES {
                let _ = write!(
                    head,
                    "<attribute><name>{attribute}</name><mutable>False</mutable><input_type>text</input_type>\
                     <default_value></default_value><values></values></attribute>"
                );
            }
            head += "</attributes></label>\n";
        }
        let software = concat!("calxray ", env!("CARGO_PKG_VERSION"));
        let _ = writeln!(head, "</labels></task><source>{software}</source></meta>");
        out.write_all(head.as_bytes())?;
        Ok(Self { out, images: 0 })
    }

    /// Adds `record`, if it was analysed, and its foci.
    ///
    /// # Errors
    ///
    /// If the file cannot be written or a mask does not decode.
    pub fn push(&mut self, record: &Record) -> io::Result<()> {
        let (Outcome::Analysed, Some(rows), Some(columns)) = (&record.outcome, record.rows, record.columns) else {
            return Ok(());
        };
        let mut text = format!(
            "<image id=\"{}\" name=\"{}.png\" width=\"{columns}\" height=\"{rows}\">\n",
            self.images, record.image
        );
        self.images += 1;
        for focus in &record.foci {
            let mask = focus.segmentation.decode();
            let mask =
                mask.ok_or_else(|| io::Error::other(format!("the mask of focus {} is damaged", focus.number)))?;
            let points: Vec<String> = ring(&mask).iter().map(|[x, y]| format!("{x}.00,{y}.00")).collect();
            let _ = writeln!(
                text,
                "<polygon label=\"{}\" source=\"auto\" occluded=\"0\" points=\"{}\" z_order=\"0\">",
                focus.label.name(),
                points.join(";")
            );
            let runner_up = focus.runner_up.as_ref().map_or("", |second| second.label.name());
            let values = [
                focus.number.to_string(),
                focus.finding.to_string(),
                focus.score.to_string(),
                focus.label_score.to_string(),
                runner_up.to_owned(),
            ];
            for (name, value) in ATTRIBUTES.iter().zip(values) {
                let _ = write!(text, "<attribute name=\"{name}\">{value}</attribute>");
            }
            text += "\n</polygon>\n";
        }
        text += "</image>\n";
        self.out.write_all(text.as_bytes())
    }

    /// Ends the file and gives the sink back.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    pub fn finish(mut self) -> io::Result<W> {
        self.out.write_all(b"</annotations>\n")?;
        self.out.flush()?;
        Ok(self.out)
    }
}
