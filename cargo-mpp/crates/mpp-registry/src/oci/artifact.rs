//! The manifest of a package in an OCI registry: what it says, and what is expected of one.

use std::collections::BTreeMap;

use mpp_host::VerifiedPackage;
use mpp_host::package::Limits;
use oci_client::manifest::{OCI_IMAGE_MEDIA_TYPE, OciDescriptor, OciImageManifest};

use super::error::OciError;
use crate::protocol::{Digest, requests};

/// The artifact type of packages, and the media type of their only layer.
pub const ARTIFACT_TYPE: &str = requests::PACKAGE;

/// The config of artifacts that have none (OCI image specification 1.1).
pub(super) const EMPTY_CONFIG: &[u8] = b"{}";
const EMPTY_TYPE: &str = "application/vnd.oci.empty.v1+json";

/// Names of annotations. Those of OCI are shown by the pages of registries; the others are for people who look at a manifest.
/// Nothing that they say is trusted: clients read the package.
pub mod annotation {
    pub use oci_client::annotations::{
        ORG_OPENCONTAINERS_IMAGE_DESCRIPTION as DESCRIPTION, ORG_OPENCONTAINERS_IMAGE_LICENSES as LICENSES,
        ORG_OPENCONTAINERS_IMAGE_TITLE as TITLE, ORG_OPENCONTAINERS_IMAGE_URL as URL,
        ORG_OPENCONTAINERS_IMAGE_VENDOR as VENDOR, ORG_OPENCONTAINERS_IMAGE_VERSION as VERSION,
    };

    /// Id of the package.
    pub const PACKAGE_ID: &str = "io.mpp-protocol.package.id";
    /// Content hash of the package.
    pub const CONTENT_HASH: &str = "io.mpp-protocol.package.content-hash";
    /// The publisher's whole public key, as standard Base64.
    pub const PUBLISHER_KEY: &str = "io.mpp-protocol.package.publisher-key";
}

/// Returns the manifest of a package.
pub(super) fn manifest(package: &VerifiedPackage) -> OciImageManifest {
    let manifest = package.manifest();
    let file = format!("{}-{}.mpp", manifest.name, manifest.version);
    let mut annotations = BTreeMap::from([
        (annotation::TITLE.to_owned(), manifest.name.clone()),
        (annotation::DESCRIPTION.to_owned(), manifest.description.clone()),
        (annotation::VERSION.to_owned(), manifest.version.clone()),
        (annotation::VENDOR.to_owned(), manifest.publisher.name.clone()),
        (annotation::PACKAGE_ID.to_owned(), manifest.package_id.clone()),
        (annotation::CONTENT_HASH.to_owned(), package.content_hash().to_string()),
        (annotation::PUBLISHER_KEY.to_owned(), package.publisher_key().to_base64()),
    ]);
    annotations.extend(manifest.license.clone().map(|license| (annotation::LICENSES.to_owned(), license)));
    annotations.extend(manifest.publisher.url.clone().map(|url| (annotation::URL.to_owned(), url)));
    OciImageManifest {
        media_type: Some(OCI_IMAGE_MEDIA_TYPE.to_owned()),
        artifact_type: Some(ARTIFACT_TYPE.to_owned()),
        config: descriptor(EMPTY_TYPE, EMPTY_CONFIG),
        layers: vec![OciDescriptor {
            // The name of the file for programs that write layers to files.
            annotations: Some(BTreeMap::from([(annotation::TITLE.to_owned(), file)])),
            ..descriptor(ARTIFACT_TYPE, package.bytes())
        }],
        annotations: Some(annotations),
        ..OciImageManifest::default()
    }
}

fn descriptor(media_type: &str, bytes: &[u8]) -> OciDescriptor {
    OciDescriptor {
        media_type: media_type.to_owned(),
        digest: Digest::of(bytes).to_string(),
        size: i64::try_from(bytes.len()).unwrap_or(i64::MAX),
        ..OciDescriptor::default()
    }
}

/// The layer of a manifest: the package.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Layer {
    pub(super) digest: Digest,
    pub(super) size: u64,
}

/// Returns the package that a manifest names.
///
/// # Errors
/// Returns [`OciError::NotAPackage`] if it is the manifest of something else.
pub(super) fn layer(reference: &str, manifest: &OciImageManifest) -> Result<Layer, OciError> {
    let refuse = |reason: String| Err(OciError::NotAPackage { reference: reference.to_owned(), reason });
    let found = manifest.artifact_type.as_deref().unwrap_or(&manifest.config.media_type);
    if found != ARTIFACT_TYPE {
        return refuse(format!("its type is `{}`, expected `{ARTIFACT_TYPE}`", found.escape_debug()));
    }
    let [layer] = manifest.layers.as_slice() else {
        return refuse(format!("it has {} layers, expected one", manifest.layers.len()));
    };
    if layer.media_type != ARTIFACT_TYPE {
        let found = layer.media_type.escape_debug();
        return refuse(format!("the type of its layer is `{found}`, expected `{ARTIFACT_TYPE}`"));
    }
    let Ok(digest) = Digest::parse(&layer.digest) else {
        return refuse(format!("the digest of its layer is `{}`, expected SHA-256", layer.digest.escape_debug()));
    };
    let limit = Limits::default().archive;
    match u64::try_from(layer.size) {
        Ok(size) if size <= limit => Ok(Layer { digest, size }),
        _ => refuse(format!("its layer has {} bytes, expected at most {limit}", layer.size)),
    }
}
