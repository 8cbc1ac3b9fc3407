//! The loop: one exhaustive match over the operations. Fast paths stand here, everything else is called.

use crate::interp::{Entry, Exit, FRAME_INIT, Next, build, call, coroutine, except, globals, pattern, slow};
use crate::object::code::CodeObj;
use crate::object::coro::{CoroKind, CoroObj, Mode, OUTERMOST, RECORD_WORDS, Record, State};
use crate::object::header::{Header, Kind};
use crate::object::iter::{IterObj, IterState};
use crate::object::*;
use crate::protocol::arith::{Binary, Unary, floor_div, floor_mod};
use crate::protocol::compare::{Compare, compare_floats};
use crate::value::{INT_TAG, Value, borrow_bits, drop_pointer};
use crate::vm::Vm;
use aio_bytecode::ops::{FA, FB, FC, X0, X1};
use aio_bytecode::{Op, Word};

const UNDEF: u64 = 0xFFF4 << 48;
const FALSE: u64 = UNDEF | 2;
const TRUE: u64 = UNDEF | 3;

#[inline(always)]
fn is_ptr(v: u64) -> bool {
    v >> 48 == 0
}

#[inline(always)]
fn is_float(v: u64) -> bool {
    v.wrapping_sub(1 << 48) < 0xFFF1 << 48
}

#[inline(always)]
fn float_of(v: u64) -> f64 {
    f64::from_bits(v - (1 << 48))
}

#[inline(always)]
fn int_of(v: u64) -> i64 {
    (v << 13) as i64 >> 13
}

#[inline(always)]
fn small_bits(n: i64) -> u64 {
    INT_TAG | (n as u64 & ((1 << 51) - 1))
}

#[inline(always)]
fn fits(n: i64) -> bool {
    (n << 13) >> 13 == n
}

/// # Safety
/// `v` is a live pointer.
#[inline(always)]
unsafe fn kind_of(v: u64) -> Kind {
    // SAFETY: by contract.
    unsafe { (*(v as *const Header)).kind.get() }
}

/// # Safety
/// `v` is a live value.
#[inline(always)]
unsafe fn retain(v: u64) {
    if is_ptr(v) {
        // SAFETY: by contract.
        unsafe {
            let h = &*(v as *const Header);
            h.rc.set(h.rc.get() + 1);
        }
    }
}

/// Runs a coroutine from where it stands until the boundary it was entered at.
#[inline(never)]
pub(crate) fn run(vm: &Vm, start: &CoroObj, entry: Entry) -> Exit {
    let outside = vm.current.get();
    let outside_depth = if outside.is_null() {
        0
    } else {
        // SAFETY: the running coroutine is alive.
        unsafe { (*outside).depth.get() + (*outside).frames.get() + 1 }
    };
    // SAFETY: `start` is alive through its caller; so is its root.
    let boundary: &CoroObj = unsafe { &*start.root.get() };
    boundary.parent.set(outside);
    if !std::ptr::eq(start, boundary) {
        // The chain keeps its length, wherever it goes on from.
        start.depth.set(outside_depth + start.depth.get().saturating_sub(boundary.depth.get()).max(1));
    }
    boundary.depth.set(outside_depth);
    vm.current.set(start);
    start.state.set(State::Running);
    let outside_limit = vm.record_limit.get();
    let exit = execute(vm, start, entry);
    vm.record_limit.set(outside_limit);
    vm.current.set(outside);
    exit
}

fn execute(vm: &Vm, start: &CoroObj, entry: Entry) -> Exit {
    // SAFETY: the compiler's code is verified: operands, jumps and constants are in range, registers are read only
    // while live, and windows are owned. The coroutine owns its segment; `c` and what it refers to are kept alive by
    // the chain from the boundary, which the caller holds. Pointers into the segment are loaded again after anything
    // that may move it.
    unsafe {
        // What every operation needs, and no more: what is used less often is read from the coroutine, so that these
        // stay in registers of the processor.
        let mut c: *const CoroObj = start;
        let mut code: *const CodeObj;
        let mut ip: *const u64;
        let mut r: *mut u64;
        let mut rec: *mut Record;

        macro_rules! reload {
            () => {{
                let cc = &*c;
                code = cc.code.get();
                ip = cc.ip.get();
                r = cc.mem.get().add(cc.base.get() as usize);
                let end = cc.records_end();
                rec = end.sub(cc.frames.get() as usize);
                let left = (vm.recursion_limit.get()).saturating_sub(cc.depth.get()) as usize;
                vm.record_limit.set(end.wrapping_sub(left));
            }};
        }
        macro_rules! sync {
            () => {{
                let cc = &*c;
                cc.code.set(code);
                cc.ip.set(ip);
                cc.base.set(r.offset_from(cc.mem.get()) as u32);
                cc.frames.set(cc.records_end().offset_from(rec) as u32);
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
            ($e:expr, $again:expr) => {{
                let e = $e;
                match except::unwind(vm, c, e, $again) {
                    Ok(target) => {
                        c = target;
                        reload!();
                        continue;
                    }
                    Err(exit) => return exit,
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
                    Ok(Next::Reload) => {
                        c = vm.current.get();
                        reload!();
                    }
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
        // Arithmetic on two registers: integers, floats, then the protocol.
        macro_rules! arith {
            ($w:expr, $op:expr, |$x:ident, $y:ident| $int:expr, |$fx:ident, $fy:ident| $float:expr) => {{
                let (vx, vy) = (*r.add($w.b() as usize), *r.add($w.c() as usize));
                if (vx & vy) >= INT_TAG {
                    let ($x, $y) = (vx, vy);
                    let result: Option<u64> = $int;
                    if let Some(bits) = result {
                        set_dst!($w, bits);
                        continue;
                    }
                } else if is_float(vx) && is_float(vy) {
                    let ($fx, $fy) = (float_of(vx), float_of(vy));
                    let result: Option<f64> = $float;
                    if let Some(f) = result {
                        set_dst!($w, Value::float(f).into_bits());
                        continue;
                    }
                }
                slow!(slow::binary(vm, &*c, $w, $op));
            }};
        }
        macro_rules! arith_imm {
            ($w:expr, $op:expr, |$x:ident, $y:ident| $int:expr, |$fx:ident, $fy:ident| $float:expr) => {{
                let vx = *r.add($w.b() as usize);
                if vx >= INT_TAG {
                    let ($x, $y) = (vx, $w.c() as i16 as i64);
                    let result: Option<u64> = $int;
                    if let Some(bits) = result {
                        set_dst!($w, bits);
                        continue;
                    }
                } else if is_float(vx) {
                    let ($fx, $fy) = (float_of(vx), $w.c() as i16 as f64);
                    let result: Option<f64> = $float;
                    if let Some(f) = result {
                        set_dst!($w, Value::float(f).into_bits());
                        continue;
                    }
                }
                slow!(slow::binary_imm(vm, &*c, $w, $op));
            }};
        }
        macro_rules! compare {
            ($w:expr, $op:expr) => {{
                let (vx, vy) = (*r.add($w.b() as usize), *r.add($w.c() as usize));
                if (vx & vy) >= INT_TAG {
                    let bits = FALSE | $op.holds(((vx << 13) as i64).cmp(&((vy << 13) as i64))) as u64;
                    set_dst!($w, bits);
                } else if is_float(vx) && is_float(vy) {
                    let bits = FALSE | compare_floats($op, float_of(vx), float_of(vy)) as u64;
                    set_dst!($w, bits);
                } else {
                    slow!(slow::compare(vm, &*c, $w, $op));
                }
            }};
        }
        macro_rules! compare_jump {
            ($w:expr, $op:expr, $when:expr) => {{
                let (vx, vy) = (*r.add($w.a() as usize), *r.add($w.b() as usize));
                let holds = if (vx & vy) >= INT_TAG {
                    $op.holds(((vx << 13) as i64).cmp(&((vy << 13) as i64)))
                } else if is_float(vx) && is_float(vy) {
                    compare_floats($op, float_of(vx), float_of(vy))
                } else {
                    slow!(slow::compare_truth(vm, &*c, $w, $op))
                };
                if holds == $when {
                    jump16!($w);
                }
            }};
        }
        macro_rules! compare_jump_imm {
            ($w:expr, $op:expr, $when:expr) => {{
                let vx = *r.add($w.a() as usize);
                let holds = if vx >= INT_TAG {
                    $op.holds(int_of(vx).cmp(&($w.b() as i16 as i64)))
                } else if is_float(vx) {
                    compare_floats($op, float_of(vx), $w.b() as i16 as f64)
                } else {
                    slow!(slow::compare_truth_imm(vm, &*c, $w, $op))
                };
                if holds == $when {
                    jump16!($w);
                }
            }};
        }
        // Truth of r[a]; the register is dropped if it is a dying temporary.
        macro_rules! truth {
            ($w:expr) => {{
                let v = *r.add($w.a() as usize);
                if v == TRUE {
                    true
                } else if v == FALSE || v == UNDEF | 1 {
                    false
                } else if v >= INT_TAG {
                    int_of(v) != 0
                } else {
                    slow!(slow::truth(vm, &*c, $w))
                }
            }};
        }
        // The result of a frame goes to the window below its registers.
        macro_rules! finish_frame {
            ($result:expr) => {{
                let result: u64 = $result;
                if rec == (*c).records_end() {
                    sync!();
                    // The locals are gone already; only the function is left.
                    (*c).keep_names();
                    release!(*r.sub(1));
                    *r.sub(1) = UNDEF;
                    match coroutine::finished(vm, c, Value::from_owned_bits(result)) {
                        Ok(target) => {
                            c = target;
                            reload!();
                        }
                        Err(coroutine::Leave::Exit(exit)) => return exit,
                        Err(coroutine::Leave::Raise(target, e)) => {
                            c = target;
                            vm.current.set(c);
                            raise!(e, false)
                        }
                    }
                } else {
                    let rr = *rec;
                    let slot = r.sub(1);
                    let ended = std::mem::replace(&mut *slot, result);
                    ip = rr.ip;
                    code = rr.code;
                    r = (*c).mem.get().add(rr.base as usize);
                    rec = rec.add(1);
                    release!(ended);
                    if rr.flags != 0 {
                        debug_assert!(rr.flags == FRAME_INIT);
                        let made = rr.extra;
                        let got = std::mem::replace(&mut *slot, made);
                        if got != UNDEF | 1 {
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

        reload!();
        match entry {
            Entry::Start => {}
            Entry::Send(v) => {
                coroutine::deliver(&*c, v);
                reload!();
            }
            Entry::Throw(e) => match coroutine::throw_into(vm, c, e) {
                Ok(target) => {
                    c = target;
                    reload!();
                }
                Err(exit) => return exit,
            },
        }

        loop {
            let w = Word(*ip);
            ip = ip.add(1);
            debug_assert!((w.op_number() as usize) < aio_bytecode::ops::OPS.len());
            let op: Op = std::mem::transmute(w.op_number());
            match op {
                Op::Move => {
                    let v = *r.add(w.b() as usize);
                    if w.flags() & FB == 0 {
                        retain(v);
                    }
                    set_dst!(w, v);
                }
                Op::LoadK => {
                    let v = (*code).constant(w.bx() as usize).bits();
                    retain(v);
                    set_dst!(w, v);
                }
                Op::Drop => release!(*r.add(w.a() as usize)),
                Op::Unset => {
                    let p = r.add(w.a() as usize);
                    let old = std::mem::replace(&mut *p, UNDEF);
                    release!(old);
                }
                Op::Check => {
                    if *r.add(w.a() as usize) == UNDEF {
                        slow!(globals::unbound_local(vm, &*c, w.bx()));
                    }
                }

                Op::MakeCell => {
                    let p = r.add(w.a() as usize);
                    let cell = vm.cell(Value::from_owned_bits(*p));
                    *p = cell.into_bits();
                }
                Op::LoadCell => {
                    let cell = &*(*r.add(w.b() as usize) as *const CellObj);
                    let v = cell.content.peek().bits();
                    if v == UNDEF {
                        slow!(globals::unbound_local(vm, &*c, w.c() as u32));
                    }
                    retain(v);
                    set_dst!(w, v);
                }
                Op::StoreCell => {
                    let v = *r.add(w.b() as usize);
                    if w.flags() & FB == 0 {
                        retain(v);
                    }
                    let cell = &*(*r.add(w.a() as usize) as *const CellObj);
                    let old = cell.content.replace(Value::from_owned_bits(v));
                    release!(old.into_bits());
                }
                Op::UnsetCell => {
                    let cell = &*(*r.add(w.a() as usize) as *const CellObj);
                    if cell.content.is_empty() {
                        slow!(globals::unbound_local(vm, &*c, w.c() as u32));
                    }
                    release!(cell.content.take().into_bits());
                }
                Op::LoadFree => {
                    let f = &*(*r.sub(1) as *const FunctionObj);
                    let cell = &*(f.closure.get_unchecked(w.b() as usize).bits() as *const CellObj);
                    let v = cell.content.peek().bits();
                    if v == UNDEF {
                        slow!(globals::unbound_free(vm, &*c, w.c() as u32));
                    }
                    retain(v);
                    set_dst!(w, v);
                }
                Op::StoreFree => {
                    let v = *r.add(w.b() as usize);
                    if w.flags() & FB == 0 {
                        retain(v);
                    }
                    let f = &*(*r.sub(1) as *const FunctionObj);
                    let cell = &*(f.closure.get_unchecked(w.a() as usize).bits() as *const CellObj);
                    let old = cell.content.replace(Value::from_owned_bits(v));
                    release!(old.into_bits());
                }
                Op::UnsetFree => {
                    let f = &*(*r.sub(1) as *const FunctionObj);
                    let cell = &*(f.closure.get_unchecked(w.a() as usize).bits() as *const CellObj);
                    if cell.content.is_empty() {
                        slow!(globals::unbound_free(vm, &*c, w.c() as u32));
                    }
                    release!(cell.content.take().into_bits());
                }
                Op::LoadFreeCell => {
                    let f = &*(*r.sub(1) as *const FunctionObj);
                    let v = f.closure.get_unchecked(w.b() as usize).bits();
                    retain(v);
                    set_dst!(w, v);
                }

                Op::LoadGlobal => {
                    let f = &*(*r.sub(1) as *const FunctionObj);
                    let dict = &*(f.globals.bits() as *const DictObj);
                    let (k0, k1) = (*ip, *ip.add(1));
                    ip = ip.add(2);
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
                            set_dst!(w, v);
                            continue;
                        }
                    }
                    let v = slow!(globals::load_global(vm, &*c, w, ip.sub(2) as *mut u64));
                    set_dst!(w, v.into_bits());
                }
                Op::StoreGlobal => {
                    let f = &*(*r.sub(1) as *const FunctionObj);
                    let dict = &*(f.globals.bits() as *const DictObj);
                    let k0 = *ip;
                    ip = ip.add(1);
                    let v = *r.add(w.a() as usize);
                    if w.flags() & FA == 0 {
                        retain(v);
                    }
                    let v = Value::from_owned_bits(v);
                    if k0 as u32 == dict.known_version() && k0 as u32 != 0 {
                        if let Some(old) = dict.set_value_at((k0 >> 32) as usize, v) {
                            release!(old.into_bits());
                        }
                    } else {
                        sync!();
                        globals::store_global(vm, &*c, w, v, ip.sub(1) as *mut u64);
                    }
                }
                Op::UnsetGlobal => slow!(globals::unset_global(vm, &*c, w)),
                Op::LoadName => {
                    let v = slow!(globals::load_name(vm, &*c, w.bx()));
                    set_dst!(w, v.into_bits());
                }
                Op::StoreName => slow!(globals::store_name(vm, &*c, w)),
                Op::UnsetName => slow!(globals::unset_name(vm, &*c, w)),
                Op::LoadNameFree => {
                    let v = slow!(globals::load_name_free(vm, &*c, w));
                    set_dst!(w, v.into_bits());
                }

                Op::GetAttr => {
                    let v = *r.add(w.b() as usize);
                    let k0 = *ip;
                    ip = ip.add(2);
                    if is_ptr(v) {
                        let kind = kind_of(v);
                        if kind == Kind::Instance {
                            let i = &*(v as *const InstanceObj);
                            if k0 as u32 == i.shape.get() && k0 as u32 != 0 {
                                let x = i.slot((k0 >> 32) as usize).bits();
                                retain(x);
                                set_dst!(w, x);
                                if w.flags() & FB != 0 {
                                    release!(v);
                                }
                                continue;
                            }
                        } else if kind == Kind::Module && k0 != 0 {
                            let m = &*(v as *const ModuleObj);
                            let dict = &*(m.dict.peek().bits() as *const DictObj);
                            if k0 as u32 == dict.known_version()
                                && let Some(x) = dict.value_at((k0 >> 32) as usize)
                            {
                                let x = x.bits();
                                retain(x);
                                set_dst!(w, x);
                                if w.flags() & FB != 0 {
                                    release!(v);
                                }
                                continue;
                            }
                        }
                    }
                    slow!(slow::get_attr(vm, &*c, w, ip.sub(2) as *mut u64));
                }
                Op::SetAttr => {
                    let obj = *r.add(w.a() as usize);
                    let (k0, k1) = (*ip, *ip.add(1));
                    ip = ip.add(2);
                    if is_ptr(obj) && kind_of(obj) == Kind::Instance {
                        let i = &*(obj as *const InstanceObj);
                        if k0 as u32 == i.shape.get() && k0 as u32 != 0 && i.has_room((k0 >> 32) as usize) {
                            let v = *r.add(w.b() as usize);
                            if w.flags() & FB == 0 {
                                retain(v);
                            }
                            let old = i.set_slot((k0 >> 32) as usize, Value::from_owned_bits(v));
                            if k1 != 0 {
                                i.shape.set(k1 as u32);
                            }
                            release!(old.into_bits());
                            if w.flags() & FA != 0 {
                                release!(obj);
                            }
                            continue;
                        }
                    }
                    slow!(slow::set_attr(vm, &*c, w, ip.sub(2) as *mut u64));
                }
                Op::UnsetAttr => slow!(slow::unset_attr(vm, &*c, w)),
                Op::GetMethod => {
                    let v = *r.add(w.b() as usize);
                    let (k0, k1) = (*ip, *ip.add(1));
                    ip = ip.add(2);
                    if k1 != 0 && is_ptr(v) {
                        let h = &*(v as *const Header);
                        let hit = if k1 == slow::MODULE_METHOD {
                            if h.kind.get() == Kind::Module {
                                let dict = &*((*(v as *const ModuleObj)).dict.peek().bits() as *const DictObj);
                                if k0 as u32 == dict.known_version() {
                                    dict.value_at((k0 >> 32) as usize).map(|x| (x.bits(), UNDEF))
                                } else {
                                    None
                                }
                            } else {
                                None
                            }
                        } else if k0 as u32 == h.class().version()
                            && ((k0 >> 32) as u32 == u32::MAX
                                || h.kind.get() == Kind::Instance
                                    && (*(v as *const InstanceObj)).shape.get() == (k0 >> 32) as u32)
                        {
                            Some((k1, v))
                        } else {
                            None
                        };
                        if let Some((f, receiver)) = hit {
                            retain(f);
                            if w.flags() & FB == 0 {
                                retain(receiver);
                            } else if receiver == UNDEF {
                                release!(v);
                            }
                            let p = r.add(w.a() as usize);
                            *p = f;
                            *p.add(1) = receiver;
                            continue;
                        }
                    }
                    slow!(slow::get_method(vm, &*c, w, ip.sub(2) as *mut u64));
                }
                Op::GetSpecial => slow!(slow::get_special(vm, &*c, w)),
                Op::SuperAttr => slow!(slow::super_attr(vm, &*c, w, false)),
                Op::SuperMethod => slow!(slow::super_attr(vm, &*c, w, true)),
                Op::GetItem => {
                    let (obj, key) = (*r.add(w.b() as usize), *r.add(w.c() as usize));
                    if is_ptr(obj) && key >= INT_TAG {
                        let i = int_of(key);
                        let found = match kind_of(obj) {
                            Kind::List if slow::is_exact(vm, obj) => {
                                let items = (*(obj as *const ListObj)).as_slice();
                                let i = if i < 0 { i + items.len() as i64 } else { i };
                                items.get(i as usize)
                            }
                            Kind::Tuple if slow::is_exact(vm, obj) => {
                                let items = (*(obj as *const TupleObj)).items();
                                let i = if i < 0 { i + items.len() as i64 } else { i };
                                items.get(i as usize)
                            }
                            _ => None,
                        };
                        if let Some(x) = found {
                            let x = x.bits();
                            retain(x);
                            set_dst!(w, x);
                            if w.flags() & FB != 0 {
                                release!(obj);
                            }
                            continue;
                        }
                    }
                    slow!(slow::get_item(vm, &*c, w));
                }
                Op::GetItemI => {
                    let obj = *r.add(w.b() as usize);
                    if is_ptr(obj) {
                        let i = w.c() as i16 as i64;
                        let found = match kind_of(obj) {
                            Kind::List if slow::is_exact(vm, obj) => {
                                let items = (*(obj as *const ListObj)).as_slice();
                                let i = if i < 0 { i + items.len() as i64 } else { i };
                                items.get(i as usize)
                            }
                            Kind::Tuple if slow::is_exact(vm, obj) => {
                                let items = (*(obj as *const TupleObj)).items();
                                let i = if i < 0 { i + items.len() as i64 } else { i };
                                items.get(i as usize)
                            }
                            _ => None,
                        };
                        if let Some(x) = found {
                            let x = x.bits();
                            retain(x);
                            set_dst!(w, x);
                            if w.flags() & FB != 0 {
                                release!(obj);
                            }
                            continue;
                        }
                    }
                    slow!(slow::get_item_imm(vm, &*c, w));
                }
                Op::SetItem => {
                    let (obj, key) = (*r.add(w.a() as usize), *r.add(w.b() as usize));
                    if is_ptr(obj) && key >= INT_TAG && kind_of(obj) == Kind::List && slow::is_exact(vm, obj) {
                        let list = &*(obj as *const ListObj);
                        let i = int_of(key);
                        let i = if i < 0 { i + list.len() as i64 } else { i };
                        if (i as u64) < list.len() as u64 {
                            let v = *r.add(w.c() as usize);
                            if w.flags() & FC == 0 {
                                retain(v);
                            }
                            if let Some(old) = list.set(i as usize, Value::from_owned_bits(v)) {
                                release!(old.into_bits());
                            }
                            if w.flags() & FA != 0 {
                                release!(obj);
                            }
                            continue;
                        }
                    }
                    slow!(slow::set_item(vm, &*c, w));
                }
                Op::UnsetItem => slow!(slow::unset_item(vm, &*c, w)),
                Op::MakeSlice => build::make_slice(vm, r, w),

                Op::Neg => slow!(slow::unary(vm, &*c, w, Unary::Neg)),
                Op::Pos => slow!(slow::unary(vm, &*c, w, Unary::Pos)),
                Op::Invert => slow!(slow::unary(vm, &*c, w, Unary::Invert)),
                Op::Not => {
                    let v = *r.add(w.b() as usize);
                    let truth = if v == TRUE {
                        true
                    } else if v == FALSE || v == UNDEF | 1 {
                        false
                    } else {
                        slow!(slow::truth_b(vm, &*c, w))
                    };
                    set_dst!(w, FALSE | !truth as u64);
                }
                Op::Add => arith!(
                    w,
                    Binary::Add,
                    |x, y| ((x << 13) as i64).checked_add((y << 13) as i64).map(|s| INT_TAG | (s as u64 >> 13)),
                    |x, y| Some(x + y)
                ),
                Op::Sub => arith!(
                    w,
                    Binary::Sub,
                    |x, y| ((x << 13) as i64).checked_sub((y << 13) as i64).map(|s| INT_TAG | (s as u64 >> 13)),
                    |x, y| Some(x - y)
                ),
                Op::Mul => arith!(
                    w,
                    Binary::Mul,
                    |x, y| ((x << 13) as i64).checked_mul(int_of(y)).map(|s| INT_TAG | (s as u64 >> 13)),
                    |x, y| Some(x * y)
                ),
                Op::Div => arith!(
                    w,
                    Binary::Div,
                    |x, y| if int_of(y) != 0 {
                        Some(Value::float(int_of(x) as f64 / int_of(y) as f64).into_bits())
                    } else {
                        None
                    },
                    |x, y| if y != 0.0 { Some(x / y) } else { None }
                ),
                Op::FloorDiv => arith!(
                    w,
                    Binary::FloorDiv,
                    |x, y| {
                        let (x, y) = (int_of(x), int_of(y));
                        if y != 0 && y != -1 { Some(small_bits(floor_div(x, y))) } else { None }
                    },
                    |_x, _y| None
                ),
                Op::Mod => arith!(
                    w,
                    Binary::Mod,
                    |x, y| {
                        let (x, y) = (int_of(x), int_of(y));
                        if y != 0 { Some(small_bits(floor_mod(x, y))) } else { None }
                    },
                    |_x, _y| None
                ),
                Op::Pow => arith!(w, Binary::Pow, |_x, _y| None, |x, y| if x > 0.0 {
                    let p = x.powf(y);
                    if p.is_finite() { Some(p) } else { None }
                } else {
                    None
                }),
                Op::MatMul => slow!(slow::binary(vm, &*c, w, Binary::MatMul)),
                Op::LShift => slow!(slow::binary(vm, &*c, w, Binary::LShift)),
                Op::RShift => arith!(
                    w,
                    Binary::RShift,
                    |x, y| {
                        let n = int_of(y);
                        if (0..64).contains(&n) { Some(small_bits(int_of(x) >> n)) } else { None }
                    },
                    |_x, _y| None
                ),
                Op::And => arith!(w, Binary::And, |x, y| Some(x & y), |_x, _y| None),
                Op::Or => arith!(w, Binary::Or, |x, y| Some(x | y), |_x, _y| None),
                Op::Xor => arith!(w, Binary::Xor, |x, y| Some((x ^ y) | INT_TAG), |_x, _y| None),
                Op::AddI => arith_imm!(
                    w,
                    Binary::Add,
                    |x, y| ((x << 13) as i64).checked_add(y << 13).map(|s| INT_TAG | (s as u64 >> 13)),
                    |x, y| Some(x + y)
                ),
                Op::SubI => arith_imm!(
                    w,
                    Binary::Sub,
                    |x, y| ((x << 13) as i64).checked_sub(y << 13).map(|s| INT_TAG | (s as u64 >> 13)),
                    |x, y| Some(x - y)
                ),
                Op::MulI => arith_imm!(
                    w,
                    Binary::Mul,
                    |x, y| ((x << 13) as i64).checked_mul(y).map(|s| INT_TAG | (s as u64 >> 13)),
                    |x, y| Some(x * y)
                ),
                Op::FloorDivI => arith_imm!(
                    w,
                    Binary::FloorDiv,
                    |x, y| if y == -1 { None } else { Some(small_bits(floor_div(int_of(x), y))) },
                    |_x, _y| None
                ),
                Op::ModI => {
                    arith_imm!(w, Binary::Mod, |x, y| Some(small_bits(floor_mod(int_of(x), y))), |_x, _y| None)
                }
                Op::AndI => arith_imm!(w, Binary::And, |x, y| Some(small_bits(int_of(x) & y)), |_x, _y| None),
                Op::LShiftI => arith_imm!(
                    w,
                    Binary::LShift,
                    |x, y| {
                        let n = int_of(x);
                        let s = n.checked_shl(y as u32).unwrap_or(0);
                        if y < 50 && s >> y == n && fits(s) { Some(small_bits(s)) } else { None }
                    },
                    |_x, _y| None
                ),
                Op::RShiftI => {
                    arith_imm!(w, Binary::RShift, |x, y| Some(small_bits(int_of(x) >> y.min(63))), |_x, _y| None)
                }

                Op::Eq => compare!(w, Compare::Eq),
                Op::Ne => compare!(w, Compare::Ne),
                Op::Lt => compare!(w, Compare::Lt),
                Op::Le => compare!(w, Compare::Le),
                Op::Gt => compare!(w, Compare::Gt),
                Op::Ge => compare!(w, Compare::Ge),
                Op::Is => {
                    let same = slow::is_same(r, w);
                    set_dst!(w, FALSE | same as u64);
                }
                Op::IsNot => {
                    let same = slow::is_same(r, w);
                    set_dst!(w, FALSE | !same as u64);
                }
                Op::In => {
                    let found = slow!(slow::contains_bc(vm, &*c, w));
                    set_dst!(w, FALSE | found as u64);
                }
                Op::NotIn => {
                    let found = slow!(slow::contains_bc(vm, &*c, w));
                    set_dst!(w, FALSE | !found as u64);
                }

                Op::Jump => jump32!(w),
                Op::Loop => {
                    // Before the jump: an interrupt is raised inside of the loop, where its handlers are.
                    tick!();
                    jump32!(w);
                }
                Op::JumpTrue => {
                    if truth!(w) {
                        jump32!(w);
                    }
                }
                Op::JumpFalse => {
                    if !truth!(w) {
                        jump32!(w);
                    }
                }
                Op::JumpTrueKeep => {
                    let v = borrow_bits(*r.add(w.a() as usize));
                    if slow!(slow::truth_keep(vm, &*c, w, &v)) {
                        jump32!(w);
                    } else {
                        release!(*r.add(w.a() as usize));
                    }
                }
                Op::JumpFalseKeep => {
                    let v = borrow_bits(*r.add(w.a() as usize));
                    if slow!(slow::truth_keep(vm, &*c, w, &v)) {
                        release!(*r.add(w.a() as usize));
                    } else {
                        jump32!(w);
                    }
                }
                Op::JumpNone => {
                    let v = *r.add(w.a() as usize);
                    if v == UNDEF | 1 {
                        jump32!(w);
                    } else if w.flags() & FA != 0 {
                        release!(v);
                    }
                }
                Op::JumpNotNone => {
                    let v = *r.add(w.a() as usize);
                    if v != UNDEF | 1 {
                        jump32!(w);
                        if w.flags() & FA != 0 {
                            release!(v);
                        }
                    }
                }
                Op::JumpEq => compare_jump!(w, Compare::Eq, true),
                Op::JumpNe => compare_jump!(w, Compare::Ne, true),
                Op::JumpLt => compare_jump!(w, Compare::Lt, true),
                Op::JumpLe => compare_jump!(w, Compare::Le, true),
                Op::JumpGt => compare_jump!(w, Compare::Gt, true),
                Op::JumpGe => compare_jump!(w, Compare::Ge, true),
                Op::JumpNotEq => compare_jump!(w, Compare::Eq, false),
                Op::JumpNotNe => compare_jump!(w, Compare::Ne, false),
                Op::JumpNotLt => compare_jump!(w, Compare::Lt, false),
                Op::JumpNotLe => compare_jump!(w, Compare::Le, false),
                Op::JumpNotGt => compare_jump!(w, Compare::Gt, false),
                Op::JumpNotGe => compare_jump!(w, Compare::Ge, false),
                Op::JumpEqI => compare_jump_imm!(w, Compare::Eq, true),
                Op::JumpNeI => compare_jump_imm!(w, Compare::Ne, true),
                Op::JumpLtI => compare_jump_imm!(w, Compare::Lt, true),
                Op::JumpLeI => compare_jump_imm!(w, Compare::Le, true),
                Op::JumpGtI => compare_jump_imm!(w, Compare::Gt, true),
                Op::JumpGeI => compare_jump_imm!(w, Compare::Ge, true),
                Op::JumpNotEqI => compare_jump_imm!(w, Compare::Eq, false),
                Op::JumpNotNeI => compare_jump_imm!(w, Compare::Ne, false),
                Op::JumpNotLtI => compare_jump_imm!(w, Compare::Lt, false),
                Op::JumpNotLeI => compare_jump_imm!(w, Compare::Le, false),
                Op::JumpNotGtI => compare_jump_imm!(w, Compare::Gt, false),
                Op::JumpNotGeI => compare_jump_imm!(w, Compare::Ge, false),
                Op::JumpIs => {
                    if slow::is_same_ab(r, w) {
                        jump16!(w);
                    }
                }
                Op::JumpIsNot => {
                    if !slow::is_same_ab(r, w) {
                        jump16!(w);
                    }
                }
                Op::JumpIn => {
                    if slow!(slow::contains_ab(vm, &*c, w)) {
                        jump16!(w);
                    }
                }
                Op::JumpNotIn => {
                    if !slow!(slow::contains_ab(vm, &*c, w)) {
                        jump16!(w);
                    }
                }

                Op::GetIter => slow!(slow::get_iter(vm, &*c, w)),
                Op::ForIter => {
                    let it = *r.add(w.a() as usize);
                    let dst = r.add(w.b() as usize);
                    if is_ptr(it) {
                        let kind = kind_of(it);
                        if kind == Kind::Iter {
                            let state = (*(it as *const IterObj)).state();
                            let item = match state {
                                IterState::Range(next, left, step) => {
                                    if *left == 0 {
                                        None
                                    } else {
                                        let n = *next;
                                        *left -= 1;
                                        *next = n.wrapping_add(*step);
                                        Some(if fits(n) { small_bits(n) } else { vm.int(n).into_bits() })
                                    }
                                }
                                IterState::List(list, i) => {
                                    let items = (*(list.bits() as *const ListObj)).as_slice();
                                    let item = items.get(*i).map(|x| {
                                        retain(x.bits());
                                        x.bits()
                                    });
                                    *i += 1;
                                    item
                                }
                                _ => slow!(slow::iter_next(vm, &*c, w)).map(Value::into_bits),
                            };
                            match item {
                                Some(bits) => {
                                    if w.flags() & FB != 0 {
                                        let old = *dst;
                                        *dst = bits;
                                        release!(old);
                                    } else {
                                        *dst = bits;
                                    }
                                }
                                None => {
                                    release!(it);
                                    jump16!(w);
                                }
                            }
                            continue;
                        }
                        if kind == Kind::Coro && (*(it as *const CoroObj)).kind.get() == CoroKind::Generator {
                            let g = &*(it as *const CoroObj);
                            if g.state.get() == State::Suspended
                                && std::ptr::eq(g.inner.get(), g)
                                && std::ptr::eq(g.root.get(), g)
                            {
                                let at = Word(*g.ip.get());
                                sync!();
                                let depth = (*c).depth.get() + (*c).frames.get() + 1;
                                let limit = vm.recursion_limit.get();
                                if at.op_number() == Op::Yield as u8 && at.flags() & FA == 0 && depth < limit {
                                    // It goes on in its outermost frame, at its yield: the short form of `reload`.
                                    g.parent.set(c);
                                    g.mode.set(Mode::For);
                                    g.root.set(g);
                                    g.depth.set(depth);
                                    g.state.set(State::Running);
                                    c = g;
                                    vm.current.set(c);
                                    code = g.code.get();
                                    ip = g.ip.get().add(1);
                                    r = g.mem.get().add(OUTERMOST as usize);
                                    *r.add(at.a() as usize) = UNDEF | 1;
                                    rec = g.records_end();
                                    vm.record_limit.set(rec.wrapping_sub((limit - depth) as usize));
                                    continue;
                                }
                            }
                            if g.state.get() == State::Suspended || g.state.get() == State::Created {
                                sync!();
                                let inner = slow!(coroutine::step_generator(vm, &*c, g));
                                c = inner;
                                vm.current.set(c);
                                reload!();
                                continue;
                            }
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
                Op::GetAIter => slow!(coroutine::get_aiter(vm, &*c, w)),
                Op::GetANext => slow!(coroutine::get_anext(vm, &*c, w)),
                Op::EndAsyncFor => {
                    let e = crate::error::Raised(Value::from_owned_bits(*r.add(w.a() as usize)));
                    if e.is(vm.types.stop_async_iteration.get()) {
                        drop(e.0);
                    } else {
                        sync!();
                        raise!(e, true)
                    }
                }

                Op::Call | Op::CallMethod => {
                    let mut a = w.a() as usize;
                    let mut n = w.b() as usize;
                    if op == Op::CallMethod {
                        if *r.add(a + 1) == UNDEF {
                            // A plain callable: close the gap below the arguments.
                            std::ptr::copy(r.add(a + 2), r.add(a + 1), n);
                        } else {
                            n += 1;
                        }
                    }
                    let f = *r.add(a);
                    if is_ptr(f) {
                        let kind = kind_of(f);
                        if kind == Kind::Function {
                            let callee: *const CodeObj = (*(f as *const FunctionObj)).code();
                            if (*callee).direct as usize == n {
                                let nr = r.add(a + 1);
                                let top = nr.add((*callee).registers as usize);
                                if top.add(RECORD_WORDS) <= rec as *mut u64 && rec > vm.record_limit.get() {
                                    rec = rec.sub(1);
                                    let base = r.offset_from((*c).mem.get()) as u32;
                                    rec.write(Record { ip, code, base, flags: 0, extra: 0 });
                                    r = nr;
                                    code = callee;
                                    ip = (*callee).start();
                                    let locals = (*callee).locals as usize;
                                    for i in n..locals {
                                        *r.add(i) = UNDEF;
                                    }
                                    tick!();
                                    continue;
                                }
                            }
                        } else if kind == Kind::Native {
                            let args = std::slice::from_raw_parts(r.add(a + 1) as *const Value, n);
                            sync!();
                            let result = vm.call_native(&*(f as *const NativeObj), args, &[]);
                            for i in 0..n {
                                release!(*r.add(a + 1 + i));
                            }
                            release!(f);
                            match result {
                                Ok(v) => *r.add(a) = v.into_bits(),
                                Err(e) => raise!(e, false),
                            }
                            continue;
                        } else if kind == Kind::Class {
                            let class = &*(f as *const ClassObj);
                            let made_by = class.constructor();
                            if made_by.is_null() {
                            } else if (*made_by).kind.get() == Kind::Native {
                                // The class stands where `__new__` wants it: before the arguments.
                                let args = std::slice::from_raw_parts(r.add(a) as *const Value, n + 1);
                                sync!();
                                let result = vm.construct_native(&*(made_by as *const NativeObj), args, &[]);
                                for i in 0..n {
                                    release!(*r.add(a + 1 + i));
                                }
                                release!(f);
                                match result {
                                    Ok(v) => *r.add(a) = v.into_bits(),
                                    Err(e) => raise!(e, false),
                                }
                                continue;
                            } else {
                                let callee: *const CodeObj = (*(made_by as *const FunctionObj)).code();
                                let nr = r.add(a + 1);
                                let top = nr.add((*callee).registers as usize);
                                if (*callee).direct as usize == n + 1
                                    && top.add(RECORD_WORDS) <= rec as *mut u64
                                    && rec > vm.record_limit.get()
                                {
                                    let instance = vm.instance(class).into_bits();
                                    retain(instance);
                                    std::ptr::copy(nr, nr.add(1), n);
                                    *nr = instance;
                                    retain(made_by as u64);
                                    *r.add(a) = made_by as u64;
                                    // The instance keeps its class alive.
                                    drop_pointer(f);
                                    rec = rec.sub(1);
                                    let base = r.offset_from((*c).mem.get()) as u32;
                                    rec.write(Record { ip, code, base, flags: FRAME_INIT, extra: instance });
                                    r = nr;
                                    code = callee;
                                    ip = (*callee).start();
                                    for i in n + 1..(*callee).locals as usize {
                                        *r.add(i) = UNDEF;
                                    }
                                    tick!();
                                    continue;
                                }
                            }
                        }
                    }
                    a = w.a() as usize;
                    frames!(call::call(vm, &*c, a, n, None, w.flags() & X1 != 0));
                }
                Op::CallKw | Op::CallMethodKw => {
                    let a = w.a() as usize;
                    let mut n = w.b() as usize;
                    if op == Op::CallMethodKw {
                        if *r.add(a + 1) == UNDEF {
                            std::ptr::copy(r.add(a + 2), r.add(a + 1), n);
                        } else {
                            n += 1;
                        }
                    }
                    let names = (*code).constant(w.c() as usize).clone();
                    frames!(call::call(vm, &*c, a, n, Some(&names), w.flags() & X1 != 0));
                }
                Op::CallEx => frames!(call::call_ex(vm, &*c, w)),
                Op::MakeFunction => slow!(build::make_function(vm, &*c, w)),
                Op::Return => {
                    let at = w.a() as usize;
                    let result = *r.add(at);
                    let locals = (*code).locals as usize;
                    if w.flags() & FA == 0 {
                        *r.add(at) = UNDEF;
                    }
                    for i in 0..locals {
                        let v = *r.add(i);
                        if is_ptr(v) {
                            // A finaliser may look at this frame: what is gone must not be seen.
                            *r.add(i) = UNDEF;
                            release!(v);
                        }
                    }
                    finish_frame!(result);
                }
                Op::ReturnNone => {
                    let locals = (*code).locals as usize;
                    for i in 0..locals {
                        let v = *r.add(i);
                        if is_ptr(v) {
                            // A finaliser may look at this frame: what is gone must not be seen.
                            *r.add(i) = UNDEF;
                            release!(v);
                        }
                    }
                    finish_frame!(UNDEF | 1);
                }

                Op::Yield => {
                    let v = *r.add(w.b() as usize);
                    if w.flags() & FB == 0 {
                        retain(v);
                    }
                    ip = ip.sub(1);
                    let me = &*c;
                    if me.mode.get() == Mode::For && std::ptr::eq(me.root.get(), c) {
                        // A generator in its consumer's `for`: a yield stands in its outermost frame.
                        me.ip.set(ip);
                        me.code.set(code);
                        me.base.set(OUTERMOST);
                        me.frames.set(0);
                        me.state.set(State::Suspended);
                        c = me.parent.get();
                        vm.current.set(c);
                        reload!();
                        let at = Word(*ip.sub(1));
                        let p = r.add(at.b() as usize);
                        let old = std::mem::replace(&mut *p, v);
                        if at.flags() & FB != 0 {
                            release!(old);
                        }
                        continue;
                    }
                    sync!();
                    match coroutine::yielded(vm, c, Value::from_owned_bits(v)) {
                        Ok(target) => {
                            c = target;
                            vm.current.set(c);
                            reload!();
                        }
                        Err(exit) => return exit,
                    }
                }
                Op::GetYieldFrom => slow!(coroutine::get_yield_from(vm, &*c, w)),
                Op::GetAwait => slow!(coroutine::get_await(vm, &*c, w)),
                Op::Await => {
                    sync!();
                    match coroutine::await_step(vm, &*c, w) {
                        coroutine::Awaited::Done => {}
                        coroutine::Awaited::Enter(target) => {
                            c = target;
                            vm.current.set(c);
                            reload!();
                        }
                        coroutine::Awaited::Exit(exit) => return exit,
                        coroutine::Awaited::Raise(e) => raise!(e, false),
                    }
                }

                Op::Raise => {
                    sync!();
                    let e = except::raise_value(vm, (*c).src_a(w).into_value());
                    raise!(e, false)
                }
                Op::RaiseFrom => {
                    sync!();
                    let value = (*c).src_a(w).into_value();
                    let cause = (*c).src_b(w).into_value();
                    let e = except::raise_from(vm, value, cause);
                    raise!(e, false)
                }
                Op::RaiseAgain => {
                    sync!();
                    match vm.handled() {
                        Some(e) => raise!(crate::error::Raised(e), true),
                        None => raise!(vm.runtime_error("No active exception to reraise"), false),
                    }
                }
                Op::Reraise => {
                    sync!();
                    let e = crate::error::Raised((*c).take(w.a() as usize));
                    raise!(e, true)
                }
                Op::PushHandled => {
                    let v = borrow_bits(*r.add(w.b() as usize));
                    let old = (*c).handled.replace((*v).clone());
                    *r.add(w.a() as usize) = old.into_bits();
                }
                Op::PopHandled => {
                    let v = Value::from_owned_bits(*r.add(w.a() as usize));
                    (*c).handled.set(v);
                }
                Op::JumpNotMatch => {
                    if !slow!(except::matches(vm, &*c, w)) {
                        jump16!(w);
                    }
                }
                Op::StarMatch => slow!(except::star_match(vm, &*c, w)),
                Op::StarEnd => slow!(except::star_end(vm, &*c, w)),
                Op::ExcArgs => except::exc_args(vm, r, w),

                Op::MakeTuple => build::make_tuple(vm, r, w),
                Op::MakeList => build::make_list(vm, r, w),
                Op::MakeSet => slow!(build::make_set(vm, &*c, w)),
                Op::MakeDict => slow!(build::make_dict(vm, &*c, w)),
                Op::MakeStr => slow!(build::make_str(vm, &*c, w)),
                Op::Format => slow!(build::format(vm, &*c, w)),
                Op::ListAppend => {
                    let v = *r.add(w.b() as usize);
                    if w.flags() & FB == 0 {
                        retain(v);
                    }
                    (*(*r.add(w.a() as usize) as *const ListObj)).push(Value::from_owned_bits(v));
                }
                Op::ListExtend => slow!(build::list_extend(vm, &*c, w)),
                Op::ListToTuple => build::list_to_tuple(vm, r, w),
                Op::SetAdd => slow!(build::set_add(vm, &*c, w)),
                Op::SetUpdate => slow!(build::set_update(vm, &*c, w)),
                Op::DictSet => slow!(build::dict_set(vm, &*c, w)),
                Op::DictUpdate => slow!(build::dict_update(vm, &*c, w)),
                Op::DictMerge => slow!(build::dict_merge(vm, &*c, w)),
                Op::Unpack => slow!(build::unpack(vm, &*c, w)),
                Op::UnpackEx => slow!(build::unpack_ex(vm, &*c, w)),

                Op::Import => slow!(globals::import(vm, &*c, w)),
                Op::ImportFrom => slow!(globals::import_from(vm, &*c, w)),
                Op::ImportStar => slow!(globals::import_star(vm, &*c, w)),

                Op::MatchSequence => {
                    sync!();
                    pattern::match_kind(vm, &*c, w, true);
                }
                Op::MatchMapping => {
                    sync!();
                    pattern::match_kind(vm, &*c, w, false);
                }
                Op::MatchKeys => slow!(pattern::match_keys(vm, &*c, w)),
                Op::MatchRest => slow!(pattern::match_rest(vm, &*c, w)),
                Op::MatchClass => slow!(pattern::match_class(vm, &*c, w)),
                Op::Len => slow!(slow::len(vm, &*c, w)),

                Op::BuildClass => slow!(globals::build_class(vm, &*c, w)),
                Op::SetupAnnotations => slow!(globals::setup_annotations(vm, &*c, w.flags() & X0 != 0)),
                Op::Intrinsic => slow!(pattern::intrinsic(vm, &*c, w)),
            }
        }
    }
}
