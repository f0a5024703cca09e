//! What earlier runs left that this one need not do again.

use super::formats::{Format, Formats};
use super::journal::{Contents, Entry, Identity, Kind};
use super::output::{OVERLAYS, Output};
use super::shard::Shard;
use super::stamp::{self, Stamp};
use super::walk::FoundFile;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

/// What earlier runs left that still holds.
#[derive(Debug)]
pub struct Earlier<'a> {
    pub contents: &'a Contents,
    identity: &'a Identity,
    /// `None` when no overlays are asked for.
    overlays: Option<HashSet<String>>,
    /// Further folders asked for, with the names that are there.
    files: Vec<(&'static str, HashSet<String>)>,
}

impl<'a> Earlier<'a> {
    pub fn new(output: &'a Output, identity: &'a Identity, formats: &Formats) -> Self {
        Self {
            contents: &output.contents,
            identity,
            overlays: formats.has(Format::Overlay).then(|| output.present(OVERLAYS)),
            files: formats
                .folders()
                .into_iter()
                .map(|folder| (folder.name, output.present(folder.name)))
                .collect(),
        }
    }

    /// Whether `entry` can stand for its input in this run.
    fn complete(&self, entry: &Entry) -> bool {
        let head = &entry.head;
        let drawn = self.overlays.as_ref().is_none_or(|present| {
            head.overlays.len() == head.analysed as usize && head.overlays.iter().all(|name| present.contains(name))
        });
        let written = self.files.iter().all(|(folder, present)| {
            let names = head.files.get(*folder);
            head.analysed == 0 || names.is_some_and(|names| names.iter().all(|name| present.contains(name)))
        });
        let key = self.identity.key(head.digest.as_deref().unwrap_or(&head.stamp));
        head.kind != Kind::Unread && drawn && written && head.key == key
    }

    /// The entry of the input shown as `shown`, if it is unchanged and complete.
    pub fn entry(&self, shown: &str, stamp: &Stamp) -> Option<&'a Arc<Entry>> {
        let entry = self.contents.inputs.get(shown)?;
        (entry.head.stamp == *stamp && self.complete(entry)).then_some(entry)
    }

    /// What is done of `files`, and what is not.
    pub fn split(&self, files: &[FoundFile], shard: Shard) -> (Done, Vec<FoundFile>) {
        let mut done = Done::new();
        let mut open = Vec::new();
        for file in files {
            if let Some(members) = self.archive(file, shard) {
                done.extend(members.map(|entry| (entry.head.path.clone(), Arc::clone(entry))));
                continue;
            }
            match self.entry(&file.shown, &file.stamp) {
                Some(entry) if entry.head.kind != Kind::Archive => {
                    if shard.holds(&file.shown) {
                        done.insert(file.shown.clone(), Arc::clone(entry));
                    }
                }
                _ => open.push(file.clone()),
            }
        }
        (done, open)
    }

    /// The entries of all members in `shard` of an archive that is unchanged and complete.
    fn archive<'b>(
        &'b self,
        file: &FoundFile,
        shard: Shard,
    ) -> Option<impl Iterator<Item = &'a Arc<Entry>> + use<'a, 'b>> {
        let archive = self.contents.archives.get(&file.shown)?;
        let own = move |shown: &&String| shard.holds(shown);
        let whole = archive.stamp == file.stamp
            && archive.members.iter().filter(own).all(|member| {
                let stamp = if *member == archive.path {
                    archive.stamp.clone()
                } else {
                    stamp::of_member(&archive.stamp, member)
                };
                self.entry(member, &stamp).is_some()
            });
        let entries = archive.members.iter().filter(own);
        whole.then(|| entries.filter_map(|member| self.contents.inputs.get(member)))
    }

    /// Entries to be taken over for inputs of equal bytes.
    pub fn by_digest(&self) -> HashMap<String, Arc<Entry>> {
        let entries = self.contents.inputs.values().filter(|entry| self.complete(entry));
        entries
            .filter_map(|entry| Some((entry.head.digest.clone()?, Arc::clone(entry))))
            .collect()
    }
}

/// Inputs that are done, in the order of the tables.
pub type Done = BTreeMap<String, Arc<Entry>>;
