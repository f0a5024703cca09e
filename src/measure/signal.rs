//! Pixels above their background, within and close around a region.

use super::intensity::Background;
use crate::label::Bounds;
use crate::radiograph::{Mask, Radiograph};

/// The signal (pixel value less the plane) in the box of a region and some pixels around it.
pub(super) struct Signal {
    /// Place in the image.
    pub bounds: Bounds,
    values: Vec<f32>,
    /// Pixels that carry a measurement, in the box's rows and columns; `None` means all.
    valid: Option<Mask>,
}

impl Signal {
    /// The signal in `region` and up to `margin` pixels around it, cut at the background's window.
    pub(super) fn around(region: Bounds, margin: usize, background: &Background, radiograph: &Radiograph) -> Self {
        let outer = background.window.bounds;
        let margin = margin as u32;
        let bounds = Bounds {
            top: region.top.saturating_sub(margin).max(outer.top),
            left: region.left.saturating_sub(margin).max(outer.left),
            bottom: (region.bottom + margin).min(outer.bottom),
            right: (region.right + margin).min(outer.right),
        };
        let (rows, columns) = (bounds.height() as usize, bounds.width() as usize);
        let (down, across) = ((bounds.top - outer.top) as usize, (bounds.left - outer.left) as usize);
        let pixels = radiograph.pixels();
        let mut values = Vec::with_capacity(rows * columns);
        for r in 0..rows {
            let row = &background.window.row(&pixels, down + r)[across..across + columns];
            let base = background.plane.at((down + r) as f64, across as f64) as f32;
            let slope = background.plane.slope[1] as f32;
            values.extend(
                row.iter()
                    .enumerate()
                    .map(|(c, &value)| f32::from(value) - base - slope * c as f32),
            );
        }
        Self {
            bounds,
            values,
            valid: radiograph
                .valid()
                .map(|valid| valid.window((bounds.top as usize, bounds.left as usize), (rows, columns))),
        }
    }

    /// Whether a place `[row, column]` lies in the box, between its outermost pixel centres.
    pub(super) fn holds(&self, [row, column]: [f64; 2]) -> bool {
        let (r, c) = (row - f64::from(self.bounds.top), column - f64::from(self.bounds.left));
        r >= 0.0 && c >= 0.0 && r <= f64::from(self.bounds.height() - 1) && c <= f64::from(self.bounds.width() - 1)
    }

    /// The signal at a place `[row, column]` in the box between pixel centres, bilinear.
    #[inline(always)]
    pub(super) fn within(&self, [row, column]: [f64; 2]) -> f32 {
        let (r, c) = (row - f64::from(self.bounds.top), column - f64::from(self.bounds.left));
        let (rows, columns) = (self.bounds.height() as usize, self.bounds.width() as usize);
        let (top, left) = (r as i32, c as i32);
        let (down, across) = ((r - f64::from(top)) as f32, (c - f64::from(left)) as f32);
        let (top, left) = (top as usize, left as usize);
        let (bottom, right) = ((top + 1).min(rows - 1), (left + 1).min(columns - 1));
        let (above, below) = (
            &self.values[top * columns..][..columns],
            &self.values[bottom * columns..][..columns],
        );
        let upper = above[left] + (above[right] - above[left]) * across;
        let lower = below[left] + (below[right] - below[left]) * across;
        upper + (lower - upper) * down
    }

    /// Whether every pixel of the box carries a measurement, as far as is known.
    pub(super) fn is_all_valid(&self) -> bool {
        self.valid.is_none()
    }

    /// Whether the pixel nearest to a place carries a measurement, as far as is known.
    pub(super) fn is_valid(&self, row: f64, column: f64) -> bool {
        let Some(valid) = &self.valid else { return true };
        let (r, c) = ((row + 0.5).floor() as i64, (column + 0.5).floor() as i64);
        let (r, c) = (r - i64::from(self.bounds.top), c - i64::from(self.bounds.left));
        r >= 0
            && c >= 0
            && r < i64::from(self.bounds.height())
            && c < i64::from(self.bounds.width())
            && valid.get(r as usize, c as usize)
    }
}
