//! Size limits of a package: the values of the format, which a host can lower.

use serde::{Deserialize, Serialize};

const MIB: u64 = 1024 * 1024;

/// The unpacked size in bytes above which [`Limits::ratio`] applies to an entry.
pub const RATIO_FROM: u64 = MIB;

/// The size limits of a package. The default is the limits of the format, which a host can only lower.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Limits {
    /// Maximum size of the file in bytes.
    pub archive: u64,
    /// Maximum total unpacked size of all entries in bytes.
    pub unpacked: u64,
    /// Maximum unpacked size of one entry in bytes.
    pub entry: u64,
    /// Maximum number of entries.
    pub entries: usize,
    /// Maximum ratio of the unpacked to the stored size of an entry that unpacks to more than 1 MiB.
    pub ratio: u64,
    /// Maximum unpacked size of `manifest.json` in bytes.
    pub manifest: u64,
    /// Maximum size of `signature.json` in bytes.
    pub signature: u64,
    /// Maximum length of an entry's name in bytes.
    pub name: usize,
    /// Maximum number of parts of an entry's name.
    pub levels: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            archive: 100 * MIB,
            unpacked: 256 * MIB,
            entry: 128 * MIB,
            entries: 1024,
            ratio: 200,
            manifest: MIB,
            signature: 2 * MIB,
            name: 255,
            levels: 16,
        }
    }
}

impl Limits {
    /// Returns the smaller value of each limit.
    #[must_use]
    pub fn lowered(self, other: &Self) -> Self {
        Self {
            archive: self.archive.min(other.archive),
            unpacked: self.unpacked.min(other.unpacked),
            entry: self.entry.min(other.entry),
            entries: self.entries.min(other.entries),
            ratio: self.ratio.min(other.ratio),
            manifest: self.manifest.min(other.manifest),
            signature: self.signature.min(other.signature),
            name: self.name.min(other.name),
            levels: self.levels.min(other.levels),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Limits;

    #[test]
    fn policy_can_only_lower_a_limit() {
        let policy = Limits { archive: u64::MAX, entries: 3, ..Limits::default() };
        let limits = Limits::default().lowered(&policy);
        assert_eq!(limits.archive, Limits::default().archive);
        assert_eq!(limits.entries, 3);
    }
}
