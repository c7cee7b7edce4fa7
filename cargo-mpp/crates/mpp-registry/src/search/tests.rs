//! Tests of the search index: words, filters, order, updates, and indexes that are not usable.

use mpp_host::PublicKey;
use mpp_host::keys::{KeyRole, SigningKey};
use mpp_host::package::manifest::Capabilities;
use mpp_host::wire::SecurityLevel;
use serde_json::json;

use super::{CapabilityFilter, Change, PAGE_SIZE, Query, SearchIndex};
use crate::protocol::files::{DomainProof, IndexFile, TakenDown, ToolRecord, VersionRecord};
use crate::protocol::{Digest, DomainState, Origin, PackageId, TakedownReason};

const REGISTRY: &str = "tools.example.com/log";

fn key(seed: u8) -> PublicKey {
    SigningKey::from_seed(&[seed; 32], KeyRole::Publisher).public()
}

fn capabilities(value: serde_json::Value) -> Capabilities {
    serde_json::from_value(value).expect("capabilities")
}

fn version(version: &str, name: &str, description: &str) -> VersionRecord {
    VersionRecord {
        version: version.parse().expect("a version"),
        leaf_index: 7,
        time: 1_000,
        key: key(1),
        content_hash: Digest::of(version.as_bytes()),
        archive_hash: Digest::of(name.as_bytes()),
        archive_size: 1000,
        manifest_hash: Digest::of(b"manifest"),
        name: name.to_owned(),
        description: description.to_owned(),
        license: None,
        capabilities: Capabilities::default(),
        tools: Vec::new(),
        yanked: false,
        taken_down: None,
    }
}

fn index(id: &str, tree_size: u64, versions: Vec<VersionRecord>) -> IndexFile {
    let origin = Origin::parse(REGISTRY).expect("an origin");
    IndexFile { versions, ..IndexFile::new(origin, PackageId::parse(id).expect("an id"), tree_size, vec![key(1)]) }
}

fn change(index: IndexFile) -> Change {
    Change::new(index, Some("Example Ltd".to_owned()))
}

async fn filled() -> (tempfile::TempDir, SearchIndex) {
    let cache = tempfile::tempdir().expect("a directory");
    let search = SearchIndex::open(cache.path(), REGISTRY).await.expect("opens");
    let mut lookup = version("1.0.0", "crm-lookup", "Look up customer records in the CRM");
    lookup.capabilities = capabilities(json!({"network": ["api.crm.example"], "env_vars": ["CRM_KEY"]}));
    lookup.tools =
        vec![ToolRecord::new("find_customer".into(), None, "Finds a customer by name".into(), SecurityLevel::Medium)];
    lookup.time = 3_000;
    let mut notes = version("2.0.0", "notes", "Keep notes about customers");
    notes.capabilities = capabilities(json!({"kv": {"max_bytes": 1000}, "filesystem": {"read": ["/notes"]}}));
    notes.time = 2_000;
    let plain = version("0.1.0", "text", "Counts words: Zoë's tool");
    let mut proved = index("com.example.notes", 9, vec![notes]);
    proved.domain = Some(DomainProof::new("example.com".into(), DomainState::Proved, 3));
    proved.owners = vec![key(2)];
    let changes = vec![
        change(index("com.example.crm-lookup", 9, vec![lookup])),
        change(proved),
        Change::new(index("org.other.text", 9, vec![plain]), None),
    ];
    search.apply(changes, 9).await.expect("applies");
    (cache, search)
}

async fn ids(search: &SearchIndex, query: Query) -> Vec<String> {
    let found = search.find(query).await.expect("finds");
    found.page.results.into_iter().map(|result| result.package_id.to_string()).collect()
}

#[tokio::test]
async fn finds_words_in_every_field() {
    let (_cache, search) = filled().await;
    for (text, found) in [
        ("com.example.crm-lookup", vec!["com.example.crm-lookup"]),
        ("CRM", vec!["com.example.crm-lookup"]),
        ("find_customer", vec!["com.example.crm-lookup"]),
        ("by name", vec!["com.example.crm-lookup"]),
        ("customer", vec!["com.example.notes", "com.example.crm-lookup"]),
        ("customers keep", vec!["com.example.notes"]),
        ("zoe", vec!["org.other.text"]),
        ("not", vec!["com.example.notes"]),
        ("example ltd notes", vec!["com.example.notes"]),
        ("nothing", vec![]),
    ] {
        let mut ids = ids(&search, Query::of(text)).await;
        ids.sort_unstable_by(|a, b| b.cmp(a));
        assert_eq!(ids, found, "{text}");
    }
}

#[tokio::test]
async fn syntax_of_the_query_language_is_only_words() {
    let (_cache, search) = filled().await;
    for text in [
        "\"",
        "notes\" OR \"crm",
        "name:notes",
        "notes*",
        "NEAR(notes crm)",
        "(",
        "a AND NOT b",
        "^notes",
        "{id}:x",
        "\0",
        "'; DROP TABLE package; --",
    ] {
        search.find(Query::of(text)).await.expect(text);
    }
    assert_eq!(ids(&search, Query::of("notes OR crm")).await, Vec::<String>::new());
    assert_eq!(search.counts().await.expect("counts").packages, 3);
}

#[tokio::test]
async fn an_exact_name_or_id_comes_first() {
    let (_cache, search) = filled().await;
    let mut worse = version("1.0.0", "other", "notes notes notes notes notes");
    worse.tools = vec![ToolRecord::new("notes".into(), None, "notes".into(), SecurityLevel::Low)];
    let exact = version("1.0.0", "words", "Something else about notes that is much longer than the other description");
    search
        .apply(vec![change(index("com.a.other", 10, vec![worse])), change(index("com.b.notes", 10, vec![exact]))], 10)
        .await
        .expect("applies");
    assert_eq!(ids(&search, Query::of("notes")).await[0], "com.example.notes");
    assert_eq!(ids(&search, Query::of("COM.B.NOTES")).await[0], "com.b.notes");
}

#[tokio::test]
async fn a_proved_domain_decides_between_equals() {
    let (_cache, search) = filled().await;
    let same = || vec![version("1.0.0", "twin", "A unique zebra")];
    let mut proved = index("com.z.twin", 10, same());
    proved.domain = Some(DomainProof::new("z.com".into(), DomainState::Proved, 3));
    let mut lapsed = index("com.a.twin", 10, same());
    lapsed.domain = Some(DomainProof::new("a.com".into(), DomainState::Lapsed, 3));
    search.apply(vec![change(proved), change(lapsed)], 10).await.expect("applies");
    assert_eq!(ids(&search, Query::of("zebra")).await, ["com.z.twin", "com.a.twin"]);
}

#[tokio::test]
async fn filters_restrict_what_is_found() {
    let (_cache, search) = filled().await;
    for (filter, found) in [
        (CapabilityFilter::Network, vec!["com.example.crm-lookup"]),
        (CapabilityFilter::EnvVars, vec!["com.example.crm-lookup"]),
        (CapabilityFilter::Filesystem, vec!["com.example.notes"]),
        (CapabilityFilter::Kv, vec!["com.example.notes"]),
        (CapabilityFilter::None, vec!["org.other.text"]),
    ] {
        assert_eq!(ids(&search, Query::default().with_capability(Some(filter))).await, found, "{filter}");
    }
    assert_eq!(ids(&search, Query::of("customer").only_verified(true)).await, ["com.example.notes"]);
    let found = search.find(Query::of("notes")).await.expect("finds");
    assert_eq!(found.touches, [vec![CapabilityFilter::Filesystem, CapabilityFilter::Kv]]);
    assert_eq!(ids(&search, Query::default().with_key(Some(key(2)))).await, ["com.example.notes"]);
    // The second key signed the latest version, and the first one owns two packages.
    assert_eq!(ids(&search, Query::default().with_key(Some(key(1)))).await.len(), 3);
    assert_eq!(ids(&search, Query::default().with_key(Some(key(9)))).await.len(), 0);
}

#[tokio::test]
async fn without_words_the_latest_comes_first() {
    let (_cache, search) = filled().await;
    let all = ["com.example.crm-lookup", "com.example.notes", "org.other.text"];
    assert_eq!(ids(&search, Query::default()).await, all);
    assert_eq!(ids(&search, Query::of("  ")).await, all);
    assert_eq!(ids(&search, Query::of("--")).await, Vec::<String>::new());
}

#[tokio::test]
async fn pages_have_an_end() {
    let (_cache, search) = filled().await;
    let total = PAGE_SIZE + 5;
    let changes = (0..total)
        .map(|n| change(index(&format!("com.many.tool-{n:03}"), 10, vec![version("1.0.0", "walrus", "A walrus")])))
        .collect();
    search.apply(changes, 10).await.expect("applies");
    let first = search.find(Query::of("walrus")).await.expect("finds");
    assert_eq!((first.page.results.len(), first.page.next, first.total), (20, Some(2), u64::from(total)));
    let second = search.find(Query::of("walrus").on_page(2)).await.expect("finds");
    assert_eq!((second.page.results.len(), second.page.next), (5, None));
    let beyond = search.find(Query::of("walrus").on_page(u32::MAX)).await.expect("finds");
    assert_eq!((beyond.page.results.len(), beyond.page.next), (0, None));
}

#[tokio::test]
async fn a_change_replaces_what_was_known_and_an_older_one_does_nothing() {
    let (_cache, search) = filled().await;
    let id = "com.example.notes";
    let newer = version("3.0.0", "journal", "Writes a diary");
    search.apply(vec![change(index(id, 12, vec![newer.clone()]))], 12).await.expect("applies");
    assert_eq!(ids(&search, Query::of("diary")).await, [id]);
    assert_eq!(ids(&search, Query::of("notes about")).await, Vec::<String>::new());
    let older = version("2.0.0", "notes", "Keep notes about customers");
    search.apply(vec![change(index(id, 11, vec![older]))], 11).await.expect("applies");
    assert_eq!(ids(&search, Query::of("diary")).await, [id]);
    assert_eq!(search.tree_size().await.expect("a size"), 12);
    let counts = search.counts().await.expect("counts");
    assert_eq!((counts.packages, counts.versions, counts.publishers), (3, 3, 1));
}

#[tokio::test]
async fn only_versions_that_can_be_installed_are_found() {
    let (_cache, search) = filled().await;
    let id = "com.example.versions";
    let mut yanked = version("3.0.0", "versions", "third");
    yanked.yanked = true;
    let versions = vec![
        version("1.9.0", "versions", "first"),
        version("1.10.0", "versions", "second"),
        yanked,
        version("2.0.0-rc.1", "versions", "candidate"),
    ];
    search.apply(vec![change(index(id, 10, versions))], 10).await.expect("applies");
    let found = search.find(Query::of("versions")).await.expect("finds");
    assert_eq!(found.page.results[0].version.to_string(), "1.10.0");
    let mut only = version("1.0.0", "versions", "first");
    only.yanked = true;
    search.apply(vec![change(index(id, 11, vec![only]))], 11).await.expect("applies");
    assert_eq!(ids(&search, Query::of("versions")).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_takedown_erases_the_readme() {
    let (_cache, search) = filled().await;
    let mut version = version("1.0.0", "bad", "Bad");
    let archive = version.archive_hash;
    assert_eq!(search.readme(&archive).await.expect("reads"), None);
    search.keep_readme(&archive, Some("# Bad".into())).await.expect("keeps");
    assert_eq!(search.readme(&archive).await.expect("reads"), Some(Some("# Bad".into())));
    version.taken_down = Some(TakenDown::new(9, TakedownReason::Malware));
    search.apply(vec![change(index("com.example.bad", 10, vec![version]))], 10).await.expect("applies");
    assert_eq!(search.readme(&archive).await.expect("reads"), None);
    assert_eq!(ids(&search, Query::of("bad")).await, Vec::<String>::new());
}

#[tokio::test]
async fn an_index_is_kept_only_for_its_own_registry() {
    let (cache, search) = filled().await;
    drop(search);
    let again = SearchIndex::open(cache.path(), REGISTRY).await.expect("opens");
    assert_eq!((again.tree_size().await.expect("a size"), ids(&again, Query::default()).await.len()), (9, 3));
    drop(again);
    let other = SearchIndex::open(cache.path(), "other.example/log").await.expect("opens");
    assert_eq!((other.tree_size().await.expect("a size"), ids(&other, Query::default()).await.len()), (0, 0));
}

#[tokio::test]
async fn a_damaged_index_is_replaced() {
    let (cache, search) = filled().await;
    drop(search);
    let path = cache.path().join("search.sqlite");
    for damage in [&b"not a database"[..], b""] {
        std::fs::write(&path, damage).expect("writes");
        let search = SearchIndex::open(cache.path(), REGISTRY).await.expect("opens");
        assert_eq!(search.tree_size().await.expect("a size"), 0);
        search
            .apply(vec![change(index("com.example.a", 5, vec![version("1.0.0", "a", "A")]))], 5)
            .await
            .expect("applies");
        assert_eq!(ids(&search, Query::default()).await, ["com.example.a"]);
    }
}

#[tokio::test]
async fn many_search_while_one_writes() {
    let (_cache, search) = filled().await;
    let readers: Vec<_> = (0..16)
        .map(|_| {
            let search = search.clone();
            tokio::spawn(async move { search.find(Query::of("customer")).await.expect("finds").total })
        })
        .collect();
    for n in 10..20 {
        let versions = vec![version("1.0.0", "busy", "Busy")];
        search.apply(vec![change(index("com.example.busy", n, versions))], n).await.expect("applies");
    }
    for reader in readers {
        assert_eq!(reader.await.expect("ends"), 2);
    }
}
