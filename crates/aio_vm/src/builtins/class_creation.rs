//! The class statement and `type(name, bases, dict)`.

mod layout;
mod namespace;

use crate::error::R;
use crate::native::{Args, Def, function};
use crate::object::ClassObj;
use crate::object::class::*;
use crate::value::Value;
use crate::vm::Vm;

pub(crate) const BUILD_CLASS: Def = function(
    "__build_class__(func, name, /, *bases, metaclass=None, **kwds)",
    build_class,
    "The helper behind the class statement.",
);

fn build_class(vm: &Vm, a: &Args) -> R {
    let (func, name) = (&a[0], &a[1]);
    if func.as_function().is_none() {
        return Err(vm.type_error("__build_class__: func must be a function"));
    }
    if name.as_str().is_none() {
        return Err(vm.type_error("__build_class__: name is not a string"));
    }
    let given = vm.tuple(a.rest.to_vec());
    let bases = vm.resolve_bases(&given)?;
    let items = bases.as_tuple().map(|t| t.items()).unwrap_or_default();
    let metaclass = match a.get(2) {
        Some(m) => m.clone(),
        None => items.first().map_or_else(|| vm.types.type_.value(), |b| vm.class_of(b).value()),
    };
    let metaclass = match metaclass.as_class() {
        Some(m) => winner(vm, m, items)?,
        None => metaclass,
    };
    let namespace = prepare(vm, &metaclass, name, &bases, a.keywords)?;
    vm.call(func, std::slice::from_ref(&namespace))?;
    if !bases.is(&given) {
        vm.set_item(&namespace, &vm.names.__orig_bases__, given)?;
    }
    let cell = namespace.as_dict().and_then(|d| d.get_name(vm, &vm.names.__classcell__));
    let class = vm.call_with(&metaclass, &[name.clone(), bases, namespace], a.keywords)?;
    if class.as_class().is_some()
        && let Some(cell) = cell.as_ref().and_then(Value::as_cell)
    {
        check_cell(vm, &cell.content.get(), name, &class)?;
    }
    Ok(class)
}

fn check_cell(vm: &Vm, content: &Value, name: &Value, class: &Value) -> R<()> {
    if content.is(class) {
        return Ok(());
    }
    let name = vm.repr_text(name)?;
    let class = vm.repr_text(class)?;
    if content.is_undef() {
        return Err(vm.runtime_error(format!(
            "__class__ not set defining {name} as {class}. Was __classcell__ propagated to type.__new__?"
        )));
    }
    let content = vm.repr_text(content)?;
    Err(vm.type_error(format!("__class__ set to {content} defining {name} as {class}")))
}

/// The most derived of a metaclass and those of the bases.
fn winner(vm: &Vm, metaclass: &ClassObj, bases: &[Value]) -> R {
    let mut best = metaclass.value();
    for b in bases {
        let other = vm.class_of(b).value();
        let (Some(w), Some(o)) = (best.as_class(), other.as_class()) else { continue };
        if w.derives(o) {
            continue;
        }
        if !o.derives(w) {
            return Err(vm.type_error(
                "metaclass conflict: the metaclass of a derived class must be a (non-strict) subclass of the \
                 metaclasses of all its bases",
            ));
        }
        best = other;
    }
    Ok(best)
}

fn prepare(vm: &Vm, metaclass: &Value, name: &Value, bases: &Value, keywords: &[(Value, Value)]) -> R {
    if metaclass.is(&vm.types.type_.value()) {
        return Ok(vm.dict());
    }
    let Some(f) = vm.look_attr(metaclass, &vm.names.__prepare__)? else { return Ok(vm.dict()) };
    let namespace = vm.call_with(&f, &[name.clone(), bases.clone()], keywords)?;
    if namespace.as_dict().is_none() && vm.type_method(&namespace, &vm.names.__getitem__).is_none() {
        let who = match metaclass.as_class() {
            Some(m) => m.name_text(),
            None => "<metaclass>".to_owned(),
        };
        let what = vm.type_name(&namespace);
        return Err(vm.type_error(format!("{who}.__prepare__() must return a mapping, not {what}")));
    }
    Ok(namespace)
}

/// `type.__new__`.
pub(crate) fn type_new(vm: &Vm, a: &Args) -> R {
    let Some(meta) = a[0].as_class() else {
        let what = vm.type_name(&a[0]);
        return Err(vm.type_error(format!("type.__new__(X): X is not a type object ({what})")));
    };
    if !meta.derives(vm.types.type_.get()) {
        let name = meta.name_text();
        return Err(vm.type_error(format!("type.__new__({name}): {name} is not a subtype of type")));
    }
    let [name, bases, namespace] = a.rest else {
        let n = a.rest.len();
        return Err(vm.type_error(format!("type.__new__() takes exactly 3 arguments ({n} given)")));
    };
    let argument = |n: usize, v: &Value, kind: &str| vm.bad_argument(&format!("type.__new__() argument {n}"), kind, v);
    if name.as_str().is_none() {
        return Err(argument(1, name, "str"));
    }
    let Some(given) = bases.as_tuple() else { return Err(argument(2, bases, "tuple")) };
    let Some(body) = namespace.as_dict() else { return Err(argument(3, namespace, "dict")) };
    for b in given.items().iter().filter(|b| b.as_class().is_none()) {
        if vm.look_attr(b, &vm.names.__mro_entries__)?.is_some() {
            return Err(vm.type_error("type() doesn't support MRO entry resolution; use types.new_class()"));
        }
    }
    let best_meta = winner(vm, meta, given.items())?;
    let best_meta = best_meta.as_class().unwrap_or(meta);
    if !best_meta.is_same(meta) {
        let new = best_meta.lookup(vm, &vm.names.__new__).unwrap_or_default();
        let new = new.as_wrapper().map_or(new.clone(), |w| w.function.get());
        if !new.as_native().is_some_and(|n| n.owner().is_some_and(|o| o.is_same(vm.types.type_.get()))) {
            let args = [best_meta.value(), name.clone(), bases.clone(), namespace.clone()];
            return vm.call_with(&new, &args, a.keywords);
        }
    }
    let object = [vm.types.object.value()];
    let items = if given.is_empty() { &object[..] } else { given.items() };
    let class = vm.new_class(best_meta, name, items, body.copy(vm))?;
    namespace::set_names(vm, &class)?;
    namespace::init_subclass(vm, &class, a.keywords)?;
    Ok(class)
}

impl Vm {
    /// Replaces bases that are not classes by what their `__mro_entries__` gives.
    pub(crate) fn resolve_bases(&self, bases: &Value) -> R {
        let items = bases.as_tuple().map(|t| t.items()).unwrap_or_default();
        if items.iter().all(|b| b.as_class().is_some()) {
            return Ok(bases.clone());
        }
        let mut list = Vec::with_capacity(items.len());
        let mut changed = false;
        for b in items {
            let entries = match b.as_class() {
                Some(_) => None,
                None => self.look_attr(b, &self.names.__mro_entries__)?,
            };
            match entries {
                None => list.push(b.clone()),
                Some(f) => {
                    let found = self.call(&f, std::slice::from_ref(bases))?;
                    let Some(t) = found.as_tuple() else {
                        return Err(self.type_error("__mro_entries__ must return a tuple"));
                    };
                    list.extend(t.items().iter().cloned());
                    changed = true;
                }
            }
        }
        Ok(if changed { self.tuple(list) } else { bases.clone() })
    }

    /// A class made of these parts, without the hooks of its attributes and bases. `dict` becomes its own.
    pub(crate) fn new_class(&self, meta: &ClassObj, name: &Value, bases: &[Value], dict: Value) -> R {
        self.check_bases(bases)?;
        let best = self.best_base(bases)?;
        let Some(base) = bases.get(best).and_then(Value::as_class) else {
            return Err(self.system_error("a class without base"));
        };
        let Some(body) = dict.as_dict() else { return Err(self.system_error("a class without dict")) };
        let Some(text) = name.as_str() else { return Err(self.type_error("type name must be a string")) };
        if text.bytes().contains(&0) {
            return Err(self.value_error("type name must not contain null characters"));
        }
        let slots = layout::read_slots(self, body, name, base)?;
        let qualname = namespace::take_qualname(self, body)?;
        let flags = HEAP | layout::inherited_flags(bases, base) | slots.flags;
        let kind = base.instance.get();
        let class = self.class_cell(meta, &text.to_text(), self.tuple(bases.to_vec()), dict.clone(), kind, flags);
        let Some(c) = class.as_class() else { return Ok(class) };
        c.base_at.set(best as u32);
        if let Some(q) = qualname {
            c.qualname.set(q);
        }
        c.hint.set(base.hint.get());
        *c.slot_names.borrow_mut() = base.slot_names.borrow().clone();
        layout::add_members(self, c, body, &slots);
        namespace::complete(self, body);
        let cell = namespace::take_class_cell(self, body)?;
        self.order_class(meta, &class)?;
        layout::inherit_step(self, c, base);
        c.touch();
        if let Some(cell) = cell.as_ref().and_then(Value::as_cell) {
            cell.content.set(class.clone());
        }
        Ok(class)
    }

    fn check_bases(&self, bases: &[Value]) -> R<()> {
        for b in bases {
            let Some(c) = b.as_class() else { return Err(self.type_error("bases must be types")) };
            if c.is(FINAL) {
                return Err(self.type_error(format!("type '{}' is not an acceptable base type", self.class_title(b))));
            }
        }
        for (i, b) in bases.iter().enumerate() {
            if bases[..i].iter().any(|x| x.is(b)) {
                return Err(self.type_error(format!("duplicate base class {}", self.class_name(b))));
            }
        }
        Ok(())
    }

    /// Gives the class its order of lookup: C3, or what the metaclass's `mro` says.
    fn order_class(&self, meta: &ClassObj, class: &Value) -> R<()> {
        let mro = self.intern("mro");
        let own = match meta.find_in_mro(self, &mro) {
            Some((owner, _)) => !owner.is_same(self.types.type_.get()),
            None => false,
        };
        self.finish_class(class)?;
        if !own {
            return Ok(());
        }
        let Some(found) = self.call_special(class, &mro, &[])? else { return Ok(()) };
        let order = self.collect(&found)?;
        for k in &order {
            if k.as_class().is_none() {
                let what = self.type_name(k);
                return Err(self.type_error(format!("mro() returned a non-class ('{what}')")));
            }
        }
        if let Some(c) = class.as_class() {
            c.set_mro(self, order);
        }
        Ok(())
    }
}
