use crate::evaluate::{Case, Detection, Evaluation, Options, TruthFocus, score};
use crate::label::{Region, Run};
use crate::units::Millimetres;

fn dot(row: u32) -> Region {
    let run = |row| Run {
        row,
        start: 10,
        end: 14,
    };
    Region::new((row..row + 4).map(run).collect()).unwrap()
}

fn evaluation(synthetic: bool, label: &'static str) -> Evaluation {
    let mm = Millimetres::new(0.2).unwrap();
    let cases: Vec<Case> = (0..12_u8)
        .map(|index| {
            let mut case = Case::new("drawn", (400, 300), Some([mm, mm]));
            case.synthetic = synthetic;
            if index % 3 > 0 {
                case.truth.push(TruthFocus::new(dot(100), label));
                case.found
                    .push(Detection::new(dot(100), f32::from(index) / 12.0, label));
            }
            case.found
                .push(Detection::new(dot(300), 0.45 + f32::from(index) / 40.0, "rice_grain"));
            case
        })
        .collect();
    let options = Options {
        bootstrap: 50,
        ..Options::default()
    };
    Evaluation {
        inputs: None,
        scores: score(&cases, &options),
    }
}

#[test]
fn the_page_stands_alone_and_is_well_formed() {
    let page = evaluation(true, "phlebolith").to_html();
    for outside in ["http:", "https:", "<script", "@import", "url(", "src="] {
        assert!(!page.contains(outside), "{outside}");
    }
    // Every element that is opened is closed, innermost first.
    let mut open: Vec<&str> = Vec::new();
    for piece in page.split('<').skip(1) {
        let (tag, _) = piece.split_once('>').expect("a tag ends");
        let name = tag.split([' ', '/']).find(|part| !part.is_empty()).unwrap();
        if tag.starts_with('/') {
            assert_eq!(open.pop(), Some(name), "</{name}>");
        } else if !tag.ends_with('/') && !matches!(name, "!DOCTYPE" | "meta") {
            open.push(name);
        }
    }
    assert!(open.is_empty(), "{open:?}");
    assert!(!page.contains("NaN") && !page.contains("inf\""));
    assert_eq!(page.matches("<svg").count(), 7);
}

#[test]
fn figures_of_synthetic_images_are_called_so_everywhere() {
    let synthetic = evaluation(true, "phlebolith");
    let page = synthetic.to_html();
    for heading in page.split("<h2>").skip(1) {
        let heading = heading.split('<').next().unwrap();
        assert!(
            heading.contains("synthetic") || heading == "How it is judged",
            "{heading}"
        );
    }
    let table = synthetic.to_table();
    assert!(table.starts_with("12 synthetic images"));
    let titles = table.split("\n\n").skip(1).map(|part| part.lines().next().unwrap());
    for title in titles {
        assert!(title.contains("SYNTHETIC"), "{title}");
    }
    let real = evaluation(false, "phlebolith");
    assert!(!real.to_html().contains("ynthetic") && !real.to_table().to_lowercase().contains("synthetic"));
    for text in [page, table, real.to_html()] {
        assert!(!text.to_lowercase().contains("accuracy"));
    }
}

#[test]
fn a_name_from_a_file_is_text_and_nothing_else() {
    let page = evaluation(true, "<img onerror=x>").to_html();
    assert!(!page.contains("<img") && page.contains("&lt;img onerror=x&gt;"));
}

#[test]
fn the_same_scores_give_the_same_bytes() {
    let (once, again) = (evaluation(true, "phlebolith"), evaluation(true, "phlebolith"));
    assert_eq!(once.to_html(), again.to_html());
    assert_eq!(once.to_table(), again.to_table());
    let back: Evaluation = serde_json::from_str(&once.to_json()).unwrap();
    assert_eq!(back, once);
}

#[test]
fn nothing_to_judge_still_gives_a_page() {
    let nothing = Evaluation {
        inputs: None,
        scores: score(&[], &Options::default()),
    };
    assert!(nothing.to_html().contains("No foci."));
    assert!(nothing.to_table().contains("No detections."));
}
