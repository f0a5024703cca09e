//! RLE Lossless (PS3.5 annex G): one PackBits segment for each byte of a sample, most significant first.

/// Decodes a frame of `pixels` pixels with `samples` samples of `bytes` bytes each, interleaved by pixel.
///
/// `bytes` is 1 or 2; the result holds exactly `pixels * samples` values.
///
/// # Errors
///
/// A reason, if the segments do not fit the frame or decode to too little. Bytes beyond the frame are ignored.
pub(super) fn decode(frame: &[u8], pixels: usize, samples: usize, bytes: usize) -> Result<Vec<u16>, String> {
    let header = frame.first_chunk::<64>().ok_or("the segment table is incomplete")?;
    let entry = |index: usize| {
        let at = index * 4;
        u32::from_le_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]]) as usize
    };
    let segments = entry(0);
    if segments != samples * bytes {
        return Err(format!("{segments} segments, expected {}", samples * bytes));
    }
    let mut values = vec![0; pixels * samples];
    for segment in 0..segments {
        let start = entry(segment + 1);
        let end = if segment + 1 < segments {
            entry(segment + 2)
        } else {
            frame.len()
        };
        let packed = frame.get(start..end).ok_or("a segment lies outside the frame")?;
        let shift = 8 * (bytes - 1 - segment % bytes);
        let plane = Plane {
            values: &mut values,
            at: segment / bytes,
            step: samples,
            shift: shift as u32,
        };
        plane.unpack(packed)?;
    }
    Ok(values)
}

/// The byte of one weight of one sample, in every pixel.
struct Plane<'a> {
    values: &'a mut [u16],
    at: usize,
    step: usize,
    shift: u32,
}

impl Plane<'_> {
    fn unpack(mut self, packed: &[u8]) -> Result<(), String> {
        let mut rest = packed;
        while self.at < self.values.len() {
            let [control, tail @ ..] = rest else {
                return Err("a segment ends before the frame is full".to_owned());
            };
            rest = match control {
                0..=127 => {
                    let length = usize::from(*control) + 1;
                    let literal = tail.get(..length).ok_or("a literal run breaks off")?;
                    self.literal(literal);
                    &tail[length..]
                }
                128 => tail,
                129..=255 => {
                    let (value, tail) = tail.split_first().ok_or("a replicate run breaks off")?;
                    self.replicate(*value, 257 - usize::from(*control));
                    tail
                }
            };
        }
        Ok(())
    }

    fn literal(&mut self, bytes: &[u8]) {
        let left = &mut self.values[self.at..];
        for (value, &byte) in left.iter_mut().step_by(self.step).zip(bytes) {
            *value |= u16::from(byte) << self.shift;
        }
        self.at += bytes.len() * self.step;
    }

    fn replicate(&mut self, byte: u8, count: usize) {
        let add = u16::from(byte) << self.shift;
        let end = (self.at + count * self.step).min(self.values.len());
        for value in self.values[self.at..end].iter_mut().step_by(self.step) {
            *value |= add;
        }
        self.at += count * self.step;
    }
}

#[cfg(test)]
mod tests {
    use super::decode;

    fn frame(segments: &[&[u8]]) -> Vec<u8> {
        let mut table = [0_u32; 16];
        table[0] = segments.len() as u32;
        let mut offset = 64;
        for (entry, segment) in table[1..].iter_mut().zip(segments) {
            *entry = offset;
            offset += segment.len() as u32;
        }
        let mut bytes: Vec<u8> = table.iter().flat_map(|entry| entry.to_le_bytes()).collect();
        bytes.extend(segments.concat());
        bytes
    }

    #[test]
    fn literal_and_replicate_runs() {
        // Three times 1, then 2, 3; low bytes 9, 8, 7, 6, 5; a 128 is skipped.
        let high: &[u8] = &[254, 1, 1, 2, 3];
        let low: &[u8] = &[128, 4, 9, 8, 7, 6, 5];
        let values = decode(&frame(&[high, low]), 5, 1, 2).expect("sound");
        assert_eq!(values, [0x109, 0x108, 0x107, 0x206, 0x305]);
    }

    #[test]
    fn three_samples_are_interleaved() {
        let values = decode(&frame(&[&[1, 1, 2], &[1, 3, 4], &[255, 5]]), 2, 3, 1).expect("sound");
        assert_eq!(values, [1, 3, 5, 2, 4, 5]);
    }

    #[test]
    fn bytes_beyond_the_frame_are_ignored() {
        assert_eq!(decode(&frame(&[&[129, 7]]), 3, 1, 1).expect("sound"), [7, 7, 7]);
    }

    #[test]
    fn damage_is_told() {
        let sound = frame(&[&[1, 1, 2]]);
        assert!(decode(&sound, 3, 1, 1).is_err(), "too short");
        assert!(decode(&sound, 2, 1, 2).is_err(), "one segment of two");
        assert!(decode(&sound[..40], 2, 1, 1).is_err(), "no table");
        let mut outside = sound.clone();
        outside[4] = 255;
        assert!(decode(&outside, 2, 1, 1).is_err(), "segment outside");
        assert!(decode(&frame(&[&[5, 1]]), 2, 1, 1).is_err(), "literal breaks off");
        assert!(decode(&frame(&[&[200]]), 2, 1, 1).is_err(), "replicate breaks off");
    }
}
