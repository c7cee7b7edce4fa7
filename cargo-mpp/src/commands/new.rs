//! `mpp new`: creates a project for a new tool, or for the tools of an MCP server.

mod origin;

use mpp_host::codes::{Code, Coded};
use mpp_mcp::scaffold::Port;

use crate::cli::NewArgs;
use crate::codes;
use crate::error::{Error, Explain};
use crate::exit::Exit;
use crate::reports::project::{NewResult, PortResult};
use crate::session::Session;
use crate::template::{self, Language, NewProject, PortedServer};
use crate::ui::Ui;
use crate::wording;

/// The error returned when the template was left open, and the default one cannot be built on this machine.
#[derive(Debug, thiserror::Error)]
#[error(
    "no template was chosen, and the default one needs Rust, which is not installed: there is no `cargo` on the `PATH`"
)]
pub(crate) struct NoRust {
    /// The path that was given.
    path: String,
    /// The name that was given.
    name: Option<String>,
    /// Whether the project is to take the tools of an MCP server, which not every template does.
    is_port: bool,
}

impl Coded for NoRust {
    fn code(&self) -> &'static Code {
        &codes::B058
    }
}

impl Explain for NoRust {
    fn advice(&self) -> String {
        let name = self.name.as_ref().map(|name| format!(" --name {name}")).unwrap_or_default();
        let source = if self.is_port { " --from-mcp …" } else { "" };
        let others: Vec<_> = template::TEMPLATES
            .iter()
            .filter(|template| template.language != Language::Rust && template.name != FIRST_WITHOUT_RUST)
            .filter(|template| !self.is_port || template::port_language(Some(template.name)).is_ok())
            .map(|template| format!("`{}`", template.name))
            .collect();
        format!(
            "choose a language, for example with `mpp new {}{name}{source} --template {FIRST_WITHOUT_RUST}`; others are {}; or {}",
            wording::word(&self.path),
            others.join(", "),
            mpp_build::INSTALL_RUST
        )
    }
}

/// The template that is proposed where there is no Rust.
const FIRST_WITHOUT_RUST: &str = "python";

/// Creates the project.
pub(crate) fn run(session: &Session, ui: &Ui, args: &NewArgs) -> Result<Exit, Error> {
    let has_cargo = mpp_build::has_cargo();
    if !has_cargo && args.template.is_none() {
        let path = args.path.display().to_string();
        return Err(NoRust { path, name: args.name.clone(), is_port: args.from_mcp.is_some() }.into());
    }
    let port = args.from_mcp.as_deref().map(|origin| ported(session, ui, args, origin)).transpose()?;
    let report = port.as_ref().map(summary);
    let request = NewProject {
        path: session.resolve(&args.path),
        name: args.name.clone(),
        template: args.template.clone(),
        port,
    };
    let created = template::new_project(&request)?;
    let dir = session.shown(&created.dir);
    ui.show(&NewResult {
        name: created.name,
        path: dir.clone(),
        files: created.files.iter().map(|file| file.display().to_string()).collect(),
        kept: created.kept.iter().map(|file| file.display().to_string()).collect(),
        port: report,
    })?;
    let enter = if dir == "." { String::new() } else { format!("`cd {}`, then ", wording::word(&dir)) };
    let run = created.first_call.map_or_else(String::new, |call| format!("`mpp run . {call}` or "));
    let read = if args.from_mcp.is_some() { "read `NEXT.md`; " } else { "" };
    let prepare = created.prepare.map_or_else(String::new, |command| format!("`{command}`, then "));
    let hint = match created.language {
        Language::Rust if !has_cargo => {
            format!("there is no `cargo` on the `PATH`, which builds the project: {}", mpp_build::INSTALL_RUST)
        }
        Language::Rust => "the first `cargo test` compiles the sandbox once, which takes several minutes".to_owned(),
        Language::Other { name, .. } => format!("`mpp doctor --lang {name}` says whether the compiler is installed"),
    };
    ui.note(&format!("next: {enter}{prepare}{read}{run}`mpp build`;\n{hint}"));
    Ok(Exit::Done)
}

/// Reads the tools of an MCP server, after it is known that the template can take them.
fn ported(session: &Session, ui: &Ui, args: &NewArgs, origin: &str) -> Result<PortedServer, Error> {
    let language = template::port_language(args.template.as_deref())?;
    let (origin, original) = origin::read(session, ui, args, origin)?;
    Ok(PortedServer { origin, port: Port::of(&original, language), original })
}

fn summary(server: &PortedServer) -> PortResult {
    let tools = &server.port.tools;
    let notes = tools.iter().flat_map(|tool| tool.notes.iter().chain(&tool.result_notes));
    PortResult {
        server: server.name().to_owned(),
        tools: tools.len(),
        arguments: tools.iter().map(|tool| tool.arguments).sum(),
        values: tools.iter().map(|tool| tool.values).sum(),
        differences: notes.filter(|note| note.reason.changes_acceptance()).count(),
        calls: server.port.calls.iter().count(),
    }
}
