//! `log!`: one line of the tool's log.

/// Writes one line to the tool's log, which is stderr in the sandbox. Takes what `format!` takes.
///
/// ```
/// let skipped = 3;
/// mpp_sdk::log!("{skipped} rows were skipped");
/// ```
///
/// `eprintln!` does the same in the sandbox; a test that runs the tool natively finds in the log what was written with
/// this.
#[macro_export]
macro_rules! log {
    ($($line:tt)+) => {
        $crate::private::log(::core::format_args!($($line)+))
    };
}
