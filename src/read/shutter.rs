//! The display shutter (PS3.3 C.7.6.11): what lies outside carries no measurement.

use super::attributes::Attributes;
use crate::dicom::attribute::{
    CENTER_OF_CIRCULAR_SHUTTER, RADIUS_OF_CIRCULAR_SHUTTER, SHUTTER_LEFT_VERTICAL_EDGE, SHUTTER_LOWER_HORIZONTAL_EDGE,
    SHUTTER_RIGHT_VERTICAL_EDGE, SHUTTER_SHAPE, SHUTTER_UPPER_HORIZONTAL_EDGE, VERTICES_OF_THE_POLYGONAL_SHUTTER,
};
use crate::radiograph::Mask;

/// One shape that the shutter leaves open. Rows and columns count from 1, as the attributes do.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Opening {
    /// First and last open row and column.
    Rectangle { rows: [f64; 2], columns: [f64; 2] },
    /// Centre and radius in pixels.
    Circle { row: f64, column: f64, radius: f64 },
    /// Corners as row and column.
    Polygon(Vec<[f64; 2]>),
}

/// The openings a data set declares; incomplete ones are left out.
pub(super) fn openings(attributes: &Attributes) -> Vec<Opening> {
    let shapes = attributes.texts(SHUTTER_SHAPE);
    shapes
        .iter()
        .filter_map(|shape| opening(attributes, &shape.to_ascii_uppercase()))
        .collect()
}

fn opening(attributes: &Attributes, shape: &str) -> Option<Opening> {
    match shape {
        "RECTANGULAR" => Some(Opening::Rectangle {
            rows: [
                attributes.number(SHUTTER_UPPER_HORIZONTAL_EDGE)?,
                attributes.number(SHUTTER_LOWER_HORIZONTAL_EDGE)?,
            ],
            columns: [
                attributes.number(SHUTTER_LEFT_VERTICAL_EDGE)?,
                attributes.number(SHUTTER_RIGHT_VERTICAL_EDGE)?,
            ],
        }),
        "CIRCULAR" => {
            let &[row, column] = &attributes.numbers(CENTER_OF_CIRCULAR_SHUTTER)[..] else {
                return None;
            };
            let radius = attributes.number(RADIUS_OF_CIRCULAR_SHUTTER)?;
            (row.is_finite() && column.is_finite() && radius > 0.0).then_some(Opening::Circle { row, column, radius })
        }
        "POLYGONAL" => {
            let numbers = attributes.numbers(VERTICES_OF_THE_POLYGONAL_SHUTTER);
            let corners: Vec<_> = numbers.chunks_exact(2).map(|pair| [pair[0], pair[1]]).collect();
            let is_shape = corners.len() >= 3 && numbers.iter().all(|number| number.is_finite());
            is_shape.then_some(Opening::Polygon(corners))
        }
        _ => None,
    }
}

/// The pixels that every opening leaves open; `None` if that is all of them.
pub(super) fn mask(openings: &[Opening], shape: (usize, usize)) -> Option<Mask> {
    let mut open: Option<Mask> = None;
    for opening in openings {
        let mask = opening.mask(shape);
        match &mut open {
            None => open = Some(mask),
            Some(both) => both.intersect(&mask),
        }
    }
    open.filter(|mask| mask.count() < shape.0 * shape.1)
}

impl Opening {
    fn mask(&self, shape: (usize, usize)) -> Mask {
        let mut mask = Mask::empty(shape);
        for r in 0..shape.0 {
            for [first, last] in self.runs((r + 1) as f64) {
                // Columns count from 1; a run holds every whole column from `first` to `last`.
                let start = (first.ceil().max(1.0) - 1.0).min(shape.1 as f64) as usize;
                let end = last.floor().clamp(0.0, shape.1 as f64) as usize;
                if start < end {
                    mask.fill_run(r, start, end);
                }
            }
        }
        mask
    }

    /// First and last open column of a row.
    fn runs(&self, at: f64) -> Vec<[f64; 2]> {
        match self {
            Self::Rectangle { rows, columns } => {
                if (rows[0]..=rows[1]).contains(&at) {
                    vec![*columns]
                } else {
                    Vec::new()
                }
            }
            Self::Circle { row, column, radius } => {
                let square = radius * radius - (at - row) * (at - row);
                if square < 0.0 {
                    return Vec::new();
                }
                vec![[column - square.sqrt(), column + square.sqrt()]]
            }
            Self::Polygon(corners) => {
                let next = corners.iter().cycle().skip(1);
                let mut crossings: Vec<f64> = corners
                    .iter()
                    .zip(next)
                    .filter(|([a, _], [b, _])| (*a <= at) != (*b <= at))
                    .map(|([a, left], [b, right])| left + (at - a) / (b - a) * (right - left))
                    .collect();
                crossings.sort_by(f64::total_cmp);
                crossings.chunks_exact(2).map(|pair| [pair[0], pair[1]]).collect()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(opening: Opening, shape: (usize, usize)) -> Vec<String> {
        let mask = opening.mask(shape);
        let row = |r| (0..shape.1).map(|c| if mask.get(r, c) { '#' } else { '.' }).collect();
        (0..shape.0).map(row).collect()
    }

    #[test]
    fn edges_of_a_rectangle_are_inside_and_count_from_one() {
        let rectangle = Opening::Rectangle {
            rows: [2.0, 3.0],
            columns: [3.0, 99.0],
        };
        assert_eq!(drawn(rectangle, (4, 5)), [".....", "..###", "..###", "....."]);
    }

    #[test]
    fn a_circle() {
        let circle = Opening::Circle {
            row: 3.0,
            column: 3.0,
            radius: 2.0,
        };
        assert_eq!(
            drawn(circle, (5, 6)),
            ["..#...", ".###..", "#####.", ".###..", "..#..."]
        );
    }

    #[test]
    fn a_triangle() {
        let corners = vec![[1.0, 1.0], [5.0, 1.0], [5.0, 5.0]];
        assert_eq!(
            drawn(Opening::Polygon(corners), (5, 5)),
            ["#....", "##...", "###..", "####.", "....."]
        );
    }

    #[test]
    fn shapes_are_combined_and_an_open_shutter_is_none() {
        let wide = Opening::Rectangle {
            rows: [0.0, 99.0],
            columns: [-5.0, 99.0],
        };
        let left = Opening::Rectangle {
            rows: [1.0, 4.0],
            columns: [1.0, 2.0],
        };
        assert_eq!(mask(std::slice::from_ref(&wide), (4, 4)), None);
        assert_eq!(mask(&[wide, left], (4, 4)).map(|mask| mask.count()), Some(8));
        assert_eq!(mask(&[], (4, 4)), None);
    }

    #[test]
    fn attributes_become_openings() {
        let attributes = Attributes::of_texts(&[
            (SHUTTER_SHAPE, "CIRCULAR\\RECTANGULAR"),
            (CENTER_OF_CIRCULAR_SHUTTER, "10\\20"),
            (RADIUS_OF_CIRCULAR_SHUTTER, "5"),
            (SHUTTER_LEFT_VERTICAL_EDGE, "1"),
        ]);
        // The rectangle lacks three edges.
        assert_eq!(
            openings(&attributes),
            [Opening::Circle {
                row: 10.0,
                column: 20.0,
                radius: 5.0
            }]
        );
    }
}
