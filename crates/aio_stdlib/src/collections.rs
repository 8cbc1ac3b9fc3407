//! `_collections`: deque, the fields of named tuples, and counting.

use aio_vm::{Args, Binary, Def, ModuleDef, Payload, R, Slot, TypeTable, Value, Vm, function, method, property};
use aio_vm::{getter, static_method};
use std::cell::OnceCell;

static FUNCTIONS: &[Def] = &[
    function(
        "_count_elements(mapping, iterable, /)",
        count_elements,
        "Count elements in the iterable, updating the mapping",
    ),
    function(
        "_take_first(mapping, /)",
        take_first,
        "Remove the first item of a dict and return it; None if it is empty",
    ),
    function("_put_first(mapping, key, /)", put_first, "Move an item of a dict to the front"),
];

static FIELD: TypeTable = TypeTable {
    doc: "",
    rows: &[
        static_method("__new__(cls, index, doc, /)", new, "Create and return a new object."),
        method(
            "__get__(self, instance, owner=None, /)",
            get,
            "Return an attribute of instance, which is of type owner.",
        ),
        method("__set__(self, instance, value, /)", set, "Set an attribute of instance to value."),
        method("__delete__(self, instance, /)", delete, "Delete an attribute of instance."),
        method("__reduce__(self, /)", reduce, "Return what makes the field again."),
        method("__repr__(self, /)", repr, "Return repr(self)."),
        property("__doc__(self)", doc, set_doc, "The docstring"),
        getter("__isabstractmethod__(self)", never, "False"),
    ],
    next: None,
};

static MODULE: ModuleDef = ModuleDef { name: "_collections", init: fill };

/// Makes the module known.
pub fn install(vm: &Vm) {
    vm.add_module(&MODULE);
}

fn fill(vm: &Vm, module: &Value) -> R<()> {
    crate::fill::define(vm, module, FUNCTIONS);
    crate::fill::set(vm, module, "deque", crate::deque::class(vm).clone());
    crate::fill::set(vm, module, "_tuplegetter", field_class(vm).clone());
    Ok(())
}

#[derive(Default)]
struct Classes {
    field: OnceCell<Value>,
}

fn field_class(vm: &Vm) -> &Value {
    vm.state::<Classes>()
        .field
        .get_or_init(|| vm.native_class("_collections", "_tuplegetter", vm.types.object.get(), 0, &FIELD))
}

/// The descriptor of a field: its place in the tuple.
struct Field {
    index: usize,
    doc: Slot,
}

impl Payload for Field {
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&self.doc.get());
    }
}

fn field<'a>(vm: &Vm, v: &'a Value) -> R<&'a Field> {
    v.payload::<Field>().ok_or_else(|| vm.type_error("a field of a named tuple is required"))
}

fn new(vm: &Vm, a: &Args) -> R {
    let class = vm.class_to_make(&a[0], field_class(vm).as_class().unwrap_or(vm.types.object.get()))?;
    let index = vm.index(&a[1])?.max(0) as usize;
    Ok(vm.opaque(class, Field { index, doc: Slot::new(a[2].clone()) }))
}

fn get(vm: &Vm, a: &Args) -> R {
    let f = field(vm, &a[0])?;
    let Some(instance) = a.some(1) else { return Ok(a[0].clone()) };
    let Some(t) = instance.as_tuple() else {
        let (index, what) = (f.index, vm.type_name(instance));
        return Err(vm.type_error(format!(
            "descriptor for index '{index}' for tuple subclasses doesn't apply to '{what}' object"
        )));
    };
    t.items().get(f.index).cloned().ok_or_else(|| vm.index_error("tuple index out of range"))
}

fn set(vm: &Vm, _a: &Args) -> R {
    Err(vm.error(vm.types.attribute_error.get(), "can't set attribute"))
}

fn delete(vm: &Vm, _a: &Args) -> R {
    Err(vm.error(vm.types.attribute_error.get(), "can't delete attribute"))
}

fn reduce(vm: &Vm, a: &Args) -> R {
    let f = field(vm, &a[0])?;
    let args = vm.tuple([vm.int(f.index as i64), f.doc.get()]);
    Ok(vm.tuple([vm.class_of(&a[0]).value(), args]))
}

fn repr(vm: &Vm, a: &Args) -> R {
    let f = field(vm, &a[0])?;
    let doc = vm.repr_text(&f.doc.get())?;
    Ok(vm.str(&format!("{}({}, {doc})", vm.class_of(&a[0]).name_text(), f.index)))
}

fn doc(vm: &Vm, a: &Args) -> R {
    Ok(field(vm, &a[0])?.doc.get())
}

fn set_doc(vm: &Vm, a: &Args) -> R {
    field(vm, &a[0])?.doc.set(a.get(1).cloned().unwrap_or(Value::NONE));
    Ok(Value::NONE)
}

fn never(_vm: &Vm, _a: &Args) -> R {
    Ok(Value::FALSE)
}

fn dict_of<'a>(vm: &Vm, v: &'a Value) -> R<&'a aio_vm::object::DictObj> {
    v.as_dict().ok_or_else(|| vm.type_error("a dict is required"))
}

fn take_first(vm: &Vm, a: &Args) -> R {
    let d = dict_of(vm, &a[0])?;
    let mut position = 0;
    let Some((key, value)) = d.next_item(&mut position) else { return Ok(Value::NONE) };
    d.remove(vm, &key)?;
    Ok(vm.tuple([key, value]))
}

fn put_first(vm: &Vm, a: &Args) -> R {
    let d = dict_of(vm, &a[0])?;
    let hash = vm.hash(&a[1])? as u64;
    let Some(value) = d.remove_hashed(vm, &a[1], hash)? else { return Err(vm.key_error(&a[1])) };
    let rest = d.take_all();
    d.set_hashed(vm, a[1].clone(), value, hash)?;
    for (key, value) in rest {
        d.set(vm, key, value)?;
    }
    Ok(Value::NONE)
}

fn count_elements(vm: &Vm, a: &Args) -> R {
    let (mapping, iterable) = (&a[0], &a[1]);
    let one = Value::small(1);
    let own = |name: &str, theirs: &Value| {
        let name = vm.intern(name);
        let known = theirs.as_class().and_then(|c| c.lookup(vm, &name)).unwrap_or_default();
        vm.class_of(mapping).lookup(vm, &name).is_some_and(|f| f.is(&known))
    };
    let dict = vm.types.dict.value();
    if let Some(d) = mapping.as_dict()
        && own("get", &dict)
        && own("__setitem__", &dict)
    {
        vm.each(iterable, |item| {
            vm.tick()?;
            let hash = vm.hash(&item)? as u64;
            let count = match d.get_hashed(vm, &item, hash)? {
                Some(n) => vm.binary(Binary::Add, &n, &one)?,
                None => one.clone(),
            };
            d.set_hashed(vm, item, count, hash)?;
            Ok(())
        })?;
        return Ok(Value::NONE);
    }
    let zero = Value::small(0);
    vm.each(iterable, |item| {
        vm.tick()?;
        let count = vm.call_method(mapping, "get", &[item.clone(), zero.clone()])?;
        let count = vm.binary(Binary::Add, &count, &one)?;
        vm.set_item(mapping, &item, count)
    })?;
    Ok(Value::NONE)
}
