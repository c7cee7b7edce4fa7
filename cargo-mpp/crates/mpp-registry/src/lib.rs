//! The registry of MPP packages: its transparency log, server, client, search and pages.
