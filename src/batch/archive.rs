//! Zip, tar and tar.gz read in place, member by member, within limits.

use super::name;
use std::cell::Cell;
use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use zip::ZipArchive;
use zip::result::ZipError;

/// Formats that are opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// PKZIP, stored or deflated.
    Zip,
    /// tar: old, ustar, GNU or pax.
    Tar,
    /// tar within gzip.
    TarGz,
}

/// Most bytes a member may add to an archive's own bytes, as a factor, once [`BOMB_FLOOR`] is passed. Radiographs seldom
/// shrink below a tenth; deflate's limit is a thousandth, which only bombs reach.
const BOMB_FACTOR: u64 = 200;

/// Unpacked bytes below which no factor looks suspicious.
const BOMB_FLOOR: u64 = 4 << 30;

/// Most bytes of tar headers, long names and attributes between two members.
const TAR_HEADERS: u64 = 1 << 20;

/// How much of a file's beginning [`sniff`] wants.
pub const HEAD: usize = 1024;

/// The archive format of a file that begins with `head`, `None` if it is no archive that is opened.
pub fn sniff(head: &[u8]) -> Option<Format> {
    if head.get(128..132) == Some(b"DICM") {
        None
    } else if [b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08"]
        .iter()
        .any(|magic| head.starts_with(*magic))
    {
        Some(Format::Zip)
    } else if is_tar_header(head) {
        Some(Format::Tar)
    } else if head.starts_with(&[0x1f, 0x8b, 8]) {
        let mut block = Vec::with_capacity(512);
        // The head of a compressed file ends early: what could be unpacked counts, not the error after it.
        let _ = flate2::read::GzDecoder::new(head).take(512).read_to_end(&mut block);
        is_tar_header(&block).then_some(Format::TarGz)
    } else {
        None
    }
}

/// Whether a tar header's own check sum holds (POSIX.1-2017, pax, ustar interchange format).
fn is_tar_header(head: &[u8]) -> bool {
    let Some(block) = head.get(..512) else { return false };
    let stated = std::str::from_utf8(&block[148..156])
        .ok()
        .and_then(|text| u32::from_str_radix(text.trim_matches(['\0', ' ']), 8).ok());
    let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
    let own: u32 = block[148..156].iter().map(|byte| u32::from(*byte)).sum();
    block[0] != 0 && stated == Some(sum - own + 8 * u32::from(b' '))
}

/// What went wrong with an archive or a member.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// The archive could not be read from disk.
    #[error("cannot read the archive: {0}")]
    Io(io::Error),
    /// It breaks off or contradicts itself.
    #[error("archive is damaged: {0}")]
    Damaged(String),
    /// It is valid and not opened: encrypted, or compressed in another way.
    #[error("{0}")]
    Unsupported(String),
    /// It would unpack to far more than it holds.
    #[error("{0}")]
    Limit(String),
}

impl ArchiveError {
    /// Stable name for tables.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Io(_) => "file_system",
            Self::Damaged(_) => "damaged",
            Self::Unsupported(_) | Self::Limit(_) => "unsupported",
        }
    }
}

impl From<io::Error> for ArchiveError {
    fn from(error: io::Error) -> Self {
        match error.raw_os_error() {
            Some(_) => Self::Io(error),
            None => Self::Damaged(error.to_string()),
        }
    }
}

impl From<ZipError> for ArchiveError {
    fn from(error: ZipError) -> Self {
        match error {
            ZipError::Io(error) => error.into(),
            ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) | ZipError::InvalidPassword => {
                Self::Unsupported("member is encrypted".to_owned())
            }
            ZipError::UnsupportedArchive(what) => Self::Unsupported(what.to_owned()),
            ZipError::CompressionMethodNotSupported(method) => {
                Self::Unsupported(format!("zip compression method {method} is not supported"))
            }
            other => Self::Damaged(other.to_string()),
        }
    }
}

/// Makes the shown names of one archive's members unique: a name met again gets `#2`, `#3` ...
#[derive(Debug)]
struct Names<'a> {
    archive: &'a str,
    met: HashMap<String, u32>,
}

impl<'a> Names<'a> {
    fn of(archive: &'a str) -> Self {
        let met = HashMap::new();
        Self { archive, met }
    }

    fn shown(&mut self, path: &[u8]) -> String {
        let mut shown = name::member(self.archive, path);
        let times = self.met.entry(shown.clone()).or_default();
        *times += 1;
        if *times > 1 {
            shown = format!("{shown}#{times}");
        }
        shown
    }
}

/// A zip file whose members several threads may read at once.
#[derive(Debug)]
pub struct Zip {
    archive: ZipArchive<SharedFile>,
}

/// One member of a zip file.
#[derive(Clone, Debug)]
pub struct ZipMember {
    /// How it is shown.
    pub shown: String,
    /// Its number.
    pub index: usize,
    /// Unpacked bytes, as declared.
    pub size: u64,
}

impl Zip {
    /// Opens the zip file at `path`.
    ///
    /// # Errors
    ///
    /// If it cannot be read, is damaged, or declares to unpack to a bomb.
    pub fn open(path: &Path) -> Result<Self, ArchiveError> {
        let file = File::open(path).map_err(ArchiveError::Io)?;
        let length = file.metadata().map_err(ArchiveError::Io)?.len();
        let archive = ZipArchive::new(SharedFile {
            file: Arc::new(Mutex::new(file)),
            length,
            at: 0,
        })?;
        let zip = Self { archive };
        let declared = zip.sizes().fold(0, u64::saturating_add);
        refuse_bomb(declared, length)?;
        Ok(zip)
    }

    fn sizes(&self) -> impl Iterator<Item = u64> + '_ {
        (0..self.archive.len()).filter_map(|index| Some(self.archive.by_index_data(index).ok()?.size()))
    }

    /// Its files, in the order of the central directory; `shown` is how the archive is shown.
    pub fn members(&self, shown: &str) -> Vec<ZipMember> {
        let mut names = Names::of(shown);
        let members = (0..self.archive.len()).filter_map(|index| {
            let entry = self.archive.by_index_data(index).ok()?;
            entry.is_file().then(|| ZipMember {
                shown: names.shown(entry.name_raw()),
                index,
                size: entry.size(),
            })
        });
        members.collect()
    }

    /// The bytes of `member`, at most `limit`.
    ///
    /// # Errors
    ///
    /// If it is encrypted, damaged, compressed in an unknown way or larger than `limit`.
    pub fn read(&self, member: &ZipMember, limit: u64) -> Result<Vec<u8>, ArchiveError> {
        let mut archive = self.archive.clone();
        let mut file = archive.by_index(member.index)?;
        read_member(&mut file, member.size, limit)
    }
}

/// Reads a member declared to have `size` bytes. Memory grows with what is there, not with what is declared.
fn read_member(reader: &mut impl Read, size: u64, limit: u64) -> Result<Vec<u8>, ArchiveError> {
    if size > limit {
        return Err(ArchiveError::Limit(format!(
            "member has {size} bytes, the limit is {limit}"
        )));
    }
    let mut bytes = Vec::with_capacity(size.min(1 << 26) as usize);
    reader.take(size + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 != size {
        let found = if bytes.len() as u64 > size { "more" } else { "fewer" };
        return Err(ArchiveError::Damaged(format!(
            "member declares {size} bytes and holds {found}"
        )));
    }
    Ok(bytes)
}

fn refuse_bomb(unpacked: u64, packed: u64) -> Result<(), ArchiveError> {
    if unpacked > BOMB_FLOOR && unpacked / BOMB_FACTOR > packed {
        return Err(ArchiveError::Limit(format!(
            "archive unpacks to more than {BOMB_FACTOR} times its {packed} bytes"
        )));
    }
    Ok(())
}

/// One member of a tar file, met while streaming.
#[derive(Debug)]
pub struct TarMember {
    /// How it is shown.
    pub shown: String,
    /// Bytes, or why they could not be had; `None` when the caller did not want them.
    pub bytes: Option<Result<Vec<u8>, ArchiveError>>,
}

/// Streams the tar file at `path`, shown as `shown`. For each file `wanted` decides by its shown name whether its bytes
/// are read; then `give` gets it and says whether to go on.
///
/// # Errors
///
/// If the archive cannot be read, is damaged or unpacks to a bomb; members before that were given.
pub fn stream_tar(
    path: &Path,
    format: Format,
    shown: &str,
    limit: u64,
    wanted: &mut dyn FnMut(&str) -> bool,
    give: &mut dyn FnMut(TarMember) -> bool,
) -> Result<(), ArchiveError> {
    let file = File::open(path).map_err(ArchiveError::Io)?;
    let meter = Meter::new(file.metadata().map_err(ArchiveError::Io)?.len());
    let mut names = Names::of(shown);
    if format == Format::TarGz {
        let unpacked = flate2::read::MultiGzDecoder::new(io::BufReader::with_capacity(1 << 16, file));
        let mut archive = tar::Archive::new(Metered {
            reader: unpacked,
            meter: &meter,
        });
        members(archive.entries()?, &meter, &mut names, limit, wanted, give)
    } else {
        let mut archive = tar::Archive::new(Metered {
            reader: file,
            meter: &meter,
        });
        members(archive.entries_with_seek()?, &meter, &mut names, limit, wanted, give)
    }
}

fn members<R: Read>(
    mut entries: tar::Entries<'_, R>,
    meter: &Meter,
    names: &mut Names<'_>,
    limit: u64,
    wanted: &mut dyn FnMut(&str) -> bool,
    give: &mut dyn FnMut(TarMember) -> bool,
) -> Result<(), ArchiveError> {
    let mut unread = 0;
    loop {
        // What lies between here and the next member: the rest of this one, and headers.
        meter.ration.set(Some(TAR_HEADERS.saturating_add(unread)));
        let Some(entry) = entries.next() else { return Ok(()) };
        let mut entry = entry.map_err(|error| meter.explain(error))?;
        meter.ration.set(None);
        let kind = entry.header().entry_type();
        unread = if kind.is_gnu_sparse() {
            entry.header().entry_size()?
        } else {
            entry.size()
        };
        if !kind.is_file() && !kind.is_gnu_sparse() {
            continue;
        }
        let shown = names.shown(&entry.path_bytes());
        let bytes = wanted(&shown).then(|| {
            if kind.is_gnu_sparse() {
                return Err(ArchiveError::Unsupported(
                    "sparse member of a tar archive is not supported".to_owned(),
                ));
            }
            let size = entry.size();
            let bytes = read_member(&mut entry, size, limit)?;
            unread = 0;
            Ok(bytes)
        });
        if meter.bomb.get() {
            return Err(meter.explain(io::Error::other("limit")));
        }
        if !give(TarMember { shown, bytes }) {
            return Ok(());
        }
    }
}

/// Counts unpacked bytes, and rations those of headers.
#[derive(Debug)]
struct Meter {
    packed: u64,
    unpacked: Cell<u64>,
    /// What may still be read before the next member; `None` while a member is read.
    ration: Cell<Option<u64>>,
    bomb: Cell<bool>,
}

impl Meter {
    fn new(packed: u64) -> Self {
        Self {
            packed,
            unpacked: Cell::new(0),
            ration: Cell::new(None),
            bomb: Cell::new(false),
        }
    }

    fn explain(&self, error: io::Error) -> ArchiveError {
        if self.bomb.get() {
            return refuse_bomb(self.unpacked.get(), self.packed)
                .err()
                .unwrap_or_else(|| ArchiveError::Limit("archive headers are larger than any file name".to_owned()));
        }
        error.into()
    }
}

#[derive(Debug)]
struct Metered<'a, R> {
    reader: R,
    meter: &'a Meter,
}

impl<R: Read> Read for Metered<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.reader.read(buffer)?;
        let unpacked = self.meter.unpacked.get() + count as u64;
        self.meter.unpacked.set(unpacked);
        let ration = self.meter.ration.get().map(|left| left.checked_sub(count as u64));
        if let Some(Some(left)) = ration {
            self.meter.ration.set(Some(left));
        }
        if ration == Some(None) || refuse_bomb(unpacked, self.meter.packed).is_err() {
            self.meter.bomb.set(true);
            return Err(io::Error::other("limit"));
        }
        Ok(count)
    }
}

impl<R: Seek> Seek for Metered<'_, R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.reader.seek(to)
    }
}

/// One open file read at several places at once; each clone has a place of its own.
#[derive(Clone, Debug)]
struct SharedFile {
    file: Arc<Mutex<File>>,
    length: u64,
    at: u64,
}

impl Read for SharedFile {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(self.at))?;
        let count = file.read(buffer)?;
        self.at += count as u64;
        Ok(count)
    }
}

impl Seek for SharedFile {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let target = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.length.checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = target.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "seek before the beginning"))?;
        Ok(self.at)
    }
}

#[cfg(test)]
mod tests {
    use super::{ArchiveError, Format, HEAD, TarMember, Zip, sniff, stream_tar};
    use std::io::Write;
    use std::path::Path;

    fn append(builder: &mut tar::Builder<impl Write>, name: &str, bytes: &[u8]) {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o600);
        builder.append_data(&mut header, name, bytes).unwrap();
    }

    fn tar_bytes() -> Vec<u8> {
        let mut builder = tar::Builder::new(Vec::new());
        append(&mut builder, "inner/a", b"first");
        append(&mut builder, &format!("{}/b", "long".repeat(60)), &[7; 2000]);
        append(&mut builder, "inner/a", b"again");
        builder.into_inner().unwrap()
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    type Met = Vec<(String, Option<usize>)>;

    fn streamed(path: &Path, limit: u64, unwanted: &str) -> (Met, Result<(), ArchiveError>) {
        let format = sniff(&std::fs::read(path).unwrap()).expect("an archive");
        let mut met = Met::new();
        let mut give = |TarMember { shown, bytes }| {
            met.push((shown, bytes.and_then(Result::ok).map(|bytes| bytes.len())));
            true
        };
        let result = stream_tar(path, format, "t", limit, &mut |shown| shown != unwanted, &mut give);
        (met, result)
    }

    #[test]
    fn tar_and_tar_gz_give_the_same_members() {
        let folder = tempfile::tempdir().unwrap();
        let long = format!("t!/{}/b", "long".repeat(60));
        let expected = vec![
            ("t!/inner/a".to_owned(), None),
            (long, Some(2000)),
            ("t!/inner/a#2".to_owned(), Some(5)),
        ];
        for (name, bytes) in [("t.tar", tar_bytes()), ("t.tgz", gzip(&tar_bytes()))] {
            let path = folder.path().join(name);
            std::fs::write(&path, bytes).unwrap();
            let (met, result) = streamed(&path, 4096, "t!/inner/a");
            result.unwrap();
            assert_eq!(met, expected, "{name}");
        }
    }

    #[test]
    fn a_tar_cut_anywhere_never_gives_part_of_a_member_as_the_whole() {
        let folder = tempfile::tempdir().unwrap();
        let whole = tar_bytes();
        for (name, bytes) in [("t.tar", whole.clone()), ("t.tgz", gzip(&whole))] {
            let path = folder.path().join(name);
            let least = if name == "t.tar" { 512 } else { bytes.len() / 2 };
            for cut in (least..bytes.len()).step_by(if name == "t.tar" { 171 } else { 1 }) {
                std::fs::write(&path, &bytes[..cut]).unwrap();
                if sniff(&bytes[..cut.min(HEAD)]).is_some() {
                    let (met, _) = streamed(&path, 4096, "");
                    let sizes: Vec<usize> = met.iter().filter_map(|(_, size)| *size).collect();
                    assert!([5, 2000, 5].starts_with(&sizes), "{name} cut at {cut}: {sizes:?}");
                }
            }
        }
    }

    #[test]
    fn a_member_above_the_limit_is_refused_and_the_next_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.tgz");
        std::fs::write(&path, gzip(&tar_bytes())).unwrap();
        let (met, result) = streamed(&path, 1000, "");
        result.unwrap();
        let sizes: Vec<Option<usize>> = met.into_iter().map(|(_, size)| size).collect();
        assert_eq!(sizes, [Some(5), None, Some(5)]);
    }

    #[test]
    fn a_file_name_of_gigabytes_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.tgz");
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(tar::EntryType::GNULongName);
        header.set_path("././@LongLink").unwrap();
        header.set_size(64 << 20);
        header.set_cksum();
        let mut bytes = header.as_bytes().to_vec();
        bytes.resize(bytes.len() + (64 << 20), b'a');
        std::fs::write(&path, gzip(&bytes)).unwrap();
        let (met, result) = streamed(&path, 1000, "");
        assert!(met.is_empty());
        assert!(matches!(result, Err(ArchiveError::Limit(_))), "{result:?}");
    }

    #[test]
    fn zip_members_are_read_within_limits() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("z.zip");
        let mut writer = zip::ZipWriter::new(std::fs::File::create(&path).unwrap());
        let options = zip::write::SimpleFileOptions::default();
        writer.add_directory("inner/", options).unwrap();
        for (name, bytes) in [("inner/a", &b"first"[..]), ("b", &[7; 5000])] {
            writer.start_file(name, options).unwrap();
            writer.write_all(bytes).unwrap();
        }
        writer.finish().unwrap();
        let bytes = std::fs::read(&path).unwrap();
        assert_eq!(sniff(&bytes), Some(Format::Zip));
        let zip = Zip::open(&path).unwrap();
        let members = zip.members("z");
        let shown: Vec<&str> = members.iter().map(|member| member.shown.as_str()).collect();
        assert_eq!(shown, ["z!/inner/a", "z!/b"]);
        assert_eq!(zip.read(&members[0], 100).unwrap(), b"first");
        assert!(matches!(zip.read(&members[1], 100), Err(ArchiveError::Limit(_))));
        for cut in (0..bytes.len()).step_by(7) {
            std::fs::write(&path, &bytes[..cut]).unwrap();
            assert!(Zip::open(&path).is_err());
        }
    }

    #[test]
    fn images_and_text_are_no_archives() {
        let mut dicom = vec![0; 600];
        dicom[..4].copy_from_slice(b"PK\x03\x04");
        dicom[128..132].copy_from_slice(b"DICM");
        assert_eq!(sniff(&dicom), None);
        assert_eq!(sniff(&[0; 1024]), None);
        assert_eq!(sniff(b"PK"), None);
        assert_eq!(sniff(&gzip(b"one file, no tar")), None);
    }
}
