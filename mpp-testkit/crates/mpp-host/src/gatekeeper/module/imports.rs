//! The functions that a host provides to core modules, and the checks of imports against them.

use mpp_sdk::wire::did_you_mean;

use crate::codes::{self, Remedy};
use crate::package::fault::Fault;
use crate::package::manifest::Capabilities;

/// The names and signatures of the functions of WASI preview 1.
///
/// A signature is the parameters, a colon and the result; `i` is `i32`, `I` is `i64`.
const PREVIEW1: &[(&str, &str)] = &[
    ("args_get", "ii:i"),
    ("args_sizes_get", "ii:i"),
    ("clock_res_get", "ii:i"),
    ("clock_time_get", "iIi:i"),
    ("environ_get", "ii:i"),
    ("environ_sizes_get", "ii:i"),
    ("fd_advise", "iIIi:i"),
    ("fd_allocate", "iII:i"),
    ("fd_close", "i:i"),
    ("fd_datasync", "i:i"),
    ("fd_fdstat_get", "ii:i"),
    ("fd_fdstat_set_flags", "ii:i"),
    ("fd_fdstat_set_rights", "iII:i"),
    ("fd_filestat_get", "ii:i"),
    ("fd_filestat_set_size", "iI:i"),
    ("fd_filestat_set_times", "iIIi:i"),
    ("fd_pread", "iiiIi:i"),
    ("fd_prestat_dir_name", "iii:i"),
    ("fd_prestat_get", "ii:i"),
    ("fd_pwrite", "iiiIi:i"),
    ("fd_read", "iiii:i"),
    ("fd_readdir", "iiiIi:i"),
    ("fd_renumber", "ii:i"),
    ("fd_seek", "iIii:i"),
    ("fd_sync", "i:i"),
    ("fd_tell", "ii:i"),
    ("fd_write", "iiii:i"),
    ("path_create_directory", "iii:i"),
    ("path_filestat_get", "iiiii:i"),
    ("path_filestat_set_times", "iiiiIIi:i"),
    ("path_link", "iiiiiii:i"),
    ("path_open", "iiiiiIIii:i"),
    ("path_readlink", "iiiiii:i"),
    ("path_remove_directory", "iii:i"),
    ("path_rename", "iiiiii:i"),
    ("path_symlink", "iiiii:i"),
    ("path_unlink_file", "iii:i"),
    ("poll_oneoff", "iiii:i"),
    ("proc_exit", "i"),
    ("proc_raise", "i:i"),
    ("random_get", "ii:i"),
    ("sched_yield", ":i"),
    ("sock_accept", "iii:i"),
    ("sock_recv", "iiiiii:i"),
    ("sock_send", "iiiii:i"),
    ("sock_shutdown", "ii:i"),
];

/// The capability that the manifest must declare for a host function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Needs {
    Nothing,
    Network,
    Kv,
}

/// The host functions of `mpp_v1`: name, signature and required capability.
const MPP_V1: &[(&str, &str, Needs)] = &[
    ("reply_len", ":i", Needs::Nothing),
    ("reply_take", "i", Needs::Nothing),
    ("http_send", "ii:i", Needs::Network),
    ("kv_get", "ii:i", Needs::Kv),
    ("kv_set", "iiiiI:i", Needs::Kv),
    ("kv_delete", "ii:i", Needs::Kv),
    ("kv_list", "iiiii:i", Needs::Kv),
    ("kv_compare_and_swap", "iiiiiiI:i", Needs::Kv),
    ("kv_increment", "iiI:i", Needs::Kv),
];

/// The version of the host functions that this host provides.
const MPP_VERSION: u32 = 1;

/// Checks one import of a core module. `signature` is `None` if the import is not a function.
pub(super) fn check(module: &str, name: &str, signature: Option<&str>, declared: &Capabilities) -> Result<(), Fault> {
    let version = module.strip_prefix("mpp_v").and_then(|version| version.parse::<u32>().ok());
    let expected = match (module, version) {
        ("wasi_snapshot_preview1", _) => match PREVIEW1.iter().find(|(known, _)| *known == name) {
            Some((_, signature)) => *signature,
            None => {
                let hint = did_you_mean(name, PREVIEW1.iter().map(|(known, _)| *known));
                return Err(Fault::new(&codes::G707, format!("WASI preview 1 has no function `{name}`{hint}")));
            }
        },
        (_, Some(MPP_VERSION)) => match MPP_V1.iter().find(|(known, ..)| *known == name) {
            Some((_, signature, needs)) => {
                needs.check(name, declared)?;
                *signature
            }
            None => return Err(host_function(MPP_VERSION, module, name)),
        },
        (_, Some(version)) => return Err(host_function(version, module, name)),
        _ => {
            let message = format!("the module imports `{module}::{name}`, which no host provides");
            return Err(Fault::new(&codes::G707, message));
        }
    };
    match signature {
        Some(found) if found == expected => Ok(()),
        Some(found) => {
            let message = format!(
                "the module imports `{module}::{name}` as {}, expected {}",
                in_words(found),
                in_words(expected)
            );
            Err(Fault::new(&codes::G712, message))
        }
        None => {
            let message =
                format!("the module imports `{module}::{name}`, which is a function, as another kind of item");
            Err(Fault::new(&codes::G707, message))
        }
    }
}

/// Formats a signature such as `ii:i` as `(i32, i32) -> i32`.
fn in_words(signature: &str) -> String {
    let (parameters, results) = signature.split_once(':').unwrap_or((signature, ""));
    let types = |letters: &str| {
        let words = letters.chars().map(|letter| match letter {
            'i' => "i32",
            'I' => "i64",
            'f' => "f32",
            'F' => "f64",
            _ => "a reference or a vector",
        });
        words.collect::<Vec<_>>().join(", ")
    };
    let results = if results.is_empty() { "nothing".to_owned() } else { types(results) };
    format!("({}) -> {results}", types(parameters))
}

impl Needs {
    /// Checks that the manifest declares the capability.
    fn check(self, name: &str, declared: &Capabilities) -> Result<(), Fault> {
        let (missing, what, line) = match self {
            Self::Nothing => return Ok(()),
            Self::Network => (declared.network.is_empty(), "network", r#"network = ["api.example.com"]"#),
            Self::Kv => (declared.kv.is_none(), "kv", "kv = { max_bytes = 1048576 }"),
        };
        if !missing {
            return Ok(());
        }
        let message =
            format!("the module imports `mpp_v1::{name}`, but the manifest does not declare `capabilities.{what}`");
        let remedy = Remedy::DeclareCapability { capability: what.to_owned(), line: line.to_owned() };
        Err(Fault::new(&codes::G709, message).with_remedy(remedy))
    }
}

/// Returns the fault for an unknown host function, which says whether the package or the host is too old.
fn host_function(version: u32, module: &str, name: &str) -> Fault {
    let fault = |message: String, help: &str| Fault::new(&codes::G708, message).with_help(help);
    if version < MPP_VERSION {
        let message = format!(
            "the module imports `{module}::{name}`, but this host provides `mpp_v{MPP_VERSION}`: the package is too old"
        );
        return fault(message, "build the package again with the current SDK");
    }
    let hint = did_you_mean(name, MPP_V1.iter().map(|(name, ..)| *name));
    let message =
        format!("the module imports `{module}::{name}`, which this host does not provide{hint}: the host is too old");
    fault(message, "update the host program, or build the package with an older SDK")
}

#[cfg(test)]
mod tests {
    use super::MPP_V1;
    use std::collections::BTreeSet;

    #[test]
    fn the_table_lists_the_functions_of_the_header() {
        let header = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../mpp-sdk/include/mpp.h");
        let header = std::fs::read_to_string(header).expect("the header");
        let declared = header.split("MPP_IMPORT(\"").skip(1).filter_map(|rest| rest.split('"').next());
        let known: BTreeSet<&str> = MPP_V1.iter().map(|(name, ..)| *name).collect();
        assert_eq!(declared.collect::<BTreeSet<_>>(), known);
    }
}
