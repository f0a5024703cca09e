//! Size and form: what the pixels of a region tell without their values.

use super::outline::convex_hull;
use super::scale::Scale;
use super::{Feature, Features};
use crate::label::{Region, Run};
use std::f64::consts::PI;

/// Second central moments over the area, `[row row, row column, column column]`, in the unit of `scale` squared.
///
/// Of pixel centres, as in scikit-image: a one-pixel region has zeros.
pub(super) fn central_moments(region: &Region, scale: Scale) -> [f64; 3] {
    let (top, left) = (region.bounds().top, region.bounds().left);
    let (mut n, mut r, mut c, mut rr, mut rc, mut cc) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0);
    for run in region.runs() {
        let (row, a, b) = (
            f64::from(run.row - top),
            f64::from(run.start - left),
            f64::from(run.end - left),
        );
        let below = |x: f64| (x - 1.0) * x * (2.0 * x - 1.0) / 6.0;
        let length = b - a;
        let columns = (a + b - 1.0) * length / 2.0;
        n += length;
        r += row * length;
        c += columns;
        rr += row * row * length;
        rc += row * columns;
        cc += below(b) - below(a);
    }
    [
        (rr / n - (r / n) * (r / n)).max(0.0) * scale.row * scale.row,
        (rc / n - (r / n) * (c / n)) * scale.row * scale.column,
        (cc / n - (c / n) * (c / n)).max(0.0) * scale.column * scale.column,
    ]
}

/// Centre of area `[row, column]`, in pixels; `[0.0, 0.0]` is the centre of the first pixel.
///
/// Same values as scikit-image `centroid`.
pub fn centroid(region: &Region) -> [f64; 2] {
    let (mut r, mut c) = (0.0, 0.0);
    for run in region.runs() {
        let length = f64::from(run.end - run.start);
        r += f64::from(run.row) * length;
        c += (f64::from(run.start) + f64::from(run.end) - 1.0) * length / 2.0;
    }
    [r / region.area() as f64, c / region.area() as f64]
}

/// Larger and smaller eigenvalue of second moments.
fn eigenvalues([rr, rc, cc]: [f64; 3]) -> [f64; 2] {
    let middle = (rr + cc) / 2.0;
    let half_gap = ((rr - cc) / 2.0).hypot(rc);
    [middle + half_gap, (middle - half_gap).max(0.0)]
}

/// Eccentricity of the ellipse that has the same second central moments as a region.
///
/// `0` for a disc, `1` for a line one pixel wide. Dimensionless, in `[0, 1]`.
///
/// # Arguments
///
/// - `[rr, rc, cc]`: second central moments divided by the area, in mm² or square pixels.
///
/// # Edge cases
///
/// A one-pixel region gives `0`. No 1/12 is added for the extent of a pixel; some tools do.
///
/// # Source
///
/// W. Burger, M. Burge, _Principles of Digital Image Processing: Core Algorithms_, Springer, 2009.
/// Same values as scikit-image `regionprops(spacing=...)`.
///
/// # Examples
///
/// ```
/// # use calxray::measure::eccentricity;
/// assert_eq!(eccentricity([4.0, 0.0, 4.0]), 0.0);
/// assert!(eccentricity([9.0, 0.0, 1.0]) > 0.9);
/// ```
pub fn eccentricity(moments: [f64; 3]) -> f64 {
    let [major, minor] = eigenvalues(moments);
    let flatness = if major > 0.0 { minor / major } else { 1.0 };
    (1.0 - flatness).max(0.0).sqrt()
}

/// Angle in degrees, in `(-90, 90]`, from the direction of the columns (down) to the major axis, counter-clockwise.
///
/// `None` if no direction is longer than another. Same values as scikit-image `orientation`.
pub(super) fn orientation([rr, rc, cc]: [f64; 3]) -> Option<f64> {
    let gap = rr - cc;
    let flat = 1e-9 * (rr + cc);
    match (gap.abs() <= flat, rc.abs() <= flat) {
        (true, true) => None,
        (true, false) => Some(if rc > 0.0 { 45.0 } else { -45.0 }),
        _ => Some((0.5 * (2.0 * rc).atan2(gap)).to_degrees()),
    }
}

/// How many of the region's pixels have another of its pixels at offsets one row up and -1, 0, +1 columns.
fn pairs_across_rows(runs: &[Run]) -> [u64; 3] {
    let mut pairs = [0; 3];
    let mut above = 0;
    for run in runs {
        // The first run of the row above that reaches this one's left neighbour.
        while above < runs.len()
            && (runs[above].row + 1 < run.row || (runs[above].row + 1 == run.row && runs[above].end < run.start))
        {
            above += 1;
        }
        for other in runs[above..]
            .iter()
            .take_while(|other| other.row + 1 == run.row && other.start <= run.end)
        {
            for (count, shift) in pairs.iter_mut().zip([-1_i64, 0, 1]) {
                let start = i64::from(run.start).max(i64::from(other.start) - shift);
                let end = i64::from(run.end).min(i64::from(other.end) - shift);
                *count += (end - start).max(0) as u64;
            }
        }
    }
    pairs
}

/// Length of the outlines, inner ones included, by the Crofton formula in four directions.
///
/// Counts entries into the region along rows, columns and both diagonals, each weighted by the distance of its lines
/// and by the share of directions nearest to it, so unequal spacings are respected. With a square pixel: same values as
/// scikit-image `perimeter_crofton(directions=4)` of the region with a border around it.
///
/// Source: D. Legland, K. Kiêu, M.-F. Devaux, Image Anal. Stereol. 26(2), 2007, doi 10.5566/ias.v26.p83-92.
fn crofton_perimeter(region: &Region, scale: Scale) -> f64 {
    let area = region.area();
    let [diagonal, straight, other_diagonal] = pairs_across_rows(region.runs());
    let along_rows = region.runs().len() as f64;
    let along_columns = (area - straight) as f64;
    let along_diagonals = (2 * area - diagonal - other_diagonal) as f64;
    // Share of the half turn that is nearer to the rows than to a diagonal, and so on.
    let slope = (scale.row / scale.column).atan() / PI;
    let diagonal_lines = scale.row * scale.column / scale.row.hypot(scale.column);
    PI * (slope * along_rows * scale.row
        + (0.5 - slope) * along_columns * scale.column
        + 0.25 * along_diagonals * diagonal_lines)
}

/// Objects minus holes: runs less contacts between runs of neighbouring rows, corners included.
fn euler_number(runs: &[Run]) -> i64 {
    let mut contacts = 0;
    let mut above = 0;
    for run in runs {
        while above < runs.len()
            && (runs[above].row + 1 < run.row || (runs[above].row + 1 == run.row && runs[above].end < run.start))
        {
            above += 1;
        }
        contacts += runs[above..]
            .iter()
            .take_while(|other| other.row + 1 == run.row && other.start <= run.end)
            .count() as i64;
    }
    runs.len() as i64 - contacts
}

/// First column of the first and column after the last run of each row in use, `(row, start, end)`.
fn row_extents(region: &Region) -> Vec<(i64, i64, i64)> {
    let mut extents: Vec<(i64, i64, i64)> = Vec::with_capacity(region.bounds().height() as usize);
    for run in region.runs() {
        let (row, start, end) = (i64::from(run.row), i64::from(run.start), i64::from(run.end));
        match extents.last_mut() {
            Some(last) if last.0 == row => last.2 = end,
            _ => extents.push((row, start, end)),
        }
    }
    extents
}

/// Pixels whose centre lies within a convex hull: of all pixel centres, or of the midpoints of all pixel edges.
///
/// Same value as the sum of scikit-image `convex_hull_image(offset_coordinates=of_midpoints)`.
fn convex_area(extents: &[(i64, i64, i64)], of_midpoints: bool) -> u64 {
    let (Some(first), Some(last)) = (extents.first(), extents.last()) else {
        return 0;
    };
    // In half pixels, so that midpoints of edges are whole numbers: all exact. Of each half row only the ends matter.
    let top = 2 * first.0 - 1;
    let mut ends = vec![[i64::MAX, i64::MIN]; (2 * last.0 + 2 - top) as usize];
    let mut widen = |row: i64, left: i64, right: i64| {
        let [start, end] = &mut ends[(row - top) as usize];
        (*start, *end) = ((*start).min(left), (*end).max(right));
    };
    for &(row, start, end) in extents {
        let (row, left, right) = (2 * row, 2 * start, 2 * (end - 1));
        if of_midpoints {
            widen(row - 1, left, right);
            widen(row, left - 1, right + 1);
            widen(row + 1, left, right);
        } else {
            widen(row, left, right);
        }
    }
    let used = (top..).zip(ends).filter(|(_, [left, right])| left <= right);
    let hull = convex_hull(
        used.flat_map(|(row, [left, right])| [[row, left], [row, right]])
            .collect(),
    );
    // Per row, the innermost of the hull's edges on either side.
    let rows = (last.0 - first.0 + 1) as usize;
    let widest = |start: i64, end: i64, extent: &(i64, i64, i64)| (start.min(extent.1), end.max(extent.2 - 1));
    let (first_column, last_column) = extents
        .iter()
        .fold((i64::MAX, i64::MIN), |(start, end), extent| widest(start, end, extent));
    let mut left = vec![first_column; rows];
    let mut right = vec![last_column; rows];
    for (i, &a) in hull.iter().enumerate() {
        let b = hull[(i + 1) % hull.len()];
        if a[0] == b[0] {
            continue;
        }
        // Sorted by row first, the hull goes down on the left side and up on the right side, or the reverse; the
        // sign of the row step tells which.
        let (upper, lower, is_right) = if a[0] < b[0] { (a, b, false) } else { (b, a, true) };
        let step = lower[0] - upper[0];
        for row in (upper[0] + 1).div_euclid(2)..=lower[0].div_euclid(2) {
            // Column of the edge at this row, times `2 step`.
            let at = upper[1] * step + (2 * row - upper[0]) * (lower[1] - upper[1]);
            let place = (row - first.0) as usize;
            if place < rows {
                if is_right {
                    right[place] = right[place].min(at.div_euclid(2 * step));
                } else {
                    left[place] = left[place].max(-(-at).div_euclid(2 * step));
                }
            }
        }
    }
    left.iter()
        .zip(&right)
        .map(|(left, right)| (right - left + 1).max(0) as u64)
        .sum()
}

/// Longest and shortest caliper distance of the convex hull of pixel corners.
///
/// The shortest is taken over the hull's edges, on one of which it always stands (G. Toussaint, 1983).
fn feret(hull: &[[i64; 2]], scale: Scale) -> (f64, f64) {
    let points: Vec<[f64; 2]> = hull
        .iter()
        .map(|p| [p[0] as f64 * scale.row, p[1] as f64 * scale.column])
        .collect();
    let mut longest = 0.0_f64;
    let mut shortest = f64::INFINITY;
    for (i, a) in points.iter().enumerate() {
        let b = points[(i + 1) % points.len()];
        let edge = [b[0] - a[0], b[1] - a[1]];
        let length = edge[0].hypot(edge[1]);
        let mut width = 0.0_f64;
        for p in &points {
            longest = longest.max((p[0] - a[0]).powi(2) + (p[1] - a[1]).powi(2));
            width = width.max(((p[0] - a[0]) * edge[1] - (p[1] - a[1]) * edge[0]).abs());
        }
        shortest = shortest.min(width / length);
    }
    (longest.sqrt(), shortest)
}

/// Convex parts of the outline between notches deeper than a tenth of the equivalent diameter and than a pixel's longer side.
///
/// A notch is an arc of the outline between two neighbouring corners of the hull; its depth is the greatest distance
/// from the straight line between them. One notch, as in a bean, parts nothing.
fn lobules(outline: &[[i32; 2]], hull: &[[i64; 2]], equivalent_diameter: f64, scale: Scale) -> u64 {
    let mut corners: Vec<[i64; 2]> = hull.to_vec();
    corners.sort_unstable();
    let is_corner = |p: [i32; 2]| corners.binary_search(&[i64::from(p[0]), i64::from(p[1])]).is_ok();
    let Some(first) = outline.iter().position(|&p| is_corner(p)) else {
        return 1;
    };
    let physical = |p: [i32; 2]| [f64::from(p[0]) * scale.row, f64::from(p[1]) * scale.column];
    let least = (equivalent_diameter / 10.0).max(scale.row.max(scale.column));
    let mut notches = 0;
    let mut arc: Vec<[f64; 2]> = Vec::new();
    for i in 0..=outline.len() {
        let point = outline[(first + i) % outline.len()];
        arc.push(physical(point));
        if i > 0 && is_corner(point) {
            let (a, b) = (arc[0], arc[arc.len() - 1]);
            let edge = [b[0] - a[0], b[1] - a[1]];
            let length = edge[0].hypot(edge[1]);
            let depth = arc.iter().fold(0.0_f64, |depth, p| {
                depth.max(((p[0] - a[0]) * edge[1] - (p[1] - a[1]) * edge[0]).abs() / length)
            });
            notches += u64::from(length > 0.0 && depth > least * (1.0 + 1e-9));
            arc.clear();
            arc.push(b);
        }
    }
    notches.max(1)
}

/// Below so many pixels the perimeter says more of the grid than of the region.
const LEAST_FOR_CIRCULARITY: u64 = 12;

/// Sets every feature of size and form. Ratios use both spacings where they are known.
pub(super) fn measure(region: &Region, outline: &[[i32; 2]], scale: Scale, features: &mut Features) {
    let area = region.area() as f64;
    let mm = |length: f64| scale.is_mm.then_some(length);
    let unit_area = scale.row * scale.column;
    let equivalent = |area: f64| (4.0 * area / PI).sqrt();
    features.set(Feature::AreaPx, area);
    features.set(Feature::AreaMm2, mm(area * unit_area));
    features.set(Feature::EquivalentDiameterPx, equivalent(area));
    features.set(Feature::EquivalentDiameterMm, mm(equivalent(area * unit_area)));

    let in_pixels = central_moments(region, Scale::PIXELS);
    let moments = central_moments(region, scale);
    let [major, minor] = eigenvalues(in_pixels).map(|value| 4.0 * value.sqrt());
    features.set(Feature::MajorAxisPx, major);
    features.set(Feature::MinorAxisPx, minor);
    let [major, minor] = eigenvalues(moments).map(|value| 4.0 * value.sqrt());
    features.set(Feature::MajorAxisMm, mm(major));
    features.set(Feature::MinorAxisMm, mm(minor));
    features.set(Feature::Eccentricity, eccentricity(moments));
    features.set(Feature::Orientation, orientation(moments));
    let [rr, rc, cc] = moments;
    let [major, minor] = eigenvalues([
        rr + scale.row * scale.row / 12.0,
        rc,
        cc + scale.column * scale.column / 12.0,
    ]);
    features.set(Feature::AspectRatio, (major / minor).sqrt());

    let perimeter = crofton_perimeter(region, scale);
    features.set(Feature::PerimeterPx, crofton_perimeter(region, Scale::PIXELS));
    features.set(Feature::PerimeterMm, mm(perimeter));
    let circularity = 4.0 * PI * area * unit_area / (perimeter * perimeter);
    features.set(
        Feature::Circularity,
        (region.area() >= LEAST_FOR_CIRCULARITY).then_some(circularity),
    );
    features.set(Feature::Euler, euler_number(region.runs()) as f64);
    let bounds = region.bounds();
    features.set(
        Feature::Extent,
        area / (f64::from(bounds.height()) * f64::from(bounds.width())),
    );

    let extents = row_extents(region);
    features.set(Feature::Solidity, area / convex_area(&extents, true) as f64);
    features.set(Feature::CentreSolidity, area / convex_area(&extents, false) as f64);
    let corners = extents
        .iter()
        .flat_map(|&(row, start, end)| [[row, start], [row, end], [row + 1, start], [row + 1, end]]);
    let hull = convex_hull(corners.collect());
    features.set(Feature::FeretMaxPx, feret(&hull, Scale::PIXELS).0);
    let (longest, shortest) = feret(&hull, scale);
    features.set(Feature::FeretMaxMm, mm(longest));
    features.set(Feature::FeretMinMm, mm(shortest));
    features.set(
        Feature::Lobules,
        lobules(outline, &hull, equivalent(area * unit_area), scale) as f64,
    );
}

#[cfg(test)]
mod tests {
    use super::super::baseline::{self, close};
    use super::super::outline::Cutout;
    use super::super::{Feature, Features};
    use super::*;
    use proptest::prelude::*;

    fn shape_of(region: &Region, scale: Scale) -> Features {
        let mut features = Features::default();
        measure(region, &Cutout::of(region).outline(), scale, &mut features);
        features
    }

    #[test]
    fn equals_scikit_image_also_with_unequal_spacing() {
        let rows = baseline::rows();
        assert!(rows.len() >= 24);
        for row in &rows {
            let scale = row.scale();
            let features = shape_of(&row.region, scale);
            let lengths = |px: Feature, mm: Feature| features.get(if scale.is_mm { mm } else { px });
            let check = |name: &str, found: Option<f64>| {
                let expected = row.value(name);
                assert!(
                    close(found.unwrap(), expected, 1e-9),
                    "{} {}: {found:?}, scikit-image {expected}",
                    row.name,
                    name
                );
            };
            check("area", lengths(Feature::AreaPx, Feature::AreaMm2));
            check(
                "equivalent_diameter",
                lengths(Feature::EquivalentDiameterPx, Feature::EquivalentDiameterMm),
            );
            check("major_axis", lengths(Feature::MajorAxisPx, Feature::MajorAxisMm));
            check("minor_axis", lengths(Feature::MinorAxisPx, Feature::MinorAxisMm));
            check("feret_max", lengths(Feature::FeretMaxPx, Feature::FeretMaxMm));
            if scale.is_mm {
                check("feret_min", features.get(Feature::FeretMinMm));
            } else {
                check("perimeter", features.get(Feature::PerimeterPx));
            }
            check("eccentricity", features.get(Feature::Eccentricity));
            check("solidity", features.get(Feature::Solidity));
            check("centre_solidity", features.get(Feature::CentreSolidity));
            check("extent", features.get(Feature::Extent));
            check("euler_number", features.get(Feature::Euler));
            check("centroid_row", Some(centroid(&row.region)[0]));
            check("centroid_column", Some(centroid(&row.region)[1]));
            if row.value("eccentricity") < 1e-6 {
                assert_eq!(features.get(Feature::Orientation), None, "{}", row.name);
            } else {
                let gap =
                    (features.get(Feature::Orientation).unwrap() - row.value("orientation_deg")).rem_euclid(180.0);
                assert!(gap.min(180.0 - gap) < 1e-6, "{}: {gap}", row.name);
            }
        }
    }

    #[test]
    fn the_crofton_perimeter_of_a_disc_is_its_circumference_in_either_spacing() {
        // A disc of 5 mm radius in pixels of 0.2 x 0.1 mm.
        let mut runs = Vec::new();
        for row in 0..60_u32 {
            let y = (f64::from(row) - 30.0) * 0.2;
            let half = (25.0 - y * y).max(0.0).sqrt() / 0.1;
            runs.push(Run {
                row,
                start: (60.0 - half).ceil() as u32,
                end: (60.0 + half).floor() as u32 + u32::from(y.abs() < 5.0),
            });
        }
        let disc = Region::new(runs).unwrap();
        let features = shape_of(
            &disc,
            Scale {
                row: 0.2,
                column: 0.1,
                is_mm: true,
            },
        );
        let perimeter = features.get(Feature::PerimeterMm).unwrap();
        assert!((perimeter / (10.0 * PI) - 1.0).abs() < 0.02, "{perimeter}");
        assert!((features.get(Feature::Circularity).unwrap() - 1.0).abs() < 0.04);
        assert!((features.get(Feature::AspectRatio).unwrap() - 1.0).abs() < 0.01);
        // The same pixels as squares are an ellipse twice as wide as high.
        let squares = shape_of(&disc, Scale::PIXELS);
        assert!((squares.get(Feature::AspectRatio).unwrap() - 2.0).abs() < 0.02);
        assert_eq!(squares.get(Feature::PerimeterMm), None);
    }

    #[test]
    fn a_rectangle_has_its_sides_as_aspect_ratio() {
        for (height, width) in [(1, 7), (2, 4), (3, 9), (30, 10)] {
            let runs = (0..height)
                .map(|row| Run {
                    row,
                    start: 5,
                    end: 5 + width,
                })
                .collect();
            let features = shape_of(&Region::new(runs).unwrap(), Scale::PIXELS);
            let expected = f64::from(height.max(width)) / f64::from(height.min(width));
            assert!(close(features.get(Feature::AspectRatio).unwrap(), expected, 1e-12));
        }
    }

    #[test]
    fn eccentricity_follows_the_spacing_not_the_grid() {
        // 3 x 3 pixels, rows twice as far apart: second moments 8/3 mm² and 2/3 mm².
        let stretched = eccentricity([8.0 / 3.0, 0.0, 2.0 / 3.0]);
        assert!((stretched - 0.75_f64.sqrt()).abs() < 1e-12);
    }

    #[test]
    fn lobes_are_counted_between_notches() {
        let expected = [
            ("pixel", 1.0),
            ("square", 1.0),
            ("small_disc", 1.0),
            ("disc", 1.0),
            ("spindle", 1.0),
            ("ring", 1.0),
            ("rotated_rectangle", 1.0),
            ("crescent", 1.0),
            ("lobulated", 3.0),
        ];
        for row in baseline::rows() {
            if let Some(&(_, lobes)) = expected.iter().find(|(name, _)| *name == row.name) {
                assert_eq!(
                    shape_of(&row.region, row.scale()).get(Feature::Lobules),
                    Some(lobes),
                    "{}",
                    row.name
                );
            }
        }
    }

    proptest! {
        #[test]
        fn a_flip_leaves_every_shape_feature_alone(
            (columns, bits) in (1_usize..20).prop_flat_map(|c| (Just(c), proptest::collection::vec(proptest::bool::weighted(0.7), 15 * c)))
        ) {
            let bits = ndarray::Array2::from_shape_vec((15, columns), bits).unwrap();
            let mask = crate::radiograph::Mask::from_fn(bits.view(), |&on| on);
            for part in crate::label::components(&mask, None, crate::label::Connectivity::Eight) {
                let region = part.region;
                let flipped = Region::new(region.runs().iter().map(|run| Run {
                    row: 20 - run.row,
                    start: 40 - run.end,
                    end: 40 - run.start,
                }).collect()).unwrap();
                for scale in [Scale::PIXELS, Scale { row: 0.2, column: 0.1, is_mm: true }] {
                    let (one, other) = (shape_of(&region, scale), shape_of(&flipped, scale));
                    for (feature, value) in one.iter() {
                        let turned = other.get(feature);
                        prop_assert_eq!(value.is_some(), turned.is_some());
                        if let (Some(a), Some(b)) = (value, turned) {
                            let same = close(a, b, 1e-9) || (feature == Feature::Orientation && close((a - b).abs(), 180.0, 1e-9));
                            prop_assert!(same, "{} {} {}", feature.name(), a, b);
                            let range = feature.definition().range;
                            prop_assert!(range.0 - 1e-9 <= a && a <= range.1 + 1e-9, "{} {}", feature.name(), a);
                        }
                    }
                }
                let here = centroid(&region);
                let there = centroid(&flipped);
                prop_assert!(close(20.0 - here[0], there[0], 1e-9) && close(39.0 - here[1], there[1], 1e-9));
            }
        }
    }
}
