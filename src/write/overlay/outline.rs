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
/// Room kept around the region.
const MARGIN: i32 = 6;

/// Distances from a region over the box around it.
#[derive(Debug)]
pub struct Outline {
    area: Rectangle,
    /// Distance to the nearest pixel of the region, row by row over `area`.
    distance: Vec<f32>,
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
            distance: Vec::new(),
        };
        let covered = outline.coverage(region, display);
        let most = covered.iter().copied().fold(0.0, f32::max);
        // A region smaller than a picture pixel keeps the pixel it covers most.
        let enough = most.min(0.5);
        outline.distance = distances(
            covered.iter().map(|&share| share >= enough && share > 0.0),
            outline.height(),
            outline.width(),
        );
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
        self.each(|row, column, distance| {
            let opacity = (HALO + 0.5 - (distance - AWAY).abs()).clamp(0.0, 1.0);
            // Never the focus itself.
            if opacity > 0.0 && distance > 0.5 {
                canvas.blend(row, column, [0; 3], 0.55 * opacity);
            }
        });
    }

    /// Draws the line.
    pub fn draw(&self, canvas: &mut Canvas, colour: Rgb) {
        self.each(|row, column, distance| {
            let opacity = (HALF + 0.5 - (distance - AWAY).abs()).clamp(0.0, 1.0);
            if opacity > 0.0 {
                canvas.blend(row, column, colour, opacity);
            }
        });
    }

    /// Draws a thin dashed line.
    pub fn draw_dashed(&self, canvas: &mut Canvas, colour: Rgb) {
        let (middle_row, middle_column) = self.area.middle();
        let round = (self.width() + self.height()) as f32;
        let dashes = (round / 5.0).ceil().max(6.0);
        self.each(|row, column, distance| {
            let opacity = (1.0 - (distance - 2.0).abs()).clamp(0.0, 1.0);
            let halo = (2.0 - (distance - 2.0).abs()).clamp(0.0, 1.0);
            let angle = ((row - middle_row) as f32).atan2((column - middle_column) as f32);
            let turn = angle / std::f32::consts::TAU + 0.5;
            if halo > 0.0 && distance > 0.5 && (turn * dashes).fract() < 0.55 {
                canvas.blend(row, column, [0; 3], 0.4 * halo);
                canvas.blend(row, column, colour, 0.85 * opacity);
            }
        });
    }

    fn each(&self, mut visit: impl FnMut(i32, i32, f32)) {
        for (row, line) in (self.area.top..).zip(self.distance.chunks_exact(self.width())) {
            for (column, &distance) in (self.area.left..).zip(line) {
                visit(row, column, distance);
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

/// Distance of every pixel to the nearest that is on.
///
/// Exact, in two passes of lower envelopes: Felzenszwalb and Huttenlocher 2012, doi 10.4086/toc.2012.v008a019.
fn distances(on: impl Iterator<Item = bool>, height: usize, width: usize) -> Vec<f32> {
    // Larger than any squared distance in a picture, and still exact when parabolas are compared.
    const FAR: f32 = 1.0e9;
    let mut squared: Vec<f32> = on.map(|on| if on { 0.0 } else { FAR }).collect();
    let mut line = Vec::new();
    for column in 0..width {
        line.clear();
        line.extend((0..height).map(|row| squared[row * width + column]));
        for (row, value) in envelope(&line).into_iter().enumerate() {
            squared[row * width + column] = value;
        }
    }
    for row in squared.chunks_exact_mut(width) {
        let lower = envelope(row);
        row.copy_from_slice(&lower);
    }
    squared.into_iter().map(f32::sqrt).collect()
}

/// `min over q of (p - q)^2 + heights[q]` for every `p`.
fn envelope(heights: &[f32]) -> Vec<f32> {
    // Parabolas of the lower envelope by their vertex, and where each begins to be lowest.
    let mut vertices: Vec<usize> = Vec::with_capacity(heights.len());
    let mut starts: Vec<f64> = Vec::with_capacity(heights.len());
    let raised = |q: usize| f64::from(heights[q]) + (q * q) as f64;
    for q in 0..heights.len() {
        let start = loop {
            let (Some(&before), Some(&start_before)) = (vertices.last(), starts.last()) else {
                break f64::NEG_INFINITY;
            };
            let crossing = (raised(q) - raised(before)) / (2 * (q - before)) as f64;
            if crossing > start_before {
                break crossing;
            }
            vertices.pop();
            starts.pop();
        };
        vertices.push(q);
        starts.push(start);
    }
    let mut current = 0;
    (0..heights.len())
        .map(|p| {
            while starts.get(current + 1).is_some_and(|start| *start < p as f64) {
                current += 1;
            }
            let q = vertices[current];
            let apart = p as f32 - q as f32;
            apart * apart + heights[q]
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::distances;

    #[test]
    fn distances_equal_those_of_a_search() {
        let (height, width) = (17, 23);
        let on: Vec<bool> = (0..height * width).map(|at| at * 7919 % 61 == 3).collect();
        assert!(on.iter().any(|on| *on));
        let fast = distances(on.iter().copied(), height, width);
        for (at, distance) in fast.iter().enumerate() {
            let (row, column) = (at / width, at % width);
            let nearest = (0..height * width)
                .filter(|other| on[*other])
                .map(|other| {
                    let (r, c) = (other / width, other % width);
                    ((r.abs_diff(row).pow(2) + c.abs_diff(column).pow(2)) as f32).sqrt()
                })
                .fold(f32::INFINITY, f32::min);
            assert!((distance - nearest).abs() < 1e-4);
        }
    }
}
