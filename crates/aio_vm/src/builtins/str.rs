//! Strings.

mod affix;
pub(crate) mod bounds;
mod case;
pub(crate) mod codec;
mod item;
mod layout;
pub(crate) mod percent;
mod search;
mod split;
mod template;
mod translate;

use crate::error::R;
use crate::native::{Args, TypeTable, method, static_method};
use crate::object::class::HEAP;
use crate::object::{ClassObj, StrObj};
use crate::protocol::compare::Compare;
use crate::text::repr as text_repr;
use crate::value::Value;
use crate::vm::Vm;

pub(crate) static TABLE: TypeTable = TypeTable {
    doc: "str(object='') -> str\nstr(bytes_or_buffer[, encoding[, errors]]) -> str\n\n\
          The text of an object: what its __str__() gives, or else repr(object).\n\
          With encoding or errors the object must be bytes-like, and is decoded.",
    rows: &[
        static_method(
            "__new__(cls, object='', encoding='utf-8', errors='strict')",
            new,
            "Create and return a new object.",
        )
        .making(usual),
        method("__repr__(self, /)", repr, "Return repr(self)."),
        method("__str__(self, /)", str, "Return str(self)."),
        method("__hash__(self, /)", hash, "Return hash(self)."),
        method("__len__(self, /)", len, "Return len(self)."),
        method("__iter__(self, /)", item::iter, "Implement iter(self)."),
        method("__getitem__(self, key, /)", item::get, "Return self[key]."),
        method("__contains__(self, key, /)", search::contains, "Return bool(key in self)."),
        method("__eq__(self, value, /)", eq, "Return self==value."),
        method("__ne__(self, value, /)", ne, "Return self!=value."),
        method("__lt__(self, value, /)", lt, "Return self<value."),
        method("__le__(self, value, /)", le, "Return self<=value."),
        method("__gt__(self, value, /)", gt, "Return self>value."),
        method("__ge__(self, value, /)", ge, "Return self>=value."),
        method("__add__(self, value, /)", item::add, "Return self+value."),
        method("__mul__(self, value, /)", item::mul, "Return self*value."),
        method("__rmul__(self, value, /)", item::mul, "Return value*self."),
        method("__mod__(self, value, /)", percent::modulo, "Return self%value."),
        method("__rmod__(self, value, /)", percent::rmodulo, "Return value%self."),
        method("__format__(self, format_spec, /)", template::format_one, "Return a formatted version of the string."),
        method("__getnewargs__(self, /)", getnewargs, ""),
        method("__sizeof__(self, /)", sizeof, "Return the size of the string in memory, in bytes."),
        method("encode(self, /, encoding='utf-8', errors='strict')", codec::encode, "Encode the string to bytes."),
        method(
            "replace(self, old, new, /, count=-1)",
            search::replace,
            "Return a copy with all occurrences of old replaced by new.",
        ),
        method(
            "split(self, /, sep=None, maxsplit=-1)",
            split::split,
            "Return a list of the substrings between separators.",
        ),
        method("rsplit(self, /, sep=None, maxsplit=-1)", split::rsplit, "As split(), but cuts from the end."),
        method(
            "join(self, iterable, /)",
            split::join,
            "Concatenate any number of strings, with this one between them.",
        ),
        method("capitalize(self, /)", case::capitalize, "First character in upper case, the rest in lower case."),
        method("casefold(self, /)", case::casefold, "A version for caseless comparisons."),
        method("title(self, /)", case::title, "Each word begins in title case, the rest is lower case."),
        method("swapcase(self, /)", case::swapcase, "Upper case becomes lower case and the other way round."),
        method("lower(self, /)", case::lower, "A copy in lower case.").usually(case::plain_lower),
        method("upper(self, /)", case::upper, "A copy in upper case.").usually(case::plain_upper),
        method("center(self, width, fillchar=' ', /)", layout::center, "A centered string of the width."),
        method("ljust(self, width, fillchar=' ', /)", layout::ljust, "A left-justified string of the width."),
        method("rjust(self, width, fillchar=' ', /)", layout::rjust, "A right-justified string of the width."),
        method("zfill(self, width, /)", layout::zfill, "Pad a number with zeros on the left."),
        method("expandtabs(self, /, tabsize=8)", layout::expandtabs, "A copy with tabs expanded to spaces."),
        method(
            "strip(self, chars=None, /)",
            layout::strip,
            "A copy without leading and trailing whitespace, or chars.",
        )
        .usually(layout::plain_strip),
        method("lstrip(self, chars=None, /)", layout::lstrip, "A copy without leading whitespace, or chars."),
        method("rstrip(self, chars=None, /)", layout::rstrip, "A copy without trailing whitespace, or chars."),
        method(
            "count(self, sub, start=None, end=None, /)",
            search::count,
            "Number of occurrences of sub that do not overlap.",
        ),
        method("find(self, sub, start=None, end=None, /)", search::find, "Lowest index of sub, or -1.")
            .usually(search::plain_find),
        method("rfind(self, sub, start=None, end=None, /)", search::rfind, "Highest index of sub, or -1."),
        method("index(self, sub, start=None, end=None, /)", search::index, "Lowest index of sub, or ValueError."),
        method("rindex(self, sub, start=None, end=None, /)", search::rindex, "Highest index of sub, or ValueError."),
        method(
            "partition(self, sep, /)",
            split::partition,
            "What stands before the separator, the separator, and the rest.",
        ),
        method("rpartition(self, sep, /)", split::rpartition, "As partition(), at the last separator."),
        method("splitlines(self, /, keepends=False)", split::splitlines, "A list of the lines."),
        method(
            "startswith(self, prefix, start=None, end=None, /)",
            affix::startswith,
            "Whether the string starts with the prefix.",
        )
        .usually(affix::plain_startswith),
        method(
            "endswith(self, suffix, start=None, end=None, /)",
            affix::endswith,
            "Whether the string ends with the suffix.",
        )
        .usually(affix::plain_endswith),
        method("removeprefix(self, prefix, /)", affix::removeprefix, "The string without the prefix, if it has it."),
        method("removesuffix(self, suffix, /)", affix::removesuffix, "The string without the suffix, if it has it."),
        method("translate(self, table, /)", translate::translate, "Replace each character using the table."),
        static_method("maketrans(x, y=None, z=None, /)", translate::maketrans, "A table for translate()."),
        method("isascii(self, /)", case::isascii, "Whether all characters are ASCII."),
        method("islower(self, /)", case::islower, "Whether the string is in lower case."),
        method("isupper(self, /)", case::isupper, "Whether the string is in upper case."),
        method("istitle(self, /)", case::istitle, "Whether the string is in title case."),
        method("isspace(self, /)", case::isspace, "Whether all characters are whitespace."),
        method("isdecimal(self, /)", case::isdecimal, "Whether all characters are decimal digits."),
        method("isdigit(self, /)", case::isdigit, "Whether all characters are digits."),
        method("isnumeric(self, /)", case::isnumeric, "Whether all characters are numeric."),
        method("isalpha(self, /)", case::isalpha, "Whether all characters are letters."),
        method("isalnum(self, /)", case::isalnum, "Whether all characters are letters or numbers."),
        method("isidentifier(self, /)", case::isidentifier, "Whether the string is a valid identifier."),
        method("isprintable(self, /)", case::isprintable, "Whether repr() shows all characters as they are."),
        method(
            "format(self, /, *args, **kwargs)",
            template::format,
            "Put the arguments into the fields of the string.",
        ),
        method(
            "format_map(self, mapping, /)",
            template::format_map,
            "Put the mapping's values into the fields of the string.",
        ),
    ],
    next: None,
};

/// The receiver of a method of str; the call path has checked its class.
fn receiver<'a>(vm: &'a Vm, a: &'a Args) -> R<&'a StrObj> {
    argument_or(vm, &a[0], |given| format!("descriptor requires a 'str' object but received '{given}'"))
}

/// A str, or the TypeError that `message` makes of the name of the given type.
fn argument_or<'a>(vm: &Vm, v: &'a Value, message: impl FnOnce(String) -> String) -> R<&'a StrObj> {
    v.as_str().ok_or_else(|| vm.type_error(message(vm.given_name(v))))
}

impl Vm {
    /// The argument of a `__format__`.
    pub fn format_spec<'a>(&self, v: &'a Value) -> R<&'a StrObj> {
        argument_or(self, v, |given| format!("__format__() argument must be str, not {given}"))
    }

    /// A str with these bytes; `v` itself if it is an exact str and they are all of it.
    fn str_same(&self, v: &Value, s: &StrObj, bytes: &[u8]) -> Value {
        if bytes.len() == s.bytes().len() && self.class_of(v).is_same(self.types.str.get()) {
            return v.clone();
        }
        self.str_part(s, bytes)
    }

    /// A str of a part of another one.
    fn str_part(&self, of: &StrObj, bytes: &[u8]) -> Value {
        if of.is_ascii() { self.str_counted(bytes, bytes.len()) } else { self.str_wtf8(bytes) }
    }

    /// An instance of a class that derives from str.
    fn str_as(&self, v: Value, class: &ClassObj) -> Value {
        if class.is_same(self.types.str.get()) {
            return v;
        }
        match v.as_str() {
            Some(s) => self.adopt(self.str_fresh(s.bytes()), class),
            None => v,
        }
    }
}

fn new(vm: &Vm, a: &Args) -> R {
    let class = vm.class_to_make(&a[0], vm.types.str.get())?;
    let text = match (a.get(1), a.get(2), a.get(3)) {
        (None, None, None) => vm.empty_str(),
        (Some(v), None, None) => vm.to_str(v)?,
        (v, encoding, errors) => codec::decode_object(vm, v, encoding, errors)?,
    };
    Ok(vm.str_as(text, class))
}

/// `str(v)` of what is a text, or a number.
fn usual(vm: &Vm, a: &[Value]) -> Option<Value> {
    let [v] = a else { return None };
    let plain = v.is_small() || v.is_float() || v.as_str().is_some_and(|s| !s.header.class().is(HEAP));
    if plain { vm.to_str(v).ok() } else { None }
}

fn repr(vm: &Vm, a: &Args) -> R {
    Ok(vm.str(&text_repr::str_repr(receiver(vm, a)?.bytes())))
}

fn str(vm: &Vm, a: &Args) -> R {
    let s = receiver(vm, a)?;
    Ok(vm.str_same(&a[0], s, s.bytes()))
}

fn hash(vm: &Vm, a: &Args) -> R {
    Ok(vm.int(receiver(vm, a)?.hash(vm) as i64))
}

fn len(vm: &Vm, a: &Args) -> R {
    Ok(Value::small(receiver(vm, a)?.len() as i64))
}

fn getnewargs(vm: &Vm, a: &Args) -> R {
    Ok(vm.tuple([vm.str_wtf8(receiver(vm, a)?.bytes())]))
}

/// What CPython's layouts take: 1, 2 or 4 bytes for each character.
fn sizeof(vm: &Vm, a: &Args) -> R {
    let s = receiver(vm, a)?;
    let widest = crate::text::wtf8::code_points(s.bytes()).max().unwrap_or(0);
    let size = match widest {
        0..0x80 => 41 + s.len(),
        0x80..0x100 => 57 + s.len(),
        0x100..0x1_0000 => 58 + 2 * s.len(),
        _ => 60 + 4 * s.len(),
    };
    Ok(vm.int(size as i64))
}

fn compare(_vm: &Vm, a: &Args, op: Compare) -> R {
    Ok(match (a[0].as_str(), a[1].as_str()) {
        (Some(x), Some(y)) => Value::bool(op.holds(x.bytes().cmp(y.bytes()))),
        _ => Value::NOT_IMPLEMENTED,
    })
}

crate::comparisons!(compare);
