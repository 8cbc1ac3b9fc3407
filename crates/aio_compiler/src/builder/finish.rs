//! From the finished unit to the code object's tables.

use super::{Trouble, Unit};
use aio_bytecode::{Const, Handler, Place};

/// The tables of a finished unit.
#[derive(Debug)]
pub(crate) struct Finished {
    pub words: Box<[u64]>,
    pub live: Box<[u16]>,
    pub places: Box<[Place]>,
    pub handlers: Box<[Handler]>,
    pub consts: Box<[Const]>,
    pub names: Vec<aio_syntax::ast::Sym>,
    pub locals: u16,
    pub registers: u16,
}

impl Unit<'_> {
    /// Writes the jumps and makes the tables.
    pub fn finish(mut self) -> Result<Finished, Trouble> {
        self.patch();
        if self.trouble.is_none() {
            self.thread_jumps();
            self.fuse();
        }
        if self.words.len() >= i32::MAX as usize {
            self.give_up(Trouble::TooBig("instructions"));
        }
        if self.pool.names.len() > u16::MAX as usize {
            self.give_up(Trouble::TooBig("names"));
        }
        let registers = self.locals + self.max_depth;
        if registers > u16::MAX as u32 {
            self.give_up(Trouble::TooBig("registers"));
        }
        if let Some(trouble) = self.trouble {
            return Err(trouble);
        }
        let handlers = self.handler_table();
        Ok(Finished {
            words: self.words.into(),
            live: self.live.into(),
            places: self.places.into(),
            handlers,
            consts: self.pool.consts.into(),
            names: self.pool.names,
            locals: self.locals as u16,
            registers: registers as u16,
        })
    }

    /// Every word has one handler at most, so the ranges do not overlap and need no order but by word.
    fn handler_table(&self) -> Box<[Handler]> {
        let end = self.here();
        let mut table = Vec::new();
        for (i, &(start, handler)) in self.ranges.iter().enumerate() {
            let stop = self.ranges.get(i + 1).map_or(end, |next| next.0);
            if handler == 0 || start == stop {
                continue;
            }
            let info = self.handlers[handler as usize - 1];
            if let Some(target) = self.target(info.target) {
                table.push(Handler { start, end: stop, target, depth: info.depth as u16 });
            }
        }
        table.into()
    }
}
