//! A JPEG-LS encoder for tests, written step by step from ITU-T T.87 with no thought of speed. It shares nothing with the decoder.

/// How to encode.
#[derive(Clone, Debug)]
pub struct Options {
    pub bits: u8,
    pub near: i32,
    /// 0 by component, 1 by line, 2 by sample.
    pub interleave: u8,
    /// Lines between restart markers, 0 for none.
    pub restart_lines: usize,
    /// MAXVAL, T1, T2, T3, RESET of an LSE segment.
    pub preset: Option<[u16; 5]>,
}

/// An image: `samples` are interleaved by pixel.
#[derive(Clone, Debug)]
pub struct Image {
    pub rows: usize,
    pub columns: usize,
    pub components: usize,
    pub samples: Vec<u16>,
}

const ORDER: [u32; 32] = [
    0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 9, 10, 11, 12, 13, 14, 15,
];

/// The whole stream, and the samples a decoder must give for it.
pub fn encode(image: &Image, options: &Options) -> (Vec<u8>, Vec<u16>) {
    let mut out = vec![0xFF, 0xD8, 0xFF, 0xF7];
    let word = |value: usize| (value as u16).to_be_bytes();
    out.extend(word(8 + 3 * image.components));
    out.push(options.bits);
    out.extend(word(image.rows));
    out.extend(word(image.columns));
    out.push(image.components as u8);
    for component in 1..=image.components as u8 {
        out.extend([component, 0x11, 0]);
    }
    if let Some(preset) = options.preset {
        out.extend([0xFF, 0xF8, 0, 13, 1]);
        preset.iter().for_each(|value| out.extend(value.to_be_bytes()));
    }
    if options.restart_lines > 0 {
        out.extend([0xFF, 0xDD, 0, 4]);
        out.extend(word(options.restart_lines));
    }
    let mut decoded = image.samples.clone();
    let scans: Vec<Vec<usize>> = match options.interleave {
        0 => (0..image.components).map(|component| vec![component]).collect(),
        _ => vec![(0..image.components).collect()],
    };
    for components in scans {
        out.extend([0xFF, 0xDA]);
        out.extend(word(6 + 2 * components.len()));
        out.push(components.len() as u8);
        components
            .iter()
            .for_each(|&component| out.extend([component as u8 + 1, 0]));
        out.extend([options.near as u8, options.interleave, 0]);
        scan(image, options, &components, &mut decoded, &mut out);
    }
    out.extend([0xFF, 0xD9]);
    (out, decoded)
}

fn scan(image: &Image, options: &Options, components: &[usize], decoded: &mut [u16], out: &mut Vec<u8>) {
    let lines = if options.restart_lines == 0 {
        image.rows
    } else {
        options.restart_lines
    };
    for (index, top) in (0..image.rows).step_by(lines).enumerate() {
        if index > 0 {
            out.extend([0xFF, 0xD0 + ((index - 1) % 8) as u8]);
        }
        let mut coder = Coder::new(options);
        // Two lines of every component, with the border samples of figure A.1 in front and behind.
        let mut above = vec![vec![0i32; image.columns + 2]; components.len()];
        let mut run_index = vec![0; components.len()];
        for row in top..image.rows.min(top + lines) {
            let at = |column: usize, component: usize| (row * image.columns + column) * image.components + component;
            let mut current: Vec<Vec<i32>> = Vec::new();
            for (above, &component) in above.iter_mut().zip(components) {
                above[image.columns + 1] = above[image.columns];
                let mut line = vec![above[1]];
                line.extend((0..image.columns).map(|column| i32::from(decoded[at(column, component)])));
                line.push(0);
                current.push(line);
            }
            if options.interleave == 2 && components.len() > 1 {
                coder.line(&above, &mut current, &mut run_index[0]);
            } else {
                for index in 0..components.len() {
                    let (above, current) = (&above[index..=index], &mut current[index..=index]);
                    coder.line(above, current, &mut run_index[index]);
                }
            }
            for (line, &component) in current.iter().zip(components) {
                (0..image.columns).for_each(|column| decoded[at(column, component)] = line[column + 1] as u16);
            }
            above = current;
        }
        coder.bits.finish(out);
    }
}

struct Coder {
    near: i32,
    maximum: i32,
    range: i32,
    limit: u32,
    escape_bits: u32,
    thresholds: [i32; 3],
    reset: i32,
    a: [i32; 367],
    b: [i32; 365],
    c: [i32; 365],
    n: [i32; 367],
    negative: [i32; 2],
    bits: Bits,
}

fn bits_for(values: i32) -> u32 {
    (0..).find(|&bits| 1i64 << bits >= i64::from(values)).unwrap()
}

impl Coder {
    fn new(options: &Options) -> Self {
        let preset = options.preset.unwrap_or([0; 5]).map(i32::from);
        let near = options.near;
        let maximum = if preset[0] == 0 {
            (1 << options.bits) - 1
        } else {
            preset[0]
        };
        let range = if near == 0 {
            maximum + 1
        } else {
            (maximum + 2 * near) / (2 * near + 1) + 1
        };
        let bpp = bits_for(maximum + 1).max(2);
        let clamp = |value: i32, least: i32| if value > maximum || value < least { least } else { value };
        let [basic1, basic2, basic3] = if maximum >= 128 {
            let factor = (maximum.min(4095) + 128) / 256;
            [
                factor + 2 + 3 * near,
                4 * factor + 3 + 5 * near,
                17 * factor + 4 + 7 * near,
            ]
        } else {
            let factor = 256 / (maximum + 1);
            [
                2.max(3 / factor + 3 * near),
                3.max(7 / factor + 5 * near),
                4.max(21 / factor + 7 * near),
            ]
        };
        let t1 = if preset[1] == 0 {
            clamp(basic1, near + 1)
        } else {
            preset[1]
        };
        let t2 = if preset[2] == 0 { clamp(basic2, t1) } else { preset[2] };
        let t3 = if preset[3] == 0 { clamp(basic3, t2) } else { preset[3] };
        Self {
            near,
            maximum,
            range,
            limit: 2 * (bpp + bpp.max(8)),
            escape_bits: bits_for(range),
            thresholds: [t1, t2, t3],
            reset: if preset[4] == 0 { 64 } else { preset[4] },
            a: [2.max((range + 32) / 64); 367],
            b: [0; 365],
            c: [0; 365],
            n: [1; 367],
            negative: [0; 2],
            bits: Bits::default(),
        }
    }

    fn quantise(&self, d: i32) -> i32 {
        let [t1, t2, t3] = self.thresholds;
        if d <= -t3 {
            -4
        } else if d <= -t2 {
            -3
        } else if d <= -t1 {
            -2
        } else if d < -self.near {
            -1
        } else if d <= self.near {
            0
        } else if d < t1 {
            1
        } else if d < t2 {
            2
        } else if d < t3 {
            3
        } else {
            4
        }
    }

    /// One line of one component, or of all when they alternate by sample.
    fn line(&mut self, above: &[Vec<i32>], current: &mut [Vec<i32>], run_index: &mut usize) {
        let width = above[0].len() - 2;
        let mut x = 1;
        while x <= width {
            let flat = |above: &[i32], line: &[i32], near: i32| {
                let gradients = [
                    above[x + 1] - above[x],
                    above[x] - above[x - 1],
                    above[x - 1] - line[x - 1],
                ];
                gradients.iter().all(|gradient| gradient.abs() <= near)
            };
            if !above
                .iter()
                .zip(&*current)
                .all(|(above, line)| flat(above, line, self.near))
            {
                (0..current.len()).for_each(|index| self.regular(&above[index], &mut current[index], x));
                x += 1;
                continue;
            }
            let start = x;
            let like = |line: &Vec<i32>, x: usize| (line[x] - line[start - 1]).abs() <= self.near;
            while x <= width && current.iter().all(|line| like(line, x)) {
                x += 1;
            }
            let mut length = x - start;
            for line in current.iter_mut() {
                let value = line[start - 1];
                line[start..x].fill(value);
            }
            while length >= 1 << ORDER[*run_index] {
                self.bits.put(1, 1);
                length -= 1 << ORDER[*run_index];
                *run_index = (*run_index + 1).min(31);
            }
            if x > width {
                if length > 0 {
                    self.bits.put(1, 1);
                }
                return;
            }
            self.bits.put(0, 1);
            self.bits.put(length as u32, ORDER[*run_index]);
            let alternate = current.len() > 1;
            for index in 0..current.len() {
                self.interruption(&above[index], &mut current[index], x, ORDER[*run_index], alternate);
            }
            *run_index = run_index.saturating_sub(1);
            x += 1;
        }
    }

    /// Quantises and reduces an error; gives the error and the reconstructed sample.
    fn error(&self, predicted: i32, sample: i32, sign: i32) -> (i32, i32) {
        let step = 2 * self.near + 1;
        let raw = sign * (sample - predicted);
        let error = if raw > 0 {
            (raw + self.near) / step
        } else {
            -((self.near - raw) / step)
        };
        let sample = (predicted + sign * error * step).clamp(0, self.maximum);
        let mut error = error;
        if error < 0 {
            error += self.range;
        }
        if error >= (self.range + 1) / 2 {
            error -= self.range;
        }
        (error, sample)
    }

    fn regular(&mut self, above: &[i32], line: &mut [i32], x: usize) {
        let (left, up, up_left, up_right) = (line[x - 1], above[x], above[x - 1], above[x + 1]);
        let mut q = [up_right - up, up - up_left, up_left - left].map(|gradient| self.quantise(gradient));
        let first = q.into_iter().find(|&level| level != 0).unwrap_or(0);
        let sign = if first < 0 { -1 } else { 1 };
        q = q.map(|level| sign * level);
        let context = (81 * q[0] + 9 * q[1] + q[2]) as usize;
        let mut predicted = if up_left >= left.max(up) {
            left.min(up)
        } else if up_left <= left.min(up) {
            left.max(up)
        } else {
            left + up - up_left
        };
        predicted = (predicted + sign * self.c[context]).clamp(0, self.maximum);
        let (error, sample) = self.error(predicted, line[x], sign);
        line[x] = sample;
        let k = (0..).find(|&k| self.n[context] << k >= self.a[context]).unwrap();
        let mapped = if self.near == 0 && k == 0 && 2 * self.b[context] <= -self.n[context] {
            if error >= 0 { 2 * error + 1 } else { -2 * (error + 1) }
        } else if error >= 0 {
            2 * error
        } else {
            -2 * error - 1
        };
        self.golomb(mapped as u32, k, self.limit);
        self.b[context] += error * (2 * self.near + 1);
        self.a[context] += error.abs();
        if self.n[context] == self.reset {
            self.a[context] >>= 1;
            let b = self.b[context];
            self.b[context] = if b >= 0 { b >> 1 } else { -((1 - b) >> 1) };
            self.n[context] >>= 1;
        }
        self.n[context] += 1;
        let n = self.n[context];
        if self.b[context] <= -n {
            self.b[context] += n;
            self.c[context] = (self.c[context] - 1).max(-128);
            self.b[context] = self.b[context].max(1 - n);
        } else if self.b[context] > 0 {
            self.b[context] -= n;
            self.c[context] = (self.c[context] + 1).min(127);
            self.b[context] = self.b[context].min(0);
        }
    }

    fn interruption(&mut self, above: &[i32], line: &mut [i32], x: usize, order: u32, alternate: bool) {
        let (left, up) = (line[x - 1], above[x]);
        let alike = !alternate && (left - up).abs() <= self.near;
        let kind = usize::from(alike);
        let predicted = if alike { left } else { up };
        let sign = if !alike && left > up { -1 } else { 1 };
        let (error, sample) = self.error(predicted, line[x], sign);
        line[x] = sample;
        let context = 365 + kind;
        let sum = self.a[context] + if alike { self.n[context] >> 1 } else { 0 };
        let k = (0..).find(|&k| self.n[context] << k >= sum).unwrap();
        let often_negative = 2 * self.negative[kind] >= self.n[context];
        let map = (k == 0 && error > 0 && !often_negative) || (error < 0 && (often_negative || k != 0));
        let mapped = 2 * error.abs() - kind as i32 - i32::from(map);
        self.golomb(mapped as u32, k, self.limit - order - 1);
        self.negative[kind] += i32::from(error < 0);
        self.a[context] += (mapped + 1 - kind as i32) >> 1;
        if self.n[context] == self.reset {
            self.a[context] >>= 1;
            self.n[context] >>= 1;
            self.negative[kind] >>= 1;
        }
        self.n[context] += 1;
    }

    fn golomb(&mut self, value: u32, k: u32, limit: u32) {
        let longest = limit - self.escape_bits - 1;
        let zeros = value >> k;
        if zeros < longest {
            (0..zeros).for_each(|_| self.bits.put(0, 1));
            self.bits.put(1, 1);
            self.bits.put(value & ((1 << k) - 1), k);
        } else {
            (0..longest).for_each(|_| self.bits.put(0, 1));
            self.bits.put(1, 1);
            self.bits.put(value - 1, self.escape_bits);
        }
    }
}

/// Bits, most significant first.
#[derive(Default)]
struct Bits(Vec<bool>);

impl Bits {
    fn put(&mut self, value: u32, count: u32) {
        self.0.extend((0..count).rev().map(|bit| value >> bit & 1 == 1));
    }

    /// Appends the bytes, with a 0 bit after every 0xFF.
    fn finish(self, out: &mut Vec<u8>) {
        let mut bits = self.0.into_iter().peekable();
        let mut stuff = false;
        while bits.peek().is_some() || stuff {
            let width = if stuff { 7 } else { 8 };
            let byte = (0..width).fold(0u8, |byte, _| byte << 1 | u8::from(bits.next().unwrap_or(false)));
            stuff = byte == 0xFF;
            out.push(byte);
        }
    }
}
