//! Checks of command components of WASI 0.2.

use super::Found;
use crate::codes;
use crate::package::fault::Fault;

/// The packages of the WASI 0.2 command world.
const WASI: &[&str] = &["cli", "clocks", "filesystem", "io", "random", "sockets"];

/// Checks that a component is a command: it exports `wasi:cli/run` and imports only interfaces of the command world.
pub(super) fn check(found: &Found<'_>) -> Result<(), Fault> {
    for (name, is_instance) in &found.component_imports {
        let known = interface(name).is_some_and(|(package, _)| WASI.contains(&package));
        if !known || !is_instance {
            return Err(Fault::new(&codes::G707, format!("the component imports `{name}`, which no host provides")));
        }
    }
    if !found.component_exports.iter().any(|name| interface(name) == Some(("cli", "run"))) {
        return Err(Fault::new(
            &codes::G710,
            "the component does not export `wasi:cli/run` 0.2, so it is not a command",
        ));
    }
    Ok(())
}

/// Returns the package and the interface of a name `wasi:package/interface@0.2.x`.
fn interface(name: &str) -> Option<(&str, &str)> {
    let (path, version) = name.strip_prefix("wasi:")?.split_once('@')?;
    let patch = version.strip_prefix("0.2.")?;
    (!patch.is_empty() && patch.bytes().all(|byte| byte.is_ascii_digit())).then_some(())?;
    path.split_once('/')
}
