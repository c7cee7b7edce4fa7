//! The SDK's crates inside a new project: their sources, and manifests that do not need a workspace.

use std::collections::BTreeSet;

use toml::{Table, Value};

use super::embedded::{CRATES, LICENSES, WORKSPACE};

/// The directory of the crates in a project.
pub(super) const DIR: &str = "vendor/mpp";

/// A vendored crate and its manifest.
pub(super) struct Crate {
    pub(super) name: &'static str,
    pub(super) manifest: Table,
}

impl Crate {
    /// Returns whether `dependency` depends on `optional` only because of a feature of this crate that is off by default, such
    /// as `chrono = ["schemars?/chrono04"]`.
    pub(super) fn turns_off(&self, dependency: &str, optional: &str) -> bool {
        let features = table(&self.manifest, "features");
        let parts =
            |name: &str| features.get(name).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
        let mut on = vec!["default"];
        let mut next = 0;
        while let Some(name) = on.get(next).copied() {
            on.extend(
                parts(name).filter(|part| features.contains_key(*part) && !on.contains(part)).collect::<Vec<_>>(),
            );
            next += 1;
        }
        let names = |part: &str| {
            let Some((of, feature)) = part.split_once('/') else { return false };
            of.trim_end_matches('?') == dependency && feature.trim_end_matches(|c: char| c.is_ascii_digit()) == optional
        };
        features.keys().any(|name| !on.contains(&name.as_str()) && parts(name).any(names))
    }
}

/// Returns all vendored crates, with manifests that inherit nothing from a workspace.
pub(super) fn crates() -> Result<Vec<Crate>, toml::de::Error> {
    let root: Table = WORKSPACE.parse()?;
    let workspace = table(&root, "workspace");
    CRATES
        .iter()
        .map(|(name, manifest, _)| Ok(Crate { name, manifest: stand_alone(manifest.parse()?, workspace) }))
        .collect()
}

/// Returns the path in the project and the text of every vendored file.
pub(super) fn files(crates: &[Crate]) -> Vec<(String, String)> {
    let mut files: Vec<(String, String)> =
        LICENSES.iter().map(|(name, text)| (format!("{DIR}/{name}"), (*text).to_owned())).collect();
    files.push((format!("{DIR}/README.md"), README.to_owned()));
    for krate in crates {
        let text = format!("# Written by `cargo mpp new`.\n{}", krate.manifest);
        files.push((format!("{DIR}/{}/Cargo.toml", krate.name), text));
    }
    for (name, _, sources) in CRATES {
        files.extend(sources.iter().map(|(path, text)| (format!("{DIR}/{name}/{path}"), (*text).to_owned())));
    }
    files
}

const README: &str = "# The SDK of MPP\n\nThe crates that this project needs from the SDK, copied by `cargo mpp new` because they are not on crates.io yet.\nThey are inside the project so that it builds anywhere, to the same bytes. Commit them; do not edit them.\n";

/// Returns the package names of all dependencies of `manifest`, also of renamed ones.
pub(super) fn linked(manifest: &Table) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for_each_dependency_table(manifest, &mut |dependencies| {
        for (name, spec) in dependencies {
            names.insert(spec.get("package").and_then(Value::as_str).unwrap_or(name).to_owned());
        }
    });
    names
}

fn stand_alone(mut manifest: Table, workspace: &Table) -> Table {
    for key in ["dev-dependencies", "lints", "bench", "test", "example"] {
        manifest.remove(key);
    }
    if let Some(Value::Table(package)) = manifest.get_mut("package") {
        let shared = table(workspace, "package");
        for (key, value) in package.iter_mut() {
            if inherits(value)
                && let Some(shared) = shared.get(key)
            {
                *value = shared.clone();
            }
        }
        // A vendored crate is never published, so that it does not need the fields that only a registry reads.
        for key in ["readme", "keywords", "categories", "include", "metadata"] {
            package.remove(key);
        }
        package.insert("publish".to_owned(), Value::Boolean(false));
    }
    let shared = table(workspace, "dependencies");
    for_each_dependency_table_mut(&mut manifest, &mut |dependencies| {
        for (name, spec) in dependencies.iter_mut() {
            if inherits(spec)
                && let Some(shared) = shared.get(name)
            {
                *spec = joined(shared, spec);
            }
            if let Some(Value::String(path)) = spec.get_mut("path") {
                *path = format!("../{name}");
            }
        }
    });
    manifest
}

fn inherits(value: &Value) -> bool {
    value.get("workspace").and_then(Value::as_bool) == Some(true)
}

/// Resolves `{ workspace = true, … }`: returns the workspace's entry with the member's features added.
fn joined(shared: &Value, own: &Value) -> Value {
    let mut out = match shared {
        Value::Table(table) => table.clone(),
        version => Table::from_iter([("version".to_owned(), version.clone())]),
    };
    for (key, value) in own.as_table().into_iter().flatten().filter(|(key, _)| *key != "workspace") {
        match (out.get_mut(key), value) {
            (Some(Value::Array(features)), Value::Array(more)) if key == "features" => features.extend(more.clone()),
            _ => drop(out.insert(key.clone(), value.clone())),
        }
    }
    Value::Table(out)
}

const KINDS: [&str; 2] = ["dependencies", "build-dependencies"];

fn for_each_dependency_table(manifest: &Table, visit: &mut dyn FnMut(&Table)) {
    let targets = table(manifest, "target").values().filter_map(Value::as_table);
    for place in std::iter::once(manifest).chain(targets) {
        KINDS.iter().for_each(|kind| visit(table(place, kind)));
    }
}

fn for_each_dependency_table_mut(manifest: &mut Table, visit: &mut dyn FnMut(&mut Table)) {
    for kind in KINDS {
        if let Some(Value::Table(dependencies)) = manifest.get_mut(kind) {
            visit(dependencies);
        }
    }
    if let Some(Value::Table(targets)) = manifest.get_mut("target") {
        for (_, target) in targets.iter_mut() {
            if let Value::Table(target) = target {
                target.remove("dev-dependencies");
                for_each_dependency_table_mut(target, visit);
            }
        }
    }
}

/// Returns the table at `key`, or an empty one.
fn table<'a>(parent: &'a Table, key: &str) -> &'a Table {
    static EMPTY: std::sync::LazyLock<Table> = std::sync::LazyLock::new(Table::new);
    parent.get(key).and_then(Value::as_table).unwrap_or(&EMPTY)
}

#[cfg(test)]
mod tests {
    use super::{Table, crates, stand_alone};

    #[test]
    fn embedded_manifests_do_not_need_the_workspace() {
        let workspace: Table = r#"
            [package]
            version = "0.1.0"
            [dependencies]
            serde = { version = "1", features = ["derive"] }
            semver = "1"
            mpp-host = { path = "mpp-testkit/crates/mpp-host", version = "0.1.0", default-features = false }
        "#
        .parse()
        .expect("workspace");
        let manifest: Table = r#"
            [package]
            name = "a"
            version.workspace = true
            [lints]
            workspace = true
            [[bench]]
            name = "speed"
            [dependencies]
            serde = { workspace = true, features = ["rc"], optional = true }
            semver.workspace = true
            mpp-host = { workspace = true, features = ["sandbox"] }
            [target.'cfg(unix)'.dependencies]
            semver.workspace = true
            [dev-dependencies]
            semver.workspace = true
        "#
        .parse()
        .expect("manifest");
        let expected: Table = r#"
            [package]
            name = "a"
            version = "0.1.0"
            publish = false
            [dependencies]
            serde = { version = "1", features = ["derive", "rc"], optional = true }
            semver = { version = "1" }
            mpp-host = { path = "../mpp-host", version = "0.1.0", default-features = false, features = ["sandbox"] }
            [target.'cfg(unix)'.dependencies]
            semver = { version = "1" }
        "#
        .parse()
        .expect("expected");
        assert_eq!(stand_alone(manifest, &workspace), expected);
    }

    #[test]
    fn embedded_manifests_inherit_nothing_from_the_workspace() {
        for krate in crates().expect("manifests") {
            assert!(!krate.manifest.to_string().contains("workspace = true"), "{}", krate.name);
        }
    }
}
