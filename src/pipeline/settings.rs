//! One validated set of settings for the whole walk, serialised into every report as a digest.

use crate::classify::Rules;
use crate::enhance::EnhanceSettings;
use crate::finding::Grouping;
use crate::measure::Refinement;
use crate::scene::SceneSettings;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Everything that changes a result. Stages read their own part; a settings file may give any subset.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Least score of a focus, `0.0..=1.0`; candidates below it are rejected as `low_score`. Default 0.4; 0 keeps all.
    pub least_score: f32,
    /// Who judges candidates. Default the trained model within the bounds of the rules.
    pub classifier: Judge,
    /// How the surroundings are read.
    pub scene: SceneSettings,
    /// How foci are made to stand out.
    pub enhance: EnhanceSettings,
    /// How candidates are taken from what stands out.
    pub propose: ProposeSettings,
    /// How a rough region is drawn again at native resolution.
    pub refine: Refinement,
    /// How foci are named and what is no focus.
    pub rules: Rules,
    /// How foci become findings.
    pub grouping: Grouping,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            least_score: 0.4,
            classifier: Judge::Model,
            scene: SceneSettings::default(),
            enhance: EnhanceSettings::default(),
            propose: ProposeSettings::default(),
            refine: Refinement::default(),
            rules: Rules::default(),
            grouping: Grouping::default(),
        }
    }
}

/// Who judges candidates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Judge {
    /// The trained model scores and names; the rules refuse, ban and state the evidence.
    Model,
    /// The rules alone.
    Rules,
}

/// The ladder of thresholds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ProposeSettings {
    /// Lowest level, in units of local noise.
    pub lowest_level: f32,
    /// Number of levels, each twice the last.
    pub levels: u32,
    /// A component must hold a response of this many times its level.
    pub hysteresis: f32,
    /// Smallest component in pixels of the grid.
    pub least_area_px: u64,
    /// Longest component in diameters of the structuring element.
    pub longest_diameters: f64,
    /// Widest component in diameters of the structuring element.
    pub widest_diameters: f64,
    /// Smallest share of its moment ellipse that a component fills.
    pub least_ellipse_fill: f64,
    /// Share of sectors across which the picture must fall.
    pub closure: f64,
    /// How far it must fall there, as a share of the height.
    pub closure_fall: f32,
    /// Smallest height over the surroundings, as a share of the range of pixel values in the body.
    pub least_height: f32,
    /// Finest scales at which objects that respond in parts are looked for.
    pub enclosed_scales: usize,
    /// Levels of the parts of an object that responds in parts only, rising.
    pub enclosed_levels: Vec<f32>,
    /// Gaps that are closed between such parts, in mm, rising.
    pub enclosed_gaps_mm: Vec<f64>,
    /// Longest such object, in mm.
    pub enclosed_longest_mm: f64,
    /// Narrowest such object, in mm.
    pub enclosed_narrowest_mm: f64,
    /// Share of sectors across which the picture must fall around such an object.
    pub enclosed_closure: f64,
    /// Response from which the tip of a branch that is never closed is kept as a candidate.
    pub report_level: f32,
}

impl Default for ProposeSettings {
    fn default() -> Self {
        Self {
            lowest_level: 4.0,
            levels: 8,
            hysteresis: 1.5,
            least_area_px: 5,
            longest_diameters: 2.5,
            widest_diameters: 1.1,
            least_ellipse_fill: 0.6,
            closure: 0.8,
            closure_fall: 0.6,
            least_height: 0.003,
            enclosed_scales: 3,
            enclosed_levels: vec![4.0, 8.0, 16.0],
            enclosed_gaps_mm: vec![1.5, 4.0, 8.0],
            enclosed_longest_mm: 110.0,
            enclosed_narrowest_mm: 4.0,
            enclosed_closure: 0.6,
            report_level: 24.0,
        }
    }
}

/// A settings file that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// Not TOML, an unknown key, or a value of the wrong kind.
    #[error("{0}")]
    Form(#[from] toml::de::Error),
    /// A number out of its range.
    #[error("{0}")]
    Range(String),
}

impl Settings {
    /// The default settings with those that `text` gives in their place: tables are merged key by key, anything else,
    /// lists included, is replaced whole.
    ///
    /// # Errors
    ///
    /// [`SettingsError`] when `text` is not TOML, has an unknown key, a value of the wrong kind, or one out of range.
    pub fn from_toml(text: &str) -> Result<Self, SettingsError> {
        let given: toml::Table = toml::from_str(text)?;
        let mut merged: toml::Table = toml::from_str(&Self::default().to_toml())?;
        merge(&mut merged, given);
        let settings: Self = merged.try_into()?;
        settings.check().map_err(SettingsError::Range)?;
        Ok(settings)
    }

    /// What is wrong with the numbers, if anything.
    ///
    /// # Errors
    ///
    /// Names the first value out of its range.
    pub fn check(&self) -> Result<(), String> {
        if !(0.0..=1.0).contains(&self.least_score) {
            return Err(format!("least_score is {}, expected 0 to 1", self.least_score));
        }
        self.rules.check()?;
        self.grouping.check()
    }

    /// The settings as canonical TOML, every value present.
    ///
    /// # Panics
    ///
    /// Never: every field has a TOML form.
    pub fn to_toml(&self) -> String {
        toml::to_string(self).expect("settings have a TOML form")
    }

    /// SHA-256 of [`Settings::to_toml`], lower-case hex.
    pub fn digest(&self) -> String {
        self.digest_with("")
    }

    /// SHA-256 of [`Settings::to_toml`] followed by the text of a model, lower-case hex.
    pub fn digest_with(&self, model: &str) -> String {
        let digest = Sha256::new()
            .chain_update(self.to_toml())
            .chain_update(model)
            .finalize();
        digest.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

fn merge(into: &mut toml::Table, given: toml::Table) {
    for (key, value) in given {
        match (into.get_mut(&key), value) {
            (Some(toml::Value::Table(inner)), toml::Value::Table(value)) => merge(inner, value),
            (_, value) => {
                into.insert(key, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Settings, SettingsError};

    #[test]
    fn settings_survive_their_canonical_toml() {
        let settings = Settings::default();
        let again = Settings::from_toml(&settings.to_toml()).unwrap();
        assert_eq!(again, settings);
        assert_eq!(again.digest(), settings.digest());
    }

    #[test]
    fn a_file_may_give_a_subset() {
        let settings = Settings::from_toml("[rules]\nsure = 0.8\n[rules.labels.phlebolith]\nelsewhere = -1.0").unwrap();
        let default = Settings::default();
        assert_eq!(settings.rules.sure, 0.8);
        assert_eq!(settings.rules.margin, default.rules.margin);
        let phlebolith = &settings.rules.labels[&crate::classify::Label::Phlebolith];
        assert_eq!(phlebolith.elsewhere, -1.0);
        assert!(!phlebolith.criteria.is_empty());
        assert_ne!(settings.digest(), default.digest());
    }

    #[test]
    fn unknown_keys_and_impossible_numbers_are_refused() {
        assert!(matches!(
            Settings::from_toml("[rules]\nshure = 0.8"),
            Err(SettingsError::Form(_))
        ));
        assert!(matches!(
            Settings::from_toml("[rules]\nsure = 8.0"),
            Err(SettingsError::Range(_))
        ));
        assert!(matches!(
            Settings::from_toml("[grouping]\nmass_gap_mm = -1.0"),
            Err(SettingsError::Range(_))
        ));
    }
}
