//! Adds to an inventory what was observed while the server ran.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{Dependency, DependencyType, Evidence, Inventory, hints, paths};
use crate::capture::{Conversation, Observed, secret_variables};

/// The most files of a directory that are listed one by one.
const FEW: usize = 3;

/// Replaces suggestions by observations.
pub(super) fn add(observed: &Observed, conversation: &Conversation, inventory: &mut Inventory) {
    let first_call =
        conversation.calls.first().map_or(u64::MAX, |call| u64::try_from(call.sent.as_micros()).unwrap_or(u64::MAX));
    let roots = paths::Roots::of(&observed.programs);
    let own = |paths: &BTreeSet<String>| -> BTreeSet<String> {
        paths.iter().filter(|path| !roots.is_platform(path)).cloned().collect()
    };
    // What a server keeps may lie where it is installed.
    let written: BTreeSet<String> = observed.written.iter().filter(|path| !paths::is_passing(path)).cloned().collect();
    let read = own(&observed.read);
    let read: BTreeSet<String> = read.difference(&written).cloned().collect();

    let mut of: BTreeMap<DependencyType, Vec<String>> = BTreeMap::new();
    let server = observed.programs.iter().rfind(|program| program.is_server).or(observed.programs.first());
    of.entry(DependencyType::Runtime).or_default().extend(server.map(|server| runtime(&server.program, observed)));

    network(observed, of.entry(DependencyType::Network).or_default(), &mut inventory.capabilities.network);
    let files = of.entry(DependencyType::Filesystem).or_default();
    files.extend(grouped(&read).into_iter().map(|path| format!("reads {path}")));
    files.extend(grouped(&written).into_iter().map(|path| format!("writes {path}")));
    inventory.capabilities.read.extend(declared(&read));
    inventory.capabilities.write.extend(declared(&written));

    let native = of.entry(DependencyType::NativeLibraries).or_default();
    native.extend(own(&observed.libraries).into_iter().map(|library| format!("loads {library}")));
    let packages = paths::packages(&observed.libraries);
    if !packages.is_empty() {
        let packages: Vec<&str> = packages.into_iter().collect();
        native.push(format!("loads machine code of packages: {}", packages.join(", ")));
    }
    let mut started = BTreeSet::new();
    for program in observed.programs.iter().filter(|program| !program.is_server) {
        let when = if program.at >= first_call { "in calls" } else { "before the first call" };
        started.insert(format!("starts {} ({when})", program.program));
    }
    native.extend(started);
    if !written.is_empty() {
        of.entry(DependencyType::State).or_default().push("what it writes to files".to_owned());
    }
    for (kind, items) in of.into_iter().filter(|(_, items)| !items.is_empty()) {
        set(inventory, kind, Evidence::Observed, items);
    }
    environment(observed, inventory);
}

/// Adds the hosts of recorded requests.
pub(super) fn add_exchanges(conversation: &Conversation, inventory: &mut Inventory) {
    let url = |exchange: &Value| Some(exchange.pointer("/request/url")?.as_str()?.to_owned());
    let mut requests: BTreeMap<String, usize> = BTreeMap::new();
    for url in conversation.exchanges.iter().filter_map(url) {
        let Some((scheme, rest)) = url.split_once("://") else { continue };
        let host = rest.split(['/', '?']).next().unwrap_or_default();
        let host = if scheme == "https" { host.to_owned() } else { format!("{scheme}://{host}") };
        *requests.entry(host).or_default() += 1;
    }
    if requests.is_empty() {
        return;
    }
    let items = requests
        .iter()
        .map(|(host, count)| format!("sends {count} request{} to {host}", if *count == 1 { "" } else { "s" }));
    let mut items: Vec<String> = items.collect();
    if let Some(known) =
        inventory.dependency(DependencyType::Network).filter(|known| known.evidence == Evidence::Observed)
    {
        items.extend(known.items.iter().map(|item| format!("{item}, around the proxy that recorded requests")));
    }
    inventory.capabilities.network.extend(requests.into_keys());
    set(inventory, DependencyType::Network, Evidence::Observed, items);
}

/// Returns whether the server started other programs to answer calls.
pub(super) fn starts_programs_in_calls(observed: &Observed, conversation: &Conversation) -> bool {
    let first = conversation.calls.first().map(|call| u64::try_from(call.sent.as_micros()).unwrap_or(u64::MAX));
    first.is_some_and(|first| observed.programs.iter().any(|program| !program.is_server && program.at >= first))
}

fn network(observed: &Observed, items: &mut Vec<String>, hosts: &mut BTreeSet<String>) {
    for connection in &observed.connections {
        let name = connection.host.as_deref().unwrap_or(&connection.address);
        let usual = connection.port == 443;
        items.push(format!("connects to {name} port {}", connection.port));
        let host = match (&connection.host, usual) {
            (Some(host), true) => host.clone(),
            (_, true) => name.to_owned(),
            (_, false) if connection.port == 80 => format!("http://{name}"),
            (_, false) => format!("{name}:{}", connection.port),
        };
        hosts.insert(host);
    }
    items.extend(observed.looked_up.iter().map(|name| format!("looks up {name}")));
    items.extend(observed.listens.iter().map(|address| format!("listens on {address}")));
    items.dedup();
}

/// The names of the variables that look like credentials. Whether the server reads a variable cannot be observed.
fn environment(observed: &Observed, inventory: &mut Inventory) {
    let named = observed.variables.iter().map(|name| (name.clone(), "/".to_owned()));
    let names: Vec<String> = secret_variables(named).into_iter().map(|(name, _)| name).collect();
    if names.is_empty() {
        return;
    }
    inventory.capabilities.env_vars.extend(names.iter().cloned());
    set(inventory, DependencyType::Environment, Evidence::Suggested, vec![format!("was given {}", names.join(", "))]);
}

fn set(inventory: &mut Inventory, kind: DependencyType, evidence: Evidence, items: Vec<String>) {
    match inventory.dependencies.iter_mut().find(|known| known.kind == kind) {
        Some(known) if evidence == Evidence::Observed || known.evidence == Evidence::NotObserved => {
            *known = Dependency { kind, evidence, items };
        }
        Some(known) => known.items.extend(items),
        None => inventory.dependencies.push(Dependency { kind, evidence, items }),
    }
}

/// Returns paths one by one, or the directories of those that have many neighbours.
fn grouped(paths: &BTreeSet<String>) -> Vec<String> {
    let mut directories: BTreeMap<&str, Vec<&String>> = BTreeMap::new();
    for path in paths {
        directories.entry(paths::group(path)).or_default().push(path);
    }
    let listed = directories.into_iter().flat_map(|(directory, paths)| {
        // A directory that was opened itself ends in `/`. It is shown if none of its files is.
        let files: Vec<String> = paths.iter().filter(|path| !path.ends_with('/')).map(|path| (*path).clone()).collect();
        match files.len() {
            0 => vec![directory.to_owned()],
            many if many > FEW => vec![format!("{directory} ({many} files)")],
            _ => files,
        }
    });
    listed.collect()
}

/// Returns the directories that a package would declare, without those below another one. In the directory of a user, and in one of
/// the root, it would declare the file alone.
fn declared(paths: &BTreeSet<String>) -> BTreeSet<String> {
    let place = |path: &String| match paths::group(path) {
        directory if paths::is_shared(directory) => path.trim_end_matches('/').to_owned(),
        directory => directory.to_owned(),
    };
    let places: BTreeSet<String> = paths.iter().map(place).filter(|place| !place.is_empty()).collect();
    let is_below =
        |path: &str, above: &String| path.strip_prefix(above.as_str()).is_some_and(|rest| rest.starts_with('/'));
    places.iter().filter(|path| !places.iter().any(|above| is_below(path, above))).cloned().collect()
}

/// Names the platform of a program, which its name or the files tell that it reads, and the program.
fn runtime(program: &str, observed: &Observed) -> String {
    let python = || {
        let (_, rest) = observed.read.iter().find_map(|path| path.split_once("/lib/python3."))?;
        let minor = rest.split('/').next().filter(|minor| minor.parse::<u8>().is_ok())?;
        Some(format!("Python 3.{minor}"))
    };
    let platform = hints::platform(program).map(str::to_owned).or_else(python);
    platform.map_or_else(|| format!("the program `{program}`"), |platform| format!("{platform}: `{program}`"))
}

#[cfg(test)]
mod tests {
    use crate::capture::Capture;
    use crate::inventory::{Complexity, DependencyType, Evidence, Inventory};
    use serde_json::json;

    #[test]
    fn observations_replace_suggestions() {
        let observed = json!({
            "programs": [{"program": "/srv/venv/bin/server", "at": 10, "is_server": true}, {"program": "/usr/bin/git", "at": 2_000_000}],
            "read": ["/srv/venv/lib/python3.13/x.py", "/srv/data/", "/srv/data/a", "/srv/data/b", "/srv/data/c", "/srv/data/d",
                "/srv/data/e/", "/etc/hosts", "/home/ada/.rc"],
            "libraries": ["/usr/lib/libc.so.6", "/srv/venv/lib/python3.13/site-packages/lxml/etree.cpython-313-x86_64-linux-gnu.so",
                "/srv/venv/lib/python3.13/site-packages/pydantic_core/_pydantic_core.cpython-313-x86_64-linux-gnu.so"],
            "written": ["/srv/out/log.txt", "/dev/null", "/srv/venv/lib/__pycache__/x.pyc.123"],
            "connections": [
                {"host": "api.crm.example", "address": "203.0.113.7", "port": 443},
                {"address": "203.0.113.8", "port": 5432},
            ],
            "looked_up": ["other.example"],
            "variables": ["PATH", "CRM_API_KEY"],
        });
        let exchange =
            json!({"request": {"method": "GET", "url": "https://mail.example/v1?x=1"}, "response": {"status": 200}});
        let call = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "log"}});
        let answer = json!({"jsonrpc": "2.0", "id": 1, "result": {"content": []}});
        let entries = [
            json!({"capture": 1, "started": "2026-01-01T00:00:00Z", "transport": "stdio", "command": ["server"]}),
            json!({"at": 1_000_000, "from": "client", "message": call}),
            json!({"at": 2_000_500, "from": "server", "message": answer}),
            json!({"at": 2_000_600, "exchange": exchange}),
            json!({"at": 2_000_700, "unrecorded": "pinned.example: the certificate is not accepted"}),
            json!({"at": 3_000_000, "observed": observed}),
        ];
        let text: String = entries.iter().map(|entry| format!("{entry}\n")).collect();
        let capture = Capture::parse(text.as_bytes()).expect("a capture");
        let inventory = Inventory::of(&capture, &capture.conversation());
        let items = |kind| {
            let found = inventory.dependency(kind).expect("every type");
            (found.evidence, found.items.join("; "))
        };
        let around = "around the proxy that recorded requests";
        assert_eq!(
            items(DependencyType::Network),
            (
                Evidence::Observed,
                format!(
                    "sends 1 request to mail.example; connects to api.crm.example port 443, {around}; \
                     connects to 203.0.113.8 port 5432, {around}; looks up other.example, {around}"
                )
            )
        );
        assert_eq!(
            items(DependencyType::Filesystem),
            (
                Evidence::Observed,
                "reads /home/ada/.rc; reads /srv/data (4 files); reads /srv/data/e; writes /srv/out/log.txt".to_owned()
            )
        );
        assert_eq!(items(DependencyType::Runtime).1, "Python 3.13: `/srv/venv/bin/server`");
        assert_eq!(
            items(DependencyType::NativeLibraries).1,
            "loads machine code of packages: lxml; starts /usr/bin/git (in calls)"
        );
        assert_eq!(items(DependencyType::Environment), (Evidence::Suggested, "was given CRM_API_KEY".to_owned()));
        assert_eq!(items(DependencyType::State).0, Evidence::Observed);
        assert_eq!(
            json!(inventory.capabilities),
            json!({
                "network": ["203.0.113.8:5432", "api.crm.example", "mail.example"],
                "read": ["/home/ada/.rc", "/srv/data"],
                "write": ["/srv/out"],
                "env_vars": ["CRM_API_KEY"],
            })
        );
        assert_eq!(inventory.complexity, Complexity::NotYetPractical);
        assert!(inventory.reasons[0].contains("starts other programs"), "{:?}", inventory.reasons);
        assert!(inventory.gaps.iter().any(|gap| gap.contains("pinned.example")), "{:?}", inventory.gaps);
    }
}
