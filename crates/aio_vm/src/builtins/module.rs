//! Module objects and `types.SimpleNamespace`.

pub(crate) mod namespace;

use crate::builtins::object::text_of;
use crate::error::{R, Raised};
use crate::native::{Args, TypeTable, method, property, static_method};
use crate::object::ModuleObj;
use crate::value::Value;
use crate::vm::Vm;

pub(crate) static TABLE: TypeTable = TypeTable {
    doc: "A module.",
    rows: &[
        static_method("__new__(cls, /, *args, **kwargs)", new, "Create a module."),
        method("__init__(self, name, doc=None)", init, "Initialize self."),
        method("__repr__(self, /)", repr, "Return repr(self)."),
        method("__getattribute__(self, name, /)", getattribute, "Return getattr(self, name)."),
        method("__setattr__(self, name, value, /)", setattr, "Implement setattr(self, name, value)."),
        method("__delattr__(self, name, /)", delattr, "Implement delattr(self, name)."),
        method("__dir__(self, /)", dir, "List the names of the module."),
        property("__annotations__(self)", annotations, set_annotations, "the annotations of the module's names"),
    ],
    next: None,
};

fn this<'a>(vm: &Vm, v: &'a Value) -> R<&'a ModuleObj> {
    v.as_module().ok_or_else(|| vm.type_error(format!("a module is required, not '{}'", vm.type_name(v))))
}

fn new(vm: &Vm, a: &Args) -> R {
    let class = vm.class_to_make(&a[0], vm.types.module.get())?;
    let fresh = vm.module_of(vm.dict());
    Ok(if class.is_same(vm.types.module.get()) { fresh } else { vm.adopt(fresh, class) })
}

fn init(vm: &Vm, a: &Args) -> R {
    if a[1].as_str().is_none() {
        return Err(vm.bad_argument("module() argument 'name'", "str", &a[1]));
    }
    let dict = this(vm, &a[0])?.dict.get();
    let Some(d) = dict.as_dict() else { return Ok(Value::NONE) };
    d.set_text(vm, "__name__", a[1].clone());
    d.set_text(vm, "__doc__", a.get(2).cloned().unwrap_or(Value::NONE));
    for name in ["__package__", "__loader__", "__spec__"] {
        d.set_text(vm, name, Value::NONE);
    }
    Ok(Value::NONE)
}

fn own(vm: &Vm, m: &Value, name: &Value) -> Option<Value> {
    m.as_module()?.dict.get().as_dict()?.get_name(vm, name)
}

fn repr(vm: &Vm, a: &Args) -> R {
    let name = own(vm, &a[0], &vm.names.__name__).filter(|n| n.as_str().is_some());
    let name = match name {
        Some(n) => vm.repr_text(&n)?,
        None => "'?'".to_owned(),
    };
    if let Some(file) = own(vm, &a[0], &vm.names.__file__).filter(|f| f.as_str().is_some()) {
        return Ok(vm.str(&format!("<module {name} from {}>", vm.repr_text(&file)?)));
    }
    let plain = name.trim_matches('\'');
    let native = plain == "builtins" || plain == "sys" || vm.module_exists(plain);
    Ok(vm.str(&if native { format!("<module {name} (built-in)>") } else { format!("<module {name}>") }))
}

fn getattribute(vm: &Vm, a: &Args) -> R {
    let name = vm.attr_name(&a[1])?;
    vm.plain_attr(&a[0], &name)?.ok_or_else(|| vm.no_attribute(&a[0], &name))
}

fn setattr(vm: &Vm, a: &Args) -> R {
    let name = vm.attr_name(&a[1])?;
    vm.plain_set_attr(&a[0], &name, Some(a[2].clone()))?;
    Ok(Value::NONE)
}

fn delattr(vm: &Vm, a: &Args) -> R {
    let name = vm.attr_name(&a[1])?;
    vm.plain_set_attr(&a[0], &name, None)?;
    Ok(Value::NONE)
}

fn dir(vm: &Vm, a: &Args) -> R {
    if let Some(f) = own(vm, &a[0], &vm.names.__dir__) {
        return vm.call(&f, &[]);
    }
    let keys = this(vm, &a[0])?.dict.get().as_dict().map(|d| d.keys()).unwrap_or_default();
    Ok(vm.list(keys))
}

fn annotations(vm: &Vm, a: &Args) -> R {
    let name = &vm.names.__annotations__;
    if let Some(v) = own(vm, &a[0], name) {
        return Ok(v);
    }
    let fresh = vm.dict();
    if let Some(d) = this(vm, &a[0])?.dict.get().as_dict() {
        drop(d.set_name(vm, name, fresh.clone()));
    }
    Ok(fresh)
}

fn set_annotations(vm: &Vm, a: &Args) -> R {
    let name = &vm.names.__annotations__;
    let dict = this(vm, &a[0])?.dict.get();
    let Some(d) = dict.as_dict() else { return Ok(Value::NONE) };
    match a.get(1) {
        Some(v) => drop(d.set_name(vm, name, v.clone())),
        None => {
            if d.remove_name(vm, name).is_none() {
                return Err(vm.attribute_error("__annotations__", name, &a[0]));
            }
        }
    }
    Ok(Value::NONE)
}

impl Vm {
    /// The file of a module that lies in the first folder of `sys.path`, where it may hide another of its name.
    fn beside_the_script(&self, module: &Value) -> Option<String> {
        let file = own(self, module, &self.names.__file__).filter(|f| f.as_str().is_some())?;
        let file = text_of(&file);
        let path = self.sys_get("path")?;
        let first = path.as_list().and_then(|l| l.get(0)).filter(|v| v.as_str().is_some())?;
        let folder = file.rsplit_once('/').map_or("", |(f, _)| f);
        (folder == text_of(&first)).then_some(file)
    }

    /// The AttributeError for a name that a module does not have.
    #[cold]
    pub(crate) fn no_module_attribute(&self, module: &Value, name: &Value) -> Raised {
        let text = text_of(name);
        let of = own(self, module, &self.names.__name__).filter(|n| n.as_str().is_some());
        let Some(of) = of else {
            return self.attribute_error(&format!("module has no attribute '{text}'"), name, module);
        };
        let of = text_of(&of);
        let spec = own(self, module, &self.names.__spec__).unwrap_or(Value::NONE);
        let flag = self.look_attr(&spec, &self.intern("_initializing")).ok().flatten();
        if !flag.is_some_and(|v| v.is_true()) {
            return self.attribute_error(&format!("module '{of}' has no attribute '{text}'"), name, module);
        }
        if let Some(file) = self.beside_the_script(module) {
            let message = format!(
                "module '{of}' has no attribute '{text}' (consider renaming '{file}' if it has the same name as a \
                 third-party module you intended to import)"
            );
            return self.attribute_error(&message, name, module);
        }
        let place = match own(self, module, &self.names.__file__).filter(|f| f.as_str().is_some()) {
            Some(f) => format!(" from '{}'", text_of(&f)),
            None => String::new(),
        };
        let message = format!(
            "partially initialized module '{of}'{place} has no attribute '{text}' (most likely due to a circular import)"
        );
        self.attribute_error(&message, name, module)
    }
}
