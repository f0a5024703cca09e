//! A deposit as it was before or will be after: larger, smaller, in two pieces.

use super::super::focus::Deposit;
use super::super::place::Placed;
use crate::label::{Region, Run};
use ndarray::Array2;

/// `placed` with `factor` on its lengths, at the same place and of the same thickness.
pub(super) fn resized(placed: &Placed, factor: f32) -> Option<Placed> {
    let source = &placed.deposit;
    let (height, width) = source.thickness.dim();
    let half = |side: usize| ((side / 2) as f32 * factor).ceil() as usize + 1;
    let (rows, columns) = (2 * half(height) + 1, 2 * half(width) + 1);
    let on = mask(source);
    let back = |at: usize, middle: usize, source: usize| (at as f32 - middle as f32) / factor + (source / 2) as f32;
    let place = |row: usize, column: usize| (back(row, rows / 2, height), back(column, columns / 2, width));
    let thickness = Array2::from_shape_fn((rows, columns), |(row, column)| {
        between(&source.thickness, place(row, column))
    });
    let inside = Array2::from_shape_fn((rows, columns), |(row, column)| {
        let (row, column) = place(row, column);
        let cell = (row.round(), column.round());
        cell.0 >= 0.0
            && cell.1 >= 0.0
            && (cell.0 as usize) < height
            && (cell.1 as usize) < width
            && on[(cell.0 as usize, cell.1 as usize)]
    });
    version(placed, thickness, &inside)
}

/// `placed` in two pieces with `gap` pixels between them, parted across its long axis; `None` if a piece is too small.
pub(super) fn parted(placed: &Placed, gap: f32) -> Option<[Placed; 2]> {
    let source = &placed.deposit;
    let on = mask(source);
    let cells: Vec<(f32, f32)> = on
        .indexed_iter()
        .filter(|(_, inside)| **inside)
        .map(|((row, column), _)| (row as f32, column as f32))
        .collect();
    let count = cells.len() as f32;
    let (row, column) = cells
        .iter()
        .fold((0.0, 0.0), |sum, cell| (sum.0 + cell.0, sum.1 + cell.1));
    let (row, column) = (row / count, column / count);
    let (mut rr, mut rc, mut cc) = (0.0_f32, 0.0_f32, 0.0_f32);
    for cell in &cells {
        let (r, c) = (cell.0 - row, cell.1 - column);
        rr += r * r;
        rc += r * c;
        cc += c * c;
    }
    let (sine, cosine) = (0.5 * (2.0 * rc).atan2(rr - cc)).sin_cos();
    let along = |r: usize, c: usize| (r as f32 - row) * cosine + (c as f32 - column) * sine;
    let piece = |side: f32| {
        let keeps = |r: usize, c: usize| side * along(r, c) > 0.5 * gap;
        let thickness = Array2::from_shape_fn(
            on.dim(),
            |(r, c)| if keeps(r, c) { source.thickness[(r, c)] } else { 0.0 },
        );
        let inside = Array2::from_shape_fn(on.dim(), |(r, c)| keeps(r, c) && on[(r, c)]);
        version(placed, thickness, &inside)
    };
    let pieces = [piece(-1.0)?, piece(1.0)?];
    let least = pieces.iter().map(|piece| piece.region.area()).min()?;
    (least as f32 > 0.2 * count).then_some(pieces)
}

/// The same deposit.
pub(super) fn same(placed: &Placed) -> Option<Placed> {
    version(placed, placed.deposit.thickness.clone(), &mask(&placed.deposit))
}

fn mask(deposit: &Deposit) -> Array2<bool> {
    let mut on = Array2::from_elem(deposit.thickness.dim(), false);
    for &(row, start, end) in &deposit.runs {
        for column in start..end {
            on[(row, column)] = true;
        }
    }
    on
}

fn version(placed: &Placed, thickness: Array2<f32>, inside: &Array2<bool>) -> Option<Placed> {
    let (rows, columns) = inside.dim();
    let (mut own, mut shown) = (Vec::new(), Vec::new());
    for ((row, column), _) in inside.indexed_iter().filter(|(_, inside)| **inside) {
        own.push((row, column, column + 1));
        let at = (
            (placed.at.0 + row).checked_sub(rows / 2)?,
            (placed.at.1 + column).checked_sub(columns / 2)?,
        );
        shown.push(Run {
            row: at.0 as u32,
            start: at.1 as u32,
            end: at.1 as u32 + 1,
        });
    }
    Some(Placed {
        deposit: Deposit {
            thickness,
            runs: own,
            ..placed.deposit
        },
        at: placed.at,
        region: Region::new(shown)?,
    })
}

/// Bilinear, zero outside.
fn between(values: &Array2<f32>, (row, column): (f32, f32)) -> f32 {
    let (r, c) = (row.floor(), column.floor());
    let (down, across) = (row - r, column - c);
    let at = |r: f32, c: f32| {
        if r < 0.0 || c < 0.0 {
            return 0.0;
        }
        values.get((r as usize, c as usize)).copied().unwrap_or(0.0)
    };
    (at(r, c) * (1.0 - across) + at(r, c + 1.0) * across) * (1.0 - down)
        + (at(r + 1.0, c) * (1.0 - across) + at(r + 1.0, c + 1.0) * across) * down
}
