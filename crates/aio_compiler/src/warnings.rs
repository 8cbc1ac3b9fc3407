//! What a person should look at although the script runs.

use crate::constant::is_literal;
use crate::module::Compiler;
use crate::scope::{BOUND, GLOBAL, NONLOCAL, PARAM, REBOUND, ROOT, ScopeKind, strip};
use aio_source::{Diagnostic, Span};
use aio_syntax::ast::*;

/// The category of all of CPython's warnings of this kind.
const CATEGORY: &str = "SyntaxWarning";

/// The name of the type of a literal or display, as messages say it.
fn type_name(e: &Expr) -> Option<&'static str> {
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

    /// A call that stands alone of a function known to be a coroutine.
    pub fn warn_statement(&mut self, e: &Expr) {
        let ExprKind::Call(callee, _) = &strip(e).kind else {
            return;
        };
        let ExprKind::Name(sym) = callee.kind else {
            return;
        };
        if self.is_coroutine_function(sym) {
            let name = self.names.text(sym);
            let message = format!("coroutine '{name}' is called but not awaited");
            self.warn_code("unawaited-coroutine", e.span, message);
        }
    }

    /// Whether a name is bound once, by an `async def`, in the scope where it is found.
    fn is_coroutine_function(&mut self, sym: Sym) -> bool {
        let sym = self.mangled(sym);
        let mut at = self.u.scope;
        loop {
            let scope = self.scopes.get(at);
            let flags = scope.symbols.get(&sym).map_or(0, |symbol| symbol.flags);
            let visible = at == self.u.scope || scope.kind != ScopeKind::Class;
            if visible && flags & (GLOBAL | NONLOCAL) == 0 && flags & (BOUND | PARAM) != 0 {
                return flags & (PARAM | REBOUND) == 0 && scope.coroutines.contains(&sym);
            }
            if at == ROOT {
                return false;
            }
            at = if flags & GLOBAL != 0 { ROOT } else { scope.parent };
        }
    }

    fn warn_code(&mut self, code: &'static str, span: Span, message: String) {
        let known = |d: &Diagnostic| d.span == span && d.kind == code;
        if !self.warnings.iter().any(known) {
            let warning = Diagnostic::warning(code, span, message)
                .with_help("put `await` before the call, or give it to asyncio.create_task()");
            self.warnings.push(warning);
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
