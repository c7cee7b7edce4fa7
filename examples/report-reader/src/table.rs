//! CSV with a header: fields by the name of their column, and errors by line.

use csv::{ReaderBuilder, StringRecord, Trim};

/// A row.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Row {
    /// The number of its first line, from 1.
    pub(crate) line: u64,
    columns: Vec<(String, String)>,
}

impl Row {
    /// Returns the field of a column; empty if the column does not exist.
    pub(crate) fn get(&self, column: &str) -> &str {
        self.columns.iter().find(|(name, _)| name == column).map_or("", |(_, field)| field)
    }
}

/// Returns the rows. A malformed row is its line number and a message. Fails if the header lacks one of the `wanted`
/// columns.
pub(crate) fn read(text: &str, wanted: &[&str]) -> Vec<Result<Row, (u64, String)>> {
    let text = text.trim_start_matches('\u{feff}');
    let mut reader =
        ReaderBuilder::new().has_headers(false).flexible(true).trim(Trim::All).from_reader(text.as_bytes());
    let mut records = reader.records();
    let Some(Ok(header)) = records.next() else { return Vec::new() };
    let names: Vec<String> = header.iter().map(str::to_lowercase).collect();
    if let Some(missing) = wanted.iter().find(|column| !names.iter().any(|name| name == *column)) {
        return vec![Err((1, format!("the header has no column `{missing}`")))];
    }
    records.map(|record| row(&names, record)).collect()
}

fn row(names: &[String], record: Result<StringRecord, csv::Error>) -> Result<Row, (u64, String)> {
    let record = record.map_err(|error| (error.position().map_or(0, csv::Position::line), error.to_string()))?;
    let line = record.position().map_or(0, csv::Position::line);
    if record.len() != names.len() {
        return Err((line, format!("expected {} fields, found {}", names.len(), record.len())));
    }
    Ok(Row { line, columns: names.iter().cloned().zip(record.iter().map(str::to_owned)).collect() })
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn columns_are_found_by_name_in_any_order_and_case() {
        let rows = read("\u{feff}Amount , DATE\n 1 ,2026-01-01\n\"2\n\",x\n3\n", &["date", "amount"]);
        let first = rows[0].as_ref().expect("a row");
        assert_eq!((first.line, first.get("amount"), first.get("date"), first.get("note")), (2, "1", "2026-01-01", ""));
        assert_eq!(rows[1].as_ref().map(|row| row.line), Ok(3));
        assert_eq!(rows[2], Err((5, "expected 2 fields, found 1".to_owned())));
        assert_eq!(read("date\n", &["date", "amount"]), [Err((1, "the header has no column `amount`".to_owned()))]);
        assert_eq!(read("", &["date"]), []);
    }
}
