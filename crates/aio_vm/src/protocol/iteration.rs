//! Iteration: making iterators, stepping them, collecting them.

use crate::error::{R, Raised};
use crate::object::class::HEAP;
use crate::object::dict::ViewKind;
use crate::object::header::Kind;
use crate::object::iter::{DictWalk, IterState};
use crate::value::Value;
use crate::vm::Vm;

impl Vm {
    /// `iter(v)`.
    pub fn iter(&self, v: &Value) -> R {
        if let Some(it) = self.known_iter(v) {
            return Ok(it);
        }
        if let Some(f) = self.type_method(v, &self.names.__iter__) {
            if f.is_none() {
                return Err(self.not_iterable(v));
            }
            let it = self.call_special(v, &self.names.__iter__, &[])?.unwrap_or_default();
            if self.class_of(&it).next.get().is_none() && self.type_method(&it, &self.names.__next__).is_none() {
                return Err(self.type_error(format!("iter() returned non-iterator of type '{}'", self.type_name(&it))));
            }
            return Ok(it);
        }
        // Types of Rust that are sequences say so by `__iter__`.
        if self.class_of(v).is(HEAP) && self.type_method(v, &self.names.__getitem__).is_some() {
            return Ok(self.iterator(IterState::Sequence(v.clone(), 0)));
        }
        Err(self.not_iterable(v))
    }

    /// The iterator of an object that has items by number and no iterator of its own.
    pub fn sequence_iterator(&self, v: &Value) -> Value {
        self.iterator(IterState::Sequence(v.clone(), 0))
    }

    #[cold]
    pub(crate) fn not_iterable(&self, v: &Value) -> crate::error::Raised {
        self.type_error(format!("'{}' object is not iterable", self.type_name(v)))
    }

    /// The iterator of an exact built-in container.
    #[inline]
    pub(crate) fn known_iter(&self, v: &Value) -> Option<Value> {
        let kind = v.kind()?;
        if self.class_of(v).is(HEAP) {
            return None;
        }
        Some(self.iterator(match kind {
            Kind::List => IterState::List(v.clone(), 0),
            Kind::Tuple => IterState::Tuple(v.clone(), 0),
            Kind::Range => return Some(self.range_iter(v)),
            Kind::Dict => IterState::Dict(v.clone(), DictWalk::forward(v.as_dict()?), ViewKind::Keys),
            Kind::View => {
                let view = v.as_view()?;
                if view.what == ViewKind::Proxy {
                    return None;
                }
                IterState::Dict(view.dict.clone(), DictWalk::forward(view.dict.as_dict()?), view.what)
            }
            Kind::Set | Kind::FrozenSet => IterState::Set(v.clone(), 0, v.as_set()?.len()),
            Kind::Str => IterState::Str(v.clone(), 0),
            Kind::Bytes | Kind::ByteArray => IterState::Bytes(v.clone(), 0),
            Kind::Iter => return Some(v.clone()),
            Kind::Coro if self.class_of(v).is_same(self.types.generator.get()) => return Some(v.clone()),
            _ => return None,
        }))
    }

    /// The iterator of a range.
    pub fn range_iter(&self, v: &Value) -> Value {
        let Some(r) = v.as_range() else { return Value::NONE };
        if let Some((start, count)) = r.steps() {
            return self.counter(start, count);
        }
        match (r.as_i64(), r.short_len()) {
            (Some((start, _, step)), Some(count)) => self.iterator(IterState::Range(start, count, step)),
            _ => self.iterator(IterState::BigRange(r.start.clone(), r.stop.clone(), r.step.clone())),
        }
    }

    /// The next item of an iterator, `None` at its end.
    #[inline]
    pub fn next(&self, it: &Value) -> R<Option<Value>> {
        if let Some(i) = it.as_iter() {
            return i.next(self);
        }
        if let Some(next) = self.class_of(it).next.get() {
            // Iterators over iterators nest as deeply as a script wants.
            self.check_stack()?;
            return next(self, it);
        }
        self.next_slow(it)
    }

    fn next_slow(&self, it: &Value) -> R<Option<Value>> {
        match self.call_special(it, &self.names.__next__, &[]) {
            Ok(Some(v)) => Ok(Some(v)),
            Ok(None) => Err(self.type_error(format!("'{}' object is not an iterator", self.type_name(it)))),
            Err(e) if e.is(self.types.stop_iteration.get()) => Ok(None),
            Err(e) => Err(e),
        }
    }

    /// Calls `f` with each item.
    pub fn each(&self, iterable: &Value, mut f: impl FnMut(Value) -> R<()>) -> R<()> {
        let it = self.iter(iterable)?;
        while let Some(v) = self.next(&it)? {
            f(v)?;
        }
        Ok(())
    }

    /// `list(iterable)` as a vector.
    pub fn collect(&self, iterable: &Value) -> R<Vec<Value>> {
        if !self.class_of(iterable).is(HEAP) {
            if let Some(l) = iterable.as_list() {
                return Ok(l.to_vec());
            }
            if let Some(t) = iterable.as_tuple() {
                return Ok(t.items().to_vec());
            }
        }
        let it = self.iter(iterable)?;
        let expected = match self.known_len(iterable) {
            Some(n) if !self.class_of(iterable).is(HEAP) => n,
            _ if it.is(iterable) && it.kind() == Some(Kind::Coro) => 0,
            _ => self.length_hint(iterable)?.unwrap_or(0),
        };
        self.alloc_check(expected, size_of::<Value>())?;
        let mut items = Vec::with_capacity(expected.min(1 << 16));
        while let Some(v) = self.next(&it)? {
            self.tick()?;
            items.push(v);
        }
        Ok(items)
    }

    /// What `operator.length_hint` knows: `__len__` or `__length_hint__`, unless they raise a TypeError.
    pub fn length_hint(&self, v: &Value) -> R<Option<usize>> {
        let is_type_error = |e: &Raised| e.is(self.types.type_error.get());
        if self.type_method(v, &self.names.__len__).is_some() {
            match self.len(v) {
                Err(e) if is_type_error(&e) => {}
                n => return n.map(Some),
            }
        }
        let hint = match self.call_special(v, &self.names.__length_hint__, &[]) {
            Ok(Some(hint)) => hint,
            Err(e) if !is_type_error(&e) => return Err(e),
            _ => return Ok(None),
        };
        if hint.is_not_implemented() {
            return Ok(None);
        }
        if !hint.is_int() {
            let what = self.type_name(&hint);
            return Err(self.type_error(format!("__length_hint__ must be an integer, not {what}")));
        }
        match hint.as_i64() {
            Some(n) => {
                usize::try_from(n).map(Some).map_err(|_| self.value_error("__length_hint__() should return >= 0"))
            }
            None => Err(self.overflow_error("Python int too large to convert to C ssize_t")),
        }
    }
}
