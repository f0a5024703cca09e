//! Any bytes through each decoder: an image of the promised size or an error.
#![no_main]

use calxray::codec::{Limits, jpeg, jpeg_ls};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let limits = Limits { pixels: 1 << 20 };
    for decoded in [jpeg_ls::decode(bytes, &limits), jpeg::decode(bytes, &limits)]
        .into_iter()
        .flatten()
    {
        let pixels = u64::from(decoded.rows) * u64::from(decoded.columns);
        assert!(pixels <= limits.pixels);
        assert_eq!(decoded.samples.len() as u64, pixels * u64::from(decoded.components));
    }
});
