//! `mpp key claim`: claims the package ids below a domain that names the key.

use mpp_host::codes::{Code, Coded};
use mpp_host::keys::PublicKey;
use mpp_registry::client::{Change, ClientError};
use mpp_registry::codes;
use mpp_registry::protocol::domain;

use crate::cli::KeyClaimArgs;
use crate::error::{Error, Explain};
use crate::exit::Exit;
use crate::publishing;
use crate::registries::Registries;
use crate::reports::publishing::DomainClaim;
use crate::session::Session;
use crate::ui::Ui;

/// The error returned when a registry does not find the key at the domain.
#[derive(Debug, thiserror::Error)]
#[error("{source}")]
pub(crate) struct KeyNotFound {
    domain: String,
    key: PublicKey,
    source: ClientError,
}

impl Coded for KeyNotFound {
    fn code(&self) -> &'static Code {
        self.source.code()
    }
}

impl Explain for KeyNotFound {
    fn place(&self) -> Option<String> {
        self.source.place()
    }

    fn advice(&self) -> String {
        let (record, domain) = (domain::txt_record(&self.key), &self.domain);
        format!(
            "add the TXT record `{record}` to `{domain}`, or the document that `mpp key claim {domain} --show` prints; \
             a new record can take some time until the registry sees it"
        )
    }
}

/// Prints what the domain has to publish, or asks the registry to look for it.
pub(super) fn run(session: &Session, ui: &Ui, args: &KeyClaimArgs) -> Result<Exit, Error> {
    let domain = &args.domain;
    let key = publishing::signing_key(session, ui, args.key.as_deref())?;
    let mut claim = DomainClaim {
        domain: domain.clone(),
        key_id: key.id(),
        txt_record: domain::txt_record(&key.public()),
        document_url: format!("https://{domain}{}", domain::WELL_KNOWN_KEYS),
        document: domain::document(&key.public()),
        registry: None,
        leaf_index: None,
    };
    if !args.show {
        let registries = Registries::load(session)?;
        let registry = registries.open(registries.config().named(args.registry.registry.as_deref())?)?;
        let sent = publishing::send(&registries, ui, &registry, &Change::claim_domain(domain.clone()), &key);
        let leaf_index = sent.map_err(|source| match source.code() == &codes::N311 {
            true => Error::from(KeyNotFound { domain: domain.clone(), key: key.public(), source }),
            false => source.into(),
        })?;
        (claim.registry, claim.leaf_index) = (Some(registry.origin().to_string()), Some(leaf_index));
    }
    ui.show(&claim)?;
    Ok(Exit::Done)
}
