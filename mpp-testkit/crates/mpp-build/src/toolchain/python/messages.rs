//! Reads what componentize-py prints when it fails: a traceback of the author's modules between its own.

/// A failure, as an author reads it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Message {
    /// The traceback, with the author's paths.
    pub(super) lines: Vec<String>,
    /// Its last line, for example `ValueError: no`.
    pub(super) last: Option<String>,
    /// The innermost line of the author, for example `main.py:3`.
    pub(super) place: Option<String>,
    /// The module that could not be imported, if this is why it failed.
    pub(super) missing_module: Option<String>,
}

/// Reads the output. `root` is the author's directory relative to the project.
pub(super) fn of(said: &[String], root: &str) -> Message {
    const START: &str = "AssertionError: ";
    let Some(start) = said.iter().position(|line| line.starts_with(START)) else {
        return Message { lines: said.to_vec(), ..Message::default() };
    };
    let first = said[start].trim_start_matches(START).to_owned();
    let rest =
        said[start + 1..].iter().take_while(|line| !matches!(line.trim_end(), "Caused by:" | "Stack backtrace:"));
    let all: Vec<String> = std::iter::once(first).chain(rest.cloned()).collect();
    let mut lines = own_lines(&all, root);
    while lines.last().is_some_and(|line| line.trim().is_empty()) {
        lines.pop();
    }
    let place = lines.iter().rev().find_map(|line| place(line));
    let last = exception(&lines).cloned();
    let missing = |line: &String| {
        Some(line.strip_prefix("ModuleNotFoundError: No module named '")?.split('\'').next()?.to_owned())
    };
    // The cause of an `ImportError` comes first.
    let is_import =
        last.as_ref().is_some_and(|line| line.starts_with("ModuleNotFoundError") || line.starts_with("ImportError"));
    let missing_module = if is_import { lines.iter().find_map(missing) } else { None };
    Message { lines, last, place, missing_module }
}

/// Leaves out the frames of the generated program, of the SDK and of Python's own importing, and rewrites the author's paths.
fn own_lines(all: &[String], root: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut is_left_out = false;
    for line in all {
        let path = line.strip_prefix("  File \"");
        if let Some(path) = path {
            is_left_out = path.starts_with("/1/")
                || path.starts_with("/0/mpp/")
                || path.starts_with("/python/")
                || path.starts_with('<');
        } else if !line.starts_with("    ") {
            is_left_out = false;
        }
        if !is_left_out {
            lines.push(match path.and_then(|path| path.strip_prefix("/0/")) {
                Some(path) => format!("  File \"{root}{path}"),
                None => line.clone(),
            });
        }
    }
    lines
}

/// Returns the place that a line of a traceback names, if it is the author's.
fn place(line: &str) -> Option<String> {
    let (path, rest) = line.strip_prefix("  File \"")?.split_once('"')?;
    let number: String = rest.strip_prefix(", line ")?.chars().take_while(char::is_ascii_digit).collect();
    (!path.starts_with('/')).then(|| format!("{path}:{number}"))
}

/// Returns the line with the exception, of whose message it is the first: the first line at the margin after the last frame.
fn exception(lines: &[String]) -> Option<&String> {
    let after = lines.iter().rposition(|line| line.starts_with("  File \"")).map_or(0, |last| last + 1);
    lines[after..]
        .iter()
        .find(|line| !line.starts_with("  ") && !line.trim().is_empty() && !line.starts_with("Traceback"))
}

#[cfg(test)]
mod tests {
    use super::of;

    fn lines(text: &str) -> Vec<String> {
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn a_syntax_error_has_its_place() {
        let said = "Traceback (most recent call last):\n  File \"/env/bin/componentize-py\", line 8, in <module>\n    sys.exit(script())\n\
                    AssertionError:   File \"/0/main.py\", line 4\n    x = (1\n        ^\nSyntaxError: '(' was never closed\n\n\n\
                    Caused by:\n    SyntaxError: '(' was never closed (main.py, line 4)\n\nStack backtrace:\n   0: x\n";
        let message = of(&lines(said), "src/");
        assert_eq!(message.lines[0], "  File \"src/main.py\", line 4");
        assert_eq!(message.last.as_deref(), Some("SyntaxError: '(' was never closed"));
        assert_eq!(message.place.as_deref(), Some("src/main.py:4"));
        assert_eq!((message.lines.len(), message.missing_module), (4, None));
    }

    #[test]
    fn a_missing_module_is_named_with_the_line_that_imports_it() {
        let said = "AssertionError: Traceback (most recent call last):\n  File \"/1/_mpp_program.py\", line 6, in <module>\n    \
                    _component.start(\"main\")\n  File \"/0/mpp/_component.py\", line 9, in start\n    importlib.import_module(module)\n  \
                    File \"/python/importlib/__init__.py\", line 88, in import_module\n    return x\n  File \"<frozen importlib._bootstrap>\", \
                    line 1, in _find\n  File \"/0/main.py\", line 2, in <module>\n    import nothing\nModuleNotFoundError: No module named \
                    'nothing'\n\n\nCaused by:\n    x\n";
        let message = of(&lines(said), "");
        assert_eq!(
            message.lines,
            [
                "Traceback (most recent call last):",
                "  File \"main.py\", line 2, in <module>",
                "    import nothing",
                "ModuleNotFoundError: No module named 'nothing'"
            ]
        );
        assert_eq!((message.place.as_deref(), message.missing_module.as_deref()), (Some("main.py:2"), Some("nothing")));
    }

    #[test]
    fn other_output_is_shown_as_it_is() {
        let said = lines("error: no such option\nusage: componentize-py");
        assert_eq!(of(&said, "").lines, said);
    }
}
