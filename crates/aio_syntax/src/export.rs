//! The tree in the shape of Python's module `ast`, for scripts that look at programs.

mod definition;
mod expr;
mod fstring;
mod pattern;
mod stmt;

use crate::ast::*;
use crate::{Interner, Parsed, ParsedExpr};
use aio_source::LineIndex;
use aio_source::tree::{Place, Tree};

/// A module (`Module`) or a line of a prompt (`Interactive`) without errors.
pub fn export_module(parsed: &Parsed, source: &str, interactive: bool) -> Tree {
    let export = Export::new(&parsed.interner, source);
    let body = ("body", export.block(&parsed.module));
    if interactive {
        return Tree::node("Interactive", vec![body], None);
    }
    Tree::node("Module", vec![body, ("type_ignores", Tree::List(Vec::new()))], None)
}

/// An expression without errors.
pub fn export_expression(parsed: &ParsedExpr, source: &str) -> Option<Tree> {
    let export = Export::new(&parsed.interner, source);
    let body = export.expr(parsed.expr.as_ref()?);
    Some(Tree::node("Expression", vec![("body", body)], None))
}

struct Export<'s> {
    names: &'s Interner,
    source: &'s str,
    lines: LineIndex,
}

/// What becomes of a target.
#[derive(Clone, Copy, PartialEq)]
enum Context {
    Load,
    Store,
    Del,
}

impl<'s> Export<'s> {
    fn new(names: &'s Interner, source: &'s str) -> Export<'s> {
        Export { names, source, lines: LineIndex::new(source) }
    }

    fn name(&self, sym: Sym) -> Tree {
        Tree::name(self.names.name(sym))
    }

    fn names(&self, idents: &[Ident]) -> Tree {
        Tree::List(idents.iter().map(|ident| self.name(ident.sym)).collect())
    }

    fn dotted(&self, path: &[Ident]) -> Tree {
        let parts: Vec<&str> = path.iter().map(|ident| self.names.name(ident.sym)).collect();
        Tree::name(&parts.join("."))
    }

    /// The name of an optional identifier.
    fn maybe_name(&self, ident: &Option<Ident>) -> Tree {
        ident.as_ref().map_or(Tree::None, |ident| self.name(ident.sym))
    }

    fn place(&self, span: Span) -> Place {
        let at = |offset: u32| {
            let line = self.lines.line(offset);
            (line, offset - self.lines.line_range(line).map_or(0, |range| range.start))
        };
        let ((line, column), (end_line, end_column)) = (at(span.lo), at(span.hi));
        [line, column, end_line, end_column]
    }

    fn node(&self, class: &'static str, fields: Vec<(&'static str, Tree)>, span: Span) -> Tree {
        Tree::node(class, fields, Some(self.place(span)))
    }

    /// Where the last `word` before an offset begins.
    fn before(&self, offset: u32, word: &str) -> u32 {
        let text = self.source.get(..offset as usize).unwrap_or_default();
        text.rfind(word).map_or(offset, |at| at as u32)
    }

    fn block(&self, block: &[Stmt]) -> Tree {
        Tree::List(block.iter().map(|stmt| stacker::maybe_grow(RED_ZONE, SEGMENT, || self.stmt(stmt))).collect())
    }

    fn maybe_block(&self, block: &Option<Block>) -> Tree {
        self.block(block.as_deref().unwrap_or_default())
    }
}

/// So much stack has to be left, or so much more is taken.
const RED_ZONE: usize = 128 << 10;
const SEGMENT: usize = 1 << 20;
