//! Test servers with real TLS, a certificate authority for tests, and any response, including invalid ones.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// A certificate authority that no client trusts by default.
pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    /// Returns the authority that the hosts of these tests trust.
    pub(crate) fn trusted() -> &'static Self {
        static TRUSTED: OnceLock<Authority> = OnceLock::new();
        TRUSTED.get_or_init(Self::new)
    }

    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    pub(crate) fn pem(&self) -> String {
        self.0.pem()
    }

    /// Issues a server certificate that is valid until the given year.
    pub(crate) fn certificate(&self, name: &str, until: i32) -> Certificate {
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(until, 1, 1);
        let key = KeyPair::generate().unwrap();
        Certificate { chain: params.signed_by(&key, &self.0).unwrap().der().clone(), key }
    }
}

/// A certificate and its key.
pub(crate) struct Certificate {
    chain: CertificateDer<'static>,
    key: KeyPair,
}

impl Certificate {
    /// Creates a self-signed certificate.
    pub(crate) fn self_signed(name: &str) -> Self {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        Self { chain: params.self_signed(&key).unwrap().der().clone(), key }
    }

    fn config(self, protocol: &[u8]) -> ServerConfig {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let key = PrivateKeyDer::try_from(self.key.serialize_der()).unwrap();
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![self.chain], key)
            .unwrap();
        config.alpn_protocols = vec![protocol.to_vec()];
        config
    }
}

pub(crate) trait Connection: Read + Write {}
impl<T: Read + Write> Connection for T {}

/// A request as the server received it.
#[derive(Debug, Clone)]
pub(crate) struct Received {
    /// The request line and headers.
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Received {
    pub(crate) fn path(&self) -> &str {
        self.head.split(' ').nth(1).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().skip(1).filter_map(|line| line.split_once(": "));
        lines.filter(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value).next()
    }
}

/// A running server. Its threads end with the test.
pub(crate) struct Server {
    pub(crate) port: u16,
    counts: Arc<Counts>,
    requests: Arc<Mutex<Vec<Received>>>,
}

/// The number of all connections, and of those that are closed.
#[derive(Default)]
struct Counts {
    connections: AtomicUsize,
    closed: AtomicUsize,
}

/// Writes a response, and returns whether to keep the connection.
type Answer = dyn Fn(&Received, &mut dyn Write) -> bool + Send + Sync;

impl Server {
    /// Starts an HTTP/1.1 server, with TLS if there is a certificate.
    pub(crate) fn start(
        certificate: Option<Certificate>,
        answer: impl Fn(&Received, &mut dyn Write) -> bool + Send + Sync + 'static,
    ) -> Self {
        let answer: Arc<Answer> = Arc::new(answer);
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        let (port, counts) = listen(certificate, b"http/1.1", move |connection| talk(connection, &*answer, &seen));
        Self { port, counts, requests }
    }

    /// Starts an HTTP/2 server with TLS that answers every request with this body.
    pub(crate) fn start_h2(certificate: Certificate, body: &'static str) -> Self {
        let (port, counts) = listen(Some(certificate), b"h2", move |connection| talk_h2(connection, body));
        Self { port, counts, requests: Arc::default() }
    }

    /// Starts a server with a trusted certificate for `name` that answers with this body.
    pub(crate) fn trusted(name: &str, body: &'static str) -> Self {
        Self::start(Some(Authority::trusted().certificate(name, 2999)), move |_, out| reply(out, "200 OK", "", body))
    }

    pub(crate) fn connections(&self) -> usize {
        self.counts.connections.load(Ordering::SeqCst)
    }

    /// Waits until the server has closed this many connections.
    pub(crate) fn wait_closed(&self, connections: usize) {
        while self.counts.closed.load(Ordering::SeqCst) < connections {
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
    }

    pub(crate) fn requests(&self) -> Vec<Received> {
        self.requests.lock().unwrap().clone()
    }
}

fn listen(
    certificate: Option<Certificate>,
    protocol: &[u8],
    talk: impl Fn(&mut dyn Connection) + Send + Sync + 'static,
) -> (u16, Arc<Counts>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let counts = Arc::new(Counts::default());
    let (counted, talk) = (Arc::clone(&counts), Arc::new(talk));
    let config = certificate.map(|certificate| Arc::new(certificate.config(protocol)));
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let stream: TcpStream = stream.unwrap();
            stream.set_nodelay(true).unwrap();
            counted.connections.fetch_add(1, Ordering::SeqCst);
            let (talk, config, counted) = (Arc::clone(&talk), config.clone(), Arc::clone(&counted));
            std::thread::spawn(move || {
                match config {
                    Some(config) => {
                        let connection = ServerConnection::new(config).unwrap();
                        let mut stream = StreamOwned::new(connection, stream);
                        talk(&mut stream);
                        stream.conn.send_close_notify();
                        let _ = stream.flush();
                    }
                    None => talk(&mut { stream }),
                }
                counted.closed.fetch_add(1, Ordering::SeqCst);
            });
        }
    });
    (port, counts)
}

fn talk(connection: &mut dyn Connection, answer: &Answer, seen: &Mutex<Vec<Received>>) {
    loop {
        let mut head = Vec::new();
        let mut byte = [0];
        while !head.ends_with(b"\r\n\r\n") {
            match connection.read(&mut byte) {
                Ok(1) => head.push(byte[0]),
                _ => return,
            }
        }
        let mut received = Received { head: String::from_utf8(head).unwrap(), body: Vec::new() };
        let length = received.header("content-length").map_or(0, |length| length.parse().unwrap());
        received.body = vec![0; length];
        if connection.read_exact(&mut received.body).is_err() {
            return;
        }
        seen.lock().unwrap().push(received.clone());
        let mut out = &mut *connection;
        if !answer(&received, &mut out) {
            return;
        }
        let _ = out.flush();
    }
}

/// Writes a plain response and keeps the connection.
pub(crate) fn reply(out: &mut dyn Write, status: &str, headers: &str, body: &str) -> bool {
    let length = body.len();
    let message = format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\n{headers}\r\n{body}");
    out.write_all(message.as_bytes()).is_ok()
}

/// A minimal HTTP/2 server (RFC 9113): it sends settings, and one response for each request.
fn talk_h2(connection: &mut dyn Connection, body: &str) {
    let frame = |connection: &mut dyn Connection, kind: u8, flags: u8, stream: u32, payload: &[u8]| {
        let mut bytes = u32::try_from(payload.len()).unwrap().to_be_bytes()[1..].to_vec();
        bytes.extend_from_slice(&[kind, flags]);
        bytes.extend_from_slice(&stream.to_be_bytes());
        bytes.extend_from_slice(payload);
        let _ = connection.write_all(&bytes).and_then(|()| connection.flush());
    };
    let mut preface = [0; 24];
    if connection.read_exact(&mut preface).is_err() {
        return;
    }
    assert_eq!(&preface, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    frame(connection, 4, 0, 0, &[]);
    loop {
        let mut head = [0; 9];
        if connection.read_exact(&mut head).is_err() {
            return;
        }
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize;
        let stream = u32::from_be_bytes([head[5], head[6], head[7], head[8]]);
        let mut payload = vec![0; length];
        if connection.read_exact(&mut payload).is_err() {
            return;
        }
        match (head[3], head[4]) {
            // Settings that are not an acknowledgement.
            (4, 0) => frame(connection, 4, 1, 0, &[]),
            // Headers: `:status: 200` is entry 8 of the static table.
            (1, _) => {
                frame(connection, 1, 4, stream, &[0x88]);
                frame(connection, 0, 1, stream, body.as_bytes());
            }
            _ => {}
        }
    }
}
