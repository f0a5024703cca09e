//! One colour per label, told apart by people who see fewer colours.

use super::canvas::Rgb;
use crate::classify::Label;

/// The colour of `label` as red, green, blue.
///
/// Okabe and Ito, "Color Universal Design" (2008), without its black and dark blue, which drown in a radiograph.
pub const fn colour(label: Label) -> Rgb {
    match label {
        Label::RiceGrain => [230, 159, 0],
        Label::Phlebolith => [86, 180, 233],
        Label::TumoralCalcinosis => [255, 105, 40],
        Label::CalcificTendinitis => [20, 200, 150],
        Label::Ossification => [240, 228, 66],
        Label::Calcification => [225, 140, 190],
        Label::InjectionGranuloma => [150, 205, 110],
        Label::CalcinosisCutis => [255, 175, 140],
        Label::FascialSheet => [170, 150, 255],
        Label::Chondrocalcinosis => [0, 225, 225],
        Label::MetastaticCalcification => [200, 165, 95],
        Label::VascularCalcification => [255, 95, 140],
        Label::MineralisedMass => [255, 60, 60],
        Label::Indeterminate => [255, 255, 255],
    }
}

#[cfg(test)]
mod tests {
    use super::colour;
    use crate::classify::Label;

    #[test]
    fn no_two_labels_look_alike() {
        for (index, a) in Label::ALL.into_iter().enumerate() {
            for b in Label::ALL.into_iter().skip(index + 1) {
                let apart: i32 = colour(a)
                    .iter()
                    .zip(colour(b))
                    .map(|(&x, y)| (i32::from(x) - i32::from(y)).abs())
                    .sum();
                assert!(apart > 60, "{a:?} and {b:?} differ by {apart}");
            }
        }
    }
}
