//! Tests of domain proofs against a local DNS server and a local HTTPS server.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;

use mpp_host::codes::Coded as _;
use mpp_host::keys::{KeyRole, PublicKey, SigningKey};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, UdpSocket};
use tokio_rustls::TlsAcceptor;

use super::{DomainProver, DomainSettings};

fn key(seed: u8) -> PublicKey {
    SigningKey::from_seed(&[seed; 32], KeyRole::Publisher).public()
}

/// The records of a domain: TXT records, and IPv4 addresses.
pub(in crate::server) type Zone = HashMap<&'static str, (Vec<String>, Vec<[u8; 4]>)>;

/// Starts a DNS server that knows these records, and answers everything else with "no such name".
pub(in crate::server) async fn dns(zone: Zone) -> SocketAddr {
    let socket = UdpSocket::bind("127.0.0.1:0").await.expect("a socket");
    let address = socket.local_addr().expect("bound");
    tokio::spawn(async move {
        let mut buffer = [0; 1500];
        while let Ok((length, peer)) = socket.recv_from(&mut buffer).await {
            let answer = answer(&buffer[..length], &zone);
            let _ = socket.send_to(&answer, peer).await;
        }
    });
    address
}

/// Answers one question (RFC 1035).
fn answer(query: &[u8], zone: &Zone) -> Vec<u8> {
    let (mut labels, mut at) = (Vec::new(), 12);
    while query[at] > 0 {
        let length = usize::from(query[at]);
        labels.push(String::from_utf8_lossy(&query[at + 1..=at + length]).to_lowercase());
        at += length + 1;
    }
    let question = &query[12..at + 5];
    let kind = u16::from_be_bytes([query[at + 1], query[at + 2]]);
    let found = zone.get(labels.join(".").as_str());
    let records: Vec<Vec<u8>> = match (kind, found) {
        (16, Some((texts, _))) => texts.iter().map(|text| character_strings(text)).collect(),
        (1, Some((_, addresses))) => addresses.iter().map(|address| address.to_vec()).collect(),
        _ => Vec::new(),
    };
    let code = if found.is_some() { 0 } else { 3 };
    let mut out = vec![query[0], query[1], 0x84, code, 0, 1];
    out.extend(u16::try_from(records.len()).expect("few").to_be_bytes());
    out.extend([0, 0, 0, 0]);
    out.extend(question);
    for record in records {
        out.extend([0xc0, 12]);
        out.extend(kind.to_be_bytes());
        out.extend([0, 1, 0, 0, 0, 60]);
        out.extend(u16::try_from(record.len()).expect("short").to_be_bytes());
        out.extend(record);
    }
    out
}

/// A TXT record holds strings of at most 255 bytes; these are shorter, to see that they are joined.
fn character_strings(text: &str) -> Vec<u8> {
    let parts = text.as_bytes().chunks(20);
    parts.flat_map(|part| [&[u8::try_from(part.len()).expect("short")], part].concat()).collect()
}

/// Starts an HTTPS server for `name` that answers every request with `response`, and returns its port and its certificate.
async fn https(name: &str, response: String) -> (u16, String) {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let made = rcgen::generate_simple_self_signed(vec![name.to_owned()]).expect("a certificate");
    let key = rustls::pki_types::PrivateKeyDer::try_from(made.signing_key.serialize_der()).expect("a key");
    let config = rustls::ServerConfig::builder().with_no_client_auth();
    let config = config.with_single_cert(vec![made.cert.der().clone()], key).expect("a configuration");
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a socket");
    let port = listener.local_addr().expect("bound").port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, response) = (acceptor.clone(), response.clone());
            tokio::spawn(async move {
                let Ok(mut stream) = acceptor.accept(stream).await else { return };
                let mut head = [0; 2048];
                let _ = stream.read(&mut head).await;
                let _ = stream.write_all(response.as_bytes()).await;
                let _ = stream.shutdown().await;
            });
        }
    });
    (port, made.cert.pem())
}

fn document(keys: &[PublicKey]) -> String {
    let body = serde_json::json!({ "keys": keys }).to_string();
    format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len())
}

/// A prover for a zone and a server at `example.test`.
struct Setup {
    prover: DomainProver,
    _dir: tempfile::TempDir,
}

async fn setup(zone: Zone, response: String, local: bool) -> Setup {
    let (port, pem) = https("example.test", response).await;
    let dir = tempfile::tempdir().expect("a directory");
    let ca = dir.path().join("ca.pem");
    std::fs::write(&ca, pem).expect("written");
    let local = if local { ["example.test".to_owned()].into() } else { [].into() };
    let settings = DomainSettings { name_servers: vec![dns(zone).await], local, ca: Some(ca), port };
    Setup { prover: DomainProver::new(settings).expect("a prover"), _dir: dir }
}

pub(in crate::server) fn zone(texts: &[String], addresses: &[[u8; 4]]) -> Zone {
    HashMap::from([("example.test", (texts.to_vec(), addresses.to_vec()))])
}

#[tokio::test]
async fn finds_keys_in_both_places() {
    let texts = ["v=spf1 -all".to_owned(), format!("mpp-key={}", key(1).to_base64())];
    let setup = setup(zone(&texts, &[[127, 0, 0, 1]]), document(&[key(2)]), true).await;
    let found = setup.prover.look("example.test").await;
    assert_eq!(found.keys, [key(1), key(2)].into(), "{found:?}");
    let missing = setup.prover.look("example.org").await.missing("example.org");
    assert_eq!(missing.code(), "MPP-N311");
    assert!(missing.to_string().contains("the TXT records: there are none"), "{missing}");
}

#[tokio::test]
async fn does_not_connect_to_local_addresses() {
    for (address, words) in [
        ([127, 0, 0, 1], "127.0.0.1, a loopback address"),
        ([10, 0, 0, 7], "10.0.0.7, an address of a private network"),
        ([169, 254, 169, 254], "169.254.169.254, a link-local address"),
    ] {
        let setup = setup(zone(&[], &[address]), document(&[key(2)]), false).await;
        let found = setup.prover.look("example.test").await;
        assert!(found.keys.is_empty());
        let message = found.missing("example.test").to_string();
        assert!(message.contains(words), "{message}");
    }
    let setup = setup(zone(&[], &[[127, 0, 0, 1], [169, 254, 169, 254]]), document(&[key(2)]), true).await;
    let message = setup.prover.look("example.test").await.missing("example.test").to_string();
    assert!(message.contains("169.254.169.254"), "every address is checked, also those of a local domain: {message}");
}

#[tokio::test]
async fn accepts_only_a_plain_answer() {
    let redirect = "HTTP/1.1 302 Found\r\nlocation: https://example.test/keys.json\r\ncontent-length: 0\r\n\r\n";
    let large = format!("HTTP/1.1 200 OK\r\ncontent-length: 70000\r\n\r\n{}", " ".repeat(70_000));
    let twice = "{\"keys\":[],\"keys\":[]}";
    let twice = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{twice}", twice.len());
    for (response, words) in [
        (redirect.to_owned(), "it redirects"),
        (large, "the document is larger than 65536 bytes"),
        (twice, "it is not JSON"),
        ("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n".to_owned(), "the server answers 404"),
        ("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n[]".to_owned(), "it is not a list of keys"),
        (document(&[]), "it names no key"),
    ] {
        let setup = setup(zone(&[], &[[127, 0, 0, 1]]), response, true).await;
        let found = setup.prover.look("example.test").await;
        assert!(found.keys.is_empty());
        let message = found.missing("example.test").to_string();
        assert!(message.contains(words), "{words}: {message}");
    }
}

#[tokio::test]
async fn a_bad_record_does_not_hide_a_good_one() {
    let texts = ["mpp-key=nonsense".to_owned(), format!("mpp-key={}", key(1).to_base64())];
    let setup = setup(zone(&texts, &[]), document(&[]), true).await;
    assert_eq!(setup.prover.look("example.test").await.keys, [key(1)].into());
}

#[test]
fn only_registrable_domains_can_be_claimed() {
    for (domain, fits) in [
        ("example.com", true),
        ("tools.example.com", true),
        ("example.co.uk", true),
        ("xn--bcher-kva.example", true),
        ("co.uk", false),
        ("com", false),
        ("Example.com", false),
        ("example.com.", false),
        ("exa_mple.com", false),
        ("-a.com", false),
        ("127.0.0.1", false),
        ("example..com", false),
        ("", false),
    ] {
        assert_eq!(DomainProver::check(domain).is_ok(), fits, "{domain}");
    }
}
