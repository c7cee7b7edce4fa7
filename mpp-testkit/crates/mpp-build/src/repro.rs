//! Checks that a build is reproducible: builds the sources a second time in another directory and compares the
//! packages.

use std::fs;
use std::path::{Path, PathBuf};

use mpp_host::Host;

use crate::author_flags::AuthorFlags;
use crate::build::{Built, build};
use crate::cargo::TARGET;
use crate::error::BuildError;
use crate::event::Event;
use crate::options::BuildOptions;
use crate::project::{Project, Source};
use crate::strip::sections;

/// The result of two builds in different directories that produced the same bytes.
#[derive(Debug)]
#[non_exhaustive]
pub struct Reproduced {
    /// The build in the project's directory.
    pub built: Built,
    /// The directory of the second build, which has been removed.
    pub copy: PathBuf,
}

/// Builds `project`, then a copy of its workspace in another directory with an empty target directory, and compares the
/// packages.
///
/// # Errors
/// The errors of [`build`]; [`BuildError::OutsideProject`] if a dependency lies outside the workspace;
/// [`BuildError::NotReproducible`], with the first difference, if the packages differ.
pub fn check_repro(
    project: &Project,
    options: &BuildOptions,
    host: &Host,
    events: &mut dyn FnMut(Event),
) -> Result<Reproduced, BuildError> {
    let root = match &project.source {
        Source::Cargo(package, _) => {
            for (dependency, path) in &package.path_dependencies {
                if !path.starts_with(&package.workspace_root) {
                    return Err(BuildError::OutsideProject {
                        package: package.package.clone(),
                        dependency: dependency.clone(),
                        path: path.clone(),
                    });
                }
            }
            package.workspace_root.as_path()
        }
        Source::Module(..) => project.dir(),
    };
    let built = build(project, options, host, events)?;
    let temp = tempfile::Builder::new().prefix("mpp-check-repro-").tempdir();
    let temp = temp.map_err(|source| BuildError::Write { path: std::env::temp_dir(), source })?;
    // The depth and length of this path are unusual, so that any path that ends up in the package shows as a
    // difference.
    let copy = temp.path().join("another/place/for-the-same-sources");
    copy_tree(root, &copy)?;
    events(Event::BuildingCopy { dir: copy.clone() });
    let inside = project.dir().strip_prefix(root).unwrap_or(Path::new(""));
    let again = match &project.source {
        Source::Cargo(package, _) => Project::find_package(&copy.join(inside), &package.package)?,
        Source::Module(..) => Project::find(&copy)?,
    };
    let author_flags = match &project.source {
        // The copy is elsewhere, where cargo may find another configuration.
        Source::Cargo(package, _) => Some(AuthorFlags::of(&package.dir, TARGET)),
        Source::Module(..) => None,
    };
    let options = BuildOptions { target_dir: Some(temp.path().join("target")), author_flags, ..options.clone() };
    let second = build(&again, &options, host, events)?;
    if built.unsigned.content_hash() == second.unsigned.content_hash() {
        return Ok(Reproduced { built, copy });
    }
    let difference = difference(&built, &second);
    Err(BuildError::NotReproducible { name: project.name().to_owned(), dir: copy, difference })
}

/// Copies all files except build output, version control data and packages. Symbolic links within the tree stay links, as tool chains may
/// tell a link from what it leads to; others are followed.
fn copy_tree(from: &Path, to: &Path) -> Result<(), BuildError> {
    let root = from.canonicalize().map_err(|source| BuildError::Read { path: from.to_owned(), source })?;
    copy_dir(&root, from, to)
}

fn copy_dir(root: &Path, from: &Path, to: &Path) -> Result<(), BuildError> {
    let unreadable = |source| BuildError::Read { path: from.to_owned(), source };
    fs::create_dir_all(to).map_err(|source| BuildError::Write { path: to.to_owned(), source })?;
    for entry in fs::read_dir(from).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let Some(name) = path.file_name() else { continue };
        let target = to.join(name);
        let skipped =
            name == ".git" || path.extension().is_some_and(|ext| ext == "mpp") || path.join("CACHEDIR.TAG").is_file();
        if skipped {
            continue;
        }
        if let Some(link) = link_within(root, &path) {
            copy_link(&link, &target).map_err(|source| BuildError::Write { path: target, source })?;
        } else if path.is_dir() {
            copy_dir(root, &path, &target)?;
        } else if path.is_file() {
            fs::copy(&path, &target).map_err(|source| BuildError::Write { path: target, source })?;
        }
    }
    Ok(())
}

/// Returns where a symbolic link leads to, if that is a relative path to something below `root`.
fn link_within(root: &Path, path: &Path) -> Option<PathBuf> {
    let link = fs::read_link(path).ok()?;
    let leads_inside = link.is_relative() && path.canonicalize().is_ok_and(|real| real.starts_with(root));
    (leads_inside && cfg!(unix)).then_some(link)
}

fn copy_link(link: &Path, to: &Path) -> std::io::Result<()> {
    #[cfg(unix)]
    return std::os::unix::fs::symlink(link, to);
    #[cfg(not(unix))]
    {
        let _ = (link, to);
        Ok(())
    }
}

fn difference(first: &Built, second: &Built) -> String {
    let (a, b) = (first.manifest().to_json(), second.manifest().to_json());
    if a != b {
        let line = a.split(|c| *c == b'\n').zip(b.split(|c| *c == b'\n')).find(|(a, b)| a != b);
        let (a, b) = line.unwrap_or_default();
        let (a, b) = (String::from_utf8_lossy(a), String::from_utf8_lossy(b));
        return format!("`manifest.json` has `{}` in the first build and `{}` in the second", a.trim(), b.trim());
    }
    let (a, b) = (&first.module, &second.module);
    if a != b {
        return module_difference(a, b);
    }
    "an asset changed between the two builds".to_owned()
}

/// Describes the first difference between two modules: section, offset and, for the data section, the surrounding text.
///
/// A difference in the data section is preferred, because its text (a path, a time) usually shows the cause.
pub(crate) fn module_difference(a: &[u8], b: &[u8]) -> String {
    let (left, right) = (sections(a), sections(b));
    let mut first = None;
    for (index, (name, range)) in left.iter().enumerate() {
        let Some((_, other)) = right.get(index).filter(|(other, _)| other == name) else {
            return format!("the section `{name}` of the module exists in the first build only");
        };
        let (x, y) = (a.get(range.clone()).unwrap_or_default(), b.get(other.clone()).unwrap_or_default());
        if x == y {
            continue;
        }
        let at = x.iter().zip(y).position(|(x, y)| x != y).unwrap_or(x.len().min(y.len()));
        let sizes = if x.len() == y.len() { String::new() } else { format!(" ({} and {} bytes)", x.len(), y.len()) };
        let said = format!("the module's {name} section differs first at byte {at}{sizes}");
        if name == "data" {
            return said + &text_around(x, at);
        }
        first.get_or_insert(said);
    }
    first.unwrap_or_else(|| "the sections of the module are equal, but their encoding differs".to_owned())
}

fn text_around(bytes: &[u8], at: usize) -> String {
    let printable = |byte: &u8| (0x20..0x7f).contains(byte);
    let start = bytes[..at].iter().rposition(|byte| !printable(byte)).map_or(0, |p| p + 1).max(at.saturating_sub(60));
    let end = bytes[at..].iter().position(|byte| !printable(byte)).map_or(bytes.len(), |p| at + p).min(at + 60);
    let text = String::from_utf8_lossy(&bytes[start..end]);
    if text.len() < 6 { String::new() } else { format!(", in `{text}`") }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{copy_tree, module_difference};

    #[test]
    fn names_the_section_and_the_text_that_differ() {
        let module = |text: &str| {
            wat::parse_str(format!(r#"(module (memory 1) (data (i32.const 0) "panicked at {text}/src/main.rs"))"#))
                .expect("wat")
        };
        let said = module_difference(&module("/home/ada"), &module("/home/bob"));
        assert!(said.starts_with("the module's data section differs first at byte "), "{said}");
        assert!(said.contains("panicked at /home/ada/src/main.rs`"), "{said}");
    }

    #[cfg(unix)]
    #[test]
    fn links_within_the_sources_stay_links() {
        use std::os::unix::fs::symlink;

        let temp = tempfile::tempdir().expect("temp dir");
        let (from, to) = (temp.path().join("from"), temp.path().join("to"));
        fs::create_dir_all(from.join("node_modules")).expect("mkdir");
        fs::create_dir_all(from.join("sdk")).expect("mkdir");
        fs::write(from.join("sdk/index.js"), "x").expect("write");
        fs::write(temp.path().join("outside"), "y").expect("write");
        symlink("../sdk", from.join("node_modules/sdk")).expect("link");
        symlink("../outside", from.join("outside")).expect("link");
        copy_tree(&from, &to).expect("copy");
        assert_eq!(fs::read_link(to.join("node_modules/sdk")).expect("a link"), std::path::Path::new("../sdk"));
        assert!(fs::read_link(to.join("outside")).is_err());
        assert_eq!(fs::read_to_string(to.join("outside")).expect("a file"), "y");
    }

    #[test]
    fn copies_sources_without_build_output() {
        let from = tempfile::tempdir().expect("temp dir");
        for name in [
            "Cargo.toml",
            "src/main.rs",
            "target/CACHEDIR.TAG",
            "target/debug/tool",
            ".git/HEAD",
            ".cargo/config.toml",
            "a.mpp",
        ] {
            let path = from.path().join(name);
            fs::create_dir_all(path.parent().expect("parent")).expect("mkdir");
            fs::write(path, name).expect("write");
        }
        let to = tempfile::tempdir().expect("temp dir");
        let to = to.path().join("copy");
        copy_tree(from.path(), &to).expect("copy");
        for (name, there) in [
            ("Cargo.toml", true),
            ("src/main.rs", true),
            (".cargo/config.toml", true),
            ("target", false),
            (".git", false),
            ("a.mpp", false),
        ] {
            assert_eq!(to.join(name).exists(), there, "{name}");
        }
    }
}
