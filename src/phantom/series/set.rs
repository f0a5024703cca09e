//! A folder of pairs: `prior/` and `current/`, each a set with its truth, and `series.json` with what became of what.

use super::super::file::{Examination, examination_bytes};
use super::super::set::{SetError, record, write_truth};
use super::super::truth::ImageRecord;
use super::super::{Options, Phantom};
use super::{DepositFate, Motion, generate_series};
use crate::write::atomic;
use rayon::prelude::*;
use serde::Serialize;
use serde_json::json;
use std::path::Path;

/// One pair in `series.json`.
#[derive(Serialize)]
struct Pair {
    file: String,
    motion: Motion,
    deposits: Vec<DepositFate>,
}

/// Writes pairs `0..count` of `seed` into `folder/prior` and `folder/current`, which must exist, and their truth.
/// `done` is called after each pair.
///
/// # Errors
///
/// [`SetError`] when a file cannot be written; files already written stay whole.
pub fn write_series(
    folder: &Path,
    seed: u64,
    count: u64,
    options: &Options,
    done: impl Fn() + Sync,
) -> Result<(), SetError> {
    let (prior, current) = (folder.join("prior"), folder.join("current"));
    let written: Vec<(ImageRecord, ImageRecord, Pair)> = (0..count)
        .into_par_iter()
        .map(|index| {
            let series = generate_series(seed, index, options);
            let file = format!("synthetic-{seed}-{index:06}.dcm");
            let write = |folder: &Path, phantom: &Phantom, examination: Examination| -> Result<ImageRecord, SetError> {
                let bytes = examination_bytes(phantom, seed, index, examination)?;
                atomic::write(&folder.join(&file), &bytes)?;
                Ok(record(phantom, file.clone()))
            };
            let first = write(&prior, &series.prior, Examination::Prior)?;
            let second = write(&current, &series.current, Examination::Current)?;
            done();
            let pair = Pair {
                file,
                motion: series.motion,
                deposits: series.fates,
            };
            Ok((first, second, pair))
        })
        .collect::<Result<_, SetError>>()?;
    let mut pairs = Vec::new();
    let (mut first, mut second) = (Vec::new(), Vec::new());
    for (prior, current, pair) in written {
        first.push(prior);
        second.push(current);
        pairs.push(pair);
    }
    write_truth(&prior, seed, &first)?;
    write_truth(&current, seed, &second)?;
    let truth = json!({ "synthetic": true, "seed": seed, "pairs": pairs });
    atomic::write(
        &folder.join("series.json"),
        serde_json::to_string_pretty(&truth)?.as_bytes(),
    )?;
    Ok(())
}
