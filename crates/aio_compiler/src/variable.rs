//! Reading, binding and deleting names.

use crate::builder::{Dst, Opd};
use crate::module::Compiler;
use crate::scope::{Access, WALRUS};
use aio_bytecode::Op;
use aio_source::Span;
use aio_syntax::ast::{Expr, Sym};

impl<'a> Compiler<'a> {
    /// The name that is meant, private names resolved.
    pub fn mangled(&mut self, sym: Sym) -> Sym {
        let class = self.scopes.get(self.u.scope).class;
        self.names.mangle(class, sym)
    }

    /// Where a name of the current scope lives.
    pub fn access(&mut self, sym: Sym) -> Access {
        let sym = self.mangled(sym);
        self.access_mangled(sym)
    }

    /// The same for a name that is mangled already.
    pub fn access_mangled(&self, sym: Sym) -> Access {
        let scope = self.scopes.get(self.u.scope);
        match scope.symbols.get(&sym) {
            Some(symbol) => symbol.access,
            // Every name was seen when scopes were collected; names the compiler makes up are global.
            None if self.in_namespace() => Access::Name,
            None => Access::Global,
        }
    }

    /// The number of a name in 16 bits; a unit with more names is given up at its end.
    pub fn name16(&mut self, sym: Sym) -> u16 {
        self.u.pool.name(sym).min(u16::MAX as u32) as u16
    }

    /// Makes sure that a local is bound where it may not be.
    fn check(&mut self, reg: u16, sym: Sym, span: Span) {
        if !self.u.bound.contains(reg) && self.u.reachable {
            let name = self.u.pool.name(sym);
            self.at(span);
            self.u.emit_x(Op::Check, 0, reg, name);
            self.u.bound.insert(reg);
        }
    }

    /// A name as an operand: a local that is not captured stays where it is.
    pub fn name_operand(&mut self, sym: Sym, span: Span) -> Opd {
        let sym = self.mangled(sym);
        match self.access_mangled(sym) {
            Access::Local(reg) => {
                self.check(reg, sym, span);
                Opd::Local(reg)
            }
            _ => {
                self.load_mangled(sym, span, Dst::Push);
                self.u.top()
            }
        }
    }

    /// Whether a local may be bound by `:=` while other operands are evaluated.
    pub fn is_unsteady(&self, reg: u16) -> bool {
        let locals = &self.scopes.get(self.u.id).locals;
        locals.get(reg as usize).is_some_and(|local| local.flags & WALRUS != 0)
    }

    pub fn load_name(&mut self, sym: Sym, span: Span, dst: Dst) {
        let sym = self.mangled(sym);
        self.load_mangled(sym, span, dst);
    }

    pub fn load_mangled(&mut self, sym: Sym, span: Span, dst: Dst) {
        let access = self.access_mangled(sym);
        if let Access::Local(reg) = access {
            self.check(reg, sym, span);
            if dst != Dst::Local(reg) {
                self.at(span);
                self.u.op(Op::Move, 0, dst, reg, 0);
            }
            return;
        }
        self.at(span);
        let name = self.u.pool.name(sym);
        let short = name.min(u16::MAX as u32) as u16;
        match access {
            Access::Local(_) => {}
            Access::Cell(reg) => self.u.op(Op::LoadCell, 0, dst, reg, short),
            Access::Free(free) => self.u.op(Op::LoadFree, 0, dst, free, short),
            Access::NameFree(free) => self.u.op(Op::LoadNameFree, 0, dst, free, short),
            Access::Global => self.u.op_x(Op::LoadGlobal, 0, dst, name),
            Access::Name => self.u.op_x(Op::LoadName, 0, dst, name),
        }
    }

    /// Binds a name to a value; a temporary is taken.
    pub fn store_name(&mut self, sym: Sym, value: Opd) {
        let sym = self.mangled(sym);
        self.store_mangled(sym, value);
    }

    pub fn store_mangled(&mut self, sym: Sym, value: Opd) {
        match self.access_mangled(sym) {
            Access::Local(reg) => {
                if value != Opd::Local(reg) {
                    self.u.op_1(Op::Move, 0, Dst::Local(reg), value, 0);
                }
                self.u.bound.insert(reg);
            }
            Access::Cell(reg) => {
                let (b, flag) = self.u.take(value, aio_bytecode::ops::FB);
                self.u.emit(Op::StoreCell, flag, reg, b, 0);
            }
            // A class body reads such a name from its namespace first, but binds the variable.
            Access::Free(free) | Access::NameFree(free) => {
                let (b, flag) = self.u.take(value, aio_bytecode::ops::FB);
                self.u.emit(Op::StoreFree, flag, free, b, 0);
            }
            Access::Global => {
                let name = self.u.pool.name(sym);
                self.u.sink_x(Op::StoreGlobal, 0, value, name);
            }
            Access::Name => {
                let name = self.u.pool.name(sym);
                self.u.sink_x(Op::StoreName, 0, value, name);
            }
        }
    }

    /// Binds a name to a temporary's value, which stays there.
    pub fn store_copy(&mut self, sym: Sym, temp: u32) {
        let depth = self.u.depth;
        let reg = self.u.reg(temp);
        // As a source that is not taken, a temporary is like a local.
        self.store_name(sym, Opd::Local(reg));
        debug_assert_eq!(depth, self.u.depth);
    }

    /// `name = value`
    pub fn assign_name(&mut self, sym: Sym, span: Span, value: &'a Expr) {
        match self.access(sym) {
            Access::Local(reg) => {
                self.expr(value, Dst::Local(reg));
                self.u.bound.insert(reg);
            }
            _ => {
                let value = self.operand(value);
                self.at(span);
                self.store_name(sym, value);
            }
        }
    }

    /// `del name`
    pub fn delete_name(&mut self, sym: Sym, span: Span) {
        let sym = self.mangled(sym);
        let access = self.access_mangled(sym);
        if let Access::Local(reg) = access {
            self.check(reg, sym, span);
            self.at(span);
            self.u.emit(Op::Unset, 0, reg, 0, 0);
            self.u.bound.remove(reg);
            return;
        }
        self.at(span);
        let name = self.u.pool.name(sym);
        let short = name.min(u16::MAX as u32) as u16;
        match access {
            Access::Local(_) => {}
            Access::Cell(reg) => self.u.emit(Op::UnsetCell, 0, reg, 0, short),
            Access::Free(free) | Access::NameFree(free) => {
                self.u.emit(Op::UnsetFree, 0, free, 0, short);
            }
            Access::Global => self.u.emit_x(Op::UnsetGlobal, 0, 0, name),
            Access::Name => self.u.emit_x(Op::UnsetName, 0, 0, name),
        }
    }

    /// Unbinds the name of an `except` clause, bound or not.
    pub fn forget_name(&mut self, sym: Sym, span: Span) {
        if let Access::Local(reg) = self.access(sym) {
            self.u.emit(Op::Unset, 0, reg, 0, 0);
            self.u.bound.remove(reg);
            return;
        }
        // The body may have deleted the name; binding it first keeps this from failing.
        self.constant(aio_bytecode::Const::None, Dst::Push);
        let top = self.u.top();
        self.store_name(sym, top);
        self.delete_name(sym, span);
    }
}
