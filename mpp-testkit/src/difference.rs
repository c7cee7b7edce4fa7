//! Expected and found, line by line.

pub(crate) mod values;

/// Two texts as one: `-` what was expected and is not there, `+` what is there and was not expected.
pub(crate) fn lines(expected: &str, found: &str) -> String {
    let (old, new): (Vec<&str>, Vec<&str>) = (expected.lines().collect(), found.lines().collect());
    if old.len() <= 1 && new.len() <= 1 || old.len() * new.len() > 4_000_000 {
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

/// `table[i][j]`: the length of the longest common subsequence of `old[i..]` and `new[j..]`.
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
    use super::lines;

    #[test]
    fn short_values_stand_under_each_other_and_long_ones_are_compared() {
        assert_eq!(lines("1", "2"), "expected: 1\n   found: 2");
        assert_eq!(lines("a\nb\nc", "a\nx\nc"), "(- expected, + found)\n  a\n- b\n+ x\n  c");
        assert_eq!(lines("a\nb", "a"), "(- expected, + found)\n  a\n- b");
    }
}
