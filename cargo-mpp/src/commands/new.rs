//! `mpp new`: creates a project for a new tool, or for the tools of an MCP server.

mod origin;

use mpp_mcp::scaffold::Port;

use crate::cli::NewArgs;
use crate::error::Error;
use crate::exit::Exit;
use crate::reports::project::{NewResult, PortResult};
use crate::session::Session;
use crate::template::{self, Language, NewProject, PortedServer};
use crate::ui::Ui;

/// Creates the project.
pub(crate) fn run(session: &Session, ui: &Ui, args: &NewArgs) -> Result<Exit, Error> {
    let port = args.from_mcp.as_deref().map(|origin| origin::read(session, ui, args, origin)).transpose()?;
    let port = port.map(|(origin, original)| PortedServer { origin, port: Port::of(&original), original });
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
    let enter = if dir == "." { String::new() } else { format!("`cd {dir}`, then ") };
    let run = created.first_call.map_or_else(String::new, |call| format!("`mpp run . {call}` or "));
    let read = if args.from_mcp.is_some() { "read `NEXT.md`; " } else { "" };
    let prepare = created.prepare.map_or_else(String::new, |command| format!("`{command}`, then "));
    let hint = match created.language {
        Language::Rust => "the first `cargo test` compiles the sandbox once, which takes several minutes".to_owned(),
        Language::Other { name, .. } => format!("`mpp doctor --lang {name}` says whether the compiler is installed"),
    };
    ui.note(&format!("next: {enter}{prepare}{read}{run}`mpp build`;\n{hint}"));
    Ok(Exit::Done)
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
