//! One image file, opened: header known, pixels to be had frame by frame.

use super::direct_exposure::polarity_conflict;
use super::encapsulated::Frames;
use super::error::ReadError;
use super::frame::{self, NativeFrame, Words};
use super::functional_groups::{Frame, FunctionalGroups};
use super::header::Header;
use super::levels::{LevelMap, narrowed, off_padding, value_scale};
use super::modality_lut::ModalityLut;
use super::options::{Limits, ReadOptions};
use super::pixel_module::{Colour, PixelModule};
use super::raster;
use super::source::Bytes;
use crate::dicom::{Context, TransferSyntax};
use crate::radiograph::{Mask, Radiograph, Warning};
use ndarray::Array2;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::sync::Mutex;

/// One image file whose header qualified. Holds compressed bytes at most; decodes one frame at a time.
#[derive(Debug)]
pub struct Instance {
    pub(super) header: Header,
    pub(super) context: Option<Context>,
    pub(super) pixels: Pixels,
}

/// What the pixels are read from.
#[derive(Debug)]
pub(super) enum Pixels {
    Raster { bytes: Bytes, limits: Limits },
    Dicom(Box<DicomPixels>),
}

/// Pixels of a DICOM instance and all that it takes to understand them.
#[derive(Debug)]
pub(super) struct DicomPixels {
    pub(super) module: PixelModule,
    pub(super) syntax: TransferSyntax,
    pub(super) store: Store,
    /// Pixels that a display shutter leaves open; `None` if there is none.
    pub(super) shutter: Option<Mask>,
    /// Bytes of 8-bit samples come in swapped pairs: big-endian words.
    pub(super) words_are_swapped: bool,
    /// What frames say of themselves, where they do.
    pub(super) by_frame: Option<ByFrame>,
}

/// What it takes to understand each frame by its own functional groups.
#[derive(Debug)]
pub(super) struct ByFrame {
    pub(super) groups: FunctionalGroups,
    pub(super) options: ReadOptions,
    /// Warnings of the data set.
    pub(super) before: Vec<Warning>,
    /// How many of the header's warnings are these and those of the first frame; the rest holds for all.
    pub(super) after: usize,
}

/// Where Pixel Data is.
#[derive(Debug)]
pub(super) enum Store {
    /// Native, in memory from `pixels` on.
    Memory { bytes: Bytes, pixels: usize },
    /// Native, on disk from `pixels` on.
    File { file: Mutex<File>, pixels: u64 },
    /// Encapsulated.
    Fragments { bytes: Bytes, frames: Frames },
}

/// Levels of one frame and how they came about.
struct Levels {
    values: Vec<u16>,
    /// What made them; `None` of words wider than 16 bits.
    map: Option<LevelMap>,
    /// Stored value of level 0, and stored values per level.
    line: (f64, f64),
}

impl Levels {
    fn mapped(values: Vec<u16>, map: LevelMap) -> Self {
        Self {
            values,
            map: Some(map),
            line: map.line(),
        }
    }
}

/// Bytes read from disk at a time: small enough to stay in the cache until they are levels.
const CHUNK: usize = 128 << 10;

impl Instance {
    /// What the file says of itself.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Patient, study and time of a DICOM image, for objects made from it. `None` for other files, and unless
    /// [`ReadOptions::context`](super::ReadOptions::context) asks for it.
    pub fn context(&self) -> Option<&Context> {
        self.context.as_ref()
    }

    /// How many images the instance holds, at least 1.
    pub fn frames(&self) -> usize {
        self.header.frames as usize
    }

    /// Image number `frame`, 0-based, with settled polarity.
    ///
    /// # Errors
    ///
    /// If the frame does not exist, or its pixels are damaged or in an encoding this version does not read.
    pub fn radiograph(&self, frame: usize) -> Result<Radiograph, ReadError> {
        if frame >= self.frames() {
            return Err(ReadError::Frame {
                frame,
                frames: self.frames(),
            });
        }
        let radiograph = match &self.pixels {
            Pixels::Raster { bytes, limits } => raster::radiograph(&self.header, bytes, limits)?,
            Pixels::Dicom(pixels) => pixels.radiograph(&self.header, frame)?,
        };
        let mut warnings = radiograph.warnings().to_vec();
        warnings.extend(polarity_conflict(&radiograph));
        Ok(radiograph.with_warnings(warnings))
    }
}

impl DicomPixels {
    fn radiograph(&self, header: &Header, frame: usize) -> Result<Radiograph, ReadError> {
        let own = match &self.by_frame {
            Some(by_frame) if frame > 0 => {
                let before = by_frame.before.clone();
                let mut own = by_frame.groups.understand(frame, &by_frame.options, before)?;
                own.warnings.extend_from_slice(&header.warnings[by_frame.after..]);
                own
            }
            _ => Frame {
                module: self.module.clone(),
                spacing: header.spacing,
                place: header.place.clone(),
                warnings: header.warnings.clone(),
            },
        };
        let Frame {
            module, mut warnings, ..
        } = own;
        let shape = (module.rows as usize, module.columns as usize);
        // A table is looked up in levels that are not yet turned; its own values are turned then.
        let is_line = matches!(module.modality_lut, ModalityLut::Line { .. });
        let turned = module.turned && is_line;
        let Levels {
            values: mut levels,
            map,
            line,
        } = self.levels(frame, turned, &mut warnings)?;
        let mut valid = self.shutter.clone();
        if let (Some(padding), Some(map)) = (module.padding, map)
            && module.colour == Colour::Grey
        {
            exclude_padding(&levels, shape, map.level_range(padding), &mut valid, &mut warnings);
        }
        if let (ModalityLut::Table(table), Some(map)) = (&module.modality_lut, map) {
            let through = map.through(table, module.turned);
            for level in &mut levels {
                *level = through[usize::from(*level)];
            }
        }
        let pixels = Array2::from_shape_vec(shape, levels).map_err(|_| ReadError::Codec {
            frame,
            syntax: self.syntax.name,
            message: "the frame does not fill its rows and columns".to_owned(),
        })?;
        Ok(Radiograph::new(pixels)
            .with_value_scale(value_scale(&module.modality_lut, module.turned, line))
            .with_valid(valid)
            .with_spacing(own.spacing)
            .with_place(own.place)
            .with_warnings(warnings))
    }

    /// The levels of a frame, before a modality LUT table.
    fn levels(&self, frame: usize, turned: bool, warnings: &mut Vec<Warning>) -> Result<Levels, ReadError> {
        let module = &self.module;
        let is_plain = module.colour == Colour::Grey && matches!(module.bits.allocated, 8 | 16);
        if is_plain && !matches!(self.store, Store::Fragments { .. }) {
            let map = LevelMap::new(module.bits, turned);
            return Ok(Levels::mapped(self.plain_levels(frame, map)?, map));
        }
        match self.words(frame, warnings)? {
            Words::Narrow(mut words, bits) => {
                let map = LevelMap::new(bits, turned);
                map.apply(&mut words);
                Ok(Levels::mapped(words, map))
            }
            Words::Wide(values) if matches!(module.modality_lut, ModalityLut::Line { .. }) => {
                let (values, line) = narrowed(&values, turned).ok_or_else(|| ReadError::Unsupported {
                    attribute: "Bits Stored",
                    what: format!("{} with values that span more than 16 bits", module.bits.stored),
                })?;
                Ok(Levels {
                    values,
                    map: None,
                    line,
                })
            }
            Words::Wide(_) => Err(ReadError::Unsupported {
                attribute: "Modality LUT Sequence",
                what: "with more than 16 bits".to_owned(),
            }),
        }
    }

    /// Grey native samples of 8 or 16 bits, in one pass.
    fn plain_levels(&self, frame: usize, map: LevelMap) -> Result<Vec<u16>, ReadError> {
        let length = (self.module.frame_bits() / 8) as usize;
        let mut levels = Vec::with_capacity(self.module.pixels());
        let first = frame * length;
        // Big-endian words hold two bytes each: an odd frame begins in the middle of one.
        let begin = if self.words_are_swapped { first & !1 } else { first };
        self.for_each_chunk(begin, first + length - begin, |bytes| {
            match (self.module.bits.allocated, self.syntax.big_endian) {
                (16, false) => map.extend_little(bytes, &mut levels),
                (16, true) => map.extend_big(bytes, &mut levels),
                _ if self.words_are_swapped => {
                    for pair in bytes.chunks(2) {
                        map.extend_bytes(pair.get(1..2).unwrap_or_default(), &mut levels);
                        map.extend_bytes(&pair[..1], &mut levels);
                    }
                }
                _ => map.extend_bytes(bytes, &mut levels),
            }
        })?;
        if first != begin {
            levels.remove(0);
        }
        levels.truncate(self.module.pixels());
        Ok(levels)
    }

    /// Feeds `take` with native bytes from `first` on, always whole words.
    fn for_each_chunk(&self, first: usize, length: usize, mut take: impl FnMut(&[u8])) -> Result<(), ReadError> {
        // An odd last byte of big-endian words has its place in a pair.
        let length = if self.words_are_swapped {
            length.next_multiple_of(2)
        } else {
            length
        };
        match &self.store {
            Store::Memory { bytes, pixels } => {
                let start = (pixels + first).min(bytes.len());
                let end = start.saturating_add(length).min(bytes.len());
                take(&bytes[start..end]);
            }
            Store::File { file, pixels } => {
                let mut file = file.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                file.seek(SeekFrom::Start(pixels + first as u64))?;
                let mut chunk = vec![0; CHUNK.min(length)];
                let mut left = length;
                while left > 0 {
                    let some = &mut chunk[..CHUNK.min(left)];
                    file.read_exact(some)?;
                    take(some);
                    left -= some.len();
                }
            }
            Store::Fragments { .. } => {}
        }
        Ok(())
    }

    fn words(&self, frame: usize, warnings: &mut Vec<Warning>) -> Result<Words, ReadError> {
        if let Store::Fragments { bytes, frames } = &self.store {
            let bytes = frames.bytes(bytes, frame);
            return frame::encapsulated(&self.module, &self.syntax, frame, &bytes, warnings);
        }
        let first_bit = self.module.frame_bits() * frame as u64;
        let (first, last) = (first_bit / 8, (first_bit + self.module.frame_bits()).div_ceil(8));
        let mut bytes = Vec::with_capacity((last - first) as usize);
        self.for_each_chunk(first as usize, (last - first) as usize, |some| {
            bytes.extend_from_slice(some)
        })?;
        if self.words_are_swapped && self.module.bits.allocated <= 8 {
            for pair in bytes.chunks_exact_mut(2) {
                pair.swap(0, 1);
            }
        }
        let native = NativeFrame {
            bytes: &bytes,
            first_bit: (first_bit % 8) as usize,
            big_endian: self.syntax.big_endian,
        };
        frame::native(&self.module, native)
    }
}

fn exclude_padding(
    levels: &[u16],
    shape: (usize, usize),
    range: Option<(u16, u16)>,
    valid: &mut Option<Mask>,
    warnings: &mut Vec<Warning>,
) {
    let Some(range) = range else {
        let message = "Pixel Padding Value does not fit Bits Stored and was ignored";
        warnings.push(Warning::new("padding_invalid", message));
        return;
    };
    let Some(mask) = off_padding(levels, shape, range) else {
        return;
    };
    if mask.count() == 0 {
        let message = "every pixel has the Pixel Padding Value, which was ignored";
        warnings.push(Warning::new("padding_everywhere", message));
        return;
    }
    match valid {
        None => *valid = Some(mask),
        Some(open) => open.intersect(&mask),
    }
}
