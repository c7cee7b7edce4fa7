//! Results rendered as text for people; `--format json` prints the same values.

mod audit;
mod built;
mod call;
mod caps;
mod capture;
mod codes;
mod doctor;
#[cfg(feature = "registry-server")]
mod following;
mod installs;
mod keys;
mod kv;
mod lint;
mod new;
mod package;
mod publishing;
#[cfg(feature = "registry-server")]
mod registry;
mod replay;
mod rerun;
mod schema;
mod serve;
mod testing;
mod trust;

use serde_json::Value;

use super::text::{Destination, Text};

/// A value that can be rendered as text.
pub(crate) trait Human {
    /// Adds the value to `text`, with every detail if `verbose`.
    fn human(&self, text: &mut Text, verbose: bool);

    /// Adds text about the value that is not part of the result: it is printed to stderr, and not with `-q`.
    fn notes(&self, _text: &mut Text, _verbose: bool) {}
}

/// Returns the arguments that a schema describes, a line each, with nested ones below; empty if there are none.
pub(crate) fn arguments(schema: &Value) -> String {
    let mut text = Text::for_destination(Destination::File);
    schema::properties(&mut text, "  ", schema);
    text.as_ansi().trim_end().to_owned()
}
