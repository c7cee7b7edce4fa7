//! DSSE envelopes and in-toto statements.
