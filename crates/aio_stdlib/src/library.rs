//! Modules that are written in the language and compiled when the program is built: the files of `lib/`, found by their place.

use aio_vm::{Library, Vm};

static LIBRARY: &[(&str, Library)] = include!(concat!(env!("OUT_DIR"), "/library.rs"));

/// A part of the names of all modules.
const fn part(names: &'static str, start: usize, end: usize) -> &'static str {
    names.split_at(end).0.split_at(start).1
}

/// A part of the code of all modules.
const fn bytes(codes: &'static [u8], start: usize, end: usize) -> &'static [u8] {
    codes.split_at(end).0.split_at(start).1
}

/// Makes the modules known.
pub fn install(vm: &Vm) {
    vm.set_library(find);
}

/// The text of a module, for tracebacks that lead through it.
pub fn text(name: &str) -> Option<&'static str> {
    find(name).map(|found| found.text)
}

fn find(name: &str) -> Option<Library> {
    let at = LIBRARY.binary_search_by(|(n, _)| (*n).cmp(name)).ok()?;
    LIBRARY.get(at).map(|(_, found)| *found)
}

#[cfg(test)]
mod tests {
    use super::{LIBRARY, find, text};
    use aio_compiler::{Mode, Options};

    #[test]
    fn stored_code_is_what_the_compiler_makes_of_the_text() {
        for (name, module) in LIBRARY {
            let parsed = aio_syntax::parse_module(module.text);
            let compiled = aio_compiler::compile(&parsed, "x", module.text, Mode::Module, &Options::default());
            let stored = aio_bytecode::stored::read(module.code, "x");
            assert_eq!(aio_bytecode::verify(stored.as_ref().unwrap()), Ok(()), "{name}");
            assert_eq!(stored, compiled.ok().map(|output| output.code), "{name}");
        }
    }

    #[test]
    fn what_is_cut_off_is_no_code() {
        let code = find("asyncio.queues").unwrap().code;
        assert!((0..code.len()).all(|n| aio_bytecode::stored::read(&code[..n], "x").is_none()));
        assert!(text("asyncio").is_none() && text("asyncio.queues").is_some());
    }
}
