//! A smooth line around a region, outside its pixels.

use super::canvas::{Canvas, Rectangle, Rgb};
use super::display::Display;
use crate::label::Region;

/// Distance of the middle of the line from the nearest pixel centre of the region, in picture pixels.
const AWAY: f32 = 2.6;
/// Half the width of the line.
const HALF: f32 = 0.8;
/// Half the width of the dark halo under the line.
const HALO: f32 = 2.2;
/// Distance beyond which nothing is drawn.
const REACH: f32 = AWAY + HALO + 0.5;
/// Room kept around the region, at least [`REACH`].
const MARGIN: i32 = 6;

/// The surroundings of a region, as far as its line and halo reach.
#[derive(Debug)]
pub struct Outline {
    area: Rectangle,
    /// `(row, column, distance)` of every picture pixel outside the region and at most [`REACH`] away, in raster order.
    around: Vec<(i32, i32, f32)>,
}

impl Outline {
    /// The outline of `region` in the picture of `display`.
    pub fn new(region: &Region, display: &Display) -> Self {
        let bounds = region.bounds();
        let area = Rectangle {
            top: (f64::from(bounds.top) * display.down).floor() as i32 - MARGIN,
            left: (f64::from(bounds.left) * display.across).floor() as i32 - MARGIN,
            bottom: (f64::from(bounds.bottom) * display.down).ceil() as i32 + MARGIN,
            right: (f64::from(bounds.right) * display.across).ceil() as i32 + MARGIN,
        };
        let mut outline = Self {
            area,
            around: Vec::new(),
        };
        let covered = outline.coverage(region, display);
        let most = covered.iter().copied().fold(0.0, f32::max);
        // A region smaller than a picture pixel keeps the pixel it covers most.
        let enough = most.min(0.5);
        let mut on: Vec<bool> = covered.iter().map(|&share| share >= enough && share > 0.0).collect();
        fill_holes(&mut on, outline.width());
        outline.around = around(&on, outline.width())
            .into_iter()
            .map(|(row, column, distance)| (area.top + row as i32, area.left + column as i32, distance))
            .collect();
        outline
    }

    fn width(&self) -> usize {
        (self.area.right - self.area.left) as usize
    }

    fn height(&self) -> usize {
        (self.area.bottom - self.area.top) as usize
    }

    /// Share of each picture pixel that the region covers.
    fn coverage(&self, region: &Region, display: &Display) -> Vec<f32> {
        let width = self.width();
        let mut covered = vec![0.0_f32; width * self.height()];
        for run in region.runs() {
            let down = spans(run.row, run.row + 1, display.down, self.area.top);
            for (row, tall) in down {
                for (column, wide) in spans(run.start, run.end, display.across, self.area.left) {
                    if let Some(share) = covered.get_mut(row * width + column).filter(|_| column < width) {
                        *share += tall * wide;
                    }
                }
            }
        }
        covered
    }

    /// The box the line and its halo stay in.
    pub fn bounds(&self) -> Rectangle {
        self.area
    }

    /// Darkens the ground under the line.
    pub fn shade(&self, canvas: &mut Canvas) {
        for &(row, column, distance) in &self.around {
            let opacity = (HALO + 0.5 - (distance - AWAY).abs()).clamp(0.0, 1.0);
            canvas.blend(row, column, [0; 3], 0.55 * opacity);
        }
    }

    /// Draws the line.
    pub fn draw(&self, canvas: &mut Canvas, colour: Rgb) {
        for &(row, column, distance) in &self.around {
            let opacity = (HALF + 0.5 - (distance - AWAY).abs()).clamp(0.0, 1.0);
            canvas.blend(row, column, colour, opacity);
        }
    }

    /// Draws a thin dashed line.
    pub fn draw_dashed(&self, canvas: &mut Canvas, colour: Rgb) {
        let (middle_row, middle_column) = self.area.middle();
        let round = (self.width() + self.height()) as f32;
        let dashes = (round / 5.0).ceil().max(6.0);
        for &(row, column, distance) in &self.around {
            let opacity = (1.0 - (distance - 2.0).abs()).clamp(0.0, 1.0);
            let halo = (2.0 - (distance - 2.0).abs()).clamp(0.0, 1.0);
            let angle = ((row - middle_row) as f32).atan2((column - middle_column) as f32);
            let turn = angle / std::f32::consts::TAU + 0.5;
            if (turn * dashes).fract() < 0.55 {
                canvas.blend(row, column, [0; 3], 0.4 * halo);
                canvas.blend(row, column, colour, 0.85 * opacity);
            }
        }
    }
}

/// Picture lines that image lines `start..end` cover, from `origin`, and the covered share of each.
fn spans(start: u32, end: u32, scale: f64, origin: i32) -> impl Iterator<Item = (usize, f32)> {
    let (start, end) = (f64::from(start) * scale, f64::from(end) * scale);
    (start.floor() as i32..end.ceil() as i32).map(move |line| {
        let covered = end.min(f64::from(line + 1)) - start.max(f64::from(line));
        ((line - origin) as usize, covered as f32)
    })
}

/// Turns on what the border cannot reach by steps to the side, so that a lucent centre is not drawn over.
fn fill_holes(on: &mut [bool], width: usize) {
    let height = on.len() / width;
    let mut outside = vec![false; on.len()];
    // The margin keeps the region off the border: one corner reaches all of the outside.
    let mut open = vec![0];
    while let Some(at) = open.pop() {
        if on[at] || std::mem::replace(&mut outside[at], true) {
            continue;
        }
        let (row, column) = (at / width, at % width);
        if row > 0 {
            open.push(at - width);
        }
        if row + 1 < height {
            open.push(at + width);
        }
        if column > 0 {
            open.push(at - 1);
        }
        if column + 1 < width {
            open.push(at + 1);
        }
    }
    for (on, outside) in on.iter_mut().zip(outside) {
        *on = !outside;
    }
}

/// Pixels that are off and at most [`REACH`] from one that is on, in raster order, with that distance.
///
/// Work and memory follow the length of the outline; only the plan of distances follows the box.
fn around(on: &[bool], width: usize) -> Vec<(usize, usize, f32)> {
    let height = on.len() / width;
    let is_on = |row: usize, column: usize| row < height && column < width && on[row * width + column];
    let reach = REACH as usize;
    let mut squared = vec![u16::MAX; on.len()];
    let mut touched = Vec::new();
    for at in (0..on.len()).filter(|&at| on[at]) {
        let (row, column) = (at / width, at % width);
        let inner = row > 0
            && column > 0
            && is_on(row - 1, column)
            && is_on(row + 1, column)
            && is_on(row, column - 1)
            && is_on(row, column + 1);
        if inner {
            continue;
        }
        for near_row in row.saturating_sub(reach)..(row + reach + 1).min(height) {
            for near_column in column.saturating_sub(reach)..(column + reach + 1).min(width) {
                let near = near_row * width + near_column;
                let apart = near_row.abs_diff(row).pow(2) + near_column.abs_diff(column).pow(2);
                if on[near] || apart as f32 > REACH * REACH {
                    continue;
                }
                if squared[near] == u16::MAX {
                    touched.push(near);
                }
                squared[near] = squared[near].min(apart as u16);
            }
        }
    }
    touched.sort_unstable();
    touched
        .into_iter()
        .map(|at| (at / width, at % width, f32::from(squared[at]).sqrt()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{REACH, around, fill_holes};

    #[test]
    fn a_ring_becomes_a_disc_and_a_bay_stays() {
        let drawn = ["........", ".###.##.", ".#.#.#..", ".###.##.", "........"];
        let filled = ["........", ".###.##.", ".###.#..", ".###.##.", "........"];
        let read = |lines: [&str; 5]| lines.concat().bytes().map(|byte| byte == b'#').collect::<Vec<_>>();
        let mut on = read(drawn);
        fill_holes(&mut on, 8);
        assert_eq!(on, read(filled));
    }

    #[test]
    fn distances_equal_those_of_a_search() {
        let (height, width) = (30, 43);
        let blob = |row: usize, column: usize| row.abs_diff(9).pow(2) + column.abs_diff(12).pow(2) < 40;
        let on: Vec<bool> = (0..height * width)
            .map(|at| blob(at / width, at % width) || at * 7919 % 401 == 3)
            .collect();
        let mut expected = Vec::new();
        for at in (0..on.len()).filter(|&at| !on[at]) {
            let (row, column) = (at / width, at % width);
            let nearest = (0..on.len())
                .filter(|&other| on[other])
                .map(|other| (other / width).abs_diff(row).pow(2) + (other % width).abs_diff(column).pow(2))
                .min()
                .unwrap();
            if nearest as f32 <= REACH * REACH {
                expected.push((row, column, (nearest as f32).sqrt()));
            }
        }
        assert!(expected.len() > 300 && expected.len() < on.len() - 100);
        assert_eq!(around(&on, width), expected);
    }
}
