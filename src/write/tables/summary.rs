//! What a run came to, in numbers and in a text for people.

use crate::classify::{Label, Rejection};
use crate::write::{Outcome, Record};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// Counts over all records of a run. Prints itself as a text a person understands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Images searched.
    pub analysed: u64,
    /// Inputs that are not images to be searched.
    pub skipped: u64,
    /// Inputs that could not be analysed.
    pub failed: u64,
    /// Images with at least one focus.
    pub images_with_foci: u64,
    /// Images searched that state no spacing.
    pub images_without_spacing: u64,
    /// Findings.
    pub findings: u64,
    /// Foci by label: number of foci, number of images that show at least one.
    pub labels: BTreeMap<Label, (u64, u64)>,
    /// Rejected candidates by reason.
    pub rejections: BTreeMap<Rejection, u64>,
    /// Skipped inputs by reason; beyond [`Summary::KINDS`] different reasons the rest count as `other reasons`.
    pub skip_reasons: BTreeMap<String, u64>,
    /// Failed inputs by kind.
    pub failure_kinds: BTreeMap<String, u64>,
    /// Images by warning code.
    pub warnings: BTreeMap<String, u64>,
}

impl Summary {
    /// Most different texts counted apart.
    pub const KINDS: usize = 64;

    /// Counts `record`.
    pub fn push(&mut self, record: &Record) {
        match &record.outcome {
            Outcome::Analysed => self.push_analysed(record),
            Outcome::Skipped { reason } => {
                self.skipped += 1;
                count(&mut self.skip_reasons, reason);
            }
            Outcome::Failed(failure) => {
                self.failed += 1;
                count(&mut self.failure_kinds, &failure.kind);
            }
        }
    }

    fn push_analysed(&mut self, record: &Record) {
        self.analysed += 1;
        self.images_with_foci += u64::from(!record.foci.is_empty());
        self.images_without_spacing += u64::from(record.spacing.is_none());
        self.findings += record.findings.len() as u64;
        for label in Label::ALL {
            let foci = record.foci.iter().filter(|focus| focus.label == label).count() as u64;
            if foci > 0 {
                let (all, images) = self.labels.entry(label).or_default();
                *all += foci;
                *images += 1;
            }
        }
        for rejected in &record.rejected {
            *self.rejections.entry(rejected.reason).or_default() += 1;
        }
        let mut codes: Vec<&str> = record.warnings.iter().map(|warning| warning.code.as_str()).collect();
        codes.sort_unstable();
        codes.dedup();
        for code in codes {
            count(&mut self.warnings, code);
        }
    }

    /// Foci of any label.
    pub fn foci(&self) -> u64 {
        self.labels.values().map(|(foci, _)| foci).sum()
    }

    /// Rejected candidates of any reason.
    pub fn rejected(&self) -> u64 {
        self.rejections.values().sum()
    }
}

fn count(counts: &mut BTreeMap<String, u64>, kind: &str) {
    let known = counts.len() < Summary::KINDS || counts.contains_key(kind);
    *counts
        .entry(if known { kind } else { "other reasons" }.to_owned())
        .or_default() += 1;
}

/// `1 image`, `2 images`.
fn counted(number: u64, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// `bone 12, metal 3`, most frequent first, equals by name.
fn listed<'a>(counts: impl Iterator<Item = (&'a str, u64)>) -> String {
    let mut counts: Vec<(&str, u64)> = counts.collect();
    counts.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    let parts: Vec<String> = counts.iter().map(|(kind, number)| format!("{kind} {number}")).collect();
    parts.join(", ")
}

impl fmt::Display for Summary {
    /// Several lines, each ended by a line feed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} analysed, {} skipped, {} failed",
            counted(self.analysed, "image", "images"),
            self.skipped,
            self.failed
        )?;
        for (reason, number) in &self.skip_reasons {
            writeln!(f, "  skipped  {number:>6}  {reason}")?;
        }
        for (kind, number) in &self.failure_kinds {
            writeln!(f, "  failed   {number:>6}  {kind} (see errors.csv)")?;
        }
        if self.analysed == 0 {
            return Ok(());
        }
        writeln!(
            f,
            "{} in {}, in {} of {}",
            counted(self.foci(), "focus", "foci"),
            counted(self.findings, "finding", "findings"),
            self.images_with_foci,
            counted(self.analysed, "image", "images")
        )?;
        for (label, (foci, images)) in &self.labels {
            writeln!(
                f,
                "  {:<20} {foci:>6}  in {}",
                label.title(),
                counted(*images, "image", "images")
            )?;
        }
        if self.rejected() > 0 {
            writeln!(
                f,
                "{} rejected: {}",
                counted(self.rejected(), "candidate", "candidates"),
                listed(self.rejections.iter().map(|(reason, number)| (reason.name(), *number)))
            )?;
        }
        if self.images_without_spacing > 0 {
            writeln!(
                f,
                "{} without spacing: sizes in pixels, no size rule used",
                counted(self.images_without_spacing, "image", "images")
            )?;
        }
        if !self.warnings.is_empty() {
            let codes = self.warnings.iter().map(|(code, number)| (code.as_str(), *number));
            writeln!(f, "Images with warnings: {}", listed(codes))?;
        }
        writeln!(
            f,
            "A label means \"pattern consistent with\", never a diagnosis; a focus not reported is not proof of absence."
        )
    }
}
