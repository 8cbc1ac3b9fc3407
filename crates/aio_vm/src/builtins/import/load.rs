//! Loading one module: from `sys.modules`, from those written in Rust, or from a file.

use crate::builtins::object::text_of;
use crate::error::{R, Raised};
use crate::host::{CompileMode, Found};
use crate::value::Value;
use crate::vm::{Library, ModuleDef, Vm};
use aio_bytecode::code::COROUTINE;

#[cold]
fn not_found(vm: &Vm, message: &str, name: &str) -> Raised {
    let e = vm.error(vm.types.module_not_found_error.get(), message);
    if let Some(x) = e.0.as_exception() {
        x.set_field(0, vm.str(name));
        x.set_field(3, vm.str(message));
    }
    e
}

/// Gives the module with this full name, whose parent package is loaded already.
pub(super) fn load(vm: &Vm, full: &str, parent: Option<&Value>) -> R {
    match vm.loaded_module(full) {
        Some(m) if m.is_none() => {
            let message = format!("import of {full} halted; None in sys.modules");
            return Err(not_found(vm, &message, full));
        }
        Some(m) => return Ok(m),
        None => {}
    }
    let _guard = vm.enter_native()?;
    let (package, last) = full.rsplit_once('.').map_or(("", full), |(p, l)| (p, l));
    let def = vm.native_module(full);
    let module = match def {
        Some(def) => load_native(vm, def)?,
        None => {
            let search = match parent {
                Some(p) => match vm.look_attr(p, &vm.names.__path__)? {
                    Some(path) => folders(vm, &path)?,
                    None => {
                        let message = format!("No module named '{full}'; '{package}' is not a package");
                        return Err(not_found(vm, &message, full));
                    }
                },
                None => search_path(vm)?,
            };
            // A namespace package is what is left when nothing else has the name.
            let found = vm.importer.find(last, &search);
            let library =
                if found.as_ref().is_none_or(|f| f.filename.is_empty()) { vm.library_module(full) } else { None };
            match (found, library) {
                (_, Some(library)) => load_library(vm, full, library)?,
                (Some(found), None) => load_file(vm, full, found)?,
                (None, None) => return Err(not_found(vm, &format!("No module named '{full}'"), full)),
            }
        }
    };
    if let Some(p) = parent {
        vm.set_attr(p, &vm.intern(last), Some(module.clone()))?;
    }
    Ok(module)
}

/// The strings of `sys.path`.
fn search_path(vm: &Vm) -> R<Vec<String>> {
    let sys = vm.sys();
    let dict = sys.as_module().map(|m| m.dict.get()).unwrap_or_default();
    let path = dict.as_dict().and_then(|d| d.get_name(vm, &vm.names.path));
    match path {
        Some(p) if !p.is_none() => folders(vm, &p),
        _ => Ok(Vec::new()),
    }
}

fn folders(vm: &Vm, path: &Value) -> R<Vec<String>> {
    let items = vm.collect(path)?;
    Ok(items.iter().filter(|v| v.as_str().is_some()).map(text_of).collect())
}

fn load_native(vm: &Vm, def: &'static ModuleDef) -> R {
    let module = vm.module(def.name, Value::NONE);
    let spec = spec(vm, def.name, vm.str("built-in"), None, false);
    if let Some(d) = dict_of(&module).as_dict() {
        d.set_text(vm, "__package__", vm.str(def.name.rsplit_once('.').map_or("", |(p, _)| p)));
        d.set_text(vm, "__spec__", spec);
    }
    register(vm, def.name, Some(&module));
    match (def.init)(vm, &module) {
        // A module may put another object in its own place.
        Ok(()) => Ok(vm.loaded_module(def.name).unwrap_or(module)),
        Err(e) => {
            register(vm, def.name, None);
            Err(e)
        }
    }
}

fn dict_of(module: &Value) -> Value {
    module.as_module().map(|m| m.dict.get()).unwrap_or_default()
}

/// Enters a module into `sys.modules`, or removes it.
fn register(vm: &Vm, name: &str, module: Option<&Value>) {
    let modules = vm.modules.get();
    let Some(d) = modules.as_dict() else { return };
    match module {
        Some(m) => d.set_text(vm, name, m.clone()),
        None => drop(d.remove_name(vm, &vm.intern(name))),
    }
}

/// What `__spec__` tells of a module.
fn spec(vm: &Vm, full: &str, origin: Value, search: Option<Value>, has_location: bool) -> Value {
    let parent = if search.is_some() { full } else { full.rsplit_once('.').map_or("", |(p, _)| p) };
    vm.simple_namespace(vec![
        ("name", vm.intern(full)),
        ("loader", Value::NONE),
        ("origin", origin),
        ("submodule_search_locations", search.unwrap_or(Value::NONE)),
        ("loader_state", Value::NONE),
        ("cached", Value::NONE),
        ("parent", vm.str(parent)),
        ("has_location", Value::bool(has_location)),
        ("_initializing", Value::FALSE),
    ])
}

/// The names that the import system itself gives a module.
fn describe(vm: &Vm, full: &str, dict: &Value, spec: &Value, search: Option<Value>) {
    let Some(d) = dict.as_dict() else { return };
    let package = if search.is_some() { full } else { full.rsplit_once('.').map_or("", |(p, _)| p) };
    d.set_text(vm, "__package__", vm.str(package));
    d.set_text(vm, "__spec__", spec.clone());
    // All their names are there when somebody looks at them.
    d.set_name(vm, &vm.names.__builtins__, vm.builtins.get());
    if let Some(search) = search {
        d.set_text(vm, "__path__", search);
    }
}

fn load_library(vm: &Vm, full: &str, library: Library) -> R {
    let filename = format!("<frozen {full}>");
    let code = match aio_bytecode::stored::read(library.code, &filename) {
        Some(code) => vm.code(&code),
        None => vm.compile(library.text, &filename, CompileMode::Module)?,
    };
    let module = vm.module(full, Value::NONE);
    let dict = dict_of(&module);
    let search = library.is_package.then(|| vm.list(Vec::new()));
    let spec = spec(vm, full, vm.str("frozen"), search.clone(), false);
    describe(vm, full, &dict, &spec, search);
    run(vm, full, &module, &spec, code)
}

fn load_file(vm: &Vm, full: &str, found: Found) -> R {
    let text = vm.importer.decode(&found.source).map_err(|d| vm.syntax_error(&[d], &found.filename, ""))?;
    let code = vm.compile(&text, &found.filename, CompileMode::Module)?;
    // A script may look for them in its globals.
    vm.builtins();
    let module = vm.module(full, Value::NONE);
    let dict = dict_of(&module);
    let filename = vm.str(&found.filename);
    // A package without a file of its own is spread over several folders.
    let has_file = !found.filename.is_empty();
    let search = found.search.map(|folders| vm.list(folders.iter().map(|f| vm.str(f)).collect()));
    let origin = if has_file { filename.clone() } else { Value::NONE };
    let spec = spec(vm, full, origin, search.clone(), has_file);
    describe(vm, full, &dict, &spec, search);
    if let Some(d) = dict.as_dict() {
        d.set_text(vm, "__file__", if has_file { filename } else { Value::NONE });
        if has_file {
            d.set_text(vm, "__cached__", Value::NONE);
        }
    }
    if code.as_code().is_some_and(|c| c.template.flags & COROUTINE != 0) {
        let message = format!("module '{full}' awaits outside of functions, which only the main program can do");
        return Err(vm.import_error(message));
    }
    run(vm, full, &module, &spec, code)
}

/// Runs the code of a module that has been described.
fn run(vm: &Vm, full: &str, module: &Value, spec: &Value, code: Value) -> R {
    register(vm, full, Some(module));
    let flag = vm.intern("_initializing");
    vm.set_attr(spec, &flag, Some(Value::TRUE))?;
    let body = vm.function(code, dict_of(module), Box::default());
    let result = vm.call(&body, &[]);
    vm.set_attr(spec, &flag, Some(Value::FALSE))?;
    match result {
        // A module may put another object in its own place.
        Ok(_) => match vm.loaded_module(full) {
            Some(m) => Ok(m),
            None => Err(vm.error_with(vm.types.key_error.get(), vec![vm.str(full)])),
        },
        Err(e) => {
            register(vm, full, None);
            Err(e)
        }
    }
}
