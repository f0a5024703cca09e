//! Both pictures with the outlines of what was compared.

use super::{Change, Compared, Event, Found};
use crate::radiograph::Radiograph;
use crate::report::Report;
use crate::write::overlay::{Half, Mark, Style, side_by_side};
use image::RgbImage;

/// The colour of an event: Okabe and Ito, "Color Universal Design" (2008).
const fn colour(event: Event) -> [u8; 3] {
    match event {
        Event::Stable => [86, 180, 233],
        Event::Grown => [230, 159, 0],
        Event::Shrunk => [20, 200, 150],
        Event::New => [255, 95, 80],
        Event::Gone => [225, 140, 190],
        Event::Merged | Event::Split => [240, 228, 66],
        Event::NotShown => [170, 170, 170],
    }
}

/// The prior picture on the left, the current one on the right; what belongs together has one number and one colour, and a
/// dashed line goes around a place where nothing is.
pub fn picture(
    prior: (&Radiograph, &Report, &Style),
    current: (&Radiograph, &Report, &Style),
    compared: &Compared,
) -> RgbImage {
    let changes = &compared.comparison.changes;
    let marks = |nth: usize| -> Vec<Mark> {
        changes
            .iter()
            .zip(&compared.outlines)
            .filter_map(|(change, outlines)| {
                let seen = if nth == 0 { &change.prior } else { &change.current };
                Some(Mark {
                    region: outlines[nth].clone()?,
                    colour: colour(change.event),
                    absent: seen.found == Found::Not,
                    text: if nth == 0 {
                        change.number.to_string()
                    } else {
                        short(change)
                    },
                })
            })
            .collect()
    };
    let (first, second) = (marks(0), marks(1));
    let lines: Vec<([u8; 3], String)> = Event::ALL
        .into_iter()
        .filter_map(|event| {
            let count = changes.iter().filter(|change| change.event == event).count();
            let text = format!("{count} {}", event.name().replace('_', " "));
            (count > 0).then_some((colour(event), text))
        })
        .collect();
    let half = |(radiograph, report, style), title, marks| Half {
        radiograph,
        report,
        style,
        title,
        marks,
    };
    side_by_side(
        [half(prior, "prior", &first), half(current, "current", &second)],
        &lines,
    )
}

/// Number, event, and by how much.
fn short(change: &Change) -> String {
    let event = change.event.name().replace('_', " ");
    match change.change {
        Some(share) if change.event != Event::NotShown => format!("{} {event} {:+.0}%", change.number, 100.0 * share),
        _ => format!("{} {event}", change.number),
    }
}
