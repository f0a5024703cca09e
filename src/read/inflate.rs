//! Raw deflate streams with a ceiling.

use super::error::ReadError;
use flate2::read::DeflateDecoder;
use std::io::Read;

/// Inflates `bytes`, giving up once more than `limit` bytes come out.
///
/// # Errors
///
/// If the stream is damaged or longer than `limit`.
pub(super) fn inflate(bytes: &[u8], limit: u64) -> Result<Vec<u8>, ReadError> {
    let mut inflated = Vec::new();
    DeflateDecoder::new(bytes)
        .take(limit.saturating_add(1))
        .read_to_end(&mut inflated)
        .map_err(|error| ReadError::Structure(format!("the deflated bytes are damaged: {error}")))?;
    if inflated.len() as u64 > limit {
        return Err(ReadError::Limit {
            attribute: "inflated bytes",
            found: inflated.len() as u64,
            limit,
        });
    }
    Ok(inflated)
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use std::io::Write;

    #[test]
    fn a_small_file_cannot_fill_the_memory() {
        let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(&vec![0; 1 << 20]).expect("memory");
        let bomb = encoder.finish().expect("memory");
        assert!(bomb.len() < 2000);
        assert!(matches!(
            inflate(&bomb, 1000),
            Err(ReadError::Limit { limit: 1000, .. })
        ));
        assert_eq!(inflate(&bomb, 1 << 20).expect("within").len(), 1 << 20);
        assert!(matches!(
            inflate(&bomb[..bomb.len() / 2], 1 << 30),
            Err(ReadError::Structure(_))
        ));
    }
}
