//! A local CRM for trying the tool: HTTPS with its own certificate authority, three customers, and an API key.
//!
//! `stand-in-crm CA.pem KEY [PORT]` writes the authority's certificate to `CA.pem` and serves until it is stopped. It is
//! deliberately careless: its notes repeat the API key of the request.

#[cfg(target_family = "wasm")]
fn main() {}

#[cfg(not(target_family = "wasm"))]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(ca), Some(key)) = (arguments.next(), arguments.next()) else {
        return Err("usage: stand-in-crm CA.pem KEY [PORT]".into());
    };
    let port = arguments.next().map_or(Ok(8443), |port| port.parse())?;
    server::run(&ca, &key, port)
}

#[cfg(not(target_family = "wasm"))]
mod server {
    use std::error::Error;
    use std::io::{self, BufRead, BufReader, Write};
    use std::net::{TcpListener, TcpStream};
    use std::sync::Arc;

    use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
    use rustls::pki_types::PrivateKeyDer;
    use rustls::{ServerConfig, ServerConnection, StreamOwned};

    /// Identifier, name, company, status, e-mail, telephone, notes.
    const CUSTOMERS: [[&str; 7]; 3] = [
        [
            "CUST-00012345",
            "Ada Lovelace",
            "Analytical Engines",
            "active",
            "ada@engines.example",
            "+1 212 555 0101",
            "paid with 4111 1111 1111 1111; referred by CUST-00054321",
        ],
        [
            "CUST-00054321",
            "Grace Hopper",
            "Compilers & Co",
            "active",
            "grace@compilers.example",
            "+1 212 555 0102",
            "prefers to be called before noon",
        ],
        [
            "CUST-00098765",
            "Alan Turing",
            "Bletchley Ltd",
            "former",
            "alan@bletchley.example",
            "+44 20 7946 0103",
            "left in 2021-06-30",
        ],
    ];

    /// Serves until the process ends.
    pub(crate) fn run(ca: &str, key: &str, port: u16) -> Result<(), Box<dyn Error>> {
        let config = Arc::new(certified(ca)?);
        let listener = TcpListener::bind(("127.0.0.1", port))?;
        // Tests and scripts wait for this line.
        writeln!(io::stdout(), "https://localhost:{}, certificate in {ca}", listener.local_addr()?.port())?;
        for stream in listener.incoming() {
            let (stream, config, key) = (stream?, Arc::clone(&config), key.to_owned());
            std::thread::spawn(move || {
                // A client that disconnects is not a failure.
                let _ = serve(stream, config, &key);
            });
        }
        Ok(())
    }

    /// Creates an authority, writes its certificate to the file, and issues a certificate for `localhost`.
    fn certified(ca: &str) -> Result<ServerConfig, Box<dyn Error>> {
        let mut params = CertificateParams::new(Vec::new())?;
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = CertifiedIssuer::self_signed(params, KeyPair::generate()?)?;
        let key = KeyPair::generate()?;
        let certificate = CertificateParams::new(vec!["localhost".to_owned()])?.signed_by(&key, &authority)?;
        std::fs::write(ca, authority.pem())?;
        let key = PrivateKeyDer::try_from(key.serialize_der())?;
        let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)?;
        Ok(config)
    }

    fn serve(stream: TcpStream, config: Arc<ServerConfig>, key: &str) -> Result<(), Box<dyn Error>> {
        stream.set_nodelay(true)?;
        let mut stream = BufReader::new(StreamOwned::new(ServerConnection::new(config)?, stream));
        loop {
            let mut first = String::new();
            if stream.read_line(&mut first)? == 0 {
                return Ok(());
            }
            let mut authorization = String::new();
            loop {
                let mut line = String::new();
                stream.read_line(&mut line)?;
                if line.trim().is_empty() {
                    break;
                }
                match line.split_once(": ") {
                    Some((name, value)) if name.eq_ignore_ascii_case("authorization") => {
                        value.trim().clone_into(&mut authorization);
                    }
                    _ => {}
                }
            }
            let (status, body) = answer(&first, &authorization, key);
            let length = body.len();
            let head =
                format!("HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n");
            let out = stream.get_mut();
            out.write_all(head.as_bytes())?;
            out.write_all(body.as_bytes())?;
            out.flush()?;
        }
    }

    fn answer(first: &str, authorization: &str, key: &str) -> (&'static str, String) {
        let target = first.strip_prefix("GET ").and_then(|rest| rest.split(' ').next());
        let Some(query) = target.and_then(|target| target.strip_prefix("/v1/customers?")) else {
            return ("404 Not Found", "{\"error\":\"no such place\"}".to_owned());
        };
        if authorization != format!("Bearer {key}") {
            return ("401 Unauthorized", "{\"error\":\"a key is needed\"}".to_owned());
        }
        let value = |name: &str| {
            let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            pairs.filter(|(known, _)| *known == name).map(|(_, value)| decoded(value)).next()
        };
        let wanted = value("q").unwrap_or_default().to_lowercase();
        let limit = value("limit").and_then(|limit| limit.parse().ok()).unwrap_or(10);
        let matches = |customer: &&[&str; 7]| {
            let [id, name, _, _, email, ..] = **customer;
            [id, name, email].iter().any(|text| text.to_lowercase().contains(&wanted))
        };
        let found: Vec<String> = CUSTOMERS.iter().filter(matches).take(limit).map(|c| json(c, key)).collect();
        ("200 OK", format!("[{}]", found.join(",")))
    }

    /// Formats a customer as JSON. The strings need no escaping.
    fn json([id, name, company, status, email, phone, notes]: &[&str; 7], key: &str) -> String {
        format!(
            r#"{{"id":"{id}","name":"{name}","company":"{company}","status":"{status}","email":"{email}","phone":"{phone}","notes":"{notes}; asked for with the key {key}"}}"#
        )
    }

    fn decoded(text: &str) -> String {
        let mut bytes = Vec::with_capacity(text.len());
        let mut rest = text.as_bytes();
        while let [first, tail @ ..] = rest {
            let hex = tail.first_chunk::<2>().and_then(|hex| std::str::from_utf8(hex).ok());
            match (*first, hex.and_then(|hex| u8::from_str_radix(hex, 16).ok())) {
                (b'%', Some(byte)) => {
                    bytes.push(byte);
                    rest = &tail[2..];
                }
                (byte, _) => {
                    bytes.push(byte);
                    rest = tail;
                }
            }
        }
        String::from_utf8_lossy(&bytes).into_owned()
    }
}
