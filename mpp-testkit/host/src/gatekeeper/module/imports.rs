//! The tables of imports that a host provides.

use mpp_sdk::wire::did_you_mean;

use crate::package::fault::Fault;
use crate::package::manifest::Capabilities;

/// WASI preview 1, by name.
const PREVIEW1: &[&str] = &[
    "args_get",
    "args_sizes_get",
    "clock_res_get",
    "clock_time_get",
    "environ_get",
    "environ_sizes_get",
    "fd_advise",
    "fd_allocate",
    "fd_close",
    "fd_datasync",
    "fd_fdstat_get",
    "fd_fdstat_set_flags",
    "fd_fdstat_set_rights",
    "fd_filestat_get",
    "fd_filestat_set_size",
    "fd_filestat_set_times",
    "fd_pread",
    "fd_prestat_dir_name",
    "fd_prestat_get",
    "fd_pwrite",
    "fd_read",
    "fd_readdir",
    "fd_renumber",
    "fd_seek",
    "fd_sync",
    "fd_tell",
    "fd_write",
    "path_create_directory",
    "path_filestat_get",
    "path_filestat_set_times",
    "path_link",
    "path_open",
    "path_readlink",
    "path_remove_directory",
    "path_rename",
    "path_symlink",
    "path_unlink_file",
    "poll_oneoff",
    "proc_exit",
    "proc_raise",
    "random_get",
    "sched_yield",
    "sock_accept",
    "sock_recv",
    "sock_send",
    "sock_shutdown",
];

/// What a host function needs the manifest to declare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Needs {
    Nothing,
    Network,
    Kv,
}

/// Host functions of `mpp_v1`: the name, and what the manifest must declare for it.
const MPP_V1: &[(&str, Needs)] = &[
    ("reply_len", Needs::Nothing),
    ("reply_take", Needs::Nothing),
    ("http_send", Needs::Network),
    ("kv_get", Needs::Kv),
    ("kv_set", Needs::Kv),
    ("kv_delete", Needs::Kv),
    ("kv_list", Needs::Kv),
    ("kv_compare_and_swap", Needs::Kv),
    ("kv_increment", Needs::Kv),
];

/// The version of the host functions that this host has.
const MPP_VERSION: u32 = 1;

/// Checks one import of a core module.
pub(super) fn check(module: &str, name: &str, is_function: bool, declared: &Capabilities) -> Result<(), Fault> {
    let known = match module {
        "wasi_snapshot_preview1" if PREVIEW1.contains(&name) => true,
        "wasi_snapshot_preview1" => {
            let hint = did_you_mean(name, PREVIEW1.iter().copied());
            return Err(Fault::new("MPP-G707", format!("WASI preview 1 has no function `{name}`{hint}")));
        }
        _ => match module.strip_prefix("mpp_v").and_then(|version| version.parse::<u32>().ok()) {
            Some(MPP_VERSION) => match MPP_V1.iter().find(|(known, _)| *known == name) {
                Some((_, needs)) => {
                    needs.check(name, declared)?;
                    true
                }
                None => return Err(host_function(MPP_VERSION, module, name)),
            },
            Some(version) => return Err(host_function(version, module, name)),
            None => false,
        },
    };
    if !known {
        return Err(Fault::new("MPP-G707", format!("the module imports `{module}::{name}`, which no host provides")));
    }
    if !is_function {
        return Err(Fault::new(
            "MPP-G707",
            format!("the module imports `{module}::{name}`, which is a function, as something else"),
        ));
    }
    Ok(())
}

impl Needs {
    /// Whether the manifest declares it.
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
            format!("the module imports `mpp_v1::{name}`, yet the manifest declares no `capabilities.{what}`");
        let help =
            format!("declare it under `[package.metadata.mpp.capabilities]`, for example `{line}`, or do not call it");
        Err(Fault::new("MPP-G709", message).with_help(help))
    }
}

/// Which side is too old.
fn host_function(version: u32, module: &str, name: &str) -> Fault {
    let fault = |message: String, help: &str| Fault::new("MPP-G708", message).with_help(help);
    if version < MPP_VERSION {
        let message = format!(
            "the module imports `{module}::{name}`; this host has `mpp_v{MPP_VERSION}`: the package is too old"
        );
        return fault(message, "build the package again with the current SDK");
    }
    let hint = did_you_mean(name, MPP_V1.iter().map(|(name, _)| *name));
    let message =
        format!("the module imports `{module}::{name}`, which this host does not have{hint}: the host is too old");
    fault(message, "update the host program, or build the package with an older SDK")
}

#[cfg(test)]
mod tests {
    use super::MPP_V1;
    use std::collections::BTreeSet;

    #[test]
    fn the_functions_are_those_of_the_header() {
        let header = concat!(env!("CARGO_MANIFEST_DIR"), "/../../mpp-sdk/include/mpp.h");
        let header = std::fs::read_to_string(header).expect("the header");
        let declared = header.split("MPP_IMPORT(\"").skip(1).filter_map(|rest| rest.split('"').next());
        let known: BTreeSet<&str> = MPP_V1.iter().map(|(name, _)| *name).collect();
        assert_eq!(declared.collect::<BTreeSet<_>>(), known);
    }
}
