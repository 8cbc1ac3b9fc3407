//! Frames and tracebacks.

use crate::builtins::object::{readonly, text_of};
use crate::error::R;
use crate::native::{Args, TypeTable, getter, method, property, static_method};
use crate::object::exception::TraceEntry;
use crate::object::{FrameObj, TracebackObj};
use crate::value::Value;
use crate::vm::Vm;

pub(crate) static FRAME: TypeTable = TypeTable {
    doc: "The execution of a function, as far as it can be seen from outside.",
    rows: &[
        method("__repr__(self, /)", repr, "Return repr(self)."),
        method("clear(self, /)", clear, "Give up what the frame holds."),
        property("f_code(self)", code, readonly, "the code object"),
        getter("f_lineno(self)", line, "the line"),
        getter("f_lasti(self)", last, "the instruction"),
        property("f_globals(self)", globals, readonly, "the module's names"),
        property("f_builtins(self)", builtins, readonly, "the names behind those of the module"),
        getter("f_locals(self)", locals, "the local variables"),
        property("f_back(self)", back, readonly, "the caller's frame"),
        getter("f_trace(self)", nothing, "not used"),
    ],
    next: None,
};

pub(crate) static TRACEBACK: TypeTable = TypeTable {
    doc: "A step of the way that an exception went.",
    rows: &[
        static_method("__new__(cls, tb_next, tb_frame, tb_lasti, tb_lineno)", new, "Create a traceback."),
        method("__dir__(self, /)", dir, "List the attributes."),
        property("tb_frame(self)", tb_frame, readonly, "the frame"),
        getter("tb_lineno(self)", tb_line, "the line"),
        property("tb_lasti(self)", tb_last, readonly, "the instruction"),
        property("tb_next(self)", tb_next, set_tb_next, "the next step"),
    ],
    next: None,
};

fn frame<'a>(vm: &Vm, v: &'a Value) -> R<&'a FrameObj> {
    v.as_frame().ok_or_else(|| vm.type_error(format!("a frame is required, not '{}'", vm.type_name(v))))
}

fn line_of(f: &FrameObj) -> u32 {
    f.code.as_code().map_or(0, |c| c.line(f.pc))
}

fn repr(vm: &Vm, a: &Args) -> R {
    let f = frame(vm, &a[0])?;
    let (file, name) = match f.code.as_code() {
        Some(c) => (c.template.filename.to_string(), text_of(c.name())),
        None => Default::default(),
    };
    let at = vm.id_of(&a[0]);
    Ok(vm.str(&format!("<frame at {at:#x}, file '{file}', line {}, code {name}>", line_of(f))))
}

fn clear(vm: &Vm, a: &Args) -> R {
    let f = frame(vm, &a[0])?;
    drop((f.locals.take(), f.kept.take()));
    Ok(Value::NONE)
}

fn code(vm: &Vm, a: &Args) -> R {
    Ok(frame(vm, &a[0])?.code.clone())
}

fn line(vm: &Vm, a: &Args) -> R {
    Ok(vm.int(line_of(frame(vm, &a[0])?) as i64))
}

fn last(vm: &Vm, a: &Args) -> R {
    Ok(vm.int(frame(vm, &a[0])?.pc as i64 * 2))
}

fn globals(vm: &Vm, a: &Args) -> R {
    Ok(frame(vm, &a[0])?.globals.clone().defined().unwrap_or_else(|| vm.dict()))
}

fn builtins(vm: &Vm, _a: &Args) -> R {
    Ok(vm.builtins())
}

fn locals(vm: &Vm, a: &Args) -> R {
    let f = frame(vm, &a[0])?;
    if let Some(l) = f.locals.defined() {
        return Ok(l);
    }
    if let Some(kept) = vm.kept_locals(f.kept.peek()) {
        f.locals.set(kept.clone());
        return Ok(kept);
    }
    let module = f.code.as_code().is_some_and(|c| c.template.flags & aio_bytecode::code::MODULE != 0);
    let fresh = if module { f.globals.clone() } else { vm.dict() };
    f.locals.set(fresh.clone());
    Ok(fresh)
}

fn back(vm: &Vm, a: &Args) -> R {
    Ok(frame(vm, &a[0])?.back.defined().unwrap_or(Value::NONE))
}

fn nothing(_vm: &Vm, _a: &Args) -> R {
    Ok(Value::NONE)
}

fn traceback<'a>(vm: &Vm, v: &'a Value) -> R<&'a TracebackObj> {
    v.as_traceback().ok_or_else(|| vm.type_error(format!("a traceback is required, not '{}'", vm.type_name(v))))
}

fn new(vm: &Vm, a: &Args) -> R {
    if !a[1].is_none() && a[1].as_traceback().is_none() {
        let what = vm.type_name(&a[1]);
        return Err(vm.type_error(format!("expected traceback object or None, got '{what}'")));
    }
    let Some(f) = a[2].as_frame() else {
        return Err(vm.bad_argument("traceback() argument 'tb_frame'", "frame", &a[2]));
    };
    let last = vm.index(&a[3])?;
    let number = vm.index(&a[4])?;
    let pc = u32::try_from(last / 2).unwrap_or(0);
    let entry = TraceEntry { code: f.code.clone(), globals: f.globals.clone(), pc, kept: Value::UNDEF };
    let made = vm.traceback(&entry, a[1].clone());
    if let Some(t) = made.as_traceback() {
        t.line.set(u32::try_from(number).unwrap_or(0));
    }
    Ok(made)
}

fn dir(vm: &Vm, _a: &Args) -> R {
    let names = ["tb_frame", "tb_next", "tb_lasti", "tb_lineno"];
    Ok(vm.list(names.iter().map(|n| vm.intern(n)).collect()))
}

fn tb_frame(vm: &Vm, a: &Args) -> R {
    Ok(traceback(vm, &a[0])?.frame.clone())
}

fn tb_line(vm: &Vm, a: &Args) -> R {
    Ok(vm.int(traceback(vm, &a[0])?.line.get() as i64))
}

fn tb_last(vm: &Vm, a: &Args) -> R {
    Ok(vm.int(traceback(vm, &a[0])?.pc as i64 * 2))
}

fn tb_next(vm: &Vm, a: &Args) -> R {
    Ok(traceback(vm, &a[0])?.next.defined().unwrap_or(Value::NONE))
}

fn set_tb_next(vm: &Vm, a: &Args) -> R {
    let Some(v) = a.get(1) else { return Err(vm.type_error("can't delete tb_next attribute")) };
    if !v.is_none() && v.as_traceback().is_none() {
        let what = vm.type_name(v);
        return Err(vm.type_error(format!("expected traceback object, got '{what}'")));
    }
    let mut at = v.clone();
    while let Some(t) = at.as_traceback() {
        if at.is(&a[0]) {
            return Err(vm.value_error("traceback loop detected"));
        }
        let next = t.next.defined().unwrap_or(Value::NONE);
        at = next;
    }
    traceback(vm, &a[0])?.next.set(v.clone());
    Ok(Value::NONE)
}
