//! Parses any bytes as an envelope: nothing panics, and an accepted envelope round-trips.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mpp_host::keys::{PublicKey, SigningKey};
use mpp_host::signature::dsse::{Envelope, IN_TOTO};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(envelope) = Envelope::parse(bytes) {
        assert_eq!(Envelope::parse(&envelope.to_json()).expect("what was written is read"), envelope);
        let _ = envelope.decode(IN_TOTO);
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = PublicKey::from_pem(text);
        let _ = SigningKey::from_pem(text, None);
    }
});
