//! What may stand on the left of an assignment, and what CPython calls the rest.

use super::Cx;
use crate::ast::*;

/// What an expression is called in messages.
pub(crate) fn expr_name(e: &Expr) -> &'static str {
    match &e.kind {
        ExprKind::Name(_) => "name",
        ExprKind::Int(_) | ExprKind::Float(_) | ExprKind::Imag(_) | ExprKind::Str(_) | ExprKind::Bytes(_) => "literal",
        ExprKind::FStr(_) => "f-string expression",
        ExprKind::None => "None",
        ExprKind::True => "True",
        ExprKind::False => "False",
        ExprKind::Ellipsis => "ellipsis",
        ExprKind::Bin(..) | ExprKind::Un(..) | ExprKind::And(_) | ExprKind::Or(_) => "expression",
        ExprKind::Cmp(..) => "comparison",
        ExprKind::IfExp(_) => "conditional expression",
        ExprKind::Lambda(_) => "lambda",
        ExprKind::Named(..) => "named expression",
        ExprKind::Call(..) => "function call",
        ExprKind::Attr(..) => "attribute",
        ExprKind::Index(..) => "subscript",
        ExprKind::Slice(_) => "slice",
        ExprKind::Tuple(_) => "tuple",
        ExprKind::List(_) => "list",
        ExprKind::Set(_) => "set display",
        ExprKind::Dict(_) => "dict literal",
        ExprKind::Star(_) => "starred",
        ExprKind::Paren(inner) => expr_name(inner),
        ExprKind::ListComp(..) => "list comprehension",
        ExprKind::SetComp(..) => "set comprehension",
        ExprKind::GenExp(..) => "generator expression",
        ExprKind::DictComp(..) => "dict comprehension",
        ExprKind::Await(_) => "await expression",
        ExprKind::Yield(_) | ExprKind::YieldFrom(_) => "yield expression",
        ExprKind::Error => "expression",
    }
}

/// The first part of `e` that nothing can be assigned to, or that cannot be deleted.
pub(crate) fn invalid_target(e: &Expr, deleting: bool) -> Option<&Expr> {
    match &e.kind {
        ExprKind::Name(_) | ExprKind::Attr(..) | ExprKind::Index(..) | ExprKind::Error => None,
        ExprKind::Paren(inner) => invalid_target(inner, deleting),
        ExprKind::Star(inner) if !deleting => invalid_target(inner, deleting),
        ExprKind::Tuple(items) | ExprKind::List(items) => items.iter().find_map(|item| invalid_target(item, deleting)),
        _ => Some(e),
    }
}

/// The expression without parentheses around it.
pub(super) fn bare(e: &Expr) -> &Expr {
    let mut e = e;
    while let ExprKind::Paren(inner) = &e.kind {
        e = inner;
    }
    e
}

impl Cx<'_> {
    /// The target of `for`, `as` and the like.
    pub fn target(&self, e: P) -> P {
        if let Some(wrong) = invalid_target(&e, false) {
            self.error(wrong.span, format!("cannot assign to {}", expr_name(wrong)));
        }
        e
    }
}
