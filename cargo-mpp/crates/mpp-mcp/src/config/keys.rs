//! Finds keys that do not exist, before values are read, so that the message can name the most similar one.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::Problem;

const ROOT: &[&str] = &["package", "server"];
const PACKAGE: &[&str] = &["source", "dirs", "env", "tools"];
const SERVER: &[&str] =
    &["name", "command", "env", "cwd", "url", "headers", "allow_http", "timeout_ms", "start_timeout_ms", "tools"];
const TOOLS: &[&str] = &["allow", "deny", "rename"];

/// A mistake and the byte at which it begins.
type Found = (usize, Problem);

/// Checks every key of the configuration.
pub(super) fn check(text: &str) -> Result<(), Found> {
    let root = DeTable::parse(text).map_err(|error| {
        (error.span().map_or(0, |span| span.start), Problem::Invalid { reason: error.message().to_owned() })
    })?;
    known(root.get_ref(), "the configuration", ROOT)?;
    each_table(root.get_ref().get("package"), |table| {
        known(table, "[[package]]", PACKAGE)?;
        tools(table)
    })?;
    each_table(root.get_ref().get("server"), |table| {
        known(table, "[[server]]", SERVER)?;
        tools(table)
    })
}

fn tools(table: &DeTable<'_>) -> Result<(), Found> {
    match table.get("tools").map(Spanned::get_ref) {
        Some(DeValue::Table(tools)) => known(tools, "`tools`", TOOLS),
        _ => Ok(()),
    }
}

/// Calls `check` with each table of a list. A value of another type is reported when it is read.
fn each_table(
    list: Option<&Spanned<DeValue<'_>>>,
    check: impl Fn(&DeTable<'_>) -> Result<(), Found>,
) -> Result<(), Found> {
    let Some(DeValue::Array(items)) = list.map(Spanned::get_ref) else { return Ok(()) };
    items.iter().try_for_each(|item| match item.get_ref() {
        DeValue::Table(table) => check(table),
        _ => Ok(()),
    })
}

fn known(table: &DeTable<'_>, name: &'static str, keys: &'static [&'static str]) -> Result<(), Found> {
    match table.keys().find(|key| !keys.contains(&&**key.get_ref())) {
        None => Ok(()),
        Some(key) => {
            let problem = Problem::UnknownKey { key: key.get_ref().to_string(), table: name, known: keys };
            Err((key.span().start, problem))
        }
    }
}
