//! What an operation usually does, without a single call: then the compiler keeps everything in registers of the
//! processor and needs no stack. Whatever is not usual is left, untouched, to `general`.

use crate::interp::attributes::{
    attribute_of_class, find_method, method_behind, name_of_module, set_in_dict, special_of, step_attribute,
};
use crate::interp::awaited::{await_object, get_await, next_of_async_generator, yield_to_awaiting};
use crate::interp::bits::{
    FALSE, NONE, TRUE, UNDEF, a_branch, fits, float_of, give_up_held, int_of, is_float, is_ptr, kind_of, retain,
    rewrite, small_bits,
};
use crate::interp::comparison::{comparison, jumps_if_it_holds};
use crate::interp::dispatch::{go_on, in_full, release_and_go_on};
use crate::interp::emptiness::by_items;
use crate::interp::frames::{call, end_frame};
use crate::interp::generators::{go_on_with_generator, yield_to_consumer, yield_to_native};
use crate::interp::handlers::{jump_unless_match, pop_handled, raise_exception};
use crate::interp::items::{add_to_set, collect, item_of, iterator_of, step, unpack};
use crate::interp::numbers::{calculate, compare_numbers};
use crate::interp::slow::OF_CLASS;
use crate::interp::subscripts::{holds_key, set_value_of, slice_of, value_of};
use crate::interp::texts::{append, character_of, compare_texts, compare_with_constant, join, look_into_text, put_in};
use crate::object::coro::{CoroKind, Mode, Record};
use crate::object::header::{Header, INTERNED, Kind};
use crate::object::iter::{IterObj, IterState};
use crate::object::*;
use crate::protocol::arith::{floor_div, floor_mod};
use crate::protocol::compare::{Compare, compare_floats};
use crate::value::{INT_TAG, Value};
use crate::vm::Vm;
use aio_bytecode::Word;
use aio_bytecode::ops::{FA, FB, FC, X0, X1, X2, X3, number as op};

/// Runs the operation `OP`, whose instruction is `w`; `ip` is behind it. `TAKES` has the flags of operands a and b: there
/// is a handler for each combination, which need not look at them.
///
/// # Safety
/// As for `general`.
pub(super) unsafe fn quick<const OP: u8, const TAKES: u8>(
    vm: &Vm,
    ip: *const u64,
    r: *mut u64,
    w: u64,
    rec: *mut Record,
) -> bool {
    let w = Word(w);
    // SAFETY: by contract, as in `general`.
    unsafe {
        // Leaves the operation to `general`; nothing has been changed.
        macro_rules! general {
            () => {
                return in_full::<OP>(vm, ip, r, w.0, rec)
            };
        }
        macro_rules! next {
            ($ip:expr) => {
                go_on!(vm, $ip, r, rec)
            };
        }
        macro_rules! next16 {
            ($jumps:expr) => {
                if $jumps {
                    a_branch();
                    next!(ip.offset(w.c() as i16 as isize))
                } else {
                    next!(ip)
                }
            };
        }
        macro_rules! next32 {
            ($jumps:expr) => {
                if $jumps {
                    a_branch();
                    next!(ip.offset(w.bx() as i32 as isize))
                } else {
                    next!(ip)
                }
            };
        }
        // Gives up a reference as the last thing that the operation does.
        macro_rules! release_and_next {
            ($v:expr, $ip:expr) => {
                return release_and_go_on(vm, $ip, r, $v, rec)
            };
        }
        // Writes operand a, which ends the operation.
        macro_rules! finish {
            ($bits:expr, $ip:expr) => {{
                let p = r.add(w.a() as usize);
                let bits: u64 = $bits;
                if TAKES & FA != 0 {
                    let old = std::mem::replace(&mut *p, bits);
                    release_and_next!(old, $ip)
                }
                *p = bits;
                next!($ip)
            }};
        }
        // Gives up a temporary that others hold as well, or leaves the operation before it has begun.
        macro_rules! give_up {
            ($v:expr, $flag:expr) => {
                if (TAKES | w.flags() & FC) & $flag != 0 && !give_up_held($v) {
                    general!();
                }
            };
        }
        macro_rules! arith {
            ($vy:expr, |$x:ident, $y:ident| $int:expr, |$fx:ident, $fy:ident| $float:expr) => {{
                let vx = *r.add(w.b() as usize);
                let vy: u64 = $vy;
                if (vx & vy) >= INT_TAG {
                    let ($x, $y) = (vx, vy);
                    let result: Option<u64> = $int;
                    if let Some(bits) = result {
                        finish!(bits, ip)
                    }
                } else if is_float(vx) && is_float(vy) {
                    let ($fx, $fy) = (float_of(vx), float_of(vy));
                    let result: Option<f64> = $float;
                    if let Some(f) = result
                        && !f.is_nan()
                    {
                        finish!(Value::float(f).into_bits(), ip)
                    }
                } else if OP == op::Add && is_ptr(vx) && is_ptr(vy) {
                    return append(vm, ip, r, w.0, rec);
                } else if OP == op::Mod && is_ptr(vx) {
                    return put_in(vm, ip, r, w.0, rec);
                }
                calculate::<OP>(vm, ip, r, w.0, rec)
            }};
        }
        macro_rules! arith_imm {
            (|$x:ident, $y:ident| $int:expr, |$fx:ident, $fy:ident| $float:expr) => {{
                let vx = *r.add(w.b() as usize);
                if vx >= INT_TAG {
                    let ($x, $y) = (vx, w.c() as i16 as i64);
                    let result: Option<u64> = $int;
                    if let Some(bits) = result {
                        finish!(bits, ip)
                    }
                } else if is_float(vx) {
                    let ($fx, $fy) = (float_of(vx), w.c() as i16 as f64);
                    let result: Option<f64> = $float;
                    if let Some(f) = result
                        && !f.is_nan()
                    {
                        finish!(Value::float(f).into_bits(), ip)
                    }
                }
                calculate::<OP>(vm, ip, r, w.0, rec)
            }};
        }
        // Compares two numbers; None for anything else.
        macro_rules! holds {
            ($vx:expr, $vy:expr, $op:expr) => {{
                let (vx, vy): (u64, u64) = ($vx, $vy);
                if (vx & vy) >= INT_TAG {
                    Some($op.holds(((vx << 13) as i64).cmp(&((vy << 13) as i64))))
                } else if is_float(vx) && is_float(vy) {
                    Some(compare_floats($op, float_of(vx), float_of(vy)))
                } else {
                    None
                }
            }};
        }
        macro_rules! compare {
            ($op:expr) => {{
                let (vx, vy) = (*r.add(w.b() as usize), *r.add(w.c() as usize));
                match holds!(vx, vy, $op) {
                    Some(holds) => finish!(FALSE | holds as u64, ip),
                    None if is_ptr(vx) && is_ptr(vy) => return compare_texts::<OP>(vm, ip, r, w.0, rec),
                    None => compare_numbers::<OP>(vm, ip, r, w.0, rec),
                }
            }};
        }
        macro_rules! compare_jump {
            () => {{
                let (vx, vy) = (*r.add(w.a() as usize), *r.add(w.b() as usize));
                match holds!(vx, vy, comparison(OP)) {
                    Some(holds) => next16!(holds == jumps_if_it_holds(OP)),
                    None if is_ptr(vx) && is_ptr(vy) => return compare_texts::<OP>(vm, ip, r, w.0, rec),
                    None => compare_numbers::<OP>(vm, ip, r, w.0, rec),
                }
            }};
        }
        macro_rules! equal_jump {
            () => {{
                let (vx, vy) = (*r.add(w.a() as usize), *r.add(w.b() as usize));
                if let Some(holds) = holds!(vx, vy, comparison(OP)) {
                    next16!(holds == jumps_if_it_holds(OP))
                }
                if is_ptr(vx) && is_ptr(vy) {
                    let (hx, hy) = (&*(vx as *const Header), &*(vy as *const Header));
                    // There is one string of each interned text, and it has a reference of its own.
                    if hx.has(INTERNED) && hy.has(INTERNED) {
                        if TAKES & FA != 0 {
                            hx.rc.set(hx.rc.get() - 1);
                        }
                        if TAKES & FB != 0 {
                            hy.rc.set(hy.rc.get() - 1);
                        }
                        next16!(((vx == vy) == matches!(comparison(OP), Compare::Eq)) == jumps_if_it_holds(OP))
                    }
                    return compare_texts::<OP>(vm, ip, r, w.0, rec);
                }
                compare_numbers::<OP>(vm, ip, r, w.0, rec)
            }};
        }
        macro_rules! compare_jump_imm {
            () => {{
                let op = comparison(OP);
                let vx = *r.add(w.a() as usize);
                if vx >= INT_TAG {
                    next16!(op.holds(int_of(vx).cmp(&(w.b() as i16 as i64))) == jumps_if_it_holds(OP))
                } else if is_float(vx) {
                    next16!(compare_floats(op, float_of(vx), w.b() as i16 as f64) == jumps_if_it_holds(OP))
                }
                compare_numbers::<OP>(vm, ip, r, w.0, rec)
            }};
        }
        macro_rules! truth {
            ($v:expr) => {{
                let v: u64 = $v;
                if v == TRUE {
                    true
                } else if v == FALSE || v == NONE {
                    false
                } else if v >= INT_TAG {
                    int_of(v) != 0
                } else {
                    return by_items::<OP, TAKES>(vm, ip, r, w.0, rec);
                }
            }};
        }
        // The item of a list or tuple.
        macro_rules! item {
            ($obj:expr, $i:expr) => {{
                let (obj, i): (u64, i64) = ($obj, $i);
                let class = (*(obj as *const Header)).class();
                let items = if vm.types.list.is(class) {
                    (*(obj as *const ListObj)).as_slice()
                } else if vm.types.str.is(class) {
                    return character_of::<OP, TAKES>(vm, ip, r, w.0, rec);
                } else if vm.types.tuple.is(class) {
                    (*(obj as *const TupleObj)).items()
                } else if OP == op::GetItemI && kind_of(obj) == Kind::Dict {
                    return value_of::<OP>(vm, ip, r, w.0, rec);
                } else {
                    general!()
                };
                let i = if i < 0 { i + items.len() as i64 } else { i };
                let Some(x) = items.get(i as usize) else { general!() };
                let x = x.bits();
                give_up!(obj, FB);
                retain(x);
                finish!(x, ip)
            }};
        }
        // The value of a cell of a captured variable.
        macro_rules! content {
            ($cell:expr) => {{
                let v = (*($cell as *const CellObj)).content.peek().bits();
                if v == UNDEF {
                    general!()
                }
                retain(v);
                finish!(v, ip)
            }};
        }
        macro_rules! store_content {
            ($cell:expr) => {{
                let v = *r.add(w.b() as usize);
                if TAKES & FB == 0 {
                    retain(v);
                }
                let old = (*($cell as *const CellObj)).content.replace(Value::from_owned_bits(v));
                release_and_next!(old.into_bits(), ip)
            }};
        }

        match OP {
            op::Move => {
                let v = *r.add(w.b() as usize);
                if TAKES & FB == 0 {
                    retain(v);
                }
                finish!(v, ip)
            }
            op::LoadK => {
                let v = (*vm.running.code.get()).constant(w.bx() as usize).bits();
                retain(v);
                finish!(v, ip)
            }
            op::LoadKEq => compare_with_constant(vm, ip, r, w.0, rec),
            op::LoadKIn => look_into_text(vm, ip, r, w.0, rec),
            op::Drop => release_and_next!(*r.add(w.a() as usize), ip),
            op::Unset => {
                let old = std::mem::replace(&mut *r.add(w.a() as usize), UNDEF);
                release_and_next!(old, ip)
            }
            op::Check => {
                if *r.add(w.a() as usize) == UNDEF {
                    general!()
                }
                next!(ip)
            }

            op::LoadCell => content!(*r.add(w.b() as usize)),
            op::StoreCell => store_content!(*r.add(w.a() as usize)),
            op::LoadFree => content!(free(r, w.b())),
            op::StoreFree => store_content!(free(r, w.a())),
            op::LoadFreeCell => {
                let v = free(r, w.b());
                retain(v);
                finish!(v, ip)
            }

            op::LoadGlobal => {
                let f = &*(*r.sub(1) as *const FunctionObj);
                let dict = &*(f.globals.bits() as *const DictObj);
                let (k0, k1) = (*ip, *ip.add(1));
                if k0 as u32 == dict.known_version() && k0 as u32 != 0 {
                    let found = if k1 == 0 {
                        dict.value_at((k0 >> 32) as usize)
                    } else {
                        let b = &*(vm.builtins.peek().bits() as *const DictObj);
                        if k1 as u32 == b.known_version() { b.value_at((k0 >> 32) as usize) } else { None }
                    };
                    if let Some(v) = found {
                        let v = v.bits();
                        retain(v);
                        finish!(v, ip.add(2))
                    }
                }
                general!()
            }
            op::StoreGlobal => {
                let f = &*(*r.sub(1) as *const FunctionObj);
                let dict = &*(f.globals.bits() as *const DictObj);
                let k0 = *ip;
                if k0 as u32 == dict.known_version() && k0 as u32 != 0 {
                    let Some(place) = dict.place_at((k0 >> 32) as usize) else { general!() };
                    let v = *r.add(w.a() as usize);
                    if TAKES & FA == 0 {
                        retain(v);
                    }
                    release_and_next!(std::mem::replace(&mut *(place as *mut u64), v), ip.add(1))
                }
                general!()
            }

            op::GetAttr => {
                let v = *r.add(w.b() as usize);
                let k0 = *ip;
                if is_ptr(v) && k0 as u32 != 0 {
                    if kind_of(v) == Kind::Instance {
                        let i = &*(v as *const InstanceObj);
                        if k0 as u32 == i.shape.get() {
                            let x = i.slot((k0 >> 32) as usize).bits();
                            if TAKES & FB != 0 && (*(v as *const Header)).rc.get() == 1 {
                                general!();
                            }
                            if is_ptr(x) {
                                retain(x);
                            } else if x == UNDEF {
                                general!()
                            }
                            give_up!(v, FB);
                            finish!(x, ip.add(2))
                        }
                    } else if kind_of(v) == Kind::Module {
                        return name_of_module::<TAKES>(vm, ip, r, w.0, rec);
                    }
                    if k0 as u32 & OF_CLASS != 0 {
                        return attribute_of_class(vm, ip, r, w.0, rec);
                    }
                }
                general!()
            }
            op::StepAttr => step_attribute(vm, ip, r, w.0, rec),
            op::SetAttr => {
                let obj = *r.add(w.a() as usize);
                let (k0, k1) = (*ip, *ip.add(1));
                if is_ptr(obj) && kind_of(obj) == Kind::Instance {
                    let i = &*(obj as *const InstanceObj);
                    let at = (k0 >> 32) as usize;
                    if k0 as u32 == i.shape.get() && k0 as u32 != 0 && i.has_room(at) {
                        give_up!(obj, FA);
                        let v = *r.add(w.b() as usize);
                        if TAKES & FB == 0 {
                            retain(v);
                        }
                        let old = i.set_slot(at, Value::from_owned_bits(v)).into_bits();
                        if k1 != 0 {
                            i.shape.set(k1 as u32);
                        }
                        release_and_next!(old, ip.add(2))
                    }
                }
                if k0 as u32 & OF_CLASS != 0 && is_ptr(obj) {
                    return set_in_dict(vm, ip, r, w.0, rec);
                }
                general!()
            }
            op::GetMethod => find_method::<TAKES>(vm, ip, r, w.0, rec),
            op::SuperMethod => {
                let window = r.add(w.a() as usize);
                if *ip == 0 || !is_ptr(*window) || !is_ptr(*window.add(1)) || !is_ptr(*window.add(2)) {
                    general!()
                }
                method_behind(vm, ip, r, w.0, rec)
            }
            op::GetItem => {
                let (obj, key) = (*r.add(w.b() as usize), *r.add(w.c() as usize));
                if !is_ptr(obj) {
                    general!()
                }
                if kind_of(obj) == Kind::Dict {
                    return value_of::<OP>(vm, ip, r, w.0, rec);
                }
                if key >= INT_TAG {
                    item!(obj, int_of(key))
                }
                general!()
            }
            op::GetItemI => {
                let obj = *r.add(w.b() as usize);
                if is_ptr(obj) {
                    item!(obj, w.c() as i16 as i64)
                }
                general!()
            }
            op::GetSlice => {
                if !is_ptr(*r.add(w.a() as usize)) {
                    general!()
                }
                slice_of(vm, ip, r, w.0, rec)
            }
            op::SetItem => {
                let (obj, key) = (*r.add(w.a() as usize), *r.add(w.b() as usize));
                if !is_ptr(obj) {
                    general!()
                }
                if kind_of(obj) == Kind::Dict {
                    return set_value_of::<OP>(vm, ip, r, w.0, rec);
                }
                if key >= INT_TAG && vm.types.list.is((*(obj as *const Header)).class()) {
                    let list = &*(obj as *const ListObj);
                    let i = int_of(key);
                    let i = if i < 0 { i + list.len() as i64 } else { i };
                    if (i as u64) < list.len() as u64 {
                        give_up!(obj, FA);
                        let v = *r.add(w.c() as usize);
                        if w.flags() & FC == 0 {
                            retain(v);
                        }
                        let place = list.vec().as_mut_ptr().add(i as usize);
                        let old = std::mem::replace(&mut *(place as *mut u64), v);
                        release_and_next!(old, ip)
                    }
                }
                general!()
            }

            op::Neg => {
                let v = *r.add(w.b() as usize);
                if v >= INT_TAG && fits(-int_of(v)) {
                    finish!(small_bits(-int_of(v)), ip)
                }
                if is_float(v) && !float_of(v).is_nan() {
                    finish!(Value::float(-float_of(v)).into_bits(), ip)
                }
                general!()
            }
            op::Not => finish!(FALSE | !truth!(*r.add(w.b() as usize)) as u64, ip),
            op::Add => arith!(
                *r.add(w.c() as usize),
                |x, y| ((x << 13) as i64).checked_add((y << 13) as i64).map(rewrite),
                |x, y| Some(x + y)
            ),
            op::Sub => arith!(
                *r.add(w.c() as usize),
                |x, y| ((x << 13) as i64).checked_sub((y << 13) as i64).map(rewrite),
                |x, y| Some(x - y)
            ),
            op::Mul => {
                arith!(*r.add(w.c() as usize), |x, y| ((x << 13) as i64).checked_mul(int_of(y)).map(rewrite), |x, y| {
                    Some(x * y)
                })
            }
            op::Div => arith!(
                *r.add(w.c() as usize),
                |x, y| {
                    let (x, y) = (int_of(x), int_of(y));
                    if y != 0 { Some(Value::float(x as f64 / y as f64).into_bits()) } else { None }
                },
                |x, y| if y != 0.0 { Some(x / y) } else { None }
            ),
            op::FloorDiv => arith!(
                *r.add(w.c() as usize),
                |x, y| {
                    let (x, y) = (int_of(x), int_of(y));
                    if y != 0 && y != -1 { Some(small_bits(floor_div(x, y))) } else { None }
                },
                |_x, _y| None
            ),
            op::Mod => arith!(
                *r.add(w.c() as usize),
                |x, y| {
                    let (x, y) = (int_of(x), int_of(y));
                    if y != 0 { Some(small_bits(floor_mod(x, y))) } else { None }
                },
                |_x, _y| None
            ),
            op::RShift => arith!(
                *r.add(w.c() as usize),
                |x, y| {
                    let n = int_of(y);
                    if (0..64).contains(&n) { Some(small_bits(int_of(x) >> n)) } else { None }
                },
                |_x, _y| None
            ),
            op::Pow | op::LShift => calculate::<OP>(vm, ip, r, w.0, rec),
            op::And => arith!(*r.add(w.c() as usize), |x, y| Some(x & y), |_x, _y| None),
            op::Or => arith!(*r.add(w.c() as usize), |x, y| Some(x | y), |_x, _y| None),
            op::Xor => arith!(*r.add(w.c() as usize), |x, y| Some((x ^ y) | INT_TAG), |_x, _y| None),
            op::AddI => arith_imm!(|x, y| ((x << 13) as i64).checked_add(y << 13).map(rewrite), |x, y| Some(x + y)),
            op::SubI => arith_imm!(|x, y| ((x << 13) as i64).checked_sub(y << 13).map(rewrite), |x, y| Some(x - y)),
            op::MulI => arith_imm!(|x, y| ((x << 13) as i64).checked_mul(y).map(rewrite), |x, y| Some(x * y)),
            op::FloorDivI => {
                arith_imm!(|x, y| if y == -1 { None } else { Some(small_bits(floor_div(int_of(x), y))) }, |_x, _y| None)
            }
            op::ModI => arith_imm!(|x, y| Some(small_bits(floor_mod(int_of(x), y))), |_x, _y| None),
            op::AndI => arith_imm!(|x, y| Some(small_bits(int_of(x) & y)), |_x, _y| None),
            op::LShiftI => arith_imm!(
                |x, y| {
                    let n = int_of(x);
                    let s = n.checked_shl(y as u32).unwrap_or(0);
                    if y < 50 && s >> y == n && fits(s) { Some(small_bits(s)) } else { None }
                },
                |_x, _y| None
            ),
            op::RShiftI => arith_imm!(|x, y| Some(small_bits(int_of(x) >> y.min(63))), |_x, _y| None),

            op::Eq | op::Ne | op::Lt | op::Le | op::Gt | op::Ge => compare!(comparison(OP)),
            op::Is | op::IsNot => {
                let (x, y) = (*r.add(w.b() as usize), *r.add(w.c() as usize));
                if w.flags() & (FB | FC) != 0 && (is_ptr(x) || is_ptr(y)) {
                    general!()
                }
                finish!(FALSE | ((x == y) == (OP == op::Is)) as u64, ip)
            }

            op::Jump => next32!(true),
            op::Loop => {
                let n = vm.ticks.get() - 1;
                if n < 0 {
                    general!()
                }
                vm.ticks.set(n);
                next32!(true)
            }
            op::LoopIter => {
                let n = vm.ticks.get() - 1;
                if n < 0 {
                    general!()
                }
                vm.ticks.set(n);
                let target = ip.offset(w.bx() as i32 as isize);
                // The item goes to a local variable or not.
                if Word(*target).flags() & FB != 0 {
                    return quick::<{ op::ForIter }, FB>(vm, target.add(1), r, *target, rec);
                }
                quick::<{ op::ForIter }, 0>(vm, target.add(1), r, *target, rec)
            }
            op::JumpTrue => next32!(truth!(*r.add(w.a() as usize))),
            op::JumpFalse => next32!(!truth!(*r.add(w.a() as usize))),
            op::JumpTrueKeep => next32!(truth!(*r.add(w.a() as usize))),
            op::JumpFalseKeep => next32!(!truth!(*r.add(w.a() as usize))),
            op::JumpNone => {
                let v = *r.add(w.a() as usize);
                if v == NONE {
                    next32!(true)
                }
                if TAKES & FA != 0 {
                    release_and_next!(v, ip)
                }
                next!(ip)
            }
            op::JumpNotNone => {
                let v = *r.add(w.a() as usize);
                if v == NONE {
                    next!(ip)
                }
                let target = ip.offset(w.bx() as i32 as isize);
                if TAKES & FA != 0 {
                    release_and_next!(v, target)
                }
                next!(target)
            }
            op::JumpEq | op::JumpNe | op::JumpNotEq | op::JumpNotNe => equal_jump!(),
            op::JumpLt
            | op::JumpLe
            | op::JumpGt
            | op::JumpGe
            | op::JumpNotLt
            | op::JumpNotLe
            | op::JumpNotGt
            | op::JumpNotGe => compare_jump!(),
            op::JumpEqI
            | op::JumpNeI
            | op::JumpLtI
            | op::JumpLeI
            | op::JumpGtI
            | op::JumpGeI
            | op::JumpNotEqI
            | op::JumpNotNeI
            | op::JumpNotLtI
            | op::JumpNotLeI
            | op::JumpNotGtI
            | op::JumpNotGeI => compare_jump_imm!(),
            op::JumpIs | op::JumpIsNot => {
                let (x, y) = (*r.add(w.a() as usize), *r.add(w.b() as usize));
                if TAKES & (FA | FB) != 0 && (is_ptr(x) || is_ptr(y)) {
                    general!()
                }
                next16!((x == y) == (OP == op::JumpIs))
            }

            op::In | op::NotIn => {
                if !is_ptr(*r.add(w.c() as usize)) {
                    general!()
                }
                holds_key::<OP>(vm, ip, r, w.0, rec)
            }
            op::JumpIn | op::JumpNotIn => {
                if !is_ptr(*r.add(w.b() as usize)) {
                    general!()
                }
                holds_key::<OP>(vm, ip, r, w.0, rec)
            }

            op::ForIter => {
                let it = *r.add(w.a() as usize);
                if !is_ptr(it) {
                    general!()
                }
                let kind = kind_of(it);
                if kind == Kind::Iter {
                    let end = ip.offset(w.c() as i16 as isize);
                    // One that nothing else holds need not remember that it has ended.
                    macro_rules! item {
                        ($items:expr, $i:ident) => {
                            match $items.get(*$i) {
                                Some(x) => {
                                    *$i += 1;
                                    retain(x.bits())
                                }
                                None if (*(it as *const Header)).rc.get() == 1 => release_and_next!(it, end),
                                None => general!(),
                            }
                        };
                    }
                    let bits = match (*(it as *const IterObj)).state() {
                        IterState::Range(next, left, step) if *left != 0 && fits(*next) => {
                            *left -= 1;
                            small_bits(std::mem::replace(next, next.wrapping_add(*step)))
                        }
                        IterState::List(list, i) => item!((*(list.bits() as *const ListObj)).as_slice(), i),
                        IterState::Tuple(tuple, i) => item!((*(tuple.bits() as *const TupleObj)).items(), i),
                        IterState::Done | IterState::Range(_, 0, _) => release_and_next!(it, end),
                        IterState::Range(..) => general!(),
                        _ => return item_of::<TAKES>(vm, ip, r, w.0, rec),
                    };
                    let p = r.add(w.b() as usize);
                    if TAKES & FB != 0 {
                        let old = std::mem::replace(&mut *p, bits);
                        release_and_next!(old, ip)
                    }
                    *p = bits;
                    next!(ip)
                }
                if kind == Kind::Coro {
                    return go_on_with_generator(vm, ip, r, w.0, rec);
                }
                if kind == Kind::Opaque {
                    return step::<TAKES>(vm, ip, r, w.0, rec);
                }
                general!()
            }
            op::GetIter => {
                if !is_ptr(*r.add(w.b() as usize)) {
                    general!()
                }
                iterator_of(vm, ip, r, w.0, rec)
            }
            op::Unpack => {
                if !is_ptr(*r.add(w.b() as usize)) {
                    general!()
                }
                unpack(vm, ip, r, w.0, rec)
            }
            op::MakeTuple | op::MakeList => collect::<OP>(vm, ip, r, w.0, rec),
            op::Yield => {
                let me = &*vm.current.get();
                if me.mode.get() == Mode::Step {
                    return yield_to_awaiting(vm, ip, r, w.0, rec);
                }
                if me.kind.get() != CoroKind::Generator {
                    general!()
                }
                match (*me.root.get()).mode.get() {
                    Mode::For => yield_to_consumer(vm, ip, r, w.0),
                    Mode::Boundary => yield_to_native(vm, ip, r, w.0),
                    _ => general!(),
                }
            }
            op::GetSpecial => special_of(vm, ip, r, w.0, rec),
            op::GetAwait => get_await(vm, ip, r, w.0, rec),
            op::Await => await_object(vm, ip, r, w.0, rec),
            op::GetANext => next_of_async_generator(vm, ip, r, w.0, rec),

            op::Call | op::CallMethod => call::<OP>(vm, ip, r, w.0, rec),
            op::Return | op::ReturnNone => end_frame::<OP, TAKES>(vm, ip, r, w.0, rec),

            op::PushHandled => {
                let v = *r.add(w.b() as usize);
                retain(v);
                let before = (*vm.current.get()).held.replace(Value::from_owned_bits(v));
                *r.add(w.a() as usize) = before.into_bits();
                next!(ip)
            }
            op::PopHandled => pop_handled(vm, ip, r, w.0, rec),
            op::Raise => raise_exception(vm, ip, r, w.0, rec),
            op::JumpNotMatch => jump_unless_match(vm, ip, r, w.0, rec),
            op::Format => {
                let v = *r.add(w.b() as usize);
                let stays = if is_ptr(v) {
                    vm.types.str.is((*(v as *const Header)).class())
                } else {
                    v >= INT_TAG && w.flags() & X3 != 0
                };
                if !stays || w.flags() & (X0 | X1 | X2) != X0 {
                    general!()
                }
                if TAKES & FB == 0 {
                    retain(v);
                }
                finish!(v, ip)
            }
            op::MakeStr => join(vm, ip, r, w.0, rec),
            op::SetAdd => add_to_set::<TAKES>(vm, ip, r, w.0, rec),
            op::DictSet => set_value_of::<OP>(vm, ip, r, w.0, rec),
            op::ListAppend => {
                let list = &*(*r.add(w.a() as usize) as *const ListObj);
                if !list.has_room() {
                    general!()
                }
                let v = *r.add(w.b() as usize);
                if TAKES & FB == 0 {
                    retain(v);
                }
                list.push_in_place(Value::from_owned_bits(v));
                next!(ip)
            }
            _ => general!(),
        }
    }
}

/// Bits of the cell of a free variable of the running function.
///
/// # Safety
/// As for `quick`.
#[inline(always)]
unsafe fn free(r: *mut u64, i: u16) -> u64 {
    // SAFETY: verified code names free variables that its function has.
    unsafe {
        let function = &*(*r.sub(1) as *const FunctionObj);
        function.closure.get_unchecked(i as usize).bits()
    }
}
