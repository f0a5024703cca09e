//! From and to a PACS: a receiver with a durable spool, a sender, and a way to fetch images, over DICOM and DICOMweb.
//!
//! Takes objects by C-STORE, gives what [`batch`](crate::batch) makes of each, and sends DICOM objects on. Knows nothing
//! of pixels and findings; prints nothing, tells a [`Log`]. A stored object is on the disk before it is acknowledged and
//! stays there until its results are.

mod acceptor;
mod analysis;
mod association;
mod command;
mod delivery;
mod destination;
mod error;
mod log;
mod metrics;
mod monitor;
mod multipart;
mod pull;
mod receiver;
mod scu;
mod seats;
mod spool;
mod stow;
mod tls;
mod web;
mod wire;

pub use association::Times;
pub use delivery::{Identity, send};
pub use destination::{Destination, ae_title};
pub use error::PacsError;
pub use log::Log;
pub use pull::{Pull, Pulled, Selection};
pub use receiver::{Options, Receiver};
pub use scu::{Item, Sent};
pub use tls::{Acceptor, Connector};
