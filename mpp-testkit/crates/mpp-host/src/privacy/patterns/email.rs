//! `email`: an address, found from its `@` in both directions. Letters of all scripts are allowed (RFC 6531).

/// Finds the address around the `@` at `at`.
pub(in crate::privacy) fn find(text: &str, at: usize) -> Option<(usize, usize)> {
    let start = local(text, at)?;
    let end = at + 1 + domain(&text[at + 1..])?;
    let (local, domain) = (&text[start..at], &text[at + 1..end]);
    let other = is_repository_account(local)
        || is_handle(text, start, at, domain)
        || is_version(domain)
        || is_unit(domain)
        || is_image_scale(domain);
    (!other).then_some((start, end))
}

/// Returns the position at which the local part begins.
fn local(text: &str, at: usize) -> Option<usize> {
    let before = &text[..at];
    if before.ends_with('"') {
        return quoted(before);
    }
    let ascii = before.bytes().rev().take_while(|b| LOCAL_BYTES[usize::from(*b)]).count();
    let mut start = at - ascii;
    if before[..start].ends_with(|c: char| !c.is_ascii()) {
        start = at - before.chars().rev().take_while(|&c| is_local(c)).map(char::len_utf8).sum::<usize>();
    }
    // A leading dot or apostrophe belongs to the sentence before the address.
    let is_sign = |b: &u8| matches!(b, b'.' | b'\'' | b'*' | b'&' | b'!' | b'#' | b'^' | b'~');
    start += before.as_bytes()[start..].iter().take_while(|b| is_sign(b)).count();
    if start < at {
        return Some(start);
    }
    // In a script without spaces between words, the local part includes all letters before the `@`.
    let letters = before.chars().rev().take_while(|c| c.is_alphanumeric()).map(char::len_utf8).sum::<usize>();
    (letters > 0).then(|| at - letters)
}

/// Returns the position at which a quoted local part such as `"john doe"` begins.
fn quoted(before: &str) -> Option<usize> {
    let inner = &before[..before.len() - 1];
    let open = inner.rfind('"')?;
    (open + 1 < inner.len() && inner.len() - open <= 65 && !inner[open..].contains('\n')).then_some(open)
}

/// For each byte, whether it is a character of a local part by itself.
static LOCAL_BYTES: [bool; 256] = {
    let mut bytes = [false; 256];
    let mut b = 0;
    while b < 128 {
        bytes[b as usize] = is_local_byte(b);
        b += 1;
    }
    bytes
};

const fn is_local_byte(b: u8) -> bool {
    b.is_ascii_alphanumeric()
        || matches!(b, b'.' | b'_' | b'%' | b'+' | b'-' | b'\'' | b'!' | b'#' | b'$' | b'&' | b'*' | b'^' | b'~')
}

fn is_local(c: char) -> bool {
    if c.is_ascii() { is_local_byte(c as u8) } else { is_letter(c) }
}

/// Returns whether a character is a letter or digit of a script with spaces between words, or a combining mark.
fn is_letter(c: char) -> bool {
    (c as u32) < 0x2E80 && c.is_alphanumeric() || is_mark(c)
}

fn is_mark(c: char) -> bool {
    unicode_normalization::char::is_combining_mark(c)
}

/// Returns the length of the domain at the start of `text`: labels separated by dots, the last of which consists of letters,
/// or an IP address in brackets.
fn domain(text: &str) -> Option<usize> {
    if let Some(literal) = text.strip_prefix('[') {
        let len = literal.find(']')?;
        let address = &literal[..len];
        let address = address.strip_prefix("IPv6:").unwrap_or(address);
        return address.parse::<std::net::IpAddr>().is_ok().then_some(len + 2);
    }
    let spaced = match ascii_labels(text.as_bytes()) {
        Some(found) => return found,
        None => labels(text, is_letter),
    };
    spaced.or_else(|| labels(text, char::is_alphanumeric))
}

/// Like [`labels`], for a domain in ASCII. Returns `None` if other characters are next to it.
#[expect(clippy::option_option, reason = "whether the domain was examined, and the result")]
fn ascii_labels(bytes: &[u8]) -> Option<Option<usize>> {
    let mut end = None;
    let mut at = 0;
    let mut first = true;
    loop {
        let rest = &bytes[at..];
        let mut letters = true;
        let mut len = 0;
        while let Some(&b) = rest.get(len) {
            match b {
                b'a'..=b'z' | b'A'..=b'Z' => {}
                b'0'..=b'9' | b'-' | b'_' => letters = false,
                0x80.. => return None,
                _ => break,
            }
            len += 1;
        }
        let label = &rest[..len];
        let trailing = label.iter().rev().take_while(|b| matches!(b, b'-' | b'_')).count();
        let whole = trailing == 0;
        let label = &label[..len - trailing];
        if label.is_empty() || label[0] == b'-' {
            return Some(end);
        }
        if !first && is_ascii_top_level(label, letters || !whole) {
            end = Some(at + label.len());
        }
        if !whole || rest.get(len) != Some(&b'.') {
            return Some(end);
        }
        first = false;
        at += len + 1;
    }
}

/// Returns whether a label can be the last one. `letters` tells whether it may consist of letters only.
fn is_ascii_top_level(label: &[u8], letters: bool) -> bool {
    let punycode = label.len() > 4 && label[..4].eq_ignore_ascii_case(b"xn--");
    punycode || label.len() > 1 && letters && label.iter().all(u8::is_ascii_alphabetic)
}

fn labels(text: &str, is_letter: impl Fn(char) -> bool) -> Option<usize> {
    let mut end = None;
    let mut at = 0;
    let mut count = 0;
    loop {
        let rest = &text[at..];
        let in_label = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_' || (!c.is_ascii() && is_letter(c));
        let len: usize = rest.chars().take_while(|&c| in_label(c)).map(char::len_utf8).sum();
        let label = rest[..len].trim_end_matches(['-', '_']);
        if label.is_empty() || label.starts_with('-') {
            return end;
        }
        count += 1;
        let whole = label.len() == len;
        if count > 1 && is_top_level(label) {
            end = Some(at + label.len());
        }
        if !whole || !rest[len..].starts_with('.') {
            return end;
        }
        at += len + 1;
    }
}

fn is_top_level(label: &str) -> bool {
    let punycode = label.len() > 4 && label.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("xn--"));
    punycode || (label.chars().count() > 1 && label.chars().all(|c| c.is_alphabetic() || is_mark(c)))
}

/// Returns whether the local part is the shared account under which servers of repositories answer, as in
/// `git@host.example:path` and `git+ssh://git@host.example/path`. It identifies a service, not a person.
fn is_repository_account(local: &str) -> bool {
    matches!(local, "git" | "hg" | "svn" | "cvs" | "bzr" | "fossil" | "aur" | "gitea" | "forgejo" | "anoncvs")
}

/// Returns whether the text is a handle of the fediverse, such as `@user@host.example` or `!group@host.example`, which is
/// public and not an address. A provider of mail is not a host of the fediverse.
fn is_handle(text: &str, start: usize, at: usize, domain: &str) -> bool {
    // `local` leaves out a leading `!`.
    let Some(sign) = start.checked_sub(1).filter(|i| matches!(text.as_bytes()[*i], b'@' | b'!')) else { return false };
    let alone =
        text[..sign].chars().next_back().is_none_or(|c| !(c.is_alphanumeric() || matches!(c, '@' | '!' | '_' | '.')));
    let name = text[start..at].bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-'));
    alone && name && !MAIL_PROVIDERS.iter().any(|provider| domain.eq_ignore_ascii_case(provider))
}

/// Domains under which the public has addresses.
const MAIL_PROVIDERS: &[&str] = &[
    "gmail.com",
    "googlemail.com",
    "outlook.com",
    "hotmail.com",
    "live.com",
    "msn.com",
    "yahoo.com",
    "ymail.com",
    "icloud.com",
    "me.com",
    "mac.com",
    "aol.com",
    "proton.me",
    "protonmail.com",
    "pm.me",
    "fastmail.com",
    "zoho.com",
    "mail.com",
    "gmx.com",
    "gmx.net",
    "gmx.de",
    "web.de",
    "t-online.de",
    "orange.fr",
    "free.fr",
    "laposte.net",
    "libero.it",
    "mail.ru",
    "yandex.ru",
    "yandex.com",
    "qq.com",
    "163.com",
    "126.com",
    "naver.com",
];

/// Returns whether the domain is the version of a package, as in `next@14.0.1-canary.x`.
fn is_version(domain: &str) -> bool {
    if !domain.starts_with(|c: char| c == 'v' || c.is_ascii_digit()) {
        return false;
    }
    let number =
        |label: Option<&str>| label.is_some_and(|label| !label.is_empty() && label.bytes().all(|b| b.is_ascii_digit()));
    let mut labels = domain.strip_prefix('v').unwrap_or(domain).split('.');
    number(labels.next()) && number(labels.next())
}

/// Returns whether the domain is the instance and the kind of a systemd unit, as in `getty@tty1.service`.
fn is_unit(domain: &str) -> bool {
    let kinds = ["service", "timer", "socket", "mount", "automount", "swap", "slice", "scope", "device"];
    let kind = domain.bytes().position(|b| b == b'.').map(|dot| &domain[dot + 1..]);
    kind.is_some_and(|kind| kinds.contains(&kind))
}

/// Returns whether the domain is the scale of an image file, as in `logo@2x.png`.
fn is_image_scale(domain: &str) -> bool {
    if !domain.starts_with(|c: char| c.is_ascii_digit()) {
        return false;
    }
    let Some((scale, kind)) = domain.split_once("x.") else { return false };
    scale.len() <= 3 && ["png", "jpg", "jpeg", "gif", "webp", "svg", "avif"].contains(&kind)
}

#[cfg(test)]
mod tests {
    use crate::privacy::patterns::Builtin::Email;
    use crate::privacy::tests::{assert_finds, assert_leaves};

    #[test]
    fn finds_addresses() {
        assert_finds(
            Email,
            &[
                ("ada@post.example", "ada@post.example"),
                ("Ada.Lovelace+math@mail.post.example", "Ada.Lovelace+math@mail.post.example"),
                ("write to ada@post.example.", "ada@post.example"),
                ("<ada@post.example>", "ada@post.example"),
                ("mailto:ada@post.example?subject=x", "ada@post.example"),
                ("user=ada@post.example&x=1", "ada@post.example"),
                ("'ada@post.example'", "ada@post.example"),
                ("(ada@post.example)", "ada@post.example"),
                ("ada@post.example,bob", "ada@post.example"),
                ("o'brien@post.example", "o'brien@post.example"),
                ("ADA@POST.EXAMPLE", "ADA@POST.EXAMPLE"),
                ("a_b-c.d@x-y.example", "a_b-c.d@x-y.example"),
                ("1@2.example", "1@2.example"),
                ("josé@post.example", "josé@post.example"),
                ("ada@münchen.example", "ada@münchen.example"),
                ("ада@почта.рф", "ада@почта.рф"),
                ("ada@xn--mnchen-3ya.xn--p1ai", "ada@xn--mnchen-3ya.xn--p1ai"),
                ("请联系ada@post.example谢谢", "ada@post.example"),
                ("用户@例子.广告", "用户@例子.广告"),
                ("\"ada lovelace\"@post.example", "\"ada lovelace\"@post.example"),
                ("ada@[192.0.2.1]", "ada@[192.0.2.1]"),
                ("ada@post.example-", "ada@post.example"),
                ("ada@post.example.1", "ada@post.example"),
                ("x@@ada@post.example", "ada@post.example"),
                ("x@ada@post.example", "ada@post.example"),
                ("@ada@gmail.com", "ada@gmail.com"),
                ("hi!ada@post.example", "hi!ada@post.example"),
                ("ssh://ada@post.example/home", "ada@post.example"),
                ("my.git@post.example", "my.git@post.example"),
                ("digit@post.example", "digit@post.example"),
                ("ada@1.example", "ada@1.example"),
            ],
        );
    }

    #[test]
    fn ignores_other_text() {
        assert_leaves(
            Email,
            &[
                "@ada",
                "ada@",
                "ada@localhost",
                "a @ b.example",
                "lodash@4.17.21",
                "@scope/name@1.2.3",
                "icon@2x.png",
                "git@github.example:org/repo.git",
                "ssh://git@github.example/org/repo.git",
                "git+ssh://git@github.example/org/repo.git",
                "git+ssh://git@github.example:org/repo.git#v1.2.3",
                "git+https://git@github.example/org/repo.git",
                "\"acme\": \"git+ssh://git@git.example/acme.git\"",
                "ssh -T git@github.example",
                "svn+ssh://svn@code.example/trunk",
                "ssh://hg@code.example/repo",
                "@ada@social.example",
                "follow @ada_l@social.example!",
                "(@ada@social.example)",
                "https://social.example/@ada@other.example",
                "!rust@forum.example",
                "next@14.0.1-canary.x",
                "golang.org/x/net@v0.1.0-pre.alpha",
                "getty@tty1.service",
                "user@1000.slice",
                "5 @ 3.50",
                "ada@-post.example",
                "@media screen",
                "ada@post.1",
                "foo@bar",
                "#[derive]@x",
                "ada@.example",
                "a@b.c",
                "commit@{yesterday}",
                "price@10.5",
            ],
        );
    }
}
