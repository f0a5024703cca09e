//! Runs foreign decoders that may panic on damaged input, and turns the panic into a message.

use std::any::Any;
use std::cell::Cell;
use std::panic::{UnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::Once;

thread_local! {
    static CONTAINED: Cell<bool> = const { Cell::new(false) };
}

/// Runs `decode`; a panic becomes its message and prints nothing.
///
/// The first call wraps the process's panic hook once; panics outside `contain` still reach the hook set before.
pub(super) fn contain<T>(decode: impl FnOnce() -> T + UnwindSafe) -> Result<T, String> {
    static WRAPPED: Once = Once::new();
    WRAPPED.call_once(|| {
        let outer = take_hook();
        set_hook(Box::new(move |info| {
            if !CONTAINED.get() {
                outer(info);
            }
        }));
    });
    let before = CONTAINED.replace(true);
    let outcome = catch_unwind(decode);
    CONTAINED.set(before);
    outcome.map_err(|payload| message(payload.as_ref()))
}

fn message(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| payload.downcast_ref::<&str>().copied());
    format!("the decoder gave up: {}", text.unwrap_or("no reason given"))
}

#[cfg(test)]
mod tests {
    use super::contain;

    #[test]
    fn a_panic_becomes_a_message() {
        let nothing: Vec<u8> = Vec::new();
        let outcome = contain(|| nothing[3]);
        assert!(outcome.is_err_and(|message| message.contains("out of bounds")));
        assert_eq!(contain(|| 7), Ok(7));
    }
}
