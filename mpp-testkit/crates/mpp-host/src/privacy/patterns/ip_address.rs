//! `ip_address`: IPv4 in dotted decimal and IPv6 in any of its text forms (RFC 4291), but not versions and times.

mod version;

use std::net::Ipv6Addr;

use crate::privacy::context::{Hint, before};
use crate::privacy::patterns::Builtin;
use crate::privacy::run::{Run, Sep};
use crate::privacy::span::Span;

/// Four numbers of up to 255 with dots in between.
#[derive(Debug)]
pub(in crate::privacy) enum Quad {
    Address((usize, usize)),
    /// A version, which is neither an address nor a telephone number.
    Version,
}

/// Finds the IPv4 address or the version that begins with group `first`.
pub(in crate::privacy) fn find_v4(text: &str, run: &Run, first: usize, hint: impl Fn() -> Hint) -> Option<Quad> {
    let bytes = text.as_bytes();
    let groups = run.from(first).get(..4)?;
    let is_dotted = groups[1..].iter().all(|group| group.sep == Sep::Dot);
    if !is_dotted || !groups.iter().all(|group| is_octet(&bytes[group.start..group.end])) {
        return None;
    }
    let (start, end) = run.span(first, 4);
    let alone = match before(bytes, start) {
        Some(b'.') => start < 2 || !bytes[start - 2].is_ascii_alphanumeric(),
        Some(b'/') => start < 2 || !bytes[start - 2].is_ascii_alphanumeric() || is_path(bytes, start - 1),
        Some(b) => !(b.is_ascii_alphanumeric() || b == b'_'),
        None => true,
    };
    let ends = match bytes.get(end) {
        Some(b'.') => !bytes.get(end + 1).is_some_and(u8::is_ascii_alphanumeric),
        Some(b) => !(b.is_ascii_alphanumeric() || *b == b'_'),
        None => true,
    };
    if !alone || !ends {
        return None;
    }
    let version = hint().has(Hint::VERSION) || version::is_version(text, start, end);
    Some(if version { Quad::Version } else { Quad::Address((start, end)) })
}

fn is_octet(digits: &[u8]) -> bool {
    let value = digits.iter().take(4).fold(0, |n, b| n * 10 + u32::from(b - b'0'));
    digits.len() <= 3 && value <= 255 && (digits.len() == 1 || digits[0] != b'0')
}

/// Returns whether the word before `slash` begins in lower case, as in a path or a log (`host/1.2.3.4`). Otherwise, as in
/// `Chrome/1.2.3.4`, the number is a version.
fn is_path(bytes: &[u8], slash: usize) -> bool {
    let word = bytes[..slash].iter().rev().take_while(|b| b.is_ascii_alphanumeric()).count();
    bytes[slash - word].is_ascii_lowercase()
}

/// Finds the IPv6 address around the run `start..end`. Also returns the position up to which the text was examined.
pub(in crate::privacy) fn find_v6(text: &str, start: usize, end: usize) -> (Option<(usize, usize)>, usize) {
    let bytes = text.as_bytes();
    let is_part = |b: &&u8| b.is_ascii_hexdigit() || **b == b':';
    let from = start - bytes[..start].iter().rev().take_while(is_part).count();
    let first = bytes[start..end].iter().take_while(is_part).count();
    if start + first < end && bytes[start + first] != b'.' {
        // The run continues after a separator. The rest of it is examined separately.
        let to = start + first;
        return (address(text, from, to), to);
    }
    let to = start + bytes[start..].iter().take_while(|b| is_part(b) || **b == b'.').count();
    (address(text, from, to), to)
}

/// Finds addresses with `::` and without digits. Only those with at least three groups of three or more letters are
/// distinguishable from words.
pub(in crate::privacy) fn find_v6_without_digits(text: &str, found: &mut Vec<Span>) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(step) = memchr::memchr(b':', &bytes[at..]) {
        let colons = at + step;
        if bytes.get(colons + 1) != Some(&b':') {
            at = colons + 1;
            continue;
        }
        let is_part = |b: &&u8| b.is_ascii_hexdigit() || **b == b':';
        let from = colons - bytes[..colons].iter().rev().take_while(is_part).count();
        let to = colons + bytes[colons..].iter().take_while(is_part).count();
        let groups = text[from..to].split(':').filter(|group| group.len() >= 3).count();
        if groups >= 3
            && let Some((start, end)) = address(text, from, to)
        {
            found.push(Span::builtin(start, end, Builtin::IpAddress));
        }
        at = to.max(colons + 2);
    }
}

fn address(text: &str, from: usize, to: usize) -> Option<(usize, usize)> {
    let bytes = text.as_bytes();
    let token = text.get(from..to)?;
    if token.bytes().filter(|b| *b == b':').count() < 2 {
        return None;
    }
    let word = |b: Option<u8>| b.is_some_and(|b| b.is_ascii_alphanumeric() || b == b'_');
    // A colon or full stop of the sentence is not part of the address.
    let trimmed = token.trim_end_matches('.');
    let trimmed = if trimmed.ends_with("::") { trimmed } else { trimmed.trim_end_matches(':') };
    let head = trimmed.len() - if trimmed.starts_with("::") { trimmed } else { trimmed.trim_start_matches(':') }.len();
    let (start, end) = (from + head, from + trimmed.len());
    if start >= end || (head == 0 && word(before(bytes, start))) || (end == to && word(bytes.get(end).copied())) {
        return None;
    }
    let address: Ipv6Addr = text[start..end].parse().ok()?;
    let groups = text[start..end].split(':').filter(|group| !group.is_empty());
    let (count, longest) = groups.fold((0, 0), |(count, longest), group| (count + 1, longest.max(group.len())));
    // `::`, `a::b` and a row of byte pairs are rarely addresses.
    let plausible = address == Ipv6Addr::LOCALHOST || (count >= 2 && longest >= 3) || count >= 8 && longest > 2;
    plausible.then_some((start, end))
}

#[cfg(test)]
mod tests {
    use crate::privacy::patterns::Builtin::IpAddress;
    use crate::privacy::tests::{assert_finds, assert_leaves};

    #[test]
    fn finds_addresses() {
        assert_finds(
            IpAddress,
            &[
                ("192.0.2.1", "192.0.2.1"),
                ("from 10.0.0.255.", "10.0.0.255"),
                ("http://192.0.2.1:8080/x", "192.0.2.1"),
                ("192.0.2.0/24", "192.0.2.0"),
                ("[203.0.113.9]", "203.0.113.9"),
                ("0.0.0.0", "0.0.0.0"),
                ("a=198.51.100.7,b", "198.51.100.7"),
                ("ip-addr: 8.8.8.8", "8.8.8.8"),
                ("2001:db8::1", "2001:db8::1"),
                ("2001:0db8:85a3:0000:0000:8a2e:0370:7334", "2001:0db8:85a3:0000:0000:8a2e:0370:7334"),
                ("fe80::1ff:fe23:4567:890a", "fe80::1ff:fe23:4567:890a"),
                ("[2001:db8::1]:443", "2001:db8::1"),
                ("::1", "::1"),
                ("::ffff:192.0.2.128", "::ffff:192.0.2.128"),
                ("at 2001:db8:0:1::17, then", "2001:db8:0:1::17"),
                ("addr 2001:db8::1: down", "2001:db8::1"),
                ("fe80::dead:beef:cafe", "fe80::dead:beef:cafe"),
                ("5 192.0.2.1", "192.0.2.1"),
                ("v(192.0.2.1)", "192.0.2.1"),
                ("root@10.0.0.5", "10.0.0.5"),
                ("host = \"10.0.0.5\"", "10.0.0.5"),
                ("ip.addr==10.0.0.5", "10.0.0.5"),
                ("if host == \"10.0.0.5\"", "10.0.0.5"),
                ("<ip>10.0.0.5</ip>", "10.0.0.5"),
                ("Received: from mail, <192.0.2.1>", "192.0.2.1"),
                ("10.0.0.5-10.0.0.9", "10.0.0.5"),
                ("route changed from 10.0.0.5 to 10.0.0.6", "10.0.0.5"),
                ("connect to 10.0.0.5", "10.0.0.5"),
                ("version 2 of 10.0.0.5", "10.0.0.5"),
                ("conversion failed on host 10.0.0.5", "10.0.0.5"),
                ("# allow\n10.0.0.5", "10.0.0.5"),
                ("## Server 10.0.0.5", "10.0.0.5"),
                ("[10.0.0.5] - GET /", "10.0.0.5"),
                ("[10.0.0.5]:22", "10.0.0.5"),
                ("# 10.0.0.5 old", "10.0.0.5"),
                ("version 1.2.3.4, peer 10.0.0.5", "10.0.0.5"),
                ("ssh://root@10.0.0.5/", "10.0.0.5"),
                ("upstream a:10.0.0.5", "10.0.0.5"),
                ("http://proxy.example/x?host=10.0.0.5", "10.0.0.5"),
                ("localhost/127.0.0.1", "127.0.0.1"),
            ],
        );
    }

    #[test]
    fn ignores_versions_times_paths_and_sections() {
        assert_leaves(
            IpAddress,
            &[
                "1.2.3",
                "256.1.1.1",
                "1.2.3.4.5",
                "v1.2.3.4",
                "version 1.2.3.4",
                "Chrome/120.0.0.1",
                "Acme, Version=4.0.0.0, Culture=neutral, PublicKeyToken=null",
                "System.Acme, 4.0.0.0, Culture=neutral",
                "\"version\":\"1.27.3.0\"",
                "'fileVersion': '1.27.3.0'",
                "[assembly: AssemblyVersion(\"1.2.3.4\")]",
                "<Version>1.27.3.0</Version>",
                "<PackageReference Include=\"Acme\" Version=\"1.27.3.0\" />",
                "oldVersion=\"0.0.0.0-4.0.0.0\" newVersion=\"4.0.0.0\"",
                "app_version=1.27.3.0",
                "the version is 1.27.3.0",
                "Version number: 1.27.3.0",
                "versión 1.27.3.0",
                "acme==1.2.3.4",
                "acme>=1.2.3.4,<2.0.0.0",
                "acme ~= 1.2.3.4",
                "gem 'acme', '~> 1.2.3.4'",
                "\"acme\": \"^1.2.3.4\"",
                "## [1.27.3.0]",
                "### 1.27.3.0 (2024-11-05)",
                "text\n## v1.27.3.0\n",
                "[1.27.3.0]: https://code.example/acme/compare/1.27.2.0...1.27.3.0",
                "Bump acme from 1.2.3.3 to 1.2.3.4",
                "Upgraded acme to 1.2.3.4",
                "https://code.example/acme/releases/download/1.2.3.4/acme.zip",
                "https://code.example/acme/releases/tag/1.2.3.4",
                "https://code.example/api/package/acme/1.2.3.4",
                "pkg:nuget/acme@1.2.3.4",
                "@scope/acme@1.2.3.4",
                "org.acme:core:1.2.3.4",
                "registry.example/acme/app:1.27.3.0",
                "acme-1.2.3.4-py3-none-any.whl",
                "acme 1.2.3.4-beta1",
                "acme 1.2.3.4+build7",
                "affects acme prior to 1.2.3.4",
                "see clause 7.1.2.3",
                "OID 1.3.6.1",
                "01.02.03.04",
                "12:30:45",
                "2024-11-05T10:30:00",
                "std::fmt",
                "a::b",
                "aa:bb:cc:dd:ee:ff",
                "::",
                "x::1",
                "00:11:22:33:44:55:66:77",
                "1.2.3.4a",
                "10.0.0",
                "3.14159",
                "12:34:56:78",
                "face::add",
                "std::u8::MAX",
            ],
        );
    }
}
