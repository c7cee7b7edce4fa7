//! The table by which a line of the bundle becomes a line of one of the author's files, from the source map of the bundle.

use std::fmt::Write as _;
use std::path::{Component, Path, PathBuf};

use serde::Deserialize;

/// The name of the bundle in stacks.
const SCRIPT: &str = "<script>:";

/// The members of a source map that matter.
#[derive(Deserialize)]
struct SourceMap {
    sources: Vec<String>,
    mappings: String,
}

/// The table.
#[derive(Debug, Default)]
pub(super) struct Lines {
    files: Vec<String>,
    ranges: Vec<Range>,
}

/// Lines that follow each other in the bundle and in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Range {
    /// The first line in the bundle, from 1.
    line: usize,
    file: usize,
    /// The first line in the file, from 1.
    first: usize,
}

impl Lines {
    /// Reads a source map whose paths are relative to `map_dir`. Names of files are relative to `project`. A map that cannot be read gives an
    /// empty table, with which stacks name lines of the bundle.
    pub(super) fn read(map: &[u8], map_dir: &Path, project: &Path) -> Self {
        let Ok(map) = serde_json::from_slice::<SourceMap>(map) else { return Self::default() };
        let files = map.sources.iter().map(|source| name(source, map_dir, project)).collect();
        Self { files, ranges: ranges(&map.mappings) }
    }

    /// Returns the table as the engine reads it.
    pub(super) fn table(&self) -> String {
        let mut text = String::new();
        for file in &self.files {
            // Writing to a string does not fail.
            let _ = writeln!(text, "F {}", file.replace(char::is_control, "?"));
        }
        for Range { line, file, first } in &self.ranges {
            let _ = writeln!(text, "R {line} {file} {first}");
        }
        text
    }

    /// Replaces the places of the bundle in a text by those of the author's files.
    pub(super) fn replaced(&self, text: &str) -> String {
        self.replaced_in(SCRIPT, text)
    }

    /// The same for a bundle that is called `script`, a name with a colon at its end.
    pub(super) fn replaced_in(&self, script: &str, text: &str) -> String {
        let mut parts = text.split(script);
        let mut said = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let digits = part.find(|c: char| !c.is_ascii_digit()).unwrap_or(part.len());
            match part[..digits].parse().ok().and_then(|line| self.place(line)) {
                Some((file, line)) => {
                    let rest = &part[digits..];
                    let column = rest
                        .strip_prefix(':')
                        .map_or(0, |rest| 1 + rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len()));
                    let _ = write!(said, "{file}:{line}{}", &rest[column..]);
                }
                None => {
                    said.push_str(script);
                    said.push_str(part);
                }
            }
        }
        said
    }

    fn place(&self, line: usize) -> Option<(&str, usize)> {
        let after = self.ranges.partition_point(|range| range.line <= line);
        let range = self.ranges.get(after.checked_sub(1)?)?;
        Some((self.files.get(range.file)?, range.first + (line - range.line)))
    }
}

/// Returns the name of a source, relative to the project. Packages outside the project are named from `node_modules` on, so that the name is the
/// same on every machine.
fn name(source: &str, map_dir: &Path, project: &Path) -> String {
    let path = normal(&map_dir.join(source));
    let project = std::path::absolute(project).unwrap_or_else(|_| project.to_owned());
    let name = match path.strip_prefix(normal(&project)) {
        Ok(inside) => inside.display().to_string(),
        Err(_) => path.display().to_string(),
    }
    .replace('\\', "/");
    match name.find("node_modules/") {
        Some(at) if at > 0 => name[at..].to_owned(),
        _ if Path::new(&name).is_absolute() => name.rsplit('/').next().unwrap_or_default().to_owned(),
        _ => name,
    }
}

/// Resolves `..` in a path without looking at the file system.
fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => drop(normal.pop()),
            Component::CurDir => {}
            other => normal.push(other),
        }
    }
    normal
}

/// Reads the mappings: for each line of the bundle, the place of its first character that has one.
fn ranges(mappings: &str) -> Vec<Range> {
    let mut ranges: Vec<Range> = Vec::new();
    let (mut file, mut source_line) = (0_i64, 0_i64);
    for (index, segments) in mappings.split(';').enumerate() {
        let mut first = None;
        for segment in segments.split(',').filter(|segment| !segment.is_empty()) {
            let fields = numbers(segment);
            if let [_, file_step, line_step, ..] = fields[..] {
                file += file_step;
                source_line += line_step;
                first.get_or_insert((file, source_line));
            }
        }
        let Some((file, source_line)) = first else { continue };
        let (Ok(file), Ok(source_line)) = (usize::try_from(file), usize::try_from(source_line)) else { continue };
        let range = Range { line: index + 1, file, first: source_line + 1 };
        let continues =
            ranges.last().is_some_and(|last| last.file == file && last.first + (range.line - last.line) == range.first);
        if !continues {
            ranges.push(range);
        }
    }
    ranges
}

/// Decodes numbers in Base64 VLQ.
fn numbers(segment: &str) -> Vec<i64> {
    let mut numbers = Vec::new();
    let (mut value, mut shift) = (0_i64, 0_u32);
    for byte in segment.bytes() {
        let digit = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            _ => 63,
        };
        if shift < 60 {
            value |= i64::from(digit & 31) << shift;
        }
        shift += 5;
        if digit & 32 == 0 {
            numbers.push(if value & 1 == 1 { -(value >> 1) } else { value >> 1 });
            (value, shift) = (0, 0);
        }
    }
    numbers
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{Lines, name, numbers};

    #[test]
    fn decodes_numbers() {
        assert_eq!(numbers("AAgBC"), [0, 0, 16, 1]);
        assert_eq!(numbers("AADd"), [0, 0, -1, -14]);
        assert_eq!(numbers("gggB"), [16384]);
    }

    /// Lines 2 to 4 of the bundle are lines 1 to 3 of the first file, and line 6 is line 11 of the second.
    const MAP: &str = r#"{"version": 3, "sources": ["../../src/tool.ts", "../../node_modules/zod/a.js"],
        "mappings": ";AAAA;AACA,SAAS;AACA;;ACQA"}"#;

    fn lines() -> Lines {
        Lines::read(MAP.as_bytes(), Path::new("/home/ada/tool/target/mpp"), Path::new("/home/ada/tool"))
    }

    #[test]
    fn makes_a_table_of_ranges() {
        assert_eq!(lines().table(), "F src/tool.ts\nF node_modules/zod/a.js\nR 2 0 1\nR 6 1 11\n");
    }

    #[test]
    fn replaces_the_places_of_the_bundle() {
        let stack = "at greet (<script>:3:9)\nat <script>:6\nat <script>:1:1";
        assert_eq!(lines().replaced(stack), "at greet (src/tool.ts:2)\nat node_modules/zod/a.js:11\nat <script>:1:1");
    }

    #[test]
    fn names_do_not_depend_on_the_machine() {
        let of = |source: &str| name(source, Path::new("/p/tool/target/mpp"), Path::new("/p/tool"));
        assert_eq!(of("../../src/a.ts"), "src/a.ts");
        assert_eq!(of("../../../node_modules/zod/a.js"), "node_modules/zod/a.js");
        assert_eq!(of("../../../shared/b.ts"), "b.ts");
    }

    #[test]
    fn a_map_that_cannot_be_read_gives_an_empty_table() {
        assert_eq!(Lines::read(b"nonsense", Path::new("/"), Path::new("/")).table(), "");
    }
}
