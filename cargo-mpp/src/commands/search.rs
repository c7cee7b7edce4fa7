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
    let entry = registries.config().named(args.registry.registry.as_deref())?;
    #[cfg(feature = "oci")]
    if entry.oci.is_some() {
        return in_oci(ui, &registries, entry, args);
    }
    let registry = registries.open(entry)?;
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

/// Searches an OCI registry, by ids.
#[cfg(feature = "oci")]
fn in_oci(
    ui: &Ui,
    registries: &Registries<'_>,
    entry: &mpp_registry::client::RegistryEntry,
    args: &SearchArgs,
) -> Result<Exit, Error> {
    if args.capability.is_some() || args.verified || args.page.is_some() {
        let what = "filters and pages for a search";
        return Err(crate::registries::NotInOci { registry: entry.name.clone(), what }.into());
    }
    let found = crate::oci::Oci::open(registries, ui, entry)?.search(&args.words.join(" "))?;
    let results = found.results.into_iter().filter_map(mpp_registry::oci::OciFound::into_result).collect();
    ui.show(&SearchResults { registry: entry.name.clone(), results, next_page: None })?;
    ui.note("an OCI registry knows ids only: names, descriptions and tools were not searched");
    if !found.complete {
        ui.note("there are more packages than are shown; add a word");
    }
    Ok(Exit::Done)
}
