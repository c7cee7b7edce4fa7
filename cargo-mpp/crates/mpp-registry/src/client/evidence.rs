//! Stores the evidence of alarms: both signed states, under names that say when and what.

use std::path::Path;

use super::alarm::Alarm;
use super::private::{create_private, write};
use crate::protocol::Timestamp;

/// Stores both sides of a contradiction in a new directory below `all`, and notes the place in the alarm. The alarm itself does not
/// fail because the disk is full: its place is then `None`.
#[must_use]
pub fn keep(mut alarm: Alarm, all: &Path, now: Timestamp) -> Alarm {
    let name = format!("{now}-{}-{}", alarm.known.size, alarm.found.size).replace(':', "");
    let dir = all.join(name);
    let write_all = || {
        create_private(&dir)?;
        write(&dir.join("known"), &alarm.known.evidence)?;
        write(&dir.join("found"), &alarm.found.evidence)
    };
    if write_all().is_ok() {
        alarm.stored = Some(dir);
    }
    alarm
}
