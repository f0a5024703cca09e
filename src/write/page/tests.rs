use super::{Page, crop};
use crate::write::{Record, example};
use serde_json::Value;
use std::fs;
use std::path::Path;

fn page(records: &[Record], crops: &Path) -> String {
    for record in records.iter().filter(|record| !record.foci.is_empty()) {
        let bytes = crop::encode(record, &example::radiograph()).unwrap();
        fs::write(crops.join(format!("{}.json", record.image)), bytes).unwrap();
    }
    let mut page = Page::new(Vec::new(), crops.to_owned()).unwrap();
    for record in records {
        page.push(record).unwrap();
    }
    String::from_utf8(page.finish().unwrap()).unwrap()
}

/// The data of class `class` in the page.
fn data(page: &str, class: &str) -> Vec<Value> {
    let start = format!("<script type=\"application/json\" class=\"{class}\">");
    let texts = page.split(start.as_str()).skip(1);
    texts
        .map(|rest| serde_json::from_str(&rest[..rest.find("</script>").unwrap()]).unwrap())
        .collect()
}

#[test]
fn the_page_holds_every_record_and_needs_no_other_file() {
    let folder = tempfile::tempdir().unwrap();
    let mut records = example::records();
    records[1].path = "</script><script>alert(1)</script>.dcm".to_owned();
    let page = page(&records, folder.path());
    let images = data(&page, "image");
    assert_eq!(images.len(), records.len());
    for (image, record) in images.iter().zip(&records) {
        assert_eq!(image["path"], record.path.as_str());
        assert_eq!(image["outcome"], record.outcome.name());
        let foci = image["foci"].as_array().unwrap();
        assert_eq!(foci.len(), record.foci.len());
        for (own, focus) in foci.iter().zip(&record.foci) {
            assert_eq!(own["m"], focus.segmentation.counts.as_str());
            assert_eq!(own["s"][0].as_f64().unwrap() as f32, focus.score);
            let evidence = own["e"].as_array().unwrap();
            assert_eq!(evidence.len(), focus.evidence.len());
            let criterion = evidence[0][0].as_u64().unwrap() as usize;
            assert_eq!(image["criteria"][criterion][1], focus.evidence[0].criterion.as_str());
        }
    }
    assert_eq!(data(&page, "crops")[0].as_array().unwrap().len(), records[0].foci.len());
    assert!(!page.contains("<script>alert"));
    let policy = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:";
    assert!(page.contains(policy));
    for address in ["http://", "https://", "src=\"", "@import", "url("] {
        let page = page.replace("http://www.w3.org/2000/svg", "");
        assert!(!page.contains(address), "{address}");
    }
}

#[test]
fn crops_that_are_missing_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let mut page = Page::new(Vec::new(), folder.path().to_owned()).unwrap();
    assert!(page.push(&example::records()[0]).is_err());
}
