//! The patterns of `case`.

use super::{Block, Ident, P, Span};

/// `case pat if guard: body`
#[derive(Debug)]
pub struct Case {
    /// What the subject has to look like.
    pub pat: Pat,
    /// The condition behind `if`.
    pub guard: Option<P>,
    /// The statements.
    pub body: Block,
}

/// A pattern with its place.
#[derive(Debug)]
pub struct Pat {
    /// Where it stands.
    pub span: Span,
    /// What it is.
    pub kind: PatKind,
}

/// What a pattern is.
#[derive(Debug)]
pub enum PatKind {
    /// A literal (compared with `==`, the singletons with `is`) or a dotted name.
    Value(P),
    /// A single name that is bound.
    Capture(Ident),
    /// `_`: matches everything, binds nothing.
    Wildcard,
    /// `*name` in a sequence; without a name for `*_`.
    Star(Option<Ident>),
    /// `a | b`: two or more.
    Or(Vec<Pat>),
    /// `pattern as name`
    As(Box<Pat>, Ident),
    /// `a, b`, `(a, b)` and `[a, b]`
    Seq(Vec<Pat>),
    /// `{key: pattern, **rest}`
    Map(Vec<MapItem>),
    /// `Class(a, b, key=c)`
    Class(P, Vec<PatArg>),
    /// `(a)`
    Group(Box<Pat>),
}

/// An entry of a mapping pattern.
#[derive(Debug)]
pub enum MapItem {
    /// `key: pattern`; the key is a literal or a dotted name.
    Entry(P, Pat),
    /// `**rest`
    Rest(Ident),
}

/// An argument of a class pattern.
#[derive(Debug)]
pub enum PatArg {
    /// By position, through `__match_args__`.
    Pos(Pat),
    /// `attribute=pattern`
    Kw(Ident, Pat),
}
