//! The host's decisions about packages before a grant and calls before they run, with a record of each refusal.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use mpp_sdk::wire::{ErrorKind, RpcError, SecurityLevel, ToolDefinition};

use super::Inner;
use super::errors::ClearError;
use super::loaded::Loaded;
use super::recorder;
use crate::clock::rfc3339;
use crate::codes::{Code, Coded as _};
use crate::policy::{
    Approval, Approver, CallRule, Clearance, ClearanceRequest, Cleared, ClearedCall, NotApproved, Question, Refusal,
    ShownCall, Situation, ToolClearance,
};
use crate::privacy::Secrets;
use crate::trust::Trust;

/// Decides on a request, and records the refusal if there is one.
pub(super) fn clear(host: &Inner, request: &ClearanceRequest<'_>) -> Result<Cleared, ClearError> {
    request.policy.clear(request, &rfc3339(host.clock.now())).map_err(|refused| {
        match recorder::record_refusal(host, request.package, request.call, &refused) {
            Ok(()) => refused.into(),
            Err(error) => error.into(),
        }
    })
}

/// The rules for calls of one granted package, and the approvals that were given since it was granted.
#[derive(Debug)]
pub(super) struct CallRules {
    clearance: Clearance,
    /// The rule of each tool and whether it was approved since, in the manifest's order.
    rules: Box<[(CallRule, AtomicBool)]>,
    approval: Mutex<Option<Approval>>,
}

/// The refusal of a call: the error to answer it with, and the code if it is not the default code of the error's kind.
pub(super) type Refused = (RpcError, Option<&'static Code>);

impl CallRules {
    pub(super) fn new(loaded: &Loaded, clearance: Clearance) -> Self {
        let tools = loaded.manifest.tool_definitions.iter();
        Self {
            rules: tools.map(|tool| (clearance.rule(tool), AtomicBool::new(false))).collect(),
            approval: Mutex::new(clearance.approval().cloned()),
            clearance,
        }
    }

    /// Checks that a call may run. A tool that the package does not have passes; the call itself then fails.
    pub(super) fn check(
        &self,
        loaded: &Loaded,
        tool: &str,
        clearance: Option<&ToolClearance>,
    ) -> Result<(), Box<Refused>> {
        let Some(Ruled { definition, rule, is_remembered }) = self.rule(loaded, tool) else { return Ok(()) };
        let permits = |given: &ToolClearance| given.permits(&loaded.content_hash, &loaded.publisher, tool);
        let refused = match rule {
            CallRule::Allow => return Ok(()),
            CallRule::Ask if is_remembered.load(Ordering::Relaxed) || clearance.is_some_and(permits) => return Ok(()),
            CallRule::Ask => NotApproved::Required(Box::new(situation(loaded).question_about(definition))),
            CallRule::Refuse(refused) => refused_level(loaded, definition, refused),
        };
        let code = (refused.kind() != ErrorKind::ApprovalRequired).then(|| refused.code());
        Err(Box::new((refused.to_rpc(), code)))
    }

    /// Decides on one call. A tool that the package does not have is allowed here; the call itself then fails.
    pub(super) fn clear(
        &self,
        loaded: &Loaded,
        (tool, arguments): (&str, &str),
        secrets: &Secrets,
        approver: &dyn Approver,
    ) -> Result<ClearedCall, NotApproved> {
        let allowed = ClearedCall { clearance: self.clearance.call_of(tool), approval: None };
        let Some(Ruled { definition, rule, is_remembered }) = self.rule(loaded, tool) else { return Ok(allowed) };
        match rule {
            CallRule::Refuse(refused) => return Err(refused_level(loaded, definition, refused)),
            CallRule::Allow => return Ok(allowed),
            CallRule::Ask if is_remembered.load(Ordering::Relaxed) => return Ok(allowed),
            CallRule::Ask => {}
        }
        let now = rfc3339(loaded.host.clock.now());
        // The lock is not held while a person decides, so that other calls can continue.
        let on_file = self.on_file().clone();
        let situation = situation(loaded);
        let call = ShownCall::of(&loaded.manifest, arguments, secrets);
        let mut cleared =
            self.clearance.ask_about_call(&situation, (definition, call), approver, on_file.as_ref(), &now)?;
        if let Some(approval) = &mut cleared.approval {
            is_remembered.store(true, Ordering::Relaxed);
            let mut on_file = self.on_file();
            if let Some(other) = &*on_file {
                // Keeps the answers that were given in the meantime.
                approval.tools.extend(other.tools.iter().map(|(tool, level)| (tool.clone(), *level)));
            }
            *on_file = Some(approval.clone());
        }
        Ok(cleared)
    }

    /// Returns the question that [`clear`](Self::clear) would ask about this call; `None` if it would decide without a person.
    pub(super) fn question(
        &self,
        loaded: &Loaded,
        (tool, arguments): (&str, &str),
        secrets: &Secrets,
    ) -> Option<Question> {
        let Ruled { definition, rule, is_remembered } = self.rule(loaded, tool)?;
        if rule != CallRule::Ask || is_remembered.load(Ordering::Relaxed) {
            return None;
        }
        let call = Some(ShownCall::of(&loaded.manifest, arguments, secrets));
        Some(Question { call, ..situation(loaded).question_about(definition) })
    }

    fn on_file(&self) -> MutexGuard<'_, Option<Approval>> {
        self.approval.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn rule<'a>(&'a self, loaded: &'a Loaded, tool: &str) -> Option<Ruled<'a>> {
        let mut tools = loaded.manifest.tool_definitions.iter().zip(&self.rules);
        let (definition, (rule, is_remembered)) = tools.find(|(definition, _)| definition.name == tool)?;
        Some(Ruled { definition, rule: *rule, is_remembered })
    }
}

/// A tool and the rule for its calls.
struct Ruled<'a> {
    definition: &'a ToolDefinition,
    rule: CallRule,
    /// Whether a person has approved the tool since the package was granted.
    is_remembered: &'a AtomicBool,
}

/// Returns the situation of any call. The rules of the clearance have taken the trust into account, so it is `Trusted` here.
fn situation(loaded: &Loaded) -> Situation<'_> {
    let Loaded { manifest, publisher, key_id, .. } = loaded;
    Situation { manifest, key: publisher, key_id, trust: Trust::Trusted, tool: None, paths: &[] }
}

fn refused_level(loaded: &Loaded, tool: &ToolDefinition, refused: SecurityLevel) -> NotApproved {
    NotApproved::Refused(Refusal::Level {
        package_id: loaded.manifest.package_id.clone(),
        tool: tool.name.clone(),
        level: tool.security_level,
        refused,
    })
}
