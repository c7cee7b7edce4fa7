//! Renders the results of `mpp verify` and `mpp inspect`.

use std::collections::BTreeSet;

use mpp_host::gatekeeper::{StepReport, StepResult};
use mpp_host::policy::size;
use mpp_host::trust::Trust;
use mpp_sdk::wire::ToolDefinition;
use serde_json::Value;

use super::built::{abilities, list};
use super::{Human, schema};
use crate::reports::libraries::ListedLibrary;
use crate::reports::package::{Inspection, ToolHelp, VerifyResult};
use crate::ui::text::{BAD, BOLD, DIM, GOOD, Text, WARN};

impl Human for VerifyResult {
    fn human(&self, text: &mut Text, _verbose: bool) {
        text.styled(BOLD, &self.path).line(format!("  {}", size(self.package_bytes)));
        self.steps.iter().for_each(|report| step(text, report));
        text.end();
        let Some(package) = &self.package else {
            text.styled(BAD, "not verified").line(": do not run this package");
            return;
        };
        text.styled(GOOD, "verified").line(": all seven steps passed");
        text.field("package", format!("{} {}", package.package_id, package.version));
        text.field("signed by", format!("{} (publisher name: {})", package.key_id, package.publisher));
        text.field("content hash", package.content_hash.to_string());
        if let Some(state) = self.trust {
            trust(text, state);
        }
        if !self.not_established.is_empty() {
            text.end().styled(DIM, "not established by this verification:").end();
            for sentence in &self.not_established {
                text.styled(DIM, format!("  - {sentence}")).end();
            }
        }
    }
}

fn step(text: &mut Text, report: &StepReport) {
    text.add(format!("  {} {:<16} ", report.step.number(), report.step.title()));
    match report.result {
        StepResult::Passed => text.styled(GOOD, "passed "),
        StepResult::Failed => text.styled(BAD, "failed "),
        StepResult::NotRun => text.styled(DIM, "not run"),
    };
    if report.result != StepResult::NotRun {
        #[expect(clippy::cast_precision_loss, reason = "shown with two decimals")]
        text.styled(DIM, format!("  {:>8.2} ms", report.micros as f64 / 1000.0));
    }
    if let Some(code) = report.code {
        text.add("  ").styled(BAD, code.id);
    }
    text.end();
}

/// Adds the trust in the publisher.
fn trust(text: &mut Text, trust: Trust) {
    text.add("  ").styled(DIM, format!("{:<13}", "trust")).add(" ");
    match trust {
        Trust::Own => text.styled(GOOD, "own").line(": signed with one of your keys"),
        Trust::Trusted => text.styled(GOOD, "trusted").line(": you trust this publisher"),
        Trust::UnknownPublisher => text.styled(WARN, "unknown publisher").line(": you do not trust this key yet"),
        Trust::Revoked => text.styled(BAD, "revoked").line(": this key must no longer be trusted"),
    };
}

impl Human for Inspection {
    fn human(&self, text: &mut Text, verbose: bool) {
        let manifest = &self.manifest;
        text.styled(BOLD, format!("{} {}", manifest.name, manifest.version))
            .add("  ")
            .styled(DIM, &manifest.package_id)
            .end();
        text.paragraph("  ", 96, &manifest.description).end();
        text.field("file", format!("{}, {}", self.path, size(self.package_bytes)));
        text.field(
            "publisher",
            match &manifest.publisher.url {
                Some(url) => format!("{} ({url})", manifest.publisher.name),
                None => manifest.publisher.name.clone(),
            },
        );
        if let Some(license) = &manifest.license {
            text.field("license", license);
        }
        match &self.key_id {
            Some(key_id) => text.field("signed by", key_id.as_str()),
            None => text.field("signed by", "not verified: everything below is only claimed by the file"),
        };
        if let Some(state) = self.trust {
            trust(text, state);
        }
        text.field("content hash", self.content_hash.to_string());
        if let Some(toolchain) = &self.toolchain {
            let rustc =
                toolchain.rustc.as_ref().map(|version| format!("rustc {}", version.trim_start_matches("rustc ")));
            let compiler = rustc.or_else(|| toolchain.compiler.clone());
            let parts = [Some(toolchain.builder.clone()), compiler, toolchain.target.clone()];
            text.field("built by", parts.into_iter().flatten().collect::<Vec<_>>().join(", "));
        }
        let runtime = &manifest.runtime;
        text.field(
            "limits",
            format!(
                "{} MiB of memory, {} ms, {} of output",
                runtime.memory_limit_mb,
                runtime.timeout_ms,
                size(runtime.max_output_bytes)
            ),
        );
        abilities(text, &self.abilities);
        list(text, "privacy", &self.privacy);
        libraries(text, &self.libraries, verbose);
        text.end();
        for tool in &manifest.tool_definitions {
            describe(text, tool);
            if verbose {
                text.block("    ", serde_json::to_string_pretty(&tool.parameters).unwrap_or_default());
                if let Some(returns) = &tool.returns {
                    text.line("  returns").block("    ", serde_json::to_string_pretty(returns).unwrap_or_default());
                }
            }
        }
        if !self.entries.is_empty() {
            text.end();
            for entry in &self.entries {
                text.line(format!("{:>10} {:>10}  {}", size(entry.bytes), size(entry.packed_bytes), entry.name));
            }
            text.styled(DIM, format!("{:>10} {:>10}", "unpacked", "packed")).end();
        }
    }
}

/// Adds the licences of the libraries, and with `verbose` each library.
fn libraries(text: &mut Text, libraries: &[ListedLibrary], verbose: bool) {
    let license = |library: &ListedLibrary| library.license.clone().unwrap_or_else(|| "no stated licence".to_owned());
    let licenses: BTreeSet<String> = libraries.iter().map(license).collect();
    match libraries.len() {
        0 => return,
        1 => text.field("libraries", format!("1: {}", license(&libraries[0]))),
        count => text.field("libraries", format!("{count}: {}", licenses.into_iter().collect::<Vec<_>>().join(", "))),
    };
    for library in libraries.iter().filter(|_| verbose) {
        let version = library.version.as_ref().map(|version| format!(" {version}")).unwrap_or_default();
        text.line(format!("    {}{version}  {}", library.name, license(library)));
    }
}

/// Adds everything that a caller of a tool needs to know.
fn describe(text: &mut Text, tool: &ToolDefinition) {
    text.styled(BOLD, &tool.name);
    if let Some(title) = &tool.title {
        text.add("  ").add(title);
    }
    text.add("  ").styled(DIM, tool.security_level.as_str()).end();
    text.paragraph("  ", 96, &tool.description);
    schema::properties(text, "    ", &tool.parameters);
    if let Some(returns) = &tool.returns {
        schema::returns(text, "    ", returns);
    }
    let hints = tool.annotations.as_ref().and_then(|hints| serde_json::to_value(hints).ok());
    let hints = hints.as_ref().and_then(Value::as_object).into_iter().flatten();
    let hints: Vec<String> = hints.map(|(name, value)| format!("{name}: {value}")).collect();
    if !hints.is_empty() {
        text.add("    ").styled(DIM, format!("hints {}", hints.join(", "))).end();
    }
}

impl Human for ToolHelp {
    fn human(&self, text: &mut Text, _verbose: bool) {
        for (number, tool) in self.tools.iter().enumerate() {
            if number > 0 {
                text.end();
            }
            describe(text, tool);
        }
        text.end();
        text.styled(DIM, "call it with").end();
        text.line(format!("  {}", self.example));
    }
}
