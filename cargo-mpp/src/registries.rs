//! The registries that the user has configured, and the runtime on which they are asked.

use std::sync::Arc;

use mpp_home::FileError;
use mpp_home::files;
use mpp_host::clock::SystemClock;
use mpp_host::codes::{Code, Coded};
use mpp_registry::client::{
    Authorization, Config, HttpOptions, HttpTransport, Registry, RegistryEntry, Remote, Retry, Transport, same_server,
};
#[cfg(feature = "oci")]
use mpp_registry::oci::{Credentials, OciAddress, OciOptions, OciRegistry};
use tokio::runtime::Runtime;

use crate::codes;
use crate::error::{Error, Explain};
use crate::session::Session;

/// Largest file with a configuration, certificates or credentials.
const LARGEST: u64 = 1024 * 1024;

/// The error returned when the credentials for a registry are missing.
#[derive(Debug, thiserror::Error)]
#[error("the variable `{name}` with the authorization for the registry `{registry}` is not set")]
pub(crate) struct NoAuthorization {
    name: String,
    registry: String,
}

impl Coded for NoAuthorization {
    fn code(&self) -> &'static Code {
        &mpp_registry::codes::N042
    }
}

impl Explain for NoAuthorization {
    fn place(&self) -> Option<String> {
        Some("config.toml".to_owned())
    }

    fn advice(&self) -> String {
        format!("set `{}` to the value of the header, for example `Bearer TOKEN`", self.name)
    }
}

/// The error returned when the credentials for an OCI registry are of another kind than it uses.
#[cfg(feature = "oci")]
#[derive(Debug, thiserror::Error)]
#[error("the authorization for the registry `{registry}` is neither `Basic` with Base64 nor `Bearer` with a token")]
pub(crate) struct BadAuthorization {
    registry: String,
}

#[cfg(feature = "oci")]
impl Coded for BadAuthorization {
    fn code(&self) -> &'static Code {
        &mpp_registry::codes::N042
    }
}

#[cfg(feature = "oci")]
impl Explain for BadAuthorization {
    fn place(&self) -> Option<String> {
        Some("config.toml".to_owned())
    }

    fn advice(&self) -> String {
        "write the value of the header: `Basic` and the Base64 of `USER:PASSWORD`, or `Bearer` and a token".to_owned()
    }
}

/// The error returned when a registry of another kind cannot do what was asked for.
#[derive(Debug, thiserror::Error)]
#[error("the registry `{registry}` is an OCI registry, which has no {what}")]
pub(crate) struct NotInOci {
    /// Name of the registry.
    pub(crate) registry: String,
    /// What it does not have.
    pub(crate) what: &'static str,
}

impl Coded for NotInOci {
    fn code(&self) -> &'static Code {
        &codes::C040
    }
}

impl Explain for NotInOci {
    fn advice(&self) -> String {
        codes::help(self.code())
    }
}

/// The configured registries.
pub(crate) struct Registries<'a> {
    session: &'a Session,
    config: Config,
    runtime: Runtime,
}

/// The error returned when no thread can wait for the network.
#[derive(Debug, thiserror::Error)]
#[error("the program cannot use the network")]
pub(crate) struct NoRuntime(#[source] std::io::Error);

impl Coded for NoRuntime {
    fn code(&self) -> &'static Code {
        &codes::C070
    }
}

impl Explain for NoRuntime {}

impl<'a> Registries<'a> {
    /// Reads the configuration.
    ///
    /// # Errors
    /// Returns an error if the configuration cannot be read or is not valid.
    pub(crate) fn load(session: &'a Session) -> Result<Self, Error> {
        let path = session.home().config_file();
        let config = Config::parse(&text(session)?, &path)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(NoRuntime)?;
        Ok(Self { session, config, runtime })
    }

    /// Returns the configuration.
    pub(crate) fn config(&self) -> &Config {
        &self.config
    }

    /// Waits for the end of a request.
    pub(crate) fn run<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.block_on(future)
    }

    /// Prepares the copies of a registry; none is asked yet.
    ///
    /// # Errors
    /// Returns an error if the URL or the credentials cannot be used.
    pub(crate) fn remote(&self, entry: &RegistryEntry, retry: Retry) -> Result<Remote, Error> {
        let mut options = self.options(entry)?;
        let mut copies: Vec<Arc<dyn Transport>> = Vec::new();
        for url in &entry.urls {
            // Credentials are for the host of the registry, and mirrors may be anybody's.
            if !entry.urls.first().is_some_and(|first| same_server(first, url)) {
                options.authorization = None;
            }
            copies.push(Arc::new(HttpTransport::new(url, &options)?));
        }
        Ok(Remote::new(copies, retry))
    }

    /// Opens a registry with a log. Nothing is read yet.
    ///
    /// # Errors
    /// Returns an error if it is an OCI registry, or if the URL or the credentials cannot be used.
    pub(crate) fn open(&self, entry: &RegistryEntry) -> Result<Registry, Error> {
        self.open_with(entry, Retry::default())
    }

    /// Like [`Registries::open`], with another number of attempts.
    ///
    /// # Errors
    /// Returns an error if it is an OCI registry, or if the URL or the credentials cannot be used.
    pub(crate) fn open_with(&self, entry: &RegistryEntry, retry: Retry) -> Result<Registry, Error> {
        let Some(root_key) = &entry.root_key else {
            return Err(NotInOci { registry: entry.name.clone(), what: "log" }.into());
        };
        let remote = self.remote(entry, retry)?;
        let dir = self.session.home().registries_dir();
        let clock = Arc::new(SystemClock::new());
        let registry = Registry::new(&entry.name, root_key.clone(), &dir, remote, clock)?;
        Ok(registry.with_witnesses(entry.witnesses.clone(), entry.witness_quorum))
    }

    /// Opens what is known of a registry with a log, without a way to ask it.
    ///
    /// # Errors
    /// Returns an error if it is an OCI registry.
    pub(crate) fn known(&self, entry: &RegistryEntry) -> Result<Registry, Error> {
        let Some(root_key) = &entry.root_key else {
            return Err(NotInOci { registry: entry.name.clone(), what: "log" }.into());
        };
        let dir = self.session.home().registries_dir();
        let remote = Remote::new(Vec::new(), Retry::at_once(1));
        Ok(Registry::new(&entry.name, root_key.clone(), &dir, remote, Arc::new(SystemClock::new()))?)
    }

    /// Opens an OCI registry. Nothing is read yet.
    ///
    /// # Errors
    /// Returns an error if the address or the credentials cannot be used.
    #[cfg(feature = "oci")]
    pub(crate) fn open_oci(&self, entry: &RegistryEntry) -> Result<OciRegistry, Error> {
        let options = self.options(entry)?;
        let credentials = match &options.authorization {
            None => Credentials::Anonymous,
            Some(value) => {
                Credentials::of_header(value).ok_or_else(|| BadAuthorization { registry: entry.name.clone() })?
            }
        };
        let address = OciAddress::parse(entry.oci.as_deref().unwrap_or_default())?;
        let oci = OciOptions::new(credentials)
            .with_plain_http(options.allow_http)
            .with_certificates(options.certificates.unwrap_or_default());
        Ok(OciRegistry::new(address, oci)?)
    }

    fn options(&self, entry: &RegistryEntry) -> Result<HttpOptions, Error> {
        let mut options = HttpOptions::default();
        options.allow_http = entry.allow_http;
        options.authorization = match &entry.authorization {
            None => None,
            Some(Authorization::Env(name)) => {
                let missing = || NoAuthorization { name: name.clone(), registry: entry.name.clone() };
                let value = self.session.variable(name).and_then(|value| value.into_string().ok());
                Some(value.ok_or_else(missing)?)
            }
            Some(Authorization::File(file)) => {
                let text = files::read_text("the authorization", &self.session.home().root().join(file), LARGEST)?;
                Some(text.trim().to_owned())
            }
            Some(_) => None,
        };
        if let Some(file) = &entry.certificates {
            let path = self.session.home().root().join(file);
            let pem = std::fs::read(&path).map_err(|source| FileError::read("the certificates", &path, source))?;
            options.certificates = Some(pem);
        }
        Ok(options)
    }
}

/// Returns the text of the configuration; empty if there is none.
///
/// # Errors
/// Returns an error if the file exists and cannot be read.
pub(crate) fn text(session: &Session) -> Result<String, FileError> {
    let path = session.home().config_file();
    match std::fs::read_to_string(&path) {
        Ok(text) => Ok(text),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(String::new()),
        Err(error) => Err(FileError::read("the configuration", &path, error)),
    }
}
