//! Keys, publishers, approvals and the policy on disk.

use std::time::{Duration, SystemTime};

use mpp_home::{FileError, Home, HomeError, Publishers};
use mpp_host::causes::with_causes;
use mpp_host::codes::Coded as _;
use mpp_host::keys::KeyRole;
use mpp_host::trust::Trust;
use zeroize::Zeroizing;

use crate::support::{answers, signed, stranger};

fn no_passphrase(_: &std::path::Path) -> Result<Option<Zeroizing<String>>, HomeError> {
    Ok(None)
}

#[test]
fn a_publisher_key_signs_once_it_exists_and_a_development_key_until_then() {
    let dir = tempfile::tempdir().unwrap();
    let home = Home::at(dir.path().join("home"));
    let first = home.keys().default_key(no_passphrase).unwrap();
    assert_eq!(first.key.role(), KeyRole::Development);
    assert!(first.created.is_some_and(|path| path.ends_with("development.key")));
    let again = home.keys().default_key(no_passphrase).unwrap();
    assert_eq!((again.key.id(), again.created), (first.key.id(), None));
    let pair = home.keys().generate(&home.keys().dir(), "publisher", None).unwrap();
    assert_eq!(home.keys().default_key(no_passphrase).unwrap().key.id(), pair.id);
    assert_eq!(home.keys().own().unwrap().len(), 2);
}

#[test]
fn a_key_is_never_overwritten_and_an_encrypted_one_needs_its_passphrase() {
    let dir = tempfile::tempdir().unwrap();
    let home = Home::at(dir.path().join("home"));
    let pair = home.keys().generate(dir.path(), "release", Some("open sesame")).unwrap();
    assert!(pair.recorded.is_some_and(|path| path.starts_with(home.root())));
    let error = home.keys().generate(dir.path(), "release", None).unwrap_err();
    assert!(matches!(error, HomeError::File(FileError::Exists { .. })), "{error}");
    assert_eq!(error.code(), "MPP-C004");
    let with = |text: &str| {
        let text = Zeroizing::new(text.to_owned());
        home.keys().load::<HomeError>(&pair.private, |_| Ok(Some(text)))
    };
    assert_eq!(with("open sesame").unwrap().id(), pair.id);
    assert!(with("wrong").is_err());
    assert!(home.keys().load(&pair.private, no_passphrase).is_err());
}

#[cfg(unix)]
#[test]
fn a_key_that_other_users_can_read_is_refused() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = tempfile::tempdir().unwrap();
    let home = Home::at(dir.path().join("home"));
    let pair = home.keys().generate(dir.path(), "release", None).unwrap();
    assert_eq!(std::fs::metadata(&pair.private).unwrap().permissions().mode() & 0o777, 0o600);
    std::fs::set_permissions(&pair.private, std::fs::Permissions::from_mode(0o640)).unwrap();
    let error = home.keys().load(&pair.private, no_passphrase).unwrap_err();
    assert!(matches!(error, HomeError::LooseKey { mode: 0o640, .. }), "{error}");
    assert_eq!(error.code(), "MPP-C017");
}

#[test]
fn a_publisher_is_trusted_for_its_packages_until_it_is_removed() {
    let dir = tempfile::tempdir().unwrap();
    let home = Home::at(dir.path().join("home"));
    let key = stranger();
    let host = mpp_host::Host::builder().build().unwrap();
    let bytes = signed(&answers("hello"), &key);
    let package = host.verify(bytes).outcome.unwrap();
    let trust = || home.trust_store().unwrap().decide(&package);
    assert_eq!(trust(), Trust::UnknownPublisher);
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_225_600);
    let added = home.publishers().add(Publishers::of_package(&package, now)).unwrap();
    assert_eq!((trust(), added.added.as_str()), (Trust::Trusted, "2026-01-01T00:00:00Z"));
    let more = Publishers::of_key(key.public(), "Renamed".to_owned(), vec!["com.example.more".to_owned()], now);
    let merged = home.publishers().add(more).unwrap();
    assert_eq!((merged.name.as_str(), merged.prefixes.len()), ("Renamed", 2));
    home.publishers().remove(&merged).unwrap();
    assert_eq!(trust(), Trust::UnknownPublisher);
}

#[test]
fn a_damaged_file_is_an_error_and_grants_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let home = Home::at(dir.path());
    std::fs::create_dir(dir.path().join("trust")).unwrap();
    std::fs::write(dir.path().join("trust/pub_0000000000000000.json"), "{}").unwrap();
    assert_eq!(home.trust_store().unwrap_err().code(), "MPP-C016");
    std::fs::write(home.policy_file(), "deny_host = []").unwrap();
    let error = home.policy().unwrap_err();
    assert_eq!((error.code().id, error.path()), ("MPP-C016", home.policy_file().as_path()));
    assert!(with_causes(&error).contains("deny_host"), "{error:?}");
}

#[test]
fn a_mistake_in_the_policy_has_its_line_and_column() {
    let dir = tempfile::tempdir().unwrap();
    let home = Home::at(dir.path());
    let mapped = "ask = \"high\"\n[dirs.\"com.example.notes\"]\n\"/notes\" = ";
    for (text, place, mistake) in [
        ("ask = \"high\"\nrefuse = \"never\"", (2, 10), "unknown variant `never`"),
        ("# x\ndeny_host = []", (2, 1), "unknown field `deny_host`"),
        ("\nforce_patterns = [\n  \"emial\",\n]", (2, 1), "did you mean `email`?"),
        ("ask = high", (1, 7), ""),
        (&format!("{mapped}\"notes\""), (3, 1), "not an absolute path"),
        (&format!("{mapped}3"), (3, 12), "invalid type: integer `3`"),
        ("[dirs]\nnotes = { \"/notes\" = \"/srv\" }", (2, 1), "`notes` is not a package id"),
        ("dirs = [\"/srv\"]", (1, 8), "invalid type"),
    ] {
        std::fs::write(home.policy_file(), text).unwrap();
        let error = home.policy().unwrap_err();
        let HomeError::Policy { line, column, .. } = error else { panic!("{text}: {error:?}") };
        assert_eq!((line, column), place, "{text}: {}", with_causes(&error));
        assert!(with_causes(&error).contains(mistake), "{text}: {}", with_causes(&error));
    }
    std::fs::write(home.policy_file(), format!("\u{feff}{mapped}\"/srv/notes\"")).unwrap();
    assert_eq!(home.policy().unwrap().dirs("com.example.notes").len(), 1);
}
