//! Reads the exception with which the log of a JavaScript tool ends when a mistake in the tool has thrown it.

/// An exception of a JavaScript program.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Exception<'a> {
    /// The log before it.
    pub(super) before: &'a str,
    /// Its type, for example `TypeError`.
    pub(super) name: &'a str,
    /// Its message; empty if it has none.
    pub(super) message: &'a str,
    /// The author's functions, innermost first, each with its file and line. All functions if none is the author's.
    pub(super) frames: Vec<(String, String)>,
}

const HEAD: &str = "Uncaught ";
const FRAME: &str = "    at ";

/// Finds the exception with which a log ends.
pub(super) fn thrown(log: &str) -> Option<Exception<'_>> {
    let start = log.rmatch_indices(HEAD).map(|(at, _)| at).find(|at| *at == 0 || log[..*at].ends_with('\n'))?;
    let said = log.get(start + HEAD.len()..)?;
    let (text, stack) = said.split_at(said.find("\n    at ")?);
    let (name, message) = text.split_once(':').unwrap_or((text, ""));
    let is_name = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    if name.is_empty() || !name.chars().all(is_name) {
        return None;
    }
    // The stacks of its causes follow.
    let all: Vec<_> = stack.lines().skip(1).map_while(frame).collect();
    let own: Vec<_> = all.iter().filter(|(_, place)| is_own(place)).cloned().collect();
    let frames = if own.is_empty() { all } else { own };
    Some(Exception { before: log[..start].trim_end(), name, message: message.trim_start(), frames })
}

/// Reads a line such as `    at lookup (src/tool.ts:3)`.
fn frame(line: &str) -> Option<(String, String)> {
    let said = line.strip_prefix(FRAME)?;
    let (name, place) = said.strip_suffix(')').and_then(|said| said.rsplit_once(" (")).unwrap_or(("<anonymous>", said));
    Some((name.to_owned(), place.to_owned()))
}

fn is_own(place: &str) -> bool {
    let is_elsewhere = place.contains("node_modules/") || place.contains("mpp-sdk/src/");
    !is_elsewhere && !place.starts_with('<') && place.contains(':')
}

#[cfg(test)]
mod tests {
    use super::thrown;

    #[test]
    fn reads_the_exception_and_the_functions_of_the_author() {
        let log = "looking up\nUncaught TypeError: cannot read property 'x' of undefined\n    at tenth (src/tool.ts:12)\n    at map (native)\n    \
                   at <anonymous> (src/tool.ts:20)\n    at call (node_modules/@mpp-protocol/sdk/src/tool.js:72)\ncaused by: Error: x\n    at f \
                   (src/other.ts:1)\n";
        let found = thrown(log).expect("an exception");
        assert_eq!((found.before, found.name), ("looking up", "TypeError"));
        assert_eq!(found.message, "cannot read property 'x' of undefined");
        let frames: Vec<_> = found.frames.iter().map(|(name, place)| format!("{name} {place}")).collect();
        assert_eq!(frames, ["tenth src/tool.ts:12", "<anonymous> src/tool.ts:20"]);
    }

    #[test]
    fn shows_other_functions_if_none_is_the_authors() {
        let found =
            thrown("Uncaught RangeError\n    at repeat (native)\n    at src/tool.js:2\n").expect("an exception");
        assert_eq!((found.name, found.message), ("RangeError", ""));
        assert_eq!(found.frames, [("<anonymous>".to_owned(), "src/tool.js:2".to_owned())]);
        let found = thrown("Uncaught RangeError: a: b\nc\n    at repeat (native)").expect("an exception");
        assert_eq!(found.message, "a: b\nc");
        assert_eq!(found.frames, [("repeat".to_owned(), "native".to_owned())]);
    }

    #[test]
    fn other_logs_have_no_exception() {
        assert_eq!(thrown("Uncaught TypeError: no stack"), None);
        assert_eq!(thrown("an Uncaught TypeError: x\n    at f (a.js:1)"), None);
        assert_eq!(thrown("Uncaught in promise: x\n    at f (a.js:1)"), None);
    }
}
