//! Where a test's calls run: in the sandbox, or in the test's own process.

use crate::package::Failure;

/// The variable that says it for a whole run.
const VARIABLE: &str = "MPP_TEST_MODE";

/// Where the calls of a test run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Mode {
    /// In the sandbox, as an agent's calls do.
    #[default]
    Sandboxed,
    /// In the test's own process, where a debugger, `dbg!` and coverage tools see the tool's code.
    Native,
}

impl Mode {
    /// What `MPP_TEST_MODE` says; in the sandbox where it says nothing.
    pub(crate) fn of_run() -> Result<Self, Failure> {
        let value = std::env::var_os(VARIABLE).unwrap_or_default();
        match value.to_str() {
            Some("" | "sandboxed" | "sandbox") => Ok(Self::Sandboxed),
            Some("native") => Ok(Self::Native),
            _ => Err(Failure::new(
                format!("`{VARIABLE}` is `{}`, which is no mode to run tests in", value.to_string_lossy()),
                format!("say `{VARIABLE}=native`, `{VARIABLE}=sandboxed`, or nothing"),
            )),
        }
    }
}
