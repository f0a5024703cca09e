use super::{Style, draw, png};
use crate::classify::Label;
use crate::radiograph::Radiograph;
use crate::report::Report;
use crate::write::example;
use image::RgbImage;
use ndarray::Array2;

fn coloured(picture: &RgbImage, rows: u32) -> usize {
    let image = picture.rows().take(rows as usize);
    image
        .flatten()
        .filter(|pixel| pixel.0[0] != pixel.0[1] || pixel.0[1] != pixel.0[2])
        .count()
}

#[test]
fn foci_keep_their_own_pixels() {
    let radiograph = example::radiograph();
    let report = example::report();
    let with = draw(&radiograph, &report, "0011", &Style::default());
    // 60 x 80 pixels are shown eight times as large.
    assert_eq!(with.width(), 640);
    assert!(coloured(&with, 480) > 300);
    for focus in &report.foci {
        for (row, column) in focus.candidate.region.pixels() {
            let pixel = with.get_pixel(8 * column as u32 + 4, 8 * row as u32 + 4);
            assert!(
                pixel.0[0] == pixel.0[1] && pixel.0[1] == pixel.0[2],
                "focus {} is painted over",
                focus.number
            );
        }
    }
}

#[test]
fn the_picture_of_an_empty_report_is_grey() {
    let empty = Report {
        foci: vec![],
        findings: vec![],
        rejected: vec![],
        ..example::report()
    };
    let picture = draw(&example::radiograph(), &empty, "0011", &Style::default());
    assert_eq!(coloured(&picture, picture.height()), 0);
    assert!(picture.height() > 480);
}

#[test]
fn rejected_candidates_are_drawn_when_asked() {
    let report = Report {
        foci: vec![],
        findings: vec![],
        ..example::report()
    };
    let style = |rejected| Style {
        rejected,
        ..Style::default()
    };
    let without = draw(&example::radiograph(), &report, "0011", &style(false));
    let with = draw(&example::radiograph(), &report, "0011", &style(true));
    let changed = with.pixels().zip(without.pixels()).filter(|(a, b)| a != b).count();
    assert!((50..6000).contains(&changed), "{changed}");
}

#[test]
fn any_shape_can_be_drawn() {
    let report = Report {
        foci: vec![],
        findings: vec![],
        rejected: vec![],
        ..example::report()
    };
    for shape in [(1, 1), (1, 4000), (4000, 1), (3, 599)] {
        let picture = draw(
            &Radiograph::new(Array2::zeros(shape)),
            &report,
            "0011",
            &Style::default(),
        );
        assert!(picture.width() >= 480);
    }
    // A focus at the very corner, larger than the rest of the image.
    let corner = Report {
        foci: vec![example::focus(
            1,
            1,
            Label::Calcification,
            0.5,
            example::disc(4.0, 4.0, 4.0, 1.0),
        )],
        ..example::report()
    };
    draw(
        &Radiograph::new(Array2::zeros((9, 9))),
        &corner,
        "0011",
        &Style::default(),
    );
}

#[test]
fn a_crowd_is_named_once() {
    let mut report = example::report();
    report.shape = (900, 900);
    report.findings.truncate(1);
    report.findings[0].label = Label::RiceGrain;
    report.foci = (0..40)
        .map(|number| {
            let at = (
                60.0 + 100.0 * f64::from(number / 8),
                60.0 + 100.0 * f64::from(number % 8),
            );
            example::focus(
                number + 1,
                1,
                Label::RiceGrain,
                0.9,
                example::disc(at.0, at.1, 4.0, 3.0),
            )
        })
        .collect();
    let crowd = draw(
        &Radiograph::new(Array2::zeros((900, 900))),
        &report,
        "0011",
        &Style::default(),
    );
    // Forty names of seventeen letters would cover far more than forty numbers and one name.
    let ink = coloured(&crowd, 900);
    assert!((5_000..25_000).contains(&ink), "{ink}");
}

#[test]
fn the_same_report_gives_the_same_bytes() {
    let bytes = || png(&example::radiograph(), &example::report(), "0011", &Style::default()).unwrap();
    let first = bytes();
    assert_eq!(first, bytes());
    let read = image::load_from_memory(&first).unwrap().into_rgb8();
    assert_eq!(
        read,
        draw(&example::radiograph(), &example::report(), "0011", &Style::default())
    );
}
