//! The walk: one radiograph in, one report out. Only this room knows the order of the stages.

mod settings;

pub use settings::{Settings, SettingsError};

use crate::radiograph::Radiograph;
use crate::report::{Provenance, Report, SceneSummary};

/// The stages with their settings, ready to run on any number of images.
#[derive(Clone, Debug)]
pub struct Pipeline {
    settings: Settings,
    digest: String,
}

impl Pipeline {
    /// A pipeline with `settings`.
    pub fn new(settings: Settings) -> Self {
        let digest = settings.digest();
        Self { settings, digest }
    }

    /// The effective settings.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// SHA-256 of the effective settings, lower-case hex.
    pub fn settings_digest(&self) -> &str {
        &self.digest
    }

    /// Everything found in `radiograph`. Same pixels, spacing, place and settings: same report.
    pub fn run(&self, radiograph: &Radiograph) -> Report {
        Report {
            shape: radiograph.shape(),
            spacing: radiograph.spacing(),
            place: radiograph.place().clone(),
            scene: SceneSummary::default(),
            findings: Vec::new(),
            foci: Vec::new(),
            rejected: Vec::new(),
            warnings: radiograph.warnings().to_vec(),
            provenance: Provenance {
                software: concat!("calxray ", env!("CARGO_PKG_VERSION")).to_owned(),
                settings_digest: self.digest.clone(),
                classifier: String::new(),
            },
        }
    }
}
