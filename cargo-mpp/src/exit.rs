//! Exit codes: the number that the process ends with, derived from the class of an error's code.

use mpp_host::codes::Class;

/// How the program ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Success.
    Done,
    /// The tool returned an error, crashed, or gave an invalid response.
    Tool,
    /// Wrong usage or invalid arguments.
    Usage,
    /// Verification failed.
    Verification,
    /// Denied, or not approved.
    Denied,
    /// A limit of time, memory or output was reached.
    Limit,
    /// The build failed.
    Build,
    /// A registry or the network failed.
    Registry,
    /// An internal error.
    Bug,
    /// Interrupted by Ctrl-C, in the convention of shells.
    Interrupted,
    /// The exit code of another program, in whose place this one ran.
    Foreign(u8),
}

impl Exit {
    /// Returns the number that the process ends with.
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Tool => 1,
            Self::Usage => 2,
            Self::Verification => 3,
            Self::Denied => 4,
            Self::Limit => 5,
            Self::Build => 6,
            Self::Registry => 7,
            Self::Bug => 70,
            Self::Interrupted => 130,
            Self::Foreign(code) => code,
        }
    }
}

impl From<Class> for Exit {
    fn from(class: Class) -> Self {
        match class {
            Class::Usage => Self::Usage,
            Class::Tool => Self::Tool,
            Class::Verification => Self::Verification,
            Class::Denied => Self::Denied,
            Class::Limit => Self::Limit,
            Class::Build => Self::Build,
            Class::Registry => Self::Registry,
            Class::Interrupted => Self::Interrupted,
            _ => Self::Bug,
        }
    }
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::Exit;

    /// The exit code of every code is a promise to scripts: it never changes, and a new code is added here.
    const PINNED: &[(u8, &str)] = &[
        (1, "R103 R108 R109 R110 R111 R112 R201 R203 R204 R610 R611 R612 C062 M106 M206 M301 R710 R720"),
        (
            2,
            "K001 K002 K003 K004 K005 K006 K007 K008 K009 K010 K101 K102 R101 R102 R308 R601 R602 R603 R604 R605 R606 R607 R608 \
             R609 R620 R621 R622 R701 R702 R703 R704 R705 R706 B050 B051 B052 B054 B055 B058 \
             C001 C002 C003 C004 C005 C006 C007 C008 C009 C010 C011 C012 C014 C015 C016 C017 C018 C019 C022 C023 C024 C026 C032 C050 C051 \
             C052 C060 C061 C063 M001 M002 M003 M004 M101 M102 M103 M104 M105 M108 M201 M202 M203 M204 M205 M207 M208 M209 M210 \
             M302 M303 M401 M402 M403 M404 M405 M406 M407 M409 M410 M412 M501 M502",
        ),
        (
            3,
            "G101 G102 G103 G104 G105 G106 G107 G108 G109 G110 G111 G112 G113 G114 G115 G116 G117 G118 G119 G120 \
             G121 G201 G202 G203 G204 G205 G206 G207 G208 G209 G301 G302 G303 G304 G305 G306 G307 G308 G309 G401 \
             G402 G501 G502 G503 G504 G505 G506 G601 G602 G603 G604 G605 G606 G607 G608 G609 G610 G611 G612 G613 \
             G614 G615 G616 G617 G701 G702 G703 G704 G705 G706 G707 G708 G709 G710 G711 G712 C020 C031 C033 C034",
        ),
        (
            4,
            "K201 K202 K203 K204 K205 K206 K207 K208 R104 R301 R302 R303 R304 R305 R306 R307 R309 R501 R502 R503 C021 M107 \
             C025 C053",
        ),
        (5, "M408 R105 R106 R107 R202 R205"),
        (
            6,
            "R401 B001 B002 B003 B004 B005 B006 B007 B010 B011 B012 B013 B014 B015 B016 B017 B018 B020 B021 B022 \
             B023 B024 B025 B030 B031 B040 B041 B053 B060 B061 B062 B063 B064 B065 B066 B067 B068 B069 B070 B071 B072 \
             B073 B080 B081 B082 B083 B084 B085 B086 B087 C027",
        ),
        (2, "C066"),
        (3, "C065"),
        (7, "M411"),
        (70, "C070"),
        (130, "R113 B042 C130"),
        // the program as a client of registries
        (2, "C040 C041 C043 C044 C046 C049"),
        (3, "C042"),
        (4, "C045 C047 C048"),
        // the protocol of the registry
        (2, "N007"),
        (3, "N001 N002 N003 N004 N005"),
        (7, "N006"),
        (70, "N008"),
        // its client
        (2, "N035 N036 N037 N038 N039 N040 N042 N043 N044 N046 N047"),
        (3, "N024 N025 N027 N028 N029 N030 N031 N032 N048"),
        (4, "N033 N034 N041"),
        (7, "N020 N021 N022 N023 N045 N049 N050"),
        // its log and store
        (2, "N102 N121 N122 N123 N124 N133 N135"),
        (3, "N101 N103 N104 N105 N111 N112 N113 N131 N132 N138 N139"),
        (7, "N110 N120 N130 N134 N136 N137"),
        // its server
        (2, "N201 N207 N208 N210 N212 N213 N214 N215 N218 N219"),
        (3, "N209"),
        (4, "N216"),
        (5, "N202 N203 N204 N205"),
        (7, "N206 N211"),
        (70, "N217"),
        // search and pages
        (7, "N221"),
        (70, "N220"),
        // identity and ownership
        (2, "N312 N315 N316 N318 N322"),
        (3, "N324"),
        (4, "N301 N302 N303 N304 N305 N306 N307 N308 N309 N310 N313 N314 N317 N319 N320 N321"),
        (5, "N323"),
        (7, "N311"),
        // packages in OCI registries
        (2, "N401 N410 N412"),
        (3, "N405 N406"),
        (7, "N403 N404 N407 N408 N409 N411"),
        // monitors, witnesses and mirrors
        (1, "N501"),
        (2, "N503 N504 N505 N506 N507 N509 N511"),
        (3, "N502"),
        (7, "N508 N510"),
    ];

    #[test]
    fn every_code_keeps_its_exit_code() {
        let pinned =
            PINNED.iter().flat_map(|(exit, ids)| ids.split_whitespace().map(|id| (format!("MPP-{id}"), *exit)));
        let pinned: BTreeMap<String, u8> = pinned.collect();
        let found = crate::codes::all().map(|code| (code.id.to_owned(), Exit::from(code.class).code())).collect();
        assert_eq!(pinned, found);
        assert_eq!(
            pinned.len(),
            PINNED.iter().flat_map(|(_, ids)| ids.split_whitespace()).count(),
            "a code is pinned twice"
        );
    }
}
