//! Comparison, hashing, membership.

use crate::builtins::sequence;
use crate::error::R;
use crate::hash;
use crate::object::class::HEAP;
use crate::object::header::Kind;
use crate::object::int::Number;
use crate::value::Value;
use crate::vm::Vm;
use std::cmp::Ordering;

/// The six comparisons.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Compare {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
}

impl Compare {
    /// The same comparison with its operands exchanged.
    pub fn swapped(self) -> Compare {
        match self {
            Compare::Eq => Compare::Eq,
            Compare::Ne => Compare::Ne,
            Compare::Lt => Compare::Gt,
            Compare::Le => Compare::Ge,
            Compare::Gt => Compare::Lt,
            Compare::Ge => Compare::Le,
        }
    }

    /// What an ordering means for it.
    #[inline]
    pub fn holds(self, o: Ordering) -> bool {
        match self {
            Compare::Eq => o.is_eq(),
            Compare::Ne => o.is_ne(),
            Compare::Lt => o.is_lt(),
            Compare::Le => o.is_le(),
            Compare::Gt => o.is_gt(),
            Compare::Ge => o.is_ge(),
        }
    }

    /// As written in a script.
    pub fn sign(self) -> &'static str {
        match self {
            Compare::Eq => "==",
            Compare::Ne => "!=",
            Compare::Lt => "<",
            Compare::Le => "<=",
            Compare::Gt => ">",
            Compare::Ge => ">=",
        }
    }
}

/// Defines the functions behind the rows `__eq__` to `__ge__` of a type by its `compare(vm, a, op)`.
#[macro_export]
macro_rules! comparisons {
    ($compare:path) => {
        $crate::comparisons!($compare; eq Eq, ne Ne, lt Lt, le Le, gt Gt, ge Ge);
    };
    ($compare:path; $($name:ident $op:ident),*) => {
        $(
            fn $name(vm: &$crate::Vm, a: &$crate::Args) -> $crate::R {
                $compare(vm, a, $crate::Compare::$op)
            }
        )*
    };
}

/// Defines `eq` and `ne` of a type without an order by its `equal(vm, a)`, which gives `None` for what it does not know.
#[macro_export]
macro_rules! equality {
    ($equal:path) => {
        fn eq(vm: &$crate::Vm, a: &$crate::Args) -> $crate::R {
            Ok($equal(vm, a)?.map_or($crate::Value::NOT_IMPLEMENTED, $crate::Value::bool))
        }

        fn ne(vm: &$crate::Vm, a: &$crate::Args) -> $crate::R {
            Ok($equal(vm, a)?.map_or($crate::Value::NOT_IMPLEMENTED, |equal| $crate::Value::bool(!equal)))
        }
    };
}

impl Vm {
    pub(crate) fn compare_name(&self, op: Compare) -> &Value {
        let n = &self.names;
        match op {
            Compare::Eq => &n.__eq__,
            Compare::Ne => &n.__ne__,
            Compare::Lt => &n.__lt__,
            Compare::Le => &n.__le__,
            Compare::Gt => &n.__gt__,
            Compare::Ge => &n.__ge__,
        }
    }

    /// Comparison of exact numbers and strings, without asking the script.
    #[inline]
    pub(crate) fn compare_known(&self, op: Compare, a: &Value, b: &Value) -> Option<bool> {
        if let (Some(x), Some(y)) = (a.as_small(), b.as_small()) {
            return Some(op.holds(x.cmp(&y)));
        }
        if let (Some(x), Some(y)) = (a.as_float(), b.as_float()) {
            return Some(compare_floats(op, x, y));
        }
        // Inline integers are exact as floats.
        if let (Some(x), Some(y)) = (a.as_small(), b.as_float()) {
            return Some(compare_floats(op, x as f64, y));
        }
        if let (Some(x), Some(y)) = (a.as_float(), b.as_small()) {
            return Some(compare_floats(op, x, y as f64));
        }
        if let (Some(x), Some(y)) = (a.as_str(), b.as_str())
            && !x.header.class().is(HEAP)
            && !y.header.class().is(HEAP)
        {
            // WTF-8 sorts as its code points do.
            return Some(match op {
                Compare::Eq => std::ptr::eq(x, y) || x.bytes() == y.bytes(),
                Compare::Ne => x.bytes() != y.bytes(),
                _ => op.holds(x.bytes().cmp(y.bytes())),
            });
        }
        if let (Some(x), Some(y)) = (self.exact_i64(a), self.exact_i64(b)) {
            return Some(op.holds(x.cmp(&y)));
        }
        None
    }

    /// Whether numbers, strings, classes and None, as items and as the key, tell that it is there; none if a method of
    /// another object would have to be asked, or if there are many.
    // Not inlined: operations that look for items would get its stack.
    #[inline(never)]
    pub(crate) fn plainly_among(&self, key: &Value, items: &[Value]) -> Option<bool> {
        const MANY: usize = 32;
        // Objects of these classes, and built-in metaclasses, equal nothing that is neither a number nor themselves.
        let plain = |v: &Value| {
            v.is_small()
                || v.is_float()
                || v.is_none()
                || v.as_str().is_some_and(|s| self.types.str.is(s.header.class()))
                || v.as_class().is_some() && self.class_of(v).is_same(self.types.type_.get())
        };
        if items.len() > MANY || !plain(key) {
            return None;
        }
        for item in items {
            if item.is(key) || self.compare_known(Compare::Eq, item, key) == Some(true) {
                return Some(true);
            }
            if !plain(item) {
                return None;
            }
        }
        Some(false)
    }

    /// `a op b` as a value (comparisons may give anything).
    pub fn rich_compare(&self, op: Compare, a: &Value, b: &Value) -> R {
        if let Some(known) = self.compare_known(op, a, b) {
            return Ok(Value::bool(known));
        }
        let _guard =
            self.enter_native().map_err(|_| self.recursion_error("maximum recursion depth exceeded in comparison"))?;
        let (ca, cb) = (self.class_of(a), self.class_of(b));
        if ca.is_same(cb) && (ca.is_same(self.types.list.get()) || ca.is_same(self.types.tuple.get())) {
            return sequence::compare(self, op, a, b);
        }
        let reflected_first = !ca.is_same(cb) && cb.derives(ca);
        if reflected_first && let Some(v) = self.try_compare(op.swapped(), b, a)? {
            return Ok(v);
        }
        if let Some(v) = self.try_compare(op, a, b)? {
            return Ok(v);
        }
        if !reflected_first {
            return self.compare_reflected(op, a, b);
        }
        self.compare_identity(op, a, b)
    }

    /// `a op b` where the method of `a` has declined: that of `b`.
    pub(crate) fn compare_reflected(&self, op: Compare, a: &Value, b: &Value) -> R {
        match self.try_compare(op.swapped(), b, a)? {
            Some(v) => Ok(v),
            None => self.compare_identity(op, a, b),
        }
    }

    /// What there is without any method.
    fn compare_identity(&self, op: Compare, a: &Value, b: &Value) -> R {
        match op {
            Compare::Eq => Ok(Value::bool(a.is(b))),
            Compare::Ne => Ok(Value::bool(!a.is(b))),
            _ => Err(self.type_error(format!(
                "'{}' not supported between instances of '{}' and '{}'",
                op.sign(),
                self.type_name(a),
                self.type_name(b)
            ))),
        }
    }

    fn try_compare(&self, op: Compare, a: &Value, b: &Value) -> R<Option<Value>> {
        let v = self.call_special(a, self.compare_name(op), std::slice::from_ref(b))?;
        Ok(v.filter(|v| !v.is_not_implemented()))
    }

    /// `a op b` as a truth value.
    pub fn compare(&self, op: Compare, a: &Value, b: &Value) -> R<bool> {
        if let Some(known) = self.compare_known(op, a, b) {
            return Ok(known);
        }
        let v = self.rich_compare(op, a, b)?;
        self.truth(&v)
    }

    /// `a is b or a == b`: what containers ask.
    #[inline]
    pub fn eq(&self, a: &Value, b: &Value) -> R<bool> {
        if a.is(b) {
            // Containers take an object as equal to itself, NaN included.
            return Ok(true);
        }
        self.compare(Compare::Eq, a, b)
    }

    /// `a < b`.
    pub fn lt(&self, a: &Value, b: &Value) -> R<bool> {
        self.compare(Compare::Lt, a, b)
    }

    /// Order of two integers of any size.
    pub fn compare_ints(&self, a: &Value, b: &Value) -> Ordering {
        match (a.as_i64(), b.as_i64()) {
            (Some(x), Some(y)) => x.cmp(&y),
            _ => match (a.as_bigint(), b.as_bigint()) {
                (Some(x), Some(y)) => x.cmp(&y),
                _ => Ordering::Equal,
            },
        }
    }

    /// `hash(v)`.
    #[inline]
    pub fn hash(&self, v: &Value) -> R<i64> {
        if let Some(n) = v.as_small() {
            return Ok(hash::hash_small(n));
        }
        if let Some(s) = v.as_str()
            && !s.header.class().is(HEAP)
        {
            return Ok(s.hash(self) as i64);
        }
        self.hash_slow(v)
    }

    fn hash_slow(&self, v: &Value) -> R<i64> {
        if let Some(x) = v.as_float() {
            return Ok(if x.is_nan() { self.identity_hash(v) } else { hash::hash_f64(x) });
        }
        if let Some(b) = v.as_bool() {
            return Ok(b as i64);
        }
        let class = self.class_of(v);
        if !class.is(HEAP) {
            match v.kind() {
                None if v.is_none() => return Ok(0xFCA8_6420),
                None => return Ok(v.identity() as i64 | 0x5f0_0000),
                Some(Kind::Int) => {
                    return Ok(match v.as_int_obj().map(|i| &i.number) {
                        Some(Number::I64(n)) => hash::hash_i64(*n),
                        Some(Number::Big(b)) => hash::hash_bigint(b),
                        None => 0,
                    });
                }
                Some(Kind::Tuple) => {
                    self.check_stack()?;
                    let mut hasher = hash::TupleHasher::default();
                    for item in v.as_tuple().map_or(&[][..], |t| t.items()) {
                        hasher.add(self.hash(item)?);
                    }
                    return Ok(hasher.finish());
                }
                Some(Kind::Instance | Kind::Function | Kind::Class) if class.is_same(self.types.object.get()) => {
                    return Ok(self.identity_hash(v));
                }
                _ => {}
            }
        }
        self.check_stack()?;
        let found = class.lookup(self, &self.names.__hash__);
        match found {
            Some(f) if f.as_native().and_then(|n| n.owner()).is_some_and(|c| self.types.object.is(c)) => {
                Ok(self.identity_hash(v))
            }
            Some(f) if !f.is_none() => {
                let h = self.call_special(v, &self.names.__hash__, &[])?.unwrap_or_default();
                if !h.is_int() {
                    return Err(self.type_error("__hash__ method should return an integer"));
                }
                let h = match h.as_i64() {
                    Some(n) => n,
                    None => h.as_bigint().map_or(0, |b| hash::hash_bigint(&b)),
                };
                Ok(if h == -1 { -2 } else { h })
            }
            _ => Err(self.type_error(format!("unhashable type: '{}'", self.type_name(v)))),
        }
    }

    /// The hash of an object that is equal only to itself.
    pub fn identity_hash(&self, v: &Value) -> i64 {
        (self.id_of(v) as i64).rotate_right(4)
    }

    /// What `id()` shows.
    pub fn id_of(&self, v: &Value) -> u64 {
        if v.is_ptr() { self.heap.identity_at(v.addr()) } else { v.identity() }
    }

    /// `item in container`.
    pub fn contains(&self, container: &Value, item: &Value) -> R<bool> {
        if let Some(f) = self.type_method(container, &self.names.__contains__) {
            if f.is_none() {
                return Err(self.type_error(format!("'{}' object is not a container", self.type_name(container))));
            }
            let v = self.call_special(container, &self.names.__contains__, std::slice::from_ref(item))?;
            return self.truth(&v.unwrap_or_default());
        }
        let it = match self.iter(container) {
            Ok(it) => it,
            Err(e) if e.is(self.types.type_error.get()) => {
                return Err(
                    self.type_error(format!("argument of type '{}' is not iterable", self.type_name(container)))
                );
            }
            Err(e) => return Err(e),
        };
        while let Some(v) = self.next(&it)? {
            self.tick()?;
            if self.eq(&v, item)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// `isinstance(v, class_or_tuple)`.
    pub fn is_instance(&self, v: &Value, class: &Value) -> R<bool> {
        if let Some(c) = class.as_class()
            && self.class_of(class).is_same(self.types.type_.get())
        {
            if self.class_of(v).derives(c) {
                return Ok(true);
            }
            return self.claims_class(v, c);
        }
        self.is_instance_slow(v, class)
    }

    /// An object whose `__class__` is set to say something else than its type.
    fn claims_class(&self, v: &Value, c: &crate::object::ClassObj) -> R<bool> {
        let may = match v.kind() {
            Some(Kind::Instance | Kind::Opaque) => self.class_of(v).is(HEAP),
            // Proxies claim the class of their target.
            Some(Kind::Weakref) => true,
            _ => false,
        };
        if !may {
            return Ok(false);
        }
        let claimed = self.look_attr(v, &self.names.__class__)?;
        Ok(claimed.as_ref().and_then(Value::as_class).is_some_and(|k| k.derives(c)))
    }

    fn is_instance_slow(&self, v: &Value, class: &Value) -> R<bool> {
        // An instance of the very class is one whatever the metaclass says.
        if class.as_class().is_some_and(|c| c.is_same(self.class_of(v))) {
            return Ok(true);
        }
        let _guard = self.enter_native()?;
        if let Some(t) = class.as_tuple() {
            for c in t.items() {
                if self.is_instance(v, c)? {
                    return Ok(true);
                }
            }
            return Ok(false);
        }
        if let Some(members) = self.union_members(class) {
            for c in &members {
                if self.is_instance(v, c)? {
                    return Ok(true);
                }
            }
            return Ok(false);
        }
        if let Some(answer) = self.call_special(class, &self.names.__instancecheck__, std::slice::from_ref(v))? {
            return self.truth(&answer);
        }
        match class.as_class() {
            Some(c) => Ok(self.class_of(v).derives(c)),
            None => {
                let message = "isinstance() arg 2 must be a type, a tuple of types, or a union";
                self.abstract_bases(class)?.ok_or_else(|| self.type_error(message))?;
                match self.look_attr(v, &self.names.__class__)? {
                    Some(own) => self.is_abstract_subclass(own, class),
                    None => Ok(false),
                }
            }
        }
    }

    /// `__bases__` of whatever shall count as a class; None if it has no tuple there.
    fn abstract_bases(&self, class: &Value) -> R<Option<Value>> {
        let bases = self.look_attr(class, &self.names.__bases__)?;
        Ok(bases.filter(|b| b.as_tuple().is_some()))
    }

    /// Whether one class leads to the other by `__bases__` alone.
    fn is_abstract_subclass(&self, mut class: Value, of: &Value) -> R<bool> {
        let mut steps = 0;
        loop {
            if class.is(of) {
                return Ok(true);
            }
            let Some(bases) = self.abstract_bases(&class)? else { return Ok(false) };
            let items = bases.as_tuple().map(|t| t.items().to_vec()).unwrap_or_default();
            match items.as_slice() {
                [] => return Ok(false),
                [only] => class = only.clone(),
                several => {
                    let _guard = self.enter_native()?;
                    for base in several {
                        if self.is_abstract_subclass(base.clone(), of)? {
                            return Ok(true);
                        }
                    }
                    return Ok(false);
                }
            }
            // Bases may be made anew without end.
            steps += 1;
            if steps > self.recursion_limit.get() {
                return Err(self.recursion_error("maximum recursion depth exceeded in __instancecheck__"));
            }
        }
    }

    /// `issubclass(class, class_or_tuple)`.
    pub fn is_subclass(&self, class: &Value, of: &Value) -> R<bool> {
        if let (Some(c), Some(o)) = (class.as_class(), of.as_class())
            && self.class_of(of).is_same(self.types.type_.get())
        {
            return Ok(c.derives(o));
        }
        let _guard = self.enter_native()?;
        if let Some(t) = of.as_tuple() {
            for o in t.items() {
                if self.is_subclass(class, o)? {
                    return Ok(true);
                }
            }
            return Ok(false);
        }
        if let Some(members) = self.union_members(of) {
            for o in &members {
                if self.is_subclass(class, o)? {
                    return Ok(true);
                }
            }
            return Ok(false);
        }
        if let Some(answer) = self.call_special(of, &self.names.__subclasscheck__, std::slice::from_ref(class))? {
            return self.truth(&answer);
        }
        if let (Some(c), Some(o)) = (class.as_class(), of.as_class()) {
            return Ok(c.derives(o));
        }
        let first = "issubclass() arg 1 must be a class";
        self.abstract_bases(class)?.ok_or_else(|| self.type_error(first))?;
        let second = "issubclass() arg 2 must be a class, a tuple of classes, or a union";
        self.abstract_bases(of)?.ok_or_else(|| self.type_error(second))?;
        self.is_abstract_subclass(class.clone(), of)
    }
}

/// Comparison of floats.
#[inline]
pub fn compare_floats(op: Compare, x: f64, y: f64) -> bool {
    match op {
        Compare::Eq => x == y,
        Compare::Ne => x != y,
        Compare::Lt => x < y,
        Compare::Le => x <= y,
        Compare::Gt => x > y,
        Compare::Ge => x >= y,
    }
}
