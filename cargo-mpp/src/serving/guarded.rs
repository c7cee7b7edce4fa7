//! The installed packages that are served, which their registries can revoke meanwhile.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use mpp_mcp::bridge::Bridge;
use mpp_registry::client::{LockedPackage, REFRESH};

use crate::installed;
use crate::session::Session;
use crate::ui::Ui;

/// The served versions of installed packages. Cheap to clone; clones share the list.
#[derive(Debug, Clone, Default)]
pub(crate) struct Guarded(Arc<Mutex<Vec<LockedPackage>>>);

impl Guarded {
    /// Notes the version of a package that is served now, in place of another one. Packages of registries without revocations are left
    /// out.
    pub(crate) fn set(&self, served: LockedPackage) {
        let mut packages = self.packages();
        packages.retain(|known| known.package_id != served.package_id);
        if served.registry.is_some() {
            packages.push(served);
        }
    }

    /// Asks the registries every hour whether a package was revoked, and stops serving it then.
    pub(crate) fn watch(&self, session: &Session, ui: &Arc<Ui>, bridge: &Arc<Bridge>) {
        if self.packages().is_empty() {
            return;
        }
        let (guarded, session, ui, bridge) = (self.clone(), session.clone(), Arc::clone(ui), Arc::downgrade(bridge));
        std::thread::spawn(move || {
            loop {
                std::thread::sleep(REFRESH);
                let Some(bridge) = bridge.upgrade() else { return };
                // The list is not locked while a registry is asked.
                let packages = guarded.packages().clone();
                for locked in packages {
                    guarded.check(&session, &ui, &bridge, &locked);
                }
            }
        });
    }

    fn check(&self, session: &Session, ui: &Ui, bridge: &Bridge, locked: &LockedPackage) {
        let id = &locked.package_id;
        match installed::guard(session, locked) {
            Ok(None) => {}
            Ok(Some(warning)) => ui.note(&format!("the list of revocations of the registry of {id} {warning}")),
            Err(error) => {
                let mut packages = self.packages();
                let known = packages.len();
                packages.retain(|other| other != locked);
                // Another version may be served by now.
                if packages.len() < known {
                    ui.note(&format!("{id} is served no longer: {}", error.as_explain()));
                    bridge.withdraw(id.as_str());
                }
            }
        }
    }

    fn packages(&self) -> MutexGuard<'_, Vec<LockedPackage>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
