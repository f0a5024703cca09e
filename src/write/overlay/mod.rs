//! A picture for people: the radiograph with every focus outlined and named.
//!
//! Shows the image's own pixels, so text burned into them stays visible; adds no patient data.
//! The picture is for looking at, not for measuring: it is windowed to 8 bit and scaled.

mod canvas;
mod display;
mod footer;
mod outline;
mod pair;
mod palette;
mod placement;

pub use pair::{Half, Mark, side_by_side};
pub use palette::colour;

use crate::radiograph::Radiograph;
use crate::report::Report;
use canvas::{Canvas, Rgb, Text};
use display::Display;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder, RgbImage};
use outline::Outline;
use placement::Room;
use std::io;

/// A VOI window in modality values (DICOM PS3.3, C.11.2.1.2).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Window {
    /// Middle of the range shown.
    pub center: f64,
    /// Extent of the range shown, above zero.
    pub width: f64,
}

/// How the picture is drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Style {
    /// Window to show the image through, usually the header's first. Without one, or if it would hide most of the
    /// image or is far wider than it, the range from the 1st to the 99.5th percentile of the exposed field is shown.
    /// Either way the range reaches up to the brightest focus.
    pub window: Option<Window>,
    /// Whether rejected candidates are outlined too, thin and dashed, with their reason.
    pub rejected: bool,
}

/// The pixels that a picture of `radiograph` shows as black and as white, the first below the second: what `window` says,
/// or percentiles, as in [`Style`].
pub fn greys(radiograph: &Radiograph, report: &Report, window: Option<Window>) -> (f64, f64) {
    display::range(radiograph, report, window)
}

/// Longest side of the picture in pixels, footer aside.
pub const LONGEST_SIDE: u32 = 1600;

/// Foci of one finding above which foci carry their number only and the finding is named once.
pub const CROWD: usize = 15;

/// Draws `report` over `radiograph`; `image` is the short name shown in the footer.
///
/// Larger images are reduced to [`LONGEST_SIDE`]; images below 600 pixels are enlarged by a whole factor, so that
/// labels are legible. Pixels are shown as a square grid whatever the spacing.
pub fn draw(radiograph: &Radiograph, report: &Report, image: &str, style: &Style) -> RgbImage {
    let display = Display::new(radiograph, report, style.window);
    let mut canvas = Canvas::new(&display.grey, display.rows, display.columns);
    let size = if canvas.longest_side() >= 1000 {
        Text::LARGE
    } else {
        Text::MEDIUM
    };
    let mut room = Room::new(canvas.width(), canvas.height());

    let outlines: Vec<Outline> = report
        .foci
        .iter()
        .map(|focus| Outline::new(&focus.candidate.region, &display))
        .collect();
    for outline in &outlines {
        room.occupy(outline.bounds());
    }
    if style.rejected {
        draw_rejected(&mut canvas, &mut room, &display, report);
    }
    for outline in &outlines {
        outline.shade(&mut canvas);
    }
    for (focus, outline) in report.foci.iter().zip(&outlines) {
        outline.draw(&mut canvas, colour(focus.assessment.label));
    }
    for finding in &report.findings {
        let members: Vec<&Outline> = report
            .foci
            .iter()
            .zip(&outlines)
            .filter(|(focus, _)| focus.finding == finding.number)
            .map(|(_, outline)| outline)
            .collect();
        if let Some(uppermost) = members.first().filter(|_| members.len() > CROWD) {
            let title = format!("{} x {} {:.2}", members.len(), finding.label.title(), finding.score);
            room.place(&mut canvas, uppermost.bounds(), &title, size, colour(finding.label));
        }
    }
    for (focus, outline) in report.foci.iter().zip(&outlines) {
        let label = focus.assessment.label;
        let together = report
            .foci
            .iter()
            .filter(|other| other.finding == focus.finding)
            .count();
        if together > CROWD {
            room.place_near(
                &mut canvas,
                outline.bounds(),
                &focus.number.to_string(),
                Text::SMALL,
                colour(label),
            );
        } else {
            let text = format!("{} {} {:.2}", focus.number, label.title(), focus.score);
            room.place(&mut canvas, outline.bounds(), &text, size, colour(label));
        }
    }
    footer::append(canvas, report, image)
}

/// Rejected candidates beyond this number are outlined without their reason.
const REASONS: usize = 60;

fn draw_rejected(canvas: &mut Canvas, room: &mut Room, display: &Display, report: &Report) {
    const GREY: Rgb = [170, 170, 170];
    let outlines: Vec<Outline> = report
        .rejected
        .iter()
        .map(|rejected| Outline::new(&rejected.candidate.region, display))
        .collect();
    for outline in &outlines {
        outline.draw_dashed(canvas, GREY);
    }
    if outlines.len() <= REASONS {
        for (rejected, outline) in report.rejected.iter().zip(&outlines) {
            let reason = rejected.reason.name().replace('_', " ");
            room.place_near(canvas, outline.bounds(), &reason, Text::SMALL, GREY);
        }
    }
}

/// The picture [`draw`] makes, as PNG. Same input, same bytes.
///
/// # Errors
///
/// If the picture cannot be encoded.
pub fn png(radiograph: &Radiograph, report: &Report, image: &str, style: &Style) -> io::Result<Vec<u8>> {
    encode(&draw(radiograph, report, image, style))
}

/// A picture as PNG.
///
/// # Errors
///
/// If it cannot be encoded.
pub fn encode(picture: &RgbImage) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    PngEncoder::new_with_quality(&mut bytes, CompressionType::Fast, FilterType::Paeth)
        .write_image(
            picture.as_raw(),
            picture.width(),
            picture.height(),
            ExtendedColorType::Rgb8,
        )
        .map_err(io::Error::other)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests;
