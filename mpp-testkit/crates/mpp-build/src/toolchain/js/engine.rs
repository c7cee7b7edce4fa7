//! Uses the engine as a compiler: without a script, it turns one into bytecode.

use super::lines::Lines;
use crate::error::BuildError;
use crate::toolchain::job::Job;

/// The form of a script that is bytecode.
const BYTECODE: u32 = 1;

/// Compiles a script to bytecode, in the sandbox and without any capability.
pub(super) fn compile(job: &Job<'_>, engine: &[u8], script: &[u8], lines: &Lines) -> Result<Vec<u8>, BuildError> {
    job.host.transform(engine, script).map_err(|error| {
        let said = if error.log.trim().is_empty() { error.to_string() } else { lines.replaced(error.log.trim()) };
        BuildError::Script { project: job.name.to_owned(), source: said.into() }
    })
}

/// Returns a script as the engine reads it: its form, the table of lines, and the bytecode.
pub(super) fn script(bytecode: &[u8], lines: &Lines) -> Vec<u8> {
    let table = lines.table();
    let mut script = BYTECODE.to_le_bytes().to_vec();
    script.extend(u32::try_from(table.len()).unwrap_or(u32::MAX).to_le_bytes());
    script.extend(table.as_bytes());
    script.extend(bytecode);
    script
}
