//! Reads the panics that Go programs write to their log: the message, and the stack of the goroutine.
//!
//! WebAssembly backtraces of Go programs show the scheduler only, because Go keeps the stacks of its functions in memory.

/// A panic of a Go program.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Panic<'a> {
    /// The log before it.
    pub(super) before: &'a str,
    /// The message, for example `runtime error: index out of range [5] with length 3`.
    pub(super) message: String,
    /// The author's functions, innermost first, each with its file and line. All functions if none is the author's.
    pub(super) frames: Vec<(String, String)>,
}

/// Finds the panic with which a log ends.
pub(super) fn panicked(log: &str) -> Option<Panic<'_>> {
    let (start, length) =
        ["panic: ", "fatal error: "].iter().filter_map(|sign| Some((starts_line(log, sign)?, sign.len()))).min()?;
    let said = log.get(start + length..)?;
    let stack = said.split_once("\ngoroutine ").map(|(_, stack)| stack)?;
    let message = said.split("\n\ngoroutine ").next()?;
    // A runtime error is followed by a line for the signal or the re-panic.
    let message = message.lines().take_while(|line| !line.starts_with("[signal ")).collect::<Vec<_>>().join("\n");
    let all = frames(stack);
    let own: Vec<_> =
        all.iter().filter(|(name, _)| name.starts_with("main.") && name != "main.main").cloned().collect();
    let others = all.into_iter().filter(|(name, _)| name != "panic" && !name.starts_with("runtime."));
    let frames = if own.is_empty() { others.collect() } else { own };
    Some(Panic { before: log[..start].trim_end(), message: message.trim_end().to_owned(), frames })
}

/// Returns the last position at which `text` has `sign` at the beginning of a line.
fn starts_line(text: &str, sign: &str) -> Option<usize> {
    text.rmatch_indices(sign).map(|(at, _)| at).find(|at| *at == 0 || text[..*at].ends_with('\n'))
}

/// Returns the functions of the first goroutine, each with its place.
fn frames(stack: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut lines = stack.lines().skip(1).take_while(|line| !line.is_empty()).peekable();
    while let Some(line) = lines.next() {
        let Some(place) = lines.next_if(|next| next.starts_with('\t')) else { continue };
        let name = line.rsplit_once('(').map_or(line, |(name, _)| name);
        let place = place.trim().split(" +0x").next().unwrap_or_default();
        found.push((name.to_owned(), place.to_owned()));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::panicked;

    const LOG: &str = "looking up\npanic: runtime error: index out of range [5] with length 3\n\ngoroutine 1 [running]:\nmain.tenth(...)\n\
                       \tmy-tool/main.go:12\nmain.lookup({0x5a5f8, 0x1}, {0x140c010, 0x3})\n\tmy-tool/main.go:20 +0x2b\n\
                       mpp-protocol.io/go/mpp.called({0x1, 0x2})\n\tmpp-protocol.io/go/mpp@v0.1.0/serve.go:90 +0x5\nmain.main()\n\
                       \tmy-tool/main.go:31 +0x4\n";

    #[test]
    fn reads_the_message_and_the_functions_of_the_author() {
        let found = panicked(LOG).expect("a panic");
        assert_eq!(found.before, "looking up");
        assert_eq!(found.message, "runtime error: index out of range [5] with length 3");
        let frames: Vec<_> = found.frames.iter().map(|(name, place)| format!("{name} {place}")).collect();
        assert_eq!(frames, ["main.tenth my-tool/main.go:12", "main.lookup my-tool/main.go:20"]);
    }

    #[test]
    fn shows_other_functions_if_none_is_the_authors() {
        let log = "fatal error: out of memory\n\ngoroutine 7 [running]:\nruntime.throw(...)\n\truntime/panic.go:1\nsort.Slice(...)\n\tsort/slice.go:9\n";
        let found = panicked(log).expect("a panic");
        assert_eq!((found.before, found.message.as_str()), ("", "out of memory"));
        assert_eq!(found.frames, [("sort.Slice".to_owned(), "sort/slice.go:9".to_owned())]);
    }

    #[test]
    fn other_logs_have_no_panic() {
        assert_eq!(panicked("panic: no stack"), None);
        assert_eq!(panicked("do not panic: it is fine\n\ngoroutine 1"), None);
        assert_eq!(panicked("panicked at src/main.rs:1:1:\nx\n"), None);
    }
}
