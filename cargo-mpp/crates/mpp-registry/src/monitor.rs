//! Monitors: they read every leaf of a log and report changes to chosen packages.
