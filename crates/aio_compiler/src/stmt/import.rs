//! Imports.

use crate::builder::Dst;
use crate::module::Compiler;
use aio_bytecode::ops::X0;
use aio_bytecode::{Const, Op};
use aio_source::Span;
use aio_syntax::ast::*;

impl<'a> Compiler<'a> {
    /// The module of a dotted name in a new temporary.
    fn module(&mut self, name: &str, level: u32, names: Const) {
        let base = self.u.depth;
        self.constant(Const::Int(level.into()), Dst::Push);
        self.constant(names, Dst::Push);
        let name = self.names.intern(name);
        let name = self.u.pool.name(name);
        self.u.window_x(Op::Import, 0, base, name);
    }

    fn dotted(&self, name: &[Ident]) -> String {
        let parts: Vec<&str> = name.iter().map(|ident| self.names.text(ident.sym)).collect();
        parts.join(".")
    }

    pub(super) fn import(&mut self, aliases: &'a [Alias], span: Span) {
        for alias in aliases {
            let Some(first) = alias.name.first() else {
                continue;
            };
            self.at(span);
            let name = self.dotted(&alias.name);
            self.module(&name, 0, Const::None);
            let Some(asname) = alias.asname else {
                let top = self.u.top();
                self.store_name(first.sym, top);
                continue;
            };
            // The import gives the first part of the name; the others are found from there.
            for part in &alias.name[1..] {
                let part = self.name16(part.sym);
                let base = self.u.depth - 1;
                let package = self.u.top();
                let b = self.u.peek(package);
                self.u.op(Op::ImportFrom, 0, Dst::Push, b, part);
                let (to, from) = (self.u.reg(base), self.u.reg(base + 1));
                self.u.depth = base;
                self.u.emit(Op::Drop, aio_bytecode::ops::FA, to, 0, 0);
                self.u.emit(Op::Move, aio_bytecode::ops::FB, to, from, 0);
                self.u.depth = base + 1;
            }
            let top = self.u.top();
            self.store_name(asname.sym, top);
        }
    }

    pub(super) fn import_from(&mut self, import: &'a FromImport, span: Span) {
        self.at(span);
        let name = self.dotted(&import.module);
        let names: Vec<Const> = if import.star {
            vec![Const::Str(b"*".into())]
        } else {
            let first = |alias: &Alias| alias.name.first().map(|ident| self.name_const(ident.sym));
            import.names.iter().filter_map(first).collect()
        };
        self.module(&name, import.level, Const::Tuple(names.into()));
        let module = self.u.top();
        if import.star {
            let flag = if self.in_namespace() { X0 } else { 0 };
            let (a, a_flag) = self.u.take(module, aio_bytecode::ops::FA);
            self.u.emit(Op::ImportStar, flag | a_flag, a, 0, 0);
            return;
        }
        for alias in &import.names {
            let Some(ident) = alias.name.first() else {
                continue;
            };
            let b = self.u.peek(module);
            let name = self.name16(ident.sym);
            self.at(span);
            self.u.op(Op::ImportFrom, 0, Dst::Push, b, name);
            let bound = alias.asname.unwrap_or(*ident);
            let top = self.u.top();
            self.store_name(bound.sym, top);
        }
        self.u.drop_top();
    }
}
