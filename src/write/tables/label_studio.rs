//! `label_studio.json`: a task per analysed image, with its foci as predictions; `label_studio.xml`: the labelling to set up.

use crate::classify::Label;
use crate::write::overlay::colour;
use crate::write::polygon::ring;
use crate::write::{FocusRecord, Outcome, Record};
use serde::Serialize;
use std::io::{self, Write};

/// Tasks of Label Studio with predictions (<https://labelstud.io/guide/predictions>).
///
/// A focus is a polygon along the edges of its pixels, in percent of the image. Pictures are looked up in `images/` below
/// the folder that Label Studio serves as local files.
#[derive(Debug)]
pub struct LabelStudio<W: Write> {
    out: W,
    tasks: u64,
}

#[derive(Serialize)]
struct Task<'a> {
    id: u64,
    data: Data<'a>,
    predictions: Vec<Prediction>,
}

#[derive(Serialize)]
struct Data<'a> {
    /// URL of the picture.
    image: String,
    calxray_image: &'a str,
    path: &'a str,
    frame: u32,
    body_part: crate::radiograph::BodyPart,
    view: Option<&'a str>,
}

#[derive(Serialize)]
struct Prediction {
    model_version: String,
    /// That of the best focus.
    score: Option<f32>,
    result: Vec<Region>,
}

#[derive(Serialize)]
struct Region {
    id: String,
    #[serde(rename = "type")]
    kind: &'static str,
    from_name: &'static str,
    to_name: &'static str,
    original_width: u32,
    original_height: u32,
    image_rotation: u8,
    origin: &'static str,
    score: f32,
    value: Value,
    meta: Meta,
}

#[derive(Serialize)]
struct Value {
    points: Vec<[f64; 2]>,
    closed: bool,
    polygonlabels: [&'static str; 1],
}

#[derive(Serialize)]
struct Meta {
    text: [String; 1],
}

impl<W: Write> LabelStudio<W> {
    /// Begins the file.
    ///
    /// # Errors
    ///
    /// If `out` cannot be written.
    pub fn new(mut out: W) -> io::Result<Self> {
        out.write_all(b"[")?;
        Ok(Self { out, tasks: 0 })
    }

    /// Adds the task of `record`, if it was analysed.
    ///
    /// # Errors
    ///
    /// If the file cannot be written or a mask does not decode.
    pub fn push(&mut self, record: &Record) -> io::Result<()> {
        let (Outcome::Analysed, Some(provenance)) = (&record.outcome, &record.provenance) else {
            return Ok(());
        };
        self.tasks += 1;
        let regions = record.foci.iter().map(|focus| region(record, focus));
        let task = Task {
            id: self.tasks,
            data: Data {
                image: format!("/data/local-files/?d=images/{}.png", record.image),
                calxray_image: &record.image,
                path: &record.path,
                frame: record.frame,
                body_part: record.body_part,
                view: record.view.as_deref(),
            },
            predictions: vec![Prediction {
                model_version: format!("{}, {}", provenance.software, provenance.classifier),
                score: record.foci.iter().map(|focus| focus.score).reduce(f32::max),
                result: regions.collect::<io::Result<_>>()?,
            }],
        };
        self.out.write_all(if self.tasks == 1 { b"\n" } else { b",\n" })?;
        Ok(serde_json::to_writer(&mut self.out, &task)?)
    }

    /// Ends the file and gives the sink back.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    pub fn finish(mut self) -> io::Result<W> {
        self.out.write_all(b"\n]\n")?;
        self.out.flush()?;
        Ok(self.out)
    }
}

fn region(record: &Record, focus: &FocusRecord) -> io::Result<Region> {
    let mask = focus.segmentation.decode();
    let mask = mask.ok_or_else(|| io::Error::other(format!("the mask of focus {} is damaged", focus.number)))?;
    let [rows, columns] = focus.segmentation.size;
    let percent = |number: i64, side: u32| {
        // Nine digits of a share: a thousandth of a pixel in any image.
        let share = 100.0 * number as f64 / f64::from(side);
        (share * 1e7).round() / 1e7
    };
    let runner_up = focus.runner_up.as_ref().map_or(String::new(), |second| {
        format!(", else {} {:.2}", second.label.title(), second.score)
    });
    Ok(Region {
        id: format!("{}_{}", record.image, focus.number),
        kind: "polygonlabels",
        from_name: "label",
        to_name: "image",
        original_width: columns,
        original_height: rows,
        image_rotation: 0,
        origin: "prediction",
        score: focus.score,
        value: Value {
            points: ring(&mask)
                .into_iter()
                .map(|[x, y]| [percent(x, columns), percent(y, rows)])
                .collect(),
            closed: true,
            polygonlabels: [focus.label.name()],
        },
        meta: Meta {
            text: [format!(
                "focus {}: {} {:.2}{runner_up}",
                focus.number,
                focus.label.title(),
                focus.label_score
            )],
        },
    })
}

/// The labelling interface for the tasks: paste it when the project is set up.
pub fn interface() -> String {
    let labels = |tag: &str, name: &str| {
        let mut text = format!("  <{tag} name=\"{name}\" toName=\"image\">\n");
        for label in Label::ALL {
            let [red, green, blue] = colour(label);
            text += &format!(
                "    <Label value=\"{}\" background=\"#{red:02x}{green:02x}{blue:02x}\"/>\n",
                label.name()
            );
        }
        text + &format!("  </{tag}>\n")
    };
    format!(
        "<View>\n  <Image name=\"image\" value=\"$image\" zoom=\"true\" zoomControl=\"true\" brightnessControl=\"true\" \
         contrastControl=\"true\"/>\n{}{}</View>\n",
        labels("PolygonLabels", "label"),
        labels("RectangleLabels", "box")
    )
}
