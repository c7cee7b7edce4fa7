//! Classifies addresses: public ones, those of this machine and its networks, and those that no request may reach.
//!
//! The ranges are those of IANA's special-purpose address registries for IPv4 and IPv6, as of 2025.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The class of an address, which decides whether a connection to it is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reach {
    /// A public address, which is always allowed.
    Public,
    /// An address of this machine or its networks, described by the text. A tool may connect to it if local hosts were granted.
    Local(&'static str),
    /// An address that is never allowed, described by the text.
    Never(&'static str),
}

/// Returns the class of `address`.
///
/// ```
/// use mpp_host::addresses::{Reach, reach};
///
/// assert_eq!(reach("8.8.8.8".parse()?), Reach::Public);
/// assert!(matches!(reach("192.168.1.1".parse()?), Reach::Local(_)));
/// assert!(matches!(reach("169.254.169.254".parse()?), Reach::Never(_)));
/// # Ok::<(), std::net::AddrParseError>(())
/// ```
#[must_use]
pub fn reach(address: IpAddr) -> Reach {
    match address {
        IpAddr::V4(address) => reach_v4(address),
        IpAddr::V6(address) => reach_v6(address),
    }
}

type Range4 = (Ipv4Addr, u32, Reach);

const SPECIAL_V4: &[Range4] = &[
    // The metadata services of cloud providers return credentials. They come before the ranges that contain them.
    (Ipv4Addr::new(100, 100, 100, 200), 32, METADATA),
    (Ipv4Addr::new(168, 63, 129, 16), 32, METADATA),
    (Ipv4Addr::new(0, 0, 0, 0), 8, Reach::Never("an address of no host")),
    (Ipv4Addr::new(10, 0, 0, 0), 8, PRIVATE),
    (Ipv4Addr::new(100, 64, 0, 0), 10, Reach::Local("an address of a provider's own network")),
    (Ipv4Addr::new(127, 0, 0, 0), 8, LOOPBACK),
    (Ipv4Addr::new(169, 254, 0, 0), 16, LINK_LOCAL),
    (Ipv4Addr::new(172, 16, 0, 0), 12, PRIVATE),
    (Ipv4Addr::new(192, 0, 0, 0), 24, RESERVED),
    (Ipv4Addr::new(192, 0, 2, 0), 24, DOCUMENTATION),
    (Ipv4Addr::new(192, 88, 99, 0), 24, RESERVED),
    (Ipv4Addr::new(192, 168, 0, 0), 16, PRIVATE),
    (Ipv4Addr::new(198, 18, 0, 0), 15, BENCHMARKING),
    (Ipv4Addr::new(198, 51, 100, 0), 24, DOCUMENTATION),
    (Ipv4Addr::new(203, 0, 113, 0), 24, DOCUMENTATION),
    (Ipv4Addr::new(224, 0, 0, 0), 4, MULTICAST),
    (Ipv4Addr::new(240, 0, 0, 0), 4, RESERVED),
];

type Range6 = (Ipv6Addr, u32, Reach);

const SPECIAL_V6: &[Range6] = &[
    (Ipv6Addr::LOCALHOST, 128, LOOPBACK),
    (Ipv6Addr::new(0, 0, 0, 0, 0, 0xffff, 0, 0), 96, Reach::Never("an IPv4 address in another form")),
    (Ipv6Addr::new(0xfd00, 0x0ec2, 0, 0, 0, 0, 0, 0), 32, METADATA),
    (Ipv6Addr::new(0xfd20, 0x00ce, 0, 0, 0, 0, 0, 0), 32, METADATA),
    (Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0), 7, PRIVATE),
    (Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0), 10, LINK_LOCAL),
    (Ipv6Addr::new(0xff00, 0, 0, 0, 0, 0, 0, 0), 8, MULTICAST),
    // Protocol assignments: Teredo, benchmarking, ORCHID.
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23, RESERVED),
    (Ipv6Addr::new(0x2001, 0x0db8, 0, 0, 0, 0, 0, 0), 32, DOCUMENTATION),
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16, Reach::Never("an IPv4 address in another form (6to4)")),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20, DOCUMENTATION),
    // The rest of this range is global unicast. No other range is.
    (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3, Reach::Public),
];

const LOOPBACK: Reach = Reach::Local("a loopback address");
const PRIVATE: Reach = Reach::Local("an address of a private network");
const LINK_LOCAL: Reach = Reach::Never("a link-local address, where clouds keep their metadata");
const METADATA: Reach = Reach::Never("the address of a cloud's metadata");
const RESERVED: Reach = Reach::Never("a reserved address");
const DOCUMENTATION: Reach = Reach::Never("an address for documentation");
const BENCHMARKING: Reach = Reach::Never("an address for benchmarks");
const MULTICAST: Reach = Reach::Never("a multicast address");

fn reach_v4(address: Ipv4Addr) -> Reach {
    let found = SPECIAL_V4.iter().find(|(start, bits, _)| (address.to_bits() ^ start.to_bits()) >> (32 - bits) == 0);
    found.map_or(Reach::Public, |(.., reach)| *reach)
}

fn reach_v6(address: Ipv6Addr) -> Reach {
    // NAT64: the addresses of IPv4-only hosts on a network without IPv4 (RFC 6052).
    if let [0x64, 0xff9b, 0, 0, 0, 0, ..] = address.segments() {
        let [.., a, b, c, d] = address.octets();
        return match reach_v4(Ipv4Addr::new(a, b, c, d)) {
            Reach::Public => Reach::Public,
            Reach::Local(what) | Reach::Never(what) => Reach::Never(what),
        };
    }
    let found = SPECIAL_V6.iter().find(|(start, bits, _)| (address.to_bits() ^ start.to_bits()) >> (128 - bits) == 0);
    found.map_or(RESERVED, |(.., reach)| *reach)
}

#[cfg(test)]
mod tests {
    use super::{Reach, reach};

    #[test]
    fn public_addresses_are_public() {
        for text in [
            "8.8.8.8",
            "1.1.1.1",
            "100.63.255.255",
            "100.128.0.0",
            "172.15.0.1",
            "172.32.0.1",
            "192.0.1.1",
            "198.17.0.1",
            "198.20.0.0",
            "223.255.255.255",
            "2606:4700:4700::1111",
            "2a00:1450::1",
            "64:ff9b::8.8.8.8",
        ] {
            assert_eq!(reach(text.parse().expect("an address")), Reach::Public, "{text}");
        }
    }

    #[test]
    fn local_addresses_must_be_granted() {
        for text in [
            "127.0.0.1",
            "127.255.255.255",
            "10.1.2.3",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "100.64.0.1",
            "::1",
            "fc00::1",
            "fd12:3456::1",
        ] {
            assert!(matches!(reach(text.parse().expect("an address")), Reach::Local(_)), "{text}");
        }
    }

    #[test]
    fn other_addresses_are_never_allowed() {
        for text in [
            "0.0.0.0",
            "0.1.2.3",
            "169.254.169.254",
            "169.254.170.2",
            "100.100.100.200",
            "168.63.129.16",
            "192.0.0.8",
            "192.0.2.1",
            "192.88.99.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::ffff:8.8.8.8",
            "::ffff:127.0.0.1",
            "::127.0.0.1",
            "64:ff9b::127.0.0.1",
            "64:ff9b::10.0.0.1",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:2::1",
            "2001:10::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "3fff::1",
            "5f00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "4000::1",
        ] {
            assert!(matches!(reach(text.parse().expect("an address")), Reach::Never(_)), "{text}");
        }
    }
}
