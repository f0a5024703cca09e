//! Truth and detections to scores: matching, FROC with intervals, naming, extent, calibration.
//!
//! Takes images with what is truly there and what was found, as [`Case`]s or as the text of files ([`TruthSet`],
//! [`FoundSet`], [`pair`]); gives [`Scores`]: plain figures with 95 % intervals, and [`Evaluation`] as JSON, table and page.
//! Knows no pipeline, opens no file and looks at no pixels. Same input and seed, same bytes.
//!
//! # Definitions
//!
//! - **Counted** foci are those that can be asked of a detector ([`Visibility::Clear`], [`Visibility::Visible`]). Foci to
//!   [`Visibility::Ignore`] are neither missed nor false.
//! - **Hit**: the pixel that holds the centroid of the detection belongs to the truth's mask or lies within 1 mm of it
//!   (centre to centre), or the boxes have an intersection over union of 0.3 or more.
//! - Detections are taken best score first, equal scores in the order given. Each takes, of the counted foci that it hits
//!   and nobody took, the one with the largest overlap (Dice) of masks; then the nearest to its centroid; then the first.
//! - A detection that hits only foci already taken or ignored, or lies by half of its pixels inside the mask of any focus
//!   (a lobe), is **neutral**, and so is one that hits a vessel and is called by a vascular name. All others are **false**.
//! - A detection's fate depends on better ones only, so one matching serves all thresholds.
//! - **Sensitivity at a rate** is the largest one reached by a threshold whose false detections per image (normal images
//!   included) do not exceed the rate; no interpolation. If all detections together are fewer, the curve ends before the
//!   rate and the figure is a lower bound.
//! - **Intervals** are percentile bootstrap over images: an image comes with all its foci and detections.
//! - **Off bone** are foci with less than a fifth of their pixels over bone; foci of unknown place count as off bone.
//! - **Size** is the largest extent of the mask (maximum caliper) in mm.
//!
//! FROC: Bunch et al. 1978, doi 10.1117/12.956544; bootstrap of cases: Samuelson & Petrick 2006, doi 10.1109/ISBI.2006.1625143;
//! calibration error: Naeini et al. 2015, doi 10.1609/aaai.v29i1.9602.
//!
//! ```
//! use calxray::evaluate::{Case, Detection, Options, TruthFocus, score};
//! use calxray::label::{Region, Run};
//!
//! let square = |at: u32| Region::new((at..at + 4).map(|row| Run { row, start: at, end: at + 4 }).collect()).unwrap();
//! let mut case = Case::new("drawn", (100, 100), None);
//! case.truth = vec![TruthFocus::new(square(10), "phlebolith"), TruthFocus::new(square(40), "rice_grain")];
//! case.found = vec![Detection::new(square(11), 0.9, "phlebolith"), Detection::new(square(70), 0.6, "calcification")];
//!
//! let scores = score(&[case], &Options { bootstrap: 0, ..Options::default() });
//! let operating = &scores.operating[0];
//! assert_eq!(operating.sensitivity[0].share.value, Some(0.5));
//! assert_eq!(operating.false_per_image.value, Some(1.0));
//! ```

mod bins;
mod bootstrap;
mod calibration;
mod case;
mod evaluation;
mod extent;
mod figure;
mod froc;
mod geometry;
mod input;
mod matching;
mod naming;
mod operating;
mod options;
mod page;
mod rows;
mod sample;
mod scores;
mod table;
mod words;

pub use bootstrap::{Statistic, figures};
pub use calibration::{Calibration, ReliabilityBin};
pub use case::{Case, Detection, Distractor, TruthFocus, Visibility};
pub use evaluation::Evaluation;
pub use extent::Extent;
pub use figure::{Figure, Share};
pub use froc::{AtRate, Froc, Group, RATES};
pub use input::{FoundSet, InputError, Inputs, Labelled, TruthSet, pair};
pub use matching::{Fate, Matching, match_case};
pub use naming::{Confusion, LabelFigures, Naming};
pub use operating::{Breakdown, Operating, PartRow, Row};
pub use options::Options;
pub use scores::{Counts, Scores, score};
