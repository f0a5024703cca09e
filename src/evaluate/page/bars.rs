//! Shares with intervals, a line per bin.

use super::svg::Plot;
use crate::evaluate::Share;
use crate::evaluate::operating::Breakdown;
use crate::evaluate::words::{counts, figure, title};

/// Height of a line in user units.
const LINE: f64 = 38.0;

/// A point and an interval for clear and for all visible foci of each bin.
pub(super) fn draw(name: &str, rows: &[Breakdown]) -> String {
    if rows.is_empty() {
        return "<p>No foci.</p>\n".to_owned();
    }
    let height = LINE * rows.len() as f64;
    let mut plot = Plot::new(
        540.0,
        height + 34.0,
        [176.0, 4.0, 116.0, 30.0],
        &format!("Sensitivity {name}"),
    );
    for step in 0..=5 {
        let share = f64::from(step) / 5.0;
        let x = plot.x(share);
        plot.line("grid-line", [x, plot.top], [x, plot.bottom]);
        plot.text("middle", [x, plot.bottom + 18.0], &format!("{share:.1}"));
    }
    for (index, row) in rows.iter().enumerate() {
        let middle = plot.top + LINE * (index as f64 + 0.5);
        plot.text("end", [plot.left - 10.0, middle + 4.0], &title(&row.name));
        for (share, series, shift) in [(&row.clear, "one", -8.0), (&row.visible, "two", 8.0)] {
            mark(&mut plot, share, series, middle + shift, &row.name);
        }
    }
    plot.finish()
}

fn mark(plot: &mut Plot, share: &Share, series: &str, y: f64, name: &str) {
    if let Some(value) = share.value {
        if let (Some(low), Some(high)) = (share.low, share.high) {
            let (low, high) = (plot.x(low), plot.x(high));
            plot.line(&format!("whisker {series}"), [low, y], [high, y]);
        }
        let place = [plot.x(value), y];
        let says = format!("{}: {} ({})", title(name), figure(share.figure()), counts(share));
        plot.dot(&format!("dot {series}"), place, 4.5, &says);
    }
    let right = plot.right + 10.0;
    plot.text("start", [right, y + 4.0], &counts(share));
}
