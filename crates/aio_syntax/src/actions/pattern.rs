//! Patterns.

use super::{Cx, unbox};
use crate::ast::*;

impl Cx<'_> {
    pub fn pat(&self, lo: u32, hi: u32, kind: PatKind) -> Box<Pat> {
        Box::new(Pat { span: Span::new(lo, hi), kind })
    }

    /// The name that a pattern binds; `_` binds nothing.
    pub fn captured(&self, name: Ident) -> Option<Ident> {
        (!self.is_underscore(name)).then_some(name)
    }

    pub fn capture_pattern(&self, name: Ident) -> Box<Pat> {
        let kind = match self.captured(name) {
            Some(name) => PatKind::Capture(name),
            None => PatKind::Wildcard,
        };
        self.pat(name.span.lo, name.span.hi, kind)
    }

    /// A pattern that stands alone behind `case`, where a star needs a comma.
    pub fn lone_pattern(&self, lo: u32, hi: u32, pattern: Box<Pat>) -> Box<Pat> {
        self.no_star(&pattern);
        self.pat(lo, hi, pattern.kind)
    }

    /// `(pattern)`
    pub fn group_pattern(&self, lo: u32, hi: u32, pattern: Box<Pat>) -> Box<Pat> {
        self.no_star(&pattern);
        self.pat(lo, hi, PatKind::Group(pattern))
    }

    fn no_star(&self, pattern: &Pat) {
        if let PatKind::Star(_) = pattern.kind {
            self.error(pattern.span, "invalid syntax");
        }
    }

    pub fn as_pattern(&self, pattern: Box<Pat>, name: Ident) -> Box<Pat> {
        if self.is_underscore(name) {
            self.error(name.span, "cannot use '_' as a target");
        }
        let span = pattern.span.to(name.span);
        self.pat(span.lo, span.hi, PatKind::As(pattern, name))
    }

    #[expect(clippy::vec_box, reason = "boxes keep the values on the parser's stack small")]
    pub fn or_pattern(&self, items: Vec<Box<Pat>>) -> Box<Pat> {
        let span = match (items.first(), items.last()) {
            (Some(first), Some(last)) => first.span.to(last.span),
            _ => Span::default(),
        };
        self.pat(span.lo, span.hi, PatKind::Or(unbox(items)))
    }

    pub fn literal_pattern(&self, literal: P) -> Box<Pat> {
        if let ExprKind::FStr(_) = literal.kind {
            let message = "patterns may only match literals and attribute lookups";
            self.error(literal.span, message);
        }
        let span = literal.span;
        self.pat(span.lo, span.hi, PatKind::Value(literal))
    }

    /// `real + imaginary`
    pub fn complex_pattern(&self, real: P, op: BinOp, imaginary: P) -> P {
        let number = match &real.kind {
            ExprKind::Un(_, number) => number,
            _ => &real,
        };
        if let ExprKind::Imag(_) = number.kind {
            let message = "real number required in complex literal";
            self.error(real.span, message);
        } else if !matches!(imaginary.kind, ExprKind::Imag(_)) {
            let message = "imaginary number required in complex literal";
            self.error(imaginary.span, message);
        }
        self.binary(real, op, imaginary)
    }

    pub fn map_pattern(&self, lo: u32, hi: u32, items: Vec<MapItem>) -> Box<Pat> {
        let rest = items.iter().position(|item| matches!(item, MapItem::Rest(_)));
        if let Some(rest) = rest
            && rest + 1 < items.len()
            && let MapItem::Rest(name) = &items[rest]
        {
            self.error(name.span, "invalid syntax");
        }
        self.pat(lo, hi, PatKind::Map(items))
    }

    pub fn class_pattern(&self, lo: u32, hi: u32, class: P, args: Vec<PatArg>) -> Box<Pat> {
        let mut keyword = false;
        for arg in &args {
            match arg {
                PatArg::Kw(..) => keyword = true,
                PatArg::Pos(pattern) if keyword => {
                    let message = "positional patterns follow keyword patterns";
                    self.error(pattern.span, message);
                    break;
                }
                PatArg::Pos(_) => {}
            }
        }
        self.pat(lo, hi, PatKind::Class(class, args))
    }
}
