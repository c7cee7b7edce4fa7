//! Limits of a package: the values of the format, and how a host lowers them.

use serde::{Deserialize, Serialize};

const MIB: u64 = 1024 * 1024;

/// Entries larger than this, unpacked, are held to [`Limits::ratio`].
pub const RATIO_FROM: u64 = MIB;

/// What a package may measure at most. The default is the format's own table; a host can only lower it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// The file, in bytes.
    pub archive: u64,
    /// All entries together, unpacked, in bytes.
    pub unpacked: u64,
    /// One entry, unpacked, in bytes.
    pub entry: u64,
    /// How many entries.
    pub entries: usize,
    /// Unpacked to stored size of one entry over 1 MiB.
    pub ratio: u64,
    /// `manifest.json`, unpacked, in bytes.
    pub manifest: u64,
    /// `signature.json`, in bytes.
    pub signature: u64,
    /// The name of one entry, in bytes.
    pub name: usize,
    /// The parts of one entry's name.
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
    /// The smaller of both, limit by limit.
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
