//! Context variables. A context is an immutable tuple of variables and values in turn, replaced as a whole when a
//! variable is set, so that copies are free.

use crate::Payload;
use crate::error::R;
use crate::native::{Args, TypeTable, class_method, getter, method, static_method};
use crate::object::Slot;
use crate::object::class::FINAL;
use crate::value::Value;
use crate::vm::Vm;
use std::cell::Cell;

/// The classes of the module contextvars.
pub struct ContextClasses {
    /// `ContextVar`.
    pub var: Value,
    /// `Context`.
    pub context: Value,
    /// `Token`.
    pub token: Value,
    /// `Token.MISSING`.
    pub missing: Value,
}

/// A context.
pub struct ContextState {
    /// Variables and values in turn; UNDEF when there are none.
    items: Slot,
    /// It is the context of some thread now.
    entered: Cell<bool>,
}

impl Payload for ContextState {
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        visit(self.items.peek());
    }

    fn clear(&self) {
        drop(self.items.take());
    }
}

struct VarState {
    name: Value,
    /// UNDEF when there is none.
    default: Value,
}

impl Payload for VarState {
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&self.name);
        visit(&self.default);
    }
}

struct TokenState {
    var: Value,
    context: Value,
    /// The value before, UNDEF when there was none.
    old: Value,
    used: Cell<bool>,
}

impl Payload for TokenState {
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&self.var);
        visit(&self.context);
        visit(&self.old);
    }
}

impl ContextState {
    fn find(&self, var: &Value) -> Option<Value> {
        let items = self.items.peek().as_tuple()?.items();
        items.chunks_exact(2).find(|p| p[0].is(var)).map(|p| p[1].clone())
    }

    fn pairs(&self) -> Vec<(Value, Value)> {
        let items = self.items.get();
        items
            .as_tuple()
            .map_or_else(Vec::new, |t| t.items().chunks_exact(2).map(|p| (p[0].clone(), p[1].clone())).collect())
    }

    /// Sets the variable, or removes it without a value.
    fn put(&self, vm: &Vm, var: &Value, value: Option<Value>) {
        let old = self.items.get();
        let mut items = old.as_tuple().map_or_else(Vec::new, |t| t.items().to_vec());
        let at = items.chunks_exact(2).position(|p| p[0].is(var)).map(|i| i * 2);
        match (at, value) {
            (Some(i), Some(v)) => items[i + 1] = v,
            (Some(i), None) => drop(items.drain(i..i + 2)),
            (None, Some(v)) => items.extend([var.clone(), v]),
            (None, None) => {}
        }
        self.items.set(if items.is_empty() { Value::UNDEF } else { vm.tuple(items) });
    }
}

impl Vm {
    /// The classes of the module contextvars.
    pub fn context_classes(&self) -> &ContextClasses {
        self.sched.context_classes.get_or_init(|| {
            let object = self.types.object.get();
            let make = |name, table| self.native_class("_contextvars", name, object, FINAL, table);
            let token = make("Token", &TOKEN);
            let missing = self.native_class("_contextvars", "Token.MISSING", object, FINAL, &MISSING);
            let missing = self.opaque(super::class(&missing), MissingState);
            if let Some(d) = super::class(&token).dict().as_dict() {
                d.set_text(self, "MISSING", missing.clone());
            }
            super::class(&token).touch();
            ContextClasses { var: make("ContextVar", &VAR), context: make("Context", &CONTEXT), token, missing }
        })
    }

    fn new_context(&self, items: Value, entered: bool) -> Value {
        let class = super::class(&self.context_classes().context);
        self.opaque(class, ContextState { items: Slot::new(items), entered: Cell::new(entered) })
    }

    /// The current context, made real if nobody has seen it yet.
    pub(crate) fn current_context(&self) -> Value {
        if self.sched.context.is_empty() {
            self.sched.context.set(self.new_context(Value::UNDEF, true));
        }
        self.sched.context.get()
    }

    /// A copy of the current context; UNDEF stands for an empty one.
    pub(crate) fn context_snapshot(&self) -> Value {
        let items = match self.sched.context.peek().payload::<ContextState>() {
            Some(c) => c.items.get(),
            None => return Value::UNDEF,
        };
        if items.is_undef() { Value::UNDEF } else { self.new_context(items, false) }
    }

    /// The context in a slot, made real if nobody has seen it yet.
    pub(crate) fn materialised(&self, slot: &Slot) -> Value {
        if slot.is_empty() {
            let entered = std::ptr::eq(slot, &self.sched.context);
            slot.set(self.new_context(Value::UNDEF, entered));
        }
        slot.get()
    }

    /// Makes the context in the slot the current one and gives the one before.
    pub(crate) fn swap_in(&self, slot: &Slot) -> R {
        if let Some(c) = slot.peek().payload::<ContextState>()
            && c.entered.replace(true)
        {
            let shown = self.repr_text(&slot.get())?;
            return Err(self.runtime_error(format!("cannot enter context: {shown} is already entered")));
        }
        Ok(self.sched.context.replace(slot.take()))
    }

    /// Goes back to the context before; the slot gets its context back.
    pub(crate) fn swap_out(&self, slot: &Slot, outside: Value) {
        let mine = self.sched.context.replace(outside);
        if let Some(c) = mine.payload::<ContextState>() {
            c.entered.set(false);
        }
        slot.set(mine);
    }
}

struct MissingState;

impl Payload for MissingState {}

static MISSING: TypeTable =
    TypeTable { doc: "", rows: &[method("__repr__(self, /)", missing_repr, "Return repr(self).")], next: None };

fn missing_repr(vm: &Vm, _a: &Args) -> R {
    Ok(vm.str("<Token.MISSING>"))
}

static VAR: TypeTable = TypeTable {
    doc: "A context variable.",
    rows: &[
        static_method("__new__(cls, name, /, *, default=...)", new_var, "Create a context variable."),
        method("__repr__(self, /)", var_repr, "Return repr(self)."),
        method(
            "get(self, default=None, /)",
            var_get,
            "Return a value for the context variable for the current context.",
        ),
        method(
            "set(self, value, /)",
            var_set,
            "Call to set a new value for the context variable in the current context.",
        ),
        method("reset(self, token, /)", var_reset, "Reset the context variable."),
        getter("name(self)", var_name, "The name of the variable."),
        class_method("__class_getitem__(cls, item, /)", subscript, "See PEP 585."),
    ],
    next: None,
};

fn subscript(vm: &Vm, a: &Args) -> R {
    vm.generic_alias(&a[0], &a[1])
}

fn new_var(vm: &Vm, a: &Args) -> R {
    if a[1].as_str().is_none() {
        return Err(vm.type_error("context variable name must be a str"));
    }
    let default = a.get(2).cloned().unwrap_or_default();
    let class = super::class(&vm.context_classes().var);
    Ok(vm.opaque(class, VarState { name: a[1].clone(), default }))
}

fn var<'a>(vm: &Vm, v: &'a Value) -> R<&'a VarState> {
    v.payload::<VarState>().ok_or_else(|| vm.type_error("a ContextVar is expected"))
}

fn var_repr(vm: &Vm, a: &Args) -> R {
    let state = var(vm, &a[0])?;
    let mut text = format!("<ContextVar name={}", vm.repr_text(&state.name)?);
    if !state.default.is_undef() {
        text.push_str(&format!(" default={}", vm.repr_text(&state.default)?));
    }
    text.push_str(&format!(" at {:#x}>", vm.id_of(&a[0])));
    Ok(vm.str(&text))
}

fn var_name(vm: &Vm, a: &Args) -> R {
    Ok(var(vm, &a[0])?.name.clone())
}

fn var_get(vm: &Vm, a: &Args) -> R {
    let state = var(vm, &a[0])?;
    if let Some(v) = vm.sched.context.peek().payload::<ContextState>().and_then(|c| c.find(&a[0])) {
        return Ok(v);
    }
    if let Some(d) = a.get(1) {
        return Ok(d.clone());
    }
    if !state.default.is_undef() {
        return Ok(state.default.clone());
    }
    Err(vm.error_with(vm.types.lookup_error.get(), vec![a[0].clone()]))
}

fn var_set(vm: &Vm, a: &Args) -> R {
    var(vm, &a[0])?;
    let context = vm.current_context();
    let Some(c) = context.payload::<ContextState>() else { return Ok(Value::NONE) };
    let old = c.find(&a[0]).unwrap_or_default();
    c.put(vm, &a[0], Some(a[1].clone()));
    let class = super::class(&vm.context_classes().token);
    Ok(vm.opaque(class, TokenState { var: a[0].clone(), context: context.clone(), old, used: Cell::new(false) }))
}

fn var_reset(vm: &Vm, a: &Args) -> R {
    let Some(t) = a[1].payload::<TokenState>() else {
        return Err(vm.type_error(format!("expected an instance of Token, got {}", vm.repr_text(&a[1])?)));
    };
    if t.used.get() {
        return Err(vm.runtime_error(format!("{} has already been used once", vm.repr_text(&a[1])?)));
    }
    if !t.var.is(&a[0]) {
        return Err(vm.value_error(format!("{} was created by a different ContextVar", vm.repr_text(&a[1])?)));
    }
    let context = vm.current_context();
    if !t.context.is(&context) {
        return Err(vm.value_error(format!("{} was created in a different Context", vm.repr_text(&a[1])?)));
    }
    t.used.set(true);
    if let Some(c) = context.payload::<ContextState>() {
        c.put(vm, &a[0], t.old.clone().defined());
    }
    Ok(Value::NONE)
}

static TOKEN: TypeTable = TypeTable {
    doc: "",
    rows: &[
        static_method("__new__(cls, /, *args, **kwargs)", new_token, "Not possible."),
        method("__repr__(self, /)", token_repr, "Return repr(self)."),
        getter("var(self)", token_var, "The variable."),
        getter("old_value(self)", token_old, "The value before, or Token.MISSING."),
        class_method("__class_getitem__(cls, item, /)", subscript, "See PEP 585."),
    ],
    next: None,
};

fn new_token(vm: &Vm, _a: &Args) -> R {
    Err(vm.runtime_error("Tokens can only be created by ContextVars"))
}

fn token_repr(vm: &Vm, a: &Args) -> R {
    let Some(t) = a[0].payload::<TokenState>() else { return Ok(vm.empty_str()) };
    let used = if t.used.get() { " used" } else { "" };
    Ok(vm.str(&format!("<Token{used} var={} at {:#x}>", vm.repr_text(&t.var)?, vm.id_of(&a[0]))))
}

fn token_var(_vm: &Vm, a: &Args) -> R {
    Ok(a[0].payload::<TokenState>().map_or(Value::NONE, |t| t.var.clone()))
}

fn token_old(vm: &Vm, a: &Args) -> R {
    let old = a[0].payload::<TokenState>().and_then(|t| t.old.clone().defined());
    Ok(old.unwrap_or_else(|| vm.context_classes().missing.clone()))
}

static CONTEXT: TypeTable = TypeTable {
    doc: "",
    rows: &[
        static_method("__new__(cls, /, *args, **kwargs)", new_context, "Create an empty context."),
        method("run(self, /, *args, **kwargs)", context_run, "Call a function in this context."),
        method("copy(self, /)", context_copy, "Return a shallow copy of the context object."),
        method(
            "get(self, key, default=None, /)",
            context_get,
            "Return the value for `key` if `key` has the value in the context object.",
        ),
        method("keys(self, /)", context_keys, "Return a list of all variables in the context object."),
        method("values(self, /)", context_values, "Return a list of all variables' values in the context object."),
        method("items(self, /)", context_items, "Return all variables and their values in the context object."),
        method("__getitem__(self, key, /)", context_item, "Return self[key]."),
        method("__contains__(self, key, /)", context_contains, "Return bool(key in self)."),
        method("__len__(self, /)", context_len, "Return len(self)."),
        method("__iter__(self, /)", context_iter, "Implement iter(self)."),
        method("__eq__(self, other, /)", context_eq, "Return self==value."),
    ],
    next: None,
};

fn new_context(vm: &Vm, a: &Args) -> R {
    if !a.rest.is_empty() || !a.keywords.is_empty() {
        return Err(vm.type_error("Context() does not accept any arguments"));
    }
    Ok(vm.new_context(Value::UNDEF, false))
}

fn context<'a>(vm: &Vm, v: &'a Value) -> R<&'a ContextState> {
    v.payload::<ContextState>().ok_or_else(|| vm.type_error("a Context is expected"))
}

/// `copy_context()`.
pub(crate) fn copy_current(vm: &Vm, _a: &Args) -> R {
    let current = vm.current_context();
    let items = context(vm, &current)?.items.get();
    Ok(vm.new_context(items, false))
}

fn context_run(vm: &Vm, a: &Args) -> R {
    let Some((f, args)) = a.rest.split_first() else {
        return Err(vm.type_error("run() missing 1 required positional argument"));
    };
    let slot = Slot::new(a[0].clone());
    let outside = vm.swap_in(&slot)?;
    let result = vm.call_with(f, args, a.keywords);
    vm.swap_out(&slot, outside);
    result
}

fn context_copy(vm: &Vm, a: &Args) -> R {
    let items = context(vm, &a[0])?.items.get();
    Ok(vm.new_context(items, false))
}

fn checked_key<'a>(vm: &Vm, key: &'a Value) -> R<&'a Value> {
    if key.payload::<VarState>().is_none() {
        return Err(vm.type_error(format!("a ContextVar key was expected, got {}", vm.repr_text(key)?)));
    }
    Ok(key)
}

fn context_get(vm: &Vm, a: &Args) -> R {
    let found = context(vm, &a[0])?.find(checked_key(vm, &a[1])?);
    Ok(found.unwrap_or_else(|| a.get(2).cloned().unwrap_or(Value::NONE)))
}

fn context_item(vm: &Vm, a: &Args) -> R {
    let key = checked_key(vm, &a[1])?;
    context(vm, &a[0])?.find(key).ok_or_else(|| vm.key_error(key))
}

fn context_contains(vm: &Vm, a: &Args) -> R {
    Ok(Value::bool(context(vm, &a[0])?.find(checked_key(vm, &a[1])?).is_some()))
}

fn context_len(vm: &Vm, a: &Args) -> R {
    Ok(Value::small(context(vm, &a[0])?.pairs().len() as i64))
}

fn context_keys(vm: &Vm, a: &Args) -> R {
    Ok(vm.list(context(vm, &a[0])?.pairs().into_iter().map(|(k, _)| k).collect()))
}

fn context_values(vm: &Vm, a: &Args) -> R {
    Ok(vm.list(context(vm, &a[0])?.pairs().into_iter().map(|(_, v)| v).collect()))
}

fn context_items(vm: &Vm, a: &Args) -> R {
    Ok(vm.list(context(vm, &a[0])?.pairs().into_iter().map(|(k, v)| vm.tuple([k, v])).collect()))
}

fn context_iter(vm: &Vm, a: &Args) -> R {
    let keys = context_keys(vm, a)?;
    vm.iter(&keys)
}

fn context_eq(vm: &Vm, a: &Args) -> R {
    let Some(other) = a[1].payload::<ContextState>() else { return Ok(Value::NOT_IMPLEMENTED) };
    let (mine, theirs) = (context(vm, &a[0])?.pairs(), other.pairs());
    if mine.len() != theirs.len() {
        return Ok(Value::FALSE);
    }
    for (k, v) in &mine {
        let Some((_, w)) = theirs.iter().find(|(x, _)| x.is(k)) else { return Ok(Value::FALSE) };
        if !vm.eq(v, w)? {
            return Ok(Value::FALSE);
        }
    }
    Ok(Value::TRUE)
}
