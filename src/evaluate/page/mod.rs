//! Scores as one page of HTML with drawings: no script, no other file, no network; light and dark.

mod bars;
mod confusion;
mod curve;
mod html;
mod reliability;
mod svg;

use super::evaluation::Evaluation;
use super::froc::RATES;
use super::operating::Operating;
use super::rows;
use super::words::{at_rate, counts, figure, rate, title};
use html::{escape, table};
use std::fmt::Write as _;

pub(super) fn page(evaluation: &Evaluation) -> String {
    let scores = &evaluation.scores;
    let prefix = scores.prefix().trim_end();
    let of = if prefix.is_empty() {
        String::new()
    } else {
        format!(" on {prefix} radiographs")
    };
    let mut body = format!("<header><h1>Detections against truth{of}</h1>\n<ul>\n");
    for line in evaluation.statements() {
        let _ = writeln!(body, "<li>{}</li>", escape(&line));
    }
    body += "</ul></header>\n<main>\n";
    headline(&mut body, evaluation);
    card(
        &mut body,
        &format!("Sensitivity against false detections{of}"),
        &froc(evaluation),
    );
    let chosen = &scores.operating[0];
    card(&mut body, &format!("At a score{of}"), &at_scores(&scores.operating));
    card(
        &mut body,
        &format!("Sensitivity at score {}{of}: foci off bone", chosen.score),
        &by_bins(chosen),
    );
    card(&mut body, &format!("Names of matched foci{of}"), &naming(evaluation));
    card(
        &mut body,
        &format!("Scores against what they promise{of}"),
        &calibration(evaluation),
    );
    card(
        &mut body,
        &format!("Masks and false detections{of}"),
        &masks(evaluation),
    );
    card(&mut body, "How it is judged", include_str!("definitions.html"));
    let _ = write!(
        body,
        "</main>\n<footer>{}. Research only: no medical device, no diagnosis.</footer>",
        escape(&scores.software)
    );
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>Detections against truth{of}</title>\n\
         <style>\n{}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n",
        include_str!("style.css")
    )
}

fn card(body: &mut String, heading: &str, inside: &str) {
    let _ = write!(body, "<section>\n<h2>{}</h2>\n{inside}</section>\n", escape(heading));
}

/// The figures most people look for, large.
fn headline(body: &mut String, evaluation: &Evaluation) {
    let scores = &evaluation.scores;
    let chosen = &scores.operating[0];
    let one = scores.froc[0].per_image.iter().find(|at| at.rate == 1.0);
    let tiles = [
        (
            "sensitivity at 1 false per image, clear foci off bone",
            one.map_or("-".into(), at_rate),
        ),
        (
            "false per normal image at the chosen score",
            figure(chosen.false_per_normal_image),
        ),
        ("macro F1 of names, matched foci", figure(scores.naming.macro_f1)),
        ("median area error", figure(scores.extent.area_error)),
        (
            "calibration error of the score",
            figure(scores.calibration.expected_error),
        ),
    ];
    *body += "<div class=\"tiles\">\n";
    for (name, value) in tiles {
        let (value, interval) = value.split_once(' ').unwrap_or((&value, ""));
        let _ = writeln!(
            body,
            "<div class=\"tile\"><b>{}</b> <i>{}</i><span>{}{}</span></div>",
            escape(value),
            escape(interval),
            scores.prefix(),
            escape(name)
        );
    }
    *body += "</div>\n";
}

fn froc(evaluation: &Evaluation) -> String {
    let scores = &evaluation.scores;
    let mut inside = curve::draw(&scores.froc);
    let rows = |pick: fn(&super::Froc) -> &Vec<super::AtRate>| {
        let row = |froc: &super::Froc| {
            let mut row = vec![froc.group.title().to_owned(), froc.foci.to_string()];
            row.extend(pick(froc).iter().map(at_rate));
            row
        };
        scores.froc.iter().map(row).collect::<Vec<_>>()
    };
    let head = |unit: &str| {
        let mut head = vec![format!("false per {unit}"), "foci".to_owned()];
        head.extend(RATES.map(rate));
        head
    };
    inside += &table(&head("image"), &rows(|froc| &froc.per_image));
    if scores.froc.iter().any(|froc| !froc.per_100_cm2.is_empty()) {
        inside += &table(&head("100 cm²"), &rows(|froc| &froc.per_100_cm2));
    }
    inside
}

fn at_scores(operating: &[Operating]) -> String {
    let mut head = vec![String::new()];
    head.extend(operating.iter().map(|at| format!("score {} ({})", at.score, at.name)));
    let row = |name: String, value: &dyn Fn(&Operating) -> String| {
        let mut row = vec![name];
        row.extend(operating.iter().map(value));
        row
    };
    let mut rows = Vec::new();
    for (index, group) in operating[0].sensitivity.iter().enumerate() {
        rows.push(row(format!("found, {}", group.name.title()), &|at| {
            let share = &at.sensitivity[index].share;
            format!("{} ({})", figure(share.figure()), counts(share))
        }));
    }
    rows.push(row("false per image".into(), &|at| figure(at.false_per_image)));
    rows.push(row("false per normal image".into(), &|at| {
        figure(at.false_per_normal_image)
    }));
    rows.push(row("normal images without any".into(), &|at| {
        let share = &at.normal_images_untouched;
        format!("{} ({})", figure(share.figure()), counts(share))
    }));
    rows.push(row("false per 100 cm²".into(), &|at| figure(at.false_per_100_cm2)));
    let mut inside = table(&head, &rows);
    if !operating[0].by_part.is_empty() {
        let mut head = rows::PARTS.map(str::to_owned);
        head[0] = "part of the body".to_owned();
        inside += &format!("<h3>By part of the body, score {}</h3>\n", operating[0].score);
        inside += &table(&head, &rows::parts(&operating[0]).collect::<Vec<_>>());
    }
    inside
}

fn by_bins(chosen: &Operating) -> String {
    let mut inside = String::from("<div class=\"grid\">\n");
    for (name, rows) in [
        ("By true name", &chosen.by_label),
        ("By largest extent", &chosen.by_extent),
        ("By contrast over structure", &chosen.by_contrast),
        ("By place, all foci", &chosen.by_bone),
    ] {
        let _ = write!(inside, "<div><h3>{name}</h3>\n{}</div>\n", bars::draw(name, rows));
    }
    inside
        + "</div>\n<p class=\"legend\"><span class=\"key one\"></span> clear foci <span class=\"key two\"></span> all visible foci</p>\n"
}

fn naming(evaluation: &Evaluation) -> String {
    let naming = &evaluation.scores.naming;
    let row = |name: &str, share: &super::Share| vec![name.to_owned(), figure(share.figure()), counts(share)];
    let mut inside = table(
        &[String::new(), "figure".into(), "foci".into()],
        &[
            vec![
                "macro F1 over the six labels that occur".into(),
                figure(naming.macro_f1),
                String::new(),
            ],
            row("called by the true name (indeterminate is wrong)", &naming.right),
            row("called indeterminate", &naming.indeterminate),
            row(
                "called by the true name, of those given one of the six",
                &naming.right_when_named,
            ),
            row(
                "true name, of ossification and calcification from 8 mm",
                &naming.ossification_and_calcification,
            ),
            row(
                "the likelier of these two names is the true one",
                &naming.ossification_against_calcification,
            ),
        ],
    );
    inside += "<h3>True names in rows, names given in columns</h3>\n";
    inside += &confusion::draw(&naming.confusion);
    let rows: Vec<_> = rows::labels(naming).collect();
    inside + &table(&rows::LABELS.map(str::to_owned), &rows)
}

fn calibration(evaluation: &Evaluation) -> String {
    let scores = &evaluation.scores;
    let drawn = |name: &str, what: &str, calibration: &super::Calibration| {
        format!(
            "<div><h3>{name}</h3>\n{}<p>{} judged; expected calibration error {}; Brier score {}.</p></div>\n",
            reliability::draw(what, calibration),
            calibration.detections,
            figure(calibration.expected_error),
            figure(calibration.brier)
        )
    };
    format!(
        "<div class=\"grid\">\n{}{}</div>\n",
        drawn("Score: is it a true focus?", "share of true foci", &scores.calibration),
        drawn(
            "Label score: is it the true name?",
            "share of true names",
            &scores.label_calibration
        )
    )
}

fn masks(evaluation: &Evaluation) -> String {
    let (extent, chosen) = (&evaluation.scores.extent, &evaluation.scores.operating[0]);
    let mut inside = table(
        &["matched foci with masks".into(), extent.foci.to_string()],
        &[
            vec!["median |area / truth - 1|".into(), figure(extent.area_error)],
            vec!["median area / truth - 1".into(), figure(extent.area_bias)],
            vec!["mean Dice".into(), figure(extent.dice_mean)],
            vec!["median Dice".into(), figure(extent.dice_median)],
        ],
    );
    let list = |name: &str, counts: &std::collections::BTreeMap<String, u64>| {
        let rows: Vec<Vec<String>> = counts
            .iter()
            .map(|(kind, count)| vec![title(kind), count.to_string()])
            .collect();
        if rows.is_empty() {
            String::new()
        } else {
            table(&[name.to_owned(), "number".into()], &rows)
        }
    };
    inside += &list("false detections by the name given", &chosen.false_by_label);
    inside + &list("false detections on known distractors", &chosen.false_on_distractors)
}

#[cfg(test)]
mod tests;
