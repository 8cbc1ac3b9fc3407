//! Coroutines that nobody awaits, calls that block the event loop, and `await` of what is no awaitable.

use super::facts::{Facts, binding_scope};
use super::walk::{self, Look, Place};
use super::{AWAIT_LITERAL, BLOCKING, UNAWAITED, warning};
use crate::names::Names;
use crate::scope::{DELETED, PARAM, REBOUND, Scopes, strip};
use crate::warnings::type_name;
use aio_source::Diagnostic;
use aio_syntax::ast::*;

/// Coroutine functions of the library.
const COROUTINES: &[&str] = &[
    "asyncio.create_subprocess_exec",
    "asyncio.create_subprocess_shell",
    "asyncio.open_connection",
    "asyncio.open_unix_connection",
    "asyncio.sleep",
    "asyncio.start_server",
    "asyncio.start_unix_server",
    "asyncio.to_thread",
    "asyncio.wait",
    "asyncio.wait_for",
];

/// What waits while it holds the event loop, with what to do instead.
const BLOCKING_CALLS: &[(&str, &str)] = &[
    ("builtins.input", "say `await asyncio.to_thread(input, ...)`"),
    ("os.popen", "say `await asyncio.create_subprocess_shell(...)`"),
    ("os.system", "say `await asyncio.create_subprocess_shell(...)`"),
    ("os.wait", "say `await process.wait()` of an asyncio subprocess"),
    ("os.waitpid", "say `await process.wait()` of an asyncio subprocess"),
    ("requests.delete", ""),
    ("requests.get", ""),
    ("requests.head", ""),
    ("requests.patch", ""),
    ("requests.post", ""),
    ("requests.put", ""),
    ("requests.request", ""),
    ("select.select", "say `loop.add_reader()` or use a stream"),
    ("socket.create_connection", "say `await asyncio.open_connection(...)`"),
    ("socket.getaddrinfo", "say `await loop.getaddrinfo(...)`"),
    ("socket.gethostbyaddr", "say `await loop.getnameinfo(...)`"),
    ("socket.gethostbyname", "say `await loop.getaddrinfo(...)`"),
    ("subprocess.call", "say `await asyncio.create_subprocess_exec(...)`"),
    ("subprocess.check_call", "say `await asyncio.create_subprocess_exec(...)`"),
    ("subprocess.check_output", "say `await asyncio.create_subprocess_exec(...)`"),
    ("subprocess.getoutput", "say `await asyncio.create_subprocess_shell(...)`"),
    ("subprocess.getstatusoutput", "say `await asyncio.create_subprocess_shell(...)`"),
    ("subprocess.run", "say `await asyncio.create_subprocess_exec(...)`"),
    ("time.sleep", "say `await asyncio.sleep(...)`"),
    ("urllib.request.urlopen", ""),
];

/// Methods of what a call gives that read or write a whole file.
const BLOCKING_METHODS: &[(&str, &[&str])] = &[
    ("builtins.open", &["read", "readline", "readlines", "write", "writelines"]),
    ("io.open", &["read", "readline", "readlines", "write", "writelines"]),
    ("pathlib.Path", &["read_bytes", "read_text", "write_bytes", "write_text"]),
];

/// Looks at every call and every `await`.
pub(super) fn look<'a>(
    names: &mut Names<'a>,
    scopes: &Scopes,
    facts: &Facts,
    body: &'a [Stmt],
    found: &mut Vec<Diagnostic>,
) {
    walk::module(scopes, body, &mut Calls { names, scopes, facts, found });
}

struct Calls<'n, 'a> {
    names: &'n mut Names<'a>,
    scopes: &'n Scopes,
    facts: &'n Facts,
    found: &'n mut Vec<Diagnostic>,
}

impl<'a> Look<'a> for Calls<'_, 'a> {
    fn stmt(&mut self, place: Place, stmt: &'a Stmt) {
        match &stmt.kind {
            StmtKind::Expr(e) => self.standing_alone(place, e),
            StmtKind::For(stmt) if stmt.is_async => self.async_iterated(&stmt.iter),
            _ => {}
        }
    }

    fn expr(&mut self, place: Place, e: &'a Expr) {
        match &e.kind {
            ExprKind::Await(value) => {
                if let Some(name) = type_name(value) {
                    let message = format!("object {name} can't be used in 'await' expression");
                    self.found.push(warning(AWAIT_LITERAL, e.span, message));
                }
            }
            ExprKind::Call(callee, _) if place.in_async => self.blocking(place, e, callee),
            ExprKind::ListComp(_, comps) | ExprKind::SetComp(_, comps) | ExprKind::GenExp(_, comps) => {
                self.async_clauses(comps);
            }
            ExprKind::DictComp(_, comps) => self.async_clauses(comps),
            _ => {}
        }
    }
}

impl<'a> Calls<'_, 'a> {
    fn async_clauses(&mut self, comps: &'a [Comp]) {
        comps.iter().filter(|comp| comp.is_async).for_each(|comp| self.async_iterated(&comp.iter));
    }

    /// `async for x in [1, 2]`
    fn async_iterated(&mut self, e: &Expr) {
        let asynchronous = |comp: &Comp| comp.is_async;
        if let ExprKind::GenExp(element, comps) = &strip(e).kind
            && (comps.iter().any(asynchronous) || matches!(element.kind, ExprKind::Await(_)))
        {
            return;
        }
        if let Some(name) = type_name(e) {
            let message = format!("'async for' requires an object with __aiter__ method, got {name}");
            self.found.push(warning(AWAIT_LITERAL, e.span, message).with_help("iterate with a plain `for`"));
        }
    }

    /// A statement that is nothing but a call.
    fn standing_alone(&mut self, place: Place, e: &Expr) {
        let ExprKind::Call(callee, _) = &strip(e).kind else { return };
        if self.facts.provoked.iter().any(|span| span.lo <= e.span.lo && e.span.hi <= span.hi) {
            return;
        }
        if let Some(name) = self.own_coroutine(place, callee).or_else(|| self.library_coroutine(place, callee)) {
            self.found.push(warning(UNAWAITED, e.span, format!("coroutine '{name}' is called but not awaited")));
        }
    }

    /// The name of a function that the text itself defines by an undecorated `async def` without `yield`.
    fn own_coroutine(&mut self, place: Place, callee: &Expr) -> Option<String> {
        match &callee.kind {
            ExprKind::Name(sym) => {
                let class = self.scopes.get(place.scope).class;
                let name = self.names.mangle(class, *sym);
                let (scope, flags) = binding_scope(self.scopes, place.scope, name)?;
                let sure =
                    flags & (PARAM | REBOUND | DELETED) == 0 && self.scopes.get(scope).coroutines.contains(&name);
                sure.then(|| self.names.text(*sym).to_owned())
            }
            ExprKind::Attr(value, attr) => {
                let (class, first) = place.method?;
                let ExprKind::Name(sym) = value.kind else { return None };
                let scope = self.scopes.get(class);
                // The name must still be the parameter, and the attribute only ever the method.
                let (_, flags) = binding_scope(self.scopes, place.scope, sym)?;
                let name = self.names.mangle(scope.class, attr.sym);
                let bound = scope.symbols.get(&name)?.flags;
                let sure = sym == first
                    && flags & PARAM != 0
                    && flags & REBOUND == 0
                    && bound & (REBOUND | DELETED) == 0
                    && scope.coroutines.contains(&name)
                    && !scope.static_attributes.contains(&attr.sym);
                sure.then(|| format!("{}.{}", self.names.text(sym), self.names.text(attr.sym)))
            }
            _ => None,
        }
    }

    fn path(&self, place: Place, e: &Expr) -> Option<String> {
        self.facts.path(self.names, self.scopes, place.scope, e)
    }

    fn library_coroutine(&self, place: Place, callee: &Expr) -> Option<String> {
        self.path(place, callee).filter(|path| COROUTINES.contains(&path.as_str()))
    }

    fn blocking(&mut self, place: Place, e: &Expr, callee: &Expr) {
        if let Some(path) = self.path(place, callee) {
            if let Some((_, help)) = BLOCKING_CALLS.iter().find(|(name, _)| *name == path) {
                let name = path.strip_prefix("builtins.").unwrap_or(&path);
                self.block(e, format!("{name}() blocks the event loop"), help);
            }
            return;
        }
        if let ExprKind::Attr(value, method) = &callee.kind
            && let ExprKind::Call(maker, _) = &strip(value).kind
            && let Some(path) = self.path(place, maker)
            && let Some((_, methods)) = BLOCKING_METHODS.iter().find(|(name, _)| *name == path)
        {
            let method = self.names.text(method.sym);
            if methods.contains(&method) {
                let maker = path.rsplit('.').next().unwrap_or(&path);
                let message = format!("{maker}(...).{method}() blocks the event loop");
                self.block(e, message, "");
            }
        }
    }

    fn block(&mut self, e: &Expr, message: String, help: &str) {
        let d = warning(BLOCKING, e.span, message);
        self.found.push(if help.is_empty() { d } else { d.with_help(help) });
    }
}
