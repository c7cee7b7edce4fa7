//! Internal errors: a panic becomes one message that asks for a report, and exit code 70.

use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind};

use crate::exit::Exit;
use crate::program::Program;
use crate::ui;

/// Runs `work`, and reports a panic in it as an internal error.
pub(crate) fn guard(program: Program, work: impl FnOnce() -> Exit) -> Exit {
    std::panic::set_hook(Box::new(move |panic| ui::bug(program, &describe(panic))));
    catch_unwind(AssertUnwindSafe(work)).unwrap_or(Exit::Bug)
}

fn describe(panic: &PanicHookInfo<'_>) -> String {
    let what = panic.payload_as_str().unwrap_or("no message");
    match panic.location() {
        Some(place) => format!("{what} ({}:{})", place.file(), place.line()),
        None => what.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Exit, guard};
    use crate::Program;

    #[test]
    #[expect(clippy::panic, reason = "a panic is what is tested")]
    fn a_panic_exits_with_70() {
        let exit = guard(Program::Mpp, || std::panic::panic_any("out of cheese"));
        let _ = std::panic::take_hook();
        assert_eq!(exit, Exit::Bug);
        assert_eq!(exit.code(), 70);
    }
}
