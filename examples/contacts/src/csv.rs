//! CSV as spreadsheets export it (RFC 4180): a header row, and quoted fields that contain commas, quotes and line
//! breaks.

use crate::book::Entries;
use crate::contact::{Contact, Reach};

/// Returns every row of a file.
pub(crate) fn read(text: &str) -> Entries {
    let mut rows = rows(text).into_iter();
    let Some(header) = rows.next() else { return Entries::new() };
    let columns: Vec<Column> = match header {
        Ok((_, names)) => names.iter().map(|name| Column::named(name)).collect(),
        Err(problem) => return vec![Err(problem)],
    };
    if !columns.contains(&Column::Name) {
        return vec![Err((1, "the header has no column `name`".to_owned()))];
    }
    rows.map(|row| {
        let (line, fields) = row?;
        if fields.len() != columns.len() {
            return Err((line, format!("expected {} fields, found {}", columns.len(), fields.len())));
        }
        let mut contact = Contact::default();
        for (column, field) in columns.iter().zip(fields) {
            column.put(field.trim(), &mut contact);
        }
        if contact.name.is_empty() { Err((line, "the row has no name".to_owned())) } else { Ok(contact) }
    })
    .collect()
}

/// The content of a column, recognized by its name in the header.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Column {
    Name,
    Company,
    Title,
    Email(Option<String>),
    Phone(Option<String>),
    Address,
    Notes,
    /// Any other column; it is added to the notes under its name.
    Other(String),
}

impl Column {
    fn named(name: &str) -> Self {
        let lower = name.trim().to_lowercase();
        let kind = |word: &str| lower.split([' ', '_', '-']).find(|part| *part != word).map(str::to_owned);
        match lower.as_str() {
            "name" | "full name" | "full_name" => Self::Name,
            "company" | "organisation" | "organization" => Self::Company,
            "title" | "role" | "job title" => Self::Title,
            "address" => Self::Address,
            "notes" | "note" | "comment" => Self::Notes,
            "email" | "e-mail" | "mail" => Self::Email(None),
            "phone" | "telephone" | "tel" => Self::Phone(None),
            "mobile" | "cell" => Self::Phone(Some(lower)),
            _ if lower.contains("mail") => Self::Email(kind("email")),
            _ if lower.contains("phone") => Self::Phone(kind("phone")),
            _ => Self::Other(name.trim().to_owned()),
        }
    }

    fn put(&self, field: &str, contact: &mut Contact) {
        if field.is_empty() {
            return;
        }
        let text = field.to_owned();
        match self {
            Self::Name => contact.name = text,
            Self::Company => contact.company = Some(text),
            Self::Title => contact.title = Some(text),
            Self::Address => contact.address = Some(text),
            Self::Email(kind) => contact.reach.push(Reach::Email { kind: kind.clone(), address: text }),
            Self::Phone(kind) => contact.reach.push(Reach::Phone { kind: kind.clone(), number: text }),
            Self::Notes => note(contact, &text),
            Self::Other(name) => note(contact, &format!("{name}: {text}")),
        }
    }
}

fn note(contact: &mut Contact, text: &str) {
    let notes = contact.notes.get_or_insert_default();
    if !notes.is_empty() {
        notes.push('\n');
    }
    notes.push_str(text);
}

/// The fields of a row, and the number of its first line.
type Row = (usize, Vec<String>);

/// Returns the rows. A malformed row is its line number and a message.
fn rows(text: &str) -> Vec<Result<Row, (usize, String)>> {
    let mut rows = Vec::new();
    let mut chars = text.chars().peekable();
    let mut line = 1;
    while chars.peek().is_some() {
        let start = line;
        let mut fields = vec![String::new()];
        let mut open = false;
        let mut misplaced = false;
        while let Some(c) = chars.next() {
            let at = fields.len() - 1;
            line += usize::from(c == '\n');
            match c {
                '"' if open && chars.peek() == Some(&'"') => {
                    chars.next();
                    fields[at].push('"');
                }
                '"' if open => {
                    open = false;
                    misplaced |= !matches!(chars.peek(), None | Some(',' | '\r' | '\n'));
                }
                '"' if fields[at].is_empty() => open = true,
                '"' => misplaced = true,
                ',' if !open => fields.push(String::new()),
                '\r' if !open && chars.peek() == Some(&'\n') => {}
                '\n' if !open => break,
                c => fields[at].push(c),
            }
        }
        if fields.iter().all(String::is_empty) && fields.len() == 1 {
            continue;
        }
        rows.push(match (open, misplaced) {
            (true, _) => Err((start, "a quoted field is not closed".to_owned())),
            (_, true) => Err((start, "a quote in the middle of a field".to_owned())),
            _ => Ok((start, fields)),
        });
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_quoted_fields() {
        let text = "Name,Work email,mobile,Notes,Account\r\n\"Babbage, Charles\",c@post.example,,\"says \"\"hm\"\"\nand hums\",A-1\r\n\r\n";
        let entries = read(text);
        assert_eq!(
            entries,
            [Ok(Contact {
                name: "Babbage, Charles".to_owned(),
                reach: vec![Reach::Email { kind: Some("work".to_owned()), address: "c@post.example".to_owned() }],
                notes: Some("says \"hm\"\nand hums\nAccount: A-1".to_owned()),
                ..Contact::default()
            })]
        );
    }

    #[test]
    fn an_invalid_row_is_reported_with_its_line() {
        let problem = |text: &str| {
            let entries = read(text);
            entries.into_iter().find_map(Result::err).expect("a problem")
        };
        assert_eq!(problem("name,phone\na,1\nb\n"), (3, "expected 2 fields, found 1".to_owned()));
        assert_eq!(problem("name\n\"a\nb\"\n\"open\n"), (4, "a quoted field is not closed".to_owned()));
        assert_eq!(problem("name\na\"b\n").0, 2);
        assert_eq!(problem("name,phone\n,1\n"), (2, "the row has no name".to_owned()));
        assert_eq!(problem("title\nx\n").0, 1);
        assert!(read("").is_empty());
    }
}
