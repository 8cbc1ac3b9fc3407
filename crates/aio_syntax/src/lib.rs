//! Text in, tree out: tokens, layout, grammar, recovery.
