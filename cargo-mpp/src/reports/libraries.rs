//! The libraries in a package, from its bill of materials.

use mpp_build::SBOM_ENTRY;
use mpp_host::gatekeeper::VerifiedPackage;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

/// A library that the module contains, as the publisher claims.
#[derive(Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct ListedLibrary {
    /// Name of the library.
    pub(crate) name: String,
    /// Its version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) version: Option<String>,
    /// Its licence: an SPDX expression, or other words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) license: Option<String>,
}

/// Returns the libraries that the bill of materials of a package lists; none if it has no bill, or one in another format.
pub(crate) fn of(package: &VerifiedPackage) -> Vec<ListedLibrary> {
    package.entry(SBOM_ENTRY).map(read).unwrap_or_default()
}

fn read(bill: &[u8]) -> Vec<ListedLibrary> {
    let bill: Value = serde_json::from_slice(bill).unwrap_or_default();
    let components = bill.get("components").and_then(Value::as_array);
    components.into_iter().flatten().filter_map(library).collect()
}

fn library(component: &Value) -> Option<ListedLibrary> {
    let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
    let licenses = component.get("licenses").and_then(Value::as_array).into_iter().flatten();
    let named =
        |choice: &Value| ["/expression", "/license/id", "/license/name"].iter().find_map(|at| text(choice.pointer(at)));
    let names: Vec<String> = licenses.filter_map(named).collect();
    Some(ListedLibrary {
        name: text(component.get("name"))?,
        version: text(component.get("version")),
        license: (!names.is_empty()).then(|| names.join(", ")),
    })
}

#[cfg(test)]
mod tests {
    use super::{ListedLibrary, read};

    #[test]
    fn each_form_of_a_licence_is_read_and_anything_else_is_no_library() {
        let bill = serde_json::json!({ "components": [
            { "name": "a", "version": "1", "licenses": [{ "license": { "id": "MIT" } }, { "license": { "name": "see COPYING" } }] },
            { "name": "b", "licenses": [{ "expression": "MIT OR Apache-2.0" }] },
            { "version": "1" },
            { "name": "c", "licenses": "MIT" },
        ] });
        let library = |name: &str, version: Option<&str>, license: Option<&str>| ListedLibrary {
            name: name.to_owned(),
            version: version.map(str::to_owned),
            license: license.map(str::to_owned),
        };
        let expected = [
            library("a", Some("1"), Some("MIT, see COPYING")),
            library("b", None, Some("MIT OR Apache-2.0")),
            library("c", None, None),
        ];
        assert_eq!(read(bill.to_string().as_bytes()), expected);
        assert!(read(b"{").is_empty() && read(b"[]").is_empty());
    }
}
