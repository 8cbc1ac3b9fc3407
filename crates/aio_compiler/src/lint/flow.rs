//! Statements that nothing leads to.

use super::walk::{self, Look};
use super::{UNREACHABLE, warning};
use crate::depth::with_stack;
use crate::scope::{Scopes, strip};
use aio_source::{Diagnostic, Span};
use aio_syntax::ast::*;

/// Looks at every block.
pub(super) fn look(scopes: &Scopes, body: &[Stmt], found: &mut Vec<Diagnostic>) {
    walk::module(scopes, body, &mut Flow { found, dead: Vec::new() });
}

struct Flow<'f> {
    found: &'f mut Vec<Diagnostic>,
    /// What has been told already: blocks inside of it are not looked at.
    dead: Vec<Span>,
}

impl<'a> Look<'a> for Flow<'_> {
    fn block(&mut self, block: &'a [Stmt]) {
        let Some(first) = block.first() else { return };
        if self.dead.iter().any(|dead| dead.lo <= first.span.lo && first.span.lo < dead.hi) {
            return;
        }
        self.follow(block);
    }

    fn stmt(&mut self, _place: walk::Place, stmt: &'a Stmt) {
        // The `else` of a `try` runs behind its body.
        if let StmtKind::Try(try_) = &stmt.kind
            && let Some(first) = try_.orelse.as_deref().and_then(<[Stmt]>::first)
            && let Some(end) = ending(&try_.body)
        {
            self.tell(end, first.span);
        }
    }
}

impl Flow<'_> {
    /// Tells of the first statement behind one that does not go on.
    fn follow(&mut self, block: &[Stmt]) {
        let Some(at) = block.iter().position(ends) else { return };
        let Some(next) = block.get(at + 1) else { return };
        if block[at..].iter().any(makes_generator) {
            return;
        }
        let last = block.last().unwrap_or(next);
        self.dead.push(next.span.to(last.span));
        self.tell(&block[at], next.span);
    }

    fn tell(&mut self, end: &Stmt, span: Span) {
        let d = warning(UNREACHABLE, span, "this code is never reached");
        self.found.push(d.with_label(head(end), format!("nothing goes on behind this {}", word(end))));
    }
}

/// `return` and then `yield`: the usual way to say that a function without results is a generator.
fn makes_generator(stmt: &Stmt) -> bool {
    let value = match &stmt.kind {
        StmtKind::Expr(e) => e,
        StmtKind::Assign(assign) => &assign.value,
        _ => return false,
    };
    matches!(strip(value).kind, ExprKind::Yield(_) | ExprKind::YieldFrom(_))
}

/// The first line or so of a statement: a mark over all of a long one would say less.
fn head(stmt: &Stmt) -> Span {
    match &stmt.kind {
        StmtKind::Return(_) | StmtKind::Raise(..) | StmtKind::Break | StmtKind::Continue => stmt.span,
        _ => Span::new(stmt.span.lo, stmt.span.lo + word(stmt).len() as u32),
    }
}

fn word(stmt: &Stmt) -> &'static str {
    match stmt.kind {
        StmtKind::Return(_) => "return",
        StmtKind::Raise(..) => "raise",
        StmtKind::Break => "break",
        StmtKind::Continue => "continue",
        StmtKind::If(_) => "if",
        StmtKind::While(_) => "while",
        StmtKind::Try(_) => "try",
        _ => "match",
    }
}

/// The statement of a block behind which nothing goes on.
fn ending(block: &[Stmt]) -> Option<&Stmt> {
    block.iter().find(|stmt| ends(stmt))
}

fn block_ends(block: &[Stmt]) -> bool {
    ending(block).is_some()
}

/// Whether nothing goes on behind a statement. A `with` may swallow exceptions, so it never says so.
fn ends(stmt: &Stmt) -> bool {
    with_stack(|| match &stmt.kind {
        StmtKind::Return(_) | StmtKind::Raise(..) | StmtKind::Break | StmtKind::Continue => true,
        StmtKind::If(stmt) => {
            stmt.arms.iter().all(|(_, body)| block_ends(body)) && stmt.orelse.as_deref().is_some_and(block_ends)
        }
        StmtKind::While(stmt) => is_true(&stmt.test) && !breaks(&stmt.body),
        StmtKind::Try(stmt) => {
            stmt.finally.as_deref().is_some_and(block_ends)
                || stmt.handlers.iter().all(|handler| block_ends(&handler.body))
                    && (block_ends(&stmt.body) || stmt.orelse.as_deref().is_some_and(block_ends))
        }
        StmtKind::Match(stmt) => {
            stmt.cases.iter().all(|case| block_ends(&case.body))
                && stmt.cases.last().is_some_and(|case| case.guard.is_none() && matches_all(&case.pat))
        }
        _ => false,
    })
}

/// `True`, `1`
fn is_true(test: &Expr) -> bool {
    matches!(&strip(test).kind, ExprKind::True | ExprKind::Int(IntLit::Small(1..)))
}

fn matches_all(pat: &Pat) -> bool {
    match &pat.kind {
        PatKind::Wildcard | PatKind::Capture(_) => true,
        PatKind::Group(inner) | PatKind::As(inner, _) => matches_all(inner),
        PatKind::Or(items) => items.iter().any(matches_all),
        _ => false,
    }
}

/// Whether a `break` in the body of a loop ends that loop.
fn breaks(block: &[Stmt]) -> bool {
    let any = |block: &Option<Block>| block.as_deref().is_some_and(breaks);
    block.iter().any(|stmt| {
        with_stack(|| match &stmt.kind {
            StmtKind::Break => true,
            StmtKind::If(stmt) => stmt.arms.iter().any(|(_, body)| breaks(body)) || any(&stmt.orelse),
            // The `else` of a loop is not part of it.
            StmtKind::While(stmt) => any(&stmt.orelse),
            StmtKind::For(stmt) => any(&stmt.orelse),
            StmtKind::Try(stmt) => {
                breaks(&stmt.body)
                    || stmt.handlers.iter().any(|handler| breaks(&handler.body))
                    || any(&stmt.orelse)
                    || any(&stmt.finally)
            }
            StmtKind::With(stmt) => breaks(&stmt.body),
            StmtKind::Match(stmt) => stmt.cases.iter().any(|case| breaks(&case.body)),
            _ => false,
        })
    })
}
