//! What natives may ask about the function of the script that called them.

use crate::object::FunctionObj;
use crate::object::coro::CoroObj;
use crate::sched::snapshot::Spot;
use crate::value::Value;
use crate::vm::Vm;
use aio_bytecode::code::{MODULE, NAMESPACE};

impl Vm {
    /// The function of the script that runs now, or that called the native that runs now.
    pub fn running_function(&self) -> Option<Value> {
        // SAFETY: the running coroutine is alive.
        let coro = unsafe { self.current.get().as_ref() }?;
        let mem = coro.mem.get();
        let base = coro.base.get() as usize;
        if mem.is_null() || base == 0 {
            return None;
        }
        // SAFETY: the function of the current frame lies below its registers.
        let f = unsafe { Value::from_borrowed_bits(*mem.add(base - 1)) };
        f.as_function().is_some().then_some(f)
    }

    /// The module dict of the function of the script that runs now.
    pub fn running_globals(&self) -> Option<Value> {
        self.running_function()?.as_function().map(|f| f.globals.clone())
    }
}

impl Vm {
    /// How many frames of script functions are active.
    pub fn call_depth(&self) -> u32 {
        // SAFETY: the running coroutine is alive.
        unsafe { self.current.get().as_ref() }.map_or(0, |c| c.depth.get() + c.frames.get() + 1)
    }
}

/// A frame on a segment: where its registers begin and where it stands.
pub(crate) struct Place {
    coro: *const CoroObj,
    base: usize,
    ip: *const u64,
}

impl Place {
    /// Its function. To be asked only while nothing has run since the place was read.
    fn function(&self) -> Value {
        // SAFETY: below the registers of a frame lies its function.
        unsafe { Value::from_borrowed_bits(*(*self.coro).mem.get().add(self.base - 1)) }
    }

    /// The frame as scripts see it, without its variables.
    pub(crate) fn frame(&self, vm: &Vm) -> Value {
        vm.frame_of(self, Value::NONE, false)
    }

    /// The frame is one of this coroutine.
    pub(crate) fn is_of(&self, coro: &CoroObj) -> bool {
        std::ptr::eq(self.coro, coro)
    }

    /// Where it stands.
    pub(crate) fn spot(&self) -> Option<Spot> {
        let function = self.function();
        let f = function.as_function()?;
        let (code, qualname) = (f.code(), f.qualname());
        Some(Spot {
            function: qualname.as_str().map(|s| s.to_text().into_owned()).unwrap_or_default(),
            file: code.template.filename.to_string(),
            line: code.line(code.pc(self.ip).saturating_sub(1)),
        })
    }
}

impl Vm {
    /// The frame `depth` calls above the running one, with those that called it behind it.
    pub fn frame_at(&self, depth: usize) -> Option<Value> {
        let places: Vec<Place> = self.places().into_iter().skip(depth).collect();
        let mut back = Value::NONE;
        let count = places.len();
        for (i, place) in places.iter().rev().enumerate() {
            back = self.frame_of(place, back, i + 2 >= count);
        }
        (count > 0).then_some(back)
    }

    /// File, line and function of the innermost frames, as `sys.set_coroutine_origin_tracking_depth` asks for them.
    #[cold]
    pub(crate) fn origin(&self, depth: u32) -> Value {
        let places = self.places();
        let shown: Vec<Value> = places
            .iter()
            .filter_map(|place| {
                // SAFETY: the places were read just now; below the registers of a frame lies its function.
                let function = unsafe { Value::from_borrowed_bits(*(*place.coro).mem.get().add(place.base).sub(1)) };
                let f = function.as_function()?;
                let code = f.code();
                let line = code.line(code.pc(place.ip).saturating_sub(1));
                let file = self.str(&code.template.filename);
                Some(self.tuple([file, self.int(i64::from(line)), code.name().clone()]))
            })
            .take(depth as usize)
            .collect();
        self.tuple(shown)
    }

    /// All active frames, innermost first.
    fn places(&self) -> Vec<Place> {
        self.places_from(self.current.get())
    }

    /// All active frames of the thread whose innermost coroutine this is.
    pub(crate) fn places_from(&self, innermost: *const CoroObj) -> Vec<Place> {
        let mut places = Vec::new();
        let mut c = innermost;
        // SAFETY: running coroutines and those that wait for them are alive.
        while let Some(coro) = unsafe { c.as_ref() } {
            coro.push_places(coro.ip.get(), &mut places);
            c = coro.parent.get();
        }
        places
    }

    fn frame_of(&self, place: &Place, back: Value, with_locals: bool) -> Value {
        // SAFETY: the places were read just now; below the registers of a frame lies its function.
        let (function, registers) = unsafe {
            let registers = (*place.coro).mem.get().add(place.base);
            (Value::from_borrowed_bits(*registers.sub(1)), registers)
        };
        let Some(f) = function.as_function() else { return back };
        let pc = f.code().pc(place.ip).saturating_sub(1);
        let frame = self.frame(f.code.get(), f.globals.clone(), pc, back);
        if with_locals && let Some(made) = frame.as_frame() {
            made.locals.set(self.locals_of(f, registers));
        }
        frame
    }

    /// The variables of a frame by name.
    fn locals_of(&self, f: &FunctionObj, registers: *const u64) -> Value {
        // SAFETY: the locals of an active frame are whole values.
        self.named_locals(f, |i| unsafe { Value::from_borrowed_bits(*registers.add(i)) })
    }

    /// The variables of a frame that has ended, from what was kept of it.
    pub(crate) fn kept_locals(&self, kept: &Value) -> Option<Value> {
        let (function, locals) = kept.as_tuple()?.items().split_last()?;
        Some(self.named_locals(function.as_function()?, |i| locals.get(i).cloned().unwrap_or_default()))
    }

    fn named_locals(&self, f: &FunctionObj, local: impl Fn(usize) -> Value) -> Value {
        let t = &f.code().template;
        if t.flags & MODULE != 0 {
            return f.globals.clone();
        }
        if t.flags & NAMESPACE != 0 {
            return local(0);
        }
        let dict = self.dict();
        let Some(d) = dict.as_dict() else { return dict };
        let own = t.local_names.iter().enumerate().map(|(i, n)| (n, local(i)));
        let free = t.free_names.iter().zip(f.closure.iter().cloned());
        // The targets of comprehensions come last, with a dot before their names, and win while they are set.
        let is_parameter =
            |name: &str| name.strip_prefix('.').is_some_and(|n| n.starts_with(|c: char| c.is_ascii_digit()));
        for (name, v) in own.chain(free) {
            let v = match v.as_cell() {
                Some(cell) => cell.content.get(),
                None => v,
            };
            if !v.is_undef() && !is_parameter(name) {
                d.set_text(self, name.trim_start_matches('.'), v);
            }
        }
        dict
    }
}

impl Vm {
    /// The innermost running frame that is not one of the library.
    pub fn script_spot(&self) -> Option<Spot> {
        let mut spots = self.places().into_iter().filter_map(|place| place.spot());
        spots.find(|s| !s.is_of_library())
    }

    /// File and line of the innermost running frame.
    pub fn current_place(&self) -> Option<(String, u32)> {
        let c = self.current.get();
        if c.is_null() {
            return None;
        }
        // SAFETY: the running coroutine and its code are alive.
        unsafe {
            let code = (*c).code.get();
            if code.is_null() {
                return None;
            }
            let pc = (*code).pc((*c).ip.get()).saturating_sub(1);
            let code = &*code;
            Some((code.template.filename.to_string(), code.line(pc)))
        }
    }
}

impl CoroObj {
    /// The frames of this coroutine, the innermost first, which goes on at `ip`.
    fn push_places(&self, ip: *const u64, places: &mut Vec<Place>) {
        if self.mem.get().is_null() || self.code.get().is_null() {
            return;
        }
        places.push(Place { coro: self, base: self.base.get() as usize, ip });
        for i in (0..self.frames.get()).rev() {
            let r = self.record(i);
            places.push(Place { coro: self, base: r.base as usize, ip: r.ip });
        }
    }

    /// The frames of a suspended coroutine, the innermost first.
    pub(crate) fn suspended_places(&self) -> Vec<Place> {
        let mut places = Vec::new();
        // It stands at its Await or Yield, other frames behind their calls.
        self.push_places(self.ip.get().wrapping_add(1), &mut places);
        places
    }

    /// What the outermost frame awaits, while it is suspended.
    pub fn awaited(&self) -> Option<Value> {
        if self.frames.get() == 0 { self.awaited_inside() } else { None }
    }

    /// What the innermost frame awaits, while it is suspended.
    pub(crate) fn awaited_inside(&self) -> Option<Value> {
        if self.mem.get().is_null()
            || matches!(self.state(), crate::object::coro::State::Created | crate::object::coro::State::Finished)
        {
            return None;
        }
        // SAFETY: the instruction pointer of a coroutine with a segment is within its code.
        let w = unsafe { aio_bytecode::Word(*self.ip.get()) };
        if w.op_number() == aio_bytecode::Op::Await as u8 { Some((*self.view(w.a() as usize)).clone()) } else { None }
    }
}
