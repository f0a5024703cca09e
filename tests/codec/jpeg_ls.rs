//! The JPEG-LS decoder against an encoder written from the standard.

use super::{LIMITS, Numbers};
use crate::support::jpeg_ls::{Image, Options, encode};
use calxray::codec::{CodecError, jpeg_ls::decode};
use proptest::prelude::*;

/// Noise, a ramp, specks on a flat ground, or a chequerboard.
fn image(rows: usize, columns: usize, components: usize, maximum: usize, kind: usize, seed: u64) -> Image {
    let mut numbers = Numbers(seed | 1);
    let mut samples = Vec::new();
    for row in 0..rows {
        for column in 0..columns {
            for component in 0..components {
                let value = match kind {
                    0 => numbers.below(maximum + 1),
                    1 => (3 * row + 2 * column + 50 * component + numbers.below(3)).min(maximum),
                    2 if numbers.below(30) == 0 => numbers.below(maximum + 1),
                    2 => maximum / 2,
                    _ => maximum * ((row / 5 + column / 7) % 2),
                };
                samples.push(value as u16);
            }
        }
    }
    Image {
        rows,
        columns,
        components,
        samples,
    }
}

/// Anything the coder has a rule for.
fn cases() -> impl Strategy<Value = (Image, Options)> {
    (2u8..=16).prop_flat_map(|bits| {
        let full = (1usize << bits) - 1;
        (
            Just(bits),
            prop_oneof![Just(0), 0..=full.min(511) / 2],
            prop_oneof![3 => Just(full), 1 => 3..=full],
            (1usize..40, 1usize..60, prop_oneof![3 => Just(1usize), 1 => 2usize..=4]),
            0u8..=2,
            prop_oneof![Just(0), 1usize..9],
            prop::option::of((1usize..6, 0usize..9, 0usize..40)),
            prop_oneof![Just(0u16), 3u16..255],
            (0usize..4, any::<u64>()),
        )
            .prop_map(
                |(bits, near, maximum, shape, interleave, restart_lines, thresholds, reset, (kind, seed))| {
                    let (rows, columns, components) = shape;
                    let near = near.min(maximum / 2);
                    let [t1, t2, t3] = thresholds.map_or([0; 3], |(first, second, third)| {
                        let mut last = near;
                        [first, second, third].map(|step| {
                            last = (last + step).min(maximum);
                            last as u16
                        })
                    });
                    let maximum_preset = if maximum == (1 << bits) - 1 { 0 } else { maximum as u16 };
                    let preset = [maximum_preset, t1, t2, t3, reset];
                    let preset = if preset == [0; 5] { None } else { Some(preset) };
                    let interleave = if components == 1 { 0 } else { interleave };
                    let options = Options {
                        bits,
                        near: near as i32,
                        interleave,
                        restart_lines,
                        preset,
                    };
                    (image(rows, columns, components, maximum, kind, seed), options)
                },
            )
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn decodes_what_the_standard_encodes((image, options) in cases()) {
        let (bytes, expected) = encode(&image, &options);
        let decoded = decode(&bytes, &LIMITS).unwrap();
        prop_assert_eq!((decoded.rows as usize, decoded.columns as usize), (image.rows, image.columns));
        prop_assert_eq!((usize::from(decoded.components), decoded.bits), (image.components, options.bits));
        prop_assert_eq!(&decoded.samples, &expected);
        let far = expected.iter().zip(&image.samples).map(|(&a, &b)| i32::from(a.abs_diff(b))).max();
        prop_assert!(far <= Some(options.near), "the encoder itself strays");
    }
}

fn small() -> (Image, Options) {
    let image = image(12, 20, 1, 4095, 1, 5);
    (
        image,
        Options {
            bits: 12,
            near: 0,
            interleave: 0,
            restart_lines: 0,
            preset: None,
        },
    )
}

#[test]
fn a_stream_cut_anywhere_is_an_error() {
    let (image, options) = small();
    for restart_lines in [0, 5] {
        let (bytes, _) = encode(
            &image,
            &Options {
                restart_lines,
                ..options.clone()
            },
        );
        // Without the end marker the image is still whole.
        for length in 0..bytes.len() - 3 {
            let error = decode(&bytes[..length], &LIMITS).unwrap_err();
            assert!(
                matches!(error, CodecError::Truncated(_) | CodecError::Damaged(_)),
                "{length}: {error}"
            );
        }
        assert!(decode(&bytes[..bytes.len() - 2], &LIMITS).is_ok());
    }
}

#[test]
fn bytes_after_the_image_do_not_matter() {
    let (image, options) = small();
    let (mut bytes, expected) = encode(&image, &options);
    bytes.extend([0, 0, 0xFF, 0xD8, 7]);
    assert_eq!(decode(&bytes, &LIMITS).unwrap().samples, expected);
}

#[test]
fn what_is_refused_is_named() {
    let (image, options) = small();
    let (bytes, _) = encode(&image, &options);
    let with = |at: usize, value: u8| {
        let mut bytes = bytes.clone();
        bytes[at] = value;
        decode(&bytes, &LIMITS).unwrap_err()
    };
    assert_eq!(with(3, 0xC3), CodecError::Unsupported("not a JPEG-LS frame"));
    assert_eq!(with(6, 17), CodecError::Damaged("sample precision outside 2 to 16"));
    // SOF is 11 bytes after its marker, then SOS: marker, length, count, component, table, near, interleave, transform.
    assert_eq!(with(21, 1), CodecError::Unsupported("mapping tables"));
    assert_eq!(with(23, 3), CodecError::Damaged("wrong interleave mode"));
    assert_eq!(with(24, 1), CodecError::Unsupported("point transform"));
    let mut transformed = bytes[..2].to_vec();
    transformed.extend(b"\xFF\xE8\x00\x07mrfx\x01");
    transformed.extend(&bytes[2..]);
    assert_eq!(
        decode(&transformed, &LIMITS),
        Err(CodecError::Unsupported("HP colour transform"))
    );
    transformed[10] = 0;
    assert!(decode(&transformed, &LIMITS).is_ok());
}

#[test]
fn a_restart_marker_out_of_order_is_damage() {
    let (image, options) = small();
    let (mut bytes, _) = encode(
        &image,
        &Options {
            restart_lines: 4,
            ..options
        },
    );
    let at = bytes.windows(2).position(|pair| pair == [0xFF, 0xD1]).unwrap();
    bytes[at + 1] = 0xD2;
    assert_eq!(
        decode(&bytes, &LIMITS),
        Err(CodecError::Damaged("a restart marker was expected"))
    );
}
