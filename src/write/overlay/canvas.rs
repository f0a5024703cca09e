//! A colour picture one can blend, write and draw lines on; whatever lies outside is clipped.

use image::{Rgb as Pixel, RgbImage};
use noto_sans_mono_bitmap::{FontWeight, RasterHeight, get_raster, get_raster_width};

/// Red, green, blue.
pub type Rgb = [u8; 3];

/// Half-open box of picture pixels; may reach outside the picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rectangle {
    pub top: i32,
    pub left: i32,
    pub bottom: i32,
    pub right: i32,
}

impl Rectangle {
    /// The point of the box nearest to `(row, column)`.
    pub fn nearest(&self, (row, column): (i32, i32)) -> (i32, i32) {
        (
            row.clamp(self.top, (self.bottom - 1).max(self.top)),
            column.clamp(self.left, (self.right - 1).max(self.left)),
        )
    }

    /// `(row, column)` of the middle.
    pub fn middle(&self) -> (i32, i32) {
        ((self.top + self.bottom) / 2, (self.left + self.right) / 2)
    }
}

/// A size and weight of writing.
#[derive(Clone, Copy, Debug)]
pub struct Text {
    weight: FontWeight,
    height: RasterHeight,
}

impl Text {
    /// For labels in large pictures.
    pub const LARGE: Self = Self {
        weight: FontWeight::Bold,
        height: RasterHeight::Size20,
    };
    /// For labels in small pictures.
    pub const MEDIUM: Self = Self {
        weight: FontWeight::Bold,
        height: RasterHeight::Size16,
    };
    /// For the footer of large pictures.
    pub const PLAIN: Self = Self {
        weight: FontWeight::Regular,
        height: RasterHeight::Size20,
    };
    /// For numbers in crowds, reasons and the footer.
    pub const SMALL: Self = Self {
        weight: FontWeight::Regular,
        height: RasterHeight::Size16,
    };

    /// `(height, width)` of `text` in pixels.
    pub fn extent(self, text: &str) -> (i32, i32) {
        let width = get_raster_width(self.weight, self.height) * text.chars().count();
        (self.height.val() as i32, width as i32)
    }
}

/// A picture under way.
#[derive(Debug)]
pub struct Canvas {
    picture: RgbImage,
}

impl Canvas {
    /// A grey picture of `rows` and `columns`.
    pub fn new(grey: &[u8], rows: usize, columns: usize) -> Self {
        let mut picture = RgbImage::new(columns as u32, rows as u32);
        for (pixel, &value) in picture.chunks_exact_mut(3).zip(grey) {
            pixel.fill(value);
        }
        Self { picture }
    }

    /// A picture of one colour.
    pub fn plain(width: i32, height: i32, colour: Rgb) -> Self {
        Self {
            picture: RgbImage::from_pixel(width as u32, height as u32, Pixel(colour)),
        }
    }

    pub fn width(&self) -> i32 {
        self.picture.width() as i32
    }

    pub fn height(&self) -> i32 {
        self.picture.height() as i32
    }

    pub fn longest_side(&self) -> i32 {
        self.width().max(self.height())
    }

    #[cfg(test)]
    pub fn pixels(&self) -> &RgbImage {
        &self.picture
    }

    pub fn into_picture(self) -> RgbImage {
        self.picture
    }

    /// Copies `other`, which must fit, so that its first pixel comes to `(top, left)`.
    pub fn paste(&mut self, other: &Canvas, top: i32, left: i32) {
        let (wide, narrow) = (3 * self.width() as usize, 3 * other.width() as usize);
        let (top, left) = (top as usize, 3 * left as usize);
        let lines = other.picture.as_raw().chunks_exact(narrow);
        for (into, from) in self.picture.chunks_exact_mut(wide).skip(top).zip(lines) {
            into[left..left + narrow].copy_from_slice(from);
        }
    }

    /// Lays `colour` over a pixel; `opacity` in `0.0..=1.0`.
    pub fn blend(&mut self, row: i32, column: i32, colour: Rgb, opacity: f32) {
        if row < 0 || column < 0 || row >= self.height() || column >= self.width() {
            return;
        }
        let pixel = self.picture.get_pixel_mut(column as u32, row as u32);
        for (channel, over) in pixel.0.iter_mut().zip(colour) {
            let mixed = f32::from(*channel) * (1.0 - opacity) + f32::from(over) * opacity;
            *channel = mixed.round().clamp(0.0, 255.0) as u8;
        }
    }

    /// Lays `colour` over a box.
    pub fn fill(&mut self, area: Rectangle, colour: Rgb, opacity: f32) {
        for row in area.top.max(0)..area.bottom.min(self.height()) {
            for column in area.left.max(0)..area.right.min(self.width()) {
                self.blend(row, column, colour, opacity);
            }
        }
    }

    /// Writes `text` with its upper left corner at `(top, left)`; what the font lacks becomes `?`.
    pub fn write(&mut self, top: i32, left: i32, text: &str, size: Text, colour: Rgb) {
        let step = get_raster_width(size.weight, size.height) as i32;
        for (index, letter) in (0..).zip(text.chars()) {
            let raster =
                get_raster(letter, size.weight, size.height).or_else(|| get_raster('?', size.weight, size.height));
            let Some(raster) = raster else { continue };
            for (row, line) in (top..).zip(raster.rows()) {
                for (column, &ink) in (left + index * step..).zip(line.iter()) {
                    if ink > 0 {
                        self.blend(row, column, colour, f32::from(ink) / 255.0);
                    }
                }
            }
        }
    }

    /// A thin line between two `(row, column)`, ends included.
    pub fn line(&mut self, from: (i32, i32), to: (i32, i32), colour: Rgb, opacity: f32) {
        let (rows, columns) = (to.0 - from.0, to.1 - from.1);
        let steps = rows.abs().max(columns.abs()).max(1);
        for step in 0..=steps {
            let along = f64::from(step) / f64::from(steps);
            let row = f64::from(from.0) + along * f64::from(rows);
            let column = f64::from(from.1) + along * f64::from(columns);
            self.blend(row.round() as i32, column.round() as i32, colour, opacity);
        }
    }
}
