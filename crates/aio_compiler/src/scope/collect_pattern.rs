//! The walk that collects every scope's names: patterns, with everything that can be wrong in them.

use super::collect::{Collector, strip};
use crate::depth::with_stack;
use aio_syntax::ast::*;
use rustc_hash::FxHashSet;

/// What has been seen in the pattern of a `case`.
struct Seen {
    /// The names bound so far.
    names: FxHashSet<Sym>,
    /// A pattern that matches everything is fine here.
    irrefutable: bool,
}

impl<'a> Collector<'a, '_> {
    pub(super) fn match_stmt(&mut self, stmt: &'a MatchStmt) {
        self.expr(&stmt.subject);
        let last = stmt.cases.len().saturating_sub(1);
        for (i, case) in stmt.cases.iter().enumerate() {
            let mut seen = Seen { names: FxHashSet::default(), irrefutable: case.guard.is_some() || i == last };
            self.pattern(&case.pat, &mut seen);
            self.maybe(&case.guard);
            self.block(&case.body);
        }
    }

    fn capture(&mut self, ident: Ident, seen: &mut Seen) {
        if !seen.names.insert(ident.sym) {
            let name = self.names.text(ident.sym);
            let message = format!("multiple assignments to name '{name}' in pattern");
            self.error(ident.span, message);
        }
        self.bind(ident, 0);
    }

    fn pattern(&mut self, pat: &'a Pat, seen: &mut Seen) {
        with_stack(|| self.any_pattern(pat, seen));
    }

    fn any_pattern(&mut self, pat: &'a Pat, seen: &mut Seen) {
        match &pat.kind {
            PatKind::Value(value) => self.expr(value),
            PatKind::Capture(ident) => {
                if !seen.irrefutable {
                    let name = self.names.text(ident.sym);
                    let message = format!("name capture '{name}' makes remaining patterns unreachable");
                    self.error(pat.span, message);
                }
                self.capture(*ident, seen);
            }
            PatKind::Wildcard => {
                if !seen.irrefutable {
                    self.error(pat.span, "wildcard makes remaining patterns unreachable");
                }
            }
            PatKind::Star(ident) => {
                if let Some(ident) = ident {
                    self.capture(*ident, seen);
                }
            }
            PatKind::Or(alternatives) => self.alternatives(pat, alternatives, seen),
            PatKind::As(inner, ident) => {
                self.pattern(inner, seen);
                self.capture(*ident, seen);
            }
            PatKind::Group(inner) => self.pattern(inner, seen),
            PatKind::Seq(items) => {
                let mut stars = items.iter().filter(|p| matches!(p.kind, PatKind::Star(_)));
                if let Some(second) = stars.nth(1) {
                    self.error(second.span, "multiple starred names in sequence pattern");
                }
                let star = items.iter().position(|p| matches!(p.kind, PatKind::Star(_)));
                if star.is_some_and(|i| i > 255 || items.len() - 1 - i > 255) {
                    self.error(pat.span, "too many expressions in star-unpacking sequence pattern");
                }
                for item in items {
                    self.inner_pattern(item, seen);
                }
            }
            PatKind::Map(items) => self.mapping(pat.span, items, seen),
            PatKind::Class(class, args) => {
                self.expr(class);
                let mut attributes = FxHashSet::default();
                for arg in args {
                    let inner = match arg {
                        PatArg::Pos(inner) => inner,
                        PatArg::Kw(ident, inner) => {
                            if !attributes.insert(ident.sym) {
                                let name = self.names.text(ident.sym);
                                let message = format!("attribute name repeated in class pattern: {name}");
                                self.error(ident.span, message);
                            }
                            inner
                        }
                    };
                    self.inner_pattern(inner, seen);
                }
            }
        }
    }

    /// A part of a pattern: it may match everything.
    fn inner_pattern(&mut self, pat: &'a Pat, seen: &mut Seen) {
        let irrefutable = std::mem::replace(&mut seen.irrefutable, true);
        self.pattern(pat, seen);
        seen.irrefutable = irrefutable;
    }

    fn alternatives(&mut self, pat: &'a Pat, alternatives: &'a [Pat], seen: &mut Seen) {
        let before = seen.names.clone();
        let irrefutable = seen.irrefutable;
        let mut bound: Option<FxHashSet<Sym>> = None;
        let mut different = false;
        let last = alternatives.len().saturating_sub(1);
        let errors = self.errors.len();
        for (i, alternative) in alternatives.iter().enumerate() {
            seen.names = before.clone();
            seen.irrefutable = irrefutable && i == last;
            self.pattern(alternative, seen);
            different |= bound.as_ref().is_some_and(|bound| *bound != seen.names);
            bound.get_or_insert_with(|| seen.names.clone());
        }
        seen.irrefutable = irrefutable;
        // An alternative that is wrong in itself may well bind other names.
        if different && self.errors.len() == errors {
            self.error(pat.span, "alternative patterns bind different names");
        }
    }

    fn mapping(&mut self, span: Span, items: &'a [MapItem], seen: &mut Seen) {
        let mut keys: Vec<String> = Vec::new();
        for item in items {
            match item {
                MapItem::Entry(key, value) => {
                    if matches!(strip(key).kind, ExprKind::FStr(_)) {
                        self.error(span, "mapping pattern keys may only match literals and attribute lookups");
                    } else if let Some(text) = self.literal_key(key) {
                        // Equal numbers of different types are one key.
                        let equal = number(key)
                            .map_or_else(|| text.clone(), |(re, im)| format!("{:?} {:?}", re + 0.0, im + 0.0));
                        if keys.contains(&equal) {
                            self.error(span, format!("mapping pattern checks duplicate key ({text})"));
                        }
                        keys.push(equal);
                    }
                    self.expr(key);
                    self.inner_pattern(value, seen);
                }
                MapItem::Rest(ident) if self.names.text(ident.sym) == "_" => self.error(ident.span, "invalid syntax"),
                MapItem::Rest(ident) => self.capture(*ident, seen),
            }
        }
    }

    /// How a literal key looks in a message; `None` for one that is known at run time only.
    fn literal_key(&self, key: &Expr) -> Option<String> {
        Some(match &strip(key).kind {
            ExprKind::Int(int) => match int {
                IntLit::Small(value) => value.to_string(),
                IntLit::Big(digits) => format!("0x{digits}"),
            },
            ExprKind::Un(UnOp::Neg, operand) => match self.literal_key(operand)?.as_str() {
                "0" => "0".into(),
                size => format!("-{size}"),
            },
            ExprKind::Float(value) => format!("{value:?}"),
            ExprKind::Imag(_) | ExprKind::Bin(..) => match number(key)? {
                (0.0, im) => format!("{im}j"),
                (re, im) => format!("({re}{im:+}j)"),
            },
            ExprKind::Str(text) => format!("'{}'", String::from_utf8_lossy(&text.value)),
            ExprKind::Bytes(bytes) => format!("b'{}'", bytes.escape_ascii()),
            ExprKind::True => "True".into(),
            ExprKind::False => "False".into(),
            ExprKind::None => "None".into(),
            _ => return None,
        })
    }
}

/// The real and imaginary parts of a number as a pattern may have it; integers as far as floats hold them.
fn number(e: &Expr) -> Option<(f64, f64)> {
    const EXACT: i64 = 1 << 53;
    Some(match &strip(e).kind {
        ExprKind::Int(IntLit::Small(value)) if (-EXACT..=EXACT).contains(value) => (*value as f64, 0.0),
        ExprKind::Float(value) => (*value, 0.0),
        ExprKind::Imag(value) => (0.0, *value),
        ExprKind::True => (1.0, 0.0),
        ExprKind::False => (0.0, 0.0),
        ExprKind::Un(UnOp::Neg, operand) => {
            let (re, im) = number(operand)?;
            (-re, -im)
        }
        ExprKind::Bin(op @ (BinOp::Add | BinOp::Sub), left, right) => {
            let (left, right) = (number(left)?, number(right)?);
            match op {
                BinOp::Add => (left.0 + right.0, left.1 + right.1),
                _ => (left.0 - right.0, left.1 - right.1),
            }
        }
        _ => return None,
    })
}
