//! Functions: their code, defaults, annotations and the value they are made into.

use crate::builder::Dst;
use crate::module::{Compiler, Header};
use crate::scope::ScopeId;
use aio_bytecode::code::{ASYNC_GENERATOR, COROUTINE, GENERATOR, VARARGS, VARKEYWORDS};
use aio_bytecode::ops::{X0, X1, X2};
use aio_bytecode::{Code, Const, Op};
use aio_source::Span;
use aio_syntax::ast::*;
use std::sync::Arc;

/// What a function's parameters bring with them, evaluated into temporaries.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Extras {
    pub defaults: bool,
    pub kwdefaults: bool,
    pub annotations: bool,
}

impl<'a> Compiler<'a> {
    pub(super) fn lambda(&mut self, e: &'a Expr, lambda: &'a Lambda, dst: Dst) {
        let base = self.u.depth;
        let extras = self.defaults(&lambda.params, e.span);
        let scope = self.scopes.of_node(e.id);
        self.at(e.span);
        let mut header = self.header("<lambda>", &lambda.params, scope);
        header.first_line = self.lines.line(e.span.lo);
        let code = self.function_code(scope, header, &lambda.params, &mut |c| {
            let value = c.operand(&lambda.body);
            c.at(lambda.body.span);
            c.return_value(value);
        });
        self.make_function(base, code, extras);
        self.u.settle(dst);
    }

    /// What the code object says of parameters and kind of function.
    pub fn header(&mut self, name: &str, params: &Params, scope: ScopeId) -> Header {
        let mut header = Header { name: name.into(), ..Header::default() };
        let mut keyword_only = false;
        for param in params {
            match param {
                ParamItem::Plain(..) if keyword_only => header.keyword_only += 1,
                ParamItem::Plain(..) => header.positional += 1,
                ParamItem::Slash(_) => header.positional_only = header.positional,
                ParamItem::Star(_, args) => {
                    keyword_only = true;
                    if args.is_some() {
                        header.flags |= VARARGS;
                    }
                }
                ParamItem::DStar(..) => header.flags |= VARKEYWORDS,
            }
        }
        let scope = self.scopes.get(scope);
        header.flags |= match (scope.is_async, scope.yields) {
            (true, true) => ASYNC_GENERATOR,
            (true, false) => COROUTINE,
            (false, true) => GENERATOR,
            (false, false) => 0,
        };
        header
    }

    /// The code of a function or lambda.
    pub fn function_code(
        &mut self,
        scope: ScopeId,
        header: Header,
        params: &Params,
        body: &mut dyn FnMut(&mut Self),
    ) -> Option<Arc<Code>> {
        if !self.u.reachable {
            return None;
        }
        let first = match params.first() {
            Some(ParamItem::Plain(ident, ..)) => Some(ident.sym),
            _ => None,
        };
        self.nested(scope, header, &mut |c| {
            c.u.first_param = first.map(|sym| c.mangled(sym));
            body(c);
        })
    }

    /// Evaluates the defaults of parameters: a tuple and a dict, as far as there are some.
    pub fn defaults(&mut self, params: &'a Params, span: Span) -> Extras {
        let mut extras = Extras::default();
        let base = self.u.depth;
        let mut keyword_only = false;
        let mut positional = Vec::new();
        let mut keywords = Vec::new();
        for param in params {
            match param {
                ParamItem::Star(..) => keyword_only = true,
                ParamItem::Plain(ident, _, Some(default)) if keyword_only => {
                    keywords.push((*ident, &**default));
                }
                ParamItem::Plain(_, _, Some(default)) => positional.push(&**default),
                _ => {}
            }
        }
        if !positional.is_empty() {
            extras.defaults = true;
            let values: Option<Vec<Const>> = positional.iter().map(|e| self.fold(e)).collect();
            if let Some(values) = values {
                self.at(span);
                self.constant(Const::Tuple(values.into()), Dst::Push);
            } else {
                let count = positional.len();
                for default in positional {
                    self.push(default);
                }
                self.at(span);
                self.u.window(Op::MakeTuple, 0, base, count as u16, 0);
            }
        }
        if !keywords.is_empty() {
            extras.kwdefaults = true;
            self.fill(base + 1);
            let count = keywords.len();
            for (ident, default) in keywords {
                let name = self.mangled(ident.sym);
                let name = self.name_const(name);
                self.constant(name, Dst::Push);
                self.push(default);
            }
            self.at(span);
            self.u.window(Op::MakeDict, 0, base + 1, count as u16, 0);
        }
        extras
    }

    /// Puts nothing into the temporaries up to a depth, so that all below it are alive.
    pub fn fill(&mut self, depth: u32) {
        while self.u.depth < depth {
            self.constant(Const::Undef, Dst::Push);
        }
    }

    /// Evaluates the annotations of parameters and result to a dict above `base + 2`.
    pub fn annotations(&mut self, base: u32, params: &'a Params, returns: &'a Option<P>, extras: &mut Extras) {
        let mut annotated: Vec<(Sym, &'a Expr)> = Vec::new();
        // Positional-only parameters come behind the other plain ones: so does CPython evaluate them.
        let (mut only, mut plain) = (0, None);
        for param in params {
            match param {
                ParamItem::Slash(_) => only = annotated.len(),
                ParamItem::Star(..) | ParamItem::DStar(..) if plain.is_none() => {
                    plain = Some(annotated.len());
                }
                _ => {}
            }
            match param {
                ParamItem::Plain(ident, Some(annotation), _)
                | ParamItem::Star(_, Some((ident, Some(annotation))))
                | ParamItem::DStar(ident, Some(annotation)) => {
                    annotated.push((ident.sym, annotation));
                }
                _ => {}
            }
        }
        let plain = plain.unwrap_or(annotated.len());
        annotated[..plain].rotate_left(only);
        if let Some(returns) = returns {
            annotated.push((self.names.known.return_, returns));
        }
        if annotated.is_empty() {
            return;
        }
        extras.annotations = true;
        self.fill(base + 2);
        let count = annotated.len();
        for (sym, annotation) in annotated {
            let name = self.mangled(sym);
            let name = self.name_const(name);
            self.at(annotation.span);
            self.constant(name, Dst::Push);
            self.annotation(annotation);
        }
        self.u.window(Op::MakeDict, 0, base + 2, count as u16, 0);
    }

    /// The value of an annotation, or its text where annotations are not evaluated.
    pub fn annotation(&mut self, annotation: &'a Expr) {
        if self.scopes.future_annotations {
            let text = self.unparse(annotation);
            self.at(annotation.span);
            return self.constant(Const::Str(text.into()), Dst::Push);
        }
        self.maybe_starred(annotation);
    }

    /// A value in a new temporary; `*args: *Ts` and `*Ts = *default` stand for the one item there is.
    pub fn maybe_starred(&mut self, e: &'a Expr) {
        match &e.kind {
            ExprKind::Star(inner) => {
                let value = self.operand(inner);
                self.at(e.span);
                let base = match value {
                    crate::builder::Opd::Temp(temp) => temp,
                    crate::builder::Opd::Local(_) => self.u.depth,
                };
                let (b, flag) = self.u.take(value, aio_bytecode::ops::FB);
                self.u.window(Op::Unpack, flag, base, b, 1);
            }
            _ => self.push(e),
        }
    }

    /// Makes the function from what lies above `base`; its value is left there.
    pub fn make_function(&mut self, base: u32, code: Option<Arc<Code>>, extras: Extras) {
        let Some(code) = code else {
            // There is an error, or nobody comes here.
            self.u.drop_to(base);
            self.u.pushed();
            return;
        };
        let number = self.u.pool.constant(Const::Code(Arc::new(code.into())));
        let mut flags = 0;
        for (present, flag) in [(extras.defaults, X0), (extras.kwdefaults, X1), (extras.annotations, X2)] {
            if present {
                flags |= flag;
            }
        }
        self.u.window_x(Op::MakeFunction, flags, base, number);
    }
}
