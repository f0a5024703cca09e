//! Confusion matrix as a table whose cells are shaded by their share of the row.

use super::html::escape;
use crate::evaluate::naming::Confusion;
use crate::evaluate::words::title;
use std::fmt::Write as _;

pub(super) fn draw(confusion: &Confusion) -> String {
    let mut out = String::from("<div class=\"wide\"><table class=\"confusion\">\n<thead><tr><th></th>");
    for name in &confusion.columns {
        let _ = write!(out, "<th scope=\"col\">{}</th>", escape(&title(name)));
    }
    out += "<th scope=\"col\">missed</th></tr></thead>\n<tbody>\n";
    for ((name, counts), &missed) in confusion.rows.iter().zip(&confusion.counts).zip(&confusion.missed) {
        let matched: u64 = counts.iter().sum();
        let _ = write!(out, "<tr><th scope=\"row\">{}</th>", escape(&title(name)));
        for (column, &count) in confusion.columns.iter().zip(counts) {
            cell(&mut out, if column == name { "right" } else { "wrong" }, count, matched);
        }
        let _ = writeln!(out, "<td>{missed}</td></tr>");
    }
    out += "<tr><th scope=\"row\">no focus</th>";
    for &count in &confusion.on_nothing {
        let _ = write!(out, "<td>{count}</td>");
    }
    out + "<td></td></tr>\n</tbody>\n</table></div>\n"
}

fn cell(out: &mut String, class: &str, count: u64, of: u64) {
    let share = (count * 100).checked_div(of).unwrap_or(0);
    let _ = write!(out, "<td class=\"{class}\" style=\"--share:{share}%\">{count}</td>");
}
