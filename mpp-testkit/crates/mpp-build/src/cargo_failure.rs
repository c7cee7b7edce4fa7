//! The reasons why cargo stops before or beside compiling, and their help texts.

mod recognize;

use std::fmt;

use mpp_host::codes::Code;

pub(crate) use self::recognize::strip_colors;
use crate::codes;

/// What to do without the SDK, which is not published.
const MISSING_SDK: &str = "`mpp-sdk` is not on crates.io yet: a newly created project contains it in `vendor/mpp`; copy that directory and `.cargo/config.toml` into this project";

/// The reason why cargo stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum CargoFailure {
    /// A crate or an index cannot be downloaded, or must not be.
    Download {
        /// Name of the crate, if cargo named one.
        name: Option<String>,
        /// Whether cargo was told not to use the network.
        offline: bool,
    },
    /// There is no crate of this name.
    NoSuchCrate {
        /// Name of the crate.
        name: String,
    },
    /// No version of a crate fits every requirement.
    NoSuchVersion {
        /// Name of the crate, with the requirement if there is only one.
        requirement: String,
    },
    /// A crate or the project itself does not have a feature.
    NoSuchFeature {
        /// Name of the feature.
        feature: String,
        /// Name of the crate that should have it.
        name: String,
    },
    /// A binary needs features that are not enabled.
    FeatureNeeded {
        /// The features, as cargo lists them.
        features: String,
    },
    /// `Cargo.lock` would have to change, and must not.
    LockFile,
    /// `Cargo.lock` cannot be read, or its checksums do not match.
    LockFileBroken,
    /// Two crates link the same native library.
    Links {
        /// Name of the library.
        library: String,
    },
    /// Several packages have the same name.
    AmbiguousName {
        /// The name.
        name: String,
    },
    /// The Rust toolchain that the project asks for is not installed.
    NoToolchain {
        /// Name of the toolchain.
        toolchain: String,
    },
    /// A package needs a newer version of Rust.
    OldToolchain {
        /// What needs it, as cargo says it.
        needs: String,
    },
    /// A build script failed.
    BuildScript {
        /// Name of the crate.
        name: String,
    },
    /// The linker failed, or is not installed.
    Link {
        /// Name of the linker.
        linker: String,
        /// Whether it is not installed.
        missing: bool,
        /// Symbols that nothing defines.
        undefined: Vec<String>,
    },
    /// The compiler was ended by a signal.
    Killed {
        /// Name of the crate that was being compiled.
        name: String,
    },
    /// cargo cannot read a manifest, its configuration or a source.
    Unreadable,
}

impl CargoFailure {
    /// Returns the code.
    pub(crate) fn code(&self) -> &'static Code {
        match self {
            Self::Download { .. } => &codes::B061,
            Self::NoSuchCrate { .. } => &codes::B062,
            Self::NoSuchVersion { .. } => &codes::B063,
            Self::NoSuchFeature { .. } | Self::FeatureNeeded { .. } => &codes::B064,
            Self::LockFile => &codes::B065,
            Self::LockFileBroken => &codes::B066,
            Self::Links { .. } => &codes::B067,
            Self::AmbiguousName { .. } => &codes::B068,
            Self::NoToolchain { .. } => &codes::B069,
            Self::OldToolchain { .. } => &codes::B070,
            Self::BuildScript { .. } => &codes::B071,
            Self::Link { .. } => &codes::B072,
            Self::Killed { .. } => &codes::B073,
            Self::Unreadable => &codes::B007,
        }
    }

    /// Returns what to do next.
    pub(crate) fn help(&self) -> String {
        match self {
            Self::Download { offline: true, .. } => "run the build once with network access (`cargo fetch` is enough); after that it works without".to_owned(),
            Self::Download { .. } => "check the connection and the proxy settings (`http.proxy` in cargo's configuration, `HTTPS_PROXY`); what was downloaded before is enough for a build without network".to_owned(),
            Self::NoSuchCrate { name } if name == "mpp-sdk" || name == "mpp-testkit" => MISSING_SDK.to_owned(),
            Self::NoSuchCrate { .. } => "correct its name in Cargo.toml".to_owned(),
            Self::NoSuchVersion { .. } => "the output above lists the versions that exist and what requires them; correct `version` in Cargo.toml".to_owned(),
            Self::NoSuchFeature { .. } => "correct the name of the feature: a feature of the tool is defined under `[features]` in its Cargo.toml, and `features` under `[package.metadata.mpp]` enables it; the documentation of a dependency lists its features".to_owned(),
            Self::FeatureNeeded { features } => format!("enable them for the package: `features = [{}]` under `[package.metadata.mpp]`", features.replace('`', "\"")),
            Self::LockFile => "bring `Cargo.lock` up to date, check the difference, and build again".to_owned(),
            Self::LockFileBroken => "restore `Cargo.lock` from version control, or remove it and let cargo write it again".to_owned(),
            Self::Links { .. } => "`cargo tree` shows who depends on the two crates; choose versions that agree on one of them".to_owned(),
            Self::AmbiguousName { name } => format!("rename the package, or the dependency `{name}`"),
            Self::NoToolchain { toolchain } => format!("run `rustup toolchain install {toolchain}`, or change `rust-toolchain.toml` or `RUSTUP_TOOLCHAIN`, which ask for it"),
            Self::OldToolchain { .. } => "run `rustup update`, or choose a version of the package that supports this compiler".to_owned(),
            Self::BuildScript { .. } => "the output above is the script's; build scripts of crates with C code need a C compiler for the sandbox (`clang`, and the WASI SDK for C libraries)".to_owned(),
            Self::Link { undefined, .. } if !undefined.is_empty() => "a function of C or of the operating system is missing: there are no native libraries in the sandbox; use a crate in pure Rust".to_owned(),
            Self::Link { missing: false, .. } => "the output above is the linker's; there are no native libraries in the sandbox".to_owned(),
            Self::Link { linker, .. } => format!("build scripts and macros run on this machine and need its linker: install `{linker}` (Debian and Ubuntu: the package `build-essential`; macOS: the command line tools of Xcode)"),
            Self::Killed { .. } => "most often the memory was used up: close other programs, or build with fewer processes at once (`CARGO_BUILD_JOBS=1`)".to_owned(),
            Self::Unreadable => "correct the file that cargo names".to_owned(),
        }
    }
}

impl fmt::Display for CargoFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Download { name: Some(name), offline: true } => {
                write!(f, "the crate `{name}` is not on this machine, and cargo must not use the network")
            }
            Self::Download { name: None, offline: true } => {
                f.write_str("a dependency is not on this machine, and cargo must not use the network")
            }
            Self::Download { name: Some(name), .. } => write!(f, "cargo cannot download the crate `{name}`"),
            Self::Download { name: None, .. } => f.write_str("cargo cannot download a dependency"),
            Self::NoSuchCrate { name } => write!(f, "there is no crate `{name}`"),
            Self::NoSuchVersion { requirement } => write!(f, "no version of a dependency fits: {requirement}"),
            Self::NoSuchFeature { feature, name } => write!(f, "`{name}` has no feature `{feature}`"),
            Self::FeatureNeeded { features } => write!(f, "the binary requires the features {features}"),
            Self::LockFile => f.write_str("`Cargo.lock` is out of date, and cargo must not change it"),
            Self::LockFileBroken => f.write_str("`Cargo.lock` does not match the dependencies, or cannot be read"),
            Self::Links { library } => write!(f, "two dependencies link the native library `{library}`"),
            Self::AmbiguousName { name } => write!(f, "several packages have the name `{name}`"),
            Self::NoToolchain { toolchain } => write!(f, "the Rust toolchain `{toolchain}` is not installed"),
            Self::OldToolchain { needs } => write!(f, "this version of Rust is too old: {needs}"),
            Self::BuildScript { name } => write!(f, "the build script of `{name}` failed"),
            Self::Link { undefined, .. } if !undefined.is_empty() => {
                let names: Vec<_> = undefined.iter().map(|name| format!("`{name}`")).collect();
                write!(f, "the module cannot be linked: nothing defines {}", names.join(", "))
            }
            Self::Link { linker, missing: true, .. } => write!(f, "the linker `{linker}` is not installed"),
            Self::Link { linker, .. } => write!(f, "the linker `{linker}` failed"),
            Self::Killed { name } => write!(f, "the compiler was killed while it compiled `{name}`"),
            Self::Unreadable => f.write_str("cargo cannot read the project"),
        }
    }
}
