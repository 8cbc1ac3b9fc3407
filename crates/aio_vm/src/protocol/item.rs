//! Items, lengths, truth, indexes.

use crate::error::R;
use crate::object::class::HEAP;
use crate::object::header::Kind;
use crate::value::Value;
use crate::vm::Vm;
use num_bigint::BigInt;
use num_traits::ToPrimitive;

impl Vm {
    /// `obj[key]`.
    pub fn get_item(&self, obj: &Value, key: &Value) -> R {
        if let Some(v) = self.call_special(obj, &self.names.__getitem__, std::slice::from_ref(key))? {
            return Ok(v);
        }
        if obj.as_class().is_some() {
            if let Some(f) = self.look_attr(obj, &self.names.__class_getitem__)?.filter(|f| !f.is_none()) {
                return self.call(&f, std::slice::from_ref(key));
            }
            if obj.as_class().is_some_and(|c| c.is_same(self.types.type_.get())) {
                return self.generic_alias(obj, key);
            }
            let name = obj.as_class().map(|c| c.name_text()).unwrap_or_default();
            return Err(self.type_error(format!("type '{name}' is not subscriptable")));
        }
        Err(self.type_error(format!("'{}' object is not subscriptable", self.type_name(obj))))
    }

    /// `obj[key] = value`.
    pub fn set_item(&self, obj: &Value, key: &Value, value: Value) -> R<()> {
        match self.call_special(obj, &self.names.__setitem__, &[key.clone(), value])? {
            Some(_) => Ok(()),
            None => {
                self.check_other_half(obj, &self.names.__delitem__, "__setitem__")?;
                self.check_sequence_index(obj, key)?;
                Err(self.type_error(format!("'{}' object does not support item assignment", self.type_name(obj))))
            }
        }
    }

    /// An index of what CPython counts among the sequences must fit a machine word before anything else is asked.
    fn check_sequence_index(&self, obj: &Value, key: &Value) -> R<()> {
        if self.counts_as_sequence(obj) && (key.is_int() || self.type_method(key, &self.names.__index__).is_some()) {
            let n = self.index_value(key)?;
            if n.as_i64().is_none() {
                let message = format!("cannot fit '{}' into an index-sized integer", self.type_name(key));
                return Err(self.error(self.types.index_error.get(), &message));
            }
        }
        Ok(())
    }

    /// What CPython counts among the sequences that cannot be changed: objects of classes of the script are, too.
    fn counts_as_sequence(&self, obj: &Value) -> bool {
        match obj.kind() {
            Some(Kind::Str | Kind::Bytes | Kind::Tuple | Kind::Range) => true,
            Some(Kind::Set | Kind::FrozenSet | Kind::View) => true,
            _ => self.class_of(obj).is(HEAP),
        }
    }

    /// One slot sets and deletes in CPython: a class of the script with only one of the methods lacks the other's name.
    fn check_other_half(&self, obj: &Value, present: &Value, missing: &str) -> R<()> {
        if self.class_of(obj).is(HEAP) && self.type_method(obj, present).is_some() {
            return Err(self.error(self.types.attribute_error.get(), missing));
        }
        Ok(())
    }

    /// `del obj[key]`.
    pub fn del_item(&self, obj: &Value, key: &Value) -> R<()> {
        match self.call_special(obj, &self.names.__delitem__, std::slice::from_ref(key))? {
            Some(_) => Ok(()),
            None => {
                self.check_other_half(obj, &self.names.__setitem__, "__delitem__")?;
                self.check_sequence_index(obj, key)?;
                // CPython words it differently for an index of anything that it counts among the sequences.
                let index = key.is_int() || self.type_method(key, &self.names.__index__).is_some();
                let not = if index && self.counts_as_sequence(obj) { "doesn't" } else { "does not" };
                Err(self.type_error(format!("'{}' object {not} support item deletion", self.type_name(obj))))
            }
        }
    }

    /// The length of an exact built-in container, without asking the script.
    pub fn known_len(&self, v: &Value) -> Option<usize> {
        Some(match v.kind()? {
            Kind::Str => v.as_str()?.len(),
            Kind::List => v.as_list()?.len(),
            Kind::Tuple => v.as_tuple()?.len(),
            Kind::Dict => v.as_dict()?.len(),
            Kind::Set | Kind::FrozenSet => v.as_set()?.len(),
            Kind::Bytes | Kind::ByteArray => v.byte_data()?.len(),
            Kind::Range => i64::try_from(v.as_range()?.short_len()?).ok()? as usize,
            _ => return None,
        })
    }

    /// `len(v)`.
    pub fn len(&self, v: &Value) -> R<usize> {
        if let Some(n) = self.known_len(v)
            && !self.class_of(v).is(HEAP)
        {
            return Ok(n);
        }
        let Some(n) = self.call_special(v, &self.names.__len__, &[])? else {
            return Err(self.type_error(format!("object of type '{}' has no len()", self.type_name(v))));
        };
        let n = self.index_value(&n)?;
        match n.as_i64() {
            Some(n) if n >= 0 => Ok(n as usize),
            Some(_) => Err(self.value_error("__len__() should return >= 0")),
            None => {
                if n.as_bigint().is_some_and(|b| b < BigInt::from(0)) {
                    return Err(self.value_error("__len__() should return >= 0"));
                }
                Err(self.overflow_error("cannot fit 'int' into an index-sized integer"))
            }
        }
    }

    /// `bool(v)`.
    #[inline]
    pub fn truth(&self, v: &Value) -> R<bool> {
        if let Some(b) = v.as_bool() {
            return Ok(b);
        }
        if let Some(n) = v.as_small() {
            return Ok(n != 0);
        }
        if v.is_none() {
            return Ok(false);
        }
        self.truth_slow(v)
    }

    /// The truth of a value of a built-in class, if no method has to be asked.
    pub(crate) fn known_truth(&self, v: &Value) -> Option<bool> {
        if let Some(b) = v.as_bool() {
            return Some(b);
        }
        if let Some(n) = v.as_small() {
            return Some(n != 0);
        }
        if let Some(x) = v.as_float() {
            return Some(x != 0.0);
        }
        if v.is_none() {
            return Some(false);
        }
        if self.class_of(v).is(HEAP) {
            return None;
        }
        self.known_len(v).map(|n| n != 0).or_else(|| v.as_int_obj().map(|_| true))
    }

    fn truth_slow(&self, v: &Value) -> R<bool> {
        if let Some(known) = self.known_truth(v) {
            return Ok(known);
        }
        if let Some(b) = self.call_special(v, &self.names.__bool__, &[])? {
            return b.as_bool().ok_or_else(|| {
                self.type_error(format!("__bool__ should return bool, returned {}", self.type_name(&b)))
            });
        }
        if self.type_method(v, &self.names.__len__).is_some() {
            return Ok(self.len(v)? != 0);
        }
        Ok(true)
    }

    /// `operator.index(v)`: an int of any size.
    pub fn index_value(&self, v: &Value) -> R {
        if v.is_small() || v.as_int_obj().is_some() {
            return Ok(v.clone());
        }
        if let Some(b) = v.as_bool() {
            return Ok(Value::small(b as i64));
        }
        match self.call_special(v, &self.names.__index__, &[])? {
            Some(n) if n.is_int() => Ok(n),
            Some(n) => Err(self.type_error(format!("__index__ returned non-int (type {})", self.type_name(&n)))),
            None => Err(self.type_error(format!("'{}' object cannot be interpreted as an integer", self.type_name(v)))),
        }
    }

    /// An index as an exact int.
    pub fn exact_index(&self, v: &Value) -> R {
        let n = self.index_value(v)?;
        if self.class_of(&n).is_same(self.types.int.get()) {
            return Ok(n);
        }
        Ok(n.as_bigint().map_or(n, |exact| self.bigint(exact)))
    }

    /// An index or count that must fit a machine integer; otherwise OverflowError.
    pub fn index(&self, v: &Value) -> R<i64> {
        if let Some(n) = v.as_small() {
            return Ok(n);
        }
        let n = self.index_value(v)?;
        n.as_i64().ok_or_else(|| {
            self.overflow_error(format!("cannot fit '{}' into an index-sized integer", self.type_name(v)))
        })
    }

    /// An index that is clamped to the machine's range instead of failing, as slices do.
    pub fn clamped_index(&self, v: &Value) -> R<i64> {
        if let Some(n) = v.as_small() {
            return Ok(n);
        }
        let n = self.index_value(v)?;
        Ok(n.as_i64()
            .unwrap_or_else(|| if n.as_bigint().is_some_and(|b| b < BigInt::from(0)) { i64::MIN } else { i64::MAX }))
    }

    /// A part of a slice other than None, or a bound of a search, clamped to the machine's range.
    pub(crate) fn slice_part(&self, v: &Value) -> R<i64> {
        self.part_or(v, "slice indices must be integers or None or have an __index__ method")
    }

    /// An index that is clamped; `message` is the error about what is none.
    pub(crate) fn part_or(&self, v: &Value, message: &str) -> R<i64> {
        if !v.is_int() && self.type_method(v, &self.names.__index__).is_none() {
            return Err(self.type_error(message));
        }
        self.clamped_index(v)
    }

    /// The positions that a slice selects from a sequence of `len` items: start, step, count.
    pub fn slice_bounds(&self, slice: &Value, len: usize) -> R<(i64, i64, usize)> {
        let Some(s) = slice.as_slice() else { return Ok((0, 1, 0)) };
        let step = if s.step.is_none() { 1 } else { self.slice_part(&s.step)? };
        if step == 0 {
            return Err(self.value_error("slice step cannot be zero"));
        }
        let step = step.max(-i64::MAX);
        let len = len as i64;
        let (low, high) = if step < 0 { (-1, len - 1) } else { (0, len) };
        let place = |v: &Value, default: i64| -> R<i64> {
            if v.is_none() {
                return Ok(default);
            }
            let n = self.slice_part(v)?;
            Ok(if n < 0 { n.saturating_add(len).max(low) } else { n.min(high) })
        };
        let start = place(&s.start, if step < 0 { high } else { low })?;
        let stop = place(&s.stop, if step < 0 { low } else { high })?;
        let count = if step > 0 {
            if stop > start { (stop - start - 1) / step + 1 } else { 0 }
        } else if start > stop {
            (start - stop - 1) / -step + 1
        } else {
            0
        };
        Ok((start, step, count as usize))
    }

    /// Refuses sizes that cannot be allocated: a MemoryError before anything happens.
    pub fn alloc_check(&self, items: usize, item_size: usize) -> R<()> {
        match items.checked_mul(item_size) {
            Some(n) if n <= 1 << 36 => {
                if n > 4096 && self.heap.would_exceed(n) {
                    return Err(self.refuse_memory());
                }
                Ok(())
            }
            _ => Err(self.error_with(self.types.memory_error.get(), vec![])),
        }
    }

    /// The nearest float of an int.
    pub fn int_to_f64(&self, v: &Value) -> R<f64> {
        if let Some(n) = v.as_i64() {
            return Ok(n as f64);
        }
        match v.as_bigint().and_then(|b| b.to_f64()) {
            Some(x) if x.is_finite() => Ok(x),
            _ => Err(self.overflow_error("int too large to convert to float")),
        }
    }

    /// The float that a number stands for (`__float__` and `__index__` included).
    pub fn to_f64(&self, v: &Value) -> R<f64> {
        if let Some(x) = v.as_f64() {
            return Ok(x);
        }
        // A subclass of int may have a `__float__` of its own.
        if v.is_int() && !self.class_of(v).is(HEAP) {
            return self.int_to_f64(v);
        }
        match self.call_special(v, &self.names.__float__, &[])? {
            Some(x) => x.as_f64().ok_or_else(|| {
                self.type_error(format!(
                    "{}.__float__ returned non-float (type {})",
                    self.type_name(v),
                    self.type_name(&x)
                ))
            }),
            None if self.type_method(v, &self.names.__index__).is_some() => {
                let n = self.index_value(v)?;
                self.to_f64(&n)
            }
            None => Err(self.type_error(format!("must be real number, not {}", self.type_name(v)))),
        }
    }
}
