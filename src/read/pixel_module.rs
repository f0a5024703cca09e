//! What the header says of the pixels, checked before any of them is read (PS3.3 C.7.6.3, C.11.1).

use super::attributes::Attributes;
use super::error::ReadError;
use super::modality_lut::{ModalityLut, Table};
use super::options::Limits;
use super::polarity;
use crate::dicom::attribute::{
    BITS_ALLOCATED, BITS_STORED, COLUMNS, HIGH_BIT, NUMBER_OF_FRAMES, PHOTOMETRIC_INTERPRETATION,
    PIXEL_INTENSITY_RELATIONSHIP_SIGN, PIXEL_PADDING_RANGE_LIMIT, PIXEL_PADDING_VALUE, PIXEL_REPRESENTATION,
    PLANAR_CONFIGURATION, PRESENTATION_LUT_SHAPE, ROWS, SAMPLES_PER_PIXEL, VOI_LUT_SEQUENCE, WINDOW_CENTER,
};
use crate::radiograph::Warning;

/// Which bits of a stored word make the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct StoredBits {
    /// 1, 8, 16 or 32.
    pub(super) allocated: u32,
    /// 1 to `allocated`.
    pub(super) stored: u32,
    /// Position of the most significant of them.
    pub(super) high: u32,
    /// Two's complement.
    pub(super) signed: bool,
}

/// What a pixel's samples mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Colour {
    /// One sample.
    Grey,
    /// Red, green, blue.
    Rgb,
    /// Luminance and two colour differences.
    Ybr,
    /// The same with the differences halved across: two luminances, then both differences.
    Ybr422,
}

/// The image pixel module, made consistent.
#[derive(Clone, Debug)]
pub(super) struct PixelModule {
    pub(super) rows: u32,
    pub(super) columns: u32,
    pub(super) frames: u32,
    pub(super) samples: u8,
    pub(super) planar: bool,
    pub(super) bits: StoredBits,
    pub(super) colour: Colour,
    pub(super) modality_lut: ModalityLut,
    /// Stored values must be turned so that larger is more radio-opaque.
    pub(super) turned: bool,
    /// Stored values, as 16 raw bits, that pad the image: both ends included.
    pub(super) padding: Option<(u16, u16)>,
}

impl PixelModule {
    /// Reads and checks; appends what was odd to `warnings`.
    ///
    /// # Errors
    ///
    /// If an attribute is missing, contradicts another, or asks for what is not supported or above the limits.
    pub(super) fn read(
        attributes: &Attributes,
        limits: &Limits,
        warnings: &mut Vec<Warning>,
    ) -> Result<Self, ReadError> {
        let rows = attributes.required_count(ROWS)?;
        let columns = attributes.required_count(COLUMNS)?;
        let frames = attributes.count(NUMBER_OF_FRAMES)?.unwrap_or(1).max(1);
        let samples = attributes.count(SAMPLES_PER_PIXEL)?.unwrap_or(1);
        let photometric = attributes.code(PHOTOMETRIC_INTERPRETATION);
        let (samples, colour) = colour(samples, photometric.as_deref())?;
        if colour != Colour::Grey {
            warnings.push(Warning::new(
                "colour_reduced",
                "colour pixels were reduced to luminance",
            ));
        }
        let bits = stored_bits(attributes)?;
        let pixels = u64::from(rows) * u64::from(columns);
        check_limit("Rows x Columns", pixels, limits.pixels)?;
        check_limit("Number of Frames", u64::from(frames), limits.frames)?;
        let modality_lut = ModalityLut::read(attributes, bits.signed, warnings)?;
        let stated = polarity::Stated {
            smaller_is_white: photometric.map(|name| name == "MONOCHROME1"),
            inverse: match attributes.code(PRESENTATION_LUT_SHAPE).as_deref() {
                Some("INVERSE") => Some(true),
                Some("IDENTITY") => Some(false),
                _ => None,
            },
            falling: modality_lut.is_falling() != voi_lut_is_falling(attributes, warnings),
            larger_is_more_exposed: attributes
                .number(PIXEL_INTENSITY_RELATIONSHIP_SIGN)
                .filter(|sign| sign.abs() == 1.0)
                .map(|sign| sign > 0.0),
        };
        let turned = polarity::decide(stated, warnings).ok_or(ReadError::Missing(PHOTOMETRIC_INTERPRETATION.name))?;
        Ok(Self {
            rows,
            columns,
            frames,
            samples,
            planar: attributes.count(PLANAR_CONFIGURATION)? == Some(1) && samples > 1,
            bits,
            colour,
            modality_lut,
            turned,
            padding: padding(attributes),
        })
    }

    /// Rows x columns.
    pub(super) fn pixels(&self) -> usize {
        self.rows as usize * self.columns as usize
    }

    /// Bits of one frame of native Pixel Data.
    pub(super) fn frame_bits(&self) -> u64 {
        // Two pixels of YBR_FULL_422 share their colour: four samples for two pixels.
        let samples = if self.colour == Colour::Ybr422 {
            2
        } else {
            u64::from(self.samples)
        };
        self.pixels() as u64 * samples * u64::from(self.bits.allocated)
    }

    /// Bytes that native Pixel Data must hold.
    pub(super) fn native_length(&self) -> u64 {
        (self.frame_bits() * u64::from(self.frames)).div_ceil(8)
    }
}

pub(super) fn check_limit(attribute: &'static str, found: u64, limit: u64) -> Result<(), ReadError> {
    if found > limit {
        Err(ReadError::Limit {
            attribute,
            found,
            limit,
        })
    } else {
        Ok(())
    }
}

fn colour(samples: u32, photometric: Option<&str>) -> Result<(u8, Colour), ReadError> {
    let unsupported = |what: String| ReadError::Unsupported {
        attribute: PHOTOMETRIC_INTERPRETATION.name,
        what,
    };
    match (samples, photometric) {
        (1, Some("MONOCHROME1" | "MONOCHROME2") | None) => Ok((1, Colour::Grey)),
        // The component transforms of JPEG 2000 are undone by its decoder.
        (3, Some("RGB" | "YBR_ICT" | "YBR_RCT")) => Ok((3, Colour::Rgb)),
        (3, Some("YBR_FULL_422")) => Ok((3, Colour::Ybr422)),
        (3, Some("YBR_FULL")) => Ok((3, Colour::Ybr)),
        (1 | 3, Some(name)) if matches!(name, "MONOCHROME1" | "MONOCHROME2" | "RGB") || name.starts_with("YBR_") => {
            Err(ReadError::Value {
                attribute: SAMPLES_PER_PIXEL.name,
                found: samples.to_string(),
                expected: "the number that Photometric Interpretation asks for",
            })
        }
        (1 | 3, Some(name)) => Err(unsupported(
            name.chars()
                .filter(|c| c.is_ascii_graphic() || *c == ' ')
                .take(16)
                .collect(),
        )),
        (3, None) => Err(ReadError::Missing(PHOTOMETRIC_INTERPRETATION.name)),
        (samples, _) => Err(ReadError::Unsupported {
            attribute: SAMPLES_PER_PIXEL.name,
            what: samples.to_string(),
        }),
    }
}

/// Whether the only VOI the file has is a table that turns grey values round: Photometric Interpretation speaks of what comes
/// out of it (PS3.3 C.7.6.3.1.2, C.11.2). Its shape is for the eye, and is not applied.
fn voi_lut_is_falling(attributes: &Attributes, warnings: &mut Vec<Warning>) -> bool {
    let tables = attributes.items(VOI_LUT_SEQUENCE);
    if tables.is_empty() || !attributes.numbers(WINDOW_CENTER).is_empty() {
        return false;
    }
    // Only the ends of a table count here, not where it begins.
    let falling: Vec<bool> = tables
        .iter()
        .flat_map(|item| Table::read(item, false))
        .map(|table| table.is_falling())
        .collect();
    let turns = !falling.is_empty() && falling.iter().all(|&falling| falling);
    if turns {
        let message = "the VOI LUT turns grey values round; polarity is that of what it gives";
        warnings.push(Warning::new("voi_lut_falling", message));
    }
    turns
}

fn stored_bits(attributes: &Attributes) -> Result<StoredBits, ReadError> {
    let allocated = attributes.required_count(BITS_ALLOCATED)?;
    if !matches!(allocated, 1 | 8 | 16 | 32) {
        return Err(ReadError::Unsupported {
            attribute: BITS_ALLOCATED.name,
            what: allocated.to_string(),
        });
    }
    let stored = attributes.required_count(BITS_STORED)?;
    if stored > allocated {
        return Err(ReadError::Value {
            attribute: BITS_STORED.name,
            found: stored.to_string(),
            expected: "at most Bits Allocated",
        });
    }
    let high = attributes.count(HIGH_BIT)?.unwrap_or(stored - 1);
    if high >= allocated || high + 1 < stored {
        return Err(ReadError::Value {
            attribute: HIGH_BIT.name,
            found: high.to_string(),
            expected: "within Bits Allocated and no less than Bits Stored - 1",
        });
    }
    Ok(StoredBits {
        allocated,
        stored,
        high,
        signed: attributes.count(PIXEL_REPRESENTATION)? == Some(1),
    })
}

/// Pixel Padding Value, and with Pixel Padding Range Limit the range between (PS3.3 C.7.5.1.1.2).
fn padding(attributes: &Attributes) -> Option<(u16, u16)> {
    let value = attributes.word(PIXEL_PADDING_VALUE)?;
    Some((value, attributes.word(PIXEL_PADDING_RANGE_LIMIT).unwrap_or(value)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dicom::attribute::{LUT_DATA, LUT_DESCRIPTOR};

    #[test]
    fn a_voi_lut_that_falls_turns_polarity_round() {
        let turned = |entries: &[&[u16]], window: &str| {
            let mut set = Attributes::of_texts(&[(PHOTOMETRIC_INTERPRETATION, "MONOCHROME2"), (WINDOW_CENTER, window)]);
            if window.is_empty() {
                set = Attributes::of_texts(&[(PHOTOMETRIC_INTERPRETATION, "MONOCHROME2")]);
            }
            for (attribute, number) in [(ROWS, 2), (COLUMNS, 2), (BITS_ALLOCATED, 16), (BITS_STORED, 12)] {
                set.put_words(attribute, &[number]);
            }
            let items: Vec<Attributes> = entries
                .iter()
                .map(|entries| {
                    let mut item = set.none();
                    item.put_words(LUT_DESCRIPTOR, &[entries.len() as u16, 0, 12]);
                    item.put_words(LUT_DATA, entries);
                    item
                })
                .collect();
            set.put_items(VOI_LUT_SEQUENCE, &items);
            let mut warnings = Vec::new();
            let module = PixelModule::read(&set, &Limits::default(), &mut warnings).expect("a module");
            (
                module.turned,
                warnings.iter().any(|warning| warning.code == "voi_lut_falling"),
            )
        };
        assert_eq!(turned(&[], ""), (false, false));
        assert_eq!(turned(&[&[0, 700, 4095]], ""), (false, false));
        assert_eq!(turned(&[&[4095, 700, 0]], ""), (true, true));
        // A window shows grey values upwards; a choice of tables that disagree says nothing; nor does a broken one.
        assert_eq!(turned(&[&[4095, 700, 0]], "2048"), (false, false));
        assert_eq!(turned(&[&[4095, 700, 0], &[0, 700, 4095]], ""), (false, false));
        assert_eq!(turned(&[&[]], ""), (false, false));
    }

    #[test]
    fn samples_and_photometric_interpretation_must_agree() {
        assert_eq!(colour(1, Some("MONOCHROME1")).expect("grey"), (1, Colour::Grey));
        assert_eq!(colour(3, Some("RGB")).expect("colour"), (3, Colour::Rgb));
        let wrong = colour(3, Some("MONOCHROME2")).expect_err("three samples of grey");
        assert_eq!(wrong.attribute(), Some("Samples per Pixel"));
        let palette = colour(1, Some("PALETTE COLOR")).expect_err("a palette");
        assert!(matches!(
            palette,
            ReadError::Unsupported {
                attribute: "Photometric Interpretation",
                ..
            }
        ));
        assert!(matches!(
            colour(4, Some("CMYK")),
            Err(ReadError::Unsupported {
                attribute: "Samples per Pixel",
                ..
            })
        ));
    }
}
