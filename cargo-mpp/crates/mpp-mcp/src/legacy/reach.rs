//! How a server is reached: the process that is started, or the URL.

use std::path::PathBuf;

use crate::config::ServerUrl;

/// How a server is reached.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Reach {
    /// A program that is started.
    Process(Launch),
    /// A server that runs elsewhere.
    Url(Endpoint),
}

/// How to start a server.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Launch {
    /// The program and its arguments.
    pub command: Vec<String>,
    /// The directory that it runs in.
    pub cwd: PathBuf,
    /// Its environment, complete.
    pub env: Vec<(String, String)>,
}

impl Launch {
    /// Creates a launch of `command` in `cwd` with exactly this environment.
    #[must_use]
    pub fn new(command: Vec<String>, cwd: PathBuf, env: Vec<(String, String)>) -> Self {
        Self { command, cwd, env }
    }
}

/// Where a server answers over streamable HTTP.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Endpoint {
    /// The URL.
    pub url: ServerUrl,
    /// Headers of each request: names and values.
    pub headers: Vec<(String, String)>,
    /// Certificates of authorities that are trusted besides the public ones, in PEM.
    pub authorities: String,
}

impl Endpoint {
    /// Creates an endpoint without headers of its own, whose certificate is issued by a public authority.
    #[must_use]
    pub fn new(url: ServerUrl) -> Self {
        Self { url, headers: Vec::new(), authorities: String::new() }
    }

    /// Sets the headers of each request.
    #[must_use]
    pub fn headers(mut self, headers: Vec<(String, String)>) -> Self {
        self.headers = headers;
        self
    }

    /// Sets certificates of authorities that are trusted besides the public ones, in PEM.
    #[must_use]
    pub fn authorities(mut self, authorities: impl Into<String>) -> Self {
        self.authorities = authorities.into();
        self
    }
}

impl From<Launch> for Reach {
    fn from(launch: Launch) -> Self {
        Self::Process(launch)
    }
}

impl From<Endpoint> for Reach {
    fn from(endpoint: Endpoint) -> Self {
        Self::Url(endpoint)
    }
}
