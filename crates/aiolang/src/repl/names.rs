//! What can be completed at the prompt: a picture of the names, made between inputs, so that completing never waits.

use aio_syntax::KEYWORDS;
use aio_vm::{Value, Vm};
use std::collections::BTreeMap;

/// Names of so many objects are looked up.
const OBJECTS: usize = 300;

/// The names that are known.
#[derive(Debug, Clone, Default)]
pub struct Names {
    /// Names that can stand alone.
    plain: Vec<String>,
    /// The attributes of what has a name.
    attributes: BTreeMap<String, Vec<String>>,
    /// The parameters of functions.
    parameters: BTreeMap<String, Vec<String>>,
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
        }
        names.plain.extend(KEYWORDS.iter().map(|k| (*k).to_owned()));
        names.plain.extend(globals.into_iter().map(|(n, _)| n));
        names.plain.extend(keys(&vm.builtins()).into_iter().map(|(n, _)| n));
        names.plain.sort();
        names.plain.dedup();
        names
    }

    /// What the text before the cursor can go on with: where the completed part begins, and its completions.
    pub fn complete(&self, text: &str) -> (usize, Vec<String>) {
        let is_name = |c: char| c.is_alphanumeric() || c == '_';
        let start = text.rfind(|c| !is_name(c)).map_or(0, |i| i + text[i..].chars().next().map_or(1, char::len_utf8));
        let word = &text[start..];
        let before = &text[..start];
        if let Some(owner) = before.strip_suffix('.') {
            let at =
                owner.rfind(|c| !is_name(c)).map_or(0, |i| i + owner[i..].chars().next().map_or(1, char::len_utf8));
            let known = self.attributes.get(&owner[at..]).map_or(&[][..], Vec::as_slice);
            // What begins with an underscore is shown to who begins with one.
            let fits = |n: &&String| n.starts_with(word) && (word.starts_with('_') || !n.starts_with('_'));
            return (start, known.iter().filter(fits).cloned().collect());
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

/// The name before the innermost open parenthesis.
fn called(text: &str) -> Option<&str> {
    let mut depth = 0;
    for (i, c) in text.char_indices().rev() {
        match c {
            ')' | ']' | '}' => depth += 1,
            '(' if depth == 0 => {
                let before = &text[..i];
                let at = before.rfind(|c: char| !(c.is_alphanumeric() || c == '_'));
                let at = at.map_or(0, |i| i + before[i..].chars().next().map_or(1, char::len_utf8));
                return Some(&before[at..]).filter(|n| !n.is_empty());
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

fn parameters(vm: &Vm, v: &Value) -> Option<Vec<String>> {
    v.as_function()?;
    let code = vm.get_attr_text(v, "__code__").ok()?;
    let count = |name| vm.get_attr_text(&code, name).ok().and_then(|n| n.as_small()).unwrap_or(0) as usize;
    let n = count("co_argcount") + count("co_kwonlyargcount");
    let names = vm.get_attr_text(&code, "co_varnames").ok().and_then(|t| vm.collect(&t).ok())?;
    Some(names.iter().take(n).filter_map(|n| n.as_str().map(|s| s.to_text().into_owned())).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Names {
        let list = |all: &[&str]| all.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();
        Names {
            plain: list(&["print", "prime", "x"]),
            attributes: BTreeMap::from([("x".to_owned(), list(&["real", "real_part", "_hidden"]))]),
            parameters: BTreeMap::from([("prime".to_owned(), list(&["limit"]))]),
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
        assert!(of("é.x").is_empty());
        assert!(of("").is_empty());
        assert_eq!(names.complete("é + pri").0, "é + ".len());
    }
}
