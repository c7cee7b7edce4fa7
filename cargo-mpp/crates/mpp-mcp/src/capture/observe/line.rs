//! Splits the lines of a trace into process, time, system call, arguments and result.

use std::collections::BTreeMap;

/// A finished system call.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Call<'a> {
    pub(super) process: &'a str,
    /// Seconds since 1970, as text.
    pub(super) time: &'a str,
    pub(super) name: &'a str,
    pub(super) arguments: String,
    pub(super) result: &'a str,
}

impl Call<'_> {
    /// Returns whether the call succeeded, or is still at it.
    pub(super) fn succeeded(&self) -> bool {
        !self.result.starts_with('-') || self.result.contains("EINPROGRESS")
    }

    /// Returns the path that the result refers to: `3</etc/hosts>`.
    pub(super) fn result_path(&self) -> Option<&str> {
        let rest = self.result.split_once('<')?.1;
        rest.rfind('>').map(|end| &rest[..end])
    }
}

/// Joins the halves of calls that were interrupted by those of other processes.
#[derive(Debug, Default)]
pub(super) struct Lines<'a> {
    unfinished: BTreeMap<&'a str, String>,
}

impl<'a> Lines<'a> {
    /// Reads a line; `None` if it finishes no call.
    pub(super) fn read(&mut self, line: &'a str) -> Option<Call<'a>> {
        let (process, rest) = line.trim_start().split_once(' ')?;
        let (time, rest) = rest.trim_start().split_once(' ')?;
        if let Some(half) = rest.strip_suffix(" <unfinished ...>") {
            self.unfinished.insert(process, half.split_once('(')?.1.to_owned());
            return None;
        }
        let (name, arguments, result) = match rest.strip_prefix("<... ") {
            Some(resumed) => {
                let (name, rest) = resumed.split_once(" resumed>")?;
                let (arguments, result) = rest.rsplit_once(") = ").or_else(|| rest.rsplit_once(" = "))?;
                (name, format!("{}{arguments}", self.unfinished.remove(process)?), result)
            }
            None => {
                let (call, result) = rest.rsplit_once(" = ")?;
                let (name, arguments) = call.split_once('(')?;
                (name, arguments.trim_end().strip_suffix(')')?.to_owned(), result)
            }
        };
        Some(Call { process, time, name, arguments, result })
    }
}

/// Returns the quoted strings of arguments as bytes, each with the text before it.
pub(super) fn strings(arguments: &str) -> Vec<(&str, Vec<u8>)> {
    let mut found = Vec::new();
    let mut rest = arguments;
    while let Some(start) = rest.find('"') {
        let before = &rest[..start];
        let (bytes, length) = unescape(&rest[start + 1..]);
        found.push((before, bytes));
        rest = rest.get(start + 1 + length + 1..).unwrap_or_default();
    }
    found
}

/// Reads a string in the syntax of C up to its closing quote. Returns its bytes, and the length of its text.
fn unescape(text: &str) -> (Vec<u8>, usize) {
    let bytes = text.as_bytes();
    let (mut out, mut at) = (Vec::new(), 0);
    while at < bytes.len() && bytes[at] != b'"' {
        if bytes[at] != b'\\' {
            out.push(bytes[at]);
            at += 1;
            continue;
        }
        at += 1;
        let Some(escape) = bytes.get(at) else { break };
        let digits = |from: usize, most: usize, radix: u32| {
            bytes[from..].iter().take(most).take_while(|byte| char::from(**byte).is_digit(radix)).count()
        };
        let (length, radix, from) = match escape {
            b'0'..=b'7' => (digits(at, 3, 8), 8, at),
            b'x' => (digits(at + 1, 2, 16), 16, at + 1),
            _ => (0, 10, at),
        };
        if length > 0 {
            let number = u32::from_str_radix(&text[from..from + length], radix).unwrap_or_default();
            out.push(u8::try_from(number & 0xff).unwrap_or_default());
            at = from + length;
            continue;
        }
        out.push(match escape {
            b'n' => b'\n',
            b't' => b'\t',
            b'r' => b'\r',
            b'f' => 0x0c,
            b'v' => 0x0b,
            b'a' => 0x07,
            other => *other,
        });
        at += 1;
    }
    (out, at)
}

#[cfg(test)]
mod tests {
    use super::{Lines, strings};

    #[test]
    fn joins_the_halves_of_a_call() {
        let mut lines = Lines::default();
        assert_eq!(lines.read(r#"7 1.5 openat(AT_FDCWD</w>, "a b", O_RDONLY <unfinished ...>"#), None);
        assert_eq!(lines.read("8 1.6 +++ exited with 0 +++"), None);
        let call = lines.read("7 1.7 <... openat resumed>) = 3</w/a b>").expect("a call");
        assert_eq!(
            (call.name, call.arguments.as_str(), call.result_path()),
            ("openat", r#"AT_FDCWD</w>, "a b", O_RDONLY"#, Some("/w/a b"))
        );
        let call = lines
            .read(r#"8 2.0 connect(3, {sa_family=AF_INET}, 16) = -1 EINPROGRESS (Operation now in progress)"#)
            .expect("a call");
        assert!(call.succeeded() && call.result_path().is_none());
    }

    #[test]
    fn reads_strings_as_bytes() {
        let found = strings(r#"3, "R%\1\0\"\\\x41\300\f", 5, "b""#);
        assert_eq!(found[0], ("3, ", b"R%\x01\x00\"\\A\xc0\x0c".to_vec()));
        assert_eq!(found[1].1, b"b");
    }
}
