//! Slots that CPython's built-in classes list again though their bases have the same.

use super::{ROWS, line};
use crate::native::Def;
use crate::object::class::EXCEPTION;
use crate::object::header::Kind;
use crate::object::{ClassObj, DictObj};
use crate::vm::Vm;

const COMPARISONS: &[&str] = &["__lt__", "__le__", "__eq__", "__ne__", "__gt__", "__ge__"];

/// The classes that name their own look-up of attributes, which is the one of `object`.
const GETATTRIBUTE: &[&str] = &[
    "BaseException",
    "bytearray",
    "bytes",
    "complex",
    "dict",
    "enumerate",
    "filter",
    "int",
    "list",
    "map",
    "memoryview",
    "property",
    "range",
    "reversed",
    "set",
    "slice",
    "tuple",
    "UnionType",
    "zip",
];

/// What single classes have again.
const MORE: &[(&str, &[&str])] = &[
    ("bool", &["__invert__", "__and__", "__rand__", "__xor__", "__rxor__", "__or__", "__ror__"]),
    ("NoneType", COMPARISONS),
];

/// Exceptions that make their instances as their base does.
const SAME_NEW: &[&str] = &["ModuleNotFoundError", "IndentationError", "TabError", "UnboundLocalError"];

/// The nearest row of a base with this name.
fn inherited(row: usize, name: &str) -> Option<&'static Def> {
    let tables = line(row).into_iter().skip(1).flat_map(|at| ROWS[at].contents.tables);
    tables.flat_map(|table| table.rows).find(|def| def.name() == name)
}

/// Names that `repeat_slots` may give a class, whose dict is not there yet.
pub(super) fn may_repeat(row: usize, slot: &str) -> bool {
    let name = ROWS[row].name;
    matches!(slot, "__new__" | "__init__") && ROWS[row].kind == Kind::Exception
        || COMPARISONS.contains(&slot)
        || slot == "__getattribute__" && GETATTRIBUTE.contains(&name)
        || MORE.iter().any(|(of, slots)| *of == name && slots.contains(&slot))
}

impl Vm {
    /// Adds these slots to the dict of a class that has been filled from its tables.
    pub(super) fn repeat_slots(&self, class: &ClassObj, row: usize, dict: &DictObj) {
        let name = ROWS[row].name;
        let repeat = |slot: &str| {
            let key = self.intern(slot);
            if dict.get_name(self, &key).is_none()
                && let Some(def) = inherited(row, slot)
            {
                dict.set_name(self, &key, self.row(class, def, crate::value::Value::UNDEF));
            }
        };
        if class.is(EXCEPTION) {
            // Those that the library defines repeat nothing.
            if ROWS[row].contents.module.is_empty() && !ROWS[row].contents.behind_groups {
                if !SAME_NEW.contains(&name) && !class.derives(self.types.os_error.get()) {
                    repeat("__new__");
                }
                repeat("__init__");
            }
        } else if dict.get_name(self, &self.names.__eq__).is_some() && row != 0 {
            COMPARISONS.iter().for_each(|slot| repeat(slot));
        }
        if GETATTRIBUTE.contains(&name) {
            repeat("__getattribute__");
        }
        for (_, slots) in MORE.iter().filter(|(of, _)| *of == name) {
            slots.iter().for_each(|slot| repeat(slot));
        }
    }
}
