//! Checks the proofs of domains again, and records what has changed.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;
use std::time::Duration;

use mpp_host::keys::PublicKey;
use tokio::sync::watch;
use tokio::time::{Instant, sleep};

use super::app::App;
use super::connections::stopped;
use crate::protocol::{Body, DomainRecord, DomainState};
use crate::state::Domain;

/// The time between two checks of a domain.
const WEEK: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// After a start, each domain is checked within this time, so that a server that restarts often checks them too.
const FIRST: Duration = Duration::from_secs(24 * 60 * 60);
/// A failed check is repeated sooner.
const AGAIN: Duration = Duration::from_secs(24 * 60 * 60);
/// How often the list of domains is looked at.
const TICK: Duration = Duration::from_secs(60);
/// The time in milliseconds for which a failing proof counts.
const LAPSES: u64 = 30 * 24 * 60 * 60 * 1000;

/// Checks each domain once a week until `stop` becomes true.
pub(super) async fn recheck(app: Arc<App>, mut stop: watch::Receiver<bool>) {
    let mut due: BTreeMap<String, Instant> = BTreeMap::new();
    loop {
        tokio::select! {
            () = sleep(TICK) => {}
            () = stopped(&mut stop) => return,
        }
        let domains: Vec<String> = app.state().domains().keys().cloned().collect();
        for domain in domains {
            let at = *due.entry(domain.clone()).or_insert_with(|| Instant::now() + spread(&domain));
            if at > Instant::now() {
                continue;
            }
            let found = app.prover.look(&domain).await;
            let next = if found.keys.is_empty() { AGAIN } else { WEEK };
            due.insert(domain.clone(), Instant::now() + next);
            let Some(known) = app.state().domains().get(&domain).cloned() else { continue };
            let Some(record) = change(&domain, &known, &found.keys, app.now_millis()) else { continue };
            tracing::info!(domain, state = ?record.state, "the proof of a domain has changed");
            if let Err(error) = app.append(Body::Domain(record)).await {
                tracing::error!(domain, error = %mpp_host::causes::with_causes(&error), "the change cannot be recorded");
            }
        }
    }
}

/// Spreads the first checks of many domains over a day, the same way on every start.
fn spread(domain: &str) -> Duration {
    let mut hasher = DefaultHasher::new();
    domain.hash(&mut hasher);
    Duration::from_secs(hasher.finish() % FIRST.as_secs())
}

/// Returns the record of a change, or `None` if nothing has changed.
pub(super) fn change(domain: &str, known: &Domain, found: &BTreeSet<PublicKey>, now: u64) -> Option<DomainRecord> {
    let record = |state, keys| Some(DomainRecord::new(domain.to_owned(), state, keys));
    match known.state {
        DomainState::Proved if *found == known.keys => None,
        _ if !found.is_empty() => record(DomainState::Proved, found.iter().copied().collect()),
        DomainState::Proved => record(DomainState::Failing, Vec::new()),
        DomainState::Failing if now.saturating_sub(known.since) > LAPSES => record(DomainState::Lapsed, Vec::new()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use mpp_host::keys::{KeyRole, PublicKey, SigningKey};

    use super::{LAPSES, change};
    use crate::protocol::DomainState;
    use crate::state::Domain;

    fn keys(seeds: &[u8]) -> BTreeSet<PublicKey> {
        seeds.iter().map(|seed| SigningKey::from_seed(&[*seed; 32], KeyRole::Publisher).public()).collect()
    }

    #[test]
    fn only_changes_are_recorded() {
        let known = |state| Domain { keys: keys(&[1]), state, leaf_index: 5, since: 1000 };
        let next = |state, found: &[u8], now| {
            change("example.com", &known(state), &keys(found), now).map(|record| (record.state, record.keys.len()))
        };
        assert_eq!(next(DomainState::Proved, &[1], 2000), None);
        assert_eq!(next(DomainState::Proved, &[1, 2], 2000), Some((DomainState::Proved, 2)));
        assert_eq!(next(DomainState::Proved, &[], 2000), Some((DomainState::Failing, 0)));
        assert_eq!(next(DomainState::Failing, &[], 1000 + LAPSES), None);
        assert_eq!(next(DomainState::Failing, &[], 1001 + LAPSES), Some((DomainState::Lapsed, 0)));
        assert_eq!(next(DomainState::Failing, &[1], 2000), Some((DomainState::Proved, 1)));
        assert_eq!(next(DomainState::Lapsed, &[], 2000), None);
        assert_eq!(next(DomainState::Lapsed, &[1], 2000), Some((DomainState::Proved, 1)));
    }
}
