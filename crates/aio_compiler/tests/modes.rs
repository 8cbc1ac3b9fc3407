//! The four modes and what the code object says of itself.

use aio_bytecode::code::{
    ASYNC_GENERATOR, COROUTINE, FUTURE_ANNOTATIONS, GENERATOR, METHOD, MODULE, NAMESPACE, NESTED, VARARGS, VARKEYWORDS,
};
use aio_bytecode::{Code, Const, Template, disassemble, verify};
use aio_compiler::{Mode, Options, compile, compile_expression};
use std::sync::Arc;

fn code(source: &str, mode: Mode) -> Arc<Code> {
    let parsed = aio_syntax::parse_module(source);
    let output = compile(&parsed, "test", source, mode, &Options::default());
    let output = output.unwrap_or_else(|e| panic!("{source}: {e:?}"));
    assert_eq!(verify(&output.code), Ok(()));
    output.code
}

/// The first code object inside.
fn inner(code: &Code) -> Arc<Template> {
    let found = code.consts.iter().find_map(|constant| match constant {
        Const::Code(code) => Some(Arc::clone(code)),
        _ => None,
    });
    found.expect("a nested code object")
}

#[test]
fn names_live_where_the_mode_says() {
    let source = "x = y\n";
    for mode in [Mode::Module, Mode::Interactive] {
        let text = disassemble(&code(source, mode));
        assert!(text.contains("LoadGlobal") && text.contains("StoreGlobal"), "{text}");
    }
    let text = disassemble(&code(source, Mode::Exec));
    assert!(text.contains("LoadName") && text.contains("StoreName"), "{text}");
    let text = disassemble(&code("def f():\n    return y\n", Mode::Exec));
    assert!(text.contains("LoadGlobal"), "{text}");
    let parsed = aio_syntax::parse_expression("a + 1");
    let output = compile_expression(&parsed, "test", "a + 1", &Options::default());
    let text = disassemble(&output.expect("an expression").code);
    assert!(text.contains("LoadName") && text.contains("Return "), "{text}");
}

#[test]
fn only_the_prompt_shows_values() {
    assert!(disassemble(&code("x\n", Mode::Interactive)).contains("Display"));
    assert!(!disassemble(&code("x\n", Mode::Module)).contains("Display"));
    assert!(!disassemble(&code("def f():\n    x\n", Mode::Interactive)).contains("Display"));
}

#[test]
fn flags_say_what_the_code_is() {
    let of = |source: &str| inner(&code(source, Mode::Module)).flags;
    assert_eq!(of("def f(): pass"), 0);
    assert_eq!(of("def f(): yield"), GENERATOR);
    assert_eq!(of("async def f(): pass"), COROUTINE);
    assert_eq!(of("async def f(): yield"), ASYNC_GENERATOR);
    assert_eq!(of("def f(*a, **k): pass"), VARARGS | VARKEYWORDS);
    assert_eq!(of("class A: pass"), NAMESPACE);
    assert_eq!(of("(x for x in y)"), GENERATOR);
    assert_eq!(of("(x async for x in y)"), ASYNC_GENERATOR);
    assert_eq!(of("(await x for x in y)"), ASYNC_GENERATOR);
    assert_eq!(inner(&inner(&code("class A:\n    def f(self): pass", Mode::Module))).flags, METHOD);
    assert_eq!(inner(&inner(&code("def f():\n    def g(): pass", Mode::Module))).flags, NESTED);
    assert_eq!(code("x", Mode::Module).flags, MODULE);
    assert_eq!(code("await x", Mode::Module).flags, MODULE | COROUTINE);
    assert_eq!(code("[await x for x in y]", Mode::Module).flags, MODULE | COROUTINE);
    assert_eq!(code("x", Mode::Exec).flags, NAMESPACE);
    let future = code("from __future__ import annotations", Mode::Module);
    assert_eq!(future.flags, MODULE | FUTURE_ANNOTATIONS);
}

#[test]
fn headers_are_those_of_cpython() {
    let module = code(
        "\"\"\"Doc.\n\n    More.\n    \"\"\"\n\n@d\ndef f(a, /, b, *c, d, **e):\n    def g(): pass\n",
        Mode::Module,
    );
    assert_eq!(module.doc.as_deref(), Some(&b"Doc.\n\nMore.\n"[..]));
    let f = inner(&module);
    assert_eq!((f.positional, f.positional_only, f.keyword_only), (2, 1, 1));
    let names: Vec<&str> = f.local_names.iter().map(|name| &**name).collect();
    assert_eq!(names, ["a", "b", "d", "c", "e", "g"]);
    assert_eq!(f.first_line, 6);
    assert_eq!(&*inner(&f).qualname, "f.<locals>.g");
    let method = inner(&inner(&code("class A:\n    def __f(self): self.__x", Mode::Module)));
    assert_eq!((&*method.name, &*method.qualname), ("__f", "A.__f"));
    assert_eq!(&*method.names[0], "_A__x");
    let global = code("def f():\n    global g\n    def g(): pass", Mode::Module);
    assert_eq!(&*inner(&inner(&global)).qualname, "g");
    let generic = code("class A[T]:\n    def f[U](self): pass", Mode::Module);
    let params = inner(&generic);
    assert_eq!(&*params.name, "<generic parameters of A>");
    let class = inner(&params);
    assert_eq!(&*class.qualname, "A");
    assert_eq!(&*inner(&inner(&class)).qualname, "A.f");
}
