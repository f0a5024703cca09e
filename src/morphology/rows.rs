//! Running minimum and maximum along rows, columns and diagonals, a whole row at a time.
//!
//! Rows flow through a chain of parts, each of which keeps no more of them than its window spans, so that a whole
//! opening reads and writes the image once and works within the second-level cache.
//!
//! Windows are built by doubling: the extremum of 2 w rows is that of w rows and of the w rows above, so a window of
//! any length costs log2(length) vector steps a row.

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

/// Rows on their way through the parts of one erosion or dilation.
///
/// Stands for the whole plane: what lies outside the image is neutral, also for the ways that lead through it.
pub(super) struct Flow<T, E> {
    stages: Vec<Stage<T>>,
    /// A row outside the image.
    outside: Vec<T>,
    /// A row of the image with room on both sides.
    padded: Vec<T>,
    /// Whether the first stage takes rows without that room.
    makes_room: bool,
    pad: usize,
    columns: usize,
    /// Rows pushed and not yet given back.
    held: usize,
    lag: usize,
    kind: std::marker::PhantomData<E>,
}

enum Stage<T> {
    Along(Along<T>),
    Down(Down<T>),
    Plus(Plus<T>),
}

impl<T: Grey, E: Extremum<T>> Flow<T, E> {
    /// A flow of rows of `columns` values through `parts`, with `pad` places beside the image on every side.
    pub(super) fn new(parts: &[Part], pad: usize, columns: usize) -> Self {
        let wide = columns + 2 * pad;
        // Where rows are the first to be looked along, that stage makes room for itself.
        let makes_room = matches!(parts.first(), Some(Part::Horizontal(_)));
        let stage = |(i, part): (usize, &Part)| match *part {
            // Nothing is seen beyond the far edge, so longer windows give the same.
            Part::Horizontal(half) => {
                let room = if i == 0 { pad } else { 0 };
                Stage::Along(Along::new::<E>(half.min(wide.saturating_sub(1)), room, wide))
            }
            Part::Slanted(half, slant) => Stage::Down(Down::new::<E>(half, slant, wide)),
            Part::Plus => Stage::Plus(Plus::new::<E>(wide)),
        };
        let stages: Vec<_> = parts.iter().enumerate().map(stage).collect();
        let lag = stages.iter().map(Stage::lag).sum();
        let mut flow = Self {
            stages,
            outside: vec![E::NEUTRAL; if makes_room { columns } else { wide }],
            padded: vec![E::NEUTRAL; wide],
            makes_room,
            pad,
            columns,
            held: 0,
            lag,
            kind: std::marker::PhantomData,
        };
        for _ in 0..pad {
            let Self { stages, outside, .. } = &mut flow;
            pass::<T, E>(stages, outside);
        }
        flow
    }

    /// How many rows later a row comes out.
    pub(super) fn lag(&self) -> usize {
        self.lag
    }

    /// Pushes the next row of the image (`None`: one below it) and gives the row of `lag` rows ago, if there is one.
    pub(super) fn push(&mut self, row: Option<&[T]>) -> Option<&[T]> {
        let out = match row {
            Some(row) if self.makes_room || (self.pad == 0 && !self.stages.is_empty()) => {
                pass::<T, E>(&mut self.stages, row)
            }
            Some(row) => {
                self.padded[self.pad..self.pad + self.columns].copy_from_slice(row);
                if self.stages.is_empty() {
                    Some(self.padded.as_slice())
                } else {
                    pass::<T, E>(&mut self.stages, &self.padded)
                }
            }
            None => pass::<T, E>(&mut self.stages, &self.outside),
        };
        // What comes out first may lie above the image.
        self.held += 1;
        if self.held <= self.lag {
            return None;
        }
        self.held -= 1;
        out.map(|out| &out[self.pad..self.pad + self.columns])
    }
}

/// One row through all stages; `None` until the last has seen enough, or if there are no stages.
fn pass<'a, T: Grey, E: Extremum<T>>(stages: &'a mut [Stage<T>], row: &[T]) -> Option<&'a [T]> {
    let (first, rest) = stages.split_first_mut()?;
    let mut row = first.push::<E>(row)?;
    for stage in rest {
        row = stage.push::<E>(row)?;
    }
    Some(row)
}

impl<T: Grey> Stage<T> {
    fn lag(&self) -> usize {
        match self {
            Self::Along(_) => 0,
            Self::Down(down) => down.half,
            Self::Plus(_) => 1,
        }
    }

    fn push<E: Extremum<T>>(&mut self, row: &[T]) -> Option<&[T]> {
        match self {
            Self::Along(along) => Some(along.push::<E>(row)),
            Self::Down(down) => down.push::<E>(row),
            Self::Plus(plus) => plus.push::<E>(row),
        }
    }
}

#[inline(always)]
fn merge<T: Grey, E: Extremum<T>>(into: &mut [T], first: &[T], second: &[T]) {
    for ((out, &a), &b) in into.iter_mut().zip(first).zip(second) {
        *out = E::of(a, b);
    }
}

/// Windows of `2 half + 1` along each row.
struct Along<T> {
    half: usize,
    /// Places beside a row, on either side, that are looked at too.
    room: usize,
    out: Vec<T>,
    /// What lies beyond the row at both ends is neutral.
    padded: Vec<T>,
    doubled: Vec<T>,
}

impl<T: Grey> Along<T> {
    /// For rows of `wide` values with the room on both sides.
    fn new<E: Extremum<T>>(half: usize, room: usize, wide: usize) -> Self {
        Self {
            half,
            room,
            out: vec![E::NEUTRAL; wide],
            padded: vec![E::NEUTRAL; wide + 2 * half],
            doubled: vec![E::NEUTRAL; wide + 2 * half],
        }
    }

    fn push<E: Extremum<T>>(&mut self, row: &[T]) -> &[T] {
        let (half, n) = (self.half, self.out.len());
        let length = 2 * half + 1;
        let from = half + self.room;
        self.padded[..from].fill(E::NEUTRAL);
        self.padded[from..from + row.len()].copy_from_slice(row);
        self.padded[from + row.len()..].fill(E::NEUTRAL);
        let (mut source, mut target) = (&mut self.padded[..], &mut self.doubled[..]);
        // Windows begin at their place; those that would run beyond the end are never asked for.
        let mut window = 1;
        while 2 * window <= length {
            let valid = n + 2 * half + 1 - 2 * window;
            merge::<T, E>(&mut target[..valid], &source[..valid], &source[window..]);
            std::mem::swap(&mut source, &mut target);
            window *= 2;
        }
        merge::<T, E>(&mut self.out, &source[..n], &source[length - window..]);
        &self.out
    }
}

/// Windows of `2 half + 1` rows, each row shifted by `slant` columns (-1, 0, 1) against the one above.
struct Down<T> {
    half: usize,
    slant: isize,
    columns: usize,
    /// Columns with those that a slanted window reaches beyond the edge on the side it comes from.
    wide: usize,
    /// Windows of 1, 2, 4, ... rows that end at the latest rows.
    levels: Vec<Ring<T>>,
    out: Vec<T>,
    seen: usize,
}

/// The latest rows of one window length.
struct Ring<T> {
    rows: Vec<T>,
    /// How many rows back the oldest lies, which the next longer window needs.
    lag: usize,
}

impl<T: Grey> Down<T> {
    fn new<E: Extremum<T>>(half: usize, slant: isize, columns: usize) -> Self {
        let wide = columns + if slant == 0 { 0 } else { half };
        let length = 2 * half + 1;
        let mut levels = Vec::new();
        let mut window = 1;
        while window <= length {
            let lag = if 2 * window <= length { window } else { length - window };
            levels.push(Ring {
                rows: vec![E::NEUTRAL; (lag + 1) * wide],
                lag,
            });
            window *= 2;
        }
        Self {
            half,
            slant,
            columns,
            wide,
            levels,
            out: vec![E::NEUTRAL; columns],
            seen: 0,
        }
    }

    fn push<E: Extremum<T>>(&mut self, row: &[T]) -> Option<&[T]> {
        let Self {
            half,
            slant,
            columns,
            wide,
            ..
        } = *self;
        let at = self.seen;
        self.seen += 1;
        // The row of a ring that holds the windows ending `back` rows ago.
        let place = move |lag: usize, back: usize| (at + lag + 1 - back) % (lag + 1) * wide;
        if let Some(first) = self.levels.first_mut() {
            let here = place(first.lag, 0);
            let left = if slant < 0 { half } else { 0 };
            first.rows[here + left..][..columns].copy_from_slice(row);
        }
        for level in 1..self.levels.len() {
            let (shorter, longer) = self.levels.split_at_mut(level);
            let (shorter, longer) = (&shorter[level - 1], &mut longer[0]);
            let window = shorter.lag;
            let latest = &shorter.rows[place(window, 0)..][..wide];
            let older = &shorter.rows[place(window, window)..][..wide];
            let here = place(longer.lag, 0);
            let into = &mut longer.rows[here..][..wide];
            let shift = window.min(wide);
            match slant {
                0 => merge::<T, E>(into, latest, older),
                1 => {
                    into[..shift].copy_from_slice(&latest[..shift]);
                    merge::<T, E>(&mut into[shift..], &latest[shift..], older);
                }
                _ => {
                    into[wide - shift..].copy_from_slice(&latest[wide - shift..]);
                    merge::<T, E>(into, latest, &older[shift..]);
                }
            }
        }
        if at < half {
            return None;
        }
        let longest = self.levels.last()?;
        let lag = longest.lag;
        let latest = &longest.rows[place(lag, 0)..][..wide];
        let older = &longest.rows[place(lag, lag)..][..wide];
        // The window belongs to the pixel in its middle.
        let (latest_from, older_from) = match slant {
            0 => (0, 0),
            1 => (half, half - lag),
            _ => (0, lag),
        };
        merge::<T, E>(&mut self.out, &latest[latest_from..], &older[older_from..]);
        Some(&self.out)
    }
}

/// The origin and its four neighbours.
struct Plus<T> {
    above: Vec<T>,
    here: Vec<T>,
    out: Vec<T>,
    seen: usize,
}

impl<T: Grey> Plus<T> {
    fn new<E: Extremum<T>>(columns: usize) -> Self {
        Self {
            above: vec![E::NEUTRAL; columns],
            here: vec![E::NEUTRAL; columns],
            out: vec![E::NEUTRAL; columns],
            seen: 0,
        }
    }

    fn push<E: Extremum<T>>(&mut self, below: &[T]) -> Option<&[T]> {
        let n = below.len();
        let (here, out) = (&self.here, &mut self.out);
        for (((out, &a), &b), &c) in out.iter_mut().zip(&self.above).zip(here).zip(below) {
            *out = E::of(E::of(a, b), c);
        }
        for (out, &left) in out[1..].iter_mut().zip(&here[..n - 1]) {
            *out = E::of(*out, left);
        }
        for (out, &right) in out[..n - 1].iter_mut().zip(&here[1..]) {
            *out = E::of(*out, right);
        }
        std::mem::swap(&mut self.above, &mut self.here);
        self.here.copy_from_slice(below);
        self.seen += 1;
        (self.seen > 1).then_some(self.out.as_slice())
    }
}
