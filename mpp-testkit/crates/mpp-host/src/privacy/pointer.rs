//! JSON pointers (RFC 6901) of exempt places and of the places in a report.

/// The places that the author declares free of personal data.
#[derive(Debug, Default)]
pub(super) struct Exemptions(Vec<Vec<Segment>>);

#[derive(Debug)]
enum Segment {
    Any,
    Name(String),
}

impl Exemptions {
    /// Adds a pointer. Returns `false` if it is malformed.
    pub(super) fn add(&mut self, pointer: &str) -> bool {
        let Some(tokens) = tokens(pointer) else { return false };
        self.0.push(tokens.map(|token| if token == "*" { Segment::Any } else { Segment::Name(token) }).collect());
        true
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns whether an exemption names exactly this place. The caller extends an exemption to the values below it.
    pub(super) fn names<T: AsRef<str>>(&self, path: &[T]) -> bool {
        self.0.iter().any(|pattern| {
            pattern.len() == path.len()
                && pattern.iter().zip(path).all(|(segment, token)| match segment {
                    Segment::Any => true,
                    Segment::Name(name) => name == token.as_ref(),
                })
        })
    }
}

/// Returns the unescaped reference tokens of a pointer, or `None` if it is malformed.
pub(super) fn tokens(pointer: &str) -> Option<impl Iterator<Item = String>> {
    let valid = pointer.is_empty() || pointer.starts_with('/');
    let escapes = pointer.split('~').skip(1).all(|after| after.starts_with(['0', '1']));
    (valid && escapes).then(|| pointer.split('/').skip(1).map(|token| token.replace("~1", "/").replace("~0", "~")))
}

/// Appends an array index to a pointer.
pub(super) fn push_index(pointer: &mut String, index: usize) {
    pointer.push('/');
    let mut digits = [0; 20];
    let mut first = digits.len();
    let mut rest = index;
    loop {
        first -= 1;
        digits[first] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    pointer.push_str(std::str::from_utf8(&digits[first..]).unwrap_or_default());
}

/// Appends a reference token to a pointer.
pub(super) fn push(pointer: &mut String, token: &str) {
    pointer.push('/');
    for c in token.chars() {
        match c {
            '~' => pointer.push_str("~0"),
            '/' => pointer.push_str("~1"),
            c => pointer.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_matches_one_token() {
        let mut exempt = Exemptions::default();
        assert!(exempt.add("/items/*/a~1b"));
        assert!(!exempt.add("items"));
        assert!(!exempt.add("/a~2"));
        assert!(exempt.names(&["items", "0", "a/b"]));
        assert!(!exempt.names(&["items", "0"]));
        assert!(!exempt.names(&["items", "0", "a/b", "c"]));
    }

    #[test]
    fn tokens_round_trip() {
        let mut pointer = String::new();
        push(&mut pointer, "a/b~c");
        push(&mut pointer, "");
        assert_eq!(pointer, "/a~1b~0c/");
        let mut indices = String::new();
        for index in [0, 7, 10, 1234] {
            push_index(&mut indices, index);
        }
        assert_eq!(indices, "/0/7/10/1234");
        assert_eq!(tokens(&pointer).map(Iterator::collect::<Vec<_>>), Some(vec!["a/b~c".to_owned(), String::new()]));
    }
}
