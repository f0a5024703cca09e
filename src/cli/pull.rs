//! `calxray pull`.

use super::send::authorization;
use super::status::{Failure, Status, tell, write_out};
use super::{Talk, signal};
use crate::dicom::text::is_short;
use crate::pacs::{Destination, Identity, Pull as Fetch, Selection};
use clap::Args;
use std::path::PathBuf;

/// Fetches radiographs from a DICOMweb server (QIDO-RS, WADO-RS) into a folder, ready for `calxray scan`.
///
/// What is in the folder already is not fetched again: a run that was stopped goes on when the same command is given
/// again. Files are named after their UIDs without saying them.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  calxray pull http://127.0.0.1:8042/dicom-web --date 20260101-20260131 --out images
  calxray pull http://127.0.0.1:8042/dicom-web --study 1.2.3 --out images && calxray scan images --out results

Environment: CALXRAY_DICOMWEB_TOKEN, or CALXRAY_DICOMWEB_USER and CALXRAY_DICOMWEB_PASSWORD.

Exit status: 0 all is there; 1 some images could not be fetched, or stopped; 2 could not start.")]
pub struct Pull {
    /// Base URL of the DICOMweb server.
    #[arg(value_name = "URL", value_parser = server)]
    url: String,
    /// Folder for the images; made if missing.
    #[arg(short, long, value_name = "DIR")]
    out: PathBuf,
    /// DICOM modalities of series, separated by commas.
    #[arg(long, value_name = "LIST", default_value = "CR,DX", value_delimiter = ',', value_parser = modality)]
    modality: Vec<String>,
    /// Study date: a day (20260131), or a range with either end left out (20260101-20260131, 20260101-).
    #[arg(long, value_name = "DATE", value_parser = date)]
    date: Option<String>,
    /// Study Instance UID.
    #[arg(long, value_name = "UID", value_parser = uid)]
    study: Option<String>,
    /// Most images.
    #[arg(long, value_name = "N")]
    limit: Option<u64>,
}

impl Pull {
    /// Fetches.
    pub fn run(self, talk: Talk) -> Result<Status, Failure> {
        let identity = Identity {
            ae_title: String::new(),
            authorization: authorization()?,
            tls: None,
        };
        let stop = signal::stop_on_interrupt(talk)?;
        std::fs::create_dir_all(&self.out).map_err(|error| Failure::output(&self.out, error))?;
        let fetch = Fetch {
            base: &self.url,
            identity: &identity,
            out: &self.out,
            stop,
        };
        let selection = Selection {
            modalities: self.modality,
            date: self.date,
            study: self.study,
            limit: self.limit,
        };
        let pulled = fetch.run(&selection, &mut tell).map_err(Failure::failed)?;
        if !talk.quiet {
            let (fetched, present, failed) = (pulled.fetched, pulled.present, pulled.failed);
            let text = format!("{fetched} fetched, {present} there already, {failed} failed\n");
            write_out(None, text.as_bytes())?;
        }
        let stopped = stop.load(std::sync::atomic::Ordering::Relaxed);
        Ok(if pulled.failed == 0 && !stopped {
            Status::Done
        } else {
            Status::SomeFailed
        })
    }
}

fn server(text: &str) -> Result<String, String> {
    match text.parse()? {
        Destination::Web(base) => Ok(base),
        Destination::Node { .. } => Err("not the URL of a DICOMweb server".to_owned()),
    }
}

fn modality(text: &str) -> Result<String, String> {
    let name = text.trim().to_ascii_uppercase();
    match is_short(&name, |byte| byte.is_ascii_alphanumeric() || byte == b'_') {
        true => Ok(name),
        false => Err("not a modality such as CR".to_owned()),
    }
}

fn uid(text: &str) -> Result<String, String> {
    let fits = crate::dicom::uid::is_valid(text);
    fits.then(|| text.to_owned()).ok_or_else(|| "not a UID".to_owned())
}

fn date(text: &str) -> Result<String, String> {
    let is_day = |day: &str| day.len() == 8 && day.bytes().all(|digit| digit.is_ascii_digit());
    let fits = match text.split_once('-') {
        None => is_day(text),
        Some(("", "")) => false,
        Some((from, to)) => (from.is_empty() || is_day(from)) && (to.is_empty() || is_day(to)),
    };
    fits.then(|| text.to_owned())
        .ok_or_else(|| "not a date such as 20260131 or 20260101-20260131".to_owned())
}

#[cfg(test)]
mod tests {
    use super::{date, modality, server, uid};

    #[test]
    fn what_goes_into_a_url_is_checked() {
        assert!(date("20260131").is_ok() && date("20260101-20260131").is_ok() && date("-20260131").is_ok());
        for wrong in ["", "-", "2026", "20260131&x=y", "2026013a", "20260101-20260131-"] {
            assert!(date(wrong).is_err(), "{wrong}");
        }
        assert_eq!(modality(" cr").unwrap(), "CR");
        assert!(modality("").is_err() && modality("C&R").is_err());
        assert!(uid("1.2.3").is_ok() && uid("1.2/../3").is_err());
        assert_eq!(server("http://h/dicom-web/").unwrap(), "http://h/dicom-web");
        assert!(server("PACS@h:104").is_err());
    }
}
