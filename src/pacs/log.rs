//! What a service tells the person who runs it.

/// Hears what happens. Lines are `event key=value ...`; they hold AE titles, addresses, sizes and short digests, never a
/// patient's data and no UID. Called by all threads at once.
pub trait Log: Sync + std::fmt::Debug {
    /// Something that is worth a line each time it happens once per image or association.
    fn detail(&self, line: &str);

    /// Something that happens seldom.
    fn event(&self, line: &str);

    /// Something that should be looked at.
    fn warning(&self, line: &str);
}
