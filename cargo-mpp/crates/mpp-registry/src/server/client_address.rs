//! The address of a client: that of the connection, or the one that a trusted proxy names.

use std::net::{IpAddr, SocketAddr};

use axum::http::HeaderMap;

use super::policy::Policy;

/// The peer of a connection, attached to each of its requests.
#[derive(Debug, Clone, Copy)]
pub(super) struct Peer(pub(super) SocketAddr);

/// Returns the address of the client that sent a request.
///
/// A proxy appends the address that it sees to `X-Forwarded-For`, so the entries are read from the end, and the first one that
/// is not a trusted proxy is the client. What stands before it was written by the client and means nothing.
pub(super) fn of(peer: IpAddr, headers: &HeaderMap, policy: &Policy) -> IpAddr {
    if !policy.trusts(peer) {
        return peer;
    }
    let lines: Vec<&str> = headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok()).collect();
    let mut client = peer;
    for entry in lines.iter().rev().flat_map(|line| line.rsplit(',')) {
        let Some(address) = parse(entry.trim()) else { break };
        client = address;
        if !policy.trusts(address) {
            break;
        }
    }
    client
}

/// Parses an address with or without a port.
fn parse(text: &str) -> Option<IpAddr> {
    text.parse().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|address| address.ip()))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderMap;

    use super::of;
    use crate::server::policy::Policy;

    fn client(peer: &str, forwarded: &[&'static str]) -> String {
        let policy = Policy::parse("trusted_proxies = [\"127.0.0.1\", \"10.0.0.0/8\"]").expect("valid");
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append("x-forwarded-for", line.parse().expect("a value"));
        }
        of(peer.parse().expect("an address"), &headers, &policy).to_string()
    }

    #[test]
    fn only_a_trusted_proxy_names_the_client() {
        assert_eq!(client("198.51.100.7", &["203.0.113.1"]), "198.51.100.7");
        assert_eq!(client("127.0.0.1", &["203.0.113.1"]), "203.0.113.1");
        assert_eq!(client("127.0.0.1", &["203.0.113.1, 10.0.0.9"]), "203.0.113.1");
        assert_eq!(client("127.0.0.1", &["203.0.113.1", "10.0.0.9"]), "203.0.113.1");
    }

    #[test]
    fn what_the_client_itself_wrote_means_nothing() {
        assert_eq!(client("127.0.0.1", &["8.8.8.8, 203.0.113.1"]), "203.0.113.1");
        assert_eq!(client("127.0.0.1", &["8.8.8.8", "203.0.113.1:4711, 10.0.0.9"]), "203.0.113.1");
        assert_eq!(client("127.0.0.1", &["8.8.8.8, nonsense"]), "127.0.0.1");
        assert_eq!(client("127.0.0.1", &[]), "127.0.0.1");
    }
}
