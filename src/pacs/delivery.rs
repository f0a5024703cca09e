//! Results on their way: each stays in the outbox of its node until that node has it, however long that takes and
//! however often the process dies.

use super::destination::Destination;
use super::error::PacsError;
use super::log::Log;
use super::metrics::Metrics;
use super::scu::{self, Item, Sent};
use super::spool::{self, Spool};
use super::stow;
use super::tls::Connector;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

/// Results sent over one association.
const AT_ONCE: usize = 64;
/// Between two attempts: first, and at most.
const WAIT: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(300));

/// As whom we send.
#[derive(Clone)]
pub struct Identity {
    /// Our AE title.
    pub ae_title: String,
    /// Value of the header Authorization for a DICOMweb server.
    pub authorization: Option<String>,
    /// Whom to trust among nodes that speak TLS, and our own certificate.
    pub tls: Option<Connector>,
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A secret is not shown.
        f.debug_struct("Identity")
            .field("ae_title", &self.ae_title)
            .finish_non_exhaustive()
    }
}

/// Where results are sent, and as whom.
#[derive(Debug)]
pub struct Delivery {
    destination: Destination,
    identity: Identity,
    outbox: PathBuf,
    refused: PathBuf,
    /// Set when something was put into the outbox.
    news: Mutex<bool>,
    changed: Condvar,
}

impl Delivery {
    /// Sends from `spool` to `destination`, as `identity`.
    ///
    /// # Errors
    ///
    /// If the folders cannot be made.
    pub fn new(spool: &Spool, destination: Destination, identity: &Identity) -> Result<Self, PacsError> {
        let folder = destination.folder();
        let (outbox, refused) = (spool.outbox(&folder), spool.refused(&folder));
        for path in [&outbox, &refused] {
            fs::create_dir_all(path).map_err(PacsError::folder(path))?;
        }
        // So that a person knows whose folder it is. Not a DICOM file, so it is never sent.
        let name = outbox.join("node.txt");
        fs::write(&name, format!("{destination}\n")).map_err(PacsError::folder(&name))?;
        Ok(Self {
            destination,
            identity: identity.clone(),
            outbox,
            refused,
            news: Mutex::new(true),
            changed: Condvar::new(),
        })
    }

    /// Puts the result `object` into the outbox under `name`, over an older one of that name.
    ///
    /// # Errors
    ///
    /// If the disk does not take it.
    pub fn put(&self, object: &Path, name: &str) -> std::io::Result<()> {
        spool::copy(object, &self.outbox.join(name))?;
        self.wake();
        Ok(())
    }

    /// Wakes the thread in [`Delivery::run`].
    pub fn wake(&self) {
        *self.news.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.changed.notify_all();
    }

    /// How many results wait.
    pub fn waiting(&self) -> u64 {
        self.results().len() as u64
    }

    fn results(&self) -> Vec<PathBuf> {
        let mut paths = spool::files(&self.outbox).unwrap_or_default();
        paths.retain(|path| path.extension().is_some_and(|extension| extension == "dcm"));
        paths
    }

    /// Sends what is in the outbox, and what will be, until `stop` is set.
    pub fn run(&self, stop: &AtomicBool, metrics: &Metrics, log: &dyn Log) {
        let mut wait = WAIT.0;
        while !stop.load(Ordering::Relaxed) {
            *self.news.lock().unwrap_or_else(PoisonError::into_inner) = false;
            let results = self.results();
            if results.is_empty() {
                self.pause(Duration::from_secs(60), stop, true);
                continue;
            }
            match self.attempt(&results, stop, metrics, log) {
                Ok(()) => wait = WAIT.0,
                Err(why) => {
                    metrics.retries.add(1);
                    let (node, count, seconds) = (&self.destination, results.len(), wait.as_secs());
                    log.warning(&format!(
                        "send-failed to={node} reason=\"{why}\" waiting={count} again_in_s={seconds}"
                    ));
                    self.pause(wait, stop, false);
                    wait = (wait * 2).min(WAIT.1);
                }
            }
        }
    }

    /// Tries to send `results` once.
    fn attempt(&self, results: &[PathBuf], stop: &AtomicBool, metrics: &Metrics, log: &dyn Log) -> Result<(), String> {
        let mut later = None;
        for part in results.chunks(AT_ONCE) {
            if stop.load(Ordering::Relaxed) {
                return Ok(());
            }
            let mut items = Vec::new();
            for path in part {
                match Item::open(path) {
                    Ok(item) => items.push(item),
                    // Replaced or removed by somebody meanwhile.
                    Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                    Err(error) => self.set_aside(path, &error.to_string(), metrics, log),
                }
            }
            send(&self.destination, &self.identity, &items, &mut |number, sent| {
                let path = &items[number].path;
                match sent {
                    Sent::Stored => {
                        metrics.sent.add(1);
                        log.detail(&format!("sent result={} to={}", name(path), self.destination));
                        // If it stays, it is sent again, which changes nothing there.
                        let _ = fs::remove_file(path);
                    }
                    Sent::Refused(why) => self.set_aside(path, &why, metrics, log),
                    Sent::Later(why) => later = Some(why),
                }
            })?;
        }
        later.map_or(Ok(()), Err)
    }

    fn set_aside(&self, path: &Path, why: &str, metrics: &Metrics, log: &dyn Log) {
        metrics.not_taken.add(1);
        let name = name(path);
        log.warning(&format!(
            "result-refused result={name} to={} reason=\"{why}\"",
            self.destination
        ));
        let _ = fs::rename(path, self.refused.join(name));
    }

    /// Waits for `time`, or until `stop`; with `for_news`, also until something comes in.
    fn pause(&self, time: Duration, stop: &AtomicBool, for_news: bool) {
        let mut left = time;
        let step = Duration::from_millis(200);
        let mut news = self.news.lock().unwrap_or_else(PoisonError::into_inner);
        while !(left.is_zero() || stop.load(Ordering::Relaxed) || for_news && *news) {
            let (guard, _) = self
                .changed
                .wait_timeout(news, step.min(left))
                .unwrap_or_else(PoisonError::into_inner);
            news = guard;
            left = left.saturating_sub(step);
        }
    }
}

/// Sends `items` to `destination`; tells `done` what became of each, by its number. What was not told of by the return was
/// not sent.
///
/// # Errors
///
/// Why the destination could not be reached or broke off, in words.
pub fn send(
    destination: &Destination,
    identity: &Identity,
    items: &[Item],
    done: &mut dyn FnMut(usize, Sent),
) -> Result<(), String> {
    match destination {
        Destination::Node { ae_title, address, tls } => {
            let tls = match (tls, &identity.tls) {
                (false, _) => None,
                (true, Some(connector)) => Some(connector),
                (true, None) => return Err("no certificate to trust is known".to_owned()),
            };
            let mut begin = 0;
            for part in scu::parts(items) {
                let names = scu::Names {
                    called: ae_title,
                    calling: &identity.ae_title,
                };
                scu::send(address, tls, names, part, &mut |number, sent| {
                    done(begin + number, sent)
                })?;
                begin += part.len();
            }
            Ok(())
        }
        Destination::Web(base) => stow::send(base, identity, items, done),
    }
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
