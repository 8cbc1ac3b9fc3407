//! What a host gets when a script does not end well.

use crate::limits::Limit;
use crate::value::Value;
use std::fmt;

/// What kind of end it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The text was refused before anything of it ran.
    Syntax,
    /// An exception was not caught.
    Exception,
    /// The script asked to exit (`SystemExit`) with this status.
    Exit(i32),
    /// An interrupt (`KeyboardInterrupt`) was not caught.
    Interrupted,
    /// The task was cancelled.
    Cancelled,
    /// A limit was exceeded. The isolate is still valid; what ran was left where it stood.
    Limit(Limit),
    /// The text could not be read.
    Io,
    /// A value has no form of the type that was asked for.
    Conversion,
    /// The host's own mistake: a value of another isolate, a call into an isolate that runs, a name that is not there.
    Host,
}

/// One place of the way that an exception went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// The file.
    pub file: String,
    /// The qualified name of the function.
    pub function: String,
    /// The line, from 1.
    pub line: u32,
}

/// The end of a script that did not end well.
#[derive(Clone)]
pub struct Error(Box<Inner>);

#[derive(Clone)]
struct Inner {
    kind: ErrorKind,
    type_name: String,
    message: String,
    rendered: String,
    traceback: Vec<Frame>,
    exception: Option<Value>,
    source: Option<Error>,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, type_name: impl Into<String>, message: impl Into<String>) -> Error {
        let (type_name, message) = (type_name.into(), message.into());
        let rendered = match message.is_empty() {
            true => format!("{type_name}\n"),
            false => format!("{type_name}: {message}\n"),
        };
        Error(Box::new(Inner {
            kind,
            type_name,
            message,
            rendered,
            traceback: Vec::new(),
            exception: None,
            source: None,
        }))
    }

    /// An error that becomes an exception of this class when a host function returns it. The class is a built-in one
    /// or one of an imported module (`asyncio.TimeoutError`); a name that is neither becomes a RuntimeError.
    ///
    /// ```
    /// use aiolang::{Engine, Error};
    ///
    /// let isolate = Engine::builder().build()?.isolate();
    /// isolate.register("find", |name: String| Err::<(), _>(Error::exception("LookupError", format!("no {name}"))))?;
    /// isolate.run("try: find('tea')\nexcept LookupError as e: seen = str(e)")?;
    /// assert_eq!(isolate.eval::<String>("seen")?, "no tea");
    /// # Ok::<(), aiolang::Error>(())
    /// ```
    pub fn exception(class: impl Into<String>, message: impl Into<String>) -> Error {
        Error::new(ErrorKind::Exception, class, message)
    }

    pub(crate) fn conversion(message: impl Into<String>) -> Error {
        Error::new(ErrorKind::Conversion, "TypeError", message)
    }

    pub(crate) fn host(message: impl Into<String>) -> Error {
        Error::new(ErrorKind::Host, "RuntimeError", message)
    }

    pub(crate) fn with_report(mut self, rendered: String) -> Error {
        self.0.rendered = rendered;
        self
    }

    pub(crate) fn with_exception(mut self, exception: Value, traceback: Vec<Frame>) -> Error {
        self.0.exception = Some(exception);
        self.0.traceback = traceback;
        self
    }

    pub(crate) fn with_source(mut self, source: Option<Error>) -> Error {
        self.0.source = source;
        self
    }

    /// What kind of end it was.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The name of the exception's class as tracebacks show it.
    pub fn type_name(&self) -> &str {
        &self.0.type_name
    }

    /// What the exception says.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The drawn report, ending in the line `Type: message`.
    pub fn rendered(&self) -> &str {
        &self.0.rendered
    }

    /// The way that the exception went, outermost place first.
    pub fn traceback(&self) -> &[Frame] {
        &self.0.traceback
    }

    /// The exception itself, if a script raised it.
    pub fn value(&self) -> Option<&Value> {
        self.0.exception.as_ref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.message.is_empty() {
            f.write_str(&self.0.type_name)
        } else {
            write!(f, "{}: {}", self.0.type_name, self.0.message)
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.0.kind)
            .field("type_name", &self.0.type_name)
            .field("message", &self.0.message)
            .field("traceback", &self.0.traceback)
            .finish()
    }
}

impl PartialEq for Error {
    /// Errors are the same if they say the same.
    fn eq(&self, other: &Error) -> bool {
        let said = |e: &Error| (e.0.kind, e.0.type_name.clone(), e.0.message.clone());
        said(self) == said(other)
    }
}

impl std::error::Error for Error {
    /// The exception that this one was raised from, or while which it was raised.
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_ref().map(|e| e as _)
    }
}
