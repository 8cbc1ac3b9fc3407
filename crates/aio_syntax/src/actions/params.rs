//! The order of parameters.

use super::Cx;
use crate::ast::*;

impl Cx<'_> {
    /// Parameters of `def`.
    pub fn params(&self, items: Vec<ParamItem>) -> Params {
        self.check_params(&items);
        items.into()
    }

    /// Parameters of `lambda`.
    pub fn lambda_params(&self, items: Vec<ParamItem>) -> Params {
        self.check_params(&items);
        items.into()
    }

    /// Reports the first mistake, in CPython's words.
    fn check_params(&self, items: &[ParamItem]) {
        let (mut slash, mut star, mut double_star, mut default) = (false, false, false, false);
        for (i, item) in items.iter().enumerate() {
            let span = match item {
                ParamItem::Plain(name, _, _) | ParamItem::DStar(name, _) => name.span,
                ParamItem::Slash(span) | ParamItem::Star(span, _) => *span,
            };
            if double_star {
                return self.error(span, "arguments cannot follow var-keyword argument");
            }
            match item {
                ParamItem::Plain(_, _, Some(_)) => default |= !star,
                ParamItem::Plain(_, _, None) => {
                    if default && !star {
                        let message = "parameter without a default follows parameter with a default";
                        return self.error(span, message);
                    }
                }
                ParamItem::Slash(_) => {
                    if slash {
                        return self.error(span, "/ may appear only once");
                    }
                    if star {
                        return self.error(span, "/ must be ahead of *");
                    }
                    if i == 0 {
                        return self.error(span, "invalid syntax");
                    }
                    slash = true;
                }
                ParamItem::Star(_, name) => {
                    if star {
                        return self.error(span, "* argument may appear only once");
                    }
                    let next = items.get(i + 1);
                    if name.is_none() && matches!(next, None | Some(ParamItem::DStar(..))) {
                        return self.error(span, "named arguments must follow bare *");
                    }
                    star = true;
                }
                ParamItem::DStar(..) => double_star = true,
            }
        }
    }
}
