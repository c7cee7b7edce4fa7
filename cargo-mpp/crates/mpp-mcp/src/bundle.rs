//! Bundles for desktop clients (MCPB): a package together with the program that serves it, in one archive that a client installs.
//!
//! The format is that of <https://github.com/modelcontextprotocol/mcpb>, version 0.3 of its manifest. The command in the manifest accepts
//! the package by its content hash, so that the client's own question about installing the bundle is the decision to trust it: exactly
//! these bytes, and no other package of the publisher.

use std::collections::BTreeMap;
use std::io::{Read, Seek, Write};

use mpp_host::package::Manifest;
use serde_json::{Map, Value, json};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// Directory of the program in the bundle.
const PROGRAM: &str = "server/mpp";

/// A package that is bundled.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Bundle<'a> {
    /// The manifest of the verified package.
    pub manifest: &'a Manifest,
    /// The package, as it was verified.
    pub package: &'a [u8],
    /// The arguments with which the program serves the package. [`PACKAGE_PATH`](Self::PACKAGE_PATH) stands for the package, and
    /// [`setting`](Self::setting) for what the user enters.
    pub args: Vec<String>,
    /// The system for which the program is built: `linux`, `darwin` or `win32`.
    pub platform: String,
}

/// Why a bundle cannot be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BundleError {
    /// The archive cannot be written.
    #[error("the bundle cannot be written")]
    Archive(#[from] zip::result::ZipError),
    /// The program or the archive cannot be read or written.
    #[error("the bundle cannot be written")]
    Copy(#[from] std::io::Error),
}

impl<'a> Bundle<'a> {
    /// The path of the package, as clients replace it in arguments.
    pub const PACKAGE_PATH: &'static str = "${__dirname}/package.mpp";

    /// Creates a bundle without arguments, for the system on which this runs.
    #[must_use]
    pub fn new(manifest: &'a Manifest, package: &'a [u8]) -> Self {
        let platform = if cfg!(target_os = "macos") { "darwin" } else { "linux" };
        Self { manifest, package, args: Vec::new(), platform: platform.to_owned() }
    }

    /// Returns what clients replace by the value that the user enters for a declared path or variable.
    #[must_use]
    pub fn setting(name: &str) -> String {
        format!("${{user_config.{}}}", setting_key(name))
    }

    /// Returns the manifest of the bundle.
    #[must_use]
    pub fn mcpb_manifest(&self) -> Value {
        let Self { manifest, args, platform, .. } = self;
        let tools: Vec<Value> = manifest
            .tool_definitions
            .iter()
            .map(|tool| json!({ "name": tool.name, "description": tool.description }))
            .collect();
        let variables: BTreeMap<&str, String> =
            manifest.capabilities.env_vars.iter().map(|name| (name.as_str(), Self::setting(name))).collect();
        let mut value = json!({
            "manifest_version": "0.3",
            "name": manifest.name,
            "display_name": manifest.name,
            "version": manifest.version.to_string(),
            "description": manifest.description,
            "author": { "name": manifest.publisher.name },
            "server": {
                "type": "binary",
                "entry_point": PROGRAM,
                "mcp_config": { "command": format!("${{__dirname}}/{PROGRAM}"), "args": args, "env": variables },
            },
            "tools": tools,
            "compatibility": { "platforms": [platform] },
        });
        let settings = self.settings();
        if !settings.is_empty() {
            value["user_config"] = Value::Object(settings);
        }
        if let Some(license) = &manifest.license {
            value["license"] = json!(license);
        }
        value
    }

    /// Returns what the user enters when the bundle is installed: a value for each declared variable and path.
    fn settings(&self) -> Map<String, Value> {
        let declared = &self.manifest.capabilities;
        let mut settings = Map::new();
        for name in &declared.env_vars {
            let setting = json!({
                "type": "string", "title": name, "description": format!("The variable {name} of the tool."),
                "required": true, "sensitive": true,
            });
            settings.insert(setting_key(name), setting);
        }
        for (path, what) in declared
            .filesystem
            .write
            .iter()
            .map(|path| (path, "read and change"))
            .chain(declared.filesystem.read.iter().map(|path| (path, "read")))
        {
            let description = format!("The directory that the tool sees as {path}. It may {what} it.");
            let setting = json!({ "type": "directory", "title": path, "description": description, "required": true });
            settings.entry(setting_key(path)).or_insert(setting);
        }
        settings
    }

    /// Writes the bundle. `program` is the program that serves the package.
    ///
    /// # Errors
    /// Returns [`BundleError`] if the program cannot be read or the bundle cannot be written.
    pub fn write(&self, program: &mut dyn Read, to: impl Write + Seek) -> Result<(), BundleError> {
        let mut archive = ZipWriter::new(to);
        let plain =
            SimpleFileOptions::default().compression_method(CompressionMethod::Deflated).unix_permissions(0o644);
        archive.start_file("manifest.json", plain)?;
        // Serialising strings, lists and maps with string keys cannot fail.
        archive.write_all(serde_json::to_string_pretty(&self.mcpb_manifest()).unwrap_or_default().as_bytes())?;
        // The package is compressed already.
        archive.start_file("package.mpp", plain.compression_method(CompressionMethod::Stored))?;
        archive.write_all(self.package)?;
        archive.start_file(PROGRAM, plain.unix_permissions(0o755).large_file(false))?;
        std::io::copy(program, &mut archive)?;
        archive.finish()?.flush()?;
        Ok(())
    }
}

/// Returns the key of a setting: the name of a variable or path in the characters that keys can have.
fn setting_key(name: &str) -> String {
    let key: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' }).collect();
    key.trim_matches('_').to_owned()
}
