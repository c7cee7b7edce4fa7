//! The pages of a registry for people: search, packages, publishers. They need no JavaScript.
//!
//! Every page is a pure function from a view to [`maud::Markup`], whose templates are compiled and escape what they are given.
//! [`router`] serves them with the records of a [`PageSource`].
//!
//! *Invariant:* what a package or publisher says is rendered through `text`, which shows hidden characters, or through `readme`,
//! which cleans HTML. The Content-Security-Policy allows no script, no style and no picture from elsewhere.

pub mod assets;
mod home;
mod icons;
mod layout;
mod load;
mod missing;
mod package;
mod publisher;
pub mod readme;
mod respond;
mod router;
mod site;
mod source;
#[cfg(test)]
mod tests;
mod text;
mod time;
mod touch;
mod view;

pub use home::{bad_search, home, results_page};
pub use missing::{failed, not_found};
pub use package::package;
pub use publisher::publisher;
pub use respond::{POLICY, html};
pub use router::{read_query, router};
pub use site::{CommandLines, PageSettings, Site};
pub use source::{PageSource, SourceError};
pub use view::{CapabilityChange, KeyView, PackageView, PublisherView, VersionView};
