//! Killed at any moment and begun again: same files as an undisturbed run.

use super::output::{begun, long_archive};
use super::scan;
use crate::support::{assert_same_tree, column, small_archive, tree, write_png};
use std::fs;
use std::time::Instant;

#[test]
fn killed_at_any_moment_and_begun_again_gives_the_same_files() {
    let archive = long_archive(40);
    let place = tempfile::tempdir().unwrap();
    let undisturbed = place.path().join("undisturbed");
    scan(archive.path(), &undisturbed, &[]).expect(0);
    let whole = fs::metadata(undisturbed.join("journal")).unwrap().len();
    let out = place.path().join("out");
    let mut resumed = 0;
    for part in 1..=5 {
        let mut child = begun(archive.path(), &out, whole * part / 6);
        let _ = child.kill();
        child.wait().unwrap();
    }
    let last = scan(archive.path(), &out, &[]).expect(0).stdout;
    if let Some(line) = last.lines().find(|line| line.contains("taken over")) {
        resumed = line.split(' ').next().unwrap().parse().unwrap();
    }
    assert!(resumed >= 20, "{last}");
    assert_same_tree(&undisturbed, &out);
}

#[test]
fn a_journal_torn_in_the_middle_of_a_line_is_mended() {
    let archive = small_archive();
    let place = tempfile::tempdir().unwrap();
    let [undisturbed, out] = ["undisturbed", "out"].map(|name| place.path().join(name));
    scan(archive.path(), &undisturbed, &[]).expect(0);
    scan(archive.path(), &out, &[]).expect(0);
    let journal = fs::read(out.join("journal")).unwrap();
    for cut in (200..journal.len()).step_by(journal.len() / 9) {
        fs::write(out.join("journal"), &journal[..cut]).unwrap();
        fs::write(out.join(".foci.csv.1-1.partial"), "half").unwrap();
        fs::remove_file(out.join("coco.json")).unwrap();
        scan(archive.path(), &out, &[]).expect(0);
        assert_same_tree(&undisturbed, &out);
    }
}

#[test]
fn a_finished_run_returns_at_once_without_reading() {
    let archive = tempfile::tempdir().unwrap();
    write_png(&archive.path().join("0.png"), 0, 64, 64);
    let one = fs::read(archive.path().join("0.png")).unwrap();
    for number in 1..1000 {
        fs::write(archive.path().join(format!("{number}.png")), &one).unwrap();
    }
    let place = tempfile::tempdir().unwrap();
    let out = place.path().join("out");
    scan(archive.path(), &out, &["--progress", "none"]).expect(0);
    let before = tree(&out);
    // What else runs on the machine makes any single run slow, not all of them.
    let took = (0..5).map(|_| {
        let begun = Instant::now();
        let again = scan(archive.path(), &out, &[]).expect(0);
        assert!(again.stdout.contains("1000 inputs taken over"), "{}", again.stdout);
        begun.elapsed()
    });
    let quickest = took.min().unwrap();
    assert!(quickest.as_millis() < 1000, "took {quickest:?}");
    assert_eq!(tree(&out), before);
}

#[test]
fn only_what_changed_is_done_again() {
    let archive = small_archive();
    let place = tempfile::tempdir().unwrap();
    let out = place.path().join("out");
    scan(archive.path(), &out, &[]).expect(0);
    // Moved, changed, new and gone.
    fs::rename(archive.path().join("a.png"), archive.path().join("moved.png")).unwrap();
    write_png(&archive.path().join("z"), 77, 96, 80);
    write_png(&archive.path().join("new.png"), 78, 96, 80);
    fs::remove_file(archive.path().join("b/2")).unwrap();
    let again = scan(archive.path(), &out, &[]).expect(0);
    assert!(again.stdout.contains("4 inputs taken over"), "{}", again.stdout);
    let direct = place.path().join("direct");
    scan(archive.path(), &direct, &[]).expect(0);
    assert_same_tree(&direct, &out);
    assert!(column(&out.join("images.csv"), "path").contains(&"moved.png".to_owned()));
}

#[test]
fn equal_names_sizes_and_times_do_not_make_equal_files() {
    let place = tempfile::tempdir().unwrap();
    let time = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000_000);
    for (folder, seed) in [("one", 1), ("two", 2)] {
        let path = place.path().join(folder).join("IM0001");
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        // Uncompressed: equal sizes whatever the content.
        let tiff = crate::support::image(seed, 64, 64);
        tiff.save_with_format(&path, image::ImageFormat::Tiff).unwrap();
        fs::File::options()
            .write(true)
            .open(&path)
            .unwrap()
            .set_modified(time)
            .unwrap();
    }
    let out = place.path().join("out");
    scan(&place.path().join("one"), &out, &["--format", "csv"]).expect(0);
    let first = column(&out.join("images.csv"), "image");
    scan(&place.path().join("two"), &out, &["--format", "csv"]).expect(0);
    assert_ne!(first, column(&out.join("images.csv"), "image"));
}
