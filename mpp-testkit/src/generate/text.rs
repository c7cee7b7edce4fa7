//! Generates texts: arbitrary ones, and those that a pattern or a format requires.

use std::ops::Range;

use proptest::prelude::*;
use proptest::string::string_regex_parsed;
use regex_syntax::ast::{self, Ast, ClassPerl, ClassPerlKind, ClassSetItem};
use regex_syntax::hir::{Hir, HirKind};

/// Generates texts of `min` to `max` characters.
pub(super) fn free(min: usize, max: usize) -> BoxedStrategy<String> {
    let longest = max.min(min.saturating_add(40));
    let any = proptest::collection::vec(character(), min..=longest).prop_map(|chars| chars.into_iter().collect());
    let known: Vec<&'static str> =
        KNOWN.iter().copied().filter(|text| (min..=max).contains(&text.chars().count())).collect();
    if known.is_empty() {
        return any.boxed();
    }
    prop_oneof![3 => any, 1 => proptest::sample::select(known).prop_map(str::to_owned)].boxed()
}

/// Texts that often cause failures.
const KNOWN: [&str; 14] = [
    "",
    " ",
    "0",
    "-1",
    "null",
    "a b",
    "line\nbreak",
    "\u{0}",
    "é",
    "e\u{301}",
    "日本語",
    "👩‍👩‍👧",
    "\u{202e}abc",
    "'; \" <b> ${x} {{y}} %s ../",
];

fn character() -> impl Strategy<Value = char> {
    prop_oneof![
        6 => proptest::char::range('a', 'z'),
        2 => proptest::char::range(' ', '~'),
        1 => proptest::sample::select(vec!['é', 'ß', 'İ', '日', '👍', '\u{301}', '\u{feff}', '\n', '\t', '\u{7f}']),
        1 => any::<char>(),
    ]
}

/// Generates texts that a pattern matches; `None` where no generator can be made from it.
pub(super) fn matching(pattern: &str) -> Option<BoxedStrategy<String>> {
    let pattern = with_ecma_classes(pattern)?;
    let hir = regex_syntax::parse(&pattern).ok()?;
    let regex = regex::Regex::new(&pattern).ok()?;
    let strategy = string_regex_parsed(&without_anchors(&hir)).ok()?;
    Some(strategy.prop_filter("the pattern does not match", move |text| regex.is_match(text)).boxed())
}

/// Replaces the shorthand classes by those of ECMA-262, which JSON Schema uses: `\d` is `0` to `9`, and not every digit of
/// Unicode; `\w` and `\s` likewise.
fn with_ecma_classes(pattern: &str) -> Option<String> {
    let ast = ast::parse::Parser::new().parse(pattern).ok()?;
    let mut replaced = pattern.to_owned();
    // From the end, so that the positions of the others do not change.
    for (place, class) in ast::visit(&ast, Shorthands::default()).ok()?.into_iter().rev() {
        replaced.replace_range(place, class);
    }
    Some(replaced)
}

/// Collects the positions of `\d`, `\w`, `\s` and their negations, also inside brackets, with their replacements.
#[derive(Default)]
struct Shorthands(Vec<(Range<usize>, &'static str)>);

impl Shorthands {
    fn add(&mut self, class: &ClassPerl) {
        let replacement = match (&class.kind, class.negated) {
            (ClassPerlKind::Digit, false) => "[0-9]",
            (ClassPerlKind::Digit, true) => "[^0-9]",
            (ClassPerlKind::Word, false) => "[0-9A-Za-z_]",
            (ClassPerlKind::Word, true) => "[^0-9A-Za-z_]",
            (ClassPerlKind::Space, false) => r"[\t-\r\u{2028}\u{2029}\u{feff}\p{Zs}]",
            (ClassPerlKind::Space, true) => r"[^\t-\r\u{2028}\u{2029}\u{feff}\p{Zs}]",
        };
        self.0.push((class.span.start.offset..class.span.end.offset, replacement));
    }
}

impl ast::Visitor for Shorthands {
    type Output = Vec<(Range<usize>, &'static str)>;
    type Err = std::convert::Infallible;

    fn finish(self) -> Result<Self::Output, Self::Err> {
        Ok(self.0)
    }

    fn visit_pre(&mut self, ast: &Ast) -> Result<(), Self::Err> {
        if let Ast::ClassPerl(class) = ast {
            self.add(class);
        }
        Ok(())
    }

    fn visit_class_set_item_pre(&mut self, item: &ClassSetItem) -> Result<(), Self::Err> {
        if let ClassSetItem::Perl(class) = item {
            self.add(class);
        }
        Ok(())
    }
}

/// Removes `^`, `$` and `\b`. The whole text is generated from the expression, so that `^` and `$` hold; a filter checks `\b`.
fn without_anchors(hir: &Hir) -> Hir {
    match hir.kind() {
        HirKind::Look(_) => Hir::empty(),
        HirKind::Concat(parts) => Hir::concat(parts.iter().map(without_anchors).collect()),
        HirKind::Alternation(parts) => Hir::alternation(parts.iter().map(without_anchors).collect()),
        HirKind::Capture(capture) => without_anchors(&capture.sub),
        HirKind::Repetition(repetition) => {
            let mut repetition = repetition.clone();
            repetition.sub = Box::new(without_anchors(&repetition.sub));
            Hir::repetition(repetition)
        }
        _ => hir.clone(),
    }
}

/// Generates texts in a format of JSON Schema; `None` for an unknown format.
pub(super) fn format(format: &str) -> Option<BoxedStrategy<String>> {
    let pattern = match format {
        "date" => return Some(date().boxed()),
        "date-time" => return Some((date(), time()).prop_map(|(date, time)| format!("{date}T{time}")).boxed()),
        "time" => return Some(time().boxed()),
        "ipv4" | "ip" => return Some(any::<std::net::Ipv4Addr>().prop_map(|address| address.to_string()).boxed()),
        "ipv6" => return Some(any::<std::net::Ipv6Addr>().prop_map(|address| address.to_string()).boxed()),
        "duration" => r"P([1-9][0-9]{0,2}D)?T[1-9][0-9]?M",
        "email" | "idn-email" => r"[a-z][a-z0-9]{0,8}(\.[a-z]{1,6})?(\+[a-z]{1,4})?@[a-z]{1,8}\.example",
        "hostname" | "idn-hostname" => r"[a-z]([a-z0-9-]{0,8}[a-z0-9])?(\.[a-z]{2,8}){0,2}\.example",
        "uri" | "url" | "iri" | "uri-reference" | "iri-reference" => {
            r"https?://[a-z]{1,8}\.example(:[1-9][0-9]{1,3})?(/[a-z0-9._~-]{1,8}){0,3}(\?[a-z]{1,4}=[a-z0-9%]{0}[a-z0-9]{0,6})?"
        }
        "uuid" => "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",
        "json-pointer" => r"(/[a-z0-9]{0,5}){0,4}",
        "regex" => r"[a-z]{0,4}(\[[a-z]{1,3}\][*+?]?)?",
        _ => return None,
    };
    matching(pattern)
}

fn date() -> impl Strategy<Value = String> {
    (1970..=2099u32, 1..=12u32, 1..=31u32).prop_map(|(year, month, day)| {
        let leap = year % 4 == 0 && year % 100 != 0 || year % 400 == 0;
        let days = match month {
            2 => 28 + u32::from(leap),
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        };
        format!("{year:04}-{month:02}-{:02}", day.min(days))
    })
}

fn time() -> impl Strategy<Value = String> {
    let zone = prop_oneof![Just("Z".to_owned()), (0..=13u32).prop_map(|hours| format!("+{hours:02}:30"))];
    (0..=23u32, 0..=59u32, 0..=59u32, zone).prop_map(|(h, m, s, zone)| format!("{h:02}:{m:02}:{s:02}{zone}"))
}

#[cfg(test)]
mod tests {
    use super::{format, matching, with_ecma_classes};
    use proptest::prelude::*;
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;

    fn some(strategy: &BoxedStrategy<String>) -> Vec<String> {
        let mut runner = TestRunner::deterministic();
        (0..50).map(|_| strategy.new_tree(&mut runner).expect("a text").current()).collect()
    }

    #[test]
    fn texts_match_patterns_with_anchors() {
        for pattern in ["^CUST-\\d{8}$", "^(?:a|bc)+$", "\\bx\\b", "^[A-Z]{2}(-[0-9]+)?$", "x"] {
            let regex = regex::Regex::new(pattern).expect("a pattern");
            let texts = some(&matching(pattern).expect("a strategy"));
            assert!(texts.iter().all(|text| regex.is_match(text)), "{pattern}: {texts:?}");
        }
        assert!(matching("(").is_none());
    }

    #[test]
    fn shorthand_classes_are_those_of_ecma_262() {
        for (pattern, meant) in
            [(r"^\d+$", "^[0-9]+$"), (r"[\w.-]+\D", "[[0-9A-Za-z_].-]+[^0-9]"), (r"a\\d", r"a\\d"), (r"é\d", "é[0-9]")]
        {
            assert_eq!(with_ecma_classes(pattern).as_deref(), Some(meant));
        }
        let texts = some(&matching(r"^\d{4}[\s\w]\S$").expect("a strategy"));
        let all = |text: &&String| text.bytes().take(4).all(|digit| digit.is_ascii_digit());
        assert_eq!(texts.iter().filter(all).count(), texts.len(), "{texts:?}");
    }

    #[test]
    fn texts_have_the_given_format() {
        let shape = |format: &str| match format {
            "date" => r"^\d{4}-\d\d-\d\d$",
            "date-time" => r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|\+\d\d:30)$",
            "email" => r"^[^@\s]+@[^@\s]+\.example$",
            "uri" => r"^https?://[^\s]+$",
            "uuid" => r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$",
            _ => r"^[0-9.]{7,15}$",
        };
        for name in ["date", "date-time", "email", "uri", "uuid", "ipv4"] {
            let regex = regex::Regex::new(shape(name)).expect("a pattern");
            let texts = some(&format(name).expect("a strategy"));
            assert!(texts.iter().all(|text| regex.is_match(text)), "{name}: {texts:?}");
        }
        assert!(format("colour").is_none());
    }
}
