//! The libraries that a module contains, as a bill of materials in the format CycloneDX.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The entry of a package with its bill of materials: the libraries that the module contains, in the format CycloneDX.
pub const ENTRY: &str = "assets/sbom.cdx.json";
/// The version of the format.
const FORMAT: &str = "1.5";
/// Words in place of a licence that say that there is none.
const NO_LICENSE: [&str; 5] = ["", "NONE", "UNKNOWN", "UNLICENSED", "PROPRIETARY"];
/// How the names of files with licences begin.
const FILES: [&str; 4] = ["LICENSE", "LICENCE", "COPYING", "NOTICE"];

/// Where a library comes from: the type of its package URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Origin {
    Cargo,
    Generic,
    Golang,
    Npm,
    PyPi,
}

/// A library that is part of a module.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Library {
    pub(crate) origin: Origin,
    pub(crate) name: String,
    pub(crate) version: Option<String>,
    /// An SPDX expression, or what the library says otherwise; `None` if it says nothing.
    pub(crate) license: Option<String>,
}

impl Library {
    /// Creates a library. Empty texts count as missing.
    pub(crate) fn new(origin: Origin, name: &str, version: Option<&str>, license: Option<&str>) -> Self {
        let given = |text: Option<&str>| {
            text.map(str::trim).filter(|text| !NO_LICENSE.contains(&text.to_uppercase().as_str())).map(str::to_owned)
        };
        Self { origin, name: name.to_owned(), version: given(version), license: given(license) }
    }

    fn to_json(&self) -> Value {
        let mut component = json!({ "type": "library", "name": self.name });
        if let Some(version) = &self.version {
            component["version"] = json!(version);
        }
        component["licenses"] = match &self.license {
            Some(license) if is_expression(license) => json!([{ "expression": license }]),
            Some(license) => json!([{ "license": { "name": license } }]),
            None => json!([]),
        };
        if let Some(url) = self.package_url() {
            component["purl"] = json!(url);
        }
        component
    }

    fn package_url(&self) -> Option<String> {
        let version = self.version.as_deref()?.replace('+', "%2B");
        let (kind, name) = match self.origin {
            Origin::Generic => return None,
            Origin::Cargo => ("cargo", self.name.clone()),
            Origin::Golang => ("golang", self.name.clone()),
            Origin::Npm => ("npm", self.name.replacen('@', "%40", 1)),
            Origin::PyPi => ("pypi", self.name.to_lowercase().replace('_', "-")),
        };
        Some(format!("pkg:{kind}/{name}@{version}"))
    }
}

/// Returns the bill of materials; `None` if there are no libraries.
pub(crate) fn bill_of_materials(libraries: &[Library]) -> Option<Vec<u8>> {
    let mut sorted: Vec<&Library> = libraries.iter().collect();
    sorted.sort();
    sorted.dedup();
    if sorted.is_empty() {
        return None;
    }
    let components: Vec<Value> = sorted.into_iter().map(Library::to_json).collect();
    let bill = json!({ "bomFormat": "CycloneDX", "specVersion": FORMAT, "version": 1, "components": components });
    let mut text = serde_json::to_vec_pretty(&bill).ok()?;
    text.push(b'\n');
    Some(text)
}

/// Returns what to say of a library whose licence is only in a file of this directory.
pub(crate) fn license_file(dir: &std::path::Path) -> Option<String> {
    let entries = std::fs::read_dir(dir).ok()?.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
    let mut names: Vec<String> =
        entries.filter(|name| FILES.iter().any(|start| name.to_uppercase().starts_with(start))).collect();
    names.sort();
    (!names.is_empty()).then(|| format!("see {}", names.join(", ")))
}

/// Returns whether a text has the form of an SPDX expression: identifiers between `AND`, `OR` and `WITH`.
fn is_expression(text: &str) -> bool {
    let spaced = text.replace('(', " ( ").replace(')', " ) ");
    let (mut depth, mut wants_id) = (0_i32, true);
    for word in spaced.split_whitespace() {
        match word {
            "(" if wants_id => depth += 1,
            ")" if !wants_id && depth > 0 => depth -= 1,
            "AND" | "OR" | "WITH" => match wants_id {
                true => return false,
                false => wants_id = true,
            },
            id if wants_id && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-+:".contains(&byte)) => {
                wants_id = false;
            }
            _ => return false,
        }
    }
    depth == 0 && !wants_id
}

#[cfg(test)]
mod tests {
    use super::{Library, Origin, bill_of_materials, is_expression, license_file};
    use serde_json::{Value, json};

    #[test]
    fn the_bill_of_materials_lists_each_library_once_in_a_fixed_order() {
        let zod = Library::new(Origin::Npm, "@scope/zod", Some("4.2.0"), Some("MIT"));
        let libraries = [
            zod.clone(),
            Library::new(Origin::Generic, "quickjs-ng", None, Some("MIT OR Apache-2.0")),
            zod,
            Library::new(Origin::PyPi, "Beautiful_Soup", Some("1+a"), Some("MIT License")),
            Library::new(Origin::Golang, "example.com/m", Some("v1.0.0"), Some("UNKNOWN")),
        ];
        let bill: Value = serde_json::from_slice(&bill_of_materials(&libraries).expect("a bill")).expect("JSON");
        assert_eq!((&bill["bomFormat"], &bill["specVersion"]), (&json!("CycloneDX"), &json!("1.5")));
        let expected = json!([
            { "type": "library", "name": "quickjs-ng", "licenses": [{ "expression": "MIT OR Apache-2.0" }] },
            { "type": "library", "name": "example.com/m", "version": "v1.0.0", "licenses": [], "purl": "pkg:golang/example.com/m@v1.0.0" },
            { "type": "library", "name": "@scope/zod", "version": "4.2.0", "licenses": [{ "expression": "MIT" }], "purl": "pkg:npm/%40scope/zod@4.2.0" },
            { "type": "library", "name": "Beautiful_Soup", "version": "1+a", "licenses": [{ "license": { "name": "MIT License" } }], "purl": "pkg:pypi/beautiful-soup@1%2Ba" },
        ]);
        assert_eq!(bill["components"], expected);
        assert_eq!(bill_of_materials(&[]), None);
    }

    #[test]
    fn an_expression_is_told_from_other_words() {
        for text in ["MIT", "Apache-2.0 WITH LLVM-exception", "(MIT OR Apache-2.0) AND Unicode-3.0", "LGPL-2.1+"] {
            assert!(is_expression(text), "{text}");
        }
        for text in [
            "",
            "MIT License",
            "SEE LICENSE IN x.txt",
            "MIT OR",
            "(MIT",
            "MIT)",
            "AND",
            "MIT/Apache-2.0",
            "see LICENSE",
        ] {
            assert!(!is_expression(text), "{text}");
        }
    }

    #[test]
    fn files_with_licences_are_named() {
        let dir = tempfile::tempdir().expect("a directory");
        assert_eq!(license_file(dir.path()), None);
        for name in ["license-MIT", "LICENSE-APACHE", "README"] {
            std::fs::write(dir.path().join(name), "").expect("written");
        }
        assert_eq!(license_file(dir.path()).as_deref(), Some("see LICENSE-APACHE, license-MIT"));
        assert_eq!(license_file(&dir.path().join("none")), None);
    }
}
