//! Signed packages, for tests of hosts.

use std::path::Path;
use std::{fs, io};

use mpp_host::causes::with_causes;
use mpp_host::keys::{KeyRole, SigningKey};
use mpp_host::package::manifest::Manifest;
use mpp_host::package::tamper::Kit;
use mpp_host::package::{PackageBytes, UnverifiedPackage};
use mpp_host::signature::{Toolchain, sign, unsign};

use crate::failure::fail;
use crate::world::builder::ToolBuilder;

/// A signed package, as a registry or a user receives it: [`ToolBuilder::package`].
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SignedPackage {
    /// The content of the `.mpp` file.
    pub bytes: PackageBytes,
    /// The publisher key that signed the package, generated for this test.
    pub key: SigningKey,
    /// The manifest of the package.
    pub manifest: Manifest,
}

impl ToolBuilder {
    /// Builds the package and signs it with a publisher key, without loading it.
    ///
    /// ```no_run
    /// let package = mpp_testkit::tool!().package();
    /// package.write("target/contacts.mpp")?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// # Panics
    /// Panics if the package cannot be built. If the tool does not compile, the message contains the compiler's output.
    #[must_use]
    #[track_caller]
    pub fn package(self) -> SignedPackage {
        let package = match self.built() {
            Ok(package) => package,
            Err(failure) => failure.fail(),
        };
        match resigned(&package.bytes) {
            Ok(signed) => signed,
            Err(reason) => fail(format_args!("cannot sign the package: {reason}"), ""),
        }
    }
}

fn resigned(bytes: &PackageBytes) -> Result<SignedPackage, String> {
    let (unsigned, toolchain) =
        unsign(&UnverifiedPackage::new(bytes.clone())).map_err(|refusal| refusal.message.clone())?;
    let key = SigningKey::generate(KeyRole::Publisher).map_err(|error| with_causes(&error))?;
    let mut manifest = unsigned.manifest().clone();
    manifest.publisher.verified_key_id = Some(key.id().to_string());
    let bytes =
        sign(unsigned, &key, &toolchain.unwrap_or_else(Toolchain::default)).map_err(|error| with_causes(&error))?;
    Ok(SignedPackage { bytes, key, manifest })
}

impl SignedPackage {
    /// Returns the broken packages made from this one: see [`crate::tamper`].
    ///
    /// ```no_run
    /// for broken in mpp_testkit::tool!().package().tamper().every() {
    ///     println!("{}: {}", broken.code, broken.name);
    /// }
    /// ```
    ///
    /// # Panics
    /// Panics if the bytes are not a valid archive.
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
    /// Errors of the file system.
    pub fn write(&self, path: impl AsRef<Path>) -> io::Result<()> {
        fs::write(path, self.bytes.as_slice())
    }
}
