//! Command modules of WASI preview 1.

use wasmparser::ExternalKind;

use super::{Found, imports};
use crate::package::fault::Fault;
use crate::package::manifest::Capabilities;

/// A command: it exports `_start` and `memory`, and its imports are known.
pub(super) fn check(found: &Found<'_>, declared: &Capabilities) -> Result<(), Fault> {
    for (module, name, is_function) in &found.imports {
        imports::check(module, name, *is_function, declared)?;
    }
    let export = |name: &str, kind| found.exports.iter().find(|export| export.0 == name && export.1 == kind);
    if export("memory", ExternalKind::Memory).is_none() {
        return Err(Fault::new("MPP-G710", "the module does not export its memory as `memory`"));
    }
    let Some((_, _, start)) = export("_start", ExternalKind::Func) else {
        return Err(Fault::new("MPP-G710", "the module does not export a function `_start`: it is no command"));
    };
    let plain = found.types.as_ref().is_some_and(|types| {
        let types = types.as_ref();
        let signature = types.get(types.core_function_at(*start)).map(|ty| ty.unwrap_func());
        signature.is_some_and(|signature| signature.params().is_empty() && signature.results().is_empty())
    });
    if !plain {
        return Err(Fault::new("MPP-G710", "`_start` takes or returns something; expected a function of nothing"));
    }
    Ok(())
}
