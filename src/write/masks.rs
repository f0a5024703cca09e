//! Masks of foci as PNG of 16 bits: one picture numbers the foci, the other their labels.

use super::Record;
use super::rendering::grey16;
use crate::classify::Label;
use std::io;

/// Both pictures of a record, of the size of its image; 0 is no focus.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Masks {
    /// A pixel holds the number of its focus, the column `focus` of `foci.csv`.
    pub foci: Vec<u8>,
    /// A pixel holds the place of the focus's label in [`Label::ALL`], from 1: the categories of `coco.json`.
    pub labels: Vec<u8>,
}

/// Draws the masks of `record`; `None` if it was not analysed. A pixel of several foci belongs to the one with the best score.
///
/// # Errors
///
/// If a mask does not decode or leaves the image, there are more than 65535 foci, or a picture cannot be encoded.
pub fn encode(record: &Record) -> io::Result<Option<Masks>> {
    let (Some(rows), Some(columns), Some(_)) = (record.rows, record.columns, &record.provenance) else {
        return Ok(None);
    };
    let shape = (rows as usize, columns as usize);
    let mut numbers = vec![0_u16; shape.0 * shape.1];
    let mut labels = numbers.clone();
    // The best is drawn last; of equals the first.
    let mut foci: Vec<_> = record.foci.iter().rev().collect();
    foci.sort_by(|a, b| a.score.total_cmp(&b.score));
    for focus in foci {
        let number = u16::try_from(focus.number).map_err(io::Error::other)?;
        let region = focus.segmentation.decode();
        let region = region.ok_or_else(|| damaged("is damaged", focus.number))?;
        for (row, column) in region.pixels() {
            if row >= shape.0 || column >= shape.1 {
                return Err(damaged("leaves the image", focus.number));
            }
            let at = row * shape.1 + column;
            (numbers[at], labels[at]) = (number, category(focus.label));
        }
    }
    Ok(Some(Masks {
        foci: grey16(&bytes(&numbers), shape)?,
        labels: grey16(&bytes(&labels), shape)?,
    }))
}

/// Place of `label` in [`Label::ALL`], from 1.
pub(super) fn category(label: Label) -> u16 {
    (1..)
        .zip(Label::ALL)
        .find(|(_, other)| *other == label)
        .map_or(0, |(id, _)| id)
}

fn bytes(numbers: &[u16]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_ne_bytes()).collect()
}

fn damaged(what: &str, number: u32) -> io::Error {
    io::Error::other(format!("the mask of focus {number} {what}"))
}

#[cfg(test)]
mod tests {
    use super::encode;
    use crate::classify::Label;
    use crate::write::example;

    #[test]
    fn pixels_are_those_of_the_foci() {
        let records = example::records();
        let masks = encode(&records[0]).unwrap().unwrap();
        let [foci, labels] = [masks.foci, masks.labels].map(|png| image::load_from_memory(&png).unwrap().to_luma16());
        let mut counted = [0_u64; 4];
        for (number, label) in foci.iter().zip(labels.iter()) {
            counted[usize::from(*number)] += 1;
            let named =
                |number: u16| Label::ALL[usize::from(*label) - 1] == records[0].foci[usize::from(number) - 1].label;
            assert!(if *number == 0 { *label == 0 } else { named(*number) });
        }
        for focus in &records[0].foci {
            assert_eq!(counted[focus.number as usize], focus.area_px);
        }
        let empty = encode(&records[1]).unwrap().unwrap();
        assert!(
            image::load_from_memory(&empty.foci)
                .unwrap()
                .to_luma16()
                .iter()
                .all(|pixel| *pixel == 0)
        );
        assert_eq!(encode(&records[2]).unwrap(), None);
    }

    #[test]
    fn of_foci_that_share_a_pixel_the_best_has_it() {
        let mut record = example::records().swap_remove(0);
        record.foci[1].segmentation = record.foci[0].segmentation.clone();
        record.foci[1].bounds = record.foci[0].bounds;
        let has = |record: &crate::write::Record| {
            let masks = encode(record).unwrap().unwrap();
            let numbers = image::load_from_memory(&masks.foci).unwrap().to_luma16();
            [1, 2].map(|number| numbers.contains(&number))
        };
        assert_eq!(has(&record), [true, false]);
        record.foci[1].score = 0.99;
        assert_eq!(has(&record), [false, true]);
        record.foci[1].segmentation.size = [7, 7];
        assert!(encode(&record).is_err());
    }
}
