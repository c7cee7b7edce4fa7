//! Parts of the standard library that compile for the sandbox and fail at run time.
//!
//! They are found by their names in the debug information of the linked module: the linker removes code that nothing calls.

use wasmparser::{Parser, Payload};

/// A part of the standard library that a module uses and that does not work in the sandbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnsupportedApi {
    /// Name of the module or function.
    pub name: &'static str,
    /// What the sandbox lacks, and what to use instead.
    pub instead: &'static str,
    /// A name that only code of this part has.
    marker: &'static str,
}

const APIS: &[UnsupportedApi] = &[
    UnsupportedApi {
        name: "std::net",
        instead: "there are no sockets in the sandbox; send requests with `mpp::http` (`mpp::http::get(url).send()?`)",
        marker: "std::sys::net::connection::",
    },
    UnsupportedApi {
        name: "std::thread::spawn",
        instead: "a tool runs on one thread; do the work in the call itself",
        marker: "spawn_unchecked",
    },
    UnsupportedApi {
        name: "std::process::Command",
        instead: "there are no processes in the sandbox; use a library",
        marker: "std::sys::process::unsupported::",
    },
];

/// Returns the unsupported parts whose code is in the linked module.
pub(crate) fn used(linked: &[u8]) -> Vec<UnsupportedApi> {
    let sections = Parser::new(0).parse_all(linked).map_while(Result::ok).filter_map(|payload| match payload {
        Payload::CustomSection(section) if section.name() == ".debug_str" => Some(section.data()),
        _ => None,
    });
    let texts: Vec<_> = sections.map(String::from_utf8_lossy).collect();
    APIS.iter().copied().filter(|api| texts.iter().any(|text| text.contains(api.marker))).collect()
}
