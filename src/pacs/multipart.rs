//! The first part of a `multipart/related` answer (RFC 2046 5.1), piece by piece: an image is never in memory whole.

use std::io::{self, ErrorKind, Read, Write};

/// Most bytes before the content of the part: a preamble and its head.
const HEAD: usize = 64 << 10;

/// The boundary that a Content-Type states, quoted or not.
pub fn boundary(content_type: &str) -> Option<String> {
    let mut parameters = content_type.split(';').skip(1).map(str::trim);
    let value = parameters.find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("boundary").then(|| value.trim())
    })?;
    let value = value
        .strip_prefix('"')
        .and_then(|value| value.strip_suffix('"'))
        .unwrap_or(value);
    (1..=70).contains(&value.len()).then(|| value.to_owned())
}

/// Copies the content of the first part of `from`, whose parts stand between `boundary`, to `to`; at most `most` bytes.
///
/// # Errors
///
/// If `from` is not built so, ends before the part does, or holds more than `most` bytes.
pub fn first_part(mut from: impl Read, boundary: &str, most: u64, to: &mut impl Write) -> io::Result<u64> {
    let malformed = || io::Error::new(ErrorKind::InvalidData, "malformed multipart answer");
    let mut held = Vec::new();
    let mut piece = vec![0; 64 << 10];
    let mut more = |held: &mut Vec<u8>| -> io::Result<()> {
        match from.read(&mut piece)? {
            0 => Err(ErrorKind::UnexpectedEof.into()),
            count => {
                held.extend_from_slice(&piece[..count]);
                Ok(())
            }
        }
    };
    // The head of the part ends with an empty line behind the first boundary.
    let opening = format!("--{boundary}");
    let begin = loop {
        if let Some(at) = position(&held, opening.as_bytes())
            && let Some(end) = position(&held[at..], b"\r\n\r\n")
        {
            break at + end + 4;
        }
        if held.len() > HEAD {
            return Err(malformed());
        }
        more(&mut held)?;
    };
    held.drain(..begin);
    let closing = format!("\r\n--{boundary}");
    let mut copied = 0;
    loop {
        let end = position(&held, closing.as_bytes());
        // What may be the beginning of a boundary is kept for the next round.
        let sure = end.unwrap_or_else(|| held.len().saturating_sub(closing.len() - 1));
        copied += sure as u64;
        if copied > most {
            return Err(io::Error::new(ErrorKind::InvalidData, "the object is too large"));
        }
        to.write_all(&held[..sure])?;
        if end.is_some() {
            return Ok(copied);
        }
        held.drain(..sure);
        more(&mut held)?;
    }
}

/// Where `wanted`, which is not empty, begins in `bytes`.
fn position(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    let mut from = 0;
    // A search for the first byte passes over most of an image quickly.
    while let Some(at) = bytes[from..].iter().position(|byte| *byte == wanted[0]) {
        let at = from + at;
        if bytes[at..].starts_with(wanted) {
            return Some(at);
        }
        from = at + 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{boundary, first_part};
    use proptest::prelude::*;
    use std::io::Read;

    /// Gives a few bytes at a time.
    struct Drip<'a>(&'a [u8], usize);

    impl Read for Drip<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            let count = self.1.min(self.0.len()).min(buffer.len());
            buffer[..count].copy_from_slice(&self.0[..count]);
            self.0 = &self.0[count..];
            Ok(count)
        }
    }

    #[test]
    fn boundaries_are_found_as_servers_write_them() {
        assert_eq!(
            boundary("multipart/related; type=\"application/dicom\"; boundary=a-b"),
            Some("a-b".to_owned())
        );
        assert_eq!(
            boundary("multipart/related;Boundary=\"x y\"; type=z"),
            Some("x y".to_owned())
        );
        assert_eq!(boundary("application/dicom"), None);
        assert_eq!(boundary("multipart/related; boundary="), None);
    }

    #[test]
    fn an_answer_that_ends_early_or_never_is_an_error() {
        let whole = b"--b\r\nContent-Type: application/dicom\r\n\r\nDICM\r\n--b--\r\n";
        let copy = |bytes: &[u8], most| first_part(bytes, "b", most, &mut Vec::new());
        assert_eq!(copy(whole, 4).unwrap(), 4);
        assert!(copy(whole, 3).is_err());
        for length in 0..whole.len() - 4 {
            assert!(copy(&whole[..length], 100).is_err(), "{length}");
        }
        assert!(copy(&vec![b'-'; 1 << 20], 1 << 30).is_err());
    }

    proptest! {
        #[test]
        fn content_comes_out_as_it_went_in(
            content in proptest::collection::vec(prop_oneof![Just(b'\r'), Just(b'\n'), Just(b'-'), Just(b'b'), any::<u8>()], 0..300),
            drip in 1..50_usize,
        ) {
            prop_assume!(!content.windows(5).any(|window| window == b"\r\n--b"));
            let mut body = b"preamble\r\n--b\r\nContent-Type: x\r\n\r\n".to_vec();
            body.extend(&content);
            body.extend(b"\r\n--b--");
            let mut copied = Vec::new();
            first_part(Drip(&body, drip), "b", 1000, &mut copied).unwrap();
            prop_assert_eq!(copied, content);
        }
    }
}
