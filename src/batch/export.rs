//! Files of one image for labelling tools: pictures, masks and labels.

use super::formats::Format;
use super::image::{Bench, guarded};
use crate::radiograph::Radiograph;
use crate::write::page::crop;
use crate::write::yolo::{self, Task};
use crate::write::{Failure, Record, WriteError, atomic, masks, rendering};
use std::collections::BTreeMap;
use std::io;

/// Bytes of a file, by folder.
type Files = Vec<(&'static str, Vec<u8>)>;

impl Bench<'_> {
    /// Writes what the formats ask for of `record` besides tables, overlays and objects, and notes the names in `written`;
    /// gives what failed.
    pub(super) fn export(
        &self,
        record: &Record,
        radiograph: &Radiograph,
        written: &mut BTreeMap<String, Vec<String>>,
    ) -> Result<Option<Failure>, WriteError> {
        let encoded = guarded("export", || self.encoded(record, radiograph));
        let files = match encoded {
            Ok(Ok(files)) => files,
            Ok(Err(error)) => {
                return Ok(Some(Failure {
                    stage: "export".to_owned(),
                    attribute: None,
                    kind: "internal".to_owned(),
                    message: error.to_string(),
                }));
            }
            Err(failure) => return Ok(Some(failure)),
        };
        for folder in self.formats.folders() {
            let Some((_, bytes)) = files.iter().find(|(name, _)| *name == folder.name) else {
                continue;
            };
            let name = format!("{}{}", record.image, folder.ending);
            atomic::write(&self.folder.join(folder.name).join(&name), bytes)?;
            written.entry(folder.name.to_owned()).or_default().push(name);
        }
        Ok(None)
    }

    fn encoded(&self, record: &Record, radiograph: &Radiograph) -> io::Result<Files> {
        let mut files = Files::new();
        let has = |format| self.formats.has(format);
        if has(Format::LabelStudio) || has(Format::Cvat) {
            files.push(("images", Vec::new()));
        }
        let tasks = [
            (
                Format::Yolo,
                Task::Detect,
                ["yolo/images", "yolo/labels", "yolo/predictions"],
            ),
            (
                Format::YoloSegment,
                Task::Segment,
                ["yolo-segment/images", "yolo-segment/labels", "yolo-segment/predictions"],
            ),
        ];
        for (format, task, [images, labels, predictions]) in tasks {
            if has(format) {
                let lines = yolo::lines(record, task).ok_or_else(|| io::Error::other("a mask is damaged"))?;
                files.push((images, Vec::new()));
                files.push((labels, lines.labels.into_bytes()));
                files.push((predictions, lines.predictions.into_bytes()));
            }
        }
        if files.iter().any(|(name, _)| name.ends_with("images")) {
            let picture = rendering::png(radiograph)?;
            for (_, bytes) in files.iter_mut().filter(|(name, _)| name.ends_with("images")) {
                bytes.clone_from(&picture);
            }
        }
        if has(Format::Html) {
            files.push(("crops", crop::encode(record, radiograph)?));
        }
        if has(Format::Masks)
            && let Some(masks) = masks::encode(record)?
        {
            files.extend([("masks/foci", masks.foci), ("masks/labels", masks.labels)]);
        }
        Ok(files)
    }
}
