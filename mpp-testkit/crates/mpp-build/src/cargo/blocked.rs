//! Crates that cannot work in a tool, and what to use instead.

use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::tree::{self, Node, Tree};
use crate::error::{BlockReason, BuildError};
use crate::event::Event;
use crate::libraries::Library;
use crate::options::BuildOptions;
use crate::project::cargo::CargoProject;

/// What a tool uses in place of an HTTP client.
const HTTP: &str = "send requests with `mpp::http` (`mpp::http::get(url).send()?`): the host opens the connections, to declared hosts only";
const WEB_SOCKET: &str =
    "there are no lasting connections in the sandbox: send requests with `mpp::http` (`mpp::http::get(url).send()?`)";
const DATABASE: &str = "keep data in `mpp::kv`, or send requests to an HTTP interface of the database with `mpp::http` (`mpp::http::get(url).send()?`)";
const CRYPTO: &str = "use crates in pure Rust, such as `sha2`, `hmac`, `ed25519-dalek` and `chacha20poly1305`; TLS is the \
                      host's part: `mpp::http` sends requests over HTTPS";
const STATE: &str = "keep data in `mpp::kv`";

/// Crates that open sockets. In a tool they fail to compile, import functions that the sandbox does not have, or fail at run
/// time.
const SOCKETS: &[(&str, &str)] = &[
    ("reqwest", HTTP),
    ("ureq", HTTP),
    ("isahc", HTTP),
    ("attohttpc", HTTP),
    ("minreq", HTTP),
    ("surf", HTTP),
    ("awc", HTTP),
    ("curl", HTTP),
    ("curl-sys", HTTP),
    ("hyper-tls", HTTP),
    ("hyper-rustls", HTTP),
    ("native-tls", HTTP),
    ("tokio-native-tls", HTTP),
    ("openssl", HTTP),
    ("openssl-sys", HTTP),
    ("tokio-rustls", HTTP),
    ("tungstenite", WEB_SOCKET),
    ("tokio-tungstenite", WEB_SOCKET),
    ("async-tungstenite", WEB_SOCKET),
    ("redis", DATABASE),
    ("postgres", DATABASE),
    ("tokio-postgres", DATABASE),
    ("mysql", DATABASE),
    ("mongodb", DATABASE),
    ("async-io", HTTP),
    ("mio", HTTP),
    ("socket2", HTTP),
];

/// Crates that compile C code.
const NATIVE: &[(&str, &str)] = &[
    ("ring", CRYPTO),
    ("aws-lc-sys", CRYPTO),
    ("boring-sys", CRYPTO),
    ("secp256k1-sys", "use `k256`, which is pure Rust"),
    ("libsqlite3-sys", STATE),
    ("librocksdb-sys", STATE),
    ("lmdb-sys", STATE),
    ("libz-sys", "use `flate2` with its default features, which is pure Rust"),
    ("zstd-sys", "use `ruzstd`, which is pure Rust"),
    ("bzip2-sys", "use `bzip2` in version 0.6 or later with its default features, which is pure Rust"),
    ("lzma-sys", "use `lzma-rs`, which is pure Rust"),
    ("lz4-sys", "use `lz4_flex`, which is pure Rust"),
    ("onig_sys", "use `fancy-regex`, which is pure Rust; `syntect` has the feature `default-fancy` for it"),
    ("libgit2-sys", "use `gix`, or an HTTP interface of the server with `mpp::http`"),
    ("libssh2-sys", HTTP),
];

/// Features of `tokio` that do not compile for the target.
const TOKIO: &[&str] = &["fs", "io-std", "net", "process", "rt-multi-thread", "signal"];
const TOKIO_INSTEAD: &str = "a tool handles one call and needs no runtime; `tokio` compiles with its features `sync`, `macros`, \
                             `io-util`, `rt` and `time` only";

/// What is known about the machine and the flags of a build.
#[derive(Debug, Clone, Copy)]
pub(super) struct Surroundings {
    /// Whether C code can be compiled for the target.
    pub(super) has_c_compiler: bool,
    /// Whether tokio's unstable support for the target is enabled.
    pub(super) has_tokio_unstable: bool,
}

impl Surroundings {
    /// Looks at the environment as the crate `cc` does, and at the compiler flags.
    pub(super) fn of(flags: &[String]) -> Self {
        let variables = ["CC_wasm32-wasip1", "CC_wasm32_wasip1", "TARGET_CC", "CC"];
        let has_clang = || {
            let path = std::env::var_os("PATH").unwrap_or_default();
            let name = Path::new("clang").with_extension(std::env::consts::EXE_EXTENSION);
            std::env::split_paths(&path).any(|dir| dir.join(&name).is_file())
        };
        Self {
            has_c_compiler: variables.iter().any(|name| std::env::var_os(name).is_some()) || has_clang(),
            has_tokio_unstable: flags.iter().any(|flag| flag.ends_with("tokio_unstable")),
        }
    }
}

/// Returns what to use instead of the crate `name`, if it opens sockets.
pub(super) fn instead_of_sockets(name: &str) -> Option<&'static str> {
    SOCKETS.iter().find(|(blocked, _)| *blocked == name).map(|(_, instead)| *instead)
}

fn verdict(node: &Node, surroundings: Surroundings) -> Option<(BlockReason, &'static str)> {
    if let Some(instead) = instead_of_sockets(&node.name) {
        return Some((BlockReason::Sockets, instead));
    }
    if let Some((_, instead)) = NATIVE.iter().find(|(name, _)| *name == node.name)
        && !surroundings.has_c_compiler
    {
        return Some((BlockReason::NativeCode, *instead));
    }
    if node.name == "tokio" && !surroundings.has_tokio_unstable {
        let missing: Vec<String> =
            node.features.iter().filter(|feature| TOKIO.contains(&feature.as_str())).cloned().collect();
        return (!missing.is_empty()).then_some((BlockReason::Features(missing), TOKIO_INSTEAD));
    }
    None
}

/// Refuses the tree of a tool if one of its crates cannot work in the sandbox.
fn refuse(package: &str, tree: &Tree, surroundings: Surroundings) -> Result<(), BuildError> {
    // The crate closest to the author's Cargo.toml is reported, not one of its own dependencies.
    let Some((node, (reason, instead))) =
        tree.by_distance().find_map(|node| Some((node, verdict(node, surroundings)?)))
    else {
        return Ok(());
    };
    Err(BuildError::BlockedCrate {
        package: package.to_owned(),
        found: node.name.clone(),
        via: tree.path_to(node),
        reason,
        instead,
    })
}

/// Refuses a tool that links a crate which cannot work in the sandbox, before anything is compiled. Returns the crates that it links.
///
/// The answer is remembered for the manifests and the lock file of the workspace, so that a build without changes does not
/// ask cargo. If cargo cannot answer, the build goes on, and reports the reason itself.
pub(super) fn check(
    project: &CargoProject,
    flags: &[String],
    target_dir: &Path,
    options: &BuildOptions,
    events: &mut dyn FnMut(Event),
) -> Result<Vec<Library>, BuildError> {
    let note = target_dir.join("mpp").join(format!(".{}.dependencies", project.tool_name));
    let known = std::fs::read(&note).ok().and_then(|note| serde_json::from_slice::<Note>(&note).ok());
    if let Some(known) = known.filter(|known| known.key == key(project, flags, options)) {
        return Ok(known.libraries);
    }
    let Some(tree) = tree::read(project, flags, options, events)? else { return Ok(Vec::new()) };
    refuse(&project.package, &tree, Surroundings::of(flags))?;
    // The lock file may be new. If the note cannot be written, cargo is asked again.
    let new = Note { key: key(project, flags, options), libraries: tree.libraries() };
    let _ = mpp_host::atomic_file::write_if_changed(&note, &serde_json::to_vec(&new).unwrap_or_default());
    Ok(new.libraries)
}

/// What is remembered of the crates of a tool.
#[derive(Serialize, Deserialize)]
struct Note {
    key: String,
    libraries: Vec<Library>,
}

/// Returns a hash of everything that the answer depends on.
fn key(project: &CargoProject, flags: &[String], options: &BuildOptions) -> String {
    let mut hasher = Sha256::new();
    let mut add = |bytes: &[u8]| {
        hasher.update((bytes.len() as u64).to_le_bytes());
        hasher.update(bytes);
    };
    add(crate::builder().as_bytes());
    add(project.id.as_bytes());
    for feature in project.metadata.features.iter().chain(&options.features).chain(flags) {
        add(feature.as_bytes());
    }
    for file in project.manifests.iter().chain([&project.workspace_root.join("Cargo.lock")]) {
        add(&std::fs::read(file).unwrap_or_default());
    }
    hex::encode(hasher.finalize())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::panic, reason = "a test stops at the first surprise")]

    use super::{BlockReason, Surroundings, Tree, refuse};
    use crate::error::BuildError;

    const NOTHING: Surroundings = Surroundings { has_c_compiler: false, has_tokio_unstable: false };

    fn refused(tree: &str, surroundings: Surroundings) -> Option<(String, BlockReason)> {
        match refuse("tool", &Tree::parse(tree), surroundings) {
            Ok(()) => None,
            Err(BuildError::BlockedCrate { via, reason, .. }) => Some((via.join(" → "), reason)),
            Err(other) => panic!("{other}"),
        }
    }

    #[test]
    fn names_the_crate_closest_to_the_tool() {
        let tree =
            "0tool v0.1.0 (/tool)\t\n1a v1.0.0\t\n2mio v1.0.0\tnet\n1reqwest v0.13.0\tdefault\n2mio v1.0.0\tnet (*)\n";
        assert_eq!(refused(tree, NOTHING), Some(("tool → reqwest".to_owned(), BlockReason::Sockets)));
        assert_eq!(refused("0tool v0.1.0 (/tool)\t\n1serde v1.0.0\tstd\n", NOTHING), None);
    }

    #[test]
    fn crates_with_c_code_are_refused_where_nothing_can_compile_it() {
        let tree = "0tool v0.1.0 (/tool)\t\n1jwt v9.0.0\t\n2ring v0.17.14\talloc\n";
        assert_eq!(refused(tree, NOTHING), Some(("tool → jwt → ring".to_owned(), BlockReason::NativeCode)));
        assert_eq!(refused(tree, Surroundings { has_c_compiler: true, ..NOTHING }), None);
    }

    #[test]
    fn tokio_is_refused_with_the_features_that_do_not_compile() {
        let tree = |features: &str| format!("0tool v0.1.0 (/tool)\t\n1tokio v1.50.0\t{features}\n");
        assert_eq!(refused(&tree("default,macros,rt,sync,time"), NOTHING), None);
        let reason = BlockReason::Features(vec!["net".to_owned(), "rt-multi-thread".to_owned()]);
        assert_eq!(refused(&tree("macros,net,rt,rt-multi-thread"), NOTHING), Some(("tool → tokio".to_owned(), reason)));
        assert_eq!(refused(&tree("net"), Surroundings { has_tokio_unstable: true, ..NOTHING }), None);
    }
}
