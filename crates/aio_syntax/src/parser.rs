//! The door to the generated parser: nothing of the generator's is seen outside of this file.

use crate::actions::{Cx, Top};
use crate::token::{Spanned, Tok};
use lalrpop_util::ParseError;

#[expect(clippy::all, clippy::pedantic, warnings, reason = "generated code follows its generator's taste")]
mod generated {
    include!(concat!(env!("OUT_DIR"), "/aio.rs"));
}

/// What the tokens are to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Goal {
    Module,
    Expr,
}

/// Where the parser stopped.
#[derive(Debug)]
pub(crate) struct Stop {
    /// The index of the token that does not fit; the number of tokens if they end too early.
    pub index: usize,
    /// The terminals that would have fitted, as the grammar names them.
    pub expected: Vec<String>,
}

impl Stop {
    /// Whether a terminal would have fitted.
    pub fn expects(&self, terminal: &str) -> bool {
        self.expected.iter().any(|name| name == terminal)
    }
}

/// Parses tokens; the start symbol's own token is put in front.
pub(crate) fn parse(cx: &Cx<'_>, goal: Goal, tokens: &[Spanned]) -> Result<Top, Stop> {
    let start = match goal {
        Goal::Module => Tok::StartModule,
        Goal::Expr => Tok::StartExpr,
    };
    let mut pulled = 0usize;
    let input = std::iter::from_fn(|| {
        let token = match pulled {
            0 => (0, start, 0),
            n => *tokens.get(n - 1)?,
        };
        pulled += 1;
        Some(Ok::<_, ()>(token))
    });
    let result = generated::TopParser::new().parse(cx, input);
    result.map_err(|error| {
        let (at_end, expected) = match error {
            ParseError::UnrecognizedToken { expected, .. } => (false, expected),
            ParseError::UnrecognizedEof { expected, .. } => (true, expected),
            ParseError::InvalidToken { .. } | ParseError::ExtraToken { .. } | ParseError::User { .. } => {
                (false, Vec::new())
            }
        };
        // The start token was pulled too, and the last one pulled is the one that does not fit.
        let index = if at_end { tokens.len() } else { pulled.saturating_sub(2) };
        let unquote = |name: String| name.trim_matches('"').to_string();
        Stop { index, expected: expected.into_iter().map(unquote).collect() }
    })
}
