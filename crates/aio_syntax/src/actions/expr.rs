//! Expressions.

use super::Cx;
use super::target::expr_name;
use crate::ast::*;
use crate::literal::{parse_float, parse_int};

impl Cx<'_> {
    pub fn binary(&self, a: P, op: BinOp, b: P) -> P {
        self.expr(a.span.lo, b.span.hi, ExprKind::Bin(op, a, b))
    }

    pub fn unary(&self, lo: u32, op: UnOp, e: P) -> P {
        self.expr(lo, e.span.hi, ExprKind::Un(op, e))
    }

    /// The span from the first to the last of some expressions.
    fn cover(items: &[P]) -> Span {
        match (items.first(), items.last()) {
            (Some(first), Some(last)) => first.span.to(last.span),
            _ => Span::default(),
        }
    }

    pub fn tuple(&self, items: Vec<P>) -> P {
        let span = Self::cover(&items);
        self.expr(span.lo, span.hi, ExprKind::Tuple(items.into()))
    }

    /// `and` and `or`.
    pub fn chain(&self, items: Vec<P>, kind: fn(Box<[P]>) -> ExprKind) -> P {
        let span = Self::cover(&items);
        self.expr(span.lo, span.hi, kind(items.into()))
    }

    pub fn compare(&self, first: P, rest: Vec<(CmpOp, P)>) -> P {
        let hi = rest.last().map_or(first.span.hi, |(_, e)| e.span.hi);
        self.expr(first.span.lo, hi, ExprKind::Cmp(first, rest.into()))
    }

    pub fn if_exp(&self, body: P, test: P, orelse: P) -> P {
        let span = body.span.to(orelse.span);
        let kind = ExprKind::IfExp(Box::new(IfExp { body, test, orelse }));
        self.expr(span.lo, span.hi, kind)
    }

    pub fn lambda(&self, lo: u32, params: Vec<ParamItem>, body: P) -> P {
        let hi = body.span.hi;
        let params = self.lambda_params(params);
        self.expr(lo, hi, ExprKind::Lambda(Box::new(Lambda { params, body })))
    }

    /// `target := value`, where only a name can be the target.
    pub fn named(&self, target: P, value: P) -> P {
        let span = target.span.to(value.span);
        let ExprKind::Name(sym) = target.kind else {
            if !matches!(target.kind, ExprKind::Error) {
                let name = expr_name(&target);
                let message = format!("cannot use assignment expressions with {name}");
                self.error(target.span, message);
            }
            return value;
        };
        let name = Ident {
            sym,
            span: target.span,
        };
        self.expr(span.lo, span.hi, ExprKind::Named(name, value))
    }

    /// `(e)`
    pub fn paren(&self, lo: u32, hi: u32, e: P) -> P {
        if let ExprKind::Star(_) = e.kind {
            self.error(e.span, "cannot use starred expression here");
        }
        self.expr(lo, hi, ExprKind::Paren(e))
    }

    /// The element of a comprehension.
    pub fn element(&self, e: P) -> P {
        if let ExprKind::Star(_) = e.kind {
            let message = "iterable unpacking cannot be used in comprehension";
            self.error(e.span, message);
        }
        e
    }

    pub fn dict_comp(&self, lo: u32, hi: u32, item: (Option<P>, P), clauses: Vec<Comp>) -> P {
        let kind = match item {
            (Some(key), value) => ExprKind::DictComp(Box::new((key, value)), clauses.into()),
            (None, value) => {
                let message = "dict unpacking cannot be used in dict comprehension";
                self.error(value.span, message);
                ExprKind::Error
            }
        };
        self.expr(lo, hi, kind)
    }

    pub fn int(&self, lo: u32, hi: u32) -> P {
        let span = Span::new(lo, hi);
        let kind = match parse_int(self.text(span)) {
            Ok(value) => ExprKind::Int(value),
            Err(message) => {
                self.error(span, message);
                ExprKind::Error
            }
        };
        self.expr(lo, hi, kind)
    }

    pub fn float(&self, lo: u32, hi: u32) -> P {
        let value = parse_float(self.text(Span::new(lo, hi)));
        self.expr(lo, hi, ExprKind::Float(value))
    }

    pub fn imag(&self, lo: u32, hi: u32) -> P {
        let text = self.text(Span::new(lo, hi));
        let value = parse_float(text.trim_end_matches(['j', 'J']));
        self.expr(lo, hi, ExprKind::Imag(value))
    }
}
