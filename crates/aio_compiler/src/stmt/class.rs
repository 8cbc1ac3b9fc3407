//! `class`.

use crate::builder::Dst;
use crate::expr::{Extras, MAX_ARGUMENTS};
use crate::module::{Compiler, Header};
use aio_bytecode::code::NAMESPACE;
use aio_bytecode::ops::X0;
use aio_bytecode::{Const, Intrinsic, Op};
use aio_source::Span;
use aio_syntax::ast::*;

impl<'a> Compiler<'a> {
    pub(super) fn class_def(&mut self, stmt: &'a Stmt, class: &'a ClassDef) {
        self.push_decorators(&class.decorators);
        let span = class.name.span;
        if class.tparams.is_empty() {
            self.class(stmt, class);
        } else {
            let name = self.names.text(class.name.sym).to_owned();
            let tparams = &class.tparams;
            self.call_type_params(stmt.id, &name, span, tparams, None, &mut |c| {
                c.class(stmt, class);
            });
        }
        self.decorate(&class.decorators);
        self.at(span);
        let top = self.u.top();
        self.store_name(class.name.sym, top);
    }

    /// The class itself in a new temporary.
    fn class(&mut self, stmt: &'a Stmt, class: &'a ClassDef) {
        let span = Span::new(self.before(class.name.span.lo, "class"), stmt.end());
        let generic = !class.tparams.is_empty();
        let base = self.u.depth;
        self.at(span);
        self.u.op(Op::BuildClass, 0, Dst::Push, 0, 0);
        self.class_body(stmt, class);
        self.at(span);
        let name = self.name_const(class.name.sym);
        self.constant(name, Dst::Push);
        let plain = |arg: &Arg| matches!(arg, Arg::Pos(_) | Arg::Kw(..));
        if class.args.len() < MAX_ARGUMENTS && class.args.iter().all(plain) {
            for arg in &class.args {
                if let Arg::Pos(value) = arg {
                    self.push(value);
                }
            }
            if generic {
                self.generic_base(class);
            }
            let mut names = Vec::new();
            for arg in &class.args {
                if let Arg::Kw(ident, value) = arg {
                    self.push(value);
                    names.push(self.name_const(ident.sym));
                }
            }
            self.at(span);
            let count = (self.u.depth - base - 1) as u16;
            if names.is_empty() {
                self.u.window(Op::Call, 0, base, count, 0);
            } else {
                let names = self.constant16(Const::Tuple(names.into()));
                self.u.window(Op::CallKw, 0, base, count, names);
            }
            return;
        }
        self.positional_list_from(base + 1, span, &class.args);
        if generic {
            self.generic_base(class);
            let top = self.u.top();
            self.extend_below(Op::ListAppend, 0, top);
        }
        let keywords = |arg: &Arg| matches!(arg, Arg::Kw(..) | Arg::DoubleStar(_));
        let mut flags = 0;
        if class.args.iter().any(keywords) {
            self.keyword_dict(span, base, &class.args);
            flags = X0;
        }
        self.at(span);
        self.u.window(Op::CallEx, flags, base, 0, 0);
    }

    /// `Generic[T, ...]`, the last base of a class with type parameters.
    fn generic_base(&mut self, class: &ClassDef) {
        self.load_mangled(self.names.known.type_params, class.name.span, Dst::Push);
        self.intrinsic(Intrinsic::GenericBase, 1);
    }

    /// The function of the class body in a new temporary.
    fn class_body(&mut self, stmt: &'a Stmt, class: &'a ClassDef) {
        let scope = self.scopes.of_node(stmt.id);
        let base = self.u.depth;
        let doc = crate::docstring::of(&class.body);
        let header = Header {
            name: self.names.text(class.name.sym).into(),
            first_line: self.lines.line(stmt.span.lo),
            flags: NAMESPACE,
            doc: doc.clone(),
            global: self.is_global(class.name.sym),
            ..Header::default()
        };
        let code = if self.u.reachable {
            let qualname = self.qualname(&header);
            let first_line = header.first_line;
            self.nested(scope, header, &mut |c| {
                c.at(class.name.span);
                c.load_mangled(c.names.known.dunder_name, class.name.span, Dst::Push);
                c.store_dunder("__module__");
                c.text(&qualname, Dst::Push);
                c.store_dunder("__qualname__");
                c.constant(Const::Int(first_line.into()), Dst::Push);
                c.store_dunder("__firstlineno__");
                if !class.tparams.is_empty() {
                    c.load_mangled(c.names.known.type_params, class.name.span, Dst::Push);
                    c.store_dunder("__type_params__");
                }
                if c.scopes.get(scope).annotates {
                    c.u.emit(Op::SetupAnnotations, X0, 0, 0, 0);
                }
                c.store_doc(&doc);
                c.block(&class.body);
                c.end_of_class(scope, class);
            })
        } else {
            None
        };
        self.make_function(base, code, Extras::default());
    }

    fn end_of_class(&mut self, scope: crate::scope::ScopeId, class: &ClassDef) {
        self.at(class.name.span);
        let attributes = &self.scopes.get(scope).static_attributes;
        let names: Vec<Const> = attributes.iter().map(|&sym| self.name_const(sym)).collect();
        self.constant(Const::Tuple(names.into()), Dst::Push);
        self.store_dunder("__static_attributes__");
        if let Some(cell) = self.scopes.get(scope).class_cell {
            self.u.op(Op::Move, 0, Dst::Push, cell, 0);
            self.store_dunder("__classcell__");
        }
    }
}
