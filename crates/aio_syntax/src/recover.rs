//! temp
use crate::{
    Parsed,
    actions::{Cx, Top},
    classify, lexer,
    parser::{self, Goal},
};
use aio_source::{Diagnostic, LineIndex, Span};
pub(crate) fn module(source: &str) -> Parsed {
    let mut lexed = lexer::lex(
        source,
        if source.starts_with('\u{feff}') { 3 } else { 0 },
        &[],
    );
    classify::classify(source, &mut lexed.tokens);
    let cx = Cx::new(source);
    let r = parser::parse(&cx, Goal::Module, &lexed.tokens);
    let (interner, mut diagnostics, node_count) = cx.finish();
    let lines = LineIndex::new(source);
    diagnostics.extend(lexed.errors.iter().map(|e| e.diagnostic(source, &lines)));
    let module = match r {
        Ok(Top::Module(m)) => m,
        Ok(_) => vec![],
        Err(stop) => {
            let t =
                lexed
                    .tokens
                    .get(stop.index)
                    .copied()
                    .unwrap_or((0, crate::token::Tok::Newline, 0));
            diagnostics.push(Diagnostic::syntax(Span::new(t.0, t.2), "invalid syntax"));
            vec![]
        }
    };
    let has_top_level_await = classify::has_top_level_await(&lexed.tokens);
    Parsed {
        module,
        interner,
        diagnostics,
        node_count,
        has_top_level_await,
    }
}
pub(crate) fn expression(source: &str) -> crate::ParsedExpr {
    let mut lexed = lexer::lex(source, 0, &[]);
    classify::classify(source, &mut lexed.tokens);
    let cx = Cx::new(source);
    let r = parser::parse(&cx, Goal::Expr, &lexed.tokens);
    let (interner, mut diagnostics, node_count) = cx.finish();
    let lines = LineIndex::new(source);
    diagnostics.extend(lexed.errors.iter().map(|e| e.diagnostic(source, &lines)));
    let expr = match r {
        Ok(Top::Expr(m)) => Some(m),
        Ok(_) => None,
        Err(stop) => {
            let t =
                lexed
                    .tokens
                    .get(stop.index)
                    .copied()
                    .unwrap_or((0, crate::token::Tok::Newline, 0));
            diagnostics.push(Diagnostic::syntax(Span::new(t.0, t.2), "invalid syntax"));
            None
        }
    };
    crate::ParsedExpr {
        expr,
        interner,
        diagnostics,
        node_count,
    }
}
/// Whether the lines typed so far can be run.
pub fn completeness(_source: &str) -> crate::Completeness {
    crate::Completeness::Complete
}
