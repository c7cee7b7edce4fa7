//! Connections to servers, with TLS or without.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, StreamOwned};

/// How long a connection may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// The origin of a URL, and the path after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    pub(in crate::capture) is_tls: bool,
    pub(in crate::capture) host: String,
    pub(in crate::capture) port: u16,
    pub(in crate::capture) path: String,
}

impl Target {
    /// Reads a URL such as `https://example.com/mcp`. `None` if it is not one, or contains a user name or a password.
    #[must_use]
    pub fn parse(url: &str) -> Option<Self> {
        let (is_tls, rest) = match url.split_once("://")? {
            ("https", rest) => (true, rest),
            ("http", rest) => (false, rest),
            _ => return None,
        };
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        let usual = if is_tls { 443 } else { 80 };
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.contains(']') => (host, port.parse().ok()?),
            _ => (authority, usual),
        };
        let path = path.split('#').next().unwrap_or_default();
        let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
        let is_valid = !host.is_empty()
            && !authority.contains('@')
            && !url.contains(|c: char| c.is_whitespace() || c.is_control());
        is_valid.then(|| Self { is_tls, host: host.to_owned(), port, path })
    }

    /// Returns the value of the `Host` header.
    pub(in crate::capture) fn authority(&self) -> String {
        let usual = if self.is_tls { 443 } else { 80 };
        if self.port == usual { self.host.clone() } else { format!("{}:{}", self.host, self.port) }
    }

    /// Returns the host.
    pub(in crate::capture) fn host(&self) -> &str {
        &self.host
    }

    /// Returns the URL without the path.
    pub(in crate::capture) fn origin(&self) -> String {
        format!("{}://{}", if self.is_tls { "https" } else { "http" }, self.authority())
    }

    /// Returns the path.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }
}

/// A connection.
pub(in crate::capture) enum Upstream {
    Plain(TcpStream),
    Tls(Box<StreamOwned<ClientConnection, TcpStream>>),
}

impl Upstream {
    /// Connects.
    pub(in crate::capture) fn connect(target: &Target, config: &Arc<ClientConfig>) -> io::Result<Self> {
        let host = target.host.trim_start_matches('[').trim_end_matches(']');
        let addresses = std::net::ToSocketAddrs::to_socket_addrs(&(host, target.port))?;
        let mut failure = io::Error::from(io::ErrorKind::NotFound);
        for address in addresses {
            match TcpStream::connect_timeout(&address, PATIENCE) {
                Ok(stream) => {
                    stream.set_nodelay(true)?;
                    return Self::over(stream, target, host, config);
                }
                Err(error) => failure = error,
            }
        }
        Err(failure)
    }

    fn over(stream: TcpStream, target: &Target, host: &str, config: &Arc<ClientConfig>) -> io::Result<Self> {
        if !target.is_tls {
            return Ok(Self::Plain(stream));
        }
        let name = ServerName::try_from(host.to_owned()).map_err(io::Error::other)?;
        let connection = ClientConnection::new(Arc::clone(config), name).map_err(io::Error::other)?;
        Ok(Self::Tls(Box::new(StreamOwned::new(connection, stream))))
    }
}

impl Read for Upstream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(stream) => stream.read(buffer),
            Self::Tls(stream) => stream.read(buffer),
        }
    }
}

impl Write for Upstream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(stream) => stream.write(bytes),
            Self::Tls(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(stream) => stream.flush(),
            Self::Tls(stream) => stream.flush(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Target;

    #[test]
    fn reads_urls() {
        let parts = |url: &str| Target::parse(url).map(|target| (target.authority(), target.is_tls, target.path));
        assert_eq!(parts("https://mcp.example/v1?x=1#y"), Some(("mcp.example".to_owned(), true, "/v1?x=1".to_owned())));
        assert_eq!(parts("http://127.0.0.1:8000"), Some(("127.0.0.1:8000".to_owned(), false, "/".to_owned())));
        assert_eq!(parts("http://[::1]/mcp"), Some(("[::1]".to_owned(), false, "/mcp".to_owned())));
        for url in ["mcp.example", "ftp://a", "http://", "http://user:secret@a/", "http://a:b/", "http://a b/"] {
            assert_eq!(parts(url), None, "{url}");
        }
    }
}
