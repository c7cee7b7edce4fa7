//! Collects dependencies: from what the command, the definitions and the messages suggest.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Dependency, DependencyType, Evidence, Inventory};
use crate::capture::{Answer, Capture, Conversation};
use crate::replay;

/// Fills in the dependencies of an inventory.
pub(super) fn collect(capture: &Capture, conversation: &Conversation, inventory: &mut Inventory) {
    for kind in DependencyType::ALL {
        let mut items: Vec<String> = match kind {
            DependencyType::Runtime => runtime(&capture.header.command).into_iter().collect(),
            DependencyType::Network => network(conversation),
            DependencyType::Filesystem => filesystem(conversation),
            DependencyType::State => state(conversation),
            DependencyType::Environment | DependencyType::NativeLibraries => Vec::new(),
        };
        items.dedup();
        let evidence = if items.is_empty() { Evidence::NotObserved } else { Evidence::Suggested };
        inventory.dependencies.push(Dependency { kind, evidence, items });
    }
}

/// Names of programs, and the platform that each belongs to.
const RUNTIMES: &[(&str, &str)] = &[
    ("node", "Node.js"),
    ("npx", "Node.js (npx)"),
    ("npm", "Node.js (npm)"),
    ("bun", "Bun"),
    ("bunx", "Bun"),
    ("deno", "Deno"),
    ("uvx", "Python (uv)"),
    ("uv", "Python (uv)"),
    ("pipx", "Python (pipx)"),
    ("python", "Python"),
    ("java", "Java"),
    ("dotnet", ".NET"),
    ("ruby", "Ruby"),
    ("php", "PHP"),
    ("docker", "a container (Docker)"),
    ("podman", "a container (Podman)"),
];

/// Returns the platform that a program belongs to, by its name.
pub(super) fn platform(program: &str) -> Option<&'static str> {
    let word = program.rsplit(['/', '\\']).next()?.trim_end_matches(".exe");
    let word = word.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    RUNTIMES.iter().find(|(name, _)| *name == word).map(|(_, platform)| *platform)
}

fn runtime(command: &[String]) -> Option<String> {
    let program = command.first()?.rsplit(['/', '\\']).next()?;
    let shown = command.join(" ");
    match platform(program) {
        Some(platform) => Some(format!("{platform}: `{shown}`")),
        None => Some(format!("the program `{program}`: `{shown}`")),
    }
}

/// Returns the names of the tools whose definitions pass a test.
fn tools_that(conversation: &Conversation, test: impl Fn(&Value) -> bool) -> Vec<String> {
    let tools = conversation.tools.iter().flatten().filter(|tool| test(tool));
    tools.filter_map(|tool| Some(tool.get("name")?.as_str()?.to_owned())).collect()
}

/// Returns the parameters of a tool whose names pass a test.
fn has_parameter(tool: &Value, test: impl Fn(&str) -> bool) -> bool {
    let members = tool.pointer("/inputSchema/properties").and_then(Value::as_object);
    members.into_iter().flatten().any(|(name, _)| test(&name.to_ascii_lowercase()))
}

fn network(conversation: &Conversation) -> Vec<String> {
    let mut items = Vec::new();
    let takes_url = tools_that(conversation, |tool| {
        has_parameter(tool, |name| matches!(name, "url" | "uri" | "urls" | "endpoint" | "host"))
    });
    if !takes_url.is_empty() {
        items.push(format!("tools with a URL or host among their parameters: {}", takes_url.join(", ")));
    }
    let open = tools_that(conversation, |tool| tool.pointer("/annotations/openWorldHint") == Some(&Value::Bool(true)));
    if !open.is_empty() {
        items.push(format!("tools that say they interact with the outside world: {}", open.join(", ")));
    }
    let mut hosts = BTreeSet::new();
    for call in &conversation.calls {
        if let Answer::Response(outcome) = &call.answer
            && outcome.pointer("/result/isError") != Some(&Value::Bool(true))
        {
            hosts_in(outcome, &mut hosts);
        }
    }
    if !hosts.is_empty() {
        let hosts: Vec<String> = hosts.into_iter().collect();
        items.push(format!("hosts of links in answers: {}", hosts.join(", ")));
    }
    items
}

fn hosts_in(value: &Value, hosts: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => {
            for (at, _) in text.match_indices("https://") {
                let rest = &text[at + 8..];
                let end =
                    rest.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '-'))).unwrap_or(rest.len());
                if rest[..end].contains('.') && hosts.len() < 20 {
                    hosts.insert(rest[..end].trim_end_matches('.').to_ascii_lowercase());
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| hosts_in(item, hosts)),
        Value::Object(members) => members.values().for_each(|member| hosts_in(member, hosts)),
        _ => {}
    }
}

fn filesystem(conversation: &Conversation) -> Vec<String> {
    let is_path = |name: &str| {
        name == "file"
            || ["path", "paths", "filename", "directory", "folder", "dir"]
                .iter()
                .any(|word| name.split('_').any(|part| part == *word))
    };
    let tools = tools_that(conversation, |tool| has_parameter(tool, is_path));
    if tools.is_empty() {
        Vec::new()
    } else {
        vec![format!("tools with a path among their parameters: {}", tools.join(", "))]
    }
}

fn state(conversation: &Conversation) -> Vec<String> {
    let changes = tools_that(conversation, |tool| {
        let hint = |name: &str| tool.pointer(&format!("/annotations/{name}")).and_then(Value::as_bool);
        hint("readOnlyHint") == Some(false) || hint("destructiveHint") == Some(true)
    });
    let mut items = Vec::new();
    if !changes.is_empty() {
        items.push(format!("tools that say they change something: {}", changes.join(", ")));
    }
    let repeated = changed_answers(conversation);
    if !repeated.is_empty() {
        items.push(format!("tools that answered the same arguments differently: {}", repeated.join(", ")));
    }
    items
}

/// Returns the tools that answered the same arguments differently, apart from times and ids.
fn changed_answers(conversation: &Conversation) -> Vec<String> {
    let mut tools = BTreeSet::new();
    for (index, first) in conversation.calls.iter().enumerate() {
        for second in &conversation.calls[index + 1..] {
            if let (Answer::Response(_), Answer::Response(after)) = (&first.answer, &second.answer)
                && (&first.tool, &first.arguments) == (&second.tool, &second.arguments)
                && replay::answers_differ(first, after)
            {
                tools.insert(first.tool.clone());
            }
        }
    }
    tools.into_iter().collect()
}

/// Fills in what the capture does not show.
pub(super) fn gaps(capture: &Capture, conversation: &Conversation, inventory: &mut Inventory) {
    if conversation.tools.is_none() {
        inventory.gaps.push("the client did not list the tools, so their definitions are not known".to_owned());
    }
    let unused: Vec<&str> =
        inventory.tools.iter().filter(|tool| tool.calls == 0).map(|tool| tool.name.as_str()).collect();
    if !unused.is_empty() {
        inventory.gaps.push(format!("these tools were not called: {}", unused.join(", ")));
    }
    let unanswered = conversation.calls.iter().filter(|call| call.answer == Answer::None).count();
    if unanswered > 0 {
        let calls = if unanswered == 1 { "1 call has" } else { &format!("{unanswered} calls have") };
        inventory.gaps.push(format!("{calls} no answer"));
    }
    let unused: Vec<&str> =
        ["resources", "prompts"].into_iter().filter(|feature| is_unused(conversation, feature)).collect();
    if !unused.is_empty() {
        inventory.gaps.push(format!("the server announces {}, and the client did not use them", unused.join(" and ")));
    }
    for unrecorded in &conversation.unrecorded {
        inventory.gaps.push(format!("requests that were not recorded: {unrecorded}"));
    }
    if capture.is_cut_off {
        inventory.gaps.push("the capture ends in the middle of a line, because recording was interrupted".to_owned());
    }
    let unseen = inventory
        .dependencies
        .iter()
        .filter(|found| found.evidence == Evidence::NotObserved)
        .map(|found| found.kind.name());
    let unseen: Vec<&str> = unseen.collect();
    if !unseen.is_empty() {
        inventory.gaps.push(format!("not observed: {}", unseen.join(", ")));
    }
}

/// Returns whether the server announces a feature that the client did not use.
fn is_unused(conversation: &Conversation, feature: &str) -> bool {
    let prefix = format!("{feature}/");
    conversation.capabilities.contains(feature)
        && !conversation.other_requests.keys().any(|method| method.starts_with(&prefix))
}

#[cfg(test)]
mod tests {
    use super::changed_answers;
    use crate::capture::Capture;
    use serde_json::json;

    #[test]
    fn times_and_ids_do_not_make_state() {
        let answer = |at: &str, count: u8| json!({"content": [{"type": "text", "text": json!({"at": at, "count": count}).to_string()}]});
        let changed = |before, after| {
            let mut text = json!({"capture": 1, "started": "2026-01-01T00:00:00Z", "transport": "stdio"}).to_string();
            for (id, result) in [(1, before), (2, after)] {
                let call = json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": {"name": "now"}});
                let answer = json!({"jsonrpc": "2.0", "id": id, "result": result});
                for (from, message) in [("client", call), ("server", answer)] {
                    text.push_str(&format!("\n{}", json!({"at": id, "from": from, "message": message})));
                }
            }
            changed_answers(&Capture::parse(text.as_bytes()).expect("a capture").conversation())
        };
        let first = "2026-01-01T00:00:00Z";
        assert!(changed(answer(first, 1), answer("2026-01-01T00:00:05Z", 1)).is_empty());
        assert_eq!(changed(answer(first, 1), answer(first, 2)), ["now"]);
    }
}
