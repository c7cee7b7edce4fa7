//! Waits for the answer to a call, and passes on to the client what a server says until then.

#![expect(deprecated, reason = "clients of earlier versions still read log messages")]

use std::sync::mpsc::SyncSender;
use std::time::Duration;

use rmcp::RoleServer;
use rmcp::model::{
    CustomRequest, LoggingMessageNotificationParam, ProgressNotificationParam, ProgressToken, ServerRequest,
};
use rmcp::service::{PeerRequestOptions, RequestContext};
use serde_json::Value;

use super::held::Running;
use super::session::logging_level;
use crate::bridge::{Answered, Era, Outcome, Said, internal_error};

/// How long a person may take to answer a question of a client that keeps the call open.
pub(super) const PATIENCE: Duration = Duration::from_secs(5 * 60);

/// How the wait for a call ends.
pub(super) enum Ended {
    /// With the answer.
    Answered(Box<Answered>),
    /// With a question for the person, which the client asks before it calls again: the parameters of `elicitation/create`, what takes
    /// the answer, and the call, which is still running.
    Asks(Value, SyncSender<Value>, Running),
}

/// Waits until the call is answered, and cancels it if the client does.
pub(super) async fn wait(mut running: Running, era: Era, context: &RequestContext<RoleServer>) -> Ended {
    let token = context.meta.get_progress_token();
    let mut is_cancelled = false;
    loop {
        let said = async {
            match &mut running.said {
                Some(said) => said.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            // What was said before the answer is passed on before it.
            biased;
            said = said => match said {
                None => running.said = None,
                Some(Said::Ask { params, answer }) if era == Era::Modern => {
                    return Ended::Asks(params, answer, running);
                }
                Some(Said::Ask { params, answer }) => {
                    if let Some(answered) = ask(params, &answer, &mut running, context).await {
                        return Ended::Answered(Box::new(answered));
                    }
                }
                Some(said) => pass_on(said, token.as_ref(), context).await,
            },
            answered = &mut running.answered => {
                while let Some(said) = running.said.as_mut().and_then(|said| said.try_recv().ok()) {
                    pass_on(said, token.as_ref(), context).await;
                }
                return Ended::Answered(Box::new(answered.unwrap_or_else(|_| failed())));
            }
            () = context.ct.cancelled(), if !is_cancelled => {
                is_cancelled = true;
                running.cancel.cancel();
            }
        }
    }
}

/// Asks the person while the client's request is open. Returns the answer to the call, if it comes before that of the person.
async fn ask(
    params: Value,
    answer: &SyncSender<Value>,
    running: &mut Running,
    context: &RequestContext<RoleServer>,
) -> Option<Answered> {
    // The typed request would lose what the library does not know of a schema.
    let request = ServerRequest::CustomRequest(CustomRequest::new("elicitation/create", Some(params)));
    let mut options = PeerRequestOptions::no_options();
    options.timeout = Some(PATIENCE);
    let asked = async {
        let sent = context.peer.send_request_with_option(request, options).await;
        match sent {
            Ok(handle) => handle.await_response().await.ok(),
            Err(_) => None,
        }
    };
    tokio::select! {
        result = asked => {
            // Without a useful answer, nobody has answered.
            let result = result.and_then(|result| serde_json::to_value(result).ok()).unwrap_or_default();
            // The server may have given up meanwhile.
            drop(answer.send(result));
            None
        }
        answered = &mut running.answered => Some(answered.unwrap_or_else(|_| failed())),
        () = context.ct.cancelled() => {
            running.cancel.cancel();
            None
        }
    }
}

async fn pass_on(said: Said, token: Option<&ProgressToken>, context: &RequestContext<RoleServer>) {
    // A client that has gone does not read the answer either.
    match said {
        Said::Progress { progress, total, message } => {
            let Some(token) = token else { return };
            let mut params = ProgressNotificationParam::new(token.clone(), progress);
            (params.total, params.message) = (total, message);
            drop(context.peer.notify_progress(params).await);
        }
        Said::Log { level, logger, data } => {
            let mut params = LoggingMessageNotificationParam::new(logging_level(level), data);
            params.logger = logger;
            drop(context.peer.notify_logging_message(params).await);
        }
        Said::Ask { answer, .. } => drop(answer),
    }
}

fn failed() -> Answered {
    Answered::of(Outcome::Error(internal_error()))
}
