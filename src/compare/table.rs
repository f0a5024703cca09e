//! Comparisons as files: JSON, two tables, a drawing of the burden.

use super::{Burden, Change, Comparison};
use crate::radiograph::{BodyPart, Laterality};
use crate::write::number::rounded;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt::Write;

/// An image that was compared. No attribute of it names a patient.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ImageName {
    /// Path below what was given, with `/`.
    pub path: String,
    /// Short name from the image's bytes, as in the tables of a scan.
    pub image: String,
    /// SOP Instance UID (0008,0018).
    pub sop_instance_uid: Option<String>,
}

/// Two images with what became of the deposits in them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Pair {
    /// The earlier image.
    pub prior: ImageName,
    /// The later one.
    pub current: ImageName,
    /// Region as the headers state it.
    pub body_part: BodyPart,
    /// Side.
    pub laterality: Laterality,
    /// View.
    pub view: Option<String>,
    /// Days between the examinations, if both headers tell.
    pub interval_days: Option<i64>,
    /// What became of what.
    pub comparison: Comparison,
}

/// An image without a partner, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Left {
    /// `prior` or `current`.
    pub of: String,
    /// Path below what was given, with `/`.
    pub path: String,
    /// Why.
    pub reason: String,
}

/// Everything one call compared.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Comparisons {
    /// `calxray` and its version.
    pub software: String,
    /// SHA-256 of the effective settings and the model.
    pub settings_digest: String,
    /// Pairs, in the order of the prior images' paths.
    pub pairs: Vec<Pair>,
    /// Images that are in no pair.
    pub left: Vec<Left>,
}

impl Comparisons {
    /// As JSON, indented, numbers to six digits.
    ///
    /// # Panics
    ///
    /// Never: every field has a JSON form.
    pub fn to_json(&self) -> String {
        let mut value = serde_json::to_value(self).expect("plain data has a JSON form");
        shorten(&mut value);
        serde_json::to_string_pretty(&value).expect("a value has a JSON form") + "\n"
    }

    /// One row per deposit and pair.
    ///
    /// # Errors
    ///
    /// If a row cannot be written to memory.
    pub fn changes_csv(&self) -> Result<Vec<u8>, csv::Error> {
        let mut table = csv::Writer::from_writer(Vec::new());
        let own = [
            "deposit",
            "event",
            "certain",
            "label",
            "region",
            "change",
            "change_uncertainty",
            "prior_found",
            "current_found",
            "prior_foci",
            "current_foci",
            "prior_count",
            "current_count",
            "prior_area_mm2",
            "prior_area_uncertainty_mm2",
            "current_area_mm2",
            "current_area_uncertainty_mm2",
            "prior_long_axis_mm",
            "current_long_axis_mm",
            "prior_row_px",
            "prior_column_px",
            "current_row_px",
            "current_column_px",
        ];
        table.write_record(PAIR.iter().chain(&own))?;
        for pair in &self.pairs {
            for change in &pair.comparison.changes {
                let mut row = pair.cells();
                row.extend(change.cells());
                table.write_record(row)?;
            }
        }
        finished(table)
    }

    /// One row per pair and part of the picture: what all deposits amount to, before and now.
    ///
    /// # Errors
    ///
    /// If a row cannot be written to memory.
    pub fn burden_csv(&self) -> Result<Vec<u8>, csv::Error> {
        let mut table = csv::Writer::from_writer(Vec::new());
        let own = [
            "comparable",
            "reason",
            "region",
            "prior_count",
            "current_count",
            "prior_area_mm2",
            "prior_uncertainty_mm2",
            "current_area_mm2",
            "current_uncertainty_mm2",
            "change",
            "change_uncertainty",
        ];
        table.write_record(PAIR.iter().chain(&own))?;
        for pair in &self.pairs {
            let comparison = &pair.comparison;
            if let Some(refusal) = comparison.refusal {
                let mut row = pair.cells();
                row.extend(["no".to_owned(), refusal.to_string()]);
                row.resize(19, String::new());
                table.write_record(row)?;
            }
            for burden in &comparison.burden {
                let mut row = pair.cells();
                row.extend(["yes".to_owned(), String::new(), burden.region.clone()]);
                row.extend([burden.prior_count.to_string(), burden.current_count.to_string()]);
                row.extend(
                    [
                        burden.prior_area_mm2,
                        burden.prior_uncertainty_mm2,
                        burden.current_area_mm2,
                        burden.current_uncertainty_mm2,
                        burden.change,
                        burden.change_uncertainty,
                    ]
                    .map(number),
                );
                table.write_record(row)?;
            }
        }
        finished(table)
    }

    /// A drawing of every pair's burden before and now, by part of the picture.
    pub fn burden_svg(&self) -> String {
        let rows: Vec<(String, &Burden)> = self
            .pairs
            .iter()
            .flat_map(|pair| {
                let name = pair.title();
                pair.comparison
                    .burden
                    .iter()
                    .map(move |burden| (format!("{name}, {}", burden.region), burden))
            })
            .filter(|(_, burden)| burden.prior_area_mm2.is_some())
            .collect();
        let area = |area: Option<f64>| area.unwrap_or(0.0);
        let most = rows
            .iter()
            .flat_map(|(_, burden)| {
                [
                    area(burden.prior_area_mm2) + area(burden.prior_uncertainty_mm2),
                    area(burden.current_area_mm2) + area(burden.current_uncertainty_mm2),
                ]
            })
            .fold(1.0, f64::max);
        const NAME: f64 = 330.0;
        const WIDE: f64 = 420.0;
        const HIGH: f64 = 34.0;
        const TOP: f64 = 52.0;
        let height = TOP + HIGH * rows.len() as f64 + 12.0;
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"900\" height=\"{height}\" viewBox=\"0 0 900 {height}\" \
             font-family=\"sans-serif\" font-size=\"12\" role=\"img\"><title>Area of deposits before and now</title>\
             <rect width=\"900\" height=\"{height}\" fill=\"#fff\"/>\
             <text x=\"12\" y=\"22\" font-size=\"15\">Area of deposits, mm² ± one standard deviation</text>\
             <rect x=\"{NAME}\" y=\"32\" width=\"11\" height=\"11\" fill=\"#9aa5b1\"/><text x=\"{}\" y=\"42\">before</text>\
             <rect x=\"{}\" y=\"32\" width=\"11\" height=\"11\" fill=\"#d55e00\"/><text x=\"{}\" y=\"42\">now</text>",
            NAME + 16.0,
            NAME + 76.0,
            NAME + 92.0,
        );
        for (nth, (name, burden)) in rows.iter().enumerate() {
            let y = TOP + HIGH * nth as f64;
            let _ = write!(svg, "<text x=\"12\" y=\"{}\">{}</text>", y + 16.0, escaped(name));
            let bars = [
                (burden.prior_area_mm2, burden.prior_uncertainty_mm2, "#9aa5b1"),
                (burden.current_area_mm2, burden.current_uncertainty_mm2, "#d55e00"),
            ];
            for (value, uncertainty, colour) in bars {
                let (value, uncertainty) = (area(value), area(uncertainty));
                let at = |value: f64| NAME + WIDE * value / most;
                let y = y + if colour == "#d55e00" { 14.0 } else { 2.0 };
                let _ = write!(
                    svg,
                    "<rect x=\"{NAME}\" y=\"{y}\" width=\"{:.1}\" height=\"10\" fill=\"{colour}\"/>\
                     <path d=\"M{:.1} {} H{:.1}\" stroke=\"#222\"/>",
                    at(value) - NAME,
                    at((value - uncertainty).max(0.0)),
                    y + 5.0,
                    at(value + uncertainty),
                );
            }
            let change = burden.change.map_or_else(
                || "".to_owned(),
                |change| {
                    format!(
                        "{:+.0} ± {:.0} %",
                        100.0 * change,
                        100.0 * area(burden.change_uncertainty)
                    )
                },
            );
            let _ = write!(
                svg,
                "<text x=\"{}\" y=\"{}\">{change}</text>",
                NAME + WIDE + 30.0,
                y + 17.0
            );
        }
        svg + "</svg>\n"
    }
}

/// Names of the columns that say which pair it is.
const PAIR: [&str; 8] = [
    "prior_image",
    "current_image",
    "prior_path",
    "current_path",
    "body_part",
    "laterality",
    "view",
    "interval_days",
];

impl Pair {
    /// The values of [`PAIR`].
    fn cells(&self) -> Vec<String> {
        let word = |value: serde_json::Result<serde_json::Value>| match value {
            Ok(serde_json::Value::String(text)) => text,
            _ => String::new(),
        };
        vec![
            self.prior.image.clone(),
            self.current.image.clone(),
            self.prior.path.clone(),
            self.current.path.clone(),
            word(serde_json::to_value(self.body_part)),
            word(serde_json::to_value(self.laterality)),
            self.view.clone().unwrap_or_default(),
            self.interval_days.map(|days| days.to_string()).unwrap_or_default(),
        ]
    }

    /// Part, side, time and short name, for people.
    fn title(&self) -> String {
        let cells = self.cells();
        let mut title = cells[4].replace('_', " ");
        if matches!(self.laterality, Laterality::Left | Laterality::Right) {
            title = format!("{} {title}", cells[5]);
        }
        if let Some(days) = self.interval_days {
            let _ = write!(title, ", {days} days");
        }
        title + ", " + &self.prior.image[..self.prior.image.len().min(6)]
    }
}

impl Change {
    fn cells(&self) -> Vec<String> {
        let word = |value: serde_json::Result<serde_json::Value>| match value {
            Ok(serde_json::Value::String(text)) => text,
            _ => String::new(),
        };
        let foci = |foci: &[u32]| foci.iter().map(u32::to_string).collect::<Vec<_>>().join(" ");
        let mut cells = vec![
            self.number.to_string(),
            self.event.name().to_owned(),
            if self.certain { "yes" } else { "no" }.to_owned(),
            self.label.name().to_owned(),
            self.region.clone(),
            number(self.change),
            number(self.change_uncertainty),
            word(serde_json::to_value(self.prior.found)),
            word(serde_json::to_value(self.current.found)),
            foci(&self.prior.foci),
            foci(&self.current.foci),
            self.prior.count.to_string(),
            self.current.count.to_string(),
        ];
        cells.extend(
            [
                self.prior.area_mm2,
                self.prior.area_uncertainty_mm2,
                self.current.area_mm2,
                self.current.area_uncertainty_mm2,
                self.prior.long_axis_mm,
                self.current.long_axis_mm,
                Some(self.prior.centroid[0]),
                Some(self.prior.centroid[1]),
                Some(self.current.centroid[0]),
                Some(self.current.centroid[1]),
            ]
            .map(number),
        );
        cells
    }
}

fn finished(table: csv::Writer<Vec<u8>>) -> Result<Vec<u8>, csv::Error> {
    table.into_inner().map_err(|error| error.into_error().into())
}

fn number(value: Option<f64>) -> String {
    value
        .and_then(rounded)
        .map(|value| value.to_string())
        .unwrap_or_default()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Numbers to six digits, so that bytes do not hang on the last bits.
fn shorten(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::Number(own) => {
            if let Some(short) = own.as_f64().filter(|_| own.is_f64()).and_then(rounded)
                && let Some(short) = serde_json::Number::from_f64(short)
            {
                *own = short;
            }
        }
        serde_json::Value::Array(all) => all.iter_mut().for_each(shorten),
        serde_json::Value::Object(all) => all.values_mut().for_each(shorten),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Comparison, Refusal};
    use super::{Comparisons, ImageName, Pair};
    use crate::radiograph::{BodyPart, Laterality};

    #[test]
    fn a_refused_pair_has_a_row_that_says_why() {
        let image = |path: &str| ImageName {
            path: path.to_owned(),
            image: "0123456789abcdef".to_owned(),
            sop_instance_uid: None,
        };
        let all = Comparisons {
            software: "calxray".to_owned(),
            settings_digest: String::new(),
            pairs: vec![Pair {
                prior: image("a.dcm"),
                current: image("b,c.dcm"),
                body_part: BodyPart::Hand,
                laterality: Laterality::Left,
                view: None,
                interval_days: Some(-3),
                comparison: Comparison::refused(Refusal::BodyPart, 0.25),
            }],
            left: Vec::new(),
        };
        let table = String::from_utf8(all.burden_csv().unwrap()).unwrap();
        let row = table.lines().nth(1).unwrap();
        assert!(
            row.contains("\"b,c.dcm\",hand,left,,-3,no,they show different parts of the body"),
            "{row}"
        );
        assert_eq!(
            String::from_utf8(all.changes_csv().unwrap()).unwrap().lines().count(),
            1
        );
        let back: Comparisons = serde_json::from_str(&all.to_json()).unwrap();
        assert_eq!(back, all);
    }
}
