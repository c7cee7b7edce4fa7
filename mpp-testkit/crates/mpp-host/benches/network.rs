//! An HTTP request of a tool, compared with the same request of a native client over an equally kept connection: TLS,
//! HTTP/1.1, a server on this machine. The difference is the cost of the sandbox, the checks and the connection pool.
#![allow(clippy::disallowed_methods, reason = "the rules of clippy.toml are for the library")]
#![allow(missing_docs, reason = "criterion's macros make public items")]
#![allow(clippy::unwrap_used, clippy::panic, dead_code, reason = "a benchmark, and a server that tests use more of")]

#[path = "../tests/sandbox/network/server.rs"]
mod server;

use std::net::IpAddr;
use std::sync::Arc;

use bytes::Bytes;
use criterion::{Criterion, criterion_group, criterion_main};
use http_body_util::{BodyExt, Empty};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use mpp_host::Host;
use mpp_host::host::RunnablePackage;
use mpp_host::sandbox::network::{NetworkSettings, Resolver};
use mpp_host::testing::SamplePackage;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::ServerName;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use serde_json::{Value, json};
use server::{Authority, Server};
use tokio::net::TcpStream;
use tokio::runtime::{Builder, Runtime};
use tokio_rustls::TlsConnector;

const NAME: &str = "api.example.com";
const BODY: &str = r#"[{"id":"CUST-00012345","name":"Ada Lovelace","company":"Analytical Engines","status":"active"}]"#;

#[derive(Debug)]
struct Here;

impl Resolver for Here {
    fn resolve(&self, _: &str) -> std::io::Result<Vec<IpAddr>> {
        Ok(vec![[127, 0, 0, 1].into()])
    }
}

/// A module that answers at once, or after one request.
fn module(request: Option<&str>) -> Vec<u8> {
    let answer = "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"content\":[],\"structuredContent\":0}}\n";
    let escaped = |bytes: &[u8]| bytes.iter().map(|byte| format!("\\{byte:02x}")).collect::<String>();
    let head = request.unwrap_or_default();
    let mut frame = u32::try_from(head.len()).unwrap().to_le_bytes().to_vec();
    frame.extend_from_slice(head.as_bytes());
    let (imports, send) = match request {
        None => ("", String::new()),
        Some(_) => (
            r#"(import "mpp_v1" "http_send" (func $http_send (param i32 i32) (result i32)))
               (import "mpp_v1" "reply_take" (func $reply_take (param i32)))"#,
            format!(
                "(if (call $http_send (i32.const 65536) (i32.const {})) (then unreachable))
                 (call $reply_take (i32.const 100000))",
                frame.len()
            ),
        ),
    };
    let text = format!(
        r#"(module
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  {imports}
  (memory (export "memory") 4)
  (data (i32.const 1024) "{}")
  (data (i32.const 65536) "{}")
  (func (export "_start")
    {send}
    (i32.store (i32.const 0) (i32.const 1024))
    (i32.store (i32.const 4) (i32.const {}))
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))"#,
        escaped(answer.as_bytes()),
        escaped(&frame),
        answer.len()
    );
    wat::parse_str(text).unwrap()
}

fn tool(host: &Host, module: &[u8], network: &Value) -> RunnablePackage {
    let sample = SamplePackage::new().module(module).set("/capabilities/network", network.clone());
    let package = host.verify(sample.sign()).outcome.unwrap();
    let grant = sample.grant(host, &package).allow_local(true);
    host.load(package).unwrap().grant(grant).unwrap()
}

/// A minimal native client: one connection, and a runtime on the calling thread.
struct Native {
    runtime: Runtime,
    sender: SendRequest<Empty<Bytes>>,
    host: String,
}

impl Native {
    fn connect(port: u16) -> Self {
        let runtime = Builder::new_current_thread().enable_io().enable_time().build().unwrap();
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(Authority::trusted().pem().as_bytes()).unwrap()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let sender = runtime.block_on(async {
            let stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
            stream.set_nodelay(true).unwrap();
            let name = ServerName::try_from(NAME).unwrap();
            let stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await.unwrap();
            let (sender, connection) = handshake(TokioIo::new(stream)).await.unwrap();
            tokio::spawn(connection);
            sender
        });
        Self { runtime, sender, host: format!("{NAME}:{port}") }
    }

    fn get(&mut self) -> Bytes {
        let sender = &mut self.sender;
        let request = http::Request::get("/").header("host", &self.host).body(Empty::new()).unwrap();
        self.runtime.block_on(async {
            sender.ready().await.unwrap();
            sender.send_request(request).await.unwrap().into_body().collect().await.unwrap().to_bytes()
        })
    }
}

fn requests(criterion: &mut Criterion) {
    let server = Server::trusted(NAME, BODY);
    let settings = NetworkSettings::new().root_certificates(Authority::trusted().pem().as_bytes()).unwrap();
    let host = Host::builder().network(settings.resolver(Arc::new(Here))).build().unwrap();
    let network = json!([format!("{NAME}:{}", server.port)]);
    let head = json!({ "method": "GET", "url": format!("https://{NAME}:{}/", server.port) }).to_string();
    let asking = tool(&host, &module(Some(&head)), &network);
    let silent = tool(&host, &module(None), &network);
    let mut native = Native::connect(server.port);
    let call = |tool: &RunnablePackage| {
        let output = tool.call("run", "{}");
        assert!(output.outcome().is_ok(), "{}", output.json());
    };

    let mut group = criterion.benchmark_group("network");
    group.bench_function("native client, kept connection", |b| b.iter(|| assert_eq!(native.get().len(), BODY.len())));
    group.bench_function("call with one request, kept connection", |b| b.iter(|| call(&asking)));
    group.bench_function("call without a request", |b| b.iter(|| call(&silent)));
    group.finish();
    assert_eq!(server.connections(), 2, "each client kept its connection");
}

criterion_group!(benches, requests);
criterion_main!(benches);
