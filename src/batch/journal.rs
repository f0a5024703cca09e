//! What is done, so that a run killed at any moment goes on where it stopped.
//!
//! A file of frames, each `CRC32 HEAD BODY\n`, then HEAD bytes of JSON, a line feed, BODY bytes, a line feed; the three
//! numbers are fixed-width hexadecimal and the check sum covers head and body. The first frame says what the run is.
//! A frame that is cut short or does not add up ends the journal: it and what follows are cut off and done again.

use super::stamp::{Stamp, hex};
use crate::write::{Summary, atomic};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// First head of every journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// `calxray journal` and the version of this format.
    pub format: String,
    /// Version of the program.
    pub version: String,
    /// SHA-256 of the effective settings.
    pub settings: String,
    /// Every option that changes what is written, in words, such as `modality=CR,DX`.
    pub options: Vec<String>,
}

impl Identity {
    /// The identity of runs of this version with `settings` (their digest) and `options`.
    pub fn new(settings: &str, options: Vec<String>) -> Self {
        Self {
            format: FORMAT.to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            settings: settings.to_owned(),
            options,
        }
    }

    /// SHA-256 over this identity and what an input is: the digest of its bytes, or its stamp where they were not all read.
    pub fn key(&self, input: &str) -> String {
        let identity = serde_json::to_vec(self).expect("an identity has a JSON form");
        hex(&Sha256::new().chain_update(identity).chain_update(input).finalize())
    }

    /// What differs from `other`, in words; empty if nothing does.
    pub fn differences(&self, other: &Identity) -> String {
        let mut words = Vec::new();
        let mut note = |what: &str, ours: &str, theirs: &str| {
            if ours != theirs {
                words.push(format!("{what} {theirs} then, {ours} now"));
            }
        };
        note("journal format", &self.format, &other.format);
        note("version", &self.version, &other.version);
        note("settings", short(&self.settings), short(&other.settings));
        note("options", &self.options.join(" "), &other.options.join(" "));
        words.join("; ")
    }
}

const FORMAT: &str = "calxray journal 1";

fn short(digest: &str) -> &str {
    digest.get(..12).unwrap_or(digest)
}

/// Head of one input that is done. Its body holds the records, one a line, in frame order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputHead {
    /// How the input is shown.
    pub path: String,
    /// The file it was, or the archive member.
    pub stamp: Stamp,
    /// SHA-256 of its bytes; `None` when they were not read as a whole.
    pub digest: Option<String>,
    /// What the result depends on: see [`Identity::key`].
    pub key: String,
    /// What it came to, which decides whether a later run believes it.
    pub kind: Kind,
    /// How many of its images were analysed.
    pub analysed: u32,
    /// Files in `overlays/`; one per analysed image, or none when no pictures were asked for.
    pub overlays: Vec<String>,
    /// Further files by folder; a folder that is absent was not asked for, an empty one had nothing to hold.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub files: BTreeMap<String, Vec<String>>,
}

/// What an input came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Looked at: analysed, skipped, or failed for a reason that lies in its bytes.
    Settled,
    /// Its bytes could not be had: to be tried again.
    Unread,
    /// A remark on an archive as a whole; counts only together with its [`ArchiveHead`].
    Archive,
}

/// Head of one archive whose members are all done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArchiveHead {
    /// How the archive is shown.
    pub path: String,
    /// The file it was.
    pub stamp: Stamp,
    /// How its members are shown.
    pub members: Vec<String>,
}

/// Head of a finished run: nothing changed since if the same is found again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndHead {
    /// SHA-256 over all inputs in order and their stamps.
    pub inputs: String,
    /// Files written, with their sizes in bytes.
    pub files: Vec<(String, u64)>,
    /// Counts of the run.
    pub summary: Summary,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Head {
    Run(Identity),
    Input(InputHead),
    Archive(ArchiveHead),
    End(EndHead),
}

/// Where the records of an input lie in the journal.
#[derive(Clone, Debug)]
pub struct Entry {
    /// What is known of the input.
    pub head: InputHead,
    body_at: u64,
    body_length: u64,
}

/// What a journal holds, without the records themselves.
#[derive(Debug, Default)]
pub struct Contents {
    /// The run it belongs to; `None` for an empty or foreign file.
    pub identity: Option<Identity>,
    /// Inputs that are done, by shown path; of two entries the later counts.
    pub inputs: BTreeMap<String, Arc<Entry>>,
    /// Archives that are done, by shown path.
    pub archives: BTreeMap<String, ArchiveHead>,
    /// The last frame, if the run finished.
    pub end: Option<EndHead>,
    /// Bytes up to the end of the last sound frame.
    pub sound: u64,
    /// Bytes after that, which say nothing.
    pub torn: u64,
}

/// Reads the journal at `path`. A missing file is an empty journal.
///
/// # Errors
///
/// If the file exists and cannot be read.
pub fn load(path: &Path) -> io::Result<Contents> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Contents::default()),
        Err(error) => return Err(error),
    };
    let length = file.metadata()?.len();
    let mut reader = BufReader::with_capacity(1 << 16, file);
    let mut contents = Contents::default();
    let mut payload = Vec::new();
    while let Some((head_length, body_length)) = next_frame(&mut reader, length - contents.sound, &mut payload)? {
        let Ok(head) = serde_json::from_slice(&payload[..head_length]) else {
            break;
        };
        let at = contents.sound;
        contents.sound += frame_length(head_length as u64, body_length);
        contents.end = None;
        match head {
            Head::Run(identity) => contents.identity = Some(identity),
            Head::Archive(archive) => drop(contents.archives.insert(archive.path.clone(), archive)),
            Head::End(end) => contents.end = Some(end),
            Head::Input(head) => {
                let body_at = at + PREFIX as u64 + head_length as u64 + 1;
                let entry = Entry {
                    head,
                    body_at,
                    body_length,
                };
                contents.inputs.insert(entry.head.path.clone(), Arc::new(entry));
            }
        }
    }
    contents.torn = length - contents.sound;
    Ok(contents)
}

/// Whether the file at `path` is a journal of any version.
pub fn is_journal(path: &Path) -> bool {
    let mut head = Vec::new();
    let read = File::open(path).and_then(|file| file.take(256).read_to_end(&mut head));
    read.is_ok() && head.windows(MAGIC.len()).any(|window| window == MAGIC)
}

/// Part of the first frame of every version.
const MAGIC: &[u8] = b"\"calxray journal ";

/// Length of `CRC32 HEAD BODY\n`: 8, 8 and 16 digits.
const PREFIX: usize = 8 + 1 + 8 + 1 + 16 + 1;

fn frame_length(head: u64, body: u64) -> u64 {
    PREFIX as u64 + head + 1 + body + 1
}

/// Reads one frame of at most `remaining` bytes into `payload` as head, line feed, body, line feed. Gives the lengths of
/// head and body; `None` if what follows is not a sound frame.
fn next_frame(reader: &mut impl BufRead, remaining: u64, payload: &mut Vec<u8>) -> io::Result<Option<(usize, u64)>> {
    let mut prefix = [0; PREFIX];
    if remaining < PREFIX as u64 {
        return Ok(None);
    }
    reader.read_exact(&mut prefix)?;
    let number = |range: std::ops::Range<usize>| {
        let text = std::str::from_utf8(&prefix[range]).ok()?;
        u64::from_str_radix(text, 16).ok()
    };
    let (Some(check), Some(head), Some(body)) = (number(0..8), number(9..17), number(18..34)) else {
        return Ok(None);
    };
    let fits = head
        .checked_add(body)
        .is_some_and(|sum| sum <= remaining && frame_length(head, body) <= remaining);
    if !fits {
        return Ok(None);
    }
    payload.clear();
    reader.by_ref().take(head + body + 2).read_to_end(payload)?;
    let (head, body) = (head as usize, body as usize);
    let sound = payload.len() == head + body + 2
        && prefix == *frame_prefix(check as u32, head, body).as_bytes()
        && payload[head] == b'\n'
        && payload[head + 1 + body] == b'\n'
        && checksum(&payload[..head], &payload[head + 1..head + 1 + body]) == check as u32;
    Ok(sound.then_some((head, body as u64)))
}

fn frame_prefix(check: u32, head: usize, body: usize) -> String {
    format!("{check:08x} {head:08x} {body:016x}\n")
}

fn checksum(head: &[u8], body: &[u8]) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(head);
    crc.update(body);
    crc.sum()
}

/// One frame as bytes.
fn frame(head: &Head, body: &[u8]) -> Vec<u8> {
    let head = serde_json::to_vec(head).expect("a head has a JSON form");
    let mut bytes = frame_prefix(checksum(&head, body), head.len(), body.len()).into_bytes();
    bytes.extend_from_slice(&head);
    bytes.push(b'\n');
    bytes.extend_from_slice(body);
    bytes.push(b'\n');
    bytes
}

/// A journal open for appending, shared by all workers.
#[derive(Debug)]
pub struct Journal {
    file: Mutex<Tail>,
}

#[derive(Debug)]
struct Tail {
    file: File,
    length: u64,
}

impl Journal {
    /// Starts a new journal at `path`, in place of what was there.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    pub fn create(path: &Path, identity: &Identity) -> io::Result<Self> {
        let first = frame(&Head::Run(identity.clone()), b"");
        // Whole from the start: a file of this name without a first frame is none of ours.
        atomic::write(path, &first).map_err(|error| error.source)?;
        Self::open(path, first.len() as u64)
    }

    /// Goes on with the journal at `path` after its last sound frame, cutting off the rest.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    pub fn resume(path: &Path, contents: &Contents) -> io::Result<Self> {
        Self::open(path, contents.sound)
    }

    fn open(path: &Path, length: u64) -> io::Result<Self> {
        let file = OpenOptions::new().read(true).write(true).open(path)?;
        file.set_len(length)?;
        Ok(Self {
            file: Mutex::new(Tail { file, length }),
        })
    }

    /// Writes down that an input is done, with its records as JSON, one a line.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    pub fn input(&self, head: InputHead, records: &str) -> io::Result<Entry> {
        let head = Head::Input(head);
        let (at, head_length) = self.append(&head, records.as_bytes())?;
        let Head::Input(head) = head else {
            unreachable!("made above")
        };
        Ok(Entry {
            head,
            body_at: at + PREFIX as u64 + head_length + 1,
            body_length: records.len() as u64,
        })
    }

    /// Writes down that an archive is done.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    pub fn archive(&self, head: ArchiveHead) -> io::Result<()> {
        self.append(&Head::Archive(head), b"").map(drop)
    }

    /// The records of `entry`, one a line.
    ///
    /// # Errors
    ///
    /// If the file cannot be read.
    pub fn records(&self, entry: &Entry) -> io::Result<String> {
        let mut tail = self.lock();
        tail.file.seek(SeekFrom::Start(entry.body_at))?;
        let mut text = String::new();
        (&tail.file).take(entry.body_length).read_to_string(&mut text)?;
        Ok(text)
    }

    /// Writes `entries` in their order, then `archives` and `end`, as a fresh journal to `target`. `trim`
    /// takes out of a head what was not asked for.
    ///
    /// # Errors
    ///
    /// If a file cannot be read or written.
    pub fn compact<'a>(
        &self,
        identity: &Identity,
        entries: impl Iterator<Item = &'a Arc<Entry>>,
        archives: &BTreeMap<String, ArchiveHead>,
        end: &EndHead,
        trim: &dyn Fn(&mut InputHead),
        target: &mut dyn Write,
    ) -> io::Result<()> {
        let mut target = BufWriter::new(target);
        target.write_all(&frame(&Head::Run(identity.clone()), b""))?;
        for entry in entries {
            let records = self.records(entry)?;
            let mut head = entry.head.clone();
            trim(&mut head);
            target.write_all(&frame(&Head::Input(head), records.as_bytes()))?;
        }
        for archive in archives.values() {
            target.write_all(&frame(&Head::Archive(archive.clone()), b""))?;
        }
        target.write_all(&frame(&Head::End(end.clone()), b""))?;
        target.flush()
    }

    /// Forces everything to disk, for a power cut; a killed process loses nothing without it.
    ///
    /// # Errors
    ///
    /// If the system cannot.
    pub fn sync(&self) -> io::Result<()> {
        self.lock().file.sync_data()
    }

    /// Where the frame begins, and the length of its head.
    fn append(&self, head: &Head, body: &[u8]) -> io::Result<(u64, u64)> {
        let bytes = frame(head, body);
        let mut tail = self.lock();
        let at = tail.length;
        tail.file.seek(SeekFrom::Start(at))?;
        tail.file.write_all(&bytes)?;
        tail.length += bytes.len() as u64;
        Ok((at, (bytes.len() - PREFIX - body.len() - 2) as u64))
    }

    fn lock(&self) -> MutexGuard<'_, Tail> {
        self.file.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::{Contents, Identity, InputHead, Journal, Kind, load};
    use std::collections::BTreeMap;
    use std::path::Path;

    fn head(path: &str) -> InputHead {
        InputHead {
            path: path.to_owned(),
            stamp: "00ff".to_owned(),
            digest: Some("d".repeat(64)),
            key: "k".repeat(64),
            kind: Kind::Settled,
            analysed: 1,
            overlays: vec!["d.png".to_owned()],
            files: BTreeMap::new(),
        }
    }

    fn identity() -> Identity {
        Identity::new("abc", vec!["modality=CR,DX".to_owned()])
    }

    fn written(path: &Path) -> Vec<u8> {
        let journal = Journal::create(path, &identity()).unwrap();
        journal.input(head("b.dcm"), "{\"b\":1}\n{\"b\":2}").unwrap();
        journal.input(head("a.dcm"), "{\"a\":\"ü\"}").unwrap();
        std::fs::read(path).unwrap()
    }

    #[test]
    fn what_was_written_is_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        written(&path);
        let contents = load(&path).unwrap();
        assert_eq!(contents.identity, Some(identity()));
        assert_eq!(contents.torn, 0);
        let shown: Vec<&String> = contents.inputs.keys().collect();
        assert_eq!(shown, ["a.dcm", "b.dcm"]);
        let journal = Journal::resume(&path, &contents).unwrap();
        assert_eq!(journal.records(&contents.inputs["a.dcm"]).unwrap(), "{\"a\":\"ü\"}");
        let entry = journal.input(head("c.dcm"), "{}").unwrap();
        assert_eq!(journal.records(&entry).unwrap(), "{}");
        assert_eq!(
            journal.records(&contents.inputs["b.dcm"]).unwrap(),
            "{\"b\":1}\n{\"b\":2}"
        );
    }

    #[test]
    fn a_journal_cut_anywhere_keeps_its_whole_frames_and_grows_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let whole = written(&path);
        let mut counts = Vec::new();
        for cut in 0..=whole.len() {
            std::fs::write(&path, &whole[..cut]).unwrap();
            let contents = load(&path).unwrap();
            assert_eq!(contents.sound + contents.torn, cut as u64);
            counts.push(contents.inputs.len());
            if contents.identity.is_some() {
                Journal::resume(&path, &contents)
                    .unwrap()
                    .input(head("z.dcm"), "{}")
                    .unwrap();
                let again = load(&path).unwrap();
                assert_eq!((again.torn, again.inputs.len()), (0, contents.inputs.len() + 1));
            }
        }
        assert!(counts.is_sorted() && counts.last() == Some(&2));
    }

    #[test]
    fn a_flipped_byte_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let whole = written(&path);
        for at in 0..whole.len() {
            let mut broken = whole.clone();
            broken[at] ^= 1;
            std::fs::write(&path, &broken).unwrap();
            let Contents { inputs, torn, .. } = load(&path).unwrap();
            assert!(torn > 0 && inputs.len() < 2, "byte {at}");
        }
    }

    #[test]
    fn differences_are_named() {
        let other = Identity::new("xyz", vec!["modality=any".to_owned()]);
        let words = identity().differences(&other);
        assert!(words.contains("modality=any then, modality=CR,DX now"), "{words}");
        assert_eq!(identity().differences(&identity()), "");
    }
}
