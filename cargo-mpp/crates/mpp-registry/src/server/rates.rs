//! Rate limits: token buckets for owners, addresses and the whole server.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use mpp_host::keys::PublicKey;

use super::policy::{Quota, Rate};

/// Number of buckets above which full ones are forgotten now and then, and the number at which all are.
const KEPT: usize = 65_536;
const MOST: usize = 4 * KEPT;

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Action {
    /// A request that changes something.
    Write,
    /// A search.
    Search,
    /// A new key.
    Registration,
    /// A new package id.
    Package,
    /// A new version.
    Version,
}

/// Whose actions are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Subject {
    Owner(PublicKey),
    Network(IpAddr),
    Server,
}

/// The buckets of a server.
#[derive(Debug, Default)]
pub(super) struct Rates {
    buckets: Mutex<HashMap<(Action, Subject), Bucket>>,
}

/// Tokens that are left, and the time at which this was so.
#[derive(Debug, Clone, Copy)]
struct Bucket {
    tokens: f64,
    at: Duration,
    rate: Rate,
}

impl Bucket {
    fn refilled(self, now: Duration) -> f64 {
        let elapsed = now.saturating_sub(self.at).as_secs_f64();
        (self.tokens + elapsed / f64::from(self.rate.every_seconds.max(1))).min(f64::from(self.rate.burst.max(1)))
    }
}

impl Rates {
    /// Takes one token of each bucket that the action counts in. If one of them is empty, none is taken, and the time after
    /// which the action is possible is returned.
    ///
    /// # Errors
    /// Returns the time to wait.
    pub(super) fn take(
        &self,
        (action, quota): (Action, &Quota),
        owner: Option<PublicKey>,
        address: IpAddr,
        now: Duration,
    ) -> Result<(), Duration> {
        let subjects = [
            owner.map(|key| (Subject::Owner(key), quota.owner)),
            Some((Subject::Network(network(address)), quota.address)),
            Some((Subject::Server, quota.server)),
        ];
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() > MOST {
            buckets.clear();
        } else if buckets.len() > KEPT && buckets.len() % 1024 < 3 {
            buckets.retain(|_, bucket| bucket.refilled(now) < f64::from(bucket.rate.burst.max(1)));
        }
        let mut taken = Vec::with_capacity(subjects.len());
        for (subject, rate) in subjects.into_iter().flatten().filter(|(_, rate)| rate.every_seconds > 0) {
            let full = Bucket { tokens: f64::from(rate.burst.max(1)), at: now, rate };
            let bucket = buckets.get(&(action, subject)).copied().unwrap_or(full);
            let tokens = bucket.refilled(now);
            if tokens < 1.0 {
                return Err(Duration::from_secs_f64((1.0 - tokens) * f64::from(rate.every_seconds)));
            }
            taken.push(((action, subject), Bucket { tokens: tokens - 1.0, at: now, rate }));
        }
        buckets.extend(taken);
        Ok(())
    }
}

/// Returns the part of an address that one client has: all of an IPv4 address, and the first 64 bits of an IPv6 address.
pub(super) fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
            Some(v4) => v4.into(),
            None => {
                let [a, b, c, d, ..] = v6.segments();
                std::net::Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
            }
        },
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;
    use std::time::Duration;

    use mpp_host::keys::{KeyRole, PublicKey, SigningKey};

    use super::{Action, Rates, network};
    use crate::server::policy::{Limits, Quota, Rate};

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    fn owner(seed: u8) -> PublicKey {
        SigningKey::from_seed(&[seed; 32], KeyRole::Publisher).public()
    }

    fn quota(owner: Rate, address: Rate, server: Rate) -> Quota {
        Quota { owner, address, server, ..Limits::default().writes }
    }

    #[test]
    fn a_burst_is_possible_and_then_one_at_a_time() {
        let rates = Rates::default();
        let quota = quota(Rate::new(2, 60), Rate::unlimited(), Rate::unlimited());
        let take = |seed: u8, seconds: u64| {
            rates.take((Action::Version, &quota), Some(owner(seed)), address("192.0.2.1"), Duration::from_secs(seconds))
        };
        assert_eq!([take(1, 0), take(1, 0)], [Ok(()), Ok(())]);
        assert_eq!(take(1, 15), Err(Duration::from_secs(45)));
        assert_eq!(take(2, 15), Ok(()), "another owner has a bucket of their own");
        assert_eq!([take(1, 60), take(1, 61)], [Ok(()), Err(Duration::from_secs(59))]);
    }

    #[test]
    fn an_address_and_the_server_have_limits_too() {
        let rates = Rates::default();
        let quota = quota(Rate::unlimited(), Rate::new(1, 10), Rate::new(2, 10));
        let take = |text: &str| rates.take((Action::Write, &quota), None, address(text), Duration::ZERO).is_ok();
        assert!(take("2001:db8:1:1::1"));
        assert!(!take("2001:db8:1:1:ffff::2"), "the same network of 64 bits");
        assert!(take("2001:db8:1:2::1"), "a refused action takes no token of the server");
        assert!(!take("192.0.2.9"), "the server's bucket is empty");
    }

    #[test]
    fn an_ipv4_address_counts_whole_in_both_forms() {
        assert_eq!(network(address("192.0.2.7")), address("192.0.2.7"));
        assert_eq!(network(address("::ffff:192.0.2.7")), address("192.0.2.7"));
        assert_eq!(network(address("2001:db8:1:2:3:4:5:6")), address("2001:db8:1:2::"));
    }
}
