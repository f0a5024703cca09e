//! The settings file, shared by verbs.

use super::status::{Failure, Status, write_out};
use crate::classify::Model;
use crate::pipeline::{Pipeline, Settings};
use std::path::Path;

/// The default settings with those of `file` in their place.
pub fn effective(file: Option<&Path>) -> Result<Settings, Failure> {
    let Some(path) = file else {
        return Ok(Settings::default());
    };
    let text = std::fs::read_to_string(path)
        .map_err(|error| Failure::could_not_start(format_args!("cannot read {}: {error}", path.display())))?;
    Settings::from_toml(&text)
        .map_err(|error| Failure::could_not_start(format_args!("settings {}: {error}", path.display())))
}

/// The pipeline with `settings` and the model in `file`, else the default one.
pub fn pipeline(settings: Settings, file: Option<&Path>) -> Result<Pipeline, Failure> {
    let Some(path) = file else {
        return Ok(Pipeline::new(settings));
    };
    Ok(Pipeline::with_model(settings, model(path)?))
}

/// The model in a file.
pub fn model(path: &Path) -> Result<Model, Failure> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| Failure::could_not_start(format_args!("cannot read {}: {error}", path.display())))?;
    Model::from_json(&text).map_err(|error| Failure::could_not_start(format_args!("model {}: {error}", path.display())))
}

/// The value of `--min-score`.
pub fn score(text: &str) -> Result<f32, String> {
    let score = text.parse().ok().filter(|score| (0.0..=1.0).contains(score));
    score.ok_or_else(|| "not a score from 0 to 1".to_owned())
}

/// Prints `settings` as TOML.
pub fn print(settings: &Settings) -> Result<Status, Failure> {
    write_out(None, settings.to_toml().as_bytes())?;
    Ok(Status::Done)
}
