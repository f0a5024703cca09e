//! Lines in columns, in colour or not.

/// What a piece of text says beyond its words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    Plain,
    Strong,
    Faint,
    For,
    Against,
}

/// Text under way.
#[derive(Debug)]
pub struct Page {
    text: String,
    colour: bool,
}

/// Width of the left column of pairs.
const LEFT: usize = 20;
/// Longest line of running text.
const WIDTH: usize = 100;
/// Cells of a bar.
const BAR: usize = 20;

impl Page {
    pub fn new(colour: bool) -> Self {
        Self {
            text: String::new(),
            colour,
        }
    }

    pub fn text(self) -> String {
        self.text
    }

    pub fn blank(&mut self) {
        self.text.push('\n');
    }

    /// One line, or several if `text` holds line feeds of ours.
    pub fn line(&mut self, tone: Tone, text: &str) {
        for line in text.lines() {
            self.push(tone, line);
            self.blank();
        }
    }

    pub fn heading(&mut self, text: &str) {
        self.blank();
        self.line(Tone::Strong, text);
    }

    /// `what` on the left, `value` on the right, wrapped.
    pub fn pair(&mut self, what: &str, value: &str) {
        let what = clean(what);
        let value = clean(value);
        let lines = wrap(&value, WIDTH - LEFT - 3);
        self.push(Tone::Faint, &format!("  {what:<LEFT$} "));
        self.push(Tone::Plain, lines.first().map_or("", |line| line.as_str()));
        self.blank();
        for line in lines.iter().skip(1) {
            self.push(Tone::Plain, &format!("{:indent$}{line}", "", indent = LEFT + 3));
            self.blank();
        }
    }

    /// Running text, `indent` blanks from the left.
    pub fn wrapped(&mut self, indent: usize, text: &str) {
        for line in wrap(&clean(text), WIDTH - indent) {
            self.push(Tone::Plain, &format!("{:indent$}{line}", ""));
            self.blank();
        }
    }

    /// A numbered line with a score and its bar.
    pub fn score(&mut self, number: u32, what: &str, score: f32) {
        self.push(Tone::Strong, &format!("{number:>4}  {:<50} ", clean(what)));
        self.bar_of(score);
    }

    /// `what` on the left, then a score and its bar.
    pub fn bar(&mut self, what: &str, score: f32) {
        self.push(Tone::Faint, &format!("  {:<27} ", clean(what)));
        self.bar_of(score);
    }

    fn bar_of(&mut self, score: f32) {
        let filled = (score.clamp(0.0, 1.0) * BAR as f32).round() as usize;
        self.push(Tone::Plain, &format!("{score:.2} {}", "█".repeat(filled)));
        self.push(Tone::Faint, &"░".repeat(BAR - filled));
        self.blank();
    }

    /// A row of evidence.
    pub fn evidence(&mut self, tone: Tone, verdict: &str, weighed: &str, criterion: &str, value: &str) {
        self.push(tone, &format!("    {verdict:<8}"));
        let row = format!("{weighed:<12} {:<44} {}", clean(criterion), clean(value));
        self.push(if tone == Tone::Faint { tone } else { Tone::Plain }, row.trim_end());
        self.blank();
    }

    fn push(&mut self, tone: Tone, text: &str) {
        let code = match tone {
            Tone::Plain => None,
            Tone::Strong => Some(1),
            Tone::Faint => Some(2),
            Tone::For => Some(32),
            Tone::Against => Some(31),
        };
        match code.filter(|_| self.colour && !text.is_empty()) {
            Some(code) => self.text += &format!("\u{1b}[{code}m{}\u{1b}[0m", clean(text)),
            None => self.text += &clean(text),
        }
    }
}

/// `text` without control characters.
fn clean(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect()
}

/// `text` in lines of at most `width` characters where its words allow.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}
