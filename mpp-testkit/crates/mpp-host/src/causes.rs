//! Errors with their causes, as front ends show them.
//!
//! The message of an error does not repeat its cause, which is its [`source`](Error::source). [`with_causes`] joins both.

use std::error::Error;
use std::{io, iter};

/// An error of another library.
pub type BoxedError = Box<dyn Error + Send + Sync>;

/// Returns the message of `error`, followed by the messages of its causes.
///
/// A cause with the same message as the error before it is left out.
///
/// ```
/// use mpp_host::causes::with_causes;
/// use mpp_host::keys::KeyError;
///
/// let error = KeyError::NoRandomness { source: std::io::ErrorKind::PermissionDenied.into() };
/// assert_eq!(with_causes(&error), "the system provided no random bytes: permission denied");
/// ```
#[must_use]
pub fn with_causes(error: &dyn Error) -> String {
    let mut message = error.to_string();
    let mut last = message.clone();
    for cause in causes(error) {
        if cause != last {
            message.push_str(": ");
            message.push_str(&cause);
        }
        last = cause;
    }
    message
}

/// Returns the messages of the causes of `error`, from its own to the first one. Those of the operating system are like
/// [`reason`].
pub fn causes(error: &dyn Error) -> impl Iterator<Item = String> {
    iter::successors(error.source(), |&cause| cause.source()).map(|cause| match cause.downcast_ref::<io::Error>() {
        Some(error) => reason(error),
        None => cause.to_string(),
    })
}

/// Returns the message of an operating system's error as the end of a sentence: in lower case, without its number.
#[must_use]
pub fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or(&text);
    let mut chars = text.chars();
    chars.next().map(|first| first.to_lowercase().chain(chars).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::with_causes;
    use std::io;

    #[derive(Debug, thiserror::Error)]
    #[error("{message}")]
    struct Failure {
        message: &'static str,
        source: io::Error,
    }

    #[test]
    fn each_cause_is_shown_once() {
        let failure = |message| Failure { message, source: io::Error::from_raw_os_error(13) };
        assert_eq!(with_causes(&failure("cannot read the file")), "cannot read the file: permission denied");
        assert_eq!(with_causes(&failure("permission denied")), "permission denied");
        let outer = Failure { message: "cannot start", source: io::Error::other(failure("cannot read the file")) };
        assert_eq!(with_causes(&outer), "cannot start: cannot read the file: permission denied");
    }
}
