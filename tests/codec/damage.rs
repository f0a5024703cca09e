//! Damaged bytes end in an error or in an image of the promised size: no panic, no hang.

use super::specimens::{all, decode};
use super::{LIMITS, Numbers};
use proptest::prelude::*;

fn check(file: &str, bytes: &[u8]) {
    if let Ok(decoded) = decode(file, bytes) {
        let pixels = u64::from(decoded.rows) * u64::from(decoded.columns);
        assert!(pixels <= LIMITS.pixels, "{file}");
        assert_eq!(
            decoded.samples.len() as u64,
            pixels * u64::from(decoded.components),
            "{file}"
        );
    }
}

#[test]
fn mutated_specimens() {
    let mut numbers = Numbers(2026);
    for specimen in all() {
        for _ in 0..150 {
            let mut bytes = specimen.bytes.clone();
            for _ in 0..=numbers.below(5) {
                // Half of all changes hit the headers.
                let end = if numbers.below(2) == 0 {
                    bytes.len().min(100)
                } else {
                    bytes.len()
                };
                let at = numbers.below(end.max(1));
                match numbers.below(6) {
                    _ if bytes.is_empty() => {}
                    0 => bytes[at] = numbers.next() as u8,
                    1 => bytes[at] ^= 1 << numbers.below(8),
                    2 => bytes.truncate(at),
                    3 => drop(bytes.remove(at)),
                    4 => bytes.insert(at, [0xFF, 0x00, 0x7F, 0x80, 0xD0][numbers.below(5)]),
                    _ => bytes.swap(at, end - 1),
                }
            }
            check(&specimen.file, &bytes);
        }
    }
}

#[test]
fn every_single_byte_of_the_headers() {
    for specimen in all().iter().filter(|specimen| specimen.bytes.len() < 1300) {
        for at in 0..specimen.bytes.len().min(60) {
            for value in [0x00, 0x01, 0x7F, 0x80, 0xFF] {
                let mut bytes = specimen.bytes.clone();
                bytes[at] = value;
                check(&specimen.file, &bytes);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// A lawful beginning, then anything.
    #[test]
    fn noise_after_the_headers(which in 0usize..49, keep in 0usize..400, noise in prop::collection::vec(any::<u8>(), 0..600)) {
        let specimen = &all()[which];
        let mut bytes = specimen.bytes[..keep.min(specimen.bytes.len())].to_vec();
        bytes.extend(noise);
        check(&specimen.file, &bytes);
    }
}
