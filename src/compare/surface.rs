//! A smooth surface over a window.

/// Terms of a surface of the third degree: towards the skin the ground falls ever more steeply.
pub(super) const SURFACE: usize = 10;

/// The terms at a place of a window of the given shape.
pub(super) fn terms((rows, columns): (usize, usize), (row, column): (usize, usize)) -> [f64; SURFACE] {
    let reach = 0.5 * rows.max(columns) as f64;
    let (y, x) = (
        (row as f64 - 0.5 * rows as f64) / reach,
        (column as f64 - 0.5 * columns as f64) / reach,
    );
    [
        1.0,
        y,
        x,
        y * y,
        y * x,
        x * x,
        y * y * y,
        y * y * x,
        y * x * x,
        x * x * x,
    ]
}
