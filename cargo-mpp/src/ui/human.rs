//! How results look to people; the same values are what `--format json` prints.

mod audit;
mod built;
mod call;
mod caps;
mod codes;
mod keys;
mod kv;
mod lint;
mod new;
mod package;
mod trust;

use super::text::Text;

/// A value that people can read.
pub(crate) trait Human {
    /// Adds the value to `text`; `verbose` asks for everything there is.
    fn human(&self, text: &mut Text, verbose: bool);

    /// Adds what belongs to the value and is not the value: it goes to stderr, and not at all with `-q`.
    fn notes(&self, _text: &mut Text, _verbose: bool) {}
}
