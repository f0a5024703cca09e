//! Objects that respond in parts only: shells around a medulla, flocks of specks, lobules with seams.
//!
//! An object wider than the structuring element does not respond as a whole, but its rim, specks or trabeculae do at the
//! finer scales. Parts that lie close are joined by a closing, what they enclose is filled, and the whole is proposed if
//! it gained by that and the picture falls on all sides of it.

use super::propose::{Proposal, axes, is_above_its_ring};
use super::settings::ProposeSettings;
use crate::enhance::Response;
use crate::label::{Connectivity, Region, Summary, components, components_where, fill_holes};
use crate::morphology;
use crate::radiograph::Mask;
use crate::threshold;

/// Proposals from the parts that respond in `response`, in raster order of their first pixel.
///
/// `pixel_mm` is the side of a pixel of the response; `bone` marks the skeleton on the same grid; `least_height` is the
/// smallest height over the surroundings worth a look, in pixel values.
pub(super) fn proposals(
    response: &Response,
    bone: &Mask,
    pixel_mm: f64,
    least_height: f32,
    settings: &ProposeSettings,
) -> Vec<Proposal> {
    let mut found: Vec<Proposal> = Vec::new();
    let longest = settings.enclosed_longest_mm / pixel_mm;
    let narrowest = settings.enclosed_narrowest_mm / pixel_mm;
    for &level in &settings.enclosed_levels {
        let bright = threshold::above(response.values.view(), level);
        for off_bone in [false, true] {
            let mut parts = bright.clone();
            if off_bone {
                parts.subtract(bone);
            }
            // Bones are longer than any object looked for, and noise is smaller than any part of one.
            let mut kept = Mask::empty(parts.shape());
            let is_part = |part: &Summary| {
                let extent = part.bounds.height().max(part.bounds.width());
                part.area >= settings.least_area_px && f64::from(extent) <= longest
            };
            for part in components_where(&parts, None, Connectivity::Eight, is_part) {
                part.region.draw_on(&mut kept);
            }
            for &gap in &settings.enclosed_gaps_mm {
                let closed = fill_holes(&morphology::close_mask(&kept, gap / pixel_mm / 2.0));
                for whole in components(&closed, None, Connectivity::Eight) {
                    let own = whole.summary.area;
                    let (_, [major, minor]) = axes(&whole.region);
                    if major > longest || minor < narrowest {
                        continue;
                    }
                    if 10 * covered(&whole.region, &kept) > 9 * own
                        || found.iter().any(|known| same(&known.region, &whole.region))
                    {
                        continue;
                    }
                    let beside = off_bone.then_some(bone);
                    let closure = settings.enclosed_closure;
                    if is_above_its_ring(response, &whole.region, beside, least_height, closure, settings) {
                        found.push(Proposal {
                            region: whole.region,
                            factor: response.factor,
                            is_whole: true,
                        });
                    }
                }
            }
        }
    }
    found.sort_by_key(|proposal| {
        let first = proposal.region.runs()[0];
        (first.row, first.start, proposal.region.area())
    });
    found
}

/// Pixels of `region` that are on in `mask`.
fn covered(region: &Region, mask: &Mask) -> u64 {
    let bounds = region.bounds();
    let window = mask.window(
        (bounds.top as usize, bounds.left as usize),
        (bounds.height() as usize, bounds.width() as usize),
    );
    let shape = window.shape();
    let mut own = Mask::empty(shape);
    for run in region.runs() {
        own.fill_run(
            (run.row - bounds.top) as usize,
            (run.start - bounds.left) as usize,
            (run.end - bounds.left) as usize,
        );
    }
    own.intersect(&window);
    own.count() as u64
}

/// Whether two regions are alike but for a tenth.
fn same(a: &Region, b: &Region) -> bool {
    let (p, q) = (a.bounds(), b.bounds());
    p.top < q.bottom && q.top < p.bottom && p.left < q.right && q.left < p.right && {
        let shared = a.overlap(b);
        10 * shared >= 9 * (a.area() + b.area() - shared)
    }
}
