//! Makes clearances: decides, asks until no question is open, and determines which approval is to be stored.
//!
//! *Invariant:* nothing here is public. A front end decides through the host, which records every refusal in the audit log.

use mpp_sdk::wire::ToolDefinition;

use super::{
    Answer, Approval, ApprovedPath, Approver, Clearance, ClearanceRequest, Cleared, ClearedCall, Decision, MachinePath,
    NotApproved, Policy, Question, ShownCall, Situation, ToolClearance, Wants, Why,
};
use crate::privacy::Secrets;
use crate::trust::Trust;

impl Policy {
    /// Decides on a request; `now` is RFC 3339 text, for the approval to store.
    pub(crate) fn clear(&self, request: &ClearanceRequest<'_>, now: &str) -> Result<Cleared, NotApproved> {
        let package = request.package;
        let tool = request.call.map(|(tool, _)| tool);
        let (content_hash, key) = (*package.content_hash(), *package.publisher_key());
        let on_file = request.approval.filter(|known| known.is_for(&package.manifest().package_id, &key));
        let is_known = |path: &&MachinePath| on_file.is_some_and(|known| known.has_path(&content_hash, path));
        let (mut paths, open): (Vec<_>, Vec<_>) = request.paths.iter().partition(is_known);
        let open: Vec<MachinePath> = open.into_iter().cloned().collect();
        let situation = Situation { paths: &open, ..Situation::new(package, request.trust.decide(package), tool) };
        let shown = || {
            let (_, arguments) = request.call?;
            let none = Secrets::none();
            Some(ShownCall::of(package.manifest(), arguments, request.secrets.unwrap_or(&none)))
        };
        let mut settled = self.settle(&situation, request.approval, request.approver, &shown, now)?;
        if settled.paths == Some(Answer::Remember) {
            let before = settled.approval.take().or_else(|| on_file.cloned());
            let mut approval = before.unwrap_or_else(|| Approval::of_nothing(&situation, now));
            approval.paths.extend(open.iter().map(|path| ApprovedPath::new(&content_hash, path)));
            settled.approval = Some(approval);
        }
        if settled.paths.is_some() {
            paths.extend(&open);
        }
        let approval = settled.approval.as_ref().or(on_file).cloned();
        let clearance = Clearance {
            content_hash,
            key,
            abilities: Wants::of(package.manifest()).abilities,
            tools: approval.as_ref().map(|approval| approval.tools.clone()).unwrap_or_default(),
            ask: self.settings.asks_from(settled.trust),
            refuse: self.settings.refuse,
            approval,
        };
        // A tool that the package does not have is cleared here; the call itself then fails.
        let tool = tool.map(|tool| clearance.call_of(tool));
        let paths = paths.into_iter().cloned().collect();
        Ok(Cleared { clearance, tool, publisher: settled.publisher, paths, approval: settled.approval })
    }

    /// Asks until everything is decided. `shown` returns the call for a question about it.
    pub(super) fn settle(
        &self,
        situation: &Situation<'_>,
        approval: Option<&Approval>,
        approver: &dyn Approver,
        shown: &dyn Fn() -> Option<ShownCall>,
        now: &str,
    ) -> Result<Settled, NotApproved> {
        let mut situation = *situation;
        let on_file = approval.filter(|known| known.is_for(&situation.manifest.package_id, situation.key)).cloned();
        // `holds` applies to this decision; `stored` leaves out answers that are for one call only.
        let mut holds = on_file.clone();
        let mut stored = on_file;
        let mut publisher = None;
        let mut paths = None;
        let mut changed = false;
        loop {
            let mut question = match self.decide(&situation, holds.as_ref()) {
                Decision::Allow => break,
                Decision::Refuse(refusal) => return Err(refusal.into()),
                Decision::Ask(question) => question,
            };
            if matches!(question.why, Why::SensitiveTool { .. }) {
                question.call = shown();
            }
            let answer = approver.ask(&question);
            let is_about_paths = matches!(question.why, Why::MachinePaths { .. });
            if is_about_paths && answer == Answer::CannotAsk {
                // The paths stay without a mapping, which is the error to report.
                situation.paths = &[];
                continue;
            }
            if let Some(refused) = refused(answer, &question) {
                return Err(refused);
            }
            if is_about_paths {
                situation.paths = &[];
                paths = Some(answer);
                continue;
            }
            if question.is_about_trust() {
                situation.trust = Trust::Trusted;
                publisher = Some(answer);
            }
            if answer == Answer::Remember {
                stored = Some(accept(&situation, stored.as_ref(), &question.why, now));
                changed = true;
            }
            holds = Some(accept(&situation, holds.as_ref(), &question.why, now));
        }
        Ok(Settled { trust: situation.trust, publisher, paths, approval: stored.filter(|_| changed) })
    }
}

/// The outcome of a positive decision.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Settled {
    pub(super) trust: Trust,
    pub(super) publisher: Option<Answer>,
    /// The answer to the question about paths of this machine; `None` if it was not asked or nobody could be asked.
    pub(super) paths: Option<Answer>,
    pub(super) approval: Option<Approval>,
}

impl Clearance {
    /// Asks about one call, which is shown as `call`. `on_file` is the approval that is stored now.
    pub(crate) fn ask_about_call(
        &self,
        situation: &Situation<'_>,
        (tool, call): (&ToolDefinition, ShownCall),
        approver: &dyn Approver,
        on_file: Option<&Approval>,
        now: &str,
    ) -> Result<ClearedCall, NotApproved> {
        let question = Question { call: Some(call), ..situation.question_about(tool) };
        let answer = approver.ask(&question);
        if let Some(refused) = refused(answer, &question) {
            return Err(refused);
        }
        let approval = (answer == Answer::Remember).then(|| accept(situation, on_file, &question.why, now));
        Ok(ClearedCall { clearance: self.call_of(&tool.name), approval })
    }

    /// Returns the clearance of a call that was approved or needs no approval.
    pub(crate) fn call_of(&self, tool: &str) -> ToolClearance {
        ToolClearance { content_hash: self.content_hash, key: self.key, tool: tool.to_owned() }
    }

    /// Returns the approval that was on file when the package was cleared.
    pub(crate) fn approval(&self) -> Option<&Approval> {
        self.approval.as_ref()
    }
}

fn refused(answer: Answer, question: &Question) -> Option<NotApproved> {
    match answer {
        Answer::No => Some(NotApproved::Declined(Box::new(question.clone()))),
        Answer::CannotAsk => Some(NotApproved::Required(Box::new(question.clone()))),
        Answer::Remember | Answer::Once => None,
    }
}

/// Returns the approval after the question was answered with yes. A yes to one tool approves only that tool.
fn accept(situation: &Situation<'_>, before: Option<&Approval>, why: &Why, now: &str) -> Approval {
    let Why::SensitiveTool { tool, level } = why else { return Approval::of(situation, before, now) };
    let mut approval = before.cloned().unwrap_or_else(|| Approval::of_nothing(situation, now));
    approval.tools.insert(tool.clone(), *level);
    approval
}
