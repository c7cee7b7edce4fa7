//! Remedies of the host, worded as calls of the builder.

use mpp_host::codes::{Coded, Remedy};

/// What to write in a test about an error: its remedy as a builder call, else the host's own help.
pub(crate) fn help(error: &dyn Coded) -> String {
    match error.remedy() {
        Some(found) => remedy(&found),
        None => error.help(),
    }
}

/// A remedy as a call of [`ToolBuilder`](crate::ToolBuilder).
pub(crate) fn remedy(remedy: &Remedy) -> String {
    match remedy {
        Remedy::GiveVariables { names } => {
            let calls: String = names.iter().map(|name| format!(".env(\"{name}\", \"value\")")).collect();
            format!("add `{calls}` before `.load()`, or values to `dev.env` under `[package.metadata.mpp]`")
        }
        Remedy::MapPath { guest } => {
            format!(
                "add `.dir(\"{guest}\", \"path\")` before `.load()`, or the path to `dev.dirs` under `[package.metadata.mpp]`"
            )
        }
        Remedy::AllowLocalHosts { .. } => "add `.allow_local()` before `.load()`".to_owned(),
        // Edits of the manifest read the same everywhere.
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use mpp_host::codes::Remedy;

    use super::remedy;

    #[test]
    fn remedies_are_builder_calls() {
        let variables = Remedy::GiveVariables { names: vec!["A".to_owned(), "B".to_owned()] };
        assert!(
            remedy(&variables).contains("`.env(\"A\", \"value\").env(\"B\", \"value\")`"),
            "{}",
            remedy(&variables)
        );
    }
}
