//! `eval`, `exec`, `compile`, and the namespaces of the running frame.

use crate::error::R;
use crate::host::CompileMode;
use crate::native::{Args, Def, function};
use crate::object::CodeObj;
use crate::object::header::Kind;
use crate::value::Value;
use crate::vm::Vm;
use aio_bytecode::code::NAMESPACE;
use aio_source::tree::Tree;
use aio_source::{Diagnostic, Named, Span};

pub(crate) static FUNCTIONS: &[Def] = &[
    function(
        "eval(source, /, globals=None, locals=None)",
        eval,
        "Evaluate the given source in the context of globals and locals.",
    ),
    function(
        "exec(source, /, globals=None, locals=None, *, closure=None)",
        exec,
        "Execute the given source in the context of globals and locals.",
    ),
    function(
        "compile(source, filename, mode, flags=0, dont_inherit=False, optimize=-1, *, _feature_version=-1)",
        compile,
        "Compile source into a code object that can be executed by exec() or eval().",
    ),
    function("globals()", globals, "Return the dictionary containing the current scope's global variables."),
    function("locals()", locals, "Return a dictionary containing the current scope's local variables."),
];

impl Vm {
    /// The module dict of the running frame; an empty dict outside of all frames.
    pub fn current_globals(&self) -> Value {
        self.running_globals().unwrap_or_else(|| self.dict())
    }

    /// The local variables of the running frame.
    pub fn current_locals(&self) -> Value {
        let frame = self.frame_at(0);
        let locals = frame.as_ref().and_then(Value::as_frame).and_then(|f| f.locals.defined());
        locals.unwrap_or_else(|| self.dict())
    }

    /// Runs a code object with these globals; a namespace body gets `locals` (or the globals) as its namespace.
    pub fn run_code(&self, code: &Value, globals: &Value, locals: Option<&Value>) -> R {
        let Some(k) = code.as_code() else { return Err(self.type_error("a code object is expected")) };
        if let Some(d) = globals.as_dict()
            && d.get_name(self, &self.names.__builtins__).is_none()
        {
            let modules = self.modules.get();
            let builtins = modules.as_dict().and_then(|m| m.get_text(self, "builtins"));
            d.set_name(self, &self.names.__builtins__, builtins.unwrap_or_else(|| self.builtins()));
        }
        let f = self.function(code.clone(), globals.clone(), Box::default());
        if k.template.flags & NAMESPACE != 0 {
            self.call(&f, &[locals.unwrap_or(globals).clone()])
        } else {
            self.call(&f, &[])
        }
    }

    /// Compiles text; syntax errors become exceptions.
    pub fn compile(&self, source: &str, filename: &str, mode: CompileMode) -> R {
        let outcome = self.importer.compile(source, filename, mode);
        if mode == CompileMode::Eval
            && let Some(indent) = indent_at_begin(source).or_else(|| indent_at_end(source))
            && outcome.as_ref().err().and_then(|all| all.first()).is_none_or(|d| d.span.lo >= indent.span.lo)
        {
            return Err(self.syntax_error(&[indent], filename, source));
        }
        match outcome {
            Ok(compiled) => {
                for d in &compiled.warnings {
                    self.warn_of_syntax(d, filename, source)?;
                }
                Ok(self.code(&compiled.code))
            }
            Err(mut diagnostics) => {
                // The text of an expression gets no line end that it does not have.
                if let Some(d) = diagnostics.first_mut()
                    && d.named == Some(Named::LineEnd)
                    && mode == CompileMode::Eval
                    && !source.ends_with('\n')
                {
                    d.named = Some(Named::Nowhere);
                }
                Err(self.syntax_error(&diagnostics, filename, source))
            }
        }
    }

    /// The syntax tree of text; syntax errors become exceptions.
    pub fn parse(&self, source: &str, filename: &str, mode: CompileMode) -> R<Tree> {
        self.importer.parse(source, mode).map_err(|diagnostics| self.syntax_error(&diagnostics, filename, source))
    }

    /// Issues a warning of the compiler; where warnings are errors it is a syntax error at that place.
    fn warn_of_syntax(&self, d: &Diagnostic, filename: &str, source: &str) -> R<()> {
        let category = match d.kind {
            "SyntaxWarning" => self.types.syntax_warning.get(),
            "DeprecationWarning" => self.types.deprecation_warning.get(),
            // CPython does not have the others.
            _ => return Ok(()),
        };
        let before = source.as_bytes().get(..d.span.lo as usize).unwrap_or_default();
        let line = before.iter().filter(|&&b| b == b'\n').count() as i64 + 1;
        let module = self.import_module("warnings")?;
        let Some(f) = self.look_attr(&module, &self.intern("warn_explicit"))? else { return Ok(()) };
        match self.call(&f, &[self.str(&d.message), category.value(), self.str(filename), self.int(line)]) {
            Err(e) if e.is(category) => Err(self.syntax_error(std::slice::from_ref(d), filename, source)),
            other => other.map(drop),
        }
    }

    /// The text of a source argument: str, bytes or bytearray.
    pub fn source_text(&self, v: &Value, function: &str) -> R<String> {
        if let Some(s) = v.as_str() {
            if s.bytes().contains(&0) {
                return Err(self.error(self.types.syntax_error.get(), "source code string cannot contain null bytes"));
            }
            if let Some(t) = s.as_utf8() {
                return Ok(t.to_owned());
            }
            // Lone surrogates: the encoder has the words for it.
            self.call_method(v, "encode", &[])?;
            return Ok(s.to_text().into_owned());
        }
        if let Some(b) = v.byte_data() {
            let data = b.to_vec();
            return self.importer.decode(&data).map_err(|d| self.syntax_error(&[d], "<string>", ""));
        }
        Err(self.type_error(format!("{function}() arg 1 must be a string, bytes or code object")))
    }
}

/// An expression may not be followed by a line that has an indent, nothing else, and no end.
fn indent_at_end(source: &str) -> Option<Diagnostic> {
    let lo = source.rfind('\n').map_or(0, |end| end + 1);
    let blank = lo < source.len() && source[lo..].bytes().all(|b| matches!(b, b' ' | b'\t'));
    blank.then(|| indented(source.len()))
}

/// An expression that begins behind blanks.
fn indent_at_begin(source: &str) -> Option<Diagnostic> {
    let begin = source.find(|c| !matches!(c, ' ' | '\t'))?;
    let expression = begin > 0 && !source[begin..].starts_with(['\n', '\r', '#', '\u{c}']);
    expression.then(|| indented(begin))
}

/// The last blank of an indent is the place.
fn indented(end: usize) -> Diagnostic {
    let span = Span { lo: end.saturating_sub(1) as u32, hi: end as u32 };
    Diagnostic::error("IndentationError", span, "unexpected indent").named(Named::Column(-1))
}

/// The globals and locals that a call of eval or exec means.
fn namespaces(vm: &Vm, a: &Args, function: &str) -> R<(Value, Option<Value>)> {
    match a.some(1) {
        Some(g) => {
            if g.as_dict().is_none() {
                let what = vm.type_name(g);
                return Err(vm.type_error(if function == "eval" {
                    "globals must be a dict".to_owned()
                } else {
                    format!("{function}() globals must be a dict, not {what}")
                }));
            }
            Ok((g.clone(), a.some(2).cloned()))
        }
        None => {
            let locals = a.some(2).cloned().unwrap_or_else(|| vm.current_locals());
            Ok((vm.current_globals(), Some(locals)))
        }
    }
}

fn check_locals(vm: &Vm, locals: &Option<Value>, function: &str) -> R<()> {
    match locals {
        Some(l) if l.as_dict().is_none() && vm.type_method(l, &vm.names.__getitem__).is_none() => {
            Err(vm.type_error(if function == "eval" {
                "locals must be a mapping".to_owned()
            } else {
                format!("{function}() locals must be a mapping or None, not {}", vm.type_name(l))
            }))
        }
        _ => Ok(()),
    }
}

fn eval(vm: &Vm, a: &Args) -> R {
    let (globals, locals) = namespaces(vm, a, "eval")?;
    check_locals(vm, &locals, "eval")?;
    if let Some(code) = a[0].as_code() {
        if !code.template.free_names.is_empty() {
            return Err(vm.type_error("code object passed to eval() may not contain free variables"));
        }
        return vm.run_code(&a[0], &globals, locals.as_ref());
    }
    let text = vm.source_text(&a[0], "eval")?;
    let code = vm.compile(text.trim_start_matches([' ', '\t']), "<string>", CompileMode::Eval)?;
    vm.run_code(&code, &globals, locals.as_ref())
}

fn exec(vm: &Vm, a: &Args) -> R {
    let (globals, locals) = namespaces(vm, a, "exec")?;
    check_locals(vm, &locals, "exec")?;
    if let Some(code) = a[0].as_code() {
        if !code.template.free_names.is_empty() {
            return exec_closure(vm, a, code, &globals);
        }
        vm.run_code(&a[0], &globals, locals.as_ref())?;
        return Ok(Value::NONE);
    }
    let text = vm.source_text(&a[0], "exec")?;
    let code = vm.compile(&text, "<string>", CompileMode::Exec)?;
    vm.run_code(&code, &globals, locals.as_ref())?;
    Ok(Value::NONE)
}

/// Runs a function's code with cells for its free variables.
fn exec_closure(vm: &Vm, a: &Args, code: &CodeObj, globals: &Value) -> R {
    let wanted = code.template.free_names.len();
    let cells = a.some(4).and_then(Value::as_tuple).map(|t| t.items().to_vec()).unwrap_or_default();
    if cells.len() != wanted || cells.iter().any(|c| c.kind() != Some(Kind::Cell)) {
        return Err(vm.type_error(format!("code object requires a closure of exactly length {wanted}")));
    }
    let f = vm.function(a[0].clone(), globals.clone(), cells.into());
    vm.call(&f, &[])?;
    Ok(Value::NONE)
}

/// The flag that asks for a syntax tree instead of code.
const ONLY_TREE: i64 = 0x400;

fn compile(vm: &Vm, a: &Args) -> R {
    let flags = a.some(3).map_or(Ok(0), |flags| vm.index(flags))?;
    let is_text = a[0].as_str().is_some() || a[0].byte_data().is_some();
    if flags & ONLY_TREE != 0 || !is_text && vm.modules.get().as_dict().is_some_and(|m| m.get_text(vm, "ast").is_some())
    {
        // Trees are the business of the module `ast`.
        let ast = vm.import_module("ast")?;
        let how = vm.get_attr(&ast, &vm.intern("_compile"))?;
        return vm.call(&how, &[a[0].clone(), a[1].clone(), a[2].clone(), vm.int(flags)]);
    }
    let text = vm.source_text(&a[0], "compile")?;
    let filename = vm.to_text(&a[1])?;
    let mode = vm.to_text(&a[2])?;
    let mode = match mode.as_str() {
        "exec" => CompileMode::Exec,
        "eval" => CompileMode::Eval,
        "single" => CompileMode::Interactive,
        _ => return Err(vm.value_error("compile() mode must be 'exec', 'eval' or 'single'")),
    };
    vm.compile(&text, &filename, mode)
}

fn globals(vm: &Vm, _a: &Args) -> R {
    Ok(vm.current_globals())
}

fn locals(vm: &Vm, _a: &Args) -> R {
    Ok(vm.current_locals())
}
