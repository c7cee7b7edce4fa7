//! Reads and removes the custom sections of a core module, so that only code and data are packed.

use std::collections::BTreeMap;
use std::ops::Range;

use wasm_encoder::{Module, RawSection};
use wasmparser::{BinaryReaderError, Encoding, KnownCustom, Parser, Payload};

/// An error returned when a module cannot be stripped.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StripError {
    /// The file is a component instead of a core module.
    #[error("expected a core module, found a component")]
    Component,
    /// The file is not WebAssembly, or is truncated.
    #[error("not a valid module")]
    Malformed(#[from] BinaryReaderError),
}

/// Returns the module without its custom sections (`name`, `.debug_*`, `producers`, `target_features` …).
///
/// The contents of all other sections are copied byte for byte.
///
/// # Errors
/// [`StripError`] if the bytes are not a well-formed sequence of core module sections.
pub(crate) fn strip(module: &[u8]) -> Result<Vec<u8>, StripError> {
    without(module, |_| true)
}

/// Returns the module without its relocations, which are larger than everything else that is needed for backtraces.
///
/// # Errors
/// As [`strip`].
pub(crate) fn without_relocations(module: &[u8]) -> Result<Vec<u8>, StripError> {
    without(module, |name| name == "linking" || name.starts_with("reloc."))
}

/// Returns the module without the custom sections that `is_removed` selects by name.
fn without(module: &[u8], is_removed: fn(&str) -> bool) -> Result<Vec<u8>, StripError> {
    let mut out = Module::new();
    for payload in Parser::new(0).parse_all(module) {
        let payload = payload?;
        match &payload {
            Payload::Version { encoding: Encoding::Component, .. } => return Err(StripError::Component),
            Payload::CustomSection(section) if is_removed(section.name()) => continue,
            _ => {}
        }
        if let Some((id, contents)) = payload.as_section() {
            out.section(&RawSection { id, data: module.get(contents).unwrap_or_default() });
        }
    }
    Ok(out.finish())
}

/// Returns the tools that processed the module, from its `producers` section: name → version, for example `rustc` →
/// `1.95.0 (59807616e 2026-04-14)`. The map is empty if there is no such section.
#[must_use]
pub(crate) fn producers(module: &[u8]) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for payload in Parser::new(0).parse_all(module).map_while(Result::ok) {
        let Payload::CustomSection(section) = payload else { continue };
        let KnownCustom::Producers(fields) = section.as_known() else { continue };
        for field in fields.into_iter().map_while(Result::ok).filter(|field| field.name == "processed-by") {
            for value in field.values.into_iter().map_while(Result::ok) {
                found.insert(value.name.to_owned(), value.version.to_owned());
            }
        }
    }
    found
}

/// Returns the sections of a module in order, each with its name and the range of its contents.
#[must_use]
pub(crate) fn sections(module: &[u8]) -> Vec<(String, Range<usize>)> {
    let mut found = Vec::new();
    for payload in Parser::new(0).parse_all(module).map_while(Result::ok) {
        let Some((id, range)) = payload.as_section() else { continue };
        let name = match &payload {
            Payload::CustomSection(section) => format!("custom `{}`", section.name()),
            _ => section_name(id).to_owned(),
        };
        found.push((name, range));
    }
    found
}

fn section_name(id: u8) -> &'static str {
    const NAMES: [&str; 14] = [
        "custom",
        "type",
        "import",
        "function",
        "table",
        "memory",
        "global",
        "export",
        "start",
        "element",
        "code",
        "data",
        "data count",
        "tag",
    ];
    NAMES.get(usize::from(id)).copied().unwrap_or("unknown")
}

#[cfg(test)]
mod tests {
    use super::{StripError, producers, sections, strip, without_relocations};

    fn names(module: &[u8]) -> Vec<String> {
        sections(module).into_iter().map(|(name, _)| name).collect()
    }

    fn sample() -> Vec<u8> {
        wat::parse_str(
            r#"(module $named
                (@custom ".debug_line" (before first) "\00\01")
                (memory (export "memory") 1)
                (data (i32.const 0) "text")
                (func $start (export "_start") (call $other))
                (func $other)
                (@producers (processed-by "rustc" "1.95.0 (59807616e 2026-04-14)"))
                (@custom "target_features" "x"))"#,
        )
        .expect("a module")
    }

    #[test]
    fn removes_custom_sections_and_keeps_every_other_byte() {
        let module = sample();
        assert!(names(&module).iter().any(|name| name == "custom `name`"), "{:?}", names(&module));
        let stripped = strip(&module).expect("strip");
        assert_eq!(names(&stripped), ["type", "function", "memory", "export", "code", "data"]);
        let kept = |bytes: &[u8]| -> Vec<Vec<u8>> {
            sections(bytes)
                .into_iter()
                .filter(|(n, _)| !n.starts_with("custom"))
                .map(|(_, r)| bytes[r].to_vec())
                .collect()
        };
        assert_eq!(kept(&module), kept(&stripped));
        assert_eq!(strip(&stripped).expect("again"), stripped);
        wasmparser::validate(&stripped).expect("still valid");
    }

    #[test]
    fn removes_relocations_only() {
        let module = wat::parse_str(
            r#"(module $named (func) (@custom "linking" "\02") (@custom "reloc.CODE" "\00\00") (@custom ".debug_line" "x"))"#,
        );
        let left = without_relocations(&module.expect("a module")).expect("strip");
        assert_eq!(names(&left), ["type", "function", "code", "custom `.debug_line`", "custom `name`"]);
    }

    #[test]
    fn reads_the_compiler_version_from_the_module() {
        assert_eq!(producers(&sample()).get("rustc").map(String::as_str), Some("1.95.0 (59807616e 2026-04-14)"));
        assert!(producers(b"no module").is_empty());
    }

    #[test]
    fn refuses_truncated_modules_and_components() {
        let module = sample();
        assert!(matches!(strip(&module[..module.len() - 3]), Err(StripError::Malformed(_))));
        assert!(matches!(strip(b"not wasm"), Err(StripError::Malformed(_))));
        let component = wat::parse_str("(component)").expect("a component");
        assert!(matches!(strip(&component), Err(StripError::Component)));
    }
}
