//! The MCP server in front of a bridge: what the protocol library calls.

#![expect(deprecated, reason = "clients of earlier versions still read log messages")]

mod asked;
mod held;
mod session;
mod talk;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use mpp_host::policy::Answer;
use mpp_host::wire::{ErrorKind, RpcError};
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, CustomRequest, CustomResult, ElicitRequest,
    ElicitRequestParams, ElicitResult, ElicitationAction, ElicitationSchema, ErrorCode, Implementation, InputRequest,
    InputRequiredResult, ListToolsResult, LoggingMessageNotificationParam, MetaObject, PaginatedRequestParams,
    ProtocolVersion, ServerCapabilities, ServerConfig, SetLevelRequestParams, SubscriptionFilter, Tool,
};
use rmcp::service::{NotificationContext, RequestContext, SubscriptionContext};
use rmcp::{ErrorData, RoleServer, ServerHandler};
use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;
use tokio::sync::{mpsc, oneshot, watch};

use self::asked::{Asked, AskedCall};
use self::held::{Held, HeldCall, Running};
use self::session::level_of;
use self::talk::{Ended, PATIENCE, wait};
use crate::bridge::{Audience, Bridge, Caller, Era, Level, Outcome, PublishedTool, Said};

pub(crate) use session::{LogLevel, RawTexts};

/// The key of our question among the input requests of a call.
const APPROVAL: &str = "approval";

/// The key of a question of the server that runs the call.
const QUESTION: &str = "question";

/// Member of a result's `_meta` that contains the whole result as text, see [`unpacked`].
const WHOLE: &str = "mpp/whole";

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
    questions: Questions,
    /// Number of the client, for what servers say during calls.
    client: u64,
    /// Sees each change of the list since the session began, also before the client has said that it is ready.
    changes: watch::Receiver<u64>,
}

/// The arguments of a call as the client sent them, JSON text, among the extensions of an HTTP request.
#[derive(Debug, Clone)]
pub(crate) struct RawArguments(pub(crate) String);

/// Questions that clients have not answered yet. Cheap to clone; a client can answer in another session than it was asked in.
#[derive(Clone, Default)]
pub(crate) struct Questions {
    asked: Arc<Asked>,
    held: Held,
}

impl Server {
    /// Creates the server of one session. Without `texts`, results are packed, and the transport has to unpack them.
    pub(crate) fn new(
        bridge: Arc<Bridge>,
        about: About,
        (level, texts): (LogLevel, Option<RawTexts>),
        questions: Questions,
    ) -> Self {
        let changes = bridge.changes();
        Self { bridge, about, level, texts, questions, client: Audience::new_client(), changes }
    }

    /// Returns the number of the client.
    pub(crate) fn client(&self) -> u64 {
        self.client
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
        let call = asked_call(tool, (&request.name, arguments));
        if let Some(handle) = &request.request_state {
            if !self.questions.asked.take(handle, &call, Instant::now()) {
                return Err(ErrorData::invalid_params(
                    "the `requestState` is unknown, expired or of another call: call again without it",
                    None,
                ));
            }
            let response = request.input_responses.as_ref().and_then(|responses| responses.get(APPROVAL));
            let response = response.and_then(|value| serde_json::from_value::<ElicitResult>(value.clone()).ok());
            return Ok(Approval::Known(Some(answer_of(response.as_ref()))));
        }
        if !can_ask(context) {
            return Ok(Approval::Known(None));
        }
        let form = ElicitRequestParams::FormElicitationParams {
            meta: None,
            message: question,
            requested_schema: ElicitationSchema::new(BTreeMap::new()),
        };
        if era == Era::Modern {
            let Some(handle) = self.questions.asked.ask(call, Instant::now()) else { return Ok(Approval::Known(None)) };
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

    /// Starts a call on a thread of the bridge.
    fn start(&self, tool: &Arc<PublishedTool>, arguments: String, caller: Caller) -> Result<Running, Box<Outcome>> {
        let (sender, answered) = oneshot::channel();
        let (era, cancel) = (caller.era, caller.cancel.clone());
        let job = {
            let (bridge, tool) = (Arc::clone(&self.bridge), Arc::clone(tool));
            // Without a receiver, the session has ended.
            move || drop(sender.send(bridge.run(&tool, &arguments, &caller)))
        };
        self.bridge.submit(tool, era, Box::new(job))?;
        Ok(Running { answered, said: None, cancel })
    }

    /// Returns the client of a call as a server can reach it, and what the server says.
    fn audience(&self, era: Era, context: &RequestContext<RoleServer>) -> (Audience, mpsc::Receiver<Said>) {
        let (audience, said) = Audience::new(self.client);
        let audience = audience
            .progress(context.meta.get_progress_token().is_some())
            .log_level(self.log_level(era, context))
            .questions(can_ask(context));
        (audience, said)
    }

    /// Returns the least important log messages that the client wants during a request.
    fn log_level(&self, era: Era, context: &RequestContext<RoleServer>) -> Option<Level> {
        match era {
            Era::Modern => context.meta.log_level().map(level_of),
            Era::Legacy => self.level.get(),
        }
    }

    /// Waits for the answer to a call and returns it, or a question of the server that runs it.
    async fn finish(
        &self,
        running: Running,
        (tool, call): (&PublishedTool, (&str, &str)),
        era: Era,
        context: &RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let answered = match wait(running, era, context).await {
            Ended::Answered(answered) => *answered,
            Ended::Asks(params, answer, running) => {
                let call = asked_call(tool, call);
                let Some(handle) = self.questions.held.keep(HeldCall { call, running, answer }) else {
                    let busy = "too many calls are waiting for an answer of a person: answer one, and repeat the call";
                    return Err(ErrorData::internal_error(busy, None));
                };
                let request = json!({ "method": "elicitation/create", "params": params });
                let requests = json!({ QUESTION: request });
                let asks = json!({ "resultType": "input_required", "inputRequests": requests, "requestState": handle });
                return Ok(CallToolResponse::Complete(self.packed(asks.to_string(), context)));
            }
        };
        self.pass_on_log(&answered.log, call.0, era, context).await;
        match answered.outcome {
            Outcome::Error(error) => Err(protocol_error(&error)),
            Outcome::Result(text) => Ok(CallToolResponse::Complete(self.packed(text, context))),
            Outcome::Cancelled => Err(cancelled()),
        }
    }

    /// Returns a result that stands for this text, which the transport writes instead: the types of the library do not keep every digit.
    fn packed(&self, text: String, context: &RequestContext<RoleServer>) -> CallToolResult {
        let mut result = CallToolResult::default();
        result.meta = self.keep_whole(text, context);
        result
    }

    /// Leaves a result to the transport. Returns the `_meta` of the result that stands for it.
    fn keep_whole(&self, text: String, context: &RequestContext<RoleServer>) -> Option<MetaObject> {
        match &self.texts {
            Some(texts) => {
                texts.put_result(&context.id, text);
                None
            }
            None => {
                let mut meta = MetaObject::new();
                meta.0.insert(WHOLE.to_owned(), text.into());
                Some(meta)
            }
        }
    }

    /// Returns the arguments of a call as the client sent them, JSON text.
    fn arguments(
        &self,
        request: &CallToolRequestParams,
        context: &RequestContext<RoleServer>,
    ) -> Result<String, ErrorData> {
        let beside = self.texts.as_ref().and_then(|texts| texts.take_arguments(&context.id));
        let within = || {
            let parts = context.extensions.get::<http::request::Parts>()?;
            parts.extensions.get::<RawArguments>().map(|arguments| arguments.0.clone())
        };
        match (beside.or_else(within), &request.arguments) {
            (Some(text), _) => Ok(text),
            (None, Some(arguments)) => serde_json::to_string(arguments).map_err(|error| unreadable(&error)),
            (None, None) => Ok("{}".to_owned()),
        }
    }

    /// Sends what a tool logged, if the client wants it.
    async fn pass_on_log(&self, log: &str, logger: &str, era: Era, context: &RequestContext<RoleServer>) {
        let is_wanted = self.log_level(era, context).is_some_and(|least| Level::Info >= least);
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

/// Returns a call of this name and with these arguments as questions about it are bound to it.
fn asked_call(tool: &PublishedTool, (name, arguments): (&str, &str)) -> AskedCall {
    AskedCall::new(&tool.fingerprint().unwrap_or_default(), name, arguments)
}

/// Returns whether the client can ask a person.
fn can_ask(context: &RequestContext<RoleServer>) -> bool {
    context.client_capabilities().is_some_and(|can| can.elicitation.is_some())
}

/// Returns the result that a message of the library stands for; `None` if it stands for itself. `message` is JSON text.
pub(crate) fn unpacked(message: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Response<'a> {
        #[serde(borrow)]
        id: &'a RawValue,
        #[serde(borrow)]
        result: &'a RawValue,
    }
    #[derive(Deserialize)]
    struct Standing {
        #[serde(rename = "_meta")]
        meta: Whole,
    }
    #[derive(Deserialize)]
    struct Whole {
        #[serde(rename = "mpp/whole")]
        text: String,
    }
    // A result of a tool is never a result of the library itself, so its own `_meta` is not looked at.
    let Response { id, result } = serde_json::from_str(message).ok()?;
    let Standing { meta } = serde_json::from_str(result.get()).ok()?;
    Some(format!(r#"{{"jsonrpc":"2.0","id":{},"result":{}}}"#, id.get(), meta.text))
}

fn era_of(context: &RequestContext<RoleServer>) -> Era {
    context.protocol_version().map_or(Era::Legacy, |version| Era::of_version(version.as_str()))
}

/// The outcome of a cancelled call. The protocol library drops the response if the client cancelled the request, and the transport over
/// stdio drops it if the connection ended.
fn cancelled() -> ErrorData {
    let code = i32::try_from(ErrorKind::Cancelled.code()).unwrap_or_default();
    ErrorData::new(ErrorCode(code), "the call was cancelled", None)
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
        Ok(ListToolsResult { meta: self.keep_whole(text.to_string(), &context), ..ListToolsResult::default() })
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let era = era_of(&context);
        let arguments = self.arguments(&request, &context)?;
        let call = (&*request.name, arguments.as_str());
        // The person who is asked, and the call, see the same version of the tool.
        let tool = self.bridge.find(call.0).map_err(|unknown| protocol_error(&unknown))?;
        if let Some(handle) = &request.request_state
            && let Some(held) = self.questions.held.take(handle, &asked_call(&tool, call))
        {
            let answer = request.input_responses.as_ref().and_then(|responses| responses.get(QUESTION)).cloned();
            // The server may have given up meanwhile; then the call has an answer.
            drop(held.answer.send(answer.unwrap_or_default()));
            return self.finish(held.running, (&tool, call), era, &context).await;
        }
        let answer = match self.approve(&request, (&tool, &arguments), era, &context).await? {
            Approval::Known(answer) => answer,
            Approval::Ask(question) => return Ok(CallToolResponse::InputRequired(*question)),
        };
        let (audience, said) = self.audience(era, &context);
        let mut caller = Caller::new(era).audience(audience);
        caller.answer = answer;
        match self.start(&tool, call.1.to_owned(), caller) {
            Ok(mut running) => {
                running.said = Some(said);
                self.finish(running, (&tool, call), era, &context).await
            }
            Err(outcome) => match *outcome {
                Outcome::Error(error) => Err(protocol_error(&error)),
                Outcome::Result(text) => Ok(CallToolResponse::Complete(self.packed(text, &context))),
                Outcome::Cancelled => Err(cancelled()),
            },
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
        let mut changes = self.changes.clone();
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
