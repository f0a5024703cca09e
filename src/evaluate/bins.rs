//! Names of bins for breakdowns.

/// Edges of the bins of largest extent, in mm.
const EXTENT: [f64; 4] = [2.0, 4.0, 8.0, 16.0];

/// Edges of the bins of contrast.
const CONTRAST: [f64; 4] = [1.0, 2.0, 4.0, 8.0];

/// Names of the bins of largest extent, from small to large.
pub(super) fn extent_names() -> Vec<String> {
    names(&EXTENT, " mm")
}

/// Index of the bin of an extent in mm, in [`extent_names`].
pub(super) fn extent_bin(extent: Option<f64>) -> usize {
    bin(&EXTENT, extent)
}

/// Names of the bins of contrast over structure, from faint to plain.
pub(super) fn contrast_names() -> Vec<String> {
    names(&CONTRAST, "")
}

/// Index of the bin of a contrast, in [`contrast_names`].
pub(super) fn contrast_bin(cnr: Option<f32>) -> usize {
    bin(&CONTRAST, cnr.map(f64::from))
}

fn names(edges: &[f64], unit: &str) -> Vec<String> {
    let (first, last) = (edges[0], edges[edges.len() - 1]);
    let mut names = vec![format!("below {first}{unit}")];
    names.extend(edges.windows(2).map(|pair| format!("{} to {}{unit}", pair[0], pair[1])));
    names.push(format!("{last}{unit} or more"));
    names.push("not known".to_owned());
    names
}

fn bin(edges: &[f64], value: Option<f64>) -> usize {
    match value.filter(|value| !value.is_nan()) {
        Some(value) => edges.partition_point(|&edge| edge <= value),
        None => edges.len() + 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_on_an_edge_belongs_above_it() {
        let names = extent_names();
        assert_eq!(names[extent_bin(Some(1.99))], "below 2 mm");
        assert_eq!(names[extent_bin(Some(2.0))], "2 to 4 mm");
        assert_eq!(names[extent_bin(Some(16.0))], "16 mm or more");
        assert_eq!(names[extent_bin(None)], "not known");
        assert_eq!(contrast_names()[contrast_bin(Some(0.5))], "below 1");
        assert_eq!(contrast_names()[contrast_bin(Some(f32::NAN))], "not known");
    }
}
