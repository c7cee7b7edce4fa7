//! What an MCP server of this program needs: its streams, the words for its clients, and its packages, also if they are replaced.

mod guarded;
mod plan;
mod watch;

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use mpp_host::codes::Remedy;
use mpp_host::host::ServerQuestion;
use mpp_host::policy::Question;
use mpp_mcp::bridge::Wording;

pub(crate) use guarded::Guarded;
pub(crate) use plan::Plan;
pub(crate) use watch::{Stamp, Watched, Watcher};

use crate::ui::streams;
use crate::wording;

/// Returns the standard streams without buffers.
///
/// # Errors
/// Returns an error if they are closed.
pub(crate) fn streams() -> io::Result<(File, File)> {
    Ok((streams::stdin()?, streams::stdout()?))
}

/// Returns a path as one word of a command line.
fn as_word(path: &Path) -> String {
    let text = path.display().to_string();
    let is_plain = text.chars().all(|c| c.is_alphanumeric() || "/._-+@%:,".contains(c));
    if is_plain { text } else { format!("'{}'", text.replace('\'', "'\\''")) }
}

/// Words fixes as commands of this program.
#[derive(Debug)]
pub(crate) struct CommandWording {
    /// The configuration, as it can be named from every directory.
    pub(crate) config: Option<PathBuf>,
}

impl Wording for CommandWording {
    fn fix(&self, remedy: &Remedy, package: &str) -> String {
        match remedy {
            // The options of one run do not exist here.
            Remedy::Approve { tool: Some(tool), .. } => {
                format!("run `mpp trust approve {package} --tool {tool}` to approve every call of this tool")
            }
            other => {
                let words = wording::remedy(other, package);
                match &self.config {
                    Some(file) => words.replace("--config FILE", &format!("--config {}", as_word(file))),
                    None => words,
                }
            }
        }
    }

    fn question(&self, question: &Question, _: &str) -> String {
        let mut text = format!("{question}.\n\nPackage: {} {}", question.package_id, question.version);
        text.push_str(&format!("\nPublisher: {} ({})", question.publisher, question.key_id));
        if let Some(call) = &question.call {
            text.push_str(&format!("\n\nArguments:\n{}", call.arguments));
            if !call.may.is_empty() {
                text.push_str("\n\nThe tool:");
                for ability in &call.may {
                    text.push_str(&format!("\n- {ability}"));
                }
            }
        }
        text
    }

    fn server_question(&self, question: &ServerQuestion) -> String {
        format!("{question}.\n\nArguments:\n{}", question.call.arguments)
    }
}
