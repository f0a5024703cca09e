//! Fetching from a DICOMweb server that does not always behave.

use super::peer::http_request;
use super::service::fixtures;
use calxray::pacs::{Identity, Pull, Pulled, Selection};
use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::net::TcpListener;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

/// A server with one series of instances, by UID, and what it was asked, in order.
struct Server {
    base: String,
    asked: Arc<Mutex<Vec<String>>>,
}

/// What a server does when it is asked for an instance.
#[derive(Clone)]
enum Way {
    /// Gives the bytes.
    Well(Vec<u8>),
    /// Closes in the middle the first time, then gives the bytes.
    Cut(Vec<u8>),
    /// Always answers with this status.
    Status(&'static str),
}

fn serve(instances: BTreeMap<String, Way>) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}/dicom-web", listener.local_addr().unwrap());
    let asked: Arc<Mutex<Vec<String>>> = Arc::default();
    let heard = Arc::clone(&asked);
    // Ends with the test.
    std::thread::spawn(move || {
        let mut cut = Vec::new();
        for socket in listener.incoming() {
            let mut socket = socket.unwrap();
            let (head, _) = http_request(&mut socket);
            let target = head.split(' ').nth(1).unwrap().to_owned();
            heard.lock().unwrap().push(target.clone());
            let json = |body: String| {
                format!(
                    "HTTP/1.1 200 OK\r\nContent-Type: application/dicom+json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                    body.len()
                )
                .into_bytes()
            };
            let part = |bytes: &[u8]| {
                let mut body = b"--=x=\r\nContent-Type: application/dicom\r\n\r\n".to_vec();
                body.extend(bytes);
                body.extend(b"\r\n--=x=--\r\n");
                let head = "HTTP/1.1 200 OK\r\nContent-Type: multipart/related; type=\"application/dicom\"; boundary=\"=x=\"\r\n";
                let mut answer =
                    format!("{head}Content-Length: {}\r\nConnection: close\r\n\r\n", body.len()).into_bytes();
                answer.extend(body);
                answer
            };
            let item = |tags: &[(&str, &str)]| {
                let attributes: Vec<String> = tags
                    .iter()
                    .map(|(tag, value)| format!("\"{tag}\":{{\"vr\":\"UI\",\"Value\":[\"{value}\"]}}"))
                    .collect();
                format!("{{{}}}", attributes.join(","))
            };
            let path = target.split('?').next().unwrap();
            let answer = if path == "/dicom-web/series" {
                // A server that does not page, and a series whose name is no UID.
                let good = item(&[("0020000D", "1.2"), ("0020000E", "1.3")]);
                let bad = item(&[("0020000D", "1.2"), ("0020000E", "../../etc")]);
                json(format!("[{good},{bad}]"))
            } else if path == "/dicom-web/studies/1.2/series/1.3/instances" {
                let mut all: Vec<String> = instances
                    .keys()
                    .map(|uid| item(&[("00080018", uid), ("00080016", "1.2.840.10008.5.1.4.1.1.1")]))
                    .collect();
                // A report in the same series is no radiograph.
                all.push(item(&[
                    ("00080018", "1.9"),
                    ("00080016", "1.2.840.10008.5.1.4.1.1.88.33"),
                ]));
                json(format!("[{}]", all.join(",")))
            } else {
                let uid = path.rsplit('/').next().unwrap();
                match instances.get(uid) {
                    Some(Way::Cut(bytes)) if !cut.contains(&uid.to_owned()) => {
                        cut.push(uid.to_owned());
                        let answer = part(bytes);
                        answer[..answer.len() / 2].to_vec()
                    }
                    Some(Way::Well(bytes) | Way::Cut(bytes)) => part(bytes),
                    Some(Way::Status(status)) => {
                        format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").into_bytes()
                    }
                    None => b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".to_vec(),
                }
            };
            socket.write_all(&answer).unwrap();
        }
    });
    Server { base, asked }
}

#[test]
fn what_is_there_is_fetched_once_whatever_the_server_does() {
    let [first, second] =
        ["DDH_pelvis_1.dcm", "DDH_pelvis_10.dcm"].map(|name| fs::read(&fixtures(&[name])[0]).unwrap());
    let uid = |bytes: &[u8]| {
        let object = dicom_object::from_reader(bytes).unwrap();
        object.meta().media_storage_sop_instance_uid().to_owned()
    };
    let server = serve(BTreeMap::from([
        (uid(&first), Way::Well(first.clone())),
        (uid(&second), Way::Cut(second.clone())),
        // Another image than was asked for.
        ("1.5".to_owned(), Way::Well(first.clone())),
        ("1.6".to_owned(), Way::Status("404 Not Found")),
    ]));
    let place = tempfile::tempdir().unwrap();
    let identity = Identity {
        ae_title: String::new(),
        authorization: None,
        tls: None,
    };
    let stop = AtomicBool::new(false);
    let pull = Pull {
        base: &server.base,
        identity: &identity,
        out: place.path(),
        stop: &stop,
    };
    let selection = Selection {
        modalities: vec!["CR".to_owned()],
        date: Some("20260101-20260131".to_owned()),
        ..Selection::default()
    };
    let mut told = Vec::new();
    let pulled = pull.run(&selection, &mut |line| told.push(line.to_owned())).unwrap();
    let wanted = Pulled {
        fetched: 2,
        present: 0,
        failed: 2,
    };
    assert_eq!(pulled, wanted, "{told:?}");
    let asked = server.asked.lock().unwrap().clone();
    assert!(
        asked[0].starts_with("/dicom-web/series?Modality=CR&StudyDate=20260101-20260131&"),
        "{}",
        asked[0]
    );
    assert!(
        !asked
            .iter()
            .any(|target| target.contains("..") || target.ends_with("/1.9")),
        "{asked:?}"
    );
    assert!(told.iter().any(|line| line.contains("malformed UID")), "{told:?}");
    assert!(told.iter().any(|line| line.contains("HTTP status 404")), "{told:?}");
    let mut files: Vec<Vec<u8>> = crate::support::tree(place.path()).into_values().collect();
    files.sort();
    let mut both = vec![first, second];
    both.sort();
    assert!(files == both, "the files are the images, and nothing else is there");

    // Again: what is there is not asked for.
    server.asked.lock().unwrap().clear();
    let pulled = pull.run(&selection, &mut |_| {}).unwrap();
    assert_eq!((pulled.fetched, pulled.present, pulled.failed), (0, 2, 2));
    // A stop, and a limit, end it between two images.
    let limited = Selection {
        limit: Some(1),
        ..selection.clone()
    };
    let pulled = pull.run(&limited, &mut |_| {}).unwrap();
    assert_eq!(pulled.fetched + pulled.present + pulled.failed, 1);
    stop.store(true, Ordering::Relaxed);
    assert_eq!(pull.run(&selection, &mut |_| {}).unwrap(), Pulled::default());
}

#[test]
fn a_server_that_refuses_is_named_with_its_status() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}/dicom-web", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for socket in listener.incoming() {
            let mut socket = socket.unwrap();
            let _ = http_request(&mut socket);
            socket
                .write_all(b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                .unwrap();
        }
    });
    let place = tempfile::tempdir().unwrap();
    let out = place.path().join("out");
    let ended = crate::support::run(["pull", &base, "--out", out.to_str().unwrap()]).expect(1);
    assert!(ended.stderr.contains("HTTP status 401"), "{}", ended.stderr);
    crate::support::run(["pull", "PACS@127.0.0.1:104", "--out", out.to_str().unwrap()]).expect(2);
    crate::support::run(["pull", &base, "--out", out.to_str().unwrap(), "--date", "today"]).expect(2);
}
