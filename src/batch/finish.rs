//! The end of a run: tables in one fixed order, and a journal that the next run builds on.

use super::JOURNAL;
use super::earlier::Done;
use super::error::BatchError;
use super::formats::Format;
use super::journal::{EndHead, InputHead};
use super::output::OVERLAYS;
use super::run::Ended;
use super::work::{Run, lock};
use crate::write::{AtomicFile, Summary, Tables, WriteError};
use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::io;
use std::sync::atomic::Ordering;

impl Run<'_> {
    /// Writes tables of what is done; after a whole run also a journal in order, so that nothing tells how it went.
    pub fn finish(self, stopped: bool, resumed: u64, fingerprint: String) -> Result<Ended, BatchError> {
        if let Some(error) = lock(&self.fatal).take() {
            return Err(error);
        }
        let done = std::mem::take(&mut *lock(&self.done));
        let mut tables = Tables::create(&self.output.folder, self.job.formats.selection())?;
        for entry in done.values() {
            for record in self.records(entry)? {
                tables.push(&record)?;
            }
        }
        let summary = tables.finish()?;
        let unnamed = self.bench.unnamed.load(Ordering::Relaxed);
        if unnamed > 0 {
            self.observer.remark(&format!(
                "DICOM objects cannot be made of {unnamed} of the images: these have no study, series and instance UIDs"
            ));
        }
        if stopped {
            self.pause().map_err(|source| BatchError::Output {
                path: self.output.folder.join(JOURNAL),
                source,
            })?;
        } else {
            self.close(&done, fingerprint, &summary)?;
        }
        Ok(Ended {
            summary,
            resumed,
            stopped,
        })
    }

    /// Leaves a journal that the next run goes on with.
    fn pause(&self) -> io::Result<()> {
        for archive in std::mem::take(&mut *lock(&self.archives)).into_values() {
            self.output.journal.archive(archive)?;
        }
        self.output.journal.sync()
    }

    fn close(&self, done: &Done, inputs: String, summary: &Summary) -> Result<(), BatchError> {
        let drawn = self.job.formats.has(Format::Overlay);
        let heads = || done.values().map(|entry| &entry.head);
        let mut kept: BTreeMap<&str, HashSet<&str>> = BTreeMap::new();
        if drawn {
            let overlays = heads().flat_map(|head| head.overlays.iter().map(String::as_str));
            kept.insert(OVERLAYS, overlays.collect());
        }
        for folder in self.job.formats.folders() {
            let names = heads().filter_map(|head| head.files.get(folder.name)).flatten();
            kept.insert(folder.name, names.map(String::as_str).collect());
        }
        self.output.prune(&self.job.formats, &kept)?;
        let size = |name: &str| fs::metadata(self.output.folder.join(name)).map_or(0, |metadata| metadata.len());
        let end = EndHead {
            inputs,
            files: self
                .job
                .formats
                .tables()
                .map(|name| (name.to_owned(), size(name)))
                .collect(),
            summary: summary.clone(),
        };
        // Archives this run did not have to open are known from before.
        let mut archives = lock(&self.archives).clone();
        for (shown, archive) in &self.earlier.contents.archives {
            let current = archive.members.iter().any(|member| done.contains_key(member));
            if current && !archives.contains_key(shown) {
                archives.insert(shown.clone(), archive.clone());
            }
        }
        let folders: Vec<&str> = self.job.formats.folders().iter().map(|folder| folder.name).collect();
        let trim = |head: &mut InputHead| {
            if !drawn {
                head.overlays.clear();
            }
            head.files.retain(|folder, _| folders.contains(&folder.as_str()));
        };
        let path = self.output.folder.join(JOURNAL);
        let failed = |source| WriteError::new(&path, source);
        let mut file = AtomicFile::create(&path)?;
        self.output
            .journal
            .compact(self.identity, done.values(), &archives, &end, &trim, &mut file)
            .map_err(failed)?;
        Ok(file.commit()?)
    }
}
