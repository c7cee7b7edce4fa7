//! Environment variables and paths that the manifest declares.

use std::path::{Path, PathBuf};

use crate::{abi, error::Error};

/// Returns the value of an environment variable that the manifest declares and the host grants.
///
/// In a test that runs the tool natively, the test sets the variables.
///
/// # Errors
/// If the variable is not declared, or not granted, the error is a denial: the caller receives it as `capability_denied`, with the
/// variable and what would allow it. The code is `env_not_unicode` if the variable is not UTF-8.
///
/// ```
/// # fn main() -> Result<(), mpp_sdk::Error> {
/// let home = mpp_sdk::env("PATH")?;
/// assert!(!home.is_empty());
/// let error = mpp_sdk::env("CRM_API_KEY").unwrap_err();
/// assert!(error.message().contains(r#"env_vars = ["CRM_API_KEY"]"#));
/// # Ok(())
/// # }
/// ```
pub fn env(name: &str) -> Result<String, Error> {
    abi::env(name).map_err(|error| match error {
        std::env::VarError::NotPresent => Error::denied_of(
            ("variable", name.to_owned()),
            format!(
                "the environment variable `{name}` is not set; to declare it, write `env_vars = [\"{name}\"]` under \
                 `[package.metadata.mpp.capabilities]`, and set it when the tool runs"
            ),
        ),
        std::env::VarError::NotUnicode(_) => {
            Error::new("env_not_unicode", format!("the environment variable `{name}` is not valid UTF-8"))
                .detail("variable", name)
        }
    })
}

/// Returns the place of a file or directory that the manifest declares: `path` itself in the sandbox, or the directory
/// that a test maps to it when the test runs the tool natively.
///
/// ```no_run
/// # fn main() -> Result<(), mpp_sdk::Error> {
/// for entry in std::fs::read_dir(mpp_sdk::path("/contacts")?)? {
///     let text = std::fs::read_to_string(entry?.path())?;
/// }
/// # Ok(()) }
/// ```
///
/// In `Cargo.toml`, under `[package.metadata.mpp.capabilities]`: `filesystem = { read = ["/contacts"] }`. A path below a
/// declared directory is valid too: `mpp::path("/contacts/team.vcf")`.
///
/// # Errors
/// If the path is neither declared nor below a declared one, or contains `..`, the error is a denial: the caller receives it as
/// `capability_denied`, with the path and what would allow it. The function does not check whether the path exists.
pub fn path(path: impl AsRef<Path>) -> Result<PathBuf, Error> {
    let path = path.as_ref();
    abi::place(path).ok_or_else(|| undeclared(path))
}

#[inline(never)]
fn undeclared(path: &Path) -> Error {
    let path = path.display();
    Error::denied_of(
        ("path", path.to_string()),
        format!(
            "the path `{path}` is not declared; to declare it, write `filesystem = {{ read = [\"{path}\"] }}` (or `write`) \
             under `[package.metadata.mpp.capabilities]`, and map it when the tool runs"
        ),
    )
}
