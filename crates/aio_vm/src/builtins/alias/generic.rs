//! Generic aliases: `list[int]`.

use crate::error::R;
use crate::native::{Args, TypeTable, getter, method, static_method};
use crate::object::opaque::Payload;
use crate::value::Value;
use crate::vm::Vm;

pub(crate) static TABLE: TypeTable = TypeTable {
    doc: "A generic type with its arguments, such as list[int].",
    rows: &[
        static_method("__new__(cls, origin, args, /)", new, "Create an alias."),
        method("__repr__(self, /)", repr, "Return repr(self)."),
        method("__eq__(self, value, /)", eq, "Return self==value."),
        method("__hash__(self, /)", hash, "Return hash(self)."),
        method("__call__(self, /, *args, **kwargs)", call, "Make an instance of the origin."),
        method("__getattribute__(self, name, /)", getattribute, "Return getattr(self, name)."),
        method("__getitem__(self, key, /)", getitem, "Replace type parameters by arguments."),
        method("__mro_entries__(self, bases, /)", mro_entries, "Tell what stands for the alias among bases."),
        method("__instancecheck__(self, instance, /)", no_instance_check, "Refuse isinstance()."),
        method("__subclasscheck__(self, subclass, /)", no_subclass_check, "Refuse issubclass()."),
        method("__or__(self, value, /)", or, "Return self|value."),
        method("__ror__(self, value, /)", ror, "Return value|self."),
        method("__iter__(self, /)", iter, "Unpack the alias once."),
        method("__reduce__(self, /)", reduce, "Describe the alias for copying."),
        getter("__origin__(self)", origin, "the generic type"),
        getter("__args__(self)", args, "the arguments"),
        getter("__parameters__(self)", parameters, "the type parameters among the arguments"),
        getter("__unpacked__(self)", unpacked, "whether the alias was unpacked"),
        getter("__typing_unpacked_tuple_args__(self)", unpacked_args, "the arguments of an unpacked tuple"),
    ],
    next: None,
};

/// The payload of a generic alias.
pub struct Alias {
    /// `__origin__`.
    pub origin: Value,
    /// `__args__`, a tuple.
    pub args: Value,
    /// `*tuple[int]`.
    pub starred: bool,
}

impl Payload for Alias {
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&self.origin);
        visit(&self.args);
    }
}

impl Vm {
    /// `origin[args]`.
    pub fn generic_alias(&self, origin: &Value, args: &Value) -> R {
        let args = if args.as_tuple().is_some() { args.clone() } else { self.tuple([args.clone()]) };
        Ok(self.opaque(self.types.generic_alias.get(), Alias { origin: origin.clone(), args, starred: false }))
    }
}

fn new(vm: &Vm, a: &Args) -> R {
    let class = vm.class_to_make(&a[0], vm.types.generic_alias.get())?;
    let args = if a[2].as_tuple().is_some() { a[2].clone() } else { vm.tuple([a[2].clone()]) };
    Ok(vm.opaque(class, Alias { origin: a[1].clone(), args, starred: false }))
}

fn part(v: &Value) -> Option<&Alias> {
    v.payload::<Alias>()
}

/// One argument as it stands in the repr of an alias or union.
pub(super) fn repr_item(vm: &Vm, v: &Value) -> R<String> {
    if v.is(&Value::ELLIPSIS) {
        return Ok("...".to_owned());
    }
    if v.is(&vm.types.none_type.value()) {
        return Ok("None".to_owned());
    }
    if let Some(l) = v.as_list() {
        let items = l.to_vec().iter().map(|x| repr_item(vm, x)).collect::<R<Vec<_>>>()?;
        return Ok(format!("[{}]", items.join(", ")));
    }
    if v.as_class().is_some() {
        return Ok(vm.class_title(v));
    }
    vm.repr_text(v)
}

fn repr(vm: &Vm, a: &Args) -> R {
    let Some(alias) = part(&a[0]) else { return Ok(vm.empty_str()) };
    let _guard = vm.enter_native()?;
    let args = alias.args.as_tuple().map(|t| t.items()).unwrap_or_default();
    let items = args.iter().map(|x| repr_item(vm, x)).collect::<R<Vec<_>>>()?;
    let inner = if items.is_empty() { "()".to_owned() } else { items.join(", ") };
    let star = if alias.starred { "*" } else { "" };
    Ok(vm.str(&format!("{star}{}[{inner}]", repr_item(vm, &alias.origin)?)))
}

fn eq(vm: &Vm, a: &Args) -> R {
    let (Some(x), Some(y)) = (part(&a[0]), part(&a[1])) else { return Ok(Value::NOT_IMPLEMENTED) };
    if x.starred != y.starred || !vm.eq(&x.origin, &y.origin)? {
        return Ok(Value::FALSE);
    }
    vm.eq(&x.args, &y.args).map(Value::bool)
}

fn hash(vm: &Vm, a: &Args) -> R {
    let Some(x) = part(&a[0]) else { return Ok(Value::small(0)) };
    let h = vm.hash(&x.origin)? ^ vm.hash(&x.args)?;
    Ok(vm.int(h))
}

fn call(vm: &Vm, a: &Args) -> R {
    let Some(x) = part(&a[0]) else { return Ok(Value::NONE) };
    let made = vm.call_with(&x.origin, a.rest, a.keywords)?;
    let name = vm.intern("__orig_class__");
    match vm.set_attr(&made, &name, Some(a[0].clone())) {
        Err(e) if !e.is(vm.types.attribute_error.get()) && !e.is(vm.types.type_error.get()) => Err(e),
        _ => Ok(made),
    }
}

/// Names that belong to the alias itself; all others are those of the origin.
const OWN: &[&str] = &[
    "__class__",
    "__origin__",
    "__args__",
    "__parameters__",
    "__unpacked__",
    "__mro_entries__",
    "__reduce_ex__",
    "__reduce__",
    "__copy__",
    "__deepcopy__",
    "__typing_unpacked_tuple_args__",
    "__instancecheck__",
    "__subclasscheck__",
    "__getitem__",
    "__call__",
    "__or__",
    "__ror__",
];

fn getattribute(vm: &Vm, a: &Args) -> R {
    let name = vm.attr_name(&a[1])?;
    let text = crate::builtins::object::text_of(&name);
    // A list of what it is an alias for would have bases; it has none itself.
    if text == "__bases__" {
        return Err(vm.no_attribute(&a[0], &name));
    }
    match part(&a[0]) {
        Some(x) if !OWN.contains(&text.as_str()) => vm.get_attr(&x.origin, &name),
        _ => vm.plain_attr(&a[0], &name)?.ok_or_else(|| vm.no_attribute(&a[0], &name)),
    }
}

/// Type parameters among these arguments, each once; also those in lists and tuples.
pub(super) fn collect_parameters(vm: &Vm, args: &[Value]) -> R<Vec<Value>> {
    let mut found: Vec<Value> = Vec::new();
    for v in args {
        if v.as_class().is_some() {
            continue;
        }
        let inner = if vm.type_method(v, &vm.names.__typing_subst__).is_some() {
            vec![v.clone()]
        } else if v.as_list().is_some() || v.as_tuple().is_some() {
            let _guard = vm.enter_native()?;
            collect_parameters(vm, &vm.collect(v)?)?
        } else {
            own_parameters(vm, v)?
        };
        for p in inner {
            if !found.iter().any(|f| f.is(&p)) {
                found.push(p);
            }
        }
    }
    Ok(found)
}

/// `__parameters__` of an argument that is generic itself.
fn own_parameters(vm: &Vm, v: &Value) -> R<Vec<Value>> {
    let found = vm.look_attr(v, &vm.names.__parameters__)?;
    Ok(found.as_ref().and_then(|t| t.as_tuple()).map(|t| t.items().to_vec()).unwrap_or_default())
}

fn getitem(vm: &Vm, a: &Args) -> R {
    let Some(x) = part(&a[0]) else { return Ok(Value::NONE) };
    let args = x.args.as_tuple().map(|t| t.items().to_vec()).unwrap_or_default();
    let parameters = collect_parameters(vm, &args)?;
    let replaced = substitute(vm, &a[0], &args, &parameters, &a[1])?;
    let alias = Alias { origin: x.origin.clone(), args: vm.tuple(replaced), starred: x.starred };
    Ok(vm.opaque(vm.types.generic_alias.get(), alias))
}

/// The arguments of an alias with type parameters replaced by what stands in the subscription.
pub(super) fn substitute(vm: &Vm, alias: &Value, args: &[Value], parameters: &[Value], item: &Value) -> R<Vec<Value>> {
    if parameters.is_empty() {
        let shown = vm.repr_text(alias)?;
        return Err(vm.type_error(format!("{shown} is not a generic class")));
    }
    let mut given = vm.tuple(unpacked_items(vm, item)?);
    let prepare = vm.intern("__typing_prepare_subst__");
    for p in parameters {
        if let Some(f) = vm.look_attr(p, &prepare)?.filter(|f| !f.is_none()) {
            let prepared = vm.call(&f, &[alias.clone(), given.clone()])?;
            given = if prepared.as_tuple().is_some() { prepared } else { vm.tuple(vm.collect(&prepared)?) };
        }
    }
    let given = given.as_tuple().map(|t| t.items().to_vec()).unwrap_or_default();
    if given.len() != parameters.len() {
        let many = if given.len() > parameters.len() { "many" } else { "few" };
        let shown = vm.repr_text(alias)?;
        return Err(vm.type_error(format!(
            "Too {many} arguments for {shown}; actual {}, expected {}",
            given.len(),
            parameters.len()
        )));
    }
    replace_all(vm, args, parameters, &given)
}

/// The items of a subscription; unpacked tuples of a known length are replaced by their items.
fn unpacked_items(vm: &Vm, item: &Value) -> R<Vec<Value>> {
    let given = item.as_tuple().map_or_else(|| vec![item.clone()], |t| t.items().to_vec());
    let name = vm.intern("__typing_unpacked_tuple_args__");
    let mut items = Vec::with_capacity(given.len());
    for v in given {
        let inner = if v.as_class().is_some() { None } else { vm.look_attr(&v, &name)? };
        match inner.as_ref().and_then(|t| t.as_tuple()) {
            Some(t) if !t.items().last().is_some_and(|last| last.is(&Value::ELLIPSIS)) => {
                items.extend(t.items().iter().cloned());
            }
            _ => items.push(v),
        }
    }
    Ok(items)
}

fn replace_all(vm: &Vm, args: &[Value], parameters: &[Value], given: &[Value]) -> R<Vec<Value>> {
    let _guard = vm.enter_native()?;
    let unpacked = vm.intern("__typing_is_unpacked_typevartuple__");
    let mut replaced = Vec::with_capacity(args.len());
    for v in args {
        if v.as_class().is_some() {
            replaced.push(v.clone());
            continue;
        }
        if v.as_list().is_some() || v.as_tuple().is_some() {
            let inner = replace_all(vm, &vm.collect(v)?, parameters, given)?;
            replaced.push(if v.as_list().is_some() { vm.list(inner) } else { vm.tuple(inner) });
            continue;
        }
        let many = match vm.look_attr(v, &unpacked)? {
            Some(flag) => vm.truth(&flag)?,
            None => false,
        };
        let at = parameters.iter().position(|p| p.is(v));
        let new = match at.and_then(|i| given.get(i)) {
            Some(arg) => {
                let subst = vm.call_special(v, &vm.names.__typing_subst__, std::slice::from_ref(arg))?;
                subst.unwrap_or_else(|| arg.clone())
            }
            None => replace_inside(vm, v, parameters, given)?,
        };
        match new.as_tuple() {
            Some(t) if many => replaced.extend(t.items().iter().cloned()),
            _ => replaced.push(new),
        }
    }
    Ok(replaced)
}

/// An argument that is generic itself, subscripted in its turn.
fn replace_inside(vm: &Vm, v: &Value, parameters: &[Value], given: &[Value]) -> R {
    let inner = own_parameters(vm, v)?;
    if inner.is_empty() {
        return Ok(v.clone());
    }
    let mut items = Vec::with_capacity(inner.len());
    for p in &inner {
        let at = parameters.iter().position(|q| q.is(p));
        match at.and_then(|i| given.get(i)) {
            // A tuple of types takes what several arguments there are.
            Some(arg) if vm.type_method(p, &vm.names.__iter__).is_some() => match arg.as_tuple() {
                Some(t) => items.extend(t.items().iter().cloned()),
                None => items.push(arg.clone()),
            },
            Some(arg) => items.push(arg.clone()),
            None => items.push(p.clone()),
        }
    }
    vm.get_item(v, &vm.tuple(items))
}

fn mro_entries(vm: &Vm, a: &Args) -> R {
    Ok(vm.tuple(part(&a[0]).map(|x| x.origin.clone()).into_iter().collect::<Vec<_>>()))
}

fn no_instance_check(vm: &Vm, _a: &Args) -> R {
    Err(vm.type_error("isinstance() argument 2 cannot be a parameterized generic"))
}

fn no_subclass_check(vm: &Vm, _a: &Args) -> R {
    Err(vm.type_error("issubclass() argument 2 cannot be a parameterized generic"))
}

fn or(vm: &Vm, a: &Args) -> R {
    super::union_of(vm, &a[0], &a[1])
}

fn ror(vm: &Vm, a: &Args) -> R {
    super::union_of(vm, &a[1], &a[0])
}

fn iter(vm: &Vm, a: &Args) -> R {
    let Some(x) = part(&a[0]) else { return Ok(Value::NONE) };
    let starred = Alias { origin: x.origin.clone(), args: x.args.clone(), starred: true };
    let one = vm.tuple([vm.opaque(vm.types.generic_alias.get(), starred)]);
    vm.iter(&one)
}

fn reduce(vm: &Vm, a: &Args) -> R {
    let Some(x) = part(&a[0]) else { return Ok(Value::NONE) };
    let args = vm.tuple([x.origin.clone(), x.args.clone()]);
    Ok(vm.tuple([vm.types.generic_alias.value(), args]))
}

fn origin(_vm: &Vm, a: &Args) -> R {
    Ok(part(&a[0]).map_or(Value::NONE, |x| x.origin.clone()))
}

fn args(_vm: &Vm, a: &Args) -> R {
    Ok(part(&a[0]).map_or(Value::NONE, |x| x.args.clone()))
}

fn parameters(vm: &Vm, a: &Args) -> R {
    let args = part(&a[0]).and_then(|x| x.args.as_tuple().map(|t| t.items().to_vec())).unwrap_or_default();
    Ok(vm.tuple(collect_parameters(vm, &args)?))
}

fn unpacked(_vm: &Vm, a: &Args) -> R {
    Ok(Value::bool(part(&a[0]).is_some_and(|x| x.starred)))
}

fn unpacked_args(vm: &Vm, a: &Args) -> R {
    let found = part(&a[0]).filter(|x| x.starred && x.origin.is(&vm.types.tuple.value()));
    Ok(found.map_or(Value::NONE, |x| x.args.clone()))
}
