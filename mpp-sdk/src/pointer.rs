//! JSON pointers (RFC 6901).

/// Appends one reference token to a JSON pointer (RFC 6901).
pub(crate) fn push(pointer: &mut String, key: &str) {
    pointer.push('/');
    let mut done = 0;
    for (at, byte) in key.bytes().enumerate() {
        let escape = match byte {
            b'~' => "~0",
            b'/' => "~1",
            _ => continue,
        };
        pointer.push_str(key.get(done..at).unwrap_or_default());
        pointer.push_str(escape);
        done = at + 1;
    }
    pointer.push_str(key.get(done..).unwrap_or_default());
}
