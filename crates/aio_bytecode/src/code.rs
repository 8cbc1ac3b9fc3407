//! A compiled code object: what the compiler hands to the machine.

use crate::late::Late;
use crate::lines::{Lines, Position};
use crate::template::Template;
use std::borrow::Cow;
use std::sync::Arc;

/// A name; what is stored is not copied.
pub type Name = Cow<'static, str>;

/// A string or bytes; what is stored is not copied.
pub type Bytes = Cow<'static, [u8]>;

/// The code is a generator.
pub const GENERATOR: u32 = 1;
/// The code is a coroutine.
pub const COROUTINE: u32 = 2;
/// The code is an asynchronous generator.
pub const ASYNC_GENERATOR: u32 = 4;
/// The last positional slot but one collects `*args`.
pub const VARARGS: u32 = 8;
/// The last slot collects `**kwargs`.
pub const VARKEYWORDS: u32 = 16;
/// A namespace body: r[0] is the mapping that names live in.
pub const NAMESPACE: u32 = 32;
/// A module body.
pub const MODULE: u32 = 64;
/// The function is nested in another function (for `inspect`).
pub const NESTED: u32 = 128;
/// The function is a method of a class whose `__class__` it captures, or otherwise defined in a class body.
pub const METHOD: u32 = 256;
/// `from __future__ import annotations` holds.
pub const FUTURE_ANNOTATIONS: u32 = 512;

/// A constant of a code object.
#[derive(Debug, Clone, PartialEq)]
pub enum Const {
    /// `None`.
    None,
    /// `True`.
    True,
    /// `False`.
    False,
    /// `...`.
    Ellipsis,
    /// No value: marks an absent operand.
    Undef,
    /// An integer of up to 64 bits.
    Int(i64),
    /// A larger non-negative integer, in hexadecimal digits.
    BigInt(Name),
    /// A float.
    Float(f64),
    /// An imaginary number.
    Imag(f64),
    /// A string, as WTF-8.
    Str(Bytes),
    /// Bytes.
    Bytes(Bytes),
    /// A tuple of constants.
    Tuple(Box<[Const]>),
    /// A frozenset of constants.
    FrozenSet(Box<[Const]>),
    /// A nested code object.
    Code(Arc<Template>),
}

/// Where MakeFunction finds the cell of a free variable of the new function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Capture {
    /// In this register of the function that makes it.
    Local(u16),
    /// In this free variable of the function that makes it.
    Free(u16),
}

/// A range of words that is protected by a handler. The innermost range comes first in the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Handler {
    /// First word of the range.
    pub start: u32,
    /// First word behind it.
    pub end: u32,
    /// Where to go on.
    pub target: u32,
    /// Temporaries that stay alive; the exception is put into the next one.
    pub depth: u16,
}

/// From this word on, the code comes from this place (up to the next entry).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// First word.
    pub pc: u32,
    /// Line, counted from 1.
    pub line: u32,
    /// Byte offset of the expression's first character.
    pub lo: u32,
    /// Byte offset behind its last character.
    pub hi: u32,
}

/// A compiled module, class body, function, lambda or generator expression.
///
/// Parameters are the first locals, in this order: positional, keyword-only, `*args`, `**kwargs`.
#[derive(Debug, Clone, PartialEq)]
pub struct Code {
    /// `__name__`.
    pub name: Name,
    /// `__qualname__`.
    pub qualname: Name,
    /// File name as tracebacks show it.
    pub filename: Arc<str>,
    /// Line of the `def` (of its first decorator, if any), or 1.
    pub first_line: u32,
    /// Flags, see the constants of this module.
    pub flags: u32,
    /// Positional parameters, positional-only ones included.
    pub positional: u16,
    /// Positional-only parameters.
    pub positional_only: u16,
    /// Keyword-only parameters.
    pub keyword_only: u16,
    /// Locals.
    pub locals: u16,
    /// Locals and temporaries.
    pub registers: u16,
    /// The words.
    pub words: Late<u64>,
    /// Constants.
    pub consts: Box<[Const]>,
    /// Names of attributes, globals and variables in messages.
    pub names: Box<[Name]>,
    /// Names of the locals. Hidden ones (of inlined comprehensions) begin with a dot.
    pub local_names: Box<[Name]>,
    /// Names of the free variables.
    pub free_names: Box<[Name]>,
    /// Locals that live in cells (registers).
    pub cells: Box<[u16]>,
    /// Where the cells of the free variables come from, as seen by the function that makes this one.
    pub captures: Box<[Capture]>,
    /// Exception handlers, innermost first.
    pub handlers: Box<[Handler]>,
    /// For each word (cache words repeat their instruction's entry): how many temporaries are alive while the
    /// instruction runs, those not counted that it takes itself.
    pub live: Late<u16>,
    /// Places, ascending by word.
    pub places: Late<Place>,
    /// The lines of the text, from which places become columns; nothing if the text is not what a person wrote.
    pub lines: Option<Lines>,
    /// The docstring, as WTF-8.
    pub doc: Option<Bytes>,
}

impl Code {
    /// The place of the instruction that the word `pc` belongs to.
    pub fn place(&self, pc: u32) -> Option<&Place> {
        let after = self.places.partition_point(|p| p.pc <= pc);
        after.checked_sub(1).map(|i| &self.places[i])
    }

    /// The range of the text that the instruction comes from which the word `pc` belongs to.
    pub fn position(&self, pc: u32) -> Option<Position> {
        let place = self.place(pc)?;
        Some(self.lines.as_ref()?.position(place.lo, place.hi))
    }

    /// The same code, and that of all that is defined in it, with lines but without columns.
    pub fn without_columns(&self) -> Code {
        let inner = |constant: &Const| match constant {
            Const::Code(code) => Const::Code(Arc::new(Arc::new(code.without_columns()).into())),
            other => other.clone(),
        };
        Code { lines: None, consts: self.consts.iter().map(inner).collect(), ..self.clone() }
    }

    /// Number of parameter slots.
    pub fn parameters(&self) -> usize {
        self.positional as usize
            + self.keyword_only as usize
            + (self.flags & VARARGS != 0) as usize
            + (self.flags & VARKEYWORDS != 0) as usize
    }
}
