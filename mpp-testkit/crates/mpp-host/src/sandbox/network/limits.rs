//! What one request may use, whatever a manifest says.

use std::time::Duration;

/// Limits of requests; a host may lower them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct NetworkLimits {
    /// Bytes of a request's body (8 MiB).
    pub request_body: usize,
    /// Bytes of a response's body (16 MiB).
    pub response_body: usize,
    /// Bytes of all headers, of a request or of a response (64 KiB).
    pub header_bytes: usize,
    /// Headers of a request, or of a response (100).
    pub headers: usize,
    /// Redirects that one request may follow (10).
    pub redirects: u32,
    /// Time to find and reach a server, TLS included (10 s).
    pub connect: Duration,
    /// How long a connection is kept for the next request (60 s).
    pub keep_alive: Duration,
    /// Connections that are kept to one host (8).
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
