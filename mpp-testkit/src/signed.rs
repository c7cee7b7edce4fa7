//! The signed package itself, for tests of hosts.

use std::path::Path;
use std::{fs, io};

use mpp_host::keys::{KeyRole, SigningKey};
use mpp_host::package::manifest::Manifest;
use mpp_host::package::tamper::Kit;
use mpp_host::package::{PackageBytes, UnverifiedPackage};
use mpp_host::signature::{Toolchain, sign, unsign};

use crate::builder::ToolBuilder;
use crate::failure::fail;

/// A package as a registry or a user receives it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SignedPackage {
    /// The bytes of the `.mpp` file.
    pub bytes: PackageBytes,
    /// The key that signed it: a publisher's, made for this test.
    pub key: SigningKey,
    /// Its manifest.
    pub manifest: Manifest,
}

impl ToolBuilder {
    /// Builds the package and signs it as a publisher does, without loading it.
    ///
    /// # Panics
    /// Where it cannot be built, with the compiler's own messages where it is the compiler that refuses.
    #[must_use]
    #[track_caller]
    pub fn package(self) -> SignedPackage {
        let package = match self.built() {
            Ok(package) => package,
            Err(failure) => fail(failure.message, &failure.help),
        };
        match resigned(&package.bytes) {
            Ok(signed) => signed,
            Err(reason) => fail(format_args!("the package cannot be signed: {reason}"), ""),
        }
    }
}

fn resigned(bytes: &PackageBytes) -> Result<SignedPackage, String> {
    let (unsigned, toolchain) =
        unsign(&UnverifiedPackage::new(bytes.clone())).map_err(|refusal| refusal.message.clone())?;
    let key = SigningKey::generate(KeyRole::Publisher).map_err(|error| error.to_string())?;
    let mut manifest = unsigned.manifest().clone();
    manifest.publisher.verified_key_id = Some(key.id().to_string());
    let bytes =
        sign(unsigned, &key, &toolchain.unwrap_or_else(Toolchain::default)).map_err(|error| error.to_string())?;
    Ok(SignedPackage { bytes, key, manifest })
}

impl SignedPackage {
    /// The broken packages made of this one: see [`crate::tamper`].
    #[must_use]
    #[track_caller]
    pub fn tamper(&self) -> Kit {
        match Kit::new(self.bytes.as_slice(), self.key.clone()) {
            Some(kit) => kit,
            None => fail("the package is not a valid archive", ""),
        }
    }

    /// Writes the `.mpp` file.
    ///
    /// # Errors
    /// The file system's.
    pub fn write(&self, path: impl AsRef<Path>) -> io::Result<()> {
        fs::write(path, self.bytes.as_slice())
    }
}
