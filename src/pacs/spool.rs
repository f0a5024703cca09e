//! The spool: what was received and is not done with yet, on disk, whole, whatever happens to the process.
//!
//! ```text
//! SPOOL/incoming/           objects under way; what is left of a killed process is removed at the start
//! SPOOL/received/DIGEST.dcm objects stored and acknowledged, to be analysed
//! SPOOL/work/DIGEST         objects in work; those found at the start were in work when the process died
//! SPOOL/suspect/DIGEST      one byte per such death: after five the object is set aside in failed/
//! SPOOL/failed/             objects that could not be analysed, and why
//! SPOOL/outbox/NODE/        results on their way to a node
//! SPOOL/refused/NODE/       results that a node refuses for good
//! ```
//!
//! An object is called after its content, so the same object sent twice is one. It leaves `received` when its results
//! are on disk and in the outbox: a crash before that repeats work, which changes nothing.

use super::error::PacsError;
use crate::write::atomic;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, VecDeque};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Deaths of the process with an object in work before the object is set aside.
const DEATHS: u64 = 5;

/// Where objects wait.
#[derive(Debug)]
pub struct Spool {
    folder: PathBuf,
    most_bytes: u64,
    serial: AtomicU64,
    state: Mutex<State>,
    changed: Condvar,
    _lock: File,
}

#[derive(Debug, Default)]
struct State {
    /// Names to be taken, in order.
    waiting: VecDeque<String>,
    /// Bytes of every object waiting or in work, by name.
    held: BTreeMap<String, u64>,
    bytes: u64,
    /// Bytes of objects under way.
    incoming: u64,
}

/// An object taken to be analysed.
#[derive(Debug)]
pub struct Task {
    /// Its name: SHA-256 of the file.
    pub name: String,
    /// The file.
    pub path: PathBuf,
}

impl Spool {
    /// Opens the spool in `folder`, made if missing, with what an earlier process left. It holds `most_bytes` at most.
    ///
    /// # Errors
    ///
    /// If the folder cannot be written or another receiver uses it.
    pub fn open(folder: &Path, most_bytes: u64) -> Result<Self, PacsError> {
        for name in ["incoming", "received", "work", "suspect", "failed", "outbox", "refused"] {
            let path = folder.join(name);
            fs::create_dir_all(&path).map_err(PacsError::folder(&path))?;
        }
        let lock = File::options()
            .write(true)
            .create(true)
            .truncate(false)
            .open(folder.join(".lock"))
            .map_err(PacsError::folder(folder))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(PacsError::Busy(folder.to_owned())),
            // A file system without locks: better unguarded than not at all.
            Err(TryLockError::Error(error)) if error.kind() == ErrorKind::Unsupported => {}
            Err(TryLockError::Error(error)) => return Err(PacsError::folder(folder)(error)),
        }
        let spool = Self {
            folder: folder.to_owned(),
            most_bytes,
            serial: AtomicU64::new(0),
            state: Mutex::default(),
            changed: Condvar::new(),
            _lock: lock,
        };
        spool.restore().map_err(PacsError::folder(folder))?;
        Ok(spool)
    }

    /// Takes stock of what is there.
    fn restore(&self) -> io::Result<()> {
        for path in files(&self.folder.join("incoming"))? {
            fs::remove_file(path)?;
        }
        for path in files(&self.folder.join("work"))? {
            if let Some(name) = path.file_name().and_then(|name| name.to_str())
                && self.received(name).exists()
            {
                let mut deaths = OpenOptions::new()
                    .create(true)
                    .append(true)
                    .open(self.folder.join("suspect").join(name))?;
                deaths.write_all(b".")?;
            }
            fs::remove_file(path)?;
        }
        let mut found = Vec::new();
        for path in files(&self.folder.join("received"))? {
            let metadata = fs::metadata(&path)?;
            let Some(name) = path.file_stem().and_then(|name| name.to_str()) else {
                continue;
            };
            let deaths = fs::metadata(self.suspect(name)).map_or(0, |suspect| suspect.len());
            if deaths >= DEATHS {
                self.set_aside(name, "the program died each time this object was in work")?;
                continue;
            }
            // The oldest first; what may have killed the process goes last.
            found.push((deaths, metadata.modified()?, name.to_owned(), metadata.len()));
        }
        found.sort();
        let mut state = self.lock();
        for (_, _, name, bytes) in found {
            state.add(name, bytes);
        }
        Ok(())
    }

    /// Begins an object of which the file starts with `head`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::StorageFull`] if the spool holds as much as it may, or whatever the file system says.
    pub fn begin(&self, head: &[u8]) -> io::Result<Incoming<'_>> {
        let serial = self.serial.fetch_add(1, Ordering::Relaxed);
        let path = self.folder.join("incoming").join(serial.to_string());
        let file = OpenOptions::new().write(true).create_new(true).open(&path)?;
        let mut incoming = Incoming {
            spool: self,
            path: Some(path),
            writer: BufWriter::with_capacity(1 << 17, file),
            hash: Sha256::new(),
            bytes: 0,
        };
        incoming.write(head)?;
        Ok(incoming)
    }

    /// The next object to analyse; waits for `time` at most.
    pub fn take(&self, time: Duration) -> Option<Task> {
        let mut state = self.lock();
        if state.waiting.is_empty() {
            let waited = self.changed.wait_timeout(state, time);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        let name = state.waiting.pop_front()?;
        drop(state);
        // Without the mark, only the count of deaths is lost.
        let _ = File::create(self.folder.join("work").join(&name));
        let path = self.received(&name);
        Some(Task { name, path })
    }

    /// Gives `task` back: it could not be done now, for no fault of its own.
    pub fn give_back(&self, task: Task) {
        let _ = fs::remove_file(self.folder.join("work").join(&task.name));
        self.lock().waiting.push_front(task.name);
        self.changed.notify_one();
    }

    /// `task` is done: its results are safe.
    ///
    /// # Errors
    ///
    /// If the object cannot be removed.
    pub fn done(&self, task: &Task) -> io::Result<()> {
        missing_is_well(fs::remove_file(&task.path))?;
        self.forget(&task.name)
    }

    /// `task` is done and is to be kept at `path`.
    ///
    /// # Errors
    ///
    /// If the object cannot be moved there.
    pub fn keep(&self, task: &Task, path: &Path) -> io::Result<()> {
        match fs::rename(&task.path, path) {
            Err(error) if error.kind() == ErrorKind::CrossesDevices => {
                let bytes = fs::read(&task.path)?;
                atomic::write(path, &bytes).map_err(|error| error.source)?;
                fs::remove_file(&task.path)?;
            }
            other => missing_is_well(other)?,
        }
        self.forget(&task.name)
    }

    /// `task` cannot be analysed, now or later.
    ///
    /// # Errors
    ///
    /// If the object cannot be moved.
    pub fn fail(&self, task: &Task, why: &str) -> io::Result<()> {
        self.set_aside(&task.name, why)?;
        self.forget(&task.name)
    }

    fn set_aside(&self, name: &str, why: &str) -> io::Result<()> {
        let folder = self.folder.join("failed");
        fs::write(folder.join(format!("{name}.txt")), format!("{why}\n"))?;
        missing_is_well(fs::rename(self.received(name), folder.join(format!("{name}.dcm"))))?;
        missing_is_well(fs::remove_file(self.suspect(name)))
    }

    fn forget(&self, name: &str) -> io::Result<()> {
        missing_is_well(fs::remove_file(self.folder.join("work").join(name)))?;
        missing_is_well(fs::remove_file(self.suspect(name)))?;
        let mut state = self.lock();
        if let Some(bytes) = state.held.remove(name) {
            state.bytes -= bytes;
        }
        // The same object may have come again meanwhile, behind the back of the one removed.
        if let Ok(metadata) = fs::metadata(self.received(name)) {
            state.add(name.to_owned(), metadata.len());
            self.changed.notify_one();
        }
        Ok(())
    }

    /// Folder of results on their way to the node called `node`.
    pub fn outbox(&self, node: &str) -> PathBuf {
        self.folder.join("outbox").join(node)
    }

    /// Folder of results that the node called `node` refuses.
    pub fn refused(&self, node: &str) -> PathBuf {
        self.folder.join("refused").join(node)
    }

    /// Objects waiting or in work, and their bytes.
    pub fn held(&self) -> (u64, u64) {
        let state = self.lock();
        (state.held.len() as u64, state.bytes)
    }

    /// Wakes whoever waits in [`Spool::take`].
    pub fn wake(&self) {
        self.changed.notify_all();
    }

    fn received(&self, name: &str) -> PathBuf {
        self.folder.join("received").join(format!("{name}.dcm"))
    }

    fn suspect(&self, name: &str) -> PathBuf {
        self.folder.join("suspect").join(name)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn add(&mut self, name: String, bytes: u64) {
        if self.held.insert(name.clone(), bytes).is_none() {
            self.bytes += bytes;
            self.waiting.push_back(name);
        }
    }
}

/// An object under way. Dropped before [`Incoming::commit`], it leaves nothing.
#[derive(Debug)]
pub struct Incoming<'a> {
    spool: &'a Spool,
    /// `None` only after the commit.
    path: Option<PathBuf>,
    writer: BufWriter<File>,
    hash: Sha256,
    bytes: u64,
}

impl Incoming<'_> {
    /// Adds `piece`.
    ///
    /// # Errors
    ///
    /// As [`Spool::begin`].
    pub fn write(&mut self, piece: &[u8]) -> io::Result<()> {
        let more = piece.len() as u64;
        let mut state = self.spool.lock();
        if state.bytes.saturating_add(state.incoming).saturating_add(more) > self.spool.most_bytes {
            return Err(ErrorKind::StorageFull.into());
        }
        state.incoming += more;
        drop(state);
        self.bytes += more;
        self.hash.update(piece);
        self.writer.write_all(piece)
    }

    /// Bytes so far.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Makes the object last: when this returns its name, it is on the disk under it and will be analysed.
    ///
    /// # Errors
    ///
    /// If the disk does not take it; then nothing is left of it.
    pub fn commit(mut self) -> io::Result<String> {
        self.writer.flush()?;
        self.writer.get_ref().sync_all()?;
        let name: String = self
            .hash
            .finalize_reset()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let target = self.spool.received(&name);
        let partial = self.path.as_ref().ok_or(ErrorKind::NotFound)?;
        fs::rename(partial, &target)?;
        self.path = None;
        sync_folder(&target)?;
        self.spool.lock().add(name.clone(), self.bytes);
        self.spool.changed.notify_one();
        Ok(name)
    }
}

impl Drop for Incoming<'_> {
    fn drop(&mut self) {
        self.spool.lock().incoming -= self.bytes;
        if let Some(path) = &self.path {
            let _ = fs::remove_file(path);
        }
    }
}

/// Puts a copy of the file `from` at `to`, whole or not at all, by a link where the file system can.
///
/// # Errors
///
/// If neither can be done.
pub fn copy(from: &Path, to: &Path) -> io::Result<()> {
    let mut partial = to.to_owned();
    partial.as_mut_os_string().push(".partial");
    missing_is_well(fs::remove_file(&partial))?;
    if fs::hard_link(from, &partial).is_ok() {
        fs::rename(&partial, to)?;
        // Renaming one name of a file to another name of the same file does nothing (POSIX rename).
        missing_is_well(fs::remove_file(&partial))?;
        return sync_folder(to);
    }
    let bytes = fs::read(from)?;
    atomic::write(to, &bytes).map_err(|error| error.source)
}

/// Makes a rename to `target` last through a power cut. Only Unix lets a folder be synced.
fn sync_folder(target: &Path) -> io::Result<()> {
    match target.parent() {
        Some(folder) if cfg!(unix) => File::open(folder)?.sync_all(),
        _ => Ok(()),
    }
}

fn missing_is_well(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

/// Plain files in `folder`, sorted.
///
/// # Errors
///
/// If the folder cannot be read.
pub fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            paths.push(entry.path());
        }
    }
    paths.sort();
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use super::{Spool, copy, files};
    use crate::pacs::error::PacsError;
    use std::fs;
    use std::io::ErrorKind;
    use std::time::Duration;

    const SOON: Duration = Duration::from_millis(1);

    fn put(spool: &Spool, bytes: &[u8]) -> String {
        let mut incoming = spool.begin(b"head").unwrap();
        incoming.write(bytes).unwrap();
        incoming.commit().unwrap()
    }

    #[test]
    fn what_is_committed_outlives_the_process_and_what_is_not_leaves_nothing() {
        let place = tempfile::tempdir().unwrap();
        let name = {
            let spool = Spool::open(place.path(), 1000).unwrap();
            let _half = spool.begin(b"half").unwrap();
            std::mem::forget(spool.begin(b"killed").unwrap());
            assert!(matches!(Spool::open(place.path(), 1000), Err(PacsError::Busy(_))));
            put(&spool, b"one")
        };
        let spool = Spool::open(place.path(), 1000).unwrap();
        assert!(files(&place.path().join("incoming")).unwrap().is_empty());
        let task = spool.take(SOON).unwrap();
        assert_eq!(
            (task.name.clone(), fs::read(&task.path).unwrap()),
            (name, b"headone".to_vec())
        );
        spool.done(&task).unwrap();
        assert!(spool.take(SOON).is_none() && !task.path.exists());
        assert_eq!(spool.held(), (0, 0));
    }

    #[test]
    fn the_same_object_is_held_once_and_comes_again_when_sent_after_its_removal() {
        let place = tempfile::tempdir().unwrap();
        let spool = Spool::open(place.path(), 1000).unwrap();
        assert_eq!(put(&spool, b"one"), put(&spool, b"one"));
        let task = spool.take(SOON).unwrap();
        assert!(spool.take(SOON).is_none());
        put(&spool, b"one");
        spool.done(&task).unwrap();
        // It came while in work and went with it; sent now, it is new.
        assert_eq!(spool.held(), (0, 0));
        put(&spool, b"one");
        assert!(spool.take(SOON).is_some());
    }

    #[test]
    fn a_full_spool_says_so_and_takes_again_when_it_is_not() {
        let place = tempfile::tempdir().unwrap();
        let spool = Spool::open(place.path(), 10).unwrap();
        put(&spool, b"one");
        let mut second = spool.begin(b"").unwrap();
        assert_eq!(second.write(b"three").unwrap_err().kind(), ErrorKind::StorageFull);
        drop(second);
        spool.done(&spool.take(SOON).unwrap()).unwrap();
        put(&spool, b"two");
    }

    #[test]
    fn an_object_that_kills_the_process_goes_last_and_in_the_end_aside() {
        let place = tempfile::tempdir().unwrap();
        let bad = {
            let spool = Spool::open(place.path(), 1000).unwrap();
            let bad = put(&spool, b"bad");
            put(&spool, b"good");
            assert_eq!(spool.take(SOON).unwrap().name, bad);
            bad
        };
        for _ in 0..4 {
            let spool = Spool::open(place.path(), 1000).unwrap();
            let good = spool.take(SOON).unwrap();
            assert_ne!(good.name, bad);
            spool.give_back(good);
            let good = spool.take(SOON).unwrap();
            assert_eq!(spool.take(SOON).unwrap().name, bad);
            spool.give_back(good);
        }
        let spool = Spool::open(place.path(), 1000).unwrap();
        assert_eq!(spool.held().0, 1);
        assert!(place.path().join("failed").join(format!("{bad}.dcm")).exists());
        assert!(files(&place.path().join("suspect")).unwrap().is_empty());
    }

    #[test]
    fn a_copy_takes_the_place_of_an_older_one() {
        let place = tempfile::tempdir().unwrap();
        let [from, to] = ["from", "to"].map(|name| place.path().join(name));
        fs::write(&from, "new").unwrap();
        fs::write(&to, "old").unwrap();
        copy(&from, &to).unwrap();
        copy(&from, &to).unwrap();
        assert_eq!(fs::read(&to).unwrap(), b"new");
        assert_eq!(files(place.path()).unwrap().len(), 2);
    }
}
