//! One focus as a measurement group: Planar ROI Measurements and Qualitative Evaluations, PS3.16 TID 1410.

use super::content::{
    CONTAINS, HAS_CONCEPT_MOD, HAS_OBS_CONTEXT, code, code_with, group, number, region, text, uidref,
};
use super::{DataSet, ObjectError, Source, decimal, measurement, outline};
use crate::dicom::Code;
use crate::dicom::code::{ABNORMAL_STRUCTURE, NO_UNITS, PERCENT};
use crate::write::object::{label_code, laterality_code, morphology_code, plain, site_code, tracking};
use crate::write::{FocusRecord, Record};

/// The group of `focus`.
pub fn measurement_group(record: &Record, source: &Source<'_>, focus: &FocusRecord) -> Result<DataSet, ObjectError> {
    let (identifier, uid) = tracking(source, focus);
    let mut children = vec![
        text(
            HAS_OBS_CONTEXT,
            &Code::dcm("112039", "Tracking Identifier"),
            &identifier,
        ),
        uidref(
            HAS_OBS_CONTEXT,
            &Code::dcm("112040", "Tracking Unique Identifier"),
            &uid,
        ),
        code(
            CONTAINS,
            &Code::sct("276214006", "Finding category"),
            &ABNORMAL_STRUCTURE,
        ),
        code(CONTAINS, &Code::dcm("121071", "Finding"), &label_code(focus.label)),
    ];
    if let Some(site) = site_code(record.body_part_stated.as_deref(), record.body_part) {
        let side = laterality_code(record.laterality)
            .map(|side| code(HAS_CONCEPT_MOD, &Code::sct("272741003", "Laterality"), &side));
        children.push(code_with(
            HAS_CONCEPT_MOD,
            &Code::sct("363698007", "Finding Site"),
            &site,
            side,
        ));
    }
    children.extend(algorithm(source));
    let mask = focus.segmentation.decode().ok_or(ObjectError::Mask(focus.number))?;
    children.push(region(
        CONTAINS,
        &Code::dcm("111030", "Image Region"),
        &outline::closed(&mask),
        source,
    ));
    children.extend(measurement::measurements(focus));
    children.push(number(
        CONTAINS,
        &Code::dcm("111012", "Certainty of Finding"),
        &percent(focus.score),
        &PERCENT,
    ));
    children.push(number(
        CONTAINS,
        &Code::own("LABEL-SCORE", "Score of the name, 0 to 1"),
        &score(focus.label_score),
        &NO_UNITS,
    ));
    if let Some(morphology) = morphology_code(focus.label) {
        children.push(code(
            CONTAINS,
            &Code::sct("116676008", "Associated Morphology"),
            &morphology,
        ));
    }
    if let Some(finding) = record.findings.iter().find(|finding| finding.number == focus.finding)
        && !finding.differential.is_empty()
    {
        children.push(text(
            CONTAINS,
            &Code::dcm("111023", "Differential Diagnosis/Impression"),
            &format!("Looks alike: {}", plain(&finding.differential.join("; "))),
        ));
    }
    children.push(text(CONTAINS, &Code::dcm("121106", "Comment"), &remarks(focus)));
    Ok(group(&Code::dcm("125007", "Measurement Group"), "1410", children))
}

/// Algorithm Identification, TID 4019.
fn algorithm(source: &Source<'_>) -> Vec<DataSet> {
    let provenance = source.provenance;
    let (name, version) = provenance
        .software
        .rsplit_once(' ')
        .unwrap_or((&provenance.software, "unknown"));
    let item = |value, meaning, words: &str| text(HAS_CONCEPT_MOD, &Code::dcm(value, meaning), words);
    vec![
        item("111001", "Algorithm Name", name),
        item("111003", "Algorithm Version", version),
        item(
            "111002",
            "Algorithm Parameters",
            &format!("settings sha256 {}", provenance.settings_digest),
        ),
        item(
            "111002",
            "Algorithm Parameters",
            &format!("classifier {}", provenance.classifier),
        ),
    ]
}

/// Where the focus belongs, what else it could be called, and what a reader should know.
fn remarks(focus: &FocusRecord) -> String {
    let mut words = vec![format!("Finding {}.", focus.finding)];
    if let Some(second) = &focus.runner_up {
        words.push(format!(
            "Next best name: {} ({}).",
            second.label.title(),
            score(second.score)
        ));
    }
    words.extend(focus.notes.iter().map(|note| plain(note)));
    words.join(" ")
}

/// A score as tables show it.
fn score(score: f32) -> String {
    score.to_string()
}

/// A score in percent, without the noise of multiplying binary fractions.
fn percent(score: f32) -> String {
    let exact: f64 = score.to_string().parse().unwrap_or(0.0);
    decimal((exact * 1e8).round() / 1e6)
}

#[cfg(test)]
mod tests {
    use super::percent;

    #[test]
    fn a_percentage_has_the_digits_of_its_score() {
        let cases = [
            (0.0, "0"),
            (0.82, "82"),
            (0.123_456, "12.3456"),
            (1.0, "100"),
            (0.07, "7"),
        ];
        for (score, text) in cases {
            assert_eq!(percent(score), text);
        }
    }
}
