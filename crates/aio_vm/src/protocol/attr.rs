//! Attributes: lookup, binding of descriptors, setting and deleting.

use crate::error::{R, Raised};
use crate::object::MemberObj;
use crate::object::class::*;
use crate::object::header::{HAS_ATTRS, Kind};
use crate::object::slot::Slot;
use crate::value::Value;
use crate::vm::Vm;

impl Vm {
    /// `getattr(obj, name)`; the name is an interned string.
    pub fn get_attr(&self, obj: &Value, name: &Value) -> R {
        match self.find_attr(obj, name)? {
            Some(v) => Ok(v),
            None => Err(self.no_attribute(obj, name)),
        }
    }

    /// `getattr(obj, text)`.
    pub fn get_attr_text(&self, obj: &Value, name: &str) -> R {
        self.get_attr(obj, &self.intern(name))
    }

    /// `getattr(obj, name, None)`: `None` where Python would raise AttributeError.
    pub fn find_attr(&self, obj: &Value, name: &Value) -> R<Option<Value>> {
        let class = self.class_of(obj);
        class.version();
        if !class.is(CUSTOM_GETATTRIBUTE | CUSTOM_GETATTR) {
            return self.plain_attr(obj, name);
        }
        let class_value = class.value();
        let class = class_value.as_class().unwrap_or(class);
        let found = if class.is(CUSTOM_GETATTRIBUTE) {
            let f = class.lookup(self, &self.names.__getattribute__);
            match self.call(&f.unwrap_or_default(), &[obj.clone(), name.clone()]) {
                Ok(v) => Ok(Some(v)),
                Err(e) if e.is(self.types.attribute_error.get()) => {
                    if !class.is(CUSTOM_GETATTR) {
                        return Err(e);
                    }
                    Ok(None)
                }
                Err(e) => Err(e),
            }
        } else {
            match self.plain_attr(obj, name) {
                Err(e) if e.is(self.types.attribute_error.get()) && class.is(CUSTOM_GETATTR) => Ok(None),
                other => other,
            }
        }?;
        if found.is_some() || !class.is(CUSTOM_GETATTR) {
            return Ok(found);
        }
        let f = class.lookup(self, &self.names.__getattr__).unwrap_or_default();
        self.call(&f, &[obj.clone(), name.clone()]).map(Some)
    }

    /// Like `find_attr`, and a raised AttributeError counts as absent, too.
    pub fn look_attr(&self, obj: &Value, name: &Value) -> R<Option<Value>> {
        match self.find_attr(obj, name) {
            Err(e) if e.is(self.types.attribute_error.get()) => Ok(None),
            other => other,
        }
    }

    /// What `object.__getattribute__` (or that of type, module, super) finds.
    pub fn plain_attr(&self, obj: &Value, name: &Value) -> R<Option<Value>> {
        match obj.kind() {
            Some(Kind::Class) => self.class_attr(obj, name),
            Some(Kind::Super) => self.super_attr(obj, name),
            Some(Kind::Module) => self.module_attr(obj, name),
            _ => self.object_attr(obj, name),
        }
    }

    /// The attribute lookup of plain objects: data descriptor, own attribute, other attribute of the class.
    pub fn object_attr(&self, obj: &Value, name: &Value) -> R<Option<Value>> {
        let class = self.class_of(obj);
        let meta = class.lookup(self, name);
        if let Some(m) = &meta
            && self.is_data_descriptor(m)
            && self.has_get(m)
        {
            return self.bind(m, Some(obj), &class.value());
        }
        if let Some(v) = self.own_attr(obj, name) {
            return Ok(Some(v));
        }
        match meta {
            Some(m) => self.bind(&m, Some(obj), &class.value()),
            None => Ok(None),
        }
    }

    fn module_attr(&self, obj: &Value, name: &Value) -> R<Option<Value>> {
        let Some(m) = obj.as_module() else { return Ok(None) };
        if name.is(&self.names.__builtins__) || name.is(&self.names.__dict__) {
            self.builtins();
        }
        let dict = m.dict.get();
        if let Some(v) = dict.as_dict().and_then(|d| d.get_name(self, name))
            && !name.is(&self.names.__class__)
        {
            return Ok(Some(v));
        }
        if let Some(v) = self.object_attr(obj, name)? {
            return Ok(Some(v));
        }
        let hook = dict.as_dict().and_then(|d| d.get_name(self, &self.names.__getattr__));
        match hook {
            Some(f) => self.call(&f, std::slice::from_ref(name)).map(Some),
            None => Ok(None),
        }
    }

    /// The attribute lookup of classes: data descriptor of the metaclass, own or inherited attribute, metaclass.
    pub fn class_attr(&self, obj: &Value, name: &Value) -> R<Option<Value>> {
        let Some(class) = obj.as_class() else { return Ok(None) };
        let metaclass = self.class_of(obj);
        let meta = metaclass.lookup(self, name);
        if let Some(m) = &meta
            && self.is_data_descriptor(m)
        {
            return self.bind(m, Some(obj), &metaclass.value());
        }
        if let Some(v) = class.lookup(self, name) {
            return self.bind(&v, None, obj);
        }
        match meta {
            Some(m) => self.bind(&m, Some(obj), &metaclass.value()),
            None => Ok(None),
        }
    }

    /// The attribute of a super object: searched behind its class, bound to its receiver.
    pub fn super_attr(&self, obj: &Value, name: &Value) -> R<Option<Value>> {
        let Some(s) = obj.as_super() else { return Ok(None) };
        let (start, receiver, rc) = (s.class.get(), s.receiver.get(), s.receiver_class.get());
        if !rc.is_undef()
            && !name.is(&self.names.__class__)
            && let Some(v) = self.lookup_behind(&rc, &start, name)
        {
            let target = if receiver.is(&rc) { None } else { Some(&receiver) };
            return self.bind(&v, target, &rc);
        }
        self.object_attr(obj, name)
    }

    /// The raw attribute in the classes behind `start` in the order of `class`.
    pub(crate) fn lookup_behind(&self, class: &Value, start: &Value, name: &Value) -> Option<Value> {
        let order = class.as_class()?.mro_classes();
        let mut behind = order.skip_while(|c| c.header_addr() != start.addr()).skip(1);
        behind.find_map(|c| c.peek_dict()?.get_name(self, name))
    }

    /// The attribute in the object's own dict or slots.
    pub fn own_attr(&self, obj: &Value, name: &Value) -> Option<Value> {
        match obj.as_instance() {
            Some(i) => i.get(self, name),
            None => self.attrs_slot(obj)?.as_dict()?.get_name(self, name),
        }
    }

    /// The dict of an object that is not a plain one, if it has any yet.
    fn attrs_slot(&self, obj: &Value) -> Option<Value> {
        let h = obj.header()?;
        match self.inline_attrs(obj) {
            Some(slot) => slot.defined(),
            None if h.has(HAS_ATTRS) => self.side_attrs.borrow().get(&obj.addr()).cloned(),
            None => None,
        }
    }

    /// Whether an object with a built-in layout is known to have no attribute of its own by this name.
    pub(crate) fn has_no_own(&self, obj: &Value, name: &Value) -> bool {
        let kinds = [Kind::Opaque, Kind::List, Kind::Dict, Kind::Set, Kind::Exception];
        if !obj.kind().is_some_and(|k| kinds.contains(&k)) {
            return false;
        }
        match self.inline_attrs(obj).map(Slot::peek) {
            Some(own) => own.is_undef() || own.as_dict().is_some_and(|d| d.get_name(self, name).is_none()),
            // A bare cell.
            None => !obj.header().is_some_and(|h| h.has(HAS_ATTRS)),
        }
    }

    /// Where cells of this kind keep their dict, if they have a place for it.
    fn inline_attrs<'a>(&self, obj: &'a Value) -> Option<&'a Slot> {
        Some(match obj.kind()? {
            Kind::List => &obj.as_list()?.attrs,
            Kind::Dict => &obj.as_dict()?.attrs,
            Kind::Set | Kind::FrozenSet => &obj.as_set()?.attrs,
            Kind::ByteArray => &obj.as_bytearray()?.attrs,
            Kind::Exception => &obj.as_exception()?.attrs,
            Kind::Opaque => obj.as_opaque()?.attrs()?,
            Kind::Property => &obj.as_property()?.attrs,
            Kind::ClassMethod | Kind::StaticMethod => &obj.as_wrapper()?.attrs,
            Kind::Weakref => &obj.as_weakref()?.attrs,
            Kind::Function => &obj.as_function()?.extra().attrs,
            _ => return None,
        })
    }

    /// `obj.__dict__`, made if need be; `None` if instances of the class have none.
    pub fn attrs_dict(&self, obj: &Value) -> Option<Value> {
        match obj.kind()? {
            Kind::Class => return obj.as_class().map(|c| c.dict()),
            Kind::Module => return obj.as_module().map(|m| m.dict.get()),
            _ => {}
        }
        if !self.class_of(obj).is(HAS_DICT) {
            return None;
        }
        if let Some(i) = obj.as_instance() {
            return Some(i.to_dict(self));
        }
        Some(self.attrs_room(obj))
    }

    /// The dict behind an object that is not a plain one, made if need be: for its attributes, and for the members that
    /// `__slots__` gives to a class with a built-in layout.
    fn attrs_room(&self, obj: &Value) -> Value {
        self.attrs_slot(obj).unwrap_or_else(|| {
            let dict = self.dict();
            self.set_attrs_dict(obj, dict.clone());
            dict
        })
    }

    /// What a member holds for an object.
    pub(crate) fn member_value(&self, m: &MemberObj, obj: &Value) -> Option<Value> {
        match obj.as_instance() {
            Some(i) if i.has_room(m.index) => i.slot(m.index).clone().defined(),
            Some(_) => None,
            None => self.attrs_slot(obj)?.as_dict()?.get_name(self, &m.name),
        }
    }

    /// Sets (or, without a value, empties) a member; gives what was there.
    fn set_member(&self, m: &MemberObj, obj: &Value, value: Option<&Value>) -> Option<Value> {
        let Some(i) = obj.as_instance() else {
            let room = self.attrs_room(obj);
            let dict = room.as_dict()?;
            return match value {
                Some(v) => dict.set_name(self, &m.name, v.clone()),
                None => dict.remove_name(self, &m.name),
            };
        };
        if !i.has_room(m.index) {
            i.grow(self, m.index);
        }
        i.set_slot(m.index, value.cloned().unwrap_or(Value::UNDEF)).defined()
    }

    /// Replaces `obj.__dict__`.
    pub fn set_attrs_dict(&self, obj: &Value, dict: Value) {
        if let Some(i) = obj.as_instance() {
            return i.set_dict(self, dict);
        }
        match self.inline_attrs(obj) {
            Some(slot) => slot.set(dict),
            None => {
                if let Some(h) = obj.header() {
                    h.set_flag(HAS_ATTRS);
                    let old = self.side_attrs.borrow_mut().insert(obj.addr(), dict);
                    drop(old);
                }
            }
        }
    }

    /// Has `__set__` or `__delete__`.
    pub fn is_data_descriptor(&self, v: &Value) -> bool {
        match v.kind() {
            Some(Kind::Property | Kind::Member) => true,
            Some(Kind::Native) => self.class_of(v).is_same(self.types.getset_descriptor.get()),
            Some(Kind::Instance | Kind::Opaque) => {
                let c = self.class_of(v);
                c.peek(self, &self.names.__set__).is_some() || c.peek(self, &self.names.__delete__).is_some()
            }
            _ => {
                let own = |name| self.own_step(v, name).is_some();
                own(&self.names.__set__) || own(&self.names.__delete__)
            }
        }
    }

    /// Whether a data descriptor can also be read through: one without `__get__` leaves that to the object's dict.
    fn has_get(&self, m: &Value) -> bool {
        match m.kind() {
            Some(Kind::Instance | Kind::Opaque) => self.class_of(m).peek(self, &self.names.__get__).is_some(),
            _ => true,
        }
    }

    /// The `__get__` step: what an attribute found in a class becomes for an object (or for the class alone).
    pub fn bind(&self, v: &Value, obj: Option<&Value>, class: &Value) -> R<Option<Value>> {
        if let Some(get) = self.own_step(v, &self.names.__get__) {
            let o = obj.cloned().unwrap_or(Value::NONE);
            return self.call(&get, &[v.clone(), o, class.clone()]).map(Some);
        }
        self.bind_native(v, obj, class)
    }

    /// The script's own `__get__`, `__set__` or `__delete__` in a subclass of a built-in type.
    #[inline]
    fn own_step(&self, v: &Value, name: &Value) -> Option<Value> {
        match v.kind()? {
            Kind::Function | Kind::Native | Kind::Instance | Kind::Opaque | Kind::Class => None,
            _ if !self.class_of(v).is(HEAP) => None,
            _ => self.class_of(v).lookup(self, name).filter(|f| f.as_native().is_none()),
        }
    }

    /// The `__get__` of the built-in descriptors, and of instances of script classes.
    pub(crate) fn bind_native(&self, v: &Value, obj: Option<&Value>, class: &Value) -> R<Option<Value>> {
        let bound = match v.kind() {
            None => v.clone(),
            Some(Kind::Function) => match obj {
                Some(o) => self.bound_method(v.clone(), o.clone()),
                None => v.clone(),
            },
            Some(Kind::Native) => {
                let shown = self.class_of(v);
                let t = &self.types;
                if shown.is_same(t.builtin_function.get()) {
                    v.clone()
                } else if shown.is_same(t.classmethod_descriptor.get()) {
                    self.bound_method(v.clone(), class.clone())
                } else if shown.is_same(t.getset_descriptor.get()) {
                    match (obj, v.as_native()) {
                        (Some(o), Some(f)) => self.call_native(f, std::slice::from_ref(o), &[])?,
                        _ => v.clone(),
                    }
                } else {
                    match obj {
                        Some(o) => self.bound_method(v.clone(), o.clone()),
                        None => v.clone(),
                    }
                }
            }
            Some(Kind::Property) => match (obj, v.as_property()) {
                (Some(o), Some(p)) => {
                    let get = p.get.get();
                    if get.is_none() || get.is_undef() {
                        return Err(self.property_error(v, o, "getter"));
                    }
                    self.call(&get, std::slice::from_ref(o))?
                }
                _ => v.clone(),
            },
            Some(Kind::ClassMethod) => {
                let f = v.as_wrapper().map(|w| w.function.get()).unwrap_or_default();
                self.plain_bound_method(f, class.clone())
            }
            Some(Kind::Super) => match (obj, v.as_super()) {
                (Some(o), Some(s)) if s.receiver.is_empty() => {
                    let start = s.class.get();
                    let of = self.super_class_of(&start, o)?;
                    self.super_object(start, o.clone(), of)
                }
                _ => v.clone(),
            },
            Some(Kind::StaticMethod) => v.as_wrapper().map(|w| w.function.get()).unwrap_or_default(),
            Some(Kind::Member) => match (obj, v.as_member()) {
                (Some(o), Some(m)) => match self.member_value(m, o) {
                    Some(x) => x,
                    None => {
                        let name = m.name();
                        let text = name.as_str().map(|s| s.to_text().into_owned()).unwrap_or_default();
                        let what = self.type_name(o);
                        return Err(self.attribute_error(
                            &format!("'{what}' object has no attribute '{text}'"),
                            &name,
                            o,
                        ));
                    }
                },
                _ => v.clone(),
            },
            Some(Kind::Instance | Kind::Opaque | Kind::Class) => {
                let get = self.class_of(v).lookup(self, &self.names.__get__);
                match get {
                    Some(get) if v.kind() != Some(Kind::Class) || self.class_of(v).is(HEAP) => {
                        let o = obj.cloned().unwrap_or(Value::NONE);
                        self.call(&get, &[v.clone(), o, class.clone()])?
                    }
                    _ => v.clone(),
                }
            }
            Some(_) => v.clone(),
        };
        Ok(Some(bound))
    }

    #[cold]
    fn property_error(&self, property: &Value, obj: &Value, what: &str) -> Raised {
        let mut name = property.as_property().map(|p| p.name.get()).unwrap_or_default();
        if name.is_undef()
            && let Some(f) = property.as_property().map(|p| p.get.get())
            && let Some(f) = f.as_function()
        {
            name = f.name();
        }
        let of = self.class_of(obj).qualname.get();
        let of = of.as_str().map(|s| s.to_text().into_owned()).unwrap_or_default();
        let message = match name.as_str() {
            Some(n) => format!("property '{}' of '{of}' object has no {what}", n.to_text()),
            None => format!("property of '{of}' object has no {what}"),
        };
        self.error(self.types.attribute_error.get(), &message)
    }

    /// The method that an operation looks up on the type of a value, bound to nothing.
    #[inline]
    pub fn type_method(&self, v: &Value, name: &Value) -> Option<Value> {
        self.class_of(v).lookup(self, name)
    }

    /// Calls the method that the type of `v` has under this name; `None` if there is none.
    pub fn call_special(&self, v: &Value, name: &Value, args: &[Value]) -> R<Option<Value>> {
        let Some(f) = self.type_method(v, name) else { return Ok(None) };
        match f.kind() {
            Some(Kind::Function | Kind::Native) if !self.class_of(&f).is_same(self.types.builtin_function.get()) => {
                let mut all = smallvec::SmallVec::<[Value; 4]>::new();
                all.push(v.clone());
                all.extend(args.iter().cloned());
                self.call(&f, &all).map(Some)
            }
            _ => {
                let class = self.class_of(v).value();
                match self.bind(&f, Some(v), &class)? {
                    Some(bound) => self.call(&bound, args).map(Some),
                    None => Ok(None),
                }
            }
        }
    }

    /// Calls `obj.name(*args)`.
    pub fn call_method(&self, obj: &Value, name: &str, args: &[Value]) -> R {
        let f = self.get_attr(obj, &self.intern(name))?;
        self.call(&f, args)
    }

    /// `setattr(obj, name, value)`, or `delattr` without a value. The name is interned.
    pub fn set_attr(&self, obj: &Value, name: &Value, value: Option<Value>) -> R<()> {
        let class = self.class_of(obj);
        class.version();
        if class.is(CUSTOM_SETATTR) {
            let special = if value.is_some() { &self.names.__setattr__ } else { &self.names.__delattr__ };
            let mut args = vec![name.clone()];
            args.extend(value);
            return match self.call_special(obj, special, &args)? {
                Some(_) => Ok(()),
                None => Err(self.no_attribute(obj, name)),
            };
        }
        self.plain_set_attr(obj, name, value)
    }

    /// What `object.__setattr__` (or type's) does.
    pub fn plain_set_attr(&self, obj: &Value, name: &Value, value: Option<Value>) -> R<()> {
        if obj.kind() == Some(Kind::Class) {
            return self.set_class_attr(obj, name, value);
        }
        let class = self.class_of(obj);
        let meta = class.lookup(self, name);
        if let Some(m) = &meta
            && let Some(done) = self.set_through(m, obj, value.as_ref())?
        {
            return done;
        }
        if let Some(i) = obj.as_instance() {
            if class.is(HAS_DICT) {
                match value {
                    Some(v) => i.set(self, name, v),
                    None => {
                        if i.remove(self, name).is_none() {
                            return Err(self.no_attribute(obj, name));
                        }
                    }
                }
                return Ok(());
            }
        } else if let Some(dict) = self.attrs_dict(obj)
            && let Some(d) = dict.as_dict()
        {
            match value {
                Some(v) => drop(d.set_name(self, name, v)),
                None => {
                    if d.remove_name(self, name).is_none() {
                        return Err(self.no_attribute(obj, name));
                    }
                }
            }
            return Ok(());
        }
        let text = name.as_str().map(|s| s.to_text().into_owned()).unwrap_or_default();
        let what = class.shown_name();
        let message = match meta {
            Some(_) => format!("'{what}' object attribute '{text}' is read-only"),
            None if self.has_own_setattr(class) => format!("'{what}' object has no attribute '{text}'"),
            None => format!("'{what}' object has no attribute '{text}' and no __dict__ for setting new attributes"),
        };
        Err(self.attribute_error(&message, name, obj))
    }

    /// Whether a class of the script sets or deletes attributes in its own way.
    fn has_own_setattr(&self, class: &ClassObj) -> bool {
        [&self.names.__setattr__, &self.names.__delattr__]
            .into_iter()
            .any(|name| class.find_in_mro(self, name).is_some_and(|(by, _)| by.is(HEAP)))
    }

    /// Sets or deletes through a data descriptor; the outer `None` says that it is not one.
    pub(crate) fn set_through(&self, descriptor: &Value, obj: &Value, value: Option<&Value>) -> R<Option<R<()>>> {
        let special = if value.is_some() { &self.names.__set__ } else { &self.names.__delete__ };
        if let Some(step) = self.own_step(descriptor, special) {
            let mut args = vec![descriptor.clone(), obj.clone()];
            args.extend(value.cloned());
            return self.call(&step, &args).map(|_| Some(Ok(())));
        }
        self.set_through_native(descriptor, obj, value)
    }

    /// The `__set__` and `__delete__` of the built-in descriptors, and of instances of script classes.
    pub(crate) fn set_through_native(
        &self,
        descriptor: &Value,
        obj: &Value,
        value: Option<&Value>,
    ) -> R<Option<R<()>>> {
        match descriptor.kind() {
            Some(Kind::Property) => {
                let Some(p) = descriptor.as_property() else { return Ok(None) };
                let (f, what) = if value.is_some() { (p.set.get(), "setter") } else { (p.delete.get(), "deleter") };
                if f.is_none() || f.is_undef() {
                    return Err(self.property_error(descriptor, obj, what));
                }
                let mut args = vec![obj.clone()];
                args.extend(value.cloned());
                self.call(&f, &args)?;
                Ok(Some(Ok(())))
            }
            Some(Kind::Member) => {
                let Some(m) = descriptor.as_member() else { return Ok(None) };
                let old = self.set_member(m, obj, value);
                if value.is_none() && old.is_none() {
                    let name = m.name();
                    let text = name.as_str().map(|s| s.to_text().into_owned()).unwrap_or_default();
                    return Err(self.attribute_error(&text, &name, obj));
                }
                Ok(Some(Ok(())))
            }
            Some(Kind::Native) if self.is_data_descriptor(descriptor) => {
                let Some(f) = descriptor.as_native() else { return Ok(None) };
                let Some(set) = f.def.set else {
                    let message = format!(
                        "attribute '{}' of '{}' objects is not writable",
                        f.def.name(),
                        f.owner().map(|c| c.name_text()).unwrap_or_default()
                    );
                    return Err(self.error(self.types.attribute_error.get(), &message));
                };
                let mut slots = vec![obj.clone()];
                slots.extend(value.cloned());
                let args = crate::native::Args { slots: &slots, rest: &[], keywords: &[], receiver: &f.receiver };
                set(self, &args)?;
                Ok(Some(Ok(())))
            }
            Some(Kind::Instance | Kind::Opaque) => {
                let special = if value.is_some() { &self.names.__set__ } else { &self.names.__delete__ };
                let mut args = vec![obj.clone()];
                args.extend(value.cloned());
                match self.call_special(descriptor, special, &args)? {
                    Some(_) => Ok(Some(Ok(()))),
                    None if self.is_data_descriptor(descriptor) => {
                        let what = if value.is_some() { "__set__" } else { "__delete__" };
                        Err(self.error(self.types.attribute_error.get(), what))
                    }
                    None => Ok(None),
                }
            }
            _ => Ok(None),
        }
    }

    fn set_class_attr(&self, obj: &Value, name: &Value, value: Option<Value>) -> R<()> {
        let Some(class) = obj.as_class() else { return Ok(()) };
        let text = name.as_str().map(|s| s.to_text().into_owned()).unwrap_or_default();
        if class.is(IMMUTABLE) {
            let what = class.name_text();
            let verb = if value.is_some() { "set" } else { "delete" };
            let _ = verb;
            return Err(self.type_error(format!("cannot set '{text}' attribute of immutable type '{what}'")));
        }
        if let Some(m) = self.class_of(obj).lookup(self, name)
            && self.is_data_descriptor(&m)
            && let Some(done) = self.set_through(&m, obj, value.as_ref())?
        {
            return done;
        }
        match value {
            Some(v) => class.set_raw(self, name, v),
            None => {
                if class.remove_raw(self, name).is_none() {
                    let what = class.name_text();
                    return Err(self.attribute_error(
                        &format!("type object '{what}' has no attribute '{text}'"),
                        name,
                        obj,
                    ));
                }
            }
        }
        Ok(())
    }

    /// The AttributeError for a missing attribute.
    #[cold]
    pub fn no_attribute(&self, obj: &Value, name: &Value) -> Raised {
        let text = name.as_str().map(|s| s.to_text().into_owned()).unwrap_or_default();
        let message = match obj.kind() {
            Some(Kind::Class) => {
                format!(
                    "type object '{}' has no attribute '{text}'",
                    obj.as_class().map(|c| c.name_text()).unwrap_or_default()
                )
            }
            Some(Kind::Module) => return self.no_module_attribute(obj, name),
            _ => format!("'{}' object has no attribute '{text}'", self.type_name(obj)),
        };
        self.attribute_error(&message, name, obj)
    }
}

impl ClassObj {
    pub(crate) fn header_addr(&self) -> usize {
        self as *const ClassObj as usize
    }
}
