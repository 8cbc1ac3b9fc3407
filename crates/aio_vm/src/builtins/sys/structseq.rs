//! Tuples whose items have names, such as `sys.version_info`.

use crate::builtins::object::text_of;
use crate::error::R;
use crate::native::{Args, TypeTable, getter, method};
use crate::object::ClassObj;
use crate::object::class::{FINAL, NO_NEW};
use crate::value::Value;
use crate::vm::Vm;

/// The getter of item `I`.
pub fn item<const I: usize>(_vm: &Vm, a: &Args) -> R {
    Ok(a[0].as_tuple().and_then(|t| t.items().get(I).cloned()).unwrap_or(Value::NONE))
}

/// The table of a tuple with names: `named_tuple_table!(NAME, "doc", 0 "first", 1 "second")`.
#[macro_export]
macro_rules! named_tuple_table {
    ($table:ident, $doc:literal, $($index:literal $name:literal),* $(,)?) => {
        static $table: $crate::native::TypeTable = $crate::native::TypeTable {
            doc: $doc,
            rows: &[$(
                $crate::native::getter(
                    concat!($name, "(self)"),
                    $crate::builtins::sys::structseq::item::<$index>,
                    "an item of the tuple",
                ),
            )*],
            next: None,
        };
    };
}

pub(crate) static COMMON: TypeTable = TypeTable {
    doc: "",
    rows: &[
        method("__repr__(self, /)", repr, "Return repr(self)."),
        method("__reduce__(self, /)", reduce, "Describe the tuple for copying and pickling."),
        getter("n_fields(self)", count, "the number of items with a name"),
        getter("n_sequence_fields(self)", count, "the number of items"),
        getter("n_unnamed_fields(self)", zero, "the number of items without a name"),
    ],
    next: None,
};

impl Vm {
    /// The class of tuples with names; its table comes from `named_tuple_table!`.
    pub fn named_tuple_class(&self, module: &str, name: &str, table: &'static TypeTable, makes: bool) -> Value {
        let flags = FINAL | if makes { 0 } else { NO_NEW };
        let class = self.native_class(module, name, self.types.tuple.get(), flags, table);
        if let Some(c) = class.as_class() {
            self.install(c, &COMMON);
            let names: Vec<Value> = table.rows.iter().map(|r| self.intern(r.name())).collect();
            if let Some(d) = c.dict().as_dict() {
                d.set_text(self, "__match_args__", self.tuple(names));
                for n in ["n_fields", "n_sequence_fields"] {
                    d.set_text(self, n, self.int(table.rows.len() as i64));
                }
                d.set_text(self, "n_unnamed_fields", Value::small(0));
            }
            c.touch();
        }
        class
    }

    /// A tuple with names.
    pub fn named_tuple(&self, class: &ClassObj, items: &[Value]) -> Value {
        self.adopt(self.tuple_fresh(items), class)
    }
}

fn repr(vm: &Vm, a: &Args) -> R {
    let class = vm.class_of(&a[0]).value();
    let names = class.as_class().and_then(|c| c.lookup(vm, &vm.names.__match_args__)).unwrap_or_default();
    let names = names.as_tuple().map(|t| t.items().to_vec()).unwrap_or_default();
    let items = a[0].as_tuple().map(|t| t.items().to_vec()).unwrap_or_default();
    let mut parts = Vec::with_capacity(items.len());
    for (n, v) in names.iter().zip(&items) {
        parts.push(format!("{}={}", text_of(n), vm.repr_text(v)?));
    }
    Ok(vm.str(&format!("{}({})", vm.class_title(&class), parts.join(", "))))
}

fn reduce(vm: &Vm, a: &Args) -> R {
    let items = a[0].as_tuple().map(|t| t.items().to_vec()).unwrap_or_default();
    Ok(vm.tuple([vm.class_of(&a[0]).value(), vm.tuple([vm.tuple(items)])]))
}

fn count(vm: &Vm, a: &Args) -> R {
    Ok(vm.int(a[0].as_tuple().map_or(0, |t| t.len()) as i64))
}

fn zero(_vm: &Vm, _a: &Args) -> R {
    Ok(Value::small(0))
}
