//! Body part, side, view and age from the header.
//!
//! Body Part Examined (0018,0015) terms and the SNOMED codes of Anatomic Region Sequence (0008,2218) are those of
//! PS3.16 CID 4031 with annex L; the code wins where the term is missing or says nothing.

use super::attributes::Attributes;
use crate::dicom::attribute::{
    ANATOMIC_REGION_SEQUENCE, BODY_PART_EXAMINED, CODE_MEANING, CODE_VALUE, IMAGE_LATERALITY, LATERALITY, PATIENT_AGE,
    VIEW_CODE_SEQUENCE, VIEW_POSITION,
};
use crate::radiograph::{BodyPart, Laterality, Place};

/// What the header says of the place.
pub(super) fn place(attributes: &Attributes) -> Place {
    let region = attributes.items(ANATOMIC_REGION_SEQUENCE).into_iter().next();
    let region_code = region.as_ref().and_then(|item| item.text(CODE_VALUE));
    let region_meaning = region.as_ref().and_then(|item| item.text(CODE_MEANING));
    let stated = attributes
        .text(BODY_PART_EXAMINED)
        .or(region_meaning)
        .and_then(|text| plain(&text));
    let of_term = stated.as_deref().map_or(BodyPart::Unknown, body_part_of_term);
    let of_code = region_code.as_deref().map_or(BodyPart::Unknown, body_part_of_code);
    let view = attributes.text(VIEW_POSITION).or_else(|| {
        let view = attributes.items(VIEW_CODE_SEQUENCE).into_iter().next()?;
        view.text(CODE_MEANING)
    });
    let side = attributes
        .code(IMAGE_LATERALITY)
        .or_else(|| attributes.code(LATERALITY));
    Place {
        body_part: match (of_term, of_code) {
            (BodyPart::Unknown, code) => code,
            // A code that names the part is more than a term that says "extremity".
            (BodyPart::Extremity, code) if code != BodyPart::Unknown => code,
            (term, _) => term,
        },
        body_part_stated: stated,
        laterality: side.as_deref().map_or(Laterality::Unknown, laterality),
        view: view.and_then(|view| plain(&view)),
        age_years: attributes.text(PATIENT_AGE).and_then(|age| age_years(&age)),
    }
}

/// Upper case letters, digits and single blanks; `None` if nothing is left.
fn plain(text: &str) -> Option<String> {
    let upper = text.to_ascii_uppercase();
    let words: Vec<_> = upper
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    (!words.is_empty()).then(|| words.join(" "))
}

/// The part that a Body Part Examined term, or a device's free text in its place, means.
fn body_part_of_term(term: &str) -> BodyPart {
    let squeezed: String = term.chars().filter(char::is_ascii_alphanumeric).collect();
    let whole = TERMS.iter().find(|(name, _)| *name == squeezed);
    // Device vendors write LKNEE, KNEE_AP, FOOT OBLIQUE: any word, or the whole, that begins or ends with a term.
    let part = || {
        let words = term.split(' ').chain([squeezed.as_str()]);
        words
            .flat_map(|word| TERMS.iter().filter(move |(name, _)| contains_term(word, name)))
            .next()
    };
    whole.or_else(part).map_or(BodyPart::Unknown, |&(_, part)| part)
}

/// Whether `word` is `term` with at most a side or a plural around it, or begins with a long enough term.
fn contains_term(word: &str, term: &str) -> bool {
    let bare = word.strip_prefix(['L', 'R']).unwrap_or(word);
    word == term || bare == term || word.strip_suffix('S') == Some(term) || (term.len() >= 5 && word.starts_with(term))
}

fn body_part_of_code(code: &str) -> BodyPart {
    CODES
        .iter()
        .find(|(known, _)| *known == code)
        .map_or(BodyPart::Unknown, |&(_, part)| part)
}

fn laterality(code: &str) -> Laterality {
    match code {
        "L" | "LEFT" => Laterality::Left,
        "R" | "RIGHT" => Laterality::Right,
        "B" | "BOTH" => Laterality::Both,
        "U" => Laterality::Unpaired,
        _ => Laterality::Unknown,
    }
}

/// Years of an Age String (PS3.5 6.2): three digits and D, W, M or Y.
fn age_years(text: &str) -> Option<f32> {
    let unit = text.chars().next_back()?;
    let (number, per_year) = match unit.to_ascii_uppercase() {
        'D' => (&text[..text.len() - 1], 365.25),
        'W' => (&text[..text.len() - 1], 52.18),
        'M' => (&text[..text.len() - 1], 12.0),
        'Y' => (&text[..text.len() - 1], 1.0),
        _ => (text, 1.0),
    };
    let number: f32 = number.trim().parse().ok()?;
    let years = number / per_year;
    // Nobody is 000Y: children below one are given in months, and devices fill zeros in.
    (years > 0.0 && years <= 130.0).then_some(years)
}

use BodyPart::{
    Abdomen, Chest, Extremity, Foot, Forearm, Hand, Head, Hip, Knee, LowerLeg, Pelvis, Shoulder, Spine, Thigh, UpperArm,
};

/// PS3.16 annex L terms without blanks, and what vendors write instead.
const TERMS: &[(&str, BodyPart)] = &[
    ("PELVIS", Pelvis),
    ("PELVIC", Pelvis),
    ("SACRUM", Pelvis),
    ("COCCYX", Pelvis),
    ("SIJOINT", Pelvis),
    ("SIJOINTS", Pelvis),
    ("BUTTOCK", Pelvis),
    ("GLUTEAL", Pelvis),
    ("ILIUM", Pelvis),
    ("BECKEN", Pelvis),
    ("BASSIN", Pelvis),
    ("HIP", Hip),
    ("HIPJOINT", Hip),
    ("ACETABULUM", Hip),
    ("THIGH", Thigh),
    ("FEMUR", Thigh),
    ("UPPERLEG", Thigh),
    ("KNEE", Knee),
    ("PATELLA", Knee),
    ("LOWERLEG", LowerLeg),
    ("LOWLEG", LowerLeg),
    ("LEG", LowerLeg),
    ("CALF", LowerLeg),
    ("TIBIA", LowerLeg),
    ("FIBULA", LowerLeg),
    ("TIBIAFIBULA", LowerLeg),
    ("TIBFIB", LowerLeg),
    ("ANKLE", Foot),
    ("FOOT", Foot),
    ("FEET", Foot),
    ("TOE", Foot),
    ("HEEL", Foot),
    ("CALCANEUS", Foot),
    ("SHOULDER", Shoulder),
    ("ACJOINT", Shoulder),
    ("SCAPULA", Shoulder),
    ("CLAVICLE", Shoulder),
    ("UPPERARM", UpperArm),
    ("HUMERUS", UpperArm),
    ("ARM", UpperArm),
    ("ELBOW", Forearm),
    ("FOREARM", Forearm),
    ("RADIUS", Forearm),
    ("ULNA", Forearm),
    ("RADIUSULNA", Forearm),
    ("WRIST", Hand),
    ("HAND", Hand),
    ("FINGER", Hand),
    ("THUMB", Hand),
    ("CARPUS", Hand),
    ("SCAPHOID", Hand),
    ("CHEST", Chest),
    ("THORAX", Chest),
    ("LUNG", Chest),
    ("RIB", Chest),
    ("RIBS", Chest),
    ("STERNUM", Chest),
    ("BREAST", Chest),
    ("ABDOMEN", Abdomen),
    ("KUB", Abdomen),
    ("ABDOMENPELVIS", Abdomen),
    ("CSPINE", Spine),
    ("TSPINE", Spine),
    ("LSPINE", Spine),
    ("SSPINE", Spine),
    ("TLSPINE", Spine),
    ("LSSPINE", Spine),
    ("CTSPINE", Spine),
    ("SPINE", Spine),
    ("WHOLESPINE", Spine),
    ("NECK", Spine),
    ("HEAD", Head),
    ("SKULL", Head),
    ("JAW", Head),
    ("MANDIBLE", Head),
    ("MAXILLA", Head),
    ("TMJ", Head),
    ("TEETH", Head),
    ("TOOTH", Head),
    ("DENTAL", Head),
    ("PANORAMIC", Head),
    ("ORBIT", Head),
    ("SINUS", Head),
    ("NOSE", Head),
    ("FACE", Head),
    ("EXTREMITY", Extremity),
    ("LOWEREXTREMITY", Extremity),
    ("LOWEREXTREMIT", Extremity),
    ("UPPEREXTREMITY", Extremity),
    ("UPPEREXTREMIT", Extremity),
];

/// SNOMED CT, and the retired SNOMED-RT codes that old files carry.
const CODES: &[(&str, BodyPart)] = &[
    ("816092008", Pelvis),
    ("12921003", Pelvis),
    ("T-D6000", Pelvis),
    ("46862004", Pelvis),
    ("24136001", Hip),
    ("29836001", Hip),
    ("T-15710", Hip),
    ("68367000", Thigh),
    ("71341001", Thigh),
    ("T-12710", Thigh),
    ("T-D9100", Thigh),
    ("72696002", Knee),
    ("64234005", Knee),
    ("T-D9200", Knee),
    ("30021000", LowerLeg),
    ("53840002", LowerLeg),
    ("12611008", LowerLeg),
    ("110536004", LowerLeg),
    ("T-D9400", LowerLeg),
    ("70258002", Foot),
    ("56459004", Foot),
    ("29707007", Foot),
    ("80144004", Foot),
    ("T-15750", Foot),
    ("T-D9700", Foot),
    ("16982005", Shoulder),
    ("85856004", Shoulder),
    ("79601000", Shoulder),
    ("51299004", Shoulder),
    ("T-D2220", Shoulder),
    ("85050009", UpperArm),
    ("40983000", UpperArm),
    ("T-12410", UpperArm),
    ("16953009", Forearm),
    ("14975008", Forearm),
    ("T-15430", Forearm),
    ("T-D8500", Forearm),
    ("74670003", Hand),
    ("85562004", Hand),
    ("7569003", Hand),
    ("76505004", Hand),
    ("T-15460", Hand),
    ("T-D8700", Hand),
    ("816094009", Chest),
    ("43799004", Chest),
    ("51185008", Chest),
    ("76752008", Chest),
    ("T-D3000", Chest),
    ("T-04000", Chest),
    ("818981001", Abdomen),
    ("113345001", Abdomen),
    ("818983003", Abdomen),
    ("T-D4000", Abdomen),
    ("122494005", Spine),
    ("122495006", Spine),
    ("122496007", Spine),
    ("421060004", Spine),
    ("45048000", Spine),
    ("T-11501", Spine),
    ("69536005", Head),
    ("89546000", Head),
    ("661005", Head),
    ("T-D1100", Head),
    ("66019005", Extremity),
    ("61685007", Extremity),
    ("53120007", Extremity),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_are_grouped() {
        let cases = [
            ("PELVIS", Pelvis),
            ("LKNEE", Knee),
            ("KNEE AP", Knee),
            ("LOWER LEG", LowerLeg),
            ("FEMUR", Thigh),
            ("TIBIA FIBULA", LowerLeg),
            ("ANKLE", Foot),
            ("SHOULDERS", Shoulder),
            ("RIBS", Chest),
            ("C SPINE", Spine),
            ("FOREARM", Forearm),
            ("UPPER ARM", UpperArm),
            ("EXTREMITY", Extremity),
            ("LEGOLAND", BodyPart::Unknown),
            ("OTHER", BodyPart::Unknown),
        ];
        for (term, part) in cases {
            assert_eq!(body_part_of_term(term), part, "{term}");
        }
    }

    #[test]
    fn a_code_says_more_than_extremity() {
        assert_eq!(body_part_of_code("72696002"), Knee);
        assert_eq!(body_part_of_code("1"), BodyPart::Unknown);
    }

    #[test]
    fn each_code_is_listed_once() {
        let mut codes: Vec<_> = CODES.iter().map(|(code, _)| code).collect();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), CODES.len());
    }

    #[test]
    fn ages_come_in_four_units() {
        assert_eq!(age_years("045Y"), Some(45.0));
        assert_eq!(age_years("018M"), Some(1.5));
        assert_eq!(age_years("45"), Some(45.0));
        for nonsense in ["", "Y", "999Y", "000Y", "-01Y", "ä"] {
            assert_eq!(age_years(nonsense), None, "{nonsense}");
        }
    }

    #[test]
    fn text_is_made_harmless() {
        assert_eq!(plain(" Left\\knee,<b>"), Some("LEFT KNEE B".to_owned()));
        assert_eq!(plain(" -- "), None);
    }

    #[test]
    fn header_attributes_meet() {
        let attributes = Attributes::of_texts(&[
            (BODY_PART_EXAMINED, "KNEE"),
            (VIEW_POSITION, "LL"),
            (PATIENT_AGE, "031Y"),
        ]);
        let place = place(&attributes);
        assert_eq!(
            (place.body_part, place.view.as_deref(), place.age_years),
            (Knee, Some("LL"), Some(31.0))
        );
    }
}
