//! Formats of labelling tools: every one says of foci what `foci.csv` says.

use super::scan;
use crate::support::{assert_same_tree, column, draw, small_archive};
use calxray::classify::Label;
use calxray::label::Region;
use calxray::write::Rle;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// A focus as any format tells it.
#[derive(Debug, Default)]
struct Focus {
    label: String,
    score: f64,
    /// Top, left, bottom, right.
    edges: [f64; 4],
    area: f64,
}

/// Foci by image.
type Foci = BTreeMap<String, Vec<Focus>>;

fn from_csv(out: &Path) -> Foci {
    let columns = [
        "image",
        "label",
        "score",
        "box_top",
        "box_left",
        "box_bottom",
        "box_right",
        "area_px",
    ];
    let columns = columns.map(|name| column(&out.join("foci.csv"), name));
    let mut foci = Foci::new();
    for (row, image) in columns[0].iter().enumerate() {
        let number = |column: usize| columns[column][row].parse::<f64>().unwrap();
        foci.entry(image.clone()).or_default().push(Focus {
            label: columns[1][row].clone(),
            score: number(2),
            edges: [number(3), number(4), number(5), number(6)],
            area: number(7),
        });
    }
    foci
}

fn from_polygon(points: &[[f64; 2]], label: &str, score: f64) -> Focus {
    let next = points.iter().cycle().skip(1);
    let area: f64 = points.iter().zip(next).map(|(a, b)| a[0] * b[1] - b[0] * a[1]).sum();
    let [xs, ys] = [0, 1].map(|axis| points.iter().map(|point| point[axis]).collect::<Vec<_>>());
    let least = |numbers: &[f64]| numbers.iter().copied().fold(f64::INFINITY, f64::min);
    let most = |numbers: &[f64]| numbers.iter().copied().fold(0.0, f64::max);
    Focus {
        label: label.to_owned(),
        score,
        edges: [least(&ys), least(&xs), most(&ys), most(&xs)],
        area: area / 2.0,
    }
}

fn from_label_studio(out: &Path) -> Foci {
    let text = fs::read_to_string(out.join("label_studio.json")).unwrap();
    let tasks: Vec<serde_json::Value> = serde_json::from_str(&text).unwrap();
    let mut foci = Foci::new();
    for task in tasks {
        let image = task["data"]["calxray_image"].as_str().unwrap();
        assert!(
            task["data"]["image"]
                .as_str()
                .unwrap()
                .ends_with(&format!("images/{image}.png"))
        );
        for region in task["predictions"][0]["result"].as_array().unwrap() {
            let sides = ["original_width", "original_height"].map(|side| region[side].as_f64().unwrap() / 100.0);
            let points = region["value"]["points"].as_array().unwrap().iter();
            let points: Vec<[f64; 2]> = points
                .map(|point| [0, 1].map(|axis| point[axis].as_f64().unwrap() * sides[axis]))
                .collect();
            let label = region["value"]["polygonlabels"][0].as_str().unwrap();
            let focus = from_polygon(&points, label, region["score"].as_f64().unwrap());
            foci.entry(image.to_owned()).or_default().push(focus);
        }
    }
    foci
}

/// What stands in `text` between `before` and `after`.
fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    let rest = &text[text.find(before).unwrap() + before.len()..];
    &rest[..rest.find(after).unwrap()]
}

fn from_cvat(out: &Path) -> Foci {
    let text = fs::read_to_string(out.join("cvat.xml")).unwrap();
    assert_eq!(text.matches("<image ").count(), text.matches("</image>").count());
    let mut foci = Foci::new();
    for image in text.split("<image ").skip(1) {
        let name = between(image, "name=\"", ".png\"");
        for polygon in image.split("<polygon ").skip(1) {
            let points: Vec<[f64; 2]> = between(polygon, "points=\"", "\"")
                .split(';')
                .map(|point| {
                    let (x, y) = point.split_once(',').unwrap();
                    [x, y].map(|number| number.parse().unwrap())
                })
                .collect();
            let score = between(polygon, "name=\"score\">", "<").parse().unwrap();
            let focus = from_polygon(&points, between(polygon, "label=\"", "\""), score);
            foci.entry(name.to_owned()).or_default().push(focus);
        }
    }
    foci
}

fn from_yolo(out: &Path, folder: &str) -> Foci {
    let mut foci = Foci::new();
    let of = |side: &str, image: &str| {
        let images = column(&out.join("images.csv"), "image");
        let row = images.iter().position(|own| own == image).unwrap();
        column(&out.join("images.csv"), side)[row].parse::<f64>().unwrap()
    };
    for entry in fs::read_dir(out.join(folder).join("predictions")).unwrap() {
        let path = entry.unwrap().path();
        let image = path.file_stem().unwrap().to_str().unwrap().to_owned();
        assert!(out.join(folder).join("images").join(format!("{image}.png")).exists());
        let labels = fs::read_to_string(out.join(folder).join("labels").join(format!("{image}.txt"))).unwrap();
        let text = fs::read_to_string(&path).unwrap();
        let sides = [of("columns", &image), of("rows", &image)];
        for (line, label) in text.lines().zip(labels.lines()) {
            let numbers: Vec<f64> = line.split(' ').map(|number| number.parse().unwrap()).collect();
            let (score, numbers) = numbers.split_last().unwrap();
            assert_eq!(label, line.rsplit_once(' ').unwrap().0);
            let name = Label::ALL[numbers[0] as usize].name();
            let pairs: Vec<[f64; 2]> = numbers[1..]
                .chunks(2)
                .map(|pair| [pair[0] * sides[0], pair[1] * sides[1]])
                .collect();
            let focus = if folder == "yolo" {
                let [[x, y], [width, height]] = pairs[..] else {
                    panic!("a box")
                };
                Focus {
                    label: name.to_owned(),
                    score: *score,
                    edges: [y - height / 2.0, x - width / 2.0, y + height / 2.0, x + width / 2.0],
                    area: f64::NAN,
                }
            } else {
                from_polygon(&pairs, name, *score)
            };
            foci.entry(image.clone()).or_default().push(focus);
        }
    }
    foci
}

fn from_masks(out: &Path) -> Foci {
    let mut foci = Foci::new();
    for entry in fs::read_dir(out.join("masks/foci")).unwrap() {
        let path = entry.unwrap().path();
        let labels = out.join("masks/labels").join(path.file_name().unwrap());
        let [numbers, labels] = [&path, &labels].map(|path| image::open(path).unwrap());
        assert_eq!(numbers.color(), image::ColorType::L16);
        let [numbers, labels] = [numbers, labels].map(|picture| picture.to_luma16());
        let mut own: BTreeMap<u16, Focus> = BTreeMap::new();
        for (x, y, number) in numbers.enumerate_pixels().filter(|(_, _, number)| number.0[0] > 0) {
            let (row, column) = (f64::from(y), f64::from(x));
            let focus = own.entry(number.0[0]).or_insert_with(|| Focus {
                label: Label::ALL[usize::from(labels.get_pixel(x, y).0[0]) - 1]
                    .name()
                    .to_owned(),
                score: f64::NAN,
                edges: [row, column, 0.0, 0.0],
                area: 0.0,
            });
            let [top, left, bottom, right] = focus.edges;
            focus.edges = [
                top.min(row),
                left.min(column),
                bottom.max(row + 1.0),
                right.max(column + 1.0),
            ];
            focus.area += 1.0;
        }
        if !own.is_empty() {
            let image = path.file_stem().unwrap().to_str().unwrap();
            foci.insert(image.to_owned(), own.into_values().collect());
        }
    }
    foci
}

/// Images with foci that share pixels.
fn overlapping(out: &Path) -> Vec<String> {
    let text = fs::read_to_string(out.join("coco.json")).unwrap();
    let coco: serde_json::Value = serde_json::from_str(&text).unwrap();
    let mut masks: BTreeMap<u64, Vec<Region>> = BTreeMap::new();
    for annotation in coco["annotations"].as_array().unwrap() {
        let mask: Rle = serde_json::from_value(annotation["segmentation"].clone()).unwrap();
        let own = masks.entry(annotation["image_id"].as_u64().unwrap()).or_default();
        own.push(mask.decode().unwrap());
    }
    let images = coco["images"].as_array().unwrap().iter();
    let share =
        |masks: &Vec<Region>| (1..masks.len()).any(|at| masks[..at].iter().any(|one| one.overlap(&masks[at]) > 0));
    images
        .filter(|image| masks.get(&image["id"].as_u64().unwrap()).is_some_and(share))
        .map(|image| image["image"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn every_format_says_the_same() {
    let place = tempfile::tempdir().unwrap();
    let [archive, out] = ["archive", "out"].map(|name| place.path().join(name));
    draw(&archive, 3);
    let list = "csv,coco,label-studio,cvat,yolo,yolo-segment,masks";
    scan(&archive, &out, &["--format", list, "--min-score", "0.1"]).expect(0);
    let expected = from_csv(&out);
    assert!(expected.values().flatten().count() >= 5);
    let told = [
        ("label-studio", from_label_studio(&out)),
        ("cvat", from_cvat(&out)),
        ("yolo", from_yolo(&out, "yolo")),
        ("yolo-segment", from_yolo(&out, "yolo-segment")),
        ("masks", from_masks(&out)),
    ];
    let close = |a: f64, b: f64| b.is_nan() || (a - b).abs() < 0.01;
    let overlapping = overlapping(&out);
    for (format, told) in told {
        assert!(told.keys().eq(expected.keys()), "{format}");
        for (image, foci) in &expected {
            // One picture cannot hold both whole.
            if format == "masks" && overlapping.contains(image) {
                continue;
            }
            assert_eq!(told[image].len(), foci.len(), "{format}");
            for (focus, told) in foci.iter().zip(&told[image]) {
                let same = told.label == focus.label
                    && (told.score.is_nan() || told.score == focus.score)
                    && focus.edges.iter().zip(&told.edges).all(|(a, b)| close(*a, *b))
                    && close(focus.area, told.area);
                assert!(same, "{format}: {told:?} instead of {focus:?}");
            }
        }
    }
    let lists = ["train.txt", "val.txt"].map(|name| fs::read_to_string(out.join("yolo").join(name)).unwrap());
    let images: Vec<&str> = lists.iter().flat_map(|list| list.lines()).collect();
    assert_eq!(images.len(), 3);
    for image in images {
        assert!(out.join("yolo").join(image).exists(), "{image}");
    }
}

#[test]
fn tools_that_read_no_dicom_get_every_grey_level() {
    let archive = small_archive();
    let place = tempfile::tempdir().unwrap();
    let out = place.path().join("out");
    scan(archive.path(), &out, &["--format", "csv,cvat"]).expect(0);
    let (paths, images) = (
        column(&out.join("images.csv"), "path"),
        column(&out.join("images.csv"), "image"),
    );
    let mut compared = 0;
    for (path, image) in paths.iter().zip(&images).filter(|(path, _)| !path.ends_with(".txt")) {
        let original = image::load_from_memory(&fs::read(archive.path().join(path)).unwrap())
            .unwrap()
            .to_luma16();
        let rendered = image::open(out.join("images").join(format!("{image}.png")))
            .unwrap()
            .to_luma16();
        let least = *original.iter().min().unwrap();
        let step = rendered.iter().filter(|grey| **grey > 0).min().unwrap();
        let range = original.iter().max().unwrap() - least;
        let step = *[65_535 / range].iter().find(|own| step % **own == 0).unwrap();
        assert!(
            original
                .iter()
                .zip(rendered.iter())
                .all(|(pixel, grey)| (pixel - least) * step == *grey)
        );
        compared += 1;
    }
    assert_eq!(compared, 6);
}

#[test]
fn folders_come_and_go_with_their_format() {
    let archive = small_archive();
    let place = tempfile::tempdir().unwrap();
    let out = place.path().join("out");
    for list in [
        "csv",
        "cvat,masks",
        "label-studio,yolo",
        "yolo-segment,cvat,parquet",
        "jsonl",
    ] {
        scan(archive.path(), &out, &["--format", list]).expect(0);
        let direct = place.path().join(list);
        scan(archive.path(), &direct, &["--format", list, "--jobs", "1"]).expect(0);
        assert_same_tree(&out, &direct);
    }
    assert!(!out.join("images").exists() && !out.join("yolo").exists() && !out.join("masks").exists());
}
