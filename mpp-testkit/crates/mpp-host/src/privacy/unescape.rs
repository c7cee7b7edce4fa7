//! The unescaped view of a text: JSON escapes, percent-encoding and character references are decoded.
//!
//! A model reads `ada\u0040post.example` and `ada%40post.example` as an address.

use super::view::View;

/// The maximum number of layers of escapes that are decoded.
pub(super) const MAX_LAYERS: usize = 8;

/// The result of decoding all layers of escapes.
pub(super) enum Unescaped {
    /// The text contains no escapes.
    Same,
    /// A view for each layer, outermost first.
    Layers(Vec<View>),
    /// The text has more than [`MAX_LAYERS`] layers.
    TooDeep,
}

/// Decodes all layers of escapes in a text, each to a view of that text.
pub(super) fn unescape(text: &str) -> Unescaped {
    let mut layers: Vec<View> = Vec::new();
    loop {
        let current = layers.last().map_or(text, |view| view.text.as_str());
        let Some(view) = layer(current) else { break };
        if layers.len() == MAX_LAYERS {
            return Unescaped::TooDeep;
        }
        let view = match layers.last() {
            Some(outer) => view.through(outer),
            None => view,
        };
        layers.push(view);
    }
    if layers.is_empty() { Unescaped::Same } else { Unescaped::Layers(layers) }
}

/// Decodes one layer. Returns `None` if the text contains no escapes.
fn layer(text: &str) -> Option<View> {
    let bytes = text.as_bytes();
    let mut view: Option<View> = None;
    let mut copied = 0;
    let mut at = 0;
    while let Some(step) = memchr::memchr3(b'\\', b'%', b'&', &bytes[at..]) {
        at += step;
        let Some((c, len)) = escape(&bytes[at..]) else {
            at += 1;
            continue;
        };
        let view = view.get_or_insert_with(|| View::with_capacity(text.len()));
        view.copy(text, copied, at);
        view.push(c, at, at + len);
        at += len;
        copied = at;
    }
    let mut view = view?;
    view.copy(text, copied, text.len());
    Some(view)
}

/// Decodes the escape at the start of `bytes`. Returns the character and the length of the escape in bytes.
fn escape(bytes: &[u8]) -> Option<(char, usize)> {
    match bytes {
        [b'\\', b'u', rest @ ..] => {
            let (high, len) = unit(rest)?;
            if (0xD800..0xDC00).contains(&high)
                && let Some(low) = rest[len..].strip_prefix(br"\u").and_then(unit)
                && (0xDC00..0xE000).contains(&low.0)
            {
                let code = 0x10000 + ((high - 0xD800) << 10) + (low.0 - 0xDC00);
                return Some((char::from_u32(code)?, 2 + len + 2 + low.1));
            }
            Some((char::from_u32(high).unwrap_or(char::REPLACEMENT_CHARACTER), 2 + len))
        }
        [b'\\', b'x', rest @ ..] => Some((ascii(hex(rest.get(..2)?)?)?, 4)),
        [b'\\', c, ..] => {
            let c = match c {
                b'"' | b'\\' | b'/' | b'\'' => *c as char,
                b'n' => '\n',
                b'r' => '\r',
                b't' => '\t',
                b'b' | b'f' => ' ',
                _ => return None,
            };
            Some((c, 2))
        }
        [b'%', rest @ ..] => percent(rest),
        [b'&', b'#', rest @ ..] => reference(rest).map(|(c, len)| (c, len + 2)),
        [b'&', rest @ ..] => {
            NAMED.iter().find(|(name, _)| rest.starts_with(name.as_bytes())).map(|(name, c)| (*c, name.len() + 1))
        }
        _ => None,
    }
}

const NAMED: [(&str, char); 9] = [
    ("commat;", '@'),
    ("period;", '.'),
    ("hyphen;", '-'),
    ("dash;", '-'),
    ("nbsp;", ' '),
    ("plus;", '+'),
    ("shy;", '\u{00AD}'),
    ("quot;", '"'),
    ("amp;", '&'),
];

/// Decodes the digits that follow `\u`: `XXXX` or `{X…}`.
fn unit(bytes: &[u8]) -> Option<(u32, usize)> {
    if bytes.first() == Some(&b'{') {
        let len = bytes.iter().take(8).position(|b| *b == b'}')?;
        return Some((hex(bytes.get(1..len)?)?, len + 1));
    }
    Some((hex(bytes.get(..4)?)?, 4))
}

/// Decodes the digits that follow `%`, and the remaining bytes of the same UTF-8 character.
fn percent(rest: &[u8]) -> Option<(char, usize)> {
    let first = hex(rest.get(..2)?)? as u8;
    let width = match first {
        0x00..=0x7F => return Some((first as char, 3)),
        0xC2..=0xDF => 2,
        0xE0..=0xEF => 3,
        0xF0..=0xF4 => 4,
        _ => return None,
    };
    let mut utf8 = [first, 0, 0, 0];
    for (i, byte) in utf8.iter_mut().enumerate().take(width).skip(1) {
        let at = i * 3 - 1;
        if rest.get(at) != Some(&b'%') {
            return None;
        }
        *byte = hex(rest.get(at + 1..at + 3)?)? as u8;
    }
    let c = std::str::from_utf8(&utf8[..width]).ok()?.chars().next()?;
    Some((c, width * 3))
}

/// Decodes the part of a numeric character reference after `&#`: `64;` or `x40;`.
fn reference(rest: &[u8]) -> Option<(char, usize)> {
    let len = rest.iter().take(9).position(|b| *b == b';')?;
    let digits = &rest[..len];
    let code = match digits {
        [b'x' | b'X', digits @ ..] => hex(digits)?,
        digits => {
            let valid = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
            valid.then(|| digits.iter().fold(0, |n, b| n * 10 + u32::from(b - b'0')))?
        }
    };
    Some((char::from_u32(code)?, len + 1))
}

fn hex(digits: &[u8]) -> Option<u32> {
    if digits.is_empty() || digits.len() > 8 {
        return None;
    }
    digits.iter().try_fold(0, |n: u32, b| Some((n << 4) | (*b as char).to_digit(16)?))
}

fn ascii(code: u32) -> Option<char> {
    char::from_u32(code).filter(char::is_ascii)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn innermost(text: &str) -> String {
        match unescape(text) {
            Unescaped::Same => text.to_owned(),
            Unescaped::Layers(layers) => layers.last().map(|view| view.text.clone()).unwrap_or_default(),
            Unescaped::TooDeep => "too deep".to_owned(),
        }
    }

    #[test]
    fn decodes_escapes() {
        let cases = [
            (r"ada\u0040b", "ada@b"),
            (r"ada\\u0040b", "ada@b"),
            (r"ada\x40b", "ada@b"),
            (r"ada\u{40}b", "ada@b"),
            ("ada%40b", "ada@b"),
            ("ada%2540b", "ada@b"),
            ("%D9%A4%D9%a1", "٤١"),
            ("ada&#64;b&#x2e;c", "ada@b.c"),
            ("ada&commat;b", "ada@b"),
            (r"\ud83d\ude00", "😀"),
            (r"\ud83d", "\u{FFFD}"),
            (r"a\nb", "a\nb"),
            (r"C:\games\q", r"C:\games\q"),
            ("100% sure & so on", "100% sure & so on"),
            ("%zz%4", "%zz%4"),
            ("%C3", "%C3"),
        ];
        for (text, expected) in cases {
            assert_eq!(innermost(text), expected, "{text}");
        }
    }

    #[test]
    fn spans_map_back_through_every_layer() {
        let text = r"x \\u0061@ y";
        let layers = match unescape(text) {
            Unescaped::Layers(layers) => layers,
            _ => Vec::new(),
        };
        let view = &layers[1];
        assert_eq!(view.text, "x a@ y");
        assert_eq!(view.source(2, 4), (2, 10));
    }

    #[test]
    fn refuses_more_than_eight_layers() {
        let mut text = "a\"b".to_owned();
        for _ in 0..9 {
            text = text.replace('\\', r"\\").replace('"', "\\\"");
        }
        assert_eq!(innermost(&text), "too deep");
    }
}
