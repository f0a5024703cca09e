//! Lines of a service on standard error, each with the hour.

use super::Talk;
use super::status::tell;
use crate::pacs::Log;
use std::time::{SystemTime, UNIX_EPOCH};

/// Tells a person, or the log of the system, how a service goes.
#[derive(Clone, Copy, Debug)]
pub struct Lines {
    talk: Talk,
}

impl Lines {
    /// Says as much as `talk` says.
    pub fn new(talk: Talk) -> Self {
        Self { talk }
    }
}

impl Log for Lines {
    fn detail(&self, line: &str) {
        if !self.talk.quiet {
            tell(&format!("{} info {line}", now()));
        }
    }

    fn event(&self, line: &str) {
        self.detail(line);
    }

    fn warning(&self, line: &str) {
        tell(&format!("{} warning {line}", now()));
    }
}

fn now() -> String {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    timestamp(since.as_secs())
}

/// `seconds` since 1970 as RFC 3339 in UTC. Days to a date as in E. G. Richards, "Calendars", Explanatory Supplement to
/// the Astronomical Almanac, 3rd ed. 2013, 15.11.3.
fn timestamp(seconds: u64) -> String {
    let julian_day = seconds / 86400 + 2_440_588;
    let f = julian_day + 1401 + (4 * julian_day + 274_277) / 146_097 * 3 / 4 - 38;
    let e = 4 * f + 3;
    let h = 5 * (e % 1461 / 4) + 2;
    let (day, month) = (h % 153 / 5 + 1, (h / 153 + 2) % 12 + 1);
    let year = e / 1461 + (14 - month) / 12 - 4716;
    let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

#[cfg(test)]
mod tests {
    use super::timestamp;

    #[test]
    fn days_are_those_of_the_calendar() {
        assert_eq!(timestamp(0), "1970-01-01T00:00:00Z");
        assert_eq!(timestamp(951_782_400), "2000-02-29T00:00:00Z");
        assert_eq!(timestamp(1_709_164_799), "2024-02-28T23:59:59Z");
        assert_eq!(timestamp(4_102_444_800), "2100-01-01T00:00:00Z");
    }
}
