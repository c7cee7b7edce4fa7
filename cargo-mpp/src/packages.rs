//! Package files: read with a limit, verified, and written in one step.

use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use mpp_build::Project;
use mpp_home::FileError;
use mpp_home::files::Access;
use mpp_host::atomic_file::StagedFile;
use mpp_host::clock::SystemClock;
use mpp_host::codes::{Code, Coded, Remedy};
use mpp_host::gatekeeper::{Gatekeeper, Refusal, Verification, VerifiedPackage};
use mpp_host::keys::KeyId;
use mpp_host::package::{Limits, PackageBytes, UnverifiedPackage};
use mpp_host::signature::SignError;
use mpp_host::trust::TrustError;

use crate::codes;
use crate::error::{Error, Explain};
use crate::installed;
use crate::interrupt;
use crate::session::Session;
use crate::ui::Ui;
use crate::waiting;
use crate::wording;

/// An error about one package.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PackageError {
    /// A step of the verification failed.
    #[error("{refusal}")]
    Refused {
        /// Path of the package.
        path: PathBuf,
        /// The step, and the reason.
        refusal: Box<Refusal>,
    },
    /// The package cannot be signed.
    #[error("{source}")]
    Sign {
        /// Path of the package.
        path: PathBuf,
        /// The reason.
        source: SignError,
    },
    /// The package is not signed by the key that the user named.
    #[error("the package is signed by `{signed_by}`, not by the given key")]
    OtherPublisher {
        /// Path of the package.
        path: PathBuf,
        /// Id of the key that signed the package.
        signed_by: KeyId,
    },
    /// The publisher is not trusted.
    #[error("{source}")]
    Untrusted {
        /// Path of the package, as a user would type it.
        path: String,
        /// The reason.
        source: TrustError,
    },
}

impl PackageError {
    /// Creates the error of a package that did not pass the verification.
    pub(crate) fn refused(path: &Path, refusal: Refusal) -> Self {
        Self::Refused { path: path.to_owned(), refusal: Box::new(refusal) }
    }

    /// Creates the error of a package whose publisher is not trusted.
    pub(crate) fn untrusted(session: &Session, path: &Path, source: TrustError) -> Self {
        Self::Untrusted { path: session.shown(path), source }
    }
}

impl Coded for PackageError {
    fn code(&self) -> &'static Code {
        match self {
            Self::Refused { refusal, .. } => refusal.code,
            Self::Sign { source, .. } => source.code(),
            Self::OtherPublisher { .. } => &codes::C020,
            Self::Untrusted { source, .. } => source.code(),
        }
    }

    fn remedy(&self) -> Option<Remedy> {
        match self {
            Self::Refused { refusal, .. } => refusal.remedy(),
            Self::Untrusted { source, .. } => source.remedy(),
            Self::Sign { .. } | Self::OtherPublisher { .. } => None,
        }
    }
}

impl Explain for PackageError {
    fn place(&self) -> Option<String> {
        Some(match self {
            Self::Refused { path, refusal } => {
                format!("{}, step {} of 7 ({})", path.display(), refusal.step.number(), refusal.step)
            }
            Self::Sign { path, .. } | Self::OtherPublisher { path, .. } => path.display().to_string(),
            Self::Untrusted { path, .. } => path.clone(),
        })
    }

    fn advice(&self) -> String {
        match self {
            Self::Refused { refusal, .. } => wording::with_commands(refusal.code, refusal.help.clone()),
            Self::Sign { source, .. } => crate::codes::help(source.code()),
            Self::OtherPublisher { .. } => "get the package or the key again, from a source that you trust".to_owned(),
            Self::Untrusted { path, source } => match source.remedy() {
                Some(remedy) => wording::remedy(&remedy, path),
                None => crate::codes::help(source.code()),
            },
        }
    }
}

/// Returns the path of the package that the user named.
///
/// If there is no such file and the name has no directory, the package is searched for among those of the project in the
/// current directory, and the user is told. `or_dev` also accepts the development build of a package (`X.dev.mpp` for
/// `X.mpp`), as a package to sign. A name that is a package id is looked up among the installed packages.
///
/// # Errors
/// Returns an error if the name is a package id, and no such package is installed.
pub(crate) fn locate(session: &Session, ui: &Ui, given: &Path, or_dev: bool) -> Result<PathBuf, Error> {
    let path = session.resolve(given);
    if path.symlink_metadata().is_ok() {
        return Ok(path);
    }
    if let Some(installed) = installed::find(session, given)? {
        return Ok(installed);
    }
    let is_bare = given.parent().is_some_and(|parent| parent.as_os_str().is_empty());
    let built = || Project::find_all(&session.resolve(Path::new("."))).ok()?.first().map(Project::output_dir);
    let built = if is_bare { built().map(|dir| dir.join(given)) } else { None };
    let with_dev = |path: &Path| {
        let dev = path.to_str().filter(|_| or_dev)?.strip_suffix(".mpp")?;
        Some(PathBuf::from(format!("{dev}.dev.mpp")))
    };
    let candidates = [built.clone(), with_dev(&path), built.as_deref().and_then(with_dev)];
    let Some(found) = candidates.into_iter().flatten().find(|path| path.is_file()) else { return Ok(path) };
    ui.note(&format!("`{}` does not exist here; using `{}`", given.display(), session.shown(&found)));
    Ok(found)
}

/// Returns the path of the package that the user named, as [`locate`] does, to look at it or to accept it: it can also be one that was
/// downloaded and not yet installed.
///
/// # Errors
/// Returns an error if the name is a package id, and no such package is on this machine.
pub(crate) fn locate_to_read(session: &Session, ui: &Ui, given: &Path) -> Result<PathBuf, Error> {
    let is_file = session.resolve(given).symlink_metadata().is_ok();
    match if is_file { None } else { waiting::find(session, given)? } {
        Some(path) => Ok(path),
        None => locate(session, ui, given, false),
    }
}

/// A package file: its bytes, or its refusal if it is too long to be read.
pub(crate) enum PackageFile {
    /// The content of the file.
    Bytes(PackageBytes),
    /// The Gatekeeper refuses the file by its length.
    TooLong(Box<Verification>),
}

impl PackageFile {
    /// Verifies the package.
    pub(crate) fn verify(self, gate: &Gatekeeper) -> Verification {
        match self {
            Self::Bytes(bytes) => gate.verify(UnverifiedPackage::new(bytes)),
            Self::TooLong(refused) => *refused,
        }
    }
}

/// Reads a package, unless it is longer than `gate` allows.
///
/// # Errors
/// Returns an error if it cannot be read.
pub(crate) fn read(gate: &Gatekeeper, path: &Path) -> Result<PackageFile, FileError> {
    let failed = |source| FileError::read("the package", path, source);
    let file = std::fs::File::open(path).map_err(failed)?;
    let metadata = file.metadata().map_err(failed)?;
    if metadata.is_dir() {
        return Err(failed(ErrorKind::IsADirectory.into()));
    }
    let too_long = |length| gate.refuse_by_length(length).map(|refused| PackageFile::TooLong(Box::new(refused)));
    if let Some(refused) = too_long(metadata.len()) {
        return Ok(refused);
    }
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or_default());
    // The length of a pipe, or of a file that still grows, shows only while it is read.
    file.take(gate.limits().archive + 1).read_to_end(&mut bytes).map_err(failed)?;
    Ok(too_long(bytes.len() as u64).unwrap_or_else(|| PackageFile::Bytes(bytes.into())))
}

/// Reads the bytes of a package that is not verified as it is.
///
/// # Errors
/// Returns an error if it cannot be read, or is longer than the format allows.
pub(crate) fn read_bytes(path: &Path) -> Result<PackageBytes, Error> {
    match read(&gatekeeper(), path)? {
        PackageFile::Bytes(bytes) => Ok(bytes),
        PackageFile::TooLong(refused) => match refused.outcome {
            Ok(package) => Ok(package.bytes().into()),
            Err(refusal) => Err(PackageError::refused(path, refusal).into()),
        },
    }
}

/// Returns a Gatekeeper with the limits of the contract, for commands that run nothing.
pub(crate) fn gatekeeper() -> Gatekeeper {
    Gatekeeper::new(Limits::default(), Arc::new(SystemClock::new()))
}

/// Reads and verifies a package.
///
/// # Errors
/// Returns an error if it cannot be read or does not pass.
pub(crate) fn open(path: &Path) -> Result<VerifiedPackage, Error> {
    let gate = gatekeeper();
    Ok(verify(&gate, path, read(&gate, path)?)?)
}

/// Verifies a package.
///
/// # Errors
/// Returns [`PackageError::Refused`] if it does not pass.
pub(crate) fn verify(gate: &Gatekeeper, path: &Path, file: PackageFile) -> Result<VerifiedPackage, PackageError> {
    file.verify(gate).outcome.map_err(|refusal| PackageError::refused(path, refusal))
}

/// Writes a file in one step, and leaves nothing behind if the program is interrupted.
///
/// # Errors
/// Returns an error if the file cannot be written.
pub(crate) fn write(path: &Path, bytes: &[u8], access: Access) -> Result<(), FileError> {
    let failed = |source| FileError::write(path, source);
    let mut staged = StagedFile::new(path, access.mode()).map_err(failed)?;
    let _guard = interrupt::remove_on_interrupt(staged.path());
    staged.write(bytes).and_then(|()| staged.persist()).map_err(failed)
}
