//! Selects where the calls of a test run: in the sandbox, or in the test's own process.

use crate::failure::Failure;

/// The environment variable that selects the mode of a whole run.
const VARIABLE: &str = "MPP_TEST_MODE";

/// Where the calls of a test run.
///
/// `MPP_TEST_MODE=native` selects [`Mode::Native`] for a whole test run, and
/// [`ToolBuilder::native`](crate::ToolBuilder::native) and [`ToolBuilder::sandboxed`](crate::ToolBuilder::sandboxed) select
/// it for one test.
///
/// ```no_run
/// use mpp_testkit::Mode;
///
/// assert_eq!(mpp_testkit::tool!().sandboxed().load().mode(), Mode::Sandboxed);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Mode {
    /// In the sandbox, as an agent's calls do.
    #[default]
    Sandboxed,
    /// In the test's own process, where a debugger, `dbg!` and coverage tools see the tool's code.
    Native,
}

impl Mode {
    /// Returns the mode that `MPP_TEST_MODE` selects; the sandbox if it is not set.
    pub(crate) fn of_run() -> Result<Self, Failure> {
        let value = std::env::var_os(VARIABLE).unwrap_or_default();
        match value.to_str() {
            Some("" | "sandboxed" | "sandbox") => Ok(Self::Sandboxed),
            Some("native") => Ok(Self::Native),
            _ => Err(Failure::new(
                format!("`{VARIABLE}` is `{}`; expected `native` or `sandboxed`", value.to_string_lossy()),
                format!("set `{VARIABLE}=native` or `{VARIABLE}=sandboxed`, or unset it"),
            )),
        }
    }
}
