//! The monthly budget of each category.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::error::ReportError;
use crate::money::Money;
use crate::table;

/// The monthly budget of each category.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Budget(BTreeMap<String, Money>);

impl Budget {
    /// Reads the file. Unlike in a report, a malformed line is an error: part of a budget would be a different budget.
    pub(crate) fn open(path: &Path) -> Result<Self, ReportError> {
        let text = fs::read_to_string(path)?;
        let mut budget = BTreeMap::new();
        for row in table::read(&text, &["category", "monthly"]) {
            let wrong = |(line, problem)| ReportError::Budget { line, problem };
            let row = row.map_err(wrong)?;
            let amount = row.get("monthly").parse().map_err(|problem| wrong((row.line, problem)))?;
            if budget.insert(row.get("category").to_lowercase(), amount).is_some() {
                return Err(wrong((row.line, format!("`{}` occurs twice", row.get("category")))));
            }
        }
        Ok(Self(budget))
    }

    /// Returns the monthly budget of a category, if it has one.
    pub(crate) fn of(&self, category: &str) -> Option<Money> {
        self.0.get(category).copied()
    }

    /// Returns the monthly budget of all categories.
    pub(crate) fn total(&self) -> Money {
        self.0.values().copied().sum()
    }
}
