//! Decides how much work it is to make a package of a server.

use super::{Complexity, DependencyType, Evidence, Inventory, observed};
use crate::capture::Conversation;

/// Number of things of one type that a reason names.
const ITEMS: usize = 3;

/// Fills in the complexity of an inventory, and the reasons.
pub(super) fn classify(conversation: &Conversation, inventory: &mut Inventory) {
    let mut reasons = Vec::new();
    for method in conversation.server_requests.keys() {
        let what = match method.as_str() {
            "ping" => continue,
            "sampling/createMessage" => "asks the client's model",
            "elicitation/create" => "asks the user",
            "roots/list" => "asks for the client's directories",
            _ => "sends requests to the client",
        };
        reasons.push((Complexity::NotYetPractical, format!("the server {what} (`{method}`), which a package cannot")));
    }
    for feature in ["resources", "prompts"] {
        let is_used = conversation.other_requests.keys().any(|method| {
            method.starts_with(&format!("{feature}/read")) || method.starts_with(&format!("{feature}/get"))
        });
        if is_used {
            reasons
                .push((Complexity::High, format!("the client used {feature} of the server; a package has tools only")));
        }
    }
    if let Some(observed) = &conversation.observed {
        if observed::starts_programs_in_calls(observed, conversation) {
            reasons.push((
                Complexity::NotYetPractical,
                "it starts other programs to answer calls, which a package cannot".to_owned(),
            ));
        }
        if !observed.listens.is_empty() {
            reasons.push((Complexity::NotYetPractical, "it listens on the network, which a package cannot".to_owned()));
        }
        let other = observed.connections.iter().find(|connection| !matches!(connection.port, 80 | 443 | 8000..=8999));
        if let Some(connection) = other {
            let host = connection.host.as_deref().unwrap_or(&connection.address);
            let reason = format!(
                "it connects to {host} port {}, which may not be HTTP; a package sends HTTP requests only",
                connection.port
            );
            reasons.push((Complexity::High, reason));
        }
    }
    if inventory.tools.len() > 20 {
        reasons.push((Complexity::Medium, format!("it has {} tools", inventory.tools.len())));
    }
    for dependency in &inventory.dependencies {
        let level = match (dependency.kind, dependency.evidence) {
            (_, Evidence::NotObserved) | (DependencyType::Runtime, _) => continue,
            (DependencyType::State, _) => Complexity::High,
            // Interpreters load libraries that a port does not need.
            (DependencyType::NativeLibraries, _) => Complexity::Medium,
            _ => Complexity::Medium,
        };
        let how = if dependency.evidence == Evidence::Observed { "observed" } else { "suggested" };
        let mut items = dependency.items.iter().take(ITEMS).cloned().collect::<Vec<_>>().join("; ");
        let more = dependency.items.len().saturating_sub(ITEMS);
        if more > 0 {
            items.push_str(&format!("; and {more} more"));
        }
        reasons.push((level, format!("{} ({how}): {items}", dependency.kind.name())));
    }
    let highest = reasons.iter().map(|(level, _)| *level).max().unwrap_or_default();
    inventory.complexity = highest;
    reasons.sort_by_key(|(level, _)| std::cmp::Reverse(*level));
    inventory.reasons = reasons.into_iter().map(|(level, reason)| format!("{}: {reason}", level.name())).collect();
    if inventory.reasons.is_empty() {
        let reason = if conversation.calls.is_empty() {
            "low: nothing suggests more, but no call was captured, so this is a guess"
        } else {
            "low: the messages suggest nothing but computation"
        };
        inventory.reasons.push(reason.to_owned());
    }
}
