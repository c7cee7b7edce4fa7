//! Everything a command can fail with, and how each is told: code, place, help, exit code.

use std::io;
use std::path::{Path, PathBuf};

use mpp_build::BuildError;
use mpp_host::audit::AuditError;
use mpp_host::codes::{Code, Coded as _};
use mpp_host::gatekeeper::Refusal;
use mpp_host::host::{GrantError, HostError, LoadError};
use mpp_host::keys::{KeyError, KeyId};
use mpp_host::policy::NotApproved;
use mpp_host::sandbox::kv::StateError;
use mpp_host::sandbox::network::CertificateError;
use mpp_host::signature::SignError;
use mpp_host::trust::TrustError;

use crate::approving;
use crate::arguments::ArgumentsError;
use crate::codes;
use crate::exit::Exit;
use crate::mapping::MappingError;
use crate::session::Session;
use crate::template::NewError;
use crate::ui::Diagnostic;
use crate::wording;

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum Error {
    /// A file cannot be read.
    #[error("cannot read {what}: {}", plain(source))]
    Read {
        /// What it is for, with its article.
        what: &'static str,
        /// Where it was looked for.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// A file or directory cannot be written.
    #[error("cannot write the file: {}", plain(source))]
    Write {
        /// Which.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// A file that must not be overwritten exists.
    #[error("the file exists already and is not overwritten")]
    Exists {
        /// Which.
        path: PathBuf,
    },
    /// stdout or stderr cannot be written.
    #[error("cannot print the result: {}", plain(source))]
    Output {
        /// What the operating system said.
        source: io::Error,
    },
    /// A question cannot be asked.
    #[error("cannot read an answer from the terminal: {}", plain(source))]
    Question {
        /// What the operating system said.
        source: io::Error,
    },
    /// Neither `MPP_HOME` nor a home directory.
    #[error("there is no home directory, and `MPP_HOME` is not set")]
    NoHome,
    /// A key file cannot be used.
    #[error("{source}")]
    Key {
        /// Which.
        path: PathBuf,
        /// Why.
        source: KeyError,
    },
    /// Others may read a private key.
    #[error("others may read the private key: its mode is {mode:03o}, and 600 is expected")]
    LooseKey {
        /// Which.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// A file name for keys that is none.
    #[error("`{name}` is no name for a key file: expected letters, digits, `-`, `_` and `.`")]
    KeyName {
        /// What was given.
        name: String,
    },
    /// A new key wants a passphrase, and nobody can be asked.
    #[error("a passphrase is wanted, and there is no terminal to ask on")]
    NoPassphrase,
    /// Two answers that should be the same.
    #[error("the passphrases are empty or differ; no key was made")]
    PassphrasesDiffer,
    /// A file of ours that is damaged.
    #[error("the file is damaged: {reason}")]
    Damaged {
        /// Which.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The Gatekeeper refused a package.
    #[error("{refusal}")]
    Refused {
        /// The file.
        path: PathBuf,
        /// Which step, and why.
        refusal: Box<Refusal>,
    },
    /// A package cannot be signed.
    #[error("{source}")]
    Sign {
        /// The file.
        path: PathBuf,
        /// Why.
        source: SignError,
    },
    /// There is no publisher's key yet.
    #[error("there is no publisher's key to sign with")]
    NoPublisherKey,
    /// A package is by another key than the one that was named.
    #[error("the package is signed by `{signed_by}`, which is not the key that was named")]
    OtherPublisher {
        /// The file.
        path: PathBuf,
        /// Whose it is.
        signed_by: KeyId,
    },
    /// A package's publisher is not trusted.
    #[error("{source}")]
    Untrusted {
        /// The file, as a user would type it.
        path: String,
        /// Why.
        source: TrustError,
    },
    /// Somebody said no, or should have been asked, or the policy refuses.
    #[error("{answer}")]
    NotApproved {
        /// The package, as a user would type it.
        path: String,
        /// Who says so, and about what.
        answer: NotApproved,
    },
    /// The audit log cannot be read or written.
    #[error("{0}")]
    Audit(#[source] AuditError),
    /// The audit log was changed.
    #[error("the audit log was changed: {} thing{} found", findings.len(), if findings.len() == 1 { "" } else { "s" })]
    AuditChanged {
        /// The log's directory.
        path: PathBuf,
        /// What was found, a sentence each.
        findings: Vec<String>,
    },
    /// There is no such record.
    #[error("the audit log has no record `{wanted}`")]
    NoSuchRecord {
        /// What was asked for.
        wanted: String,
    },
    /// An option of `mpp audit` has a value that it does not take.
    #[error("`{option} {given}`: expected {expected}")]
    AuditOption {
        /// The option.
        option: &'static str,
        /// What was given.
        given: String,
        /// What it takes.
        expected: String,
    },
    /// What is declared is not what is used.
    #[error("the declared capabilities are not those that are used")]
    CapsDiffer {
        /// The package or project.
        path: String,
        /// Which, a sentence each.
        differences: Vec<String>,
    },
    /// `mpp lint --deny` found something.
    #[error("{found} finding{}", if *found == 1 { "" } else { "s" })]
    Lint {
        /// The package or project.
        path: String,
        /// How many.
        found: usize,
    },
    /// `mpp trust add` of a bare key wants to know more.
    #[error("a key alone does not say whose it is and for which packages: `{what}` is missing")]
    TrustNeeds {
        /// The option.
        what: &'static str,
    },
    /// No publisher of this key id.
    #[error("no trusted publisher has the key id `{key_id}`{}", nearest.as_ref().map(|n| format!("; did you mean `{n}`?")).unwrap_or_default())]
    NoSuchPublisher {
        /// What was asked for.
        key_id: String,
        /// One that is spelled alike.
        nearest: Option<String>,
    },
    /// The package has no tool of this name.
    #[error("the package has no tool `{tool}`{}", nearest.as_ref().map(|n| format!("; did you mean `{n}`?")).unwrap_or_default())]
    NoSuchTool {
        /// What was asked for.
        tool: String,
        /// One that is spelled alike.
        nearest: Option<String>,
    },
    /// The package has several tools.
    #[error("the package has {} tools, and none was named", tools.len())]
    ChooseTool {
        /// Their names.
        tools: Vec<String>,
    },
    /// Building failed.
    #[error("{0}")]
    Build(Box<BuildError>),
    /// A project cannot be made.
    #[error("{0}")]
    New(#[from] NewError),
    /// The sandbox cannot start.
    #[error("{0}")]
    Host(#[from] HostError),
    /// The package cannot be made ready.
    #[error("{0}")]
    Load(#[from] LoadError),
    /// The package cannot be given what it declares.
    #[error("{0}")]
    Grant(#[from] GrantError),
    /// `--dir` or `--env`.
    #[error(transparent)]
    Mapping(#[from] MappingError),
    /// The arguments of a call.
    #[error(transparent)]
    Arguments(#[from] ArgumentsError),
    /// The state of a package cannot be read or changed.
    #[error("{0}")]
    State(#[from] StateError),
    /// No package of this id keeps anything.
    #[error("no package `{package_id}` keeps anything here{}", nearest.as_ref().map(|n| format!("; did you mean `{n}`?")).unwrap_or_default())]
    NoState {
        /// What was asked for.
        package_id: String,
        /// One that is spelled alike.
        nearest: Option<String>,
    },
    /// Several publishers have packages of this id.
    #[error("packages of {} publishers are named `{package_id}` and keep something here", publishers.len())]
    ManyStates {
        /// What was asked for.
        package_id: String,
        /// The ends of their key ids.
        publishers: Vec<String>,
    },
    /// No such key in a state.
    #[error("`{package_id}` keeps nothing under `{key}`")]
    NoSuchEntry {
        /// What was asked for.
        key: String,
        /// Of which package.
        package_id: String,
    },
    /// `--hex` and no hexadecimal digits.
    #[error("`{key}` is no hexadecimal number of whole bytes")]
    KvKey {
        /// What was given.
        key: String,
    },
    /// Clearing wants a yes, and nobody can be asked.
    #[error("{what} would be removed for ever, and there is no terminal to ask on")]
    KvClearUnasked {
        /// What is to be removed.
        what: String,
    },
    /// The user said no.
    #[error("nothing that `{package_id}` keeps was removed")]
    KvKept {
        /// The package.
        package_id: String,
    },
    /// Certificates that cannot be trusted for the tool's requests.
    #[error("the certificates in `{}` cannot be used: {source}", path.display())]
    Certificates {
        /// The file.
        path: PathBuf,
        /// What is wrong with them.
        source: CertificateError,
    },
    /// `mpp explain` does not know the code.
    #[error("there is no code `{code}`{}", nearest.map(|n| format!("; did you mean `{n}`?")).unwrap_or_default())]
    NoSuchCode {
        /// What was asked for.
        code: String,
        /// One that is spelled alike.
        nearest: Option<&'static str>,
    },
}

impl Error {
    /// A file that cannot be read.
    pub(crate) fn read(what: &'static str, path: &Path, source: io::Error) -> Self {
        Self::Read { what, path: path.to_owned(), source }
    }

    /// A file that cannot be written.
    pub(crate) fn write(path: &Path, source: io::Error) -> Self {
        Self::Write { path: path.to_owned(), source }
    }

    /// A key file that cannot be used.
    pub(crate) fn key(path: &Path, source: KeyError) -> Self {
        Self::Key { path: path.to_owned(), source }
    }

    /// A publisher who is not trusted.
    pub(crate) fn untrusted(session: &Session, path: &Path, source: TrustError) -> Self {
        Self::Untrusted { path: session.shown(path), source }
    }

    /// The code that `mpp explain` describes.
    pub(crate) fn code(&self) -> &'static Code {
        match self {
            Self::Read { .. } => &codes::C002,
            Self::Write { .. } => &codes::C003,
            Self::Exists { .. } => &codes::C004,
            Self::Key { source, .. } => source.code(),
            Self::LooseKey { .. } => &codes::C017,
            Self::KeyName { .. } => &codes::C001,
            Self::NoPassphrase | Self::PassphrasesDiffer => &codes::C018,
            Self::Arguments(error) => error.diagnostic().code,
            Self::Damaged { .. } => &codes::C016,
            Self::Refused { refusal, .. } => refusal.code,
            Self::Sign { source, .. } => source.code(),
            Self::NoPublisherKey => &codes::C019,
            Self::OtherPublisher { .. } => &codes::C020,
            Self::Untrusted { source, .. } => source.code(),
            Self::NotApproved { answer, .. } if answer.is_no_to_trust() => &codes::C021,
            Self::NotApproved { answer, .. } => answer.code(),
            Self::Audit(error) => error.code(),
            Self::AuditChanged { .. } => &codes::C031,
            Self::NoSuchRecord { .. } => &codes::C032,
            Self::AuditOption { .. } => &codes::C001,
            Self::CapsDiffer { .. } => &codes::C033,
            Self::Lint { .. } => &codes::C034,
            Self::TrustNeeds { .. } => &codes::C001,
            Self::NoSuchPublisher { .. } => &codes::C022,
            Self::ChooseTool { .. } => &codes::C008,
            Self::NoSuchTool { .. } => &mpp_host::codes::R101,
            Self::Build(error) => error.code(),
            Self::New(error) => error.code(),
            Self::Host(error) => error.code(),
            Self::Load(error) => error.code(),
            Self::Grant(error) => error.code(),
            Self::Certificates { source, .. } => source.code(),
            Self::Mapping(error) => error.diagnostic().code,
            Self::State(error) => error.code(),
            Self::NoState { .. } => &codes::C050,
            Self::ManyStates { .. } => &codes::C051,
            Self::NoSuchEntry { .. } => &codes::C052,
            Self::KvKept { .. } => &codes::C053,
            Self::KvKey { .. } => &codes::C001,
            Self::KvClearUnasked { .. } => &codes::C015,
            Self::NoSuchCode { .. } => &codes::C011,
            Self::NoHome => &codes::C012,
            Self::Output { .. } => &codes::C014,
            Self::Question { .. } => &codes::C015,
        }
    }

    /// What the process exits with.
    pub(crate) fn exit(&self) -> Exit {
        Exit::from(self.code().class)
    }

    /// The error as it is told.
    pub(crate) fn diagnostic(&self) -> Diagnostic {
        let base = Diagnostic::new(self.code(), self.to_string());
        match self {
            Self::Read { path, source, .. } => base.at(path.display().to_string()).help(match source.kind() {
                io::ErrorKind::NotFound => "check the path; it is taken relative to the current directory",
                io::ErrorKind::PermissionDenied => "you may not read it; check its owner and mode with `ls -l`",
                io::ErrorKind::IsADirectory => "name a file in it",
                _ => "",
            }),
            Self::Write { path, source } => base.at(path.display().to_string()).help(match source.kind() {
                io::ErrorKind::StorageFull => "make room on the disk and run the command again; nothing half-written was left",
                io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                    "you may not write there; choose another place with `-o`"
                }
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => "the directory is not there; make it, or choose another with `-o`",
                _ => "run the command again, or choose another place with `-o`",
            }),
            Self::Exists { path } => base
                .at(path.display().to_string())
                .help("choose another place with `-o` or another name with `--name`, or move the file away yourself"),
            Self::Key { path, source: source @ KeyError::PassphraseNeeded } => base.at(path.display().to_string()).help(format!(
                "put it into `MPP_KEY_PASSPHRASE`, or into a file that `MPP_KEY_PASSPHRASE_FILE` names; on a terminal you are asked\n{}",
                source.help()
            )),
            Self::Key { path, source } => base.at(path.display().to_string()).help(source.help()),
            Self::LooseKey { path, .. } => {
                base.at(path.display().to_string()).help(format!("run `chmod 600 {}`; if others may have read it, make a new key", path.display()))
            }
            Self::NoPassphrase => base.help("put it into `MPP_KEY_PASSPHRASE`, or into a file that `MPP_KEY_PASSPHRASE_FILE` names"),
            Self::PassphrasesDiffer => base.help("run the command again"),
            Self::KeyName { .. } => base.at("--name").help("directories go to `-o DIR`"),
            Self::Arguments(error) => error.diagnostic(),
            Self::Mapping(error) => error.diagnostic(),
            Self::Damaged { path, .. } => {
                base.at(path.display().to_string()).help("put it back as it was, or remove it; nothing is trusted on its word until then")
            }
            Self::Refused { path, refusal } => {
                base.at(format!("{}, step {} of 7 ({})", path.display(), refusal.step.number(), refusal.step)).help(&refusal.help)
            }
            Self::Sign { path, source } => base.at(path.display().to_string()).help(source.code().help),
            Self::NoPublisherKey => base.help("make one with `mpp keygen`, or name one with `-k FILE`"),
            Self::OtherPublisher { path, .. } => {
                base.at(path.display().to_string()).help("get the package or the key anew, from a place that you trust")
            }
            Self::Untrusted { path, source } => {
                let help = match source {
                    TrustError::UnknownPublisher { .. } => {
                        format!("look at what it may do with `mpp inspect {path}`; to let it run: `mpp trust add {path}`")
                    }
                    _ => source.code().help.to_owned(),
                };
                base.at(path).help(help)
            }
            Self::NotApproved { path, answer } => not_approved(base, path, answer),
            Self::Audit(error) => base.help(error.code().help),
            Self::AuditChanged { path, findings } => {
                let base = findings.iter().fold(base.at(path.display().to_string()), |base, finding| base.note(finding));
                base.help(codes::C031.help)
            }
            Self::NoSuchRecord { .. } => base.help("`mpp audit list --all` prints them all"),
            Self::AuditOption { .. } => base.help("`mpp audit list --help` shows examples"),
            Self::CapsDiffer { path, differences } => differences
                .iter()
                .fold(base.at(path), |base, difference| base.note(difference))
                .help(format!("`mpp caps {path} --suggest` prints what would do")),
            Self::Lint { path, .. } => base.at(path).help("each finding says what to do about it; without `--deny` they are told and fail nothing"),
            Self::TrustNeeds { .. } => base.help("for instance --name 'My Company' --prefix com.mycompany; or name a package of theirs instead"),
            Self::NoSuchPublisher { .. } => base.help("`mpp trust list` prints them all"),
            Self::ChooseTool { tools } => {
                base.help(format!("say which: {}", tools.iter().map(|tool| format!("`--tool {tool}`")).collect::<Vec<_>>().join(", ")))
            }
            Self::NoSuchTool { .. } => base.help(mpp_host::codes::R101.help),
            Self::Build(error) => base.help(wording::help(&**error)),
            Self::New(error) => base.help(error.help()),
            Self::Host(error) => base.help(wording::help(error)),
            Self::Load(error) => base.help(wording::help(error)),
            Self::Grant(error) => base.help(wording::help(error)),
            Self::Certificates { path, source } => base.at(path.display().to_string()).help(source.code().help),
            Self::NoHome => base.help("set `MPP_HOME` to a directory that only you can write to"),
            Self::State(error) => base.at(error.path.display().to_string()).help(if error.is_damaged() {
                "keep a copy of the file if you need it; `mpp kv clear PKG` removes it, and the package starts anew"
            } else {
                "look at the owner, the mode and the disk of the file and its directory: both are yours alone (700 and 600)"
            }),
            Self::NoState { .. } => base.help("`mpp kv list` shows which packages do; a package has to have run to keep something"),
            Self::ManyStates { publishers, .. } => {
                let options: Vec<String> = publishers.iter().map(|key| format!("`--publisher {key}`")).collect();
                base.help(format!("name the package file, or say which: {}", options.join(", ")))
            }
            Self::NoSuchEntry { package_id, .. } => base.help(format!("`mpp kv list {package_id}` shows all keys")),
            Self::KvKey { .. } => base.at("--hex").help("give two digits for each byte, for instance 00ff; without --hex the key is text"),
            Self::KvClearUnasked { .. } => base.help("pass `--yes` if that is meant; `mpp kv export PKG -o FILE` keeps a copy"),
            Self::KvKept { .. } => base.help("you answered no; `mpp kv export PKG -o FILE` keeps a copy before you clear it"),
            Self::NoSuchCode { .. } => base.help("`mpp explain list` prints all codes"),
            Self::Output { .. } | Self::Question { .. } => base,
        }
    }
}

impl From<BuildError> for Error {
    fn from(error: BuildError) -> Self {
        Self::Build(Box::new(error))
    }
}

fn not_approved(base: Diagnostic, path: &str, answer: &NotApproved) -> Diagnostic {
    let base = base.at(path);
    match answer {
        NotApproved::Required(question) => {
            let (notes, help) = approving::help(question, path);
            notes.into_iter().fold(base, Diagnostic::note).help(help)
        }
        NotApproved::Refused(refusal) => match approving::setting(refusal) {
            Some(setting) => base.help(format!(
                "`{setting}` in `policy.toml` of `MPP_HOME` says so; change it if it is not what you meant"
            )),
            None => base.help(answer.code().help),
        },
        _ => base.help("nothing was run and nothing was remembered"),
    }
}

/// What the operating system said, without its error number.
fn plain(error: &io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or(&text);
    let mut chars = text.chars();
    chars.next().map(|first| first.to_lowercase().chain(chars).collect()).unwrap_or_default()
}
