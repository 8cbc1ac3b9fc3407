//! The tree that the parser builds and the compiler reads.
//!
//! Everything is decoded: names are interned, literals hold their values, and the tree needs the
//! source text no more. Nodes are boxed one by one; [`Expr`] is kept at 48 bytes. The tree is never
//! deeper than [`MAX_DEPTH`] expressions, so recursive walks (dropping it is one) are safe.

mod children;
mod extent;
mod pattern;
mod stmt;

pub use aio_source::Span;
pub use extent::block_end;
pub use pattern::*;
pub use stmt::*;

/// How deep expressions may nest; deeper ones are a diagnostic.
pub const MAX_DEPTH: u32 = 1_000;

/// The number of a node, dense from 0 in one parse, so that side tables can be vectors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub u32);

/// An interned name; see [`crate::Interner`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sym(pub u32);

/// A name at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ident {
    /// The name.
    pub sym: Sym,
    /// Where it stands.
    pub span: Span,
}

/// An owned expression.
pub type P = Box<Expr>;

/// An expression with its place.
#[derive(Debug)]
pub struct Expr {
    /// Its number.
    pub id: NodeId,
    /// Where it stands.
    pub span: Span,
    /// The number of expressions on the longest way down, itself included; at most [`MAX_DEPTH`].
    pub depth: u32,
    /// What it is.
    pub kind: ExprKind,
}

/// A binary arithmetic operator, also of an augmented assignment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BinOp {
    /// `+`
    Add,
    /// `-`
    Sub,
    /// `*`
    Mul,
    /// `/`
    Div,
    /// `//`
    FloorDiv,
    /// `%`
    Mod,
    /// `@`
    MatMul,
    /// `**`
    Pow,
    /// `<<`
    LShift,
    /// `>>`
    RShift,
    /// `&`
    BitAnd,
    /// `|`
    BitOr,
    /// `^`
    BitXor,
}

/// A prefix operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UnOp {
    /// `not`
    Not,
    /// `-`
    Neg,
    /// `+`
    Pos,
    /// `~`
    Invert,
}

/// A comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CmpOp {
    /// `==`
    Eq,
    /// `!=`
    Ne,
    /// `<`
    Lt,
    /// `<=`
    Le,
    /// `>`
    Gt,
    /// `>=`
    Ge,
    /// `in`
    In,
    /// `not in`
    NotIn,
    /// `is`
    Is,
    /// `is not`
    IsNot,
}

/// The value of an integer literal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IntLit {
    /// A value of 64 bits; never negative, since `-1` is an operator and an operand.
    Small(i64),
    /// A larger value in lowercase hexadecimal digits, without prefix and leading zeros.
    Big(Box<str>),
}

/// The value of a string literal, adjacent literals joined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StrLit {
    /// WTF-8: UTF-8 in which `\ud800`-like escapes stand as three-byte sequences of their own.
    pub value: Box<[u8]>,
    /// Whether `value` holds such a lone surrogate, and so is not UTF-8.
    pub surrogates: bool,
}

/// What an expression is.
#[derive(Debug)]
pub enum ExprKind {
    /// `x`
    Name(Sym),
    /// `12`, `0xff`
    Int(IntLit),
    /// `1.5`
    Float(f64),
    /// `2j`; the value is the imaginary part.
    Imag(f64),
    /// `"text"`
    Str(Box<StrLit>),
    /// `b"bytes"`
    Bytes(Box<[u8]>),
    /// `f"a{b}c"`, also when only one of several adjacent literals is an f-string.
    FStr(Box<[FPiece]>),
    /// `None`
    None,
    /// `True`
    True,
    /// `False`
    False,
    /// `...`
    Ellipsis,
    /// `a + b`
    Bin(BinOp, P, P),
    /// `-a`, `not a`
    Un(UnOp, P),
    /// `a and b and c`: two or more.
    And(Box<[P]>),
    /// `a or b or c`: two or more.
    Or(Box<[P]>),
    /// `a < b <= c`: one or more.
    Cmp(P, Box<[(CmpOp, P)]>),
    /// `body if test else orelse`
    IfExp(Box<IfExp>),
    /// `lambda params: body`
    Lambda(Box<Lambda>),
    /// `name := value`
    Named(Ident, P),
    /// `f(args)`
    Call(P, Box<[Arg]>),
    /// `a.b`
    Attr(P, Ident),
    /// `a[b]`; several subscripts come as a [`ExprKind::Tuple`].
    Index(P, P),
    /// `lower:upper:step`, only inside an [`ExprKind::Index`].
    Slice(Box<Slice>),
    /// `a, b` and `(a, b)`
    Tuple(Box<[P]>),
    /// `[a, b]`
    List(Box<[P]>),
    /// `{a, b}`
    Set(Box<[P]>),
    /// `{k: v, **m}`: an entry without key is unpacked.
    Dict(Box<[(Option<P>, P)]>),
    /// `*a`, in displays, subscripts and targets.
    Star(P),
    /// `(a)`: kept, since `(a): int = 1` and `a: int = 1` differ.
    Paren(P),
    /// `[a for ...]`
    ListComp(P, Box<[Comp]>),
    /// `{a for ...}`
    SetComp(P, Box<[Comp]>),
    /// `(a for ...)`
    GenExp(P, Box<[Comp]>),
    /// `{k: v for ...}`
    DictComp(Box<(P, P)>, Box<[Comp]>),
    /// `await a`
    Await(P),
    /// `yield a`
    Yield(Option<P>),
    /// `yield from a`
    YieldFrom(P),
    /// Stands where the source was wrong; there is a diagnostic whenever there is one of these.
    Error,
}

/// `body if test else orelse`
#[derive(Debug)]
pub struct IfExp {
    /// The value if the test holds.
    pub body: P,
    /// The test, evaluated first.
    pub test: P,
    /// The value if it does not hold.
    pub orelse: P,
}

/// `lambda params: body`
#[derive(Debug)]
pub struct Lambda {
    /// Parameters, without annotations.
    pub params: Params,
    /// The value.
    pub body: P,
}

/// `lower:upper:step`
#[derive(Debug)]
pub struct Slice {
    /// Before the first colon.
    pub lower: Option<P>,
    /// Behind the first colon.
    pub upper: Option<P>,
    /// Behind the second colon.
    pub step: Option<P>,
}

/// A part of an f-string.
#[derive(Debug)]
pub enum FPiece {
    /// Text in WTF-8, escapes and doubled braces decoded; never empty.
    Lit(Box<[u8]>),
    /// `{expr!conv:spec}`
    Field(Box<FField>),
}

/// A replacement field of an f-string.
#[derive(Debug)]
pub struct FField {
    /// With both braces.
    pub span: Span,
    /// The text before the value in `{x = }`, in WTF-8: everything between `{` and the value's end as written, but for
    /// escapes, which mean what they mean in the text around it.
    pub debug: Option<Box<[u8]>>,
    /// The value.
    pub expr: P,
    /// How it becomes text. `{x=}` with neither conversion nor spec already says `Repr` here.
    pub conv: Conversion,
    /// The format specification, which may hold fields itself.
    pub spec: Option<Box<[FPiece]>>,
}

/// How the value of a replacement field becomes text before it is formatted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Conversion {
    /// Not at all: `format(value, spec)`.
    None,
    /// `!s`
    Str,
    /// `!r`
    Repr,
    /// `!a`
    Ascii,
}

/// `for target in iter if cond ...` of a comprehension.
#[derive(Debug)]
pub struct Comp {
    /// `async for`
    pub is_async: bool,
    /// What is bound.
    pub target: P,
    /// What is iterated.
    pub iter: P,
    /// The conditions, in order.
    pub ifs: Box<[P]>,
}

/// An argument of a call or of a class statement, in source order.
#[derive(Debug)]
pub enum Arg {
    /// `f(a)`
    Pos(P),
    /// `f(*a)`
    Star(P),
    /// `f(k=a)`
    Kw(Ident, P),
    /// `f(**a)`
    DoubleStar(P),
}

/// One entry of a parameter list, in source order; the order has been checked.
#[derive(Debug)]
pub enum ParamItem {
    /// `name: annotation = default`
    Plain(Ident, Option<P>, Option<P>),
    /// `/`: the parameters before it are positional-only.
    Slash(Span),
    /// `*` or `*args: annotation`: the parameters after it are keyword-only.
    Star(Span, Option<(Ident, Option<P>)>),
    /// `**kwargs: annotation`
    DStar(Ident, Option<P>),
}

/// A parameter list.
pub type Params = Box<[ParamItem]>;
