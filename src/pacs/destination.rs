//! Where results go: a DICOM node or a DICOMweb server.

use crate::dicom::text::is_short;
use crate::write::sha256;
use std::fmt;
use std::str::FromStr;

/// In front of the AE title of a node that speaks TLS.
const TLS: &str = "tls:";

/// Where results go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// A DICOM node, by C-STORE.
    Node {
        /// Its AE title, 1 to 16 characters.
        ae_title: String,
        /// Host and port.
        address: String,
        /// Whether to speak TLS.
        tls: bool,
    },
    /// The base of a DICOMweb server, without a slash at its end, by STOW-RS (PS3.18 10.5).
    Web(String),
}

impl Destination {
    /// A name for folders: it follows from what is written, and holds no character a file system minds.
    pub fn folder(&self) -> String {
        sha256(self.to_string().as_bytes())[..16].to_owned()
    }
}

impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Node { ae_title, address, tls } => {
                let scheme = if *tls { TLS } else { "" };
                write!(f, "{scheme}{ae_title}@{address}")
            }
            Self::Web(base) => f.write_str(base),
        }
    }
}

impl FromStr for Destination {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.starts_with("http://") || text.starts_with("https://") {
            let (_, rest) = text.split_once("://").unwrap_or_default();
            if rest.contains(['@', '?', '#', ' ']) || rest.is_empty() {
                return Err("a DICOMweb address is a plain URL; a user or token goes into the environment".to_owned());
            }
            return Ok(Self::Web(text.trim_end_matches('/').to_owned()));
        }
        let (tls, text) = text.strip_prefix(TLS).map_or((false, text), |rest| (true, rest));
        let shape = || "not AET@HOST:PORT, not tls:AET@HOST:PORT and not the URL of a DICOMweb server".to_owned();
        let (ae_title, address) = text.split_once('@').ok_or_else(shape)?;
        let (host, port) = address.rsplit_once(':').ok_or_else(shape)?;
        let ae_title = self::ae_title(ae_title)?;
        if host.is_empty() || port.parse::<u16>().is_err() {
            return Err(shape());
        }
        let address = address.to_owned();
        Ok(Self::Node { ae_title, address, tls })
    }
}

/// An AE title (PS3.5 6.2): 1 to 16 printable characters, no backslash, spaces around it cut off.
///
/// # Errors
///
/// What is wrong, in words.
pub fn ae_title(text: &str) -> Result<String, String> {
    let title = text.trim_matches(' ');
    if is_short(title, |byte| matches!(byte, b' '..=b'~') && byte != b'\\') {
        return Ok(title.to_owned());
    }
    Err("an AE title has 1 to 16 printable characters and no backslash".to_owned())
}

#[cfg(test)]
mod tests {
    use super::Destination;

    #[test]
    fn nodes_and_servers_are_told_apart() {
        let node: Destination = "PACS@[::1]:104".parse().unwrap();
        assert_eq!(node.to_string(), "PACS@[::1]:104");
        let secure: Destination = "tls:PACS@[::1]:2762".parse().unwrap();
        assert_eq!(secure.to_string(), "tls:PACS@[::1]:2762");
        assert!(matches!(secure, Destination::Node { tls: true, .. }));
        let web: Destination = "http://127.0.0.1:8042/dicom-web/".parse().unwrap();
        assert_eq!(web, Destination::Web("http://127.0.0.1:8042/dicom-web".to_owned()));
        assert_eq!(web.folder().len(), 16);
        assert_ne!(web.folder(), node.folder());
        for wrong in [
            "",
            "PACS",
            "PACS@host",
            "PACS@host:99999",
            "@host:104",
            "tls:PACS",
            "A_TITLE_TOO_LONG_@h:1",
            "http://",
            "https://user:secret@host/dicom-web",
        ] {
            assert!(wrong.parse::<Destination>().is_err(), "{wrong}");
        }
    }
}
