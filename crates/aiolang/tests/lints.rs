//! The names that the lints take for given are those that there are.

use aiolang::Engine;

#[test]
fn builtins_are_those_of_the_module() {
    let isolate = Engine::builder().build().expect("an engine").isolate();
    isolate.run("import builtins").expect("it is there");
    let own = "[name for name in sorted(dir(builtins)) if not name.startswith('_')]";
    let names: Vec<String> = isolate.eval(own).expect("names");
    let known: Vec<&str> = aio_compiler::lint::BUILTINS.iter().copied().filter(|name| !name.starts_with('_')).collect();
    let missing: Vec<&String> = names.iter().filter(|name| !known.contains(&name.as_str())).collect();
    assert!(missing.is_empty(), "{missing:?} are built in and unknown to the lints");
    let gone: Vec<&&str> = known.iter().filter(|name| !names.iter().any(|n| n == *name)).collect();
    // What only the interactive mode has.
    assert!(
        gone.iter().all(|name| ["copyright", "credits", "exit", "help", "license", "quit"].contains(name)),
        "{gone:?}"
    );
}
