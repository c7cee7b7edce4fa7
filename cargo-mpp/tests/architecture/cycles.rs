//! Finds import cycles between the files of a crate: strongly connected components over `crate::…` and `super::…` paths.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use crate::{code_of, sources};

/// The path of a module below the crate's root: `sandbox::network` is `["sandbox", "network"]`, and the root is empty.
type Module = Vec<String>;

/// Returns the import cycles between the files below `src`, each as the sorted names of its modules. The crate's root
/// is `crate`.
pub(crate) fn of(src: &Path) -> BTreeSet<Vec<String>> {
    let modules = modules(src);
    let mut imports: BTreeMap<&Module, BTreeSet<&Module>> = BTreeMap::new();
    for (module, code) in &modules {
        let found = paths_in(code).into_iter().filter_map(|path| target(&modules, module, &path));
        imports.insert(module, found.filter(|target| *target != module).collect());
    }
    let reached: BTreeMap<&Module, BTreeSet<&Module>> =
        modules.keys().map(|module| (module, reachable(&imports, module))).collect();
    let mut cycles = BTreeSet::new();
    for (module, forward) in reached.iter().filter(|(module, forward)| forward.contains(*module)) {
        let together = forward.iter().filter(|other| reached[*other].contains(module));
        let mut names: Vec<String> = together.map(|other| name(other)).collect();
        names.sort();
        cycles.insert(names);
    }
    cycles
}

/// Returns the code of each module that has its own file.
fn modules(src: &Path) -> BTreeMap<Module, String> {
    let mut files = Vec::new();
    sources(src, &mut files);
    let mut modules = BTreeMap::new();
    for file in files {
        let relative = file.strip_prefix(src).unwrap().with_extension("");
        let mut module: Module = relative.iter().map(|part| part.to_string_lossy().into_owned()).collect();
        if let [only] = module.as_slice()
            && (only == "lib" || only == "main")
        {
            module.clear();
        }
        modules.insert(module, code_of(&file));
    }
    modules
}

fn name(module: &Module) -> String {
    if module.is_empty() { "crate".to_owned() } else { module.join("::") }
}

/// Returns the modules that `start` imports directly or indirectly, including `start` only if it is part of a cycle.
fn reachable<'a>(imports: &BTreeMap<&'a Module, BTreeSet<&'a Module>>, start: &Module) -> BTreeSet<&'a Module> {
    let mut reached = BTreeSet::new();
    let mut open: Vec<&Module> = imports[start].iter().copied().collect();
    while let Some(module) = open.pop() {
        if reached.insert(module) {
            open.extend(imports[module].iter().copied());
        }
    }
    reached
}

/// Returns the module of an imported path: the longest prefix of the path that has its own file.
fn target<'a>(modules: &'a BTreeMap<Module, String>, from: &Module, path: &[String]) -> Option<&'a Module> {
    let ups = path.iter().take_while(|part| *part == "super").count();
    let mut full: Module = match path.first()?.as_str() {
        "crate" => path[1..].to_vec(),
        _ => {
            let base = &from[..from.len().checked_sub(ups)?];
            base.iter().chain(&path[ups..]).cloned().collect()
        }
    };
    loop {
        if let Some((found, _)) = modules.get_key_value(&full) {
            return Some(found);
        }
        full.pop()?;
    }
}

/// Returns every path in `code` that begins with `crate::` or `super::`. A group in braces gives one path for each
/// member.
fn paths_in(code: &str) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    for word in ["crate", "super"] {
        for (at, _) in code.match_indices(word) {
            let before = code[..at].chars().next_back();
            // `$crate::…` refers to the crate of a macro, and `a::super` does not exist.
            let is_start = before.is_none_or(|c| !(c.is_alphanumeric() || c == '_' || c == '$' || c == ':'));
            let rest = &code[at + word.len()..];
            if is_start && rest.starts_with("::") {
                tree(rest, vec![word.to_owned()], &mut found);
            }
        }
    }
    found
}

/// Parses the rest of a path: `::name`, `::{…}`, or its end. Returns the code that follows.
fn tree<'a>(code: &'a str, path: Vec<String>, found: &mut Vec<Vec<String>>) -> &'a str {
    let Some(rest) = code.strip_prefix("::") else {
        found.push(path);
        return code;
    };
    if let Some(mut rest) = rest.strip_prefix('{') {
        loop {
            rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == ',');
            if rest.is_empty() {
                return rest;
            }
            if let Some(end) = rest.strip_prefix('}') {
                return end;
            }
            let (part, behind) = word(rest);
            let mut inner = path.clone();
            if part != "self" {
                inner.push(part.to_owned());
            }
            rest = tree(behind, inner, found);
            // Skips the rest of this member: `as other`, or anything that is not a plain path.
            rest = rest.trim_start_matches(|c| c != ',' && c != '}');
        }
    }
    let (part, behind) = word(rest);
    if part.is_empty() {
        found.push(path);
        return rest;
    }
    let mut path = path;
    path.push(part.to_owned());
    tree(behind, path, found)
}

/// Returns the identifier at the beginning of `code`, and the code that follows it.
fn word(code: &str) -> (&str, &str) {
    code.split_at(code.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(code.len()))
}

#[test]
fn reads_imports_of_every_form() {
    let code =
        "use crate::a::{b::C, d::{self, E as F}, G};\nuse super::super::h;\nfn f() -> crate::i::J { $crate::k(); }";
    let found: BTreeSet<String> = paths_in(code).iter().map(|path| path.join("::")).collect();
    let expected = ["crate::a::b::C", "crate::a::d", "crate::a::d::E", "crate::a::G", "super::super::h", "crate::i::J"];
    // The second `super` of `super::super` does not start another path.
    assert_eq!(found, expected.map(str::to_owned).into());
}

#[test]
fn reports_cycles_only() {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, code: &str| {
        let path = dir.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, code).unwrap();
    };
    write("lib.rs", "mod a;\nmod b;\nmod c;\nuse crate::a::A;");
    write("a.rs", "mod inner;\nuse crate::b::B;");
    write("a/inner.rs", "use super::A;");
    write("b.rs", "use crate::c::{C, D};");
    write("c.rs", "// use crate::b::B;\nfn f() { crate::a::inner::g(); }");
    assert_eq!(of(dir.path()), BTreeSet::from([["a", "a::inner", "b", "c"].map(str::to_owned).to_vec()]));
    write("c.rs", "#[derive(Debug)]\nstruct C;\n#[cfg(test)]\nmod tests { use crate::a::A; }");
    assert_eq!(of(dir.path()), BTreeSet::new());
}
