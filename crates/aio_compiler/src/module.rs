//! The compiler's entry points, and how one code object is made inside another.

use crate::builder::{Trouble, Unit};
use crate::names::Names;
use crate::scope::{self, Input, ROOT, ScopeId, ScopeKind, Scopes};
use aio_bytecode::code::{COROUTINE, FUTURE_ANNOTATIONS, METHOD, MODULE, NAMESPACE, NESTED, Name};
use aio_bytecode::{Capture, Code, Const, Intrinsic, Lines, Op};
use aio_source::{Diagnostic, LineIndex, Span};
use aio_syntax::ast::*;
use aio_syntax::{Parsed, ParsedExpr};
use std::sync::Arc;

/// What the text is, which decides where its names live and what its result is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mode {
    /// A module: names are the module's.
    Module,
    /// A line at the prompt: names are the module's, and expressions that stand alone are shown.
    Interactive,
    /// The text of an `exec`: names are looked up in the namespace in r[0] first.
    Exec,
    /// One expression, whose value is returned; names are looked up in the namespace in r[0] first.
    Eval,
}

/// What a text inherits from where it is compiled.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// `from __future__ import annotations` holds already.
    pub future_annotations: bool,
    /// Asserts that fail show the values that they compared.
    pub explained_asserts: bool,
}

/// What became of a text.
#[derive(Debug)]
pub struct Output {
    /// The code to run.
    pub code: Arc<Code>,
    /// What a person should look at, the parser's warnings included, sorted by position.
    pub warnings: Vec<Diagnostic>,
}

/// The state of a compilation.
pub(crate) struct Compiler<'a> {
    pub names: Names<'a>,
    pub scopes: Scopes,
    pub lines: LineIndex,
    pub mode: Mode,
    pub explains_asserts: bool,
    filename: Arc<str>,
    src: &'a str,
    /// The lines of the text, for the code objects.
    packed_lines: Lines,
    pub warnings: Vec<Diagnostic>,
    pub errors: Vec<Diagnostic>,
    /// The unit that is being built.
    pub u: Box<Unit<'a>>,
    /// What the names of functions and classes made in the unit begin with.
    pub prefix: String,
}

/// What a code object says of itself, beside what its scope says.
#[derive(Debug, Clone, Default)]
pub(crate) struct Header {
    pub name: String,
    pub first_line: u32,
    pub flags: u32,
    pub positional: u16,
    pub positional_only: u16,
    pub keyword_only: u16,
    pub doc: Option<Box<[u8]>>,
    /// The name is declared `global` where the function or class is defined.
    pub global: bool,
}

/// Compiles the statements of a module, of a line at the prompt or of an `exec`.
///
/// A text with errors, be they the parser's or found here, gives its diagnostics sorted by position.
pub fn compile(
    parsed: &Parsed,
    filename: &str,
    src: &str,
    mode: Mode,
    options: &Options,
) -> Result<Output, Vec<Diagnostic>> {
    let input = Input::Module(&parsed.module);
    let names = Names::new(&parsed.interner);
    run(input, names, &parsed.diagnostics, filename, src, mode, options)
}

/// Compiles one expression as [`Mode::Eval`] says.
pub fn compile_expression(
    parsed: &ParsedExpr,
    filename: &str,
    src: &str,
    options: &Options,
) -> Result<Output, Vec<Diagnostic>> {
    let Some(expr) = &parsed.expr else {
        return Err(parsed.diagnostics.clone());
    };
    let names = Names::new(&parsed.interner);
    let input = Input::Expression(expr);
    run(input, names, &parsed.diagnostics, filename, src, Mode::Eval, options)
}

fn run<'a>(
    input: Input<'a>,
    mut names: Names<'a>,
    diagnostics: &[Diagnostic],
    filename: &str,
    src: &'a str,
    mode: Mode,
    options: &Options,
) -> Result<Output, Vec<Diagnostic>> {
    if diagnostics.iter().any(Diagnostic::is_error) {
        return Err(diagnostics.to_vec());
    }
    let top_await = matches!(mode, Mode::Module | Mode::Interactive);
    let namespace = !top_await;
    let (mut scopes, mut errors) = scope::collect(&mut names, input, top_await, options.future_annotations);
    scope::resolve(&mut scopes, &names, namespace, &mut errors);
    if !errors.is_empty() {
        errors.extend_from_slice(diagnostics);
        errors.sort_by_key(|d| d.span.lo);
        return Err(errors);
    }
    let lines = LineIndex::new(src);
    let mut compiler = Compiler {
        names,
        scopes,
        packed_lines: Lines::new(lines.starts()),
        lines,
        mode,
        explains_asserts: options.explained_asserts,
        filename: filename.into(),
        src,
        warnings: diagnostics.to_vec(),
        errors: Vec::new(),
        u: Box::new(Unit::new(ROOT, 0, false)),
        prefix: String::new(),
    };
    let code = compiler.root(input);
    let Compiler { mut warnings, mut errors, .. } = compiler;
    if let (Some(code), true) = (code, errors.is_empty()) {
        debug_assert_eq!(aio_bytecode::verify(&code), Ok(()));
        warnings.sort_by_key(|d| d.span.lo);
        return Ok(Output { code, warnings });
    }
    errors.sort_by_key(|d| d.span.lo);
    Err(errors)
}

impl<'a> Compiler<'a> {
    fn root(&mut self, input: Input<'a>) -> Option<Arc<Code>> {
        let mut flags = match self.mode {
            Mode::Module | Mode::Interactive => MODULE,
            Mode::Exec | Mode::Eval => NAMESPACE,
        };
        if self.scopes.get(ROOT).awaits {
            flags |= COROUTINE;
        }
        let doc = match input {
            Input::Module(body) if self.mode != Mode::Interactive => crate::docstring::of(body),
            _ => None,
        };
        let header = Header { name: "<module>".into(), first_line: 1, flags, doc: doc.clone(), ..Header::default() };
        self.nested(ROOT, header, &mut |c| match input {
            Input::Expression(e) => {
                let value = c.operand(e);
                c.at(e.span);
                c.return_value(value);
            }
            Input::Module(body) => {
                if c.scopes.get(ROOT).annotates {
                    let flag = if c.in_namespace() { aio_bytecode::ops::X0 } else { 0 };
                    c.u.emit(Op::SetupAnnotations, flag, 0, 0, 0);
                }
                c.store_doc(&doc);
                c.block(body);
            }
        })
    }

    /// Whether names that stand alone live in the namespace of r[0] here.
    pub fn in_namespace(&self) -> bool {
        match self.scopes.get(self.u.id).kind {
            ScopeKind::Module => matches!(self.mode, Mode::Exec | Mode::Eval),
            kind => kind == ScopeKind::Class,
        }
    }

    /// `__doc__ = doc`, if there is one.
    pub fn store_doc(&mut self, doc: &Option<Box<[u8]>>) {
        if let Some(doc) = doc {
            self.constant(Const::Str(doc.to_vec().into()), crate::builder::Dst::Push);
            self.store_dunder("__doc__");
        }
    }

    /// Binds a name of the language's own in the module or class that is being built.
    pub fn store_dunder(&mut self, name: &str) {
        let sym = self.names.intern(name);
        let number = self.u.pool.name(sym);
        let op = if self.in_namespace() { Op::StoreName } else { Op::StoreGlobal };
        let top = self.u.top();
        self.u.sink_x(op, 0, top, number);
    }

    /// What follows belongs to this place.
    pub fn at(&mut self, span: Span) {
        self.u.at(span, &self.lines);
    }

    /// Where the word begins that stands last before an offset.
    pub fn before(&self, offset: u32, word: &str) -> u32 {
        let text = self.src.get(..offset as usize).unwrap_or_default();
        text.rfind(word).map_or(offset, |at| at as u32)
    }

    pub fn error(&mut self, span: Span, message: impl Into<String>) {
        self.errors.push(Diagnostic::syntax(span, message));
    }

    /// A value of an intrinsic function of the `count` newest temporaries.
    pub fn intrinsic(&mut self, intrinsic: Intrinsic, count: u32) {
        let base = self.u.depth - count;
        self.u.window(Op::Intrinsic, 0, base, intrinsic as u16, count as u16);
    }

    /// Makes the code object of a scope. `None` if that cannot be: then there is an error.
    ///
    /// `body` emits the code and may be called a second time, when the first try showed that short
    /// jumps do not reach.
    pub fn nested(&mut self, scope: ScopeId, header: Header, body: &mut dyn FnMut(&mut Self)) -> Option<Arc<Code>> {
        let warnings = self.warnings.len();
        let span = self.u.span();
        for far in [false, true] {
            self.warnings.truncate(warnings);
            let unit = self.build(scope, &header, far, body);
            match unit.finish() {
                Ok(finished) => return Some(self.code(scope, header, finished)),
                Err(Trouble::Far) => {}
                Err(Trouble::TooBig(what)) => {
                    let message = match what {
                        "registers" => "too many local variables in one function".into(),
                        _ => format!("too many {what} in one function"),
                    };
                    self.error(span, message);
                    return None;
                }
            }
        }
        self.error(span, "too many instructions in one function");
        None
    }

    fn build(&mut self, id: ScopeId, header: &Header, far: bool, body: &mut dyn FnMut(&mut Self)) -> Unit<'a> {
        let scope = self.scopes.get(id);
        let mut unit = Box::new(Unit::new(id, scope.locals.len(), far));
        let params = match scope.kind.is_function_like() {
            true => scope.params.len(),
            false => 0,
        };
        for (i, local) in scope.locals.iter().enumerate().take(u16::MAX as usize) {
            if i < params {
                unit.bound.insert(i as u16);
            }
            if local.flags & scope::DELETED != 0 {
                unit.deletable.insert(i as u16);
            }
        }
        unit.at(self.u.span(), &self.lines);
        for &cell in &scope.cells {
            unit.emit(Op::MakeCell, 0, cell, 0, 0);
        }
        let prefix = match scope.kind {
            ScopeKind::Module => String::new(),
            ScopeKind::Class => format!("{}.", self.qualname(header)),
            ScopeKind::TypeParams => self.prefix.clone(),
            _ => format!("{}.<locals>.", self.qualname(header)),
        };
        let outer = std::mem::replace(&mut self.u, unit);
        let prefix = std::mem::replace(&mut self.prefix, prefix);
        body(self);
        self.u.emit(Op::ReturnNone, 0, 0, 0, 0);
        self.prefix = prefix;
        *std::mem::replace(&mut self.u, outer)
    }

    /// The qualified name of something that is defined here.
    pub fn qualname(&self, header: &Header) -> String {
        if header.global { header.name.clone() } else { format!("{}{}", self.prefix, header.name) }
    }

    fn code(&mut self, id: ScopeId, header: Header, finished: crate::builder::Finished) -> Arc<Code> {
        let scope = self.scopes.get(id);
        let text = |sym: Sym| -> Name { self.names.text(sym).to_owned().into() };
        let mut flags = header.flags;
        if self.scopes.future_annotations {
            flags |= FUTURE_ANNOTATIONS;
        }
        let parent = self.scopes.get(scope.parent);
        if id != ROOT && self.scopes.get(parent.unit).kind.is_function_like() {
            flags |= NESTED;
        }
        if id != ROOT && parent.kind == ScopeKind::Class {
            flags |= METHOD;
        }
        let local_names = scope.locals.iter().map(|local| {
            let name = text(local.name);
            if local.hidden && !name.starts_with('.') { format!(".{name}").into() } else { name }
        });
        let captures = scope.frees.iter().map(|&(sym, owner)| {
            let home = self.scopes.get(owner);
            if home.unit != self.u.id {
                let index = self.scopes.free_index(self.u.id, sym, owner);
                return Capture::Free(index.unwrap_or(0) as u16);
            }
            let access = home.symbols.get(&sym).map(|symbol| symbol.access);
            match access {
                Some(scope::Access::Cell(reg)) if home.kind != ScopeKind::Class => Capture::Local(reg),
                _ => Capture::Local(home.class_cell.unwrap_or(1)),
            }
        });
        Arc::new(Code {
            qualname: self.qualname(&header).into(),
            name: header.name.into(),
            filename: Arc::clone(&self.filename),
            first_line: header.first_line,
            flags,
            positional: header.positional,
            positional_only: header.positional_only,
            keyword_only: header.keyword_only,
            locals: finished.locals,
            registers: finished.registers,
            words: finished.words.into(),
            consts: finished.consts,
            names: finished.names.into_iter().map(text).collect(),
            local_names: local_names.collect(),
            free_names: scope.frees.iter().map(|&(sym, _)| text(sym)).collect(),
            cells: scope.cells.clone().into(),
            captures: captures.collect(),
            handlers: finished.handlers,
            live: finished.live.into(),
            places: finished.places.into(),
            lines: Some(self.packed_lines.clone()),
            doc: header.doc.map(|doc| doc.into_vec().into()),
        })
    }
}
