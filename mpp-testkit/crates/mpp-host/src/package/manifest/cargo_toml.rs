//! Lines for `Cargo.toml` that declare something in addition to what a manifest declares: the proposals of remedies.

use serde_json::Value;

use super::{Filesystem, NetworkEntry, Runtime, RuntimeKind};
use crate::codes::{PathAccess, RuntimeLimit};

/// Returns the `network` of `[package.metadata.mpp.capabilities]`, with `host` added.
pub(crate) fn network(declared: &[NetworkEntry], host: &str) -> String {
    let entries = declared.iter().map(network_entry).chain([text(host)]);
    format!("network = [{}]", entries.collect::<Vec<_>>().join(", "))
}

/// Returns the `env_vars` of `[package.metadata.mpp.capabilities]`, with `name` added.
pub(crate) fn env_vars(declared: &[String], name: &str) -> String {
    format!("env_vars = [{}]", list(declared.iter().map(String::as_str).chain([name])))
}

/// Returns the `filesystem` of `[package.metadata.mpp.capabilities]`, with `guest` added to the paths to read or to write. A path
/// that may be written may be read, so it is in one list.
pub(crate) fn filesystem(declared: &Filesystem, guest: &str, access: PathAccess) -> String {
    let paths = |declared: &[String], adds: bool| {
        let kept = declared.iter().map(String::as_str).filter(|known| *known != guest);
        list(kept.chain(adds.then_some(guest)))
    };
    let lists = [
        ("read", paths(&declared.read, access == PathAccess::Read)),
        ("write", paths(&declared.write, access == PathAccess::Write)),
    ];
    let lists = lists.iter().filter(|(_, paths)| !paths.is_empty());
    let lists: Vec<String> = lists.map(|(name, paths)| format!("{name} = [{paths}]")).collect();
    format!("filesystem = {{ {} }}", lists.join(", "))
}

/// Returns the `runtime` of `[package.metadata.mpp]` with a higher limit, and that limit: twice the declared one and at least
/// `wanted`, as far as the format allows it. Returns `None` if the declared limit is the highest.
pub(crate) fn raised(declared: &Runtime, limit: RuntimeLimit, wanted: u64) -> Option<(String, u64)> {
    let mut raised = declared.clone();
    let (found, highest) = match limit {
        RuntimeLimit::TimeoutMs => (declared.timeout_ms.into(), Runtime::MAX_TIMEOUT_MS.into()),
        RuntimeLimit::MemoryLimitMb => (declared.memory_limit_mb.into(), Runtime::MAX_MEMORY_LIMIT_MB.into()),
        RuntimeLimit::MaxOutputBytes => (declared.max_output_bytes, Runtime::MAX_OUTPUT_BYTES),
    };
    let value = u64::saturating_mul(found, 2).max(wanted).min(highest);
    if value <= found {
        return None;
    }
    match limit {
        RuntimeLimit::TimeoutMs => raised.timeout_ms = u32::try_from(value).ok()?,
        RuntimeLimit::MemoryLimitMb => raised.memory_limit_mb = u32::try_from(value).ok()?,
        RuntimeLimit::MaxOutputBytes => raised.max_output_bytes = value,
    }
    Some((runtime(&raised, limit), value))
}

/// Returns the settings that are not the default, and `limit` in any case.
fn runtime(runtime: &Runtime, limit: RuntimeLimit) -> String {
    let default = Runtime::default();
    let mut settings = Vec::new();
    if runtime.kind == RuntimeKind::Wasip2 {
        settings.push("type = \"wasm32-wasip2\"".to_owned());
    }
    for (name, value, default) in [
        ("memory_limit_mb", runtime.memory_limit_mb.into(), default.memory_limit_mb.into()),
        ("timeout_ms", runtime.timeout_ms.into(), default.timeout_ms.into()),
        ("max_output_bytes", runtime.max_output_bytes, default.max_output_bytes),
    ] {
        if value != default || name == limit.name() {
            settings.push(format!("{name} = {value}"));
        }
    }
    format!("runtime = {{ {} }}", settings.join(", "))
}

fn network_entry(entry: &NetworkEntry) -> String {
    let NetworkEntry::Injected(own) = entry else { return text(entry.host()) };
    let headers: Vec<String> = own
        .inject
        .iter()
        .map(|(name, value)| {
            let is_bare = name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
            let name = if is_bare { name.clone() } else { text(name) };
            format!("{name} = {}", text(value))
        })
        .collect();
    format!("{{ host = {}, inject = {{ {} }} }}", text(&own.host), headers.join(", "))
}

fn list<'a>(items: impl Iterator<Item = &'a str>) -> String {
    items.map(text).collect::<Vec<_>>().join(", ")
}

/// Returns a string in quotes. The escapes of JSON are those of TOML.
fn text(text: &str) -> String {
    Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::{env_vars, filesystem, raised};
    use crate::codes::{PathAccess, RuntimeLimit};
    use crate::package::manifest::{Filesystem, Manifest, Runtime};

    #[test]
    fn adds_to_what_is_declared() {
        assert_eq!(env_vars(&[], "KEY"), "env_vars = [\"KEY\"]");
        assert_eq!(env_vars(&["A".to_owned()], "KEY"), "env_vars = [\"A\", \"KEY\"]");
        let declared = Filesystem { read: vec!["/a".to_owned()], write: vec!["/out".to_owned()] };
        let read = |declared, guest| filesystem(declared, guest, PathAccess::Read);
        assert_eq!(read(&declared, "/\"b"), r#"filesystem = { read = ["/a", "/\"b"], write = ["/out"] }"#);
        assert_eq!(read(&Filesystem::default(), "/b"), r#"filesystem = { read = ["/b"] }"#);
        let write = |declared, guest| filesystem(declared, guest, PathAccess::Write);
        assert_eq!(write(&declared, "/a"), r#"filesystem = { write = ["/out", "/a"] }"#);
        assert_eq!(write(&Filesystem::default(), "/b"), r#"filesystem = { write = ["/b"] }"#);
    }

    #[test]
    fn the_highest_limits_are_those_of_the_schema() {
        let schema = Manifest::json_schema();
        for (limit, highest) in [
            (RuntimeLimit::TimeoutMs, u64::from(Runtime::MAX_TIMEOUT_MS)),
            (RuntimeLimit::MemoryLimitMb, u64::from(Runtime::MAX_MEMORY_LIMIT_MB)),
            (RuntimeLimit::MaxOutputBytes, Runtime::MAX_OUTPUT_BYTES),
        ] {
            let maximum = &schema["properties"]["runtime"]["properties"][limit.name()]["maximum"];
            assert_eq!(maximum.as_u64(), Some(highest), "{limit:?}");
        }
    }

    #[test]
    fn raises_a_limit_up_to_the_highest() {
        let declared = Runtime { memory_limit_mb: 32, ..Runtime::default() };
        let memory = |declared: &Runtime, wanted| raised(declared, RuntimeLimit::MemoryLimitMb, wanted);
        assert_eq!(memory(&Runtime::default(), 0), Some(("runtime = { memory_limit_mb = 128 }".to_owned(), 128)));
        // The default, too, is named.
        assert_eq!(memory(&declared, 0), Some(("runtime = { memory_limit_mb = 64 }".to_owned(), 64)));
        assert_eq!(memory(&declared, 100), Some(("runtime = { memory_limit_mb = 100 }".to_owned(), 100)));
        assert_eq!(memory(&declared, 9000), Some(("runtime = { memory_limit_mb = 4096 }".to_owned(), 4096)));
        assert_eq!(memory(&Runtime { memory_limit_mb: 4096, ..declared.clone() }, 9000), None);
        let time = raised(&declared, RuntimeLimit::TimeoutMs, 0);
        assert_eq!(time, Some(("runtime = { memory_limit_mb = 32, timeout_ms = 60000 }".to_owned(), 60_000)));
        let output = raised(&Runtime::default(), RuntimeLimit::MaxOutputBytes, 0);
        assert_eq!(output, Some(("runtime = { max_output_bytes = 16777216 }".to_owned(), 16_777_216)));
    }
}
