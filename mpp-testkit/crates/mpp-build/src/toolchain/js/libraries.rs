//! The packages of npm whose files are in a bundle.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::package::FILE;
use crate::libraries::{Library, Origin, license_file};

/// Returns the packages to which the inputs of a bundle belong. `metafile` is esbuild's list of the inputs, relative to `dir`, which is
/// the directory of the project.
pub(super) fn of_bundle(metafile: &[u8], dir: &Path) -> Vec<Library> {
    let listed: Value = serde_json::from_slice(metafile).unwrap_or_default();
    let inputs = listed.get("inputs").and_then(Value::as_object).into_iter().flat_map(serde_json::Map::keys);
    let own = dir.canonicalize().unwrap_or_else(|_| dir.to_owned());
    let packages: BTreeSet<PathBuf> = inputs.filter_map(|input| package_of(&own.join(input), &own)).collect();
    packages.iter().filter_map(|package| read(package)).collect()
}

/// Returns the directory of the package to which a file belongs; `None` if it is the project's own.
fn package_of(file: &Path, own: &Path) -> Option<PathBuf> {
    let file = file.canonicalize().ok()?;
    let above = file.ancestors().skip(1).take_while(|dir| *dir != own);
    above.filter(|dir| read(dir).is_some()).map(Path::to_owned).next()
}

/// Reads the name and the licence of a package; `None` if the directory contains none. Packages contain further files of this name, which
/// only state a type.
pub(super) fn read(dir: &Path) -> Option<Library> {
    let package: Value = serde_json::from_slice(&std::fs::read(dir.join(FILE)).ok()?).ok()?;
    let text = |key: &str| package.get(key).and_then(Value::as_str);
    let (name, version) = (text("name")?, text("version")?);
    // Old packages have an object, or a list of them.
    let old = ["/license/type", "/licenses/0/type"].iter().find_map(|at| package.pointer(at)).and_then(Value::as_str);
    let license = text("license").or(old).map(str::to_owned).or_else(|| license_file(dir));
    Some(Library::new(Origin::Npm, name, Some(version), license.as_deref()))
}

#[cfg(test)]
mod tests {
    use super::of_bundle;
    use crate::libraries::{Library, Origin};

    #[test]
    fn inputs_belong_to_the_nearest_package_with_a_name() {
        let dir = tempfile::tempdir().expect("a directory");
        let write = |name: &str, text: &str| {
            let path = dir.path().join(name);
            std::fs::create_dir_all(path.parent().expect("a parent")).expect("made");
            std::fs::write(path, text).expect("written");
        };
        write("p/package.json", r#"{"name": "p", "version": "1.0.0"}"#);
        write("p/src/tool.ts", "");
        write("p/node_modules/zod/package.json", r#"{"name": "zod", "version": "4.2.0", "license": "MIT"}"#);
        write("p/node_modules/zod/v4/package.json", r#"{"type": "module"}"#);
        write("p/node_modules/zod/v4/index.js", "");
        write(
            "node_modules/@a/old/package.json",
            r#"{"name": "@a/old", "version": "0.1.0", "licenses": [{"type": "ISC"}]}"#,
        );
        write("node_modules/@a/old/index.js", "");
        write("sdk/package.json", r#"{"name": "sdk", "version": "2.0.0"}"#);
        write("sdk/COPYING", "");
        write("sdk/src/index.js", "");
        let inputs = [
            "src/tool.ts",
            "node_modules/zod/v4/index.js",
            "../node_modules/@a/old/index.js",
            "../sdk/src/index.js",
            "<define:x>",
            "src/none.ts",
        ];
        let inputs: serde_json::Map<_, _> =
            inputs.iter().map(|name| ((*name).to_owned(), serde_json::json!({}))).collect();
        let metafile = serde_json::json!({ "inputs": inputs }).to_string();
        let mut found = of_bundle(metafile.as_bytes(), &dir.path().join("p"));
        found.sort();
        let library = |name, version, license| Library::new(Origin::Npm, name, Some(version), Some(license));
        assert_eq!(
            found,
            [library("@a/old", "0.1.0", "ISC"), library("sdk", "2.0.0", "see COPYING"), library("zod", "4.2.0", "MIT")]
        );
        assert!(of_bundle(b"", dir.path()).is_empty());
    }
}
