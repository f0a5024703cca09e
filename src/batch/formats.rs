//! Which files a run leaves.

use crate::write::Selection;
use std::fmt;
use std::str::FromStr;

/// One kind of output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Format {
    /// `findings.jsonl`.
    Jsonl,
    /// `images.csv` and `foci.csv`.
    Csv,
    /// `coco.json`.
    Coco,
    /// `overlays/`: a picture of every analysed image.
    Overlay,
    /// `report.html`, and `crops/`: what it shows of every image with foci.
    Html,
    /// `sr/`: a DICOM structured report of every analysed DICOM image.
    Sr,
    /// `seg/`: a DICOM segmentation of every analysed DICOM image with foci.
    Seg,
    /// `sc/`: the overlay of every analysed DICOM image, as a DICOM Secondary Capture Image.
    Sc,
    /// `gsps/`: outlines of every analysed DICOM image with foci, as a DICOM Grayscale Softcopy Presentation State.
    Gsps,
    /// `images.parquet` and `foci.parquet`.
    Parquet,
    /// `label_studio.json`, `label_studio.xml`, and `images/`: a PNG of 16 bits of every analysed image.
    LabelStudio,
    /// `cvat.xml`, and `images/`.
    Cvat,
    /// `yolo/`: images, boxes and `data.yaml`.
    Yolo,
    /// `yolo-segment/`: images, outlines and `data.yaml`.
    YoloSegment,
    /// `masks/`: numbers and labels of foci as PNG of 16 bits.
    Masks,
}

/// A folder of files called after images.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Folder {
    /// Path in the output folder.
    pub name: &'static str,
    /// How its files end.
    pub ending: &'static str,
}

impl Format {
    /// Every format, in the order of help texts.
    pub const ALL: [Format; 15] = [
        Format::Jsonl,
        Format::Csv,
        Format::Coco,
        Format::Overlay,
        Format::Html,
        Format::Sr,
        Format::Seg,
        Format::Sc,
        Format::Gsps,
        Format::Parquet,
        Format::LabelStudio,
        Format::Cvat,
        Format::Yolo,
        Format::YoloSegment,
        Format::Masks,
    ];

    /// DICOM objects: the only formats that hold a patient's data, so they are written on request alone.
    pub const OBJECTS: [Format; 4] = [Format::Sr, Format::Seg, Format::Sc, Format::Gsps];

    /// Name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Format::Jsonl => "jsonl",
            Format::Csv => "csv",
            Format::Coco => "coco",
            Format::Overlay => "overlay",
            Format::Html => "html",
            Format::Sr => "sr",
            Format::Seg => "seg",
            Format::Sc => "sc",
            Format::Gsps => "gsps",
            Format::Parquet => "parquet",
            Format::LabelStudio => "label-studio",
            Format::Cvat => "cvat",
            Format::Yolo => "yolo",
            Format::YoloSegment => "yolo-segment",
            Format::Masks => "masks",
        }
    }

    /// Files in the output folder.
    const fn files(self) -> &'static [&'static str] {
        match self {
            Format::Jsonl => &["findings.jsonl"],
            Format::Csv => &["images.csv", "foci.csv"],
            Format::Coco => &["coco.json"],
            Format::Html => &["report.html"],
            Format::Parquet => &["images.parquet", "foci.parquet"],
            Format::LabelStudio => &["label_studio.json", "label_studio.xml"],
            Format::Cvat => &["cvat.xml"],
            Format::Yolo => &["yolo/data.yaml", "yolo/train.txt", "yolo/val.txt"],
            Format::YoloSegment => &[
                "yolo-segment/data.yaml",
                "yolo-segment/train.txt",
                "yolo-segment/val.txt",
            ],
            Format::Overlay | Format::Sr | Format::Seg | Format::Sc | Format::Gsps | Format::Masks => &[],
        }
    }

    /// Folders in the output folder, apart from overlays; formats may share one.
    pub fn folders(self) -> impl Iterator<Item = Folder> {
        let listed: &'static [(&'static str, &'static str)] = match self {
            Format::Jsonl | Format::Csv | Format::Coco | Format::Parquet | Format::Overlay => &[],
            Format::Html => &[("crops", ".json")],
            Format::Sr => &[("sr", ".dcm")],
            Format::Seg => &[("seg", ".dcm")],
            Format::Sc => &[("sc", ".dcm")],
            Format::Gsps => &[("gsps", ".dcm")],
            Format::LabelStudio | Format::Cvat => &[("images", ".png")],
            Format::Yolo => &[
                ("yolo/images", ".png"),
                ("yolo/labels", ".txt"),
                ("yolo/predictions", ".txt"),
            ],
            Format::YoloSegment => &[
                ("yolo-segment/images", ".png"),
                ("yolo-segment/labels", ".txt"),
                ("yolo-segment/predictions", ".txt"),
            ],
            Format::Masks => &[("masks/foci", ".png"), ("masks/labels", ".png")],
        };
        listed.iter().map(|&(name, ending)| Folder { name, ending })
    }
}

/// A choice of formats. `errors.csv` is always written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Formats(Vec<Format>);

impl Default for Formats {
    /// Tables, COCO, overlays and the page.
    fn default() -> Self {
        Self(vec![
            Format::Jsonl,
            Format::Csv,
            Format::Coco,
            Format::Overlay,
            Format::Html,
        ])
    }
}

impl Formats {
    /// Whether `format` was chosen.
    pub fn has(&self, format: Format) -> bool {
        self.0.contains(&format)
    }

    /// The DICOM objects to write.
    pub fn objects(&self) -> impl Iterator<Item = Format> + '_ {
        self.0.iter().copied().filter(|format| Format::OBJECTS.contains(format))
    }

    /// The tables to write.
    pub fn selection(&self) -> Selection {
        Selection {
            csv: self.has(Format::Csv),
            jsonl: self.has(Format::Jsonl),
            coco: self.has(Format::Coco),
            parquet: self.has(Format::Parquet),
            page: self.has(Format::Html),
            label_studio: self.has(Format::LabelStudio),
            cvat: self.has(Format::Cvat),
            yolo: self.has(Format::Yolo),
            yolo_segment: self.has(Format::YoloSegment),
        }
    }

    /// Folders of files called after images, apart from overlays, each once.
    pub fn folders(&self) -> Vec<Folder> {
        folders(&self.0)
    }

    /// The folders of any format.
    pub fn all_folders() -> Vec<Folder> {
        folders(&Format::ALL)
    }

    /// Names of the tables written, `errors.csv` included.
    pub fn tables(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.0
            .iter()
            .flat_map(|format| format.files().iter().copied())
            .chain(["errors.csv"])
    }

    /// Names of the tables of formats that were not chosen.
    pub fn other_tables(&self) -> impl Iterator<Item = &'static str> + '_ {
        let others = Format::ALL.into_iter().filter(|format| !self.has(*format));
        others.flat_map(|format| format.files().iter().copied())
    }
}

fn folders(formats: &[Format]) -> Vec<Folder> {
    let mut folders: Vec<Folder> = Vec::new();
    for folder in formats.iter().flat_map(|format| format.folders()) {
        if !folders.contains(&folder) {
            folders.push(folder);
        }
    }
    folders
}

impl fmt::Display for Formats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.0.iter().map(|format| format.name()).collect();
        f.write_str(&names.join(","))
    }
}

fn all_names() -> String {
    Formats(Format::ALL.to_vec()).to_string()
}

impl FromStr for Formats {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut chosen = Vec::new();
        for name in text.split(',').map(str::trim).filter(|name| !name.is_empty()) {
            match Format::ALL.into_iter().find(|format| format.name() == name) {
                Some(format) => chosen.push(format),
                None => {
                    return Err(format!("there is no format {name:?}; formats are {}", all_names()));
                }
            }
        }
        if chosen.is_empty() {
            return Err(format!("no format given; formats are {}", all_names()));
        }
        chosen.sort_unstable();
        chosen.dedup();
        Ok(Self(chosen))
    }
}

#[cfg(test)]
mod tests {
    use super::{Format, Formats};

    #[test]
    fn a_list_is_read_in_any_order_and_unknown_names_are_told() {
        let formats: Formats = "coco, csv,csv".parse().unwrap();
        assert_eq!(formats.to_string(), "csv,coco");
        assert!(formats.has(Format::Csv) && !formats.has(Format::Overlay));
        assert_eq!(formats.other_tables().next(), Some("findings.jsonl"));
        let formats: Formats = "cvat,label-studio".parse().unwrap();
        assert_eq!(formats.folders().len(), 1);
        let error = "csv,pdf".parse::<Formats>().unwrap_err();
        assert!(
            error.contains("\"pdf\"")
                && error.contains("jsonl,csv,coco,overlay,html,sr,seg,sc,gsps,parquet,label-studio")
        );
        assert!("".parse::<Formats>().is_err());
    }

    #[test]
    fn objects_with_patient_data_are_written_on_request_alone() {
        assert_eq!(Formats::default().objects().count(), 0);
        let formats: Formats = "seg,csv,sr".parse().unwrap();
        assert_eq!(formats.objects().collect::<Vec<_>>(), [Format::Sr, Format::Seg]);
    }
}
