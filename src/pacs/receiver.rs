//! The service: listens, takes in, analyses, sends on, and stops well.

use super::acceptor::{Acceptance, classes};
use super::analysis::Workshop;
use super::association::{Storage, Times};
use super::delivery::{Delivery, Identity};
use super::destination::Destination;
use super::error::{AssociationError, PacsError};
use super::log::Log;
use super::metrics::Metrics;
use super::monitor::{self, Health};
use super::seats::Seats;
use super::spool::Spool;
use super::tls::Acceptor;
use super::wire::{Stops, Wire};
use crate::batch::{Formats, Single};
use crate::pipeline::Pipeline;
use crate::read::ReadOptions;
use crate::write::seg::SegmentBy;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::Scope;
use std::time::{Duration, Instant};

/// How often the listener looks for a peer.
const TICK: Duration = Duration::from_millis(5);
/// Connections above the most associations: those that have not asked for one yet, and those that are told that there are
/// too many. Further ones are closed.
const WITHOUT_SEAT: u64 = 16;

/// How to receive.
#[derive(Clone, Debug)]
pub struct Options {
    /// Our AE title.
    pub ae_title: String,
    /// AE titles that may call; empty lets everybody.
    pub callers: Vec<String>,
    /// With it, the DICOM port speaks TLS alone.
    pub tls: Option<Acceptor>,
    /// Where to listen for DICOM.
    pub listen: SocketAddr,
    /// Where to answer `/health` and `/metrics`; `None` does not.
    pub monitor: Option<SocketAddr>,
    /// Most bytes of a PDU, at least 4096.
    pub most_pdu_bytes: u32,
    /// Most associations at once.
    pub most_associations: u64,
    /// How long a peer may take.
    pub times: Times,
    /// How long objects under way may take when the service stops.
    pub grace: Duration,
    /// Folder of the spool.
    pub spool: PathBuf,
    /// Most bytes in the spool.
    pub most_spool_bytes: u64,
    /// Folder of results.
    pub out: PathBuf,
    /// What to write: no tables.
    pub formats: Formats,
    /// What is one segment of a segmentation.
    pub segment_by: SegmentBy,
    /// Whether to keep images when they are done with.
    pub keep_images: bool,
    /// How to read.
    pub read: ReadOptions,
    /// Images analysed at once.
    pub jobs: usize,
    /// Most bytes of images in flight.
    pub memory: u64,
    /// Where to send DICOM objects.
    pub destinations: Vec<Destination>,
    /// As whom to send.
    pub identity: Identity,
}

/// A receiver that listens and does nothing yet: peers wait.
#[derive(Debug)]
pub struct Receiver {
    options: Options,
    listener: TcpListener,
    monitor: Option<TcpListener>,
    spool: Spool,
    deliveries: Vec<Delivery>,
    metrics: Metrics,
}

impl Receiver {
    /// Opens the spool and listens.
    ///
    /// # Errors
    ///
    /// If a folder cannot be written, an address cannot be listened on, or an option makes no sense.
    pub fn bind(options: Options) -> Result<Self, PacsError> {
        if let Some(format) = Single::unfit(&options.formats) {
            let name = format.name();
            return Err(PacsError::Option(format!(
                "{name} is made of many images: use calxray scan for it"
            )));
        }
        if !options.destinations.is_empty() && options.formats.objects().next().is_none() {
            return Err(PacsError::Option(
                "there is nothing to send: choose sr, seg or sc".to_owned(),
            ));
        }
        let listen = |address: SocketAddr| {
            let failed = |source| PacsError::Listen {
                address: address.to_string(),
                source,
            };
            let listener = TcpListener::bind(address).map_err(failed)?;
            listener.set_nonblocking(true).map_err(failed)?;
            Ok(listener)
        };
        let spool = Spool::open(&options.spool, options.most_spool_bytes)?;
        let deliveries = options
            .destinations
            .iter()
            .map(|destination| Delivery::new(&spool, destination.clone(), &options.identity))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            listener: listen(options.listen)?,
            monitor: options.monitor.map(listen).transpose()?,
            spool,
            deliveries,
            metrics: Metrics::default(),
            options,
        })
    }

    /// Where it listens for DICOM.
    ///
    /// # Errors
    ///
    /// If the system does not say.
    pub fn address(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Where it answers `/health` and `/metrics`.
    pub fn monitor_address(&self) -> Option<SocketAddr> {
        self.monitor.as_ref().and_then(|listener| listener.local_addr().ok())
    }

    /// Receives, analyses with `pipeline` and sends on until `stop` is set; then takes no more, lets objects under way
    /// come in, finishes images and transfers in work, and leaves the rest in the spool for the next time.
    ///
    /// # Errors
    ///
    /// If a folder cannot be made or a thread cannot be started.
    pub fn run(&self, pipeline: &Pipeline, stop: &AtomicBool, log: &dyn Log) -> Result<(), PacsError> {
        let options = &self.options;
        let read = ReadOptions {
            context: options.formats.objects().next().is_some(),
            ..options.read.clone()
        };
        let single = Single::new(
            &options.out,
            &options.formats,
            options.segment_by,
            &read,
            pipeline,
            options.memory,
        )
        .map_err(|error| PacsError::Option(error.to_string()))?;
        let images = options.keep_images.then(|| options.out.join("images"));
        if let Some(folder) = &images {
            std::fs::create_dir_all(folder).map_err(PacsError::folder(folder))?;
        }
        let acceptance = Acceptance {
            ae_title: options.ae_title.clone(),
            callers: options.callers.clone(),
            classes: classes(&options.read.modalities),
            most_bytes: options.most_pdu_bytes,
        };
        let seats = Seats::new(options.most_associations);
        let storage = Storage {
            acceptance: &acceptance,
            seats: &seats,
            spool: &self.spool,
            times: options.times,
            most_bytes: options.read.limits.bytes,
            metrics: &self.metrics,
            log,
        };
        let stuck = AtomicBool::new(false);
        let workshop = Workshop {
            spool: &self.spool,
            single: &single,
            deliveries: &self.deliveries,
            images,
            metrics: &self.metrics,
            log,
            stuck: &stuck,
        };
        // Everything goes on while objects under way come in, and stops after them.
        let end = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let begun = (|| {
                for number in 0..options.jobs.max(1) {
                    // Nested sequences are read by recursion.
                    let builder = std::thread::Builder::new().stack_size(8 << 20);
                    let builder = builder.name(format!("analysis-{number}"));
                    builder.spawn_scoped(scope, || workshop.work(&end))?;
                }
                for delivery in &self.deliveries {
                    let builder = std::thread::Builder::new().name("delivery".to_owned());
                    builder.spawn_scoped(scope, || delivery.run(&end, &self.metrics, log))?;
                }
                if let Some(listener) = &self.monitor {
                    let builder = std::thread::Builder::new().name("monitor".to_owned());
                    builder.spawn_scoped(scope, || self.watch(listener, stop, &stuck, &end))?;
                }
                Ok(())
            })();
            if begun.is_ok() {
                let stops = Stops {
                    when_idle: stop,
                    now: &end,
                };
                let storage = &storage;
                self.listen(scope, Reception { storage, stops });
            }
            end.store(true, Ordering::Relaxed);
            self.spool.wake();
            begun.map_err(PacsError::Thread)
        })?;
        self.take_stock();
        let (waiting, outbox) = (self.metrics.waiting.get(), self.metrics.outbox.get());
        log.event(&format!("stopped spool={waiting} outbox={outbox}"));
        Ok(())
    }

    /// Takes in peers until `stop`, then waits for those that are sending.
    fn listen<'scope, 'env>(&'env self, scope: &'scope Scope<'scope, 'env>, reception: Reception<'env>) {
        let log = reception.storage.log;
        let mut give_up = None;
        loop {
            let stopping = reception.stops.when_idle.load(Ordering::Relaxed);
            if stopping {
                let open = self.metrics.open_associations.get();
                let until = *give_up.get_or_insert_with(|| {
                    log.event(&format!("stopping open_associations={open}"));
                    Instant::now() + self.options.grace
                });
                if open == 0 || Instant::now() >= until {
                    return;
                }
            }
            match self.listener.accept() {
                Ok((socket, peer)) if !stopping => self.greet(scope, reception, socket, peer),
                Ok(_) => {}
                Err(_) => std::thread::sleep(TICK),
            }
        }
    }

    fn greet<'scope, 'env>(
        &'env self,
        scope: &'scope Scope<'scope, 'env>,
        reception: Reception<'env>,
        socket: TcpStream,
        peer: SocketAddr,
    ) {
        let Reception { storage, stops } = reception;
        let log = storage.log;
        let open = &self.metrics.open_associations;
        let most = self.options.most_associations;
        self.metrics.associations.add(1);
        if open.get() >= most + WITHOUT_SEAT {
            self.metrics.broken_associations.add(1);
            return;
        }
        open.add(1);
        let serve = move || {
            let _leaving = Leaving(&self.metrics);
            let peer = peer.to_string();
            let served = catch_unwind(AssertUnwindSafe(|| {
                let wire = Wire::new(socket, self.options.tls.as_ref(), storage.times.pdu, stops)
                    .map_err(AssociationError::Connection)?;
                storage.serve(wire, &peer)
            }));
            let error = match served {
                Ok(Ok(())) => return,
                Ok(Err(error)) => error.to_string(),
                Err(_) => "calxray is at fault, please report it".to_owned(),
            };
            self.metrics.broken_associations.add(1);
            log.warning(&format!("association-ended peer={peer} reason=\"{error}\""));
        };
        let builder = std::thread::Builder::new().name("association".to_owned());
        if let Err(error) = builder.spawn_scoped(scope, serve) {
            // The closure, and with it the connection, is gone.
            open.subtract(1);
            log.warning(&format!("association-ended peer={peer} reason=\"{error}\""));
        }
    }

    /// Answers `/health` and `/metrics` until `end`.
    fn watch(&self, listener: &TcpListener, stop: &AtomicBool, stuck: &AtomicBool, end: &AtomicBool) {
        let health = || {
            self.take_stock();
            match (stop.load(Ordering::Relaxed), stuck.load(Ordering::Relaxed)) {
                (true, _) => Health::Stopping,
                (_, true) => Health::Stuck,
                _ => Health::Well,
            }
        };
        while !end.load(Ordering::Relaxed) {
            if !monitor::answer(listener, &self.metrics, health) {
                std::thread::sleep(4 * TICK);
            }
        }
    }

    /// Counts what waits: first what is to be analysed, so that nothing is missed on its way to an outbox.
    fn take_stock(&self) {
        let (objects, bytes) = self.spool.held();
        self.metrics.waiting.set(objects);
        self.metrics.waiting_bytes.set(bytes);
        let outbox = self.deliveries.iter().map(Delivery::waiting).sum();
        self.metrics.outbox.set(outbox);
    }
}

/// What awaits a peer.
#[derive(Clone, Copy)]
struct Reception<'env> {
    storage: &'env Storage<'env>,
    stops: Stops<'env>,
}

/// An association that ends.
struct Leaving<'a>(&'a Metrics);

impl Drop for Leaving<'_> {
    fn drop(&mut self) {
        self.0.open_associations.subtract(1);
    }
}
