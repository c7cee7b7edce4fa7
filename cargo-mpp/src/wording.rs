//! Remedies and help texts of the libraries, worded as commands of this program.

use mpp_host::codes::{Coded, Remedy};

/// What to do next about an error: its remedy as a command, else the library's own help.
pub(crate) fn help(error: &dyn Coded) -> String {
    match error.remedy() {
        Some(found) => remedy(&found),
        None => error.help(),
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
