//! `_operator`: the operators as functions.

mod getters;

use aio_vm::{Args, Binary, Compare, Def, ModuleDef, R, Unary, Value, Vm, function};

static FUNCTIONS: &[Def] = &[
    function("truth(a, /)", truth, "Return True if a is true, False otherwise."),
    function("contains(a, b, /)", contains, "Same as b in a (note reversed operands)."),
    function("indexOf(a, b, /)", index_of, "Return the first index of b in a."),
    function("countOf(a, b, /)", count_of, "Return the number of items in a which are, or which equal, b."),
    function("is_(a, b, /)", is, "Same as a is b."),
    function("is_not(a, b, /)", is_not, "Same as a is not b."),
    function("not_(a, /)", not, "Same as not a."),
    function("add(a, b, /)", add, "Same as a + b."),
    function("sub(a, b, /)", sub, "Same as a - b."),
    function("mul(a, b, /)", mul, "Same as a * b."),
    function("matmul(a, b, /)", matmul, "Same as a @ b."),
    function("floordiv(a, b, /)", floordiv, "Same as a // b."),
    function("truediv(a, b, /)", truediv, "Same as a / b."),
    function("mod(a, b, /)", modulo, "Same as a % b."),
    function("pow(a, b, /)", pow, "Same as a ** b."),
    function("lshift(a, b, /)", lshift, "Same as a << b."),
    function("rshift(a, b, /)", rshift, "Same as a >> b."),
    function("and_(a, b, /)", and, "Same as a & b."),
    function("xor(a, b, /)", xor, "Same as a ^ b."),
    function("or_(a, b, /)", or, "Same as a | b."),
    function("iadd(a, b, /)", iadd, "Same as a += b."),
    function("isub(a, b, /)", isub, "Same as a -= b."),
    function("imul(a, b, /)", imul, "Same as a *= b."),
    function("imatmul(a, b, /)", imatmul, "Same as a @= b."),
    function("ifloordiv(a, b, /)", ifloordiv, "Same as a //= b."),
    function("itruediv(a, b, /)", itruediv, "Same as a /= b."),
    function("imod(a, b, /)", imodulo, "Same as a %= b."),
    function("ipow(a, b, /)", ipow, "Same as a **= b."),
    function("ilshift(a, b, /)", ilshift, "Same as a <<= b."),
    function("irshift(a, b, /)", irshift, "Same as a >>= b."),
    function("iand(a, b, /)", iand, "Same as a &= b."),
    function("ixor(a, b, /)", ixor, "Same as a ^= b."),
    function("ior(a, b, /)", ior, "Same as a |= b."),
    function("neg(a, /)", neg, "Same as -a."),
    function("pos(a, /)", pos, "Same as +a."),
    function("abs(a, /)", abs, "Same as abs(a)."),
    function("inv(a, /)", invert, "Same as ~a."),
    function("invert(a, /)", invert, "Same as ~a."),
    function("index(a, /)", index, "Same as a.__index__()"),
    function("concat(a, b, /)", concat, "Same as a + b, for a and b sequences."),
    function("iconcat(a, b, /)", iconcat, "Same as a += b, for a and b sequences."),
    function("getitem(a, b, /)", getitem, "Same as a[b]."),
    function("setitem(a, b, c, /)", setitem, "Same as a[b] = c."),
    function("delitem(a, b, /)", delitem, "Same as del a[b]."),
    function("eq(a, b, /)", eq, "Same as a == b."),
    function("ne(a, b, /)", ne, "Same as a != b."),
    function("lt(a, b, /)", lt, "Same as a < b."),
    function("le(a, b, /)", le, "Same as a <= b."),
    function("gt(a, b, /)", gt, "Same as a > b."),
    function("ge(a, b, /)", ge, "Same as a >= b."),
    function("length_hint(obj, default=0, /)", length_hint, "Return an estimate of the number of items in obj."),
    function("call(obj, /, *args, **kwargs)", call, "Same as obj(*args, **kwargs)."),
    function(
        "_compare_digest(a, b, /)",
        compare_digest,
        "Return 'a == b' in a time that does not depend on where they differ.",
    ),
];

static MODULE: ModuleDef = ModuleDef { name: "_operator", init: fill };

/// Makes the module known.
pub fn install(vm: &Vm) {
    vm.add_module(&MODULE);
}

fn fill(vm: &Vm, module: &Value) -> R<()> {
    crate::fill::define(vm, module, FUNCTIONS);
    getters::fill(vm, module);
    Ok(())
}

macro_rules! binary {
    ($($name:ident $in_place:ident $op:ident;)*) => {
        $(
            fn $name(vm: &Vm, a: &Args) -> R {
                vm.binary(Binary::$op, &a[0], &a[1])
            }

            fn $in_place(vm: &Vm, a: &Args) -> R {
                vm.binary_in_place(Binary::$op, &a[0], &a[1])
            }
        )*
    };
}

binary! {
    add iadd Add;
    sub isub Sub;
    mul imul Mul;
    matmul imatmul MatMul;
    floordiv ifloordiv FloorDiv;
    truediv itruediv Div;
    modulo imodulo Mod;
    pow ipow Pow;
    lshift ilshift LShift;
    rshift irshift RShift;
    and iand And;
    xor ixor Xor;
    or ior Or;
}

macro_rules! unary {
    ($($name:ident $op:ident;)*) => {
        $(fn $name(vm: &Vm, a: &Args) -> R {
            vm.unary(Unary::$op, &a[0])
        })*
    };
}

unary! {
    neg Neg;
    pos Pos;
    abs Abs;
    invert Invert;
}

macro_rules! compare {
    ($($name:ident $op:ident;)*) => {
        $(fn $name(vm: &Vm, a: &Args) -> R {
            vm.rich_compare(Compare::$op, &a[0], &a[1])
        })*
    };
}

compare! {
    eq Eq;
    ne Ne;
    lt Lt;
    le Le;
    gt Gt;
    ge Ge;
}

fn truth(vm: &Vm, a: &Args) -> R {
    vm.truth(&a[0]).map(Value::bool)
}

fn not(vm: &Vm, a: &Args) -> R {
    vm.truth(&a[0]).map(|t| Value::bool(!t))
}

fn contains(vm: &Vm, a: &Args) -> R {
    vm.contains(&a[0], &a[1]).map(Value::bool)
}

fn is(_vm: &Vm, a: &Args) -> R {
    Ok(Value::bool(a[0].is(&a[1])))
}

fn is_not(_vm: &Vm, a: &Args) -> R {
    Ok(Value::bool(!a[0].is(&a[1])))
}

fn index(vm: &Vm, a: &Args) -> R {
    vm.exact_index(&a[0])
}

/// An iterator over the argument of a function that searches.
fn searched(vm: &Vm, v: &Value) -> R {
    match vm.iter(v) {
        Err(e) if e.is(vm.types.type_error.get()) => {
            Err(vm.type_error(format!("argument of type '{}' is not iterable", vm.type_name(v))))
        }
        other => other,
    }
}

fn index_of(vm: &Vm, a: &Args) -> R {
    let it = searched(vm, &a[0])?;
    let mut i = 0;
    while let Some(v) = vm.next(&it)? {
        vm.tick()?;
        if vm.eq(&v, &a[1])? {
            return Ok(vm.int(i));
        }
        i += 1;
    }
    Err(vm.value_error("sequence.index(x): x not in sequence"))
}

fn count_of(vm: &Vm, a: &Args) -> R {
    let it = searched(vm, &a[0])?;
    let mut n = 0;
    while let Some(v) = vm.next(&it)? {
        vm.tick()?;
        n += vm.eq(&v, &a[1])? as i64;
    }
    Ok(vm.int(n))
}

fn check_sequence(vm: &Vm, v: &Value) -> R<()> {
    let known = v.as_dict().is_none() && !v.is_int() && vm.type_method(v, &vm.names.__getitem__).is_some();
    if known { Ok(()) } else { Err(vm.type_error(format!("'{}' object can't be concatenated", vm.type_name(v)))) }
}

fn concat(vm: &Vm, a: &Args) -> R {
    check_sequence(vm, &a[0])?;
    vm.binary(Binary::Add, &a[0], &a[1])
}

fn iconcat(vm: &Vm, a: &Args) -> R {
    check_sequence(vm, &a[0])?;
    vm.binary_in_place(Binary::Add, &a[0], &a[1])
}

fn getitem(vm: &Vm, a: &Args) -> R {
    vm.get_item(&a[0], &a[1])
}

fn setitem(vm: &Vm, a: &Args) -> R {
    vm.set_item(&a[0], &a[1], a[2].clone())?;
    Ok(Value::NONE)
}

fn delitem(vm: &Vm, a: &Args) -> R {
    vm.del_item(&a[0], &a[1])?;
    Ok(Value::NONE)
}

fn length_hint(vm: &Vm, a: &Args) -> R {
    let default = match a.get(1) {
        Some(d) if !d.is_int() => {
            let what = vm.type_name(d);
            return Err(vm.type_error(format!("'{what}' object cannot be interpreted as an integer")));
        }
        Some(d) => d.clone(),
        None => Value::small(0),
    };
    Ok(vm.length_hint(&a[0])?.map_or(default, |n| vm.int(n as i64)))
}

fn call(vm: &Vm, a: &Args) -> R {
    vm.call_with(&a[0], a.rest, a.keywords)
}

fn compare_digest(vm: &Vm, a: &Args) -> R {
    let same = |x: &[u8], y: &[u8]| {
        let differing = x.iter().zip(y).fold(0, |d, (p, q)| d | (p ^ q));
        Value::bool(x.len() == y.len() && differing == 0)
    };
    match (a[0].as_str(), a[1].as_str(), a[0].byte_data(), a[1].byte_data()) {
        (Some(x), Some(y), _, _) if x.is_ascii() && y.is_ascii() => Ok(same(x.bytes(), y.bytes())),
        (Some(_), Some(_), _, _) => Err(vm.type_error("comparing strings with non-ASCII characters is not supported")),
        (_, _, Some(x), Some(y)) => Ok(same(x, y)),
        _ => {
            let (x, y) = (vm.type_name(&a[0]), vm.type_name(&a[1]));
            Err(vm.type_error(format!("unsupported operand types(s) or combination of types: '{x}' and '{y}'")))
        }
    }
}
