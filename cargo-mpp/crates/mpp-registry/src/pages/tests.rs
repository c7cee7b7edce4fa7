//! Tests of the pages as a browser gets them: what they say, what they escape, and their structure.

#[path = "../../examples/pages/sample.rs"]
mod sample;

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use tower::ServiceExt as _;

use super::{POLICY, assets, router};
use sample::{Sample, key};

/// Everything that a package or publisher of the sample says to deceive, in a form that would have an effect.
const DANGEROUS: [&str; 8] =
    ["<script", "onerror=", "<img", "javascript:", "evil.example", "\u{202e}", "\u{2067}", "<b>markup"];

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
}

impl Answer {
    #[track_caller]
    fn has(&self, expected: &str) -> &Self {
        assert!(self.body.contains(expected), "`{expected}` is missing in\n{}", self.body);
        self
    }

    #[track_caller]
    fn lacks(&self, unexpected: &str) -> &Self {
        assert!(!self.body.contains(unexpected), "`{unexpected}` occurs in\n{}", self.body);
        self
    }

    /// Checks that the texts come in this order.
    #[track_caller]
    fn in_order(&self, texts: &[&str]) {
        let mut rest = self.body.as_str();
        for text in texts {
            let found = rest.split_once(text);
            assert!(found.is_some(), "`{text}` is missing or too early in\n{}", self.body);
            rest = found.map_or("", |(_, rest)| rest);
        }
    }
}

async fn get(path: &str) -> Answer {
    let cache = tempfile::tempdir().expect("a directory");
    let pages = router(Arc::new(Sample::new(cache.path()).await));
    let request = Request::get(path).body(Body::empty()).expect("a request");
    let response = pages.oneshot(request).await.expect("answers");
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.expect("a body");
    Answer { status: parts.status, headers: parts.headers, body: String::from_utf8(body.to_vec()).expect("text") }
}

fn publisher(seed: u8) -> String {
    format!("/publisher/{}", hex::encode(key(seed).public().as_bytes()))
}

#[tokio::test]
async fn a_package_page_begins_with_what_the_package_can_touch() {
    let page = get("/packages/com.example.crm-lookup").await;
    assert_eq!(page.status, StatusCode::OK);
    page.in_order(&[
        "<h1>crm-lookup <span class=\"version\">1.2.0</span></h1>",
        "What it can touch",
        "may read <code>/templates</code>",
        "may read and change <code>/exports</code>",
        "may connect to <code>https://crm.example.com</code>",
        "sends the header <code>authorization</code> to crm.example.com; the host adds it, and the tool never sees it",
        "receives the variable <code>CRM_REGION</code>",
        "uses the variable <code>CRM_API_KEY</code> in headers",
        "may store up to 1.0 MiB of its own data",
        "has tools of security level high",
        "personal data is redacted from results: email, phone, credit_card, customer_id",
        "not redacted at /company: names of companies are public",
        "install com.example.crm-lookup</code>",
        "Signed by",
        "Domain",
        "proved",
        "<code>example.com</code>",
        "Log entry",
        "223 of 4,711",
        "Tools",
        "<code>lookup</code>",
        "Customer number or e-mail address",
        "Versions",
        "README",
    ]);
}

#[tokio::test]
async fn versions_say_what_they_touch_more_or_less() {
    get("/packages/com.example.crm-lookup").await.in_order(&[
        ">1.2.0</a>",
        "<span class=\"sign\">more</span> <span>may read <code>/templates</code>",
        "may store up to 1.0 MiB",
        "<span class=\"sign\">less</span> <span>may connect to <code>https://*.cdn.example.com</code>",
        ">1.1.0</a>",
        "yanked",
        "<span class=\"sign\">more</span> <span>may connect to <code>https://*.cdn.example.com</code>",
        "receives the variable <code>CRM_REGION</code>",
        ">1.0.1</a>",
        "touches the same",
        ">1.0.0</a>",
        "first version",
    ]);
}

#[tokio::test]
async fn many_versions_are_listed_on_request() {
    let page = get("/packages/com.example.notes").await;
    page.has("15 older versions").has(">0.15.0</a>").lacks(">0.14.0</a>");
    // The lowest version in the list is compared with one that is not in it.
    page.lacks("first version");
    get("/packages/com.example.notes?versions=all")
        .await
        .has(">0.0.0</a>")
        .has("first version")
        .lacks("older versions");
}

#[tokio::test]
async fn an_older_version_says_so() {
    let page = get("/packages/com.example.crm-lookup/1.0.0").await;
    page.has("This is not the version that is installed by default").has("install com.example.crm-lookup@1.0.0");
    page.has("<meta name=\"robots\" content=\"noindex\">")
        .lacks("/templates</code></span></li><li><span class=\"icon\">");
    get("/packages/com.example.crm-lookup/1.1.0").await.has("Yanked by its owner.");
}

#[tokio::test]
async fn a_package_without_permissions_and_without_filter_says_so() {
    let page = get("/packages/com.example.text-tools").await;
    page.has("sees only its arguments: no files, no network, no environment variables");
    page.has("results are NOT filtered for personal data: the package turns the filter off");
}

#[tokio::test]
async fn a_version_that_was_taken_down_keeps_its_place_and_nothing_else() {
    let page = get("/packages/com.example.gone").await;
    assert_eq!(page.status, StatusCode::OK);
    page.has("Taken down by the registry").has("malware").has("The manifest of this version was erased");
    page.lacks("id=\"install\"").lacks("Gone").has("taken down");
}

#[tokio::test]
async fn texts_that_try_to_deceive_have_no_effect() {
    let id = format!("com.{}x.{}y", "long-label-".repeat(8), "very-long-name-".repeat(5));
    for path in [format!("/packages/{id}"), publisher(2), "/search?q=invoice".into(), "/search".into(), "/".into()] {
        let page = get(&path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        for bad in DANGEROUS {
            // As escaped text, `onerror=` is harmless.
            let body = page
                .body
                .replace("&lt;img src=x onerror=alert(1)&gt;", "")
                .replace("<bdi>javascript:alert(1)</bdi>", "");
            assert!(!body.contains(bad), "{bad} in {path}:\n{body}");
        }
    }
    let page = get(&format!("/packages/{id}")).await;
    page.has(&id).has("<span class=\"hidden-mark\" title=\"a hidden character\">U+202E</span>fdp.exe");
    page.has("&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;").has("Ignore<span class=\"hidden-mark\"");
}

#[tokio::test]
async fn letters_of_other_scripts_in_an_id_are_decoded() {
    get("/packages/com.xn--mnchen-3ya.weather")
        .await
        .has("<code>com.xn--mnchen-3ya.weather</code>")
        .has("com.münchen.weather");
}

#[tokio::test]
async fn the_readme_is_cleaned() {
    let page = get("/packages/com.example.crm-lookup").await;
    page.has("<h4 id=\"readme-set-up\">Set up</h4>").has("<a href=\"#readme-set-up\"").has("<table>");
    page.lacks("table.png").has("of a table");
}

#[tokio::test]
async fn a_publisher_has_a_page() {
    let page = get(&publisher(1)).await;
    assert_eq!(page.status, StatusCode::OK);
    page.in_order(&[
        "Example Ltd",
        "Packages",
        "crm-lookup",
        "Proved",
        "log entry 1",
        "Claimed",
        "https://example.com/",
        "tools@example.com",
    ]);
    get(&publisher(3)).await.has("report-reader").lacks("Claimed");
}

#[tokio::test]
async fn search_shows_results_filters_and_pages() {
    let page = get("/search?q=crm&capability=network").await;
    page.has("1 package")
        .has("crm-lookup")
        .has("network</li>")
        .has("own data</li>")
        .has("<option value=\"network\" selected>");
    page.has("Results for “crm”").has("value=\"crm\"");
    get("/search?q=nothing-like-this").await.has("0 packages").has("Try fewer words");
    let page = get("/search?capability=sockets").await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST);
    page.has("is not a capability: expected network");
    get("/search?verified=true").await.has("1 package").has("domain proved");
    get("/search?q=%22%3E%3Cscript%3E").await.lacks("\"><script").has("value=\"&quot;&gt;&lt;script&gt;\"");
}

#[tokio::test]
async fn the_home_page_has_the_search_the_latest_packages_and_the_key() {
    let page = get("/").await;
    page.in_order(&[
        "role=\"search\"",
        "6</strong> packages",
        "Recently published",
        "crm-lookup",
        "Use this registry",
        "add https://tools.example.com tools.example.com/log+",
    ]);
}

#[tokio::test]
async fn what_does_not_exist_is_answered_by_a_page() {
    for path in [
        "/packages/com.example.unknown",
        "/packages/..%2f..%2fetc",
        "/packages/com.example.crm-lookup/9.9.9",
        "/packages/com.example.crm-lookup/x",
        "/publisher/abc",
        "/static/other.css",
    ] {
        let page = get(path).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{path}");
        page.has("There is nothing here");
        assert_eq!(page.headers["cache-control"], "no-store", "{path}");
    }
}

#[tokio::test]
async fn every_page_has_a_strict_policy_and_its_own_files_only() {
    for path in ["/", "/search", "/packages/com.example.crm-lookup", &publisher(1), "/packages/com.example.unknown"] {
        let page = get(path).await;
        assert_eq!(page.headers["content-security-policy"], POLICY);
        assert!(POLICY.starts_with("default-src 'none'") && !POLICY.contains("unsafe") && !POLICY.contains("script"));
        assert_eq!(page.headers["x-content-type-options"], "nosniff");
        assert_eq!(page.headers["referrer-policy"], "no-referrer");
        page.has(&format!("<link rel=\"stylesheet\" href=\"{}\">", assets::STYLE.path));
        // The policy allows neither of these.
        page.lacks(" style=").lacks("<style").lacks("<script").lacks("<img").lacks("<iframe");
    }
    let style = get(&assets::STYLE.path).await;
    assert_eq!(style.status, StatusCode::OK);
    assert_eq!(style.headers["content-type"], "text/css; charset=utf-8");
    assert!(style.headers["cache-control"].to_str().expect("text").contains("immutable"));
}

#[tokio::test]
async fn every_page_can_be_used_by_keyboard_and_screen_reader() {
    for path in
        ["/", "/search?q=example", "/packages/com.example.crm-lookup", &publisher(1), "/packages/com.example.unknown"]
    {
        let page = get(path).await;
        page.in_order(&[
            "<html lang=\"en\">",
            "<a class=\"skip\" href=\"#main\">",
            "<header",
            "<nav",
            "aria-label=",
            "<main id=\"main\"",
            "<footer",
        ]);
        let body = &page.body;
        assert_eq!(body.matches("<main").count(), 1, "{path}");
        assert_eq!(body.matches("<h1>").count(), 1, "{path}");
        let levels: Vec<u8> = body
            .split("<h")
            .skip(1)
            .filter_map(|rest| rest.bytes().next())
            .filter(u8::is_ascii_digit)
            .map(|b| b - b'0')
            .collect();
        assert!(levels.windows(2).all(|pair| pair[1] <= pair[0] + 1), "headings skip a level in {path}: {levels:?}");
        // Each label, description and link inside the page leads to an element, and no id occurs twice.
        let ids: Vec<&str> = body.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        for attribute in ["aria-labelledby=\"", " for=\"", "href=\"#"] {
            for id in body.split(attribute).skip(1).filter_map(|rest| rest.split('"').next()) {
                assert_eq!(ids.iter().filter(|other| **other == id).count(), 1, "{id} in {path}");
            }
        }
        // Fields have names, and drawings are hidden.
        assert_eq!(body.matches("<svg").count(), body.matches("aria-hidden=\"true\"").count(), "{path}");
        for input in body.split("<input").skip(1) {
            let input = input.split('>').next().unwrap_or_default();
            assert!(input.contains("aria-label=") || input.contains(" id=") || input.contains("checkbox"), "{input}");
        }
    }
}
