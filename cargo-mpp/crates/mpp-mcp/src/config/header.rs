//! A header of each request to a server, in whose value variables can be named.

use http::header::{HeaderName, HeaderValue};

/// Headers that the protocol or HTTP itself sets.
const RESERVED: &[&str] = &[
    "accept",
    "connection",
    "content-length",
    "content-type",
    "expect",
    "host",
    "last-event-id",
    "proxy-authorization",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// A header of each request: its name, and its value with `${NAME}` in place of variables.
///
/// ```
/// use mpp_mcp::config::HeaderTemplate;
///
/// let header = HeaderTemplate::parse("authorization", "Bearer ${TOKEN}")?;
/// assert_eq!(header.variables().collect::<Vec<_>>(), ["TOKEN"]);
/// assert_eq!(header.value(&|_| Some("abc".to_owned())), Ok("Bearer abc".to_owned()));
/// # Ok::<(), String>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeaderTemplate {
    name: String,
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Variable(String),
}

impl HeaderTemplate {
    /// Reads a header.
    ///
    /// # Errors
    /// Returns what is wrong with it, as a sentence.
    pub fn parse(name: &str, value: &str) -> Result<Self, String> {
        let shown = name.escape_debug();
        let parsed = HeaderName::try_from(name).map_err(|_| format!("`{shown}` is not the name of a header"))?;
        if RESERVED.contains(&parsed.as_str()) || parsed.as_str().starts_with("mcp-") {
            return Err(format!("the header `{shown}` is set by the protocol"));
        }
        let mut parts = Vec::new();
        let mut rest = value;
        while let Some((before, after)) = rest.split_once("${") {
            let (variable, after) =
                after.split_once('}').ok_or_else(|| format!("a `${{` in the header `{shown}` is not closed"))?;
            let is_name = variable.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
                && variable.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
            if !is_name {
                return Err(format!(
                    "`${{{}}}` in the header `{shown}` does not name a variable",
                    variable.escape_debug()
                ));
            }
            parts.push(Part::Text(before.to_owned()));
            parts.push(Part::Variable(variable.to_owned()));
            rest = after;
        }
        parts.push(Part::Text(rest.to_owned()));
        parts.retain(|part| *part != Part::Text(String::new()));
        let header = Self { name: parsed.as_str().to_owned(), parts };
        let text: String = header.texts().collect();
        HeaderValue::try_from(text)
            .map_err(|_| format!("the value of the header `{shown}` contains control characters"))?;
        Ok(header)
    }

    /// Returns the name of the header, in lower case.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the variables that the value names.
    pub fn variables(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            Part::Variable(name) => Some(name.as_str()),
            Part::Text(_) => None,
        })
    }

    /// Returns the parts of the value that are not variables.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            Part::Text(text) => Some(text.as_str()),
            Part::Variable(_) => None,
        })
    }

    /// Returns the value with the values of its variables.
    ///
    /// # Errors
    /// Returns the name of the first variable that has no value, or a value that a header cannot have.
    pub fn value(&self, variable: &dyn Fn(&str) -> Option<String>) -> Result<String, String> {
        let mut value = String::new();
        for part in &self.parts {
            match part {
                Part::Text(text) => value.push_str(text),
                Part::Variable(name) => {
                    let found = variable(name).filter(|value| HeaderValue::try_from(value.as_str()).is_ok());
                    value.push_str(&found.ok_or_else(|| name.clone())?);
                }
            }
        }
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use super::HeaderTemplate;

    #[test]
    fn variables_are_replaced_where_they_are_named() {
        let header = HeaderTemplate::parse("X-Key", "${USER}:${KEY}/x$y").expect("valid");
        let value = |name: &str| Some(name.to_lowercase());
        assert_eq!((header.name(), header.value(&value)), ("x-key", Ok("user:key/x$y".to_owned())));
        assert_eq!(header.value(&|name| (name == "USER").then(|| "u".to_owned())), Err("KEY".to_owned()));
        assert_eq!(header.value(&|_| Some("a\nb".to_owned())), Err("USER".to_owned()));
    }

    #[test]
    fn a_header_that_cannot_be_sent_is_refused() {
        for (name, value, problem) in [
            ("a b", "x", "`a b` is not the name of a header"),
            ("Host", "x", "the header `Host` is set by the protocol"),
            ("Mcp-Session-Id", "x", "the header `Mcp-Session-Id` is set by the protocol"),
            ("x", "${A", "a `${` in the header `x` is not closed"),
            ("x", "${A-B}", "`${A-B}` in the header `x` does not name a variable"),
            ("x", "${}", "`${}` in the header `x` does not name a variable"),
            ("x", "a\nb", "the value of the header `x` contains control characters"),
        ] {
            assert_eq!(HeaderTemplate::parse(name, value), Err(problem.to_owned()));
        }
    }
}
