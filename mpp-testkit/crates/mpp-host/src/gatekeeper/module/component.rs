//! Checks of command components of WASI 0.2.

use mpp_sdk::wire::did_you_mean;

use super::{Found, imports};
use crate::codes;
use crate::host_functions::{self, Requirement};
use crate::package::fault::Fault;
use crate::package::manifest::Capabilities;

/// The interfaces of the WASI 0.2 command world, and of outgoing requests, by package.
///
/// All of them link. What a package does not declare is denied when it is used, and sockets always are.
const WASI: &[(&str, &[&str])] = &[
    (
        "cli",
        &[
            "environment",
            "exit",
            "stderr",
            "stdin",
            "stdout",
            "terminal-input",
            "terminal-output",
            "terminal-stderr",
            "terminal-stdin",
            "terminal-stdout",
        ],
    ),
    ("clocks", &["monotonic-clock", "wall-clock"]),
    ("filesystem", &["preopens", "types"]),
    ("http", &["outgoing-handler", "types"]),
    ("io", &["error", "poll", "streams"]),
    ("random", &["insecure", "insecure-seed", "random"]),
    (
        "sockets",
        &["instance-network", "ip-name-lookup", "network", "tcp", "tcp-create-socket", "udp", "udp-create-socket"],
    ),
];

/// Checks that a component is a command: it exports `wasi:cli/run`, and imports only known interfaces whose capability is declared.
pub(super) fn check(found: &Found<'_>, declared: &Capabilities) -> Result<(), Fault> {
    for (name, is_instance) in &found.component_imports {
        if let Some(interface) = Interface::of_host(name) {
            interface.check(name, declared)?;
        } else if !is_wasi(name)? {
            return Err(Fault::new(&codes::G707, format!("the component imports `{name}`, which no host provides")));
        }
        if !is_instance {
            return Err(Fault::new(
                &codes::G707,
                format!("the component imports `{name}` as another kind of item than an instance"),
            ));
        }
    }
    if !found.component_exports.iter().any(|name| is_run(name)) {
        return Err(Fault::new(
            &codes::G710,
            "the component does not export `wasi:cli/run` 0.2, so it is not a command",
        ));
    }
    Ok(())
}

fn is_run(name: &str) -> bool {
    Interface::of(name, "wasi:")
        .is_some_and(|found| (found.package, found.name) == ("cli", "run") && found.is_wasi_0_2())
}

/// Returns whether a name is that of an interface of the command world.
fn is_wasi(name: &str) -> Result<bool, Fault> {
    let Some(found) = Interface::of(name, "wasi:") else { return Ok(false) };
    let Some((_, interfaces)) = WASI.iter().find(|(package, _)| *package == found.package) else { return Ok(false) };
    if found.is_wasi_0_2() && interfaces.contains(&found.name) {
        return Ok(true);
    }
    let hint = if found.is_wasi_0_2() {
        did_you_mean(found.name, interfaces.iter().copied())
    } else {
        "; it provides WASI 0.2".to_owned()
    };
    Err(Fault::new(&codes::G707, format!("the component imports `{name}`, which no host provides{hint}")))
}

/// The name of an interface, `namespace:package/name@version`.
struct Interface<'a> {
    package: &'a str,
    name: &'a str,
    version: &'a str,
}

impl<'a> Interface<'a> {
    fn of(name: &'a str, namespace: &str) -> Option<Self> {
        let (path, version) = name.strip_prefix(namespace)?.split_once('@')?;
        let (package, name) = path.split_once('/')?;
        Some(Self { package, name, version })
    }

    /// Reads the name of an interface of the host's own package.
    fn of_host(name: &'a str) -> Option<Self> {
        Self::of(name, "mpp:").filter(|found| found.package == "host")
    }

    fn is_wasi_0_2(&self) -> bool {
        let patch = self.version.strip_prefix("0.2.").unwrap_or_default();
        !patch.is_empty() && patch.bytes().all(|byte| byte.is_ascii_digit())
    }

    /// Checks an import of the host's own package.
    fn check(&self, name: &str, declared: &Capabilities) -> Result<(), Fault> {
        let (_, ours) = host_functions::PACKAGE;
        let parsed = |version: &str| semver::Version::parse(version).ok();
        let (Some(theirs), Some(own)) = (parsed(self.version), parsed(ours)) else {
            return Err(Fault::new(
                &codes::G708,
                format!("the component imports `{name}`, which has no valid version"),
            ));
        };
        if theirs.major < own.major {
            let message = format!(
                "the component imports `{name}`, but this host provides version {ours}: the package is too old"
            );
            return Err(Fault::new(&codes::G708, message).with_help("build the package again with the current SDK"));
        }
        if theirs > own {
            return Err(too_new(name, &format!("; it provides version {ours}")));
        }
        let requirements = [Requirement::Network, Requirement::Kv];
        match requirements.into_iter().find(|found| found.interface() == self.name) {
            Some(requirement) => imports::check_declared(requirement, name, declared),
            None if self.name == "types" => Ok(()),
            None => {
                let known = requirements.into_iter().map(Requirement::interface).chain(["types"]);
                Err(too_new(name, &did_you_mean(self.name, known)))
            }
        }
    }
}

fn too_new(name: &str, hint: &str) -> Fault {
    let message =
        format!("the component imports `{name}`, which this host does not provide{hint}: the host is too old");
    Fault::new(&codes::G708, message).with_help("update the host program, or build the package with an older SDK")
}
