//! Intermediate images as files, for `inspect --trace`.

use super::status::Failure;
use crate::pipeline::{Trace, TraceImage};
use crate::write::atomic;
use image::{GrayImage, ImageFormat, Luma};
use ndarray::Array2;
use std::io::Cursor;
use std::path::Path;

/// Writes every image of `trace` to `folder` as 8-bit PNG, numbered in the order of the walk.
///
/// A mask is black and white. Grey values are stretched from their smallest (black) to their largest (white), with the
/// outermost thousandth at each end cut off; `trace.csv` tells both values, so that a grey can be read back.
pub fn write(folder: &Path, trace: &Trace) -> Result<(), Failure> {
    std::fs::create_dir_all(folder).map_err(|error| Failure::output(folder, error))?;
    let mut legend = "file,rows,columns,black,white\n".to_owned();
    for (number, (name, image)) in trace.images.iter().enumerate() {
        let file = format!("{:02}_{name}.png", number + 1);
        let (picture, (black, white)) = match image {
            TraceImage::Grey(values) => stretched(values),
            TraceImage::Mask(mask) => {
                let grey = mask.to_array().mapv(|on| if on { 255 } else { 0 });
                (grey, (0.0, 1.0))
            }
        };
        let (rows, columns) = picture.dim();
        legend += &format!("{file},{rows},{columns},{black},{white}\n");
        let path = folder.join(file);
        let picture = GrayImage::from_fn(columns as u32, rows as u32, |x, y| {
            Luma([picture[(y as usize, x as usize)]])
        });
        let mut bytes = Cursor::new(Vec::new());
        picture
            .write_to(&mut bytes, ImageFormat::Png)
            .map_err(Failure::failed)?;
        atomic::write(&path, bytes.get_ref()).map_err(|error| Failure::output(&path, error.source))?;
    }
    let path = folder.join("trace.csv");
    atomic::write(&path, legend.as_bytes()).map_err(|error| Failure::output(&path, error.source))
}

/// `values` in 256 steps, and the values shown black and white. What is not a number is black.
fn stretched(values: &Array2<f32>) -> (Array2<u8>, (f32, f32)) {
    let mut sorted: Vec<f32> = values.iter().copied().filter(|value| value.is_finite()).collect();
    sorted.sort_by(f32::total_cmp);
    let cut = sorted.len() / 1000;
    let black = sorted.get(cut).copied().unwrap_or(0.0);
    let white = sorted.get(sorted.len().saturating_sub(cut + 1)).copied().unwrap_or(1.0);
    let steps = 255.0 / (white - black).max(f32::MIN_POSITIVE);
    (
        values.mapv(|value| ((value - black) * steps).round().clamp(0.0, 255.0) as u8),
        (black, white),
    )
}

#[cfg(test)]
mod tests {
    use super::stretched;
    use ndarray::array;

    #[test]
    fn grey_values_span_black_to_white() {
        let (grey, range) = stretched(&array![[-1.0, 0.0], [f32::NAN, 1.0]]);
        assert_eq!(grey, array![[0, 128], [0, 255]]);
        assert_eq!(range, (-1.0, 1.0));
        assert_eq!(stretched(&array![[3.0, 3.0]]).0, array![[0, 0]]);
    }
}
