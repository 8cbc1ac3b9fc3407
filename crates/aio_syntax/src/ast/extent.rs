//! Where statements end.

use super::*;

impl Stmt {
    /// Where the statement ends. The span of a compound one reaches to the next statement; this is the end of the last
    /// statement inside of it.
    pub fn end(&self) -> u32 {
        let or = |block: &Option<Block>, body: &[Stmt]| block_end(block.as_deref().unwrap_or(body), self.span.hi);
        match &self.kind {
            StmtKind::If(if_) => or(&if_.orelse, if_.arms.last().map_or(&[], |(_, body)| body)),
            StmtKind::While(while_) => or(&while_.orelse, &while_.body),
            StmtKind::For(for_) => or(&for_.orelse, &for_.body),
            StmtKind::Try(try_) => {
                let body = try_.handlers.last().map_or(&try_.body, |handler| &handler.body);
                or(&try_.finally, try_.orelse.as_deref().unwrap_or(body))
            }
            StmtKind::With(with) => block_end(&with.body, self.span.hi),
            StmtKind::FuncDef(def) => block_end(&def.body, self.span.hi),
            StmtKind::ClassDef(class) => block_end(&class.body, self.span.hi),
            StmtKind::Match(match_) => {
                match_.cases.last().map_or(self.span.hi, |case| block_end(&case.body, self.span.hi))
            }
            _ => self.span.hi,
        }
    }
}

/// Where a block ends, which is never empty in a tree without errors.
pub fn block_end(block: &[Stmt], otherwise: u32) -> u32 {
    block.last().map_or(otherwise, Stmt::end)
}
