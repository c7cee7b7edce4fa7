//! vCard 3.0 and 4.0 (RFC 2426, RFC 6350): folded lines, groups, parameters, escapes.

use crate::book::Entries;
use crate::contact::{Contact, Reach};

/// Returns every card of a file.
pub(crate) fn read(text: &str) -> Entries {
    let mut entries = Entries::new();
    let mut card: Option<(usize, Contact)> = None;
    for (number, line) in unfold(text) {
        let Some(property) = Property::parse(&line) else {
            if card.take().is_some() || !line.trim().is_empty() {
                entries.push(Err((number, format!("expected `NAME:VALUE`, found `{}`", shortened(&line)))));
            }
            continue;
        };
        match (property.name.as_str(), property.value.to_ascii_uppercase().as_str()) {
            ("BEGIN", "VCARD") => {
                if let Some((start, _)) = card.replace((number, Contact::default())) {
                    entries.push(Err((start, "expected `END:VCARD` before the next card".to_owned())));
                }
            }
            ("END", "VCARD") => match card.take() {
                Some((start, contact)) if contact.name.is_empty() => {
                    entries.push(Err((start, "the card has no name (`FN`)".to_owned())));
                }
                Some((_, contact)) => entries.push(Ok(contact)),
                None => entries.push(Err((number, "`END:VCARD` without a beginning".to_owned()))),
            },
            _ => {
                if let Some((_, contact)) = &mut card {
                    property.apply(contact);
                }
            }
        }
    }
    if let Some((start, _)) = card {
        entries.push(Err((start, "the card has no `END:VCARD`".to_owned())));
    }
    entries
}

/// Returns logical lines with the number of their first physical line. A line that begins with white space continues
/// the previous one.
fn unfold(text: &str) -> Vec<(usize, String)> {
    let mut lines: Vec<(usize, String)> = Vec::new();
    for (index, line) in text.lines().enumerate() {
        match (line.strip_prefix([' ', '\t']), lines.last_mut()) {
            (Some(rest), Some((_, last))) => last.push_str(rest),
            _ if line.is_empty() => {}
            _ => lines.push((index + 1, line.to_owned())),
        }
    }
    lines
}

/// Parses `item1.TEL;TYPE=work,voice:+44 …`.
struct Property {
    name: String,
    kinds: Vec<String>,
    value: String,
}

impl Property {
    fn parse(line: &str) -> Option<Self> {
        let (head, value) = split_once_unquoted(line, ':')?;
        let mut parts = split_unquoted(head, ';').into_iter();
        let name = parts.next()?;
        let name = name.rsplit('.').next().unwrap_or(name).to_ascii_uppercase();
        if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
            return None;
        }
        let kinds = parts.flat_map(|parameter| {
            match parameter.split_once('=') {
                Some((key, value)) if key.eq_ignore_ascii_case("TYPE") => value.trim_matches('"'),
                Some(_) => "",
                // vCard 2.1: `TEL;WORK:`
                None => parameter,
            }
            .split(',')
        });
        let kinds = kinds.map(str::to_ascii_lowercase).filter(|kind| is_kind(kind)).collect();
        Some(Self { name, kinds, value: value.to_owned() })
    }

    fn apply(self, contact: &mut Contact) {
        let kind = self.kinds.first().cloned();
        let text = unescape(&self.value).trim().to_owned();
        if text.is_empty() {
            return;
        }
        match self.name.as_str() {
            "FN" => contact.name = text,
            // If there is no other name, joins the structured one: family; given; additional; prefixes; suffixes.
            "N" if contact.name.is_empty() => {
                let parts = components(&self.value);
                let order = [3, 1, 2, 0, 4].into_iter().filter_map(|i| parts.get(i));
                contact.name = order.filter(|part| !part.is_empty()).cloned().collect::<Vec<_>>().join(" ");
            }
            "ORG" => contact.company = components(&self.value).into_iter().find(|part| !part.is_empty()),
            "TITLE" => contact.title = Some(text),
            "NOTE" => contact.notes = Some(text),
            "EMAIL" => contact.reach.push(Reach::Email { kind, address: text }),
            "TEL" => {
                let number = text.strip_prefix("tel:").unwrap_or(&text).to_owned();
                contact.reach.push(Reach::Phone { kind, number });
            }
            "ADR" => {
                let parts: Vec<_> = components(&self.value).into_iter().filter(|part| !part.is_empty()).collect();
                contact.address = Some(parts.join(", "));
            }
            _ => {}
        }
    }
}

/// Returns whether a `TYPE` states a place or a device, and not only a preference.
fn is_kind(kind: &str) -> bool {
    !matches!(kind, "" | "pref" | "internet" | "voice")
}

/// Returns the parts of a structured value.
fn components(value: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        let last = parts.len() - 1;
        match c {
            ';' => parts.push(String::new()),
            '\\' => parts[last].extend(['\\'].into_iter().chain(chars.next())),
            c => parts[last].push(c),
        }
    }
    parts.iter().map(|part| unescape(part).trim().to_owned()).collect()
}

/// Decodes `\n`, `\,`, `\;` and `\\`.
fn unescape(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('n' | 'N') => text.push('\n'),
                Some(other) => text.push(other),
                None => text.push('\\'),
            },
            c => text.push(c),
        }
    }
    text
}

/// Splits outside double quotes.
fn split_unquoted(text: &str, separator: char) -> Vec<&str> {
    let mut quoted = false;
    text.split(|c| {
        quoted ^= c == '"';
        c == separator && !quoted
    })
    .collect()
}

fn split_once_unquoted(text: &str, separator: char) -> Option<(&str, &str)> {
    let head = split_unquoted(text, separator).first()?.len();
    Some((&text[..head], text[head..].strip_prefix(separator)?))
}

fn shortened(line: &str) -> String {
    line.chars().take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(card: &str) -> Contact {
        let mut entries = read(&format!("BEGIN:VCARD\nVERSION:4.0\n{card}\nEND:VCARD\n"));
        assert_eq!(entries.len(), 1);
        entries.remove(0).expect("a card")
    }

    #[test]
    fn reads_folded_lines_groups_parameters_and_escapes() {
        let contact = one(concat!(
            "item1.FN:Ada\r\n  Lovelace\r\n",
            "ORG:Analytical Engines\\, Ltd;Research\r\n",
            "EMAIL;TYPE=INTERNET,Work;PREF=1:ada@post.example\r\n",
            "TEL;VALUE=uri;TYPE=\"cell,voice\":tel:+44-20-7946-0958\r\n",
            "TEL;HOME:020 7946 0958\r\n",
            "ADR;LABEL=\"a:b;c\":;;12 Long Acre;London;;WC2E 9JT;UK\r\n",
            "NOTE:one\\ntwo\\; three \\\\ four\r\n",
            "X-OTHER:ignored",
        ));
        assert_eq!(contact.name, "Ada Lovelace");
        assert_eq!(contact.company.as_deref(), Some("Analytical Engines, Ltd"));
        assert_eq!(contact.address.as_deref(), Some("12 Long Acre, London, WC2E 9JT, UK"));
        assert_eq!(contact.notes.as_deref(), Some("one\ntwo; three \\ four"));
        let phone = |kind: &str, number: &str| Reach::Phone { kind: Some(kind.to_owned()), number: number.to_owned() };
        assert_eq!(
            contact.reach,
            [
                Reach::Email { kind: Some("work".to_owned()), address: "ada@post.example".to_owned() },
                phone("cell", "+44-20-7946-0958"),
                phone("home", "020 7946 0958"),
            ]
        );
    }

    #[test]
    fn derives_a_missing_name_from_its_parts() {
        assert_eq!(one("N:Hopper;Grace;Brewster;Dr;PhD").name, "Dr Grace Brewster Hopper PhD");
        assert_eq!(one("FN:Grace Hopper\nN:Hopper;Grace;;;").name, "Grace Hopper");
    }

    #[test]
    fn an_invalid_card_does_not_hide_the_next_one() {
        let text = "BEGIN:VCARD\nEMAIL:x@post.example\nEND:VCARD\nBEGIN:VCARD\nFN:B\nEND:VCARD\nBEGIN:VCARD\nFN:C\nEND:VCARD\nBEGIN:VCARD\nFN:D";
        let entries = read(text);
        let names: Vec<_> = entries.iter().flatten().map(|contact| contact.name.as_str()).collect();
        assert_eq!(names, ["B", "C"]);
        let lines: Vec<_> = entries.iter().filter_map(|entry| entry.as_ref().err()).map(|(line, _)| *line).collect();
        assert_eq!(lines, [1, 10]);
        assert!(read("nonsense").first().is_some_and(Result::is_err));
        assert!(read("").is_empty());
    }
}
