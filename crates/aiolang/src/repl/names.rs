//! What can be completed at the prompt: a picture of the names, made between inputs, so that completing never waits.

use aio_syntax::KEYWORDS;
use aio_vm::object::class::HEAP;
use aio_vm::{Value, Vm};
use std::collections::BTreeMap;

/// Names of so many objects are looked up.
const OBJECTS: usize = 300;
/// So many attributes of one object are looked into.
const OWN: usize = 20;
/// So many files of a folder are looked at.
const FILES: usize = 1000;

const COMMANDS: &[&str] = &[":dis", ":doc", ":help", ":load", ":quit", ":reset", ":save", ":tasks", ":time"];

/// The names that are known.
#[derive(Debug, Clone, Default)]
pub struct Names {
    /// Names that can stand alone.
    plain: Vec<String>,
    /// The attributes of what has a name.
    attributes: BTreeMap<String, Vec<String>>,
    /// The parameters of functions.
    parameters: BTreeMap<String, Vec<String>>,
    /// Modules that can be imported.
    modules: Vec<String>,
    /// What modules that were imported have.
    members: BTreeMap<String, Vec<String>>,
}

fn keys(v: &Value) -> Vec<(String, Value)> {
    let Some(d) = v.as_dict() else { return Vec::new() };
    d.items().into_iter().filter_map(|(k, v)| Some((k.as_str()?.to_text().into_owned(), v))).collect()
}

impl Names {
    pub(super) fn of(vm: &Vm, main: &Value) -> Names {
        let mut names = Names::default();
        let globals = keys(main);
        for (name, value) in globals.iter().filter(|(n, _)| !n.starts_with("__")).take(OBJECTS) {
            names.attributes.insert(name.clone(), attributes(vm, value));
            if let Some(parameters) = parameters(vm, value) {
                names.parameters.insert(name.clone(), parameters);
            }
            for (inner, value) in own(vm, value) {
                if names.attributes.len() < OBJECTS {
                    names.attributes.insert(format!("{name}.{inner}"), attributes(vm, &value));
                }
            }
            for (method, value) in methods(vm, value) {
                if let Some(parameters) = parameters(vm, &value) {
                    names.parameters.insert(format!("{name}.{method}"), parameters);
                }
            }
        }
        for (name, value) in keys(&vm.builtins()) {
            if let Some(parameters) = parameters(vm, &value) {
                names.parameters.entry(name).or_insert(parameters);
            }
        }
        names.plain.extend(KEYWORDS.iter().map(|k| (*k).to_owned()));
        names.plain.extend(globals.into_iter().map(|(n, _)| n));
        names.plain.extend(keys(&vm.builtins()).into_iter().map(|(n, _)| n));
        names.plain.sort();
        names.plain.dedup();
        for (name, module) in keys(&vm.modules.get()) {
            let dict = module.as_module().map(|m| m.dict.get());
            let members = dict.map(|d| keys(&d)).unwrap_or_default();
            names.members.insert(name, members.into_iter().map(|(n, _)| n).collect());
        }
        names.modules = modules(vm);
        names.modules.extend(names.members.keys().cloned());
        names.modules.sort();
        names.modules.dedup();
        names
    }

    /// What the text before the cursor can go on with: where the completed part begins, and its completions.
    pub fn complete(&self, text: &str) -> (usize, Vec<String>) {
        if text.starts_with(':') && !text.contains(char::is_whitespace) {
            let fits = COMMANDS.iter().filter(|c| c.starts_with(text));
            return (0, fits.map(|c| (*c).to_owned()).collect());
        }
        let start = word_start(text);
        let word = &text[start..];
        let line = text.rsplit(['\n', ';']).next().unwrap_or(text).trim_start();
        if let Some(module) = line.strip_prefix("from ") {
            return match module.split_once(" import ") {
                Some((module, _)) => (start, fitting(self.members.get(module.trim()), word)),
                None => path_fitting(text, &self.modules),
            };
        }
        if line.starts_with("import ") {
            return path_fitting(text, &self.modules);
        }
        let before = &text[..start];
        if let Some(owner) = before.strip_suffix('.') {
            return (start, fitting(self.attributes.get(&owner[path_start(owner)..]), word));
        }
        if word.is_empty() {
            return (start, Vec::new());
        }
        let mut found: Vec<String> = Vec::new();
        if let Some(function) = called(before) {
            let known = self.parameters.get(function).map_or(&[][..], Vec::as_slice);
            found.extend(known.iter().filter(|p| p.starts_with(word)).map(|p| format!("{p}=")));
        }
        found.extend(self.plain.iter().filter(|n| n.starts_with(word)).cloned());
        (start, found)
    }
}

/// Where the last run of such characters begins.
fn last_run(text: &str, belongs: impl Fn(char) -> bool) -> usize {
    text.rfind(|c| !belongs(c)).map_or(0, |i| i + text[i..].chars().next().map_or(1, char::len_utf8))
}

fn word_start(text: &str) -> usize {
    last_run(text, |c| c.is_alphanumeric() || c == '_')
}

fn path_start(text: &str) -> usize {
    last_run(text, |c| c.is_alphanumeric() || c == '_' || c == '.')
}

/// Names that go on with a word. What begins with an underscore is shown to who begins with one.
fn fitting(known: Option<&Vec<String>>, word: &str) -> Vec<String> {
    let fits = |n: &&String| n.starts_with(word) && (word.starts_with('_') || !n.starts_with('_'));
    known.map_or(&[][..], Vec::as_slice).iter().filter(fits).cloned().collect()
}

/// Names with dots that go on with the last one of a text.
fn path_fitting(text: &str, known: &[String]) -> (usize, Vec<String>) {
    let start = path_start(text);
    let word = &text[start..];
    let fits = |n: &&String| n.starts_with(word) && (word.starts_with('_') || !n.starts_with('_'));
    // Modules within modules are for who has come to the dot.
    let near = |n: &&String| !n[word.len()..].contains('.');
    (start, known.iter().filter(fits).filter(near).cloned().collect())
}

/// Modules of the library, and those that lie in the folders of the search path.
fn modules(vm: &Vm) -> Vec<String> {
    let known = vm.sys_get("stdlib_module_names").and_then(|v| vm.collect(&v).ok()).unwrap_or_default();
    let mut all: Vec<String> = known.iter().filter_map(|n| n.as_str().map(|s| s.to_text().into_owned())).collect();
    let folders = vm.sys_get("path").and_then(|v| vm.collect(&v).ok()).unwrap_or_default();
    for folder in folders.iter().filter_map(Value::as_str) {
        let folder = folder.to_text();
        let folder = if folder.is_empty() { "." } else { &*folder };
        let Ok(entries) = std::fs::read_dir(folder) else { continue };
        for entry in entries.flatten().take(FILES) {
            let path = entry.path();
            let is_module = path.extension().is_some_and(|e| e == "aio") || path.join("__init__.aio").exists();
            if let Some(stem) = path.file_stem().filter(|_| is_module) {
                all.push(stem.to_string_lossy().into_owned());
            }
        }
    }
    all
}

/// What an instance has of its own, without asking its class.
fn own(vm: &Vm, v: &Value) -> Vec<(String, Value)> {
    if !v.as_instance().is_some_and(|_| vm.class_of(v).is(HEAP)) {
        return Vec::new();
    }
    let dict = vm.get_attr_text(v, "__dict__").ok();
    dict.map(|d| keys(&d)).unwrap_or_default().into_iter().take(OWN).collect()
}

/// The methods of the class of an instance of a script, or of such a class.
fn methods(vm: &Vm, v: &Value) -> Vec<(String, Value)> {
    let class = if v.as_class().is_some() { v.clone() } else { vm.class_of(v).value() };
    let Some(class) = class.as_class().filter(|c| c.is(HEAP)) else { return Vec::new() };
    let mut found = keys(&class.dict());
    found.retain(|(name, value)| value.as_function().is_some() && !name.starts_with("__"));
    found
}

/// The name, with the names before its dots, before the innermost open parenthesis.
fn called(text: &str) -> Option<&str> {
    let mut depth = 0;
    for (i, c) in text.char_indices().rev() {
        match c {
            ')' | ']' | '}' => depth += 1,
            '(' if depth == 0 => {
                let before = &text[..i];
                return Some(&before[path_start(before)..]).filter(|n| !n.is_empty());
            }
            '(' | '[' | '{' => depth -= 1,
            _ => {}
        }
    }
    None
}

fn attributes(vm: &Vm, v: &Value) -> Vec<String> {
    let dir = vm.builtin("dir");
    // An object whose `__dir__` fails has nothing to complete.
    let found = dir.and_then(|dir| vm.call(&dir, std::slice::from_ref(v)).ok());
    let all = found.and_then(|l| vm.collect(&l).ok()).unwrap_or_default();
    all.iter().filter_map(|n| n.as_str().map(|s| s.to_text().into_owned())).collect()
}

/// What can be given by name: to a function, to the `__init__` of a class, or to a native.
fn parameters(vm: &Vm, v: &Value) -> Option<Vec<String>> {
    let text = |v: &Value| v.as_str().map(|s| s.to_text().into_owned());
    if let Some(native) = v.as_native() {
        let signature = native.signature(vm);
        let by_name = signature.parameters.iter().skip(signature.positional_only);
        return Some(by_name.filter_map(|p| text(&p.name)).collect());
    }
    if let Some(class) = v.as_class() {
        let init = class.dict().as_dict()?.get_text(vm, "__init__")?;
        init.as_function()?;
        return parameters(vm, &init);
    }
    v.as_function()?;
    let code = vm.get_attr_text(v, "__code__").ok()?;
    let count = |name| vm.get_attr_text(&code, name).ok().and_then(|n| n.as_small()).unwrap_or(0) as usize;
    let n = count("co_argcount") + count("co_kwonlyargcount");
    let names = vm.get_attr_text(&code, "co_varnames").ok().and_then(|t| vm.collect(&t).ok())?;
    Some(names.iter().take(n).filter_map(text).filter(|n| n != "self").collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Names {
        let list = |all: &[&str]| all.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();
        Names {
            plain: list(&["print", "prime", "x"]),
            attributes: BTreeMap::from([
                ("x".to_owned(), list(&["real", "real_part", "_hidden"])),
                ("x.real".to_owned(), list(&["numerator"])),
            ]),
            parameters: BTreeMap::from([
                ("prime".to_owned(), list(&["limit"])),
                ("x.grow".to_owned(), list(&["factor"])),
            ]),
            modules: list(&["_thread", "os", "os.path", "operator"]),
            members: BTreeMap::from([("os".to_owned(), list(&["getcwd", "getenv", "_exit"]))]),
        }
    }

    #[test]
    fn completions_fit_the_place() {
        let names = names();
        let of = |text: &str| names.complete(text).1;
        assert_eq!(of("pri"), ["print", "prime"]);
        assert_eq!(of("a = x.re"), ["real", "real_part"]);
        assert_eq!(of("x._"), ["_hidden"]);
        assert_eq!(of("prime(1, li"), ["limit="]);
        assert_eq!(of("x.grow(2, fa"), ["factor="]);
        assert!(of("x[0](fa").is_empty());
        assert_eq!(of("x.real.nu"), ["numerator"]);
        assert_eq!(of("import o"), ["os", "operator"]);
        assert_eq!(of("x = 1; import sys, os.p"), ["os.path"]);
        assert_eq!(of("from op"), ["operator"]);
        assert_eq!(of("def f():\n    from os import getcwd, gete"), ["getenv"]);
        assert_eq!(of(":d"), [":dis", ":doc"]);
        assert!(of(":doc pri").contains(&"print".to_owned()));
        assert!(of("é.x").is_empty());
        assert!(of("").is_empty());
        assert_eq!(names.complete("é + pri").0, "é + ".len());
    }
}
