//! `from __future__ import ...`: where it may stand and what it may name.

use super::collect::Collector;
use aio_source::Span;
use aio_syntax::ast::*;

/// Every feature there ever was; all but `annotations` are in force anyway or change nothing here.
const FEATURES: [&str; 10] = [
    "nested_scopes",
    "generators",
    "division",
    "absolute_import",
    "with_statement",
    "print_function",
    "unicode_literals",
    "barry_as_FLUFL",
    "generator_stop",
    "annotations",
];

impl<'a> Collector<'a, '_> {
    fn is_future(&self, import: &FromImport) -> bool {
        import.level == 0 && matches!(&import.module[..], [module] if self.names.text(module.sym) == "__future__")
    }

    /// Reads the future imports at the beginning of a module.
    pub(super) fn future_imports(&mut self, body: &'a [Stmt]) {
        for (i, stmt) in body.iter().enumerate() {
            match &stmt.kind {
                StmtKind::FromImport(import) if self.is_future(import) => {
                    for alias in &import.names {
                        self.feature(alias, stmt.span);
                    }
                    self.future = Some(stmt.span);
                }
                StmtKind::Expr(e) if i == 0 && matches!(e.kind, ExprKind::Str(_)) => {}
                _ => break,
            }
        }
    }

    fn feature(&mut self, alias: &Alias, span: Span) {
        let Some(ident) = alias.name.first() else {
            return;
        };
        let name = self.names.text(ident.sym);
        if name == "annotations" {
            self.scopes.future_annotations = true;
        } else if name == "braces" {
            self.error(span, "not a chance");
        } else if !FEATURES.contains(&name) {
            let message = format!("future feature {name} is not defined");
            self.error(span, message);
        }
    }

    /// Complains about a future import that stands too late.
    pub(super) fn check_future_position(&mut self, import: &FromImport, span: Span) {
        if self.is_future(import) && self.future.is_none_or(|last| span.lo > last.lo) {
            self.error(span, "from __future__ imports must occur at the beginning of the file");
        }
    }
}
