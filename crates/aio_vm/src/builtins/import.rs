//! `import`: finding, loading and running modules.

mod load;

use crate::builtins::object::text_of;
use crate::error::{R, Raised};
use crate::native::{Args, Def, function};
use crate::value::Value;
use crate::vm::Vm;

pub(crate) const IMPORT: Def = function(
    "__import__(name, globals=None, locals=None, fromlist=(), level=0)",
    import,
    "Import a module; the function behind the import statement.",
);

impl Vm {
    /// Imports a module by its full name and gives it (not its outermost package).
    pub fn import_module(&self, name: &str) -> R {
        let mut parent: Option<Value> = None;
        let mut end = 0;
        loop {
            let next = name[end..].find('.').map_or(name.len(), |i| end + i);
            let module = load::load(self, &name[..next], parent.as_ref())?;
            if next == name.len() {
                return Ok(module);
            }
            parent = Some(module);
            end = next + 1;
        }
    }

    /// The module under a name of `sys.modules`.
    pub fn loaded_module(&self, name: &str) -> Option<Value> {
        match name {
            "sys" => drop(self.sys()),
            "builtins" => drop(self.builtins()),
            _ => {}
        }
        self.known_module(name)
    }

    /// A module that somebody has needed before.
    pub fn known_module(&self, name: &str) -> Option<Value> {
        self.modules.get().as_dict()?.get_text(self, name)
    }

    /// The full name of what `from . import` means in a module with these globals.
    pub fn resolve_relative(&self, name: &str, globals: &Value, level: usize) -> R<String> {
        let package = package_of(self, globals)?;
        if package.is_empty() {
            return Err(self.import_error("attempted relative import with no known parent package"));
        }
        let mut base = package.as_str();
        for _ in 1..level {
            match base.rsplit_once('.') {
                Some((outer, _)) => base = outer,
                None => return Err(self.import_error("attempted relative import beyond top-level package")),
            }
        }
        Ok(if name.is_empty() { base.to_owned() } else { format!("{base}.{name}") })
    }
}

/// The package that relative imports of a module begin at.
fn package_of(vm: &Vm, globals: &Value) -> R<String> {
    let Some(g) = globals.as_dict() else { return Err(vm.type_error("globals must be a dict")) };
    let n = &vm.names;
    let package = g.get_name(vm, &n.__package__).filter(|p| !p.is_none());
    if let Some(p) = package {
        if p.as_str().is_none() {
            return Err(vm.type_error("package must be a string"));
        }
        return Ok(text_of(&p));
    }
    if let Some(spec) = g.get_name(vm, &n.__spec__).filter(|s| !s.is_none()) {
        let parent = vm.get_attr_text(&spec, "parent")?;
        if parent.as_str().is_none() {
            return Err(vm.type_error("__spec__.parent must be a string"));
        }
        return Ok(text_of(&parent));
    }
    let Some(name) = g.get_name(vm, &n.__name__) else {
        return Err(vm.error_with(vm.types.key_error.get(), vec![vm.str("'__name__' not in globals")]));
    };
    if name.as_str().is_none() {
        return Err(vm.type_error("__name__ must be a string"));
    }
    let name = text_of(&name);
    if g.get_name(vm, &n.__path__).is_some() {
        return Ok(name);
    }
    Ok(name.rsplit_once('.').map_or_else(String::new, |(p, _)| p.to_owned()))
}

fn import(vm: &Vm, a: &Args) -> R {
    if a[0].as_str().is_none() {
        return Err(vm.type_error("module name must be a string"));
    }
    let name = text_of(&a[0]);
    let level = match a.get(4) {
        Some(l) => vm.index(l)?,
        None => 0,
    };
    if level < 0 {
        return Err(vm.value_error("level must be >= 0"));
    }
    let full = if level > 0 {
        let globals = a.get(1).cloned().unwrap_or(Value::NONE);
        vm.resolve_relative(&name, &globals, level as usize)?
    } else if name.is_empty() {
        return Err(vm.value_error("Empty module name"));
    } else {
        name.clone()
    };
    let module = match vm.loaded_module(&full) {
        // The usual case: everything is loaded.
        Some(m) if !m.is_none() => m,
        _ => vm.import_module(&full)?,
    };
    let wants = match a.some(3) {
        Some(list) => vm.truth(list)?,
        None => false,
    };
    if wants {
        if let Some(list) = a.get(3)
            && vm.look_attr(&module, &vm.names.__path__)?.is_some()
        {
            import_parts(vm, &module, list, false)?;
        }
        return Ok(module);
    }
    outermost(vm, &name, &full, level > 0, module)
}

/// `import a.b.c` binds `a`.
fn outermost(vm: &Vm, name: &str, full: &str, relative: bool, module: Value) -> R {
    let Some((first, rest)) = name.split_once('.') else { return Ok(module) };
    let wanted = if relative {
        full.len().checked_sub(rest.len() + 1).and_then(|n| full.get(..n)).unwrap_or(full)
    } else {
        first
    };
    match vm.loaded_module(wanted) {
        Some(m) => Ok(m),
        None => Err(vm
            .error_with(vm.types.key_error.get(), vec![vm.str(&format!("'{wanted}' not in sys.modules as expected"))])),
    }
}

/// Loads the submodules among the names of `from package import names`.
fn import_parts(vm: &Vm, package: &Value, names: &Value, from_all: bool) -> R<()> {
    let of = vm.look_attr(package, &vm.names.__name__)?.unwrap_or(Value::NONE);
    let of = text_of(&of);
    for n in vm.collect(names)? {
        let Some(s) = n.as_str() else {
            let place = if from_all { format!("{of}.__all__") } else { "``from list''".to_owned() };
            return Err(vm.type_error(format!("Item in {place} must be str, not {}", vm.type_name(&n))));
        };
        if s.bytes() == b"*" {
            if !from_all && let Some(all) = vm.look_attr(package, &vm.names.__all__)? {
                import_parts(vm, package, &all, true)?;
            }
            continue;
        }
        let n = vm.intern_value(&n);
        if vm.look_attr(package, &n)?.is_some() {
            continue;
        }
        let full = format!("{of}.{}", text_of(&n));
        match vm.import_module(&full) {
            Ok(_) => {}
            Err(e) if is_absence_of(vm, &e, &full) => {}
            Err(e) => return Err(e),
        }
    }
    Ok(())
}

/// A ModuleNotFoundError about just this module.
fn is_absence_of(vm: &Vm, e: &Raised, full: &str) -> bool {
    e.is(vm.types.module_not_found_error.get()) && e.0.as_exception().is_some_and(|x| text_of(&x.field(0)) == full)
}
