//! Expressions.

use super::{Context, Export, RED_ZONE, SEGMENT};
use crate::ast::*;
use aio_source::tree::Tree;

impl Export<'_> {
    /// An expression that is read.
    pub(super) fn expr(&self, e: &Expr) -> Tree {
        self.expr_as(e, Context::Load)
    }

    pub(super) fn maybe(&self, e: &Option<P>) -> Tree {
        e.as_ref().map_or(Tree::None, |e| self.expr(e))
    }

    pub(super) fn exprs(&self, items: &[P]) -> Tree {
        Tree::List(items.iter().map(|e| self.expr(e)).collect())
    }

    pub(super) fn target(&self, e: &Expr) -> Tree {
        self.expr_as(e, Context::Store)
    }

    pub(super) fn expr_as(&self, e: &Expr, context: Context) -> Tree {
        stacker::maybe_grow(RED_ZONE, SEGMENT, || self.spanned(e, context, e.span))
    }

    /// `span` is that of the parentheses around a tuple, which belong to it.
    fn spanned(&self, e: &Expr, context: Context, span: Span) -> Tree {
        let node = |class, fields| self.node(class, fields, span);
        let ctx = || ("ctx", context_node(context));
        let items = |items: &[P]| ("elts", Tree::List(items.iter().map(|item| self.expr_as(item, context)).collect()));
        match &e.kind {
            ExprKind::Paren(inner) => match inner.kind {
                ExprKind::Tuple(_) | ExprKind::GenExp(..) => self.spanned(inner, context, e.span),
                _ => self.expr_as(inner, context),
            },
            ExprKind::Name(sym) => node("Name", vec![("id", self.name(*sym)), ctx()]),
            ExprKind::Attr(value, attr) => {
                node("Attribute", vec![("value", self.expr(value)), ("attr", self.name(attr.sym)), ctx()])
            }
            ExprKind::Index(value, index) => {
                let slice = match &index.kind {
                    ExprKind::Star(_) => {
                        let elts = Tree::List(vec![self.expr(index)]);
                        self.node("Tuple", vec![("elts", elts), ("ctx", context_node(Context::Load))], index.span)
                    }
                    _ => self.expr(index),
                };
                node("Subscript", vec![("value", self.expr(value)), ("slice", slice), ctx()])
            }
            ExprKind::Star(value) => node("Starred", vec![("value", self.expr_as(value, context)), ctx()]),
            ExprKind::Tuple(elts) => node("Tuple", vec![items(elts), ctx()]),
            ExprKind::List(elts) => node("List", vec![items(elts), ctx()]),
            _ => self.value(e, span),
        }
    }

    /// An expression that is no target.
    fn value(&self, e: &Expr, span: Span) -> Tree {
        let node = |class, fields| self.node(class, fields, span);
        let constant = |value| self.node("Constant", vec![("value", value), ("kind", Tree::None)], span);
        match &e.kind {
            ExprKind::Int(IntLit::Small(n)) => constant(Tree::Int(*n)),
            ExprKind::Int(IntLit::Big(digits)) => constant(Tree::BigInt(digits.clone())),
            ExprKind::Float(x) => constant(Tree::Float(*x)),
            ExprKind::Imag(x) => constant(Tree::Imag(*x)),
            ExprKind::Str(text) => {
                let marked = span.text(self.source).starts_with(['u', 'U']);
                let kind = if marked { Tree::name("u") } else { Tree::None };
                node("Constant", vec![("value", Tree::Str(text.value.clone())), ("kind", kind)])
            }
            ExprKind::Bytes(data) => constant(Tree::Bytes(data.clone())),
            ExprKind::None => constant(Tree::None),
            ExprKind::True => constant(Tree::Bool(true)),
            ExprKind::False => constant(Tree::Bool(false)),
            ExprKind::Ellipsis => constant(Tree::Ellipsis),
            ExprKind::FStr(pieces) => self.joined(pieces, span),
            ExprKind::Bin(op, left, right) => {
                node("BinOp", vec![("left", self.expr(left)), ("op", operator(*op)), ("right", self.expr(right))])
            }
            ExprKind::Un(op, operand) => {
                let op = match op {
                    UnOp::Not => "Not",
                    UnOp::Neg => "USub",
                    UnOp::Pos => "UAdd",
                    UnOp::Invert => "Invert",
                };
                node("UnaryOp", vec![("op", Tree::node(op, vec![], None)), ("operand", self.expr(operand))])
            }
            ExprKind::And(values) => node("BoolOp", vec![("op", bare("And")), ("values", self.exprs(values))]),
            ExprKind::Or(values) => node("BoolOp", vec![("op", bare("Or")), ("values", self.exprs(values))]),
            ExprKind::Cmp(left, rest) => {
                let ops = Tree::List(rest.iter().map(|(op, _)| bare(comparison(*op))).collect());
                let comparators = Tree::List(rest.iter().map(|(_, e)| self.expr(e)).collect());
                node("Compare", vec![("left", self.expr(left)), ("ops", ops), ("comparators", comparators)])
            }
            ExprKind::IfExp(e) => {
                let (test, body, orelse) = (self.expr(&e.test), self.expr(&e.body), self.expr(&e.orelse));
                node("IfExp", vec![("test", test), ("body", body), ("orelse", orelse)])
            }
            ExprKind::Lambda(lambda) => {
                node("Lambda", vec![("args", self.parameters(&lambda.params)), ("body", self.expr(&lambda.body))])
            }
            ExprKind::Named(ident, value) => {
                let id = vec![("id", self.name(ident.sym)), ("ctx", context_node(Context::Store))];
                node("NamedExpr", vec![("target", self.node("Name", id, ident.span)), ("value", self.expr(value))])
            }
            ExprKind::Call(function, args) => {
                let (args, keywords) = match &**args {
                    // A generator that is the only argument shares the parentheses of the call.
                    [Arg::Pos(only)] if matches!(only.kind, ExprKind::GenExp(..)) => {
                        let span = Span::new(self.before(only.span.lo, "("), e.span.hi);
                        (Tree::List(vec![self.spanned(only, Context::Load, span)]), Tree::List(Vec::new()))
                    }
                    args => self.arguments(args),
                };
                node("Call", vec![("func", self.expr(function)), ("args", args), ("keywords", keywords)])
            }
            ExprKind::Slice(slice) => {
                let part = |e| self.maybe(e);
                let fields =
                    [("lower", part(&slice.lower)), ("upper", part(&slice.upper)), ("step", part(&slice.step))];
                node("Slice", fields.into())
            }
            ExprKind::Set(elts) => node("Set", vec![("elts", self.exprs(elts))]),
            ExprKind::Dict(items) => {
                let keys = Tree::List(items.iter().map(|(key, _)| self.maybe(key)).collect());
                let values = Tree::List(items.iter().map(|(_, value)| self.expr(value)).collect());
                node("Dict", vec![("keys", keys), ("values", values)])
            }
            ExprKind::ListComp(element, clauses) => self.comprehension("ListComp", element, clauses, span),
            ExprKind::SetComp(element, clauses) => self.comprehension("SetComp", element, clauses, span),
            ExprKind::GenExp(element, clauses) => self.comprehension("GeneratorExp", element, clauses, span),
            ExprKind::DictComp(pair, clauses) => {
                let (key, value) = (self.expr(&pair.0), self.expr(&pair.1));
                node("DictComp", vec![("key", key), ("value", value), ("generators", self.clauses(clauses))])
            }
            ExprKind::Await(value) => node("Await", vec![("value", self.expr(value))]),
            ExprKind::Yield(value) => node("Yield", vec![("value", self.maybe(value))]),
            ExprKind::YieldFrom(value) => node("YieldFrom", vec![("value", self.expr(value))]),
            // The rest are targets, or there was an error.
            _ => constant(Tree::None),
        }
    }

    fn comprehension(&self, class: &'static str, element: &Expr, clauses: &[Comp], span: Span) -> Tree {
        self.node(class, vec![("elt", self.expr(element)), ("generators", self.clauses(clauses))], span)
    }

    fn clauses(&self, clauses: &[Comp]) -> Tree {
        let clause = |comp: &Comp| {
            let fields = vec![
                ("target", self.target(&comp.target)),
                ("iter", self.expr(&comp.iter)),
                ("ifs", self.exprs(&comp.ifs)),
                ("is_async", Tree::Int(comp.is_async as i64)),
            ];
            Tree::node("comprehension", fields, None)
        };
        Tree::List(clauses.iter().map(clause).collect())
    }

    /// Positional arguments and keywords of a call or of a class.
    pub(super) fn arguments(&self, args: &[Arg]) -> (Tree, Tree) {
        let (mut positional, mut keywords) = (Vec::new(), Vec::new());
        for arg in args {
            match arg {
                Arg::Pos(e) => positional.push(self.expr(e)),
                Arg::Star(e) => {
                    let span = Span::new(self.before(e.span.lo, "*"), e.span.hi);
                    let fields = vec![("value", self.expr(e)), ("ctx", context_node(Context::Load))];
                    positional.push(self.node("Starred", fields, span));
                }
                Arg::Kw(ident, e) => keywords.push(self.keyword(self.name(ident.sym), e, ident.span.lo)),
                Arg::DoubleStar(e) => keywords.push(self.keyword(Tree::None, e, self.before(e.span.lo, "**"))),
            }
        }
        (Tree::List(positional), Tree::List(keywords))
    }

    fn keyword(&self, name: Tree, value: &Expr, start: u32) -> Tree {
        let fields = vec![("arg", name), ("value", self.expr(value))];
        self.node("keyword", fields, Span::new(start, value.span.hi))
    }
}

/// A node without fields.
fn bare(class: &'static str) -> Tree {
    Tree::node(class, Vec::new(), None)
}

pub(super) fn context_node(context: Context) -> Tree {
    bare(match context {
        Context::Load => "Load",
        Context::Store => "Store",
        Context::Del => "Del",
    })
}

pub(super) fn operator(op: BinOp) -> Tree {
    bare(match op {
        BinOp::Add => "Add",
        BinOp::Sub => "Sub",
        BinOp::Mul => "Mult",
        BinOp::Div => "Div",
        BinOp::FloorDiv => "FloorDiv",
        BinOp::Mod => "Mod",
        BinOp::MatMul => "MatMult",
        BinOp::Pow => "Pow",
        BinOp::LShift => "LShift",
        BinOp::RShift => "RShift",
        BinOp::BitAnd => "BitAnd",
        BinOp::BitOr => "BitOr",
        BinOp::BitXor => "BitXor",
    })
}

fn comparison(op: CmpOp) -> &'static str {
    match op {
        CmpOp::Eq => "Eq",
        CmpOp::Ne => "NotEq",
        CmpOp::Lt => "Lt",
        CmpOp::Le => "LtE",
        CmpOp::Gt => "Gt",
        CmpOp::Ge => "GtE",
        CmpOp::In => "In",
        CmpOp::NotIn => "NotIn",
        CmpOp::Is => "Is",
        CmpOp::IsNot => "IsNot",
    }
}
