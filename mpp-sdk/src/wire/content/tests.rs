//! Items are read and written without loss.

use serde_json::{Value, json};

use super::{Content, Icon, ResourceContents, ResourceLink, Role};

fn read(item: &Value) -> Result<Content, String> {
    serde_json::from_str(&item.to_string()).map_err(|error| error.to_string())
}

#[test]
fn every_kind_keeps_every_member() {
    let annotations = json!({ "audience": ["user", "assistant", "auditor"], "priority": 0.5,
        "lastModified": "2026-01-12T15:00:58Z", "x-new": [1] });
    for item in [
        json!({ "type": "text", "text": "a", "annotations": annotations, "_meta": { "k": 1 }, "x": null }),
        json!({ "type": "image", "data": "AA==", "mimeType": "image/png", "annotations": annotations, "x": 1 }),
        json!({ "type": "audio", "data": "AA==", "mimeType": "audio/wav", "_meta": {}, "x": { "y": [] } }),
        json!({ "type": "resource_link", "uri": "file:///a", "name": "a", "title": "A", "description": "d",
            "mimeType": "text/csv", "size": 9_007_199_254_740_993_u64, "annotations": annotations, "_meta": { "k": [] },
            "icons": [{ "src": "https://a.example/i.png", "mimeType": "image/png", "sizes": ["48x48"], "theme": "dark",
                "x": 1 }], "x": 2 }),
        json!({ "type": "resource", "annotations": annotations, "_meta": {}, "x": 3,
            "resource": { "uri": "file:///a", "mimeType": "text/csv", "text": "a,b", "_meta": { "k": 1 }, "x": 4 } }),
        json!({ "type": "resource", "resource": { "uri": "file:///a", "blob": "AA==" } }),
        json!({ "type": "video", "data": "AA==", "mimeType": "video/mp4", "annotations": { "audience": "odd" } }),
    ] {
        let content = read(&item).expect("a valid item");
        assert_eq!(serde_json::to_value(&content).expect("JSON"), item);
        assert_eq!(content.kind(), item["type"]);
        assert_eq!(
            serde_json::from_str::<Content>(&serde_json::to_string(&content).expect("JSON")).expect("again"),
            content
        );
    }
}

#[test]
fn a_malformed_item_of_a_known_kind_is_refused() {
    for (item, message) in [
        (json!({ "type": "text" }), "missing field `text`"),
        (json!({ "type": "image", "data": "AA==" }), "missing field `mimeType`"),
        (json!({ "type": "resource_link", "uri": "a", "name": 5 }), "expected a string"),
        (json!({ "type": "resource", "resource": { "uri": "a" } }), "`resource` needs `text` or `blob`"),
        (json!({ "type": "resource", "resource": { "uri": "a", "text": "", "blob": "" } }), "both `text` and `blob`"),
        (json!({ "type": 5 }), "needs a string as `type`"),
        (json!({ "text": "a" }), "needs a string as `type`"),
        (json!("a"), "expected a map"),
    ] {
        let error = read(&item).expect_err("malformed");
        assert!(error.contains(message), "{item}: {error}");
    }
}

#[test]
fn builders_write_what_mcp_defines() {
    let link = ResourceLink::new("file:///a", "a")
        .title("A")
        .description("d")
        .mime_type("text/csv")
        .size(3)
        .icon(Icon::new("https://a.example/i.png").size("any").theme("light").mime_type("image/png"));
    let item = Content::from(link).audience([Role::Assistant]).last_modified("2026-01-12T15:00:58Z").with_meta("k", 1);
    assert_eq!(
        serde_json::to_value(item).expect("JSON"),
        json!({ "type": "resource_link", "uri": "file:///a", "name": "a", "title": "A", "description": "d",
            "mimeType": "text/csv", "size": 3,
            "icons": [{ "src": "https://a.example/i.png", "sizes": ["any"], "theme": "light", "mimeType": "image/png" }],
            "annotations": { "audience": ["assistant"], "lastModified": "2026-01-12T15:00:58Z" }, "_meta": { "k": 1 } })
    );
    let item = Content::resource(ResourceContents::blob("file:///b", "AA==").mime_type("image/png"));
    assert_eq!(
        serde_json::to_value(item).expect("JSON"),
        json!({ "type": "resource", "resource": { "uri": "file:///b", "mimeType": "image/png", "blob": "AA==" } })
    );
}

#[test]
fn setters_reach_items_of_unknown_kinds_too() {
    let video = json!({ "type": "video", "uri": "file:///v", "annotations": { "x": 1 } });
    let item = read(&video).expect("an item").priority(0.25).with_meta("k", "v");
    assert_eq!(
        serde_json::to_value(item).expect("JSON"),
        json!({ "type": "video", "uri": "file:///v", "annotations": { "x": 1, "priority": 0.25 }, "_meta": { "k": "v" } })
    );
}
