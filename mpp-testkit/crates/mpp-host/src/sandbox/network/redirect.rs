//! Follows redirects as the Fetch standard requires (section 4.4, HTTP-redirect fetch), with stricter rules for headers and URLs.

use http::header::{ACCEPT, ACCEPT_LANGUAGE, CONTENT_LANGUAGE, CONTENT_TYPE, RANGE, USER_AGENT};
use http::{HeaderName, HeaderValue};

use super::message::Outgoing;
use super::url::Target;

/// The headers that are kept when a redirect leads to another origin. All others can contain credentials: `Authorization`,
/// `Cookie`, or a header in which an author sends a key.
const HARMLESS: &[HeaderName] = &[ACCEPT, ACCEPT_LANGUAGE, CONTENT_LANGUAGE, CONTENT_TYPE, RANGE, USER_AGENT];

/// Returns the target of a redirect; `None` if a response with this status and these headers is not a redirect.
///
/// # Errors
/// Returns a sentence if the redirect cannot be followed.
pub(super) fn location(from: &Target, status: u16, headers: &[(String, String)]) -> Result<Option<Target>, String> {
    if !matches!(status, 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let mut locations = headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("location"));
    let Some((_, location)) = locations.next() else { return Ok(None) };
    if locations.any(|(_, other)| other != location) {
        return Err(format!("`{}` redirects to several locations at once", from.declared()));
    }
    from.join(location)
        .map(Some)
        .map_err(|what| format!("`{}` redirects to a URL that is not allowed: {what}", from.declared()))
}

/// Changes the request into the one that follows the redirect.
pub(super) fn follow(request: &mut Outgoing, status: u16, to: Target) {
    let becomes_get = match status {
        301 | 302 => request.method == "POST",
        303 => !matches!(request.method.as_str(), "GET" | "HEAD"),
        _ => false,
    };
    if becomes_get {
        "GET".clone_into(&mut request.method);
        request.body.clear();
        request.headers.retain(|(name, _)| !name.as_str().starts_with("content-"));
    }
    if !request.target.is_same_origin(&to) {
        request.headers.retain(|(name, _): &(HeaderName, HeaderValue)| HARMLESS.contains(name));
    }
    request.target = to;
}

#[cfg(test)]
mod tests {
    use super::{Outgoing, Target, follow, location};

    fn request(method: &str) -> Outgoing {
        let headers =
            [("authorization", "a"), ("cookie", "c"), ("x-api-key", "k"), ("accept", "*/*"), ("content-type", "t")];
        Outgoing {
            method: method.to_owned(),
            target: Target::parse("https://a.example/x").expect("a URL"),
            headers: headers
                .map(|(name, value)| (name.parse().expect("a name"), value.parse().expect("a value")))
                .to_vec(),
            body: b"body".to_vec(),
            timeout_ms: None,
            redirects: 10,
        }
    }

    fn followed(method: &str, status: u16, to: &str) -> (String, usize, Vec<String>) {
        let mut request = request(method);
        let to = request.target.join(to).expect("a location");
        follow(&mut request, status, to);
        let names = request.headers.iter().map(|(name, _)| name.to_string()).collect();
        (request.method, request.body.len(), names)
    }

    #[test]
    fn methods_change_as_in_the_fetch_standard() {
        for (method, status, expected) in [
            ("POST", 301, "GET"),
            ("POST", 302, "GET"),
            ("POST", 303, "GET"),
            ("POST", 307, "POST"),
            ("POST", 308, "POST"),
            ("PUT", 301, "PUT"),
            ("PUT", 302, "PUT"),
            ("PUT", 303, "GET"),
            ("HEAD", 303, "HEAD"),
            ("GET", 302, "GET"),
        ] {
            let (found, body, headers) = followed(method, status, "/y");
            assert_eq!(found, expected, "{method} {status}");
            let kept = expected == method;
            assert_eq!((body, headers.contains(&"content-type".to_owned())), (if kept { 4 } else { 0 }, kept));
            assert!(headers.contains(&"authorization".to_owned()), "the same origin");
        }
    }

    #[test]
    fn possible_credentials_are_not_sent_to_another_origin() {
        for to in ["https://b.example/", "https://a.example:8443/", "http://a.example/", "//www.a.example/"] {
            assert_eq!(followed("GET", 307, to).2, ["accept", "content-type"], "{to}");
        }
    }

    #[test]
    fn a_redirect_needs_exactly_one_valid_location() {
        let from = Target::parse("https://a.example/x").expect("a URL");
        let found = |status, locations: &[&str]| {
            let headers: Vec<_> = locations.iter().map(|to| ("Location".to_owned(), (*to).to_owned())).collect();
            location(&from, status, &headers)
        };
        assert_eq!(found(302, &["y"]).map(|to| to.map(|to| to.path)), Ok(Some("/y".to_owned())));
        assert_eq!(found(302, &[]), Ok(None));
        assert_eq!(found(304, &["/y"]), Ok(None));
        assert_eq!(found(200, &["/y"]), Ok(None));
        assert!(found(302, &["/y", "/z"]).is_err());
        assert!(found(302, &["https://user@b.example/"]).is_err());
        assert!(found(302, &["http://127.0.0.1/"]).is_err());
    }
}
