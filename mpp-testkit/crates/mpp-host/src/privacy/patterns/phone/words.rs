//! Words that announce a telephone number. Some of them have a technical meaning, too: a *call* returns, a *ring* is a
//! buffer, a *cell* is a field of a table.

use std::sync::LazyLock;

use crate::privacy::context::{Announcement, Words};

/// Words that are said of telephones only.
const STRONG: usize = 27;

static WORDS: LazyLock<Words> = LazyLock::new(|| Words::new(LIST));

/// The words, those of telephones only first.
const LIST: &[&str] = &[
    "phone",
    "phone no",
    "phone number",
    "telephone",
    "tel",
    "tel.",
    "cellphone",
    "fax",
    "call me at",
    "sms",
    "text me",
    "whatsapp",
    "hotline",
    "reach me",
    "reach her",
    "reach him",
    "telefon",
    "telefono",
    "teléfono",
    "téléphone",
    "telefone",
    "telefax",
    "rufnummer",
    "телефон",
    "тел",
    "电话",
    "電話",
    // Words with another meaning.
    "mobile",
    "mob",
    "cell",
    "cellular",
    "call",
    "signal",
    "dial",
    "ring",
    "handy",
    "móvil",
    "movil",
    "portable",
    "mobil",
    "celular",
    "手机",
    "手機",
    "携帯",
    "전화",
];

/// The words without spaces, sorted.
static LABELS: LazyLock<Vec<&str>> = LazyLock::new(|| {
    let mut words: Vec<&str> = LIST.iter().copied().filter(|word| !word.contains([' ', '.'])).collect();
    words.sort_unstable();
    words
});

/// For each letter of ASCII, whether a label ends with it.
static LAST_LETTERS: LazyLock<[bool; 26]> = LazyLock::new(|| {
    let mut letters = [false; 26];
    for label in LABELS.iter() {
        if let Some(last) = label.bytes().last().filter(u8::is_ascii_lowercase) {
            letters[usize::from(last - b'a')] = true;
        }
    }
    letters
});

/// Returns whether a label of a telephone number ends at `at`.
pub(super) fn end_at(text: &str, at: usize) -> bool {
    let head = &text[..at];
    // Most words end with another letter, as `CUST-12345678` does.
    if let Some(last) = head.bytes().last().filter(u8::is_ascii_alphabetic)
        && !LAST_LETTERS[usize::from(last.to_ascii_lowercase() - b'a')]
    {
        return false;
    }
    let letters = head.bytes().rev().take_while(|b| b.is_ascii_alphabetic() || !b.is_ascii()).count();
    let (before, word) = head.split_at(at - letters);
    if before.ends_with(|c: char| c.is_ascii_digit()) || !(2..=24).contains(&letters) {
        return false;
    }
    let is_label = |word: &str| LABELS.binary_search(&word).is_ok();
    if !word.is_ascii() {
        return is_label(&word.to_lowercase());
    }
    let mut lower = [0; 24];
    lower[..letters].copy_from_slice(word.as_bytes());
    lower.make_ascii_lowercase();
    std::str::from_utf8(&lower[..letters]).is_ok_and(is_label)
}

/// Returns whether the words before `at` announce a telephone number. `grouped` tells whether the number is written like one,
/// with separators or a leading 0.
pub(super) fn announce(text: &str, at: usize, grouped: bool) -> bool {
    WORDS.precede_if(text, at, 20, |found| is_announcement(found, grouped))
}

fn is_announcement(found: Announcement<'_>, grouped: bool) -> bool {
    let mut between = found.between.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    if between.clone().any(|word| contains(FIGURES, word)) {
        return false;
    }
    if found.word < STRONG || !LIST[found.word].is_ascii() {
        return true;
    }
    let previous = found.before.trim_end_matches([' ', '-', '_']).rsplit(|c: char| !c.is_alphanumeric()).next();
    let technical = previous.is_some_and(|word| contains(TECHNICAL, word));
    // `calls 5551234` counts something; `call Ada 5551234567` does not.
    let plural = found.between.starts_with(['s', 'S']);
    !technical && !plural && (grouped || between.all(|word| contains(LINKS, word) || is_name(word)))
}

/// Returns whether a word is written like a name.
fn is_name(word: &str) -> bool {
    let mut chars = word.chars();
    chars.next().is_some_and(char::is_uppercase) && chars.all(char::is_lowercase) && word.chars().nth(1).is_some()
}

fn contains(list: &[&str], word: &str) -> bool {
    word.len() <= 16 && list.binary_search(&word.to_lowercase().as_str()).is_ok()
}

/// Words between an announcement and a telephone number, sorted.
const LINKS: &[&str] = &[
    "a",
    "at",
    "back",
    "direct",
    "directly",
    "es",
    "est",
    "for",
    "help",
    "her",
    "him",
    "home",
    "is",
    "ist",
    "line",
    "me",
    "my",
    "no",
    "now",
    "nr",
    "num",
    "number",
    "numbers",
    "numero",
    "nummer",
    "numéro",
    "número",
    "office",
    "on",
    "or",
    "our",
    "phone",
    "please",
    "private",
    "reception",
    "sales",
    "support",
    "tel",
    "telephone",
    "the",
    "them",
    "to",
    "today",
    "under",
    "us",
    "via",
    "work",
];

/// Words after which a number is a measure, a count, a time or an identifier, sorted.
const FIGURES: &[&str] = &[
    "account",
    "addr",
    "amount",
    "api",
    "app",
    "apps",
    "bandwidth",
    "batch",
    "bits",
    "blocks",
    "budget",
    "buffer",
    "buffers",
    "bytes",
    "capacity",
    "checksum",
    "code",
    "completed",
    "cost",
    "count",
    "counter",
    "culture",
    "cycles",
    "delay",
    "depth",
    "device",
    "devices",
    "duration",
    "elapsed",
    "error",
    "exchange",
    "exit",
    "failed",
    "frames",
    "frequency",
    "gain",
    "handled",
    "handler",
    "hash",
    "height",
    "id",
    "ids",
    "imei",
    "imsi",
    "index",
    "installs",
    "interval",
    "invoice",
    "job",
    "key",
    "latency",
    "length",
    "level",
    "limit",
    "made",
    "market",
    "mask",
    "max",
    "memory",
    "min",
    "model",
    "noise",
    "offset",
    "order",
    "orders",
    "packets",
    "period",
    "pid",
    "pixels",
    "power",
    "price",
    "processed",
    "quota",
    "range",
    "rate",
    "received",
    "records",
    "ref",
    "reference",
    "requests",
    "returned",
    "returns",
    "revenue",
    "row",
    "rows",
    "sample",
    "samples",
    "sent",
    "sequence",
    "serial",
    "sessions",
    "sig",
    "size",
    "sizes",
    "sold",
    "stack",
    "status",
    "storage",
    "strength",
    "task",
    "ticket",
    "timeout",
    "timestamp",
    "took",
    "total",
    "tower",
    "traffic",
    "updated",
    "used",
    "users",
    "uuid",
    "value",
    "values",
    "version",
    "views",
    "visits",
    "volume",
    "width",
];

/// Words before which `call`, `ring`, `cell`, `signal` and the like have another meaning, sorted.
const TECHNICAL: &[&str] = &[
    "analog",
    "api",
    "battery",
    "digital",
    "each",
    "every",
    "excel",
    "fuel",
    "function",
    "gps",
    "grid",
    "handle",
    "host",
    "input",
    "key",
    "last",
    "margin",
    "memory",
    "method",
    "output",
    "per",
    "procedure",
    "process",
    "put",
    "radio",
    "remote",
    "rpc",
    "signal",
    "solar",
    "spreadsheet",
    "sys",
    "system",
    "table",
    "token",
    "tool",
    "unit",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_are_in_order() {
        for list in [LINKS, FIGURES, TECHNICAL] {
            assert!(list.is_sorted(), "{:?}", list.windows(2).find(|pair| pair[0] > pair[1]));
        }
        assert_eq!(LIST[STRONG], "mobile");
    }

    #[test]
    fn labels_end_at_a_place() {
        for text in ["phone", "my Phone", "x Móvil", "(TEL"] {
            assert!(end_at(text, text.len()), "{text}");
        }
        for text in ["hotel", "phone ", "", "el", "2tel", "cust"] {
            assert!(!end_at(text, text.len()), "{text}");
        }
    }
}
