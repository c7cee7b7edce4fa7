//! The registry server: its API, limits, and static files.
