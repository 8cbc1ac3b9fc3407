//! Expressions.

use super::Cx;
use super::target::expr_name;
use crate::ast::*;
use crate::literal::{parse_float, parse_int};

/// The word between two conditions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Junction {
    And,
    Or,
}

impl Cx<'_> {
    pub fn binary(&self, a: P, op: BinOp, b: P) -> P {
        self.expr(a.span.lo, b.span.hi, ExprKind::Bin(op, a, b))
    }

    /// Operands with operators between them, grouped by precedence, to the left among equals.
    pub fn operations(&self, first: P, rest: Vec<(BinOp, P)>) -> P {
        // Operands that wait for their right side, with the operator behind them.
        let mut waiting: Vec<(P, BinOp)> = Vec::new();
        let mut last = first;
        for (op, operand) in rest {
            while let Some((left, before)) = waiting.pop() {
                if precedence(before) < precedence(op) {
                    waiting.push((left, before));
                    break;
                }
                last = self.binary(left, before, last);
            }
            waiting.push((last, op));
            last = operand;
        }
        while let Some((left, op)) = waiting.pop() {
            last = self.binary(left, op, last);
        }
        last
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

    fn chain(&self, mut items: Vec<P>, kind: fn(Box<[P]>) -> ExprKind) -> Option<P> {
        if items.len() < 2 {
            return items.pop();
        }
        let span = Self::cover(&items);
        Some(self.expr(span.lo, span.hi, kind(items.into())))
    }

    /// Conditions with `and` and `or` between them; `and` binds tighter.
    pub fn junctions(&self, first: P, rest: Vec<(Junction, P)>) -> P {
        let mut choices = Vec::new();
        let mut conditions = vec![first];
        for (junction, condition) in rest {
            if junction == Junction::Or {
                let done = std::mem::take(&mut conditions);
                choices.extend(self.chain(done, ExprKind::And));
            }
            conditions.push(condition);
        }
        choices.extend(self.chain(conditions, ExprKind::And));
        match self.chain(choices, ExprKind::Or) {
            Some(e) => e,
            None => self.expr(0, 0, ExprKind::Error),
        }
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
        let name = Ident { sym, span: target.span };
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

/// How tight an operator binds. `**` is not among them: the grammar knows its place.
fn precedence(op: BinOp) -> u8 {
    match op {
        BinOp::BitOr => 0,
        BinOp::BitXor => 1,
        BinOp::BitAnd => 2,
        BinOp::LShift | BinOp::RShift => 3,
        BinOp::Add | BinOp::Sub => 4,
        BinOp::Mul | BinOp::Div | BinOp::FloorDiv | BinOp::Mod | BinOp::MatMul => 5,
        BinOp::Pow => 6,
    }
}
