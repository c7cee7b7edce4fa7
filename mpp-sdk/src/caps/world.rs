//! What a tool sees of the world besides its host: the variables and the paths that its manifest declares.

use std::path::{Path, PathBuf};

use crate::{Error, abi};

/// The value of an environment variable that the manifest declares and the host grants.
///
/// In a test that runs the tool natively it is the variable that the test gives.
///
/// # Errors
/// The code is `env_missing` where the variable is not set, `env_not_unicode` where it is not UTF-8; the message names the
/// variable and the line of `Cargo.toml` that declares it.
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
        std::env::VarError::NotPresent => Error::new(
            "env_missing",
            format!(
                "the environment variable `{name}` is not set; declare it in Cargo.toml under \
                 `[package.metadata.mpp.capabilities]` as `env_vars = [\"{name}\"]`, and give it a value when the tool runs"
            ),
        )
        .detail("variable", name),
        std::env::VarError::NotUnicode(_) => {
            Error::new("env_not_unicode", format!("the environment variable `{name}` is not valid UTF-8"))
                .detail("variable", name)
        }
    })
}

/// Where a file or directory is that the manifest declares: in the sandbox at its own path, in a test that runs the tool
/// natively at the place that stands for it.
///
/// ```no_run
/// # fn main() -> Result<(), mpp_sdk::Error> {
/// for entry in std::fs::read_dir(mpp_sdk::path("/contacts")?)? {
///     let text = std::fs::read_to_string(entry?.path())?;
/// }
/// # Ok(()) }
/// ```
///
/// In `Cargo.toml`, under `[package.metadata.mpp.capabilities]`: `filesystem = { read = ["/contacts"] }`. What lies below a
/// declared directory is given as `mpp::path("/contacts/team.vcf")`, or joined to it.
///
/// # Errors
/// The code is `path_undeclared` where the path is not a declared one, nor below one, or has `..` in it; the message names the line of
/// `Cargo.toml` that declares it. Whether there is something at the path is not asked.
pub fn path(path: impl AsRef<Path>) -> Result<PathBuf, Error> {
    let path = path.as_ref();
    abi::place(path).ok_or_else(|| undeclared(path))
}

#[inline(never)]
fn undeclared(path: &Path) -> Error {
    let path = path.display();
    Error::new(
        "path_undeclared",
        format!(
            "the path `{path}` is not declared; declare it in Cargo.toml under `[package.metadata.mpp.capabilities]` as \
             `filesystem = {{ read = [\"{path}\"] }}` (or `write`), and say what it is when the tool runs"
        ),
    )
    .detail("path", path.to_string())
}
