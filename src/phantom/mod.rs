//! A seed to a synthetic radiograph with exact truth.
