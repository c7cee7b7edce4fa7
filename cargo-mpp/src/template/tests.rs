//! Creates a project from every template and checks its files. An integration test builds and runs the projects.

#![allow(clippy::panic, reason = "a test stops at the first surprise")]

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use toml::{Table, Value};

use super::{Language, NewProject, PLACEHOLDER, TEMPLATES, embedded, new_project};
use mpp_host::codes::Coded as _;

fn request(path: &Path, template: Option<&str>) -> NewProject {
    NewProject { path: path.to_owned(), name: None, template: template.map(str::to_owned), port: None }
}

/// Returns every dependency in a lock file: `PACKAGE VERSION -> PACKAGE VERSION`.
fn dependencies(lock: &str) -> BTreeSet<String> {
    let lock: Table = lock.parse().expect("a lock file");
    let packages = lock["package"].as_array().expect("packages");
    let named = |package: &Value| {
        format!("{} {}", package["name"].as_str().expect("a name"), package["version"].as_str().expect("a version"))
    };
    let find = |dependency: &str| {
        let mut words = dependency.split(' ');
        let (name, version) = (words.next(), words.next());
        let is_meant = |package: &&Value| {
            package["name"].as_str() == name
                && version.is_none_or(|version| package["version"].as_str() == Some(version))
        };
        named(packages.iter().find(is_meant).expect("a package"))
    };
    let of = |package: &Value| -> Vec<String> {
        let listed = package.get("dependencies").and_then(Value::as_array).into_iter().flatten();
        listed.map(|dependency| format!("{} -> {}", named(package), find(dependency.as_str().expect("text")))).collect()
    };
    packages.iter().flat_map(of).collect()
}

/// Returns what cargo changed in a lock file.
fn changes(before: &str, after: &str) -> Vec<String> {
    let (before, after) = (dependencies(before), dependencies(after));
    let removed = before.difference(&after).map(|dependency| format!("removed: {dependency}"));
    removed.chain(after.difference(&before).map(|dependency| format!("added: {dependency}"))).collect()
}

/// Corrects the list of dependencies that new projects do not need, by what cargo changed in the lock file of one.
fn bless(before: &str, after: &str) {
    let (before, after) = (dependencies(before), dependencies(after));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/template/not_needed.txt");
    let mut list: BTreeSet<String> = std::fs::read_to_string(&path).expect("read").lines().map(str::to_owned).collect();
    let gone = |dependency: &String| {
        // A package that cargo removes has no dependencies of its own to be listed.
        let package = dependency.split(" -> ").next().expect("a package");
        after
            .iter()
            .any(|kept| kept.starts_with(&format!("{package} -> ")) || kept.ends_with(&format!(" -> {package}")))
    };
    list.extend(before.difference(&after).filter(|dependency| gone(dependency)).cloned());
    list.retain(|dependency| !after.contains(dependency));
    std::fs::write(path, list.into_iter().map(|line| line + "\n").collect::<String>()).expect("written");
}

fn entries(dir: &Path) -> Vec<String> {
    dir.read_dir().expect("read").map(|e| e.expect("entry").file_name().to_string_lossy().into_owned()).collect()
}

#[test]
fn the_list_of_templates_matches_the_embedded_ones() {
    let mut embedded: Vec<_> = embedded::TEMPLATES.iter().map(|(name, _)| *name).collect();
    let mut listed: Vec<_> = TEMPLATES.iter().map(|template| template.name).collect();
    embedded.sort_unstable();
    listed.sort_unstable();
    assert_eq!(embedded, listed);
}

/// The links below `embedded/` are created by hand. This test names the ones that are missing.
#[test]
fn everything_that_a_project_needs_is_embedded() {
    let templates = Path::new(env!("CARGO_MANIFEST_DIR")).join("../templates");
    let names: Vec<&str> = embedded::TEMPLATES.iter().map(|(name, _)| *name).collect();
    let mut dirs = entries(&templates);
    dirs.sort();
    assert_eq!(dirs, names, "cargo-mpp/embedded/templates does not list the directories of templates/");
    for (template, files) in embedded::TEMPLATES {
        for entry in
            entries(&templates.join(template)).iter().filter(|e| !["target", "Cargo.lock"].contains(&e.as_str()))
        {
            let is_embedded = files.iter().any(|(path, _)| path.split('/').next() == Some(entry));
            assert!(is_embedded, "cargo-mpp/embedded/templates/{template} has no link to `{entry}`");
        }
    }
    let root: Table = embedded::WORKSPACE.parse().expect("workspace");
    let shared = &root["workspace"]["dependencies"];
    for (name, manifest, sources) in embedded::CRATES {
        assert!(sources.iter().any(|(path, _)| *path == "src/lib.rs"), "{name} has no library");
        for linked in super::vendor::linked(&manifest.parse().expect(name)) {
            let is_ours = shared.get(&linked).is_some_and(|entry| entry.get("path").is_some());
            let is_embedded = embedded::CRATES.iter().any(|(name, ..)| *name == linked);
            assert!(!is_ours || is_embedded, "cargo-mpp/embedded/crates has no `{linked}`, which `{name}` needs");
        }
    }
}

#[test]
fn a_new_project_is_complete_and_uses_the_locked_versions() {
    for template in TEMPLATES.iter().filter(|template| template.language == Language::Rust) {
        let temp = tempfile::tempdir().expect("temp dir");
        let dir = temp.path().join("deep/greeter");
        let created = new_project(&request(&dir, Some(template.name))).expect(template.name);
        assert_eq!(created.name, "greeter");
        for file in
            ["Cargo.toml", "Cargo.lock", "README.md", ".gitignore", ".cargo/config.toml", "src/main.rs", "src/tests.rs"]
        {
            assert!(dir.join(file).is_file(), "{file}");
            assert!(created.files.contains(&file.into()), "{file} is not listed");
            let text = std::fs::read_to_string(dir.join(file)).expect("read");
            assert!(!text.contains(PLACEHOLDER), "{file} still says {PLACEHOLDER}");
        }
        assert!(dir.join("vendor/mpp/mpp-host/src/lib.rs").is_file());
        assert_eq!(entries(&temp.path().join("deep")), ["greeter"], "nothing else is left");
        let lock = || std::fs::read_to_string(dir.join("Cargo.lock")).expect("read");
        let before = lock();
        let output = Command::new(env!("CARGO"))
            .args(["tree", "--offline", "--quiet"])
            .current_dir(&dir)
            .output()
            .expect("cargo");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "cargo warns of nothing");
        let after = lock();
        if std::env::var_os("MPP_BLESS").is_some() {
            bless(&before, &after);
        } else {
            assert_eq!(changes(&before, &after), Vec::<String>::new(), "`cargo xtask gen` corrects the list");
            assert_eq!(before, after, "cargo writes the file in another way");
        }
    }
}

#[test]
fn a_project_in_another_language_contains_the_sdk_of_its_language() {
    for template in TEMPLATES {
        let Language::Other { sdk, dir: place, .. } = template.language else { continue };
        let temp = tempfile::tempdir().expect("temp dir");
        let dir = temp.path().join("greeter");
        let created = new_project(&request(&dir, Some(template.name))).expect(template.name);
        for file in &created.files {
            let text = std::fs::read_to_string(dir.join(file)).expect("read");
            assert!(!text.contains(PLACEHOLDER), "{} still says {PLACEHOLDER}", file.display());
        }
        assert!(created.files.contains(&"manifest.json".into()), "{:?}", created.files);
        let (_, sources) = embedded::LANGUAGES.iter().find(|(name, _)| *name == sdk).expect("an SDK");
        assert!(sources.len() > 2, "{sdk} is empty");
        for (path, text) in *sources {
            assert_eq!(std::fs::read_to_string(dir.join(place).join(path)).expect("read"), *text);
            assert!(!path.contains("_test") && !path.contains("examples"), "{path} is not for authors");
        }
        assert!(dir.join(place).join("LICENSE-MIT").is_file());
        assert!(!dir.join("Cargo.toml").exists(), "{}", template.name);
    }
}

#[test]
fn templates_compile_dependencies_as_the_checkout_does() {
    let root: Table = embedded::WORKSPACE.parse().expect("workspace");
    for template in TEMPLATES.iter().filter(|template| template.language == Language::Rust) {
        let (template, files) = embedded::TEMPLATES.iter().find(|(name, _)| *name == template.name).expect("embedded");
        let (_, manifest) = files.iter().find(|(path, _)| *path == "Cargo.toml").expect("Cargo.toml");
        let manifest: Table = manifest.parse().expect("TOML");
        assert_eq!(manifest["profile"]["dev"], root["profile"]["dev"], "{template}");
        assert!(manifest["workspace"].as_table().is_some_and(Table::is_empty), "{template} is a workspace of its own");
    }
}

#[test]
fn an_existing_directory_is_filled_and_keeps_what_it_has() {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
    let temp = tempfile::tempdir().expect("temp dir");
    let dir = temp.path().join("greeter");
    for harmless in [".git", ".vscode"] {
        std::fs::create_dir_all(dir.join(harmless)).expect("mkdir");
    }
    for (name, text) in [(".git/HEAD", "ref"), ("README.md", "mine"), ("LICENSE", "mine"), (".gitignore", "mine")] {
        std::fs::write(dir.join(name), text).expect("write");
    }
    std::fs::set_permissions(&dir, std::fs::Permissions::from_mode(0o710)).expect("chmod");
    let before = std::fs::metadata(&dir).expect("metadata");
    // As after `cd greeter`: `.`, and the directory by way of its parent.
    let created = new_project(&request(&dir.join("../greeter/."), None)).expect("a directory with harmless files");
    let after = std::fs::metadata(&dir).expect("metadata");
    assert_eq!((after.ino(), after.mode()), (before.ino(), before.mode()), "it is the same directory");
    assert_eq!(created.name, "greeter");
    assert_eq!(created.kept, [Path::new(".gitignore"), Path::new("README.md")]);
    for (name, text) in [(".git/HEAD", "ref"), ("README.md", "mine"), ("LICENSE", "mine"), (".gitignore", "mine")] {
        assert_eq!(std::fs::read_to_string(dir.join(name)).expect("read"), text, "{name}");
    }
    for name in ["Cargo.toml", "src/main.rs", ".cargo/config.toml", "vendor/mpp/mpp-sdk/src/lib.rs"] {
        assert!(dir.join(name).is_file(), "{name}");
    }
    assert!(!entries(&dir).iter().any(|name| name.starts_with(".mpp-new")), "{:?}", entries(&dir));
}

#[test]
fn a_directory_with_anything_else_is_refused_and_left_alone() {
    let temp = tempfile::tempdir().expect("temp dir");
    let dir = temp.path().join("greeter");
    new_project(&request(&dir, None)).expect("a new directory");
    let before = std::fs::read(dir.join("Cargo.toml")).expect("read");
    let error = new_project(&request(&dir, Some("handler"))).expect_err("not empty");
    assert!(error.to_string().ends_with("is not empty: it contains `.cargo`"), "{error}");
    assert_eq!(std::fs::read(dir.join("Cargo.toml")).expect("read"), before);
    let file = temp.path().join("a-file");
    std::fs::write(&file, "mine").expect("write");
    let error = new_project(&request(&file, None)).expect_err("a file");
    assert!(error.to_string().ends_with("a-file` is not a directory"), "{error}");
    assert_eq!(std::fs::read(&file).expect("read"), b"mine");
}

#[cfg(unix)]
#[test]
fn a_failure_removes_only_what_was_made() {
    use super::place;
    let temp = tempfile::tempdir().expect("temp dir");
    // The last file cannot be written, because the file before it has the name of its directory.
    let files: Vec<(String, String)> =
        ["Cargo.toml", "src", "src/main.rs"].iter().map(|name| ((*name).to_owned(), "new".to_owned())).collect();
    place::create(&temp.path().join("a/b/greeter"), &files).expect_err("a file is in the way");
    assert_eq!(entries(temp.path()), Vec::<String>::new(), "the parents are gone, too");
    std::fs::write(temp.path().join("README.md"), "mine").expect("write");
    place::fill(temp.path(), &files).expect_err("a file is in the way");
    // The project is complete, but one of its files has appeared in the directory.
    let files = [("a.rs".to_owned(), "new".to_owned()), ("README.md".to_owned(), "new".to_owned())];
    place::fill(temp.path(), &files).expect_err("the file exists");
    assert_eq!(entries(temp.path()), ["README.md"]);
    assert_eq!(std::fs::read_to_string(temp.path().join("README.md")).expect("read"), "mine");
}

#[test]
fn a_project_can_have_the_name_of_one_of_its_dependencies() {
    let temp = tempfile::tempdir().expect("temp dir");
    for name in ["inventory", "quote", "url", "http", "log"] {
        let dir = temp.path().join(name);
        new_project(&request(&dir, None)).expect(name);
        let mut cargo = Command::new(env!("CARGO"));
        let lock = || std::fs::read_to_string(dir.join("Cargo.lock")).expect("read");
        let before = lock();
        let output = cargo.args(["tree", "--offline", "--quiet"]).current_dir(&dir).output().expect("cargo");
        assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(
            changes(&before, &lock()),
            Vec::<String>::new(),
            "{name}: cargo takes the versions as they are locked"
        );
    }
}

#[test]
fn an_invalid_name_or_template_creates_nothing() {
    let temp = tempfile::tempdir().expect("temp dir");
    let error = new_project(&request(&temp.path().join("My Tool"), None)).expect_err("a bad name");
    assert_eq!(error.help(), "call the directory `my-tool`, or choose the project's name with `--name my-tool`");
    let error = new_project(&request(&temp.path().join("fine"), Some("handlr"))).expect_err("no such template");
    assert_eq!(error.to_string(), "there is no template `handlr`; did you mean `handler`?");
    assert!(error.help().contains("`tool` (annotated functions"), "{}", error.help());
    assert_eq!(entries(temp.path()), Vec::<String>::new());
}

#[cfg(unix)]
#[test]
fn a_failed_write_leaves_no_files_behind() {
    let temp = tempfile::tempdir().expect("temp dir");
    let error = new_project(&request(Path::new("/proc/greeter"), None)).expect_err("no files can be made there");
    assert_eq!(error.code(), "MPP-B053");
    assert_eq!(entries(temp.path()), Vec::<String>::new());
}
