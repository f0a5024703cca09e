//! `coco.json`: analysed images, all labels as categories, a box and a mask per focus.

use crate::classify::Label;
use crate::write::{Outcome, Record, Rle};
use serde::Serialize;
use std::io::{self, BufReader, BufWriter, Read, Seek, Write};

/// A COCO object-detection file (Lin et al., doi 10.1007/978-3-319-10602-1_48).
///
/// The format wants all images before all annotations: annotations wait in `spool` until [`Coco::finish`].
/// Images and annotations are numbered from 1 in the order of the records; category numbers follow [`Label::ALL`].
#[derive(Debug)]
pub struct Coco<W: Write, S: Read + Write + Seek> {
    out: W,
    spool: BufWriter<S>,
    images: u64,
    annotations: u64,
}

#[derive(Serialize)]
struct Image<'a> {
    id: u64,
    file_name: &'a str,
    width: u32,
    height: u32,
    image: &'a str,
    frame: u32,
}

#[derive(Serialize)]
struct Category<'a> {
    id: u64,
    name: &'a str,
    supercategory: &'a str,
}

#[derive(Serialize)]
struct Annotation<'a> {
    id: u64,
    image_id: u64,
    category_id: u64,
    bbox: [u32; 4],
    area: u64,
    iscrowd: u8,
    score: f32,
    label_score: f32,
    focus: u32,
    finding: u32,
    segmentation: &'a Rle,
}

#[derive(Serialize)]
struct Info<'a> {
    description: &'a str,
    version: &'a str,
    license_of_software: &'a str,
}

impl<W: Write, S: Read + Write + Seek> Coco<W, S> {
    /// Begins the file; `spool` is empty and is read back at the end.
    ///
    /// # Errors
    ///
    /// If `out` cannot be written.
    pub fn new(mut out: W, spool: S) -> io::Result<Self> {
        let info = Info {
            description: "Radio-opaque foci found by calxray: research software, not for diagnosis; \
                          a category means pattern consistent with",
            version: concat!("calxray ", env!("CARGO_PKG_VERSION")),
            license_of_software: env!("CARGO_PKG_LICENSE"),
        };
        out.write_all(b"{\"info\":")?;
        serde_json::to_writer(&mut out, &info)?;
        out.write_all(b",\n\"licenses\":[],\n\"categories\":[")?;
        for (id, label) in (1..).zip(Label::ALL) {
            out.write_all(if id == 1 { b"\n" } else { b",\n" })?;
            let category = Category {
                id,
                name: label.name(),
                supercategory: "focus",
            };
            serde_json::to_writer(&mut out, &category)?;
        }
        out.write_all(b"],\n\"images\":[")?;
        Ok(Self {
            out,
            spool: BufWriter::new(spool),
            images: 0,
            annotations: 0,
        })
    }

    /// Adds `record`, if it was analysed, and its foci.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    pub fn push(&mut self, record: &Record) -> io::Result<()> {
        if record.outcome != Outcome::Analysed {
            return Ok(());
        }
        self.images += 1;
        let image = Image {
            id: self.images,
            file_name: &record.path,
            width: record.columns.unwrap_or(0),
            height: record.rows.unwrap_or(0),
            image: &record.image,
            frame: record.frame,
        };
        self.out.write_all(if self.images == 1 { b"\n" } else { b",\n" })?;
        serde_json::to_writer(&mut self.out, &image)?;
        for focus in &record.foci {
            self.annotations += 1;
            let [top, left, bottom, right] = focus.bounds;
            let annotation = Annotation {
                id: self.annotations,
                image_id: self.images,
                category_id: category(focus.label),
                bbox: [left, top, right - left, bottom - top],
                area: focus.area_px,
                iscrowd: 0,
                score: focus.score,
                label_score: focus.label_score,
                focus: focus.number,
                finding: focus.finding,
                segmentation: &focus.segmentation,
            };
            self.spool
                .write_all(if self.annotations == 1 { b"\n" } else { b",\n" })?;
            serde_json::to_writer(&mut self.spool, &annotation)?;
        }
        Ok(())
    }

    /// Ends the file and gives the sink back.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    pub fn finish(mut self) -> io::Result<W> {
        self.out.write_all(b"],\n\"annotations\":[")?;
        let mut spool = self.spool.into_inner().map_err(io::IntoInnerError::into_error)?;
        spool.rewind()?;
        io::copy(&mut BufReader::new(spool), &mut self.out)?;
        self.out.write_all(b"]}\n")?;
        self.out.flush()?;
        Ok(self.out)
    }
}

/// Number of the category of `label`, from 1 in the order of [`Label::ALL`].
fn category(label: Label) -> u64 {
    (1..)
        .zip(Label::ALL)
        .find(|(_, other)| *other == label)
        .map_or(0, |(id, _)| id)
}
