//! Many inputs: walking folders and archives, workers, order, journal.
