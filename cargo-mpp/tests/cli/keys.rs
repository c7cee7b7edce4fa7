//! Keys: generated once, kept private, and refused if other users can read them.

use crate::support::{User, answers};

#[cfg(unix)]
fn mode(path: &std::path::Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).expect("is there").permissions().mode() & 0o777
}

#[test]
fn keygen_writes_files_that_only_their_owner_can_read() {
    let user = User::new();
    let made = user.mpp(&["keygen", "--format", "json"]).done().json();
    assert!(made["key_id"].as_str().is_some_and(|id| id.starts_with("pub_") && id.len() == 20), "{made}");
    let keys = user.home().join("keys");
    assert!(
        std::fs::read_to_string(keys.join("publisher.pub")).expect("there").starts_with("-----BEGIN PUBLIC KEY-----")
    );
    #[cfg(unix)]
    assert_eq!((mode(&keys), mode(&keys.join("publisher.key"))), (0o700, 0o600));
}

#[test]
fn keygen_never_overwrites() {
    let user = User::new();
    user.mpp(&["keygen"]).done();
    let key = user.home().join("keys/publisher.key");
    let before = std::fs::read(&key).expect("there");
    user.mpp(&["keygen"]).failed(2, "MPP-C004");
    assert_eq!(std::fs::read(&key).expect("there"), before);
    // One file of a pair is enough to refuse.
    std::fs::remove_file(&key).expect("removed");
    user.mpp(&["keygen"]).failed(2, "MPP-C004");
    assert!(!key.exists());
}

#[test]
fn a_file_in_place_of_the_directory_is_named_as_such() {
    let user = User::new();
    std::fs::write(user.dir().join("keys"), "not a directory").expect("written");
    for dir in ["keys", "keys/release"] {
        let ended = user.mpp(&["keygen", "-o", dir]).failed(2, "MPP-C003");
        assert!(ended.stderr.contains("not a directory"), "{}", ended.stderr);
        assert!(ended.stderr.contains("choose another place"), "{}", ended.stderr);
    }
}

#[test]
fn a_command_to_copy_quotes_a_path_with_spaces() {
    let user = User::new();
    let made = user.mpp(&["keygen", "-o", "my keys", "--name", "release"]).done();
    assert!(made.stderr.contains("`mpp sign PKG -k 'my keys/release.key'`"), "{}", made.stderr);
    let made = user.mpp(&["new", "my tools/greeter", "--template", "c"]).done();
    assert!(made.stderr.contains("`cd 'my tools/greeter'`"), "{}", made.stderr);
}

#[test]
fn a_key_in_another_place_still_counts_as_own() {
    let user = User::new();
    let made = user.mpp(&["keygen", "-o", "safe", "--name", "release", "--format", "json"]).done().json();
    assert_eq!(made["private_key_path"], "safe/release.key");
    let unsigned = user.package(&answers("hello"), &user.own_key());
    std::fs::remove_file(user.home().join("keys/own.pub")).expect("removed");
    // A package of another publisher is not signed again.
    user.mpp(&["sign", &unsigned, "-k", "safe/release.key"]).failed(2, "MPP-K101");
    let recorded = made["recorded_path"].as_str().expect("recorded");
    assert!(user.dir().join(recorded).exists(), "{recorded}");
}

#[test]
fn an_encrypted_key_needs_its_passphrase() {
    let user = User::new();
    let package = dev_package(&user);
    let made = user.command(&["keygen", "--passphrase", "-q"]).env("MPP_KEY_PASSPHRASE", "correct horse").output();
    assert!(made.expect("starts").status.success());
    let pem = std::fs::read_to_string(user.home().join("keys/publisher.key")).expect("there");
    assert!(pem.starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----"), "{pem}");
    user.mpp(&["sign", &package]).failed(2, "MPP-K005");
    let with = |passphrase: &str| {
        let output = user.command(&["sign", &package]).env("MPP_KEY_PASSPHRASE", passphrase).output();
        crate::support::Ended::of(output.expect("starts"))
    };
    with("wrong").failed(2, "MPP-K006");
    with("correct horse").done();
    user.write("passphrase", "correct horse\n");
    let from_file = user.command(&["sign", &package]).env("MPP_KEY_PASSPHRASE_FILE", "passphrase").output();
    crate::support::Ended::of(from_file.expect("starts")).done();
}

#[test]
fn keygen_without_a_terminal_explains_how_to_provide_a_passphrase() {
    let ended = User::new().mpp(&["keygen", "--passphrase"]).failed(2, "MPP-C018");
    assert!(ended.stderr.contains("MPP_KEY_PASSPHRASE"), "{}", ended.stderr);
}

#[cfg(unix)]
#[test]
fn a_key_that_other_users_can_read_is_not_used() {
    use std::os::unix::fs::PermissionsExt;
    let user = User::new();
    let package = dev_package(&user);
    user.mpp(&["keygen"]).done();
    let key = user.home().join("keys/publisher.key");
    for bits in [0o640, 0o604, 0o660] {
        std::fs::set_permissions(&key, std::fs::Permissions::from_mode(bits)).expect("set");
        let ended = user.mpp(&["sign", &package]).failed(2, "MPP-C017");
        assert!(ended.stderr.contains("chmod 600"), "{}", ended.stderr);
    }
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).expect("set");
    user.mpp(&["sign", &package]).done();
}

#[test]
fn a_file_without_a_key_is_refused_with_the_reason() {
    let user = User::new();
    let package = dev_package(&user);
    let refused = |contents: &str, code: &str| {
        user.write("some.key", contents);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let private = std::fs::Permissions::from_mode(0o600);
            std::fs::set_permissions(user.dir().join("some.key"), private).expect("set");
        }
        user.mpp(&["sign", &package, "-k", "some.key"]).failed(2, code);
    };
    refused("", "MPP-K001");
    refused("hello", "MPP-K001");
    refused("-----BEGIN PUBLIC KEY-----\nMCow\n-----END PUBLIC KEY-----\n", "MPP-K002");
    refused("-----BEGIN PRIVATE KEY-----\n!!!!\n-----END PRIVATE KEY-----\n", "MPP-K003");
    refused("-----BEGIN RSA PRIVATE KEY-----\nMCow\n-----END RSA PRIVATE KEY-----\n", "MPP-K004");
    user.mpp(&["sign", &package, "-k", "missing.key"]).failed(2, "MPP-C002");
    // A public key, with the permissions that a public key has.
    user.mpp(&["keygen"]).done();
    let public = user.home().join("keys/publisher.pub");
    let ended = user.mpp(&["sign", &package, "-k", public.to_str().expect("UTF-8")]).failed(2, "MPP-K002");
    assert!(!ended.stderr.contains("chmod"), "{}", ended.stderr);
}

#[test]
fn sign_without_a_key_explains_how_to_create_one() {
    let user = User::new();
    let package = dev_package(&user);
    let ended = user.mpp(&["sign", &package]).failed(2, "MPP-C019");
    assert!(ended.stderr.contains("mpp keygen"), "{}", ended.stderr);
}

#[test]
fn sign_replaces_a_development_signature() {
    let user = User::new();
    std::fs::rename(user.dir().join(dev_package(&user)), user.dir().join("say-1.2.3.dev.mpp")).expect("renamed");
    let before = std::fs::read(user.dir().join("say-1.2.3.dev.mpp")).expect("there");
    let made = user.mpp(&["keygen", "--format", "json"]).done().json();
    let signed = user.mpp(&["sign", "say-1.2.3.dev.mpp", "--format", "json"]).done().json();
    assert_eq!(signed["path"], "say-1.2.3.mpp");
    assert_eq!(std::fs::read(user.dir().join("say-1.2.3.dev.mpp")).expect("there"), before, "the original stays");
    assert_eq!(signed["key_id"], made["key_id"]);
    let verified = user.mpp(&["verify", "say-1.2.3.mpp", "--require-trust", "--format", "json"]).done().json();
    assert_eq!((&verified["trust"], &verified["verified"]), (&"own".into(), &true.into()));
    assert_eq!(verified["package"]["key_id"], made["key_id"]);
    // Signing again gives the same bytes.
    let before = std::fs::read(user.dir().join("say-1.2.3.mpp")).expect("there");
    user.mpp(&["sign", "say-1.2.3.mpp"]).done();
    assert_eq!(std::fs::read(user.dir().join("say-1.2.3.mpp")).expect("there"), before);
}

#[test]
fn sign_writes_to_the_same_file_unless_told_otherwise() {
    let user = User::new();
    let package = dev_package(&user);
    user.mpp(&["keygen"]).done();
    let elsewhere = user.mpp(&["sign", &package, "-o", "out.mpp", "--format", "json"]).done().json();
    assert_eq!(elsewhere["path"], "out.mpp");
    let signed = user.mpp(&["sign", &package, "--format", "json"]).done().json();
    assert_eq!(signed["path"], package);
    let read = |name: &str| std::fs::read(user.dir().join(name)).expect("there");
    assert_eq!(read(&package), read("out.mpp"));
    let files = user.dir().read_dir().expect("read").filter(|entry| entry.as_ref().expect("an entry").path().is_file());
    assert_eq!(files.count(), 2, "nothing else is written");
}

#[test]
fn a_bare_name_also_finds_the_packages_of_the_project() {
    let user = User::new();
    user.mpp(&["keygen"]).done();
    std::fs::create_dir_all(user.dir().join("target/mpp")).expect("made");
    user.write("manifest.json", r#"{"name": "say", "version": "1.2.3", "build": {"output": "say.wasm"}}"#);
    std::fs::rename(user.dir().join(dev_package(&user)), user.dir().join("target/mpp/say-1.2.3.dev.mpp"))
        .expect("moved");
    let signed = user.mpp(&["sign", "say-1.2.3.mpp"]).done();
    let said = "`say-1.2.3.mpp` does not exist here; using `target/mpp/say-1.2.3.dev.mpp`";
    assert!(signed.stderr.contains(said), "{}", signed.stderr);
    for command in [
        &["verify", "say-1.2.3.mpp"][..],
        &["inspect", "say-1.2.3.mpp"],
        &["caps", "say-1.2.3.mpp"],
        &["lint", "say-1.2.3.mpp"],
        &["run", "say-1.2.3.mpp", "what=x"],
    ] {
        let ended = user.mpp(command).done();
        assert!(ended.stderr.contains("using `target/mpp/say-1.2.3.mpp`"), "{command:?}: {}", ended.stderr);
    }
    user.mpp(&["verify", "other-1.2.3.mpp"]).failed(2, "MPP-C002");
    user.mpp(&["verify", "./say-1.2.3.mpp"]).failed(2, "MPP-C002");
}

fn dev_package(user: &User) -> String {
    let key = mpp_host::keys::SigningKey::generate(mpp_host::keys::KeyRole::Development).expect("a key");
    user.package(&answers("hello"), &key)
}
