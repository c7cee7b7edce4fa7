//! The crate under test, built once: found, compiled for the sandbox, signed, verified, loaded.

mod shared;
mod telling;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex, OnceLock, PoisonError};
use std::{fs, io};

use mpp_build::{BuildError, BuildOptions, Dev, Event, Project};
use mpp_host::Host;
use mpp_host::clock::SystemClock;
use mpp_host::codes::Coded as _;
use mpp_host::host::LoadedPackage;
use mpp_host::keys::{KeyRole, SigningKey};
use mpp_host::package::PackageBytes;
use mpp_host::policy::{Clearance, ClearanceRequest, Policy, Unattended};
use mpp_host::trust::{Admission, TrustStore};

use crate::failure::block;
use shared::Run;
use telling::{Telling, is_progress};

/// A package that may be run.
pub(crate) struct Package {
    pub(crate) directory: PathBuf,
    pub(crate) dev: Dev,
    pub(crate) loaded: LoadedPackage,
    pub(crate) admission: Admission,
    pub(crate) clearance: Clearance,
    /// As it was signed.
    pub(crate) bytes: PackageBytes,
}

/// Why there is none.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    pub(crate) message: String,
    pub(crate) help: String,
}

impl Failure {
    pub(crate) fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { message: message.into(), help: help.into() }
    }
}

type Prepared = Result<Arc<Package>, Failure>;

/// The package in a directory. However many tests of a process ask at once, it is prepared once; a failure is told to
/// each of them.
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
    let make = || make(directory, &host);
    let made = match Run::of(directory) {
        Some(run) => run.once(make)?,
        None => make()?,
    };
    let symbols = made.symbols.and_then(|path| fs::read(path).ok());
    let bytes = PackageBytes::from(made.bytes);
    let verified = host.verify(bytes.clone()).outcome.map_err(|refusal| {
        let said = format!("{} ({})", refusal.message, refusal.code);
        match undeclared(&refusal.message) {
            Some((uses, what, line)) if !made.directory.join("manifest.json").exists() => Failure::new(
                format!("the tool uses `{uses}`, and the package declares no {what}: the Gatekeeper refuses it\n  because {said}"),
                format!(
                    "write `capabilities = {{ {line} }}` under `[package.metadata.mpp]` in `{}`, with what the tool really needs; or do \
                     not call it",
                    made.directory.join("Cargo.toml").display()
                ),
            ),
            _ => Failure::new(format!("the package that was just built is refused: {said}"), refusal.help),
        }
    })?;
    let mut trust = TrustStore::new();
    trust.add_own(*verified.publisher_key());
    let admission = trust.admit(&verified).map_err(|error| Failure::new(error.to_string(), ""))?;
    let cleared = host.clear(&ClearanceRequest::new(&verified, &Policy::default(), &trust, &Unattended));
    let clearance = cleared.map_err(|error| Failure::new(error.to_string(), ""))?.clearance;
    let module = if symbols.is_some() { verified.module().to_vec() } else { Vec::new() };
    let loaded = host.load(verified).map_err(|error| {
        Failure::new(
            format!("the package that was just built cannot be loaded: {error} ({})", error.code()),
            error.help(),
        )
    })?;
    let loaded = match symbols {
        Some(symbols) => loaded.with_symbols(&module, symbols),
        None => loaded,
    };
    Ok(Package { directory: made.directory, dev: made.dev, loaded, admission, clearance, bytes })
}

/// What step 7 of the Gatekeeper says of imports, as an author knows it: the SDK's module, what is missing, and how to declare it.
fn undeclared(message: &str) -> Option<(&'static str, &'static str, &'static str)> {
    if message.contains("declares no `capabilities.network`") {
        Some(("mpp::http", "host that it may ask", r#"network = ["api.example.com"]"#))
    } else if message.contains("declares no `capabilities.kv`") {
        Some(("mpp::kv", "state", "kv = { max_bytes = 1048576 }"))
    } else {
        None
    }
}

/// One host for all packages of the process.
fn host() -> Result<Host, Failure> {
    static HOST: OnceLock<Result<Host, Failure>> = OnceLock::new();
    HOST.get_or_init(|| {
        let mut builder = Host::builder().clock(Arc::new(SystemClock::new()));
        if let Some(home) = mpp_home() {
            builder = builder.cache_dir(home.join("cache"));
        }
        builder.build().map_err(|error| Failure::new(format!("the sandbox does not start: {error}"), ""))
    })
    .clone()
}

/// `MPP_HOME`, or `~/.mpp`: the compiled code of tests and of `mpp run` is one and the same.
fn mpp_home() -> Option<PathBuf> {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    set("MPP_HOME").or_else(|| set("HOME").or_else(|| set("USERPROFILE")).map(|home| home.join(".mpp")))
}

/// A signed package, and what its project says besides.
#[derive(Debug)]
struct Made {
    directory: PathBuf,
    dev: Dev,
    bytes: Vec<u8>,
    /// The module with its names.
    symbols: Option<PathBuf>,
}

/// Finds the project, builds and signs.
fn make(directory: &Path, host: &Host) -> Result<Made, Failure> {
    let project = Project::find(directory).map_err(|error| refused(directory, &error, &[]))?;
    let mut output = Vec::new();
    let is_known = project.output_dir().join(format!(".{}.definitions.json", project.name())).exists();
    let mut terminal = io::stderr();
    let mut telling = Telling::new(&mut terminal, project.name(), is_known);
    let mut events = |event: Event| {
        telling.event(&event);
        if let Event::CargoLine(line) | Event::RustupLine(line) | Event::CommandLine(line) = event {
            output.push(line);
        }
    };
    let built = mpp_build::build(&project, &BuildOptions::default(), host, &mut events);
    if built.is_ok() {
        telling.done();
    }
    let built = built.map_err(|error| refused(project.dir(), &error, &output))?;
    let key = SigningKey::generate(KeyRole::Development)
        .map_err(|error| Failure::new(format!("no key to sign with: {error}"), error.help()))?;
    let (symbols, toolchain) = (built.symbols.clone(), built.toolchain.clone());
    let signed = mpp_host::signature::sign(built.unsigned, &key, &toolchain)
        .map_err(|error| Failure::new(format!("the package cannot be signed: {error} ({})", error.code()), ""))?;
    let (directory, dev) = (project.dir().to_owned(), project.dev().clone());
    Ok(Made { directory, dev, bytes: signed.as_slice().to_vec(), symbols })
}

/// The builder's own words, with what the compiler printed.
fn refused(directory: &Path, error: &BuildError, output: &[String]) -> Failure {
    let mut message = format!("the tool in `{}` cannot be built: {error} ({})", directory.display(), error.code());
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        let cause_said = cause.to_string();
        // Some of the builder's sentences have their cause in them.
        if !message.contains(cause_said.rsplit(": ").next().unwrap_or_default()) {
            message.push_str(&format!("\n  because {cause_said}"));
        }
        source = cause.source();
    }
    // What cargo says of a build that went well explains nothing.
    if matches!(error, BuildError::Compile { .. } | BuildError::Command { .. } | BuildError::TargetMissing { .. }) {
        let said: Vec<&str> = output.iter().map(String::as_str).filter(|line| !is_progress(line)).collect();
        message.push_str(&block("cargo says:", &said.join("\n")));
    }
    Failure::new(message, error.help())
}
