//! The inverse cosine transform of one block: T.81 A.3.3, by the factorisation of Arai, Agui and Nakajima
//! (Trans. IEICE E71 (11), 1988, 1095-1097), in `f32` and without fused operations, so alike on every machine.

/// Where the coefficients lie in a transposed block, by their place in zig-zag order (T.81 figure A.6).
pub(super) const PLACES: [u8; 64] = places();

const fn places() -> [u8; 64] {
    let mut places = [0; 64];
    let (mut row, mut column, mut index) = (0usize, 0usize, 0);
    while index < 64 {
        places[index] = (8 * column + row) as u8;
        let upwards = (row + column) % 2 == 0;
        match (upwards, row, column) {
            (true, _, 7) => row += 1,
            (true, 0, _) => column += 1,
            (true, ..) => (row, column) = (row - 1, column + 1),
            (false, 7, _) => column += 1,
            (false, _, 0) => row += 1,
            (false, ..) => (row, column) = (row + 1, column - 1),
        }
        index += 1;
    }
    places
}

/// What each coefficient is multiplied with before [`inverse`], in zig-zag order: its quantiser and the scale of the transform.
pub(super) fn factors(quantisers: &[u16; 64]) -> [f32; 64] {
    // cos(k pi / 16) sqrt(2), and 1 for k = 0; divided by sqrt(8) once for each direction.
    let scale = |k: u8| {
        let cosine = if k == 0 {
            1.0
        } else {
            (f64::from(k) * std::f64::consts::PI / 16.0).cos() * std::f64::consts::SQRT_2
        };
        cosine / 8f64.sqrt()
    };
    std::array::from_fn(|index| {
        let place = PLACES[index];
        (f64::from(quantisers[index]) * scale(place / 8) * scale(place % 8)) as f32
    })
}

/// Turns the scaled coefficients of a block, transposed, into its samples before the level shift.
pub(super) fn inverse(block: &mut [[f32; 8]; 8]) {
    columns(block);
    *block = std::array::from_fn(|row| std::array::from_fn(|column| block[column][row]));
    columns(block);
}

/// Eight numbers of one row of the block, on which the same is done at once.
type Lanes = [f32; 8];

#[inline(always)]
fn plus(a: Lanes, b: Lanes) -> Lanes {
    std::array::from_fn(|x| a[x] + b[x])
}

#[inline(always)]
fn minus(a: Lanes, b: Lanes) -> Lanes {
    std::array::from_fn(|x| a[x] - b[x])
}

#[inline(always)]
fn times(a: Lanes, factor: f32) -> Lanes {
    a.map(|value| value * factor)
}

/// The transform of eight numbers, along every column.
#[inline]
fn columns(block: &mut [Lanes; 8]) {
    const SQRT_2: f32 = std::f32::consts::SQRT_2;
    // 2 cos(pi/8), and 2 (cos(pi/8) -+ cos(3 pi/8)).
    const C2: f32 = 1.847_759_1;
    const C2_LESS_C6: f32 = 1.082_392_2;
    const C2_PLUS_C6: f32 = 2.613_125_9;
    let [c0, c1, c2, c3, c4, c5, c6, c7] = *block;

    let (sum, difference) = (plus(c0, c4), minus(c0, c4));
    let outer = plus(c2, c6);
    let inner = minus(times(minus(c2, c6), SQRT_2), outer);
    let even = [
        plus(sum, outer),
        plus(difference, inner),
        minus(difference, inner),
        minus(sum, outer),
    ];

    let (s53, d53, s17, d17) = (plus(c5, c3), minus(c5, c3), plus(c1, c7), minus(c1, c7));
    let turned = times(plus(d53, d17), C2);
    let o0 = plus(s17, s53);
    let o1 = minus(minus(turned, times(d53, C2_PLUS_C6)), o0);
    let o2 = minus(times(minus(s17, s53), SQRT_2), o1);
    let o3 = minus(minus(turned, times(d17, C2_LESS_C6)), o2);

    for (row, (even, odd)) in even.into_iter().zip([o0, o1, o2, o3]).enumerate() {
        block[row] = plus(even, odd);
        block[7 - row] = minus(even, odd);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A.3.3 as it is written, in `f64`.
    fn by_definition(coefficients: &[[f64; 8]; 8]) -> [[f64; 8]; 8] {
        let c = |k: usize| if k == 0 { 0.5f64.sqrt() } else { 1.0 };
        let cosine = |x: usize, u: usize| ((2 * x + 1) as f64 * u as f64 * std::f64::consts::PI / 16.0).cos();
        std::array::from_fn(|y| {
            std::array::from_fn(|x| {
                let mut sum = 0.0;
                for (v, row) in coefficients.iter().enumerate() {
                    for (u, value) in row.iter().enumerate() {
                        sum += c(u) * c(v) * value * cosine(x, u) * cosine(y, v);
                    }
                }
                sum / 4.0
            })
        })
    }

    #[test]
    fn zig_zag_order() {
        let natural = PLACES.map(|place| (place % 8, place / 8));
        assert_eq!(
            natural[..10],
            [
                (0, 0),
                (0, 1),
                (1, 0),
                (2, 0),
                (1, 1),
                (0, 2),
                (0, 3),
                (1, 2),
                (2, 1),
                (3, 0)
            ]
        );
        assert_eq!(natural[61..], [(6, 7), (7, 6), (7, 7)]);
        let mut sorted = PLACES;
        sorted.sort_unstable();
        assert!(
            sorted
                .iter()
                .enumerate()
                .all(|(index, &place)| index == usize::from(place))
        );
    }

    #[test]
    fn close_to_the_definition() {
        let quantisers: [u16; 64] = std::array::from_fn(|index| 1 + index as u16 * 3);
        let factors = factors(&quantisers);
        let mut seed = 12345u32;
        for _ in 0..200 {
            let mut block = [[0f32; 8]; 8];
            let mut natural = [[0f64; 8]; 8];
            for index in 0..64 {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let coefficient = (seed >> 16) as i32 % 41 - 20;
                let place = usize::from(PLACES[index]);
                block[place / 8][place % 8] = coefficient as f32 * factors[index];
                natural[place % 8][place / 8] = f64::from(coefficient) * f64::from(quantisers[index]);
            }
            inverse(&mut block);
            let exact = by_definition(&natural);
            for (row, expected) in block.iter().zip(exact) {
                for (&value, expected) in row.iter().zip(expected) {
                    assert!((f64::from(value) - expected).abs() < 0.01, "{value} against {expected}");
                }
            }
        }
    }
}
