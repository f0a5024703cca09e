//! The plane through some pixels of an image.

use ndarray::Array2;

/// Grey values `p0 + p1 row + p2 column`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Plane([f64; 3]);

impl Plane {
    /// The least-squares plane through the values at `places`, at least one; level where they lie on a line.
    pub fn through(places: &[(usize, usize)], values: &Array2<f32>) -> Self {
        let count = places.len() as f64;
        let mean = |of: &dyn Fn((usize, usize)) -> f64| places.iter().map(|&place| of(place)).sum::<f64>() / count;
        let (row, column) = (mean(&|place| place.0 as f64), mean(&|place| place.1 as f64));
        let value = mean(&|place| f64::from(values[place]));
        let (mut rr, mut rc, mut cc, mut rv, mut cv) = (0.0, 0.0, 0.0, 0.0, 0.0);
        for &place in places {
            let (r, c) = (place.0 as f64 - row, place.1 as f64 - column);
            let v = f64::from(values[place]) - value;
            rr += r * r;
            rc += r * c;
            cc += c * c;
            rv += r * v;
            cv += c * v;
        }
        let determinant = rr * cc - rc * rc;
        if determinant.abs() < 1e-9 {
            return Self([value, 0.0, 0.0]);
        }
        let (by_row, by_column) = ((rv * cc - cv * rc) / determinant, (cv * rr - rv * rc) / determinant);
        Self([value - by_row * row - by_column * column, by_row, by_column])
    }

    /// Its value at a pixel.
    pub fn at(&self, (row, column): (usize, usize)) -> f64 {
        self.0[0] + self.0[1] * row as f64 + self.0[2] * column as f64
    }
}

#[cfg(test)]
mod tests {
    use super::Plane;
    use ndarray::Array2;

    #[test]
    fn a_slope_is_found_and_a_line_tells_none() {
        let values = Array2::from_shape_fn((20, 30), |(r, c)| 5.0 + 2.0 * r as f32 - 3.0 * c as f32);
        let places: Vec<_> = (3..12).flat_map(|r| (4..17).map(move |c| (r, c))).collect();
        let plane = Plane::through(&places, &values);
        assert!((plane.at((19, 1)) - 40.0).abs() < 1e-6);
        let line: Vec<_> = (0..9).map(|r| (r, 7)).collect();
        assert_eq!(Plane::through(&line, &values).at((19, 1)), -8.0);
    }
}
