//! Compares texts line by line, by their longest common subsequence.

/// Maximum number of lines of a text.
pub(crate) const MAX_LINES: usize = 2000;

/// A run of unchanged, removed or added lines.
#[mpp::data]
#[derive(Debug, Clone, PartialEq, Eq)]
#[serde(tag = "change", rename_all = "snake_case")]
pub(crate) enum Change {
    /// In both texts.
    Same {
        /// The lines.
        lines: Vec<String>,
    },
    /// Only in the text before.
    Removed {
        /// The number of the first line in the text before, from 1.
        at: usize,
        /// The lines.
        lines: Vec<String>,
    },
    /// Only in the text after.
    Added {
        /// The number of the first line in the text after, from 1.
        at: usize,
        /// The lines.
        lines: Vec<String>,
    },
    /// Equal lines that are not shown.
    Skipped {
        /// The number of lines.
        count: usize,
    },
}

/// Returns the runs in order, with at most `context` equal lines on each side of a change.
pub(crate) fn changes(before: &str, after: &str, context: usize) -> Vec<Change> {
    let (before, after): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    let table = lengths(&before, &after);
    let mut runs: Vec<Change> = Vec::new();
    let (mut i, mut j) = (0, 0);
    while i < before.len() || j < after.len() {
        let same = i < before.len() && j < after.len() && before[i] == after[j];
        let remove = !same && i < before.len() && (j == after.len() || table[i + 1][j] >= table[i][j + 1]);
        if same {
            push(&mut runs, Change::Same { lines: Vec::new() }, before[i]);
            i += 1;
            j += 1;
        } else if remove {
            push(&mut runs, Change::Removed { at: i + 1, lines: Vec::new() }, before[i]);
            i += 1;
        } else {
            push(&mut runs, Change::Added { at: j + 1, lines: Vec::new() }, after[j]);
            j += 1;
        }
    }
    if runs.iter().all(|run| matches!(run, Change::Same { .. })) {
        return Vec::new();
    }
    let last = runs.len() - 1;
    runs.into_iter().enumerate().flat_map(|(at, run)| shorten(run, at == 0, at == last, context)).collect()
}

/// Returns a table whose entry `[i][j]` is the length of the longest common subsequence of `before[i..]` and `after[j..]`.
fn lengths(before: &[&str], after: &[&str]) -> Vec<Vec<u16>> {
    let mut table = vec![vec![0; after.len() + 1]; before.len() + 1];
    for i in (0..before.len()).rev() {
        for j in (0..after.len()).rev() {
            table[i][j] = match before[i] == after[j] {
                true => table[i + 1][j + 1] + 1,
                false => table[i + 1][j].max(table[i][j + 1]),
            };
        }
    }
    table
}

fn push(runs: &mut Vec<Change>, empty: Change, line: &str) {
    let same_kind = runs.last().is_some_and(|run| std::mem::discriminant(run) == std::mem::discriminant(&empty));
    if !same_kind {
        runs.push(empty);
    }
    if let Some(Change::Same { lines } | Change::Removed { lines, .. } | Change::Added { lines, .. }) = runs.last_mut()
    {
        lines.push(line.to_owned());
    }
}

/// Replaces the middle of a long run of equal lines with their number.
fn shorten(run: Change, first: bool, last: bool, context: usize) -> Vec<Change> {
    let Change::Same { lines } = run else { return vec![run] };
    let head = if first { 0 } else { context.min(lines.len()) };
    let tail = if last { 0 } else { context.min(lines.len() - head) };
    let count = lines.len() - head - tail;
    let same = |lines: &[String]| (!lines.is_empty()).then(|| Change::Same { lines: lines.to_vec() });
    if count == 0 {
        return same(&lines).into_iter().collect();
    }
    [same(&lines[..head]), Some(Change::Skipped { count }), same(&lines[head + count..])]
        .into_iter()
        .flatten()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(before: &str, after: &str, context: usize) -> String {
        let line = |change: &Change| match change {
            Change::Same { lines } => format!("={}", lines.join(",")),
            Change::Removed { at, lines } => format!("-{at}:{}", lines.join(",")),
            Change::Added { at, lines } => format!("+{at}:{}", lines.join(",")),
            Change::Skipped { count } => format!("~{count}"),
        };
        changes(before, after, context).iter().map(line).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn shows_removed_and_added_lines() {
        assert_eq!(shown("a\nb\nc", "a\nB\nc", 1), "=a -2:b +2:B =c");
        assert_eq!(shown("", "a", 3), "+1:a");
        assert_eq!(shown("a", "", 3), "-1:a");
        assert_eq!(shown("a\nb", "a\nb", 3), "");
        assert_eq!(shown("a\nb\nc\nd", "b\nd\ne", 0), "-1:a ~1 -3:c ~1 +3:e");
        assert_eq!(shown("1\n2\n3\n4\n5\n6\nx", "1\n2\n3\n4\n5\n6\ny", 2), "~4 =5,6 -7:x +7:y");
    }
}
