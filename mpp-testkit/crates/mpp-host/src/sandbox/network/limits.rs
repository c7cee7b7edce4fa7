//! The limits of requests, which do not depend on the manifest.

use std::time::Duration;

/// The limits of requests and connections, which a host can lower. The values in parentheses are the defaults.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct NetworkLimits {
    /// Maximum size of a request's body in bytes (8 MiB).
    pub request_body: usize,
    /// Maximum size of a response's body in bytes (16 MiB).
    pub response_body: usize,
    /// Maximum size of all headers of a request or response in bytes (64 KiB).
    pub header_bytes: usize,
    /// Maximum number of headers of a request or response (100).
    pub headers: usize,
    /// Maximum number of redirects that one request follows (10).
    pub redirects: u32,
    /// Time limit for connecting to a server, including name resolution and TLS (10 s).
    pub connect: Duration,
    /// How long an idle connection is kept open for the next request (60 s).
    pub keep_alive: Duration,
    /// Maximum number of idle connections that are kept open to one host (8).
    pub idle_connections: usize,
}

impl Default for NetworkLimits {
    fn default() -> Self {
        Self {
            request_body: 8 * 1024 * 1024,
            response_body: 16 * 1024 * 1024,
            header_bytes: 64 * 1024,
            headers: 100,
            redirects: 10,
            connect: Duration::from_secs(10),
            keep_alive: Duration::from_secs(60),
            idle_connections: 8,
        }
    }
}
