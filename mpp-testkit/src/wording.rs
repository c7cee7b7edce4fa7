//! Words remedies of the host as builder calls.

use mpp_host::codes::{Coded, Remedy};

/// Returns help for an error: its remedy as a builder call, or the host's help if there is no remedy.
pub(crate) fn help(error: &dyn Coded) -> String {
    match error.remedy() {
        Some(found) => remedy(&found),
        None => error.help(),
    }
}

/// Words a remedy as a call of [`ToolBuilder`](crate::ToolBuilder).
pub(crate) fn remedy(remedy: &Remedy) -> String {
    match remedy {
        Remedy::GiveVariables { names } => {
            let calls: String = names.iter().map(|name| format!(".env(\"{name}\", \"value\")")).collect();
            format!("call `{calls}` before `.load()`, or add values to `dev.env` under `[package.metadata.mpp]`")
        }
        Remedy::MapPath { guest } => {
            format!(
                "call `.dir(\"{guest}\", \"path\")` before `.load()`, or add a path to `dev.dirs` under `[package.metadata.mpp]`"
            )
        }
        Remedy::AllowLocalHosts { .. } => "call `.allow_local()` before `.load()`".to_owned(),
        Remedy::TrustCertificate { host } => format!(
            "a test trusts the usual authorities only: answer the request with `.http(\"{host}\", |request| …)` before `.load()`"
        ),
        Remedy::RaiseLimit { line, .. } => {
            format!("if the tool needs more, write `{line}` under `[package.metadata.mpp]`")
        }
        // Changes of the manifest have the same words everywhere.
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
        assert_eq!(
            remedy(&variables),
            "call `.env(\"A\", \"value\").env(\"B\", \"value\")` before `.load()`, or add values to `dev.env` under \
             `[package.metadata.mpp]`"
        );
    }
}
