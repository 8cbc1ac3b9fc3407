//! Statements.

use super::{Arg, BinOp, Case, Ident, NodeId, P, Params, Span};

/// A sequence of statements.
pub type Block = Vec<Stmt>;

/// A statement with its place.
#[derive(Debug)]
pub struct Stmt {
    /// Its number.
    pub id: NodeId,
    /// Where it stands, its body included. A decorated definition begins at its first decorator.
    pub span: Span,
    /// What it is.
    pub kind: StmtKind,
}

/// What a statement is.
#[derive(Debug)]
pub enum StmtKind {
    /// An expression that stands alone.
    Expr(P),
    /// `a = b = value`
    Assign(Box<Assign>),
    /// `target += value`; the target is a name, an attribute or a subscript.
    AugAssign(BinOp, P, P),
    /// `target: annotation = value`
    AnnAssign(Box<AnnAssign>),
    /// `pass`
    Pass,
    /// `break`
    Break,
    /// `continue`
    Continue,
    /// `return value`
    Return(Option<P>),
    /// `raise exception from cause`
    Raise(Option<P>, Option<P>),
    /// `del a, b[c]`: the targets, at least one.
    Del(Vec<P>),
    /// `global a, b`
    Global(Vec<Ident>),
    /// `nonlocal a, b`
    Nonlocal(Vec<Ident>),
    /// `assert test, message`
    Assert(P, Option<P>),
    /// `import a.b as c, d`
    Import(Vec<Alias>),
    /// `from .a import b as c`
    FromImport(Box<FromImport>),
    /// `type Name[T] = value`
    TypeAlias(Box<TypeAlias>),
    /// `if`, `elif`, `else`
    If(Box<IfStmt>),
    /// `while`
    While(Box<WhileStmt>),
    /// `for` and `async for`
    For(Box<ForStmt>),
    /// `try`
    Try(Box<TryStmt>),
    /// `with` and `async with`
    With(Box<WithStmt>),
    /// `def` and `async def`
    FuncDef(Box<FuncDef>),
    /// `class`
    ClassDef(Box<ClassDef>),
    /// `match`
    Match(Box<MatchStmt>),
}

/// `a = b = value`
#[derive(Debug)]
pub struct Assign {
    /// From left to right, which is the order of the stores; at least one.
    pub targets: Vec<P>,
    /// Evaluated first.
    pub value: P,
}

/// `target: annotation = value`
#[derive(Debug)]
pub struct AnnAssign {
    /// A name, an attribute or a subscript; in parentheses a name is not declared.
    pub target: P,
    /// The annotation.
    pub annotation: P,
    /// The value, if there is one.
    pub value: Option<P>,
}

/// `a.b as c`
#[derive(Debug)]
pub struct Alias {
    /// The dotted name; a single one in a `from` import.
    pub name: Box<[Ident]>,
    /// The name behind `as`.
    pub asname: Option<Ident>,
}

/// `from ..module import names`
#[derive(Debug)]
pub struct FromImport {
    /// The number of leading dots.
    pub level: u32,
    /// The dotted name behind the dots; empty in `from . import x`.
    pub module: Vec<Ident>,
    /// What is imported; empty for `*`.
    pub names: Vec<Alias>,
    /// `from x import *`
    pub star: bool,
}

/// `type Name[T] = value`
#[derive(Debug)]
pub struct TypeAlias {
    /// The name that is bound.
    pub name: Ident,
    /// Type parameters.
    pub tparams: Vec<TParam>,
    /// Evaluated when it is asked for.
    pub value: P,
}

/// `if`, `elif`, `else`
#[derive(Debug)]
pub struct IfStmt {
    /// Tests with their bodies, first the one of `if`, then those of `elif`.
    pub arms: Vec<(P, Block)>,
    /// `else`
    pub orelse: Option<Block>,
}

/// `while test: body else: orelse`
#[derive(Debug)]
pub struct WhileStmt {
    /// The test.
    pub test: P,
    /// The body.
    pub body: Block,
    /// Runs when the test fails, not after `break`.
    pub orelse: Option<Block>,
}

/// `for target in iter: body else: orelse`
#[derive(Debug)]
pub struct ForStmt {
    /// `async for`
    pub is_async: bool,
    /// What is bound.
    pub target: P,
    /// What is iterated.
    pub iter: P,
    /// The body.
    pub body: Block,
    /// Runs when the iterator is exhausted, not after `break`.
    pub orelse: Option<Block>,
}

/// `try`; there is a handler or a `finally`.
#[derive(Debug)]
pub struct TryStmt {
    /// What is tried.
    pub body: Block,
    /// In order; either all or none of them with `*`.
    pub handlers: Vec<Handler>,
    /// Runs when nothing was raised.
    pub orelse: Option<Block>,
    /// Runs in any case.
    pub finally: Option<Block>,
}

/// `except typ as name: body`
#[derive(Debug)]
pub struct Handler {
    /// From `except` to the end of the body.
    pub span: Span,
    /// `except*`
    pub star: bool,
    /// What is caught; everything if there is none.
    pub typ: Option<P>,
    /// The name that is bound, and deleted at the end.
    pub name: Option<Ident>,
    /// The body.
    pub body: Block,
}

/// `with a as b, c: body`
#[derive(Debug)]
pub struct WithStmt {
    /// `async with`
    pub is_async: bool,
    /// Managers with their targets, from the outer to the inner.
    pub items: Vec<(P, Option<P>)>,
    /// The body.
    pub body: Block,
}

/// `def name[tparams](params) -> returns: body`
#[derive(Debug)]
pub struct FuncDef {
    /// The function's name.
    pub name: Ident,
    /// From the outer to the inner.
    pub decorators: Vec<P>,
    /// `async def`
    pub is_async: bool,
    /// Type parameters.
    pub tparams: Vec<TParam>,
    /// Parameters.
    pub params: Params,
    /// The annotation behind `->`.
    pub returns: Option<P>,
    /// The body.
    pub body: Block,
}

/// `class name[tparams](args): body`
#[derive(Debug)]
pub struct ClassDef {
    /// The class's name.
    pub name: Ident,
    /// From the outer to the inner.
    pub decorators: Vec<P>,
    /// Type parameters.
    pub tparams: Vec<TParam>,
    /// Bases, `metaclass=` and further keywords.
    pub args: Vec<Arg>,
    /// The body.
    pub body: Block,
}

/// Which kind of type parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TParamKind {
    /// `T`
    TypeVar,
    /// `*Ts`
    TypeVarTuple,
    /// `**P`
    ParamSpec,
}

/// A type parameter.
#[derive(Debug)]
pub struct TParam {
    /// Which kind.
    pub kind: TParamKind,
    /// The name that is bound.
    pub name: Ident,
    /// `T: bound`, only of a [`TParamKind::TypeVar`]; a tuple lists constraints.
    pub bound: Option<P>,
    /// `T = default`
    pub default: Option<P>,
}

/// `match subject: cases`
#[derive(Debug)]
pub struct MatchStmt {
    /// What is looked at.
    pub subject: P,
    /// In order; at least one.
    pub cases: Vec<Case>,
}
