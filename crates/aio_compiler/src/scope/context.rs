//! What the statements around a place allow there: `break`, `return`, `await`, `yield` and so on.

use super::collect::Collector;
use super::*;
use aio_syntax::ast::Stmt;

/// What the statements and expressions around allow.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Context {
    /// There is a loop around, in the same scope.
    in_loop: bool,
    /// There is an `except*` around, and no loop inside of it.
    star_before_loop: bool,
    /// There is an `except*` around.
    in_star: bool,
    /// Walruses, `yield` and `await` are forbidden within this.
    pub forbidding: Option<&'static str>,
    /// How many loops, managers and protected blocks are around.
    blocks: u32,
    /// The comprehension that the walk is in.
    pub comprehension: Option<&'static str>,
}

/// The most blocks that may be nested, as in CPython. It bounds the recursion of the emitter too.
const MAX_BLOCKS: u32 = 21;

const IN_STAR: &str = "'break', 'continue' and 'return' cannot appear in an except* block";

impl<'a> Collector<'a, '_> {
    /// Walks inside of so many further blocks.
    pub(super) fn blocks(&mut self, more: usize, span: Span, walk: impl FnOnce(&mut Self)) {
        let before = self.context.blocks;
        self.context.blocks = before.saturating_add(more as u32);
        if self.context.blocks > MAX_BLOCKS && before <= MAX_BLOCKS {
            self.error(span, "too many statically nested blocks");
        }
        walk(self);
        self.context.blocks = before;
    }

    pub(super) fn loop_body(&mut self, span: Span, body: &'a [Stmt]) {
        self.blocks(1, span, |c| c.inside_loop(body));
    }

    fn inside_loop(&mut self, body: &'a [Stmt]) {
        let context = self.context;
        self.context.in_loop = true;
        self.context.star_before_loop = false;
        self.block(body);
        self.context = context;
    }

    pub(super) fn star_handler_body(&mut self, body: &'a [Stmt]) {
        let context = self.context;
        self.context.in_star = true;
        self.context.star_before_loop = true;
        self.block(body);
        self.context = context;
    }

    pub(super) fn check_break(&mut self, span: Span) {
        if self.context.star_before_loop {
            self.error(span, IN_STAR);
        } else if !self.context.in_loop {
            self.error(span, "'break' outside loop");
        }
    }

    pub(super) fn check_continue(&mut self, span: Span) {
        if self.context.star_before_loop {
            self.error(span, IN_STAR);
        } else if !self.context.in_loop {
            self.error(span, "'continue' not properly in loop");
        }
    }

    pub(super) fn check_return(&mut self, span: Span, with_value: bool) {
        let scope = self.scopes.get_mut(self.at);
        if scope.kind != ScopeKind::Function {
            self.error(span, "'return' outside function");
        } else if self.context.in_star {
            self.error(span, IN_STAR);
        } else if with_value && scope.is_async {
            // Whether the function yields is known only at its end.
            if scope.yields {
                self.error(span, "'return' with value in async generator");
            } else {
                scope.returned.get_or_insert(span);
            }
        }
    }

    /// `async for` and `async with`.
    pub(super) fn check_async(&mut self, what: &str, span: Span) {
        let scope = self.scopes.get_mut(self.at);
        scope.awaits = true;
        if !scope.is_async {
            self.error(span, format!("'{what}' outside async function"));
        }
    }

    pub(super) fn check_await(&mut self, span: Span) {
        if let Some(place) = self.context.forbidding {
            self.error(span, format!("await expression cannot be used within {place}"));
            return;
        }
        let scope = self.scopes.get_mut(self.at);
        scope.awaits = true;
        if scope.is_async || scope.kind == ScopeKind::Comp {
            // A comprehension that may not await reports that as a whole.
            return;
        }
        let message = match scope.kind {
            ScopeKind::Module | ScopeKind::Class => "'await' outside function",
            _ => "'await' outside async function",
        };
        self.error(span, message);
    }

    pub(super) fn check_async_comprehension(&mut self, span: Span, outer_async: bool) {
        let scope = self.scopes.get_mut(self.at);
        scope.awaits = true;
        if !outer_async && scope.kind != ScopeKind::Comp {
            self.error(span, "asynchronous comprehension outside of an asynchronous function");
        }
    }

    pub(super) fn check_yield(&mut self, span: Span, from: bool) {
        if let Some(place) = self.context.forbidding {
            self.error(span, format!("yield expression cannot be used within {place}"));
            return;
        }
        if let Some(what) = self.context.comprehension {
            self.error(span, format!("'yield' inside {what}"));
            return;
        }
        let scope = self.scopes.get_mut(self.at);
        scope.yields = true;
        match scope.kind {
            ScopeKind::Function | ScopeKind::Lambda => {}
            _ => {
                let what = if from { "yield from" } else { "yield" };
                self.error(span, format!("'{what}' outside function"));
                return;
            }
        }
        if !scope.is_async {
            return;
        }
        if from {
            self.error(span, "'yield from' inside async function");
        } else if let Some(returned) = scope.returned.take() {
            self.error(returned, "'return' with value in async generator");
        }
    }
}
