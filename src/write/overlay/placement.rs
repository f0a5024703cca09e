//! Where a label goes: beside its focus, on no focus and on no other label.

use super::canvas::{Canvas, Rectangle, Rgb, Text};

/// Side of a cell of the plan, in picture pixels.
const CELL: i32 = 4;
/// Blank around a label's writing.
const PADDING: i32 = 3;
/// Gap between a focus and the label beside it.
const GAP: i32 = 3;
/// Distance beyond which a line leads from the label to the focus.
const LEADER: i32 = 10;

/// Which parts of the picture are taken, in cells of [`CELL`] pixels.
#[derive(Debug)]
pub struct Room {
    rows: i32,
    columns: i32,
    width: i32,
    height: i32,
    foci: Vec<bool>,
    labels: Vec<bool>,
}

impl Room {
    /// An empty picture.
    pub fn new(width: i32, height: i32) -> Self {
        let (rows, columns) = (height / CELL + 1, width / CELL + 1);
        Self {
            rows,
            columns,
            width,
            height,
            foci: vec![false; (rows * columns) as usize],
            labels: vec![false; (rows * columns) as usize],
        }
    }

    /// Notes that a focus lies in `area`.
    pub fn occupy(&mut self, area: Rectangle) {
        for cell in cells(area, self.rows, self.columns) {
            self.foci[cell] = true;
        }
    }

    /// Writes `text` as near to `focus` as there is room, on a dark plate, with a line to the focus if it is not near.
    ///
    /// In a picture without room it comes to lie on other foci rather than nowhere, but never on another label.
    pub fn place(&mut self, canvas: &mut Canvas, focus: Rectangle, text: &str, size: Text, colour: Rgb) {
        let extent = padded(size.extent(text));
        let rings = [0, 8, 20, 36, 56, 80, 110, 150, 200, 270, 360, 480, 640, 860];
        let found = rings
            .into_iter()
            .find_map(|away| self.best(focus, extent, away, true))
            .or_else(|| rings.into_iter().find_map(|away| self.best(focus, extent, away, false)));
        if let Some(plate) = found {
            self.write(canvas, focus, plate, text, size, colour);
        }
    }

    /// Writes `text` next to `focus` if there is room there, else not at all.
    pub fn place_near(&mut self, canvas: &mut Canvas, focus: Rectangle, text: &str, size: Text, colour: Rgb) {
        let extent = padded(size.extent(text));
        if let Some(plate) = [0, 8].into_iter().find_map(|away| self.best(focus, extent, away, true)) {
            self.write(canvas, focus, plate, text, size, colour);
        }
    }

    /// The first free place of size `(height, width)` around `focus` at a distance of `away`.
    fn best(&self, focus: Rectangle, (height, width): (i32, i32), away: i32, spare_foci: bool) -> Option<Rectangle> {
        let gap = GAP + away;
        let (row, column) = focus.middle();
        let (above, below) = (focus.top - gap - height, focus.bottom + gap);
        let (left, right) = (focus.left - gap - width, focus.right + gap);
        let level = row - height / 2;
        let centred = column - width / 2;
        // Beside first: reading goes on from the focus.
        let corners = [
            (level, right),
            (level, left),
            (above, centred),
            (below, centred),
            (above, right - gap),
            (below, right - gap),
            (above, left + gap),
            (below, left + gap),
            (level - away, right),
            (level + away, right),
            (level - away, left),
            (level + away, left),
            (above, right),
            (below, right),
            (above, left),
            (below, left),
        ];
        let plates = corners.into_iter().map(|(top, left)| Rectangle {
            top,
            left,
            bottom: top + height,
            right: left + width,
        });
        plates
            .into_iter()
            .find(|plate| self.inside(*plate) && self.free(*plate, spare_foci))
    }

    fn inside(&self, plate: Rectangle) -> bool {
        plate.top >= 0 && plate.left >= 0 && plate.bottom <= self.height && plate.right <= self.width
    }

    fn free(&self, plate: Rectangle, spare_foci: bool) -> bool {
        cells(plate, self.rows, self.columns).all(|cell| !(self.labels[cell] || spare_foci && self.foci[cell]))
    }

    fn write(&mut self, canvas: &mut Canvas, focus: Rectangle, plate: Rectangle, text: &str, size: Text, colour: Rgb) {
        for cell in cells(plate, self.rows, self.columns) {
            self.labels[cell] = true;
        }
        let from = plate.nearest(focus.middle());
        let to = focus.nearest(from);
        if (from.0 - to.0).abs().max((from.1 - to.1).abs()) > LEADER {
            for (down, across) in [(0, 1), (1, 0), (0, -1), (-1, 0)] {
                let beside = |(row, column): (i32, i32)| (row + down, column + across);
                canvas.line(beside(from), beside(to), [0; 3], 0.4);
            }
            canvas.line(from, to, colour, 0.9);
        }
        canvas.fill(plate, [0; 3], 0.8);
        canvas.write(plate.top + PADDING - 1, plate.left + PADDING, text, size, colour);
    }
}

fn padded((height, width): (i32, i32)) -> (i32, i32) {
    (height + 2 * PADDING - 2, width + 2 * PADDING)
}

/// Cells that `area` touches.
fn cells(area: Rectangle, rows: i32, columns: i32) -> impl Iterator<Item = usize> {
    let from = |edge: i32| edge.div_euclid(CELL).max(0);
    let to = |edge: i32, most: i32| ((edge - 1).div_euclid(CELL) + 1).clamp(0, most);
    let across = from(area.left)..to(area.right, columns);
    (from(area.top)..to(area.bottom, rows))
        .flat_map(move |row| across.clone().map(move |column| (row * columns + column) as usize))
}

#[cfg(test)]
mod tests {
    use super::Room;
    use crate::write::overlay::canvas::{Canvas, Rectangle, Text};

    fn square(top: i32, left: i32, side: i32) -> Rectangle {
        Rectangle {
            top,
            left,
            bottom: top + side,
            right: left + side,
        }
    }

    /// Whether any pixel of `area` differs from black.
    fn touched(canvas: &Canvas, area: Rectangle) -> bool {
        let blank = Canvas::plain(canvas.width(), canvas.height(), [90; 3]);
        let (now, before) = (canvas.pixels(), blank.pixels());
        (area.top..area.bottom)
            .flat_map(|row| (area.left..area.right).map(move |column| (column as u32, row as u32)))
            .any(|(column, row)| now.get_pixel(column, row) != before.get_pixel(column, row))
    }

    #[test]
    fn labels_spare_foci_and_each_other() {
        let mut canvas = Canvas::plain(400, 300, [90; 3]);
        let mut room = Room::new(400, 300);
        let foci = [
            square(100, 100, 20),
            square(100, 130, 20),
            square(130, 100, 20),
            square(130, 130, 20),
        ];
        foci.into_iter().for_each(|focus| room.occupy(focus));
        let mut taken = 0;
        for (number, focus) in foci.into_iter().enumerate() {
            room.place(
                &mut canvas,
                focus,
                &format!("{number} phlebolith 0.82"),
                Text::MEDIUM,
                [255; 3],
            );
            let now = room.labels.iter().filter(|cell| **cell).count();
            let (height, width) = super::padded(Text::MEDIUM.extent("0 phlebolith 0.82"));
            assert!(
                now - taken >= (height * width / 16) as usize,
                "a label overlaps another"
            );
            taken = now;
        }
        for focus in foci {
            assert!(!touched(&canvas, square(focus.top + 2, focus.left + 2, 16)));
        }
    }

    #[test]
    fn without_room_nothing_is_written_near() {
        let mut canvas = Canvas::plain(60, 40, [90; 3]);
        let mut room = Room::new(60, 40);
        room.occupy(square(0, 0, 60));
        room.place_near(&mut canvas, square(10, 10, 5), "12", Text::SMALL, [255; 3]);
        assert!(!touched(&canvas, square(0, 0, 40)));
    }
}
