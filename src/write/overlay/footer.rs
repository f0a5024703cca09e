//! The strip under the image: what made the picture, of which image, and what the colours mean.

use super::canvas::{Canvas, Rectangle, Rgb, Text};
use super::palette::colour;
use crate::classify::Label;
use crate::report::Report;
use crate::write::terminal::{plane, short, source};
use image::RgbImage;

const GROUND: Rgb = [24, 24, 24];
const INK: Rgb = [215, 215, 215];
const MARGIN: i32 = 8;
/// Blank between two lines.
const LEADING: i32 = 4;
/// Narrowest picture, so that the footer stays legible under a small image.
const NARROWEST: i32 = 480;
/// Blank between two entries of a line.
const BETWEEN: i32 = 24;

/// An entry, with the colour of the square before it if it has one.
type Entry = (Option<Rgb>, String);

/// `image` with the footer under it.
pub fn append(image: Canvas, report: &Report, name: &str) -> RgbImage {
    let width = image.width().max(NARROWEST);
    let size = if width >= 1000 { Text::PLAIN } else { Text::SMALL };
    let pitch = size.extent("").0 + LEADING;
    let mut placed: Vec<(i32, i32, Entry)> = Vec::new();
    let (mut line, mut left) = (0, MARGIN);
    for paragraph in paragraphs(report, name) {
        for (swatch, text) in wrapped(paragraph, width - 2 * MARGIN, size) {
            let extent = breadth(swatch, &text, size);
            if left > MARGIN && left + extent > width - MARGIN {
                line += 1;
                left = MARGIN;
            }
            placed.push((line, left, (swatch, text)));
            left += extent + BETWEEN;
        }
        line += 1;
        left = MARGIN;
    }
    let height = image.height();
    let mut canvas = Canvas::plain(width, height + line * pitch + 2 * MARGIN, GROUND);
    canvas.paste(&image, 0, (width - image.width()) / 2);
    for (line, mut left, (swatch, text)) in placed {
        let top = height + MARGIN + line * pitch;
        let middle = top + pitch / 2;
        if let Some(swatch) = swatch {
            let square = Rectangle {
                top: middle - 6,
                left,
                bottom: middle + 6,
                right: left + 12,
            };
            canvas.fill(square, swatch, 1.0);
            left += SWATCH;
        }
        canvas.write(top + LEADING / 2, left, &text, size, INK);
    }
    canvas.into_picture()
}

/// Width of a coloured square and the blank after it.
const SWATCH: i32 = 18;

fn breadth(swatch: Option<Rgb>, text: &str, size: Text) -> i32 {
    size.extent(text).1 + if swatch.is_some() { SWATCH } else { 0 }
}

/// Entries that each fit into `width`: longer ones are cut between words.
fn wrapped(entries: Vec<Entry>, width: i32, size: Text) -> Vec<Entry> {
    let mut fitting: Vec<Entry> = Vec::new();
    for (swatch, text) in entries {
        let mut part = String::new();
        let mut swatch = swatch;
        for word in text.split(' ') {
            let longer = if part.is_empty() {
                word.to_owned()
            } else {
                format!("{part} {word}")
            };
            if breadth(swatch, &longer, size) > width && !part.is_empty() {
                fitting.push((swatch.take(), std::mem::replace(&mut part, word.to_owned())));
            } else {
                part = longer;
            }
        }
        fitting.push((swatch, part));
    }
    fitting
}

fn paragraphs(report: &Report, name: &str) -> [Vec<Entry>; 3] {
    let plain = |text: String| (None, text);
    let mut legend: Vec<Entry> = Vec::new();
    for label in Label::ALL {
        let foci = report
            .foci
            .iter()
            .filter(|focus| focus.assessment.label == label)
            .count();
        if foci > 0 {
            legend.push((Some(colour(label)), format!("{} {foci}", label.title())));
        }
    }
    if legend.is_empty() {
        legend.push(plain("no focus reported, which is not proof of absence".to_owned()));
    }
    let spacing = report.spacing.map_or("no spacing stated".to_owned(), |spacing| {
        let (rows, columns) = (spacing.between_rows.get(), spacing.between_columns.get());
        let size = if rows == columns {
            short(rows)
        } else {
            format!("{} x {}", short(rows), short(columns))
        };
        format!(
            "spacing {size} mm, {}, from {}",
            plane(spacing.plane),
            source(spacing.source)
        )
    });
    [
        legend,
        vec![
            plain(format!(
                "foci {}, findings {}, rejected {}",
                report.foci.len(),
                report.findings.len(),
                report.rejected.len()
            )),
            plain(spacing),
        ],
        vec![
            plain(format!(
                "{} - research software, not for diagnosis",
                report.provenance.software
            )),
            plain(format!("image {name}")),
        ],
    ]
}
