use super::*;
use crate::label::Region;

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

fn inside(region: &Region, (rows, columns): (usize, usize)) -> bool {
    let bounds = region.bounds();
    bounds.bottom as usize <= rows && bounds.right as usize <= columns
}

#[test]
fn every_kind_is_drawn_whole_inside_the_picture() {
    for kind in Kind::ALL.into_iter().chain(Kind::FURTHER) {
        let mut drawn = 0;
        for index in 0..8 {
            if drawn > 0 {
                break;
            }
            let phantom = generate(11, index, &small(kind));
            for focus in &phantom.truth.foci {
                assert_eq!(focus.kind, kind);
                assert!((0.0..=1.0).contains(&focus.over_bone));
                assert!(inside(&focus.region, phantom.radiograph.shape()));
                drawn += 1;
            }
        }
        assert!(drawn > 0, "{}", kind.name());
    }
}

#[test]
fn every_scene_of_every_split_is_drawn() {
    for split in Split::ALL {
        for scene in Scene::ALL {
            let options = Options {
                scenes: vec![scene],
                split,
                spacing_mm: 1.2,
                distractor_share: 1.0,
                ..Options::default()
            };
            let phantom = generate(4, 0, &options);
            assert_eq!(phantom.truth.scene, scene);
            assert!(split.looks().contains(&phantom.truth.look));
            let shape = phantom.radiograph.shape();
            assert!(
                phantom
                    .truth
                    .distractors
                    .iter()
                    .all(|distractor| inside(&distractor.region, shape))
            );
            let pixels = phantom.radiograph.pixels();
            let (least, most) = pixels
                .iter()
                .fold((u16::MAX, 0), |(low, high), &value| (low.min(value), high.max(value)));
            assert!(
                most - least > phantom.encoding.largest() / 4,
                "{} is flat",
                scene.name()
            );
        }
    }
}

#[test]
fn no_look_of_the_test_split_is_trained_or_chosen_on() {
    for look in Split::Test.looks() {
        assert!(!Split::Train.looks().contains(look) && !Split::Validation.looks().contains(look));
    }
    let turned = |split| {
        let options = Options {
            split,
            spacing_mm: 1.0,
            ..Options::default()
        };
        dicom_bytes(&generate(1, 0, &options), 1, 0).unwrap()
    };
    assert_ne!(turned(Split::Train), turned(Split::Validation));
}

#[test]
fn a_deposit_lets_less_through_wherever_it_lies() {
    for kind in Kind::ALL {
        let mut layers = Layers::new(300, 300, 0.4);
        layers.map_mut(Material::Soft).fill(60.0);
        let before = beam::primary(&layers);
        let mut rng = ChaCha8Rng::seed_from_u64(3);
        let texture = Texture::new(&mut rng);
        let recipe = focus::Recipe::new(0.3, 1.0, 0.4, 60.0, &texture, &mut rng);
        let deposit = focus::deposit(kind, &recipe, &mut rng);
        focus::insert(&mut layers, &deposit, (150, 150));
        let after = beam::primary(&layers);
        let (mut darker, mut brighter) = (0, 0);
        for (before, after) in before.iter().zip(&after) {
            darker += usize::from(after < before);
            brighter += usize::from(*after > before + 1e-7);
        }
        assert!(darker > 0 && brighter == 0, "{}: {darker}, {brighter}", kind.name());
    }
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
            blur_mm: 0.1,
            ..Exposure::default()
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
        spacing_mm: 1.0,
        ..Options::default()
    };
    assert!((0..5).all(|index| generate(2, index, &options).truth.foci.is_empty()));
}

#[test]
fn spacing_is_drawn_from_its_range() {
    let options = Options {
        spacing_range: Some((0.8, 1.6)),
        ..Options::default()
    };
    let spacings: Vec<f64> = (0..4)
        .map(|index| generate(9, index, &options).radiograph.spacing().unwrap().mean())
        .collect();
    assert!(spacings.iter().all(|spacing| (0.79..=1.61).contains(spacing)));
    assert!(spacings.windows(2).any(|pair| (pair[0] - pair[1]).abs() > 0.01));
}

/// A limb-like ramp with air on both sides.
fn film() -> Radiograph {
    let pixels = Array2::from_shape_fn((500, 400), |(row, column)| {
        let away = (column as f32 - 200.0).abs() / 150.0;
        (200.0 + 2400.0 * (1.0 - away * away).max(0.0) + (row * 7 + column * 13) as f32 % 17.0) as u16
    });
    Radiograph::new(pixels).with_spacing(PixelSpacing::square(
        0.4,
        SpacingPlane::Detector,
        SpacingSource::Phantom,
    ))
}

#[test]
fn deposits_are_put_into_a_film_and_nothing_else_changes() {
    let source = film();
    let options = Options {
        normal_share: 0.0,
        ..Options::default()
    };
    let mut drawn = 0;
    for index in 0..3 {
        let phantom = insert_into(&source, 21, index, &options);
        assert_eq!(phantom.truth.scene, Scene::Inserted);
        let again = insert_into(&source, 21, index, &options);
        assert_eq!(phantom.radiograph.pixels(), again.radiograph.pixels());
        let mut reach = Mask::empty(source.shape());
        for focus in &phantom.truth.foci {
            drawn += 1;
            assert!(inside(&focus.region, source.shape()));
            for (row, column) in focus.region.pixels() {
                reach.set(row, column, true);
            }
        }
        let reach = crate::morphology::dilate_mask(&reach, 30.0);
        for ((place, &before), &after) in source.pixels().indexed_iter().zip(phantom.radiograph.pixels()) {
            assert!(after >= before, "{place:?}");
            assert!(after == before || reach.get(place.0, place.1), "{place:?}");
        }
    }
    assert!(drawn > 2, "{drawn}");
}

#[test]
fn a_film_without_deposits_comes_back_as_it_was() {
    let source = film();
    let options = Options {
        normal_share: 1.0,
        ..Options::default()
    };
    let phantom = insert_into(&source, 1, 0, &options);
    assert_eq!(phantom.radiograph.pixels(), source.pixels());
    assert!(phantom.truth.foci.is_empty());
}

#[test]
fn deposits_are_as_rough_and_as_soft_as_asked() {
    // Absolute differences between neighbours over thickness, mean of many deposits.
    let unrest = |roughness, softness| -> f32 {
        let of = |seed| {
            let mut rng = ChaCha8Rng::seed_from_u64(seed);
            let texture = Texture::new(&mut rng);
            let recipe = focus::Recipe {
                roughness,
                softness,
                ..focus::Recipe::new(0.3, 1.0, 0.2, 30.0, &texture, &mut rng)
            };
            let thickness = focus::deposit(Kind::Calcification, &recipe, &mut rng).thickness;
            let pairs = thickness.windows((1, 2));
            let steps = pairs.into_iter().map(|pair| (pair[(0, 0)] - pair[(0, 1)]).abs());
            steps.sum::<f32>() / thickness.sum()
        };
        (0..20).map(of).sum()
    };
    assert!(unrest(0.1, 0.0) < 0.95 * unrest(1.0, 0.0));
    assert!(unrest(1.0, 0.8) < 0.8 * unrest(1.0, 0.0));
}
