//! How patients and studies are named in tables.

use crate::dicom::{Context, SiteKey};
use crate::write::{Pseudonyms, SourceInfo};

/// How patients and studies are named in tables.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Naming {
    /// By the UIDs of the images, and patients not at all.
    #[default]
    Plain,
    /// By keyed hashes beside the UIDs.
    Keyed(SiteKey),
    /// By keyed hashes, and UIDs are hashed likewise. Objects that refer to images cannot be written then.
    KeyedUids(SiteKey),
}

impl Naming {
    /// What results depend on, for the journal; says nothing of the key but whether it is the same.
    pub(super) fn option(&self) -> Option<String> {
        match self {
            Self::Plain => None,
            Self::Keyed(key) => Some(format!("pseudonyms={}", key.check())),
            Self::KeyedUids(key) => Some(format!("pseudonyms={},uids", key.check())),
        }
    }

    /// `info` with the names of its patient and study.
    pub(super) fn named(&self, mut info: SourceInfo, context: Option<&Context>) -> SourceInfo {
        let (Self::Keyed(key) | Self::KeyedUids(key)) = self else {
            return info;
        };
        info.pseudonyms = Some(Pseudonyms {
            patient: context.and_then(|context| key.patient(context)),
            study: info.uids.study.as_deref().map(|uid| key.study(uid)),
        });
        if matches!(self, Self::KeyedUids(_)) {
            let uids = &mut info.uids;
            for uid in [&mut uids.sop_instance, &mut uids.series, &mut uids.study]
                .into_iter()
                .flatten()
            {
                *uid = key.uid(uid);
            }
        }
        info
    }
}
