//! Enters a server in the configuration of an MCP client.

use std::collections::BTreeMap;
use std::fs::Permissions;
use std::path::{Path, PathBuf};

use mpp_home::FileError;
use mpp_home::files::Access;
use mpp_host::atomic_file::StagedFile;
use mpp_host::codes::{Code, Coded};
use mpp_mcp::clients::{Client, ConfigurationError, Places, ServerEntry, backup_path};

use crate::cli::{SelectArgs, ServeArgs};
use crate::error::{Error, Explain};
use crate::reports::serve::{ConfigurationChange, InstalledServer};
use crate::session::Session;
use crate::ui::Ui;
use crate::{codes, interrupt, packages};

/// The error returned when the user does not want the change, or cannot be asked.
#[derive(Debug, thiserror::Error)]
#[error("`{}` was not changed", file.display())]
pub(crate) struct NotChanged {
    file: PathBuf,
    was_asked: bool,
}

impl Coded for NotChanged {
    fn code(&self) -> &'static Code {
        &codes::C025
    }
}

impl Explain for NotChanged {
    fn advice(&self) -> String {
        if self.was_asked { String::new() } else { "pass `--yes` to change it without a question".to_owned() }
    }
}

/// The error returned when a configuration cannot be changed.
#[derive(Debug, thiserror::Error)]
#[error("{source}")]
pub(crate) struct NotAConfiguration {
    file: PathBuf,
    #[source]
    source: ConfigurationError,
}

impl Coded for NotAConfiguration {
    fn code(&self) -> &'static Code {
        self.source.code()
    }
}

impl Explain for NotAConfiguration {
    fn place(&self) -> Option<String> {
        Some(self.file.display().to_string())
    }
}

/// The error returned when the configuration of a client is read-only.
#[derive(Debug, thiserror::Error)]
#[error("the configuration of {client} is read-only")]
pub(crate) struct ReadOnly {
    file: PathBuf,
    client: &'static str,
}

impl Coded for ReadOnly {
    fn code(&self) -> &'static Code {
        &mpp_mcp::codes::M502
    }
}

impl Explain for ReadOnly {
    fn place(&self) -> Option<String> {
        Some(self.file.display().to_string())
    }

    fn advice(&self) -> String {
        codes::help(self.code())
    }
}

/// The error returned when a client keeps its configuration in the user's home directory, and there is none.
#[derive(Debug, thiserror::Error)]
#[error("there is no home directory, where {client} keeps its configuration")]
pub(crate) struct NoPlace {
    client: &'static str,
}

impl Coded for NoPlace {
    fn code(&self) -> &'static Code {
        &codes::C012
    }
}

impl Explain for NoPlace {
    fn advice(&self) -> String {
        "set `HOME` to the home directory of the user who starts the client".to_owned()
    }
}

/// Returns how a client starts this server.
pub(crate) fn entry(session: &Session, args: &ServeArgs, default_name: &str) -> ServerEntry {
    let name = args.name.clone().unwrap_or_else(|| default_name.to_owned());
    let (program, mut words) = start(session.installed_program().as_deref());
    let absolute = |path: &Path| session.resolve(path).display().to_string();
    words.push("serve".to_owned());
    words.extend(args.targets().iter().map(|target| {
        let path = session.resolve(target);
        path.canonicalize().unwrap_or(path).display().to_string()
    }));
    if let Some(file) = &args.config {
        words.extend(["--config".to_owned(), absolute(file)]);
    }
    for given in &args.grant.dir {
        let mapping = given.split_once('=').map(|(guest, host)| format!("{guest}={}", absolute(Path::new(host))));
        words.extend(["--dir".to_owned(), mapping.unwrap_or_else(|| given.clone())]);
    }
    let mut env = BTreeMap::new();
    for given in &args.grant.env {
        // Everybody on the machine can read the arguments of a process, but not its variables.
        let name = match given.split_once('=') {
            Some((name, value)) => {
                env.insert(name.to_owned(), value.to_owned());
                name
            }
            None => given,
        };
        words.extend(["--env".to_owned(), name.to_owned()]);
    }
    for file in &args.grant.ca {
        words.extend(["--ca".to_owned(), absolute(file)]);
    }
    if args.grant.allow_local {
        words.push("--allow-local".to_owned());
    }
    for hash in &args.accept_content {
        words.extend(["--accept-content".to_owned(), hash.clone()]);
    }
    words.extend(selection(&args.select));
    let mut server = ServerEntry::new(name, program, words);
    server.env = env;
    // Clients pass few variables on.
    if session.variable("MPP_HOME").is_some() {
        server.env.insert("MPP_HOME".to_owned(), session.home().root().display().to_string());
    }
    server
}

/// Returns the options that select what to compile of a project.
fn selection(select: &SelectArgs) -> Vec<String> {
    let features = (!select.features.is_empty()).then(|| select.features.join(","));
    let named = [("--package", &select.package), ("--bin", &select.bin), ("--features", &features)];
    let named = named.into_iter().filter_map(|(option, value)| Some([option.to_owned(), value.clone()?])).flatten();
    let plain = [("--locked", select.locked), ("--offline", select.offline)];
    named.chain(plain.into_iter().filter(|(_, is_set)| *is_set).map(|(option, _)| option.to_owned())).collect()
}

/// Returns the command that starts this program later, and its first arguments.
///
/// `npx` and `uvx` run programs from caches that are emptied now and then, so the command is theirs in place of the path.
fn start(program: Option<&Path>) -> (String, Vec<String>) {
    const VERSION: &str = env!("CARGO_PKG_VERSION");
    let Some(program) = program else { return ("mpp".to_owned(), Vec::new()) };
    let is_in = |dir: &str| program.components().any(|component| component.as_os_str() == dir);
    if is_in("_npx") && is_in("node_modules") {
        return ("npx".to_owned(), vec!["--yes".to_owned(), format!("@mpp-protocol/cli@{VERSION}")]);
    }
    if is_in("uv") && is_in("archive-v0") {
        return ("uvx".to_owned(), vec!["--from".to_owned(), format!("mpp-cli=={VERSION}"), "mpp".to_owned()]);
    }
    (program.display().to_string(), Vec::new())
}

/// Returns the file that holds the configuration of a client.
///
/// # Errors
/// Returns an error if the file is in the user's home directory, and there is none.
pub(crate) fn file(session: &Session, client: Client) -> Result<PathBuf, NoPlace> {
    let home = session.user_home();
    if home.is_none() && !client.is_per_project() {
        return Err(NoPlace { client: client.title });
    }
    let home = home.unwrap_or_default();
    let config = match session.variable("XDG_CONFIG_HOME").map(PathBuf::from).filter(|dir| dir.is_absolute()) {
        _ if cfg!(target_os = "macos") => home.join("Library/Application Support"),
        Some(dir) => dir,
        None => home.join(".config"),
    };
    Ok(client.file(&Places::new(home, config, session.resolve(Path::new("")))))
}

/// Adds the server to the configuration of a client, after the user has seen the change.
///
/// # Errors
/// Returns an error if the configuration cannot be read or changed, or if the user does not want the change.
pub(crate) fn install(
    session: &Session,
    ui: &Ui,
    client: Client,
    server: &ServerEntry,
    yes: bool,
) -> Result<InstalledServer, Error> {
    let file = file(session, client)?;
    let before = match std::fs::read_to_string(&file) {
        Ok(text) => Some(text),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(source) => return Err(FileError::read("the client's configuration", &file, source).into()),
    };
    let text = before.as_deref().unwrap_or_default();
    let after = client.with_server(text, server).map_err(|source| NotAConfiguration { file: file.clone(), source })?;
    let mut installed = InstalledServer {
        client: client.id,
        title: client.title,
        file: file.clone(),
        server: server.name.clone(),
        changed: after != text,
        backup: None,
    };
    if !installed.changed {
        return Ok(installed);
    }
    // The file of a manager of dotfiles is behind a link, which stays.
    let target = file.canonicalize().unwrap_or_else(|_| file.clone());
    let permissions = std::fs::metadata(&target).ok().map(|metadata| metadata.permissions());
    if permissions.as_ref().is_some_and(Permissions::readonly) {
        return Err(ReadOnly { file, client: client.title }.into());
    }
    ui.aside(&ConfigurationChange { file: session.shown(&file), before: text, after: &after });
    if !yes {
        if !session.can_ask() {
            return Err(NotChanged { file, was_asked: false }.into());
        }
        if !ui.confirm("Change the client's configuration like this?")? {
            return Err(NotChanged { file, was_asked: true }.into());
        }
    }
    if let Some(before) = &before {
        let backup = backup_path(&file);
        packages::write(&backup, before.as_bytes(), Access::Private)?;
        installed.backup = Some(backup);
    } else if let Some(dir) = file.parent() {
        mpp_home::files::create_dir(dir, Access::Shared)?;
    }
    replace(&target, &after, permissions).map_err(|source| FileError::write(&target, source))?;
    Ok(installed)
}

/// Writes a configuration in one step. Who may read and write the file stays as it is; a new one is private, because configurations hold
/// secrets.
fn replace(path: &Path, text: &str, permissions: Option<Permissions>) -> std::io::Result<()> {
    let mut staged = StagedFile::new(path, Access::Private.mode())?;
    let _guard = interrupt::remove_on_interrupt(staged.path());
    if let Some(permissions) = permissions {
        staged.handle()?.set_permissions(permissions)?;
    }
    staged.write(text.as_bytes())?;
    staged.persist()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::start;

    /// The command line for a program at this path, with `VERSION` in place of the version.
    fn line(program: &str) -> String {
        let (program, words) = start(Some(Path::new(program)));
        [vec![program], words].concat().join(" ").replace(env!("CARGO_PKG_VERSION"), "VERSION")
    }

    #[test]
    fn a_program_is_started_by_its_path() {
        for path in
            ["/usr/bin/mpp", "/home/ada/project/node_modules/@mpp-protocol/cli-linux-x64/bin/mpp", "/home/uv/bin/mpp"]
        {
            assert_eq!(line(path), path);
        }
    }

    #[test]
    fn a_program_in_a_cache_is_started_by_what_fills_the_cache() {
        let npx = "/home/ada/.npm/_npx/af64a405878c95dc/node_modules/@mpp-protocol/cli-linux-x64/bin/mpp";
        assert_eq!(line(npx), "npx --yes @mpp-protocol/cli@VERSION");
        assert_eq!(line("/home/ada/.cache/uv/archive-v0/0a1b2c/bin/mpp"), "uvx --from mpp-cli==VERSION mpp");
    }
}
