//! As much of XML 1.0 as annotations need: elements and attributes, one after the other. Text between elements is passed over.

/// Most attributes of an element.
const ATTRIBUTES: usize = 64;

/// The begin or the end of an element.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Event<'a> {
    /// A start tag; an empty element is closed at once.
    Open {
        /// Name of the element.
        name: &'a str,
        /// Names and values, references resolved.
        attributes: Vec<(&'a str, String)>,
    },
    /// An end tag.
    Close {
        /// Name of the element.
        name: &'a str,
    },
}

/// Walks through a text. Elements must be nested rightly; there are no entities but the five of the standard and numbers.
#[derive(Debug)]
pub(super) struct Reader<'a> {
    rest: &'a str,
    open: Vec<&'a str>,
    closing: Option<&'a str>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            rest: text,
            open: Vec::new(),
            closing: None,
        }
    }

    /// The next tag; `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<Event<'a>>, String> {
        if let Some(name) = self.closing.take() {
            return Ok(Some(Event::Close { name }));
        }
        loop {
            let Some(at) = self.rest.find('<') else {
                return match self.open.pop() {
                    Some(name) => Err(format!("the element {name} is not closed")),
                    None => Ok(None),
                };
            };
            self.rest = &self.rest[at..];
            let passed = [("<!--", "-->"), ("<![CDATA[", "]]>"), ("<?", "?>")];
            if let Some((_, end)) = passed.into_iter().find(|(start, _)| self.rest.starts_with(start)) {
                self.skip_past(end)?;
            } else if self.rest.starts_with("<!") {
                return Err("a document type is not read".to_owned());
            } else {
                return self.tag().map(Some);
            }
        }
    }

    fn skip_past(&mut self, end: &str) -> Result<(), String> {
        let at = self
            .rest
            .find(end)
            .ok_or_else(|| format!("no {end} to the end of the text"))?;
        self.rest = &self.rest[at + end.len()..];
        Ok(())
    }

    fn tag(&mut self) -> Result<Event<'a>, String> {
        self.rest = &self.rest[1..];
        if let Some(rest) = self.rest.strip_prefix('/') {
            self.rest = rest;
            let name = self.name()?;
            self.space();
            self.expect('>')?;
            return match self.open.pop() {
                Some(open) if open == name => Ok(Event::Close { name }),
                _ => Err(format!("the element {name} ends where it has not begun")),
            };
        }
        let name = self.name()?;
        let mut attributes = Vec::new();
        loop {
            self.space();
            if let Some(rest) = self.rest.strip_prefix("/>") {
                self.rest = rest;
                self.closing = Some(name);
                return Ok(Event::Open { name, attributes });
            }
            if let Some(rest) = self.rest.strip_prefix('>') {
                self.rest = rest;
                self.open.push(name);
                return Ok(Event::Open { name, attributes });
            }
            if attributes.len() == ATTRIBUTES {
                return Err(format!("the element {name} has too many attributes"));
            }
            let key = self.name()?;
            self.space();
            self.expect('=')?;
            self.space();
            let quote = self.rest.chars().next().filter(|quote| matches!(quote, '"' | '\''));
            let quote = quote.ok_or_else(|| format!("the value of {key} has no quotes"))?;
            self.rest = &self.rest[1..];
            let end = self
                .rest
                .find(quote)
                .ok_or_else(|| format!("the value of {key} has no end"))?;
            attributes.push((key, resolved(&self.rest[..end])?));
            self.rest = &self.rest[end + 1..];
        }
    }

    fn name(&mut self) -> Result<&'a str, String> {
        let is_name = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '-' | '.' | ':');
        let end = self.rest.find(|letter| !is_name(letter)).unwrap_or(self.rest.len());
        let (name, rest) = self.rest.split_at(end);
        self.rest = rest;
        if name.is_empty() {
            Err("a tag without a name".to_owned())
        } else {
            Ok(name)
        }
    }

    fn space(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn expect(&mut self, letter: char) -> Result<(), String> {
        self.rest = self
            .rest
            .strip_prefix(letter)
            .ok_or_else(|| format!("expected {letter} in a tag"))?;
        Ok(())
    }
}

/// A value with its references replaced.
fn resolved(text: &str) -> Result<String, String> {
    let mut value = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        value.push_str(&rest[..at]);
        let end = rest[at..].find(';').ok_or("a reference without an end")? + at;
        let name = &rest[at + 1..end];
        let letter = match name {
            "lt" => Some('<'),
            "gt" => Some('>'),
            "amp" => Some('&'),
            "quot" => Some('"'),
            "apos" => Some('\''),
            _ => {
                let code = match name.strip_prefix("#x") {
                    Some(digits) => u32::from_str_radix(digits, 16).ok(),
                    None => name.strip_prefix('#').and_then(|digits| digits.parse().ok()),
                };
                code.and_then(char::from_u32)
            }
        };
        value.push(letter.ok_or_else(|| format!("the reference {name} is not known"))?);
        rest = &rest[end + 1..];
    }
    value.push_str(rest);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::{Event, Reader};
    use proptest::prelude::*;

    fn all(text: &str) -> Result<Vec<String>, String> {
        let mut reader = Reader::new(text);
        let mut events = Vec::new();
        while let Some(event) = reader.next()? {
            events.push(match event {
                Event::Open { name, attributes } => format!("{name} {attributes:?}"),
                Event::Close { name } => format!("/{name}"),
            });
        }
        Ok(events)
    }

    #[test]
    fn elements_come_one_after_the_other() {
        let text = "<?xml version=\"1.0\"?><!-- <no> --><a x='1 > 0' y = \"&lt;&#65;&#x42;\">text<b/></a >";
        let expected = ["a [(\"x\", \"1 > 0\"), (\"y\", \"<AB\")]", "b []", "/b", "/a"];
        assert_eq!(all(text).unwrap(), expected);
        for wrong in [
            "<a>",
            "</a>",
            "<a></b>",
            "<a b>",
            "<a b=1/>",
            "<a b=\"",
            "<!DOCTYPE a>",
            "<a b='&x;'/>",
            "<",
            "<!--",
        ] {
            assert!(all(wrong).is_err(), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn any_text_ends(text in "[<>/a&;#x'\" =!?-]{0,60}") {
            let _ = all(&text);
        }
    }
}
