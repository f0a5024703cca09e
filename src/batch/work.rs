//! What workers do: open archives, look at inputs, write down what they came to.

use super::archive::{self, ArchiveError, Format as ArchiveFormat, TarMember, Zip, ZipMember};
use super::earlier::{Done, Earlier};
use super::error::BatchError;
use super::image::{Bench, Bytes, Looked, Settled};
use super::journal::{ArchiveHead, Entry, Identity, InputHead, Kind};
use super::output::Output;
use super::queue::Queue;
use super::run::Job;
use super::stamp::{self, Stamp};
use super::walk::FoundFile;
use super::{JOURNAL, Observer};
use crate::write::{Failure, Outcome, Record, SourceInfo};
use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::Read;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A piece of work.
#[derive(Debug)]
pub enum Work {
    File(FoundFile),
    Member {
        shown: String,
        stamp: Stamp,
        source: Member,
    },
}

#[derive(Debug)]
pub enum Member {
    Zip(Arc<Zip>, ZipMember),
    Tar(Result<Vec<u8>, ArchiveError>),
}

/// A run under way, shared by its workers.
pub struct Run<'a> {
    pub job: &'a Job,
    pub identity: &'a Identity,
    pub output: &'a Output,
    pub observer: &'a dyn Observer,
    pub bench: Bench<'a>,
    pub earlier: Earlier<'a>,
    /// Inputs that are done, by the digest of their bytes.
    pub by_digest: Mutex<HashMap<String, Arc<Entry>>>,
    pub done: Mutex<Done>,
    /// Archives whose members were all handed out, by shown path.
    pub archives: Mutex<BTreeMap<String, ArchiveHead>>,
    /// Inputs done, inputs known.
    pub progress: (AtomicU64, AtomicU64),
    /// What made it impossible to go on.
    pub fatal: Mutex<Option<BatchError>>,
    /// Set to stop the run from within.
    pub failed: &'a AtomicBool,
}

impl Run<'_> {
    /// Takes work until there is none.
    pub fn worker(&self, queue: &Queue<'_, Work>) {
        while let Some(mut taken) = queue.take() {
            let result = match taken.work.take() {
                Some(Work::File(file)) => self.file(file, queue),
                Some(Work::Member { shown, stamp, source }) => self.member(&shown, stamp, source),
                None => Ok(()),
            };
            if let Err(error) = result {
                lock(&self.fatal).get_or_insert(error);
                self.failed.store(true, Ordering::Relaxed);
            }
        }
    }

    fn file(&self, file: FoundFile, queue: &Queue<'_, Work>) -> Result<(), BatchError> {
        let mut head = Vec::with_capacity(archive::HEAD);
        // A file that cannot be read is told by the reader, with the reason.
        let _ = File::open(&file.path).and_then(|open| open.take(archive::HEAD as u64).read_to_end(&mut head));
        match archive::sniff(&head) {
            Some(format) => self.archive(file, format, queue),
            None if self.job.shard.holds(&file.shown) => {
                self.input(&file.shown, file.stamp, Bytes::File(file.path, file.size))
            }
            None => {
                self.advance(0);
                Ok(())
            }
        }
    }

    /// Hands out the members of an archive.
    fn archive(&self, file: FoundFile, format: ArchiveFormat, queue: &Queue<'_, Work>) -> Result<(), BatchError> {
        let mut members = Vec::new();
        let mut fatal = None;
        let mut hand_out = |shown: String, stamp: Stamp, source: Member, bytes: u64| {
            self.progress.1.fetch_add(1, Ordering::Relaxed);
            let work = Work::Member { shown, stamp, source };
            if let Err(Work::Member { shown, stamp, source }) = queue.add(work, bytes)
                && let Err(error) = self.member(&shown, stamp, source)
            {
                fatal.get_or_insert(error);
                return false;
            }
            !queue.stopped()
        };
        // Whether a member is to be done; one that is done already is noted as such.
        let mut wanted = |shown: &str| {
            members.push(shown.to_owned());
            if !self.job.shard.holds(shown) {
                return false;
            }
            let stamp = stamp::of_member(&file.stamp, shown);
            match self.earlier.entry(shown, &stamp) {
                Some(entry) => {
                    lock(&self.done).insert(shown.to_owned(), Arc::clone(entry));
                    self.progress.1.fetch_add(1, Ordering::Relaxed);
                    self.advance(1);
                    false
                }
                None => true,
            }
        };
        let result = match format {
            ArchiveFormat::Zip => Zip::open(&file.path).map(|zip| {
                let zip = Arc::new(zip);
                for member in zip.members(&file.shown) {
                    let shown = member.shown.clone();
                    let stamp = stamp::of_member(&file.stamp, &shown);
                    if wanted(&shown) && !hand_out(shown, stamp, Member::Zip(Arc::clone(&zip), member), 0) {
                        break;
                    }
                }
            }),
            ArchiveFormat::Tar | ArchiveFormat::TarGz => archive::stream_tar(
                &file.path,
                format,
                &file.shown,
                self.job.read.limits.bytes,
                &mut wanted,
                &mut |TarMember { shown, bytes }| {
                    let Some(bytes) = bytes else { return !queue.stopped() };
                    let stamp = stamp::of_member(&file.stamp, &shown);
                    let size = bytes.as_ref().map_or(0, |bytes| bytes.len() as u64);
                    hand_out(shown, stamp, Member::Tar(bytes), size)
                },
            ),
        };
        if let Some(error) = fatal {
            return Err(error);
        }
        if queue.stopped() {
            return Ok(());
        }
        let record = match result {
            Err(error) => Some(Record::failed(bare(&file.shown), archive_failure(&error))),
            Ok(()) if members.is_empty() => Some(Record::skipped(bare(&file.shown), "archive without files")),
            Ok(()) => None,
        };
        if let Some(record) = record
            && self.job.shard.holds(&file.shown)
        {
            members.push(file.shown.clone());
            let unread = matches!(&record.outcome, Outcome::Failed(failure) if failure.kind == "file_system");
            let kind = if unread { Kind::Unread } else { Kind::Archive };
            self.settle(&file.shown, file.stamp.clone(), Settled::one(record, kind))?;
        } else {
            // The archive itself is no input; its members are.
            self.progress.1.fetch_sub(1, Ordering::Relaxed);
            self.tell();
        }
        let head = ArchiveHead {
            path: file.shown.clone(),
            stamp: file.stamp,
            members,
        };
        lock(&self.archives).insert(file.shown, head);
        Ok(())
    }

    fn member(&self, shown: &str, stamp: Stamp, source: Member) -> Result<(), BatchError> {
        let limit = self.job.read.limits.bytes;
        let bytes = match source {
            Member::Tar(bytes) => bytes,
            Member::Zip(zip, member) => {
                let _permit = self.bench.reading.acquire(member.size.min(limit));
                zip.read(&member, limit)
            }
        };
        match bytes {
            Ok(bytes) if archive::sniff(&bytes).is_some() => {
                let record = Record::skipped(bare(shown), "archive inside an archive");
                self.settle(shown, stamp, Settled::one(record, Kind::Settled))
            }
            Ok(bytes) => self.input(shown, stamp, Bytes::Memory(bytes.into())),
            Err(error) => {
                let kind = match error {
                    ArchiveError::Io(_) => Kind::Unread,
                    _ => Kind::Settled,
                };
                let record = Record::failed(bare(shown), archive_failure(&error));
                self.settle(shown, stamp, Settled::one(record, kind))
            }
        }
    }

    /// Analyses one input, unless its bytes are known already.
    fn input(&self, shown: &str, stamp: Stamp, bytes: Bytes) -> Result<(), BatchError> {
        let settled = match self.bench.look(shown, bytes) {
            Looked::Settled(settled) => settled,
            Looked::Image { instance, digest, size } => {
                let known = lock(&self.by_digest).get(&digest).cloned();
                match known {
                    Some(entry) => self.taken_over(shown, &entry)?,
                    None => self.bench.analyse(shown, &instance, &digest, size)?,
                }
            }
        };
        self.settle(shown, stamp, settled)
    }

    /// What is known of other inputs of the same bytes, under another path.
    fn taken_over(&self, shown: &str, entry: &Entry) -> Result<Settled, BatchError> {
        let records = self.records(entry)?.into_iter().map(|record| Record {
            path: shown.to_owned(),
            ..record
        });
        Ok(Settled {
            records: records.collect(),
            digest: entry.head.digest.clone(),
            kind: entry.head.kind,
            overlays: entry.head.overlays.clone(),
            files: entry.head.files.clone(),
        })
    }

    pub fn records(&self, entry: &Entry) -> Result<Vec<Record>, BatchError> {
        let failed = |source| BatchError::Output {
            path: self.output.folder.join(JOURNAL),
            source,
        };
        let text = self.output.journal.records(entry).map_err(failed)?;
        let records = text
            .lines()
            .map(|line| Record::from_json(line).map_err(|error| failed(error.into())));
        records.collect()
    }

    /// Writes down what an input came to.
    fn settle(&self, shown: &str, stamp: Stamp, settled: Settled) -> Result<(), BatchError> {
        let key = self.identity.key(settled.digest.as_deref().unwrap_or(&stamp));
        let lines: Vec<String> = settled.records.iter().map(Record::to_json).collect();
        let head = InputHead {
            path: shown.to_owned(),
            stamp,
            digest: settled.digest,
            key,
            kind: settled.kind,
            analysed: settled
                .records
                .iter()
                .filter(|record| record.outcome == Outcome::Analysed)
                .count() as u32,
            overlays: settled.overlays,
            files: settled.files,
        };
        let entry = self
            .output
            .journal
            .input(head, &lines.join("\n"))
            .map_err(|source| BatchError::Output {
                path: self.output.folder.join(JOURNAL),
                source,
            })?;
        let entry = Arc::new(entry);
        if let Some(digest) = &entry.head.digest
            && settled.kind == Kind::Settled
        {
            lock(&self.by_digest)
                .entry(digest.clone())
                .or_insert_with(|| Arc::clone(&entry));
        }
        lock(&self.done).insert(shown.to_owned(), entry);
        for record in &settled.records {
            if !matches!(record.outcome, Outcome::Analysed) {
                self.observer.not_analysed(record);
            }
            if matches!(record.outcome, Outcome::Failed(_)) && self.job.fail_fast {
                self.failed.store(true, Ordering::Relaxed);
            }
        }
        self.advance(1);
        Ok(())
    }

    /// Writes down a path that led nowhere.
    pub fn settle_problem(&self, shown: &str, failure: Failure) -> Result<(), BatchError> {
        self.progress.1.fetch_add(1, Ordering::Relaxed);
        let record = Record::failed(bare(shown), failure);
        self.settle(shown, Stamp::new(), Settled::one(record, Kind::Unread))
    }

    fn advance(&self, by: u64) {
        self.progress.0.fetch_add(by, Ordering::Relaxed);
        if by == 0 {
            self.progress.1.fetch_sub(1, Ordering::Relaxed);
        }
        self.tell();
    }

    pub fn tell(&self) {
        let (done, known) = &self.progress;
        self.observer
            .progress(done.load(Ordering::Relaxed), known.load(Ordering::Relaxed));
    }
}

/// An input of which only the path is known.
fn bare(shown: &str) -> SourceInfo {
    SourceInfo {
        path: shown.to_owned(),
        ..SourceInfo::default()
    }
}

fn archive_failure(error: &ArchiveError) -> Failure {
    Failure {
        stage: "archive".to_owned(),
        attribute: None,
        kind: error.kind().to_owned(),
        message: error.to_string(),
    }
}

pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
