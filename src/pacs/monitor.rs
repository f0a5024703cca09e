//! `/health` and `/metrics` over HTTP, for whoever watches the service. Answers GET, reads no body, holds no state.

use super::metrics::Metrics;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

/// Most bytes of a request that are looked at.
const HEAD: usize = 8 << 10;
/// How long a client may take.
const TIME: Duration = Duration::from_secs(2);

/// How the service is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    /// Takes and analyses objects.
    Well,
    /// Takes no more: it is stopping.
    Stopping,
    /// Results cannot be written.
    Stuck,
}

/// Answers one client of `listener`, which does not block; whether there was one. Clients come one after the other: none
/// can hold up the next for more than a few seconds.
pub fn answer(listener: &TcpListener, metrics: &Metrics, health: impl FnOnce() -> Health) -> bool {
    let Ok((client, _)) = listener.accept() else {
        return false;
    };
    // A client that has gone has no need of an answer.
    let _ = serve(client, metrics, health());
    true
}

fn serve(mut client: TcpStream, metrics: &Metrics, health: Health) -> std::io::Result<()> {
    client.set_nonblocking(false)?;
    client.set_read_timeout(Some(TIME))?;
    client.set_write_timeout(Some(TIME))?;
    let deadline = Instant::now() + TIME;
    let (mut head, mut piece) = (Vec::new(), [0; 1024]);
    while !head.windows(4).any(|window| window == b"\r\n\r\n") && head.len() < HEAD && Instant::now() < deadline {
        match client.read(&mut piece)? {
            0 => break,
            count => head.extend_from_slice(&piece[..count]),
        }
    }
    client.write_all(response(&head, metrics, health).as_bytes())
}

/// The answer to a request that begins with `head`.
fn response(head: &[u8], metrics: &Metrics, health: Health) -> String {
    let line = head
        .split(|&byte| byte == b'\r' || byte == b'\n')
        .next()
        .unwrap_or_default();
    let mut words = line.split(|&byte| byte == b' ');
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let path = target.split(|&byte| byte == b'?').next().unwrap_or_default();
    let (status, kind, body) = match (method, path) {
        (b"GET" | b"HEAD", b"/health") => {
            let (status, word) = match health {
                Health::Well => ("200 OK", "ok"),
                Health::Stopping => ("503 Service Unavailable", "stopping"),
                Health::Stuck => ("503 Service Unavailable", "stuck"),
            };
            let (waiting, outbox) = (metrics.waiting.get(), metrics.outbox.get());
            let body = format!("{{\"status\":\"{word}\",\"spool\":{waiting},\"outbox\":{outbox}}}\n");
            (status, "application/json", body)
        }
        (b"GET" | b"HEAD", b"/metrics") => ("200 OK", "text/plain; version=0.0.4", metrics.exposition()),
        (b"GET" | b"HEAD", _) => ("404 Not Found", "text/plain", "/health, /metrics\n".to_owned()),
        _ => ("405 Method Not Allowed", "text/plain", "GET only\n".to_owned()),
    };
    let length = body.len();
    let body = if method == b"HEAD" { String::new() } else { body };
    format!("HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}")
}

#[cfg(test)]
mod tests {
    use super::{Health, response};
    use crate::pacs::metrics::Metrics;

    #[test]
    fn health_metrics_and_nothing_else() {
        let metrics = Metrics::default();
        metrics.waiting.set(4);
        let answer = |head: &str, health| response(head.as_bytes(), &metrics, health);
        let well = answer("GET /health HTTP/1.1\r\nHost: x\r\n\r\n", Health::Well);
        assert!(well.starts_with("HTTP/1.1 200 OK\r\n"));
        assert!(well.ends_with("\r\n\r\n{\"status\":\"ok\",\"spool\":4,\"outbox\":0}\n"));
        assert!(answer("GET /health HTTP/1.1\r\n\r\n", Health::Stopping).starts_with("HTTP/1.1 503"));
        assert!(answer("GET /metrics?x HTTP/1.1\r\n\r\n", Health::Well).contains("calxray_spool_objects 4\n"));
        assert!(answer("HEAD /metrics HTTP/1.1\r\n\r\n", Health::Well).ends_with("\r\n\r\n"));
        assert!(answer("GET / HTTP/1.1\r\n\r\n", Health::Well).starts_with("HTTP/1.1 404"));
        for garbage in ["", "\r\n\r\n", "POST /metrics HTTP/1.1\r\n\r\n", "\u{1}\u{0}\u{0}"] {
            assert!(answer(garbage, Health::Well).starts_with("HTTP/1.1 405"), "{garbage:?}");
        }
    }
}
