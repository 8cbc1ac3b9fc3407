//! Standard output and input, and leaving the program.

use crate::error::R;
use crate::native::Args;
use crate::object::StrObj;
use crate::object::class::HEAP;
use crate::text::codecs::{self, Codec, Policy};
use crate::value::Value;
use crate::vm::Vm;

/// Where a stream of `sys` leads.
enum Stream {
    /// The console of the host: the script has not replaced it.
    Host,
    /// An object that the script put there.
    Object(Value),
    /// `None`: nothing is written.
    Absent,
}

/// A stream of `sys`; `original` is its name with underscores, which the script leaves alone.
fn stream(vm: &Vm, name: &str, original: &str) -> R<Stream> {
    if !vm.has_sys() {
        return Ok(Stream::Host);
    }
    let sys = vm.sys();
    let Some(module) = sys.as_module() else { return Ok(Stream::Host) };
    let dict = module.dict.get();
    let find = |n: &str| dict.as_dict().and_then(|d| d.get_text(vm, n));
    match (find(name), find(original)) {
        (Some(now), Some(first)) if now.is(&first) => Ok(Stream::Host),
        (Some(now), _) if now.is_none() => Ok(Stream::Absent),
        (Some(now), _) => Ok(Stream::Object(now)),
        (None, None) => Ok(Stream::Host),
        (None, Some(_)) => Err(vm.runtime_error(format!("lost sys.{name}"))),
    }
}

/// Appends the UTF-8 of a string, in which lone surrogates are an error.
fn encode(vm: &Vm, out: &mut Vec<u8>, v: &Value, s: &StrObj) -> R<()> {
    if s.is_ascii() || s.as_utf8().is_some() {
        out.extend_from_slice(s.bytes());
        return Ok(());
    }
    match codecs::encode(Codec::Utf8, s.bytes(), Policy::Strict) {
        Ok(bytes) => out.extend_from_slice(&bytes),
        Err(crate::text::TextError::Unicode(e)) => return Err(vm.unicode_error(&e, v.clone())),
        Err(e) => return Err(vm.text_error(e)),
    }
    Ok(())
}

fn host_write(vm: &Vm, data: &[u8]) -> R<()> {
    vm.host.write_out(data).map_err(|e| vm.host_error(&e))
}

impl Vm {
    /// A line of the host's standard input. An interrupt raises, or goes to the main task and the waiting goes on.
    pub(crate) fn host_line(&self) -> R<Vec<u8>> {
        self.host_input(|| self.host.read_line())
    }

    /// Some bytes of the host's standard input, like a line.
    pub fn host_bytes(&self, most: usize) -> R<Vec<u8>> {
        self.host_input(|| self.host.read_some(most))
    }

    fn host_input(&self, read: impl Fn() -> std::io::Result<Vec<u8>>) -> R<Vec<u8>> {
        loop {
            match read() {
                Ok(line) => return Ok(line),
                Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {
                    self.show_if_asked();
                    if self.host.take_interrupt() {
                        self.interrupted()?;
                    }
                }
                Err(e) => return Err(self.host_error(&e)),
            }
        }
    }

    /// The OSError for an error of the host's streams.
    #[cold]
    pub fn host_error(&self, e: &std::io::Error) -> crate::error::Raised {
        if let Some(limit) = self.host.must_stop() {
            return self.stop(limit);
        }
        let class = match e.kind() {
            std::io::ErrorKind::BrokenPipe => self.types.broken_pipe_error.value(),
            _ => self.types.os_error.value(),
        };
        let text = e.to_string();
        let text = text.split(" (os error").next().unwrap_or_default();
        let args = match e.raw_os_error() {
            Some(code) => vec![self.int(code as i64), self.str(text)],
            None => vec![self.str(text)],
        };
        match self.call(&class, &args) {
            Ok(exception) => crate::error::Raised(exception),
            Err(raised) => raised,
        }
    }
}

/// `sep` or `end`: a string, or None for the default.
fn option<'a>(vm: &Vm, v: Option<&'a Value>, what: &str) -> R<Option<&'a Value>> {
    match v {
        Some(v) if v.is_none() => Ok(None),
        Some(v) if v.as_str().is_none() => {
            Err(vm.type_error(format!("{what} must be None or a string, not {}", vm.type_name(v))))
        }
        other => Ok(other),
    }
}

pub(super) fn print(vm: &Vm, a: &Args) -> R {
    let to = match a.some(2) {
        Some(file) => Stream::Object(file.clone()),
        None => stream(vm, "stdout", "__stdout__")?,
    };
    let to = match to {
        Stream::Object(file) if is_console(vm, &file) => Stream::Host,
        other => other,
    };
    let sep = option(vm, a.get(0), "sep")?;
    let end = option(vm, a.get(1), "end")?;
    match &to {
        Stream::Absent => return Ok(Value::NONE),
        Stream::Host => print_to_host(vm, a.rest, sep, end)?,
        Stream::Object(file) => {
            let write = vm.get_attr(file, &vm.names.write)?;
            for (i, v) in a.rest.iter().enumerate() {
                if i > 0 {
                    vm.call(&write, &[sep.cloned().unwrap_or_else(|| vm.char_str(b' '))])?;
                }
                vm.call(&write, &[vm.to_str(v)?])?;
            }
            vm.call(&write, &[end.cloned().unwrap_or_else(|| vm.char_str(b'\n'))])?;
        }
    }
    if let Some(flush) = a.get(3)
        && vm.truth(flush)?
    {
        match &to {
            Stream::Object(file) => drop(vm.call_method(file, "flush", &[])?),
            _ => vm.host.flush().map_err(|e| vm.host_error(&e))?,
        }
    }
    Ok(Value::NONE)
}

/// The value is the original `sys.stdout`.
fn is_console(vm: &Vm, file: &Value) -> bool {
    let sys = vm.sys();
    let dict = sys.as_module().map(|m| m.dict.get()).unwrap_or_default();
    dict.as_dict().and_then(|d| d.get_text(vm, "__stdout__")).is_some_and(|s| s.is(file))
}

/// One write for the whole line; what came before an error is written all the same.
fn print_to_host(vm: &Vm, values: &[Value], sep: Option<&Value>, end: Option<&Value>) -> R<()> {
    let mut out = Vec::new();
    let result = line(vm, &mut out, values, sep, end);
    if !out.is_empty() {
        host_write(vm, &out)?;
    }
    result
}

fn line(vm: &Vm, out: &mut Vec<u8>, values: &[Value], sep: Option<&Value>, end: Option<&Value>) -> R<()> {
    let between = |out: &mut Vec<u8>, v: Option<&Value>, default: u8| match v {
        Some(v) => v.as_str().map_or(Ok(()), |s| encode(vm, out, v, s)),
        None => {
            out.push(default);
            Ok(())
        }
    };
    for (i, v) in values.iter().enumerate() {
        if i > 0 {
            between(out, sep, b' ')?;
        }
        if let Some(s) = v.as_str()
            && !s.header.class().is(HEAP)
        {
            encode(vm, out, v, s)?;
            continue;
        }
        // The conversion may print, too: what is here so far goes first.
        let runs_script = !(v.is_small() || v.is_float() || v.is_bool() || v.is_none());
        if runs_script && !out.is_empty() {
            host_write(vm, out)?;
            out.clear();
        }
        let shown = vm.to_str(v)?;
        if let Some(s) = shown.as_str() {
            encode(vm, out, &shown, s)?;
        }
    }
    between(out, end, b'\n')
}

pub(super) fn input(vm: &Vm, a: &Args) -> R {
    let prompt = match a.get(0) {
        Some(p) => Some(vm.to_str(p)?),
        None => None,
    };
    match stream(vm, "stdout", "__stdout__")? {
        Stream::Absent => return Err(vm.runtime_error("input(): lost sys.stdout")),
        Stream::Host => {
            let mut out = Vec::new();
            if let Some(p) = &prompt
                && let Some(s) = p.as_str()
            {
                encode(vm, &mut out, p, s)?;
            }
            host_write(vm, &out)?;
            vm.host.flush().map_err(|e| vm.host_error(&e))?;
        }
        Stream::Object(file) => {
            if let Some(p) = &prompt {
                drop(vm.call_method(&file, "write", std::slice::from_ref(p))?);
            }
            drop(vm.call_method(&file, "flush", &[])?);
        }
    }
    match stream(vm, "stdin", "__stdin__")? {
        Stream::Absent => Err(vm.runtime_error("input(): lost sys.stdin")),
        Stream::Object(file) => {
            let line = vm.call_method(&file, "readline", &[])?;
            let Some(s) = line.as_str() else {
                return Err(vm.type_error("object.readline() returned non-string"));
            };
            chomp(vm, s.bytes())
        }
        Stream::Host => {
            let line = vm.host_line()?;
            let text = String::from_utf8_lossy(&line);
            chomp(vm, text.as_bytes())
        }
    }
}

/// A line without its end.
fn chomp(vm: &Vm, line: &[u8]) -> R {
    if line.is_empty() {
        return Err(vm.error(vm.types.eof_error.get(), "EOF when reading a line"));
    }
    Ok(vm.str_wtf8(line.strip_suffix(b"\n").unwrap_or(line)))
}

pub(super) fn help(vm: &Vm, a: &Args) -> R {
    let module = vm.import_module("_sitebuiltins")?;
    let helper = vm.call_method(&module, "Helper", &[])?;
    vm.call_with(&helper, a.rest, a.keywords)
}

pub(super) fn exit(vm: &Vm, a: &Args) -> R {
    let class = vm.types.system_exit.value();
    let code = a.get(0).cloned().unwrap_or(Value::NONE);
    match vm.call(&class, &[code]) {
        Ok(exception) => Err(crate::error::Raised(exception)),
        Err(raised) => Err(raised),
    }
}
