//! The second half of the verifier: follows every way through the code and checks that each temporary
//! is written while it is dead, read while it is alive, and consumed exactly once.

use crate::code::{Code, Const};
use crate::ops::{FA, Op, OpInfo, Operand, Word, X0, X1, X2};

/// What a temporary holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Temp {
    /// Garbage.
    Dead,
    /// A value that has to be consumed.
    Alive,
    /// A value that needs no drop, so that it passes for either.
    Trivial,
}

use Temp::{Alive, Dead, Trivial};

type State = Vec<Temp>;

/// Checks the flow of values through a code object whose operands are in range.
pub(crate) fn check(code: &Code) -> Result<(), String> {
    let temps = (code.registers - code.locals) as usize;
    let mut flow = Flow { code, states: vec![None; code.words.len()], todo: Vec::new() };
    flow.reach(0, &vec![Dead; temps], 0)?;
    while let Some(pc) = flow.todo.pop() {
        flow.run(pc)?;
    }
    Ok(())
}

struct Flow<'a> {
    code: &'a Code,
    /// What is known at each place that a way led to by a jump.
    states: Vec<Option<State>>,
    todo: Vec<usize>,
}

impl Flow<'_> {
    fn fail<T>(&self, pc: usize, what: impl AsRef<str>) -> Result<T, String> {
        let name = Op::from_u8(Word(self.code.words[pc]).op_number());
        let name = name.map_or("?", |op| op.info().name);
        Err(format!("{} at {pc} ({name}): {}", self.code.qualname, what.as_ref()))
    }

    /// A way leads to `pc` in this state.
    fn reach(&mut self, pc: usize, state: &State, from: usize) -> Result<(), String> {
        if pc >= self.code.words.len() {
            return self.fail(from, "control falls off the end");
        }
        let Some(known) = &mut self.states[pc] else {
            self.states[pc] = Some(state.clone());
            self.todo.push(pc);
            return Ok(());
        };
        let mut changed = false;
        for (i, (known, &new)) in known.iter_mut().zip(state).enumerate() {
            match (*known, new) {
                (a, b) if a == b => {}
                (_, Trivial) => {}
                (Trivial, b) => {
                    *known = b;
                    changed = true;
                }
                _ => return self.fail(from, format!("t{i} is both alive and dead at {pc}")),
            }
        }
        if changed {
            self.todo.push(pc);
        }
        Ok(())
    }

    /// Follows the code from `pc` on until it ends or joins what is known.
    fn run(&mut self, mut pc: usize) -> Result<(), String> {
        let Some(mut state) = self.states[pc].clone() else {
            return Ok(());
        };
        let mut first = true;
        loop {
            if pc >= self.code.words.len() {
                return self.fail(self.code.words.len() - 1, "control falls off the end");
            }
            if !first && self.states[pc].is_some() {
                return self.reach(pc, &state, pc);
            }
            first = false;
            let word = Word(self.code.words[pc]);
            let Some(op) = Op::from_u8(word.op_number()) else {
                return self.fail(pc, "no such operation");
            };
            let next = pc + 1 + op.info().cache as usize;
            if !self.step(pc, next, op, word, &mut state)? {
                return Ok(());
            }
            pc = next;
        }
    }

    fn temp(&self, reg: u16) -> Option<usize> {
        reg.checked_sub(self.code.locals).map(usize::from)
    }

    fn take(&self, pc: usize, state: &mut State, temp: usize) -> Result<(), String> {
        if state[temp] == Dead {
            return self.fail(pc, format!("t{temp} is taken, but dead"));
        }
        state[temp] = Dead;
        Ok(())
    }

    fn give(&self, pc: usize, state: &mut State, temp: usize) -> Result<(), String> {
        if state[temp] == Alive {
            return self.fail(pc, format!("t{temp} is overwritten, but alive"));
        }
        state[temp] = Alive;
        Ok(())
    }

    /// One instruction; gives whether control goes on behind it.
    fn step(&mut self, pc: usize, next: usize, op: Op, word: Word, state: &mut State) -> Result<bool, String> {
        let info = op.info();
        let fields = [word.a(), word.b(), word.c()];
        // What is read has to be there, whether it is taken or not.
        for (i, operand) in info.operands.iter().enumerate() {
            if matches!(operand, Operand::Src | Operand::Mod)
                && let Some(temp) = self.temp(fields[i])
                && state[temp] == Dead
            {
                return self.fail(pc, format!("t{temp} is read, but dead"));
            }
        }
        for (i, operand) in info.operands.iter().enumerate() {
            if *operand == Operand::Src
                && word.flags() & 1 << i != 0
                && let Some(temp) = self.temp(fields[i])
            {
                self.take(pc, state, temp)?;
            }
        }
        let (takes, gives) = window(info, word);
        let base = self.temp(word.a()).unwrap_or(0);
        for i in 0..takes {
            self.take(pc, state, base + i)?;
        }
        if op == Op::MakeFunction {
            for (i, flag) in [X0, X1, X2].into_iter().enumerate() {
                if word.flags() & flag != 0 {
                    self.take(pc, state, base + i)?;
                } else if i == 0 && state.get(base) == Some(&Trivial) {
                    state[base] = Dead;
                }
            }
            for i in 1..3 {
                if state.get(base + i) == Some(&Trivial) {
                    state[base + i] = Dead;
                }
            }
        }
        self.check_live(pc, op, state)?;
        // Jumps see what was taken, but not what comes below.
        self.jump(pc, next, op, word, state)?;
        for i in 0..gives {
            self.give(pc, state, base + i)?;
        }
        for (i, operand) in info.operands.iter().enumerate() {
            if *operand == Operand::Dst
                && let Some(temp) = self.temp(fields[i])
            {
                self.give(pc, state, temp)?;
            }
        }
        self.singular(op, word, state);
        Ok(!matches!(
            op,
            Op::Jump
                | Op::Loop
                | Op::LoopIter
                | Op::Return
                | Op::ReturnNone
                | Op::Raise
                | Op::RaiseFrom
                | Op::RaiseAgain
                | Op::Reraise
        ))
    }

    /// What the live count says has to be so wherever an exception may leave, and an exception has to
    /// find its handler's temporaries.
    fn check_live(&mut self, pc: usize, op: Op, state: &State) -> Result<(), String> {
        if matches!(op, Op::Return | Op::ReturnNone) {
            if let Some(temp) = state.iter().position(|&t| t == Alive) {
                return self.fail(pc, format!("t{temp} is alive at the end"));
            }
            return Ok(());
        }
        if is_harmless(op) {
            return Ok(());
        }
        let live = self.code.live[pc] as usize;
        for (i, &temp) in state.iter().enumerate() {
            if i < live && temp == Dead {
                return self.fail(pc, format!("t{i} counts as alive, but is dead"));
            }
            if i >= live && temp == Alive {
                return self.fail(pc, format!("t{i} is alive, but does not count"));
            }
        }
        let at = pc as u32;
        let innermost = self.code.handlers.iter().find(|h| h.start <= at && at < h.end);
        let Some(handler) = innermost else {
            return Ok(());
        };
        let depth = handler.depth as usize;
        let mut entry = state.clone();
        for (i, temp) in entry.iter_mut().enumerate() {
            if i >= depth {
                *temp = Dead;
            }
        }
        entry[depth] = Alive;
        self.reach(handler.target as usize, &entry, pc)
    }

    fn jump(&mut self, pc: usize, next: usize, op: Op, word: Word, state: &mut State) -> Result<(), String> {
        let distance = match (op.info().operands[1], op.info().operands[2]) {
            (Operand::JumpX, _) => i64::from(word.bx() as i32),
            (_, Operand::Jump) => i64::from(word.c() as i16),
            _ => return Ok(()),
        };
        // The first half of the verifier has checked that this lands on an instruction.
        let target = (next as i64 + distance) as usize;
        let source = self.temp(word.a());
        match (op, source) {
            (Op::ForIter, Some(iterator)) => {
                let mut end = state.clone();
                end[iterator] = Dead;
                self.reach(target, &end, pc)
            }
            (Op::JumpTrueKeep | Op::JumpFalseKeep, Some(value)) => {
                self.reach(target, state, pc)?;
                state[value] = Dead;
                Ok(())
            }
            (Op::JumpNone, Some(value)) if word.flags() & FA == 0 => {
                let mut none = state.clone();
                none[value] = Trivial;
                self.reach(target, &none, pc)
            }
            (Op::JumpNotNone, Some(value)) if word.flags() & FA == 0 => {
                self.reach(target, state, pc)?;
                state[value] = Trivial;
                Ok(())
            }
            _ => self.reach(target, state, pc),
        }
    }

    /// What no table says.
    fn singular(&self, op: Op, word: Word, state: &mut State) {
        let undef = |n: u32| matches!(self.code.consts.get(n as usize), Some(Const::Undef));
        if op == Op::LoadK
            && undef(word.bx())
            && let Some(temp) = self.temp(word.a())
        {
            state[temp] = Trivial;
        }
    }
}

/// How many temporaries from `a` on an operation takes, and how many it then gives.
fn window(info: &OpInfo, word: Word) -> (usize, usize) {
    let (b, c) = (word.b() as usize, word.c() as usize);
    match info.op {
        Op::Call | Op::CallKw => (b + 1, 1),
        Op::CallMethod | Op::CallMethodKw => (b + 2, 1),
        Op::CallEx => (2 + (word.flags() & X0 != 0) as usize, 1),
        Op::MakeFunction => (0, 1),
        Op::SuperAttr | Op::GetSlice | Op::MakeSlice => (3, 1),
        Op::SuperMethod => (3, 2),
        Op::GetMethod | Op::GetSpecial => (0, 2),
        Op::Await => (1, 1),
        Op::MakeTuple | Op::MakeList | Op::MakeSet | Op::MakeStr => (b, 1),
        Op::MakeDict => (2 * b, 1),
        Op::Unpack => (0, c),
        Op::UnpackEx => (0, (c & 255) + (c >> 8) + 1),
        Op::Import | Op::StarEnd | Op::MatchClass => (2, 1),
        Op::StarMatch => (2, 2),
        Op::ExcArgs => (0, 3),
        Op::Intrinsic => (c, 1),
        Op::Reraise | Op::PopHandled | Op::EndAsyncFor => (1, 0),
        _ => (0, 0),
    }
}

/// Operations that never raise, so that nobody asks what is alive meanwhile.
fn is_harmless(op: Op) -> bool {
    matches!(
        op,
        Op::Move
            | Op::LoadK
            | Op::LoadKEq
            | Op::LoadKIn
            | Op::Drop
            | Op::Unset
            | Op::MakeCell
            | Op::StoreCell
            | Op::StoreFree
            | Op::LoadFreeCell
            | Op::Jump
            | Op::JumpNone
            | Op::JumpNotNone
            | Op::JumpIs
            | Op::JumpIsNot
            | Op::PushHandled
            | Op::PopHandled
            | Op::Return
            | Op::ReturnNone
    )
}
