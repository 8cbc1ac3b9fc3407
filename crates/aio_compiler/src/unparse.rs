//! An expression as text: annotations under `from __future__ import annotations`.

use crate::depth::into_tree;
use crate::module::Compiler;
use aio_syntax::ast::*;

/// How tightly an operator binds; an operand that binds looser is put in parentheses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Tuple,
    Test,
    Or,
    And,
    Not,
    Compare,
    BitOr,
    BitXor,
    BitAnd,
    Shift,
    Arithmetic,
    Term,
    Factor,
    Power,
    Await,
    Atom,
}

impl Level {
    /// The next tighter one.
    fn tighter(self) -> Level {
        use Level::*;
        match self {
            Tuple => Test,
            Test => Or,
            Or => And,
            And => Not,
            Not => Compare,
            Compare => BitOr,
            BitOr => BitXor,
            BitXor => BitAnd,
            BitAnd => Shift,
            Shift => Arithmetic,
            Arithmetic => Term,
            Term => Factor,
            Factor => Power,
            Power => Await,
            Await | Atom => Atom,
        }
    }
}

impl<'a> Compiler<'a> {
    /// The text of an expression, as WTF-8.
    pub fn unparse(&self, e: &Expr) -> Vec<u8> {
        let mut out = Writer { c: self, out: Vec::new() };
        out.expr(e, Level::Test);
        out.out
    }
}

struct Writer<'c, 'a> {
    c: &'c Compiler<'a>,
    out: Vec<u8>,
}

impl Writer<'_, '_> {
    fn text(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }

    fn name(&mut self, sym: Sym) {
        let c = self.c;
        self.text(c.names.text(sym));
    }

    fn list<T>(&mut self, items: &[T], mut write: impl FnMut(&mut Self, &T)) {
        for (i, item) in items.iter().enumerate() {
            if i > 0 {
                self.text(", ");
            }
            write(self, item);
        }
    }

    fn grouped(&mut self, when: bool, write: impl FnOnce(&mut Self)) {
        if when {
            self.text("(");
        }
        write(self);
        if when {
            self.text(")");
        }
    }

    fn expr(&mut self, e: &Expr, level: Level) {
        into_tree(e.depth, || self.any_expr(e, level));
    }

    fn any_expr(&mut self, e: &Expr, level: Level) {
        match &e.kind {
            ExprKind::Paren(inner) => self.expr(inner, level),
            ExprKind::Name(sym) => self.name(*sym),
            ExprKind::Int(int) => match int {
                IntLit::Small(value) => self.text(&value.to_string()),
                IntLit::Big(digits) => self.text(&format!("0x{digits}")),
            },
            ExprKind::Float(value) => self.text(&float(*value)),
            ExprKind::Imag(value) => self.text(&format!("{}j", float(*value).trim_end_matches(".0"))),
            ExprKind::Str(text) => {
                let text = quoted(&text.value, false);
                self.out.extend_from_slice(&text);
            }
            ExprKind::Bytes(bytes) => {
                let text = quoted(bytes, true);
                self.out.extend_from_slice(&text);
            }
            ExprKind::FStr(pieces) => {
                let mut inner = Writer { c: self.c, out: Vec::new() };
                inner.pieces(pieces);
                let text = quoted(&inner.out, false);
                self.text("f");
                self.out.extend_from_slice(&text);
            }
            ExprKind::None => self.text("None"),
            ExprKind::True => self.text("True"),
            ExprKind::False => self.text("False"),
            ExprKind::Ellipsis => self.text("..."),
            ExprKind::Bin(op, left, right) => self.binary(*op, left, right, level),
            ExprKind::Un(op, operand) => self.unary(*op, operand, level),
            ExprKind::And(items) => self.joined(items, " and ", Level::And, level),
            ExprKind::Or(items) => self.joined(items, " or ", Level::Or, level),
            ExprKind::Cmp(first, rest) => self.grouped(level > Level::Compare, |w| {
                w.expr(first, Level::Compare.tighter());
                for (op, operand) in rest {
                    w.text(comparison(*op));
                    w.expr(operand, Level::Compare.tighter());
                }
            }),
            ExprKind::IfExp(choice) => self.grouped(level > Level::Test, |w| {
                w.expr(&choice.body, Level::Test.tighter());
                w.text(" if ");
                w.expr(&choice.test, Level::Test.tighter());
                w.text(" else ");
                w.expr(&choice.orelse, Level::Test);
            }),
            ExprKind::Lambda(lambda) => self.grouped(level > Level::Test, |w| {
                w.text(if lambda.params.is_empty() { "lambda" } else { "lambda " });
                w.params(&lambda.params);
                w.text(": ");
                w.expr(&lambda.body, Level::Test);
            }),
            ExprKind::Named(ident, value) => self.grouped(level > Level::Tuple, |w| {
                w.name(ident.sym);
                w.text(" := ");
                w.expr(value, Level::Atom);
            }),
            ExprKind::Call(callee, args) => {
                self.expr(callee, Level::Atom);
                self.text("(");
                self.list(args, |w, arg| w.argument(arg));
                self.text(")");
            }
            ExprKind::Attr(value, attr) => {
                self.expr(value, Level::Atom);
                // `1.real` would be a number and a name.
                let number = matches!(crate::scope::strip(value).kind, ExprKind::Int(_));
                self.text(if number { " ." } else { "." });
                self.name(attr.sym);
            }
            ExprKind::Index(value, index) => {
                self.expr(value, Level::Atom);
                self.text("[");
                self.expr(index, Level::Tuple);
                self.text("]");
            }
            ExprKind::Slice(slice) => {
                self.maybe(&slice.lower);
                self.text(":");
                self.maybe(&slice.upper);
                if slice.step.is_some() {
                    self.text(":");
                    self.maybe(&slice.step);
                }
            }
            ExprKind::Tuple(items) => match &items[..] {
                [] => self.text("()"),
                _ => self.grouped(level > Level::Tuple, |w| {
                    w.list(items, |w, item| w.expr(item, Level::Test));
                    if items.len() == 1 {
                        w.text(",");
                    }
                }),
            },
            ExprKind::List(items) => {
                self.text("[");
                self.list(items, |w, item| w.expr(item, Level::Test));
                self.text("]");
            }
            ExprKind::Set(items) => {
                self.text("{");
                self.list(items, |w, item| w.expr(item, Level::Test));
                self.text("}");
            }
            ExprKind::Dict(entries) => {
                self.text("{");
                self.list(entries, |w, (key, value)| match key {
                    Some(key) => {
                        w.expr(key, Level::Test);
                        w.text(": ");
                        w.expr(value, Level::Test);
                    }
                    None => {
                        w.text("**");
                        w.expr(value, Level::BitOr);
                    }
                });
                self.text("}");
            }
            ExprKind::Star(inner) => {
                self.text("*");
                self.expr(inner, Level::BitOr);
            }
            ExprKind::ListComp(element, comps) => self.comprehension("[", "]", element, comps),
            ExprKind::SetComp(element, comps) => self.comprehension("{", "}", element, comps),
            ExprKind::GenExp(element, comps) => self.comprehension("(", ")", element, comps),
            ExprKind::DictComp(entry, comps) => {
                self.text("{");
                self.expr(&entry.0, Level::Test);
                self.text(": ");
                self.expr(&entry.1, Level::Test);
                self.clauses(comps);
                self.text("}");
            }
            ExprKind::Await(value) => self.grouped(level > Level::Await, |w| {
                w.text("await ");
                w.expr(value, Level::Atom);
            }),
            ExprKind::Yield(None) => self.text("(yield)"),
            ExprKind::Yield(Some(value)) => {
                self.text("(yield ");
                self.expr(value, Level::Test);
                self.text(")");
            }
            ExprKind::YieldFrom(value) => {
                self.text("(yield from ");
                self.expr(value, Level::Test);
                self.text(")");
            }
            ExprKind::Error => {}
        }
    }

    fn maybe(&mut self, e: &Option<P>) {
        if let Some(e) = e {
            self.expr(e, Level::Test);
        }
    }

    fn joined(&mut self, items: &[P], between: &str, own: Level, level: Level) {
        self.grouped(level > own, |w| {
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    w.text(between);
                }
                w.expr(item, own.tighter());
            }
        });
    }

    fn binary(&mut self, op: BinOp, left: &Expr, right: &Expr, level: Level) {
        let (sign, own) = match op {
            BinOp::Add => (" + ", Level::Arithmetic),
            BinOp::Sub => (" - ", Level::Arithmetic),
            BinOp::Mul => (" * ", Level::Term),
            BinOp::MatMul => (" @ ", Level::Term),
            BinOp::Div => (" / ", Level::Term),
            BinOp::FloorDiv => (" // ", Level::Term),
            BinOp::Mod => (" % ", Level::Term),
            BinOp::LShift => (" << ", Level::Shift),
            BinOp::RShift => (" >> ", Level::Shift),
            BinOp::BitOr => (" | ", Level::BitOr),
            BinOp::BitXor => (" ^ ", Level::BitXor),
            BinOp::BitAnd => (" & ", Level::BitAnd),
            BinOp::Pow => (" ** ", Level::Power),
        };
        // Powers bind from the right, everything else from the left.
        let (before, behind) = match op {
            BinOp::Pow => (own.tighter(), own),
            _ => (own, own.tighter()),
        };
        self.grouped(level > own, |w| {
            w.expr(left, before);
            w.text(sign);
            w.expr(right, behind);
        });
    }

    fn unary(&mut self, op: UnOp, operand: &Expr, level: Level) {
        let (sign, own) = match op {
            UnOp::Not => ("not ", Level::Not),
            UnOp::Neg => ("-", Level::Factor),
            UnOp::Pos => ("+", Level::Factor),
            UnOp::Invert => ("~", Level::Factor),
        };
        self.grouped(level > own, |w| {
            w.text(sign);
            w.expr(operand, own);
        });
    }

    fn argument(&mut self, arg: &Arg) {
        match arg {
            Arg::Pos(value) => self.expr(value, Level::Test),
            Arg::Star(value) => {
                self.text("*");
                self.expr(value, Level::BitOr);
            }
            Arg::Kw(ident, value) => {
                self.name(ident.sym);
                self.text("=");
                self.expr(value, Level::Test);
            }
            Arg::DoubleStar(value) => {
                self.text("**");
                self.expr(value, Level::Test);
            }
        }
    }

    fn params(&mut self, params: &Params) {
        self.list(params, |w, param| match param {
            ParamItem::Plain(ident, _, default) => {
                w.name(ident.sym);
                if let Some(default) = default {
                    w.text("=");
                    w.expr(default, Level::Test);
                }
            }
            ParamItem::Slash(_) => w.text("/"),
            ParamItem::Star(_, args) => {
                w.text("*");
                if let Some((ident, _)) = args {
                    w.name(ident.sym);
                }
            }
            ParamItem::DStar(ident, _) => {
                w.text("**");
                w.name(ident.sym);
            }
        });
    }

    fn comprehension(&mut self, open: &str, close: &str, element: &Expr, comps: &[Comp]) {
        self.text(open);
        self.expr(element, Level::Test);
        self.clauses(comps);
        self.text(close);
    }

    fn clauses(&mut self, comps: &[Comp]) {
        for comp in comps {
            self.text(if comp.is_async { " async for " } else { " for " });
            self.expr(&comp.target, Level::Tuple);
            self.text(" in ");
            self.expr(&comp.iter, Level::Test.tighter());
            for test in &comp.ifs {
                self.text(" if ");
                self.expr(test, Level::Test.tighter());
            }
        }
    }

    fn pieces(&mut self, pieces: &[FPiece]) {
        for piece in pieces {
            match piece {
                FPiece::Lit(text) => {
                    for &b in text {
                        self.out.push(b);
                        if b == b'{' || b == b'}' {
                            self.out.push(b);
                        }
                    }
                }
                FPiece::Field(field) => {
                    if let Some(debug) = &field.debug {
                        self.out.extend_from_slice(debug);
                    }
                    self.text("{");
                    self.expr(&field.expr, Level::Test.tighter());
                    self.text(match field.conv {
                        Conversion::None => "",
                        Conversion::Str => "!s",
                        Conversion::Repr => "!r",
                        Conversion::Ascii => "!a",
                    });
                    if let Some(spec) = &field.spec {
                        self.text(":");
                        self.pieces(spec);
                    }
                    self.text("}");
                }
            }
        }
    }
}

fn comparison(op: CmpOp) -> &'static str {
    match op {
        CmpOp::Eq => " == ",
        CmpOp::Ne => " != ",
        CmpOp::Lt => " < ",
        CmpOp::Le => " <= ",
        CmpOp::Gt => " > ",
        CmpOp::Ge => " >= ",
        CmpOp::In => " in ",
        CmpOp::NotIn => " not in ",
        CmpOp::Is => " is ",
        CmpOp::IsNot => " is not ",
    }
}

fn float(value: f64) -> String {
    if value.is_infinite() {
        // No literal is infinite, but one that is too large comes out so.
        return "1e309".into();
    }
    if value == 0.0 || (1e-4..1e16).contains(&value.abs()) {
        return format!("{value:?}");
    }
    let text = format!("{value:e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    match exponent.strip_prefix('-') {
        Some(exponent) => format!("{digits}e-{exponent:0>2}"),
        None => format!("{digits}e+{exponent:0>2}"),
    }
}

/// A literal that stands for these bytes.
fn quoted(text: &[u8], bytes: bool) -> Vec<u8> {
    let quote = if text.contains(&b'\'') && !text.contains(&b'"') { b'"' } else { b'\'' };
    let mut out = Vec::with_capacity(text.len() + 2);
    if bytes {
        out.push(b'b');
    }
    out.push(quote);
    for &b in text {
        match b {
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            _ if b == quote => out.extend_from_slice(&[b'\\', b]),
            0..=31 | 127 => out.extend_from_slice(format!("\\x{b:02x}").as_bytes()),
            128.. if bytes => out.extend_from_slice(format!("\\x{b:02x}").as_bytes()),
            _ => out.push(b),
        }
    }
    out.push(quote);
    out
}
