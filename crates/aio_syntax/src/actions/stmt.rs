//! Statements.

use super::Cx;
use super::target::{bare, expr_name, invalid_target};
use crate::ast::*;

impl Cx<'_> {
    /// `first = rest...`, where the last of `rest` is the value.
    pub fn assign(&self, first: P, mut rest: Vec<P>) -> Stmt {
        let Some(value) = rest.pop() else {
            return self.stmt(first.span.lo, first.span.hi, StmtKind::Expr(first));
        };
        let span = first.span.to(value.span);
        rest.insert(0, first);
        let is_only = rest.len() == 1;
        for target in &rest {
            self.check_assigned(target, is_only.then_some(&value));
        }
        let assign = Assign { targets: rest, value };
        self.stmt(span.lo, span.hi, StmtKind::Assign(Box::new(assign)))
    }

    /// A target of `=`. A single one gets the hint that a comparison may have been meant, under the
    /// conditions of CPython's grammar: an operand on both sides of the sign.
    fn check_assigned(&self, target: &Expr, value: Option<&Expr>) {
        if let ExprKind::Yield(_) | ExprKind::YieldFrom(_) = target.kind {
            let message = "assignment to yield expression not possible";
            return self.error(target.span, message);
        }
        let Some(wrong) = invalid_target(target, false) else {
            return;
        };
        let name = expr_name(wrong);
        let adjacent = match &target.kind {
            ExprKind::Tuple(items) if !self.text(target.span).starts_with('(') => items.last(),
            _ => None,
        };
        let adjacent = adjacent.map_or(target, |item| item);
        if value.is_some_and(begins_with_operand) && std::ptr::eq(bare(adjacent), bare(wrong)) && is_operand(adjacent) {
            let message = format!("cannot assign to {name} here. Maybe you meant '==' instead of '='?");
            return self.error(wrong.span, message);
        }
        self.error(wrong.span, format!("cannot assign to {name}"));
    }

    pub fn aug_assign(&self, target: P, op: BinOp, value: P) -> Stmt {
        let ok = matches!(
            bare(&target).kind,
            ExprKind::Name(_) | ExprKind::Attr(..) | ExprKind::Index(..) | ExprKind::Error
        );
        if !ok {
            let name = expr_name(&target);
            let message = format!("'{name}' is an illegal expression for augmented assignment");
            self.error(target.span, message);
        }
        let span = target.span.to(value.span);
        self.stmt(span.lo, span.hi, StmtKind::AugAssign(op, target, value))
    }

    pub fn ann_assign(&self, target: P, annotation: P, value: Option<P>, hi: u32) -> Stmt {
        let message = match bare(&target).kind {
            ExprKind::Name(_) | ExprKind::Attr(..) | ExprKind::Index(..) | ExprKind::Error => None,
            ExprKind::Tuple(_) => Some("only single target (not tuple) can be annotated"),
            ExprKind::List(_) => Some("only single target (not list) can be annotated"),
            _ => Some("illegal target for annotation"),
        };
        if let Some(message) = message {
            self.error(target.span, message);
        }
        let lo = target.span.lo;
        let assign = AnnAssign { target, annotation, value };
        self.stmt(lo, hi, StmtKind::AnnAssign(Box::new(assign)))
    }

    pub fn del(&self, lo: u32, hi: u32, targets: Vec<P>) -> Stmt {
        for target in &targets {
            if let Some(wrong) = invalid_target(target, true) {
                self.error(wrong.span, format!("cannot delete {}", expr_name(wrong)));
            }
        }
        self.stmt(lo, hi, StmtKind::Del(targets))
    }

    pub fn import_from(
        &self,
        lo: u32,
        hi: u32,
        level: u32,
        module: Vec<Ident>,
        (names, star): (Vec<Alias>, bool),
    ) -> Stmt {
        let import = FromImport { level, module, names, star };
        self.stmt(lo, hi, StmtKind::FromImport(Box::new(import)))
    }

    pub fn try_stmt(
        &self,
        lo: u32,
        hi: u32,
        body: Block,
        handlers: Vec<Handler>,
        orelse: Option<Block>,
        finally: Option<Block>,
    ) -> Stmt {
        let star = handlers.first().is_some_and(|handler| handler.star);
        if let Some(other) = handlers.iter().find(|handler| handler.star != star) {
            let word = Span::new(other.span.lo, other.span.lo + 6);
            self.error(word, "cannot have both 'except' and 'except*' on the same 'try'");
        }
        let stmt = TryStmt { body, handlers, orelse, finally };
        self.stmt(lo, hi, StmtKind::Try(Box::new(stmt)))
    }

    pub fn handler(&self, lo: u32, hi: u32, star: bool, typ: Option<P>, name: Option<Ident>, body: Block) -> Handler {
        Handler { span: Span::new(lo, hi), star, typ, name, body }
    }

    /// `except A, B:`, which has to be written with parentheses.
    pub fn handler_list(
        &self,
        lo: u32,
        hi: u32,
        star: bool,
        types: Vec<P>,
        name: Option<Ident>,
        body: Block,
    ) -> Handler {
        let types = self.tuple(types);
        let message = "multiple exception types must be parenthesized";
        self.error(types.span, message);
        self.handler(lo, hi, star, Some(types), name, body)
    }

    /// Only a plain type variable can have a bound.
    pub fn no_bound(&self, bound: &Option<P>, message: &str) {
        if let Some(bound) = bound {
            let what = match bound.kind {
                ExprKind::Tuple(_) => message.replace("bound", "constraints"),
                _ => message.to_string(),
            };
            self.error(bound.span, what);
        }
    }

    /// `*args` and `**kwargs` cannot have a default.
    pub fn no_default(&self, default: &Option<P>, message: &str) {
        if let Some(default) = default {
            self.error(default.span, message);
        }
    }
}

/// Whether the expression binds tighter than a comparison and could be compared.
pub(crate) fn is_operand(e: &Expr) -> bool {
    !matches!(
        e.kind,
        ExprKind::Cmp(..)
            | ExprKind::And(_)
            | ExprKind::Or(_)
            | ExprKind::Un(UnOp::Not, _)
            | ExprKind::IfExp(_)
            | ExprKind::Lambda(_)
            | ExprKind::Named(..)
            | ExprKind::Star(_)
            | ExprKind::Tuple(_)
            | ExprKind::List(_)
            | ExprKind::GenExp(..)
            | ExprKind::True
            | ExprKind::False
            | ExprKind::None
    )
}

/// Whether what stands right behind the sign could be compared.
fn begins_with_operand(value: &Expr) -> bool {
    match &value.kind {
        ExprKind::Tuple(items) => match items.first() {
            Some(first) if first.span.lo == value.span.lo => begins_with_operand(first),
            _ => true,
        },
        ExprKind::IfExp(e) => begins_with_operand(&e.body),
        ExprKind::And(items) | ExprKind::Or(items) => items.first().is_none_or(|item| begins_with_operand(item)),
        ExprKind::Un(UnOp::Not, _)
        | ExprKind::Lambda(_)
        | ExprKind::Star(_)
        | ExprKind::Yield(_)
        | ExprKind::YieldFrom(_) => false,
        _ => true,
    }
}
