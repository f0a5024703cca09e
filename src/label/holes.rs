//! Background that a foreground encloses.

use super::{Connectivity, summaries};
use crate::radiograph::Mask;

/// `mask` with every hole filled: each background part, connected by edges, that does not reach the image's border.
///
/// Same result as `scipy.ndimage.binary_fill_holes` with its default structure.
pub fn fill_holes(mask: &Mask) -> Mask {
    fill_holes_up_to(mask, u64::MAX)
}

/// `mask` with every hole of at most `area` pixels filled. See [`fill_holes`].
pub fn fill_holes_up_to(mask: &Mask, area: u64) -> Mask {
    let mut background = Mask::full(mask.shape());
    background.subtract(mask);
    let mut filled = mask.clone();
    // Runs are kept only if there is something to fill, which is rare.
    if summaries(&background, None, Connectivity::Four)
        .iter()
        .any(|part| !part.borders.any() && part.area <= area)
    {
        for part in super::components(&background, None, Connectivity::Four) {
            if !part.summary.borders.any() && part.summary.area <= area {
                for run in part.region.runs() {
                    filled.fill_run(run.row as usize, run.start as usize, run.end as usize);
                }
            }
        }
    }
    filled
}
