//! Pull-through mirrors: verified, unchanged copies of the files of another registry.
