//! Findings in words: what is seen, what it is consistent with, what looks alike.

use super::{Finding, Pattern};
use crate::classify::Label;
use crate::radiograph::BodyPart;

/// Where a round calcification may be a ureteral stone, and where phleboliths are at home.
fn in_pelvis(body_part: BodyPart) -> bool {
    matches!(body_part, BodyPart::Pelvis | BodyPart::Hip | BodyPart::Abdomen)
}

/// What is seen of one focus and of several.
fn seen(label: Label, pattern: Pattern) -> (&'static str, &'static str) {
    match label {
        Label::RiceGrain => ("elongated calcification", "elongated calcifications"),
        Label::Phlebolith => ("round calcification", "round calcifications"),
        Label::TumoralCalcinosis if pattern == Pattern::Lobulated => {
            ("lobulated calcified mass", "parts of one lobulated calcified mass")
        }
        Label::TumoralCalcinosis => ("large calcification", "large calcifications"),
        Label::CalcificTendinitis => ("calcific deposit", "calcific deposits"),
        Label::Ossification => (
            "focus with a dense rim around a textured centre",
            "foci with a dense rim around a textured centre",
        ),
        Label::Calcification => (
            "calcification without inner order",
            "calcifications without inner order",
        ),
        Label::InjectionGranuloma => ("well-defined calcified nodule", "well-defined calcified nodules"),
        Label::CalcinosisCutis => ("dense superficial calcification", "dense superficial calcifications"),
        Label::FascialSheet => ("sheet-like calcification", "sheet-like calcifications"),
        Label::Chondrocalcinosis => (
            "thin calcification in line with a joint",
            "thin calcifications in line with a joint",
        ),
        Label::MetastaticCalcification => ("speckled calcification", "speckled calcifications"),
        Label::VascularCalcification => ("linear calcification", "linear calcifications"),
        Label::MineralisedMass => ("mineralised mass", "mineralised masses"),
        Label::Indeterminate => ("radio-opaque focus", "radio-opaque foci"),
    }
}

fn consistent_with(label: Label, many: bool, body_part: BodyPart) -> &'static str {
    match label {
        Label::RiceGrain => {
            "rice-grain calcification of muscle as described in cysticercosis; other causes are possible"
        }
        Label::Phlebolith if in_pelvis(body_part) => {
            if many {
                "phleboliths; a ureteral stone is not excluded on a radiograph"
            } else {
                "a phlebolith; a ureteral stone is not excluded on a radiograph"
            }
        }
        Label::Phlebolith if many => {
            "phlebolith-like calcification of veins; a cluster can belong to a vascular malformation, clinical correlation is needed"
        }
        Label::Phlebolith => "a phlebolith-like calcification of a vein",
        Label::TumoralCalcinosis => {
            "massive periarticular calcification (tumoral-calcinosis pattern), that of renal failure and connective-tissue disease included; a mineralised tumour is not excluded"
        }
        Label::CalcificTendinitis => "calcific tendinopathy; one view cannot tell which tendon",
        Label::Ossification => {
            "heterotopic ossification; a normal ossicle looks the same, and maturity does not follow from one radiograph"
        }
        Label::Calcification => {
            "amorphous (dystrophic) calcification, the most frequent kind, which is not a single cause"
        }
        Label::InjectionGranuloma => "calcified fat necrosis after injection (injection granuloma)",
        Label::CalcinosisCutis => {
            "calcinosis cutis as described in systemic sclerosis; dystrophic and metastatic calcification look alike"
        }
        Label::FascialSheet => "calcification along fascia as described in dermatomyositis; other causes are possible",
        Label::Chondrocalcinosis => "chondrocalcinosis as described in CPPD; the patient may have no complaint",
        Label::MetastaticCalcification => {
            "speckled (metastatic) calcification as in disturbed calcium and phosphate; laboratory values decide"
        }
        Label::VascularCalcification => "calcification of vessel walls",
        Label::MineralisedMass => {
            "more than one entity, malignant ones included; features do not establish a benign nature"
        }
        Label::Indeterminate => "more than one entity, so no name is given",
    }
}

/// What is seen, then what the pattern is consistent with, then the `notes` of its foci.
pub(super) fn sentence(finding: &Finding, body_part: BodyPart, notes: &[&str]) -> String {
    let count = finding.foci.len();
    let (one, several) = seen(finding.label, finding.pattern);
    let mut text = if count == 1 {
        format!("One {one}")
    } else {
        format!("{count} {several}")
    };
    match finding.pattern {
        Pattern::AlignedField => text.push_str(" lying along one direction"),
        Pattern::Row => text.push_str(" in a row"),
        Pattern::Single | Pattern::Group | Pattern::Lobulated => {}
    }
    if let Some(extent) = finding.extent_mm {
        text.push_str(&format!(", {extent:.0} mm across"));
    }
    text.push_str(": pattern consistent with ");
    text.push_str(consistent_with(finding.label, count > 1, body_part));
    text.push('.');
    for note in notes {
        text.push(' ');
        text.push_str(note);
    }
    text
}

/// What else looks like `label` at `body_part`, at least two entities, the most frequent first.
pub(super) fn differential(label: Label, body_part: BodyPart) -> Vec<String> {
    let names: &[&str] = match label {
        Label::RiceGrain => &[
            "arterial calcification",
            "guinea worm or filaria",
            "phleboliths in a row of varices",
            "calcinosis of dermatomyositis",
            "metal fragments",
        ],
        Label::Phlebolith if in_pelvis(body_part) => &[
            "distal ureteral stone",
            "arterial calcification",
            "bone island",
            "injection granuloma",
            "calcified lymph node",
            "retained contrast medium or ingested tablet",
        ],
        Label::Phlebolith => &[
            "vascular malformation with phleboliths",
            "arterial calcification",
            "injection granuloma",
            "bone island",
            "foreign body or skin marker",
        ],
        Label::TumoralCalcinosis => &[
            "calcinosis of renal failure",
            "calcinosis of systemic sclerosis or dermatomyositis",
            "synovial chondromatosis",
            "heterotopic ossification",
            "gout tophus",
            "mineralised sarcoma (synovial sarcoma, osteosarcoma)",
        ],
        Label::CalcificTendinitis if body_part == BodyPart::Shoulder => &[
            "greater tuberosity avulsion",
            "os acromiale",
            "loose body or enthesophyte",
            "chondrocalcinosis",
            "suture anchor",
        ],
        Label::CalcificTendinitis => &[
            "dystrophic calcification",
            "avulsion fragment",
            "enthesophyte",
            "chondrocalcinosis",
        ],
        Label::Ossification => &[
            "sesamoid or accessory ossicle",
            "avulsed apophysis or enthesophyte",
            "parosteal or extraskeletal osteosarcoma",
            "osteochondroma",
            "exuberant callus",
        ],
        Label::Calcification => &[
            "dystrophic calcification after injury, infection or injection",
            "calcinosis of connective-tissue disease",
            "metastatic calcification",
            "venous insufficiency",
            "mineralised soft-tissue tumour",
        ],
        Label::InjectionGranuloma => &[
            "phlebolith",
            "dystrophic calcification after injury",
            "bone island",
            "calcified lymph node",
            "calcified epidermal cyst",
        ],
        Label::CalcinosisCutis => &[
            "calcinosis of systemic sclerosis or CREST",
            "dystrophic calcification after injury or infection",
            "metastatic calcification",
            "gout tophus",
            "foreign body",
        ],
        Label::FascialSheet => &[
            "dermatomyositis",
            "calcinosis universalis",
            "arterial calcification",
            "venous insufficiency",
            "ossification after injury",
        ],
        Label::Chondrocalcinosis => &[
            "calcium pyrophosphate deposition",
            "haemochromatosis or hyperparathyroidism",
            "meniscal ossicle or loose body",
            "capsular calcification",
        ],
        Label::MetastaticCalcification => &[
            "renal failure or disturbed calcium and phosphate",
            "calcinosis of connective-tissue disease",
            "venous insufficiency",
            "contrast medium or dressing on the skin",
        ],
        Label::VascularCalcification => &[
            "arterial calcification of the media or intima",
            "venous calcification, phleboliths included",
            "calcified filaria or guinea worm",
            "fascial calcification",
            "catheter, drain or wire",
        ],
        Label::MineralisedMass => &[
            "extraskeletal or parosteal osteosarcoma",
            "synovial sarcoma or chondrosarcoma",
            "soft-tissue metastasis of osteosarcoma",
            "immature heterotopic ossification",
            "tumoral calcinosis",
        ],
        Label::Indeterminate => &[
            "dystrophic calcification",
            "vascular calcification",
            "normal ossicle",
            "foreign body or external object",
            "mineralised soft-tissue tumour",
        ],
    };
    names.iter().map(|name| (*name).to_owned()).collect()
}
