//! Statements.

use super::expr::operator;
use super::{Context, Export};
use crate::ast::*;
use aio_source::tree::Tree;

impl Export<'_> {
    pub(super) fn stmt(&self, stmt: &Stmt) -> Tree {
        let span = Span::new(stmt.span.lo, stmt.end());
        let node = |class, fields| self.node(class, fields, span);
        let no_comment = || ("type_comment", Tree::None);
        match &stmt.kind {
            StmtKind::Expr(e) => node("Expr", vec![("value", self.expr(e))]),
            StmtKind::Assign(assign) => {
                let targets = Tree::List(assign.targets.iter().map(|e| self.target(e)).collect());
                node("Assign", vec![("targets", targets), ("value", self.expr(&assign.value)), no_comment()])
            }
            StmtKind::AugAssign(op, target, value) => node(
                "AugAssign",
                vec![("target", self.target(target)), ("op", operator(*op)), ("value", self.expr(value))],
            ),
            StmtKind::AnnAssign(assign) => {
                let simple = matches!(assign.target.kind, ExprKind::Name(_));
                let fields = vec![
                    ("target", self.target(&assign.target)),
                    ("annotation", self.expr(&assign.annotation)),
                    ("value", self.maybe(&assign.value)),
                    ("simple", Tree::Int(simple as i64)),
                ];
                node("AnnAssign", fields)
            }
            StmtKind::Pass => node("Pass", vec![]),
            StmtKind::Break => node("Break", vec![]),
            StmtKind::Continue => node("Continue", vec![]),
            StmtKind::Return(value) => node("Return", vec![("value", self.maybe(value))]),
            StmtKind::Raise(exception, cause) => {
                node("Raise", vec![("exc", self.maybe(exception)), ("cause", self.maybe(cause))])
            }
            StmtKind::Del(targets) => {
                let targets = targets.iter().map(|e| self.expr_as(e, Context::Del)).collect();
                node("Delete", vec![("targets", Tree::List(targets))])
            }
            StmtKind::Global(idents) => node("Global", vec![("names", self.names(idents))]),
            StmtKind::Nonlocal(idents) => node("Nonlocal", vec![("names", self.names(idents))]),
            StmtKind::Assert(test, message) => {
                node("Assert", vec![("test", self.expr(test)), ("msg", self.maybe(message))])
            }
            StmtKind::Import(aliases) => node("Import", vec![("names", self.aliases(aliases))]),
            StmtKind::FromImport(import) => {
                let module = if import.module.is_empty() { Tree::None } else { self.dotted(&import.module) };
                let names = if import.star { self.star(stmt.span) } else { self.aliases(&import.names) };
                node(
                    "ImportFrom",
                    vec![("module", module), ("names", names), ("level", Tree::Int(import.level.into()))],
                )
            }
            StmtKind::TypeAlias(alias) => {
                let id = vec![("id", self.name(alias.name.sym)), ("ctx", super::expr::context_node(Context::Store))];
                let fields = vec![
                    ("name", self.node("Name", id, alias.name.span)),
                    ("type_params", self.type_params(&alias.tparams)),
                    ("value", self.expr(&alias.value)),
                ];
                node("TypeAlias", fields)
            }
            StmtKind::If(if_) => self.if_arms(&if_.arms, &if_.orelse, span),
            StmtKind::While(while_) => {
                let fields = vec![
                    ("test", self.expr(&while_.test)),
                    ("body", self.block(&while_.body)),
                    ("orelse", self.maybe_block(&while_.orelse)),
                ];
                node("While", fields)
            }
            StmtKind::For(for_) => {
                let fields = vec![
                    ("target", self.target(&for_.target)),
                    ("iter", self.expr(&for_.iter)),
                    ("body", self.block(&for_.body)),
                    ("orelse", self.maybe_block(&for_.orelse)),
                    no_comment(),
                ];
                node(if for_.is_async { "AsyncFor" } else { "For" }, fields)
            }
            StmtKind::Try(try_) => {
                let handlers = Tree::List(try_.handlers.iter().map(|handler| self.handler(handler)).collect());
                let fields = vec![
                    ("body", self.block(&try_.body)),
                    ("handlers", handlers),
                    ("orelse", self.maybe_block(&try_.orelse)),
                    ("finalbody", self.maybe_block(&try_.finally)),
                ];
                node(if try_.handlers.iter().any(|handler| handler.star) { "TryStar" } else { "Try" }, fields)
            }
            StmtKind::With(with) => {
                let item = |(manager, target): &(P, Option<P>)| {
                    let target = target.as_ref().map_or(Tree::None, |e| self.target(e));
                    Tree::node("withitem", vec![("context_expr", self.expr(manager)), ("optional_vars", target)], None)
                };
                let items = Tree::List(with.items.iter().map(item).collect());
                let fields = vec![("items", items), ("body", self.block(&with.body)), no_comment()];
                node(if with.is_async { "AsyncWith" } else { "With" }, fields)
            }
            StmtKind::FuncDef(def) => self.function(def, span),
            StmtKind::ClassDef(class) => self.class(class, span),
            StmtKind::Match(match_) => {
                let cases = Tree::List(match_.cases.iter().map(|case| self.case(case)).collect());
                node("Match", vec![("subject", self.expr(&match_.subject)), ("cases", cases)])
            }
        }
    }

    /// `if` with its `elif`s, which are statements in the `else` of each other; built from the last one.
    fn if_arms(&self, arms: &[(P, Block)], orelse: &Option<Block>, span: Span) -> Tree {
        let mut below = self.maybe_block(orelse);
        for (i, (test, body)) in arms.iter().enumerate().rev() {
            let start = if i == 0 { span.lo } else { self.before(test.span.lo, "elif") };
            let fields = vec![("test", self.expr(test)), ("body", self.block(body)), ("orelse", below)];
            let node = self.node("If", fields, Span::new(start, span.hi));
            if i == 0 {
                return node;
            }
            below = Tree::List(vec![node]);
        }
        Tree::None
    }

    fn handler(&self, handler: &Handler) -> Tree {
        let fields = vec![
            ("type", self.maybe(&handler.typ)),
            ("name", self.maybe_name(&handler.name)),
            ("body", self.block(&handler.body)),
        ];
        self.node("ExceptHandler", fields, Span::new(handler.span.lo, block_end(&handler.body, handler.span.hi)))
    }

    fn aliases(&self, aliases: &[Alias]) -> Tree {
        let alias = |alias: &Alias| {
            let start = alias.name.first().map_or(0, |ident| ident.span.lo);
            let end = alias.asname.as_ref().or(alias.name.last()).map_or(start, |ident| ident.span.hi);
            let fields = vec![("name", self.dotted(&alias.name)), ("asname", self.maybe_name(&alias.asname))];
            self.node("alias", fields, Span::new(start, end))
        };
        Tree::List(aliases.iter().map(alias).collect())
    }

    /// The `*` at the end of an import.
    fn star(&self, span: Span) -> Tree {
        let start = self.before(span.hi, "*");
        let fields = vec![("name", Tree::name("*")), ("asname", Tree::None)];
        Tree::List(vec![self.node("alias", fields, Span::new(start, start + 1))])
    }
}
