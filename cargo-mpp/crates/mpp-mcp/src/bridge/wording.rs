//! What the front end words: fixes and questions, whose commands this crate does not know.

use mpp_host::codes::Remedy;
use mpp_host::host::ServerQuestion;
use mpp_host::policy::Question;

/// Words what a person can do. The front end implements it, because it knows its commands.
pub trait Wording: Send + Sync {
    /// Returns how a person can remedy the failure of a call. `package` is the package as the person named it.
    fn fix(&self, remedy: &Remedy, package: &str) -> String;

    /// Returns the text of a question about a call, with the arguments and what the package may do.
    fn question(&self, question: &Question, package: &str) -> String;

    /// Returns the text of a question about a call of a tool of an MCP server, with the arguments.
    fn server_question(&self, question: &ServerQuestion) -> String;
}

/// Words fixes and questions without commands.
#[derive(Debug, Clone, Copy, Default)]
pub struct PlainWording;

impl Wording for PlainWording {
    fn fix(&self, remedy: &Remedy, _: &str) -> String {
        remedy.to_string()
    }

    fn question(&self, question: &Question, _: &str) -> String {
        match &question.call {
            Some(call) => format!("{question}. Its arguments are:\n{}", call.arguments),
            None => question.to_string(),
        }
    }

    fn server_question(&self, question: &ServerQuestion) -> String {
        format!("{question}. Its arguments are:\n{}", question.call.arguments)
    }
}
