//! Remedies and codes of the libraries, worded as commands of this program.

use std::borrow::Cow;

use mpp_host::codes::{Code, Remedy};

/// Stands for a package in text that is not about a particular one.
pub(crate) const PACKAGE: &str = "PACKAGE";

/// Returns the commands and options that a library's code is about, but that the library does not know; empty for all other codes.
pub(crate) fn of_code(code: &Code) -> &'static str {
    match code.id {
        "MPP-C003" | "MPP-C004" => "`-o` chooses another place.",
        "MPP-C009" => {
            "`--dir GUEST=HOST` maps a declared path; `mpp inspect PKG` lists the paths that a package declares."
        }
        "MPP-C010" => {
            "`--env NAME` passes a declared variable from your environment, `--env NAME=VALUE` passes this value, and `--env -` \
             passes none. `mpp inspect PKG` lists the variables that a package declares."
        }
        "MPP-C017" => "`mpp keygen` generates a new key.",
        "MPP-G121" | "MPP-G206" | "MPP-G502" | "MPP-G504" => "`mpp sign PACKAGE` signs it again.",
        "MPP-G501" => {
            "`mpp keygen` generates your publisher key once, and `mpp sign PACKAGE` signs with it. No option runs an unsigned package."
        }
        "MPP-G610" | "MPP-G611" | "MPP-G612" | "MPP-G613" | "MPP-B006" => {
            "`mpp schema manifest` prints every field of the manifest with its type, its limits and its meaning."
        }
        "MPP-K001" | "MPP-K002" | "MPP-K003" | "MPP-K004" => "`mpp keygen` generates a new key pair.",
        "MPP-K005" => {
            "Run the command on a terminal, where it asks for the passphrase, or set `MPP_KEY_PASSPHRASE`, or put the passphrase into a \
             file that `MPP_KEY_PASSPHRASE_FILE` names."
        }
        "MPP-K201" => {
            "`mpp inspect PACKAGE` shows what it may do, and `mpp trust add PACKAGE` accepts its publisher. On a terminal, `mpp run` asks."
        }
        "MPP-K206" => {
            "`mpp trust approve PACKAGE` approves everything that the package declares; with `--tool NAME`, that tool can also be called \
             without a question. `--yes` approves a single run."
        }
        "MPP-K207" => "`mpp trust approve PACKAGE` approves the package.",
        "MPP-K208" => "The policy is the file `policy.toml` in `~/.mpp`. No option overrules it.",
        "MPP-M104" => "`mpp inspect PACKAGE` lists the tools of a package.",
        "MPP-M502" => "`--print-client-config CLIENT` prints what to enter.",
        "MPP-M107" => "`mpp trust server NAME --config FILE` accepts the tools of a server as they are now.",
        "MPP-N024" | "MPP-N025" => {
            "When the operator has explained it, `mpp registry remove NAME --forget` forgets what the registry has shown, and `mpp registry \
             add URL` pins it again."
        }
        "MPP-N027" => "`mpp registry remove NAME` removes it from the configuration.",
        "MPP-N049" => {
            "`mpp registry add URL --ca FILE` trusts the certificates in a PEM file; in `config.toml`, that is `certificates`."
        }
        "MPP-N214" => "`mpp registry init` makes the keys of a new registry.",
        "MPP-N216" => "`mpp keygen` generates your publisher key once, and `mpp sign PACKAGE` signs with it.",
        "MPP-N306" => "An operator approves it with `mpp registry approve --publisher KEY`.",
        "MPP-N309" => "An operator approves it with `mpp registry approve --package-id ID`.",
        "MPP-N310" | "MPP-N311" | "MPP-N319" => {
            "`mpp key claim DOMAIN --show` prints what the domain has to publish, and `mpp key claim DOMAIN` claims it."
        }
        "MPP-R101" => "`mpp inspect PACKAGE` lists its tools.",
        "MPP-R102" => "`mpp inspect PACKAGE` shows the schema.",
        "MPP-R104" => {
            "`--dir GUEST=HOST` maps a declared path, `--env NAME=VALUE` sets a declared variable, and `--allow-local` allows declared \
             hosts on this machine or its local network."
        }
        "MPP-R112" => {
            "`mpp kv list PACKAGE` names the file under `MPP_HOME/kv` and the problem; `mpp kv clear PACKAGE` removes the state, and the \
             package starts with empty state."
        }
        "MPP-R301" => {
            "Set it in your environment, pass `--env NAME=VALUE`, or run without any variable with `--env -`."
        }
        "MPP-R303" => {
            "`--dir GUEST=HOST` maps it, also to the same path of this machine: `--dir /etc/ssl=/etc/ssl`. A project maps paths for its \
             own runs under `[package.metadata.mpp.dev]`, and `policy.toml` maps them for every run: \
             `dirs.\"com.example.notes\" = { \"/notes\" = \"/srv/notes\" }`. On a terminal, `mpp run` asks about a path that this machine has \
             under the same name, unless it is `/`, a home directory or one of the system's."
        }
        "MPP-R704" | "MPP-R710" => {
            "`mpp test --update` writes what the tool answers into the files, for you to read and to keep."
        }
        "MPP-R705" => "`--filter` selects the cases.",
        "MPP-R502" => {
            "`mpp audit verify` lists what was changed. `mv ~/.mpp/audit ~/.mpp/audit-old` moves the log away; the next call starts a new \
             one."
        }
        "MPP-M001" | "MPP-M002" => {
            "`--token-file FILE` reads the token from a file, and the variable `MPP_SERVE_TOKEN` holds one otherwise. `openssl rand -hex 32` \
             makes one."
        }
        "MPP-B001" => "`mpp new NAME` creates a project, and `mpp build DIR` builds the one in a directory.",
        "MPP-B002" => "`-p NAME` chooses a member, and `--workspace` builds all tools of the workspace.",
        "MPP-B003" => "`-p NAME` takes this name; `cargo metadata --no-deps` lists the members.",
        "MPP-B005" => "`--bin NAME` chooses one for a single build.",
        "MPP-B010" => {
            "Tools in Python, Go, TypeScript, JavaScript, C and C++ need no Rust: `mpp new NAME --template python` creates one, and \
             `mpp doctor` lists what each language needs."
        }
        "MPP-B012" => "`cargo build --target wasm32-wasip1` shows the same messages.",
        "MPP-B014" | "MPP-B017" => {
            "`cargo tree -i CRATE -e normal --target wasm32-wasip1` shows every dependency that links it."
        }
        "MPP-B061" => "`--offline` forbids the network for a build.",
        "MPP-B018" => "`cargo tree --edges features --invert CRATE` shows who enables a feature.",
        "MPP-B065" => "`cargo update --workspace` brings it up to date. `--locked` forbids changes of the lock file.",
        "MPP-B023" => "`mpp explain MPP-G615` describes the form of `package_id`, `name` and `version`.",
        "MPP-B025" => "`mpp explain MPP-G201` and the codes after it list the limits.",
        "MPP-B030" => "`mpp build --check-repro` repeats the comparison.",
        _ => "",
    }
}

/// Returns a help text, followed by the commands and options for its code.
pub(crate) fn with_commands(code: &Code, help: String) -> String {
    match of_code(code) {
        "" => help,
        commands if help.is_empty() => commands.to_owned(),
        commands => format!("{help}\n{commands}"),
    }
}

/// Formats a path or another value as one word of a command that a user copies into a shell.
pub(crate) fn word(value: &str) -> Cow<'_, str> {
    let is_plain = |character: char| character.is_alphanumeric() || "/._-+=:@%,~".contains(character);
    if !value.is_empty() && value.chars().all(is_plain) {
        return Cow::Borrowed(value);
    }
    Cow::Owned(format!("'{}'", value.replace('\'', r"'\''")))
}

/// Where the author of a package declares its capabilities.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum ManifestKind {
    /// In `Cargo.toml`.
    #[default]
    Cargo,
    /// In `manifest.json`, in a project without `Cargo.toml`.
    Json,
}

/// Formats a remedy as [`remedy`] does. Changes of the manifest are worded for its file.
pub(crate) fn remedy_in(found: &Remedy, package: &str, manifest: ManifestKind) -> String {
    let changed = match found {
        Remedy::DeclareVariable { line, .. }
        | Remedy::DeclarePath { line, .. }
        | Remedy::DeclareHost { line, .. }
        | Remedy::DeclareCapability { line, .. } => Some(("to allow it", line, " in `capabilities`")),
        Remedy::RaiseLimit { line, .. } => Some(("if the tool needs more", line, "")),
        _ => None,
    };
    match changed
        .filter(|_| manifest == ManifestKind::Json)
        .and_then(|(when, line, place)| Some((when, json_line(line)?, place)))
    {
        Some((when, line, place)) => format!("{when}, write `{line}`{place} of `manifest.json` and build again"),
        None => remedy(found, package),
    }
}

/// Returns the member of a JSON object that says the same as a line of TOML.
fn json_line(line: &str) -> Option<String> {
    let table = toml::from_str::<toml::Table>(line).ok()?;
    let (key, value) = table.into_iter().next()?;
    Some(format!("\"{key}\": {}", serde_json::to_string(&value).ok()?))
}

/// Formats a remedy as something to type. `package` is the package that it is about, as a user would type it.
pub(crate) fn remedy(remedy: &Remedy, package: &str) -> String {
    let package = word(package);
    match remedy {
        Remedy::GiveVariables { names } => {
            let options: Vec<String> = names.iter().map(|name| format!("--env {name}=VALUE")).collect();
            format!("set it in your environment, or pass `{}`", options.join(" "))
        }
        Remedy::MapPath { guest } => format!("map it to a file or directory of this machine: `--dir {guest}=PATH`"),
        Remedy::AllowLocalHosts { .. } => {
            "`--allow-local` allows declared hosts on this machine or its local network".to_owned()
        }
        Remedy::TrustCertificate { host } => {
            format!(
                "`--ca FILE` trusts the certificate in a PEM file: that of `{host}`, or of the authority that issued it"
            )
        }
        Remedy::TrustPublisher { .. } => {
            format!("run `mpp inspect {package}` to see what it can do, and `mpp trust add {package}` to let it run")
        }
        Remedy::Approve { tool: None, .. } => {
            format!("run `mpp trust approve {package}` to approve it, or pass `--yes` to approve it for one run")
        }
        Remedy::Approve { tool: Some(tool), .. } => format!(
            "pass `--yes` to approve this call, or run `mpp trust approve {package} --tool {tool}` to approve every call"
        ),
        Remedy::ApproveServerTool { server, tool } => {
            format!("run `mpp trust server {server} --config FILE --tool {tool}` to approve every call of this tool")
        }
        Remedy::AcceptDefinition { server } => {
            format!("run `mpp trust server {server} --config FILE` to accept its tools as they are now")
        }
        Remedy::ChangePolicy { setting } => {
            format!("`{setting}` in `policy.toml` of the MPP home directory refuses it; change the setting to allow it")
        }
        // Edits of the manifest read the same everywhere.
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use mpp_host::codes::Remedy;

    use super::{ManifestKind, remedy, remedy_in, word};

    #[test]
    fn paths_in_commands_are_quoted_for_the_shell() {
        let cases = [
            ("target/mpp/a-0.1.0.mpp", "target/mpp/a-0.1.0.mpp"),
            ("my dir/x", "'my dir/x'"),
            ("it's", r"'it'\''s'"),
            ("$HOME", "'$HOME'"),
            ("größe", "größe"),
            ("", "''"),
        ];
        for (value, quoted) in cases {
            assert_eq!(word(value), quoted);
        }
        let remedy = remedy(&Remedy::Approve { package_id: "local.a".to_owned(), tool: None }, "my dir/a.mpp");
        assert!(remedy.contains("`mpp trust approve 'my dir/a.mpp'`"), "{remedy}");
    }

    #[test]
    fn remedies_are_commands_about_the_package() {
        let package_id = "com.example.say".to_owned();
        let trust = Remedy::TrustPublisher {
            package_id: package_id.clone(),
            publisher: "Example".to_owned(),
            key_id: "pub_a1b2c3d4e5f67890".to_owned(),
        };
        let approve =
            |tool: Option<&str>| Remedy::Approve { package_id: package_id.clone(), tool: tool.map(str::to_owned) };
        for (found, expected) in [
            (trust, "`mpp trust add say.mpp`"),
            (approve(None), "`mpp trust approve say.mpp`"),
            (approve(Some("pay")), "`mpp trust approve say.mpp --tool pay`"),
            (Remedy::ChangePolicy { setting: "deny_hosts".to_owned() }, "`deny_hosts` in `policy.toml`"),
            (Remedy::TrustCertificate { host: "a.example".to_owned() }, "`--ca FILE`"),
            (Remedy::AllowLocalHosts { host: "a.example".to_owned() }, "`--allow-local`"),
            (Remedy::MapPath { guest: "/data".to_owned() }, "`--dir /data=PATH`"),
            (Remedy::GiveVariables { names: vec!["A".to_owned()] }, "`--env A=VALUE`"),
        ] {
            let words = remedy(&found, "say.mpp");
            assert!(words.contains(expected), "{words}");
        }
    }

    #[test]
    fn changes_of_a_manifest_name_the_file_of_the_project() {
        let line = r#"network = ["a.example", { host = "b.example", inject = { x-key = "${KEY}" } }, "c.example"]"#;
        let host = Remedy::DeclareHost { host: "c.example".to_owned(), line: line.to_owned() };
        assert!(remedy_in(&host, "x.mpp", ManifestKind::Cargo).contains("`[package.metadata.mpp.capabilities]`"));
        assert_eq!(
            remedy_in(&host, "x.mpp", ManifestKind::Json),
            r#"to allow it, write `"network": ["a.example",{"host":"b.example","inject":{"x-key":"${KEY}"}},"c.example"]` in `capabilities` of `manifest.json` and build again"#
        );
        let path = Remedy::DeclarePath { guest: "/b".to_owned(), line: "filesystem = { write = [\"/b\"] }".to_owned() };
        let words = remedy_in(&path, "x.mpp", ManifestKind::Json);
        assert!(words.contains(r#"`"filesystem": {"write":["/b"]}`"#) && !words.contains("Cargo"), "{words}");
        let variables = Remedy::GiveVariables { names: vec!["KEY".to_owned()] };
        assert!(remedy_in(&variables, "x.mpp", ManifestKind::Json).contains("--env KEY=VALUE"));
    }
}
