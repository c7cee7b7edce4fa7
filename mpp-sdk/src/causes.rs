//! Errors inside other errors: a denial of the host stays one, whatever wraps it.

use crate::{caps::http, error::Error};

/// Returns whether `cause` or one of its sources is a denial.
pub(crate) fn is_denial(cause: &(dyn std::error::Error + 'static)) -> bool {
    let mut next = Some(cause);
    while let Some(cause) = next {
        let own = cause.downcast_ref::<Error>().is_some_and(Error::is_denied);
        if own || cause.downcast_ref::<http::Error>().is_some_and(http::Error::is_denied) {
            return true;
        }
        next = cause.source();
    }
    false
}

/// Converts the outermost message, with the code `failed`. The causes go to the log and not to the caller.
#[cfg(feature = "anyhow")]
impl From<anyhow::Error> for Error {
    fn from(error: anyhow::Error) -> Self {
        if let Some(denial) = error.chain().find(|cause| is_denial(*cause)) {
            return Self::denied(denial.to_string());
        }
        let mut causes = error.chain();
        let message = causes.next().map(ToString::to_string).unwrap_or_default();
        for cause in causes {
            log_cause(cause);
        }
        Self::new("failed", message)
    }
}

#[cfg(feature = "anyhow")]
#[allow(clippy::print_stderr, reason = "stderr is the tool's log")]
fn log_cause(cause: &(dyn std::error::Error + 'static)) {
    eprintln!("caused by: {cause}");
}

#[cfg(all(test, feature = "anyhow"))]
mod tests {
    use super::Error;

    #[test]
    fn anyhow_error_shows_only_its_outermost_message() {
        let error = anyhow::anyhow!("secret path").context("the book could not be read");
        let error = Error::from(error);
        assert_eq!((error.code(), error.message()), ("failed", "the book could not be read"));
    }
}
