//! Neighbourhoods that decompose into short sums of lines, so that their cost hardly grows with their size.

/// A flat, symmetric neighbourhood with its origin in the middle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StructuringElement {
    /// `2 half_length + 1` pixels along a row.
    HorizontalLine {
        /// Pixels to either side of the origin.
        half_length: usize,
    },
    /// `2 half_length + 1` pixels along a column.
    VerticalLine {
        /// Pixels to either side of the origin.
        half_length: usize,
    },
    /// `2 half_side + 1` pixels on a side.
    Square {
        /// Pixels from the origin to each side.
        half_side: usize,
    },
    /// The nearly regular octagon that reaches `radius` pixels along rows and columns; stands for a disc.
    ///
    /// Sum of a square and a diamond, the diamond a sum of diagonal lines: four line passes whatever the radius.
    /// Its area is within 12 % of the disc of diameter `2 radius + 1` from radius 2 on.
    ///
    /// Source: R. Adams, Radial decomposition of discs and spheres, CVGIP 55(5), 1993, doi 10.1006/cgip.1993.1024.
    Octagon {
        /// Pixels from the origin to each upright side.
        radius: usize,
    },
}

/// A line pass or the plus of five pixels; an element is the Minkowski sum of its parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// Along the rows.
    Horizontal(usize),
    /// Down the columns, shifting by so many columns (-1, 0, 1) for each row.
    Slanted(usize, isize),
    /// The origin and its four neighbours.
    Plus,
}

impl StructuringElement {
    /// The parts that do anything, in a fixed order.
    pub(super) fn parts(self) -> Vec<Part> {
        let mut parts = Vec::with_capacity(5);
        match self {
            Self::HorizontalLine { half_length } => parts.push(Part::Horizontal(half_length)),
            Self::VerticalLine { half_length } => parts.push(Part::Slanted(half_length, 0)),
            Self::Square { half_side } => parts.extend([Part::Horizontal(half_side), Part::Slanted(half_side, 0)]),
            Self::Octagon { radius } => {
                let (square, diamond) = octagon(radius);
                parts.extend([Part::Horizontal(square), Part::Slanted(square, 0)]);
                // Two crossed diagonals reach twice their half length and miss every odd pixel, which the square
                // or the plus fills.
                if diamond % 2 == 1 {
                    parts.push(Part::Plus);
                }
                parts.extend([Part::Slanted(diamond / 2, 1), Part::Slanted(diamond / 2, -1)]);
            }
        }
        parts.retain(|part| !matches!(part, Part::Horizontal(0) | Part::Slanted(0, _)));
        parts
    }

    /// How far a way from the origin to a pixel of the element, part by part, may stray beyond both.
    pub(super) fn detour(self) -> usize {
        match self {
            Self::Octagon { radius } => octagon(radius).1,
            _ => 0,
        }
    }

    /// How far the element reaches from its origin, in pixels along `[rows down, columns across]`.
    pub fn reach(self) -> [usize; 2] {
        match self {
            Self::HorizontalLine { half_length } => [0, half_length],
            Self::VerticalLine { half_length } => [half_length, 0],
            Self::Square { half_side } => [half_side; 2],
            Self::Octagon { radius } => [radius; 2],
        }
    }
}

/// Half side of the square and radius of the diamond that sum to the octagon.
fn octagon(radius: usize) -> (usize, usize) {
    // Regular when the upright and the slanted sides are equal: square : diamond = 1 : sqrt 2.
    let mut diamond = (radius as f64 * (2.0 - std::f64::consts::SQRT_2)).round() as usize;
    if diamond == radius && radius > 0 && radius.is_multiple_of(2) {
        diamond -= 1;
    }
    (radius - diamond, diamond)
}

#[cfg(test)]
mod tests {
    use super::octagon;

    #[test]
    fn an_octagon_is_filled_and_as_large_as_its_disc() {
        for radius in 2..200 {
            let (square, diamond) = octagon(radius);
            assert_eq!(square + diamond, radius);
            assert!(square > 0 || diamond % 2 == 1);
            // Square plus diamond: area of the box less four corner triangles.
            let side = (2 * radius + 1) as f64;
            let area = side * side - 2.0 * (diamond * (diamond + 1)) as f64;
            let disc = std::f64::consts::PI / 4.0 * side * side;
            assert!((area / disc - 1.0).abs() < 0.12, "radius {radius}: {}", area / disc);
        }
    }
}
