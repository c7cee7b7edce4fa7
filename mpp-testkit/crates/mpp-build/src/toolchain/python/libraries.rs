//! The installed packages that a Python project imports, with their licences.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::libraries::{Library, Origin, license_file};

/// An installed distribution.
struct Distribution {
    library: Library,
    /// The modules that it contains.
    modules: BTreeSet<String>,
    /// The names of the distributions that it needs.
    needs: Vec<String>,
}

/// Returns the distributions that these sources import, and those that they need in turn.
pub(super) fn imported(sources: &[PathBuf], site_packages: &[PathBuf]) -> Vec<Library> {
    let installed: BTreeMap<String, Distribution> = site_packages.iter().flat_map(|dir| distributions(dir)).collect();
    let mut found = BTreeSet::new();
    let mut waiting: Vec<&str> = Vec::new();
    for path in sources.iter().filter(|path| path.extension().is_some_and(|ending| ending == "py")) {
        let text = std::fs::read_to_string(path).unwrap_or_default();
        for module in text.lines().flat_map(modules_of) {
            let owner = installed.iter().find(|(_, distribution)| distribution.modules.contains(module));
            waiting.extend(owner.map(|(name, _)| name.as_str()));
        }
    }
    while let Some(name) = waiting.pop() {
        if let Some(distribution) = installed.get(name)
            && found.insert(name)
        {
            waiting.extend(distribution.needs.iter().map(String::as_str));
        }
    }
    found.into_iter().filter_map(|name| installed.get(name)).map(|distribution| distribution.library.clone()).collect()
}

/// Returns the first parts of the names of the modules that a line imports.
fn modules_of(line: &str) -> impl Iterator<Item = &str> {
    let line = line.trim_start();
    let names = match (line.strip_prefix("import "), line.strip_prefix("from ")) {
        (Some(names), _) => names,
        (None, Some(rest)) => rest.split(" import ").next().unwrap_or_default(),
        (None, None) => "",
    };
    let first =
        |name: &'_ str| -> usize { name.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(name.len()) };
    names.split(',').map(str::trim_start).map(move |name| &name[..first(name)]).filter(|name| !name.is_empty())
}

/// Returns what is installed in a directory, by normalized name.
fn distributions(site_packages: &Path) -> Vec<(String, Distribution)> {
    let entries = std::fs::read_dir(site_packages).into_iter().flatten().flatten().map(|entry| entry.path());
    let infos = entries.filter(|path| path.extension().is_some_and(|ending| ending == "dist-info"));
    infos.filter_map(|info| read(&info)).collect()
}

fn read(info: &Path) -> Option<(String, Distribution)> {
    let metadata = std::fs::read_to_string(info.join("METADATA")).ok()?;
    // The headers end at the first empty line; the description follows.
    let headers: Vec<(&str, &str)> =
        metadata.lines().take_while(|line| !line.is_empty()).filter_map(|line| line.split_once(": ")).collect();
    let first = |key: &str| headers.iter().find(|(name, _)| *name == key).map(|(_, value)| *value);
    let name = first("Name")?;
    // `License` may be a whole text, of which this is the first line.
    let stated = first("License-Expression").or_else(|| first("License").filter(|text| text.len() <= 64));
    let classified = headers.iter().find_map(|(key, value)| {
        let words = value.strip_prefix("License :: ").filter(|_| *key == "Classifier")?;
        words.rsplit(" :: ").next()
    });
    let license = stated.or(classified).map(str::to_owned).or_else(|| license_file(info));
    let needs = headers.iter().filter(|(key, value)| *key == "Requires-Dist" && !value.contains("extra =="));
    let needs = needs.map(|(_, value)| {
        let end = value.find(|c: char| !(c.is_alphanumeric() || "-_.".contains(c))).unwrap_or(value.len());
        normalized(&value[..end])
    });
    let record = std::fs::read_to_string(info.join("RECORD")).unwrap_or_default();
    let modules = record.lines().filter_map(|line| {
        let path = line.split(',').next()?;
        match path.split_once('/') {
            Some((module, _)) => Some(module),
            None => path.strip_suffix(".py"),
        }
    });
    let modules = modules.filter(|module| !module.contains('.')).map(str::to_owned).collect();
    let library = Library::new(Origin::PyPi, name, first("Version"), license.as_deref());
    Some((normalized(name), Distribution { library, modules, needs: needs.collect() }))
}

/// Returns the name by which a distribution is compared: `a-b` for `A_B`.
fn normalized(name: &str) -> String {
    name.to_lowercase().replace(['_', '.'], "-")
}

#[cfg(test)]
mod tests {
    use super::{imported, modules_of};
    use crate::libraries::{Library, Origin};

    #[test]
    fn imports_are_read_from_lines() {
        let of = |line| modules_of(line).collect::<Vec<_>>();
        assert_eq!(of("import a.b, c as d  # e"), ["a", "c"]);
        assert_eq!(of("    from x_1.y import z"), ["x_1"]);
        assert!(of("from . import z").is_empty() && of("important = 1").is_empty());
    }

    #[test]
    fn packages_are_those_that_are_imported_and_what_they_need() {
        let dir = tempfile::tempdir().expect("a directory");
        let write = |name: &str, text: &str| {
            let path = dir.path().join(name);
            std::fs::create_dir_all(path.parent().expect("a parent")).expect("made");
            std::fs::write(&path, text).expect("written");
            path
        };
        let info = |name: &str, metadata: &str, record: &str| {
            write(&format!("site/{name}.dist-info/METADATA"), metadata);
            write(&format!("site/{name}.dist-info/RECORD"), record);
        };
        let soup = "Name: beautifulsoup4\nVersion: 4.14\nLicense-Expression: MIT\nRequires-Dist: soup_sieve>=1.6\nRequires-Dist: lxml; extra == \"lxml\"\n\nLicense: no\n";
        info("beautifulsoup4-4.14", soup, "bs4/__init__.py,,\nbeautifulsoup4-4.14.dist-info/METADATA,,\n");
        info(
            "soupsieve-2",
            "Name: Soup.Sieve\nVersion: 2\nClassifier: License :: OSI Approved :: MIT License\n",
            "soupsieve/a.py,,\n",
        );
        info("lxml-5", "Name: lxml\nVersion: 5\nLicense: BSD-3-Clause\n", "lxml/__init__.py,,\n");
        info("six-1", "Name: six\nVersion: 1\n", "six.py,,\n");
        write("site/six-1.dist-info/LICENSE", "");
        let main = write("main.py", "import os, six\ndef f():\n    from bs4.element import Tag\n");
        let found = imported(&[main, dir.path().join("data.txt")], &[dir.path().join("site")]);
        let library = |name, version, license| Library::new(Origin::PyPi, name, Some(version), Some(license));
        assert_eq!(
            found,
            [
                library("beautifulsoup4", "4.14", "MIT"),
                library("six", "1", "see LICENSE"),
                library("Soup.Sieve", "2", "MIT License")
            ]
        );
    }
}
