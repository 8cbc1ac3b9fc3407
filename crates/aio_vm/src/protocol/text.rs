//! Text of values: `str()`, `repr()`, `format()`.

use crate::builtins::{float, int};
use crate::error::R;
use crate::native::Args;
use crate::object::class::HEAP;
use crate::text::{float_repr, repr};
use crate::value::Value;
use crate::vm::Vm;

impl Vm {
    /// `repr(v)`.
    pub fn repr(&self, v: &Value) -> R {
        if let Some(n) = v.as_small() {
            return Ok(self.str_ascii(itoa::Buffer::new().format(n).as_bytes()));
        }
        if let Some(s) = v.as_str()
            && !s.header.class().is(HEAP)
        {
            return Ok(self.str(&repr::str_repr(s.bytes())));
        }
        let _guard = self.enter_native_repr(v)?;
        match self.call_special(v, &self.names.__repr__, &[])? {
            Some(s) if s.as_str().is_some() => Ok(s),
            Some(s) => Err(self.type_error(format!("__repr__ returned non-string (type {})", self.type_name(&s)))),
            None => Ok(self.str(&self.default_repr(v))),
        }
    }

    fn enter_native_repr(&self, _v: &Value) -> R<crate::protocol::call::NativeGuard<'_>> {
        self.enter_native()
            .map_err(|_| self.recursion_error("maximum recursion depth exceeded while getting the repr of an object"))
    }

    /// `<module.Class object at 0x...>`.
    pub fn default_repr(&self, v: &Value) -> String {
        format!("<{} object at {:#x}>", self.full_class_name(v), self.id_of(v))
    }

    /// `module.QualName` of a value's class, without the module for built-in ones.
    pub fn full_class_name(&self, v: &Value) -> String {
        self.class_title(&self.class_of(v).value())
    }

    /// `module.QualName` of a class, without the module for built-in ones.
    pub fn class_title(&self, class: &Value) -> String {
        let Some(c) = class.as_class() else { return String::new() };
        let qualname = c.qualname.get();
        let qualname = qualname.as_str().map(|s| s.to_text().into_owned()).unwrap_or_default();
        let module = c.dict().as_dict().and_then(|d| d.get_name(self, &self.names.__module__));
        match module.as_ref().and_then(|m| m.as_str()) {
            Some(m) if m.bytes() != b"builtins" => format!("{}.{qualname}", m.to_text()),
            _ => qualname,
        }
    }

    /// `str(v)`.
    pub fn to_str(&self, v: &Value) -> R {
        if let Some(s) = v.as_str()
            && !s.header.class().is(HEAP)
        {
            return Ok(v.clone());
        }
        if let Some(n) = v.as_small() {
            return Ok(self.str_ascii(itoa::Buffer::new().format(n).as_bytes()));
        }
        if let Some(x) = v.as_float() {
            return Ok(self.str_ascii(float_repr::repr(x).as_bytes()));
        }
        let _guard = self.enter_native()?;
        match self.call_special(v, &self.names.__str__, &[])? {
            Some(s) if s.as_str().is_some() => Ok(s),
            Some(s) => Err(self.type_error(format!("__str__ returned non-string (type {})", self.type_name(&s)))),
            None => self.repr(v),
        }
    }

    /// `str(v)` as text (surrogates become U+FFFD).
    pub fn to_text(&self, v: &Value) -> R<String> {
        let s = self.to_str(v)?;
        Ok(s.as_str().map(|s| s.to_text().into_owned()).unwrap_or_default())
    }

    /// `repr(v)` as text (surrogates become U+FFFD).
    pub fn repr_text(&self, v: &Value) -> R<String> {
        let s = self.repr(v)?;
        Ok(s.as_str().map(|s| s.to_text().into_owned()).unwrap_or_default())
    }

    /// `format(v, spec)`.
    pub fn format(&self, v: &Value, spec: &Value) -> R {
        let empty = spec.as_str().is_none_or(|s| s.is_empty());
        if empty {
            if let Some(s) = v.as_str()
                && !s.header.class().is(HEAP)
            {
                return Ok(v.clone());
            }
            if v.is_small() || v.is_float() {
                return self.to_str(v);
            }
        } else if v.is_small() || v.is_float() {
            // Their classes are no others', and cannot be changed.
            let args = [v.clone(), spec.clone()];
            let args = Args { slots: &args, rest: &[], keywords: &[], receiver: &Value::UNDEF };
            return if v.is_small() { int::methods::format(self, &args) } else { float::format(self, &args) };
        }
        match self.call_special(v, &self.names.__format__, std::slice::from_ref(spec))? {
            Some(s) if s.as_str().is_some() => Ok(s),
            Some(s) => Err(self.type_error(format!("__format__ must return a str, not {}", self.type_name(&s)))),
            None => self.to_str(v),
        }
    }

    /// Runs `f` unless the container's repr is being made already: then `None`, for `[...]`.
    pub fn guarded_repr<T>(&self, v: &Value, f: impl FnOnce() -> R<T>) -> R<Option<T>> {
        let addr = v.addr();
        if self.repr_stack.borrow().contains(&addr) {
            return Ok(None);
        }
        self.repr_stack.borrow_mut().push(addr);
        let result = f();
        self.repr_stack.borrow_mut().retain(|&a| a != addr);
        result.map(Some)
    }
}
