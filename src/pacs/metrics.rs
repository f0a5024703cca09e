//! What a receiver counts, as Prometheus reads it (text exposition format 0.0.4).

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};

/// A number that grows, or one that goes up and down.
#[derive(Debug, Default)]
pub struct Number(AtomicU64);

impl Number {
    /// Adds `count`.
    pub fn add(&self, count: u64) {
        self.0.fetch_add(count, Ordering::Relaxed);
    }

    /// Takes `count` away.
    pub fn subtract(&self, count: u64) {
        self.0.fetch_sub(count, Ordering::Relaxed);
    }

    /// Sets it.
    pub fn set(&self, value: u64) {
        self.0.store(value, Ordering::Relaxed);
    }

    /// Its value.
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

macro_rules! metrics {
    ($($(#[doc = $help:literal])* $name:ident: $kind:literal $shown:literal,)*) => {
        /// Numbers since the start of the process, and how things stand now.
        #[derive(Debug, Default)]
        pub struct Metrics {
            $($(#[doc = $help])* pub $name: Number,)*
        }

        impl Metrics {
            /// All numbers, as a scraper takes them.
            pub fn exposition(&self) -> String {
                let mut text = String::new();
                $(
                    let help = concat!($($help),*).trim();
                    let _ = writeln!(text, "# HELP {} {help}\n# TYPE {} {}\n{} {}", $shown, $shown, $kind, $shown, self.$name.get());
                )*
                text
            }
        }
    };
}

metrics! {
    /// Associations accepted or refused.
    associations: "counter" "calxray_associations_total",
    /// Associations that ended other than by a release.
    broken_associations: "counter" "calxray_associations_broken_total",
    /// Associations under way.
    open_associations: "gauge" "calxray_associations_open",
    /// C-ECHO requests answered.
    echoes: "counter" "calxray_echoes_total",
    /// Objects stored and acknowledged.
    stored: "counter" "calxray_objects_stored_total",
    /// Bytes of objects stored and acknowledged.
    stored_bytes: "counter" "calxray_stored_bytes_total",
    /// Objects answered with a failure status.
    refused: "counter" "calxray_objects_refused_total",
    /// Objects stored and not yet analysed.
    waiting: "gauge" "calxray_spool_objects",
    /// Bytes of objects stored and not yet analysed.
    waiting_bytes: "gauge" "calxray_spool_bytes",
    /// Objects analysed.
    analysed: "counter" "calxray_objects_analysed_total",
    /// Objects that are no image to be analysed.
    skipped: "counter" "calxray_objects_skipped_total",
    /// Objects that could not be analysed.
    failed: "counter" "calxray_objects_failed_total",
    /// Times that results could not be written and the analysis was put off.
    put_off: "counter" "calxray_analyses_put_off_total",
    /// Microseconds spent on analysis.
    analysis_microseconds: "counter" "calxray_analysis_microseconds_total",
    /// Results waiting to be sent.
    outbox: "gauge" "calxray_outbox_objects",
    /// Results sent and acknowledged.
    sent: "counter" "calxray_results_sent_total",
    /// Results a node refuses for good.
    not_taken: "counter" "calxray_results_refused_total",
    /// Attempts to send that failed and are repeated.
    retries: "counter" "calxray_send_retries_total",
}

#[cfg(test)]
mod tests {
    use super::Metrics;

    #[test]
    fn numbers_are_shown_with_help_and_kind() {
        let metrics = Metrics::default();
        metrics.stored.add(3);
        metrics.open_associations.add(2);
        metrics.open_associations.subtract(1);
        let text = metrics.exposition();
        assert!(text.contains("# HELP calxray_objects_stored_total Objects stored and acknowledged.\n"));
        assert!(text.contains("# TYPE calxray_objects_stored_total counter\ncalxray_objects_stored_total 3\n"));
        assert!(text.contains("\ncalxray_associations_open 1\n"));
    }
}
