//! Special methods and properties of the script: an operation that needs one begins its frame above its own, and is
//! finished when that frame ends.

use crate::error::{R, Raised};
use crate::interp::bits::{UNDEF, is_ptr, retain, writes_local};
use crate::interp::comparison::{comparison, jumps_if_it_holds};
use crate::object::ClassObj;
use crate::object::class::{CUSTOM_GETATTR, CUSTOM_GETATTRIBUTE, CUSTOM_SETATTR, HEAP};
use crate::object::coro::CoroObj;
use crate::object::header::{Header, Kind};
use crate::protocol::arith::{Binary, Unary};
use crate::protocol::compare::Compare;
use crate::value::{Borrowed, Value, borrow_bits};
use crate::vm::Vm;
use aio_bytecode::Word;
use aio_bytecode::ops::{FA, FB, FC, OPS, Operand, X0, number as op};

/// The frame above its record runs a special method for the operation before which the record goes on.
pub(crate) const FRAME_SPECIAL: u32 = 2;

/// With `FRAME_SPECIAL`: the method is that of an operator in place.
const FRAME_IN_PLACE: u32 = 4;

/// What an operation may ask a method of the script for.
#[derive(Clone, Copy)]
enum Asked {
    Getter,
    Setter,
    Item,
    ItemSet,
    Unary(Unary),
    Binary(Binary),
    Compare(Compare),
    Contains,
    Next,
}

const fn asked(number: u8) -> Option<Asked> {
    Some(match number {
        op::GetAttr | op::StepAttr => Asked::Getter,
        op::SetAttr => Asked::Setter,
        op::GetItem | op::GetItemI => Asked::Item,
        op::SetItem => Asked::ItemSet,
        op::Neg => Asked::Unary(Unary::Neg),
        op::Pos => Asked::Unary(Unary::Pos),
        op::Invert => Asked::Unary(Unary::Invert),
        op::In | op::NotIn | op::JumpIn | op::JumpNotIn => Asked::Contains,
        op::ForIter => Asked::Next,
        op::Eq..=op::Ge | op::JumpEq..=op::JumpNotGeI => Asked::Compare(comparison(number)),
        op::Add..=op::RShiftI => Asked::Binary(operator(number)),
        _ => return None,
    })
}

/// The operator of a binary operation.
pub(super) const fn operator(number: u8) -> Binary {
    match number {
        op::Add | op::AddI => Binary::Add,
        op::Sub | op::SubI => Binary::Sub,
        op::Mul | op::MulI => Binary::Mul,
        op::Div => Binary::Div,
        op::FloorDiv | op::FloorDivI => Binary::FloorDiv,
        op::Mod | op::ModI => Binary::Mod,
        op::Pow => Binary::Pow,
        op::MatMul => Binary::MatMul,
        op::LShift | op::LShiftI => Binary::LShift,
        op::RShift | op::RShiftI => Binary::RShift,
        op::And | op::AndI => Binary::And,
        op::Or => Binary::Or,
        op::Xor => Binary::Xor,
        _ => panic!("the operation has no operator of two operands"),
    }
}

/// Where the operands stand that a method gets (0 is a), the receiver first.
const fn places(number: u8) -> &'static [usize] {
    match asked(number) {
        Some(Asked::Getter | Asked::Unary(_)) => &[1],
        Some(Asked::Setter) => &[0, 1],
        Some(Asked::Item | Asked::Binary(_)) => &[1, 2],
        Some(Asked::ItemSet) => &[0, 1, 2],
        Some(Asked::Compare(_)) if jumps(number) => &[0, 1],
        Some(Asked::Compare(_)) => &[1, 2],
        Some(Asked::Contains) if jumps(number) => &[1, 0],
        Some(Asked::Contains) => &[2, 1],
        Some(Asked::Next) => &[0],
        None => &[],
    }
}

/// Whether the operation may begin such a frame: only for an instance of a class of the script.
///
/// # Safety
/// `r` is the register window of the running frame.
#[inline(always)]
pub(super) unsafe fn may_begin<const OP: u8>(r: *mut u64, w: Word) -> bool {
    let Some(&place) = const { places(OP) }.first() else { return false };
    let register = [w.a(), w.b(), w.c()][place];
    // SAFETY: by contract; the operand is a register.
    unsafe {
        let v = *r.add(register as usize);
        // Attributes of other objects are not cached: most that come here are no properties.
        let attribute = const { matches!(asked(OP), Some(Asked::Getter | Asked::Setter)) };
        is_ptr(v)
            && (*(v as *const Header)).class().is(HEAP)
            && (!attribute || (*(v as *const Header)).kind.get() == Kind::Instance)
    }
}

/// An operation that compares jumps, and has its operands one place further to the left.
const fn jumps(number: u8) -> bool {
    matches!(number, op::JumpEq..=op::JumpNotGeI | op::JumpIn | op::JumpNotIn)
}

/// The operand at a place (0 is a), only to be looked at.
fn operand(c: &CoroObj, w: Word, place: usize) -> Borrowed {
    let bits = [w.a(), w.b(), w.c()][place];
    match OPS[w.op_number() as usize].operands[place] {
        // SAFETY: an inline integer is no reference.
        Operand::Imm => unsafe { borrow_bits(Value::small(bits as i16 as i64).into_bits()) },
        _ => c.view(bits as usize),
    }
}

/// Gives up the temporaries that an operation takes.
fn end_operands(c: &CoroObj, w: Word) {
    if w.flags() & (FA | FB | FC) == 0 {
        return;
    }
    let info = &OPS[w.op_number() as usize];
    for (place, register, flag) in [(2, w.c(), FC), (1, w.b(), FB), (0, w.a(), FA)] {
        if matches!(info.operands[place], Operand::Src) && w.flags() & flag != 0 {
            drop(c.take(register as usize));
        }
    }
}

/// The function of a property that the operation reads or sets.
fn of_property(vm: &Vm, c: &CoroObj, w: Word, class: &ClassObj, reads: bool) -> Option<Value> {
    if class.is(if reads { CUSTOM_GETATTR | CUSTOM_GETATTRIBUTE } else { CUSTOM_SETATTR }) {
        return None;
    }
    // SAFETY: the frame's code is alive and verified.
    let name = unsafe { &(&*c.code.get()).names[w.c() as usize] };
    let property = class.peek(vm, name).filter(|p| vm.class_of(p).is_same(vm.types.property.get()))?;
    let property = property.as_property()?;
    Some(if reads { property.get.get() } else { property.set.get() })
}

/// The name of the special method that the operation asks first, and whether it is that of an operator in place.
fn name_of<'a>(vm: &'a Vm, w: Word, class: &ClassObj, asked: Asked) -> Option<(&'a Value, bool)> {
    let n = &vm.names;
    let name = match asked {
        Asked::Getter | Asked::Setter => return None,
        Asked::Item => &n.__getitem__,
        Asked::ItemSet => &n.__setitem__,
        Asked::Unary(operator) => vm.unary_name(operator),
        Asked::Contains => &n.__contains__,
        Asked::Next => &n.__next__,
        Asked::Compare(operator) => vm.compare_name(operator),
        Asked::Binary(operator) => {
            let (name, _, in_place) = vm.binary_names(operator);
            match in_place.filter(|name| w.flags() & X0 != 0 && class.peek(vm, name).is_some()) {
                Some(in_place) => return Some((in_place, true)),
                None => name,
            }
        }
    };
    Some((name, false))
}

/// Whether the other operand's reflected method comes first, because its class is a subclass.
fn reflected_first(vm: &Vm, class: &ClassObj, other: &Value) -> bool {
    let other = vm.class_of(other);
    !other.is_same(class) && other.derives(class)
}

/// Begins the frame of what the operation needs, if that is a function of the script: then the operation is finished by
/// `finish`. Not begun: the operation goes its general way. Asked behind `may_begin`.
pub(super) fn begin<const OP: u8>(vm: &Vm, c: &CoroObj, w: Word) -> R<bool> {
    let Some(asked) = asked(OP) else { return Ok(false) };
    let places = const { places(OP) };
    let receiver = operand(c, w, places[0]);
    let class = vm.class_of(&receiver);
    let mut flags = FRAME_SPECIAL;
    let method = match asked {
        Asked::Getter | Asked::Setter => of_property(vm, c, w, class, matches!(asked, Asked::Getter)),
        Asked::Compare(_) | Asked::Binary(_) if reflected_first(vm, class, &operand(c, w, places[1])) => None,
        _ => name_of(vm, w, class, asked).and_then(|(name, in_place)| {
            flags |= FRAME_IN_PLACE * in_place as u32;
            class.lookup(vm, name)
        }),
    };
    let Some(method) = method else { return Ok(false) };
    let Some(code) = method.as_function().map(|f| f.code()) else { return Ok(false) };
    if code.suspends
        || code.direct.get() as usize != places.len()
        || c.depth.get() + c.frames.get() >= vm.recursion_limit.get()
    {
        return Ok(false);
    }
    vm.tick()?;
    // SAFETY: the code of the running frame is alive.
    let above = unsafe { (*c.code.get()).registers } as usize;
    let base = c.base.get() as usize + above + 1;
    c.ensure(vm, base, code.registers as usize);
    let (code, locals): (*const _, _) = (code, code.locals as usize);
    // SAFETY: `ensure` made room for the registers and the function below them, which keeps the code alive; what is given
    // gets references of its own.
    unsafe {
        let r = c.mem.get().add(base);
        *r.sub(1) = method.into_bits();
        for (i, &place) in places.iter().enumerate() {
            let v = operand(c, w, place).bits();
            retain(v);
            *r.add(i) = v;
        }
        for i in places.len()..locals {
            *r.add(i) = UNDEF;
        }
    }
    c.push_frame(c.ip.get(), base as u32, code, flags, 0);
    Ok(true)
}

/// Finishes the operation of the current frame with what its method has given, whose frame had these flags.
pub(super) fn finish(vm: &Vm, c: &CoroObj, flags: u32, result: Value) -> R<()> {
    // SAFETY: the frame goes on behind the operation.
    let w = Word(unsafe { *c.ip.get().sub(1) });
    let number = w.op_number();
    let Some(asked) = asked(number) else { return Ok(()) };
    let result = match asked {
        Asked::Binary(_) | Asked::Compare(_) if result.is_not_implemented() => {
            declined(vm, c, w, asked, flags & FRAME_IN_PLACE != 0)
        }
        _ => Ok(result),
    };
    let truth = match asked {
        Asked::Contains => true,
        Asked::Compare(_) => jumps(number),
        _ => false,
    };
    let result = if truth { result.and_then(|v| vm.truth(&v)).map(Value::bool) } else { result };
    // The operands go first: a temporary may lie in the destination's register.
    end_operands(c, w);
    let result = result?;
    match asked {
        Asked::ItemSet => {}
        Asked::Setter => skip(c, 2),
        Asked::Next => c.write(w.b() as usize, result, w.flags() & FB != 0),
        Asked::Contains | Asked::Compare(_) if jumps(number) => {
            let wanted = match asked {
                Asked::Contains => number == op::JumpIn,
                _ => jumps_if_it_holds(number),
            };
            if result.is_true() == wanted {
                skip(c, w.c() as i16 as isize);
            }
        }
        Asked::Contains => c.dst(w, Value::bool(result.is_true() == (number == op::In))),
        Asked::Getter => {
            c.dst(w, result);
            skip(c, 2);
        }
        Asked::Item | Asked::Unary(_) | Asked::Compare(_) => c.dst(w, result),
        Asked::Binary(_) => {
            let local = writes_local(w, OPS[number as usize].operands[2] == Operand::Src);
            c.write(w.a() as usize, result, local);
        }
    }
    Ok(())
}

fn skip(c: &CoroObj, words: isize) {
    // SAFETY: verified code jumps, and has its caches, inside itself.
    c.ip.set(unsafe { c.ip.get().offset(words) });
}

/// What an operator gives whose method does not know the other operand.
fn declined(vm: &Vm, c: &CoroObj, w: Word, asked: Asked, in_place: bool) -> R {
    let left = if jumps(w.op_number()) { 0 } else { 1 };
    let (x, y) = (operand(c, w, left), operand(c, w, left + 1));
    match asked {
        Asked::Binary(operator) if in_place => vm.binary_not_in_place(operator, &x, &y),
        Asked::Binary(operator) => vm.binary_reflected(operator, &x, &y, w.flags() & X0 != 0),
        Asked::Compare(operator) => vm.compare_reflected(operator, &x, &y),
        _ => Ok(Value::NOT_IMPLEMENTED),
    }
}

/// The frame above has ended with an exception: whether that finishes the operation of the current frame, too.
pub(super) fn fail(vm: &Vm, c: &CoroObj, e: &Raised) -> bool {
    // SAFETY: the frame goes on behind the operation.
    let w = Word(unsafe { *c.ip.get().sub(1) });
    if w.op_number() == op::ForIter && e.is(vm.types.stop_iteration.get()) {
        drop(c.take(w.a() as usize));
        skip(c, w.c() as i16 as isize);
        return true;
    }
    end_operands(c, w);
    false
}
