//! Axes and marks.

use super::html::escape;
use std::fmt::Write as _;

/// A drawing under way: a plot with margins.
pub(super) struct Plot {
    out: String,
    /// Left, top, right and bottom of the plot in user units.
    pub(super) left: f64,
    pub(super) top: f64,
    pub(super) right: f64,
    pub(super) bottom: f64,
}

/// A coordinate with one digit: fine enough and short.
pub(super) fn at(value: f64) -> String {
    let text = format!("{value:.1}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

impl Plot {
    /// A drawing of `width` x `height` user units, described for those who do not see it.
    pub(super) fn new(width: f64, height: f64, margins: [f64; 4], description: &str) -> Self {
        let [left, top, right, bottom] = margins;
        Self {
            out: format!(
                "<svg viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{}\">\n",
                at(width),
                at(height),
                escape(description)
            ),
            left,
            top,
            right: width - right,
            bottom: height - bottom,
        }
    }

    /// Place across of a share of the width.
    pub(super) fn x(&self, share: f64) -> f64 {
        self.left + share * (self.right - self.left)
    }

    /// Place down of a share of the height, which counts upwards.
    pub(super) fn y(&self, share: f64) -> f64 {
        self.bottom - share * (self.bottom - self.top)
    }

    pub(super) fn line(&mut self, class: &str, from: [f64; 2], to: [f64; 2]) {
        let _ = writeln!(
            self.out,
            "<line class=\"{class}\" x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\"/>",
            at(from[0]),
            at(from[1]),
            at(to[0]),
            at(to[1])
        );
    }

    pub(super) fn path(&mut self, class: &str, points: &[[f64; 2]], closed: bool) {
        if points.len() < 2 {
            return;
        }
        let points: Vec<String> = points
            .iter()
            .map(|point| format!("{} {}", at(point[0]), at(point[1])))
            .collect();
        let end = if closed { "Z" } else { "" };
        let _ = writeln!(self.out, "<path class=\"{class}\" d=\"M{}{end}\"/>", points.join("L"));
    }

    pub(super) fn dot(&mut self, class: &str, at_point: [f64; 2], radius: f64, title: &str) {
        let _ = writeln!(
            self.out,
            "<circle class=\"{class}\" cx=\"{}\" cy=\"{}\" r=\"{}\"><title>{}</title></circle>",
            at(at_point[0]),
            at(at_point[1]),
            at(radius),
            escape(title)
        );
    }

    pub(super) fn rectangle(&mut self, class: &str, corner: [f64; 2], size: [f64; 2]) {
        let _ = writeln!(
            self.out,
            "<rect class=\"{class}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"/>",
            at(corner[0]),
            at(corner[1]),
            at(size[0].max(0.0)),
            at(size[1].max(0.0))
        );
    }

    /// Text whose `anchor` (`start`, `middle`, `end`) is at the place.
    pub(super) fn text(&mut self, anchor: &str, place: [f64; 2], text: &str) {
        let _ = writeln!(
            self.out,
            "<text text-anchor=\"{anchor}\" x=\"{}\" y=\"{}\">{}</text>",
            at(place[0]),
            at(place[1]),
            escape(text)
        );
    }

    /// Text that reads upwards, centred on the place.
    pub(super) fn upright(&mut self, place: [f64; 2], text: &str) {
        let (x, y) = (at(place[0]), at(place[1]));
        let _ = writeln!(
            self.out,
            "<text text-anchor=\"middle\" transform=\"translate({x} {y}) rotate(-90)\">{}</text>",
            escape(text)
        );
    }

    /// Lines across at every fifth of 0 to 1, with numbers.
    pub(super) fn shares_up(&mut self) {
        for step in 0..=5 {
            let share = f64::from(step) / 5.0;
            let y = self.y(share);
            self.line("grid-line", [self.left, y], [self.right, y]);
            self.text("end", [self.left - 6.0, y + 4.0], &format!("{share:.1}"));
        }
    }

    pub(super) fn finish(mut self) -> String {
        self.out += "</svg>\n";
        self.out
    }
}
