//! Any bytes through `read`: a reason or radiographs.
#![no_main]

use calxray::read::{Limits, ModalityFilter, Opened, ReadOptions, Source, open};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let options = ReadOptions {
        modalities: ModalityFilter::Any,
        limits: Limits {
            pixels: 1 << 20,
            frames: 8,
            bytes: 1 << 24,
        },
        ..ReadOptions::default()
    };
    if let Ok(Opened::Instance(instance)) = open(&Source::Bytes(bytes.into()), &options) {
        for frame in 0..instance.frames() {
            if let Ok(radiograph) = instance.radiograph(frame) {
                let (rows, columns) = radiograph.shape();
                assert!((rows * columns) as u64 <= options.limits.pixels);
            }
        }
    }
});
