//! The environment of the nested cargo, without the variables that an outer cargo, a coverage tool or a linter set.

use std::path::PathBuf;
use std::process::Command;

/// Variables that would change the output of the compiler.
const REMOVED: &[&str] = &[
    "RUSTFLAGS",
    "CARGO_ENCODED_RUSTFLAGS",
    "CARGO_BUILD_RUSTFLAGS",
    "CARGO_TARGET_WASM32_WASIP1_RUSTFLAGS",
    "CARGO_TARGET_WASM32_WASIP1_LINKER",
    "CARGO_TARGET_WASM32_WASIP1_RUNNER",
    "RUSTC",
    "RUSTC_WRAPPER",
    "RUSTC_WORKSPACE_WRAPPER",
    "CARGO_BUILD_RUSTC",
    "CARGO_BUILD_RUSTC_WRAPPER",
    "CARGO_BUILD_RUSTC_WORKSPACE_WRAPPER",
    "CARGO_BUILD_TARGET",
    "CARGO_INCREMENTAL",
    "CARGO_BUILD_INCREMENTAL",
    "LLVM_PROFILE_FILE",
    // set by an outer cargo for its child processes
    "CARGO_MANIFEST_DIR",
    "CARGO_MANIFEST_PATH",
    "CARGO_MANIFEST_LINKS",
    "CARGO_CRATE_NAME",
    "CARGO_BIN_NAME",
    "CARGO_PRIMARY_PACKAGE",
    "CARGO_TARGET_TMPDIR",
    "CARGO_MAKEFLAGS",
    "MAKEFLAGS",
    "OUT_DIR",
    "TARGET",
    "HOST",
    "PROFILE",
    "OPT_LEVEL",
    "DEBUG",
    "NUM_JOBS",
];

/// Prefixes of further variables to remove.
const REMOVED_PREFIXES: &[&str] =
    &["CARGO_PKG_", "CARGO_BIN_EXE_", "CARGO_FEATURE_", "CARGO_CFG_", "CARGO_PROFILE_MPP_", "DEP_"];

/// Creates a command for cargo: the cargo that started this process, if any, or else the one on the `PATH`.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    clean(&mut command, std::env::vars_os().filter_map(|(name, _)| name.into_string().ok()));
    command
}

/// Removes those variables in `names` from the environment of `command` that must not affect the build.
pub(crate) fn clean(command: &mut Command, names: impl Iterator<Item = String>) {
    for name in names {
        if REMOVED.contains(&name.as_str()) || REMOVED_PREFIXES.iter().any(|prefix| name.starts_with(prefix)) {
            command.env_remove(name);
        }
    }
}

/// Returns the directories outside the project whose paths could appear in panic messages, each with its replacement:
/// the home directories of cargo (sources of dependencies) and rustup (sources of the standard library).
pub(crate) fn homes() -> Vec<(PathBuf, &'static str)> {
    let home = std::env::home_dir();
    let of = |variable: &str, default: &str| {
        std::env::var_os(variable).map(PathBuf::from).or_else(|| home.as_ref().map(|home| home.join(default)))
    };
    [(of("CARGO_HOME", ".cargo"), "/cargo"), (of("RUSTUP_HOME", ".rustup"), "/rustup")]
        .into_iter()
        .filter_map(|(dir, name)| dir.map(|dir| (dir, name)))
        .collect()
}

/// Returns the name of the current user, for the default package id `local.<user>.<name>`.
pub(crate) fn user() -> String {
    let name = ["USER", "LOGNAME", "USERNAME"].iter().find_map(|variable| std::env::var(variable).ok());
    name.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    #[test]
    fn removes_flags_wrappers_and_variables_of_an_outer_cargo() {
        let mut command = Command::new("cargo");
        let names = [
            "RUSTFLAGS",
            "CARGO_ENCODED_RUSTFLAGS",
            "RUSTC_WORKSPACE_WRAPPER",
            "CARGO_PKG_NAME",
            "CARGO_MANIFEST_DIR",
            "CARGO_FEATURE_X",
            "PATH",
            "CARGO_HOME",
            "CARGO_TARGET_DIR",
            "RUSTUP_TOOLCHAIN",
            "CARGO_NET_OFFLINE",
        ];
        super::clean(&mut command, names.into_iter().map(str::to_owned));
        let mut removed: Vec<_> =
            command.get_envs().filter(|(_, v)| v.is_none()).map(|(k, _)| k.to_string_lossy()).collect();
        removed.sort();
        assert_eq!(
            removed,
            [
                "CARGO_ENCODED_RUSTFLAGS",
                "CARGO_FEATURE_X",
                "CARGO_MANIFEST_DIR",
                "CARGO_PKG_NAME",
                "RUSTC_WORKSPACE_WRAPPER",
                "RUSTFLAGS"
            ]
        );
    }
}
