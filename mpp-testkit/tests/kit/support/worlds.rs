//! Tools with a world around them: hosts, state, files. They are not linked into the test: they run in the sandbox.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use mpp_testkit::ToolBuilder;

/// The CRM client of the examples, asking a CRM at its declared host.
pub(crate) fn crm() -> ToolBuilder {
    mpp_testkit::tool!("../examples/crm-lookup")
        .env("CRM_API_KEY", "a key for tests")
        .env("CRM_URL", "https://api.crm.example")
        .sandboxed()
}

/// The notes of the examples.
pub(crate) fn notes() -> ToolBuilder {
    mpp_testkit::tool!("../examples/notes").sandboxed()
}

/// A tool that fetches, writes and counts, carefully and carelessly; `http://localhost:PORT` is declared.
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
        // the versions of this workspace, so that nothing is looked up
        fs::copy(root.join("Cargo.lock"), dir.join("Cargo.lock")).unwrap();
        dir
    });
    let scribe = ToolBuilder::new(dir).env("TOKEN", "a token for tests");
    scribe.sandboxed().temp_dir("/in").temp_dir("/out").file("/ledger.txt", "")
}

/// A port of this machine that was free when it was asked for: the one that the scribe may use.
pub(crate) fn port() -> u16 {
    listener().local_addr().unwrap().port()
}

/// Listens there, for the whole run.
pub(crate) fn listener() -> &'static TcpListener {
    static LISTENER: OnceLock<TcpListener> = OnceLock::new();
    LISTENER.get_or_init(|| TcpListener::bind("127.0.0.1:0").unwrap())
}
