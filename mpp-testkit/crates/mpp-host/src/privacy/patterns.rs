//! The list of built-in patterns. Each pattern is implemented in a module of its own.

pub(super) mod api_key;
pub(super) mod credit_card;
pub(super) mod date_of_birth;
pub(super) mod drivers_license;
pub(super) mod email;
pub(super) mod iban;
pub(super) mod ip_address;
pub(super) mod passport;
pub(super) mod phone;
pub(super) mod ssn;

/// A built-in pattern. The order decides the id of overlapping matches: the smallest pattern takes precedence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub(super) enum Builtin {
    Email,
    Phone,
    CreditCard,
    Ssn,
    IpAddress,
    Iban,
    DateOfBirth,
    Passport,
    DriversLicense,
    ApiKey,
}

impl Builtin {
    pub(super) const ALL: [Self; 10] = [
        Self::Email,
        Self::Phone,
        Self::CreditCard,
        Self::Ssn,
        Self::IpAddress,
        Self::Iban,
        Self::DateOfBirth,
        Self::Passport,
        Self::DriversLicense,
        Self::ApiKey,
    ];

    /// Returns the name of the pattern in a manifest and in `[REDACTED:id]`.
    pub(super) const fn id(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Phone => "phone",
            Self::CreditCard => "credit_card",
            Self::Ssn => "ssn",
            Self::IpAddress => "ip_address",
            Self::Iban => "iban",
            Self::DateOfBirth => "date_of_birth",
            Self::Passport => "passport",
            Self::DriversLicense => "drivers_license",
            Self::ApiKey => "api_key",
        }
    }

    /// Returns the text that replaces a match.
    pub(super) const fn marker(self) -> &'static str {
        match self {
            Self::Email => "[REDACTED:email]",
            Self::Phone => "[REDACTED:phone]",
            Self::CreditCard => "[REDACTED:credit_card]",
            Self::Ssn => "[REDACTED:ssn]",
            Self::IpAddress => "[REDACTED:ip_address]",
            Self::Iban => "[REDACTED:iban]",
            Self::DateOfBirth => "[REDACTED:date_of_birth]",
            Self::Passport => "[REDACTED:passport]",
            Self::DriversLicense => "[REDACTED:drivers_license]",
            Self::ApiKey => "[REDACTED:api_key]",
        }
    }

    pub(super) fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|pattern| pattern.id() == id)
    }
}

/// A set of built-in patterns.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct PatternSet(u16);

impl PatternSet {
    pub(super) const NONE: Self = Self(0);
    pub(super) const ALL: Self = Self((1 << Builtin::ALL.len()) - 1);

    pub(super) const fn has(self, pattern: Builtin) -> bool {
        self.0 & (1 << pattern as u8) != 0
    }

    pub(super) const fn with(self, pattern: Builtin) -> Self {
        Self(self.0 | (1 << pattern as u8))
    }

    pub(super) const fn without(self, pattern: Builtin) -> Self {
        Self(self.0 & !(1 << pattern as u8))
    }

    pub(super) const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(super) const fn is_empty(self) -> bool {
        self.0 == 0
    }
}
