//! Recognizes common mistakes in failed builds and explains them.

use crate::error::BuildError;
use crate::project::cargo::CargoProject;

/// Refuses a dependency on the unrelated crate `mpp` before anything is compiled.
pub(super) fn check_direct_dependencies(project: &CargoProject) -> Result<(), BuildError> {
    if project.dependencies.iter().any(|name| name == "mpp") {
        return Err(BuildError::OtherProtocol { package: project.package.clone() });
    }
    Ok(())
}

/// Returns the first error that cargo printed, without its prefix.
pub(super) fn first_error(output: &str) -> String {
    let plain = crate::cargo_failure::strip_colors(output);
    let error = plain.lines().find_map(|line| line.strip_prefix("error: "));
    error.unwrap_or("it printed no error").trim_end_matches('.').to_owned()
}

/// Returns an explanation of the output if it has a known cause.
pub(super) fn of_output(output: &str) -> Option<String> {
    let unresolved =
        ["unlinked crate `mpp`", "undeclared crate or module `mpp`", "unresolved import `mpp`", "cannot find `mpp`"];
    if unresolved.iter().any(|text| output.contains(text)) {
        return Some("there is no crate named `mpp`: write `mpp = { package = \"mpp-sdk\", version = \"0.1\" }` in `[dependencies]`".to_owned());
    }
    if output.contains("are supported on wasm") && output.contains("tokio") {
        return Some("`tokio` runs in the sandbox only with its features sync, macros, io-util, rt and time; a tool handles a single call and needs no runtime".to_owned());
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{first_error, of_output};

    #[test]
    fn recognizes_a_missing_rename() {
        let rename = of_output(
            "error[E0433]: cannot find module or crate `mpp` in this scope ... use of unresolved module or unlinked crate `mpp`",
        );
        assert!(rename.is_some_and(|hint| hint.contains("package = \"mpp-sdk\"")));
        assert_eq!(of_output("error[E0308]: mismatched types"), None);
    }

    #[test]
    fn quotes_the_first_error_of_cargo() {
        let output = "    Updating index\n\u{1b}[1m\u{1b}[91merror\u{1b}[0m: no bin target named `x` in default-run packages.\n\nerror: other\n";
        assert_eq!(first_error(output), "no bin target named `x` in default-run packages");
        assert_eq!(first_error(""), "it printed no error");
    }
}
