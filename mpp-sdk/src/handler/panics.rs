//! Panics: to stderr with their place, and where the target can unwind, to a clean error.
//!
//! WebAssembly builds abort: the trap reaches the host, which answers `tool_crashed` with the backtrace, and the log
//! holds the message. A response written before the trap would be discarded, so none is written.

/// Runs `run`; a panic becomes its message where the target can unwind.
#[cfg(panic = "unwind")]
pub(crate) fn catch<T>(run: impl FnOnce() -> T) -> Result<T, String> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(run)).map_err(|payload| {
        let text = payload.downcast_ref::<&str>().copied();
        text.or_else(|| payload.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message").to_owned()
    })
}

/// Runs `run`; a panic is the end of the process.
#[cfg(not(panic = "unwind"))]
pub(crate) fn catch<T>(run: impl FnOnce() -> T) -> Result<T, String> {
    Ok(run())
}

/// Makes a panic one line of place and one of message on stderr, without advice on variables that no tool has.
pub(crate) fn report_on_stderr() {
    std::panic::set_hook(Box::new(|info| super::io::log(format_args!("{info}"))));
}
