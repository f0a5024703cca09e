//! Names that stand for a patient or a study in tables: keyed hashes, the same for the same site key and for no other.
//!
//! HMAC (RFC 2104, FIPS 198-1) with SHA-256. Without the key nobody can try out which patient a name stands for, as one can
//! with plain hashes of short numbers. Whoever has the key can: it is kept like the data themselves.

use super::context::Context;
use sha2::{Digest, Sha256};
use std::fmt;

/// A site's secret.
#[derive(Clone, PartialEq, Eq)]
pub struct SiteKey {
    /// As long as a block of the hash.
    block: [u8; BLOCK],
}

/// Bytes of a block of SHA-256.
const BLOCK: usize = 64;

/// The secret is too short to be one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a site key has at least {} bytes", SiteKey::LEAST)]
pub struct ShortKey;

impl fmt::Debug for SiteKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SiteKey(not shown)")
    }
}

impl SiteKey {
    /// Least length of a secret, in bytes.
    pub const LEAST: usize = 16;

    /// The key of `secret`, without white space around it.
    ///
    /// # Errors
    ///
    /// [`ShortKey`] if fewer than [`SiteKey::LEAST`] bytes are left.
    pub fn new(secret: &[u8]) -> Result<Self, ShortKey> {
        let secret = secret.trim_ascii();
        if secret.len() < Self::LEAST {
            return Err(ShortKey);
        }
        Ok(Self::of(secret))
    }

    fn of(secret: &[u8]) -> Self {
        let mut block = [0; BLOCK];
        if secret.len() > BLOCK {
            block[..32].copy_from_slice(&Sha256::digest(secret));
        } else {
            block[..secret.len()].copy_from_slice(secret);
        }
        Self { block }
    }

    fn mac(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut inner = Sha256::new();
        inner.update(self.block.map(|byte| byte ^ 0x36));
        for part in parts {
            inner.update(part);
        }
        let mut outer = Sha256::new();
        outer.update(self.block.map(|byte| byte ^ 0x5c));
        outer.update(inner.finalize());
        outer.finalize().into()
    }

    /// Thirty-two hexadecimal digits that stand for the patient of `context`: for Patient ID (0010,0020) within its issuer
    /// (0010,0021). `None` if the header states none.
    pub fn patient(&self, context: &Context) -> Option<String> {
        Some(hexadecimal(&self.mac(&[b"patient\0", &context.patient()?])))
    }

    /// Thirty-two hexadecimal digits that stand for the study of this Study Instance UID (0020,000D).
    pub fn study(&self, uid: &str) -> String {
        hexadecimal(&self.mac(&[b"study\0", uid.as_bytes()]))
    }

    /// A UID that stands for `uid`: `2.25.` and a number of 128 bits (PS3.5 B.2). Equal for equal UIDs, so that references
    /// within a set stay true.
    pub fn uid(&self, uid: &str) -> String {
        let mac = self.mac(&[b"uid\0", uid.as_bytes()]);
        let number = mac[..16]
            .iter()
            .fold(0_u128, |number, byte| number << 8 | u128::from(*byte));
        format!("2.25.{number}")
    }

    /// What tells whether two runs used the same key, and nothing else about it.
    pub fn check(&self) -> String {
        hexadecimal(&self.mac(&[b"check\0"]))
    }
}

fn hexadecimal(mac: &[u8; 32]) -> String {
    mac[..16].iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::{ShortKey, SiteKey};
    use crate::dicom::{Context, uid};
    use dicom_core::Tag;

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    #[test]
    fn it_is_the_hmac_of_the_standard() {
        // RFC 4231, test cases 1, 2 and 6.
        for (key, data, mac) in [
            (
                vec![0x0b; 20],
                &b"Hi There"[..],
                "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
            ),
            (
                b"Jefe".to_vec(),
                b"what do ya want for nothing?",
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
            ),
            (
                vec![0xaa; 131],
                b"Test Using Larger Than Block-Size Key - Hash Key First",
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
            ),
        ] {
            assert_eq!(hex(&SiteKey::of(&key).mac(&[data])), mac);
        }
    }

    #[test]
    fn a_name_hangs_on_the_key_and_on_what_it_stands_for() {
        let key = SiteKey::new(b"  0123456789abcdef\n").unwrap();
        assert_eq!(key, SiteKey::new(b"0123456789abcdef").unwrap());
        let other = SiteKey::new(b"0123456789abcdeg").unwrap();
        let patient = |id: &[u8], issuer: &[u8]| {
            let mut context = Context::default();
            context.set(Tag(0x0010, 0x0020), id);
            context.set(Tag(0x0010, 0x0021), issuer);
            context
        };
        let name = key.patient(&patient(b"4711", b"A")).unwrap();
        assert_eq!(name.len(), 32);
        assert_eq!(key.patient(&patient(b"4711 ", b"A")), Some(name.clone()));
        assert_ne!(key.patient(&patient(b"4711", b"B")), Some(name.clone()));
        assert_ne!(other.patient(&patient(b"4711", b"A")), Some(name));
        assert_eq!(key.patient(&Context::default()), None);
        assert_ne!(key.study("1.2.3"), other.study("1.2.3"));
        assert!(uid::is_valid(&key.uid("1.2.3")) && key.uid("1.2.3") != key.uid("1.2.4"));
        assert_eq!(SiteKey::new(b"short"), Err(ShortKey));
        assert_eq!(format!("{key:?}"), "SiteKey(not shown)");
    }
}
