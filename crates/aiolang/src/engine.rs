//! Engines make isolates.

use crate::control::Control;
use crate::embedded::Embedded;
use crate::error::Error;
use crate::grant::{Gate, Grant};
use crate::host::{Clock, EmbeddedHost, World};
use crate::isolate::{Inner, Isolate, apply};
use crate::launch;
use crate::limits::Limits;
use crate::loader::{CodeCache, HostImporter, Loader};
use crate::module::Module;
use crate::reactor::Events;
use crate::render::Style;
use aio_vm::Resting;
use aio_vm::builtins::sys::Preset;
use std::io::{Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// What isolates are made from: limits, grants, modules, streams, and the compiled code that they share.
#[derive(Clone)]
pub struct Engine {
    shared: Arc<Settings>,
}

#[derive(Default)]
struct Settings {
    world: World,
    grants: Vec<Grant>,
    limits: Limits,
    search: Vec<String>,
    modules: Vec<Module>,
    loader: Option<Arc<dyn Loader>>,
    style: Style,
    codes: Arc<CodeCache>,
}

/// Puts an [`Engine`] together.
#[derive(Default)]
pub struct EngineBuilder {
    settings: Settings,
}

impl EngineBuilder {
    /// Lets isolates do something that they could not do without it.
    pub fn grant(mut self, grant: Grant) -> Self {
        self.settings.grants.push(grant);
        self
    }

    /// The limits of each isolate.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.settings.limits = limits;
        self
    }

    /// Where standard output goes, made for each isolate. Without it, to that of the process.
    pub fn stdout<W: Write + Send + 'static>(mut self, make: impl Fn() -> W + Send + Sync + 'static) -> Self {
        self.settings.world.stdout = Some(Arc::new(move || Box::new(make())));
        self
    }

    /// Where standard error goes, made for each isolate. Without it, to that of the process.
    pub fn stderr<W: Write + Send + 'static>(mut self, make: impl Fn() -> W + Send + Sync + 'static) -> Self {
        self.settings.world.stderr = Some(Arc::new(move || Box::new(make())));
        self
    }

    /// Where standard input comes from, made for each isolate. Without it, it is empty.
    pub fn stdin<R: Read + Send + 'static>(mut self, make: impl Fn() -> R + Send + Sync + 'static) -> Self {
        self.settings.world.stdin = Some(Arc::new(move || Box::new(make())));
        self
    }

    /// The time that scripts see.
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.settings.world.clock = Some(Arc::new(clock));
        self
    }

    /// The random bytes that scripts get.
    pub fn random(mut self, fill: impl Fn(&mut [u8]) + Send + Sync + 'static) -> Self {
        self.settings.world.random = Some(Arc::new(fill));
        self
    }

    /// The folders in which scripts find modules. Without it they can import only what is built in.
    pub fn search_path(mut self, folders: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.settings.search = folders.into_iter().map(Into::into).collect();
        self
    }

    /// Where modules come from that are not in files. It is asked before the folders are.
    pub fn loader(mut self, loader: impl Loader + 'static) -> Self {
        self.settings.loader = Some(Arc::new(loader));
        self
    }

    /// A module of the host that all isolates have.
    pub fn module(mut self, module: Module) -> Self {
        self.settings.modules.push(module);
        self
    }

    /// How errors are drawn.
    pub fn style(mut self, style: Style) -> Self {
        self.settings.style = style;
        self
    }

    /// The engine. The first one of a process proves that limits bite.
    pub fn build(mut self) -> Result<Engine, Error> {
        crate::proof::prove()?;
        self.settings.world.gate = Gate::new(&self.settings.grants);
        let engine = Engine { shared: Arc::new(self.settings) };
        // What is wrong with a module of the host is told here, not when a script meets it.
        if !engine.shared.modules.is_empty() {
            engine.try_isolate()?;
        }
        Ok(engine)
    }

    pub(crate) fn build_unproven(mut self) -> Engine {
        self.settings.world.gate = Gate::new(&self.settings.grants);
        Engine { shared: Arc::new(self.settings) }
    }
}

impl Engine {
    /// An engine that can be changed before it is made.
    pub fn builder() -> EngineBuilder {
        EngineBuilder::default()
    }

    /// A new isolate: a world of its own with an empty `__main__`.
    pub fn isolate(&self) -> Isolate {
        match self.try_isolate() {
            Ok(isolate) => isolate,
            // The modules were installed once when the engine was made.
            Err(_) => Isolate { inner: Arc::new(self.bare().0) },
        }
    }

    fn try_isolate(&self) -> Result<Isolate, Error> {
        let (inner, failed) = self.bare();
        match failed {
            Some(e) => Err(e),
            None => Ok(Isolate { inner: Arc::new(inner) }),
        }
    }

    fn bare(&self) -> (Inner, Option<Error>) {
        static NUMBER: AtomicU64 = AtomicU64::new(1);
        let s = &*self.shared;
        let control = Arc::new(Control::new(s.limits.time, s.limits.output));
        let host = EmbeddedHost::new(&s.world, Arc::clone(&control));
        let sources = crate::sources::Sources::new();
        let importer = HostImporter::new(sources.clone(), Arc::clone(&s.codes), s.loader.clone());
        let mut resting = Resting::new(Box::new(host), Box::new(importer));
        let vm = resting.vm();
        aio_stdlib::install(vm);
        let mut search = s.search.clone();
        if s.loader.is_some() {
            search.insert(0, HostImporter::ROOT.to_owned());
        }
        vm.preset_sys("path", Preset::List(search));
        vm.preset_sys("argv", Preset::List(vec![String::new()]));
        let embedded = vm.home::<Embedded>();
        embedded.id.set(NUMBER.fetch_add(1, Ordering::Relaxed));
        embedded.main.set(launch::main_module(vm));
        *embedded.style.borrow_mut() = s.style.clone();
        *embedded.sources.borrow_mut() = sources;
        // The bell is set once, here.
        let _ = embedded.reactor.bell.set(Arc::clone(&control.bell));
        Events::install(vm);
        let failed = s.modules.iter().find_map(|m| m.install(vm).err());
        apply(vm, &s.limits);
        (Inner::new(resting, control), failed)
    }
}
