//! Arithmetic: the operator protocol, with direct ways for exact numbers.

use crate::builtins::{list, set, str, tuple};
use crate::error::R;
use crate::object::class::HEAP;
use crate::object::header::Kind;
use crate::object::int::Number;
use crate::text::float_math;
use crate::value::Value;
use crate::vm::Vm;

/// The binary operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
#[repr(u8)]
pub enum Binary {
    Add,
    Sub,
    Mul,
    Div,
    FloorDiv,
    Mod,
    Pow,
    MatMul,
    LShift,
    RShift,
    And,
    Or,
    Xor,
    DivMod,
}

/// The unary operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Unary {
    Neg,
    Pos,
    Invert,
    Abs,
}

impl Binary {
    /// As written in a script.
    pub fn sign(self, in_place: bool) -> &'static str {
        let (plain, assign) = match self {
            Binary::Add => ("+", "+="),
            Binary::Sub => ("-", "-="),
            Binary::Mul => ("*", "*="),
            Binary::Div => ("/", "/="),
            Binary::FloorDiv => ("//", "//="),
            Binary::Mod => ("%", "%="),
            Binary::Pow => ("** or pow()", "**="),
            Binary::MatMul => ("@", "@="),
            Binary::LShift => ("<<", "<<="),
            Binary::RShift => (">>", ">>="),
            Binary::And => ("&", "&="),
            Binary::Or => ("|", "|="),
            Binary::Xor => ("^", "^="),
            Binary::DivMod => ("divmod()", "divmod()"),
        };
        if in_place { assign } else { plain }
    }
}

impl Vm {
    /// The method names of an operator: plain, reflected, in place.
    pub(crate) fn binary_names(&self, op: Binary) -> (&Value, &Value, Option<&Value>) {
        let n = &self.names;
        match op {
            Binary::Add => (&n.__add__, &n.__radd__, Some(&n.__iadd__)),
            Binary::Sub => (&n.__sub__, &n.__rsub__, Some(&n.__isub__)),
            Binary::Mul => (&n.__mul__, &n.__rmul__, Some(&n.__imul__)),
            Binary::Div => (&n.__truediv__, &n.__rtruediv__, Some(&n.__itruediv__)),
            Binary::FloorDiv => (&n.__floordiv__, &n.__rfloordiv__, Some(&n.__ifloordiv__)),
            Binary::Mod => (&n.__mod__, &n.__rmod__, Some(&n.__imod__)),
            Binary::Pow => (&n.__pow__, &n.__rpow__, Some(&n.__ipow__)),
            Binary::MatMul => (&n.__matmul__, &n.__rmatmul__, Some(&n.__imatmul__)),
            Binary::LShift => (&n.__lshift__, &n.__rlshift__, Some(&n.__ilshift__)),
            Binary::RShift => (&n.__rshift__, &n.__rrshift__, Some(&n.__irshift__)),
            Binary::And => (&n.__and__, &n.__rand__, Some(&n.__iand__)),
            Binary::Or => (&n.__or__, &n.__ror__, Some(&n.__ior__)),
            Binary::Xor => (&n.__xor__, &n.__rxor__, Some(&n.__ixor__)),
            Binary::DivMod => (&n.__divmod__, &n.__rdivmod__, None),
        }
    }

    /// An integer of 64 bits, if it is one of the built-in class itself.
    #[inline(always)]
    pub(crate) fn exact_i64(&self, v: &Value) -> Option<i64> {
        if let Some(n) = v.as_small() {
            return Some(n);
        }
        match v.as_int_obj().filter(|n| self.types.int.is(n.header.class()))?.number() {
            Number::I64(n) => Some(*n),
            Number::Big(_) => None,
        }
    }

    /// `a op b` for exact numbers and strings that need no dispatch; `None` for everything else.
    fn binary_known(&self, op: Binary, a: &Value, b: &Value) -> Option<R> {
        if let (Some(x), Some(y)) = (a.as_small(), b.as_small()) {
            match op {
                Binary::Add => return Some(Ok(self.int(x + y))),
                Binary::Sub => return Some(Ok(self.int(x - y))),
                _ => {}
            }
        }
        if let (Some(x), Some(y)) = (self.exact_i64(a), self.exact_i64(b)) {
            return match op {
                Binary::Add => Some(Ok(self.int128(x as i128 + y as i128))),
                Binary::Sub => Some(Ok(self.int128(x as i128 - y as i128))),
                Binary::Mul => Some(Ok(self.int128(x as i128 * y as i128))),
                Binary::FloorDiv if y > 0 => Some(Ok(self.int(floor_div(x, y)))),
                Binary::Mod if y > 0 => Some(Ok(self.int(floor_mod(x, y)))),
                // Inline integers are exact as floats.
                Binary::Div if y != 0 && a.is_small() && b.is_small() => Some(Ok(Value::float(x as f64 / y as f64))),
                Binary::And => Some(Ok(self.int(x & y))),
                Binary::Or => Some(Ok(self.int(x | y))),
                Binary::Xor => Some(Ok(self.int(x ^ y))),
                Binary::LShift if (0..64).contains(&y) => Some(Ok(self.int128((x as i128) << y))),
                Binary::RShift if y >= 0 => Some(Ok(self.int(x >> y.min(63)))),
                _ => None,
            };
        }
        let number = |v: &Value| v.as_float().or_else(|| v.as_small().filter(|n| n.abs() <= 1 << 53).map(|n| n as f64));
        if let (Some(x), Some(y)) = (number(a), number(b)) {
            return match op {
                Binary::Add => Some(Ok(Value::float(x + y))),
                Binary::Sub => Some(Ok(Value::float(x - y))),
                Binary::Mul => Some(Ok(Value::float(x * y))),
                Binary::Div if y != 0.0 => Some(Ok(Value::float(x / y))),
                Binary::Mod if y != 0.0 => float_math::modulo(x, y).ok().map(|z| Ok(Value::float(z))),
                Binary::FloorDiv if y != 0.0 => float_math::floor_divide(x, y).ok().map(|z| Ok(Value::float(z))),
                Binary::Pow if x > 0.0 && y.is_finite() => {
                    let p = x.powf(y);
                    if p.is_finite() { Some(Ok(Value::float(p))) } else { None }
                }
                _ => None,
            };
        }
        if op == Binary::Mod
            && a.as_str().is_some_and(|s| self.types.str.is(s.header.class()))
            && b.as_str().is_none_or(|s| self.types.str.is(s.header.class()))
        {
            return Some(str::percent::apply(self, a, b));
        }
        if op == Binary::Add
            && let (Some(x), Some(y)) = (a.as_str(), b.as_str())
            && !x.header.class().is(HEAP)
            && !y.header.class().is(HEAP)
        {
            if let Err(e) = self.alloc_check(x.bytes().len() + y.bytes().len(), 1) {
                return Some(Err(e));
            }
            return Some(Ok(self.str_concat(x, y)));
        }
        None
    }

    /// `a op b` for two containers of one built-in class.
    fn binary_containers(&self, op: Binary, a: &Value, b: &Value) -> Option<R> {
        let class = self.class_of(a);
        if !class.is_same(self.class_of(b)) || class.is(HEAP) {
            return None;
        }
        match (op, a.kind()?) {
            (Binary::Add, Kind::List) => Some(list::concat(self, a.as_list()?, b.as_list()?)),
            (Binary::Add, Kind::Tuple) => Some(tuple::concat(self, a, b)),
            (_, Kind::Set | Kind::FrozenSet) => set::operator(op).map(|f| set::operate(self, a, b, f)),
            _ => None,
        }
    }

    /// `a op b`.
    pub fn binary(&self, op: Binary, a: &Value, b: &Value) -> R {
        if let Some(result) = self.binary_known(op, a, b).or_else(|| self.binary_containers(op, a, b)) {
            return result;
        }
        let (name, reflected, _) = self.binary_names(op);
        match self.binary_dispatch(name, reflected, a, b)? {
            Some(v) => Ok(v),
            None => Err(self.unsupported(op, a, b, false)),
        }
    }

    /// `a op= b`.
    pub fn binary_in_place(&self, op: Binary, a: &Value, b: &Value) -> R {
        if let Some(result) = self.binary_known(op, a, b) {
            return result;
        }
        let (_, _, in_place) = self.binary_names(op);
        if let Some(special) = in_place
            && !self.declines(special, a, b)
            && let Some(v) = self.call_special(a, special, std::slice::from_ref(b))?
            && !v.is_not_implemented()
        {
            return Ok(v);
        }
        self.binary_not_in_place(op, a, b)
    }

    /// `a op= b` where `a` has no method for that, or none for this operand.
    pub(crate) fn binary_not_in_place(&self, op: Binary, a: &Value, b: &Value) -> R {
        let (name, reflected, _) = self.binary_names(op);
        if op == Binary::Mul && self.keeps_repeating(a, b) {
            return match self.call_special(a, name, std::slice::from_ref(b))? {
                Some(v) if !v.is_not_implemented() => Ok(v),
                _ => Err(self.unsupported(op, a, b, true)),
            };
        }
        match self.binary_dispatch(name, reflected, a, b)? {
            Some(v) => Ok(v),
            None => Err(self.unsupported(op, a, b, true)),
        }
    }

    /// `a op b` where the method of `a` has declined: that of `b`, whose class is no subclass.
    pub(crate) fn binary_reflected(&self, op: Binary, a: &Value, b: &Value, in_place: bool) -> R {
        let _guard = self.enter_native()?;
        let (_, reflected, _) = self.binary_names(op);
        let alone = in_place && op == Binary::Mul && self.keeps_repeating(a, b);
        if !alone
            && !self.class_of(a).is_same(self.class_of(b))
            && !self.declines(reflected, b, a)
            && let Some(v) = self.call_special(b, reflected, std::slice::from_ref(a))?
            && !v.is_not_implemented()
        {
            return Ok(v);
        }
        Err(self.unsupported(op, a, b, in_place))
    }

    fn binary_dispatch(&self, name: &Value, reflected: &Value, a: &Value, b: &Value) -> R<Option<Value>> {
        let _guard = self.enter_native()?;
        let (ca, cb) = (self.class_of(a), self.class_of(b));
        let differ = !ca.is_same(cb);
        let mut tried = false;
        if differ && cb.derives(ca) {
            // A subclass goes first if it has its own reflected method.
            let own = cb.lookup(self, reflected);
            let inherited = ca.lookup(self, reflected);
            let overrides = match (&own, &inherited) {
                (Some(x), Some(y)) => !x.is(y),
                (Some(_), None) => true,
                _ => false,
            };
            if overrides {
                tried = true;
                if let Some(v) = self.call_special(b, reflected, std::slice::from_ref(a))?
                    && !v.is_not_implemented()
                {
                    return Ok(Some(v));
                }
            }
        }
        let declined = self.declines(name, a, b);
        if !declined
            && let Some(v) = self.call_special(a, name, std::slice::from_ref(b))?
            && !v.is_not_implemented()
        {
            return Ok(Some(v));
        }
        // Of two sequences the first one speaks.
        let is_second =
            differ && declined && self.type_method(b, reflected).is_some_and(|f| f.kind() == Some(Kind::Native));
        if differ
            && !tried
            && !is_second
            && !self.declines(reflected, b, a)
            && let Some(v) = self.call_special(b, reflected, std::slice::from_ref(a))?
            && !v.is_not_implemented()
        {
            return Ok(Some(v));
        }
        Ok(None)
    }

    /// Whether `a *= b` leaves a built-in sequence `b` alone: what may have slots of a sequence itself does not ask the
    /// other side.
    fn keeps_repeating(&self, a: &Value, b: &Value) -> bool {
        let own = || self.class_of(a).is(HEAP) || self.type_method(a, &self.names.__len__).is_some();
        let sequence = matches!(b.kind(), Some(Kind::List | Kind::Tuple | Kind::Str | Kind::Bytes | Kind::ByteArray));
        sequence
            && own()
            && self.type_method(b, &self.names.__rmul__).is_some_and(|f| f.kind() == Some(Kind::Native))
            && !matches!(a.kind(), Some(Kind::List | Kind::Tuple | Kind::Str | Kind::Bytes | Kind::ByteArray))
    }

    /// Whether the built-in `+` or `*` of a sequence is not for this operand. Called by its name it raises; an operator
    /// asks the other side.
    fn declines(&self, method: &Value, of: &Value, operand: &Value) -> bool {
        let n = &self.names;
        let adds = method.is(&n.__add__);
        if !adds && !method.is(&n.__mul__) && !method.is(&n.__rmul__) && !method.is(&n.__imul__) {
            return false;
        }
        let fits = match of.kind() {
            Some(Kind::List) if adds => operand.as_list().is_some(),
            Some(Kind::Tuple) if adds => operand.as_tuple().is_some(),
            Some(Kind::Str) if adds => operand.as_str().is_some(),
            Some(Kind::Bytes | Kind::ByteArray) if adds => {
                operand.byte_data().is_some() || operand.as_memoryview().is_some()
            }
            Some(Kind::List | Kind::Tuple | Kind::Str | Kind::Bytes | Kind::ByteArray) => {
                operand.is_int() || self.type_method(operand, &n.__index__).is_some()
            }
            _ => return false,
        };
        !fits && self.type_method(of, method).is_some_and(|f| f.kind() == Some(Kind::Native))
    }

    #[cold]
    fn unsupported(&self, op: Binary, a: &Value, b: &Value, in_place: bool) -> crate::error::Raised {
        // Sequences speak for themselves: `'a' + 1`, `[] + ()`, `'a' * 'b'`.
        let (x, y) = (self.type_name(a), self.type_name(b));
        match op {
            Binary::Add if a.as_str().is_some() => {
                return self.type_error(format!("can only concatenate str (not \"{y}\") to str"));
            }
            Binary::Add if a.as_list().is_some() && !in_place => {
                return self.type_error(format!("can only concatenate list (not \"{y}\") to list"));
            }
            Binary::Add if a.as_tuple().is_some() => {
                return self.type_error(format!("can only concatenate tuple (not \"{y}\") to tuple"));
            }
            Binary::Add if a.as_bytes().is_some() || a.as_bytearray().is_some() => {
                return self.type_error(format!("can't concat {y} to {x}"));
            }
            Binary::Mul => {
                let sequence = |v: &Value| {
                    v.as_str().is_some() || v.as_list().is_some() || v.as_tuple().is_some() || v.byte_data().is_some()
                };
                if sequence(a) {
                    return self.type_error(format!("can't multiply sequence by non-int of type '{y}'"));
                }
                if sequence(b) && !(in_place && self.keeps_repeating(a, b)) {
                    return self.type_error(format!("can't multiply sequence by non-int of type '{x}'"));
                }
            }
            _ => {}
        }
        self.type_error(format!("unsupported operand type(s) for {}: '{x}' and '{y}'", op.sign(in_place)))
    }

    pub(crate) fn unary_name(&self, op: Unary) -> &Value {
        let n = &self.names;
        match op {
            Unary::Neg => &n.__neg__,
            Unary::Pos => &n.__pos__,
            Unary::Invert => &n.__invert__,
            Unary::Abs => &n.__abs__,
        }
    }

    /// `-a`, `+a`, `~a`, `abs(a)`.
    pub fn unary(&self, op: Unary, a: &Value) -> R {
        if let Some(n) = a.as_small() {
            return Ok(match op {
                Unary::Neg => self.int(-n),
                Unary::Pos => Value::small(n),
                Unary::Invert => self.int(!n),
                Unary::Abs => self.int(n.abs()),
            });
        }
        if let Some(x) = a.as_float() {
            match op {
                Unary::Neg => return Ok(Value::float(-x)),
                Unary::Pos => return Ok(a.clone()),
                Unary::Abs => return Ok(Value::float(x.abs())),
                Unary::Invert => {}
            }
        }
        let sign = match op {
            Unary::Neg => "unary -",
            Unary::Pos => "unary +",
            Unary::Invert => "unary ~",
            Unary::Abs => "abs()",
        };
        let name = self.unary_name(op);
        match self.call_special(a, name, &[])? {
            Some(v) => Ok(v),
            None => Err(self.type_error(format!("bad operand type for {sign}: '{}'", self.type_name(a)))),
        }
    }

    /// Sum of two integers of any size.
    pub fn add_ints(&self, a: &Value, b: &Value) -> Value {
        match (a.as_i64(), b.as_i64()) {
            (Some(x), Some(y)) => self.int128(x as i128 + y as i128),
            _ => self.bigint(a.as_bigint().unwrap_or_default() + b.as_bigint().unwrap_or_default()),
        }
    }
}

/// Python's `//` for integers; the divisor is not 0.
#[inline(always)]
pub fn floor_div(x: i64, y: i64) -> i64 {
    let q = x.wrapping_div(y);
    if (x % y != 0) && ((x < 0) != (y < 0)) { q - 1 } else { q }
}

/// Python's `%` for integers; the divisor is not 0.
#[inline(always)]
pub fn floor_mod(x: i64, y: i64) -> i64 {
    let r = x.wrapping_rem(y);
    if r != 0 && ((r < 0) != (y < 0)) { r + y } else { r }
}
