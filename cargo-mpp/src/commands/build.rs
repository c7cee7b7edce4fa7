//! `mpp build`: builds a project into a signed and verified package.

use std::sync::Arc;

use mpp_build::{Event, Project};
use mpp_host::Host;
use mpp_host::keys::SigningKey;
use mpp_host::policy::plain_words;

use crate::building::{self, Made};
use crate::cli::BuildArgs;
use crate::error::Error;
use crate::exit::Exit;
use crate::hosting;
use crate::reports::build::{BuildResult, BuiltPackage, Tool};
use crate::session::Session;
use crate::ui::Ui;

/// Builds every selected project.
pub(crate) fn run(session: &Session, ui: &Arc<Ui>, args: &BuildArgs) -> Result<Exit, Error> {
    let path = session.resolve(&args.path);
    let projects = if args.workspace { Project::find_all(&path)? } else { vec![building::find(&path, &args.select)?] };
    let host = hosting::host(session, ui)?;
    let key = if args.no_sign { None } else { Some(building::default_key(session, ui)?) };
    let mut packages = Vec::new();
    for project in &projects {
        packages.push(build_one(session, ui, args, project, key.as_ref(), &host)?);
    }
    ui.progress_done();
    ui.show(&BuildResult { packages })?;
    Ok(Exit::Done)
}

fn build_one(
    session: &Session,
    ui: &Ui,
    args: &BuildArgs,
    project: &Project,
    key: Option<&SigningKey>,
    host: &Host,
) -> Result<BuiltPackage, Error> {
    let options = building::options(ui, &args.select);
    let mut events = |event: Event| building::show_event(session, ui, &event);
    let built = if args.check_repro {
        mpp_build::check_repro(project, &options, host, &mut events)?.built
    } else {
        mpp_build::build(project, &options, host, &mut events)?
    };
    let output = args.output.as_ref().map(|dir| session.resolve(dir));
    let made = building::finish(built, key, output.as_deref(), host)?;
    if let Some(verified) = &made.verified {
        // The module is compiled to machine code now, so that its first call does not wait for it. A package that cannot run on this
        // machine may run on another one, so a failure is reported by what runs it.
        let _ = host.load(verified.clone());
    }
    Ok(describe(session, &made, args.check_repro))
}

fn describe(session: &Session, made: &Made, repeated: bool) -> BuiltPackage {
    let manifest = made.verified.as_ref().map_or_else(|| made.built.manifest(), |verified| verified.manifest());
    let tool = |tool: &mpp_sdk::wire::ToolDefinition| Tool {
        name: tool.name.clone(),
        description: tool.description.clone(),
        security_level: tool.security_level,
    };
    BuiltPackage {
        path: session.shown(&made.path),
        name: manifest.name.clone(),
        package_id: manifest.package_id.clone(),
        version: manifest.version.clone(),
        content_hash: made
            .verified
            .as_ref()
            .map_or(*made.built.unsigned.content_hash(), |verified| *verified.content_hash()),
        key_id: made.verified.as_ref().map(|verified| verified.key_id().clone()),
        module_bytes: made.built.module_bytes,
        package_bytes: made.packed_bytes,
        tools: manifest.tool_definitions.iter().map(tool).collect(),
        capabilities: manifest.capabilities.clone(),
        privacy_filters: manifest.privacy_filters.clone(),
        abilities: plain_words::abilities(manifest, |_| None),
        privacy: plain_words::privacy(manifest),
        symbols_path: made.built.symbols.as_deref().map(|path| session.shown(path)),
        reproducible: repeated.then_some(true),
    }
}
