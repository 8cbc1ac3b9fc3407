//! Functions of the script, native functions, and the cells of captured variables.

use crate::heap::new_cell;
use crate::native::{Def, Signature};
use crate::object::class::ClassObj;
use crate::object::code::CodeObj;
use crate::object::header::{Header, Kind};
use crate::object::slot::Slot;
use crate::value::Value;
use crate::vm::Vm;
use std::cell::{Cell, OnceCell};

/// A captured variable.
#[repr(C)]
pub struct CellObj {
    pub(crate) header: Header,
    /// The content; UNDEF when unbound.
    pub content: Slot,
}

/// A function of the script.
#[repr(C)]
pub struct FunctionObj {
    pub(crate) header: Header,
    pub(crate) code: Slot,
    /// The module's dict.
    pub globals: Value,
    /// Cells of the free variables.
    pub closure: Box<[Value]>,
    /// Tuple of defaults, or UNDEF.
    pub defaults: Slot,
    /// Dict of keyword defaults, or UNDEF.
    pub kwdefaults: Slot,
    extra: OnceCell<Box<FunctionExtra>>,
}

/// What few functions have of their own.
#[derive(Default)]
pub struct FunctionExtra {
    /// `__name__`, if it was set.
    pub name: SlotDefault,
    /// `__qualname__`, if it was set.
    pub qualname: SlotDefault,
    /// `__doc__`, if it was set.
    pub doc: SlotDefault,
    /// `__module__`, if it was set.
    pub module: SlotDefault,
    /// `__annotations__`.
    pub annotations: SlotDefault,
    /// `__type_params__`.
    pub type_params: SlotDefault,
    /// `__dict__`.
    pub attrs: SlotDefault,
}

/// A slot that begins empty.
#[derive(Default)]
pub struct SlotDefault(pub Slot);

impl std::ops::Deref for SlotDefault {
    type Target = Slot;
    fn deref(&self) -> &Slot {
        &self.0
    }
}

impl FunctionObj {
    /// The code.
    #[inline(always)]
    pub(crate) fn code(&self) -> &CodeObj {
        debug_assert!(self.code.peek().as_code().is_some());
        // SAFETY: the slot holds a code object from the beginning, and only code objects are put into it.
        unsafe { &*(self.code.peek().addr() as *const CodeObj) }
    }

    /// The rare parts, made when first asked for.
    pub fn extra(&self) -> &FunctionExtra {
        self.extra.get_or_init(Box::default)
    }

    /// The rare parts, if there are any.
    pub fn known_extra(&self) -> Option<&FunctionExtra> {
        self.extra.get().map(|b| &**b)
    }

    /// `__name__`.
    pub fn name(&self) -> Value {
        self.known_extra().and_then(|e| e.name.defined()).unwrap_or_else(|| self.code().name().clone())
    }

    /// Nobody gave it other names than its code has.
    pub(crate) fn has_names_of_code(&self) -> bool {
        self.known_extra().is_none_or(|e| e.name.is_empty() && e.qualname.is_empty())
    }

    /// `__qualname__`.
    pub fn qualname(&self) -> Value {
        self.known_extra().and_then(|e| e.qualname.defined()).unwrap_or_else(|| self.code().qualname().clone())
    }

    pub(crate) fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        visit(self.code.peek());
        visit(&self.globals);
        self.closure.iter().for_each(&mut *visit);
        visit(self.defaults.peek());
        visit(self.kwdefaults.peek());
        if let Some(e) = self.known_extra() {
            for s in [&e.name, &e.qualname, &e.doc, &e.module, &e.annotations, &e.type_params, &e.attrs] {
                visit(s.peek());
            }
        }
    }
}

/// A function of Rust: `def` tells its signature.
#[repr(C)]
pub struct NativeObj {
    pub(crate) header: Header,
    /// The row of its table.
    pub def: &'static Def,
    /// The class whose table it is in, or null.
    pub(crate) owner: Cell<*const ClassObj>,
    /// What it was bound to (a module, or what a host closure carries), or UNDEF.
    pub receiver: Value,
    signature: OnceCell<Box<Signature>>,
}

impl NativeObj {
    /// The parsed signature.
    pub fn signature(&self, vm: &Vm) -> &Signature {
        self.signature.get_or_init(|| Box::new(Signature::parse(vm, self.def.signature)))
    }

    /// The class whose table it is in.
    pub fn owner(&self) -> Option<&ClassObj> {
        // SAFETY: built-in classes live as long as the machine.
        unsafe { self.owner.get().as_ref() }
    }
}

impl Vm {
    /// A cell for a captured variable.
    pub fn cell(&self, content: Value) -> Value {
        new_cell(self, self.types.cell.get(), Kind::Cell, |header| CellObj { header, content: Slot::new(content) })
    }

    /// A function of the script.
    pub(crate) fn function(&self, code: Value, globals: Value, closure: Box<[Value]>) -> Value {
        new_cell(self, self.types.function.get(), Kind::Function, |header| FunctionObj {
            header,
            code: Slot::new(code),
            globals,
            closure,
            defaults: Slot::empty(),
            kwdefaults: Slot::empty(),
            extra: OnceCell::new(),
        })
    }

    /// A function that does what another one does, under a name of its own.
    pub fn namesake(&self, f: &FunctionObj, name: &Value, qualname: &str, module: &Value) -> Value {
        let made = self.function(f.code.get(), f.globals.clone(), f.closure.clone());
        if let Some(made) = made.as_function() {
            made.defaults.set(f.defaults.get());
            made.kwdefaults.set(f.kwdefaults.get());
            let extra = made.extra();
            extra.name.set(name.clone());
            extra.qualname.set(self.str(qualname));
            extra.module.set(module.clone());
        }
        made
    }

    /// A native function.
    pub fn native(&self, def: &'static Def, receiver: Value) -> Value {
        let class = self.types.builtin_function.get();
        self.native_of(class, def, receiver, None)
    }

    /// A native function that shows itself as an object of `class` and belongs to `owner`.
    pub(crate) fn native_of(
        &self,
        class: &ClassObj,
        def: &'static Def,
        receiver: Value,
        owner: Option<&ClassObj>,
    ) -> Value {
        new_cell(self, class, Kind::Native, |header| NativeObj {
            header,
            def,
            owner: Cell::new(owner.map_or(std::ptr::null(), |c| c as *const ClassObj)),
            receiver,
            signature: OnceCell::new(),
        })
    }
}
