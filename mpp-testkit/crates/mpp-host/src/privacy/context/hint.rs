//! The kinds of values that object keys announce.

/// The kinds of data that an object key announces for the values below it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::privacy) struct Hint(u16);

impl Hint {
    pub(in crate::privacy) const NONE: Self = Self(0);
    const PHONE: Self = Self(1);
    pub(in crate::privacy) const SSN: Self = Self(2);
    pub(in crate::privacy) const BIRTH: Self = Self(4);
    pub(in crate::privacy) const PASSPORT: Self = Self(8);
    pub(in crate::privacy) const LICENSE: Self = Self(16);
    pub(in crate::privacy) const KEY: Self = Self(32);
    /// A version, whose four numbers are not an IP address.
    pub(in crate::privacy) const VERSION: Self = Self(64);
    /// A telephone number, or a figure about mobile devices or cells.
    const MOBILE: Self = Self(128);
    /// A measure, a count, a time or an identifier, which is not a telephone number.
    const FIGURE: Self = Self(256);
    /// A list of packages, the values of which are versions.
    const PACKAGES: Self = Self(512);
    /// A network address, also in a list of packages.
    const ADDRESS: Self = Self(1024);
    /// The value is a JSON number.
    const NUMBER: Self = Self(2048);

    pub(in crate::privacy) const fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Returns whether a key by itself says what kind of personal data or version its value is.
    pub(super) const fn says_kind(self) -> bool {
        self.without(Self(Self::FIGURE.0 | Self::PACKAGES.0 | Self::ADDRESS.0)).0 != 0
    }

    /// Returns the hint for a value whose nearest key says no kind, from the key above: `{"phone":{"number":…}}`.
    pub(super) const fn below(self, above: Self) -> Self {
        let packages = above.has(Self::PACKAGES) && !self.has(Self::ADDRESS) || self.has(Self::PACKAGES);
        let version = if packages { Self::VERSION.0 } else { 0 };
        let above = above.without(Self(Self::VERSION.0 | Self::FIGURE.0 | Self::PACKAGES.0));
        // `{"phone":{"id":…}}` and `{"mobile":{"users":…}}` are not telephone numbers.
        let above = if self.has(Self::FIGURE) { above.without(Self(Self::PHONE.0 | Self::MOBILE.0)) } else { above };
        Self(above.0 | version)
    }

    /// Returns the hint for a JSON number.
    pub(super) const fn of_number(self) -> Self {
        self.with(Self::NUMBER)
    }

    /// Returns whether the keys announce a telephone number of `digits` digits. A short JSON number below `mobile` is a
    /// count: `{"desktop":2097152,"mobile":1048576}`.
    pub(in crate::privacy) const fn is_phone(self, digits: usize) -> bool {
        self.has(Self::PHONE) || self.has(Self::MOBILE) && (digits >= 9 || !self.has(Self::NUMBER))
    }

    /// Returns the hint that a key gives, for example `homePhone`, `mobile_no` or `date-of-birth`.
    pub(super) fn from_key(key: &str) -> Self {
        if key.len() < 2 || key.len() > 64 {
            return Self::NONE;
        }
        let words = words(key);
        let mut hint = 0;
        for (word, says) in KEY_WORDS {
            if words.contains(word) {
                hint |= says.0;
            }
        }
        let last = words.trim_end_matches('_').rsplit('_').next().unwrap_or_default();
        if FIGURES.binary_search(&last).is_ok() {
            return Self(hint).without(Self(Self::PHONE.0 | Self::MOBILE.0)).with(Self::FIGURE);
        }
        Self(hint)
    }

    const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// Returns the words of a key in lower case, each between two `_`.
fn words(key: &str) -> String {
    let mut words = String::with_capacity(key.len() + 8);
    words.push('_');
    let mut lower = false;
    for c in key.chars() {
        if c.is_uppercase() && lower {
            words.push('_');
        }
        lower = c.is_lowercase();
        if c.is_alphanumeric() {
            words.extend(c.to_lowercase());
        } else if !words.ends_with('_') {
            words.push('_');
        }
    }
    words.push('_');
    words
}

const KEY_WORDS: &[(&str, Hint)] = &[
    ("phone", Hint::PHONE),
    ("_mobile_", Hint::MOBILE),
    ("_cell_", Hint::MOBILE),
    ("_tel_", Hint::PHONE),
    ("_fax_", Hint::PHONE),
    ("_msisdn_", Hint::PHONE),
    ("whatsapp", Hint::PHONE),
    ("telefon", Hint::PHONE),
    ("_ssn_", Hint::SSN),
    ("social_security", Hint::SSN),
    ("socialsecurity", Hint::SSN),
    ("_dob_", Hint::BIRTH),
    ("birth", Hint::BIRTH),
    ("_born_", Hint::BIRTH),
    ("geburt", Hint::BIRTH),
    ("passport", Hint::PASSPORT),
    ("driver", Hint::LICENSE),
    ("driving", Hint::LICENSE),
    ("_dl_", Hint::LICENSE),
    ("_dln_", Hint::LICENSE),
    ("api_key", Hint::KEY),
    ("apikey", Hint::KEY),
    ("secret", Hint::KEY),
    ("access_token", Hint::KEY),
    ("auth_token", Hint::KEY),
    ("refresh_token", Hint::KEY),
    ("bot_token", Hint::KEY),
    ("access_key", Hint::KEY),
    ("accesskey", Hint::KEY),
    ("account_key", Hint::KEY),
    ("accountkey", Hint::KEY),
    ("private_key", Hint::KEY),
    ("privatekey", Hint::KEY),
    ("password", Hint::KEY),
    ("_version_", Hint::VERSION),
    ("_versions_", Hint::VERSION),
    ("_ver_", Hint::VERSION),
    ("_release_", Hint::VERSION),
    ("_releases_", Hint::VERSION),
    ("_firmware_", Hint::VERSION),
    ("_tag_name_", Hint::VERSION),
    ("dependencies_", Hint::PACKAGES),
    ("_ip_", Hint::ADDRESS),
    ("_ipv4_", Hint::ADDRESS),
    ("addr", Hint::ADDRESS),
    ("_host", Hint::ADDRESS),
    ("_server_", Hint::ADDRESS),
    ("_endpoint_", Hint::ADDRESS),
    ("_source_", Hint::ADDRESS),
    ("_url_", Hint::ADDRESS),
];

/// The last words of keys of measures, counts, times and identifiers, sorted.
const FIGURES: &[&str] = &[
    "amount",
    "at",
    "bandwidth",
    "bytes",
    "calls",
    "capacity",
    "count",
    "counts",
    "date",
    "devices",
    "downloads",
    "duration",
    "frequency",
    "hash",
    "height",
    "hits",
    "id",
    "ids",
    "index",
    "installs",
    "latency",
    "length",
    "limit",
    "memory",
    "minutes",
    "model",
    "ms",
    "ns",
    "order",
    "port",
    "price",
    "quota",
    "rank",
    "rate",
    "requests",
    "revenue",
    "sales",
    "score",
    "seconds",
    "sessions",
    "share",
    "size",
    "timeout",
    "timestamp",
    "total",
    "traffic",
    "ts",
    "type",
    "users",
    "uuid",
    "version",
    "views",
    "visitors",
    "visits",
    "weight",
    "width",
    "year",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::privacy::context::Keys;

    #[test]
    fn only_whole_words_of_a_key_count_as_hints() {
        for key in ["phone", "homePhone", "tel", "Fax-Number", "work.phone", "phone_number", "contact_phone_1"] {
            assert!(Hint::from_key(key).has(Hint::PHONE), "{key}");
        }
        for key in ["mobile", "mobile_no", "Cell"] {
            assert!(Hint::from_key(key).has(Hint::MOBILE), "{key}");
        }
        for key in ["hotel", "automobiles", "cellar", "id", "order", "telemetry", "phone_number_id", "phoneVerifiedAt"]
        {
            assert!(!Hint::from_key(key).has(Hint::PHONE), "{key}");
        }
        assert!(!Hint::from_key("mobile_users").has(Hint::MOBILE));
        assert!(Hint::from_key("dateOfBirth").has(Hint::BIRTH));
        assert!(Hint::from_key("DOB").has(Hint::BIRTH));
        for key in ["version", "fileVersion", "min_version", "versions", "AssemblyVersion", "app.version"] {
            assert!(Hint::from_key(key).has(Hint::VERSION), "{key}");
        }
        for key in ["conversions", "verify", "server", "versioned_host"] {
            assert!(!Hint::from_key(key).has(Hint::VERSION), "{key}");
        }
        assert!(FIGURES.is_sorted());
    }

    #[test]
    fn the_nearer_key_decides() {
        let hint = |above, key| Keys::default().under(above).under(key).hint();
        assert!(hint("phone", "number").has(Hint::PHONE));
        assert!(!hint("phone", "id").has(Hint::PHONE));
        assert!(!hint("mobile", "users").has(Hint::MOBILE));
        assert!(hint("passport", "id").has(Hint::PASSPORT));
        assert!(hint("dependencies", "acme").has(Hint::VERSION));
        assert!(!hint("dependencies", "host").has(Hint::VERSION));
        assert!(!hint("version", "host").has(Hint::VERSION));
        assert!(!hint("phone", "version").has(Hint::PHONE));
    }
}
