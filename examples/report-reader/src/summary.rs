//! The summary of a month, as Markdown.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::budget::Budget;
use crate::day::Month;
use crate::ledger::Ledger;
use crate::money::Money;

/// Spending and budget of one category.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) category: String,
    pub(crate) spent: Money,
    pub(crate) budget: Option<Money>,
}

impl Line {
    /// Returns the spending above the budget; 0 for a category without a budget.
    pub(crate) fn over(&self) -> Option<Money> {
        self.budget.filter(|budget| self.spent > *budget).map(|budget| self.spent - budget)
    }
}

/// Returns the spending of each category in a month or in all months, with the budget of as many months.
pub(crate) fn lines(ledger: &Ledger, budget: &Budget, month: Option<Month>) -> Vec<Line> {
    let months = if month.is_some() { 1 } else { ledger.months().len() };
    let mut spent: BTreeMap<&str, Money> = BTreeMap::new();
    for expense in ledger.of(month) {
        let sum = spent.entry(&expense.category).or_default();
        *sum = *sum + expense.amount;
    }
    let line = |(category, spent): (&str, Money)| {
        let budget = budget.of(category).map(|monthly| monthly.times(months));
        Line { category: category.to_owned(), spent, budget }
    };
    spent.into_iter().map(line).collect()
}

/// Returns the text of the file.
pub(crate) fn markdown(month: Month, lines: &[Line], budget: &Budget, ledger: &Ledger) -> String {
    let mut text = format!("# Expenses of {month}\n\n| category | spent | budget | left |\n|---|--:|--:|--:|\n");
    let mut row = |name: &str, spent: Money, budget: Option<Money>| {
        let amount = |amount: Option<Money>| amount.map_or("–".to_owned(), |amount| amount.to_string());
        let left = budget.map(|budget| budget - spent);
        // Writing to a `String` cannot fail.
        let _ = writeln!(text, "| {name} | {spent} | {} | {} |", amount(budget), amount(left));
    };
    for line in lines {
        row(&line.category.replace('|', "\\|"), line.spent, line.budget);
    }
    let spent = lines.iter().map(|line| line.spent).sum();
    row("**all**", spent, Some(budget.total()));
    if !ledger.skipped.is_empty() {
        text.push_str("\nNot counted, because they could not be read:\n\n");
        for skipped in &ledger.skipped {
            let _ = writeln!(text, "- {}, line {}: {}", skipped.file, skipped.line, skipped.problem);
        }
    }
    text
}
