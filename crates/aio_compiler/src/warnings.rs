//! What a person should look at although the script runs.

use crate::constant::is_literal;
use crate::module::Compiler;
use crate::scope::strip;
use aio_source::{Diagnostic, Span};
use aio_syntax::ast::*;

/// The category of all of CPython's warnings of this kind.
const CATEGORY: &str = "SyntaxWarning";

/// The name of the type of a literal or display, as messages say it.
pub(crate) fn type_name(e: &Expr) -> Option<&'static str> {
    Some(match &strip(e).kind {
        ExprKind::Int(_) => "int",
        ExprKind::Float(_) => "float",
        ExprKind::Imag(_) => "complex",
        ExprKind::Str(_) | ExprKind::FStr(_) => "str",
        ExprKind::Bytes(_) => "bytes",
        ExprKind::None => "NoneType",
        ExprKind::True | ExprKind::False => "bool",
        ExprKind::Ellipsis => "ellipsis",
        ExprKind::Tuple(_) => "tuple",
        ExprKind::List(_) | ExprKind::ListComp(..) => "list",
        ExprKind::Dict(_) | ExprKind::DictComp(..) => "dict",
        ExprKind::Set(_) | ExprKind::SetComp(..) => "set",
        ExprKind::GenExp(..) => "generator",
        ExprKind::Lambda(_) => "function",
        _ => return None,
    })
}

impl<'a> Compiler<'a> {
    fn warn(&mut self, span: Span, message: String) {
        // Bodies of `finally` are emitted more than once.
        let known = |d: &Diagnostic| d.span == span && d.message == message;
        if !self.warnings.iter().any(known) {
            let warning = Diagnostic::warning(CATEGORY, span, message);
            self.warnings.push(warning);
        }
    }

    /// `x is 1`
    pub fn warn_comparisons(&mut self, e: &Expr, first: &Expr, rest: &[(CmpOp, P)]) {
        let mut left = first;
        for (op, right) in rest {
            let words = match op {
                CmpOp::Is => Some(("is", "==")),
                CmpOp::IsNot => Some(("is not", "!=")),
                _ => None,
            };
            if let Some((op, instead)) = words {
                let literal = [left, right].into_iter().find(|e| is_identity_trap(e));
                if let Some(name) = literal.and_then(type_name) {
                    let message = format!("\"{op}\" with '{name}' literal. Did you mean \"{instead}\"?");
                    self.warn(e.span, message);
                }
            }
            left = right;
        }
    }

    /// `assert (test, message)`
    pub fn warn_assert(&mut self, test: &Expr, span: Span) {
        if let ExprKind::Tuple(items) = &strip(test).kind
            && !items.is_empty()
        {
            let message = "assertion is always true, perhaps remove parentheses?";
            self.warn(span, message.into());
        }
    }

    /// `"text" (x)`
    pub fn warn_callee(&mut self, callee: &Expr) {
        let ExprKind::Lambda(_) = strip(callee).kind else {
            if let Some(name) = type_name(callee) {
                let message = format!("'{name}' object is not callable; perhaps you missed a comma?");
                self.warn(callee.span, message);
            }
            return;
        };
    }

    /// `[1, 2] ["key"]` and `5 [x]`
    pub fn warn_subscript(&mut self, value: &Expr, index: &Expr) {
        let Some(name) = type_name(value) else { return };
        let subscriptable = matches!(name, "str" | "bytes" | "tuple" | "list" | "dict");
        if !subscriptable {
            if name != "function" || matches!(strip(value).kind, ExprKind::Lambda(_)) {
                let message = format!("'{name}' object is not subscriptable; perhaps you missed a comma?");
                self.warn(value.span, message);
            }
            return;
        }
        let wrong = type_name(index).filter(|index| !matches!(*index, "int" | "bool"));
        if let (Some(index), true) = (wrong, name != "dict") {
            let message =
                format!("{name} indices must be integers or slices, not {index}; perhaps you missed a comma?");
            self.warn(value.span, message);
        }
    }
}

/// A literal whose identity says nothing: every constant but the singletons.
fn is_identity_trap(e: &Expr) -> bool {
    let e = strip(e);
    match &e.kind {
        ExprKind::None | ExprKind::True | ExprKind::False | ExprKind::Ellipsis => false,
        ExprKind::Tuple(items) => items.iter().all(|item| is_literal(item)),
        _ => is_literal(e),
    }
}
