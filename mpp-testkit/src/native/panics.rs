//! Turns panics of a tool that runs natively into crashes, with message and place, as the sandbox does.

use std::backtrace::Backtrace;
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind, set_hook, take_hook};
use std::sync::Once;

/// Largest number of frames that are reported.
const MOST_FRAMES: usize = 24;

/// A panic of the tool.
#[derive(Debug)]
pub(super) struct Panic {
    /// A sentence with the place and the message.
    pub(super) reason: String,
    /// The text that a panic hook prints.
    pub(super) shown: String,
    /// The tool's own frames, innermost first.
    pub(super) backtrace: Vec<String>,
}

thread_local! {
    static CATCHING: Cell<bool> = const { Cell::new(false) };
    static FIRST: RefCell<Option<Panic>> = const { RefCell::new(None) };
}

/// Runs `respond` and returns its response, or the first panic on this thread, even if the tool catches it: in the sandbox,
/// every panic ends the call.
pub(super) fn catch(respond: impl FnOnce() -> Vec<u8>) -> Result<Vec<u8>, Panic> {
    install_hook();
    CATCHING.set(true);
    let output = catch_unwind(AssertUnwindSafe(respond));
    CATCHING.set(false);
    match FIRST.take() {
        Some(panic) => Err(panic),
        // Without a panic, only a thread whose call has ended is unwound. Its response is not received.
        None => Ok(output.unwrap_or_default()),
    }
}

/// Installs a panic hook in front of the current one, once.
fn install_hook() {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let next = take_hook();
        set_hook(Box::new(move |info| {
            if CATCHING.get() {
                FIRST.with_borrow_mut(|first| {
                    first.get_or_insert_with(|| Panic::of(info));
                });
            }
            next(info);
        }));
    });
}

impl Panic {
    fn of(info: &PanicHookInfo<'_>) -> Self {
        let message = info.payload_as_str().unwrap_or("no message");
        let reason = match info.location() {
            Some(place) => format!("it panicked at {place}: {message}"),
            None => format!("it panicked: {message}"),
        };
        Self { reason, shown: info.to_string(), backtrace: frames(&Backtrace::force_capture().to_string()) }
    }
}

/// Returns the frames between the panic and the SDK.
fn frames(backtrace: &str) -> Vec<String> {
    let mut frames: Vec<String> = Vec::new();
    for line in backtrace.lines().map(str::trim) {
        match (line.strip_prefix("at "), line.split_once(": ")) {
            (Some(place), _) => {
                if let Some(frame) = frames.last_mut() {
                    frame.push_str(" at ");
                    frame.push_str(place);
                }
            }
            (None, Some((number, name))) if number.bytes().all(|b| b.is_ascii_digit()) => frames.push(name.to_owned()),
            _ => {}
        }
    }
    let panicking = |frame: &String| {
        ["core::panicking::", "std::panicking::", "rust_begin_unwind"].iter().any(|name| frame.contains(name))
    };
    let of_sdk = |frame: &String| frame.contains("mpp_sdk::handler::") || frame.contains("mpp_sdk::private::respond");
    let last = frames.iter().position(of_sdk).unwrap_or(frames.len());
    let first = frames[..last].iter().rposition(panicking).map_or(0, |index| index + 1);
    let own = frames[first..last].iter().take(MOST_FRAMES).enumerate();
    own.map(|(number, frame)| format!("#{number} {frame}")).collect()
}

#[cfg(test)]
mod tests {
    use super::frames;

    #[test]
    fn frames_of_a_panic_are_those_of_the_tool() {
        let backtrace = "   0: mpp_testkit::native::panics::Panic::of\n             at /src/panics.rs:60:90\n   1: \
                         std::panicking::begin_panic_handler\n   2: core::panicking::panic_fmt\n             at /rustc/x.rs:1:1\n   3: \
                         tool::half\n             at ./src/main.rs:3:5\n   4: tool::run\n   5: mpp_sdk::handler::call\n   6: main\n";
        assert_eq!(frames(backtrace), ["#0 tool::half at ./src/main.rs:3:5", "#1 tool::run"]);
        assert_eq!(frames("disabled backtrace"), [""; 0]);
    }
}
