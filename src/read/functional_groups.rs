//! What enhanced and other multi-frame objects say in functional groups (PS3.3 C.7.6.16): of all frames together, and of each.
//!
//! Such an object states spacing, rescale and window not at its top level but in the first item of a macro's sequence, in the
//! Shared Functional Groups Sequence or, frame by frame, in the Per-frame one. Here they become attributes of the frame as
//! if it were an image of its own, so that all else is decided as for any other. A frame's own statement counts before the shared
//! one, and both before one at the top level, which the standard does not have there.

use super::attributes::Attributes;
use super::error::ReadError;
use super::options::ReadOptions;
use super::pixel_module::PixelModule;
use super::{place, spacing};
use crate::dicom::Attribute;
use crate::dicom::attribute::{
    ANATOMIC_REGION_SEQUENCE, FRAME_ANATOMY_SEQUENCE, FRAME_LATERALITY, FRAME_PIXEL_DATA_PROPERTIES_SEQUENCE,
    FRAME_VOI_LUT_SEQUENCE, IMAGE_LATERALITY, IMAGER_PIXEL_SPACING, PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE,
    PIXEL_INTENSITY_RELATIONSHIP, PIXEL_INTENSITY_RELATIONSHIP_SIGN, PIXEL_MEASURES_SEQUENCE, PIXEL_SPACING,
    PIXEL_SPACING_CALIBRATION_TYPE, PIXEL_VALUE_TRANSFORMATION_SEQUENCE, RESCALE_INTERCEPT, RESCALE_SLOPE,
    SHARED_FUNCTIONAL_GROUPS_SEQUENCE, VOI_LUT_FUNCTION, VOI_LUT_SEQUENCE, WINDOW_CENTER, WINDOW_WIDTH,
};
use crate::radiograph::{PixelSpacing, Place, Warning};

/// Macros, and which of their attributes say something of a frame.
const MACROS: [(Attribute, &[Attribute]); 5] = [
    (FRAME_ANATOMY_SEQUENCE, &[ANATOMIC_REGION_SEQUENCE, FRAME_LATERALITY]),
    (
        PIXEL_MEASURES_SEQUENCE,
        &[PIXEL_SPACING, PIXEL_SPACING_CALIBRATION_TYPE],
    ),
    (
        FRAME_VOI_LUT_SEQUENCE,
        &[WINDOW_CENTER, WINDOW_WIDTH, VOI_LUT_FUNCTION, VOI_LUT_SEQUENCE],
    ),
    (PIXEL_VALUE_TRANSFORMATION_SEQUENCE, &[RESCALE_INTERCEPT, RESCALE_SLOPE]),
    (
        FRAME_PIXEL_DATA_PROPERTIES_SEQUENCE,
        &[
            IMAGER_PIXEL_SPACING,
            PIXEL_INTENSITY_RELATIONSHIP,
            PIXEL_INTENSITY_RELATIONSHIP_SIGN,
        ],
    ),
];

/// Most bytes of a sequence of groups: some hundred to a frame are usual, and all are held at once.
pub(super) const MOST_BYTES: usize = 8 << 20;

/// What may differ from frame to frame.
#[derive(Clone, Debug)]
pub(super) struct Frame {
    pub(super) module: PixelModule,
    pub(super) spacing: Option<PixelSpacing>,
    pub(super) place: Place,
    pub(super) warnings: Vec<Warning>,
}

/// The attributes of an object with functional groups.
#[derive(Clone, Debug)]
pub(super) struct FunctionalGroups {
    /// The top level, with what holds for all frames.
    shared: Attributes,
    /// By frame: its own.
    frames: Vec<Attributes>,
}

impl FunctionalGroups {
    /// Takes the groups out of a data set; `None` if it has none that say anything we look at.
    pub(super) fn take(attributes: &mut Attributes) -> Option<Self> {
        let shared = attributes.take_items(SHARED_FUNCTIONAL_GROUPS_SEQUENCE);
        let frames = attributes.take_items(PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE);
        let shared: Vec<Attributes> = shared.iter().take(1).map(stated).collect();
        let mut frames: Vec<Attributes> = frames.iter().map(stated).collect();
        if frames.iter().all(Attributes::is_empty) {
            frames.clear();
        }
        if shared.iter().all(Attributes::is_empty) && frames.is_empty() {
            return None;
        }
        let mut all = attributes.clone();
        for one in &shared {
            all.overlay(one);
        }
        Some(Self { shared: all, frames })
    }

    /// What holds for frame `number`; `warnings` are those of the whole.
    ///
    /// # Errors
    ///
    /// As [`PixelModule::read`].
    pub(super) fn understand(
        &self,
        number: usize,
        options: &ReadOptions,
        mut warnings: Vec<Warning>,
    ) -> Result<Frame, ReadError> {
        let attributes = self.frame(number);
        let spacing = spacing::decide(&attributes, options.spacing, &mut warnings);
        let module = PixelModule::read(&attributes, &options.limits, &mut warnings)?;
        Ok(Frame {
            module,
            spacing,
            place: place::place(&attributes),
            warnings,
        })
    }

    /// Whether frames may differ.
    pub(super) fn is_by_frame(&self) -> bool {
        !self.frames.is_empty()
    }

    /// The attributes of frame `number`, 0-based, as if it were an image of its own.
    pub(super) fn frame(&self, number: usize) -> Attributes {
        let mut attributes = self.shared.clone();
        if let Some(own) = self.frames.get(number) {
            attributes.overlay(own);
        }
        attributes
    }
}

/// What the macros of one group state.
fn stated(group: &Attributes) -> Attributes {
    let mut stated = group.none();
    for (sequence, wanted) in MACROS {
        if let Some(item) = group.items(sequence).first() {
            for &attribute in wanted {
                let name = if attribute == FRAME_LATERALITY {
                    IMAGE_LATERALITY
                } else {
                    attribute
                };
                stated.copy(item, attribute, name);
            }
        }
    }
    stated
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(sequence: Attribute, values: &[(Attribute, &str)]) -> (Attribute, Vec<Attributes>) {
        (sequence, vec![Attributes::of_texts(values)])
    }

    fn groups(shared: &[(Attribute, Vec<Attributes>)], frames: &[&[(Attribute, Vec<Attributes>)]]) -> Attributes {
        let mut set = Attributes::of_texts(&[(PIXEL_SPACING, "9\\9"), (WINDOW_CENTER, "7")]);
        let item = |macros: &[(Attribute, Vec<Attributes>)]| {
            let mut item = set.none();
            for (sequence, items) in macros {
                item.put_items(*sequence, items);
            }
            item
        };
        let (shared, frames) = ([item(shared)], frames.iter().map(|one| item(one)).collect::<Vec<_>>());
        set.put_items(SHARED_FUNCTIONAL_GROUPS_SEQUENCE, &shared);
        set.put_items(PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE, &frames);
        set
    }

    #[test]
    fn a_frame_counts_before_all_and_all_before_the_top_level() {
        let spacing = |text| group(PIXEL_MEASURES_SEQUENCE, &[(PIXEL_SPACING, text)]);
        let rescale = |text| group(PIXEL_VALUE_TRANSFORMATION_SEQUENCE, &[(RESCALE_SLOPE, text)]);
        let mut set = groups(&[spacing("0.2\\0.2"), rescale("2")], &[&[], &[rescale("-3")]]);
        let found = FunctionalGroups::take(&mut set).expect("groups");
        assert!(found.is_by_frame() && !set.has(SHARED_FUNCTIONAL_GROUPS_SEQUENCE));
        let numbers = |frame: usize, attribute| found.frame(frame).numbers(attribute);
        assert_eq!(numbers(0, PIXEL_SPACING), [0.2, 0.2]);
        assert_eq!(
            [0, 1, 2].map(|frame| numbers(frame, RESCALE_SLOPE)),
            [[2.0], [-3.0], [2.0]]
        );
        assert_eq!(numbers(1, WINDOW_CENTER), [7.0]);
    }

    #[test]
    fn the_side_of_a_frame_is_that_of_an_image() {
        let side = group(FRAME_ANATOMY_SEQUENCE, &[(FRAME_LATERALITY, "L")]);
        let mut set = groups(&[side], &[]);
        let found = FunctionalGroups::take(&mut set).expect("groups");
        assert_eq!(found.frame(0).text(IMAGE_LATERALITY).as_deref(), Some("L"));
        assert!(!found.is_by_frame());
    }

    #[test]
    fn groups_that_say_nothing_are_none() {
        let mut set = groups(&[group(PIXEL_MEASURES_SEQUENCE, &[])], &[&[]]);
        assert!(FunctionalGroups::take(&mut set).is_none());
        assert_eq!(set.numbers(PIXEL_SPACING), [9.0, 9.0]);
    }
}
