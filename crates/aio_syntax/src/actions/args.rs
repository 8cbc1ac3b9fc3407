//! Arguments of calls and classes.

use super::Cx;
use super::target::expr_name;
use crate::ast::*;

/// An argument as the grammar sees it.
pub(crate) enum ArgItem {
    Arg(Arg),
    /// A generator expression without parentheses of its own, which has to be the only argument.
    BareGenExp(P),
}

const NO_ASSIGNMENT: &str = "expression cannot contain assignment, perhaps you meant \"==\"?";
const BARE_GENEXP: &str = "Generator expression must be parenthesized";

impl Cx<'_> {
    pub fn call(&self, function: P, args: (Vec<ArgItem>, bool), hi: u32) -> P {
        let lo = function.span.lo;
        let args = self.args(args, true);
        self.expr(lo, hi, ExprKind::Call(function, args.into()))
    }

    pub fn class_args(&self, args: (Vec<ArgItem>, bool)) -> Vec<Arg> {
        self.args(args, false)
    }

    fn args(&self, (items, trailing_comma): (Vec<ArgItem>, bool), may_generate: bool) -> Vec<Arg> {
        let alone = items.len() == 1 && !trailing_comma;
        let (mut keyword, mut unpacked) = (false, false);
        let mut out = Vec::with_capacity(items.len());
        for item in items {
            let arg = match item {
                ArgItem::Arg(arg) => arg,
                ArgItem::BareGenExp(e) => {
                    if !may_generate {
                        self.error(e.span, "invalid syntax");
                    } else if !alone {
                        self.error(e.span, BARE_GENEXP);
                    }
                    Arg::Pos(e)
                }
            };
            match &arg {
                Arg::Pos(e) if unpacked => {
                    let message = "positional argument follows keyword argument unpacking";
                    self.error(e.span, message);
                }
                Arg::Pos(e) if keyword => {
                    self.error(e.span, "positional argument follows keyword argument");
                }
                Arg::Star(e) if unpacked => {
                    let message = "iterable argument unpacking follows keyword argument unpacking";
                    self.error(e.span, message);
                }
                Arg::Pos(_) | Arg::Star(_) => {}
                Arg::Kw(..) => keyword = true,
                Arg::DoubleStar(_) => unpacked = true,
            }
            out.push(arg);
        }
        out
    }

    /// `name=value`
    pub fn keyword(&self, name: P, value: P) -> ArgItem {
        ArgItem::Arg(match name.kind {
            ExprKind::Name(sym) => {
                let span = name.span;
                Arg::Kw(Ident { sym, span }, value)
            }
            ExprKind::True | ExprKind::False | ExprKind::None => {
                let message = format!("cannot assign to {}", expr_name(&name));
                self.error(name.span, message);
                Arg::Star(value)
            }
            _ => {
                self.error(name.span.to(value.span), NO_ASSIGNMENT);
                Arg::Star(value)
            }
        })
    }

    /// `name=element for ...`
    pub fn keyword_comprehension(&self, name: &Expr, element: P) -> ArgItem {
        let message = "invalid syntax. Maybe you meant '==' or ':=' instead of '='?";
        self.error(name.span.to(element.span), message);
        ArgItem::Arg(Arg::Star(element))
    }

    /// `name=` and nothing.
    pub fn keyword_without_value(&self, name: P, sign: Span) -> ArgItem {
        let message = match name.kind {
            ExprKind::Name(_) => "expected argument value expression",
            _ => NO_ASSIGNMENT,
        };
        self.error(name.span.to(sign), message);
        ArgItem::Arg(Arg::Star(name))
    }
}
