//! Decoders against other libraries' streams, against encoders written from the standards, and against damage.

mod damage;
mod jpeg;
mod jpeg_ls;
mod specimens;

/// Enough for every test image.
const LIMITS: calxray::codec::Limits = calxray::codec::Limits { pixels: 1 << 20 };

/// A small generator with a fixed sequence.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 >> 11
    }

    /// A number below `end`.
    fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }
}
