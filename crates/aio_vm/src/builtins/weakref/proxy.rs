//! Proxies: objects that do what their target does, as long as it lives.

use super::{describe, this};
use crate::error::R;
use crate::native::{Args, TypeTable, method};
use crate::object::class::FINAL;
use crate::protocol::arith::{Binary, Unary};
use crate::protocol::compare::Compare;
use crate::value::Value;
use crate::vm::Vm;

pub(crate) static TABLE: TypeTable = TypeTable {
    doc: "An object that stands for another without keeping it alive.",
    rows: &[
        method("__repr__(self, /)", repr, "Return repr(self)."),
        method("__str__(self, /)", str, "Return str(self)."),
        method("__bytes__(self, /)", bytes, "Return bytes(self)."),
        method("__getattribute__(self, name, /)", getattribute, "Return getattr(self, name)."),
        method("__setattr__(self, name, value, /)", setattr, "Implement setattr(self, name, value)."),
        method("__delattr__(self, name, /)", delattr, "Implement delattr(self, name)."),
        method("__eq__(self, value, /)", eq, "Return self==value."),
        method("__ne__(self, value, /)", ne, "Return self!=value."),
        method("__lt__(self, value, /)", lt, "Return self<value."),
        method("__le__(self, value, /)", le, "Return self<=value."),
        method("__gt__(self, value, /)", gt, "Return self>value."),
        method("__ge__(self, value, /)", ge, "Return self>=value."),
        method("__bool__(self, /)", bool, "True if self else False"),
        method("__len__(self, /)", len, "Return len(self)."),
        method("__contains__(self, key, /)", contains, "Return key in self."),
        method("__getitem__(self, key, /)", getitem, "Return self[key]."),
        method("__setitem__(self, key, value, /)", setitem, "Set self[key] to value."),
        method("__delitem__(self, key, /)", delitem, "Delete self[key]."),
        method("__iter__(self, /)", iter, "Implement iter(self)."),
        method("__next__(self, /)", next, "Implement next(self)."),
        method("__reversed__(self, /)", reversed, "Implement reversed(self)."),
        method("__int__(self, /)", int, "int(self)"),
        method("__float__(self, /)", float, "float(self)"),
        method("__index__(self, /)", index, "Return self converted to an integer."),
        method("__neg__(self, /)", neg, "-self"),
        method("__pos__(self, /)", pos, "+self"),
        method("__abs__(self, /)", abs, "abs(self)"),
        method("__invert__(self, /)", invert, "~self"),
        method("__add__(self, value, /)", binary::<0>, "Return self+value."),
        method("__radd__(self, value, /)", reflected::<0>, "Return value+self."),
        method("__iadd__(self, value, /)", in_place::<0>, "Return self+=value."),
        method("__sub__(self, value, /)", binary::<1>, "Return self-value."),
        method("__rsub__(self, value, /)", reflected::<1>, "Return value-self."),
        method("__isub__(self, value, /)", in_place::<1>, "Return self-=value."),
        method("__mul__(self, value, /)", binary::<2>, "Return self*value."),
        method("__rmul__(self, value, /)", reflected::<2>, "Return value*self."),
        method("__imul__(self, value, /)", in_place::<2>, "Return self*=value."),
        method("__truediv__(self, value, /)", binary::<3>, "Return self/value."),
        method("__rtruediv__(self, value, /)", reflected::<3>, "Return value/self."),
        method("__itruediv__(self, value, /)", in_place::<3>, "Return self/=value."),
        method("__floordiv__(self, value, /)", binary::<4>, "Return self//value."),
        method("__rfloordiv__(self, value, /)", reflected::<4>, "Return value//self."),
        method("__ifloordiv__(self, value, /)", in_place::<4>, "Return self//=value."),
        method("__mod__(self, value, /)", binary::<5>, "Return self%value."),
        method("__rmod__(self, value, /)", reflected::<5>, "Return value%self."),
        method("__imod__(self, value, /)", in_place::<5>, "Return self%=value."),
        method("__pow__(self, value, mod=None, /)", binary::<6>, "Return pow(self, value, mod)."),
        method("__rpow__(self, value, mod=None, /)", reflected::<6>, "Return pow(value, self, mod)."),
        method("__ipow__(self, value, /)", in_place::<6>, "Return self**=value."),
        method("__matmul__(self, value, /)", binary::<7>, "Return self@value."),
        method("__rmatmul__(self, value, /)", reflected::<7>, "Return value@self."),
        method("__imatmul__(self, value, /)", in_place::<7>, "Return self@=value."),
        method("__lshift__(self, value, /)", binary::<8>, "Return self<<value."),
        method("__rlshift__(self, value, /)", reflected::<8>, "Return value<<self."),
        method("__ilshift__(self, value, /)", in_place::<8>, "Return self<<=value."),
        method("__rshift__(self, value, /)", binary::<9>, "Return self>>value."),
        method("__rrshift__(self, value, /)", reflected::<9>, "Return value>>self."),
        method("__irshift__(self, value, /)", in_place::<9>, "Return self>>=value."),
        method("__and__(self, value, /)", binary::<10>, "Return self&value."),
        method("__rand__(self, value, /)", reflected::<10>, "Return value&self."),
        method("__iand__(self, value, /)", in_place::<10>, "Return self&=value."),
        method("__or__(self, value, /)", binary::<11>, "Return self|value."),
        method("__ror__(self, value, /)", reflected::<11>, "Return value|self."),
        method("__ior__(self, value, /)", in_place::<11>, "Return self|=value."),
        method("__xor__(self, value, /)", binary::<12>, "Return self^value."),
        method("__rxor__(self, value, /)", reflected::<12>, "Return value^self."),
        method("__ixor__(self, value, /)", in_place::<12>, "Return self^=value."),
        method("__divmod__(self, value, /)", binary::<13>, "Return divmod(self, value)."),
        method("__rdivmod__(self, value, /)", reflected::<13>, "Return divmod(value, self)."),
    ],
    next: None,
};

/// The operators of the rows, by their numbers.
const OPERATORS: [Binary; 14] = [
    Binary::Add,
    Binary::Sub,
    Binary::Mul,
    Binary::Div,
    Binary::FloorDiv,
    Binary::Mod,
    Binary::Pow,
    Binary::MatMul,
    Binary::LShift,
    Binary::RShift,
    Binary::And,
    Binary::Or,
    Binary::Xor,
    Binary::DivMod,
];

pub(crate) static CALLABLE: TypeTable = TypeTable {
    doc: "An object that stands for a callable one without keeping it alive.",
    rows: &[method("__call__(self, /, *args, **kwargs)", call, "Call self as a function.")],
    next: None,
};

pub(super) fn callable_class(vm: &Vm) -> Value {
    vm.native_class("weakref", "CallableProxyType", vm.types.weakproxy.get(), FINAL, &CALLABLE)
}

/// The target of a proxy.
fn target(vm: &Vm, v: &Value) -> R {
    this(vm, v)?
        .target()
        .ok_or_else(|| vm.error(vm.types.reference_error.get(), "weakly-referenced object no longer exists"))
}

/// The value itself, or the target if it is a proxy.
fn unwrap(vm: &Vm, v: &Value) -> R {
    if vm.class_of(v).derives(vm.types.weakproxy.get()) { target(vm, v) } else { Ok(v.clone()) }
}

fn repr(vm: &Vm, a: &Args) -> R {
    describe(vm, &a[0], "weakproxy")
}

fn str(vm: &Vm, a: &Args) -> R {
    vm.to_str(&target(vm, &a[0])?)
}

fn bytes(vm: &Vm, a: &Args) -> R {
    vm.call_method(&target(vm, &a[0])?, "__bytes__", &[])
}

fn getattribute(vm: &Vm, a: &Args) -> R {
    let name = vm.attr_name(&a[1])?;
    vm.get_attr(&target(vm, &a[0])?, &name)
}

fn setattr(vm: &Vm, a: &Args) -> R {
    let name = vm.attr_name(&a[1])?;
    vm.set_attr(&target(vm, &a[0])?, &name, Some(a[2].clone()))?;
    Ok(Value::NONE)
}

fn delattr(vm: &Vm, a: &Args) -> R {
    let name = vm.attr_name(&a[1])?;
    vm.set_attr(&target(vm, &a[0])?, &name, None)?;
    Ok(Value::NONE)
}

fn compare(vm: &Vm, a: &Args, op: Compare) -> R {
    vm.rich_compare(op, &unwrap(vm, &a[0])?, &unwrap(vm, &a[1])?)
}

crate::comparisons!(compare);

fn bool(vm: &Vm, a: &Args) -> R {
    vm.truth(&target(vm, &a[0])?).map(Value::bool)
}

fn len(vm: &Vm, a: &Args) -> R {
    Ok(vm.int(vm.len(&target(vm, &a[0])?)? as i64))
}

fn contains(vm: &Vm, a: &Args) -> R {
    vm.contains(&target(vm, &a[0])?, &a[1]).map(Value::bool)
}

fn getitem(vm: &Vm, a: &Args) -> R {
    vm.get_item(&target(vm, &a[0])?, &a[1])
}

fn setitem(vm: &Vm, a: &Args) -> R {
    vm.set_item(&target(vm, &a[0])?, &a[1], a[2].clone())?;
    Ok(Value::NONE)
}

fn delitem(vm: &Vm, a: &Args) -> R {
    vm.del_item(&target(vm, &a[0])?, &a[1])?;
    Ok(Value::NONE)
}

fn iter(vm: &Vm, a: &Args) -> R {
    vm.iter(&target(vm, &a[0])?)
}

fn next(vm: &Vm, a: &Args) -> R {
    let it = target(vm, &a[0])?;
    if vm.type_method(&it, &vm.names.__next__).is_none() {
        return Err(vm.type_error("Weakref proxy referenced a non-iterator"));
    }
    vm.next(&it)?.ok_or_else(|| vm.error_with(vm.types.stop_iteration.get(), vec![]))
}

fn reversed(vm: &Vm, a: &Args) -> R {
    vm.call_method(&target(vm, &a[0])?, "__reversed__", &[])
}

fn int(vm: &Vm, a: &Args) -> R {
    vm.call(&vm.types.int.value(), &[target(vm, &a[0])?])
}

fn float(vm: &Vm, a: &Args) -> R {
    vm.call(&vm.types.float.value(), &[target(vm, &a[0])?])
}

fn index(vm: &Vm, a: &Args) -> R {
    vm.index_value(&target(vm, &a[0])?)
}

fn neg(vm: &Vm, a: &Args) -> R {
    vm.unary(Unary::Neg, &target(vm, &a[0])?)
}

fn pos(vm: &Vm, a: &Args) -> R {
    vm.unary(Unary::Pos, &target(vm, &a[0])?)
}

fn abs(vm: &Vm, a: &Args) -> R {
    vm.unary(Unary::Abs, &target(vm, &a[0])?)
}

fn invert(vm: &Vm, a: &Args) -> R {
    vm.unary(Unary::Invert, &target(vm, &a[0])?)
}

fn binary<const OP: usize>(vm: &Vm, a: &Args) -> R {
    vm.binary(OPERATORS[OP], &unwrap(vm, &a[0])?, &unwrap(vm, &a[1])?)
}

fn reflected<const OP: usize>(vm: &Vm, a: &Args) -> R {
    vm.binary(OPERATORS[OP], &unwrap(vm, &a[1])?, &unwrap(vm, &a[0])?)
}

fn in_place<const OP: usize>(vm: &Vm, a: &Args) -> R {
    vm.binary_in_place(OPERATORS[OP], &unwrap(vm, &a[0])?, &unwrap(vm, &a[1])?)
}

fn call(vm: &Vm, a: &Args) -> R {
    let _guard = vm.enter_native()?;
    vm.call_with(&target(vm, &a[0])?, a.rest, a.keywords)
}
