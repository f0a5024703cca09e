//! A folder that files come into: looked at again and again, each look with something new a [`run`](super::run).

use super::run::{Ended, Job, find, run_with};
use super::stamp::Stamp;
use super::walk::{Found, FoundFile};
use super::{BatchError, Observer};
use crate::pipeline::Pipeline;
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

/// What was seen of a folder so far.
///
/// A file is read when its size and times have stayed the same for a while, as seen from here: a clock of another machine
/// does not matter. What writes into the folder under another name and renames, or pauses for less, is never read half
/// way; a file that goes on growing later is read again, like any file that changes.
#[derive(Debug)]
pub struct Watch {
    settle: Duration,
    /// When the first look was.
    begun: Option<Instant>,
    /// What each file looked like, and since when.
    seen: HashMap<PathBuf, (Stamp, Instant)>,
    /// What the last run was about.
    done: Option<Vec<String>>,
}

impl Watch {
    /// Nothing seen. Files are to be left alone for `settle` before they are read.
    pub fn new(settle: Duration) -> Self {
        Self {
            settle,
            begun: None,
            seen: HashMap::new(),
            done: None,
        }
    }

    /// Looks at the inputs of `job` once and, if what has settled is not what the last run was about, scans it: all of it,
    /// of which a run takes over what is done. `None` if there was nothing new.
    ///
    /// # Errors
    ///
    /// As [`run`](super::run).
    pub fn look(
        &mut self,
        job: &Job,
        pipeline: &Pipeline,
        stop: &AtomicBool,
        observer: &dyn Observer,
    ) -> Result<Option<Ended>, BatchError> {
        let now = Instant::now();
        let begun = *self.begun.get_or_insert(now);
        let found = self.settled(find(job)?, now);
        // Before, files that an earlier run knows would count as gone.
        if now.duration_since(begun) < self.settle {
            return Ok(None);
        }
        let problems = found.problems.iter().map(|problem| problem.shown.clone());
        let about: Vec<String> = found
            .files
            .iter()
            .map(|file| file.stamp.clone())
            .chain(problems)
            .collect();
        if self.done.as_ref() == Some(&about) {
            return Ok(None);
        }
        let ended = run_with(job, &|| Ok(found.clone()), pipeline, stop, observer)?;
        self.done = (!ended.stopped).then_some(about);
        Ok(Some(ended))
    }

    /// What of `found` has stayed as it is for long enough, seen `now`.
    fn settled(&mut self, mut found: Found, now: Instant) -> Found {
        let mut seen = HashMap::with_capacity(found.files.len());
        found.files.retain(|FoundFile { path, stamp, .. }| {
            let since = match self.seen.get(path) {
                Some((earlier, since)) if earlier == stamp => *since,
                _ => now,
            };
            seen.insert(path.clone(), (stamp.clone(), since));
            now.duration_since(since) >= self.settle
        });
        self.seen = seen;
        found
    }
}

#[cfg(test)]
mod tests {
    use super::Watch;
    use crate::batch::walk;
    use std::fs;
    use std::path::Path;
    use std::time::{Duration, Instant};

    fn look(watch: &mut Watch, folder: &Path, now: Instant) -> Vec<String> {
        let found = walk::find(&[folder.to_owned()], &folder.join("out"), &|_| Ok(Vec::new()));
        let settled = watch.settled(found, now);
        settled.files.into_iter().map(|file| file.shown).collect()
    }

    #[test]
    fn files_are_read_when_left_alone() {
        let place = tempfile::tempdir().unwrap();
        let mut watch = Watch::new(Duration::from_secs(5));
        let begin = Instant::now();
        let at = |seconds| begin + Duration::from_secs(seconds);
        fs::write(place.path().join("a"), "1").unwrap();
        fs::write(place.path().join("b"), "1").unwrap();
        assert!(look(&mut watch, place.path(), at(0)).is_empty());
        fs::write(place.path().join("b"), "more").unwrap();
        assert!(look(&mut watch, place.path(), at(4)).is_empty());
        assert_eq!(look(&mut watch, place.path(), at(5)), ["a"]);
        assert_eq!(look(&mut watch, place.path(), at(9)), ["a", "b"]);
        // It changes, and goes.
        fs::write(place.path().join("a"), "changed").unwrap();
        fs::remove_file(place.path().join("b")).unwrap();
        assert!(look(&mut watch, place.path(), at(10)).is_empty());
        assert_eq!(look(&mut watch, place.path(), at(15)), ["a"]);
    }

    #[test]
    fn without_a_wait_files_are_read_at_once() {
        let place = tempfile::tempdir().unwrap();
        fs::write(place.path().join("a"), "1").unwrap();
        let mut watch = Watch::new(Duration::ZERO);
        assert_eq!(look(&mut watch, place.path(), Instant::now()), ["a"]);
    }
}
