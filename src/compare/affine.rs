//! Affine maps of the plane.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A map of places `(x, y)`, x to the right and y down: `(xx x + xy y + x0, yx x + yy y + y0)`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Affine {
    /// Factor of x in x.
    pub xx: f64,
    /// Factor of y in x.
    pub xy: f64,
    /// Shift of x.
    pub x0: f64,
    /// Factor of x in y.
    pub yx: f64,
    /// Factor of y in y.
    pub yy: f64,
    /// Shift of y.
    pub y0: f64,
}

impl Affine {
    /// Nothing moves.
    pub const IDENTITY: Self = Self {
        xx: 1.0,
        xy: 0.0,
        x0: 0.0,
        yx: 0.0,
        yy: 1.0,
        y0: 0.0,
    };

    /// Where `(x, y)` goes.
    pub fn at(&self, (x, y): (f64, f64)) -> (f64, f64) {
        (self.xx * x + self.xy * y + self.x0, self.yx * x + self.yy * y + self.y0)
    }

    /// Factor on areas; negative if it mirrors.
    pub fn determinant(&self) -> f64 {
        self.xx * self.yy - self.xy * self.yx
    }

    /// The way back; `None` if there is none.
    pub fn inverse(&self) -> Option<Self> {
        let d = self.determinant();
        if d.abs() < 1e-9 || !d.is_finite() {
            return None;
        }
        let (xx, xy, yx, yy) = (self.yy / d, -self.xy / d, -self.yx / d, self.xx / d);
        Some(Self {
            xx,
            xy,
            x0: -(xx * self.x0 + xy * self.y0),
            yx,
            yy,
            y0: -(yx * self.x0 + yy * self.y0),
        })
    }

    /// Degrees by which it turns, clockwise as seen.
    pub fn turn_deg(&self) -> f64 {
        (self.yx - self.xy).atan2(self.xx + self.yy).to_degrees()
    }

    /// Factor on lengths, on average.
    pub fn scale(&self) -> f64 {
        self.determinant().abs().sqrt()
    }
}

/// Six numbers that say how far a map is from a first guess: angle, logarithm of scale, shift, and two shears.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Pose {
    /// Radians clockwise.
    pub(super) turn: f64,
    /// Natural logarithm of the factor on lengths.
    pub(super) growth: f64,
    /// Where the middle goes.
    pub(super) to: (f64, f64),
    /// Stretch of x against y, and of one diagonal against the other.
    pub(super) shear: [f64; 2],
}

impl Pose {
    /// The map that takes `middle` to [`Pose::to`].
    pub(super) fn about(&self, middle: (f64, f64)) -> Affine {
        let (sine, cosine) = self.turn.sin_cos();
        let scale = self.growth.exp();
        let [stretch, skew] = self.shear;
        // Turned after it is sheared.
        let (a, b, c, d) = (1.0 + stretch, skew, skew, 1.0 - stretch);
        let (xx, xy) = (scale * (cosine * a - sine * c), scale * (cosine * b - sine * d));
        let (yx, yy) = (scale * (sine * a + cosine * c), scale * (sine * b + cosine * d));
        Affine {
            xx,
            xy,
            x0: self.to.0 - xx * middle.0 - xy * middle.1,
            yx,
            yy,
            y0: self.to.1 - yx * middle.0 - yy * middle.1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Affine, Pose};

    #[test]
    fn back_is_back() {
        let pose = Pose {
            turn: 0.2,
            growth: 0.1,
            to: (40.0, -3.0),
            shear: [0.02, -0.01],
        };
        let map = pose.about((10.0, 20.0));
        let middle = map.at((10.0, 20.0));
        assert!((middle.0 - 40.0).abs() < 1e-9 && (middle.1 + 3.0).abs() < 1e-9);
        let back = map.inverse().unwrap().at(map.at((7.0, -2.0)));
        assert!((back.0 - 7.0).abs() < 1e-9 && (back.1 + 2.0).abs() < 1e-9);
        assert!((map.turn_deg() - 0.2_f64.to_degrees()).abs() < 0.2);
        assert!((map.scale() - 0.1_f64.exp()).abs() < 1e-3);
        assert!(
            Affine {
                xx: 0.0,
                xy: 0.0,
                ..Affine::IDENTITY
            }
            .inverse()
            .is_none()
        );
    }
}
