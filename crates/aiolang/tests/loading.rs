//! Where modules come from: the host's own, loaders, folders, and the library.

use aiolang::{Engine, Error, ErrorKind, Module, ModuleSource};

#[test]
fn folders_of_the_search_path_need_no_grant() -> Result<(), Error> {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("it lies in a folder")).expect("a folder can be made");
        std::fs::write(path, text).expect("a file can be written");
    };
    write("tools.aio", "def twice(x): return x * 2");
    write("kit/__init__.aio", "from .parts import SIZE");
    write("kit/parts.py", "SIZE = 3");
    let engine = Engine::builder().search_path([folder.path().to_string_lossy()]).build()?;
    let isolate = engine.isolate();
    isolate.run("import tools, kit")?;
    assert_eq!(isolate.eval::<i64>("tools.twice(kit.SIZE)")?, 6);
    // What can be imported cannot be opened.
    let open = format!("open({:?})", folder.path().join("tools.aio").to_string_lossy());
    assert_eq!(isolate.run(&open).expect_err("nothing is granted").type_name(), "PermissionError");
    let bare = Engine::builder().build()?.isolate();
    assert_eq!(bare.run("import tools").expect_err("there is none").type_name(), "ModuleNotFoundError");
    Ok(())
}

#[test]
fn loaders_come_first_and_their_mistakes_have_names() -> Result<(), Error> {
    let folder = tempfile::tempdir().expect("a folder can be made");
    std::fs::write(folder.path().join("settings.aio"), "FROM = 'a folder'").expect("a file can be written");
    let find = |name: &str| match name {
        "settings" => Some(ModuleSource::new("FROM = 'the loader'")),
        "broken" => Some(ModuleSource::new("x = = 1")),
        "failing" => Some(ModuleSource::new("def f():\n    return 1 / 0\nf()")),
        _ => None,
    };
    let engine = Engine::builder().loader(find).search_path([folder.path().to_string_lossy()]).build()?;
    let isolate = engine.isolate();
    assert_eq!(isolate.import("settings")?.attr(&isolate, "FROM")?.to::<String>(&isolate)?, "the loader");
    let error = isolate.run("import broken").expect_err("its text is wrong");
    assert_eq!((error.kind(), error.type_name()), (ErrorKind::Exception, "SyntaxError"));
    let error = isolate.run("import failing").expect_err("it fails");
    assert_eq!(error.type_name(), "ZeroDivisionError");
    let last = error.traceback().last().expect("there is a way");
    assert_eq!((last.function.as_str(), last.line), ("f", 2));
    assert!(last.file.contains("failing"), "{}", last.file);
    // A module that failed is tried again.
    assert_eq!(isolate.run("import failing").expect_err("it fails").type_name(), "ZeroDivisionError");
    Ok(())
}

#[test]
fn modules_of_the_host_win_and_can_be_added_later() -> Result<(), Error> {
    let find = |name: &str| (name == "clock").then(|| ModuleSource::new("FROM = 'the loader'"));
    let clock = Module::new("clock").doc("The host's.").value("FROM", "the host");
    let isolate = Engine::builder().loader(find).module(clock).build()?.isolate();
    assert_eq!(isolate.eval::<String>("__import__('clock').FROM")?, "the host");
    isolate.add_module(&Module::new("late.comer").function("hi(name='you')", "Greet.", |name: String| name + "!"))?;
    isolate.run("from late.comer import hi\nimport late")?;
    assert_eq!(isolate.eval::<String>("hi() + late.comer.hi('me')")?, "you!me!");
    // A module with a mistake is told when the engine is made.
    let wrong = Module::new("wrong").function("f(a, b=)", "", |a: i64, b: i64| a + b);
    assert!(Engine::builder().module(wrong).build().is_err());
    Ok(())
}
