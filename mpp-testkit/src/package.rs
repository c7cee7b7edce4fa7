//! Builds, signs, verifies and loads the package under test, once per process.

mod progress;
pub(crate) mod signed;
mod test_run;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex, OnceLock, PoisonError};
use std::{fs, io};

use mpp_build::{BuildError, BuildOptions, DevMappings, Event, Project};
use mpp_host::Host;
use mpp_host::causes::with_causes;
use mpp_host::clock::SystemClock;
use mpp_host::codes::{Coded as _, Remedy};
use mpp_host::host::{GrantError, LoadedPackage};
use mpp_host::keys::{KeyRole, SigningKey};
use mpp_host::package::PackageBytes;
use mpp_host::policy::{Clearance, ClearanceRequest, Policy, Unattended};
use mpp_host::trust::{Admission, TrustStore};

use crate::failure::{Failure, block};
use crate::wording;
use progress::{Progress, is_progress};
use test_run::TestRun;

/// A loaded package.
pub(crate) struct Package {
    pub(crate) directory: PathBuf,
    pub(crate) dev: DevMappings,
    pub(crate) loaded: LoadedPackage,
    pub(crate) admission: Admission,
    pub(crate) clearance: Clearance,
    /// The signed package.
    pub(crate) bytes: PackageBytes,
}

impl Package {
    /// Words a grant that is refused, with help as builder calls.
    pub(crate) fn grant_failure(&self, error: &GrantError) -> Failure {
        Failure::new(
            format!(
                "the test does not provide everything that `{}` declares: {}",
                self.loaded.manifest().name,
                with_causes(error)
            ),
            wording::help(error),
        )
    }
}

type Prepared = Result<Arc<Package>, Failure>;

/// Returns the package in a directory. It is prepared once per process, even if several tests ask for it at once; all of
/// them receive the same failure.
pub(crate) fn package(directory: &Path) -> Prepared {
    static PACKAGES: LazyLock<Mutex<HashMap<PathBuf, Arc<OnceLock<Prepared>>>>> = LazyLock::new(Mutex::default);
    let directory = directory.canonicalize().unwrap_or_else(|_| directory.to_owned());
    let slot = {
        let mut packages = PACKAGES.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(packages.entry(directory.clone()).or_default())
    };
    slot.get_or_init(|| prepare(&directory).map(Arc::new)).clone()
}

fn prepare(directory: &Path) -> Result<Package, Failure> {
    let host = host()?;
    let build = || build(directory, &host);
    let built = match TestRun::of(directory) {
        Some(run) => run.build_once(build)?,
        None => build()?,
    };
    let symbols = built.symbols.and_then(|path| fs::read(path).ok());
    let bytes = PackageBytes::from(built.bytes);
    let verified = host.verify(bytes.clone()).outcome.map_err(|refusal| {
        let reason = format!("{} ({})", refusal.message, refusal.code);
        match refusal.remedy.as_deref() {
            Some(Remedy::DeclareCapability { capability, line }) if !built.directory.join("manifest.json").exists() => {
                Failure::new(
                    format!("the tool uses `mpp::{}`, but the package does not declare `{capability}`\n  {reason}", module(capability)),
                    format!(
                        "write `{line}` under `[package.metadata.mpp.capabilities]` in `{}`, with the hosts or the size that the \
                         tool needs",
                        built.directory.join("Cargo.toml").display()
                    ),
                )
            }
            _ => Failure::new(format!("the package was built, but is refused: {reason}"), refusal.help),
        }
    })?;
    let mut trust = TrustStore::new();
    trust.add_own(*verified.publisher_key());
    let admission = trust.admit(&verified).map_err(|error| Failure::new(with_causes(&error), ""))?;
    let cleared = host.clear(&ClearanceRequest::new(&verified, &Policy::default(), &trust, &Unattended));
    let clearance = cleared.map_err(|error| Failure::new(with_causes(&error), ""))?.clearance;
    let module = if symbols.is_some() { verified.module().to_vec() } else { Vec::new() };
    let loaded = host.load(verified).map_err(|error| {
        let message = with_causes(&error);
        Failure::new(format!("the package was built, but cannot be loaded: {message} ({})", error.code()), error.help())
    })?;
    let loaded = match symbols {
        Some(symbols) => loaded.with_symbols(&module, symbols),
        None => loaded,
    };
    Ok(Package { directory: built.directory, dev: built.dev, loaded, admission, clearance, bytes })
}

/// Returns the module of the SDK that needs a capability.
fn module(capability: &str) -> &str {
    if capability == "network" { "http" } else { capability }
}

/// Returns the host that all packages of the process share.
fn host() -> Result<Host, Failure> {
    static HOST: OnceLock<Result<Host, Failure>> = OnceLock::new();
    HOST.get_or_init(|| {
        let mut builder = Host::builder().clock(Arc::new(SystemClock::new()));
        if let Some(home) = mpp_home() {
            builder = builder.cache_dir(home.join("cache"));
        }
        builder.build().map_err(|error| Failure::new(with_causes(&error), ""))
    })
    .clone()
}

/// Returns `MPP_HOME` or `~/.mpp`, so that tests share compiled code with the program `mpp`.
fn mpp_home() -> Option<PathBuf> {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    set("MPP_HOME").or_else(|| set("HOME").or_else(|| set("USERPROFILE")).map(|home| home.join(".mpp")))
}

/// A built and signed package.
#[derive(Debug)]
struct Built {
    directory: PathBuf,
    dev: DevMappings,
    bytes: Vec<u8>,
    /// The module with its debug information.
    symbols: Option<PathBuf>,
}

/// Builds and signs the project in a directory.
fn build(directory: &Path, host: &Host) -> Result<Built, Failure> {
    let project = Project::find(directory).map_err(|error| build_failure(directory, &error, &[]))?;
    let mut output = Vec::new();
    let is_known = project.output_dir().join(format!(".{}.definitions.json", project.name())).exists();
    let mut terminal = io::stderr();
    let mut progress = Progress::new(&mut terminal, project.name(), is_known);
    let mut events = |event: Event| {
        progress.event(&event);
        if let Event::CargoLine(line) | Event::RustupLine(line) | Event::CommandLine(line) = event {
            output.push(line);
        }
    };
    let built = mpp_build::build(&project, &BuildOptions::default(), host, &mut events);
    if built.is_ok() {
        progress.done();
    }
    let built = built.map_err(|error| build_failure(project.dir(), &error, &output))?;
    let key = SigningKey::generate(KeyRole::Development)
        .map_err(|error| Failure::new(format!("cannot generate a key: {}", with_causes(&error)), error.help()))?;
    let (symbols, toolchain) = (built.symbols.clone(), built.toolchain.clone());
    let signed = mpp_host::signature::sign(built.unsigned, &key, &toolchain).map_err(|error| {
        Failure::new(format!("cannot sign the package: {} ({})", with_causes(&error), error.code()), "")
    })?;
    let (directory, dev) = (project.dir().to_owned(), project.dev().clone());
    Ok(Built { directory, dev, bytes: signed.as_slice().to_vec(), symbols })
}

/// Words a failed build, with the output of cargo.
fn build_failure(directory: &Path, error: &BuildError, output: &[String]) -> Failure {
    let reason = with_causes(error);
    let mut message = format!("cannot build the tool in `{}`: {reason} ({})", directory.display(), error.code());
    // The output of a successful build does not explain other errors.
    let has_output = matches!(
        error,
        BuildError::Compile { .. }
            | BuildError::Cargo { .. }
            | BuildError::CargoStopped { .. }
            | BuildError::Command { .. }
            | BuildError::TargetMissing { .. }
    );
    if has_output {
        let lines: Vec<&str> = output.iter().map(String::as_str).filter(|line| !is_progress(line)).collect();
        message.push_str(&block("output of cargo:", &lines.join("\n")));
    }
    Failure::new(message, error.help())
}
