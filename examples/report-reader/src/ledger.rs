//! The expenses: the lines of every `.csv` file in the report directories.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::day::{Day, Month};
use crate::error::ReportError;
use crate::money::Money;
use crate::table::{self, Row};

/// One line of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Expense {
    pub(crate) day: Day,
    pub(crate) category: String,
    pub(crate) amount: Money,
    pub(crate) person: String,
    pub(crate) note: String,
    pub(crate) file: String,
}

/// A line that could not be read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Skipped {
    pub(crate) file: String,
    pub(crate) line: u64,
    pub(crate) problem: String,
}

/// All expenses, sorted by day.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    pub(crate) expenses: Vec<Expense>,
    /// Lines that could not be read. A sum does not include them, so results must mention them.
    pub(crate) skipped: Vec<Skipped>,
}

impl Ledger {
    /// Reads the files of each directory (its name and its path) in the order of their names, and skips malformed
    /// lines.
    pub(crate) fn open(directories: &[(&str, PathBuf)]) -> Result<Self, ReportError> {
        let mut ledger = Self::default();
        let mut found = false;
        for (name, directory) in directories {
            let mut files: Vec<_> = fs::read_dir(directory)?.collect::<Result<_, _>>()?;
            files.sort_by_key(fs::DirEntry::file_name);
            for file in files {
                let path = file.path();
                if path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("csv")) {
                    found = true;
                    ledger.add(&path, &format!("{name}/{}", file.file_name().display()))?;
                }
            }
        }
        if !found {
            let names: Vec<&str> = directories.iter().map(|(name, _)| *name).collect();
            return Err(ReportError::NoReports { directories: names.join("` and `") });
        }
        ledger.expenses.sort_by(|a, b| (a.day, &a.file).cmp(&(b.day, &b.file)));
        Ok(ledger)
    }

    fn add(&mut self, path: &Path, file: &str) -> Result<(), ReportError> {
        let text = String::from_utf8_lossy(&fs::read(path)?).into_owned();
        for row in table::read(&text, &["date", "category", "amount"]) {
            match row.and_then(|row| expense(&row, file).map_err(|problem| (row.line, problem))) {
                Ok(expense) => self.expenses.push(expense),
                Err((line, problem)) => {
                    self.skipped.push(Skipped { file: file.to_owned(), line, problem: one_line(&problem) });
                }
            }
        }
        Ok(())
    }

    /// Returns the months that have expenses.
    pub(crate) fn months(&self) -> BTreeSet<Month> {
        self.expenses.iter().map(|expense| expense.day.month).collect()
    }

    /// Returns the expenses of a month, or all of them.
    pub(crate) fn of(&self, month: Option<Month>) -> impl Iterator<Item = &Expense> + Clone {
        self.expenses.iter().filter(move |expense| month.is_none_or(|month| expense.day.month == month))
    }
}

fn expense(row: &Row, file: &str) -> Result<Expense, String> {
    let category = one_line(row.get("category")).to_lowercase();
    if category.is_empty() {
        return Err("the category is empty".to_owned());
    }
    Ok(Expense {
        day: row.get("date").parse()?,
        category,
        amount: row.get("amount").parse()?,
        person: row.get("person").to_owned(),
        note: row.get("note").to_owned(),
        file: file.to_owned(),
    })
}

/// Joins the lines of a quoted field, since a line of the summary cannot contain line breaks.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

impl Expense {
    /// Returns whether it contains every word (in lower case).
    pub(crate) fn matches(&self, words: &[String]) -> bool {
        let Self { day, category, amount, person, note, .. } = self;
        let text = format!("{day} {category} {amount} {person} {note}").to_lowercase();
        words.iter().all(|word| text.contains(word))
    }
}

#[cfg(test)]
mod tests {
    use super::Ledger;
    use crate::error::ReportError;

    #[test]
    fn an_invalid_line_is_reported_and_the_others_are_read() {
        let dir = tempfile::tempdir().expect("a directory");
        let text = "date,category,amount\n2026-01-01,Travel,1\nyesterday,travel,2\n2026-01-02,,3\n2026-01-03,meals\n";
        std::fs::write(dir.path().join("a.CSV"), text).expect("a file");
        std::fs::write(dir.path().join("notes.txt"), "not a report").expect("a file");
        let ledger = Ledger::open(&[("/reports", dir.path().to_owned())]).expect("a ledger");
        assert_eq!(ledger.expenses.len(), 1);
        assert_eq!(ledger.expenses[0].category, "travel");
        let skipped: Vec<u64> = ledger.skipped.iter().map(|skipped| skipped.line).collect();
        assert_eq!(skipped, [3, 4, 5], "{:?}", ledger.skipped);
    }

    #[test]
    fn distinguishes_an_empty_directory_from_an_unreadable_one() {
        let dir = tempfile::tempdir().expect("a directory");
        assert!(matches!(Ledger::open(&[("/reports", dir.path().to_owned())]), Err(ReportError::NoReports { .. })));
        assert!(matches!(Ledger::open(&[("/reports", dir.path().join("none"))]), Err(ReportError::Unreadable(_))));
    }
}
