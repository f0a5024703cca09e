//! A deterministic part of the input, for several machines that share one archive.

use sha2::{Digest, Sha256};
use std::fmt;
use std::str::FromStr;

/// Part `index` of `count`, counted from 1. An input belongs to exactly one shard, by its shown path alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    index: u32,
    count: u32,
}

impl Shard {
    /// The whole input.
    pub const WHOLE: Shard = Shard { index: 1, count: 1 };

    /// Whether the input shown as `path` belongs to this part.
    pub fn holds(self, path: &str) -> bool {
        if self.count == 1 {
            return true;
        }
        let digest = Sha256::digest(path.as_bytes());
        let number = digest[..8]
            .iter()
            .fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
        number % u64::from(self.count) == u64::from(self.index - 1)
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.count)
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parsed = text
            .split_once('/')
            .and_then(|(index, count)| Some((index.trim().parse().ok()?, count.trim().parse().ok()?)));
        match parsed {
            Some((index, count)) if 1 <= index && index <= count => Ok(Shard { index, count }),
            _ => Err(format!("{text:?} is not a part such as 1/4 (from 1/N to N/N)")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Shard;

    #[test]
    fn every_path_is_in_exactly_one_part() {
        let parts: Vec<Shard> = (1..=5).map(|i| format!("{i}/5").parse().unwrap()).collect();
        let mut sizes = [0; 5];
        for number in 0..1000 {
            let path = format!("study/{number}.dcm");
            let holders: Vec<usize> = (0..5).filter(|&i| parts[i].holds(&path)).collect();
            assert_eq!(holders.len(), 1);
            sizes[holders[0]] += 1;
        }
        assert!(sizes.iter().all(|&size| (140..=260).contains(&size)), "{sizes:?}");
    }

    #[test]
    fn parts_outside_the_whole_are_refused() {
        for text in ["0/4", "5/4", "1/0", "1", "a/b", "-1/2", ""] {
            assert!(text.parse::<Shard>().is_err(), "{text}");
        }
    }
}
