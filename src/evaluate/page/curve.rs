//! FROC with its band.

use super::svg::Plot;
use crate::evaluate::froc::{Froc, Group, RATES};
use crate::evaluate::words::{at_rate, rate};

/// First and last rate drawn, as powers of two.
const POWERS: (f64, f64) = (-5.0, 4.0);

/// Sensitivity against false detections per image, for clear foci off bone and all visible foci.
pub(super) fn draw(curves: &[Froc]) -> String {
    let mut plot = Plot::new(
        720.0,
        380.0,
        [56.0, 16.0, 16.0, 48.0],
        "Sensitivity against false detections per image; the numbers are in the table below",
    );
    plot.shares_up();
    let across = |rate: f64| (rate.log2() - POWERS.0) / (POWERS.1 - POWERS.0);
    for power in -5..=4 {
        let value = 2.0_f64.powi(power);
        let x = plot.x(across(value));
        plot.line("grid-line", [x, plot.top], [x, plot.bottom]);
        plot.text("middle", [x, plot.bottom + 18.0], &rate(value));
    }
    let middle = (plot.left + plot.right) / 2.0;
    plot.text("middle", [middle, plot.bottom + 38.0], "false detections per image");
    let centre = (plot.top + plot.bottom) / 2.0;
    plot.upright([16.0, centre], "sensitivity");
    for (group, series) in [(Group::Visible, "two"), (Group::ClearOffBone, "one")] {
        let Some(froc) = curves.iter().find(|froc| froc.group == group) else {
            continue;
        };
        let point = |plot: &Plot, rate: f64, value: f64| [plot.x(across(rate)), plot.y(value)];
        let known = froc.curve.iter().filter(|at| at.reached);
        let mut band: Vec<[f64; 2]> = known
            .clone()
            .filter_map(|at| Some(point(&plot, at.rate, at.sensitivity.high?)))
            .collect();
        let low = known.clone().rev();
        band.extend(low.filter_map(|at| Some(point(&plot, at.rate, at.sensitivity.low?))));
        plot.path(&format!("band {series}"), &band, true);
        let line: Vec<[f64; 2]> = known
            .filter_map(|at| Some(point(&plot, at.rate, at.sensitivity.value?)))
            .collect();
        plot.path(&format!("curve {series}"), &line, false);
        for at in froc.per_image.iter().filter(|at| RATES.contains(&at.rate)) {
            if let (Some(value), true) = (at.sensitivity.value, at.reached) {
                let place = point(&plot, at.rate, value);
                let title = format!("{}, {} false per image: {}", group.title(), rate(at.rate), at_rate(at));
                plot.dot(&format!("dot {series}"), place, 4.0, &title);
            }
        }
    }
    let key = |series: &str, group: Group| {
        let foci = curves
            .iter()
            .find(|froc| froc.group == group)
            .map_or(0, |froc| froc.foci);
        format!("<span class=\"key {series}\"></span> {} ({foci}) ", group.title())
    };
    plot.finish()
        + &format!(
            "<p class=\"legend\">{}{}</p>\n",
            key("one", Group::ClearOffBone),
            key("two", Group::Visible)
        )
}
