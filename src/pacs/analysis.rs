//! Objects out of the spool, through the analysis, into the output folder and the outboxes.

use super::delivery::Delivery;
use super::log::Log;
use super::metrics::Metrics;
use super::scu::Item;
use super::spool::{Spool, Task};
use crate::batch::{Analysed, Single};
use crate::write::{Outcome, sha256};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// What every worker shares.
#[derive(Debug)]
pub struct Workshop<'a> {
    /// Where objects come from.
    pub spool: &'a Spool,
    /// What is done with them.
    pub single: &'a Single<'a>,
    /// Where results are sent.
    pub deliveries: &'a [Delivery],
    /// Where images are kept when they are done with.
    pub images: Option<PathBuf>,
    /// What is counted.
    pub metrics: &'a Metrics,
    /// What is told.
    pub log: &'a dyn Log,
    /// Whether results could not be written the last time.
    pub stuck: &'a AtomicBool,
}

impl Workshop<'_> {
    /// Takes objects until `stop` is set. The one in work is finished.
    pub fn work(&self, stop: &AtomicBool) {
        while !stop.load(Ordering::Relaxed) {
            let Some(task) = self.spool.take(Duration::from_millis(200)) else {
                continue;
            };
            let image = task.name[..16].to_owned();
            match self.object(&task) {
                Ok(()) => self.stuck.store(false, Ordering::Relaxed),
                Err(error) => {
                    self.metrics.put_off.add(1);
                    self.stuck.store(true, Ordering::Relaxed);
                    self.log
                        .warning(&format!("put-off image={image} reason=\"{error}\" again_in_s=10"));
                    self.spool.give_back(task);
                    let until = Instant::now() + Duration::from_secs(10);
                    while Instant::now() < until && !stop.load(Ordering::Relaxed) {
                        std::thread::sleep(Duration::from_millis(200));
                    }
                }
            }
        }
    }

    /// Analyses one object. When this returns well, its results are safe.
    fn object(&self, task: &Task) -> io::Result<()> {
        let begun = Instant::now();
        let analysed = match self.single.analyse(&task.path, &format!("{}.dcm", task.name)) {
            Ok(analysed) => analysed,
            // The same object came twice and went with the first.
            Err(error) if error.source.kind() == ErrorKind::NotFound && !task.path.exists() => {
                return self.spool.done(task);
            }
            Err(error) => return Err(io::Error::new(error.source.kind(), error)),
        };
        for object in &analysed.objects {
            for delivery in self.deliveries {
                delivery.put(object, &result_name(object)?)?;
            }
        }
        let elapsed = begun.elapsed();
        self.tell(task, &analysed, elapsed);
        if let Some(failure) = analysed.failure() {
            return self
                .spool
                .fail(task, &format!("{}: {}", failure.stage, failure.message));
        }
        match &self.images {
            Some(folder) => self.spool.keep(task, &folder.join(format!("{}.dcm", &task.name[..16]))),
            None => self.spool.done(task),
        }
    }

    fn tell(&self, task: &Task, analysed: &Analysed, elapsed: Duration) {
        let image = &task.name[..16];
        let foci: usize = analysed.records.iter().map(|record| record.foci.len()).sum();
        self.metrics
            .analysis_microseconds
            .add(u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX));
        let is_analysed = |outcome: &Outcome| matches!(outcome, Outcome::Analysed);
        if let Some(failure) = analysed.failure() {
            self.metrics.failed.add(1);
            let (stage, kind) = (&failure.stage, &failure.kind);
            self.log
                .warning(&format!("failed image={image} stage={stage} kind={kind}"));
        } else if analysed.records.iter().any(|record| is_analysed(&record.outcome)) {
            self.metrics.analysed.add(1);
            let (objects, ms) = (analysed.objects.len(), elapsed.as_millis());
            self.log
                .detail(&format!("analysed image={image} foci={foci} objects={objects} ms={ms}"));
        } else {
            self.metrics.skipped.add(1);
            self.log.detail(&format!("skipped image={image}"));
        }
    }
}

/// What a result is called in an outbox: after its image and kind, and after its own name, so that two results that say
/// different things are two files.
fn result_name(object: &Path) -> io::Result<String> {
    let item = Item::open(object)?;
    let own = sha256(item.instance.as_bytes());
    let part = |path: Option<&std::ffi::OsStr>| path.unwrap_or_default().to_string_lossy().into_owned();
    let kind = part(object.parent().and_then(Path::file_name));
    Ok(format!("{}-{kind}-{}.dcm", part(object.file_stem()), &own[..16]))
}
