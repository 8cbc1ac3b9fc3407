//! The verifier: whether a code object keeps the rules that the machine relies on.

use crate::code::{Capture, Code, Const};
use crate::fused::fused;
use crate::ops::{INTRINSICS, Op, OpInfo, Operand, Word};

/// How deep code objects may nest.
const MAX_NESTING: u32 = 2_000;

/// Checks a code object and all code objects in it. The error says what is wrong and where.
///
/// All indexes are in bounds, jumps land on instructions, and on every way through the code each
/// temporary is consumed exactly once: a machine may rely on that without looking.
pub fn verify(code: &Code) -> Result<(), String> {
    let mut todo = vec![(code, 0)];
    // A list of what is left instead of recursion: code may come from anywhere.
    while let Some((code, nesting)) = todo.pop() {
        if nesting > MAX_NESTING {
            return Err("code objects are nested too deeply".into());
        }
        Verifier { code }.run()?;
        crate::flow::check(code)?;
        for constant in &code.consts {
            if let Const::Code(inner) = constant {
                check_captures(code, inner)?;
                todo.push((inner, nesting + 1));
            }
        }
    }
    Ok(())
}

fn check_captures(outer: &Code, inner: &Code) -> Result<(), String> {
    let fine = inner.captures.iter().all(|capture| match *capture {
        Capture::Local(reg) => reg < outer.locals,
        Capture::Free(free) => (free as usize) < outer.free_names.len(),
    });
    if fine {
        Ok(())
    } else {
        let (inner, outer) = (&inner.qualname, &outer.qualname);
        Err(format!("{inner} captures what {outer} does not have"))
    }
}

struct Verifier<'a> {
    code: &'a Code,
}

impl Verifier<'_> {
    fn fail<T>(&self, pc: usize, what: impl AsRef<str>) -> Result<T, String> {
        Err(format!("{} at {pc}: {}", self.code.qualname, what.as_ref()))
    }

    fn run(&self) -> Result<(), String> {
        let code = self.code;
        if code.words.len() != code.live.len() {
            return self.fail(0, "words and live counts differ in number");
        }
        if code.locals > code.registers {
            return self.fail(0, "more locals than registers");
        }
        if code.local_names.len() != code.locals as usize {
            return self.fail(0, "locals and their names differ in number");
        }
        if code.parameters() > code.locals as usize || code.positional_only > code.positional {
            return self.fail(0, "more parameters than locals");
        }
        if code.captures.len() != code.free_names.len() {
            return self.fail(0, "free variables and captures differ in number");
        }
        if code.cells.iter().any(|&cell| cell >= code.locals) {
            return self.fail(0, "a cell is not a local");
        }
        let starts = self.starts()?;
        let mut pc = 0;
        let mut last = None;
        while pc < code.words.len() {
            let word = Word(code.words[pc]);
            let Some(op) = Op::from_u8(word.op_number()) else {
                return self.fail(pc, "no such operation");
            };
            self.instruction(pc, op.info(), word, &starts)?;
            last = Some(op);
            pc += 1 + op.info().cache as usize;
        }
        match last {
            Some(
                Op::Return
                | Op::ReturnNone
                | Op::Jump
                | Op::Loop
                | Op::LoopIter
                | Op::Raise
                | Op::RaiseFrom
                | Op::RaiseAgain
                | Op::Reraise,
            ) => {}
            _ => return self.fail(pc, "control falls off the end"),
        }
        self.handlers(&starts)?;
        self.places()
    }

    /// Which words are instructions; cache words have to be zero.
    fn starts(&self) -> Result<Vec<bool>, String> {
        let words = &self.code.words;
        let mut starts = vec![false; words.len()];
        let mut pc = 0;
        while pc < words.len() {
            starts[pc] = true;
            let Some(op) = Op::from_u8(Word(words[pc]).op_number()) else {
                return self.fail(pc, "no such operation");
            };
            let cache = op.info().cache as usize;
            match words.get(pc + 1..pc + 1 + cache) {
                Some(cache) if cache.iter().all(|&word| word == 0) => {}
                Some(_) => return self.fail(pc, "a cache is not empty"),
                None => return self.fail(pc, "a cache is cut off"),
            }
            pc += 1 + cache;
        }
        Ok(starts)
    }

    fn instruction(&self, pc: usize, info: &OpInfo, word: Word, starts: &[bool]) -> Result<(), String> {
        let code = self.code;
        let live = code.live[pc];
        if live > code.registers - code.locals {
            return self.fail(pc, "more temporaries alive than there are");
        }
        let fields = [word.a(), word.b(), word.c()];
        for (i, &operand) in info.operands.iter().enumerate() {
            let value = fields[i];
            let flag = word.flags() & 1 << i != 0;
            let fine = match operand {
                // `b` and `c` together are one operand; `c` has no role of its own then.
                Operand::No => i == 2 || (value == 0 && !flag) || self.is_wide(info),
                Operand::Dst => value < code.registers && (!flag || value < code.locals),
                Operand::Src => value < code.registers && (!flag || value >= code.locals),
                Operand::Win | Operand::Mod => value >= code.locals && value < code.registers && !flag,
                Operand::Local => value < code.locals && !flag,
                Operand::Name => (value as usize) < code.names.len(),
                Operand::NameX => (word.bx() as usize) < code.names.len(),
                Operand::Const => (value as usize) < code.consts.len(),
                Operand::ConstX => (word.bx() as usize) < code.consts.len(),
                Operand::Num | Operand::Imm => true,
                Operand::Free => (value as usize) < code.free_names.len(),
                Operand::Jump => self.lands(pc, i64::from(value as i16), starts),
                Operand::JumpX => self.lands(pc, i64::from(word.bx() as i32), starts),
            };
            if !fine {
                let letter = [b'a', b'b', b'c'][i] as char;
                return self.fail(pc, format!("{} has a wrong operand {letter}", info.name));
            }
        }
        self.window(pc, info, word)?;
        self.special(pc, info, word)
    }

    fn is_wide(&self, info: &OpInfo) -> bool {
        matches!(info.operands[1], Operand::JumpX | Operand::NameX | Operand::ConstX)
    }

    /// Jumps have no caches.
    fn lands(&self, pc: usize, distance: i64, starts: &[bool]) -> bool {
        usize::try_from(pc as i64 + 1 + distance).is_ok_and(|target| starts.get(target).copied().unwrap_or(false))
    }

    /// Windows lie within the registers, and what they take is above what stays alive.
    fn window(&self, pc: usize, info: &OpInfo, word: Word) -> Result<(), String> {
        let (b, c) = (word.b() as usize, word.c() as usize);
        let size = match info.op {
            Op::Call | Op::CallKw => b + 1,
            Op::CallMethod | Op::CallMethodKw => b + 2,
            Op::CallEx => 3 - (word.flags() & crate::ops::X0 == 0) as usize,
            Op::MakeTuple | Op::MakeList | Op::MakeSet | Op::MakeStr => b.max(1),
            Op::MakeDict => (2 * b).max(1),
            Op::Unpack => c,
            Op::UnpackEx => (c & 255) + (c >> 8) + 1,
            Op::Intrinsic => c.max(1),
            Op::GetSlice | Op::MakeSlice | Op::SuperAttr | Op::SuperMethod | Op::ExcArgs => 3,
            Op::GetMethod | Op::GetSpecial | Op::Await => 2,
            Op::Import | Op::StarMatch | Op::StarEnd | Op::MatchClass => 2,
            _ => return Ok(()),
        };
        // An empty Unpack writes nothing, so its window may lie behind the last register.
        if word.a() as usize + size > self.code.registers as usize {
            return self.fail(pc, format!("the window of {} is too long", info.name));
        }
        let alive = self.code.locals + self.code.live[pc];
        if word.a() < alive {
            return self.fail(pc, format!("{} takes what is alive", info.name));
        }
        Ok(())
    }

    /// What stands behind the instruction is what it promises.
    fn is_fused(&self, pc: usize, word: Word) -> bool {
        fused(&self.code.words, &self.code.consts, pc) == Some(word)
    }

    fn special(&self, pc: usize, info: &OpInfo, word: Word) -> Result<(), String> {
        let wrong = match info.op {
            Op::Drop => word.flags() & crate::ops::FA == 0,
            Op::Intrinsic => word.b() as usize >= INTRINSICS.len(),
            Op::MakeFunction => {
                let code = &self.code.consts[word.bx() as usize];
                !matches!(code, Const::Code(_))
            }
            Op::CallKw | Op::CallMethodKw => {
                let names = &self.code.consts[word.c() as usize];
                !matches!(names, Const::Tuple(names) if names.len() <= word.b() as usize)
            }
            Op::MatchClass => !matches!(&self.code.consts[word.c() as usize], Const::Tuple(_)),
            Op::Loop => (word.bx() as i32) >= 0,
            Op::Yield => word.flags() & crate::ops::X0 != 0 && !self.is_fused(pc, word),
            Op::LoadKEq | Op::LoadKIn | Op::StepAttr => !self.is_fused(pc, word),
            Op::LoopIter => (word.bx() as i32) >= 0 || !self.is_fused(pc, word),
            Op::FloorDivI | Op::ModI => word.c() == 0,
            Op::LShiftI | Op::RShiftI => word.c() >= 64,
            _ => false,
        };
        let call = matches!(info.op, Op::Call | Op::CallMethod | Op::CallKw | Op::CallMethodKw | Op::CallEx);
        let awaited = call && word.flags() & crate::ops::X1 != 0;
        let wrong = wrong || (awaited && !self.awaits(pc, word.a()));
        if wrong {
            return self.fail(pc, format!("{} breaks its own rule", info.name));
        }
        Ok(())
    }

    /// Whether the two words behind a call await its result.
    fn awaits(&self, pc: usize, a: u16) -> bool {
        let word = |i: usize| self.code.words.get(pc + i).map(|&word| Word(word));
        let (Some(get), Some(run)) = (word(1), word(2)) else {
            return false;
        };
        get.op_number() == Op::GetAwait as u8
            && (get.a(), get.b()) == (a, a)
            && get.flags() & crate::ops::FB != 0
            && run.op_number() == Op::Await as u8
            && run.a() == a
    }

    fn handlers(&self, starts: &[bool]) -> Result<(), String> {
        let code = self.code;
        let temps = code.registers - code.locals;
        let boundary = |pc: u32| pc as usize == starts.len() || starts.get(pc as usize).copied().unwrap_or(false);
        for handler in &code.handlers {
            let pc = handler.start as usize;
            if handler.start >= handler.end || !boundary(handler.start) || !boundary(handler.end) {
                return self.fail(pc, "a handler has no proper range");
            }
            if !starts.get(handler.target as usize).copied().unwrap_or(false) {
                return self.fail(pc, "a handler goes nowhere");
            }
            if handler.depth >= temps {
                return self.fail(pc, "a handler has no place for its exception");
            }
            if code.live[pc..handler.end as usize].iter().any(|&live| live < handler.depth) {
                return self.fail(pc, "a handler keeps more than is alive in its range");
            }
        }
        Ok(())
    }

    fn places(&self) -> Result<(), String> {
        let places = &self.code.places;
        if places.windows(2).any(|pair| pair[0].pc >= pair[1].pc) {
            return self.fail(0, "places are not in order");
        }
        Ok(())
    }
}
