//! Foci as labels for YOLO: a text per image, `data.yaml`, and lists of images to train on and to hold back.
//!
//! A line of labels is `class x y width height`, or `class x1 y1 x2 y2 ...` for segments, all as shares of the image's width
//! and height; classes count from 0 in the order of [`Label::ALL`]. Predictions have the score behind, as
//! `yolo predict save_txt save_conf` writes them.

use super::masks::category;
use super::polygon::ring;
use super::{FocusRecord, Outcome, Record, sha256};
use crate::classify::Label;
use std::collections::BTreeMap;
use std::fmt::Write;

/// What is told of a focus.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    /// Its box.
    Detect,
    /// Its outline along the edges of pixels.
    Segment,
}

/// The lines of `record` without and with scores.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lines {
    /// To train with.
    pub labels: String,
    /// To compare with.
    pub predictions: String,
}

/// The lines of an analysed record; `None` if it was not analysed or a mask does not decode.
pub fn lines(record: &Record, task: Task) -> Option<Lines> {
    let (rows, columns) = (record.rows?, record.columns?);
    if record.outcome != Outcome::Analysed {
        return None;
    }
    let mut lines = Lines {
        labels: String::new(),
        predictions: String::new(),
    };
    for focus in &record.foci {
        let mut line = (category(focus.label) - 1).to_string();
        for (number, side) in numbers(focus, task)?
            .into_iter()
            .zip([columns, rows].into_iter().cycle())
        {
            // Nine digits: a thousandth of a pixel in any image.
            let share = format!("{:.9}", number / f64::from(side));
            let short = share.trim_end_matches('0').trim_end_matches('.');
            let _ = write!(line, " {}", if short.is_empty() { "0" } else { short });
        }
        let _ = writeln!(lines.labels, "{line}");
        let _ = writeln!(lines.predictions, "{line} {}", focus.score);
    }
    Some(lines)
}

/// Across and down in turn, in pixels.
fn numbers(focus: &FocusRecord, task: Task) -> Option<Vec<f64>> {
    Some(match task {
        Task::Detect => {
            let [top, left, bottom, right] = focus.bounds.map(f64::from);
            vec![(left + right) / 2.0, (top + bottom) / 2.0, right - left, bottom - top]
        }
        Task::Segment => {
            let ring = ring(&focus.segmentation.decode()?);
            ring.into_iter().flatten().map(|number| number as f64).collect()
        }
    })
}

/// The images to train on and those to hold back, as they come.
///
/// All images of a study are on one side. One study in five is held back, by the SHA-256 of its UID, so that a study stays
/// on its side when others come; where none would be, the one with the least SHA-256 is.
#[derive(Debug, Default)]
pub struct Lists {
    groups: BTreeMap<String, Vec<String>>,
}

impl Lists {
    /// Notes `record`, if it was analysed.
    pub fn push(&mut self, record: &Record) {
        if record.outcome == Outcome::Analysed {
            let group = record.source.study.as_deref().unwrap_or(&record.image);
            self.groups
                .entry(sha256(group.as_bytes()))
                .or_default()
                .push(record.image.clone());
        }
    }

    /// `train.txt` and `val.txt`: a path an image, relative to the list.
    pub fn finish(self) -> [String; 2] {
        let held_back = |(nth, hash): (usize, &String)| nth == 0 || hash.as_str() < "3333";
        let mut sides = [Vec::new(), Vec::new()];
        let several = self.groups.len() > 1;
        for (nth, (hash, images)) in self.groups.iter().enumerate() {
            sides[usize::from(several && held_back((nth, hash)))].extend(images);
        }
        sides.map(|mut images| {
            images.sort();
            images.dedup();
            images
                .into_iter()
                .map(|image| format!("./images/{image}.png\n"))
                .collect()
        })
    }
}

/// `data.yaml`, beside the lists.
pub fn data_yaml() -> String {
    let mut text = concat!(
        "# Foci found by calxray ",
        env!("CARGO_PKG_VERSION"),
        ": research software. A name means pattern consistent with; look before you train.\n",
        "# Studies in val.txt are not in train.txt. images/ are PNG of 16 bits.\n",
        "train: train.txt\nval: val.txt\nnames:\n"
    )
    .to_owned();
    for (id, label) in Label::ALL.iter().enumerate() {
        let _ = writeln!(text, "  {id}: {}", label.name());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{Lists, Task, data_yaml, lines};
    use crate::write::example;

    fn numbers(line: &str) -> Vec<f64> {
        line.split(' ').map(|number| number.parse().unwrap()).collect()
    }

    #[test]
    fn boxes_outlines_and_scores_are_those_of_the_foci() {
        let records = example::records();
        let [boxes, outlines] = [Task::Detect, Task::Segment].map(|task| lines(&records[0], task).unwrap());
        assert_eq!(boxes.labels.lines().count(), 3);
        for (at, focus) in records[0].foci.iter().enumerate() {
            let [class, x, y, width, height] = numbers(boxes.labels.lines().nth(at).unwrap())[..] else {
                panic!("five numbers");
            };
            assert_eq!(crate::classify::Label::ALL[class as usize], focus.label);
            let edges = [y - height / 2.0, x - width / 2.0, y + height / 2.0, x + width / 2.0];
            for ((edge, side), own) in edges.into_iter().zip([60.0, 80.0, 60.0, 80.0]).zip(focus.bounds) {
                assert!((edge * side - f64::from(own)).abs() < 1e-5);
            }
            let scored = boxes.predictions.lines().nth(at).unwrap();
            assert!(scored.ends_with(&format!(" {}", focus.score)));
            let outline = numbers(outlines.labels.lines().nth(at).unwrap());
            let points: Vec<[f64; 2]> = outline[1..].chunks(2).map(|xy| [xy[0] * 80.0, xy[1] * 60.0]).collect();
            let next = points.iter().cycle().skip(1);
            let area: f64 = points.iter().zip(next).map(|(a, b)| a[0] * b[1] - b[0] * a[1]).sum();
            assert!((area / 2.0 - focus.area_px as f64).abs() < 1e-3);
        }
        assert_eq!(lines(&records[1], Task::Detect).unwrap().labels, "");
        assert_eq!(lines(&records[2], Task::Detect), None);
    }

    #[test]
    fn a_study_is_on_one_side() {
        let mut lists = Lists::default();
        let mut record = example::records().swap_remove(0);
        for number in 0..100 {
            record.image = format!("{number:016x}");
            record.source.study = Some(format!("2.25.{}", number / 4));
            lists.push(&record);
        }
        let [train, val] = lists.finish();
        let of = |list: &str| -> std::collections::BTreeSet<u64> {
            let numbers = list
                .lines()
                .map(|line| u64::from_str_radix(&line[9..25], 16).unwrap() / 4);
            numbers.collect()
        };
        assert_eq!(train.lines().count() + val.lines().count(), 100);
        assert!(of(&train).is_disjoint(&of(&val)));
        assert!((2..10).contains(&of(&val).len()), "{:?}", of(&val));
        assert!(data_yaml().contains("train: train.txt") && data_yaml().contains("  0: rice_grain"));
    }
}
