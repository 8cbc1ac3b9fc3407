//! Calls from native code.

use crate::error::R;
use crate::interp::Slots;
use crate::native::DefKind;
use crate::object::class::*;
use crate::object::header::Kind;
use crate::value::Value;
use crate::vm::Vm;
use smallvec::SmallVec;

impl Vm {
    /// `f(*args)`.
    #[inline]
    pub fn call(&self, f: &Value, args: &[Value]) -> R {
        self.call_keywords(f, args, &[])
    }

    /// Like [`call_keywords`](Vm::call_keywords) with arguments that are taken away, which a function of the script
    /// gets as they are.
    #[inline]
    pub fn call_taking(&self, f: &Value, args: &mut Slots, names: &[Value]) -> R {
        match f.kind() {
            Some(Kind::Function) => self.call_script_with(f, args, names),
            _ => self.call_keywords(f, args, names),
        }
    }

    /// `f(*args)` where the last arguments have these names (interned strings).
    pub fn call_keywords(&self, f: &Value, args: &[Value], names: &[Value]) -> R {
        match f.kind() {
            Some(Kind::Function) => self.call_script(f, args, names),
            Some(Kind::Native) => match f.as_native() {
                Some(n) => self.call_native(n, args, names),
                None => Ok(Value::NONE),
            },
            Some(Kind::BoundMethod) => {
                let Some(m) = f.as_bound_method() else { return Ok(Value::NONE) };
                let mut all = SmallVec::<[Value; 6]>::with_capacity(args.len() + 1);
                all.push(m.receiver.clone());
                all.extend(args.iter().cloned());
                let function = m.function.clone();
                match function.as_native() {
                    Some(native) => self.call_bound_native(native, &all, names),
                    None => self.call_keywords(&function, &all, names),
                }
            }
            Some(Kind::Class) => self.call_class(f, args, names),
            _ => {
                let Some(call) = self.type_method(f, &self.names.__call__) else {
                    return Err(self.type_error(format!("'{}' object is not callable", self.type_name(f))));
                };
                let _guard = self.enter_native()?;
                // A native `__call__` needs no bound method around it.
                if let Some(native) = call.as_native().filter(|n| n.def.kind == DefKind::Method) {
                    let mut all = SmallVec::<[Value; 6]>::with_capacity(args.len() + 1);
                    all.push(f.clone());
                    all.extend(args.iter().cloned());
                    return self.call_native(native, &all, names);
                }
                let class = self.class_of(f).value();
                match self.bind(&call, Some(f), &class)? {
                    Some(bound) => self.call_keywords(&bound, args, names),
                    None => Ok(Value::NONE),
                }
            }
        }
    }

    /// `C(*args)`: through the metaclass's `__call__` if it has its own, else `__new__` and `__init__`.
    pub fn call_class(&self, f: &Value, args: &[Value], names: &[Value]) -> R {
        let meta = self.class_of(f);
        if !meta.is_same(self.types.type_.get())
            && let Some((owner, call)) = meta.find_in_mro(self, &self.names.__call__)
            && !owner.is_same(self.types.type_.get())
        {
            let call = call.clone();
            let meta = meta.value();
            return match self.bind(&call, Some(f), &meta)? {
                Some(bound) => self.call_keywords(&bound, args, names),
                None => Ok(Value::NONE),
            };
        }
        if names.is_empty()
            && let Some(v) = f.as_class().and_then(|class| class.usually(self, args))
        {
            return Ok(v);
        }
        self.make_instance(f, args, names, true)
    }

    /// What `type.__call__` does; `direct` if the class itself is called, where some built-in classes look at their
    /// arguments by hand.
    pub(crate) fn make_instance(&self, f: &Value, args: &[Value], names: &[Value], direct: bool) -> R {
        let Some(class) = f.as_class() else {
            return Err(self.type_error(format!("'{}' object is not callable", self.type_name(f))));
        };
        if class.is_same(self.types.type_.get()) {
            match args.len() - names.len() {
                1 if names.is_empty() => return Ok(self.class_of(&args[0]).value()),
                1 => return Err(self.type_error("type() takes no keyword arguments")),
                3 => {}
                _ => return Err(self.type_error("type() takes 1 or 3 arguments")),
            }
        }
        if direct
            && class.is_same(self.types.super_.get())
            && args.len() < 3
            && let Some(first) = args.first()
            && first.as_class().is_none()
        {
            return Err(self.type_error(format!("super() argument 1 must be a type, not {}", self.type_name(first))));
        }
        let instance = self.new_instance(class, args, names, direct)?;
        self.initialise(class, instance, args, names)
    }

    /// Its first half: what `__new__` gives.
    pub(crate) fn new_instance(&self, class: &ClassObj, args: &[Value], names: &[Value], direct: bool) -> R {
        class.version();
        if class.is(NO_NEW) {
            let name = class.shown_name();
            return Err(self.type_error(format!("cannot create '{name}' instances")));
        }
        if class.is(PLAIN_NEW) {
            if (!args.is_empty() || !names.is_empty()) && !self.has_own_init(class) {
                return Err(self.type_error(format!("{}() takes no arguments", class.name_text())));
            }
            return Ok(self.instance(class));
        }
        let Some(new) = class.lookup(self, &self.names.__new__) else {
            return Err(self.type_error(format!("cannot create '{}' instances", class.name_text())));
        };
        let new = match new.as_wrapper() {
            Some(w) => w.function.get(),
            None => new,
        };
        let mut all = SmallVec::<[Value; 6]>::with_capacity(args.len() + 1);
        all.push(class.value());
        all.extend(args.iter().cloned());
        match new.as_native() {
            Some(new) if direct => self.construct_native(new, &all, names),
            _ => self.call_keywords(&new, &all, names),
        }
    }

    /// Its second half: `__init__`, if `__new__` has given an instance of the class.
    pub(crate) fn initialise(&self, class: &ClassObj, instance: Value, args: &[Value], names: &[Value]) -> R {
        if !self.class_of(&instance).derives(class) {
            return Ok(instance);
        }
        let made = self.class_of(&instance).value();
        let init = made.as_class().and_then(|c| c.lookup(self, &self.names.__init__));
        if let Some(init) = init
            && !self.is_object_init(&init)
        {
            let mut all = SmallVec::<[Value; 6]>::with_capacity(args.len() + 1);
            let result = match init.kind() {
                Some(Kind::Function | Kind::Native) => {
                    all.push(instance.clone());
                    all.extend(args.iter().cloned());
                    self.call_keywords(&init, &all, names)?
                }
                _ => match self.bind(&init, Some(&instance), &made)? {
                    Some(bound) => self.call_keywords(&bound, args, names)?,
                    None => Value::NONE,
                },
            };
            if !result.is_none() {
                return Err(self.init_result(&result));
            }
        }
        Ok(instance)
    }

    #[cold]
    pub(crate) fn init_result(&self, result: &Value) -> crate::error::Raised {
        self.type_error(format!("__init__() should return None, not '{}'", self.type_name(result)))
    }

    fn has_own_init(&self, class: &ClassObj) -> bool {
        class.peek(self, &self.names.__init__).is_some_and(|i| !self.is_object_init(&i))
    }

    /// `__init__` of object, which plain instantiation may skip.
    pub(crate) fn is_object_init(&self, init: &Value) -> bool {
        init.as_native().is_some_and(|n| n.owner().is_some_and(|c| c.is_same(self.types.object.get())))
    }

    /// Calls with a list of positional and a list of named arguments.
    pub fn call_with(&self, f: &Value, args: &[Value], keywords: &[(Value, Value)]) -> R {
        if keywords.is_empty() {
            return self.call(f, args);
        }
        let mut all = args.to_vec();
        all.extend(keywords.iter().map(|(_, v)| v.clone()));
        let names: Vec<Value> = keywords.iter().map(|(k, _)| self.intern_value(k)).collect();
        self.call_keywords(f, &all, &names)
    }

    /// Whether a value can be called.
    pub fn is_callable(&self, v: &Value) -> bool {
        match v.kind() {
            Some(Kind::Function | Kind::Native | Kind::BoundMethod | Kind::Class) => true,
            _ => self.type_method(v, &self.names.__call__).is_some(),
        }
    }

    /// Says that the native stack of this thread ends so many bytes from here: calls that nest too deeply for it raise.
    pub fn set_stack_left(&self, bytes: Option<usize>) {
        let here = 0u8;
        let floor = bytes.map_or(0, |left| (std::ptr::from_ref(&here) as usize).saturating_sub(left) + STACK_RESERVE);
        self.stack_floor.set(floor);
    }

    /// Refuses to go on where the native stack is nearly used up.
    #[inline(always)]
    pub fn check_stack(&self) -> R<()> {
        let here = 0u8;
        if (std::ptr::from_ref(&here) as usize) < self.stack_floor.get() {
            return Err(self.recursion_error("maximum recursion depth exceeded"));
        }
        Ok(())
    }

    /// Guards native code that may call itself through the script; dropped when it is left.
    pub fn enter_native(&self) -> R<NativeGuard<'_>> {
        let n = self.native_depth.get() + 1;
        let here = 0u8;
        if n > MAX_NATIVE_DEPTH || (std::ptr::from_ref(&here) as usize) < self.stack_floor.get() {
            return Err(self.recursion_error("maximum recursion depth exceeded"));
        }
        self.native_depth.set(n);
        Ok(NativeGuard(self))
    }
}

/// How deep natives and interpreters may nest on the native stack.
pub(crate) const MAX_NATIVE_DEPTH: u32 = 400;

/// Bytes of the native stack that are left to code which does not look.
const STACK_RESERVE: usize = 256 << 10;

/// See `Vm::enter_native`.
pub struct NativeGuard<'a>(&'a Vm);

impl Drop for NativeGuard<'_> {
    fn drop(&mut self) {
        self.0.native_depth.set(self.0.native_depth.get() - 1);
    }
}
