//! `def` and `async def`.

use crate::builder::Opd;
use crate::expr::Extras;
use crate::module::Compiler;
use crate::scope::{GLOBAL, strip};
use aio_bytecode::{Intrinsic, Op};
use aio_source::Span;
use aio_syntax::ast::*;

impl<'a> Compiler<'a> {
    pub(super) fn func_def(&mut self, stmt: &'a Stmt, def: &'a FuncDef) {
        self.push_decorators(&def.decorators);
        let head = def.name.span;
        let base = self.u.depth;
        if def.tparams.is_empty() {
            let extras = self.defaults(&def.params, head);
            self.function(stmt, def, base, extras);
        } else {
            let extras = self.defaults(&def.params, head);
            self.generic_function(stmt, def, base, extras);
        }
        self.decorate(&def.decorators);
        self.at(head);
        let top = self.u.top();
        self.store_name(def.name.sym, top);
    }

    /// Evaluates decorators into temporaries, in order.
    pub(super) fn push_decorators(&mut self, decorators: &'a [P]) {
        for decorator in decorators {
            self.push(decorator);
        }
    }

    /// Applies the decorators below the newest temporary to it, from the inner to the outer.
    pub(super) fn decorate(&mut self, decorators: &'a [P]) {
        for decorator in decorators.iter().rev() {
            self.at(strip(decorator).span);
            let base = self.u.depth - 2;
            self.u.window(Op::Call, 0, base, 1, 0);
        }
    }

    /// Whether a name that is defined here is the module's by declaration.
    pub(super) fn is_global(&mut self, sym: Sym) -> bool {
        let sym = self.mangled(sym);
        let symbol = self.scopes.get(self.u.scope).symbols.get(&sym);
        symbol.is_some_and(|symbol| symbol.flags & GLOBAL != 0)
    }

    /// The function itself in the temporary `base`; its defaults are there already.
    fn function(&mut self, stmt: &'a Stmt, def: &'a FuncDef, base: u32, mut extras: Extras) {
        self.annotations(base, &def.params, &def.returns, &mut extras);
        self.at(def.name.span);
        let scope = self.scopes.of_node(stmt.id);
        let name = self.names.text(def.name.sym).to_owned();
        let mut header = self.header(&name, &def.params, scope);
        header.global = self.is_global(def.name.sym);
        header.first_line = self.lines.line(stmt.span.lo);
        header.doc = crate::docstring::of(&def.body);
        let code = self.function_code(scope, header, &def.params, &mut |c| c.block(&def.body));
        self.make_function(base, code, extras);
    }

    /// A function with type parameters is made by a function of its own, in which these are bound.
    /// The defaults are evaluated outside.
    fn generic_function(&mut self, stmt: &'a Stmt, def: &'a FuncDef, base: u32, extras: Extras) {
        if !extras.defaults && extras.kwdefaults {
            // What stands in place of the tuple is passed on as a value.
            let none = self.u.reg(base);
            let number = self.u.pool.constant(aio_bytecode::Const::None);
            self.u.emit_x(Op::LoadK, 0, none, number);
        }
        while self.u.depth < base + 2 {
            self.push_none();
        }
        let span = def.name.span;
        let name = self.names.text(def.name.sym).to_owned();
        self.call_type_params(stmt.id, &name, span, &def.tparams, Some(base), &mut |c| {
            let inner = c.u.depth;
            let known = c.names.known;
            if extras.defaults {
                c.load_mangled(known.defaults, span, crate::builder::Dst::Push);
            }
            if extras.kwdefaults {
                c.fill(inner + 1);
                c.load_mangled(known.kwdefaults, span, crate::builder::Dst::Push);
            }
            c.function(stmt, def, inner, extras);
            c.load_mangled(known.type_params, span, crate::builder::Dst::Push);
            c.intrinsic(Intrinsic::SetTypeParams, 2);
        });
        self.replace_below(base, span);
    }

    /// The newest temporary takes the place of `base`; what lies between is dropped.
    fn replace_below(&mut self, base: u32, span: Span) {
        self.at(span);
        let result = self.u.top();
        let from = self.u.peek(result);
        for temp in base..self.u.depth - 1 {
            let reg = self.u.reg(temp);
            self.u.emit(Op::Drop, aio_bytecode::ops::FA, reg, 0, 0);
        }
        let to = self.u.reg(base);
        self.u.depth = base;
        self.u.emit(Op::Move, aio_bytecode::ops::FB, to, from, 0);
        self.u.depth = base + 1;
        debug_assert_ne!(result, Opd::Temp(base));
    }
}
