//! `mpp publish`: uploads a package, and waits until the registry's log proves that it was published.

use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use mpp_host::codes::{Code, Coded};
use mpp_host::gatekeeper::VerifiedPackage;
use mpp_host::keys::{KeyId, KeyRole, SigningKey};
use mpp_host::package::Manifest;
use mpp_host::policy::{New, Wants};
use mpp_registry::client::{ClientError, Registry, Upload, Version, find};
use mpp_registry::protocol::Timestamp;
use mpp_registry::protocol::files::{IndexFile, VersionRecord};
use mpp_registry::protocol::requests::Published;

use crate::cli::PublishArgs;
use crate::error::{Error, Explain};
use crate::exit::Exit;
use crate::registries::Registries;
use crate::reports::publishing::PublishResult;
use crate::session::Session;
use crate::ui::Ui;
use crate::{building, codes, packages, publishing, wording};

/// An error of `mpp publish`.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PublishError {
    /// The package is signed by a development key.
    #[error("the package is signed by the development key `{key_id}`, which registries refuse")]
    Development {
        /// Path of the package.
        path: String,
        /// Id of the key.
        key_id: KeyId,
    },
    /// The key is not the one that signed the package.
    #[error("the package is signed by `{signed_by}`, but the key is `{key_id}`")]
    OtherKey {
        /// Id of the key that signed.
        signed_by: KeyId,
        /// Id of the key.
        key_id: KeyId,
    },
    /// The package declares more than the version before.
    #[error("{package_id} {version} declares more capabilities than {before}")]
    Wider {
        /// Package id.
        package_id: String,
        /// The new version.
        version: String,
        /// The version before.
        before: String,
        /// What is new.
        new: Vec<New>,
    },
    /// The registry has another package under the same version.
    #[error("{package_id} {version} was already published with other contents")]
    Taken {
        /// Package id.
        package_id: String,
        /// The version.
        version: String,
    },
}

impl Coded for PublishError {
    fn code(&self) -> &'static Code {
        match self {
            Self::Development { .. } => &codes::C043,
            Self::OtherKey { .. } => &codes::C044,
            Self::Wider { .. } => &codes::C045,
            Self::Taken { .. } => &codes::C046,
        }
    }
}

impl Explain for PublishError {
    fn place(&self) -> Option<String> {
        match self {
            Self::Development { path, .. } => Some(path.clone()),
            _ => None,
        }
    }

    fn notes(&self) -> Vec<String> {
        match self {
            Self::Wider { new, .. } => {
                vec![new.iter().map(|new| format!("new: {new}")).collect::<Vec<_>>().join("\n")]
            }
            _ => Vec::new(),
        }
    }

    fn advice(&self) -> String {
        match self {
            Self::Development { path, .. } => {
                format!(
                    "run `mpp keygen` once, then `mpp sign {}`, and publish the signed package",
                    wording::word(path)
                )
            }
            Self::OtherKey { .. } => {
                "name the key that signed it with `-k FILE`, or sign it again with `mpp sign`".to_owned()
            }
            Self::Wider { .. } => {
                "if that is what you want, pass `--confirm-capabilities`; everyone who updates is asked to approve it"
                    .to_owned()
            }
            Self::Taken { .. } => "versions never change: raise the version, build and publish again".to_owned(),
        }
    }
}

/// Verifies the package as the registry will, compares it with the version before, and uploads it.
pub(crate) fn run(session: &Session, ui: &Arc<Ui>, args: &PublishArgs) -> Result<Exit, Error> {
    let path = building::file_at(session, ui, &args.select, &args.target)?;
    let package = packages::open(&path)?;
    let shown = session.shown(&path);
    let signed_by = package.signing_key_id();
    if signed_by.role() == KeyRole::Development {
        return Err(PublishError::Development { path: shown, key_id: signed_by.clone() }.into());
    }
    let upload = Upload::of(&package)?;
    let registries = Registries::load(session)?;
    #[cfg(feature = "oci")]
    if let Ok(entry) = registries.config().registry_of(&upload.package_id, args.registry.registry.as_deref())
        && entry.oci.is_some()
    {
        return in_oci(ui, &registries, entry, (&package, &upload), args);
    }
    let key = key_for(session, ui, &package, args.key.as_deref())?;
    let registry = publishing::registry_of(&registries, &upload.package_id, args.registry.registry.as_deref())?;
    ui.progress("Asking", registry.url(), false);
    let index = registries.run(look_up(&registry, &upload))?;
    ui.progress_done();
    let mut result = describe(registry.origin().to_string(), &package, &upload);
    if let Some(record) = index.as_ref().and_then(|index| find(index, &upload.version)) {
        if record.taken_down.is_some() {
            let (package_id, version) = (upload.package_id.clone(), upload.version.clone());
            return Err(ClientError::TakenDown { package_id, version }.into());
        }
        if record.archive_hash != upload.archive_hash {
            let (package_id, version) = (result.package_id, result.version);
            return Err(PublishError::Taken { package_id, version }.into());
        }
        result.existed = true;
    } else if let Some(before) = index.as_ref().and_then(|index| before(index, &upload.version)) {
        result.previous_version = Some(before.version.to_string());
        result.new = wider(package.manifest(), before);
        if !result.new.is_empty() && !args.confirm_capabilities {
            let (package_id, version, new) = (result.package_id, result.version, result.new);
            return Err(PublishError::Wider { package_id, version, before: before.version.to_string(), new }.into());
        }
    }
    if index.is_none() && !args.dry_run {
        ui.note(&format!("{} is a new package id; it stays yours, and public, for ever", upload.package_id));
    }
    if args.dry_run {
        ui.show(&result)?;
        return Ok(Exit::Done);
    }
    let is_new = index.is_none();
    let (leaf_index, published) = send(&registries, ui, &registry, &upload, &key)?;
    (result.leaf_index, result.url) = (Some(leaf_index), Some(published.url));
    ui.show(&result)?;
    if is_new {
        ui.note(&format!(
            "add a second owner whose key is kept offline, so that you keep the package if you lose this key: \
             `mpp owner add {} KEY`",
            upload.package_id
        ));
    }
    Ok(Exit::Done)
}

/// Returns the key that signed the package.
fn key_for(session: &Session, ui: &Ui, package: &VerifiedPackage, file: Option<&Path>) -> Result<SigningKey, Error> {
    let signed_by = package.signing_key_id().clone();
    let key = publishing::signing_key(session, ui, file)?;
    if key.public() != *package.signing_key() {
        return Err(PublishError::OtherKey { signed_by, key_id: key.id() }.into());
    }
    Ok(key)
}

/// Returns the index of the package; `None` if the registry does not have the package yet.
async fn look_up(registry: &Registry, upload: &Upload) -> Result<Option<IndexFile>, ClientError> {
    let mut view = registry.refresh().await?;
    let revocations = registry.revocations(&mut view).await?;
    revocations.require_valid(Timestamp::from(SystemTime::now()))?;
    registry.index(&mut view, &upload.package_id).await
}

/// Publishes to an OCI registry. The signature is inside the package, so that no key is needed.
#[cfg(feature = "oci")]
fn in_oci(
    ui: &Ui,
    registries: &Registries<'_>,
    entry: &mpp_registry::client::RegistryEntry,
    (package, upload): (&VerifiedPackage, &Upload),
    args: &PublishArgs,
) -> Result<Exit, Error> {
    let oci = crate::oci::Oci::open(registries, ui, entry)?;
    let before = oci.before(package, &upload.package_id, &upload.version)?;
    let mut result = describe(oci.place(), package, upload);
    if let Some(version) = before.version {
        if !before.new.is_empty() && !args.confirm_capabilities {
            let (package_id, before, new) = (result.package_id, version.to_string(), before.new);
            return Err(PublishError::Wider { package_id, version: result.version, before, new }.into());
        }
        (result.previous_version, result.new) = (Some(version.to_string()), before.new);
    }
    if !args.dry_run {
        let (reference, existed) = oci.publish(package)?;
        (result.url, result.existed) = (Some(format!("oci://{reference}")), existed);
    }
    ui.show(&result)?;
    Ok(Exit::Done)
}

fn describe(registry: String, package: &VerifiedPackage, upload: &Upload) -> PublishResult {
    PublishResult {
        package_id: upload.package_id.to_string(),
        version: upload.version.to_string(),
        registry,
        key_id: package.signing_key_id().clone(),
        content_hash: *package.content_hash(),
        archive_hash: upload.archive_hash.to_string(),
        package_bytes: upload.bytes.len() as u64,
        previous_version: None,
        new: Vec::new(),
        existed: false,
        leaf_index: None,
        url: None,
    }
}

fn send(
    registries: &Registries<'_>,
    ui: &Ui,
    registry: &Registry,
    upload: &Upload,
    key: &SigningKey,
) -> Result<(u64, Published), Error> {
    ui.progress("Uploading", &format!("{} {}", upload.package_id, upload.version), false);
    let progress = |done, total| ui.progress_bytes(done, total);
    let end = registries.run(registry.upload(upload, key, Some(&progress)));
    ui.progress_done();
    let (proven, published) = end?;
    Ok((proven.leaf_index, published))
}

/// Returns the newest version before this one, or the newest one if all are later.
fn before<'a>(index: &'a IndexFile, version: &Version) -> Option<&'a VersionRecord> {
    let mut records: Vec<&VersionRecord> = index.versions.iter().filter(|record| record.taken_down.is_none()).collect();
    records.sort_by(|a, b| a.version.cmp(&b.version));
    records.iter().rev().find(|record| record.version < *version).or(records.last()).copied()
}

/// Returns what the package requests beyond the capabilities of an earlier version.
fn wider(manifest: &Manifest, before: &VersionRecord) -> Vec<New> {
    // Only capabilities are in the index; what else is requested counts as before.
    let mut earlier = manifest.clone();
    earlier.capabilities = before.capabilities.clone();
    Wants::of(manifest).beyond(Some(&Wants::of(&earlier)))
}
