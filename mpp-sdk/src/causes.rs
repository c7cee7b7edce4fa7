//! Errors inside other errors: a denial of the host stays one, whatever wraps it.

use crate::{
    caps::http,
    error::{Error, is_denied_path},
};

/// Returns the denial that `cause` or one of its sources is.
pub(crate) fn denial_in(cause: &(dyn std::error::Error + 'static)) -> Option<Error> {
    let mut next = Some(cause);
    while let Some(cause) = next {
        if let Some(own) = cause.downcast_ref::<Error>().filter(|error| error.is_denied()) {
            return Some(own.clone());
        }
        let is_denied = cause.downcast_ref::<http::Error>().is_some_and(http::Error::is_denied)
            || cause.downcast_ref().is_some_and(is_denied_path);
        if is_denied {
            return Some(Error::denied(cause.to_string()));
        }
        next = cause.source();
    }
    None
}

/// Converts the outermost message, with the code `failed`. The causes go to the log and not to the caller.
#[cfg(feature = "anyhow")]
impl From<anyhow::Error> for Error {
    fn from(error: anyhow::Error) -> Self {
        if let Some(denial) = error.chain().find_map(denial_in) {
            return denial;
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
