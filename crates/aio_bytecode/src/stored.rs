//! Code objects as bytes: how the library's modules lie in the program, compiled when the program was built.
//!
//! The form is for the program that holds it and for no other version. Numbers are written in groups of seven bits,
//! texts once per module, instructions without their empty caches, and places as differences. The extent of what is read
//! only when somebody asks stands before it: code objects within others, and lists that are needed for errors.

use crate::code::{Capture, Code, Const, Handler, Name, Place};
use crate::late::Late;
use crate::lines::Lines;
use crate::ops::{Op, Word};
use crate::template::Template;
use std::collections::HashMap;
use std::sync::Arc;

/// Writes a module. Its file name is left out: who reads it says it anew.
pub fn write(code: &Code) -> Vec<u8> {
    let mut writer = Writer { out: Vec::new(), texts: Vec::new(), known: HashMap::new() };
    writer.code(code);
    let body = std::mem::take(&mut writer.out);
    let texts = std::mem::take(&mut writer.texts);
    // Where the texts end, in four bytes each, so that any of them is found without the others.
    let mut end = 0;
    let ends = texts.iter().flat_map(|text| {
        end += text.len() as u32;
        end.to_le_bytes()
    });
    writer.bytes(&ends.collect::<Vec<u8>>());
    writer.bytes(texts.concat().as_bytes());
    writer.bytes(code.lines.as_ref().map_or(&[], Lines::packed));
    writer.out.extend(body);
    writer.out
}

/// Reads what [`write`] wrote, or gives nothing if these bytes are something else.
pub fn read(bytes: &'static [u8], filename: &str) -> Option<Arc<Code>> {
    let mut reader = Reader { rest: bytes, shared: None };
    let (ends, texts) = (reader.bytes()?, std::str::from_utf8(reader.bytes()?).ok()?);
    let shared = Shared { ends, texts, lines: Lines::from_packed(reader.bytes()?), filename: filename.into() };
    let shared = Arc::new(shared);
    reader.shared = Some(&shared);
    let unread = reader.unread()?;
    if reader.rest.is_empty() { unread.read() } else { None }
}

/// Reads code that [`read`] has left out. What cannot be read, which no program has in it, does nothing.
pub(crate) fn code(unread: Option<&Unread>) -> Arc<Code> {
    unread.and_then(Unread::read).unwrap_or_else(|| {
        Arc::new(Code {
            name: Name::default(),
            qualname: Name::default(),
            filename: "".into(),
            first_line: 1,
            flags: unread.map_or(0, |unread| unread.flags),
            positional: 0,
            positional_only: 0,
            keyword_only: 0,
            locals: 1,
            registers: 1,
            words: [Word::abc(Op::ReturnNone, 0, 0, 0, 0).0].into(),
            consts: Box::default(),
            names: Box::default(),
            local_names: Box::default(),
            free_names: Box::default(),
            cells: Box::default(),
            captures: unread.map(|unread| unread.captures.clone()).unwrap_or_default(),
            handlers: Box::default(),
            live: [0].into(),
            places: Late::default(),
            lines: None,
            doc: None,
        })
    })
}

/// What all code of a module has in common.
#[derive(Debug)]
struct Shared {
    ends: &'static [u8],
    texts: &'static str,
    lines: Lines,
    filename: Arc<str>,
}

impl Shared {
    fn text(&self, number: usize) -> Option<&'static str> {
        let (ends, _) = self.ends.as_chunks::<4>();
        let end = |number: usize| ends.get(number).map(|&end| u32::from_le_bytes(end) as usize);
        let start = number.checked_sub(1).map_or(Some(0), end)?;
        self.texts.get(start..end(number)?)
    }
}

/// A code object of which only that is known which is needed to make a function of it.
#[derive(Debug, Clone)]
pub(crate) struct Unread {
    pub(crate) flags: u32,
    pub(crate) locals: u16,
    pub(crate) registers: u16,
    pub(crate) captures: Box<[Capture]>,
    rest: &'static [u8],
    shared: Arc<Shared>,
}

impl Unread {
    fn read(&self) -> Option<Arc<Code>> {
        let mut reader = Reader { rest: self.rest, shared: Some(&self.shared) };
        let code = reader.code(self)?;
        reader.rest.is_empty().then(|| Arc::new(code))
    }
}

/// What a list is read from when somebody asks.
pub trait Form: Clone + PartialEq + 'static {
    /// Reads the list, or gives nothing if these bytes are something else.
    fn read(bytes: &'static [u8]) -> Option<Box<[Self]>>;
}

impl Form for u64 {
    fn read(bytes: &'static [u8]) -> Option<Box<[u64]>> {
        Reader { rest: bytes, shared: None }.words()
    }
}

impl Form for u16 {
    fn read(bytes: &'static [u8]) -> Option<Box<[u16]>> {
        Reader { rest: bytes, shared: None }.live()
    }
}

impl Form for Place {
    fn read(bytes: &'static [u8]) -> Option<Box<[Place]>> {
        Reader { rest: bytes, shared: None }.places()
    }
}

/// Kinds of constants, in the order of their numbers.
const NONE: u8 = 0;
const TRUE: u8 = 1;
const FALSE: u8 = 2;
const ELLIPSIS: u8 = 3;
const UNDEF: u8 = 4;
const INT: u8 = 5;
const BIG_INT: u8 = 6;
const FLOAT: u8 = 7;
const IMAG: u8 = 8;
const STR: u8 = 9;
const BYTES: u8 = 10;
const TUPLE: u8 = 11;
const FROZEN_SET: u8 = 12;
const CODE: u8 = 13;

struct Writer<'a> {
    out: Vec<u8>,
    texts: Vec<&'a str>,
    known: HashMap<&'a str, u64>,
}

impl<'a> Writer<'a> {
    fn number(&mut self, mut n: u64) {
        while n >= 0x80 {
            self.out.push(n as u8 | 0x80);
            n >>= 7;
        }
        self.out.push(n as u8);
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.number(bytes.len() as u64);
        self.out.extend_from_slice(bytes);
    }

    fn text(&mut self, text: &'a str) {
        let next = self.texts.len() as u64;
        let number = *self.known.entry(text).or_insert(next);
        if number == next {
            self.texts.push(text);
        }
        self.number(number);
    }

    fn list<T>(&mut self, items: &'a [T], mut one: impl FnMut(&mut Self, &'a T)) {
        self.number(items.len() as u64);
        for item in items {
            one(self, item);
        }
    }

    /// What is known at once, and the rest with its extent before it.
    fn code(&mut self, code: &'a Code) {
        self.number(code.flags.into());
        self.number(code.locals.into());
        self.number(code.registers.into());
        self.list(&code.captures, |w, &capture| match capture {
            Capture::Local(n) => w.number(u64::from(n) << 1),
            Capture::Free(n) => w.number(u64::from(n) << 1 | 1),
        });
        self.part(|w| w.rest(code));
    }

    /// Something with its extent before it.
    fn part(&mut self, write: impl FnOnce(&mut Self)) {
        let before = std::mem::take(&mut self.out);
        write(self);
        let part = std::mem::replace(&mut self.out, before);
        self.bytes(&part);
    }

    fn rest(&mut self, code: &'a Code) {
        self.text(&code.name);
        self.text(&code.qualname);
        self.number(code.first_line.into());
        for n in [code.positional, code.positional_only, code.keyword_only] {
            self.number(n.into());
        }
        self.part(|w| w.words(&code.words));
        self.list(&code.consts, Self::constant);
        for names in [&code.names, &code.local_names, &code.free_names] {
            self.list(names, |w, name| w.text(name));
        }
        self.list(&code.cells, |w, &cell| w.number(cell.into()));
        self.list(&code.handlers, |w, h| {
            for n in [h.start, h.end, h.target, h.depth.into()] {
                w.number(n.into());
            }
        });
        self.part(|w| w.live(&code.live));
        self.part(|w| w.places(&code.places));
        match &code.doc {
            None => self.number(0),
            Some(doc) => {
                self.number(1);
                self.bytes(doc);
            }
        }
    }

    fn places(&mut self, places: &'a [Place]) {
        let mut last = Place { pc: 0, line: 0, lo: 0, hi: 0 };
        self.list(places, |w, place| {
            w.number(u64::from(place.pc.wrapping_sub(last.pc)));
            w.number(zigzag(place.line, last.line));
            w.number(zigzag(place.lo, last.lo));
            w.number(zigzag(place.hi, place.lo));
            last = *place;
        });
    }

    fn words(&mut self, words: &[u64]) {
        self.number(words.len() as u64);
        let mut pc = 0;
        while let Some(&word) = words.get(pc) {
            self.out.extend(word.to_le_bytes());
            pc += 1 + cache_words(word);
        }
    }

    /// Runs of the same count.
    fn live(&mut self, live: &[u16]) {
        self.number(live.len() as u64);
        for run in live.chunk_by(|a, b| a == b) {
            self.number(run.len() as u64);
            self.number(run.first().copied().unwrap_or_default().into());
        }
    }

    fn constant(&mut self, constant: &'a Const) {
        match constant {
            Const::None => self.out.push(NONE),
            Const::True => self.out.push(TRUE),
            Const::False => self.out.push(FALSE),
            Const::Ellipsis => self.out.push(ELLIPSIS),
            Const::Undef => self.out.push(UNDEF),
            Const::Int(n) => self.eight(INT, *n as u64),
            Const::Float(x) => self.eight(FLOAT, x.to_bits()),
            Const::Imag(x) => self.eight(IMAG, x.to_bits()),
            Const::BigInt(digits) => {
                self.out.push(BIG_INT);
                self.text(digits);
            }
            Const::Str(text) => self.run(STR, text),
            Const::Bytes(bytes) => self.run(BYTES, bytes),
            Const::Tuple(items) => {
                self.out.push(TUPLE);
                self.list(items, Self::constant);
            }
            Const::FrozenSet(items) => {
                self.out.push(FROZEN_SET);
                self.list(items, Self::constant);
            }
            Const::Code(code) => {
                self.out.push(CODE);
                self.code(code);
            }
        }
    }

    fn eight(&mut self, kind: u8, bits: u64) {
        self.out.push(kind);
        self.out.extend(bits.to_le_bytes());
    }

    fn run(&mut self, kind: u8, bytes: &[u8]) {
        self.out.push(kind);
        self.bytes(bytes);
    }
}

struct Reader<'a> {
    rest: &'static [u8],
    /// Nothing where no texts are read.
    shared: Option<&'a Arc<Shared>>,
}

impl Reader<'_> {
    fn byte(&mut self) -> Option<u8> {
        let (&byte, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(byte)
    }

    fn number(&mut self) -> Option<u64> {
        let first = self.byte()?;
        if first < 0x80 {
            return Some(first.into());
        }
        let mut n = u64::from(first & 0x7f);
        for shift in (7..64).step_by(7) {
            let byte = self.byte()?;
            n |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(n);
            }
        }
        None
    }

    fn narrow<T: TryFrom<u64>>(&mut self) -> Option<T> {
        T::try_from(self.number()?).ok()
    }

    /// How many of something follow. Each takes a byte at least, so that no wrong number asks for much memory.
    fn length(&mut self) -> Option<usize> {
        self.narrow().filter(|&n: &usize| n <= self.rest.len())
    }

    fn bytes(&mut self) -> Option<&'static [u8]> {
        let length = self.length()?;
        let (bytes, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        Some(bytes)
    }

    fn text(&mut self) -> Option<Name> {
        let number = self.narrow()?;
        self.shared?.text(number).map(Name::from)
    }

    fn list<T>(&mut self, mut one: impl FnMut(&mut Self) -> Option<T>) -> Option<Box<[T]>> {
        let length = self.length()?;
        let mut items = Vec::with_capacity(length);
        for _ in 0..length {
            items.push(one(self)?);
        }
        Some(items.into_boxed_slice())
    }

    fn unread(&mut self) -> Option<Unread> {
        Some(Unread {
            flags: self.narrow()?,
            locals: self.narrow()?,
            registers: self.narrow()?,
            captures: self.list(|r| {
                let n = r.number()?;
                let place = u16::try_from(n >> 1).ok()?;
                Some(if n & 1 == 0 { Capture::Local(place) } else { Capture::Free(place) })
            })?,
            rest: self.bytes()?,
            shared: Arc::clone(self.shared?),
        })
    }

    fn code(&mut self, known: &Unread) -> Option<Code> {
        Some(Code {
            name: self.text()?,
            qualname: self.text()?,
            filename: known.shared.filename.clone(),
            first_line: self.narrow()?,
            flags: known.flags,
            positional: self.narrow()?,
            positional_only: self.narrow()?,
            keyword_only: self.narrow()?,
            locals: known.locals,
            registers: known.registers,
            words: Late::stored(self.bytes()?),
            consts: self.list(Self::constant)?,
            names: self.list(Self::text)?,
            local_names: self.list(Self::text)?,
            free_names: self.list(Self::text)?,
            cells: self.list(Self::narrow)?,
            captures: known.captures.clone(),
            handlers: self.list(|r| {
                Some(Handler { start: r.narrow()?, end: r.narrow()?, target: r.narrow()?, depth: r.narrow()? })
            })?,
            live: Late::stored(self.bytes()?),
            places: Late::stored(self.bytes()?),
            lines: Some(known.shared.lines.clone()),
            doc: match self.byte()? {
                0 => None,
                _ => Some(self.bytes()?.into()),
            },
        })
    }

    fn words(&mut self) -> Option<Box<[u64]>> {
        let length: usize = self.narrow()?;
        // An instruction takes eight bytes and has a few words of cache at most.
        let mut words = Vec::with_capacity(length.min(self.rest.len()));
        while words.len() < length {
            let word = self.eight()?;
            words.push(word);
            words.extend(std::iter::repeat_n(0, cache_words(word)));
        }
        (words.len() == length).then(|| words.into_boxed_slice())
    }

    fn live(&mut self) -> Option<Box<[u16]>> {
        let length: usize = self.narrow()?;
        let mut live = Vec::with_capacity(length.min(self.rest.len()));
        while live.len() < length {
            let run = self.narrow::<usize>().filter(|&run| run > 0 && run <= length - live.len())?;
            let count = self.narrow()?;
            live.resize(live.len() + run, count);
        }
        Some(live.into_boxed_slice())
    }

    fn places(&mut self) -> Option<Box<[Place]>> {
        let mut last = Place { pc: 0, line: 0, lo: 0, hi: 0 };
        self.list(|r| {
            let pc = last.pc.wrapping_add(r.narrow()?);
            let line = unzigzag(r.number()?, last.line);
            let lo = unzigzag(r.number()?, last.lo);
            last = Place { pc, line, lo, hi: unzigzag(r.number()?, lo) };
            Some(last)
        })
    }

    fn constant(&mut self) -> Option<Const> {
        Some(match self.byte()? {
            NONE => Const::None,
            TRUE => Const::True,
            FALSE => Const::False,
            ELLIPSIS => Const::Ellipsis,
            UNDEF => Const::Undef,
            INT => Const::Int(self.eight()? as i64),
            FLOAT => Const::Float(f64::from_bits(self.eight()?)),
            IMAG => Const::Imag(f64::from_bits(self.eight()?)),
            BIG_INT => Const::BigInt(self.text()?),
            STR => Const::Str(self.bytes()?.into()),
            BYTES => Const::Bytes(self.bytes()?.into()),
            TUPLE => Const::Tuple(self.list(Self::constant)?),
            FROZEN_SET => Const::FrozenSet(self.list(Self::constant)?),
            CODE => Const::Code(Arc::new(Template::stored(self.unread()?))),
            _ => return None,
        })
    }

    fn eight(&mut self) -> Option<u64> {
        let (bytes, rest) = self.rest.split_first_chunk()?;
        self.rest = rest;
        Some(u64::from_le_bytes(*bytes))
    }
}

/// Words of inline cache behind an instruction.
fn cache_words(word: u64) -> usize {
    Op::from_u8(Word(word).op_number()).map_or(0, |op| op.info().cache.into())
}

/// A signed difference with its sign in the lowest bit.
fn zigzag(new: u32, old: u32) -> u64 {
    let difference = i64::from(new) - i64::from(old);
    (difference << 1 ^ difference >> 63) as u64
}

fn unzigzag(n: u64, old: u32) -> u32 {
    let difference = (n >> 1) as i64 ^ -((n & 1) as i64);
    (i64::from(old).wrapping_add(difference)) as u32
}
