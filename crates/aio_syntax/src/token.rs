//! The tokens: what the lexer generator sees, and what the grammar sees.

use crate::lexer::number::{self, NumberKind};
use logos::{FilterResult, Lexer, Logos};

/// A token with the offsets of its first byte and of the byte behind it.
pub(crate) type Spanned = (u32, Tok, u32);

/// What the automaton rejects. The driver turns it into a [`crate::lexer::LexError`] with a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum RawError {
    #[default]
    UnexpectedChar,
    UnterminatedString,
    UnterminatedTriple,
    BadContinuation,
    ContinuationAtEof,
}

/// What stands outside of f-strings. No text inside: it is taken from the span when it is needed.
#[derive(Logos, Debug, Clone, Copy, PartialEq, Eq)]
#[logos(error = RawError)]
#[logos(skip r"[ \t\f]+")]
#[logos(skip(r"#[^\r\n]*", allow_greedy = true))]
pub(crate) enum Raw {
    #[regex(r"\r\n|\n|\r")]
    Newline,
    /// A backslash joins two lines; anything else behind it is an error.
    #[regex(r"\\(\r\n|\n|\r)", joined_line)]
    #[regex(r"\\", bad_continuation)]
    Continuation,

    #[regex(r"[a-zA-Z_][a-zA-Z0-9_]*")]
    #[regex(r"[\p{XID_Start}_]\p{XID_Continue}*", priority = 1)]
    Name,
    #[token("False")]
    False,
    #[token("None")]
    None,
    #[token("True")]
    True,
    #[token("and")]
    And,
    #[token("as")]
    As,
    #[token("assert")]
    Assert,
    #[token("async")]
    Async,
    #[token("await")]
    Await,
    #[token("break")]
    Break,
    #[token("class")]
    Class,
    #[token("continue")]
    Continue,
    #[token("def")]
    Def,
    #[token("del")]
    Del,
    #[token("elif")]
    Elif,
    #[token("else")]
    Else,
    #[token("except")]
    Except,
    #[token("finally")]
    Finally,
    #[token("for")]
    For,
    #[token("from")]
    From,
    #[token("global")]
    Global,
    #[token("if")]
    If,
    #[token("import")]
    Import,
    #[token("in")]
    In,
    #[token("is")]
    Is,
    #[token("lambda")]
    Lambda,
    #[token("nonlocal")]
    Nonlocal,
    #[token("not")]
    Not,
    #[token("or")]
    Or,
    #[token("pass")]
    Pass,
    #[token("raise")]
    Raise,
    #[token("return")]
    Return,
    #[token("try")]
    Try,
    #[token("while")]
    While,
    #[token("with")]
    With,
    #[token("yield")]
    Yield,

    /// The automaton finds where a number begins; the rest follows CPython's tokenizer by hand, for
    /// the sake of its messages.
    #[regex(r"[0-9]|\.[0-9]", number_tail)]
    Number(NumberKind),
    #[regex(r#"(?i:r|u|b|br|rb)?("|'|"""|''')"#, string_tail)]
    String,
    /// The opening of an f-string; the driver switches to [`FTok`] behind it.
    #[regex(r#"(?i:f|rf|fr)("|'|"""|''')"#)]
    FStart,

    #[token("(")]
    LPar,
    #[token(")")]
    RPar,
    #[token("[")]
    LSqb,
    #[token("]")]
    RSqb,
    #[token("{")]
    LBrace,
    #[token("}")]
    RBrace,
    #[token("+")]
    Plus,
    #[token("-")]
    Minus,
    #[token("*")]
    Star,
    #[token("**")]
    DoubleStar,
    #[token("/")]
    Slash,
    #[token("//")]
    DoubleSlash,
    #[token("%")]
    Percent,
    #[token("@")]
    At,
    #[token("<<")]
    LShift,
    #[token(">>")]
    RShift,
    #[token("&")]
    Amp,
    #[token("|")]
    VBar,
    #[token("^")]
    Caret,
    #[token("~")]
    Tilde,
    #[token(":=")]
    ColonEq,
    #[token("<")]
    Lt,
    #[token(">")]
    Gt,
    #[token("<=")]
    Le,
    #[token(">=")]
    Ge,
    #[token("==")]
    EqEq,
    #[token("!=")]
    Ne,
    #[token("!")]
    Bang,
    #[token(",")]
    Comma,
    #[token(":")]
    Colon,
    #[token(".")]
    Dot,
    #[token("...")]
    Ellipsis,
    #[token(";")]
    Semi,
    #[token("=")]
    Eq,
    #[token("->")]
    Arrow,
    #[token("+=")]
    PlusEq,
    #[token("-=")]
    MinusEq,
    #[token("*=")]
    StarEq,
    #[token("/=")]
    SlashEq,
    #[token("//=")]
    DoubleSlashEq,
    #[token("%=")]
    PercentEq,
    #[token("@=")]
    AtEq,
    #[token("&=")]
    AmpEq,
    #[token("|=")]
    VBarEq,
    #[token("^=")]
    CaretEq,
    #[token("<<=")]
    LShiftEq,
    #[token(">>=")]
    RShiftEq,
    #[token("**=")]
    DoubleStarEq,
}

fn joined_line(lex: &mut Lexer<Raw>) -> FilterResult<(), RawError> {
    if lex.remainder().is_empty() { FilterResult::Error(RawError::ContinuationAtEof) } else { FilterResult::Skip }
}

fn bad_continuation(lex: &mut Lexer<Raw>) -> Result<(), RawError> {
    Err(if lex.remainder().is_empty() { RawError::ContinuationAtEof } else { RawError::BadContinuation })
}

fn number_tail(lex: &mut Lexer<Raw>) -> NumberKind {
    let start = lex.span().start;
    let scan = number::scan(&lex.source().as_bytes()[start..]);
    // The scan sees at least the bytes that the automaton matched, all of them ASCII.
    lex.bump((start + scan.len).saturating_sub(lex.span().end));
    scan.kind
}

/// The quotes and the prefix of a string or f-string literal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Opener {
    /// `'` or `"`
    pub quote: u8,
    /// Three quotes instead of one.
    pub triple: bool,
    /// `r` in the prefix.
    pub raw: bool,
    /// `b` in the prefix.
    pub bytes: bool,
    /// Length of prefix and quotes together.
    pub len: u32,
}

impl Opener {
    /// Reads the beginning of a literal's text.
    pub fn read(text: &[u8]) -> Opener {
        let prefix = text.iter().position(|b| matches!(b, b'"' | b'\'')).unwrap_or(0);
        let quote = text.get(prefix).copied().unwrap_or(b'"');
        let triple = text.get(prefix + 1) == Some(&quote) && text.get(prefix + 2) == Some(&quote);
        let has = |letter: u8| text[..prefix].iter().any(|b| b | 32 == letter);
        Opener { quote, triple, raw: has(b'r'), bytes: has(b'b'), len: prefix as u32 + if triple { 3 } else { 1 } }
    }

    /// How many quotes open and close the literal.
    pub fn quotes(&self) -> u32 {
        if self.triple { 3 } else { 1 }
    }
}

fn string_tail(lex: &mut Lexer<Raw>) -> FilterResult<(), RawError> {
    let opener = Opener::read(lex.slice().as_bytes());
    let quote = opener.quote;
    let rest = lex.remainder().as_bytes();
    let mut i = 0;
    loop {
        match rest.get(i) {
            None => {
                lex.bump(rest.len());
                return FilterResult::Error(if opener.triple {
                    RawError::UnterminatedTriple
                } else {
                    RawError::UnterminatedString
                });
            }
            // Skips the escaped byte; the tail of a longer character is harmless.
            Some(b'\\') => {
                let crlf = rest.get(i + 1) == Some(&b'\r') && rest.get(i + 2) == Some(&b'\n');
                i = (i + if crlf { 3 } else { 2 }).min(rest.len());
            }
            Some(&b) if b == quote => {
                if !opener.triple {
                    lex.bump(i + 1);
                    return FilterResult::Emit(());
                }
                if rest.get(i + 1) == Some(&quote) && rest.get(i + 2) == Some(&quote) {
                    lex.bump(i + 3);
                    return FilterResult::Emit(());
                }
                i += 1;
            }
            Some(b'\n' | b'\r') if !opener.triple => {
                lex.bump(i);
                return FilterResult::Error(RawError::UnterminatedString);
            }
            Some(_) => i += 1,
        }
    }
}

/// What stands in the literal parts of an f-string.
#[derive(Logos, Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FTok {
    #[token("{{")]
    DoubleLBrace,
    #[token("}}")]
    DoubleRBrace,
    #[token("{")]
    LBrace,
    #[token("}")]
    RBrace,
    #[token("\"")]
    #[token("'")]
    #[token("\"\"\"")]
    #[token("'''")]
    Quote,
    #[regex(r"\\N\{[^}\n]*\}")]
    NamedEscape,
    #[regex(r"\\(?s:.)")]
    Escape,
    #[regex(r"\r\n|\n|\r")]
    Newline,
    #[regex(r#"[^{}"'\\\r\n]+"#)]
    Text,
}

macro_rules! tokens {
    ($($raw:ident)*; $($extra:ident)*) => {
        /// What the grammar sees: one byte, without text.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[repr(u8)]
        pub(crate) enum Tok { $($raw,)* $($extra,)* }

        impl From<Raw> for Tok {
            #[inline]
            fn from(raw: Raw) -> Tok {
                match raw {
                    $(Raw::$raw => Tok::$raw,)*
                    Raw::Number(NumberKind::Int) => Tok::Int,
                    Raw::Number(NumberKind::Float) => Tok::Float,
                    Raw::Number(NumberKind::Imag) => Tok::Imag,
                }
            }
        }
    };
}

tokens! {
    Newline Continuation Name False None True And As Assert Async Await Break Class Continue Def Del
    Elif Else Except Finally For From Global If Import In Is Lambda Nonlocal Not Or Pass Raise Return
    Try While With Yield String FStart LPar RPar LSqb RSqb LBrace RBrace Plus Minus Star DoubleStar
    Slash DoubleSlash Percent At LShift RShift Amp VBar Caret Tilde ColonEq Lt Gt Le Ge EqEq Ne Bang
    Comma Colon Dot Ellipsis Semi Eq Arrow PlusEq MinusEq StarEq SlashEq DoubleSlashEq PercentEq AtEq
    AmpEq VBarEq CaretEq LShiftEq RShiftEq DoubleStarEq;
    Int Float Imag Indent Dedent Match Case Type WithLPar FMiddle FLBrace FRBrace FColon FBang FEq FEnd
    StartModule StartExpr Unexpected
}

impl Tok {
    /// Whether an expression can begin with it.
    pub fn starts_expression(self) -> bool {
        matches!(
            self,
            Tok::Name
                | Tok::Int
                | Tok::Float
                | Tok::Imag
                | Tok::String
                | Tok::FStart
                | Tok::LPar
                | Tok::LSqb
                | Tok::LBrace
                | Tok::Minus
                | Tok::Plus
                | Tok::Tilde
                | Tok::Not
                | Tok::Lambda
                | Tok::Await
                | Tok::None
                | Tok::True
                | Tok::False
                | Tok::Ellipsis
        )
    }

    /// Whether it ends a line or changes the indentation.
    pub fn is_layout(self) -> bool {
        matches!(self, Tok::Newline | Tok::Indent | Tok::Dedent)
    }

    /// The opening bracket of a closing one and the other way round.
    pub fn partner(self) -> Tok {
        match self {
            Tok::LPar => Tok::RPar,
            Tok::LSqb => Tok::RSqb,
            Tok::LBrace => Tok::RBrace,
            Tok::RPar => Tok::LPar,
            Tok::RSqb => Tok::LSqb,
            Tok::RBrace => Tok::LBrace,
            other => other,
        }
    }
}
