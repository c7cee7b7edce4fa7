//! Records the HTTP requests of a server, in plain text and with TLS, with a proxy that the server is told to use.
//!
//! For each host the proxy makes a certificate, signed by an authority of its own that lives as long as the proxy. Exchanges are recorded
//! in the format of [fixtures](mpp_recording::fixture), so that a replay can answer the same requests without a network.

use std::collections::BTreeMap;
use std::io::{self, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use mpp_host::sandbox::network::{Request, Response};
use mpp_recording::{Masks, fixture};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ClientConfig, ServerConfig, ServerConnection, StreamOwned};

use super::error::CaptureError;
use super::http::Target;
use super::http::body;
use super::http::head::{Head, malformed};
use super::http::upstream::Upstream;
use super::recorder::Tap;

/// The most bytes of a body that are recorded.
const LONGEST: usize = 16 << 20;

/// A running proxy for the requests of a server. It runs until the process ends.
#[derive(Debug)]
pub struct OutboundProxy {
    address: SocketAddr,
    authority: String,
}

struct Shared {
    authority: Issuer<'static, KeyPair>,
    /// Settings of TLS by host.
    hosts: Mutex<BTreeMap<String, Arc<ServerConfig>>>,
    tls: Arc<ClientConfig>,
    masks: Masks,
    tap: Tap,
}

impl OutboundProxy {
    /// Starts a proxy on a free port of this machine. The values of `secrets` are replaced by their names in what is recorded. The
    /// servers that requests go to may have certificates of public authorities, or of those in `authorities`, in PEM.
    ///
    /// # Errors
    /// Returns an error if there is no free port, or the certificate cannot be made.
    pub fn start(
        secrets: impl IntoIterator<Item = (String, String)>,
        authorities: &str,
        tap: &Tap,
    ) -> Result<Self, CaptureError> {
        let address = SocketAddr::from(([127, 0, 0, 1], 0));
        let failed = |source: io::Error| CaptureError::Listen { address, source };
        let listener = TcpListener::bind(address).map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let (authority, pem) = authority().map_err(|error| failed(io::Error::other(error)))?;
        let masks = Masks::new(secrets.into_iter().collect(), &[]);
        let tls = crate::tls::client(authorities).map_err(failed)?;
        let shared = Arc::new(Shared { authority, hosts: Mutex::default(), tls, masks, tap: tap.clone() });
        let accept = move || {
            for client in listener.incoming().flatten() {
                let shared = Arc::clone(&shared);
                // If there is no thread to spare, the connection is closed, and the server sees that.
                let _ =
                    std::thread::Builder::new().name("outbound".to_owned()).spawn(move || drop(shared.serve(client)));
            }
        };
        std::thread::Builder::new().name("outbound".to_owned()).spawn(accept).map_err(failed)?;
        Ok(Self { address, authority: pem })
    }

    /// Returns the address of the proxy.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the certificate of the proxy's authority, in PEM.
    #[must_use]
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// Returns the variables that make a server use the proxy. `certificates` is a file with the certificate of its authority.
    #[must_use]
    pub fn variables(&self, certificates: &Path) -> Vec<(&'static str, String)> {
        let url = format!("http://{}", self.address);
        let file = certificates.display().to_string();
        let proxies = ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
        let files = [
            "SSL_CERT_FILE",
            "NODE_EXTRA_CA_CERTS",
            "REQUESTS_CA_BUNDLE",
            "CURL_CA_BUNDLE",
            "GIT_SSL_CAINFO",
            "AWS_CA_BUNDLE",
            "DENO_CERT",
        ];
        let mut variables: Vec<(&'static str, String)> = proxies.into_iter().map(|name| (name, url.clone())).collect();
        variables.extend(files.into_iter().map(|name| (name, file.clone())));
        // Node.js ignores the proxy without this.
        variables.extend([
            ("NODE_USE_ENV_PROXY", "1".to_owned()),
            ("NO_PROXY", String::new()),
            ("no_proxy", String::new()),
        ]);
        variables
    }
}

/// Makes an authority, and returns its certificate in PEM.
fn authority() -> Result<(Issuer<'static, KeyPair>, String), rcgen::Error> {
    let mut params = CertificateParams::new(Vec::<String>::new())?;
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::DigitalSignature, KeyUsagePurpose::CrlSign];
    params.distinguished_name.push(DnType::CommonName, "MPP recording proxy");
    let key = KeyPair::generate()?;
    let pem = params.self_signed(&key)?.pem();
    Ok((Issuer::new(params, key), pem))
}

impl Shared {
    fn serve(&self, client: TcpStream) -> io::Result<()> {
        client.set_nodelay(true)?;
        let mut client = BufReader::new(client);
        while let Some(mut request) = Head::read(&mut client)? {
            let parts = request.request().map(|(method, target)| (method.to_owned(), target.to_owned()));
            let (method, target) = parts.ok_or_else(|| malformed("the request is not HTTP/1.1"))?;
            if method == "CONNECT" {
                let target = Target::parse(&format!("https://{target}"));
                let target = target.ok_or_else(|| malformed("the host is not valid"))?;
                client.get_mut().write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")?;
                return self.tunnel(client.into_inner(), &target);
            }
            let target = Target::parse(&target).ok_or_else(|| malformed("the target is not a URL"))?;
            request.first = format!("{method} {} HTTP/1.1", target.path());
            if !self.exchange(request, &target, &mut client)? {
                break;
            }
        }
        Ok(())
    }

    /// Serves the requests of a connection with TLS.
    fn tunnel(&self, client: TcpStream, target: &Target) -> io::Result<()> {
        let connection = ServerConnection::new(self.host(target.host())?).map_err(io::Error::other)?;
        let mut client = BufReader::new(StreamOwned::new(connection, client));
        loop {
            let request = match Head::read(&mut client) {
                Ok(Some(request)) => request,
                Ok(None) => return Ok(()),
                Err(error) => {
                    // The server under observation does not accept the certificate.
                    if client.get_ref().conn.is_handshaking() {
                        self.tap.unrecorded(format!("{}: {error}", target.authority()));
                    }
                    return Err(error);
                }
            };
            if !self.exchange(request, target, &mut client)? {
                return Ok(());
            }
        }
    }

    /// Passes on a request and its response. Returns whether the connections can be used again.
    fn exchange<S: Read + Write>(
        &self,
        mut request: Head,
        target: &Target,
        client: &mut BufReader<S>,
    ) -> io::Result<bool> {
        let Some((method, path)) = request.request().map(|(method, path)| (method.to_owned(), path.to_owned())) else {
            return Err(malformed("the request is not HTTP/1.1"));
        };
        let closes = request.closes();
        let body = request.request_body()?;
        // Compressed bodies could not be recorded.
        request.remove("Accept-Encoding");
        request.remove("Proxy-Connection");
        request.remove("Proxy-Authorization");
        // A connection for each exchange: servers close idle ones at any time, and a request cannot be sent twice.
        let connected = Upstream::connect(target, &self.tls);
        let connected = connected.and_then(|mut server| server.write_all(&request.bytes()).map(|()| server));
        let mut server = match connected {
            Ok(server) => BufReader::new(server),
            Err(error) => return self.unreachable(target, &error, client.get_mut()).map(|()| false),
        };
        let mut sent = Vec::new();
        body::pass(body, client, server.get_mut(), |bytes| keep(&mut sent, bytes))?;
        let response = loop {
            let Some(head) = Head::read(&mut server)? else { return Err(io::ErrorKind::UnexpectedEof.into()) };
            client.get_mut().write_all(&head.bytes())?;
            if head.status().is_none_or(|status| status / 100 != 1) {
                break head;
            }
        };
        client.get_mut().flush()?;
        let body = response.response_body(&method)?;
        let mut received = Vec::new();
        body::pass(body, &mut server, client.get_mut(), |bytes| keep(&mut received, bytes))?;
        self.record(target, &method, &path, (&request, sent), (&response, received));
        Ok(!closes && body != super::http::head::Body::UntilClose)
    }

    /// Answers in place of a server that cannot be reached.
    fn unreachable(&self, target: &Target, error: &io::Error, client: &mut impl Write) -> io::Result<()> {
        self.tap.unrecorded(format!("{}: {error}", target.authority()));
        let reason = format!("{} cannot be reached: {error}", target.authority());
        let length = reason.len();
        let head = format!(
            "HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {length}\r\n"
        );
        client.write_all(format!("{head}Connection: close\r\n\r\n{reason}").as_bytes())?;
        client.flush()
    }

    fn record(
        &self,
        target: &Target,
        method: &str,
        path: &str,
        (asked, sent): (&Head, Vec<u8>),
        (answered, received): (&Head, Vec<u8>),
    ) {
        let lower =
            |head: &Head| head.headers.iter().map(|(name, value)| (name.to_ascii_lowercase(), value.clone())).collect();
        let mut request = Request::new(method, format!("{}{path}", target.origin()));
        request.headers = lower(asked);
        request.body = sent;
        let mut response = Response::new(answered.status().unwrap_or_default(), received);
        response.headers = lower(answered);
        if let Some(exchange) = fixture::exchange(&request, &response, &self.masks) {
            self.tap.exchange(exchange);
        }
    }

    /// Returns the settings of TLS for a host, with a certificate for it.
    fn host(&self, host: &str) -> io::Result<Arc<ServerConfig>> {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = hosts.get(host) {
            return Ok(Arc::clone(known));
        }
        let config = Arc::new(self.certified(host).map_err(io::Error::other)?);
        hosts.insert(host.to_owned(), Arc::clone(&config));
        Ok(config)
    }

    fn certified(&self, host: &str) -> Result<ServerConfig, Box<dyn std::error::Error + Send + Sync>> {
        let key = KeyPair::generate()?;
        let mut params = CertificateParams::new(vec![host.trim_matches(['[', ']']).to_owned()])?;
        params.distinguished_name.push(DnType::CommonName, host);
        let certificate = params.signed_by(&key, &self.authority)?;
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
        let mut config = builder.with_no_client_auth().with_single_cert(vec![certificate.der().clone()], key)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(config)
    }
}

fn keep(kept: &mut Vec<u8>, bytes: &[u8]) {
    let room = LONGEST.saturating_sub(kept.len());
    kept.extend_from_slice(&bytes[..room.min(bytes.len())]);
}
