//! Scores as an aligned table.

use super::evaluation::Evaluation;
use super::froc::RATES;
use super::operating::{Breakdown, Operating};
use super::rows;
use super::words::{at_rate, counts, figure, rate, title};
use std::fmt::Write as _;

pub(super) fn table(evaluation: &Evaluation) -> String {
    let scores = &evaluation.scores;
    let synthetic = scores.prefix().trim_end().to_uppercase();
    let synthetic = if synthetic.is_empty() {
        synthetic
    } else {
        format!(" ({synthetic})")
    };
    let mut out = String::new();
    for line in evaluation.statements() {
        let _ = writeln!(out, "{line}");
    }

    let rates = |unit: &str| {
        let mut head = vec![format!("false per {unit}:"), "foci".to_owned()];
        head.extend(RATES.map(rate));
        head
    };
    let mut rows = vec![rates("image")];
    for froc in &scores.froc {
        let mut row = vec![froc.group.title().to_owned(), froc.foci.to_string()];
        row.extend(froc.per_image.iter().map(at_rate));
        rows.push(row);
    }
    if scores.froc.iter().any(|froc| !froc.per_100_cm2.is_empty()) {
        rows.push(rates("100 cm2"));
        for froc in &scores.froc {
            let mut row = vec![froc.group.title().to_owned(), froc.foci.to_string()];
            row.extend(froc.per_100_cm2.iter().map(at_rate));
            rows.push(row);
        }
    }
    section(&mut out, &format!("Sensitivity{synthetic}"), &rows);
    section(
        &mut out,
        &format!("At a score{synthetic}"),
        &at_scores(&scores.operating),
    );
    if let Some(chosen) = scores.operating.first() {
        let score = chosen.score;
        section(
            &mut out,
            &format!("Sensitivity at score {score}{synthetic}: foci off bone, but for the last two rows"),
            &breakdowns(chosen),
        );
        if !chosen.by_part.is_empty() {
            section(
                &mut out,
                &format!("By part of the body at score {score}{synthetic}"),
                &parts(chosen),
            );
        }
        let on = |name: &str, map: &std::collections::BTreeMap<String, u64>| {
            let list: Vec<String> = map
                .iter()
                .map(|(kind, count)| format!("{} {count}", title(kind)))
                .collect();
            vec![
                name.to_owned(),
                if list.is_empty() {
                    "none".to_owned()
                } else {
                    list.join(", ")
                },
            ]
        };
        let mut rows = vec![on("by the name given", &chosen.false_by_label)];
        if !chosen.false_on_distractors.is_empty() {
            rows.push(on("on known distractors", &chosen.false_on_distractors));
        }
        section(
            &mut out,
            &format!("False detections at score {score}{synthetic}"),
            &rows,
        );
    }
    section(
        &mut out,
        &format!("Names of matched foci{synthetic}"),
        &naming(evaluation),
    );
    section(
        &mut out,
        &format!("Confusion{synthetic}: true name in rows, name given in columns"),
        &confusion(evaluation),
    );
    let (extent, calibration, names) = (&scores.extent, &scores.calibration, &scores.label_calibration);
    section(
        &mut out,
        &format!("Masks and scores{synthetic}"),
        &[
            vec![
                "median |area / truth - 1|".to_owned(),
                figure(extent.area_error),
                format!("{} foci", extent.foci),
            ],
            vec![
                "median area / truth - 1".to_owned(),
                figure(extent.area_bias),
                String::new(),
            ],
            vec!["mean Dice".to_owned(), figure(extent.dice_mean), String::new()],
            vec![
                "calibration error of score".to_owned(),
                figure(calibration.expected_error),
                format!("{} detections", calibration.detections),
            ],
            vec![
                "calibration error of label score".to_owned(),
                figure(names.expected_error),
                format!("{} foci", names.detections),
            ],
        ],
    );
    out
}

fn at_scores(operating: &[Operating]) -> Vec<Vec<String>> {
    let row = |name: &str, value: &dyn Fn(&Operating) -> String| {
        let mut row = vec![name.to_owned()];
        row.extend(operating.iter().map(value));
        row
    };
    let mut rows = vec![row("", &|at| format!("score {} ({})", at.score, at.name))];
    let groups = operating.first().map_or(&[][..], |at| &at.sensitivity[..]);
    for (index, group) in groups.iter().enumerate() {
        rows.push(row(&format!("found, {}", group.name.title()), &|at| {
            let share = &at.sensitivity[index].share;
            format!("{}  ({})", figure(share.figure()), counts(share))
        }));
    }
    rows.push(row("false per image", &|at| figure(at.false_per_image)));
    rows.push(row("false per normal image", &|at| figure(at.false_per_normal_image)));
    rows.push(row("normal images without", &|at| {
        figure(at.normal_images_untouched.figure())
    }));
    rows.push(row("false per 100 cm2", &|at| figure(at.false_per_100_cm2)));
    rows
}

fn breakdowns(at: &Operating) -> Vec<Vec<String>> {
    let mut rows = vec![["", "clear", "", "all visible", ""].map(str::to_owned).to_vec()];
    for breakdown in [&at.by_label, &at.by_extent, &at.by_contrast, &at.by_bone] {
        rows.extend(breakdown.iter().map(|row: &Breakdown| {
            let name = if std::ptr::eq(breakdown, &at.by_contrast) {
                format!("contrast {}", row.name)
            } else {
                title(&row.name)
            };
            vec![
                name,
                figure(row.clear.figure()),
                counts(&row.clear),
                figure(row.visible.figure()),
                counts(&row.visible),
            ]
        }));
    }
    rows
}

fn parts(at: &Operating) -> Vec<Vec<String>> {
    let mut rows = vec![rows::PARTS.map(str::to_owned).to_vec()];
    rows.extend(rows::parts(at));
    rows
}

fn naming(evaluation: &Evaluation) -> Vec<Vec<String>> {
    let naming = &evaluation.scores.naming;
    let share = |name: &str, share: &super::Share| vec![name.to_owned(), figure(share.figure()), counts(share)];
    let mut rows = vec![
        vec!["macro F1".to_owned(), figure(naming.macro_f1), String::new()],
        share("true name (indeterminate is wrong)", &naming.right),
        share("indeterminate", &naming.indeterminate),
        share("true name, of those named", &naming.right_when_named),
        share(
            "true name, of ossification and calcification from 8 mm",
            &naming.ossification_and_calcification,
        ),
        share(
            "the likelier of these two names is the true one",
            &naming.ossification_against_calcification,
        ),
        rows::LABELS.map(str::to_owned).to_vec(),
    ];
    rows.extend(rows::labels(naming));
    rows
}

fn confusion(evaluation: &Evaluation) -> Vec<Vec<String>> {
    let confusion = &evaluation.scores.naming.confusion;
    let mut head = vec![String::new()];
    head.extend(confusion.columns.iter().map(|name| title(name)));
    head.push("missed".to_owned());
    let mut rows = vec![head];
    for ((name, counts), missed) in confusion.rows.iter().zip(&confusion.counts).zip(&confusion.missed) {
        let mut row = vec![title(name)];
        row.extend(counts.iter().map(u64::to_string));
        row.push(missed.to_string());
        rows.push(row);
    }
    let mut last = vec!["no focus".to_owned()];
    last.extend(confusion.on_nothing.iter().map(u64::to_string));
    rows.push(last);
    rows
}

/// A title and rows with aligned columns.
fn section(out: &mut String, title: &str, rows: &[Vec<String>]) {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let _ = writeln!(out, "\n{title}");
    for row in rows {
        let mut line = String::from(" ");
        for (cell, width) in row.iter().zip(&widths) {
            let _ = write!(line, " {cell:<width$} ");
        }
        let _ = writeln!(out, "{}", line.trim_end());
    }
}
