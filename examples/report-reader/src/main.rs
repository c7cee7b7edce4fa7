//! Reads expense reports, compares them with a budget, and writes the month's summary.
//!
//! The manifest declares two directories and one file to read, and one file to write, so the tool can access nothing
//! else. It writes the summary like any file: the host gives it a copy, which replaces the original when the call
//! succeeds.

mod budget;
mod day;
mod error;
mod ledger;
mod money;
mod summary;
mod table;

use std::collections::BTreeMap;
use std::fs;

use budget::Budget;
use day::Month;
use error::ReportError;
use ledger::{Expense, Ledger};
use money::Money;
use summary::Line;

// ANCHOR: paths
/// Paths that the manifest declares. The user maps each to a path of their machine.
const REPORTS: [&str; 2] = ["/reports", "/archive"];
const BUDGET: &str = "/config/budget.csv";
const SUMMARY: &str = "/out/summary.md";
// ANCHOR_END: paths

/// The property to add up by.
#[mpp::data]
#[derive(Debug, Clone, Copy)]
#[serde(rename_all = "snake_case")]
enum Group {
    /// The category, compared with the budget.
    Category,
    /// The month.
    Month,
    /// The person who spent the money.
    Person,
}

/// A report.
#[mpp::data]
#[derive(Debug)]
struct Report {
    /// The file.
    file: String,
    /// The day of the first expense.
    from: String,
    /// The day of the last expense.
    to: String,
    /// The number of expenses.
    expenses: usize,
    /// The sum of the expenses.
    total: f64,
}

/// The spending for a category, month or person.
#[mpp::data]
#[derive(Debug)]
struct Total {
    /// The category, month or person.
    name: String,
    /// The amount that was spent.
    spent: f64,
    /// The budget for the same months, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    budget: Option<f64>,
    /// The amount by which the spending exceeds the budget.
    #[serde(skip_serializing_if = "Option::is_none")]
    over: Option<f64>,
}

/// One expense.
#[mpp::data]
#[derive(Debug)]
struct Found {
    /// The day, for example `2026-02-17`.
    date: String,
    /// The category.
    category: String,
    /// The amount.
    amount: f64,
    /// The person who spent the money.
    person: String,
    /// Their note.
    note: String,
    /// The report that contains the expense.
    file: String,
}

/// The summary that was written.
#[mpp::data]
#[derive(Debug)]
struct Written {
    /// The file.
    file: String,
    /// The month of the summary.
    month: String,
    /// The amount that was spent.
    spent: f64,
    /// The budget of the month.
    budget: f64,
    /// The categories that cost more than their budget.
    over: Vec<String>,
    /// The number of lines that could not be read and are not counted; the summary lists them.
    skipped: usize,
}

/// List the reports with their files, days and sums.
#[mpp::tool(title = "List the reports", read_only, idempotent)]
fn reports() -> Result<Vec<Report>, ReportError> {
    let ledger = open()?;
    let mut files: BTreeMap<&str, Vec<&Expense>> = BTreeMap::new();
    for expense in &ledger.expenses {
        files.entry(&expense.file).or_default().push(expense);
    }
    // Expenses are sorted by day.
    let report = |(file, expenses): (&str, Vec<&Expense>)| {
        let (first, last) = (expenses.first()?, expenses.last()?);
        let total = expenses.iter().map(|expense| expense.amount).sum::<Money>().number();
        let (from, to) = (first.day.to_string(), last.day.to_string());
        Some(Report { file: file.to_owned(), from, to, expenses: expenses.len(), total })
    };
    Ok(files.into_iter().filter_map(report).collect())
}

/// Add up expenses by category, month or person.
#[mpp::tool(title = "Add up", read_only, idempotent)]
fn totals(
    /// The property to add up by.
    #[arg(default = Group::Category)]
    by: Group,
    /// Only this month, for example `2026-02`; all months if this is not set.
    #[arg(pattern = r"^\d{4}-\d{2}$", example = "2026-02")]
    month: Option<String>,
) -> Result<Vec<Total>, ReportError> {
    let ledger = open()?;
    let month = month.map(|month| known(&ledger, &month)).transpose()?;
    if let Group::Category = by {
        let lines = summary::lines(&ledger, &Budget::open(&mpp::path(BUDGET)?)?, month);
        return Ok(lines.into_iter().map(Total::from).collect());
    }
    let mut totals: BTreeMap<String, Money> = BTreeMap::new();
    for expense in ledger.of(month) {
        let name = if let Group::Month = by { expense.day.month.to_string() } else { expense.person.clone() };
        let sum = totals.entry(name).or_default();
        *sum = *sum + expense.amount;
    }
    let total = |(name, spent): (String, Money)| Total { name, spent: spent.number(), budget: None, over: None };
    Ok(totals.into_iter().map(total).collect())
}

/// Find expenses that contain every word of the query.
#[mpp::tool(title = "Find expenses", read_only, idempotent, security_level = "medium")]
fn find(
    /// Words to look for, in any order and case, for example `ada hotel` or `2026-02 travel`.
    #[arg(min_len = 1, max_len = 200, example = "ada hotel")]
    query: &str,
    /// The maximum number of expenses to return.
    #[arg(default = 20, range = 1..=200)]
    limit: usize,
) -> Result<Vec<Found>, ReportError> {
    let words: Vec<String> = query.split_whitespace().map(str::to_lowercase).collect();
    let found = open()?.expenses.into_iter().filter(|expense| expense.matches(&words)).take(limit);
    let found: Vec<Found> = found.map(Found::from).collect();
    if found.is_empty() { Err(ReportError::NotFound { query: query.to_owned() }) } else { Ok(found) }
}

// ANCHOR: summarize
/// Write the summary of a month: the spending of each category, and the rest of its budget.
#[mpp::tool(title = "Write the summary", idempotent, security_level = "medium")]
fn summarize(
    /// The month, for example `2026-02`; the latest month if this is not set.
    #[arg(pattern = r"^\d{4}-\d{2}$", example = "2026-02")]
    month: Option<String>,
) -> Result<Written, ReportError> {
    let (ledger, budget) = (open()?, Budget::open(&mpp::path(BUDGET)?)?);
    let month = known(&ledger, month.as_deref().unwrap_or("latest"))?;
    let lines = summary::lines(&ledger, &budget, Some(month));
    fs::write(mpp::path(SUMMARY)?, summary::markdown(month, &lines, &budget, &ledger))?;
    Ok(Written {
        file: SUMMARY.to_owned(),
        month: month.to_string(),
        spent: lines.iter().map(|line| line.spent).sum::<Money>().number(),
        budget: budget.total().number(),
        over: lines.iter().filter(|line| line.over().is_some()).map(|line| line.category.clone()).collect(),
        skipped: ledger.skipped.len(),
    })
}
// ANCHOR_END: summarize

/// Returns the given month, or the latest one, if it has expenses.
fn known(ledger: &Ledger, month: &str) -> Result<Month, ReportError> {
    let months = ledger.months();
    let latest = months.last().copied();
    let wanted = if month == "latest" { latest } else { month.parse().ok() };
    wanted.filter(|month| months.contains(month)).ok_or_else(|| ReportError::NoSuchMonth {
        month: month.to_owned(),
        latest: latest.map_or("no month at all".to_owned(), |latest| latest.to_string()),
    })
}

impl From<Line> for Total {
    fn from(line: Line) -> Self {
        let (budget, over) = (line.budget.map(Money::number), line.over().map(Money::number));
        Self { name: line.category, spent: line.spent.number(), budget, over }
    }
}

impl From<Expense> for Found {
    fn from(expense: Expense) -> Self {
        let Expense { day, category, amount, person, note, file } = expense;
        Self { date: day.to_string(), category, amount: amount.number(), person, note, file }
    }
}

fn open() -> Result<Ledger, ReportError> {
    let [reports, archive] = REPORTS;
    let ledger = Ledger::open(&[(reports, mpp::path(reports)?), (archive, mpp::path(archive)?)])?;
    for skipped in &ledger.skipped {
        mpp::log!("{}, line {}: skipped: {}", skipped.file, skipped.line, skipped.problem);
    }
    Ok(ledger)
}

fn main() {
    mpp::serve()
}

#[cfg(test)]
mod tests;
