//! Images from a DICOMweb server: QIDO-RS to choose (PS3.18 10.6), WADO-RS to fetch (10.4).

use super::delivery::Identity;
use super::multipart::{boundary, first_part};
use super::scu::Item;
use super::web::{agent, authorized, said};
use crate::dicom::{sop_class, uid};
use crate::write::{AtomicFile, sha256};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use ureq::Agent;

/// Matches asked for at once.
const PAGE: usize = 200;
/// Most bytes of a page of matches.
const PAGE_BYTES: u64 = 64 << 20;
/// Most bytes of an image.
const IMAGE_BYTES: u64 = 1 << 30;
/// Times a request is tried, a little later each time.
const TRIES: u32 = 4;

/// Which images to fetch.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Modalities, each asked for by itself.
    pub modalities: Vec<String>,
    /// Study Date: a day, or two with a dash between, one of which may be missing (PS3.4 C.2.2.2.5).
    pub date: Option<String>,
    /// Study Instance UID.
    pub study: Option<String>,
    /// Most images.
    pub limit: Option<u64>,
}

/// What was done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pulled {
    /// Images fetched.
    pub fetched: u64,
    /// Images that were there already.
    pub present: u64,
    /// Images that could not be fetched.
    pub failed: u64,
}

/// A fetch from one server.
#[derive(Debug)]
pub struct Pull<'a> {
    /// Base URL, without a slash at its end.
    pub base: &'a str,
    /// As whom.
    pub identity: &'a Identity,
    /// Folder for the images.
    pub out: &'a Path,
    /// Ends the work between two images.
    pub stop: &'a AtomicBool,
}

/// Why a request came to nothing.
struct Failed {
    why: String,
    /// Whether it may do better another time.
    passing: bool,
}

impl Pull<'_> {
    /// Fetches what `selection` chooses and is not in the folder yet, and tells `told` what could not be fetched.
    /// An image is in the folder whole or not at all, so that giving the same command again goes on.
    ///
    /// # Errors
    ///
    /// If the server cannot be asked, or the folder cannot be written; in words.
    pub fn run(&self, selection: &Selection, told: &mut dyn FnMut(&str)) -> Result<Pulled, String> {
        let agent = agent();
        let mut pulled = Pulled::default();
        let mut seen = BTreeSet::new();
        for modality in &selection.modalities {
            let mut filter = format!("Modality={modality}");
            for (name, value) in [("StudyDate", &selection.date), ("StudyInstanceUID", &selection.study)] {
                if let Some(value) = value {
                    filter += &format!("&{name}={value}");
                }
            }
            let series = self.matches(
                &agent,
                &format!("series?{filter}&includefield=0020000D"),
                "0020000E",
                told,
            )?;
            for found in series {
                let (Some(study), Some(series)) = (text(&found, "0020000D"), text(&found, "0020000E")) else {
                    continue;
                };
                if !uid::is_valid(study) || !uid::is_valid(series) {
                    told("a series with a malformed UID is left out");
                    continue;
                }
                let place = format!("studies/{study}/series/{series}/instances");
                for image in self.matches(&agent, &format!("{place}?includefield=00080016"), "00080018", told)? {
                    let done = pulled.fetched + pulled.present + pulled.failed;
                    if self.stop.load(Ordering::Relaxed) || selection.limit.is_some_and(|limit| done >= limit) {
                        return Ok(pulled);
                    }
                    let Some(instance) = text(&image, "00080018").filter(|instance| uid::is_valid(instance)) else {
                        told("an image with a malformed UID is left out");
                        continue;
                    };
                    let is_radiograph =
                        text(&image, "00080016").is_none_or(|class| sop_class::RADIOGRAPHS.contains(&class));
                    if !is_radiograph || !seen.insert(instance.to_owned()) {
                        continue;
                    }
                    let path = self.path(study, series, instance);
                    if path.exists() {
                        pulled.present += 1;
                        continue;
                    }
                    match self.fetch(&agent, &format!("{place}/{instance}"), instance, &path) {
                        Ok(()) => pulled.fetched += 1,
                        Err(FetchError::Folder(why)) => return Err(why),
                        Err(FetchError::Image(why)) => {
                            pulled.failed += 1;
                            told(&format!("an image could not be fetched: {why}"));
                        }
                    }
                }
            }
        }
        Ok(pulled)
    }

    /// Where an image goes: named after its UIDs, without saying them.
    fn path(&self, study: &str, series: &str, instance: &str) -> PathBuf {
        let short = |uid: &str| sha256(uid.as_bytes())[..16].to_owned();
        self.out
            .join(short(study))
            .join(short(series))
            .join(format!("{}.dcm", short(instance)))
    }

    /// All matches of a search, page by page; two are the same if they have the same value of `key`.
    fn matches(
        &self,
        agent: &Agent,
        search: &str,
        key: &str,
        told: &mut dyn FnMut(&str),
    ) -> Result<Vec<Value>, String> {
        let mut all = Vec::new();
        let mut keys = BTreeSet::new();
        loop {
            // What is counted is what the server gave, duplicates included.
            let offset = all.len();
            let url = format!("{}/{search}&limit={PAGE}&offset={offset}", self.base);
            let page = self.tried(|| self.page(agent, &url))?;
            let count = page.len();
            for found in page {
                if text(&found, key).is_some_and(|value| keys.insert(value.to_owned())) {
                    all.push(found);
                }
            }
            // A server that does not know paging gives the same again.
            if count < PAGE || all.len() == offset {
                if count > PAGE {
                    told("the server does not page: all of its matches were taken at once");
                }
                return Ok(all);
            }
        }
    }

    fn page(&self, agent: &Agent, url: &str) -> Result<Vec<Value>, Failed> {
        let request = agent.get(url).header("Accept", "application/dicom+json");
        let mut response = authorized(request, self.identity).call().map_err(|error| Failed {
            why: said(&error),
            passing: true,
        })?;
        match response.status().as_u16() {
            200..=299 => {}
            status => {
                return Err(Failed {
                    why: format!("HTTP status {status}"),
                    passing: status == 429 || status >= 500,
                });
            }
        }
        let body = response
            .body_mut()
            .with_config()
            .limit(PAGE_BYTES)
            .read_to_vec()
            .map_err(|error| Failed {
                why: said(&error),
                passing: true,
            })?;
        if body.trim_ascii().is_empty() {
            // 204: nothing found.
            return Ok(Vec::new());
        }
        serde_json::from_slice(&body).map_err(|_| Failed {
            why: "the answer is no DICOM JSON".to_owned(),
            passing: false,
        })
    }

    fn fetch(&self, agent: &Agent, place: &str, instance: &str, path: &Path) -> Result<(), FetchError> {
        let folder = path.parent().unwrap_or(self.out);
        fs::create_dir_all(folder).map_err(|error| unwritable(folder, &error))?;
        let mut fatal = None;
        let result = self.tried(|| {
            self.image(agent, &format!("{}/{place}", self.base), instance, path)
                .map_err(|error| match error {
                    FetchTrouble::Request(failed) => failed,
                    FetchTrouble::Disk(error) => {
                        fatal = Some(unwritable(path, &error));
                        Failed {
                            why: String::new(),
                            passing: false,
                        }
                    }
                })
        });
        match (fatal, result) {
            (Some(error), _) => Err(error),
            (None, result) => result.map_err(FetchError::Image),
        }
    }

    /// Fetches one image to `path`.
    fn image(&self, agent: &Agent, url: &str, instance: &str, path: &Path) -> Result<(), FetchTrouble> {
        let passing = |why: String| FetchTrouble::Request(Failed { why, passing: true });
        let request = agent.get(url).header(
            "Accept",
            "multipart/related; type=\"application/dicom\"; transfer-syntax=*",
        );
        let response = authorized(request, self.identity)
            .call()
            .map_err(|error| passing(said(&error)))?;
        let status = response.status().as_u16();
        if status != 200 {
            return Err(FetchTrouble::Request(Failed {
                why: format!("HTTP status {status}"),
                passing: status == 429 || status >= 500,
            }));
        }
        let kind = response
            .headers()
            .get("Content-Type")
            .and_then(|kind| kind.to_str().ok())
            .unwrap_or("");
        let boundary = boundary(kind);
        let mut file = Disk {
            file: AtomicFile::create(path).map_err(|error| FetchTrouble::Disk(error.source))?,
            full: None,
        };
        let mut body = response
            .into_body()
            .into_with_config()
            .limit(IMAGE_BYTES + (1 << 20))
            .reader();
        let copied = match &boundary {
            Some(boundary) => first_part(&mut body, boundary, IMAGE_BYTES, &mut file),
            None => io::copy(&mut body, &mut file),
        };
        if let Some(error) = file.full {
            return Err(FetchTrouble::Disk(error));
        }
        copied.map_err(|error| passing(format!("the answer ended early: {}", error.kind())))?;
        file.file.commit().map_err(|error| FetchTrouble::Disk(error.source))?;
        // What is not what was asked for must not stand for it the next time.
        if Item::open(path).is_ok_and(|item| item.instance == instance) {
            return Ok(());
        }
        let _ = fs::remove_file(path);
        Err(FetchTrouble::Request(Failed {
            why: "the answer is not the image asked for".to_owned(),
            passing: false,
        }))
    }

    /// Does `work` until it succeeds or there is no use in trying.
    fn tried<T>(&self, mut work: impl FnMut() -> Result<T, Failed>) -> Result<T, String> {
        for attempt in 0.. {
            match work() {
                Ok(done) => return Ok(done),
                Err(failed) if !failed.passing || attempt + 1 >= TRIES || self.stop.load(Ordering::Relaxed) => {
                    return Err(failed.why);
                }
                Err(_) => std::thread::sleep(Duration::from_millis(500 << attempt)),
            }
        }
        Err("stopped".to_owned())
    }
}

/// Why an image is not there.
enum FetchError {
    Folder(String),
    Image(String),
}

/// The same, while trying.
enum FetchTrouble {
    Request(Failed),
    Disk(io::Error),
}

/// A file that remembers that it could not be written, so that the disk is not mistaken for the network.
struct Disk {
    file: AtomicFile,
    full: Option<io::Error>,
}

impl Write for Disk {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes).map_err(|error| {
            let kind = error.kind();
            self.full = Some(error);
            if kind == ErrorKind::Interrupted {
                ErrorKind::Other.into()
            } else {
                kind.into()
            }
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

fn unwritable(path: &Path, error: &io::Error) -> FetchError {
    FetchError::Folder(format!("cannot write {}: {error}", path.display()))
}

/// The first value of the attribute `tag` of a match (PS3.18 F.2), as text.
fn text<'a>(found: &'a Value, tag: &str) -> Option<&'a str> {
    found.get(tag)?.get("Value")?.get(0)?.as_str()
}
