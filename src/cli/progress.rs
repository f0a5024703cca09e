//! What a long run says on standard error: a bar on a terminal, plain lines elsewhere.

use super::Talk;
use super::status::tell;
use crate::batch::Observer;
use crate::write::{Failure, Outcome, Record};
use clap::ValueEnum;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// How progress is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Progress {
    /// A bar on a terminal, plain lines elsewhere.
    #[default]
    Auto,
    /// A line every few seconds.
    Plain,
    /// Nothing.
    None,
}

/// Seconds between two plain lines.
const EVERY: u64 = 5;

/// Tells a person on standard error how a run goes.
#[derive(Debug)]
pub struct Talker {
    bar: Option<ProgressBar>,
    plain: bool,
    talk: Talk,
    begun: Instant,
    /// Inputs done before this run, plus one; zero until known.
    before: AtomicU64,
    /// Second of the last plain line.
    last: AtomicU64,
}

impl Talker {
    /// A talker that shows progress as `progress` says, and as much else as `talk` says.
    pub fn new(progress: Progress, talk: Talk) -> Self {
        let silent = talk.quiet || progress == Progress::None;
        let bar = (!silent && progress == Progress::Auto && std::io::stderr().is_terminal()).then(|| {
            let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr_with_hz(10));
            let template = "{bar:30} {pos}/{len} inputs  {per_sec}  {elapsed} gone, {eta} left";
            bar.set_style(ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()));
            bar
        });
        Self {
            plain: !silent && bar.is_none(),
            bar,
            talk,
            begun: Instant::now(),
            before: AtomicU64::new(0),
            last: AtomicU64::new(0),
        }
    }

    /// Clears the bar.
    pub fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    fn say(&self, line: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| tell(line)),
            None => tell(line),
        }
    }
}

impl Observer for Talker {
    fn progress(&self, done: u64, known: u64) {
        let first = self
            .before
            .compare_exchange(0, done + 1, Ordering::Relaxed, Ordering::Relaxed)
            .is_ok();
        if let Some(bar) = &self.bar {
            bar.set_length(known);
            bar.set_position(done);
            if first {
                // Inputs of an earlier run say nothing about this one's speed.
                bar.reset_eta();
            }
        }
        let second = self.begun.elapsed().as_secs();
        let last = self.last.load(Ordering::Relaxed);
        let due = self.plain && second >= last + EVERY;
        if due
            && self
                .last
                .compare_exchange(last, second, Ordering::Relaxed, Ordering::Relaxed)
                .is_ok()
        {
            let own = (done + 1).saturating_sub(self.before.load(Ordering::Relaxed));
            tell(&plain_line(done, known, own, self.begun.elapsed()));
        }
    }

    fn not_analysed(&self, record: &Record) {
        match &record.outcome {
            Outcome::Failed(failure) => self.say(&failure_line(record, failure)),
            Outcome::Skipped { reason } if self.talk.verbose => {
                self.say(&format!("{}: skipped: {reason}", record.path))
            }
            _ => {}
        }
    }

    fn remark(&self, text: &str) {
        if !self.talk.quiet {
            self.say(text);
        }
    }
}

/// `12/80 inputs  3.4/s  about 20 s left`; `own` of the `done` were done in this run.
fn plain_line(done: u64, known: u64, own: u64, elapsed: Duration) -> String {
    let rate = own as f64 / elapsed.as_secs_f64().max(1e-3);
    let mut line = format!("{done}/{known} inputs  {rate:.1}/s");
    if rate > 0.0 {
        let left = (known.saturating_sub(done)) as f64 / rate;
        line += &format!(
            "  about {} left",
            indicatif::HumanDuration(Duration::from_secs_f64(left.min(1e9)))
        );
    }
    line
}

/// One line: where, what, and what a person can do about it.
fn failure_line(record: &Record, failure: &Failure) -> String {
    let hint = match failure.kind.as_str() {
        "damaged" => "the file itself is broken: fetch it again",
        "unsupported" => "not read by this version: convert it or leave it out",
        "file_system" => "check that it exists and may be read",
        _ => "please report it",
    };
    let attribute = failure
        .attribute
        .as_ref()
        .map_or(String::new(), |name| format!(" ({name})"));
    format!(
        "{}: failed at {}{attribute}: {} [{hint}]",
        record.path, failure.stage, failure.message
    )
}

#[cfg(test)]
mod tests {
    use super::{failure_line, plain_line};
    use crate::write::{Failure, Record, SourceInfo};
    use std::time::Duration;

    #[test]
    fn the_rate_counts_only_this_run() {
        let line = plain_line(60, 100, 10, Duration::from_secs(5));
        assert!(line.starts_with("60/100 inputs  2.0/s  about 20 seconds"), "{line}");
        assert_eq!(plain_line(0, 4, 0, Duration::from_secs(5)), "0/4 inputs  0.0/s");
    }

    #[test]
    fn a_failure_is_one_line_with_a_hint() {
        let failure = Failure {
            stage: "header".to_owned(),
            attribute: Some("Rows".to_owned()),
            kind: "damaged".to_owned(),
            message: "attribute Rows is missing".to_owned(),
        };
        let record = Record::failed(
            SourceInfo {
                path: "a/b.dcm".to_owned(),
                ..SourceInfo::default()
            },
            failure.clone(),
        );
        let line = failure_line(&record, &failure);
        assert!(!line.contains('\n') && line.starts_with("a/b.dcm: failed at header (Rows): "));
    }
}
