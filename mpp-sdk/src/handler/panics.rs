//! Panics: reported on stderr, and turned into an error where the target can unwind.
//!
//! WebAssembly builds abort. The trap reaches the host, which reports `tool_crashed` with the backtrace, and the message
//! is in the log. The host discards a response written before the trap, so the handler writes none.

/// Runs `run`; returns the message of a panic as the error, where the target can unwind.
#[cfg(panic = "unwind")]
pub(crate) fn catch<T>(run: impl FnOnce() -> T) -> Result<T, String> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(run)).map_err(|payload| {
        let text = payload.downcast_ref::<&str>().copied();
        text.or_else(|| payload.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message").to_owned()
    })
}

/// Runs `run`; a panic ends the process.
#[cfg(not(panic = "unwind"))]
pub(crate) fn catch<T>(run: impl FnOnce() -> T) -> Result<T, String> {
    Ok(run())
}

/// Makes a panic write its place and message to the log, without the standard hook's advice about `RUST_BACKTRACE`.
pub(crate) fn report_on_stderr() {
    std::panic::set_hook(Box::new(|info| super::io::log(format_args!("{info}"))));
}
