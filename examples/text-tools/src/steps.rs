//! The steps of `rewrite`: an enum with data, which models see as one schema with a choice.

/// One step of a rewrite.
#[mpp::data]
#[derive(Debug, Clone)]
#[serde(tag = "do", rename_all = "snake_case")]
pub(crate) enum Step {
    /// Replace every occurrence of a text.
    Replace {
        /// The text to find.
        find: String,
        /// The replacement.
        with: String,
    },
    /// Change the case of all letters.
    Case {
        /// The new case.
        to: Case,
    },
    /// Remove white space at the ends of every line, and empty lines at the ends of the text.
    Trim,
    /// Replace each run of blanks with one blank, and each run of empty lines with one empty line.
    Squeeze,
    /// Wrap lines after whole words.
    Wrap {
        /// The maximum length of a line in characters.
        width: u16,
    },
    /// Sort the lines.
    Sort {
        /// Whether to keep only one of several equal lines.
        #[serde(default)]
        unique: bool,
    },
}

/// A case.
#[mpp::data]
#[derive(Debug, Clone, Copy)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Case {
    /// lower case
    Lower,
    /// UPPER CASE
    Upper,
    /// Title Case
    Title,
}

impl Step {
    pub(crate) fn apply(&self, text: &str) -> String {
        match self {
            // The empty text occurs everywhere.
            Self::Replace { find, .. } if find.is_empty() => text.to_owned(),
            Self::Replace { find, with } => text.replace(find.as_str(), with),
            Self::Case { to: Case::Lower } => text.to_lowercase(),
            Self::Case { to: Case::Upper } => text.to_uppercase(),
            Self::Case { to: Case::Title } => title(text),
            Self::Trim => lines(text.trim_matches(['\n', '\r']), str::trim),
            Self::Squeeze => squeeze(text),
            Self::Wrap { width } => {
                text.split('\n').map(|line| wrap(line, usize::from(*width).max(1))).collect::<Vec<_>>().join("\n")
            }
            Self::Sort { unique } => {
                let mut lines: Vec<&str> = text.lines().collect();
                lines.sort_unstable();
                if *unique {
                    lines.dedup();
                }
                lines.join("\n")
            }
        }
    }
}

/// Returns the letter without its accent, or `None` if it cannot be part of a slug.
pub(crate) fn without_accent(c: char) -> Option<char> {
    const PLAIN: [(&str, char); 12] = [
        ("àáâãäåāăą", 'a'),
        ("çćč", 'c'),
        ("ďđ", 'd'),
        ("èéêëēėęě", 'e'),
        ("ìíîïīį", 'i'),
        ("łľ", 'l'),
        ("ñńň", 'n'),
        ("òóôõöøōő", 'o'),
        ("řŕ", 'r'),
        ("śšßş", 's'),
        ("ùúûüūůű", 'u'),
        ("ýÿ", 'y'),
    ];
    match c {
        'a'..='z' | '0'..='9' | '-' => Some(c),
        'ź' | 'ż' | 'ž' => Some('z'),
        c => PLAIN.iter().find(|(accented, _)| accented.contains(c)).map(|(_, plain)| *plain),
    }
}

fn lines(text: &str, each: impl Fn(&str) -> &str) -> String {
    text.lines().map(each).collect::<Vec<_>>().join("\n")
}

fn title(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut inside = false;
    for c in text.chars() {
        match inside {
            false => out.extend(c.to_uppercase()),
            true => out.extend(c.to_lowercase()),
        }
        inside = c.is_alphanumeric() || (inside && matches!(c, '\'' | '’'));
    }
    out
}

fn squeeze(text: &str) -> String {
    let mut out: Vec<String> = Vec::new();
    for line in text.lines() {
        let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
        if !line.is_empty() || out.last().is_some_and(|last| !last.is_empty()) {
            out.push(line);
        }
    }
    out.join("\n")
}

fn wrap(line: &str, width: usize) -> String {
    let mut out = String::with_capacity(line.len());
    let mut used = 0;
    for word in line.split_whitespace() {
        let len = word.chars().count();
        if used > 0 {
            let fits = used + 1 + len <= width;
            out.push(if fits { ' ' } else { '\n' });
            used = if fits { used + 1 } else { 0 };
        }
        out.push_str(word);
        used += len;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_step_does_what_it_says() {
        let replace = |find: &str, with: &str| Step::Replace { find: find.to_owned(), with: with.to_owned() };
        let cases = [
            (replace("a", "b"), "banana", "bbnbnb"),
            (replace("", "b"), "banana", "banana"),
            (Step::Case { to: Case::Upper }, "straße", "STRASSE"),
            (Step::Case { to: Case::Title }, "don't PANIC, été", "Don't Panic, Été"),
            (Step::Trim, "\n  a \n b\n\n", "a\nb"),
            (Step::Squeeze, "a  b\n\n\n\tc", "a b\n\nc"),
            (Step::Wrap { width: 7 }, "one two three\nfour", "one two\nthree\nfour"),
            (Step::Wrap { width: 0 }, "one two", "one\ntwo"),
            (Step::Sort { unique: true }, "b\na\nb", "a\nb"),
            (Step::Sort { unique: false }, "b\na\nb", "a\nb\nb"),
        ];
        for (step, text, expected) in cases {
            assert_eq!(step.apply(text), expected, "{step:?}");
        }
    }

    #[test]
    fn removes_accents_and_other_scripts() {
        let plain: String = "žýßñ日!".chars().filter_map(without_accent).collect();
        assert_eq!(plain, "zysn");
    }
}
