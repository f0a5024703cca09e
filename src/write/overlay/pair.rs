//! Two radiographs side by side, with outlines that belong together in one colour.

use super::Style;
use super::canvas::{Canvas, Rectangle, Rgb, Text};
use super::display::Display;
use super::outline::Outline;
use super::placement::Room;
use crate::label::Region;
use crate::radiograph::Radiograph;
use crate::report::Report;
use image::RgbImage;

/// An outline to draw.
#[derive(Clone, Debug)]
pub struct Mark {
    /// What it goes around, in the image's pixels.
    pub region: Region,
    /// Its colour.
    pub colour: [u8; 3],
    /// Whether nothing is there: the line is dashed.
    pub absent: bool,
    /// What is written beside it.
    pub text: String,
}

/// One half of the picture.
#[derive(Clone, Copy, Debug)]
pub struct Half<'a> {
    /// The image.
    pub radiograph: &'a Radiograph,
    /// What was found in it; tells which greys to show.
    pub report: &'a Report,
    /// How it is shown.
    pub style: &'a Style,
    /// What is written above it.
    pub title: &'a str,
    /// Outlines.
    pub marks: &'a [Mark],
}

const GROUND: Rgb = [24, 24, 24];
const INK: Rgb = [215, 215, 215];
const GAP: i32 = 12;
const HEAD: i32 = 34;
/// Marks beyond this number carry the first word of their text only.
const CROWD: usize = 24;

/// Both halves, and under them what `lines` say, each with the square of a colour before it.
pub fn side_by_side(halves: [Half<'_>; 2], lines: &[([u8; 3], String)]) -> RgbImage {
    let drawn = halves.map(|half| draw(&half));
    let height = drawn.iter().map(Canvas::height).max().unwrap_or(1);
    let width = drawn.iter().map(Canvas::width).sum::<i32>() + GAP;
    let size = Text::SMALL;
    let (pitch, _) = size.extent("");
    let pitch = pitch + 6;
    // The legend in as many columns as fit.
    let widest = lines
        .iter()
        .map(|(_, text)| size.extent(text).1 + 44)
        .max()
        .unwrap_or(1);
    let columns = (width / widest.max(1)).clamp(1, 6) as usize;
    let rows = lines.len().div_ceil(columns) as i32;
    let mut canvas = Canvas::plain(width, HEAD + height + rows * pitch + 2 * GAP, GROUND);
    let mut left = 0;
    for (half, picture) in halves.iter().zip(&drawn) {
        canvas.write(8, left + GAP, half.title, Text::LARGE, INK);
        canvas.paste(picture, HEAD, left);
        left += picture.width() + GAP;
    }
    for (nth, (colour, text)) in lines.iter().enumerate() {
        let (row, column) = ((nth / columns) as i32, (nth % columns) as i32);
        let (top, left) = (
            HEAD + height + GAP + row * pitch,
            GAP + column * (width / columns as i32),
        );
        let square = Rectangle {
            top: top + 3,
            left,
            bottom: top + 15,
            right: left + 12,
        };
        canvas.fill(square, *colour, 1.0);
        canvas.write(top, left + 20, text, size, INK);
    }
    canvas.into_picture()
}

fn draw(half: &Half<'_>) -> Canvas {
    let display = Display::new(half.radiograph, half.report, half.style.window);
    let mut canvas = Canvas::new(&display.grey, display.rows, display.columns);
    let mut room = Room::new(canvas.width(), canvas.height());
    let (rows, columns) = half.radiograph.shape();
    // What lies beyond the image has no place in it.
    let marks: Vec<(&Mark, Outline)> = half
        .marks
        .iter()
        .filter(|mark| {
            let bounds = mark.region.bounds();
            bounds.bottom as usize <= rows && bounds.right as usize <= columns
        })
        .map(|mark| (mark, Outline::new(&mark.region, &display)))
        .collect();
    for (mark, outline) in &marks {
        room.occupy(outline.bounds());
        if !mark.absent {
            outline.shade(&mut canvas);
        }
    }
    for (mark, outline) in &marks {
        if mark.absent {
            outline.draw_dashed(&mut canvas, mark.colour);
        } else {
            outline.draw(&mut canvas, mark.colour);
        }
    }
    for (mark, outline) in &marks {
        if marks.len() > CROWD {
            let short = mark.text.split(' ').next().unwrap_or_default();
            room.place_near(&mut canvas, outline.bounds(), short, Text::SMALL, mark.colour);
        } else {
            room.place(&mut canvas, outline.bounds(), &mark.text, Text::MEDIUM, mark.colour);
        }
    }
    canvas
}
