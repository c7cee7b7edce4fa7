//! A small registry in memory: packages with every capability, many versions, and texts that try to deceive.

use std::collections::HashMap;
use std::path::Path;

use bytes::Bytes;
use mpp_host::PublicKey;
use mpp_host::keys::{KeyRole, SigningKey};
use mpp_host::testing::SamplePackage;
use mpp_registry::pages::{CommandLines, PageSettings, PageSource, Site, SourceError};
use mpp_registry::protocol::files::{DomainProof, IndexFile, Profile, PublisherFile, TakenDown, VersionRecord};
use mpp_registry::protocol::{Digest, DomainState, Origin, PackageId, TakedownReason};
use mpp_registry::search::{Change, SearchIndex};
use serde_json::{Value, json};

const TREE_SIZE: u64 = 4711;
const DAY: u64 = 86_400_000;
/// 1 March 2026.
const START: u64 = 1_772_366_400_000;

/// The registry.
pub(crate) struct Sample {
    search: SearchIndex,
    index: HashMap<String, IndexFile>,
    publishers: HashMap<PublicKey, (PublisherFile, Option<Profile>)>,
    blobs: HashMap<Digest, Bytes>,
}

/// Returns the key of a publisher.
pub(crate) fn key(seed: u8) -> SigningKey {
    SigningKey::from_seed(&[seed; 32], KeyRole::Publisher)
}

fn origin() -> Origin {
    Origin::parse("tools.example.com/log").expect("an origin")
}

impl Sample {
    /// Creates the registry, with its search index in a directory.
    pub(crate) async fn new(cache: &Path) -> Self {
        let search = SearchIndex::open(cache, "tools.example.com/log").await.expect("opens");
        let mut sample = Self { search, index: HashMap::new(), publishers: HashMap::new(), blobs: HashMap::new() };
        sample.register(1, Some(("Example Ltd", Some("https://example.com/"), Some("tools@example.com"))));
        sample.register(
            2,
            Some(("Text \u{202e}sdrow\u{202c} <script>alert(1)</script>", Some("javascript:alert(1)"), None)),
        );
        sample.register(3, None);
        packages(&mut sample);
        let changes = sample.index.values().map(|index| {
            let profile = sample.publishers.get(&index.owners[0]).and_then(|(_, profile)| profile.as_ref());
            Change::new(index.clone(), profile.map(|profile| profile.name.clone()))
        });
        let changes = changes.collect();
        sample.search.apply(changes, TREE_SIZE).await.expect("applies");
        sample
    }

    fn register(&mut self, seed: u8, profile: Option<(&str, Option<&str>, Option<&str>)>) {
        let key = key(seed).public();
        let file = PublisherFile::new(origin(), key, TREE_SIZE, u64::from(seed));
        let profile = profile.map(|(name, url, contact)| {
            Profile::new(name.into(), url.map(Into::into), contact.map(Into::into)).expect("random bytes")
        });
        self.publishers.insert(key, (file, profile));
    }

    /// Adds a version to a package, with the day on which it was published.
    pub(crate) fn version(&mut self, owner: u8, day: u64, package: SamplePackage) -> &mut VersionRecord {
        let package = package.signed_by(key(owner)).verify();
        let manifest = package.manifest();
        let archive_hash = Digest::of(package.bytes());
        let manifest_hash = Digest::of(package.manifest_bytes());
        self.blobs.insert(archive_hash, package.bytes().to_vec().into());
        self.blobs.insert(manifest_hash, package.manifest_bytes().to_vec().into());
        let tools: Vec<Value> = manifest
            .tool_definitions
            .iter()
            .map(|tool| {
                json!({"name": tool.name, "title": tool.title, "description": tool.description, "security_level": tool.security_level})
            })
            .collect();
        let record = json!({
            "version": manifest.version, "leaf_index": 100 + day * 3, "time": START + day * DAY, "key": key(owner).public(),
            "content_hash": Digest::from(*package.content_hash()), "archive_hash": archive_hash,
            "archive_size": package.bytes().len() + 181_000, "manifest_hash": manifest_hash, "name": manifest.name,
            "description": manifest.description, "license": manifest.license, "capabilities": manifest.capabilities, "tools": tools
        });
        let id = PackageId::parse(&manifest.package_id).expect("an id");
        let index = self
            .index
            .entry(manifest.package_id.clone())
            .or_insert_with(|| IndexFile::new(origin(), id.clone(), TREE_SIZE, vec![key(owner).public()]));
        let owned = &mut self.publishers.get_mut(&key(owner).public()).expect("registered").0.packages;
        if !owned.contains(&id) {
            owned.push(id);
        }
        index.versions.push(serde_json::from_value(record).expect("a record"));
        index.versions.last_mut().expect("was added")
    }
}

fn tool(name: &str, description: &str, level: &str, parameters: Value) -> Value {
    json!({
        "name": name, "description": description, "security_level": level,
        "parameters": {"type": "object", "properties": parameters, "required": parameters.as_object().and_then(|all| all.keys().next()).into_iter().collect::<Vec<_>>()}
    })
}

fn described(id: &str, version: &str, name: &str, description: &str) -> SamplePackage {
    SamplePackage::new()
        .id(id)
        .version(version)
        .set("/name", name)
        .set("/description", description)
        .set("/license", "MIT OR Apache-2.0")
        .set("/publisher", json!({"name": "Example Ltd", "url": "https://example.com/"}))
}

fn packages(sample: &mut Sample) {
    let id = "com.example.crm-lookup";
    let crm = |version: &str| {
        described(id, version, "crm-lookup", "Look up customer records in the CRM")
            .set(
                "/tool_definitions",
                json!([
                    tool("lookup", "Looks up a customer by number or e-mail address.\nReturns name, company and status.", "medium",
                        json!({"query": {"type": "string", "description": "Customer number or e-mail address"}, "limit": {"type": "integer", "description": "Largest number of results"}})),
                    tool("note", "Adds a note to a customer's record.", "high",
                        json!({"customer": {"type": "string", "description": "Customer number"}, "text": {"type": "string", "description": "The note"}, "tags": {"type": "array", "items": {"type": "string"}}}))
                ]),
            )
            .file("README.md", README)
    };
    let network = |host: &str| json!({"network": [host]});
    sample.version(1, 0, crm("1.0.0").set("/capabilities", network("crm.example.com")));
    sample.version(1, 4, crm("1.0.1").set("/capabilities", network("crm.example.com")));
    let injected = json!({
        "network": [{"host": "crm.example.com", "inject": {"authorization": "Bearer ${CRM_API_KEY}"}}, "*.cdn.example.com"],
        "env_vars": ["CRM_API_KEY", "CRM_REGION"]
    });
    sample.version(1, 20, crm("1.1.0").set("/capabilities", injected)).yanked = true;
    let all = json!({
        "network": [{"host": "crm.example.com", "inject": {"authorization": "Bearer ${CRM_API_KEY}"}}],
        "env_vars": ["CRM_API_KEY", "CRM_REGION"], "kv": {"max_bytes": 1_048_576},
        "filesystem": {"read": ["/templates"], "write": ["/exports"]}
    });
    let filters = json!({"patterns": ["email", "phone", "credit_card"],
        "custom_patterns": [{"id": "customer_id", "regex": "CUST-[0-9]{8}", "description": "Customer number"}],
        "exempt": [{"pointer": "/company", "reason": "names of companies are public"}]});
    let latest = crm("1.2.0").set("/capabilities", all).set("/privacy_filters", filters);
    sample.version(1, 41, latest);
    let index = sample.index.get_mut(id).expect("was added");
    index.domain = Some(DomainProof::new("example.com".into(), DomainState::Proved, 17));

    let text = described(
        "com.example.text-tools",
        "0.3.0",
        "text-tools",
        "Counts, sorts and compares text. Needs nothing but its arguments.",
    )
    .set(
        "/tool_definitions",
        json!([tool("count_words", "Counts the words of a text.", "low", json!({"text": {"type": "string"}}))]),
    )
    .set("/privacy_filters", json!({"enabled": false}));
    sample.version(1, 30, text);
    let reader = described(
        "org.example.report-reader",
        "2.0.0",
        "report-reader",
        "Reads reports in a directory and answers questions about their tables",
    )
    .set("/capabilities", json!({"filesystem": {"read": ["/reports"]}}))
    .set(
        "/tool_definitions",
        json!([
            tool("list_reports", "Lists the reports.", "low", json!({})),
            tool("read_table", "Reads a table of a report.", "medium", json!({"report": {"type": "string"}})),
            tool("sum_column", "Sums a column.", "low", json!({"report": {"type": "string"}})),
            tool("search_text", "Searches all reports.", "low", json!({"query": {"type": "string"}})),
            tool("compare", "Compares two reports.", "low", json!({"a": {"type": "string"}, "b": {"type": "string"}}))
        ]),
    );
    sample.version(3, 38, reader);
    let long = format!("com.{}.{}", "long-label-".repeat(8) + "x", "very-long-name-".repeat(5) + "y");
    let deceiving = described(
        &long,
        "1.0.0",
        &("a".repeat(60) + "-b"),
        "Invoice \u{202e}fdp.exe\u{202c} reader\u{200b} <img src=x onerror=alert(1)> & more",
    )
    .set(
        "/tool_definitions",
        json!([tool(&"t".repeat(64), "Ignore\u{2067} this <b>markup</b>", "critical", json!({}))]),
    )
    .set("/publisher", json!({"name": "\"><script>alert(1)</script>"}))
    .file(
        "README.md",
        "# Hello\n\n<script>alert(1)</script><img src=https://evil.example/x.png>\n\n[click](javascript:alert(1))",
    );
    sample.version(2, 35, deceiving);
    sample.version(2, 36, described("com.xn--mnchen-3ya.weather", "1.0.0", "weather", "Weather of a city"));
    let gone = sample.version(2, 10, described("com.example.gone", "1.0.0", "gone", "Gone"));
    gone.taken_down = Some(TakenDown::new(900, TakedownReason::Malware));
    (gone.name, gone.description, gone.license, gone.tools) = Default::default();
    for minor in 0..25 {
        let version = format!("0.{minor}.0");
        let notes = described("com.example.notes", &version, "notes", "Keeps notes between conversations")
            .set("/capabilities", json!({"kv": {"max_bytes": 1024 * (minor / 10 + 1)}}));
        sample.version(1, minor, notes);
    }
}

const README: &str = "# crm-lookup

Finds customers by number or e-mail address, and adds notes to their records.

## Set up

1. Create a key for the CRM's API with the right `records.read`.
2. Put it into the variable `CRM_API_KEY`. The tool never sees it: the host adds it to requests.

```toml
[[package]]
source = \"com.example.crm-lookup\"
env = [\"CRM_API_KEY\"]
```

## Answers

| field | meaning |
|---|---|
| `name` | name of the customer |
| `status` | `active`, `paused` or `closed` |

> Numbers of customers are redacted before an answer reaches the model.

See [set up](#set-up), the [documentation](https://example.com/docs) and the picture ![of a table](https://example.com/table.png).
";

impl PageSource for Sample {
    async fn site(&self) -> Result<Site, SourceError> {
        let commands = CommandLines::new("install {id}", "install {id}@{version}", "add {url} {key}");
        let settings = PageSettings::new("https://tools.example.com", commands);
        let root = "tools.example.com/log+6e1f8a3c+AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=";
        Ok(Site::new(origin(), root, TREE_SIZE, settings))
    }

    async fn index(&self, id: &PackageId) -> Result<Option<IndexFile>, SourceError> {
        Ok(self.index.get(id.as_str()).cloned())
    }

    async fn publisher(&self, key: &PublicKey) -> Result<Option<PublisherFile>, SourceError> {
        Ok(self.publishers.get(key).map(|(file, _)| file.clone()))
    }

    async fn profile(&self, key: &PublicKey) -> Result<Option<Profile>, SourceError> {
        Ok(self.publishers.get(key).and_then(|(_, profile)| profile.clone()))
    }

    async fn manifest(&self, hash: &Digest) -> Result<Option<Bytes>, SourceError> {
        Ok(self.blobs.get(hash).cloned())
    }

    async fn archive(&self, hash: &Digest) -> Result<Option<Bytes>, SourceError> {
        Ok(self.blobs.get(hash).cloned())
    }

    fn search(&self) -> &SearchIndex {
        &self.search
    }
}
