//! The imports of a valid module that reach beyond its own memory.

use serde::Serialize;
use wasmparser::{Parser, Payload};

/// The imports of a module that reach beyond its own memory.
///
/// A module need not call a function that it imports, but it cannot call one that it does not import.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Imports {
    /// Whether the module imports `http_send`.
    pub network: bool,
    /// Whether the module imports any of the `kv_` functions.
    pub kv: bool,
    /// Whether the module can open files. Which files exist depends on the mapped paths. Most languages always import
    /// this.
    pub files: bool,
    /// Whether the module can change directories, beyond writing to open files: create, rename and remove entries.
    pub directories: bool,
    /// Whether the module can read environment variables. Most languages always import this.
    pub variables: bool,
}

impl Imports {
    /// Reads the imports of a module or component that has passed step 7.
    pub(crate) fn of(module: &[u8]) -> Self {
        let mut found = Self::default();
        let mut depth = 0_u32;
        for payload in Parser::new(0).parse_all(module) {
            match payload {
                Ok(Payload::ModuleSection { .. } | Payload::ComponentSection { .. }) => depth += 1,
                Ok(Payload::End(_)) => depth = depth.saturating_sub(1),
                Ok(Payload::ImportSection(section)) if depth == 0 => {
                    section.into_imports().flatten().for_each(|import| found.core(import.module, import.name));
                }
                Ok(Payload::ComponentImportSection(section)) if depth == 0 => {
                    section.into_iter().flatten().for_each(|import| found.component(import.name.name));
                }
                Ok(_) => {}
                Err(_) => break,
            }
        }
        found
    }

    fn core(&mut self, module: &str, name: &str) {
        if module.starts_with("mpp_v") {
            self.network |= name == "http_send";
            self.kv |= name.starts_with("kv_");
            return;
        }
        match name {
            "path_open" => self.files = true,
            "path_create_directory"
            | "path_link"
            | "path_remove_directory"
            | "path_rename"
            | "path_symlink"
            | "path_unlink_file"
            | "path_filestat_set_times" => self.directories = true,
            "environ_get" => self.variables = true,
            _ => {}
        }
    }

    fn component(&mut self, name: &str) {
        if name.starts_with("wasi:filesystem/types@") {
            (self.files, self.directories) = (true, true);
        }
        self.variables |= name.starts_with("wasi:cli/environment@");
        self.network |= name.starts_with("mpp:host/http@") || name.starts_with("wasi:http/outgoing-handler@");
        self.kv |= name.starts_with("mpp:host/kv@");
    }
}

#[cfg(test)]
mod tests {
    use super::Imports;

    #[test]
    fn reports_the_capabilities_that_a_module_imports() {
        let of = |text: &str| Imports::of(&wat::parse_str(text).expect("wat"));
        assert_eq!(of("(module)"), Imports::default());
        let import = |module: &str, name: &str| format!(r#"(import "{module}" "{name}" (func))"#);
        let all = [
            import("mpp_v1", "http_send"),
            import("mpp_v1", "kv_get"),
            import("wasi_snapshot_preview1", "path_open"),
            import("wasi_snapshot_preview1", "path_rename"),
            import("wasi_snapshot_preview1", "environ_get"),
        ];
        let expected = Imports { network: true, kv: true, files: true, directories: true, variables: true };
        assert_eq!(of(&format!("(module {})", all.concat())), expected);
        let found = of(&format!("(module {})", import("mpp_v1", "reply_len")));
        assert_eq!(found, Imports::default());
        let component = r#"(component (import "wasi:cli/environment@0.2.3" (instance)) (core module (import "a" "path_open" (func))))"#;
        assert_eq!(of(component), Imports { variables: true, ..Imports::default() });
        let interfaces = ["wasi:filesystem/types@0.2.0", "mpp:host/http@1.0.0", "mpp:host/kv@1.0.0"];
        let imports = interfaces.map(|name| format!("(import \"{name}\" (instance))")).concat();
        assert_eq!(of(&format!("(component {imports})")), Imports { variables: false, ..expected });
    }
}
