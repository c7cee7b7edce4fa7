//! Recognizes the reasons why cargo stops by its messages (cargo 1.95).

use super::CargoFailure;

impl CargoFailure {
    /// Recognizes the failure in the output of cargo. Returns `None` if the compiler refused the code, or if the reason is not
    /// known.
    #[must_use]
    pub fn of(output: &str) -> Option<Self> {
        let output = strip_colors(output);
        toolchain(&output)
            .or_else(|| resolution(&output))
            .or_else(|| download(&output))
            .or_else(|| running(&output))
            .or_else(|| unreadable(&output))
    }
}

fn toolchain(output: &str) -> Option<CargoFailure> {
    if let Some(toolchain) = between(output, "toolchain '", "' is not installed")
        .or_else(|| between(output, "toolchain '", "' is not installable"))
        .or_else(|| between(output, "could not download nonexistent rust version `", "`"))
    {
        return Some(CargoFailure::NoToolchain { toolchain: toolchain.to_owned() });
    }
    let line = |text: &str| output.lines().map(str::trim).find(|line| line.contains(text)).map(plain);
    let needs = line("requires rustc ")
        .filter(|_| output.contains("is not supported by the following package"))
        .or_else(|| line("cannot be built because it requires rustc"))
        .or_else(|| line("perhaps Cargo needs to be updated"))
        .or_else(|| line("feature `edition2024` is required"))
        .or_else(|| line("requires a newer version of Cargo"))?;
    Some(CargoFailure::OldToolchain { needs })
}

fn resolution(output: &str) -> Option<CargoFailure> {
    if output.contains("the lock file") && output.contains("was passed to prevent this") {
        return Some(CargoFailure::LockFile);
    }
    if output.contains("failed to parse lock file at") || output.contains("changed between lock files") {
        return Some(CargoFailure::LockFileBroken);
    }
    if let Some(feature) = between(output, "with feature `", "` but `") {
        let name = between(output, "` but `", "` does not have that").unwrap_or_default();
        return Some(no_feature(feature, name));
    }
    for text in [
        "does not contain this feature: ",
        "does not contain these features: ",
        "contains this feature: ",
        "contains these features: ",
    ] {
        if let Some(feature) = after(output, text) {
            let name = between(output, "the package '", "'").unwrap_or("the package");
            return Some(no_feature(feature, name));
        }
    }
    if let Some(features) = after(output, "requires the features: ") {
        return Some(CargoFailure::FeatureNeeded { features: features.to_owned() });
    }
    if let Some(feature) = between(output, "includes `", "` which is neither") {
        return Some(no_feature(feature, "the package"));
    }
    if let Some(library) = after(output, "more than one crate with links=") {
        return Some(CargoFailure::Links { library: library.trim_end_matches('.').to_owned() });
    }
    if output.contains("the same links value") || output.contains("links to the native library") {
        let library = between(output, "native library `", "`").unwrap_or_default();
        return Some(CargoFailure::Links { library: library.to_owned() });
    }
    if let Some(name) = between(output, "There are multiple `", "` packages")
        .or_else(|| between(output, "two packages named `", "` in this workspace"))
        // cargo 1.95 spells it `specificationm`.
        .or_else(|| between(output, "error: specificationm `", "` is ambiguous"))
        .or_else(|| between(output, "error: specification `", "` is ambiguous"))
    {
        return Some(CargoFailure::AmbiguousName { name: name.to_owned() });
    }
    let missing = between(output, "no matching package named `", "`")
        .or_else(|| between(output, "searched package name: `", "`"));
    if let Some(name) = missing {
        let is_own = name == "mpp-sdk" || name == "mpp-testkit";
        // Without network, cargo knows only the crates that were downloaded before.
        return Some(match output.contains("you're using offline mode") && !is_own {
            true => CargoFailure::Download { name: Some(name.to_owned()), offline: true },
            false => CargoFailure::NoSuchCrate { name: name.to_owned() },
        });
    }
    if let Some(requirement) = between(output, "failed to select a version for the requirement `", "`") {
        return Some(CargoFailure::NoSuchVersion { requirement: format!("`{requirement}`") });
    }
    let name = between(output, "failed to select a version for `", "`")?;
    Some(CargoFailure::NoSuchVersion { requirement: format!("the requirements on `{name}` contradict each other") })
}

fn no_feature(feature: &str, name: &str) -> CargoFailure {
    CargoFailure::NoSuchFeature { feature: feature.trim_matches('`').to_owned(), name: name.to_owned() }
}

fn download(output: &str) -> Option<CargoFailure> {
    const OFFLINE: [&str; 4] = [
        "but --offline was specified",
        "but --frozen was specified",
        "you're using offline mode",
        "in the offline mode",
    ];
    const ONLINE: [&str; 11] = [
        "failed to download",
        "download of ",
        "spurious network error",
        "Could not resolve host",
        "Couldn't resolve host",
        "Could not connect to server",
        "failed to resolve address",
        "failed to connect to",
        "failed to clone into",
        "failed to fetch into",
        "unable to update registry",
    ];
    let offline = OFFLINE.iter().any(|text| output.contains(text));
    if !offline && !ONLINE.iter().any(|text| output.contains(text)) {
        return None;
    }
    let name = between(output, "failed to get `", "` as a dependency")
        .or_else(|| between(output, "failed to download `", "`").and_then(|package| package.split(' ').next()));
    Some(CargoFailure::Download { name: name.map(str::to_owned), offline })
}

/// Recognizes failures while cargo builds.
fn running(output: &str) -> Option<CargoFailure> {
    if let Some(package) = between(output, "failed to run custom build command for `", "`") {
        return Some(CargoFailure::BuildScript { name: package.split(' ').next().unwrap_or_default().to_owned() });
    }
    if let Some(linker) = between(output, "linker `", "` not found") {
        return Some(CargoFailure::Link { linker: linker.to_owned(), missing: true, undefined: Vec::new() });
    }
    if let Some(linker) = between(output, "linking with `", "` failed") {
        let symbols = output.lines().filter_map(|line| after(line, "undefined symbol: "));
        let mut undefined: Vec<String> = symbols.map(str::to_owned).collect();
        undefined.sort();
        undefined.dedup();
        return Some(CargoFailure::Link { linker: linker.to_owned(), missing: false, undefined });
    }
    let killed = output.contains("could not compile") && output.contains("(signal: 9, SIGKILL");
    let name = between(output, "could not compile `", "`").filter(|_| killed)?;
    Some(CargoFailure::Killed { name: name.to_owned() })
}

fn unreadable(output: &str) -> Option<CargoFailure> {
    const CAUSES: [&str; 8] = [
        "failed to load manifest",
        "failed to parse manifest",
        "failed to load source",
        "could not load Cargo configuration",
        "could not parse TOML configuration",
        "cyclic package dependency",
        "unable to read",
        "registry index was not found",
    ];
    CAUSES.iter().any(|text| output.contains(text)).then_some(CargoFailure::Unreadable)
}

/// Returns the rest of the line after `start`.
fn after<'o>(output: &'o str, start: &str) -> Option<&'o str> {
    let rest = output.split_once(start)?.1;
    rest.lines().next().map(str::trim).filter(|rest| !rest.is_empty())
}

/// Returns the text in one line between `start` and `end`.
fn between<'o>(output: &'o str, start: &str, end: &str) -> Option<&'o str> {
    output.split(start).skip(1).find_map(|rest| {
        let (text, _) = rest.split_once(end)?;
        (!text.contains('\n')).then_some(text)
    })
}

/// Removes the prefix and final period of a message.
fn plain(line: &str) -> String {
    line.trim_start_matches("error: ").trim_end_matches('.').to_owned()
}

/// Removes the escape sequences with which cargo colours its messages.
pub(crate) fn strip_colors(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\u{1b}') {
        plain.push_str(before);
        rest = after.find(|c: char| c.is_ascii_alphabetic() || c == '\\').map_or("", |end| &after[end + 1..]);
    }
    plain + rest
}

#[cfg(test)]
mod tests {
    use super::super::CargoFailure;

    #[test]
    fn recognizes_messages_that_no_test_can_produce() {
        for (output, expected) in [
            (
                "error: failed to get `serde` as a dependency of package `tool v0.1.0`\n\nCaused by:\n  failed to query replaced source registry `crates-io`\n\nCaused by:\n  download of config.json failed\n",
                "cargo cannot download the crate `serde`",
            ),
            (
                "error: failed to download from `https://static.crates.io/crates/x/1.0.0/download`\n",
                "cargo cannot download a dependency",
            ),
            (
                "error: failed to download `serde v1.0.0`\n\nCaused by:\n  attempting to make an HTTP request, but --offline was specified\n",
                "the crate `serde` is not on this machine, and cargo must not use the network",
            ),
            (
                "error: There are multiple `url` packages in your project, and the specification `url` is ambiguous.\n",
                "several packages have the name `url`",
            ),
            (
                "error: failed to select a version for `libsqlite3-sys`.\n    ... required by package `tool v0.1.0`\n\nthe package `libsqlite3-sys` links to the native library `sqlite3`, but it conflicts with a previous package which links to `sqlite3` as well:\n",
                "two dependencies link the native library `sqlite3`",
            ),
            (
                "error: failed to select a version for `x`.\n    ... required by package `tool v0.1.0`\nfailed to select a version for `x` which could resolve this conflict\n",
                "no version of a dependency fits: the requirements on `x` contradict each other",
            ),
            (
                "error: could not compile `tool` (bin \"tool\")\n\nCaused by:\n  process didn't exit successfully: `rustc` (signal: 9, SIGKILL: kill)\n",
                "the compiler was killed while it compiled `tool`",
            ),
            ("error: linker `cc` not found\n", "the linker `cc` is not installed"),
            (
                "error: checksum for `x v1.0.0` changed between lock files\n",
                "`Cargo.lock` does not match the dependencies, or cannot be read",
            ),
            (
                "\u{1b}[1m\u{1b}[91merror\u{1b}[0m: package `x v1.0.0` cannot be built because it requires rustc 1.99 or newer, while the currently active rustc version is 1.95.0\n",
                "this version of Rust is too old: package `x v1.0.0` cannot be built because it requires rustc 1.99 or newer, while the currently active rustc version is 1.95.0",
            ),
        ] {
            assert_eq!(
                CargoFailure::of(output).map(|failure| failure.to_string()).as_deref(),
                Some(expected),
                "{output}"
            );
        }
        for compiler in [
            "error[E0308]: mismatched types\nerror: could not compile `tool` (bin \"tool\") due to 1 previous error",
            "",
        ] {
            assert_eq!(CargoFailure::of(compiler), None);
        }
    }
}
