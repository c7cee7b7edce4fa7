//! The crate under test, built once: found, compiled for the sandbox, signed, verified, loaded.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex, OnceLock, PoisonError};

use mpp_build::{BuildError, BuildOptions, Dev, Event, Project};
use mpp_host::Host;
use mpp_host::clock::SystemClock;
use mpp_host::host::LoadedTool;
use mpp_host::keys::{KeyRole, SigningKey};
use mpp_host::trust::{Admission, TrustStore};

use crate::failure::block;

/// A package that may be run.
pub(crate) struct Package {
    pub(crate) directory: PathBuf,
    pub(crate) dev: Dev,
    pub(crate) loaded: LoadedTool,
    pub(crate) admission: Admission,
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
    let project = Project::find(directory).map_err(|error| refused(directory, &error, &[]))?;
    let signed = signed(&project, &host)?;
    let symbols = signed.symbols.and_then(|path| fs::read(path).ok());
    let verified = host.verify(signed.bytes).outcome.map_err(|refusal| {
        let code = refusal.code;
        Failure::new(format!("the package that was just built is refused: {} ({code})", refusal.message), refusal.help)
    })?;
    let mut trust = TrustStore::new();
    trust.add_own(*verified.publisher_key());
    let admission = trust.admit(&verified).map_err(|error| Failure::new(error.to_string(), ""))?;
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
    Ok(Package { directory: project.dir().to_owned(), dev: project.dev().clone(), loaded, admission })
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

/// A signed package and the module with its names.
struct Signed {
    bytes: Vec<u8>,
    symbols: Option<PathBuf>,
}

/// Builds and signs. Under `cargo nextest`, where every test is a process of its own, the first of a run builds and the
/// others take its package.
fn signed(project: &Project, host: &Host) -> Result<Signed, Failure> {
    let Some(run) = std::env::var("NEXTEST_RUN_ID").ok().filter(|id| is_name(id)) else { return build(project, host) };
    let shared = project.output_dir().join("testkit");
    let stored = shared.join(format!("{}-{run}.mpp", project.name()));
    let lock = || -> io::Result<File> {
        fs::create_dir_all(&shared)?;
        let lock = File::create(shared.join(format!("{}.lock", project.name())))?;
        lock.lock()?;
        Ok(lock)
    };
    // without a lock each process builds for itself: slower, not wrong
    let Ok(_held) = lock() else { return build(project, host) };
    if let Ok(bytes) = fs::read(&stored) {
        return Ok(Signed { bytes, symbols: None });
    }
    let signed = build(project, host)?;
    remove_earlier(&shared, project.name());
    // should it not be written, the next process builds again
    let _ = fs::write(&stored, &signed.bytes);
    Ok(signed)
}

fn is_name(id: &str) -> bool {
    !id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

/// Removes the packages of earlier runs.
fn remove_earlier(shared: &Path, name: &str) {
    for entry in fs::read_dir(shared).into_iter().flatten().flatten() {
        let file = entry.file_name();
        let file = file.to_string_lossy();
        if file.starts_with(name) && file.ends_with(".mpp") {
            let _ = fs::remove_file(entry.path());
        }
    }
}

fn build(project: &Project, host: &Host) -> Result<Signed, Failure> {
    let mut output = Vec::new();
    let mut events = |event: Event| match event {
        Event::CargoLine(line) | Event::RustupLine(line) | Event::CommandLine(line) => output.push(line),
        _ => {}
    };
    let built = mpp_build::build(project, &BuildOptions::default(), host, &mut events)
        .map_err(|error| refused(project.dir(), &error, &output))?;
    let key = SigningKey::generate(KeyRole::Development)
        .map_err(|error| Failure::new(format!("no key to sign with: {error}"), error.help()))?;
    let (symbols, toolchain) = (built.symbols.clone(), built.toolchain.clone());
    let signed = mpp_host::signature::sign(built.unsigned, &key, &toolchain)
        .map_err(|error| Failure::new(format!("the package cannot be signed: {error} ({})", error.code()), ""))?;
    Ok(Signed { bytes: signed.as_slice().to_vec(), symbols })
}

/// The builder's own words, with what the compiler printed.
fn refused(directory: &Path, error: &BuildError, output: &[String]) -> Failure {
    let mut message = format!("the tool in `{}` cannot be built: {error} ({})", directory.display(), error.code());
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        message.push_str(&format!("\n  because {cause}"));
        source = cause.source();
    }
    message.push_str(&block("cargo says:", &output.join("\n")));
    Failure::new(message, error.help())
}
