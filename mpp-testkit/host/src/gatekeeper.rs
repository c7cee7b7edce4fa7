//! The Gatekeeper: seven checks, in order, each with its own code.
