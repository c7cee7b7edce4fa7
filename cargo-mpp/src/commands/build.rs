//! `mpp build`: from a project to a signed, verified package.

use std::sync::Arc;

use mpp_build::{Event, Project};
use mpp_host::Host;
use mpp_host::keys::{KeyId, SigningKey};
use mpp_host::package::ContentHash;
use serde::Serialize;

use crate::building::{self, Made};
use crate::cli::BuildArgs;
use crate::error::Error;
use crate::exit::Exit;
use crate::session::Session;
use crate::ui::Ui;
use crate::{hosting, keystore, plain_words};

/// The packages that were built.
#[derive(Debug, Serialize)]
pub(crate) struct BuildResult {
    /// One; several with `--workspace`.
    pub(crate) packages: Vec<BuiltPackage>,
}

/// One package that was built.
#[derive(Debug, Serialize)]
pub(crate) struct BuiltPackage {
    /// Where it is.
    pub(crate) path: String,
    /// Its name.
    pub(crate) name: String,
    /// Its identity.
    pub(crate) package_id: String,
    /// Its version.
    pub(crate) version: String,
    /// What a signature binds; of an unsigned package, what one would bind as long as it does not fill in the key.
    pub(crate) content_hash: ContentHash,
    /// Whose signature it carries; absent with `--no-sign`.
    pub(crate) key_id: Option<KeyId>,
    /// Size of the module.
    pub(crate) module_bytes: u64,
    /// Size of the package.
    pub(crate) packed_bytes: u64,
    /// Its tools, by name.
    pub(crate) tools: Vec<Tool>,
    /// What it may do, in plain words.
    pub(crate) abilities: Vec<String>,
    /// What is redacted, in plain words.
    pub(crate) privacy: Vec<String>,
    /// The module with its names, for backtraces.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) symbols: Option<String>,
    /// With `--check-repro`: whether a second build elsewhere gave the same bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reproducible: Option<bool>,
}

/// A tool, in short.
#[derive(Debug, Serialize)]
pub(crate) struct Tool {
    /// Its name.
    pub(crate) name: String,
    /// What it does.
    pub(crate) description: String,
    /// How much harm a call can do.
    pub(crate) security_level: mpp_sdk::wire::SecurityLevel,
}

/// Builds every selected project.
pub(crate) fn run(session: &Session, ui: &Arc<Ui>, args: &BuildArgs) -> Result<Exit, Error> {
    let path = session.resolve(&args.path);
    let projects = if args.workspace { Project::find_all(&path)? } else { vec![building::find(&path, &args.select)?] };
    let host = hosting::host(session, ui)?;
    let key = if args.no_sign { None } else { Some(keystore::default_signer(session, ui)?) };
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
        packed_bytes: made.packed_bytes,
        tools: manifest.tool_definitions.iter().map(tool).collect(),
        abilities: plain_words::abilities(manifest, |_| None),
        privacy: plain_words::privacy(manifest),
        symbols: made.built.symbols.as_deref().map(|path| session.shown(path)),
        reproducible: repeated.then_some(true),
    }
}
