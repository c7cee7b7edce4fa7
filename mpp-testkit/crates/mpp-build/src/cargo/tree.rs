//! The crates that are linked into a tool, as `cargo tree` lists them.
//!
//! `cargo metadata` would unite the features that development and build dependencies enable with those of the tool, and would
//! download the crates of every platform. `cargo tree` resolves what the build itself resolves.

use std::collections::{BTreeMap, VecDeque};

use super::{TARGET, add_selection, env, pass};
use crate::cargo_failure::CargoFailure;
use crate::error::BuildError;
use crate::event::Event;
use crate::libraries::{Library, Origin};
use crate::options::BuildOptions;
use crate::process::{Ended, Stream, run};
use crate::project::cargo::CargoProject;

/// A crate in the tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Node {
    pub(super) name: String,
    version: Option<String>,
    license: String,
    /// The enabled features.
    pub(super) features: Vec<String>,
    /// The crate on the shortest path from the tool; `None` for the tool itself.
    parent: Option<usize>,
}

/// The crates of a tool by their distance from it. The tool is the first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tree(Vec<Node>);

impl Tree {
    /// Reads lines of depth, package, tab, features, tab and license. A package whose dependencies were listed before is listed without
    /// them.
    pub(super) fn parse(lines: &str) -> Self {
        let mut edges: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        let mut details: BTreeMap<&str, (&str, &str)> = BTreeMap::new();
        let mut path: Vec<&str> = Vec::new();
        for line in lines.lines() {
            let digits = line.find(|c: char| !c.is_ascii_digit()).unwrap_or(line.len());
            let Ok(depth) = line[..digits].parse::<usize>() else { continue };
            let line = &line[digits..];
            let line = line.trim_end_matches(" (*)");
            let (package, rest) = line.split_once('\t').unwrap_or((line, ""));
            let (enabled, license) = rest.split_once('\t').unwrap_or((rest, ""));
            path.truncate(depth);
            if let Some(parent) = path.last() {
                edges.entry(parent).or_default().push(package);
            }
            details.insert(package, (enabled, license));
            path.push(package);
        }
        let Some(root) = lines.lines().next().and_then(|line| line.strip_prefix('0')) else { return Self(Vec::new()) };
        let root = root.split('\t').next().unwrap_or_default();
        let mut nodes = Vec::new();
        let mut seen = vec![root];
        let mut queue = VecDeque::from([(root, None)]);
        while let Some((package, parent)) = queue.pop_front() {
            let mut words = package.split(' ');
            let name = words.next().unwrap_or_default().to_owned();
            let version = words.next().map(|version| version.trim_start_matches('v').to_owned());
            let (enabled, license) = details.get(package).copied().unwrap_or_default();
            let enabled = enabled.split(',').filter(|feature| !feature.is_empty()).map(str::to_owned).collect();
            nodes.push(Node { name, version, license: license.to_owned(), features: enabled, parent });
            for dependency in edges.get(package).into_iter().flatten() {
                if !seen.contains(dependency) {
                    seen.push(dependency);
                    queue.push_back((dependency, Some(nodes.len() - 1)));
                }
            }
        }
        Self(nodes)
    }

    /// Returns the dependencies of the tool, the closest ones first.
    pub(super) fn by_distance(&self) -> impl Iterator<Item = &Node> {
        self.0.iter().skip(1)
    }

    /// Returns the names of the crates from the tool to `node`.
    pub(super) fn path_to(&self, node: &Node) -> Vec<String> {
        let mut path = vec![node.name.clone()];
        let mut parent = node.parent;
        while let Some(node) = parent.and_then(|index| self.0.get(index)) {
            path.push(node.name.clone());
            parent = node.parent;
        }
        path.reverse();
        path
    }
}

impl Tree {
    /// Returns the crates besides the tool.
    pub(super) fn libraries(&self) -> Vec<Library> {
        let crates = self.0.iter().filter(|node| node.parent.is_some());
        let library = |node: &Node| {
            Library::new(Origin::Cargo, &node.name, node.version.as_deref(), Some(&node.license.replace('/', " OR ")))
        };
        crates.map(library).collect()
    }
}

/// Runs `cargo tree`. Returns `None` if it fails for a reason that is not known.
pub(super) fn read(
    project: &CargoProject,
    flags: &[String],
    options: &BuildOptions,
    events: &mut dyn FnMut(Event),
) -> Result<Option<Tree>, BuildError> {
    let mut command = env::cargo();
    command.current_dir(&project.dir).args(["tree", "--package", &project.id, "--target", TARGET]);
    // cargo heeds `no-proc-macro` only as the last of the kinds.
    command.args([
        "--edges",
        "normal,no-proc-macro",
        "--prefix",
        "depth",
        "--format",
        "{p}\t{f}\t{l}",
        "--charset",
        "ascii",
    ]);
    add_selection(&mut command, project, options);
    pass(&mut command, flags);
    let (mut lines, mut errors) = (String::new(), String::new());
    let ended = run(command, &options.cancel, |stream, line| match stream {
        Stream::Stdout => lines.extend([line.as_str(), "\n"]),
        Stream::Stderr if line.starts_with("   ") && !line.starts_with("      ") => events(Event::CargoLine(line)),
        Stream::Stderr => errors.extend([line.as_str(), "\n"]),
    });
    match ended.map_err(|source| BuildError::ProgramMissing { program: "cargo".to_owned(), source })? {
        Ended::Cancelled => Err(BuildError::Interrupted),
        Ended::Exit(status) if status.success() => Ok(Some(Tree::parse(&lines))),
        Ended::Exit(_) => match CargoFailure::of(&errors) {
            Some(failure) => {
                errors.lines().for_each(|line| events(Event::CargoLine(line.to_owned())));
                Err(BuildError::Cargo { project: project.package.clone(), failure, output: String::new() })
            }
            None => Ok(None),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::{Library, Origin, Tree};

    #[test]
    fn finds_the_shortest_path_through_dependencies_that_are_listed_once() {
        let tree = Tree::parse(
            "0tool v0.1.0 (/tmp/my tool)\tdefault\t\n1a v1.0.0\t\tMIT/Apache-2.0\n2b v2.0.0\tstd,x\tMIT\n3c v3.0.0\t\t\n\
             1b v2.0.0\tstd,x\tMIT (*)\n1b v1.0.0\t\t\n",
        );
        let paths: Vec<String> = tree.by_distance().map(|node| tree.path_to(node).join(" ")).collect();
        assert_eq!(paths, ["tool a", "tool b", "tool b", "tool b c"]);
        let b = tree.by_distance().nth(1).expect("b");
        assert_eq!(b.features, ["std", "x"]);
        let library = |name, version, license| Library::new(Origin::Cargo, name, Some(version), license);
        let [a, old] = [library("a", "1.0.0", Some("MIT OR Apache-2.0")), library("b", "1.0.0", None)];
        let expected = [a, library("b", "2.0.0", Some("MIT")), old, library("c", "3.0.0", None)];
        assert_eq!(tree.libraries(), expected);
        assert_eq!(Tree::parse("").by_distance().count(), 0);
    }
}
