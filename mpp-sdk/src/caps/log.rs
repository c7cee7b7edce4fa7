//! `log!`: writes one line to the tool's log.

/// Writes one line to the tool's log, which is stderr in the sandbox. Takes the arguments of `format!`.
///
/// ```
/// let skipped = 3;
/// mpp_sdk::log!("{skipped} rows were skipped");
/// ```
///
/// `eprintln!` does the same in the sandbox. A test that runs the tool natively captures only lines written with this
/// macro.
#[macro_export]
macro_rules! log {
    ($($line:tt)+) => {
        $crate::private::log(::core::format_args!($($line)+))
    };
}
