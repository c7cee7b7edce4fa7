//! The functions as a WIT package, from which components import them.
//!
//! A component receives results and errors as values, so that it needs no reply. Otherwise the functions are the same.

use std::fmt::Write as _;

use super::types::{Answer, HostFunction, Kind, Requirement};
use super::{GROUPS, STATUSES, all, find};

/// The name and the version of the package.
pub const PACKAGE: (&str, &str) = ("mpp:host", "1.0.0");

/// Returns the text of the package `mpp:host`.
#[must_use]
pub fn package() -> String {
    let (name, version) = PACKAGE;
    let mut text = format!("package {name}@{version};\n\n{TYPES_HEAD}");
    for entry in STATUSES {
        let documentation = in_wit(entry.documentation);
        text.push_str(&documented(&documentation, "        "));
        // Writing to a string cannot fail.
        let _ = writeln!(text, "        {},", entry.name.to_lowercase().replace('_', "-"));
    }
    text.push_str(TYPES_END);
    for requirement in [Requirement::Network, Requirement::Kv] {
        let group =
            GROUPS.iter().find(|group| group.functions.iter().any(|found| found.capability == Some(requirement)));
        let rules = group.map(|group| in_wit(group.documentation)).unwrap_or_default();
        let declared = format!("A component that imports it declares `capabilities.{}`.", requirement.name());
        let rules = if rules.is_empty() { declared } else { format!("{declared}\n\n{rules}") };
        let _ = write!(
            text,
            "\n{}interface {} {{\n    use types.{{failure}};\n",
            documented(&rules, ""),
            requirement.interface()
        );
        for function in all().filter(|function| function.capability == Some(requirement)) {
            let Some(answer) = function.answer else { continue };
            let documentation = in_wit(function.documentation);
            let _ = write!(text, "\n{}    {};\n", documented(&documentation, "    "), declaration(function, answer));
        }
        text.push_str("}\n");
    }
    text
}

const TYPES_HEAD: &str = "\
/// What the functions of this package have in common.
///
/// Their documentation is that of the functions of modules, which return a number and leave a
/// reply: here, the reply or the number is the value of the result, and a status is a failure.
interface types {
    /// Why a function failed.
    enum status {
";

const TYPES_END: &str = "    }

    /// The failure of a function.
    record failure {
        status: status,
        /// A description for the author of the tool.
        message: string,
    }
}
";

fn declaration(function: &HostFunction, answer: Answer) -> String {
    let one = |kind: Kind| match kind {
        Kind::Bytes | Kind::Buffer => "list<u8>",
        Kind::OptionalBytes => "option<list<u8>>",
        Kind::U32 => "u32",
        Kind::U64 => "u64",
        Kind::I64 => "s64",
    };
    let parameters =
        function.parameters.iter().map(|found| format!("{}: {}", found.name.replace('_', "-"), one(found.kind)));
    let result = match answer {
        Answer::Nothing => "_",
        Answer::Bytes => "list<u8>",
        Answer::Flag => "bool",
        Answer::Keys => "list<list<u8>>",
        Answer::Number => "s64",
    };
    let parameters = parameters.collect::<Vec<_>>().join(", ");
    format!("{}: func({parameters}) -> result<{result}, failure>", function.component_name())
}

/// Rewords documentation: names are written as in WIT, and the result of a function is the reply.
fn in_wit(text: &str) -> String {
    let mut parts = text.split('`');
    let mut said = parts.next().unwrap_or_default().to_owned();
    let mut is_name = true;
    for part in parts {
        if is_name {
            let is_ours = find(part).is_some() || STATUSES.iter().any(|entry| entry.name == part);
            let shown = if is_ours { part.to_lowercase().replace('_', "-") } else { part.to_owned() };
            let _ = write!(said, "`{shown}`");
        } else {
            said.push_str(part);
        }
        is_name = !is_name;
    }
    said
}

/// Formats text as comments, wrapped to 100 columns.
fn documented(text: &str, indent: &str) -> String {
    let mut lines = Vec::new();
    for line in text.lines() {
        if line.starts_with(' ') {
            lines.push(line.to_owned());
            continue;
        }
        let mut current = String::new();
        for word in line.split(' ') {
            if !current.is_empty() && current.len() + word.len() > 94 - indent.len() {
                lines.push(std::mem::take(&mut current));
            }
            if !current.is_empty() {
                current.push(' ');
            }
            current.push_str(word);
        }
        lines.push(current);
    }
    lines.iter().map(|line| format!("{indent}/// {line}").trim_end().to_owned() + "\n").collect()
}

#[cfg(test)]
mod tests {
    use super::package;

    #[test]
    fn results_and_options_are_values() {
        let text = package();
        for line in [
            "package mpp:host@1.0.0;",
            "    http-send: func(request: list<u8>) -> result<list<u8>, failure>;",
            "    kv-set: func(key: list<u8>, value: list<u8>, ttl-ms: u64) -> result<_, failure>;",
            "    kv-list: func(prefix: list<u8>, after: list<u8>, limit: u32) -> result<list<list<u8>>, failure>;",
            "    kv-increment: func(key: list<u8>, by: s64) -> result<s64, failure>;",
            "        too-large,",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
        }
        assert!(!text.contains("reply-"), "{text}");
    }
}
