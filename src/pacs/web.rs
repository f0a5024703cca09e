//! What the users of DICOMweb services share: one HTTP client, one way to say what went wrong.

use super::delivery::Identity;
use std::time::Duration;
use ureq::Agent;

/// How long a server may take to be reached, and to begin an answer or to take a request.
const TIME: (Duration, Duration) = (Duration::from_secs(10), Duration::from_secs(120));

/// A client that keeps its connections.
pub fn agent() -> Agent {
    Agent::config_builder()
        .timeout_connect(Some(TIME.0))
        .timeout_send_body(Some(TIME.1))
        .timeout_recv_response(Some(TIME.1))
        .timeout_recv_body(Some(TIME.1 * 5))
        .http_status_as_error(false)
        // A redirect would take credentials and a patient's data elsewhere.
        .max_redirects(0)
        .max_redirects_will_error(false)
        .build()
        .into()
}

/// `request` with the header Authorization of `identity`.
pub fn authorized<B>(request: ureq::RequestBuilder<B>, identity: &Identity) -> ureq::RequestBuilder<B> {
    match &identity.authorization {
        Some(authorization) => request.header("Authorization", authorization),
        None => request,
    }
}

/// What went wrong, in words that hold nothing of what was asked.
pub fn said(error: &ureq::Error) -> String {
    match error {
        ureq::Error::Io(error) => format!("cannot connect: {}", error.kind()),
        ureq::Error::HostNotFound => "the host is not known".to_owned(),
        ureq::Error::Timeout(_) => "timed out".to_owned(),
        ureq::Error::ConnectionFailed => "cannot connect".to_owned(),
        ureq::Error::TlsRequired => "https needs a calxray built with the feature `tls`".to_owned(),
        _ => "the request failed".to_owned(),
    }
}
