//! Ids that people could confuse: one edit apart, or equal without `-`.

/// Returns whether `new` could be mistaken for `known`: one letter was added, removed or replaced, two neighbours were swapped, or
/// only the places of `-` and `_` differ.
pub(super) fn resembles(new: &str, known: &str) -> bool {
    new != known && (is_one_edit_apart(new.as_bytes(), known.as_bytes()) || letters(new).eq(letters(known)))
}

fn letters(id: &str) -> impl Iterator<Item = u8> {
    id.bytes().filter(|byte| !matches!(byte, b'-' | b'_'))
}

fn is_one_edit_apart(a: &[u8], b: &[u8]) -> bool {
    if a.len().abs_diff(b.len()) > 1 {
        return false;
    }
    let same = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[same..], &b[same..]);
    let tail = |list: &[u8], from: usize| list.get(from..).map(<[u8]>::to_vec);
    match (a, b) {
        ([], []) => false,
        _ if a.len() > b.len() => tail(a, 1).as_deref() == Some(b),
        _ if a.len() < b.len() => tail(b, 1).as_deref() == Some(a),
        _ => {
            let replaced = a[1..] == b[1..];
            let swapped = a.len() > 1 && a[0] == b[1] && a[1] == b[0] && a[2..] == b[2..];
            replaced || swapped
        }
    }
}

#[cfg(test)]
mod tests {
    use super::resembles;

    #[test]
    fn finds_ids_that_people_could_confuse() {
        for (new, alike) in [
            ("com.example.my-tool", false),
            ("com.example.mytool", true),
            ("com.exam-ple.mytool", true),
            ("com.example.my-tools", true),
            ("com.example.my-too", true),
            ("com.example.my-fool", true),
            ("com.example.ym-tool", true),
            ("com.example.my-tolo", true),
            ("con.example.my-tool", true),
            ("com.example.my-toolkit", false),
            ("com.example.tool-my", false),
            ("org.example.my-tool", false),
            ("com.example.m-ytoo", false),
        ] {
            assert_eq!(resembles(new, "com.example.my-tool"), alike, "{new}");
            assert_eq!(resembles("com.example.my-tool", new), alike, "{new}, the other way");
        }
    }
}
