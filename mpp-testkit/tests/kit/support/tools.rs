//! Tools that use hosts, state and files. They are not linked into the tests, so they run in the sandbox.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use mpp_testkit::ToolBuilder;

/// The example `crm-lookup`, with a declared host as its CRM.
pub(crate) fn crm() -> ToolBuilder {
    mpp_testkit::tool!("../examples/crm-lookup")
        .env("CRM_API_KEY", "a key for tests")
        .env("CRM_URL", "https://api.crm.example")
        .sandboxed()
}

/// The example `notes`.
pub(crate) fn notes() -> ToolBuilder {
    mpp_testkit::tool!("../examples/notes").sandboxed()
}

/// A tool that fetches, writes and counts, with and without handling errors. It declares `http://localhost:PORT`.
pub(crate) fn scribe() -> ToolBuilder {
    static DIR: OnceLock<PathBuf> = OnceLock::new();
    let dir = DIR.get_or_init(|| {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap();
        let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("scribe");
        fs::create_dir_all(dir.join("src")).unwrap();
        let manifest = include_str!("../scribe/Cargo.toml.in")
            .replace("{SDK}", root.join("mpp-sdk").to_str().unwrap())
            .replace("{PORT}", &port().to_string());
        fs::write(dir.join("Cargo.toml"), manifest).unwrap();
        fs::write(dir.join("src/main.rs"), include_str!("../scribe/main.rs")).unwrap();
        // Uses the versions of this workspace, so that no registry is needed.
        fs::copy(root.join("Cargo.lock"), dir.join("Cargo.lock")).unwrap();
        dir
    });
    let scribe = ToolBuilder::new(dir).env("TOKEN", "a token for tests");
    scribe.sandboxed().temp_dir("/in").temp_dir("/out").file("/ledger.txt", "")
}

/// The local port that the scribe declares.
pub(crate) fn port() -> u16 {
    listener().local_addr().unwrap().port()
}

/// Listens on the port until the run ends.
pub(crate) fn listener() -> &'static TcpListener {
    static LISTENER: OnceLock<TcpListener> = OnceLock::new();
    LISTENER.get_or_init(|| TcpListener::bind("127.0.0.1:0").unwrap())
}
