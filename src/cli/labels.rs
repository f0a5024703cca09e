//! Known foci for `calxray train`: labels of any kind that `evaluate` reads, and the images they belong to.

use super::Failure;
use crate::classify::Label;
use crate::evaluate::{Labelled, TruthSet, Visibility};
use crate::train::TrueFocus;
use crate::write::sha256;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// An image with what is known of it.
#[derive(Debug)]
pub(super) struct LabelledImage {
    /// Where it is.
    pub(super) file: PathBuf,
    /// Frame, from 0.
    pub(super) frame: usize,
    /// What it is called in the labels.
    pub(super) name: String,
    /// Whether it is not of a patient.
    pub(super) synthetic: bool,
    /// `(rows, columns)`, where the labels state them.
    pub(super) shape: Option<(u32, u32)>,
    /// What is there.
    pub(super) foci: Vec<TrueFocus>,
}

/// Every image of the labels in `file`; images are looked for beside it and below the folders `images`.
pub(super) fn read(file: &Path, images: &Images, with_test: bool) -> Result<Vec<LabelledImage>, Failure> {
    let wrong = |error: String| Failure::could_not_start(format!("{}: {error}", file.display()));
    let text = std::fs::read_to_string(file).map_err(|error| wrong(error.to_string()))?;
    let truth = TruthSet::parse(&text).map_err(|error| wrong(error.to_string()))?;
    let held_back = truth.labelled().filter(|image| image.held_back).count();
    if held_back > 0 && !with_test {
        return Err(wrong(format!(
            "{held_back} of {} images are of a test set: a model fitted to them cannot be tested with them; \
             --with-test-images takes them all the same",
            truth.images()
        )));
    }
    let folder = file.parent().unwrap_or(Path::new(""));
    truth
        .labelled()
        .map(|image| {
            let found = images.find(folder, image.name, image.short).map_err(wrong)?;
            Ok(LabelledImage {
                file: found,
                frame: image.frame.saturating_sub(1) as usize,
                name: image.name.to_owned(),
                synthetic: image.synthetic,
                shape: image.shape,
                foci: foci(&image),
            })
        })
        .collect()
}

fn foci(image: &Labelled<'_>) -> Vec<TrueFocus> {
    let of = |focus: &crate::evaluate::TruthFocus| TrueFocus {
        region: focus.region.clone(),
        label: Label::from_name(&focus.label),
        counts: focus.visibility != Visibility::Ignore,
    };
    let vessels = image.distractors.iter().filter(|distractor| distractor.is_vessel());
    let vessels = vessels.map(|vessel| TrueFocus {
        region: vessel.region.clone(),
        label: Some(Label::VascularCalcification),
        counts: false,
    });
    image.foci.iter().map(of).chain(vessels).collect()
}

/// Files below the folders in which images are looked for.
#[derive(Debug, Default)]
pub(super) struct Images {
    files: Vec<PathBuf>,
    /// Files by the short name that a scan gives their bytes.
    by_bytes: std::cell::OnceCell<BTreeMap<String, PathBuf>>,
}

impl Images {
    /// Lists what is below `folders`.
    pub(super) fn below(folders: &[PathBuf]) -> Result<Self, Failure> {
        let mut files = Vec::new();
        for folder in folders {
            super::train::collect(folder, &mut files)?;
        }
        files.sort();
        files.dedup();
        Ok(Self {
            files,
            ..Self::default()
        })
    }

    /// The file that labels in `folder` call `name`: a path from there, the end of a path below the folders of images, or the
    /// `short` name of a scan, which may be the name itself.
    fn find(&self, folder: &Path, name: &str, short: Option<&str>) -> Result<PathBuf, String> {
        let beside = folder.join(name);
        if beside.is_file() {
            return Ok(beside);
        }
        let wanted: Vec<&str> = name
            .split(['/', '\\'])
            .filter(|part| !matches!(*part, "" | "."))
            .collect();
        let fits = |file: &&PathBuf| {
            let parts: Vec<_> = file.iter().filter_map(|part| part.to_str()).collect();
            let common = parts
                .iter()
                .rev()
                .zip(wanted.iter().rev())
                .take_while(|(a, b)| a == b)
                .count();
            // A scan shows paths from the folder it was given: the file's name and what of the path both have must agree.
            common == wanted.len().min(parts.len())
        };
        let found: Vec<&PathBuf> = self.files.iter().filter(fits).collect();
        match found[..] {
            [one] => return Ok(one.clone()),
            [first, second, ..] => {
                return Err(format!(
                    "{name} may be {} or {}: give a folder nearer to it",
                    first.display(),
                    second.display()
                ));
            }
            [] => {}
        }
        let stem = short
            .or(wanted.last().and_then(|name| name.strip_suffix(".png")))
            .unwrap_or("");
        if stem.len() >= 16 && stem.is_ascii() {
            let by_bytes = self.by_bytes.get_or_init(|| {
                let digest = |file: &PathBuf| Some((sha256(&std::fs::read(file).ok()?)[..16].to_owned(), file.clone()));
                self.files.iter().filter_map(digest).collect()
            });
            if let Some(file) = by_bytes.get(&stem[..16]) {
                return Ok(file.clone());
            }
        }
        Err(match name.contains("!/") {
            true => format!("{name} is in an archive: unpack it and give the folder with --images"),
            false => format!("there is no image {name}; give the folder it is in with --images"),
        })
    }
}

/// Parts of cross-validation: all images of a patient are in the same one.
#[derive(Debug, Default)]
pub(super) struct Folds {
    groups: BTreeMap<String, usize>,
}

impl Folds {
    /// The fold of the next image, by its patient where the file states one.
    pub(super) fn of(&mut self, patient: Option<String>, file: &Path) -> usize {
        let next = self.groups.len();
        let key = patient.unwrap_or_else(|| format!("file {}", file.display()));
        *self.groups.entry(key).or_insert(next)
    }

    /// Number of patients, or of files that state none.
    pub(super) fn groups(&self) -> usize {
        self.groups.len()
    }
}

#[cfg(test)]
mod tests {
    use super::{Folds, Images};
    use crate::write::sha256;
    use std::path::Path;

    #[test]
    fn images_are_found_by_path_or_by_bytes() {
        let place = tempfile::tempdir().unwrap();
        for (name, bytes) in [
            ("beside.dcm", "1"),
            ("in/a/1.dcm", "2"),
            ("in/b/1.dcm", "3"),
            ("in/b/2.dcm", "4"),
        ] {
            let path = place.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, bytes).unwrap();
        }
        let images = Images::below(&[place.path().join("in")]).unwrap();
        let find = |name: &str| images.find(place.path(), name, None);
        assert!(find("beside.dcm").unwrap().ends_with("beside.dcm"));
        assert!(find("b/1.dcm").unwrap().ends_with("in/b/1.dcm"));
        assert!(find("2.dcm").unwrap().ends_with("in/b/2.dcm"));
        assert!(find("1.dcm").unwrap_err().contains("may be"));
        assert!(find("c/2.dcm").unwrap_err().contains("--images"));
        let short = format!("{}.png", &sha256(b"3")[..16]);
        assert!(find(&short).unwrap().ends_with("in/b/1.dcm"));
        let elsewhere = images.find(place.path(), "elsewhere/x.dcm", Some(&sha256(b"4")[..16]));
        assert!(elsewhere.unwrap().ends_with("in/b/2.dcm"));
        assert!(find("set.zip!/9.dcm").unwrap_err().contains("archive"));
    }

    #[test]
    fn a_patient_is_in_one_fold() {
        let mut folds = Folds::default();
        let given = [Some("a"), Some("b"), None, Some("a"), None].map(|own| own.map(str::to_owned));
        let files = ["1", "2", "3", "4", "3"].map(Path::new);
        let told: Vec<usize> = given
            .into_iter()
            .zip(files)
            .map(|(patient, file)| folds.of(patient, file))
            .collect();
        assert_eq!(told, [0, 1, 2, 0, 2]);
        assert_eq!(folds.groups(), 3);
    }
}
