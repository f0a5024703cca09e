//! Running minimum and maximum along rows, columns and diagonals, a whole row at a time.
//!
//! # Source
//!
//! Columns and diagonals: M. van Herk, Pattern Recognit. Lett. 13(7), 1992, doi 10.1016/0167-8655(92)90069-C, and
//! J. Gil, M. Werman, IEEE PAMI 15(5), 1993, doi 10.1109/34.211471: three comparisons a pixel at any length.
//! Rows: windows of doubling length, log2(length) vector steps within the first-level cache.

use super::element::Part;

/// A grey value that can be compared and subtracted. Values are finite.
pub trait Grey: Copy + PartialOrd + std::fmt::Debug + 'static {
    /// Not above any value.
    const LOWEST: Self;
    /// Not below any value.
    const HIGHEST: Self;
    /// `self - other`, for `other` not above `self`.
    fn minus(self, other: Self) -> Self;
}

impl Grey for u16 {
    const LOWEST: Self = u16::MIN;
    const HIGHEST: Self = u16::MAX;
    fn minus(self, other: Self) -> Self {
        self.saturating_sub(other)
    }
}

impl Grey for f32 {
    const LOWEST: Self = f32::NEG_INFINITY;
    const HIGHEST: Self = f32::INFINITY;
    fn minus(self, other: Self) -> Self {
        self - other
    }
}

/// Minimum or maximum, known at compile time.
pub(super) trait Extremum<T> {
    /// Leaves every value as it is: what stands outside the image.
    const NEUTRAL: T;
    /// The smaller or the larger.
    fn of(a: T, b: T) -> T;
}

/// For erosion.
pub(super) enum Smallest {}
/// For dilation.
pub(super) enum Largest {}

impl<T: Grey> Extremum<T> for Smallest {
    const NEUTRAL: T = T::HIGHEST;
    #[inline(always)]
    fn of(a: T, b: T) -> T {
        if b < a { b } else { a }
    }
}

impl<T: Grey> Extremum<T> for Largest {
    const NEUTRAL: T = T::LOWEST;
    #[inline(always)]
    fn of(a: T, b: T) -> T {
        if b > a { b } else { a }
    }
}

/// Columns handled together going down, so that a window of rows stays in the second-level cache.
const STRIP: usize = 512;

/// Replaces each value of `data` (rows of `columns`) by the extremum over `part` around it.
pub(super) fn run_part<T: Grey, E: Extremum<T>>(data: &mut [T], columns: usize, part: Part) {
    if data.is_empty() {
        return;
    }
    let rows = data.len() / columns;
    match part {
        Part::Horizontal(half) => {
            // Nothing is seen beyond the far edge, so longer windows give the same.
            let half = half.min(columns - 1);
            let mut padded = vec![E::NEUTRAL; columns + 2 * half];
            let mut doubled = padded.clone();
            for row in data.chunks_exact_mut(columns) {
                along_row::<T, E>(row, half, &mut padded, &mut doubled);
            }
        }
        Part::Slanted(half, slant) => {
            let half = half.min(rows - 1);
            if slant == 0 {
                for left in (0..columns).step_by(STRIP) {
                    let width = STRIP.min(columns - left);
                    down::<T, E>(data, columns, left, width, half, 0);
                }
            } else {
                down::<T, E>(data, columns, 0, columns, half.min(columns - 1), slant);
            }
        }
        Part::Plus => plus::<T, E>(data, columns),
    }
}

#[inline(always)]
fn fold<T: Grey, E: Extremum<T>>(into: &mut [T], other: &[T]) {
    for (a, &b) in into.iter_mut().zip(other) {
        *a = E::of(*a, b);
    }
}

#[inline(always)]
fn merge<T: Grey, E: Extremum<T>>(into: &mut [T], first: &[T], second: &[T]) {
    for ((out, &a), &b) in into.iter_mut().zip(first).zip(second) {
        *out = E::of(a, b);
    }
}

/// Windows of `2 half + 1` along one row. `padded` and `doubled` hold `row.len() + 2 half` values; the outer `half`
/// at both ends of `padded` are neutral, and are again on return.
fn along_row<T: Grey, E: Extremum<T>>(row: &mut [T], half: usize, padded: &mut [T], doubled: &mut [T]) {
    let length = 2 * half + 1;
    let n = row.len();
    padded[half..half + n].copy_from_slice(row);
    let (mut source, mut target) = (&mut *padded, &mut *doubled);
    let mut window = 1;
    while 2 * window <= length {
        let valid = source.len() - window;
        merge::<T, E>(&mut target[..valid], &source[..valid], &source[window..]);
        target[valid..].copy_from_slice(&source[valid..]);
        std::mem::swap(&mut source, &mut target);
        window *= 2;
    }
    merge::<T, E>(row, &source[..n], &source[length - window..][..n]);
    padded[..half].fill(E::NEUTRAL);
    padded[half + n..].fill(E::NEUTRAL);
}

/// Windows of `2 half + 1` rows in columns `left..left + width`, each row shifted by `slant` columns against the last.
///
/// Blocks of one window length: `suffix[t]` is the extremum from row `t` of a block to the block's end; `next` holds
/// the rows of the block below, which the result overwrites.
fn down<T: Grey, E: Extremum<T>>(data: &mut [T], columns: usize, left: usize, width: usize, half: usize, slant: isize) {
    let rows = data.len() / columns;
    let length = 2 * half + 1;
    // Windows that begin or end beside the image still see part of it.
    let pad = if slant == 0 { 0 } else { half };
    let wide = width + 2 * pad;
    let mut suffix = vec![E::NEUTRAL; length * wide];
    let mut next = suffix.clone();
    let mut running = vec![E::NEUTRAL; wide];
    let mut shifted = running.clone();
    // Block 0 begins `half` rows above the image.
    let load = |data: &[T], block: &mut [T], first: usize| {
        for (t, buffer) in block.chunks_exact_mut(wide).enumerate() {
            let row = (first + t).wrapping_sub(half);
            if row < rows {
                buffer[pad..pad + width].copy_from_slice(&data[row * columns + left..][..width]);
            } else {
                buffer[pad..pad + width].fill(E::NEUTRAL);
            }
        }
    };
    let accumulate = |block: &mut [T]| {
        for t in (0..length - 1).rev() {
            let (upper, lower) = block.split_at_mut((t + 1) * wide);
            let upper = &mut upper[t * wide..];
            match slant {
                0 => fold::<T, E>(upper, &lower[..wide]),
                1 => fold::<T, E>(&mut upper[..wide - 1], &lower[1..wide]),
                _ => fold::<T, E>(&mut upper[1..], &lower[..wide - 1]),
            }
        }
    };
    // Where the windows' first and last rows lie beside the pixel they belong to.
    let (head, tail) = match slant {
        0 => (0, 0),
        1 => (0, 2 * pad),
        _ => (2 * pad, 0),
    };
    load(data, &mut suffix, 0);
    accumulate(&mut suffix);
    let mut first = 0;
    while first < rows {
        load(data, &mut next, first + length);
        running.fill(E::NEUTRAL);
        for (t, head_row) in suffix.chunks_exact(wide).enumerate().take(rows - first) {
            if t > 0 {
                let below = &next[(t - 1) * wide..][..wide];
                match slant {
                    0 => fold::<T, E>(&mut running, below),
                    1 => {
                        shifted[0] = below[0];
                        merge::<T, E>(&mut shifted[1..], &below[1..], &running[..wide - 1]);
                        std::mem::swap(&mut running, &mut shifted);
                    }
                    _ => {
                        shifted[wide - 1] = below[wide - 1];
                        merge::<T, E>(&mut shifted[..wide - 1], &below[..wide - 1], &running[1..]);
                        std::mem::swap(&mut running, &mut shifted);
                    }
                }
            }
            let out = &mut data[(first + t) * columns + left..][..width];
            merge::<T, E>(out, &head_row[head..head + width], &running[tail..tail + width]);
        }
        accumulate(&mut next);
        std::mem::swap(&mut suffix, &mut next);
        first += length;
    }
}

/// The origin and its four neighbours.
fn plus<T: Grey, E: Extremum<T>>(data: &mut [T], columns: usize) {
    let rows = data.len() / columns;
    let mut above = vec![E::NEUTRAL; columns];
    let mut here = data[..columns].to_vec();
    for r in 0..rows {
        let (upper, lower) = data.split_at_mut((r + 1) * columns);
        let out = &mut upper[r * columns..];
        fold::<T, E>(out, &above);
        fold::<T, E>(&mut out[1..], &here[..columns - 1]);
        fold::<T, E>(&mut out[..columns - 1], &here[1..]);
        if let Some(below) = lower.get(..columns) {
            fold::<T, E>(out, below);
            std::mem::swap(&mut above, &mut here);
            here.copy_from_slice(below);
        }
    }
}
