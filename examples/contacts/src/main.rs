//! Looks people up in an address book: the vCard and CSV files of one directory.
//!
//! The manifest declares only `/contacts`, so the tool can read nothing else. It returns entries unchanged; the host
//! redacts e-mail addresses, telephone numbers, card numbers and customer numbers from the result.

mod book;
mod contact;
mod csv;
mod vcard;

use std::collections::BTreeMap;

use book::{Book, BookError};
use contact::{Contact, Field};

/// The directory with the address book, as the tool sees it.
const DIRECTORY: &str = "/contacts";

/// The order of a list.
#[mpp::data]
#[derive(Debug, Clone, Copy)]
#[serde(rename_all = "snake_case")]
enum Order {
    /// By name.
    Name,
    /// By company, then by name.
    Company,
}

/// The property to count people by.
#[mpp::data]
#[derive(Debug, Clone, Copy)]
#[serde(rename_all = "snake_case")]
enum Group {
    /// The company they work for.
    Company,
    /// The file that contains them.
    File,
}

/// A page of the list.
#[mpp::data]
#[derive(Debug)]
struct Page {
    /// The number of people in the whole list.
    total: usize,
    /// The people on this page.
    people: Vec<Person>,
    /// The start of the next page; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_offset: Option<usize>,
}

/// A person without e-mail addresses and telephone numbers.
#[mpp::data]
#[derive(Debug)]
struct Person {
    /// Full name.
    name: String,
    /// Company, if known.
    #[serde(skip_serializing_if = "Option::is_none")]
    company: Option<String>,
}

/// Find people whose name, company, address or notes contain every word of the query.
#[mpp::tool(title = "Find people", read_only, idempotent, security_level = "medium")]
fn find(
    /// Words to look for, in any order and case, for example `ada` or `engines london`.
    #[arg(min_len = 1, max_len = 200, example = "ada")]
    query: &str,
    /// Search in this field only.
    field: Option<Field>,
    /// The maximum number of people to return.
    #[arg(default = 10, range = 1..=100)]
    limit: usize,
) -> Result<Vec<Contact>, BookError> {
    let book = open()?;
    let words: Vec<String> = query.split_whitespace().map(str::to_lowercase).collect();
    let found: Vec<Contact> = book.contacts.into_iter().filter(|c| c.matches(&words, field)).take(limit).collect();
    if found.is_empty() { Err(BookError::NotFound { query: query.to_owned() }) } else { Ok(found) }
}

/// List all people, page by page.
#[mpp::tool(title = "List people", read_only, idempotent)]
fn list(
    /// The order.
    #[arg(default = Order::Name)]
    order: Order,
    /// The number of people to skip: `next_offset` of the previous page.
    #[arg(default)]
    offset: usize,
    /// The maximum number of people to return.
    #[arg(default = 20, range = 1..=100)]
    limit: usize,
) -> Result<Page, BookError> {
    let mut contacts = open()?.contacts;
    if let Order::Company = order {
        // People without a company come last. The book is already sorted by name.
        contacts.sort_by_key(|c| (c.company.is_none(), c.company.clone()));
    }
    let total = contacts.len();
    let people = contacts.into_iter().skip(offset).take(limit);
    let people: Vec<Person> = people.map(|c| Person { name: c.name, company: c.company }).collect();
    let next = offset + people.len();
    Ok(Page { total, people, next_offset: (next < total).then_some(next) })
}

/// Count people by company or by file.
#[mpp::tool(title = "Count people", read_only, idempotent)]
fn count(
    /// What to count by.
    #[arg(default = Group::Company)]
    by: Group,
) -> Result<BTreeMap<String, usize>, BookError> {
    let mut counts = BTreeMap::new();
    for contact in open()?.contacts {
        let key = match by {
            Group::Company => contact.company.unwrap_or_else(|| "(none)".to_owned()),
            Group::File => contact.file,
        };
        *counts.entry(key).or_default() += 1;
    }
    Ok(counts)
}

fn open() -> Result<Book, BookError> {
    let book = Book::open(&mpp::path(DIRECTORY)?)?;
    for skipped in &book.skipped {
        mpp::log!("{}, line {}: skipped: {}", skipped.file, skipped.line, skipped.problem);
    }
    Ok(book)
}

fn main() {
    mpp::serve()
}

#[cfg(test)]
mod tests;
