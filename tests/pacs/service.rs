//! A receiver under test, on a port of its own.

use calxray::pacs::{self, Destination, Identity, Item, Log, Options, Receiver, Sent, Times};
use calxray::pipeline::{Pipeline, Settings};
use calxray::read::ReadOptions;
use calxray::write::seg::SegmentBy;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

#[derive(Debug, Default)]
struct Kept(Mutex<String>);

impl Log for Kept {
    fn detail(&self, line: &str) {
        let mut kept = self.0.lock().unwrap();
        kept.push_str(line);
        kept.push('\n');
    }

    fn event(&self, line: &str) {
        self.detail(line);
    }

    fn warning(&self, line: &str) {
        self.detail(line);
    }
}

pub struct Service {
    pub place: tempfile::TempDir,
    pub monitor: SocketAddr,
    address: SocketAddr,
    stop: Arc<AtomicBool>,
    log: Arc<Kept>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Service {
    /// Starts a receiver with options that `change` has changed.
    pub fn start(change: impl FnOnce(&mut Options)) -> Self {
        let place = tempfile::tempdir().unwrap();
        let free: SocketAddr = "127.0.0.1:0".parse().unwrap();
        let mut options = Options {
            ae_title: "CALXRAY".to_owned(),
            callers: Vec::new(),
            tls: None,
            listen: free,
            monitor: Some(free),
            most_pdu_bytes: 65536,
            most_associations: 8,
            times: Times::default(),
            grace: Duration::from_secs(10),
            spool: place.path().join("spool"),
            most_spool_bytes: 1 << 30,
            out: place.path().join("out"),
            formats: "jsonl,overlay,sr,seg".parse().unwrap(),
            segment_by: SegmentBy::default(),
            keep_images: false,
            read: ReadOptions::default(),
            jobs: 2,
            memory: 1 << 30,
            destinations: Vec::new(),
            identity: Identity {
                ae_title: "CALXRAY".to_owned(),
                authorization: None,
                tls: None,
            },
        };
        change(&mut options);
        let receiver = Receiver::bind(options).unwrap();
        let (stop, log) = (Arc::new(AtomicBool::new(false)), Arc::new(Kept::default()));
        let (address, monitor) = (receiver.address().unwrap(), receiver.monitor_address().unwrap());
        let thread = {
            let (stop, log) = (Arc::clone(&stop), Arc::clone(&log));
            std::thread::spawn(move || {
                let pipeline = Pipeline::new(Settings::default());
                receiver.run(&pipeline, &stop, &*log).unwrap();
            })
        };
        Self {
            place,
            monitor,
            address,
            stop,
            log,
            thread: Mutex::new(Some(thread)),
        }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn out(&self) -> PathBuf {
        self.place.path().join("out")
    }

    pub fn spool(&self) -> PathBuf {
        self.place.path().join("spool")
    }

    /// Files in a folder of the output, sorted; none if there is no folder.
    pub fn files(&self, folder: &str) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(self.out().join(folder));
        let mut paths: Vec<PathBuf> = entries
            .into_iter()
            .flatten()
            .map(|entry| entry.unwrap().path())
            .collect();
        paths.retain(|path| !path.file_name().unwrap().to_string_lossy().starts_with('.'));
        paths.sort();
        paths
    }

    /// Everything the service has told.
    pub fn told(&self) -> String {
        self.log.0.lock().unwrap().clone()
    }

    /// What the monitor answers to GET `path`.
    pub fn http(&self, path: &str) -> String {
        let mut socket = TcpStream::connect(self.monitor).unwrap();
        socket
            .write_all(format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n").as_bytes())
            .unwrap();
        let mut text = String::new();
        socket.read_to_string(&mut text).unwrap();
        text
    }

    /// A number of `/metrics`.
    pub fn metric(&self, name: &str) -> u64 {
        let text = self.http("/metrics");
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.unwrap_or_else(|| panic!("no {name} in {text}")).parse().unwrap()
    }

    /// Waits until `holds`.
    #[track_caller]
    pub fn until(&self, holds: impl Fn() -> bool) {
        let begun = Instant::now();
        while !holds() {
            assert!(
                begun.elapsed() < Duration::from_secs(120),
                "waited in vain; told:\n{}",
                self.told()
            );
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    pub fn ask_to_stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    /// Stops the service and waits for its end.
    pub fn stop(&self) {
        self.ask_to_stop();
        if let Some(thread) = self.thread.lock().unwrap().take() {
            thread.join().unwrap();
        }
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.ask_to_stop();
        if let Some(thread) = self.thread.lock().unwrap().take() {
            let _ = thread.join();
        }
    }
}

/// Real radiographs by name.
pub fn fixtures(names: &[&str]) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/radiographs");
    names.iter().map(|name| folder.join(name)).collect()
}

/// Sends `files` as CR1, each told of once.
pub fn send(service: &Service, files: &[PathBuf]) -> Vec<Result<Sent, String>> {
    let items: Vec<Item> = files.iter().map(|path| Item::open(path).unwrap()).collect();
    let node = Destination::Node {
        ae_title: "CALXRAY".to_owned(),
        address: service.address().to_string(),
        tls: false,
    };
    let identity = Identity {
        ae_title: "CR1".to_owned(),
        authorization: None,
        tls: None,
    };
    let mut all = vec![Err("not told".to_owned()); items.len()];
    pacs::send(&node, &identity, &items, &mut |number, sent| {
        assert_eq!(all[number], Err("not told".to_owned()));
        all[number] = Ok(sent);
    })
    .unwrap();
    all
}
