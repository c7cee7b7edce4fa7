//! Recognizes common mistakes in failed builds and explains them.

use std::collections::{BTreeMap, VecDeque};

use cargo_metadata::{DependencyKind, MetadataCommand, PackageId};

use super::{TARGET, env};
use crate::error::{BuildError, MISSING_SDK, names_missing_sdk};
use crate::options::BuildOptions;
use crate::project::CargoProject;

/// Crates that open sockets. In a tool they fail to compile, import functions that the sandbox does not have, or fail
/// at run time.
const NETWORK: &[&str] = &[
    "reqwest",
    "ureq",
    "isahc",
    "attohttpc",
    "minreq",
    "surf",
    "curl",
    "curl-sys",
    "hyper-util",
    "mio",
    "socket2",
    "native-tls",
    "openssl-sys",
    "tokio-rustls",
    "tungstenite",
];

/// Refuses a dependency on the unrelated crate `mpp` before anything is compiled.
pub(super) fn check_direct_dependencies(project: &CargoProject) -> Result<(), BuildError> {
    if project.dependencies.iter().any(|name| name == "mpp") {
        return Err(BuildError::OtherProtocol { package: project.package.clone() });
    }
    Ok(())
}

/// Refuses the project if one of the crates in `names` opens sockets.
pub(super) fn refuse_network_crates(
    project: &CargoProject,
    options: &BuildOptions,
    names: &[String],
) -> Result<(), BuildError> {
    let Some(found) = NETWORK.iter().find(|crate_| names.iter().any(|name| name == *crate_)) else { return Ok(()) };
    let via = dependency_path(project, options, found).unwrap_or_default();
    // Report the crate closest to the author's Cargo.toml rather than one of its dependencies.
    let named = via.iter().find(|name| NETWORK.contains(&name.as_str())).map_or(*found, String::as_str);
    Err(BuildError::NetworkCrate { package: project.package.clone(), found: named.to_owned(), via: via.clone() })
}

/// Returns the packages that cargo reported as failed.
pub(super) fn uncompiled(output: &str) -> Vec<String> {
    let named = output.lines().filter_map(|line| line.split_once("could not compile `")?.1.split_once('`'));
    let mut names: Vec<String> = named.map(|(name, _)| name.to_owned()).collect();
    let scripts = output
        .lines()
        .filter_map(|line| line.split_once("failed to run custom build command for `")?.1.split([' ', '`']).next());
    names.extend(scripts.map(str::to_owned));
    if output.contains("are supported on wasm") && names.iter().any(|name| name == "tokio") {
        names.push("mio".to_owned());
    }
    names
}

/// Returns an explanation of the output if it has a known cause.
pub(super) fn of_output(output: &str) -> Option<String> {
    if names_missing_sdk(output) {
        return Some(MISSING_SDK.to_owned());
    }
    let unresolved =
        ["unlinked crate `mpp`", "undeclared crate or module `mpp`", "unresolved import `mpp`", "cannot find `mpp`"];
    if unresolved.iter().any(|text| output.contains(text)) {
        return Some("there is no crate named `mpp`: write `mpp = { package = \"mpp-sdk\", version = \"0.1\" }` in `[dependencies]`".to_owned());
    }
    if output.contains("are supported on wasm") && output.contains("tokio") {
        return Some("`tokio` runs in the sandbox only with its features sync, macros, io-util, rt and time; a tool handles a single call and needs no runtime".to_owned());
    }
    if output.contains("linking with") && output.contains("undefined symbol") {
        return Some("a dependency links native code, which is not available in the sandbox".to_owned());
    }
    None
}

/// Returns the chain of dependencies from the tool to the crate `name`, considering only crates that are linked for the
/// target.
fn dependency_path(project: &CargoProject, options: &BuildOptions, name: &str) -> Option<Vec<String>> {
    let mut command = env::cargo();
    command.current_dir(&project.dir).args(["metadata", "--format-version", "1", "--filter-platform", TARGET]);
    let features: Vec<_> = project.metadata.features.iter().chain(&options.features).map(String::as_str).collect();
    command.arg("--features").arg(features.join(","));
    if options.offline || options.frozen {
        command.arg("--offline");
    }
    let output = command.output().ok().filter(|output| output.status.success())?;
    let metadata = MetadataCommand::parse(String::from_utf8_lossy(&output.stdout)).ok()?;
    let names: BTreeMap<&PackageId, &str> = metadata.packages.iter().map(|p| (&p.id, p.name.as_str())).collect();
    let nodes: BTreeMap<&PackageId, _> = metadata.resolve.as_ref()?.nodes.iter().map(|node| (&node.id, node)).collect();
    let root = metadata.workspace_packages().into_iter().find(|p| p.name.as_str() == project.package)?;
    let mut queue = VecDeque::from([vec![&root.id]]);
    let mut seen = vec![&root.id];
    while let Some(path) = queue.pop_front() {
        let last = *path.last()?;
        if names.get(last) == Some(&name) {
            return Some(path.iter().filter_map(|id| names.get(id)).map(|n| (*n).to_owned()).collect());
        }
        for dep in nodes.get(last).map(|node| node.deps.iter()).into_iter().flatten() {
            let linked = dep.dep_kinds.iter().any(|kind| kind.kind == DependencyKind::Normal);
            if linked && !seen.contains(&&dep.pkg) {
                seen.push(&dep.pkg);
                queue.push_back(path.iter().copied().chain([&dep.pkg]).collect());
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{of_output, uncompiled};

    #[test]
    fn extracts_the_packages_that_failed() {
        let output = "error: could not compile `mio` (lib) due to 43 previous errors\nwarning: build failed\n\
                      error: failed to run custom build command for `openssl-sys v0.9.1`\n";
        assert_eq!(uncompiled(output), ["mio", "openssl-sys"]);
        let tokio = "error: Only features sync,macros,io-util,rt,time are supported on wasm.\nerror: could not compile `tokio` (lib)";
        assert!(uncompiled(tokio).contains(&"mio".to_owned()), "tokio with `net` is a network crate");
    }

    #[test]
    fn recognizes_a_missing_rename_and_the_unpublished_sdk() {
        let rename = of_output(
            "error[E0433]: cannot find module or crate `mpp` in this scope ... use of unresolved module or unlinked crate `mpp`",
        );
        assert!(rename.is_some_and(|hint| hint.contains("package = \"mpp-sdk\"")));
        let missing = of_output("error: no matching package named `mpp-sdk` found");
        assert!(missing.is_some_and(|hint| hint.contains("vendor/mpp")));
        assert_eq!(of_output("error[E0308]: mismatched types"), None);
    }
}
