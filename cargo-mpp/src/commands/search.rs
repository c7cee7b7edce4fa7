//! `mpp search`: finds packages in a registry.

use std::sync::Arc;

use mpp_registry::client::SearchQuery;

use crate::cli::SearchArgs;
use crate::error::Error;
use crate::exit::Exit;
use crate::registries::Registries;
use crate::reports::installs::SearchResults;
use crate::session::Session;
use crate::ui::Ui;

/// Searches one registry: the named one, or the default one.
pub(crate) fn run(session: &Session, ui: &Arc<Ui>, args: &SearchArgs) -> Result<Exit, Error> {
    let registries = Registries::load(session)?;
    let registry = registries.open(registries.config().named(args.registry.registry.as_deref())?)?;
    let mut query = SearchQuery::default();
    query.text = args.words.join(" ");
    query.capability.clone_from(&args.capability);
    (query.verified, query.page) = (args.verified, args.page);
    ui.progress("Searching", registry.url(), false);
    let page = registries.run(registry.search(&query));
    ui.progress_done();
    let page = page?;
    ui.show(&SearchResults { registry: registry.name().to_owned(), results: page.results, next_page: page.next })?;
    Ok(Exit::Done)
}
