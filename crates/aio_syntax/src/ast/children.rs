//! The expressions directly inside of an expression.

use super::{Arg, Comp, Expr, ExprKind, FPiece, P, ParamItem};

impl ExprKind {
    /// Calls `visit` for every expression directly inside, in source order except where evaluation
    /// is written first: the element of a comprehension comes before its clauses.
    #[inline]
    pub fn each_child<'e>(&'e self, mut visit: impl FnMut(&'e Expr)) {
        match self {
            ExprKind::Name(_)
            | ExprKind::Int(_)
            | ExprKind::Float(_)
            | ExprKind::Imag(_)
            | ExprKind::Str(_)
            | ExprKind::Bytes(_)
            | ExprKind::None
            | ExprKind::True
            | ExprKind::False
            | ExprKind::Ellipsis
            | ExprKind::Yield(None)
            | ExprKind::Error => {}
            ExprKind::FStr(pieces) => fields(pieces, &mut visit),
            ExprKind::Bin(_, a, b) | ExprKind::Index(a, b) => {
                visit(a);
                visit(b);
            }
            ExprKind::Un(_, a)
            | ExprKind::Named(_, a)
            | ExprKind::Attr(a, _)
            | ExprKind::Star(a)
            | ExprKind::Paren(a)
            | ExprKind::Await(a)
            | ExprKind::Yield(Some(a))
            | ExprKind::YieldFrom(a) => visit(a),
            ExprKind::And(items)
            | ExprKind::Or(items)
            | ExprKind::Tuple(items)
            | ExprKind::List(items)
            | ExprKind::Set(items) => all(items, &mut visit),
            ExprKind::Cmp(first, rest) => {
                visit(first);
                rest.iter().for_each(|(_, e)| visit(e));
            }
            ExprKind::IfExp(e) => {
                visit(&e.body);
                visit(&e.test);
                visit(&e.orelse);
            }
            ExprKind::Lambda(lambda) => {
                for param in &lambda.params {
                    if let ParamItem::Plain(_, _, Some(default)) = param {
                        visit(default);
                    }
                }
                visit(&lambda.body);
            }
            ExprKind::Call(function, args) => {
                visit(function);
                for arg in args {
                    match arg {
                        Arg::Pos(e) | Arg::Star(e) | Arg::Kw(_, e) | Arg::DoubleStar(e) => visit(e),
                    }
                }
            }
            ExprKind::Slice(slice) => {
                let parts = [&slice.lower, &slice.upper, &slice.step];
                parts.into_iter().flatten().for_each(|e| visit(e));
            }
            ExprKind::Dict(items) => {
                for (key, value) in items {
                    key.iter().for_each(|key| visit(key));
                    visit(value);
                }
            }
            ExprKind::ListComp(element, clauses)
            | ExprKind::SetComp(element, clauses)
            | ExprKind::GenExp(element, clauses) => {
                visit(element);
                comprehension(clauses, &mut visit);
            }
            ExprKind::DictComp(pair, clauses) => {
                visit(&pair.0);
                visit(&pair.1);
                comprehension(clauses, &mut visit);
            }
        }
    }

    /// The depth of an expression of this kind.
    #[inline]
    pub(crate) fn depth(&self) -> u32 {
        let mut deepest = 0;
        self.each_child(|child| deepest = deepest.max(child.depth));
        deepest + 1
    }
}

fn all<'e>(items: &'e [P], visit: &mut impl FnMut(&'e Expr)) {
    items.iter().for_each(|e| visit(e));
}

fn comprehension<'e>(clauses: &'e [Comp], visit: &mut impl FnMut(&'e Expr)) {
    for clause in clauses {
        visit(&clause.target);
        visit(&clause.iter);
        all(&clause.ifs, visit);
    }
}

fn fields<'e>(pieces: &'e [FPiece], visit: &mut impl FnMut(&'e Expr)) {
    for piece in pieces {
        if let FPiece::Field(field) = piece {
            visit(&field.expr);
            if let Some(spec) = &field.spec {
                fields(spec, visit);
            }
        }
    }
}
