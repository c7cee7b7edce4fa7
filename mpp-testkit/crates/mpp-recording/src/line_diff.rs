//! Differences between two texts, line by line.

/// Largest number of line pairs that are compared; texts beyond it are shown whole.
const MOST_PAIRS: usize = 4_000_000;

/// Compares two texts line by line. In the result, `-` marks an expected line that is missing and `+` a line that was not
/// expected; texts of one line are shown below each other.
///
/// ```
/// use mpp_recording::line_diff;
///
/// assert_eq!(line_diff::diff("1", "2"), "expected: 1\n   found: 2");
/// assert_eq!(line_diff::diff("a\nb", "a\nc"), "(- expected, + found)\n  a\n- b\n+ c");
/// ```
#[must_use]
pub fn diff(expected: &str, found: &str) -> String {
    let (old, new): (Vec<&str>, Vec<&str>) = (expected.lines().collect(), found.lines().collect());
    if old.len() <= 1 && new.len() <= 1 || old.len().saturating_mul(new.len()) > MOST_PAIRS {
        return format!("expected: {expected}\n   found: {found}");
    }
    let table = common(&old, &new);
    let mut out = Vec::with_capacity(old.len() + new.len());
    let (mut i, mut j) = (0, 0);
    while i < old.len() || j < new.len() {
        if i < old.len() && j < new.len() && old[i] == new[j] {
            out.push(format!("  {}", old[i]));
            i += 1;
            j += 1;
        } else if i < old.len() && (j == new.len() || table[i + 1][j] >= table[i][j + 1]) {
            out.push(format!("- {}", old[i]));
            i += 1;
        } else {
            out.push(format!("+ {}", new[j]));
            j += 1;
        }
    }
    format!("(- expected, + found)\n{}", out.join("\n"))
}

/// `table[i][j]` is the length of the longest common subsequence of `old[i..]` and `new[j..]`.
fn common(old: &[&str], new: &[&str]) -> Vec<Vec<u32>> {
    let mut table = vec![vec![0; new.len() + 1]; old.len() + 1];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            table[i][j] = if old[i] == new[j] { table[i + 1][j + 1] + 1 } else { table[i + 1][j].max(table[i][j + 1]) };
        }
    }
    table
}

#[cfg(test)]
mod tests {
    use super::diff;

    #[test]
    fn marks_missing_and_unexpected_lines() {
        assert_eq!(diff("a\nb\nc", "a\nx\nc"), "(- expected, + found)\n  a\n- b\n+ x\n  c");
        assert_eq!(diff("a\nb", "a"), "(- expected, + found)\n  a\n- b");
        assert_eq!(diff("", "a\nb"), "(- expected, + found)\n+ a\n+ b");
    }

    #[test]
    fn shows_texts_of_one_line_below_each_other() {
        assert_eq!(diff("1", "2"), "expected: 1\n   found: 2");
    }
}
