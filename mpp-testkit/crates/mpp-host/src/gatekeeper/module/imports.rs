//! The functions that a host provides to core modules, and the checks of imports against them.

use mpp_sdk::wire::did_you_mean;

use crate::codes::{self, Remedy};
use crate::host_functions::{self, Requirement, VERSION};
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

/// Checks one import of a core module. `signature` is `None` if the import is not a function.
pub(super) fn check(module: &str, name: &str, signature: Option<&str>, declared: &Capabilities) -> Result<(), Fault> {
    let version = module.strip_prefix("mpp_v").and_then(|version| version.parse::<u32>().ok());
    let expected = match (module, version) {
        ("wasi_snapshot_preview1", _) => match PREVIEW1.iter().find(|(known, _)| *known == name) {
            Some((_, signature)) => (*signature).to_owned(),
            None => {
                let hint = did_you_mean(name, PREVIEW1.iter().map(|(known, _)| *known));
                return Err(Fault::new(&codes::G707, format!("WASI preview 1 has no function `{name}`{hint}")));
            }
        },
        (_, Some(VERSION)) => match host_functions::find(name) {
            Some(function) => {
                if let Some(requirement) = function.capability {
                    check_declared(requirement, &format!("mpp_v1::{name}"), declared)?;
                }
                function.signature()
            }
            None => return Err(host_function(VERSION, module, name)),
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
                in_words(&expected)
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

/// Checks that the manifest declares the capability of a function or an interface of the host.
pub(super) fn check_declared(requirement: Requirement, name: &str, declared: &Capabilities) -> Result<(), Fault> {
    let (is_declared, line) = match requirement {
        Requirement::Network => (!declared.network.is_empty(), r#"network = ["api.example.com"]"#),
        Requirement::Kv => (declared.kv.is_some(), "kv = { max_bytes = 1048576 }"),
    };
    if is_declared {
        return Ok(());
    }
    let what = requirement.name();
    let message = format!("the module imports `{name}`, but the manifest does not declare `capabilities.{what}`");
    let remedy = Remedy::DeclareCapability { capability: what.to_owned(), line: line.to_owned() };
    Err(Fault::new(&codes::G709, message).with_remedy(remedy))
}

/// Returns the fault for an unknown host function, which says whether the package or the host is too old.
fn host_function(version: u32, module: &str, name: &str) -> Fault {
    let fault = |message: String, help: &str| Fault::new(&codes::G708, message).with_help(help);
    if version < VERSION {
        let message = format!(
            "the module imports `{module}::{name}`, but this host provides `mpp_v{VERSION}`: the package is too old"
        );
        return fault(message, "build the package again with the current SDK");
    }
    let hint = did_you_mean(name, host_functions::all().map(|function| function.name));
    let message =
        format!("the module imports `{module}::{name}`, which this host does not provide{hint}: the host is too old");
    fault(message, "update the host program, or build the package with an older SDK")
}
