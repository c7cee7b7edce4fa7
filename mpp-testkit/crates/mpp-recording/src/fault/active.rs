//! A fault of one loaded tool, which counts requests and calls.

use std::sync::atomic::{AtomicU64, Ordering};

use mpp_host::sandbox::FullDisk;
use mpp_host::sandbox::network::{Request, Response, TransportError};

use super::{CallFault, Fault, Kind};
use crate::hosts::same_host;

/// A [`Fault`] of one tool, with counters of the requests and calls that it was considered for.
#[derive(Debug)]
pub struct ActiveFault {
    fault: Fault,
    considered: AtomicU64,
    injected: AtomicU64,
    /// Counts the writes that it refuses.
    disk: FullDisk,
}

impl ActiveFault {
    /// Starts counting for `fault`.
    #[must_use]
    pub fn new(fault: Fault) -> Self {
        Self { fault, considered: AtomicU64::new(0), injected: AtomicU64::new(0), disk: FullDisk::default() }
    }

    /// Returns the answer to a request, if this fault applies to it.
    pub(crate) fn answer(&self, request: &Request) -> Option<Result<Response, TransportError>> {
        let Kind::Http { host, answer, .. } = &self.fault.kind else { return None };
        (same_host(host, request.host()) && self.applies()).then(|| answer.clone())
    }

    /// Returns the failure to bring about in the call that starts now, if this fault applies to it.
    #[must_use]
    pub fn for_call(&self) -> Option<CallFault> {
        let Kind::Call(fault) = self.fault.kind else { return None };
        self.applies().then_some(fault)
    }

    /// Returns the disk to give to a call under [`CallFault::DiskFull`].
    #[must_use]
    pub fn disk(&self) -> &FullDisk {
        &self.disk
    }

    /// Returns whether the fault had an effect so far. `used_state` says whether the calls used the tool's state, without
    /// which a fault of the state has none.
    #[must_use]
    pub fn had_effect(&self, used_state: bool) -> bool {
        match self.fault.kind {
            Kind::Call(CallFault::DiskFull) => self.disk.refused() > 0,
            Kind::Call(CallFault::KvFull | CallFault::KvBusy | CallFault::KvDiskFull) if !used_state => false,
            _ => self.injected.load(Ordering::SeqCst) > 0,
        }
    }

    fn applies(&self) -> bool {
        let number = self.considered.fetch_add(1, Ordering::SeqCst) + 1;
        let applies = self.fault.schedule.includes(number);
        self.injected.fetch_add(u64::from(applies), Ordering::SeqCst);
        applies
    }
}
