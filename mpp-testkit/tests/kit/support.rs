//! Tools for the tests, and the message of a failed assertion.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use mpp_testkit::{Tool, ToolBuilder};

mod sample;
mod tools;

pub(crate) use sample::{Place, in_both_modes};
pub(crate) use tools::{crm, listener, notes, port, scribe};

/// Runs a test that must fail, and returns its message.
pub(crate) fn failure<T>(test: impl FnOnce() -> T) -> String {
    let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| drop(test())));
    let payload = caught.expect_err("the test did not fail");
    let text = payload.downcast_ref::<String>().cloned();
    text.or_else(|| payload.downcast_ref::<&str>().map(|text| (*text).to_owned())).expect("a message")
}

pub(crate) fn contacts() -> Tool {
    mpp_testkit::tool!("../examples/contacts").sandboxed().load()
}

pub(crate) fn text_tools() -> Tool {
    mpp_testkit::tool!("../examples/text-tools").sandboxed().load()
}

/// A project with a typical mistake. All are members of one workspace, so that they share compiled dependencies.
pub(crate) fn mistake(name: &str) -> ToolBuilder {
    ToolBuilder::new(workspace().join(name)).sandboxed()
}

/// Created once per process and kept for the next one, so that cargo does not rebuild it.
fn workspace() -> &'static Path {
    static WORKSPACE: OnceLock<PathBuf> = OnceLock::new();
    WORKSPACE.get_or_init(|| {
        let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("mistakes");
        let repository = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let sdk = format!("mpp = {{ package = \"mpp-sdk\", path = {:?} }}", repository.join("mpp-sdk"));
        let package = |name: &str, more: &str| {
            format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\npublish = false\n{more}\n")
        };
        let tool = |name: &str, more: &str| package(name, &format!("[dependencies]\n{sdk}\n{more}"));
        let members = ["misbehaving", "uncompilable", "toolless", "library", "greeting", "asking", "absent"];
        write(&root.join("Cargo.toml"), &format!("[workspace]\nmembers = {members:?}\nresolver = \"3\"\n"));
        // Uses the versions of this repository, so that no registry is needed.
        let lock = root.join("Cargo.lock");
        if !lock.exists() {
            fs::copy(repository.join("Cargo.lock"), &lock).unwrap();
        }
        let metadata = "[package.metadata.mpp]\nruntime = { timeout_ms = 400 }\n\
                        capabilities = { network = [\"api.crm.example\"] }\n";
        write(&root.join("misbehaving/Cargo.toml"), &tool("misbehaving", metadata));
        write(&root.join("misbehaving/src/main.rs"), include_str!("support/misbehaving.rs"));
        let data = "[package.metadata.mpp]\ncapabilities = { filesystem = { read = [\"/data\"] } }\n";
        write(&root.join("absent/Cargo.toml"), &tool("absent", data));
        write(&root.join("absent/src/main.rs"), include_str!("support/absent.rs"));
        write(&root.join("uncompilable/Cargo.toml"), &tool("uncompilable", ""));
        let uncompilable = "/// Counts.\n#[mpp::tool]\nfn count(text: &str) -> usize {\n    text.lenght()\n}\n\n\
                            fn main() {\n    mpp::serve()\n}\n";
        write(&root.join("uncompilable/src/main.rs"), uncompilable);
        write(&root.join("toolless/Cargo.toml"), &tool("toolless", ""));
        let toolless = "fn count(text: &str) -> usize {\n    text.len()\n}\n\nfn main() {\n    let _ = count(\"\");\n    mpp::serve()\n}\n";
        write(&root.join("toolless/src/main.rs"), toolless);
        write(&root.join("library/Cargo.toml"), &package("library", ""));
        write(&root.join("library/src/lib.rs"), "//! Not a tool.\n");
        write(&root.join("asking/Cargo.toml"), &tool("asking", ""));
        let asking = "/// Asks somebody.\n#[mpp::tool]\nfn ask() -> Result<String, mpp::Error> {\n    \
                      Ok(mpp::http::get(\"https://api.crm.example\").send()?.error_for_status()?.text()?.to_owned())\n}\n\n\
                      fn main() {\n    mpp::serve()\n}\n";
        write(&root.join("asking/src/main.rs"), asking);
        write(&root.join("greeting/Cargo.toml"), &package("greeting", ""));
        write(&root.join("greeting/src/main.rs"), "fn main() {\n    println!(\"hello\");\n}\n");
        root
    })
}

/// Writes a file only if it differs, so that cargo sees no change.
fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    if fs::read_to_string(path).is_ok_and(|there| there == text) {
        return;
    }
    fs::write(path, text).unwrap();
}
