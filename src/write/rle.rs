//! Masks as COCO run lengths: column by column, packed into printable characters.

use crate::label::{Region, Run};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A mask as COCO stores it.
///
/// Pixels are counted down the columns, beginning with those that are off; counts after the second are
/// differences to the count two before, and each is cut into groups of five bits, character = group + 48.
///
/// # Source
///
/// Lin et al., "Microsoft COCO", doi 10.1007/978-3-319-10602-1_48; same strings as `pycocotools.mask.encode`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Rle {
    /// `[rows, columns]` of the image.
    pub size: [u32; 2],
    /// Packed counts.
    pub counts: String,
}

impl Rle {
    /// Encodes `region` in an image of `shape` `(rows, columns)`; pixels outside are left out.
    ///
    /// Time and memory follow the region, not the image.
    pub fn encode(region: &Region, (rows, columns): (u32, u32)) -> Self {
        let inside = region.runs().iter().filter(|run| run.row < rows);
        let across = inside.map(|run| (run.row, run.start.min(columns), run.end.min(columns)));
        let mut counts: Vec<u64> = Vec::new();
        let mut position = 0_u64;
        for (column, start, end) in transposed(across, region.bounds().right.min(columns)) {
            let first = u64::from(column) * u64::from(rows) + u64::from(start);
            let length = u64::from(end - start);
            match counts.last_mut() {
                // Goes on from the foot of the column before.
                Some(last) if first == position => *last += length,
                _ => counts.extend([first - position, length]),
            }
            position = first + length;
        }
        let total = u64::from(rows) * u64::from(columns);
        if position < total || counts.is_empty() {
            counts.push(total - position);
        }
        Self {
            size: [rows, columns],
            counts: pack(&counts),
        }
    }

    /// The region encoded; `None` if the text is malformed, does not fill `size` exactly, holds no pixel,
    /// or `size` asks for more than 2^28 pixels.
    pub fn decode(&self) -> Option<Region> {
        let [rows, columns] = self.size;
        let total = u64::from(rows) * u64::from(columns);
        if total == 0 || total > 1 << 28 {
            return None;
        }
        let mut down = Vec::new();
        let mut position = 0_u64;
        for (index, count) in unpack(&self.counts)?.into_iter().enumerate() {
            let end = position.checked_add(count).filter(|&end| end <= total)?;
            while index % 2 == 1 && position < end {
                let (column, row) = (position / u64::from(rows), position % u64::from(rows));
                let stop = (row + end - position).min(u64::from(rows));
                down.push((column as u32, row as u32, stop as u32));
                position += stop - row;
            }
            position = end;
        }
        if position != total {
            return None;
        }
        let runs = transposed(down.into_iter(), rows);
        Region::new(
            runs.into_iter()
                .map(|(row, start, end)| Run { row, start, end })
                .collect(),
        )
    }
}

/// Stretches `(line, start, end)` of one direction as those of the other, sorted; `across` bounds every `end`.
///
/// The input is sorted by line.
fn transposed(stretches: impl Iterator<Item = (u32, u32, u32)>, across: u32) -> Vec<(u32, u32, u32)> {
    // The stretch each crossing line is in, empty when start equals end.
    let mut open = vec![(0_u32, 0_u32); across as usize];
    let mut closed = Vec::new();
    for (line, start, end) in stretches {
        for crossing in start..end {
            let stretch = &mut open[crossing as usize];
            if stretch.1 == line && stretch.0 < stretch.1 {
                stretch.1 += 1;
                continue;
            }
            if stretch.0 < stretch.1 {
                closed.push((crossing, stretch.0, stretch.1));
            }
            *stretch = (line, line + 1);
        }
    }
    let last = (0..).zip(open).filter(|(_, (start, end))| start < end);
    closed.extend(last.map(|(crossing, (start, end))| (crossing, start, end)));
    closed.sort_unstable();
    closed
}

fn pack(counts: &[u64]) -> String {
    let mut text = String::new();
    for (index, &count) in counts.iter().enumerate() {
        let mut rest = count as i64;
        if index > 2 {
            rest -= counts[index - 2] as i64;
        }
        loop {
            let group = (rest & 0x1f) as u8;
            rest >>= 5;
            let more = if group & 0x10 != 0 { rest != -1 } else { rest != 0 };
            text.push(char::from(48 + (group | u8::from(more) << 5)));
            if !more {
                break;
            }
        }
    }
    text
}

fn unpack(text: &str) -> Option<Vec<u64>> {
    let mut counts: Vec<u64> = Vec::new();
    let mut bytes = text.bytes();
    while let Some(first) = bytes.next() {
        let (mut value, mut shift, mut byte) = (0_i64, 0_u32, first);
        loop {
            let group = byte.checked_sub(48).filter(|group| *group < 64)?;
            // Seven groups hold every count below 2^34, more than any image has pixels.
            if shift > 40 {
                return None;
            }
            value |= i64::from(group & 0x1f) << shift;
            shift += 5;
            if group & 0x20 == 0 {
                if group & 0x10 != 0 {
                    value |= -1 << shift;
                }
                break;
            }
            byte = bytes.next()?;
        }
        if counts.len() > 2 {
            value = value.checked_add(counts[counts.len() - 2] as i64)?;
        }
        counts.push(u64::try_from(value).ok()?);
    }
    Some(counts)
}

#[cfg(test)]
mod tests {
    use super::Rle;
    use crate::label::{Region, Run};
    use proptest::prelude::*;

    fn region(rows: &[&str]) -> Region {
        let runs = rows.iter().zip(0..).flat_map(|(line, row)| {
            line.bytes()
                .zip(0..)
                .filter(|(byte, _)| *byte == b'#')
                .map(move |(_, column)| Run {
                    row,
                    start: column,
                    end: column + 1,
                })
        });
        Region::new(runs.collect()).unwrap()
    }

    #[test]
    fn strings_equal_those_of_pycocotools() {
        // pycocotools 2.0.11, mask.encode of the same drawings.
        let recorded = [
            (
                &["......", ".####.", ".#..#.", ".####.", "......"][..],
                [5, 6],
                "632NO010O0124",
            ),
            (&["#...", "....", "...#"], [3, 4], "01:0"),
            (&["##", "##"], [2, 2], "04"),
        ];
        for (drawing, size, counts) in recorded {
            let drawn = region(drawing);
            let rle = Rle::encode(&drawn, (size[0], size[1]));
            assert_eq!((rle.size, rle.counts.as_str()), (size, counts));
            assert_eq!(rle.decode(), Some(drawn));
        }
    }

    #[test]
    fn pixels_outside_the_image_are_left_out() {
        let drawn = region(&["####", "####"]);
        let kept = Rle::encode(&drawn, (1, 3)).decode();
        assert_eq!(kept, Some(region(&["###"])));
    }

    #[test]
    fn malformed_text_is_refused() {
        for counts in ["", "0", "\u{7f}", "oooooooooooooooooooo", "P", "04é", "N4"] {
            let rle = Rle {
                size: [4, 4],
                counts: counts.to_owned(),
            };
            assert_eq!(rle.decode(), None, "{counts:?}");
        }
    }

    proptest! {
        #[test]
        fn decoding_gives_the_region_back(
            pixels in prop::collection::vec((0_u32..40, 0_u32..50), 1..300),
            margin in (0_u32..3, 0_u32..3),
        ) {
            let runs = pixels.into_iter().map(|(row, start)| Run { row, start, end: start + 1 });
            let drawn = Region::new(runs.collect()).unwrap();
            let rle = Rle::encode(&drawn, (40 + margin.0, 50 + margin.1));
            prop_assert_eq!(rle.decode(), Some(drawn));
        }

        #[test]
        fn any_text_ends_in_a_region_or_nothing(counts in "[0-o]{0,40}") {
            let _ = Rle { size: [64, 64], counts }.decode();
        }
    }
}
