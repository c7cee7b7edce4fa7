//! What a manifest may declare as capabilities: hosts, paths, variable names, injected headers.

use super::{Capabilities, ManifestError};

/// Checks every declared capability.
pub(super) fn check(capabilities: &Capabilities) -> Result<(), ManifestError> {
    for (index, name) in capabilities.env_vars.iter().enumerate() {
        let pointer = format!("/capabilities/env_vars/{index}");
        check_variable(name).map_err(|message| ManifestError::new("MPP-G703", pointer, message))?;
    }
    Ok(())
}

fn check_variable(name: &str) -> Result<(), String> {
    let valid = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        && name.bytes().next().is_some_and(|b| !b.is_ascii_digit());
    if !valid {
        return Err(format!(
            "`{name}` is no variable name: expected letters, digits and `_`, not starting with a digit"
        ));
    }
    Ok(())
}
