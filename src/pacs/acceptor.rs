//! Negotiation of an association as its acceptor (PS3.8 7.1, PS3.7 annex D): who may call, and what is understood.

use super::error::AssociationError;
use crate::dicom::{TransferSyntax, sop_class, uid};
use crate::read::ModalityFilter;
use dicom_ul::pdu::{
    AssociationAC, AssociationRJ, AssociationRJResult, AssociationRJServiceProviderASCEReason,
    AssociationRJServiceProviderPresentationReason, AssociationRJServiceUserReason, AssociationRJSource, AssociationRQ,
    PresentationContextResult, PresentationContextResultReason, UserVariableItem,
};
use std::collections::BTreeMap;

/// Verification SOP Class.
pub const VERIFICATION: &str = "1.2.840.10008.1.1";
/// The DICOM application context (PS3.7 A.2.1).
const APPLICATION_CONTEXT: &str = "1.2.840.10008.3.1.1.1";

/// What an acceptor agrees to.
#[derive(Clone, Debug)]
pub struct Acceptance {
    /// Our AE title.
    pub ae_title: String,
    /// AE titles that may call; empty lets everybody.
    pub callers: Vec<String>,
    /// SOP classes to store.
    pub classes: Vec<&'static str>,
    /// Most bytes of a PDU.
    pub most_bytes: u32,
}

/// What was agreed on, by presentation context.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agreed {
    /// Who calls, as printable characters.
    pub caller: String,
    /// Abstract and transfer syntax by context.
    pub contexts: BTreeMap<u8, (String, &'static TransferSyntax)>,
}

/// The storage SOP classes of images whose modality `modalities` admits. Secondary Capture states its modality only in
/// the image.
pub fn classes(modalities: &ModalityFilter) -> Vec<&'static str> {
    let all = sop_class::RADIOGRAPHS.iter().copied();
    all.filter(|uid| sop_class::modality(uid).is_none_or(|modality| modalities.admits(modality)))
        .collect()
}

/// A rejection, and why in words.
pub type Rejection = (AssociationRJ, AssociationError);

/// The rejection of who comes while there are too many.
pub fn busy() -> Rejection {
    let source = AssociationRJSource::ServiceProviderPresentation(
        AssociationRJServiceProviderPresentationReason::LocalLimitExceeded,
    );
    let rejection = AssociationRJ {
        result: AssociationRJResult::Transient,
        source,
    };
    (rejection, AssociationError::Rejected("too many associations"))
}

impl Acceptance {
    /// Answers `request`.
    ///
    /// # Errors
    ///
    /// The rejection to be sent.
    pub fn answer(&self, request: &AssociationRQ) -> Result<(AssociationAC, Agreed), Rejection> {
        use AssociationRJServiceUserReason as Reason;
        let refused = |source, why| {
            let result = AssociationRJResult::Permanent;
            (AssociationRJ { result, source }, AssociationError::Rejected(why))
        };
        let user = |reason, why| Err(refused(AssociationRJSource::ServiceUser(reason), why));
        // Only bit 0 counts (PS3.8 9.3.2).
        if request.protocol_version & 1 == 0 {
            let reason = AssociationRJServiceProviderASCEReason::ProtocolVersionNotSupported;
            let source = AssociationRJSource::ServiceProviderASCE(reason);
            return Err(refused(source, "unknown version of the protocol"));
        }
        if trimmed(&request.application_context_name) != APPLICATION_CONTEXT {
            return user(
                Reason::ApplicationContextNameNotSupported,
                "unknown application context",
            );
        }
        if trimmed(&request.called_ae_title) != self.ae_title {
            return user(Reason::CalledAETitleNotRecognized, "called by another AE title");
        }
        let caller = trimmed(&request.calling_ae_title);
        if !self.callers.is_empty() && !self.callers.iter().any(|known| known == caller) {
            return user(Reason::CallingAETitleNotRecognized, "this AE title may not call");
        }
        let mut contexts = BTreeMap::new();
        let mut results = Vec::new();
        for proposed in &request.presentation_contexts {
            use PresentationContextResultReason as Reason;
            let class = trimmed(&proposed.abstract_syntax);
            // The proposer's order is its preference.
            let syntax = proposed
                .transfer_syntaxes
                .iter()
                .find_map(|uid| TransferSyntax::find(trimmed(uid)).filter(|syntax| syntax.is_decoded()));
            let known = class == VERIFICATION || self.classes.contains(&class);
            let (reason, syntax) = match syntax {
                _ if !known => (Reason::AbstractSyntaxNotSupported, &TransferSyntax::IMPLICIT_LITTLE),
                None => (Reason::TransferSyntaxesNotSupported, &TransferSyntax::IMPLICIT_LITTLE),
                // Identifiers are odd, and each is used once (PS3.8 9.3.2.2).
                Some(_) if proposed.id % 2 == 0 || contexts.contains_key(&proposed.id) => {
                    (Reason::NoReason, &TransferSyntax::IMPLICIT_LITTLE)
                }
                Some(syntax) => {
                    contexts.insert(proposed.id, (class.to_owned(), syntax));
                    (Reason::Acceptance, syntax)
                }
            };
            results.push(PresentationContextResult {
                id: proposed.id,
                reason,
                transfer_syntax: syntax.uid.to_owned(),
            });
        }
        let answer = AssociationAC {
            protocol_version: 1,
            calling_ae_title: request.calling_ae_title.clone(),
            called_ae_title: request.called_ae_title.clone(),
            application_context_name: APPLICATION_CONTEXT.to_owned(),
            presentation_contexts: results,
            user_variables: vec![
                UserVariableItem::MaxLength(self.most_bytes),
                UserVariableItem::ImplementationClassUID(uid::implementation_class()),
                UserVariableItem::ImplementationVersionName(uid::implementation_version()),
            ],
        };
        let caller = printable(caller);
        Ok((answer, Agreed { caller, contexts }))
    }
}

/// Without the padding of AE titles and UIDs.
fn trimmed(text: &str) -> &str {
    text.trim_matches(['\0', ' '])
}

/// What a peer calls itself, fit for a line of a log.
fn printable(text: &str) -> String {
    let character = |c: char| if c.is_ascii_graphic() { c } else { '_' };
    text.chars().take(16).map(character).collect()
}

#[cfg(test)]
mod tests {
    use super::{Acceptance, VERIFICATION, classes};
    use crate::dicom::sop_class;
    use crate::read::ModalityFilter;
    use dicom_ul::pdu::{
        AssociationRJServiceUserReason as Reason, AssociationRJSource, AssociationRQ, PresentationContextProposed,
        PresentationContextResultReason,
    };

    fn acceptance() -> Acceptance {
        Acceptance {
            ae_title: "CALXRAY".to_owned(),
            callers: vec!["CR1".to_owned(), "CR 2".to_owned()],
            classes: classes(&ModalityFilter::default()),
            most_bytes: 65536,
        }
    }

    fn request(called: &str, calling: &str, contexts: &[(u8, &str, &[&str])]) -> AssociationRQ {
        let propose = |&(id, class, syntaxes): &(u8, &str, &[&str])| PresentationContextProposed {
            id,
            abstract_syntax: class.to_owned(),
            transfer_syntaxes: syntaxes.iter().map(|&uid| uid.to_owned()).collect(),
        };
        AssociationRQ {
            protocol_version: 1,
            calling_ae_title: calling.to_owned(),
            called_ae_title: called.to_owned(),
            application_context_name: super::APPLICATION_CONTEXT.to_owned(),
            presentation_contexts: contexts.iter().map(propose).collect(),
            user_variables: Vec::new(),
        }
    }

    #[test]
    fn who_calls_and_who_is_called_must_be_right() {
        let reason = |called, calling| {
            acceptance().answer(&request(called, calling, &[])).map_or_else(
                |(rejection, _)| match rejection.source {
                    AssociationRJSource::ServiceUser(reason) => Some(reason),
                    other => panic!("{other:?}"),
                },
                |_| None,
            )
        };
        assert_eq!(reason("CALXRAY", "CR1"), None);
        assert_eq!(reason("CALXRAY         ", "CR 2 "), None);
        assert_eq!(reason("calxray", "CR1"), Some(Reason::CalledAETitleNotRecognized));
        assert_eq!(reason("CALXRAY", "CT1"), Some(Reason::CallingAETitleNotRecognized));
        let mut other = request("CALXRAY", "CR1", &[]);
        other.application_context_name = "1.2.3".to_owned();
        assert!(acceptance().answer(&other).is_err());
        other.protocol_version = 2;
        assert!(acceptance().answer(&other).is_err());
    }

    #[test]
    fn each_context_is_answered_on_its_own_and_the_first_known_syntax_wins() {
        use PresentationContextResultReason as Reason;
        let (mpeg, j2k, little) = (
            "1.2.840.10008.1.2.4.102",
            "1.2.840.10008.1.2.4.90\0",
            "1.2.840.10008.1.2.1",
        );
        let ct = "1.2.840.10008.5.1.4.1.1.2";
        let cr = sop_class::COMPUTED_RADIOGRAPHY;
        let request = request(
            "CALXRAY",
            "CR1",
            &[
                (1, VERIFICATION, &["1.2.840.10008.1.2"]),
                (3, cr, &[mpeg, j2k, little]),
                (5, cr, &[mpeg]),
                (7, ct, &[little]),
                (8, cr, &[little]),
                (3, cr, &[little]),
            ],
        );
        let (answer, agreed) = acceptance().answer(&request).unwrap();
        let reasons: Vec<_> = answer
            .presentation_contexts
            .iter()
            .map(|context| context.reason.clone())
            .collect();
        assert_eq!(
            reasons,
            [
                Reason::Acceptance,
                Reason::Acceptance,
                Reason::TransferSyntaxesNotSupported,
                Reason::AbstractSyntaxNotSupported,
                Reason::NoReason,
                Reason::NoReason
            ]
        );
        let names: Vec<_> = agreed
            .contexts
            .iter()
            .map(|(id, (_, syntax))| (*id, syntax.uid))
            .collect();
        assert_eq!(names, [(1, "1.2.840.10008.1.2"), (3, "1.2.840.10008.1.2.4.90")]);
    }

    #[test]
    fn classes_follow_the_modalities_asked_for() {
        let default = classes(&ModalityFilter::default());
        assert!(default.contains(&sop_class::DIGITAL_X_RAY_FOR_PROCESSING));
        assert!(default.contains(&sop_class::SECONDARY_CAPTURE));
        assert!(!default.contains(&sop_class::MAMMOGRAPHY_FOR_PRESENTATION));
        assert!(classes(&ModalityFilter::Any).contains(&sop_class::MAMMOGRAPHY_FOR_PRESENTATION));
    }
}
