//! `match`.

use crate::module::Compiler;
use crate::pattern::Matching;
use aio_syntax::ast::*;

impl<'a> Compiler<'a> {
    pub(super) fn match_stmt(&mut self, stmt: &'a MatchStmt) {
        let base = self.u.depth;
        // A pattern may bind the very name that the subject came from, so it is always copied.
        self.push(&stmt.subject);
        let end = self.u.label();
        for case in &stmt.cases {
            let next = self.u.label();
            let mut matching = Matching::new(base);
            self.at(case.pat.span);
            self.pattern(&case.pat, base, &mut matching);
            self.bind_captures(&mut matching);
            self.u.drop_to(base + 1);
            if let Some(guard) = &case.guard {
                self.condition(guard, next, false);
            }
            self.at(case.pat.span);
            self.u.drop_top();
            self.block(&case.body);
            self.u.jump(end);
            self.u.depth = base + 1;
            self.failures(&mut matching, next);
            self.u.depth = base + 1;
            self.u.bind(next);
        }
        self.u.drop_top();
        self.u.bind(end);
    }
}
