//! Modules that hosts give to scripts.

use crate::class::Class;
use crate::convert::Data;
use crate::error::Error;
use crate::function::{HostAsyncFn, HostFn, HostStreamFn, Prepared};
use crate::isolate::Isolate;
use aio_vm::native::DefKind;
use aio_vm::{Value, Vm};
use std::sync::Arc;

/// Puts one name into a module of an isolate.
type Install = dyn Fn(&Vm) -> Result<(String, Value), Error> + Send + Sync;

/// A module of the host: functions, classes and values that scripts import. Given to an engine, all isolates have it.
///
/// ```
/// use aiolang::{Engine, Module};
///
/// let geo = Module::new("geo")
///     .doc("Distances.")
///     .value("UNIT", "km")
///     .function("distance(a, b=0.0)", "The distance of two points on a line.", |a: f64, b: f64| (a - b).abs());
/// let isolate = Engine::builder().module(geo).build()?.isolate();
/// assert_eq!(isolate.eval::<f64>("__import__('geo').distance(b=1.5, a=4)")?, 2.5);
/// # Ok::<(), aiolang::Error>(())
/// ```
#[derive(Clone)]
pub struct Module {
    name: String,
    doc: String,
    rows: Vec<Arc<Install>>,
}

impl Module {
    /// An empty module; the name may have dots.
    pub fn new(name: impl Into<String>) -> Module {
        Module { name: name.into(), doc: String::new(), rows: Vec::new() }
    }

    /// Its `__doc__`.
    pub fn doc(mut self, doc: impl Into<String>) -> Module {
        self.doc = doc.into();
        self
    }

    /// A value.
    pub fn value(mut self, name: impl Into<String>, value: impl Into<Data>) -> Module {
        let (name, value) = (name.into(), value.into());
        self.rows.push(Arc::new(move |vm| {
            let v = value.to_value(vm).map_err(|_| Error::host("the value cannot be made"))?;
            Ok((name.clone(), v))
        }));
        self
    }

    fn row(mut self, prepare: impl Fn() -> Prepared + Send + Sync + 'static) -> Module {
        self.rows.push(Arc::new(move |vm| {
            let prepared = prepare();
            Ok((prepared.def.name().to_owned(), prepared.into_value(vm)?))
        }));
        self
    }

    /// A function. See [`Isolate::register`] for the signature.
    pub fn function<M, F: HostFn<M> + Clone + Sync>(self, signature: &str, doc: &str, function: F) -> Module {
        let (signature, doc) = (signature.to_owned(), doc.to_owned());
        self.row(move || Prepared::new(DefKind::Function, &signature, &doc, F::ARITY, function.clone().into_body()))
    }

    /// A function that scripts await.
    pub fn async_function<M, F: HostAsyncFn<M> + Clone + Sync>(
        self,
        signature: &str,
        doc: &str,
        function: F,
    ) -> Module {
        let (signature, doc) = (signature.to_owned(), doc.to_owned());
        self.row(move || Prepared::new(DefKind::Function, &signature, &doc, F::ARITY, function.clone().into_body()))
    }

    /// A function whose stream scripts iterate over with `async for`.
    pub fn stream_function<M, F: HostStreamFn<M> + Clone + Sync>(self, signature: &str, doc: &str, f: F) -> Module {
        let (signature, doc) = (signature.to_owned(), doc.to_owned());
        self.row(move || Prepared::new(DefKind::Function, &signature, &doc, F::ARITY, f.clone().into_body()))
    }

    /// A class.
    pub fn class<T: Send + Sync + 'static>(mut self, class: Class<T>) -> Module {
        let module = self.name.clone();
        self.rows.push(Arc::new(move |vm| Ok((class.name().to_owned(), class.make(vm, &module)?))));
        self
    }

    /// Puts the module into an isolate.
    pub(crate) fn install(&self, vm: &Vm) -> Result<(), Error> {
        let doc = if self.doc.is_empty() { Value::NONE } else { vm.str(&self.doc) };
        let module = vm.module(&self.name, doc);
        let dict = module.as_module().map(|m| m.dict.get());
        for row in &self.rows {
            let (name, value) = row(vm)?;
            if let Some(d) = dict.as_ref().and_then(Value::as_dict) {
                d.set_text(vm, &name, value);
            }
        }
        make_known(vm, &self.name, &module);
        Ok(())
    }
}

/// Enters a module into `sys.modules`, and makes it an attribute of the package that it lies in, which is made if there
/// is none.
fn make_known(vm: &Vm, name: &str, module: &Value) {
    let modules = vm.modules.get();
    let Some(modules) = modules.as_dict() else { return };
    modules.set_text(vm, name, module.clone());
    let Some((package, child)) = name.rsplit_once('.') else { return };
    let parent = modules.get_text(vm, package).unwrap_or_else(|| {
        let made = vm.module(package, Value::NONE);
        if let Some(d) = made.as_module().map(|m| m.dict.get()).as_ref().and_then(Value::as_dict) {
            d.set_text(vm, "__path__", vm.list(Vec::new()));
        }
        make_known(vm, package, &made);
        made
    });
    if let Some(d) = parent.as_module().map(|m| m.dict.get()).as_ref().and_then(Value::as_dict) {
        d.set_text(vm, child, module.clone());
    }
}

impl Isolate {
    /// Gives the isolate a module that scripts can import from now on.
    pub fn add_module(&self, module: &Module) -> Result<(), Error> {
        self.enter(|s| module.install(s.vm))
    }

    /// Gives `__main__` a class.
    pub fn register_class<T: Send + Sync + 'static>(&self, class: &Class<T>) -> Result<(), Error> {
        self.enter(|s| {
            let value = class.make(s.vm, "__main__")?;
            if let Some(d) = s.embedded().main.get().as_dict() {
                d.set_text(s.vm, class.name(), value);
            }
            Ok(())
        })
    }
}
