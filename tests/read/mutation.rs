//! Sound files with bytes changed at random, always the same way: an image, a reason, never a panic.

use super::{fixture, open_any};
use calxray::read::{Opened, Source};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// One small file of each encoding.
const SPECIMENS: [&str; 12] = [
    "specimens/read/MR_small.dcm",
    "specimens/read/MR_small_RLE.dcm",
    "specimens/read/MR_small_implicit.dcm",
    "specimens/read/MR_small_expb.dcm",
    "specimens/read/MR_small_jp2klossless.dcm",
    "specimens/read/MR_small_jpeg_ls_lossless.dcm",
    "specimens/read/JPGExtended.dcm",
    "specimens/read/SC_rgb_small_odd_jpeg.dcm",
    "specimens/read/SC_rgb_jpeg_gdcm.dcm",
    "specimens/read/image_dfl.dcm",
    "specimens/read/dxdog_jpeg_xl.dcm",
    "radiographs/fracatlas_leg_ankle.png",
];

const ROUNDS: u64 = 60;

#[test]
fn changed_bytes_never_panic() {
    let (mut read, mut refused) = (0, 0);
    for (number, file) in SPECIMENS.iter().enumerate() {
        let sound = std::fs::read(fixture(file)).expect("a specimen");
        for round in 0..ROUNDS {
            let mut random = ChaCha8Rng::seed_from_u64(number as u64 * ROUNDS + round);
            let mut bytes = sound.clone();
            // Headers decide most, so half of the rounds change the first kilobytes only.
            let reach = if round % 2 == 0 {
                bytes.len()
            } else {
                bytes.len().min(3000)
            };
            for _ in 0..random.random_range(1..12) {
                let at = random.random_range(0..reach);
                bytes[at] = random.random();
            }
            if round % 7 == 0 {
                bytes.truncate(random.random_range(0..sound.len()));
            }
            match open_any(&Source::Bytes(bytes.into())) {
                Ok(Opened::Instance(instance)) => {
                    let last = instance.frames() - 1;
                    for frame in [0, last] {
                        match instance.radiograph(frame) {
                            Ok(radiograph) => {
                                let (rows, columns) = radiograph.shape();
                                assert!(rows > 0 && columns > 0);
                                read += 1;
                            }
                            Err(error) => {
                                assert!(!error.to_string().is_empty());
                                refused += 1;
                            }
                        }
                    }
                }
                Ok(Opened::Skipped { .. }) => {}
                Err(_) => refused += 1,
            }
        }
    }
    // The test means something only if both happen often.
    assert!(read > 100 && refused > 100, "{read} read, {refused} refused");
}
