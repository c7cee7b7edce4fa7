//! Checks of command modules of WASI preview 1.

use wasmparser::{ExternalKind, ValType};

use super::{Found, imports};
use crate::codes;
use crate::package::fault::Fault;
use crate::package::manifest::Capabilities;

/// Checks that a module is a command: it exports `_start` and `memory`, and all its imports are known and declared.
pub(super) fn check(found: &Found<'_>, declared: &Capabilities) -> Result<(), Fault> {
    let mut functions = 0;
    for (module, name, is_function) in &found.imports {
        let signature = is_function.then(|| signature(found, functions)).flatten();
        functions += u32::from(*is_function);
        imports::check(module, name, signature.as_deref(), declared)?;
    }
    let export = |name: &str, kind| found.exports.iter().find(|export| export.0 == name && export.1 == kind);
    if export("memory", ExternalKind::Memory).is_none() {
        return Err(Fault::new(&codes::G710, "the module does not export its memory as `memory`"));
    }
    let Some((_, _, start)) = export("_start", ExternalKind::Func) else {
        return Err(Fault::new(&codes::G710, "the module does not export a function `_start`, so it is not a command"));
    };
    let plain = found.types.as_ref().is_some_and(|types| {
        let types = types.as_ref();
        let signature = types.get(types.core_function_at(*start)).map(|ty| ty.unwrap_func());
        signature.is_some_and(|signature| signature.params().is_empty() && signature.results().is_empty())
    });
    if !plain {
        return Err(Fault::new(&codes::G710, "`_start` must have no parameters and no results"));
    }
    Ok(())
}

/// Returns the signature of an imported function in the notation of the tables in [`imports`].
fn signature(found: &Found<'_>, index: u32) -> Option<String> {
    let types = found.types.as_ref()?.as_ref();
    let function = types.get(types.core_function_at(index))?.unwrap_func();
    let letters = |types: &[ValType]| -> String {
        let letter = |ty: &ValType| match ty {
            ValType::I32 => 'i',
            ValType::I64 => 'I',
            ValType::F32 => 'f',
            ValType::F64 => 'F',
            ValType::V128 | ValType::Ref(_) => 'r',
        };
        types.iter().map(letter).collect()
    };
    let (parameters, results) = (letters(function.params()), letters(function.results()));
    Some(if results.is_empty() { parameters } else { format!("{parameters}:{results}") })
}
