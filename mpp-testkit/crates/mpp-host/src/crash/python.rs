//! Reads the traceback with which the log of a Python tool ends when an exception leaves it.

/// An exception of a Python program.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Exception<'a> {
    /// The log before it.
    pub(super) before: &'a str,
    /// Its type, for example `ValueError`.
    pub(super) name: &'a str,
    /// Its message; empty if it has none.
    pub(super) message: &'a str,
    /// The author's functions, innermost first, each with its file and line. All functions if none is the author's.
    pub(super) frames: Vec<(String, String)>,
}

const HEAD: &str = "Traceback (most recent call last):\n";
/// What stands between an exception and the one that it caused.
const LINKS: [&str; 2] = [
    "\nThe above exception was the direct cause of the following exception:\n\n",
    "\nDuring handling of the above exception, another exception occurred:\n\n",
];

/// Finds the exception with which a log ends.
pub(super) fn raised(log: &str) -> Option<Exception<'_>> {
    let last = log.rmatch_indices(HEAD).map(|(at, _)| at).find(|at| *at == 0 || log[..*at].ends_with('\n'))?;
    let said = log.get(last + HEAD.len()..)?;
    let mut frames = Vec::new();
    let mut end = 0;
    for line in said.split_inclusive('\n') {
        match frame(line) {
            Some(found) => frames.push(found),
            // Sources, and marks below them.
            None if line.starts_with("  ") => {}
            None => break,
        }
        end += line.len();
    }
    let ended = said.get(end..)?.trim_end();
    let (name, message) = ended.split_once(':').unwrap_or((ended, ""));
    let is_name = |c: char| c.is_alphanumeric() || c == '.' || c == '_';
    if frames.is_empty() || name.is_empty() || !name.chars().all(is_name) {
        return None;
    }
    frames.reverse();
    let is_own = |(_, place): &(String, String)| !place.starts_with(['/', '<']);
    let own: Vec<_> = frames.iter().filter(|frame| is_own(frame)).cloned().collect();
    let frames = if own.is_empty() { frames } else { own };
    Some(Exception { before: before(log, last), name, message: message.trim_start(), frames })
}

/// Returns the log before the traceback at `start` and those of its causes.
fn before(log: &str, mut start: usize) -> &str {
    while let Some(rest) = LINKS.iter().find_map(|link| log[..start].strip_suffix(link)) {
        let Some(cause) = rest.rfind(HEAD) else { break };
        start = cause;
    }
    log[..start].trim_end()
}

/// Reads a line such as `  File "main.py", line 3, in lookup`.
fn frame(line: &str) -> Option<(String, String)> {
    let (path, rest) = line.strip_prefix("  File \"")?.split_once("\", line ")?;
    let (number, name) = rest.trim_end().split_once(", in ")?;
    Some((name.to_owned(), format!("{path}:{number}")))
}

#[cfg(test)]
mod tests {
    use super::raised;

    #[test]
    fn reads_the_exception_and_the_functions_of_the_author() {
        let log = "looking up\nTraceback (most recent call last):\n  File \"main.py\", line 20, in lookup\n    return tenth(found)\n           \
                   ~~~~~^^^^^^^\n  File \"main.py\", line 12, in tenth\n    return found[9]\n  File \"/python/x.py\", line 1, in y\nIndexError: \
                   list index out of range\n";
        let found = raised(log).expect("an exception");
        assert_eq!((found.before, found.name, found.message), ("looking up", "IndexError", "list index out of range"));
        let frames: Vec<_> = found.frames.iter().map(|(name, place)| format!("{name} {place}")).collect();
        assert_eq!(frames, ["tenth main.py:12", "lookup main.py:20"]);
    }

    #[test]
    fn a_cause_belongs_to_the_exception() {
        let log = "first\nTraceback (most recent call last):\n  File \"a.py\", line 1, in f\nKeyError: 'x'\n\nDuring handling of the above \
                   exception, another exception occurred:\n\nTraceback (most recent call last):\n  File \"a.py\", line 3, in f\nmy.Error: two\nlines\n";
        let found = raised(log).expect("an exception");
        assert_eq!((found.before, found.name, found.message), ("first", "my.Error", "two\nlines"));
        assert_eq!(found.frames, [("f".to_owned(), "a.py:3".to_owned())]);
    }

    #[test]
    fn other_logs_have_no_exception() {
        assert_eq!(raised("Traceback (most recent call last):\nno frames"), None);
        assert_eq!(raised("a Traceback (most recent call last):\n  File \"a.py\", line 1, in f\nE: x"), None);
        assert_eq!(
            raised("Traceback (most recent call last):\n  File \"a.py\", line 1, in f\nit was handled, and more: x"),
            None
        );
    }
}
