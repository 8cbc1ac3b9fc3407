//! Functions, classes and their parameters.

use super::Export;
use crate::ast::*;
use aio_source::tree::Tree;

impl Export<'_> {
    pub(super) fn function(&self, def: &FuncDef, span: Span) -> Tree {
        let class = if def.is_async { "AsyncFunctionDef" } else { "FunctionDef" };
        let fields = vec![
            ("name", self.name(def.name.sym)),
            ("args", self.parameters(&def.params)),
            ("body", self.block(&def.body)),
            ("decorator_list", self.exprs(&def.decorators)),
            ("returns", self.maybe(&def.returns)),
            ("type_comment", Tree::None),
            ("type_params", self.type_params(&def.tparams)),
        ];
        self.node(class, fields, self.undecorated(&def.decorators, span))
    }

    pub(super) fn class(&self, class: &ClassDef, span: Span) -> Tree {
        let (bases, keywords) = self.arguments(&class.args);
        let fields = vec![
            ("name", self.name(class.name.sym)),
            ("bases", bases),
            ("keywords", keywords),
            ("body", self.block(&class.body)),
            ("decorator_list", self.exprs(&class.decorators)),
            ("type_params", self.type_params(&class.tparams)),
        ];
        self.node("ClassDef", fields, self.undecorated(&class.decorators, span))
    }

    /// A definition begins at its keyword, behind decorators and the comments between them.
    fn undecorated(&self, decorators: &[P], span: Span) -> Span {
        let Some(last) = decorators.last() else { return span };
        let mut at = last.span.hi as usize;
        loop {
            let rest = self.source.get(at..).unwrap_or_default();
            let blank = rest.len() - rest.trim_start().len();
            at += blank;
            match rest.get(blank..).and_then(|rest| rest.strip_prefix('#')) {
                Some(comment) => at += 1 + comment.find('\n').unwrap_or(comment.len()),
                None => return Span::new(at as u32, span.hi),
            }
        }
    }

    pub(super) fn type_params(&self, params: &[TParam]) -> Tree {
        let param = |param: &TParam| {
            let bound = ("bound", self.maybe(&param.bound));
            let name = ("name", self.name(param.name.sym));
            let default = ("default_value", self.maybe(&param.default));
            let end = param.default.as_ref().or(param.bound.as_ref()).map_or(param.name.span.hi, |e| e.span.hi);
            let from = |start| Span::new(start, end);
            let start = param.name.span.lo;
            match param.kind {
                TParamKind::TypeVar => self.node("TypeVar", vec![name, bound, default], from(start)),
                TParamKind::ParamSpec => self.node("ParamSpec", vec![name, default], from(self.before(start, "**"))),
                TParamKind::TypeVarTuple => {
                    self.node("TypeVarTuple", vec![name, default], from(self.before(start, "*")))
                }
            }
        };
        Tree::List(params.iter().map(param).collect())
    }

    /// `arguments`
    pub(super) fn parameters(&self, params: &Params) -> Tree {
        let (mut before_slash, mut plain, mut keyword_only) = (Vec::new(), Vec::new(), Vec::new());
        let (mut defaults, mut keyword_defaults) = (Vec::new(), Vec::new());
        let (mut star, mut args, mut kwargs) = (false, Tree::None, Tree::None);
        for param in params {
            match param {
                ParamItem::Plain(name, annotation, default) if star => {
                    keyword_only.push(self.parameter(name, annotation));
                    keyword_defaults.push(self.maybe(default));
                }
                ParamItem::Plain(name, annotation, default) => {
                    plain.push(self.parameter(name, annotation));
                    defaults.extend(default.as_ref().map(|default| self.expr(default)));
                }
                ParamItem::Slash(_) => before_slash = std::mem::take(&mut plain),
                ParamItem::Star(_, named) => {
                    star = true;
                    if let Some((name, annotation)) = named {
                        args = self.parameter(name, annotation);
                    }
                }
                ParamItem::DStar(name, annotation) => kwargs = self.parameter(name, annotation),
            }
        }
        let fields = vec![
            ("posonlyargs", Tree::List(before_slash)),
            ("args", Tree::List(plain)),
            ("vararg", args),
            ("kwonlyargs", Tree::List(keyword_only)),
            ("kw_defaults", Tree::List(keyword_defaults)),
            ("kwarg", kwargs),
            ("defaults", Tree::List(defaults)),
        ];
        Tree::node("arguments", fields, None)
    }

    fn parameter(&self, name: &Ident, annotation: &Option<P>) -> Tree {
        let end = annotation.as_ref().map_or(name.span.hi, |e| e.span.hi);
        let fields =
            vec![("arg", self.name(name.sym)), ("annotation", self.maybe(annotation)), ("type_comment", Tree::None)];
        self.node("arg", fields, Span::new(name.span.lo, end))
    }
}
