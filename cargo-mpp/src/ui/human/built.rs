//! Renders the results of `mpp build` and `mpp sign`.

use mpp_host::keys::KeyRole;
use mpp_host::policy::size;

use super::Human;
use crate::reports::build::{BuildResult, BuiltPackage, Signed};
use crate::ui::text::{BOLD, DIM, GOOD, Text};

impl Human for BuildResult {
    fn human(&self, text: &mut Text, verbose: bool) {
        for (index, package) in self.packages.iter().enumerate() {
            if index > 0 {
                text.end();
            }
            package.human(text, verbose);
        }
    }
}

impl Human for BuiltPackage {
    fn human(&self, text: &mut Text, verbose: bool) {
        text.styled(GOOD, "built").add(" ").styled(BOLD, &self.path).end();
        text.field("size", format!("{} packed, {} of wasm", size(self.package_bytes), size(self.module_bytes)));
        text.field("package", format!("{} {}", self.package_id, self.version));
        text.field(
            "signed by",
            match &self.key_id {
                None => "not signed; sign it before it can run".to_owned(),
                Some(id) if id.role() == KeyRole::Development => format!("{id}, this machine's development key"),
                Some(id) => id.to_string(),
            },
        );
        if self.reproducible == Some(true) {
            text.field("reproducible", "a second build in another directory gave the same bytes");
        }
        tools(text, self.tools.iter().map(|tool| (tool.name.as_str(), tool.description.as_str())));
        abilities(text, &self.abilities);
        list(text, "privacy", &self.privacy);
        if verbose {
            text.field("content hash", self.content_hash.to_string());
            if let Some(symbols) = &self.symbols_path {
                text.field("symbols", symbols);
            }
        }
    }
}

impl Human for Signed {
    fn human(&self, text: &mut Text, _verbose: bool) {
        text.styled(GOOD, "signed").add(" ").styled(BOLD, &self.path).end();
        text.field("package", format!("{} {}", self.package_id, self.version));
        text.field("signed by", self.key_id.as_str());
        text.field("content hash", self.content_hash.to_string());
    }
}

/// Adds the tools, with the first line of their descriptions.
pub(super) fn tools<'a>(text: &mut Text, tools: impl Iterator<Item = (&'a str, &'a str)>) {
    let tools: Vec<(&str, &str)> = tools.collect();
    let width = tools.iter().map(|(name, _)| name.len()).max().unwrap_or_default().min(24);
    for (index, (name, description)) in tools.iter().enumerate() {
        let label = match (index, tools.len()) {
            (0, 1) => "tool",
            (0, _) => "tools",
            _ => "",
        };
        let first = description.lines().next().unwrap_or_default();
        text.add("  ").styled(DIM, format!("{label:<13}")).add(" ");
        text.add(format!("{name:<width$}  ")).styled(DIM, first).end();
    }
}

/// Adds several lines under one label.
pub(super) fn list(text: &mut Text, label: &str, lines: &[String]) {
    for (index, line) in lines.iter().enumerate() {
        text.field(if index == 0 { label } else { "" }, line);
    }
}

/// Adds what a package may do, a line for each sentence.
pub(super) fn abilities(text: &mut Text, sentences: &[String]) {
    list(text, "may", &sentences.iter().map(|sentence| after_may(sentence)).collect::<Vec<_>>());
}

/// Words a sentence about a package so that it continues the word *may*.
fn after_may(sentence: &str) -> String {
    let (verb, rest) = sentence.split_once(' ').unwrap_or((sentence, ""));
    match verb {
        "may" => rest.to_owned(),
        "has" => format!("have {rest}"),
        "sees" | "sends" | "receives" | "uses" => format!("{} {rest}", verb.trim_end_matches('s')),
        // A sentence about something else than the package, such as its answers.
        _ => sentence.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::after_may;

    #[test]
    fn sentences_continue_the_word_may() {
        for (sentence, continued) in [
            ("may read /data", "read /data"),
            ("receives the variable A", "receive the variable A"),
            ("has tools of security level high", "have tools of security level high"),
            ("sees only its arguments", "see only its arguments"),
            ("answers are not filtered for email", "answers are not filtered for email"),
        ] {
            assert_eq!(after_may(sentence), continued);
        }
    }
}
