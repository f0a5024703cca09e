//! Scans that are predicted without loss: T.81 Annex H.

use super::super::CodecError;
use super::super::bits::Bits;
use super::super::interval;
use super::bits::unstuff;
use super::header::{Frame, Scan, Tables};
use super::huffman::{Table, extend};
use super::plane::Plane;

/// Decodes the scan that `data` starts with into `planes`. Returns its bytes.
pub(super) fn decode(
    data: &[u8],
    frame: &Frame,
    scan: &Scan,
    tables: &Tables,
    restart: usize,
    planes: &mut [Plane],
) -> Result<usize, CodecError> {
    let subsampled = frame
        .components
        .iter()
        .any(|component| (component.across, component.down) != (1, 1));
    if subsampled && scan.selected.len() > 1 {
        return Err(CodecError::Unsupported("subsampled components in one lossless scan"));
    }
    let mut components = Vec::with_capacity(scan.selected.len());
    for selected in &scan.selected {
        let table = tables.dc[selected.dc].as_ref();
        components.push((
            selected.component,
            table.ok_or(CodecError::Damaged("a scan names a table that is not there"))?,
        ));
    }
    let Plane { width, height, .. } = planes[components[0].0];
    // H.1.1: an interval is made of whole lines.
    let lines = match restart {
        0 => 0,
        units if units % width == 0 => units / width,
        _ => return Err(CodecError::Damaged("a restart interval that is not made of lines")),
    };
    let start = 1 << (frame.bits - scan.low - 1);
    let blank = vec![start; width];
    let used = interval::for_each(data, height, lines, unstuff, |rows, bits| {
        for row in rows.clone() {
            // The first line of an interval knows nothing above it: H.1.2.1.
            let fresh = row == rows.start;
            let predictor = if fresh { 1 } else { scan.first };
            if let [(component, table)] = components[..] {
                let (above, line) = planes[component].lines(row);
                let above = if fresh { &blank } else { above };
                decode_line(predictor, bits, table, above, line)?;
                continue;
            }
            for column in 0..width {
                for &(component, table) in &components {
                    let (above, line) = planes[component].lines(row);
                    let above = if fresh { &blank } else { above };
                    let predicted = match column {
                        0 => i32::from(above[0]),
                        _ => predict(predictor, line[column - 1], above[column], above[column - 1]),
                    };
                    line[column] = (predicted + difference(table, bits)?) as u16;
                }
            }
        }
        Ok(())
    })?;
    if scan.low > 0 {
        for (component, _) in components {
            planes[component]
                .samples
                .iter_mut()
                .for_each(|sample| *sample <<= scan.low);
        }
    }
    Ok(used)
}

/// Decodes a line of one component. The first sample is predicted by the one above.
fn decode_line(
    predictor: u8,
    bits: &mut Bits,
    table: &Table,
    above: &[u16],
    line: &mut [u16],
) -> Result<(), CodecError> {
    match predictor {
        1 => line_by::<1>(bits, table, above, line),
        2 => line_by::<2>(bits, table, above, line),
        3 => line_by::<3>(bits, table, above, line),
        4 => line_by::<4>(bits, table, above, line),
        5 => line_by::<5>(bits, table, above, line),
        6 => line_by::<6>(bits, table, above, line),
        _ => line_by::<7>(bits, table, above, line),
    }
}

fn line_by<const PREDICTOR: u8>(
    bits: &mut Bits,
    table: &Table,
    above: &[u16],
    line: &mut [u16],
) -> Result<(), CodecError> {
    let mut here = *bits;
    let mut up_left = above[0];
    let mut left = (i32::from(up_left) + difference(table, &mut here)?) as u16;
    line[0] = left;
    let whole = (line.len() - 1) / 3 * 3;
    let (threes, last) = line[1..].split_at_mut(whole);
    let (ups, last_ups) = above[1..].split_at(whole);
    // Three samples from one load: how long a code is, is what the next one waits for, and a load takes longest.
    for (three, ups) in threes.chunks_exact_mut(3).zip(ups.chunks_exact(3)) {
        let mut word = here.peek()?;
        let mut used = 0;
        for (sample, &up) in three.iter_mut().zip(ups) {
            if used > FRESH - LONGEST {
                here.skip(used);
                word = here.peek()?;
                used = 0;
            }
            let (difference, length) = code(table, word << used)?;
            used += length;
            left = (predict(PREDICTOR, left, up, up_left) + difference) as u16;
            *sample = left;
            up_left = up;
        }
        here.skip(used);
    }
    for (sample, &up) in last.iter_mut().zip(last_ups) {
        left = (predict(PREDICTOR, left, up, up_left) + difference(table, &mut here)?) as u16;
        *sample = left;
        up_left = up;
    }
    *bits = here;
    Ok(())
}

/// Table H.1.
#[inline(always)]
fn predict(predictor: u8, left: u16, up: u16, up_left: u16) -> i32 {
    let [left, up, up_left] = [left, up, up_left].map(i32::from);
    match predictor {
        1 => left,
        2 => up,
        3 => up_left,
        4 => left + up - up_left,
        5 => left + ((up - up_left) >> 1),
        6 => up + ((left - up_left) >> 1),
        _ => (left + up) >> 1,
    }
}

/// Bits that [`Bits::peek`] gives at least, and those of the longest code with its extra bits.
const FRESH: u32 = 57;
const LONGEST: u32 = 16 + 15;

#[inline(always)]
fn difference(table: &Table, bits: &mut Bits) -> Result<i32, CodecError> {
    let (difference, length) = code(table, bits.peek()?)?;
    bits.skip(length);
    Ok(difference)
}

/// The difference, modulo 2^16, whose code `word` starts with, and its bits: H.1.2.2. Unlike a DC coefficient, a size of 16
/// means 32768 and has no extra bits.
#[inline(always)]
fn code(table: &Table, word: u64) -> Result<(i32, u32), CodecError> {
    let code = table.code(word)?;
    match code.symbol {
        size @ 0..16 => Ok((extend(word << code.length, u32::from(size)), code.total)),
        16 => Ok((1 << 15, code.length)),
        _ => Err(CodecError::Damaged("an impossible difference")),
    }
}
