//! `calxray receive`.

use super::log::Lines;
use super::reading::{Modalities, read_options};
use super::scan::quiet_panics;
use super::segments::Segments;
use super::send::authorization;
use super::settings::{effective, pipeline};
use super::status::{Failure, Status};
use super::tls::Tls;
use super::{Talk, signal};
use crate::batch::Formats;
use crate::pacs::{Acceptor, Destination, Identity, Log, Options, Receiver, Times, ae_title};
use crate::units::Millimetres;
use clap::Args;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

/// Receives radiographs by DICOM C-STORE, analyses them, and sends the results on.
///
/// An object is on the disk before it is acknowledged, and stays in the spool until its results are in --out and in the
/// outbox of every --send-to: kill it at any moment and start it again. Names of results follow from their content, so
/// an image that comes twice changes nothing.
#[derive(Args, Debug)]
#[command(after_help = AFTER_HELP)]
pub struct Receive {
    /// Our AE title; peers must call it.
    #[arg(long, value_name = "AET", default_value = "CALXRAY", value_parser = ae_title)]
    aet: String,
    /// Port to listen on for DICOM; 0 takes any free one.
    #[arg(short, long, value_name = "PORT", default_value_t = 11112)]
    port: u16,
    /// Address to listen on for DICOM.
    #[arg(long, value_name = "ADDRESS", default_value = "0.0.0.0")]
    listen: IpAddr,
    /// An AE title that may call, may be repeated. Without it everybody may.
    #[arg(long, value_name = "AET", value_parser = ae_title)]
    allow: Vec<String>,
    /// Folder for objects that are not done with; made if missing.
    #[arg(long, value_name = "DIR")]
    spool: PathBuf,
    /// Folder for the results; made if missing.
    #[arg(short, long, value_name = "DIR")]
    out: PathBuf,
    /// What to write per image, separated by commas: jsonl, overlay, sr, seg, sc, gsps.
    #[arg(short, long, value_name = "LIST", default_value = "jsonl,overlay,sr,seg")]
    format: Formats,
    /// What is one segment of a DICOM segmentation (`--format seg`).
    #[arg(long, value_name = "WHAT", value_enum, default_value_t)]
    segments: Segments,
    /// Keep each image in --out/images when it is done with, instead of removing it.
    #[arg(long)]
    keep_images: bool,
    /// Send the DICOM objects made: AET@HOST:PORT or tls:AET@HOST:PORT by C-STORE, or the URL of a DICOMweb server by STOW-RS. May be repeated.
    #[arg(long, value_name = "NODE")]
    send_to: Vec<Destination>,
    /// Settings in TOML; what it does not name keeps its default.
    #[arg(long, value_name = "FILE.toml")]
    settings: Option<PathBuf>,
    /// A model made by `calxray train`, in place of the one that is built in.
    #[arg(long, value_name = "FILE.json")]
    model: Option<PathBuf>,
    /// DICOM modalities to take and analyse, separated by commas, or `any`.
    #[arg(long, value_name = "LIST", default_value = "CR,DX")]
    modality: Modalities,
    /// Least score of a focus, from 0 to 1. Overrides the settings file.
    #[arg(long, value_name = "S", value_parser = super::settings::score)]
    min_score: Option<f32>,
    /// Pixel spacing in mm, both ways, for images that state none.
    #[arg(long, value_name = "MM", value_parser = super::reading::spacing)]
    spacing: Option<Millimetres>,
    /// Address and port of `/health` and `/metrics` over HTTP, or `none`.
    #[arg(long, value_name = "ADDRESS:PORT", help_heading = "Work", default_value = "127.0.0.1:11180", value_parser = monitor)]
    monitor: Monitor,
    /// Images analysed at once. Default: all cores.
    #[arg(short, long, value_name = "N", help_heading = "Work", value_parser = clap::value_parser!(u16).range(1..))]
    jobs: Option<u16>,
    /// Ceiling on the memory of images in flight, in megabytes. Default: 1024 for each of --jobs.
    #[arg(long, value_name = "MB", help_heading = "Work", value_parser = clap::value_parser!(u64).range(16..=1 << 24))]
    memory: Option<u64>,
    /// Ceiling on the spool, in megabytes: what comes above it is answered with "out of resources" (0xA700).
    #[arg(long, value_name = "MB", help_heading = "Work", default_value_t = 10240, value_parser = clap::value_parser!(u64).range(1..=1 << 32))]
    spool_limit: u64,
    /// Associations at once; further ones are rejected for the time being.
    #[arg(long, value_name = "N", help_heading = "Network", default_value_t = 16, value_parser = clap::value_parser!(u64).range(1..=1024))]
    max_associations: u64,
    /// Most bytes of a PDU; a larger one ends its association.
    #[arg(long, value_name = "BYTES", help_heading = "Network", default_value_t = 131_072, value_parser = clap::value_parser!(u32).range(4096..=1 << 24))]
    max_pdu: u32,
    /// Seconds that an association may be silent, and that a PDU may take, theirs to come and ours to be taken.
    #[arg(long, value_name = "S", help_heading = "Network", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=3600))]
    timeout: u64,
    /// Seconds that objects under way may take when the service is stopped.
    #[arg(long, value_name = "S", help_heading = "Network", default_value_t = 20, value_parser = clap::value_parser!(u64).range(0..=3600))]
    grace: u64,
    #[command(flatten)]
    tls: Tls,
    /// Certificates, in PEM, one of which must have signed that of a peer. Without it peers need none.
    #[arg(long, value_name = "FILE.pem", help_heading = "TLS", requires = "tls_certificate")]
    tls_peers: Option<PathBuf>,
}

const AFTER_HELP: &str = "\
Examples:
  calxray receive --aet CALXRAY --port 11112 --spool /var/spool/calxray --out /var/lib/calxray
  calxray receive --spool spool --out results --allow CR1 --allow DX2 --send-to PACS@10.0.0.5:104
  calxray receive --spool spool --out results --format sr,seg --send-to http://127.0.0.1:8042/dicom-web

Files written to --out, each whole or not at all, named after the image:
  findings/  records, one line per frame (as in findings.jsonl of `calxray scan`)
  overlays/  a picture per image
  sr/ seg/ sc/ gsps/  DICOM objects
  images/    the images themselves, with --keep-images

With --tls-certificate and --tls-key the DICOM port speaks TLS alone (2762 is its usual number).

Environment: CALXRAY_DICOMWEB_TOKEN, or CALXRAY_DICOMWEB_USER and CALXRAY_DICOMWEB_PASSWORD, for DICOMweb servers.

SIGTERM and Ctrl-C stop it well: objects under way come in, images in work are finished, the rest stays in the spool.

Exit status:
  0  stopped when told so
  2  could not start: arguments, settings, folders or ports";

/// The value of `--monitor`.
#[derive(Clone, Copy, Debug)]
struct Monitor(Option<SocketAddr>);

fn monitor(text: &str) -> Result<Monitor, String> {
    if text.eq_ignore_ascii_case("none") {
        return Ok(Monitor(None));
    }
    let address = text
        .parse()
        .map_err(|_| "not an address and port such as 127.0.0.1:11180, and not none".to_owned())?;
    Ok(Monitor(Some(address)))
}

impl Receive {
    /// Receives until told to stop.
    pub fn run(self, talk: Talk) -> Result<Status, Failure> {
        let mut settings = effective(self.settings.as_deref())?;
        settings.least_score = self.min_score.unwrap_or(settings.least_score);
        let pipeline = pipeline(settings, self.model.as_deref())?;
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let jobs = self.jobs.map_or(cores, usize::from);
        let identity = Identity {
            ae_title: self.aet.clone(),
            authorization: authorization()?,
            tls: self.tls.connector(&self.send_to)?,
        };
        let tls = self.tls.own().map(|(certificate, key)| {
            let peers = self.tls_peers.as_deref();
            Acceptor::new(certificate, key, peers).map_err(Failure::could_not_start)
        });
        let open_to_all = self.allow.is_empty();
        let receiver = Receiver::bind(Options {
            ae_title: self.aet.clone(),
            callers: self.allow,
            tls: tls.transpose()?,
            listen: SocketAddr::new(self.listen, self.port),
            monitor: self.monitor.0,
            most_pdu_bytes: self.max_pdu,
            most_associations: self.max_associations,
            times: Times {
                pdu: Duration::from_secs(self.timeout),
                ..Times::default()
            },
            grace: Duration::from_secs(self.grace),
            spool: self.spool,
            most_spool_bytes: self.spool_limit << 20,
            out: self.out,
            formats: self.format,
            segment_by: self.segments.into(),
            keep_images: self.keep_images,
            read: read_options(self.modality, self.spacing),
            jobs,
            memory: self.memory.unwrap_or(1024 * jobs as u64) << 20,
            destinations: self.send_to,
            identity,
        })
        .map_err(Failure::could_not_start)?;
        let stop = signal::stop_on_interrupt(talk)?;
        quiet_panics(talk);
        let log = Lines::new(talk);
        if let Ok(address) = receiver.address() {
            let monitor = receiver.monitor_address();
            let monitor = monitor.map_or_else(String::new, |address| format!(" monitor={address}"));
            log.event(&format!("listening aet={} address={address}{monitor}", self.aet));
        }
        if open_to_all && !self.listen.is_loopback() {
            log.warning("open every AE title may call; name those that may with --allow");
        }
        receiver.run(&pipeline, stop, &log).map_err(Failure::could_not_start)?;
        Ok(Status::Done)
    }
}
