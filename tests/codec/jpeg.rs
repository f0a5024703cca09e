//! The JPEG decoder against the definitions of the standard.

use super::specimens::folder;
use super::{LIMITS, Numbers};
use crate::support::jpeg::{Factors, Writer, zig_zag};
use calxray::codec::{CodecError, jpeg::decode};

/// Samples of a block by T.81 A.3.3 in `f64`, from coefficients in zig-zag order.
fn by_definition(coefficients: &[i32; 64], quantisers: &[u16; 64], bits: u8) -> [[f64; 8]; 8] {
    let scale = |index: usize| if index == 0 { 0.5f64.sqrt() } else { 1.0 };
    let cosine = |x: usize, u: usize| ((2 * x + 1) as f64 * u as f64 * std::f64::consts::PI / 16.0).cos();
    let mut samples = [[f64::from(1 << (bits - 1)); 8]; 8];
    for (index, (v, u)) in zig_zag().into_iter().enumerate() {
        let value = f64::from(coefficients[index]) * f64::from(quantisers[index]) * scale(u) * scale(v) / 4.0;
        for (y, line) in samples.iter_mut().enumerate() {
            line.iter_mut()
                .enumerate()
                .for_each(|(x, sample)| *sample += value * cosine(x, u) * cosine(y, v));
        }
    }
    samples
}

/// Blocks with a few coefficients each, differences in first place, whose samples do not all end at a bound.
fn random_block(numbers: &mut Numbers, bits: u8) -> [i32; 64] {
    let mut block = [0; 64];
    let size = 1i32 << (bits - 4);
    block[0] = numbers.below(size as usize) as i32 - size / 2;
    for _ in 0..numbers.below(20) {
        let index = 1 + numbers.below(63);
        block[index] = (numbers.below(size as usize) as i32 - size / 2) / (1 + index as i32 / 4);
    }
    block
}

/// Encodes random blocks of all components, as one scan or one each, and compares with the definition.
fn compare(bits: u8, (rows, columns): (usize, usize), factors: &[Factors], together: bool, restart: usize, seed: u64) {
    let mut numbers = Numbers(seed);
    let quantisers: [u16; 64] =
        std::array::from_fn(|index| 1 + index as u16 / 8 + if bits > 8 { index as u16 } else { 0 });
    let size = (rows as u16, columns as u16);
    let mut writer = Writer::new(0xC1, bits, size, factors, Some(&quantisers), restart as u16);
    let most = |of: fn(&Factors) -> u8| usize::from(factors.iter().map(of).max().unwrap());
    let (most_across, most_down) = if factors.len() == 1 {
        (1, 1)
    } else {
        (most(|f| f.0), most(|f| f.1))
    };
    // Samples of all components before rounding, at their own resolution.
    let mut planes: Vec<Vec<Vec<f64>>> = Vec::new();
    let mut shapes = Vec::new();
    for &(across, down) in factors {
        let (across, down) = if factors.len() == 1 {
            (1, 1)
        } else {
            (usize::from(across), usize::from(down))
        };
        let units = (rows.div_ceil(8 * most_down), columns.div_ceil(8 * most_across));
        planes.push(vec![vec![0.0; units.1 * across * 8]; units.0 * down * 8]);
        shapes.push((across, down, units));
    }
    let scans: Vec<Vec<usize>> = if together {
        vec![(0..factors.len()).collect()]
    } else {
        (0..factors.len()).map(|index| vec![index]).collect()
    };
    for components in scans {
        let names: Vec<u8> = components.iter().map(|&component| component as u8).collect();
        writer.scan(&names, [0, 63, 0]);
        let (units_down, units_across) = match components[..] {
            [alone] => {
                let (across, down, _) = shapes[alone];
                let height = (rows * down).div_ceil(most_down);
                let width = (columns * across).div_ceil(most_across);
                (height.div_ceil(8), width.div_ceil(8))
            }
            _ => shapes[0].2,
        };
        let mut before = vec![0; factors.len()];
        for unit in 0..units_down * units_across {
            if restart > 0 && unit > 0 && unit % restart == 0 {
                writer.restart(unit / restart - 1);
                before.fill(0);
            }
            for &component in &components {
                let (across, down, _) = if components.len() == 1 {
                    (1, 1, (0, 0))
                } else {
                    shapes[component]
                };
                for place in 0..across * down {
                    let block = random_block(&mut numbers, bits);
                    writer.block(&block);
                    let mut whole = block;
                    before[component] += block[0];
                    whole[0] = before[component];
                    let top = (unit / units_across * down + place / across) * 8;
                    let left = (unit % units_across * across + place % across) * 8;
                    for (y, line) in by_definition(&whole, &quantisers, bits).into_iter().enumerate() {
                        planes[component][top + y][left..left + 8].copy_from_slice(&line);
                    }
                }
            }
        }
        writer.flush();
    }
    let decoded = decode(&writer.finish(), &LIMITS).unwrap();
    assert_eq!((decoded.rows as usize, decoded.columns as usize), (rows, columns));
    assert_eq!((usize::from(decoded.components), decoded.bits), (factors.len(), bits));
    assert_eq!(decoded.samples.len(), rows * columns * factors.len());
    let maximum = f64::from((1u32 << bits) - 1);
    for (index, &sample) in decoded.samples.iter().enumerate() {
        let (pixel, component) = (index / factors.len(), index % factors.len());
        let (across, down, _) = shapes[component];
        let (row, column) = (
            pixel / columns * down / most_down,
            pixel % columns * across / most_across,
        );
        let exact = planes[component][row][column].clamp(0.0, maximum);
        // Half a level for rounding, a hundredth for arithmetic in f32.
        assert!(
            (f64::from(sample) - exact).abs() < 0.51,
            "pixel {pixel} of component {component}: {sample}, not {exact}"
        );
    }
}

#[test]
fn grey_images_of_both_precisions() {
    for (seed, bits) in [(1, 8), (2, 12)] {
        for (rows, columns) in [(1, 1), (8, 8), (9, 8), (8, 9), (17, 40), (40, 17), (64, 64)] {
            compare(bits, (rows, columns), &[(1, 1)], true, 0, seed);
        }
    }
}

#[test]
fn sampling_factors_of_a_single_component_do_not_matter() {
    compare(12, (20, 30), &[(2, 2)], true, 0, 3);
}

#[test]
fn restart_intervals() {
    for restart in [1, 2, 3, 7] {
        compare(12, (40, 50), &[(1, 1)], true, restart, 4);
        compare(8, (40, 50), &[(2, 1), (1, 1), (1, 1)], true, restart, 5);
    }
}

#[test]
fn components_interleaved_or_not_and_subsampled() {
    for together in [true, false] {
        for factors in [
            &[(1, 1), (1, 1), (1, 1)][..],
            &[(2, 1), (1, 1), (1, 1)],
            &[(2, 2), (1, 1), (1, 1)],
            &[(1, 2), (1, 1), (1, 2)],
            &[(4, 1), (1, 1), (2, 1), (1, 1)],
            &[(1, 1), (1, 1)],
        ] {
            compare(8, (33, 41), factors, together, 0, 6);
            compare(12, (16, 32), factors, together, 0, 7);
        }
    }
}

/// Encodes samples without loss by table H.1, and decodes them.
fn lossless(
    bits: u8,
    (rows, columns): (usize, usize),
    components: usize,
    predictor: u8,
    low: u8,
    restart_lines: usize,
) {
    let mut numbers = Numbers(u64::from(bits) * 31 + u64::from(predictor));
    let values = 1usize << (bits - low);
    let samples: Vec<i32> = (0..rows * columns * components)
        .map(|index| if index % 50 < 25 { numbers.below(values) } else { (index / 7) % values } as i32)
        .collect();
    let restart = (restart_lines * columns) as u16;
    let size = (rows as u16, columns as u16);
    let mut writer = Writer::new(0xC3, bits, size, &vec![(1, 1); components], None, restart);
    let names: Vec<u8> = (0..components as u8).collect();
    writer.scan(&names, [predictor, 0, low]);
    for row in 0..rows {
        let fresh = if restart_lines == 0 {
            row == 0
        } else {
            row % restart_lines == 0
        };
        if fresh && row > 0 {
            writer.restart(row / restart_lines - 1);
        }
        for column in 0..columns {
            for component in 0..components {
                let at = |row: usize, column: usize| samples[(row * columns + column) * components + component];
                let predicted = match (fresh, column) {
                    (true, 0) => values as i32 / 2,
                    (true, _) => at(row, column - 1),
                    (false, 0) => at(row - 1, 0),
                    _ => {
                        let (a, b, c) = (at(row, column - 1), at(row - 1, column), at(row - 1, column - 1));
                        match predictor {
                            1 => a,
                            2 => b,
                            3 => c,
                            4 => a + b - c,
                            5 => a + ((b - c) >> 1),
                            6 => b + ((a - c) >> 1),
                            _ => (a + b) >> 1,
                        }
                    }
                };
                // Modulo 2^16, from -32767 to 32768: H.1.2.1.
                let difference = (at(row, column) - predicted).rem_euclid(1 << 16);
                writer.difference(
                    0,
                    if difference > 1 << 15 {
                        difference - (1 << 16)
                    } else {
                        difference
                    },
                );
            }
        }
    }
    let decoded = decode(&writer.finish(), &LIMITS).unwrap();
    let expected: Vec<u16> = samples.iter().map(|&sample| (sample as u16) << low).collect();
    assert_eq!(
        decoded.samples, expected,
        "{bits} bits, predictor {predictor}, low {low}, restart {restart_lines}"
    );
    assert_eq!((decoded.bits, usize::from(decoded.components)), (bits, components));
}

#[test]
fn lossless_images_by_every_predictor() {
    for bits in [2, 8, 10, 12, 15, 16] {
        for predictor in 1..=7 {
            lossless(bits, (23, 31), 1, predictor, 0, 0);
            lossless(bits, (9, 14), 3, predictor, 0, 0);
        }
    }
    lossless(16, (1, 1), 1, 1, 0, 0);
    lossless(12, (1, 40), 1, 7, 0, 0);
    lossless(12, (40, 1), 1, 7, 0, 0);
}

#[test]
fn lossless_images_with_point_transform_and_restarts() {
    for predictor in [1, 4, 7] {
        lossless(12, (23, 31), 1, predictor, 3, 0);
        lossless(12, (23, 31), 1, predictor, 0, 4);
        lossless(14, (20, 10), 3, predictor, 2, 1);
    }
}

fn small() -> Vec<u8> {
    let mut writer = Writer::new(0xC1, 12, (16, 16), &[(1, 1)], Some(&[7; 64]), 0);
    writer.scan(&[0], [0, 63, 0]);
    let mut numbers = Numbers(9);
    (0..4).for_each(|_| writer.block(&random_block(&mut numbers, 12)));
    writer.finish()
}

#[test]
fn a_stream_cut_anywhere_is_an_error() {
    let bytes = small();
    for length in 0..bytes.len() - 3 {
        let error = decode(&bytes[..length], &LIMITS).unwrap_err();
        assert!(
            matches!(error, CodecError::Truncated(_) | CodecError::Damaged(_)),
            "{length}: {error}"
        );
    }
    assert!(decode(&bytes[..bytes.len() - 2], &LIMITS).is_ok());
}

/// The same coefficients, coded in one scan and in many.
#[test]
fn progressive_scans_give_the_samples_of_a_sequential_one() {
    for (many, one) in [
        ("8", "8_quality90"),
        ("8_restart", "8_quality90"),
        ("ycbcr", "ycbcr_444"),
        ("ycbcr_420", "ycbcr_420"),
    ] {
        let decoded = |file: String| decode(&std::fs::read(folder().join(file)).unwrap(), &LIMITS).unwrap();
        let expected = decoded(format!("synthetic_dct_{one}.jpg"));
        assert_eq!(decoded(format!("synthetic_progressive_{many}.jpg")), expected, "{many}");
    }
}

#[test]
fn a_progressive_image_that_ends_early_is_damaged_or_coarse() {
    let bytes = std::fs::read(folder().join("synthetic_progressive_8.jpg")).unwrap();
    let whole = decode(&bytes, &LIMITS).unwrap();
    // The end of image marker says nothing new.
    assert_eq!(decode(&bytes[..bytes.len() - 2], &LIMITS), Ok(whole.clone()));
    let scans: Vec<usize> = (0..bytes.len() - 1)
        .filter(|&at| bytes[at..at + 2] == [0xFF, 0xDA])
        .collect();
    assert!(scans.len() > 5);
    // Without the last scan: cut off, the image is incomplete; ended, it is lawful and coarser.
    let mut cut = bytes[..*scans.last().unwrap()].to_vec();
    assert!(matches!(decode(&cut, &LIMITS), Err(CodecError::Truncated(_))));
    cut.extend([0xFF, 0xD9]);
    let coarse = decode(&cut, &LIMITS).unwrap();
    let worst = coarse
        .samples
        .iter()
        .zip(&whole.samples)
        .map(|(a, b)| a.abs_diff(*b))
        .max();
    assert!(worst > Some(0) && worst < Some(80), "{worst:?}");
    // A scan that comes twice, and details before means.
    let mut twice = bytes[..bytes.len() - 2].to_vec();
    twice.extend(&bytes[*scans.last().unwrap()..]);
    assert_eq!(decode(&twice, &LIMITS), Err(CodecError::Damaged("scans out of order")));
    let frame = bytes.windows(2).position(|pair| pair == [0xFF, 0xC4]).unwrap();
    let early = [&bytes[..frame], &[0xFF, 0xDA, 0, 8, 1, 1, 0, 1, 5, 2, 0]].concat();
    let error = decode(&early, &LIMITS).unwrap_err();
    assert_eq!(error, CodecError::Damaged("a scan of details before that of means"));
}

#[test]
fn what_is_refused_is_named() {
    let process = CodecError::Unsupported("a JPEG process with arithmetic or hierarchical coding");
    let frame = small().windows(2).position(|pair| pair == [0xFF, 0xC1]).unwrap();
    for marker in [0xC5, 0xC6, 0xC9, 0xCB, 0xF7] {
        let mut bytes = small();
        bytes[frame + 1] = marker;
        assert_eq!(decode(&bytes, &LIMITS), Err(process.clone()));
    }
    let mut bytes = small();
    bytes[frame + 4] = 10;
    assert_eq!(
        decode(&bytes, &LIMITS),
        Err(CodecError::Damaged("a sample precision that the process does not have"))
    );
    let mut bytes = small();
    bytes[frame + 5..frame + 7].fill(0);
    assert_eq!(
        decode(&bytes, &LIMITS),
        Err(CodecError::Unsupported("number of lines after the scan"))
    );
}

#[test]
fn a_missing_table_is_damage() {
    let mut bytes = small();
    // The quantisation table comes first: name it number 1 instead of 0.
    assert_eq!(bytes[2..7], [0xFF, 0xDB, 0, 131, 0x10]);
    bytes[6] = 0x11;
    assert_eq!(
        decode(&bytes, &LIMITS),
        Err(CodecError::Damaged("a scan names a table that is not there"))
    );
}
