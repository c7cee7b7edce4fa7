//! The MCP server in front of a bridge: what the protocol library calls.

#![expect(deprecated, reason = "clients of earlier versions still read log messages")]

mod asked;
mod session;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use mpp_host::policy::Answer;
use mpp_host::wire::RpcError;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, CustomRequest, CustomResult, ElicitRequest,
    ElicitRequestParams, ElicitResult, ElicitationAction, ElicitationSchema, ErrorCode, Implementation, InputRequest,
    InputRequiredResult, ListToolsResult, LoggingMessageNotificationParam, PaginatedRequestParams, ProtocolVersion,
    ServerCapabilities, ServerConfig, SetLevelRequestParams, SubscriptionFilter, Tool,
};
use rmcp::service::{NotificationContext, RequestContext, SubscriptionContext};
use rmcp::{ErrorData, RoleServer, ServerHandler};
use tokio::sync::oneshot;

use self::asked::{Asked, AskedCall};
use crate::bridge::{Answered, Bridge, Caller, Era, Outcome, PublishedTool, internal_error};

pub(crate) use session::{LogLevel, RawTexts};

/// How long a person may take to answer a question of a client that keeps the call open.
const PATIENCE: Duration = Duration::from_secs(5 * 60);

/// The key of our question among the input requests of a call.
const APPROVAL: &str = "approval";

/// Methods that the protocol defines, and whose requests reach [`Server::on_custom_request`] only if their parameters are malformed.
const KNOWN_METHODS: &[&str] = &["tools/call", "tools/list", "server/discover", "subscriptions/listen"];

/// The same, of versions before 2026-07-28 only.
const EARLIER_METHODS: &[&str] = &["initialize", "ping", "logging/setLevel"];

/// How the server introduces itself.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct About {
    /// Name of the server.
    pub name: String,
    /// Version of the server.
    pub version: String,
    /// What a model should know about the tools as a whole.
    pub instructions: Option<String>,
}

impl About {
    /// Creates an introduction without instructions.
    #[must_use]
    pub fn new(name: impl Into<String>, version: impl Into<String>) -> Self {
        Self { name: name.into(), version: version.into(), instructions: None }
    }

    /// Sets what a model should know about the tools as a whole.
    #[must_use]
    pub fn instructions(mut self, instructions: impl Into<String>) -> Self {
        self.instructions = Some(instructions.into());
        self
    }
}

/// Serves one session.
#[derive(Clone)]
pub(crate) struct Server {
    bridge: Arc<Bridge>,
    about: About,
    level: LogLevel,
    /// Results as text, for a transport that writes them itself.
    texts: Option<RawTexts>,
    asked: Arc<Asked>,
}

impl Server {
    pub(crate) fn new(bridge: Arc<Bridge>, about: About, level: LogLevel, texts: Option<RawTexts>) -> Self {
        Self { bridge, about, level, texts, asked: Arc::default() }
    }

    /// Asks the person at the client about a call, if that is needed and possible.
    async fn approve(
        &self,
        request: &CallToolRequestParams,
        (tool, arguments): (&PublishedTool, &str),
        era: Era,
        context: &RequestContext<RoleServer>,
    ) -> Result<Approval, ErrorData> {
        let Some(question) = self.bridge.question(tool, arguments) else { return Ok(Approval::Known(None)) };
        let call = AskedCall::new(&tool.fingerprint().unwrap_or_default(), &request.name, arguments);
        if let Some(handle) = &request.request_state {
            if !self.asked.take(handle, &call, Instant::now()) {
                return Err(ErrorData::invalid_params(
                    "the `requestState` is unknown, expired or of another call: call again without it",
                    None,
                ));
            }
            let response = request.input_responses.as_ref().and_then(|responses| responses.get(APPROVAL));
            let response = response.and_then(|value| serde_json::from_value::<ElicitResult>(value.clone()).ok());
            return Ok(Approval::Known(Some(answer_of(response.as_ref()))));
        }
        let can_ask = context.client_capabilities().is_some_and(|can| can.elicitation.is_some());
        if !can_ask {
            return Ok(Approval::Known(None));
        }
        let form = ElicitRequestParams::FormElicitationParams {
            meta: None,
            message: question,
            requested_schema: ElicitationSchema::new(BTreeMap::new()),
        };
        if era == Era::Modern {
            let Some(handle) = self.asked.ask(call, Instant::now()) else { return Ok(Approval::Known(None)) };
            let requests = BTreeMap::from([(APPROVAL.to_owned(), InputRequest::Elicitation(ElicitRequest::new(form)))]);
            return Ok(Approval::Ask(Box::new(InputRequiredResult::new(Some(requests), Some(handle)))));
        }
        let answered = tokio::select! {
            answered = context.peer.create_elicitation_with_timeout(form, Some(PATIENCE)) => answered,
            () = context.ct.cancelled() => return Ok(Approval::Known(Some(Answer::No))),
        };
        // A client that does not answer cannot be asked.
        Ok(Approval::Known(answered.ok().map(|result| answer_of(Some(&result)))))
    }

    /// Runs a call on a thread of the bridge, and ends it if the client cancels it.
    async fn run(
        &self,
        tool: &Arc<PublishedTool>,
        arguments: String,
        caller: Caller,
        context: &RequestContext<RoleServer>,
    ) -> Answered {
        let (sender, mut receiver) = oneshot::channel();
        let (era, cancel) = (caller.era, caller.cancel.clone());
        let job = {
            let (bridge, tool) = (Arc::clone(&self.bridge), Arc::clone(tool));
            // Without a receiver, the session has ended.
            move || drop(sender.send(bridge.run(&tool, &arguments, &caller)))
        };
        if let Err(outcome) = self.bridge.submit(tool, era, Box::new(job)) {
            return Answered::of(*outcome);
        }
        let answered = tokio::select! {
            answered = &mut receiver => answered,
            () = context.ct.cancelled() => {
                cancel.cancel();
                receiver.await
            }
        };
        answered.unwrap_or_else(|_| Answered::of(Outcome::Error(internal_error())))
    }

    /// Sends what a tool logged, if the client wants it.
    async fn pass_on_log(&self, log: &str, logger: &str, era: Era, context: &RequestContext<RoleServer>) {
        let is_wanted = match era {
            Era::Modern => context.meta.log_level().is_some_and(|level| {
                let wanted = LogLevel::default();
                wanted.set(level);
                wanted.admits_info()
            }),
            Era::Legacy => self.level.admits_info(),
        };
        if log.is_empty() || !is_wanted {
            return;
        }
        for line in log.lines().filter(|line| !line.trim().is_empty()) {
            let message = LoggingMessageNotificationParam::new(rmcp::model::LoggingLevel::Info, line.into());
            if context.peer.notify_logging_message(message.with_logger(logger)).await.is_err() {
                // A client that has gone does not read the answer either.
                return;
            }
        }
    }
}

/// What is known about the approval of a call.
enum Approval {
    /// A person's answer; `None` if there is no question, or nobody to ask.
    Known(Option<Answer>),
    /// The client is to ask, and to call again.
    Ask(Box<InputRequiredResult>),
}

fn answer_of(result: Option<&ElicitResult>) -> Answer {
    match result.map(|result| &result.action) {
        Some(ElicitationAction::Accept) => Answer::Once,
        _ => Answer::No,
    }
}

fn era_of(context: &RequestContext<RoleServer>) -> Era {
    context.protocol_version().map_or(Era::Legacy, |version| Era::of_version(version.as_str()))
}

fn protocol_error(error: &RpcError) -> ErrorData {
    let data = (!error.data.is_empty()).then(|| serde_json::Value::Object(error.data.clone()));
    let code = i32::try_from(error.code).unwrap_or(ErrorCode::INTERNAL_ERROR.0);
    ErrorData::new(ErrorCode(code), error.message.clone(), data)
}

fn unreadable(error: &serde_json::Error) -> ErrorData {
    ErrorData::internal_error(
        format!("the result cannot be represented in this version of the protocol: {error}"),
        None,
    )
}

fn no_method(method: &str) -> ErrorData {
    ErrorData::new(ErrorCode::METHOD_NOT_FOUND, format!("there is no method `{}`", method.escape_debug()), None)
}

impl ServerHandler for Server {
    fn get_info(&self) -> ServerConfig {
        let capabilities =
            ServerCapabilities::builder().enable_logging().enable_tools().enable_tool_list_changed().build();
        let mut info = ServerConfig::new(capabilities);
        info.protocol_version = ProtocolVersion::V_2025_11_25;
        info.server_info = Implementation::new(self.about.name.clone(), self.about.version.clone());
        info.instructions.clone_from(&self.about.instructions);
        info
    }

    async fn list_tools(
        &self,
        request: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        if request.is_some_and(|page| page.cursor.is_some()) {
            return Err(ErrorData::invalid_params("the list has one page: ask for it without a cursor", None));
        }
        let text = self.bridge.list(era_of(&context));
        let list = match &self.texts {
            Some(texts) => {
                texts.put_result(&context.id, text.to_string());
                ListToolsResult::default()
            }
            None => serde_json::from_str(&text).map_err(|error| unreadable(&error))?,
        };
        Ok(list)
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let era = era_of(&context);
        let as_sent = self.texts.as_ref().and_then(|texts| texts.take_arguments(&context.id));
        let arguments = match (as_sent, &request.arguments) {
            (Some(text), _) => text,
            (None, Some(arguments)) => serde_json::to_string(arguments).map_err(|error| unreadable(&error))?,
            (None, None) => "{}".to_owned(),
        };
        // The person who is asked, and the call, see the same version of the tool.
        let tool = self.bridge.find(&request.name).map_err(|unknown| protocol_error(&unknown))?;
        let answer = match self.approve(&request, (&tool, &arguments), era, &context).await? {
            Approval::Known(answer) => answer,
            Approval::Ask(question) => return Ok(CallToolResponse::InputRequired(*question)),
        };
        let mut caller = Caller::new(era);
        caller.answer = answer;
        let answered = self.run(&tool, arguments, caller, &context).await;
        self.pass_on_log(&answered.log, &request.name, era, &context).await;
        match answered.outcome {
            Outcome::Error(error) => Err(protocol_error(&error)),
            Outcome::Result(text) => {
                let result = match &self.texts {
                    Some(texts) => {
                        texts.put_result(&context.id, text);
                        CallToolResult::default()
                    }
                    None => serde_json::from_str(&text).map_err(|error| unreadable(&error))?,
                };
                Ok(CallToolResponse::Complete(result))
            }
            // The library drops the response to a cancelled request.
            Outcome::Cancelled => Err(ErrorData::internal_error("the call was cancelled", None)),
        }
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        serde_json::from_str(self.bridge.find(name).ok()?.definition(Era::Modern)).ok()
    }

    async fn set_level(
        &self,
        request: SetLevelRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        if era_of(&context) == Era::Modern {
            return Err(no_method("logging/setLevel"));
        }
        self.level.set(request.level);
        Ok(())
    }

    async fn on_custom_request(
        &self,
        request: CustomRequest,
        context: RequestContext<RoleServer>,
    ) -> Result<CustomResult, ErrorData> {
        let method = request.method.as_str();
        let is_earlier = EARLIER_METHODS.contains(&method) && era_of(&context) == Era::Legacy;
        if KNOWN_METHODS.contains(&method) || is_earlier {
            return Err(ErrorData::invalid_params(format!("the parameters are not those of `{method}`"), None));
        }
        Err(no_method(method))
    }

    async fn on_initialized(&self, context: NotificationContext<RoleServer>) {
        let mut changes = self.bridge.changes();
        let peer = context.peer;
        tokio::spawn(async move {
            while changes.changed().await.is_ok() {
                if peer.notify_tool_list_changed().await.is_err() {
                    return;
                }
            }
        });
    }

    fn accepted_subscription_filter(&self, _: &SubscriptionFilter) -> Option<SubscriptionFilter> {
        Some(SubscriptionFilter::builder().tools_list_changed().build())
    }

    async fn listen(&self, context: SubscriptionContext) -> Result<(), ErrorData> {
        let mut changes = self.bridge.changes();
        loop {
            tokio::select! {
                () = context.cancelled() => return Ok(()),
                changed = changes.changed() => {
                    if changed.is_err() || context.sink().notify_tool_list_changed().await.is_err() {
                        return Ok(());
                    }
                }
            }
        }
    }

    fn supported_protocol_versions(&self) -> Cow<'static, [ProtocolVersion]> {
        Cow::Borrowed(ProtocolVersion::KNOWN_VERSIONS)
    }
}
