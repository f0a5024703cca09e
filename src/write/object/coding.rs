//! Labels, places and sides as coded concepts.
//!
//! A label is coded in this project's own scheme, for no standard code says "pattern consistent with"; a code for the form,
//! which PS3.16 lists, stands beside it where there is one. No disease is ever coded. `docs/dicom.md` lists the scheme.

use crate::classify::Label;
use crate::dicom::Code;
use crate::dicom::code::OWN_SCHEME;
use crate::radiograph::{BodyPart, Laterality};
use std::borrow::Cow;

/// Longest Code Value (0008,0100).
const LONGEST: usize = 16;

/// The code of a label: its name in capitals, or a shorter one where that is too long.
pub(in crate::write) fn label_code(label: Label) -> Code {
    let (value, meaning) = match label {
        Label::TumoralCalcinosis => (Cow::Borrowed("TUMORAL-CALC"), None),
        Label::CalcificTendinitis => (Cow::Borrowed("CALC-TENDINITIS"), None),
        Label::InjectionGranuloma => (Cow::Borrowed("INJ-GRANULOMA"), None),
        Label::Chondrocalcinosis => (Cow::Borrowed("CHONDROCALC"), None),
        Label::MetastaticCalcification => (Cow::Borrowed("METASTATIC-CALC"), None),
        Label::VascularCalcification => (Cow::Borrowed("VASCULAR-CALC"), None),
        Label::Indeterminate => (
            Cow::Borrowed("INDETERMINATE"),
            Some("Radio-opaque focus, indeterminate"),
        ),
        other => {
            let mut value = other.name().to_ascii_uppercase().replace('_', "-");
            value.truncate(LONGEST);
            (Cow::Owned(value), None)
        }
    };
    Code {
        value,
        scheme: OWN_SCHEME,
        meaning: meaning.map_or_else(
            || format!("Pattern consistent with {}", label.title()).into(),
            Cow::Borrowed,
        ),
    }
}

/// The code of the form that goes with a label (PS3.16 CID 6010, 3802); `None` where PS3.16 lists none that fits.
pub(in crate::write) fn morphology_code(label: Label) -> Option<Code> {
    match label {
        Label::RiceGrain
        | Label::TumoralCalcinosis
        | Label::CalcificTendinitis
        | Label::InjectionGranuloma
        | Label::CalcinosisCutis
        | Label::FascialSheet
        | Label::Chondrocalcinosis
        | Label::MetastaticCalcification
        | Label::VascularCalcification => Some(Code::sct("18115005", "Pathologic calcification")),
        Label::Phlebolith => Some(Code::sct("129756007", "Round shaped calcification")),
        Label::Calcification => Some(Code::sct("129760005", "Amorphous calcification")),
        _ => None,
    }
}

/// The code of a side (CID 244).
pub(in crate::write) fn laterality_code(laterality: Laterality) -> Option<Code> {
    match laterality {
        Laterality::Left => Some(Code::sct("7771000", "Left")),
        Laterality::Right => Some(Code::sct("24028007", "Right")),
        Laterality::Both => Some(Code::sct("51440002", "Bilateral")),
        Laterality::Unpaired | Laterality::Unknown => None,
    }
}

/// Terms of Body Part Examined (PS3.16 annex L) that say more than a [`BodyPart`].
const TERMS: &[(&str, &str, &str)] = &[
    ("ABDOMENPELVIS", "818982008", "Abdomen and Pelvis"),
    ("ACJOINT", "85856004", "Acromioclavicular joint"),
    ("ANKLE", "70258002", "Ankle joint"),
    ("BUTTOCK", "46862004", "Buttock"),
    ("CALCANEUS", "80144004", "Calcaneus"),
    ("CALF", "53840002", "Calf of leg"),
    ("CLAVICLE", "51299004", "Clavicle"),
    ("CSPINE", "122494005", "Cervical spine"),
    ("ELBOW", "16953009", "Elbow joint"),
    ("FEMUR", "71341001", "Femur"),
    ("FINGER", "7569003", "Finger"),
    ("HUMERUS", "85050009", "Humerus"),
    ("LSPINE", "122496007", "Lumbar spine"),
    ("NECK", "45048000", "Neck"),
    ("PATELLA", "64234005", "Patella"),
    ("SCAPULA", "79601000", "Scapula"),
    ("SIJOINT", "39723000", "Sacroiliac joint"),
    ("SSPINE", "54735007", "Sacrum"),
    ("THUMB", "76505004", "Thumb"),
    ("TIBIA", "12611008", "Tibia"),
    ("TIBIAFIBULA", "110536004", "Tibia and fibula"),
    ("TOE", "29707007", "Toe"),
    ("TSPINE", "122495006", "Thoracic spine"),
    ("WRIST", "74670003", "Wrist joint"),
];

/// The code of a place (CID 4031): of the term that the header states, else of the part the rules used.
pub(in crate::write) fn site_code(stated: Option<&str>, part: BodyPart) -> Option<Code> {
    let squeezed: String = stated.unwrap_or_default().split(' ').collect();
    let (value, meaning) = match TERMS.iter().find(|(term, ..)| *term == squeezed) {
        Some((_, value, meaning)) => (*value, *meaning),
        None => match part {
            BodyPart::Pelvis => ("816092008", "Pelvis"),
            BodyPart::Hip => ("24136001", "Hip joint"),
            BodyPart::Thigh => ("68367000", "Thigh"),
            BodyPart::Knee => ("72696002", "Knee"),
            BodyPart::LowerLeg => ("30021000", "Lower leg"),
            BodyPart::Foot => ("56459004", "Foot"),
            BodyPart::Shoulder => ("16982005", "Shoulder"),
            BodyPart::UpperArm => ("40983000", "Upper arm"),
            BodyPart::Forearm => ("14975008", "Forearm"),
            BodyPart::Hand => ("85562004", "Hand"),
            BodyPart::Chest => ("816094009", "Chest"),
            BodyPart::Abdomen => ("818981001", "Abdomen"),
            BodyPart::Spine => ("421060004", "Spine"),
            BodyPart::Head => ("69536005", "Head"),
            BodyPart::Extremity => ("66019005", "Extremity"),
            _ => return None,
        },
    };
    Some(Code::sct(value, meaning))
}

#[cfg(test)]
mod tests {
    use super::{LONGEST, TERMS, label_code, site_code};
    use crate::classify::Label;
    use crate::radiograph::BodyPart;

    #[test]
    fn every_label_has_a_code_of_its_own() {
        for label in Label::ALL {
            let code = label_code(label);
            assert!(code.value.len() <= LONGEST && code.meaning.len() <= 64, "{code:?}");
            let same = Label::ALL
                .into_iter()
                .filter(|other| label_code(*other).value == code.value);
            assert_eq!(same.count(), 1, "{code:?}");
        }
        assert_eq!(label_code(Label::RiceGrain).value, "RICE-GRAIN");
    }

    #[test]
    fn the_stated_term_says_more_than_the_group() {
        assert!(TERMS.is_sorted_by_key(|(term, ..)| *term));
        let value = |stated, part| site_code(stated, part).map(|code| code.value.into_owned());
        assert_eq!(value(Some("ANKLE"), BodyPart::Foot).as_deref(), Some("70258002"));
        assert_eq!(value(Some("L KNEE"), BodyPart::Knee).as_deref(), Some("72696002"));
        assert_eq!(value(Some("SOMETHING"), BodyPart::Unknown), None);
    }
}
