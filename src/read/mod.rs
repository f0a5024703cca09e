//! Bytes to radiograph: decode, modality LUT, polarity, padding, spacing; DICOM, PNG, TIFF, JPEG.
//!
//! [`open`] looks at the content (the extension says nothing), reads the header, and either skips the file with a
//! reason or gives an [`Instance`] whose frames become [`Radiograph`](crate::radiograph::Radiograph)s one at a time.
//! Only this room decides polarity and spacing. Never applies a VOI window, never burns an overlay in, never keeps
//! an attribute that names a patient.
//!
//! ```
//! use calxray::read::{Opened, ReadOptions, Source, open};
//!
//! let source = Source::Path("fixtures/radiographs/WG04_RG3_leg_J2KR.dcm".into());
//! let Opened::Instance(instance) = open(&source, &ReadOptions::default())? else {
//!     panic!("a CR image qualifies");
//! };
//! assert_eq!(instance.header().modality.as_deref(), Some("CR"));
//! assert_eq!(instance.radiograph(0)?.shape(), (1760, 1760));
//! # Ok::<(), calxray::read::ReadError>(())
//! ```

mod attributes;
mod codestream;
mod contain;
mod data_set;
mod dicom_header;
mod direct_exposure;
mod directory;
mod element;
mod encapsulated;
mod error;
mod frame;
mod functional_groups;
mod header;
mod inflate;
mod instance;
mod lengths;
mod levels;
mod modality_lut;
mod open;
mod options;
mod pixel_module;
mod place;
mod polarity;
mod raster;
mod run_length;
mod shutter;
mod sniff;
mod source;
mod spacing;

pub use direct_exposure::polarity_conflict;
pub use directory::listed;
pub use error::{ErrorKind, ReadError};
pub use header::{Header, ImageKind, Magnification, VoiLutFunction, Window};
pub use instance::Instance;
pub use open::{Opened, SkipReason, open};
pub use options::{Limits, ModalityFilter, ReadOptions};
pub use source::Source;
