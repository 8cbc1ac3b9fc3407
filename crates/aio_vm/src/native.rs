//! The native-function API: tables of functions with their Python signatures, and how arguments reach them.

use crate::error::R;
use crate::interp::dispatch::Handler;
use crate::interp::natives::{Usual, call_usually};
use crate::object::{ClassObj, NativeObj};
use crate::value::Value;
use crate::vm::Vm;
use aio_bytecode::ops::number as op;

/// A function of Rust that scripts can call.
pub type NativeFn = for<'a> fn(&'a Vm, &Args<'a>) -> R;

/// What a class usually makes of its positional arguments: it raises nothing, runs no code of the script and gives `None`,
/// having changed nothing, where that is not enough.
pub type UsualFn = fn(&Vm, &[Value]) -> Option<Value>;

/// An instance of a class, made of the positional arguments alone.
pub type KeepFn = fn(&Vm, &ClassObj, &[Value]) -> Value;

/// The step of a native iterator: the next item or `None` at the end.
pub type NextFn = fn(&Vm, &Value) -> R<Option<Value>>;

/// What a row of a table defines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DefKind {
    /// A function of a module.
    Function,
    /// A method: its first parameter is the receiver.
    Method,
    /// A static method.
    Static,
    /// A class method: its first parameter is the class.
    Class,
    /// A read-only attribute computed by a method.
    Getter,
    /// An attribute with a setter, whose value arrives as second argument (absent: deletion).
    Property,
}

/// One row of a table.
pub struct Def {
    /// Name and parameters as Python writes them, e.g. `index(self, value, start=0, stop=9223372036854775807, /)`.
    pub signature: &'static str,
    /// The function.
    pub call: NativeFn,
    /// The setter of a `Property`.
    pub set: Option<NativeFn>,
    /// One sentence (or more) for `help()`.
    pub doc: &'static str,
    /// What it defines.
    pub kind: DefKind,
    /// What is tried before anything else when a script calls it, as operations: those of a call and of a method's call.
    pub(crate) usual: Option<[Handler; 2]>,
    /// For the `__new__` of a built-in class: what a call of this very class usually gives, `__init__` included, by its
    /// arguments alone.
    pub makes: Option<UsualFn>,
    /// For a `__new__` that keeps all arguments as they are: what it makes, of subclasses, too.
    pub keeps: Option<KeepFn>,
    quick: Quick,
    /// Bytes of the name, with which the signature begins.
    name: usize,
}

/// What a call without names needs to know of a signature.
#[derive(Clone, Copy)]
struct Quick {
    /// Positional parameters without default.
    least: u8,
    /// Positional parameters.
    most: u8,
    /// Whether `*args` takes what is beyond them.
    variadic: bool,
    /// Whether nothing has to be given by name.
    simple: bool,
}

const fn quick(signature: &str) -> Quick {
    let s = signature.as_bytes();
    let (mut i, mut depth) = (0, 0);
    let mut q = Quick { least: 0, most: 0, variadic: false, simple: true };
    let mut keyword_only = false;
    // The parameter that is being read: its first byte (0 for none), its length, whether it has a default.
    let (mut first, mut length, mut has_default) = (0u8, 0, false);
    let mut quote = 0u8;
    while i < s.len() {
        let c = s[i];
        if quote != 0 {
            if c == quote {
                quote = 0;
            }
        } else if c == b'\'' || c == b'"' {
            quote = c;
        } else if c == b'(' || c == b'[' || c == b'{' {
            depth += 1;
        } else if (c == b',' || c == b')') && depth == 1 {
            if first == b'*' {
                // `**kwargs` is known by its place behind everything else.
                q.variadic |= length > 1 && !keyword_only && s[i - length + 1] != b'*';
                keyword_only = true;
            } else if first != 0 && first != b'/' {
                if keyword_only {
                    q.simple &= has_default;
                } else {
                    q.most += 1;
                    q.least += !has_default as u8;
                }
            }
            (first, length, has_default) = (0, 0, false);
            if c == b')' {
                break;
            }
        } else if c == b')' || c == b']' || c == b'}' {
            depth -= 1;
        } else if depth == 1 && c != b' ' {
            if first == 0 {
                first = c;
            }
            length += 1;
            has_default |= c == b'=';
        }
        i += 1;
    }
    q
}

const fn name_length(signature: &str) -> usize {
    let s = signature.as_bytes();
    let mut i = 0;
    while i < s.len() && s[i] != b'(' {
        i += 1;
    }
    i
}

const fn row(kind: DefKind, signature: &'static str, call: NativeFn, set: Option<NativeFn>, doc: &'static str) -> Def {
    Def {
        signature,
        call,
        set,
        doc,
        kind,
        usual: None,
        makes: None,
        keeps: None,
        quick: quick(signature),
        name: name_length(signature),
    }
}

/// A function of a module.
pub const fn function(signature: &'static str, call: NativeFn, doc: &'static str) -> Def {
    row(DefKind::Function, signature, call, None, doc)
}

/// A method; the signature begins with `self`.
pub const fn method(signature: &'static str, call: NativeFn, doc: &'static str) -> Def {
    row(DefKind::Method, signature, call, None, doc)
}

/// A static method.
pub const fn static_method(signature: &'static str, call: NativeFn, doc: &'static str) -> Def {
    row(DefKind::Static, signature, call, None, doc)
}

/// A class method; the signature begins with `cls`.
pub const fn class_method(signature: &'static str, call: NativeFn, doc: &'static str) -> Def {
    row(DefKind::Class, signature, call, None, doc)
}

/// A read-only attribute; `name` is written `name(self)`.
pub const fn getter(signature: &'static str, call: NativeFn, doc: &'static str) -> Def {
    row(DefKind::Getter, signature, call, None, doc)
}

/// An attribute with getter and setter; `name` is written `name(self)`. The setter gets the receiver and, unless the
/// attribute is deleted, the value.
pub const fn property(signature: &'static str, call: NativeFn, set: NativeFn, doc: &'static str) -> Def {
    row(DefKind::Property, signature, call, Some(set), doc)
}

impl Def {
    /// A row that is made at run time. Its texts live as long as the program.
    pub const fn of_kind(
        kind: DefKind,
        signature: &'static str,
        call: NativeFn,
        set: Option<NativeFn>,
        doc: &'static str,
    ) -> Def {
        row(kind, signature, call, set, doc)
    }

    /// The same row with what it usually does, as in `UsualFn`; it checks its arguments itself, the receiver too.
    pub(crate) const fn usually<F: Usual>(self, _usual: F) -> Def {
        Def { usual: Some([call_usually::<{ op::Call }, F>, call_usually::<{ op::CallMethod }, F>]), ..self }
    }

    /// The same `__new__` with what a call of its class usually gives.
    pub(crate) const fn making(self, makes: UsualFn) -> Def {
        Def { makes: Some(makes), ..self }
    }

    /// The same `__new__`, which keeps its arguments so.
    pub(crate) const fn keeping(self, keeps: KeepFn) -> Def {
        Def { keeps: Some(keeps), ..self }
    }

    /// The name.
    pub fn name(&self) -> &'static str {
        self.signature.get(..self.name).unwrap_or(self.signature)
    }
}

impl TypeTable {
    /// Whether a row has this name.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.rows.iter().any(|def| def.name() == name)
    }
}

/// The table of a type: its methods and attributes.
pub struct TypeTable {
    /// The docstring.
    pub doc: &'static str,
    /// The rows.
    pub rows: &'static [Def],
    /// How its instances step, for iterators.
    pub next: Option<NextFn>,
}

/// Arguments of a native call.
pub struct Args<'a> {
    /// Parameters in the order of the signature, without `*args` and `**kwargs`. Left-out ones are UNDEF or
    /// beyond the end.
    pub slots: &'a [Value],
    /// What `*args` collects.
    pub rest: &'a [Value],
    /// What `**kwargs` collects: names and values.
    pub keywords: &'a [(Value, Value)],
    /// What the function was bound to (a host closure's data), or UNDEF.
    pub receiver: &'a Value,
}

impl<'a> Args<'a> {
    /// The argument of a parameter, if it was given.
    #[inline(always)]
    pub fn get(&self, i: usize) -> Option<&'a Value> {
        self.slots.get(i).filter(|v| !v.is_undef())
    }

    /// The argument, unless it was left out or is None.
    #[inline]
    pub fn some(&self, i: usize) -> Option<&'a Value> {
        self.get(i).filter(|v| !v.is_none())
    }
}

impl std::ops::Index<usize> for Args<'_> {
    type Output = Value;

    /// A parameter that has no default.
    #[inline(always)]
    fn index(&self, i: usize) -> &Value {
        &self.slots[i]
    }
}

/// A parameter of a native function.
pub struct Parameter {
    /// Its name, interned.
    pub name: Value,
    /// The default as written, if there is one.
    pub default: Option<&'static str>,
}

/// A parsed signature.
pub struct Signature {
    /// Positional and keyword-only parameters, in order.
    pub parameters: Vec<Parameter>,
    /// How many of them cannot be given by name.
    pub positional_only: usize,
    /// How many of them can be given by position.
    pub positional: usize,
    /// The name behind `*`, if there is one.
    pub var_positional: Option<&'static str>,
    /// The name behind `**`, if there is one.
    pub var_keyword: Option<&'static str>,
}

impl Signature {
    pub(crate) fn parse(vm: &Vm, text: &'static str) -> Signature {
        let inner = text.split_once('(').map_or("", |(_, rest)| rest.rsplit_once(')').map_or(rest, |(p, _)| p));
        let mut s = Signature {
            parameters: Vec::new(),
            positional_only: 0,
            positional: 0,
            var_positional: None,
            var_keyword: None,
        };
        let mut keyword_only = false;
        for part in split_top(inner) {
            let part = part.trim();
            if part.is_empty() {
            } else if part == "/" {
                s.positional_only = s.parameters.len();
            } else if part == "*" {
                keyword_only = true;
            } else if let Some(name) = part.strip_prefix("**") {
                s.var_keyword = Some(name);
            } else if let Some(name) = part.strip_prefix('*') {
                s.var_positional = Some(name);
                keyword_only = true;
            } else {
                let (name, default) = match part.split_once('=') {
                    Some((n, d)) => (n.trim(), Some(d.trim())),
                    None => (part, None),
                };
                s.parameters.push(Parameter { name: vm.intern(name), default });
                if !keyword_only {
                    s.positional = s.parameters.len();
                }
            }
        }
        s
    }
}

/// Splits at commas outside of brackets and quotes.
fn split_top(text: &'static str) -> Vec<&'static str> {
    let (mut depth, mut quote, mut start) = (0, None, 0);
    let mut parts = Vec::new();
    for (i, c) in text.char_indices() {
        match (quote, c) {
            (Some(q), c) if c == q => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(c),
            (None, '(' | '[' | '{') => depth += 1,
            (None, ')' | ']' | '}') => depth -= 1,
            (None, ',') if depth == 0 => {
                parts.push(&text[start..i]);
                start = i + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

/// How a native function comes to be called, which its errors tell.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    /// By itself.
    Plain,
    /// It is the `__new__` of a class that is called.
    Class,
    /// Through a bound method, which takes the name of its receiver's class.
    Bound,
}

const PLAIN: u8 = Way::Plain as u8;
const CLASS: u8 = Way::Class as u8;
const BOUND: u8 = Way::Bound as u8;

impl Vm {
    /// Calls a native function. `names` are those of the last arguments.
    #[inline]
    pub(crate) fn call_native(&self, f: &NativeObj, args: &[Value], names: &[Value]) -> R {
        self.call_native_as::<PLAIN>(f, args, names)
    }

    /// Calls a native `__new__` because its class is called, which counts arguments in other words than a call of
    /// `__new__` itself.
    #[inline]
    pub(crate) fn construct_native(&self, f: &NativeObj, args: &[Value], names: &[Value]) -> R {
        self.call_native_as::<CLASS>(f, args, names)
    }

    /// Calls a native method whose bound method is called.
    #[inline]
    pub(crate) fn call_bound_native(&self, f: &NativeObj, args: &[Value], names: &[Value]) -> R {
        self.call_native_as::<BOUND>(f, args, names)
    }

    #[inline]
    fn call_native_as<const WAY: u8>(&self, f: &NativeObj, args: &[Value], names: &[Value]) -> R {
        if names.is_empty()
            && let Some((slots, rest)) = self.in_order(f, args)
        {
            return (f.def.call)(self, &Args { slots, rest, keywords: &[], receiver: &f.receiver });
        }
        let way = match WAY {
            CLASS => Way::Class,
            BOUND => Way::Bound,
            _ => Way::Plain,
        };
        self.call_native_bound(f, args, names, way)
    }

    /// Arguments without names as a native function takes them: those of its parameters and the rest; none if that needs
    /// a closer look.
    #[inline(always)]
    pub(crate) fn in_order<'a>(&self, f: &NativeObj, args: &'a [Value]) -> Option<(&'a [Value], &'a [Value])> {
        let q = f.def.quick;
        let (n, most) = (args.len(), q.most as usize);
        if !q.simple || n < q.least as usize || n > most && !q.variadic {
            return None;
        }
        if f.def.kind == DefKind::Method
            && let (Some(owner), Some(first)) = (f.owner(), args.first())
        {
            let class = self.class_of(first);
            if !class.is_same(owner) && !class.derives(owner) {
                return None;
            }
        }
        Some(args.split_at(n.min(most)))
    }

    #[inline]
    fn check_receiver(&self, f: &NativeObj, args: &[Value]) -> R<()> {
        let (Some(owner), Some(first)) = (f.owner(), args.first()) else { return Ok(()) };
        let class = self.class_of(first);
        if class.is_same(owner) || class.derives(owner) {
            return Ok(());
        }
        Err(self.wrong_receiver(f, owner, class))
    }

    #[cold]
    fn wrong_receiver(&self, f: &NativeObj, owner: &ClassObj, class: &ClassObj) -> crate::error::Raised {
        let name = f.def.name();
        let (owner, class) = (owner.name_text(), class.shown_name());
        if self.is_slot(f) {
            self.type_error(format!("descriptor '{name}' requires a '{owner}' object but received a '{class}'"))
        } else {
            self.type_error(format!("descriptor '{name}' for '{owner}' objects doesn't apply to a '{class}' object"))
        }
    }

    /// The general way: binds by the signature.
    fn call_native_bound(&self, f: &NativeObj, args: &[Value], names: &[Value], way: Way) -> R {
        let def = f.def;
        let s = f.signature(self);
        let given = args.len() - names.len();
        if self.hidden(f) == 1 {
            if given == 0 {
                let owner = f.owner().map(ClassObj::name_text).unwrap_or_default();
                if def.name() == "__new__" {
                    return Err(self.type_error(format!("{owner}.__new__(): not enough arguments")));
                }
                let name = def.name();
                return Err(self.type_error(if self.is_slot(f) {
                    format!("descriptor '{name}' of '{owner}' object needs an argument")
                } else {
                    format!("unbound method {owner}.{name}() needs an argument")
                }));
            }
            if def.kind == DefKind::Method {
                self.check_receiver(f, args)?;
            }
            if let (Some(owner), "__new__") = (f.owner(), def.name()) {
                self.class_to_make(&args[0], owner)?;
            }
        }
        let all_by_position = s.positional_only == s.parameters.len() && s.var_keyword.is_none();
        if given > s.positional && s.var_positional.is_none() {
            if all_by_position && !names.is_empty() && !self.is_for_init(f, args) {
                return Err(self.no_keywords(f, args, way));
            }
            return Err(self.native_arity(f, s, args, names.len(), way));
        }
        if self.is_over_full(f, s, given + names.len()) {
            return Err(self.native_arity(f, s, args, names.len(), way));
        }
        let by_position = given.min(s.positional);
        let mut slots: Vec<Value> = Vec::with_capacity(s.parameters.len());
        slots.extend_from_slice(&args[..by_position]);
        slots.resize_with(s.parameters.len(), || Value::UNDEF);
        let rest = &args[by_position..given];
        let mut keywords = Vec::new();
        let mut unexpected = None;
        for (name, v) in names.iter().zip(&args[given..]) {
            let at = s.parameters.iter().position(|p| p.name.is(name) || same_text(&p.name, name));
            match at {
                Some(i) if i >= s.positional_only.max(self.hidden(f)) => {
                    if !slots[i].is_undef() {
                        let n = text(name);
                        if way == Way::Class && self.is_enumerate(f) {
                            return Err(self.foreign_keyword(f, s, args, names.len(), name, way));
                        }
                        return Err(self.type_error(format!(
                            "argument for {}() given by name ('{n}') and position ({})",
                            self.short_title(f),
                            i + 1 - self.hidden(f)
                        )));
                    }
                    slots[i] = v.clone();
                }
                _ if name.as_str().is_none()
                    && def.name() != "__new__"
                    && rest.len() < 2
                    && f.owner().is_some_and(|c| c.is_same(self.types.dict.get())) =>
                {
                    return Err(self.type_error("keywords must be strings"));
                }
                _ if s.var_keyword.is_some() => keywords.push((name.clone(), v.clone())),
                // A class of a script whose own `__init__` takes names has them here, too.
                _ if s.positional_only == s.parameters.len() && self.is_for_init(f, args) => {}
                _ if s.positional_only == s.parameters.len() => {
                    if self.leaves_keywords(def.name(), args.first()) {
                        continue;
                    }
                    return Err(self.no_keywords(f, args, way));
                }
                // What is missing is told first.
                _ => unexpected = unexpected.or(Some(name)),
            }
        }
        for (i, p) in s.parameters.iter().enumerate() {
            if slots[i].is_undef() && p.default.is_none() {
                if s.positional_only > i || s.positional_only == s.parameters.len() {
                    return Err(self.native_arity(f, s, args, names.len(), way));
                }
                if way == Way::Class && self.is_enumerate(f) {
                    return Err(match unexpected.or(names.first()) {
                        Some(name) => self.foreign_keyword(f, s, args, names.len(), name, way),
                        None => self.type_error("enumerate() missing required argument 'iterable'"),
                    });
                }
                let place = if i < s.positional { format!(" (pos {})", i + 1 - self.hidden(f)) } else { String::new() };
                return Err(self.type_error(format!(
                    "{}() missing required argument '{}'{place}",
                    self.short_title(f),
                    text(&p.name)
                )));
            }
        }
        if let Some(name) = unexpected {
            return Err(self.foreign_keyword(f, s, args, names.len(), name, way));
        }
        (def.call)(self, &Args { slots: &slots, rest, keywords: &keywords, receiver: &f.receiver })
    }

    /// Whether there are more arguments than parameters, which functions with keywords look at before anything else.
    fn is_over_full(&self, f: &NativeObj, s: &Signature, given: usize) -> bool {
        given > s.parameters.len()
            && s.positional_only < s.parameters.len()
            && s.var_positional.is_none()
            && s.var_keyword.is_none()
            && f.def.name() != "sorted"
    }

    #[cold]
    fn foreign_keyword(
        &self,
        f: &NativeObj,
        s: &Signature,
        args: &[Value],
        names: usize,
        name: &Value,
        way: Way,
    ) -> crate::error::Raised {
        if let (true, "min" | "max") = (args.len() == names, f.def.name()) {
            return self.type_error(format!("{} expected at least 1 argument, got 0", f.def.name()));
        }
        if f.def.name() == "sorted"
            && let Err(e) = self.collect(args.first().unwrap_or(&Value::NONE))
        {
            return e;
        }
        if name.as_str().is_none() {
            return self.type_error("keywords must be strings");
        }
        let name = text(name);
        if way == Way::Class && self.is_enumerate(f) {
            return self.type_error(format!("'{name}' is an invalid keyword argument for enumerate()"));
        }
        let named: Vec<String> = s.parameters[s.positional_only..].iter().map(|p| text(&p.name)).collect();
        let near = crate::text::suggest::suggestion(&name, named.iter().map(String::as_str));
        let hint = near.map(|n| format!(". Did you mean '{n}'?")).unwrap_or_default();
        let title = self.short_title(f);
        self.type_error(format!("{title}() got an unexpected keyword argument '{name}'{hint}"))
    }

    /// Whether this is the constructor of `enumerate`, which looks at its arguments by hand.
    fn is_enumerate(&self, f: &NativeObj) -> bool {
        f.def.name() == "__new__" && f.owner().is_some_and(|c| c.is_same(self.types.enumerate.get()))
    }

    #[cold]
    fn no_keywords(&self, f: &NativeObj, args: &[Value], way: Way) -> crate::error::Raised {
        let constructor = matches!(f.def.name(), "__new__" | "__init__");
        let title = match self.is_slot(f) && !constructor {
            true => format!("wrapper {}", f.def.name()),
            false => self.native_title(f, args, way),
        };
        self.type_error(format!("{title}() takes no keyword arguments"))
    }

    /// Whether this is what CPython fills a slot of the type with, which words its errors in another way.
    pub(crate) fn is_slot(&self, f: &NativeObj) -> bool {
        f.header.class().is_same(self.types.wrapper_descriptor.get())
    }

    /// Whether this is the constructor of a built-in class, called for a class that has an `__init__` of its own.
    fn is_for_init(&self, f: &NativeObj, args: &[Value]) -> bool {
        let (Some(owner), Some(class)) = (f.owner(), args.first().and_then(Value::as_class)) else { return false };
        let init = &self.names.__init__;
        f.def.name() == "__new__"
            && !class.is_same(owner)
            && class.find_in_mro(self, init).is_some_and(|(by, _)| by.is(crate::object::class::HEAP))
    }

    /// 1 if the receiver counts as a parameter of the row, which messages do not show.
    fn hidden(&self, f: &NativeObj) -> usize {
        (matches!(f.def.kind, DefKind::Method | DefKind::Class) || f.def.name() == "__new__") as usize
    }

    /// `list.append` for methods, `len` for functions.
    fn native_title(&self, f: &NativeObj, args: &[Value], way: Way) -> String {
        match f.owner() {
            Some(c) if matches!(f.def.name(), "__new__" | "__init__") => c.name_text(),
            Some(_) if way == Way::Bound && f.def.kind == DefKind::Method && !args.is_empty() => {
                format!("{}.{}", self.type_name(&args[0]), f.def.name())
            }
            Some(c) if f.def.kind != DefKind::Function => format!("{}.{}", c.name_text(), f.def.name()),
            _ => match f.receiver.as_module().map(|m| m.dict.get()).as_ref().and_then(Value::as_dict) {
                Some(d) => match d.get_name(self, &self.names.__name__) {
                    Some(module) if !module.is(&self.names.builtins) => format!("{}.{}", text(&module), f.def.name()),
                    _ => f.def.name().to_owned(),
                },
                None => f.def.name().to_owned(),
            },
        }
    }

    /// Whether a method belongs to a type of numbers.
    fn owned_by_number(&self, f: &NativeObj) -> bool {
        let numbers = [&self.types.int, &self.types.float, &self.types.complex];
        f.owner().is_some_and(|c| numbers.iter().any(|n| c.is_same(n.get())))
    }

    /// Whether a constructor without keywords leaves those given to its counterpart: `__new__` to an `__init__` of the
    /// script, and `__init__` to a `__new__` of the script.
    fn leaves_keywords(&self, constructor: &str, subject: Option<&Value>) -> bool {
        let Some(subject) = subject else { return false };
        let counterpart = match constructor {
            "__new__" => subject.as_class().and_then(|c| c.lookup(self, &self.names.__init__)),
            "__init__" => self.class_of(subject).lookup(self, &self.names.__new__),
            _ => None,
        };
        let counterpart = counterpart.map(|f| f.as_wrapper().map(|w| w.function.get()).unwrap_or(f));
        counterpart.is_some_and(|f| f.as_function().is_some())
    }

    /// The name of the function; that of the class for constructors.
    fn short_title(&self, f: &NativeObj) -> String {
        match (f.def.name(), f.owner()) {
            ("__new__" | "__init__", Some(c)) => c.name_text(),
            // It hands its keywords to the method.
            ("sorted", _) => "sort".to_owned(),
            (name, _) => name.to_owned(),
        }
    }

    #[cold]
    fn native_arity(
        &self,
        f: &NativeObj,
        s: &Signature,
        args: &[Value],
        keywords: usize,
        way: Way,
    ) -> crate::error::Raised {
        let hidden = self.hidden(f);
        let given = args.len() - keywords;
        let given = given - hidden.min(given);
        let most = s.positional - hidden.min(s.positional);
        let required = s.parameters[..s.positional].iter().filter(|p| p.default.is_none()).count();
        let least = required - hidden.min(required);
        let plural = |n: usize| if n == 1 { "" } else { "s" };
        let constructor = matches!(f.def.name(), "__new__" | "__init__");
        let mut title = if constructor { self.short_title(f) } else { f.def.name().to_owned() };
        if constructor && matches!(title.as_str(), "set" | "frozenset") {
            // They speak of the class that is made.
            let class = args.first().map(|v| v.as_class().unwrap_or_else(|| self.class_of(v)));
            title = class.map_or(title, ClassObj::name_text);
        }
        // These check their arguments by hand, and word it so.
        let by_hand = matches!(title.as_str(), "sorted" | "reversed");
        if !constructor && self.is_slot(f) && s.var_positional.is_none() && s.parameters.len() == s.positional {
            let (bound, n) = match (least == most, given < least) {
                (true, _) => ("", most),
                (false, true) => ("at least ", least),
                (false, false) => ("at most ", most),
            };
            // Several are counted by another function there, which leaves room for the name that it is not given.
            let repeats = matches!(title.as_str(), "__mul__" | "__rmul__" | "__imul__") && !self.owned_by_number(f);
            let name = if bound.is_empty() && n < 2 && !repeats { "" } else { " " };
            return self.type_error(format!("{name}expected {bound}{n} argument{}, got {given}", plural(n)));
        }
        // Calls of the classes themselves are counted apart from those of classes that derive from them.
        let itself = args.first().and_then(Value::as_class).is_some_and(|c| f.owner().is_some_and(|o| o.is_same(c)));
        let constructs_by_hand = way == Way::Class && itself && matches!(title.as_str(), "int" | "str");
        if s.positional_only < s.parameters.len() && !by_hand && (keywords > 0 || !constructs_by_hand) {
            return self.mixed_arity(s, &title, hidden, given, keywords);
        }
        if most == 0 {
            return self.type_error(format!(
                "{}() takes no arguments ({given} given)",
                self.native_title_or(f, &title, args, way)
            ));
        }
        if least == most && most == 1 && !by_hand && !constructor {
            return self.type_error(format!(
                "{}() takes exactly one argument ({given} given)",
                self.native_title_or(f, &title, args, way)
            ));
        }
        if least == most {
            return self.type_error(format!("{title} expected {most} argument{}, got {given}", plural(most)));
        }
        if given < least {
            return self
                .type_error(format!("{title} expected at least {least} argument{}, got {given}", plural(least)));
        }
        self.type_error(format!("{title} expected at most {most} argument{}, got {given}", plural(most)))
    }

    /// The arity error of a function some of whose parameters can be given by name.
    fn mixed_arity(
        &self,
        s: &Signature,
        title: &str,
        hidden: usize,
        given: usize,
        keywords: usize,
    ) -> crate::error::Raised {
        let plural = |n: usize| if n == 1 { "" } else { "s" };
        let (all, most) = (s.parameters.len() - hidden, s.positional - hidden.min(s.positional));
        let total = given + keywords;
        if total > all {
            let what = if given == 0 { "keyword " } else { "" };
            return self
                .type_error(format!("{title}() takes at most {all} {what}argument{} ({total} given)", plural(all)));
        }
        if given > most && most == 0 {
            return self.type_error(format!("{title}() takes no positional arguments"));
        }
        let required = s.parameters.iter().take(s.positional_only).filter(|p| p.default.is_none()).count();
        let least = required - hidden.min(required);
        let (bound, n) = match (given > most, least < most) {
            (true, true) => ("at most", most),
            (false, true) => ("at least", least),
            (true, false) => ("exactly", most),
            (false, false) => ("exactly", least),
        };
        self.type_error(format!("{title}() takes {bound} {n} positional argument{} ({given} given)", plural(n)))
    }

    fn native_title_or(&self, f: &NativeObj, constructor: &str, args: &[Value], way: Way) -> String {
        if matches!(f.def.name(), "__new__" | "__init__") {
            constructor.to_owned()
        } else {
            self.native_title(f, args, way)
        }
    }
}

fn same_text(a: &Value, b: &Value) -> bool {
    matches!((a.as_str(), b.as_str()), (Some(x), Some(y)) if x.bytes() == y.bytes())
}

fn text(v: &Value) -> String {
    v.as_str().map(|s| s.to_text().into_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::quick;

    #[test]
    fn quick_reads_signatures() {
        let of = |s| {
            let q = quick(s);
            (q.least, q.most, q.variadic, q.simple)
        };
        assert_eq!(of("len(obj, /)"), (1, 1, false, true));
        assert_eq!(of("pop(self, index=-1, /)"), (1, 2, false, true));
        assert_eq!(of("print(*args, sep=' ', end='\\n', file=None)"), (0, 0, true, true));
        assert_eq!(of("sort(self, /, *, key=None, reverse=False)"), (1, 1, false, true));
        assert_eq!(of("f(a, *, b)"), (1, 1, false, false));
        assert_eq!(of("__new__(cls, /, *args, **kwargs)"), (1, 1, true, true));
        assert_eq!(of("f(a, b=(1, 2), **kwargs)"), (1, 2, false, true));
        assert_eq!(of("f(a, sep=', *', *rest)"), (1, 2, true, true));
        assert_eq!(of("f()"), (0, 0, false, true));
    }
}
