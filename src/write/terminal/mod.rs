//! One report as text for a terminal: what was read, the scene, each focus with its evidence, what was rejected.

mod page;

use crate::classify::{Evidence, Rejection};
use crate::finding::{Finding, Focus, Rejected};
use crate::measure::Feature;
use crate::radiograph::{SpacingPlane, SpacingSource};
use crate::report::{Report, SceneSummary};
use page::{Page, Tone};

/// What was read from the file, in words. Whoever reads the file fills it; patient attributes have no place here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HeaderFacts {
    /// First line, such as the file's name.
    pub title: String,
    /// `(what, value)` in the order to show, such as `("Polarity", "MONOCHROME1, turned")`.
    pub facts: Vec<(String, String)>,
}

/// The text of `report`, for a fixed-width font, with ANSI colours if `colour`. Ends with a line feed.
///
/// Control characters in texts from the file are replaced, so that no header can drive the terminal.
pub fn render(report: &Report, facts: &HeaderFacts, colour: bool) -> String {
    let mut page = Page::new(colour);
    read(&mut page, report, facts);
    scene(&mut page, &report.scene);
    findings(&mut page, &report.findings);
    for focus in &report.foci {
        self::focus(&mut page, focus, report.spacing.is_some());
    }
    rejected(&mut page, &report.rejected);
    if !report.warnings.is_empty() {
        page.heading("Warnings");
        for warning in &report.warnings {
            page.pair(&warning.code, &warning.message);
        }
    }
    page.heading("Provenance");
    page.pair("Software", &report.provenance.software);
    page.pair("Classifier", &report.provenance.classifier);
    page.pair("Settings", &report.provenance.settings_digest);
    page.blank();
    page.line(
        Tone::Faint,
        "Research software. A label means \"pattern consistent with\", never a diagnosis;\n\
         a focus not reported is not proof of absence.",
    );
    page.text()
}

fn read(page: &mut Page, report: &Report, facts: &HeaderFacts) {
    page.line(Tone::Strong, &facts.title);
    for (what, value) in &facts.facts {
        page.pair(what, value);
    }
    let (rows, columns) = report.shape;
    page.pair("Image", &format!("{rows} rows x {columns} columns"));
    let spacing = match report.spacing {
        Some(spacing) => format!(
            "{} x {} mm between rows x columns, {}, from {}",
            short(spacing.between_rows.get()),
            short(spacing.between_columns.get()),
            plane(spacing.plane),
            source(spacing.source)
        ),
        None => "not stated: sizes in pixels, no size rule used".to_owned(),
    };
    page.pair("Spacing", &spacing);
    let place = &report.place;
    let mut parts = vec![words(place.body_part)];
    parts.extend(
        place
            .body_part_stated
            .as_ref()
            .map(|stated| format!("stated as {stated}")),
    );
    parts.push(format!("side {}", words(place.laterality)));
    parts.extend(place.view.as_ref().map(|view| format!("view {view}")));
    page.pair("Body part", &parts.join(", "));
}

fn scene(page: &mut Page, scene: &SceneSummary) {
    page.heading("Scene");
    let percent = |share: f64| format!("{:.0} %", 100.0 * share);
    page.pair(
        "Exposed field",
        &format!("{} of the image", percent(scene.field_fraction)),
    );
    page.pair("Body", &format!("{} of the field", percent(scene.body_fraction)));
    page.pair(
        "Bone",
        &format!(
            "{} of the body; foci there are not evaluated",
            percent(scene.bone_fraction)
        ),
    );
    page.pair("Metal", &format!("{} of the field", percent(scene.metal_fraction)));
    page.pair("Markers and text", &scene.markers.to_string());
    let axis = scene.limb_axis_deg.map_or("no limb seen".to_owned(), |axis| {
        format!("{axis:.0}° to the rows' direction of travel")
    });
    page.pair("Limb axis", &axis);
}

fn findings(page: &mut Page, findings: &[Finding]) {
    page.heading(&format!("Findings ({})", findings.len()));
    if findings.is_empty() {
        page.line(Tone::Plain, "  none");
    }
    for finding in findings {
        let foci = match finding.foci.len() {
            1 => format!("focus {}", finding.foci[0]),
            number => format!("{number} foci: {}", numbers(&finding.foci)),
        };
        let mut what = format!("{}, {}", finding.label.title(), words(finding.pattern));
        if let Some(extent) = finding.extent_mm.filter(|_| finding.foci.len() > 1) {
            what += &format!(" over {} mm", short(extent));
        }
        page.score(finding.number, &what, finding.score);
        page.wrapped(6, &finding.statement);
        page.wrapped(6, &foci);
        if !finding.differential.is_empty() {
            page.wrapped(6, &format!("also possible: {}", finding.differential.join(", ")));
        }
    }
}

/// `1-4, 7, 9-12`.
fn numbers(foci: &[u32]) -> String {
    let mut spans: Vec<(u32, u32)> = Vec::new();
    for &number in foci {
        match spans.last_mut() {
            Some((_, last)) if *last + 1 == number => *last = number,
            _ => spans.push((number, number)),
        }
    }
    let span = |&(first, last): &(u32, u32)| match last - first {
        0 => first.to_string(),
        1 => format!("{first}, {last}"),
        _ => format!("{first}-{last}"),
    };
    spans.iter().map(span).collect::<Vec<_>>().join(", ")
}

fn focus(page: &mut Page, focus: &Focus, has_spacing: bool) {
    let (assessment, features) = (&focus.assessment, &focus.candidate.features);
    page.heading(&format!("Focus {}, of finding {}", focus.number, focus.finding));
    page.bar("is a focus", focus.score);
    page.bar(assessment.label.title(), assessment.label_score);
    if let Some((label, score)) = assessment.runner_up {
        page.bar(&format!("next: {}", label.title()), score);
    }
    let [row, column] = focus.candidate.centroid;
    page.pair("Centre", &format!("row {row:.0}, column {column:.0}"));
    let shown = if has_spacing {
        [
            Feature::MajorAxisMm,
            Feature::MinorAxisMm,
            Feature::AreaMm2,
            Feature::ContrastToNoise,
        ]
    } else {
        [
            Feature::MajorAxisPx,
            Feature::MinorAxisPx,
            Feature::AreaPx,
            Feature::ContrastToNoise,
        ]
    };
    let measured: Vec<String> = shown
        .into_iter()
        .filter_map(|feature| {
            Some(format!(
                "{} {}",
                plain_name(feature),
                with_unit(feature, features.get(feature)?)
            ))
        })
        .collect();
    if !measured.is_empty() {
        page.pair("Measured", &measured.join(", "));
    }
    let mut about: Vec<&str> = Vec::new();
    for item in &assessment.evidence {
        if !about.contains(&item.about.as_str()) {
            about.push(&item.about);
        }
    }
    for about in about {
        page.line(Tone::Plain, &format!("  {}", about.replace('_', " ")));
        evidence(page, assessment.evidence.iter().filter(|item| item.about == about));
    }
    for note in &assessment.notes {
        page.wrapped(2, &format!("note: {note}"));
    }
}

/// Rows of `verdict, support x weight, criterion, value`, strongest first.
fn evidence<'a>(page: &mut Page, items: impl Iterator<Item = &'a Evidence>) {
    let mut items: Vec<&Evidence> = items.collect();
    items.sort_by(|a, b| (b.support * b.weight).abs().total_cmp(&(a.support * a.weight).abs()));
    for item in items {
        let (tone, verdict) = match item.support {
            _ if item.value.is_none() && item.feature.is_some() => (Tone::Faint, "unknown"),
            support if support > 0.0 => (Tone::For, "for"),
            support if support < 0.0 => (Tone::Against, "against"),
            _ => (Tone::Faint, "neutral"),
        };
        let value = match (item.feature, item.value) {
            (Some(feature), Some(value)) => format!("is {}", with_unit(feature, value)),
            (Some(_), None) => "could not be measured".to_owned(),
            (None, Some(value)) => format!("is {}", short(value)),
            (None, None) => String::new(),
        };
        let weighed = if verdict == "unknown" {
            String::new()
        } else {
            format!("{:+.2} x {}", item.support, short(f64::from(item.weight)))
        };
        page.evidence(tone, verdict, &weighed, &item.criterion, &value);
    }
}

fn rejected(page: &mut Page, rejected: &[Rejected]) {
    page.heading(&format!("Rejected candidates ({})", rejected.len()));
    if rejected.is_empty() {
        page.line(Tone::Plain, "  none");
    }
    for reason in Rejection::ALL {
        let mut of_reason: Vec<&Rejected> = rejected.iter().filter(|one| one.reason == reason).collect();
        if of_reason.is_empty() {
            continue;
        }
        page.pair(&words(reason), &of_reason.len().to_string());
        // Stable, so that equals stay in raster order.
        of_reason.sort_by_key(|one| std::cmp::Reverse(one.candidate.region.area()));
        for one in of_reason.iter().take(LARGEST) {
            let [row, column] = one.candidate.centroid;
            let strongest = one
                .evidence
                .iter()
                .max_by(|a, b| (a.support * a.weight).total_cmp(&(b.support * b.weight)));
            let because = match strongest {
                Some(Evidence {
                    feature: Some(feature),
                    value: Some(value),
                    criterion,
                    ..
                }) => format!(": {criterion}, is {}", with_unit(*feature, *value)),
                Some(item) => format!(": {}", item.criterion),
                None => String::new(),
            };
            let at = format!("row {row:.0}, column {column:.0}, {} px", one.candidate.region.area());
            page.line(Tone::Faint, &format!("    {at}{because}"));
        }
        if of_reason.len() > LARGEST {
            page.line(Tone::Faint, &format!("    and {} smaller", of_reason.len() - LARGEST));
        }
    }
}

/// Rejected candidates shown one by one for each reason.
const LARGEST: usize = 3;

/// The machine name of a value of a closed set, with blanks.
fn words(value: impl serde::Serialize) -> String {
    super::tables::name(value).replace('_', " ")
}

/// The feature's name without its unit, with blanks.
fn plain_name(feature: Feature) -> String {
    let name = feature.name();
    let bare = ["_px", "_mm2", "_mm", "_deg"]
        .iter()
        .find_map(|unit| name.strip_suffix(unit));
    bare.unwrap_or(name).replace('_', " ")
}

fn with_unit(feature: Feature, value: f64) -> String {
    let unit = match feature.definition().unit {
        "1" => "",
        "[px]" => " px",
        "deg" => "°",
        "mm2" => " mm²",
        other => return format!("{} {other}", short(value)),
    };
    format!("{}{unit}", short(value))
}

/// Three significant digits, whole numbers in full.
pub(super) fn short(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return "0".to_owned();
    }
    let digits = (2 - value.abs().log10().floor() as i32).clamp(0, 6) as usize;
    let text = format!("{value:.digits$}");
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

pub(super) fn plane(plane: SpacingPlane) -> &'static str {
    match plane {
        SpacingPlane::Patient => "in the patient",
        SpacingPlane::Detector => "on the detector, where things look magnified",
        SpacingPlane::Unknown => "plane not stated",
    }
}

pub(super) fn source(source: SpacingSource) -> &'static str {
    match source {
        SpacingSource::PixelSpacing => "Pixel Spacing (0028,0030)",
        SpacingSource::ImagerPixelSpacing => "Imager Pixel Spacing (0018,1164)",
        SpacingSource::NominalScannedPixelSpacing => "Nominal Scanned Pixel Spacing (0018,2010)",
        SpacingSource::User => "the user",
        SpacingSource::Phantom => "the phantom's geometry",
    }
}

#[cfg(test)]
mod tests;
