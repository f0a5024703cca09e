//! The standard's words: tags, classes, transfer syntaxes, codes, UIDs. Knows no pixels.
