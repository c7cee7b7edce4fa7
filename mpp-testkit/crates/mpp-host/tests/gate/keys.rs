//! Keys: which files are read, what is written, and which code a refusal has.

use mpp_host::codes::Coded as _;
use mpp_host::keys::{KeyError, KeyRole, PublicKey, SigningKey};

/// The secret key of RFC 8032, section 7.1, test 1.
const SEED: [u8; 32] = [
    0x9d, 0x61, 0xb1, 0x9d, 0xef, 0xfd, 0x5a, 0x60, 0xba, 0x84, 0x4a, 0xf4, 0x92, 0xec, 0x2c, 0xc4, 0x44, 0x49, 0xc5,
    0x69, 0x7b, 0x32, 0x69, 0x19, 0x70, 0x3b, 0xac, 0x03, 0x1c, 0xae, 0x7f, 0x60,
];

/// The same key as OpenSSL 3.0 writes it.
const OPENSSL_PRIVATE: &str = "-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g
-----END PRIVATE KEY-----
";
const OPENSSL_PUBLIC: &str = "-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
-----END PUBLIC KEY-----
";

fn key() -> SigningKey {
    SigningKey::from_seed(&SEED, KeyRole::Publisher)
}

#[test]
fn reads_and_writes_what_openssl_does() {
    assert_eq!(key().to_pem(None).unwrap().as_str(), OPENSSL_PRIVATE);
    assert_eq!(key().public().to_pem(), OPENSSL_PUBLIC);
    let read = SigningKey::from_pem(OPENSSL_PRIVATE, None).unwrap();
    assert_eq!(read.public(), PublicKey::from_pem(OPENSSL_PUBLIC).unwrap());
    assert_eq!(read.public().as_bytes()[..4], [0xd7, 0x5a, 0x98, 0x01]);
}

#[test]
fn reads_a_key_with_a_byte_order_mark_text_around_it_and_lines_of_any_width() {
    let body = "MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
    let narrow: String =
        body.as_bytes().chunks(7).map(|line| format!("{}\r\n", str::from_utf8(line).unwrap())).collect();
    let other = OPENSSL_PRIVATE;
    for text in [
        format!("\u{feff}{OPENSSL_PUBLIC}"),
        format!("Bag Attributes: <none>\nsubject=\n{OPENSSL_PUBLIC}"),
        format!("{OPENSSL_PUBLIC}\nissued to the release team\n"),
        format!("{other}{OPENSSL_PUBLIC}"),
        format!("-----BEGIN PUBLIC KEY-----\r\n{narrow}-----END PUBLIC KEY-----"),
        format!("  -----BEGIN PUBLIC KEY-----\n  {} {}\n  -----END PUBLIC KEY-----\n", &body[..20], &body[20..]),
    ] {
        assert_eq!(PublicKey::from_pem(&text).expect(&text), key().public(), "{text}");
    }
    let private = format!("\u{feff}{OPENSSL_PUBLIC}{OPENSSL_PRIVATE}the end\n");
    assert_eq!(SigningKey::from_pem(&private, None).unwrap().public(), key().public());
    let cut = OPENSSL_PUBLIC.replace("-----END PUBLIC KEY-----\n", "");
    assert_eq!(PublicKey::from_pem(&cut).unwrap_err().code(), "MPP-K003");
}

/// `openssl pkcs8 -topk8`, with `-v1 PBE-SHA1-3DES` and with `-v2 des3`.
const OLD_ENCRYPTIONS: [&str; 2] = [
    "-----BEGIN ENCRYPTED PRIVATE KEY-----
MFgwHAYKKoZIhvcNAQwBAzAOBAifoWOFSQYCxQICCAAEOIMDtgkcjN8MdI1ZYiN8
rPwJ1NqIKjEK+hehyTEyxBNUUH8d65ZW5/H15VAvwEKgeAIh/d0gkDrp
-----END ENCRYPTED PRIVATE KEY-----
",
    "-----BEGIN ENCRYPTED PRIVATE KEY-----
MIGKME4GCSqGSIb3DQEFDTBBMCkGCSqGSIb3DQEFDDAcBAiZXutgANGicAICCAAw
DAYIKoZIhvcNAgkFADAUBggqhkiG9w0DBwQIQHM3J9lDYj8EOGQm+CKQW6l0Q1lv
WSqgjAcfVKuuO6E8JKkdVK9yUnql9oaA1aHvGNzlqB0dJ2d7pinps9eBuHhq
-----END ENCRYPTED PRIVATE KEY-----
",
];

#[test]
fn an_old_encryption_is_not_supported_rather_than_damaged() {
    for pem in OLD_ENCRYPTIONS {
        assert_eq!(SigningKey::from_pem(pem, Some("x")).unwrap_err().code(), "MPP-K007", "{pem}");
    }
    let headers = OPENSSL_PRIVATE
        .replace("KEY-----\nMC4", "KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: DES-EDE3-CBC,0123456789ABCDEF\n\nMC4");
    assert_eq!(SigningKey::from_pem(&headers, Some("x")).unwrap_err().code(), "MPP-K007");
}

#[test]
fn decrypts_a_key_only_with_its_passphrase() {
    let pem = key().to_pem(Some("correct horse")).unwrap();
    assert!(pem.starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----"));
    assert_eq!(SigningKey::from_pem(&pem, Some("correct horse")).unwrap().public(), key().public());
    assert!(matches!(SigningKey::from_pem(&pem, Some("battery staple")), Err(KeyError::WrongPassphrase)));
    assert!(matches!(SigningKey::from_pem(&pem, None), Err(KeyError::PassphraseNeeded)));
}

#[test]
fn the_id_is_the_first_half_of_a_quarter_of_the_hash() {
    // printf '%s' D75A9801…511A | xxd -r -p | sha256sum
    assert_eq!(key().id().as_str(), "pub_21fe31dfa154a261");
    assert_eq!(key().with_role(KeyRole::Development).id().as_str(), "dev_21fe31dfa154a261");
}

#[test]
fn debug_output_contains_the_id_and_not_the_key() {
    let shown = format!("{:?}", key());
    assert_eq!(shown, "SigningKey(pub_21fe31dfa154a261)");
}

#[test]
fn two_generated_keys_differ() {
    let generate = || SigningKey::generate(KeyRole::Publisher).unwrap().public();
    assert_ne!(generate(), generate());
}

#[test]
fn refuses_files_without_a_key() {
    const RSA: &str = "-----BEGIN PUBLIC KEY-----
MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAMAJwWzUZvXTPi1amm2n28dIS5JlQQjP
2fPBpQvKaGkC7lV8Ks8HfrXsYrXw9dUMkHEVLa3hQ+CGLpfQGr8pJ1UCAwEAAQ==
-----END PUBLIC KEY-----
";
    const X25519: &str = "-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VuBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g
-----END PRIVATE KEY-----
";
    let private = |text: &str| SigningKey::from_pem(text, None).unwrap_err().code();
    let public = |text: &str| PublicKey::from_pem(text).unwrap_err().code();
    assert_eq!(private(""), "MPP-K001");
    assert_eq!(private("hello"), "MPP-K001");
    assert_eq!(private(OPENSSL_PUBLIC), "MPP-K002");
    assert_eq!(public(OPENSSL_PRIVATE), "MPP-K002");
    assert_eq!(private("-----BEGIN OPENSSH PRIVATE KEY-----\n-----END OPENSSH PRIVATE KEY-----\n"), "MPP-K002");
    assert_eq!(public("-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n"), "MPP-K002");
    assert_eq!(private("-----BEGIN RSA PRIVATE KEY-----\n-----END RSA PRIVATE KEY-----\n"), "MPP-K004");
    assert_eq!(private("-----BEGIN EC PRIVATE KEY-----\n-----END EC PRIVATE KEY-----\n"), "MPP-K004");
    assert_eq!(private(X25519), "MPP-K004");
    assert_eq!(public(RSA), "MPP-K004");
    assert_eq!(private(&OPENSSL_PRIVATE.replace("MC4C", "MC5C")), "MPP-K003");
    assert_eq!(public(&OPENSSL_PUBLIC.replace("MCow", "MCov")), "MPP-K003");
    assert_eq!(private(&OPENSSL_PRIVATE[..60]), "MPP-K003");
}

#[test]
fn refuses_weak_and_non_canonical_points() {
    // The eight points of small order, and non-canonical encodings (https://eprint.iacr.org/2020/1244, table 1).
    let weak = [
        "0100000000000000000000000000000000000000000000000000000000000000",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "0000000000000000000000000000000000000000000000000000000000000080",
        "0000000000000000000000000000000000000000000000000000000000000000",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    ];
    let not_canonical = [
        "0100000000000000000000000000000000000000000000000000000000000080",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "f0ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "0200000000000000000000000000000000000000000000000000000000000000",
    ];
    let code = |hex: &str| {
        let bytes: Vec<u8> = (0..32).map(|at| u8::from_str_radix(&hex[at * 2..at * 2 + 2], 16).unwrap()).collect();
        PublicKey::from_bytes(&bytes.try_into().unwrap()).unwrap_err().code()
    };
    for point in weak {
        assert_eq!(code(point), "MPP-K008", "{point}");
    }
    for point in not_canonical {
        assert_eq!(code(point), "MPP-K009", "{point}");
    }
}
