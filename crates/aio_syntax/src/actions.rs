//! What the grammar's productions do: they build nodes and report mistakes, and never fail.

mod args;
mod expr;
mod params;
mod pattern;
mod stmt;
mod string;
mod target;

pub(crate) use args::ArgItem;
pub(crate) use expr::Junction;
pub(crate) use stmt::is_operand;
pub(crate) use string::{RawField, StrPart, StrPiece};
pub(crate) use target::{expr_name, invalid_target};

use crate::ast::*;
use crate::interner::Interner;
use aio_source::Diagnostic;
use std::cell::{Cell, RefCell};
use unicode_normalization::UnicodeNormalization;

/// What the start symbol yields.
pub(crate) enum Top {
    Module(Block),
    Expr(P),
}

/// The state that all actions of one parse share.
pub(crate) struct Cx<'s> {
    source: &'s str,
    nodes: Cell<u32>,
    interner: RefCell<Interner>,
    diagnostics: RefCell<Vec<Diagnostic>>,
    too_deep: Cell<bool>,
}

impl<'s> Cx<'s> {
    pub fn new(source: &'s str) -> Cx<'s> {
        Cx {
            source,
            nodes: Cell::new(0),
            interner: RefCell::default(),
            diagnostics: RefCell::default(),
            too_deep: Cell::new(false),
        }
    }

    /// Names, diagnostics and the number of nodes.
    pub fn finish(self) -> (Interner, Vec<Diagnostic>, u32) {
        (self.interner.into_inner(), self.diagnostics.into_inner(), self.nodes.get())
    }

    #[inline]
    fn next_id(&self) -> NodeId {
        let id = self.nodes.get();
        self.nodes.set(id + 1);
        NodeId(id)
    }

    fn text(&self, span: Span) -> &'s str {
        span.text(self.source)
    }

    /// Reports a `SyntaxError`.
    pub fn error(&self, span: Span, message: impl Into<String>) {
        self.report(Diagnostic::syntax(span, message));
    }

    fn report(&self, diagnostic: Diagnostic) {
        self.diagnostics.borrow_mut().push(diagnostic);
    }

    /// An expression. One that is too deep is dropped at once, so no deeper tree ever exists.
    #[inline]
    pub fn expr(&self, lo: u32, hi: u32, kind: ExprKind) -> P {
        let mut depth = kind.depth();
        let span = Span::new(lo, hi);
        let mut kind = kind;
        if depth > MAX_DEPTH {
            self.report_depth(span);
            kind = ExprKind::Error;
            depth = 1;
        }
        Box::new(Expr { id: self.next_id(), span, depth, kind })
    }

    #[cold]
    fn report_depth(&self, span: Span) {
        if !self.too_deep.replace(true) {
            let message = "maximum recursion depth exceeded during compilation";
            self.report(Diagnostic::error("RecursionError", span, message));
        }
    }

    /// A statement.
    #[inline]
    pub fn stmt(&self, lo: u32, hi: u32, kind: StmtKind) -> Stmt {
        Stmt { id: self.next_id(), span: Span::new(lo, hi), kind }
    }

    /// A name at a place; names are equal if their NFKC forms are.
    #[inline]
    pub fn ident(&self, lo: u32, hi: u32) -> Ident {
        let span = Span::new(lo, hi);
        let text = self.text(span);
        let mut interner = self.interner.borrow_mut();
        let sym =
            if text.is_ascii() { interner.intern(text) } else { interner.intern(&text.nfkc().collect::<String>()) };
        Ident { sym, span }
    }

    /// A name as an expression.
    #[inline]
    pub fn name(&self, ident: Ident) -> P {
        self.expr(ident.span.lo, ident.span.hi, ExprKind::Name(ident.sym))
    }

    fn is_underscore(&self, ident: Ident) -> bool {
        self.text(ident.span) == "_"
    }
}

/// `vec` with one more element; productions are expressions, and `Vec::push` is not.
pub(crate) fn push<T>(mut vec: Vec<T>, item: T) -> Vec<T> {
    vec.push(item);
    vec
}

/// Elements that were boxed to keep the parser's stack small.
pub(crate) fn unbox<T>(items: Vec<Box<T>>) -> Vec<T> {
    items.into_iter().map(|item| *item).collect()
}
