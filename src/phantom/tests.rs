use super::*;

fn small(kind: Kind) -> Options {
    Options {
        kinds: vec![kind],
        normal_share: 0.0,
        spacing_mm: 0.5,
        ..Options::default()
    }
}

#[test]
fn same_seed_same_bytes_and_another_index_another_picture() {
    let options = small(Kind::Phlebolith);
    let bytes = |index| dicom_bytes(&generate(7, index, &options), 7, index).unwrap();
    assert_eq!(bytes(3), bytes(3));
    assert_ne!(bytes(3), bytes(4));
}

#[test]
fn every_kind_is_drawn_whole_inside_the_picture() {
    for kind in Kind::ALL {
        let mut drawn = 0;
        for index in 0..6 {
            let phantom = generate(11, index, &small(kind));
            let (rows, columns) = phantom.radiograph.shape();
            for focus in &phantom.truth.foci {
                assert_eq!(focus.kind, kind);
                assert!((0.0..=1.0).contains(&focus.over_bone));
                let bounds = focus.region.bounds();
                assert!(bounds.bottom as usize <= rows && bounds.right as usize <= columns);
                drawn += 1;
            }
        }
        assert!(drawn > 0, "{}", kind.name());
    }
}

#[test]
fn mineral_is_opaque() {
    // Obvious deposits, so that structure around them cannot hide the sign.
    let options = Options {
        density: (1.0, 1.0),
        ..small(Kind::TumoralCalcinosis)
    };
    let foci: Vec<TruthFocus> = (0..6)
        .flat_map(|index| generate(5, index, &options).truth.foci)
        .collect();
    assert!(
        foci.iter().all(|focus| focus.cnr > 0.0),
        "{:?}",
        foci.iter().map(|focus| focus.cnr).collect::<Vec<_>>()
    );
}

#[test]
fn noise_falls_as_dose_rises() {
    let layers = Layers::new(60, 60, 0.2);
    let clean = beam::primary(&layers);
    assert!(
        clean.iter().all(|value| (value - 1.0).abs() < 1e-5),
        "nothing in the beam lets all of it through"
    );
    let spread = |photons: f32| {
        let exposure = Exposure {
            photons,
            scatter: 0.0,
            blur_mm: 0.1,
        };
        let noisy = beam::noisy(&clean, &exposure, &mut ChaCha8Rng::seed_from_u64(1));
        noisy.iter().map(|value| (value - 1.0).powi(2)).sum::<f32>().sqrt() / 60.0
    };
    let ratio = spread(1000.0) / spread(16_000.0);
    assert!((ratio - 4.0).abs() < 0.4, "{ratio}");
}

#[test]
fn normal_pictures_hold_no_deposit() {
    let options = Options {
        normal_share: 1.0,
        spacing_mm: 0.6,
        ..Options::default()
    };
    assert!((0..5).all(|index| generate(2, index, &options).truth.foci.is_empty()));
}
