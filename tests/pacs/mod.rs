//! The receiver and the sender, against peers that behave and peers that do not.

mod peer;
mod pull;
mod service;

use crate::support::{run, tree};
use calxray::batch::Formats;
use calxray::pacs::{Destination, Sent};
use dicom_ul::association::ClientAssociationOptions;
use dicom_ul::pdu::{AbortRQSource, Pdu};
use peer::{CR, ECHO, IMPLICIT, client, read_pdu, request_bytes};
use service::{Service, fixtures, send};
use std::fs;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::time::{Duration, Instant};

#[test]
fn radiographs_are_taken_in_and_come_to_what_a_scan_of_them_comes_to() {
    let service = Service::start(|options| options.keep_images = true);
    let files = fixtures(&["DDH_pelvis_1.dcm", "DDH_pelvis_10.dcm", "highdicom_dx_dog_thorax.dcm"]);
    let sent = send(&service, &files);
    assert_eq!(sent, vec![Ok(Sent::Stored); 3]);
    // Again: the same objects are the same files.
    assert_eq!(send(&service, &files[..1]), [Ok(Sent::Stored)]);
    let out = service.out();
    service.until(|| service.metric("calxray_spool_objects") == 0 && service.files("images").len() == 3);
    service.stop();
    assert_eq!(fs::read_dir(service.spool().join("received")).unwrap().count(), 0);
    assert_eq!(fs::read_dir(service.spool().join("failed")).unwrap().count(), 0);

    let scanned = service.place.path().join("scanned");
    run([
        "scan",
        out.join("images").to_str().unwrap(),
        "--out",
        scanned.to_str().unwrap(),
        "--format",
        "jsonl,overlay,sr,seg",
        "--progress",
        "none",
    ])
    .expect(0);
    for folder in ["sr", "seg", "overlays"] {
        assert_eq!(tree(&out.join(folder)), tree(&scanned.join(folder)), "{folder}");
    }
    // The records differ in the path only.
    let lines = |text: &str| -> Vec<serde_json::Value> {
        let mut lines: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        lines
            .iter_mut()
            .for_each(|line| drop(line.as_object_mut().unwrap().remove("path")));
        lines.sort_by_key(|line| line["image"].to_string());
        lines
    };
    let findings: String = service
        .files("findings")
        .iter()
        .map(|path| fs::read_to_string(path).unwrap())
        .collect();
    let all = fs::read_to_string(scanned.join("findings.jsonl")).unwrap();
    assert_eq!(lines(&findings), lines(&all));
    // Nothing that is told names a patient, a study or an instance.
    let told = service.told();
    assert!(told.contains("stored image=") && told.contains("from=CR1"), "{told}");
    assert!(!told.contains("1.2.8") && !told.contains("DDH"), "{told}");
}

#[test]
fn an_echo_is_answered_and_strangers_are_not() {
    let service = Service::start(|options| options.callers = vec!["CR1".to_owned()]);
    assert!(peer::answers(&service));
    let reason = |calling, called| client(&service, calling, called).unwrap_err();
    assert!(reason("CR1", "OTHER").contains("called AE title not recognized"));
    assert!(reason("CT9", "CALXRAY").contains("calling AE title not recognized"));
    // A class that is not taken: nothing is left to be accepted.
    let ct = "1.2.840.10008.5.1.4.1.1.2";
    let options = ClientAssociationOptions::new()
        .calling_ae_title("CR1")
        .called_ae_title("CALXRAY");
    let error = options
        .with_presentation_context(ct, vec![IMPLICIT])
        .establish(service.address())
        .unwrap_err();
    assert!(error.to_string().contains("no presentation contexts"), "{error}");
    let told = service.told();
    assert!(
        told.contains("called by another AE title") && told.contains("this AE title may not call"),
        "{told}"
    );
}

#[test]
fn what_is_no_dicom_does_no_harm() {
    let service = Service::start(|options| options.times.request = Duration::from_millis(600));
    let noise: Vec<u8> = (0..100_000_u32)
        .map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect();
    let oversized = [&[1, 0, 0xFF, 0xFF, 0xFF, 0xF0][..], &[0; 1000]].concat();
    let cut = request_bytes("CR1", "CALXRAY", CR)[..40].to_vec();
    let garbage: [&[u8]; 7] = [
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        // The beginning of a TLS handshake.
        &[0x16, 3, 1, 2, 0, 1, 0, 1, 0xFC, 3, 3],
        &noise,
        &oversized,
        &cut,
        // A release and a data PDU before any association.
        &[5, 0, 0, 0, 0, 4, 0, 0, 0, 0],
        &[4, 0, 0, 0, 0, 8, 0, 0, 0, 4, 1, 3, 0, 0],
    ];
    for bytes in garbage {
        let mut socket = TcpStream::connect(service.address()).unwrap();
        // The service may have closed already.
        let _ = socket.write_all(bytes);
        assert!(
            peer::closed_within(&mut socket, Duration::from_secs(5)),
            "{:?}",
            &bytes[..8]
        );
        assert!(peer::answers(&service));
    }
    service.until(|| service.metric("calxray_associations_open") == 0);
    assert_eq!(
        service.metric("calxray_associations_broken_total"),
        garbage.len() as u64
    );
}

#[test]
fn silent_and_slow_peers_are_cut_off() {
    let service = Service::start(|options| {
        options.times.request = Duration::from_millis(500);
        options.times.pdu = Duration::from_millis(500);
        options.times.object = Duration::from_millis(1500);
    });
    // Connected, and nothing else.
    let mut half_open = TcpStream::connect(service.address()).unwrap();
    let begun = Instant::now();
    assert!(peer::closed_within(&mut half_open, Duration::from_secs(5)));
    assert!(begun.elapsed() >= Duration::from_millis(450));
    // A byte now and then, each well within the time of a PDU.
    let mut trickle = TcpStream::connect(service.address()).unwrap();
    let begun = Instant::now();
    for byte in request_bytes("CR1", "CALXRAY", CR) {
        if trickle.write_all(&[byte]).is_err() || begun.elapsed() > Duration::from_secs(3) {
            break;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!(begun.elapsed() < Duration::from_secs(3));
    // An association without requests.
    let mut idle = client(&service, "CR1", "CALXRAY").unwrap();
    assert!(matches!(
        idle.receive(),
        Some(Pdu::AbortRQ {
            source: AbortRQSource::ServiceProvider(_)
        })
    ));
    // A data set in small pieces, each in time, without end.
    let mut endless = client(&service, "CR1", "CALXRAY").unwrap();
    endless.begin_store("1.2.3");
    let begun = Instant::now();
    while endless.piece(&[0; 100], false) && begun.elapsed() < Duration::from_secs(5) {
        std::thread::sleep(Duration::from_millis(100));
    }
    assert!(begun.elapsed() < Duration::from_secs(5));
    service.until(|| service.metric("calxray_associations_open") == 0);
    assert!(peer::answers(&service));
    assert_eq!(service.metric("calxray_objects_stored_total"), 0);
    assert_eq!(fs::read_dir(service.spool().join("incoming")).unwrap().count(), 0);
}

#[test]
fn a_good_sender_comes_through_when_silent_peers_hold_every_place() {
    let service = Service::start(|options| {
        options.most_associations = 2;
        options.times.request = Duration::from_secs(5);
        options.times.pdu = Duration::from_secs(6);
    });
    // Who has asked for nothing takes no association.
    let mut silent: Vec<TcpStream> = (0..8).map(|_| TcpStream::connect(service.address()).unwrap()).collect();
    service.until(|| service.metric("calxray_associations_open") == 8);
    assert!(peer::answers(&service));
    // All associations idle, and more connections than are kept.
    let idle = [(); 2].map(|()| client(&service, "CR1", "CALXRAY").unwrap());
    while service.metric("calxray_associations_open") < 18 {
        silent.push(TcpStream::connect(service.address()).unwrap());
    }
    assert!(client(&service, "CR1", "CALXRAY").is_err());
    // Their time comes, with nobody closing anything. A sender tries again, and its image comes to a result.
    let begun = Instant::now();
    while client(&service, "CR1", "CALXRAY").is_err() {
        assert!(begun.elapsed() < Duration::from_secs(60), "told:\n{}", service.told());
        std::thread::sleep(Duration::from_millis(100));
    }
    let files = fixtures(&["WG04_RG3_leg_J2KR.dcm"]);
    assert_eq!(send(&service, &files), [Ok(Sent::Stored)]);
    service.until(|| service.files("findings").len() == 1);
    drop((idle, silent));
    service.until(|| service.metric("calxray_associations_open") == 0);
}

#[test]
fn a_peer_that_reads_no_answers_is_cut_off() {
    let service = Service::start(|options| {
        options.most_associations = 1;
        options.times.pdu = Duration::from_millis(700);
    });
    let mut deaf = client(&service, "CR1", "CALXRAY").unwrap();
    // Each is answered, until no more answers fit into the buffers between us; then the service stops reading too.
    let begun = Instant::now();
    while deaf.ask_for_echoes(200) {
        assert!(begun.elapsed() < Duration::from_secs(60), "told:\n{}", service.told());
    }
    service.until(|| service.metric("calxray_associations_open") == 0);
    assert!(service.metric("calxray_echoes_total") > 100, "the answers were written");
    assert_eq!(service.metric("calxray_associations_broken_total"), 1);
    assert!(peer::answers(&service));
}

#[test]
fn an_oversized_pdu_ends_its_association_only() {
    let service = Service::start(|options| options.most_pdu_bytes = 4096);
    let mut peer = client(&service, "CR1", "CALXRAY").unwrap();
    peer.begin_store("1.2.3");
    peer.piece(&vec![0; 5000], true);
    assert!(matches!(peer.receive(), Some(Pdu::AbortRQ { .. })));
    assert!(peer::answers(&service));
    service.until(|| service.told().contains("larger than agreed"));
}

#[test]
fn a_cut_off_object_is_not_stored_and_a_whole_one_is_there_before_the_answer() {
    let service = Service::start(|options| options.jobs = 1);
    let mut peer = client(&service, "CR1", "CALXRAY").unwrap();
    peer.begin_store("1.2.3");
    assert!(peer.piece(&[0; 3000], false));
    peer.hang_up();
    service.until(|| service.metric("calxray_associations_open") == 0);
    assert_eq!(fs::read_dir(service.spool().join("incoming")).unwrap().count(), 0);
    assert_eq!(service.metric("calxray_objects_stored_total"), 0);
    // Whole, but no image: acknowledged, then set aside with the reason.
    let mut peer = client(&service, "CR1", "CALXRAY").unwrap();
    peer.begin_store("1.2.3");
    assert!(peer.piece(&[8, 0, 5, 0, 2, 0, 0, 0, b'X', b' '], true));
    assert_eq!(peer.status(), 0);
    service
        .until(|| service.metric("calxray_spool_objects") == 0 && service.metric("calxray_objects_stored_total") == 1);
    service.until(|| {
        service.metric("calxray_objects_failed_total") + service.metric("calxray_objects_skipped_total") == 1
    });
}

#[test]
fn requests_that_make_no_sense_are_answered_with_their_status() {
    let service = Service::start(|_| {});
    let mut peer = client(&service, "CR1", "CALXRAY").unwrap();
    for instance in ["", "no uid", "1.2.3/../../etc", &"1.".repeat(40)] {
        peer.begin_store(instance);
        assert!(peer.piece(&[0; 10], true));
        assert_eq!(peer.status(), 0x0117, "{instance}");
    }
    // A class that is not the context's.
    peer.begin_store_of("1.2.840.10008.5.1.4.1.1.2", "1.2.3");
    assert!(peer.piece(&[0; 10], true));
    assert_eq!(peer.status(), 0x0122);
    // The association has survived all of it.
    assert_eq!(peer.echo(), 0);
}

#[test]
fn a_full_spool_asks_for_patience() {
    let service = Service::start(|options| options.most_spool_bytes = 2000);
    let mut peer = client(&service, "CR1", "CALXRAY").unwrap();
    peer.begin_store("1.2.3");
    for _ in 0..4 {
        assert!(peer.piece(&[0; 1000], false));
    }
    assert!(peer.piece(&[0; 1000], true));
    assert_eq!(peer.status(), 0xA700);
    assert_eq!(peer.echo(), 0);
    assert_eq!(service.metric("calxray_objects_refused_total"), 1);
}

#[test]
fn too_many_associations_are_turned_away_for_the_time_being() {
    let service = Service::start(|options| options.most_associations = 2);
    let mut first = client(&service, "CR1", "CALXRAY").unwrap();
    let second = client(&service, "CR1", "CALXRAY").unwrap();
    let error = client(&service, "CR1", "CALXRAY").unwrap_err();
    assert!(error.contains("local limit exceeded"), "{error}");
    assert_eq!(first.echo(), 0);
    second.release();
    service.until(|| service.metric("calxray_associations_open") == 1);
    assert!(peer::answers(&service));
}

#[test]
fn stopping_lets_an_object_under_way_come_in() {
    let service = Service::start(|_| {});
    let mut sending = client(&service, "CR1", "CALXRAY").unwrap();
    let mut idle = client(&service, "CR1", "CALXRAY").unwrap();
    sending.begin_store("1.2.3");
    assert!(sending.piece(&[8, 0, 5, 0, 2, 0, 0, 0], false));
    service.until(|| fs::read_dir(service.spool().join("incoming")).unwrap().count() == 1);
    service.ask_to_stop();
    // Who is silent is let go, who is sending is heard to the end.
    assert!(matches!(idle.receive(), Some(Pdu::AbortRQ { .. })));
    assert!(sending.piece(b"X ", true));
    assert_eq!(sending.status(), 0);
    service.stop();
    let kept = ["received", "failed"].map(|name| fs::read_dir(service.spool().join(name)).unwrap().count());
    assert!(kept.iter().sum::<usize>() > 0 || !service.files("findings").is_empty());
}

#[test]
fn health_and_numbers_are_served_and_garbage_there_does_no_harm() {
    let service = Service::start(|_| {});
    assert!(service.http("/health").starts_with("HTTP/1.1 200"));
    let mut garbage = TcpStream::connect(service.monitor).unwrap();
    garbage.write_all(&[0xFF; 20_000]).unwrap();
    let _ = garbage.shutdown(Shutdown::Write);
    assert!(service.http("/nothing").starts_with("HTTP/1.1 404"));
    assert!(service.http("/metrics").contains("\ncalxray_objects_stored_total 0\n"));
}

#[test]
fn results_wait_in_the_outbox_until_their_server_takes_them() {
    // A DICOMweb server that fails twice.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}/dicom-web", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || {
        let mut bodies = Vec::new();
        for number in 0.. {
            let (mut socket, _) = listener.accept().unwrap();
            let (head, body) = peer::http_request(&mut socket);
            assert!(head.starts_with("POST /dicom-web/studies HTTP/1.1\r\n"), "{head}");
            assert!(
                head.to_lowercase().contains("authorization: bearer secret\r\n"),
                "{head}"
            );
            let answer = if number < 2 {
                "503 Service Unavailable"
            } else {
                "200 OK"
            };
            let answer = format!("HTTP/1.1 {answer}\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{{}}");
            socket.write_all(answer.as_bytes()).unwrap();
            if number >= 2 {
                bodies.push(body);
                return bodies;
            }
        }
        bodies
    });
    let service = Service::start(|options| {
        options.formats = "sr".parse::<Formats>().unwrap();
        options.destinations = vec![base.parse::<Destination>().unwrap()];
        options.identity.authorization = Some("Bearer secret".to_owned());
    });
    assert_eq!(send(&service, &fixtures(&["DDH_pelvis_1.dcm"])), [Ok(Sent::Stored)]);
    service.until(|| service.metric("calxray_results_sent_total") == 1);
    service.until(|| service.metric("calxray_outbox_objects") == 0);
    assert_eq!(service.metric("calxray_send_retries_total"), 2);
    let report = fs::read(&service.files("sr")[0]).unwrap();
    let bodies = server.join().unwrap();
    assert!(bodies[0].windows(report.len()).any(|window| window == report));
    assert!(!service.told().contains("secret"));
}

#[test]
fn what_a_command_sends_is_counted_and_told() {
    let service = Service::start(|_| {});
    let node = format!("CALXRAY@{}", service.address());
    let pelvis = fixtures(&["DDH_pelvis_1.dcm"]).remove(0);
    let picture = fixtures(&["fracatlas_leg_ap.png"]).remove(0);
    let sent = run([
        "send",
        pelvis.to_str().unwrap(),
        picture.to_str().unwrap(),
        "--to",
        &node,
        "--aet",
        "CR1",
    ])
    .expect(0);
    assert_eq!(sent.stdout, "1 stored, 0 refused, 0 not sent, 1 not DICOM\n");
    // A mammogram is not taken.
    let mammogram = fixtures(&["fodicom_OutOfBoundsOverlay_breast_spot.dcm"]).remove(0);
    let sent = run(["send", mammogram.to_str().unwrap(), "--to", &node]).expect(1);
    assert_eq!(sent.stdout, "0 stored, 1 refused, 0 not sent\n");
    run([
        "send",
        pelvis.to_str().unwrap(),
        "--to",
        "X@127.0.0.1:1",
        "--retries",
        "0",
    ])
    .expect(1);
    run(["send", picture.to_str().unwrap(), "--to", &node]).expect(2);
    run(["send", pelvis.to_str().unwrap(), "--to", "nowhere"]).expect(2);
}

#[test]
fn a_peer_reads_what_the_service_says_of_itself() {
    let service = Service::start(|options| options.most_pdu_bytes = 8192);
    let mut socket = TcpStream::connect(service.address()).unwrap();
    socket.write_all(&request_bytes("CR1", "CALXRAY", ECHO)).unwrap();
    let Some(Pdu::AssociationAC(answer)) = read_pdu(&mut socket) else {
        panic!("not accepted");
    };
    use dicom_ul::pdu::UserVariableItem::MaxLength;
    assert!(answer.user_variables.contains(&MaxLength(8192)));
    // A release is answered with a release.
    socket.write_all(&[5, 0, 0, 0, 0, 4, 0, 0, 0, 0]).unwrap();
    assert_eq!(read_pdu(&mut socket), Some(Pdu::ReleaseRP));
    let mut rest = Vec::new();
    let _ = socket.read_to_end(&mut rest);
    assert!(rest.is_empty());
}

#[cfg(not(feature = "tls"))]
#[test]
fn a_build_without_tls_says_so_and_never_speaks_without() {
    let place = tempfile::tempdir().unwrap();
    let folder = |name| place.path().join(name).display().to_string();
    let pelvis = fixtures(&["DDH_pelvis_1.dcm"]).remove(0).display().to_string();
    let receive = [
        "receive",
        "--spool",
        &folder("spool"),
        "--out",
        &folder("out"),
        "--port",
        "0",
    ];
    let own = ["--tls-certificate", "a.pem", "--tls-key", "b.pem"];
    let send = ["send", &pelvis, "--to", "tls:PACS@127.0.0.1:1", "--tls-trust", "c.pem"];
    for arguments in [[&receive[..], &own].concat(), send.to_vec()] {
        let error = run(arguments).expect(2).stderr;
        assert!(error.contains("built with the feature `tls`"), "{error}");
    }
    let error = run(&send[..4]).expect(2).stderr;
    assert!(error.contains("--tls-trust"), "{error}");
    // A certificate without its key, peers asked for theirs by who shows none.
    for wrong in [["--tls-certificate", "a.pem"], ["--tls-peers", "c.pem"]] {
        run([&receive[..], &wrong].concat()).expect(2);
    }
}
