//! STOW-RS as its user (PS3.18 10.5): DICOM files to a DICOMweb server, one per request over one kept connection.

use super::command::Status;
use super::delivery::Identity;
use super::scu::{Item, Sent};
use super::web::{agent, authorized, said};
use std::fs;

/// Most bytes of an answer that are looked at.
const ANSWER: u64 = 1 << 20;

/// Sends `items` to the server with base URL `base`; tells `done` what became of each, by its number.
///
/// # Errors
///
/// Why the server could not be reached or lets us do nothing, in words: what was not told of by then was not sent.
pub fn send(base: &str, identity: &Identity, items: &[Item], done: &mut dyn FnMut(usize, Sent)) -> Result<(), String> {
    let agent = agent();
    for (number, item) in items.iter().enumerate() {
        let object = match fs::read(&item.path) {
            Ok(object) => object,
            Err(error) => {
                done(number, Sent::Later(format!("cannot be read: {error}")));
                continue;
            }
        };
        let boundary = boundary(&object);
        let request = agent
            .post(format!("{base}/studies"))
            .header("Accept", "application/dicom+json")
            .header(
                "Content-Type",
                format!("multipart/related; type=\"application/dicom\"; boundary={boundary}"),
            );
        let mut response = authorized(request, identity)
            .send(&body(&object, &boundary)[..])
            .map_err(|error| said(&error))?;
        let text = response
            .body_mut()
            .with_config()
            .limit(ANSWER)
            .read_to_string()
            .unwrap_or_default();
        done(number, judged(response.status().as_u16(), &text)?);
    }
    Ok(())
}

/// What an answer means for the object. The error is about the server, not about the object.
fn judged(status: u16, body: &str) -> Result<Sent, String> {
    let failure = failure(body);
    match (status, failure) {
        (200..=299, None) => Ok(Sent::Stored),
        (200..=299 | 409, Some(reason)) if reason.is_passing() => Ok(Sent::Later(format!("reason 0x{:04X}", reason.0))),
        (200..=299 | 409, Some(reason)) => Ok(Sent::Refused(format!("reason 0x{:04X}", reason.0))),
        // The object itself is at fault (PS3.18 10.5.3.1). Anything else may be another next time.
        (400 | 409 | 413 | 415, _) => Ok(Sent::Refused(format!("HTTP status {status}"))),
        _ => Err(format!("HTTP status {status}")),
    }
}

/// The Failure Reason (0008,1197) in the Failed SOP Sequence (0008,1198) of a Store Instances Response (PS3.18 I.2),
/// where there is one.
fn failure(body: &str) -> Option<Status> {
    let answer: serde_json::Value = serde_json::from_str(body).ok()?;
    let answer = answer.get(0).unwrap_or(&answer);
    let item = answer.pointer("/00081198/Value/0")?;
    let reason = item.pointer("/00081197/Value/0").and_then(serde_json::Value::as_u64);
    Some(
        reason
            .and_then(|reason| u16::try_from(reason).ok())
            .map_or(Status(0x0110), Status),
    )
}

fn body(object: &[u8], boundary: &str) -> Vec<u8> {
    let mut body = format!("--{boundary}\r\nContent-Type: application/dicom\r\n\r\n").into_bytes();
    body.extend(object);
    body.extend(format!("\r\n--{boundary}--\r\n").into_bytes());
    body
}

/// A boundary that is not in `object` (RFC 2046 5.1.1).
fn boundary(object: &[u8]) -> String {
    let digest = crate::write::sha256(object);
    // Bytes that held their own digest would be news.
    format!("calxray-{}", &digest[..40])
}

#[cfg(test)]
mod tests {
    use super::{body, boundary, judged};
    use crate::pacs::scu::Sent;

    #[test]
    fn an_object_is_one_part_of_a_body() {
        let object = b"DICM\r\n--x";
        let boundary = boundary(object);
        let text = String::from_utf8(body(object, &boundary)).unwrap();
        assert!(text.starts_with(&format!("--{boundary}\r\nContent-Type: application/dicom\r\n\r\nDICM")));
        assert!(text.ends_with(&format!("--x\r\n--{boundary}--\r\n")));
    }

    #[test]
    fn answers_are_about_the_object_or_about_the_server() {
        assert_eq!(judged(200, "{}"), Ok(Sent::Stored));
        assert_eq!(judged(200, "<NativeDicomModel/>"), Ok(Sent::Stored));
        let failed = |code: u32| {
            format!(
                "{{\"00081198\":{{\"vr\":\"SQ\",\"Value\":[{{\"00081197\":{{\"vr\":\"US\",\"Value\":[{code}]}}}}]}}}}"
            )
        };
        assert_eq!(
            judged(409, &failed(0x0122)),
            Ok(Sent::Refused("reason 0x0122".to_owned()))
        );
        assert_eq!(
            judged(202, &failed(0xA700)),
            Ok(Sent::Later("reason 0xA700".to_owned()))
        );
        assert!(matches!(judged(415, ""), Ok(Sent::Refused(_))));
        for about_the_server in [301, 401, 403, 404, 429, 500, 503] {
            assert!(judged(about_the_server, "").is_err());
        }
    }
}
