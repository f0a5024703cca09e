//! Reliability diagram: scores against the share that is true.

use super::svg::Plot;
use crate::evaluate::calibration::Calibration;
use crate::evaluate::words::{counts, figure};

/// Height of the histogram below the diagram, in user units.
const HISTOGRAM: f64 = 44.0;

/// Bins as points with intervals; how many are in each below.
pub(super) fn draw(what: &str, calibration: &Calibration) -> String {
    let mut plot = Plot::new(
        400.0,
        420.0,
        [56.0, 16.0, 16.0, 56.0 + HISTOGRAM + 20.0],
        &format!("Reliability diagram: {what} against score"),
    );
    plot.shares_up();
    let foot = plot.bottom + 12.0 + HISTOGRAM;
    for step in 0..=5 {
        let share = f64::from(step) / 5.0;
        let x = plot.x(share);
        plot.line("grid-line", [x, plot.top], [x, plot.bottom]);
        plot.text("middle", [x, foot + 18.0], &format!("{share:.1}"));
    }
    let middle = (plot.left + plot.right) / 2.0;
    plot.text("middle", [middle, foot + 38.0], "score");
    let centre = (plot.top + plot.bottom) / 2.0;
    plot.upright([16.0, centre], what);
    let ends = ([plot.left, plot.bottom], [plot.right, plot.top]);
    plot.line("diagonal", ends.0, ends.1);
    plot.line("axis", [plot.left, foot], [plot.right, foot]);
    let most = calibration.bins.iter().map(|bin| bin.truly.of).max().unwrap_or(1);
    let mut line = Vec::new();
    for bin in &calibration.bins {
        let (left, right) = (plot.x(bin.low), plot.x(bin.high));
        let height = HISTOGRAM * bin.truly.of as f64 / most as f64;
        plot.rectangle("count", [left + 1.0, foot - height], [right - left - 2.0, height]);
        if let (Some(score), Some(share)) = (bin.mean_score.value, bin.truly.value) {
            line.push(([plot.x(score), plot.y(share)], bin));
        }
    }
    let points: Vec<[f64; 2]> = line.iter().map(|(point, _)| *point).collect();
    plot.path("curve one", &points, false);
    for (point, bin) in line {
        if let (Some(low), Some(high)) = (bin.truly.low, bin.truly.high) {
            let (low, high) = (plot.y(low), plot.y(high));
            plot.line("whisker one", [point[0], low], [point[0], high]);
        }
        let title = format!(
            "score {:.1} to {:.1}: {} ({})",
            bin.low,
            bin.high,
            figure(bin.truly.figure()),
            counts(&bin.truly)
        );
        plot.dot("dot one", point, 4.0, &title);
    }
    plot.finish()
}
