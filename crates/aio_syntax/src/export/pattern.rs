//! Patterns of `case`.

use super::Export;
use crate::ast::*;
use aio_source::tree::Tree;

impl Export<'_> {
    pub(super) fn case(&self, case: &Case) -> Tree {
        let fields = vec![
            ("pattern", self.pattern(&case.pat)),
            ("guard", self.maybe(&case.guard)),
            ("body", self.block(&case.body)),
        ];
        Tree::node("match_case", fields, None)
    }

    fn pattern(&self, pat: &Pat) -> Tree {
        let node = |class, fields| self.node(class, fields, pat.span);
        let patterns = |items: &[Pat]| Tree::List(items.iter().map(|pat| self.pattern(pat)).collect());
        match &pat.kind {
            PatKind::Group(inner) => self.pattern(inner),
            PatKind::Value(e) => match &e.kind {
                ExprKind::None => node("MatchSingleton", vec![("value", Tree::None)]),
                ExprKind::True => node("MatchSingleton", vec![("value", Tree::Bool(true))]),
                ExprKind::False => node("MatchSingleton", vec![("value", Tree::Bool(false))]),
                _ => node("MatchValue", vec![("value", self.expr(e))]),
            },
            PatKind::Capture(name) => node("MatchAs", vec![("pattern", Tree::None), ("name", self.name(name.sym))]),
            PatKind::Wildcard => node("MatchAs", vec![("pattern", Tree::None), ("name", Tree::None)]),
            PatKind::As(inner, name) => {
                node("MatchAs", vec![("pattern", self.pattern(inner)), ("name", self.name(name.sym))])
            }
            PatKind::Star(name) => node("MatchStar", vec![("name", self.maybe_name(name))]),
            PatKind::Or(items) => node("MatchOr", vec![("patterns", patterns(items))]),
            PatKind::Seq(items) => node("MatchSequence", vec![("patterns", patterns(items))]),
            PatKind::Map(items) => {
                let (mut keys, mut values, mut rest) = (Vec::new(), Vec::new(), Tree::None);
                for item in items {
                    match item {
                        MapItem::Entry(key, pat) => {
                            keys.push(self.expr(key));
                            values.push(self.pattern(pat));
                        }
                        MapItem::Rest(name) => rest = self.name(name.sym),
                    }
                }
                node("MatchMapping", vec![("keys", Tree::List(keys)), ("patterns", Tree::List(values)), ("rest", rest)])
            }
            PatKind::Class(class, args) => {
                let (mut positional, mut names, mut values) = (Vec::new(), Vec::new(), Vec::new());
                for arg in args {
                    match arg {
                        PatArg::Pos(pat) => positional.push(self.pattern(pat)),
                        PatArg::Kw(name, pat) => {
                            names.push(self.name(name.sym));
                            values.push(self.pattern(pat));
                        }
                    }
                }
                node(
                    "MatchClass",
                    vec![
                        ("cls", self.expr(class)),
                        ("patterns", Tree::List(positional)),
                        ("kwd_attrs", Tree::List(names)),
                        ("kwd_patterns", Tree::List(values)),
                    ],
                )
            }
        }
    }
}
