//! One scan: T.87 A.3 to A.7, and Annex B for more than one component.

use super::super::CodecError;
use super::super::bits::Bits;
use super::super::interval;
use super::bits::unstuff;
use super::context::{CONTEXTS, Context, RunContext};
use super::header::{Frame, Interleave, ScanHeader};
use super::parameters::Parameters;

/// Order of a run's length code by run index: T.87 A.2.1, J.
const RUN_ORDER: [u32; 32] = [
    0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 9, 10, 11, 12, 13, 14, 15,
];

const IMPOSSIBLE: CodecError = CodecError::Damaged("an impossible prediction error");

/// Decodes the scan that `data` starts with into `samples`, which are interleaved by pixel. Returns its bytes.
pub(super) fn decode(
    data: &[u8],
    frame: &Frame,
    header: &ScanHeader,
    parameters: &Parameters,
    restart_lines: u32,
    samples: &mut [u16],
) -> Result<usize, CodecError> {
    let width = frame.columns as usize;
    let count = frame.components.len();
    let mut lines: Vec<Lines> = header.components.iter().map(|_| Lines::new(width)).collect();
    interval::for_each(
        data,
        frame.rows as usize,
        restart_lines as usize,
        unstuff,
        |rows, bits| {
            lines.iter_mut().for_each(Lines::restart);
            let mut coder = Coder::new(parameters, *bits);
            for row in samples[rows.start * width * count..rows.end * width * count].chunks_exact_mut(width * count) {
                lines.iter_mut().for_each(Lines::advance);
                match header.interleave {
                    Interleave::None | Interleave::Line => lines.iter_mut().try_for_each(|lines| coder.line(lines))?,
                    Interleave::Sample => coder.pixels(&mut lines)?,
                }
                coder.bits.check()?;
                for (lines, &component) in lines.iter().zip(&header.components) {
                    let line = &lines.current[1..=width];
                    if count == 1 {
                        row.copy_from_slice(line);
                    } else {
                        row[component..]
                            .iter_mut()
                            .step_by(count)
                            .zip(line)
                            .for_each(|(sample, &value)| *sample = value);
                    }
                }
            }
            Ok(())
        },
    )
}

/// The line being decoded and the one above, each with one sample more on both sides: T.87 A.2.1.
struct Lines {
    above: Vec<u16>,
    current: Vec<u16>,
    run_index: usize,
}

impl Lines {
    fn new(width: usize) -> Self {
        Self {
            above: vec![0; width + 2],
            current: vec![0; width + 2],
            run_index: 0,
        }
    }

    fn restart(&mut self) {
        self.current.fill(0);
        self.run_index = 0;
    }

    /// Makes the current line the one above.
    fn advance(&mut self) {
        std::mem::swap(&mut self.above, &mut self.current);
        let width = self.above.len() - 2;
        self.above[width + 1] = self.above[width];
        self.current[0] = self.above[1];
    }
}

/// State of one restart interval.
struct Coder<'a> {
    parameters: &'a Parameters,
    contexts: Box<[Context; CONTEXTS]>,
    /// By RItype.
    run_contexts: [RunContext; 2],
    bits: Bits<'a>,
    /// Most zeros of a code that is not escaped.
    longest: u32,
}

impl<'a> Coder<'a> {
    fn new(parameters: &'a Parameters, bits: Bits<'a>) -> Self {
        Self {
            parameters,
            contexts: Box::new([Context::new(parameters); CONTEXTS]),
            run_contexts: [RunContext::new(parameters, false), RunContext::new(parameters, true)],
            bits,
            longest: parameters.limit - parameters.escape_bits - 1,
        }
    }

    fn line(&mut self, lines: &mut Lines) -> Result<(), CodecError> {
        let Parameters { maximum, near, .. } = *self.parameters;
        if near == 0 && maximum & (maximum + 1) == 0 {
            self.samples::<true>(lines)
        } else {
            self.samples::<false>(lines)
        }
    }

    /// Decodes a line of one component. `WHOLE`: lossless, and the samples use all values of their bits.
    fn samples<const WHOLE: bool>(&mut self, lines: &mut Lines) -> Result<(), CodecError> {
        let Parameters {
            maximum,
            near,
            reset,
            ref quantised,
            ..
        } = *self.parameters;
        let quantised = &quantised[..];
        let quantise = |difference: i32| i32::from(quantised[(difference + maximum) as usize]);
        let width = lines.current.len() - 2;
        let above = &lines.above[..width + 2];
        let mut x = 0;
        let mut left = i32::from(lines.current[0]);
        let (mut up, mut up_right) = (i32::from(above[0]), i32::from(above[1]));
        let mut up_gradient = quantise(up_right - up);
        while x < width {
            let up_left = up;
            up = up_right;
            up_right = i32::from(above[x + 2]);
            let gradient = up_gradient;
            up_gradient = quantise(up_right - up);
            let signed = 81 * up_gradient + 9 * gradient + quantise(up_left - left);
            if signed == 0 {
                let length = self.run_length(&mut lines.run_index, width - x)?;
                lines.current[x + 1..][..length].fill(left as u16);
                x += length;
                if x == width {
                    break;
                }
                up = i32::from(above[x + 1]);
                up_right = i32::from(above[x + 2]);
                up_gradient = quantise(up_right - up);
                left = self.run_end(left, up, &mut lines.run_index)?;
            } else {
                let sign = signed >> 31;
                let index = (signed ^ sign) - sign;
                let predicted = predict(left, up, up_left);
                left = self.regular::<WHOLE>(index as usize, sign, predicted, maximum, near, reset)?;
            }
            lines.current[x + 1] = left as u16;
            x += 1;
        }
        Ok(())
    }

    /// One sample of regular mode. `sign` is -1 when the context is of the opposite gradients, 0 otherwise: A.4 to A.6.
    #[inline(always)]
    fn regular<const WHOLE: bool>(
        &mut self,
        index: usize,
        sign: i32,
        predicted: i32,
        maximum: i32,
        near: i32,
        reset: i32,
    ) -> Result<i32, CodecError> {
        let near = if WHOLE { 0 } else { near };
        let context = &mut self.contexts[index % CONTEXTS];
        let corrected = (predicted + ((i32::from(context.correction) ^ sign) - sign)).clamp(0, maximum);
        let golomb = u32::from(context.golomb);
        let word = self.bits.peek()?;
        let zeros = (word | 1).leading_zeros();
        let mapped = if zeros < self.longest && zeros + golomb < 57 {
            self.bits.skip(zeros + 1 + golomb);
            zeros << golomb | (word << zeros << 1 >> 1 >> (63 - golomb)) as u32
        } else {
            long_code(&mut self.bits, golomb, self.longest, self.parameters.escape_bits)?
        };
        if mapped >> self.parameters.escape_bits > 1 {
            return Err(IMPOSSIBLE);
        }
        let error = (mapped >> 1) as i32 ^ -((mapped & 1) as i32) ^ i32::from(context.inverted);
        context.update(error, near, reset);
        let error = (error ^ sign) - sign;
        Ok(if WHOLE {
            (corrected + error) & maximum
        } else {
            self.reconstruct(corrected, error)
        })
    }

    /// The sample `error` steps from `predicted`, modulo the range: A.4.5 and A.8.
    #[inline(always)]
    fn reconstruct(&self, predicted: i32, error: i32) -> i32 {
        let Parameters {
            maximum, near, range, ..
        } = *self.parameters;
        let step = 2 * near + 1;
        let mut value = predicted + error * step;
        if value < -near {
            value += range * step;
        } else if value > maximum + near {
            value -= range * step;
        }
        value.clamp(0, maximum)
    }

    /// Samples that repeat the one before, at most `remaining` to the end of the line: A.7.1.
    #[inline(never)]
    fn run_length(&mut self, run_index: &mut usize, remaining: usize) -> Result<usize, CodecError> {
        let mut length = 0;
        while self.bits.read(1)? == 1 {
            let block = 1 << RUN_ORDER[*run_index];
            if length + block > remaining {
                return Ok(remaining);
            }
            length += block;
            *run_index = (*run_index + 1).min(31);
            if length == remaining {
                return Ok(remaining);
            }
        }
        length += self.bits.read(RUN_ORDER[*run_index])? as usize;
        if length < remaining {
            Ok(length)
        } else {
            Err(CodecError::Damaged("a run beyond the end of a line"))
        }
    }

    /// The sample that ends a run: A.7.2.
    #[inline(never)]
    fn run_end(&mut self, left: i32, up: i32, run_index: &mut usize) -> Result<i32, CodecError> {
        let alike = (left - up).abs() <= self.parameters.near;
        let error = self.run_end_error(usize::from(alike), RUN_ORDER[*run_index])?;
        *run_index = run_index.saturating_sub(1);
        Ok(match alike {
            true => self.reconstruct(left, error),
            false if left > up => self.reconstruct(up, -error),
            false => self.reconstruct(up, error),
        })
    }

    fn run_end_error(&mut self, alike: usize, order: u32) -> Result<i32, CodecError> {
        let Parameters { escape_bits, reset, .. } = *self.parameters;
        let context = &mut self.run_contexts[alike];
        let golomb = context.golomb();
        // LIMIT is at least 20 and 4 bits a sample, so this does not go below 0; damage must not overflow either.
        let longest = self.longest.saturating_sub(order + 1);
        let mapped = long_code(&mut self.bits, golomb, longest, escape_bits)?;
        if mapped >> escape_bits > 1 {
            return Err(IMPOSSIBLE);
        }
        Ok(context.take(mapped, golomb, reset))
    }

    /// Decodes a line of all components, sample by sample: B.3.
    fn pixels(&mut self, lines: &mut [Lines]) -> Result<(), CodecError> {
        let width = lines[0].current.len() - 2;
        let mut run_index = lines[0].run_index;
        let mut x = 0;
        while x < width {
            let mut signed = [0; 4];
            for (lines, signed) in lines.iter().zip(&mut signed) {
                *signed = self.gradients(lines, x);
            }
            if signed != [0; 4] {
                for (lines, signed) in lines.iter_mut().zip(signed) {
                    lines.current[x + 1] = self.sample(lines, x, signed)? as u16;
                }
                x += 1;
                continue;
            }
            let length = self.run_length(&mut run_index, width - x)?;
            for lines in lines.iter_mut() {
                let left = lines.current[x];
                lines.current[x + 1..][..length].fill(left);
            }
            x += length;
            if x == width {
                break;
            }
            for lines in lines.iter_mut() {
                let (left, up) = (i32::from(lines.current[x]), i32::from(lines.above[x + 1]));
                let error = self.run_end_error(0, RUN_ORDER[run_index])?;
                let error = if left > up { -error } else { error };
                lines.current[x + 1] = self.reconstruct(up, error) as u16;
            }
            run_index = run_index.saturating_sub(1);
            x += 1;
        }
        lines[0].run_index = run_index;
        Ok(())
    }

    /// Number and direction of the context of sample `x`: 0 is run mode.
    fn gradients(&self, lines: &Lines, x: usize) -> i32 {
        let quantise = |from: u16, to: u16| {
            let difference = i32::from(to) - i32::from(from);
            i32::from(self.parameters.quantised[(difference + self.parameters.maximum) as usize])
        };
        let [up_left, up, up_right] = [lines.above[x], lines.above[x + 1], lines.above[x + 2]];
        81 * quantise(up, up_right) + 9 * quantise(up_left, up) + quantise(lines.current[x], up_left)
    }

    fn sample(&mut self, lines: &Lines, x: usize, signed: i32) -> Result<i32, CodecError> {
        let Parameters {
            maximum, near, reset, ..
        } = *self.parameters;
        let sign = signed >> 31;
        let [left, up, up_left] = [lines.current[x], lines.above[x + 1], lines.above[x]].map(i32::from);
        let predicted = predict(left, up, up_left);
        self.regular::<false>(signed.unsigned_abs() as usize, sign, predicted, maximum, near, reset)
    }
}

/// The median of the neighbours and their plane: A.4.1.
#[inline(always)]
fn predict(left: i32, up: i32, up_left: i32) -> i32 {
    (left + up - up_left).max(left.min(up)).min(left.max(up))
}

/// A code of any lawful length: A.5.3.
#[inline(never)]
fn long_code(bits: &mut Bits, golomb: u32, longest: u32, escape_bits: u32) -> Result<u32, CodecError> {
    let mut zeros = 0;
    loop {
        let run = bits.peek()?.leading_zeros().min(32);
        zeros += run;
        if zeros > longest {
            return Err(IMPOSSIBLE);
        }
        bits.skip(run);
        if run < 32 {
            break;
        }
    }
    bits.skip(1);
    if zeros < longest {
        Ok(zeros << golomb | bits.read(golomb)?)
    } else {
        Ok(bits.read(escape_bits)? + 1)
    }
}
