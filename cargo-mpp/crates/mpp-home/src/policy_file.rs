//! Reads `policy.toml`, and says on which line a mistake is.

use std::ops::Range;
use std::path::Path;

use mpp_host::causes::BoxedError;
use mpp_host::policy::{Policy, Settings};
use mpp_host::text::without_byte_order_mark;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::error::HomeError;

/// Returns the policy in the bytes of the file at `path`.
pub(crate) fn parse(path: &Path, bytes: &[u8]) -> Result<Policy, HomeError> {
    let text = std::str::from_utf8(without_byte_order_mark(bytes)).map_err(|error| HomeError::damaged(path, error))?;
    let mistake = |span: Option<Range<usize>>, source: BoxedError| {
        let (line, column) = place(text, span.map_or(0, |span| span.start));
        HomeError::Policy { path: path.to_owned(), line, column, source }
    };
    let settings: Settings = toml::from_str(text).map_err(|error| mistake(error.span(), error.message().into()))?;
    Policy::new(settings).map_err(|error| mistake(span_of(text, &error.keys()), error.into()))
}

/// Returns where the last of these keys is that the text has.
fn span_of(text: &str, keys: &[&str]) -> Option<Range<usize>> {
    let document = DeTable::parse(text).ok()?;
    let mut table: &DeTable<'_> = document.get_ref();
    let mut span = None;
    for wanted in keys {
        let Some((key, value)) = entry(table, wanted) else { break };
        span = Some(key.span());
        let DeValue::Table(inner) = value.get_ref() else { break };
        table = inner;
    }
    span
}

fn entry<'t, 'd>(
    table: &'t DeTable<'d>,
    wanted: &str,
) -> Option<(&'t Spanned<std::borrow::Cow<'d, str>>, &'t Spanned<DeValue<'d>>)> {
    table.iter().find(|(key, _)| key.get_ref() == wanted)
}

/// Returns the line and the column of a byte, counted from 1.
fn place(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or_default();
    let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
    (line, before.rsplit('\n').next().unwrap_or_default().chars().count() + 1)
}
