//! The operations in full: every case, slow paths included. `quick` has what is usual.

use crate::interp::bits::{FALSE, NONE, UNDEF, is_ptr, kind_of, retain};
use crate::interp::comparison::{comparison, jumps_if_it_holds};
use crate::interp::dispatch::leave;
use crate::interp::specials::{FRAME_SPECIAL, operator};
use crate::interp::{Next, build, call, coroutine, except, globals, pattern, slow, specials};
use crate::object::coro::{CoroKind, CoroObj, Record, State};
use crate::object::header::{Header, Kind};
use crate::object::*;
use crate::protocol::arith::Unary;
use crate::value::{Value, borrow_bits, drop_pointer};
use crate::vm::Vm;
use aio_bytecode::Word;
use aio_bytecode::ops::{FA, FB, X0, X1, number as op};

/// What comes after an operation.
pub(super) enum After {
    /// The next instruction of the same frame; the coroutine knows where it is.
    Stay,
    /// The running coroutine says what is next: another frame, or another coroutine.
    Move,
    /// The interpreter leaves, with `Vm::exit`.
    Leave,
}

/// Runs the operation `OP`, whose instruction is `w`; `ip` is behind it.
///
/// # Safety
/// The code is verified: operands, jumps and constants are in range, registers are read only while live, and windows are
/// owned. The coroutine owns its segment; `c` and what it refers to are kept alive by the chain from the boundary, which
/// the caller holds. Pointers into the segment are loaded again after anything that may move it.
// Not inlined: `quick` would get its stack.
#[inline(never)]
pub(super) unsafe fn general<const OP: u8>(
    vm: &Vm,
    mut ip: *const u64,
    r: *mut u64,
    w: u64,
    rec: *mut Record,
) -> After {
    let w = Word(w);
    // SAFETY: by contract.
    unsafe {
        let c = leave(vm, ip, r, rec);

        // Writes back where the frame stands; everything else about it is in the coroutine already.
        macro_rules! sync {
            () => {{
                (*c).ip.set(ip);
            }};
        }
        macro_rules! next {
            () => {{
                sync!();
                return After::Stay;
            }};
        }
        // A frame has begun or ended.
        macro_rules! move_on {
            () => {{
                sync!();
                return After::Move;
            }};
        }
        // Another coroutine goes on, where it says itself.
        macro_rules! switch {
            ($to:expr) => {{
                vm.current.set($to);
                return After::Move;
            }};
        }
        macro_rules! exit {
            ($exit:expr) => {{
                vm.exit.set($exit);
                return After::Leave;
            }};
        }
        // Gives up a reference. What ends may run a finaliser, which may look at the frames.
        macro_rules! release {
            ($v:expr) => {{
                let v: u64 = $v;
                if is_ptr(v) {
                    if (*(v as *const Header)).rc.get() == 1 {
                        sync!();
                    }
                    drop_pointer(v);
                }
            }};
        }
        macro_rules! raise {
            ($e:expr, $again:expr) => {
                raise_in!(c, $e, $again)
            };
        }
        macro_rules! raise_in {
            ($c:expr, $e:expr, $again:expr) => {{
                let e = $e;
                match except::unwind(vm, $c, e, $again) {
                    Ok(target) => switch!(target),
                    Err(exit) => exit!(exit),
                }
            }};
        }
        // A slow path that may raise but leaves frames alone.
        macro_rules! slow {
            ($call:expr) => {{
                sync!();
                match $call {
                    Ok(v) => v,
                    Err(e) => raise!(e, false),
                }
            }};
        }
        // A slow path that may also enter or leave frames and coroutines.
        macro_rules! frames {
            ($call:expr) => {{
                sync!();
                match $call {
                    Ok(Next::Continue) => {}
                    Ok(Next::Reload) => return After::Move,
                    Err(e) => raise!(e, false),
                }
            }};
        }
        macro_rules! set_dst {
            ($w:expr, $bits:expr) => {{
                let p = r.add($w.a() as usize);
                let bits = $bits;
                if $w.flags() & FA != 0 {
                    let old = *p;
                    *p = bits;
                    release!(old);
                } else {
                    *p = bits;
                }
            }};
        }
        macro_rules! tick {
            () => {{
                let n = vm.ticks.get() - 1;
                vm.ticks.set(n);
                if n < 0 {
                    slow!(vm.script_tick());
                }
            }};
        }
        macro_rules! jump16 {
            ($w:expr) => {{
                ip = ip.offset($w.c() as i16 as isize);
            }};
        }
        macro_rules! jump32 {
            ($w:expr) => {{
                ip = ip.offset($w.bx() as i32 as isize);
            }};
        }
        // Drops the locals of a frame that ends. A finaliser may look at it: what is gone must not be seen.
        macro_rules! drop_locals {
            () => {{
                for i in 0..(*(*c).code.get()).locals as usize {
                    let v = std::mem::replace(&mut *r.add(i), UNDEF);
                    release!(v);
                }
            }};
        }
        // The result of a frame goes to the window below its registers.
        macro_rules! finish_frame {
            ($result:expr) => {{
                let result: u64 = $result;
                let me = &*c;
                let saved = me.frames.get();
                if saved == 0 {
                    sync!();
                    // The locals are gone already; only the function is left.
                    (*c).keep_names();
                    release!(*r.sub(1));
                    *r.sub(1) = UNDEF;
                    match coroutine::finished(vm, c, Value::from_owned_bits(result)) {
                        Ok(target) => switch!(target),
                        Err(coroutine::Leave::Exit(exit)) => exit!(exit),
                        Err(coroutine::Leave::Raise(target, e)) => {
                            vm.current.set(target);
                            raise_in!(target, e, false)
                        }
                    }
                } else {
                    let rr = *me.record_ptr(saved - 1);
                    let slot = r.sub(1);
                    let ended = std::mem::replace(&mut *slot, result);
                    ip = rr.ip;
                    me.code.set(rr.code);
                    me.base.set(rr.base);
                    me.frames.set(saved - 1);
                    release!(ended);
                    if rr.flags & FRAME_SPECIAL != 0 {
                        let given = Value::from_owned_bits(*slot);
                        slow!(specials::finish(vm, &*c, rr.flags, given));
                        return After::Move;
                    }
                    if rr.flags != 0 {
                        let made = rr.extra;
                        let got = std::mem::replace(&mut *slot, made);
                        if got != NONE {
                            let got = Value::from_owned_bits(got);
                            release!(made);
                            sync!();
                            let e = vm.init_result(&got);
                            drop(got);
                            raise!(e, false)
                        }
                    }
                }
            }};
        }

        match OP {
            op::Check => {
                if *r.add(w.a() as usize) == UNDEF {
                    slow!(globals::unbound_local(vm, &*c, w.bx()));
                }
            }

            op::MakeCell => {
                let p = r.add(w.a() as usize);
                let cell = vm.cell(Value::from_owned_bits(*p));
                *p = cell.into_bits();
            }
            op::LoadCell => {
                let cell = &*(*r.add(w.b() as usize) as *const CellObj);
                let v = cell.content.peek().bits();
                if v == UNDEF {
                    slow!(globals::unbound_local(vm, &*c, w.c() as u32));
                }
                retain(v);
                set_dst!(w, v);
            }
            op::UnsetCell => {
                let cell = &*(*r.add(w.a() as usize) as *const CellObj);
                if cell.content.is_empty() {
                    slow!(globals::unbound_local(vm, &*c, w.c() as u32));
                }
                release!(cell.content.take().into_bits());
            }
            op::LoadFree => {
                let f = &*(*r.sub(1) as *const FunctionObj);
                let cell = &*(f.closure.get_unchecked(w.b() as usize).bits() as *const CellObj);
                let v = cell.content.peek().bits();
                if v == UNDEF {
                    slow!(globals::unbound_free(vm, &*c, w.c() as u32));
                }
                retain(v);
                set_dst!(w, v);
            }
            op::UnsetFree => {
                let f = &*(*r.sub(1) as *const FunctionObj);
                let cell = &*(f.closure.get_unchecked(w.a() as usize).bits() as *const CellObj);
                if cell.content.is_empty() {
                    slow!(globals::unbound_free(vm, &*c, w.c() as u32));
                }
                release!(cell.content.take().into_bits());
            }
            op::LoadGlobal => {
                ip = ip.add(2);
                let v = slow!(globals::load_global(vm, &*c, w, ip.sub(2) as *mut u64));
                set_dst!(w, v.into_bits());
            }
            op::StoreGlobal => {
                ip = ip.add(1);
                let v = *r.add(w.a() as usize);
                if w.flags() & FA == 0 {
                    retain(v);
                }
                sync!();
                globals::store_global(vm, &*c, w, Value::from_owned_bits(v), ip.sub(1) as *mut u64);
            }
            op::UnsetGlobal => slow!(globals::unset_global(vm, &*c, w)),
            op::LoadName => {
                let v = slow!(globals::load_name(vm, &*c, w.bx()));
                set_dst!(w, v.into_bits());
            }
            op::StoreName => slow!(globals::store_name(vm, &*c, w)),
            op::UnsetName => slow!(globals::unset_name(vm, &*c, w)),
            op::LoadNameFree => {
                let v = slow!(globals::load_name_free(vm, &*c, w));
                set_dst!(w, v.into_bits());
            }

            op::GetAttr | op::StepAttr => {
                ip = ip.add(2);
                slow!(slow::get_attr(vm, &*c, w, ip.sub(2) as *mut u64));
            }
            op::SetAttr => {
                ip = ip.add(2);
                slow!(slow::set_attr(vm, &*c, w, ip.sub(2) as *mut u64));
            }
            op::UnsetAttr => slow!(slow::unset_attr(vm, &*c, w)),
            op::GetMethod => {
                ip = ip.add(2);
                slow!(slow::get_method(vm, &*c, w, ip.sub(2) as *mut u64));
            }
            op::GetSpecial => slow!(slow::get_special(vm, &*c, w)),
            op::SuperAttr => slow!(slow::super_attr(vm, &*c, w, None)),
            op::SuperMethod => {
                ip = ip.add(2);
                slow!(slow::super_attr(vm, &*c, w, Some(ip.sub(2) as *mut u64)));
            }
            op::GetItem => slow!(slow::get_item(vm, &*c, w)),
            op::GetItemI => slow!(slow::get_item_imm(vm, &*c, w)),
            op::GetSlice => slow!(slow::get_slice(vm, &*c, w)),
            op::SetItem => slow!(slow::set_item(vm, &*c, w)),
            op::UnsetItem => slow!(slow::unset_item(vm, &*c, w)),
            op::MakeSlice => build::make_slice(vm, r, w),

            op::Neg => slow!(slow::unary(vm, &*c, w, Unary::Neg)),
            op::Pos => slow!(slow::unary(vm, &*c, w, Unary::Pos)),
            op::Invert => slow!(slow::unary(vm, &*c, w, Unary::Invert)),
            op::Not => {
                let truth = slow!(slow::truth_b(vm, &*c, w));
                set_dst!(w, FALSE | !truth as u64);
            }
            op::Add
            | op::Sub
            | op::Mul
            | op::Div
            | op::FloorDiv
            | op::Mod
            | op::Pow
            | op::MatMul
            | op::LShift
            | op::RShift
            | op::And
            | op::Or
            | op::Xor => slow!(slow::binary(vm, &*c, w, operator(OP))),
            op::AddI | op::SubI | op::MulI | op::FloorDivI | op::ModI | op::AndI | op::LShiftI | op::RShiftI => {
                slow!(slow::binary_imm(vm, &*c, w, operator(OP)))
            }

            op::Eq | op::Ne | op::Lt | op::Le | op::Gt | op::Ge => slow!(slow::compare(vm, &*c, w, comparison(OP))),
            op::Is => {
                let same = slow::is_same(r, w);
                set_dst!(w, FALSE | same as u64);
            }
            op::IsNot => {
                let same = slow::is_same(r, w);
                set_dst!(w, FALSE | !same as u64);
            }
            op::In => {
                let found = slow!(slow::contains_bc(vm, &*c, w));
                set_dst!(w, FALSE | found as u64);
            }
            op::NotIn => {
                let found = slow!(slow::contains_bc(vm, &*c, w));
                set_dst!(w, FALSE | !found as u64);
            }

            op::Loop | op::LoopIter => {
                // Before the jump: an interrupt is raised inside of the loop, where its handlers are.
                tick!();
                jump32!(w);
            }
            op::JumpTrue => {
                if slow!(slow::truth(vm, &*c, w)) {
                    jump32!(w);
                }
            }
            op::JumpFalse => {
                if !slow!(slow::truth(vm, &*c, w)) {
                    jump32!(w);
                }
            }
            op::JumpTrueKeep => {
                let v = borrow_bits(*r.add(w.a() as usize));
                if slow!(slow::truth_keep(vm, &*c, w, &v)) {
                    jump32!(w);
                } else {
                    release!(*r.add(w.a() as usize));
                }
            }
            op::JumpFalseKeep => {
                let v = borrow_bits(*r.add(w.a() as usize));
                if slow!(slow::truth_keep(vm, &*c, w, &v)) {
                    release!(*r.add(w.a() as usize));
                } else {
                    jump32!(w);
                }
            }
            op::JumpEq
            | op::JumpNe
            | op::JumpLt
            | op::JumpLe
            | op::JumpGt
            | op::JumpGe
            | op::JumpNotEq
            | op::JumpNotNe
            | op::JumpNotLt
            | op::JumpNotLe
            | op::JumpNotGt
            | op::JumpNotGe => {
                if slow!(slow::compare_truth(vm, &*c, w, comparison(OP))) == jumps_if_it_holds(OP) {
                    jump16!(w);
                }
            }
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
            | op::JumpNotGeI => {
                if slow!(slow::compare_truth_imm(vm, &*c, w, comparison(OP))) == jumps_if_it_holds(OP) {
                    jump16!(w);
                }
            }
            op::JumpIs => {
                if slow::is_same_ab(r, w) {
                    jump16!(w);
                }
            }
            op::JumpIsNot => {
                if !slow::is_same_ab(r, w) {
                    jump16!(w);
                }
            }
            op::JumpIn => {
                if slow!(slow::contains_ab(vm, &*c, w)) {
                    jump16!(w);
                }
            }
            op::JumpNotIn => {
                if !slow!(slow::contains_ab(vm, &*c, w)) {
                    jump16!(w);
                }
            }

            op::GetIter => slow!(slow::get_iter(vm, &*c, w)),
            op::ForIter => {
                let it = *r.add(w.a() as usize);
                if is_ptr(it) && kind_of(it) == Kind::Coro {
                    let g = &*(it as *const CoroObj);
                    if g.kind.get() == CoroKind::Generator && matches!(g.state.get(), State::Suspended | State::Created)
                    {
                        switch!(slow!(coroutine::step_generator(vm, &*c, g)))
                    }
                }
                match slow!(slow::iter_next(vm, &*c, w)) {
                    Some(v) => (*c).write(w.b() as usize, v, w.flags() & FB != 0),
                    None => {
                        release!(it);
                        jump16!(w);
                    }
                }
            }
            op::GetAIter => slow!(coroutine::get_aiter(vm, &*c, w)),
            op::GetANext => slow!(coroutine::get_anext(vm, &*c, w)),
            op::EndAsyncFor => {
                let e = crate::error::Raised(Value::from_owned_bits(*r.add(w.a() as usize)));
                if e.is(vm.types.stop_async_iteration.get()) {
                    drop(e.0);
                } else {
                    sync!();
                    raise!(e, true)
                }
            }

            op::Call | op::CallMethod => {
                let a = w.a() as usize;
                let mut n = w.b() as usize;
                if OP == op::CallMethod {
                    if *r.add(a + 1) == UNDEF {
                        // A plain callable: close the gap below the arguments.
                        std::ptr::copy(r.add(a + 2), r.add(a + 1), n);
                    } else {
                        n += 1;
                    }
                }
                let f = *r.add(a);
                let kind = if is_ptr(f) { kind_of(f) } else { Kind::Free };
                if kind == Kind::Function {
                    let callee: *const CodeObj = (*(f as *const FunctionObj)).code();
                    let registers = r.add(a + 1);
                    if (*callee).direct.get() as usize == n
                        && (*c).has_room(vm, registers.add((*callee).registers as usize))
                    {
                        (*c).push_frame(ip, (*c).base.get() + a as u32 + 1, callee, 0, 0);
                        ip = (*callee).start();
                        for i in n..(*callee).locals as usize {
                            *registers.add(i) = UNDEF;
                        }
                        tick!();
                        move_on!();
                    }
                }
                if kind == Kind::Native {
                    sync!();
                    let arguments = std::slice::from_raw_parts(r.add(a + 1) as *const Value, n);
                    let result = vm.call_native(&*(f as *const NativeObj), arguments, &[]);
                    for i in 0..n {
                        release!(*r.add(a + 1 + i));
                    }
                    release!(f);
                    match result {
                        Ok(v) => *r.add(a) = v.into_bits(),
                        Err(e) => raise!(e, false),
                    }
                    next!();
                }
                if kind == Kind::Class {
                    tick!();
                }
                frames!(call::call(vm, &*c, a, n, None, w.flags() & X1 != 0));
            }
            op::CallKw | op::CallMethodKw => {
                let a = w.a() as usize;
                let mut n = w.b() as usize;
                if OP == op::CallMethodKw {
                    if *r.add(a + 1) == UNDEF {
                        std::ptr::copy(r.add(a + 2), r.add(a + 1), n);
                    } else {
                        n += 1;
                    }
                }
                let names = (*(*c).code.get()).constant(w.c() as usize).clone();
                frames!(call::call(vm, &*c, a, n, Some(&names), w.flags() & X1 != 0));
            }
            op::CallEx => frames!(call::call_ex(vm, &*c, w)),
            op::MakeFunction => slow!(build::make_function(vm, &*c, w)),
            op::Return => {
                let result = *r.add(w.a() as usize);
                if w.flags() & FA == 0 {
                    *r.add(w.a() as usize) = UNDEF;
                }
                drop_locals!();
                finish_frame!(result);
                move_on!()
            }
            op::ReturnNone => {
                drop_locals!();
                finish_frame!(NONE);
                move_on!()
            }

            op::Yield => {
                let v = *r.add(w.b() as usize);
                if w.flags() & FB == 0 {
                    retain(v);
                }
                ip = ip.sub(1);
                sync!();
                match coroutine::yielded(vm, c, Value::from_owned_bits(v)) {
                    Ok(target) => switch!(target),
                    Err(exit) => exit!(exit),
                }
            }
            op::GetYieldFrom => slow!(coroutine::get_yield_from(vm, &*c, w)),
            op::GetAwait => slow!(coroutine::get_await(vm, &*c, w)),
            op::Await => {
                sync!();
                match coroutine::await_step(vm, &*c, w) {
                    coroutine::Awaited::Done => {}
                    coroutine::Awaited::Enter(target) => switch!(target),
                    coroutine::Awaited::Exit(exit) => exit!(exit),
                    coroutine::Awaited::Raise(e) => raise!(e, false),
                }
            }

            op::RaiseFrom => {
                sync!();
                let value = (*c).src_a(w).into_value();
                let cause = (*c).src_b(w).into_value();
                let e = except::raise_from(vm, value, cause);
                raise!(e, false)
            }
            op::RaiseAgain => {
                sync!();
                match vm.handled() {
                    Some(e) => raise!(crate::error::Raised(e), true),
                    None => raise!(vm.runtime_error("No active exception to reraise"), false),
                }
            }
            op::Reraise => {
                sync!();
                let e = crate::error::Raised((*c).take(w.a() as usize));
                raise!(e, true)
            }
            op::JumpNotMatch => {
                if !slow!(except::matches(vm, &*c, w)) {
                    jump16!(w);
                }
            }
            op::StarMatch => slow!(except::star_match(vm, &*c, w)),
            op::StarEnd => slow!(except::star_end(vm, &*c, w)),
            op::ExcArgs => except::exc_args(vm, r, w),

            op::MakeTuple => build::make_tuple(vm, r, w),
            op::MakeList => build::make_list(vm, r, w),
            op::MakeSet => slow!(build::make_set(vm, &*c, w)),
            op::MakeDict => slow!(build::make_dict(vm, &*c, w)),
            op::MakeStr => slow!(build::make_str(vm, &*c, w)),
            op::Format => slow!(build::format(vm, &*c, w)),
            op::ListAppend => {
                let v = *r.add(w.b() as usize);
                if w.flags() & FB == 0 {
                    retain(v);
                }
                (*(*r.add(w.a() as usize) as *const ListObj)).push(Value::from_owned_bits(v));
            }
            op::ListExtend => slow!(build::list_extend(vm, &*c, w)),
            op::ListToTuple => build::list_to_tuple(vm, r, w),
            op::SetAdd => slow!(build::set_add(vm, &*c, w)),
            op::SetUpdate => slow!(build::set_update(vm, &*c, w)),
            op::DictSet => slow!(build::dict_set(vm, &*c, w)),
            op::DictUpdate => slow!(build::dict_update(vm, &*c, w)),
            op::DictMerge => slow!(build::dict_merge(vm, &*c, w)),
            op::Unpack => slow!(build::unpack(vm, &*c, w)),
            op::UnpackEx => slow!(build::unpack_ex(vm, &*c, w)),

            op::Import => slow!(globals::import(vm, &*c, w)),
            op::ImportFrom => slow!(globals::import_from(vm, &*c, w)),
            op::ImportStar => slow!(globals::import_star(vm, &*c, w)),

            op::MatchSequence => {
                sync!();
                pattern::match_kind(vm, &*c, w, true);
            }
            op::MatchMapping => {
                sync!();
                pattern::match_kind(vm, &*c, w, false);
            }
            op::MatchKeys => slow!(pattern::match_keys(vm, &*c, w)),
            op::MatchRest => slow!(pattern::match_rest(vm, &*c, w)),
            op::MatchClass => slow!(pattern::match_class(vm, &*c, w)),
            op::Len => slow!(slow::len(vm, &*c, w)),

            op::BuildClass => slow!(globals::build_class(vm, &*c, w)),
            op::SetupAnnotations => slow!(globals::setup_annotations(vm, &*c, w.flags() & X0 != 0)),
            op::Intrinsic => slow!(pattern::intrinsic(vm, &*c, w)),
            _ => unreachable!("verified code has no such operation"),
        }
        next!()
    }
}
