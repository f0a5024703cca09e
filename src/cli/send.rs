//! `calxray send`.

use super::Talk;
use super::status::{Failure, Status, tell, write_out};
use super::tls::Tls;
use crate::pacs::{self, Destination, Identity, Item, Sent, ae_title};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use clap::Args;
use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Sends DICOM files to a DICOM node (C-STORE) or a DICOMweb server (STOW-RS).
///
/// Folders are searched to any depth; files that are no DICOM are left out. What calxray writes has names that follow
/// from its content: sending it twice changes nothing.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  calxray send results/sr results/seg --to PACS@10.0.0.5:104
  calxray send results/sr --to http://127.0.0.1:8042/dicom-web

Environment: CALXRAY_DICOMWEB_TOKEN, or CALXRAY_DICOMWEB_USER and CALXRAY_DICOMWEB_PASSWORD, for DICOMweb servers.

Exit status: 0 the node has everything; 1 it has not; 2 could not start.")]
pub struct Send {
    /// DICOM files, or folders of them.
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<PathBuf>,
    /// Where to: AET@HOST:PORT, tls:AET@HOST:PORT, or the URL of a DICOMweb server.
    #[arg(long, value_name = "NODE")]
    to: Destination,
    /// Our AE title.
    #[arg(long, value_name = "AET", default_value = "CALXRAY", value_parser = ae_title)]
    aet: String,
    /// Times to try again what did not work, after 1, 2, 4 ... seconds.
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(0..=16))]
    retries: u32,
    #[command(flatten)]
    tls: Tls,
}

impl Send {
    /// Sends.
    pub fn run(self, talk: Talk) -> Result<Status, Failure> {
        let identity = Identity {
            ae_title: self.aet,
            authorization: authorization()?,
            tls: self.tls.connector(std::slice::from_ref(&self.to))?,
        };
        let mut files = BTreeSet::new();
        for path in &self.paths {
            find(path, &mut files)
                .map_err(|error| Failure::could_not_start(format_args!("cannot read {}: {error}", path.display())))?;
        }
        let (mut open, mut left_out) = (Vec::new(), 0);
        for path in files {
            match Item::open(&path) {
                Ok(item) => open.push(item),
                Err(error) if matches!(error.kind(), io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof) => {
                    left_out += 1;
                }
                Err(error) => {
                    return Err(Failure::could_not_start(format_args!(
                        "cannot read {}: {error}",
                        path.display()
                    )));
                }
            }
        }
        if open.is_empty() {
            return Err(Failure::could_not_start("nothing to send: no DICOM file there"));
        }
        let (mut stored, mut refused) = (0, 0);
        for attempt in 0..=self.retries {
            let mut settled = vec![false; open.len()];
            let result = pacs::send(&self.to, &identity, &open, &mut |number, sent| match sent {
                Sent::Stored => {
                    settled[number] = true;
                    stored += 1;
                }
                Sent::Refused(why) => {
                    settled[number] = true;
                    refused += 1;
                    tell(&format!("{}: refused: {why}", open[number].path.display()));
                }
                Sent::Later(why) => {
                    if !talk.quiet {
                        tell(&format!("{}: not now: {why}", open[number].path.display()));
                    }
                }
            });
            let mut settled = settled.into_iter();
            open.retain(|_| !settled.next().unwrap_or_default());
            if let Err(why) = &result {
                tell(&format!("{}: {why}", self.to));
            }
            if open.is_empty() {
                break;
            }
            if attempt < self.retries {
                std::thread::sleep(Duration::from_secs(1 << attempt));
            }
        }
        if !talk.quiet {
            let unsent = open.len();
            let mut text = format!("{stored} stored, {refused} refused, {unsent} not sent");
            if left_out > 0 {
                text += &format!(", {left_out} not DICOM");
            }
            write_out(None, format!("{text}\n").as_bytes())?;
        }
        let well = refused == 0 && open.is_empty();
        Ok(if well { Status::Done } else { Status::SomeFailed })
    }
}

/// Every file at or below `path`. Links to folders are not followed.
fn find(path: &Path, files: &mut BTreeSet<PathBuf>) -> io::Result<()> {
    if fs::metadata(path)?.is_file() {
        files.insert(path.to_owned());
        return Ok(());
    }
    let mut folders = vec![path.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let kind = entry.file_type()?;
            if kind.is_dir() {
                folders.push(entry.path());
            } else if kind.is_file() {
                files.insert(entry.path());
            }
        }
    }
    Ok(())
}

/// The header Authorization that the environment asks for.
pub fn authorization() -> Result<Option<String>, Failure> {
    let read = |name: &str| match env::var(name) {
        Ok(value) if value.bytes().all(|byte| matches!(byte, b' '..=b'~')) => Ok(Some(value)),
        Err(env::VarError::NotPresent) => Ok(None),
        _ => Err(Failure::could_not_start(format_args!("{name} is not printable text"))),
    };
    if let Some(token) = read("CALXRAY_DICOMWEB_TOKEN")? {
        return Ok(Some(format!("Bearer {token}")));
    }
    match (read("CALXRAY_DICOMWEB_USER")?, read("CALXRAY_DICOMWEB_PASSWORD")?) {
        (Some(user), password) => {
            let both = format!("{user}:{}", password.unwrap_or_default());
            Ok(Some(format!("Basic {}", STANDARD.encode(both))))
        }
        _ => Ok(None),
    }
}
