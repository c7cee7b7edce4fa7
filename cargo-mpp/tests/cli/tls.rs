//! Connections to registries: certificates of a private authority, and credentials that reach one server only.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};

use crate::following::Follower;
use crate::registry::Running;
use crate::support::User;

/// Writes the certificate of a new authority as `NAME-ca.pem`, and a certificate by it as `NAME.pem` with its key as `NAME.key`.
fn certificate(user: &User, name: &str, host: &str, until: i32) {
    let mut authority = CertificateParams::new(Vec::new()).expect("parameters");
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().expect("a key")).expect("an authority");
    let mut params = CertificateParams::new(vec![host.to_owned()]).expect("parameters");
    (params.not_before, params.not_after) = (date_time_ymd(2020, 1, 1), date_time_ymd(until, 1, 1));
    let key = KeyPair::generate().expect("a key");
    let made = params.signed_by(&key, &authority).expect("a certificate");
    user.write(&format!("{name}-ca.pem"), authority.pem());
    user.write(&format!("{name}.pem"), made.pem());
    user.write(&format!("{name}.key"), key.serialize_pem());
}

fn serve(user: &User, name: &str) -> Running {
    let (certificate, key) = (format!("{name}.pem"), format!("{name}.key"));
    Running::start(user, &["--tls-cert", &certificate, "--tls-key", &key])
}

#[test]
fn a_registry_with_a_certificate_of_a_private_authority() {
    let user = User::new();
    certificate(&user, "own", "127.0.0.1", 2100);
    let running = serve(&user, "own");
    let (url, key) = (running.text("url"), running.text("root_key"));
    assert!(url.starts_with("https://127.0.0.1:"), "{url}");
    let add = ["registry", "add", &url, "--key", &key, "--name", "own"];
    // The authority is not one of the system's.
    let refused = user.mpp(&add).failed(7, "MPP-N049");
    assert!(refused.stderr.contains("--ca FILE"), "{}", refused.stderr);
    assert!(!user.home().join("config.toml").exists());
    user.mpp(&[&add[..], &["--ca", "own-ca.pem"]].concat()).done();
    user.mpp(&["keygen"]).done();
    user.mpp(&["register"]).done();
    user.mpp(&["search", "say"]).done();
    // Those who follow the registry need the authority, too.
    let monitor = ["registry", "monitor", &url, "--key", &key, "--package-id", "com.example.*"];
    user.mpp(&monitor).failed(7, "MPP-N508");
    user.mpp(&[&monitor[..], &["--ca", "own-ca.pem"]].concat()).done();
    user.mpp(&["registry", "copy", &url, "copy"]).failed(7, "MPP-N137");
    user.mpp(&["registry", "copy", &url, "copy", "--ca", "own-ca.pem"]).done();
    let mirror = ["registry", "serve", "--upstream", &url, "--key", &key, "--dir", "mirror", "--listen", "127.0.0.1:0"];
    user.mpp(&mirror).failed(7, "MPP-N508");
    let tls = ["--ca", "own-ca.pem", "--tls-cert", "own.pem", "--tls-key", "own.key"];
    let follower = Follower::start(&user, &[&mirror[..], &tls].concat());
    let mirrored = format!("https://{}", follower.text("address"));
    user.mpp(&["registry", "add", &mirrored, "--key", &key, "--name", "mirror", "--ca", "own-ca.pem"]).done();
    user.mpp(&["registry", "add", &url, "--key", &key, "--name", "none", "--ca", "none.pem"]).failed(2, "MPP-C002");
    user.mpp(&["registry", "add", &url, "--key", &key, "--name", "none", "--ca", "own.key"]).failed(2, "MPP-N042");
}

#[test]
fn certificates_that_do_not_fit_are_explained() {
    for (name, host, until, words) in
        [("expired", "127.0.0.1", 2021, "expired"), ("elsewhere", "tools.example.com", 2100, "tools.example.com")]
    {
        let user = User::new();
        certificate(&user, name, host, until);
        let running = serve(&user, name);
        let (url, key, ca) = (running.text("url"), running.text("root_key"), format!("{name}-ca.pem"));
        let refused = user.mpp(&["registry", "add", &url, "--key", &key, "--ca", &ca]).failed(7, "MPP-N049");
        assert!(refused.stderr.contains(words), "{words} is not in\n{}", refused.stderr);
        assert!(!user.home().join("config.toml").exists());
    }
    // A server with a key that does not belong to its certificate, or with no certificate at all.
    let user = User::new();
    certificate(&user, "one", "127.0.0.1", 2100);
    certificate(&user, "two", "127.0.0.1", 2100);
    user.write("empty.pem", "");
    for (certificate, key) in
        [("one.pem", "two.key"), ("empty.pem", "one.key"), ("one.key", "one.key"), ("none.pem", "one.key")]
    {
        let listen = ["registry", "serve", "--listen", "127.0.0.1:0", "--tls-cert", certificate, "--tls-key", key];
        let refused = user.mpp(&listen).failed(2, "MPP-N213");
        assert!(refused.stderr.contains(certificate), "{}", refused.stderr);
    }
}

/// A server that answers every request with one status and some headers, and keeps the heads of the requests.
struct Recorder {
    url: String,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Recorder {
    fn start(status: &'static str, headers: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let heads = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&heads);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let head = read_head(&stream);
                kept.lock().expect("not poisoned").push(head.to_lowercase());
                let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
                let headers = headers.replace("{path}", &path);
                let _ = write!(&stream, "HTTP/1.1 {status}\r\n{headers}content-length: 0\r\nconnection: close\r\n\r\n");
            }
        });
        Self { url, heads }
    }

    fn heads(&self) -> Vec<String> {
        self.heads.lock().expect("not poisoned").clone()
    }
}

fn read_head(mut stream: &TcpStream) -> String {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|count| count == 1) {
        head.extend_from_slice(&byte);
    }
    String::from_utf8_lossy(&head).into_owned()
}

#[test]
fn credentials_are_sent_to_the_server_of_the_registry_and_nowhere_else() {
    let user = User::new();
    let running = Running::start(&user, &[]);
    let (url, key) = (running.text("url"), running.text("root_key"));
    let elsewhere = Recorder::start("404 Not Found", String::new());
    let redirecting = Recorder::start("307 Temporary Redirect", format!("location: {}{{path}}\r\n", elsewhere.url));
    let configure = |first: &str, mirror: &str| {
        user.write(
            "home/config.toml",
            format!(
                "default = \"own\"\n[[registry]]\nname = \"own\"\nroot_key = \"{key}\"\nurls = [\"{first}\", \"{mirror}\"]\n\
                 authorization = {{ env = \"REGISTRY_TOKEN\" }}\n"
            ),
        );
    };
    let search = |token: Option<&str>| {
        let mut command = user.command(&["install", "com.example.say"]);
        if let Some(token) = token {
            command.env("REGISTRY_TOKEN", token);
        }
        crate::support::Ended::run(&mut command)
    };
    // Redirected with credentials: the request ends there.
    configure(&redirecting.url, &redirecting.url);
    let refused = search(Some("Bearer secret-word")).failed(7, "MPP-N020");
    assert!(refused.stderr.contains("where the configured credentials are not sent"), "{}", refused.stderr);
    assert!(!refused.stderr.contains("secret-word"), "{}", refused.stderr);
    assert_eq!(elsewhere.heads(), Vec::<String>::new());
    assert!(redirecting.heads().iter().all(|head| head.contains("authorization: bearer secret-word")));
    assert!(!redirecting.heads().is_empty());
    search(None).failed(2, "MPP-N042");

    // A mirror on another server is asked without them.
    let first = Recorder::start("403 Forbidden", String::new());
    configure(&first.url, &elsewhere.url);
    search(Some("Bearer secret-word"));
    assert!(
        first.heads().iter().all(|head| head.contains("authorization: bearer secret-word"))
            && !first.heads().is_empty()
    );
    let asked = elsewhere.heads();
    assert!(
        asked.iter().all(|head| !head.contains("authorization") && !head.contains("secret-word")) && !asked.is_empty(),
        "{asked:?}"
    );

    // Without credentials, a redirect is followed; to a place without encryption only on this machine.
    let moved =
        Recorder::start("308 Permanent Redirect", format!("location: {}{{path}}\r\n", url.trim_end_matches('/')));
    let user = User::new();
    user.mpp(&["registry", "add", &moved.url, "--key", &key]).done();
    let open = Recorder::start("307 Temporary Redirect", "location: http://tools.example.com{path}\r\n".to_owned());
    let refused = user.mpp(&["registry", "add", &open.url, "--key", &key, "--name", "open"]).failed(7, "MPP-N020");
    assert!(
        refused.stderr.contains("http://tools.example.com/") && refused.stderr.contains("which is not encrypted"),
        "{}",
        refused.stderr
    );
    let circle = Recorder::start("307 Temporary Redirect", "location: {path}\r\n".to_owned());
    let refused = user.mpp(&["registry", "add", &circle.url, "--key", &key, "--name", "circle"]).failed(7, "MPP-N020");
    assert!(refused.stderr.contains("too many redirects"), "{}", refused.stderr);
}
