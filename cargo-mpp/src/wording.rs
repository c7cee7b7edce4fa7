//! Remedies and codes of the libraries, worded as commands of this program.

use mpp_host::codes::{Code, Remedy};

/// The commands and options that the libraries do not know and a code of theirs is about; empty for all other codes.
pub(crate) fn of_code(code: &Code) -> &'static str {
    match code.id {
        "MPP-C003" | "MPP-C004" => "The option that chooses another place is `-o`.",
        "MPP-C009" => {
            "`--dir GUEST=HOST` maps a declared path; `mpp inspect PKG` lists the paths that a package declares."
        }
        "MPP-C010" => {
            "`--env NAME` passes a declared variable from your environment, `--env NAME=VALUE` passes this value, and `--env -` \
             passes none. `mpp inspect PKG` lists the variables that a package declares."
        }
        "MPP-C017" => "`mpp keygen` generates a new key.",
        _ => "",
    }
}

/// A remedy as something to type.
pub(crate) fn remedy(remedy: &Remedy) -> String {
    match remedy {
        Remedy::GiveVariables { names } => {
            let options: Vec<String> = names.iter().map(|name| format!("--env {name}=VALUE")).collect();
            format!("set it in your environment, or pass `{}`", options.join(" "))
        }
        Remedy::MapPath { guest } => format!("map it to a file or directory of this machine: `--dir {guest}=PATH`"),
        Remedy::AllowLocalHosts { .. } => {
            "`--allow-local` lets declared hosts be on this machine or its local network".to_owned()
        }
        // Edits of the manifest read the same everywhere.
        other => other.to_string(),
    }
}
