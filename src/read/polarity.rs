//! Which end of the stored values is radio-opaque. One test per row.
//!
//! Every viewer shows bone white by the Photometric Interpretation of the _modality_ value (PS3.3 C.7.6.3.1.2), so
//! that decides: MONOCHROME2 means larger is whiter, MONOCHROME1 means smaller is whiter, and a negative Rescale
//! Slope turns the stored value round once more. The other two statements are checked against it:
//!
//! - Presentation LUT Shape must be IDENTITY with MONOCHROME2 and INVERSE with MONOCHROME1 (PS3.3 C.8.11.3.1.2);
//!   it says the same thing again and is not a second inversion. Some writers contradict themselves (Fuji DX).
//! - Pixel Intensity Relationship Sign (PS3.3 C.8.11.3.1.2): -1 where larger _stored_ values mean less X-ray
//!   intensity, that is more radio-opaque, 1 where they mean more.
//!
//! | Photometric | Shape | slope | stored turned | warning |
//! |---|---|---|---|---|
//! | MONOCHROME2, colour | none, IDENTITY | + | no | |
//! | MONOCHROME2 | none, IDENTITY | - | yes | |
//! | MONOCHROME1 | none, INVERSE | + | yes | |
//! | MONOCHROME1 | none, INVERSE | - | no | |
//! | MONOCHROME2 | INVERSE | + | no | polarity_conflict |
//! | MONOCHROME1 | IDENTITY | + | yes | polarity_conflict |
//! | any | any | either, and a VOI LUT Sequence that falls | the other way | voi_lut_falling |
//! | absent | IDENTITY, INVERSE | any | as MONOCHROME2, MONOCHROME1 | photometric_missing |
//! | absent | none | any | by the sign | photometric_missing |
//! | absent | none | any, no sign | refused | |
//! | any | any | any | sign agrees | |
//! | any | any | any | sign disagrees: unchanged | polarity_conflict |

use crate::radiograph::Warning;

/// What the header says that bears on polarity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Stated {
    /// Photometric Interpretation: `Some(true)` for MONOCHROME1, `Some(false)` for any other.
    pub(super) smaller_is_white: Option<bool>,
    /// Presentation LUT Shape: `Some(true)` for INVERSE, `Some(false)` for IDENTITY.
    pub(super) inverse: Option<bool>,
    /// What Photometric Interpretation speaks of falls where the stored value rises: the modality value, or what a VOI LUT gives.
    pub(super) falling: bool,
    /// Pixel Intensity Relationship Sign: `Some(true)` for 1, `Some(false)` for -1.
    pub(super) larger_is_more_exposed: Option<bool>,
}

/// Whether stored values must be turned so that larger is more radio-opaque; `None` if nothing says so.
pub(super) fn decide(stated: Stated, warnings: &mut Vec<Warning>) -> Option<bool> {
    let mut warn = |code, message| warnings.push(Warning::new(code, message));
    let turned = match (stated.smaller_is_white, stated.inverse, stated.larger_is_more_exposed) {
        (Some(smaller_is_white), inverse, _) => {
            if inverse.is_some_and(|inverse| inverse != smaller_is_white) {
                warn(
                    "polarity_conflict",
                    "Presentation LUT Shape contradicts Photometric Interpretation; Photometric Interpretation was used",
                );
            }
            smaller_is_white != stated.falling
        }
        (None, Some(inverse), _) => {
            warn(
                "photometric_missing",
                "Photometric Interpretation is missing; polarity is from Presentation LUT Shape",
            );
            inverse != stated.falling
        }
        (None, None, Some(larger_is_more_exposed)) => {
            warn(
                "photometric_missing",
                "Photometric Interpretation is missing; polarity is from Pixel Intensity Relationship Sign",
            );
            larger_is_more_exposed
        }
        (None, None, None) => return None,
    };
    if stated
        .larger_is_more_exposed
        .is_some_and(|larger_is_more_exposed| larger_is_more_exposed != turned)
    {
        warn(
            "polarity_conflict",
            "Pixel Intensity Relationship Sign contradicts Photometric Interpretation; Photometric Interpretation was \
             used",
        );
    }
    Some(turned)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MONOCHROME1: Option<bool> = Some(true);
    const MONOCHROME2: Option<bool> = Some(false);
    const INVERSE: Option<bool> = Some(true);
    const IDENTITY: Option<bool> = Some(false);

    /// Decision and warning codes for a row of the table.
    fn row(smaller_is_white: Option<bool>, inverse: Option<bool>, slope: f64, sign: i8) -> (Option<bool>, String) {
        let stated = Stated {
            smaller_is_white,
            inverse,
            falling: slope < 0.0,
            larger_is_more_exposed: (sign != 0).then_some(sign == 1),
        };
        let mut warnings = Vec::new();
        let turned = decide(stated, &mut warnings);
        let codes: Vec<_> = warnings.into_iter().map(|warning| warning.code).collect();
        (turned, codes.join(" "))
    }

    fn quiet(turned: bool) -> (Option<bool>, String) {
        (Some(turned), String::new())
    }

    fn warned(turned: bool, code: &str) -> (Option<bool>, String) {
        (Some(turned), code.to_owned())
    }

    #[test]
    fn monochrome2_is_opaque_upwards() {
        assert_eq!(row(MONOCHROME2, None, 1.0, 0), quiet(false));
        assert_eq!(row(MONOCHROME2, IDENTITY, 1.0, 0), quiet(false));
    }

    #[test]
    fn monochrome2_with_a_negative_slope_is_turned() {
        // Agfa CR, slope -10.
        assert_eq!(row(MONOCHROME2, None, -10.0, 0), quiet(true));
        assert_eq!(row(MONOCHROME2, IDENTITY, -10.0, 1), quiet(true));
    }

    #[test]
    fn monochrome1_is_turned() {
        assert_eq!(row(MONOCHROME1, None, 1.0, 0), quiet(true));
    }

    #[test]
    fn inverse_shape_with_monochrome1_is_no_second_turn() {
        assert_eq!(row(MONOCHROME1, INVERSE, 1.0, 0), quiet(true));
    }

    #[test]
    fn monochrome1_with_a_negative_slope_turns_twice() {
        assert_eq!(row(MONOCHROME1, None, -1.0, 0), quiet(false));
        assert_eq!(row(MONOCHROME1, INVERSE, -1.0, -1), quiet(false));
    }

    #[test]
    fn inverse_shape_with_monochrome2_is_a_conflict() {
        assert_eq!(row(MONOCHROME2, INVERSE, 1.0, 0), warned(false, "polarity_conflict"));
    }

    #[test]
    fn identity_shape_with_monochrome1_is_a_conflict() {
        // Fuji DX.
        assert_eq!(row(MONOCHROME1, IDENTITY, 1.0, 0), warned(true, "polarity_conflict"));
    }

    #[test]
    fn the_shape_stands_in_for_a_missing_photometric_interpretation() {
        assert_eq!(row(None, IDENTITY, 1.0, 0), warned(false, "photometric_missing"));
        assert_eq!(row(None, INVERSE, 1.0, 0), warned(true, "photometric_missing"));
        assert_eq!(row(None, INVERSE, -1.0, 0), warned(false, "photometric_missing"));
    }

    #[test]
    fn the_sign_stands_in_where_nothing_else_is_said() {
        assert_eq!(row(None, None, 1.0, -1), warned(false, "photometric_missing"));
        assert_eq!(row(None, None, -1.0, 1), warned(true, "photometric_missing"));
    }

    #[test]
    fn without_any_statement_there_is_no_decision() {
        assert_eq!(row(None, None, 1.0, 0), (None, String::new()));
    }

    #[test]
    fn a_sign_that_agrees_is_silent() {
        assert_eq!(row(MONOCHROME2, IDENTITY, 1.0, -1), quiet(false));
        assert_eq!(row(MONOCHROME1, INVERSE, 1.0, 1), quiet(true));
    }

    #[test]
    fn a_sign_that_disagrees_changes_nothing_and_warns() {
        assert_eq!(row(MONOCHROME2, IDENTITY, 1.0, 1), warned(false, "polarity_conflict"));
        assert_eq!(row(MONOCHROME1, INVERSE, 1.0, -1), warned(true, "polarity_conflict"));
        assert_eq!(row(MONOCHROME2, None, -1.0, -1), warned(true, "polarity_conflict"));
    }
}
