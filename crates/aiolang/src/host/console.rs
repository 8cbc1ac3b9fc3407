//! Output that is held back as CPython holds it back, and input read line by line.

use std::io::{self, Read, Write};

/// When written text reaches its sink.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Buffering {
    /// At once.
    None,
    /// With each end of line, as for a terminal.
    Line,
    /// When the buffer is full, as for files and pipes.
    Full,
}

/// As much is held back before it is written.
const CAPACITY: usize = 8192;

/// A sink with a buffer in front.
pub(crate) struct Output {
    sink: Box<dyn Write>,
    buffer: Vec<u8>,
    buffering: Buffering,
}

impl Output {
    pub fn new(sink: Box<dyn Write>, buffering: Buffering) -> Output {
        Output { sink, buffer: Vec::new(), buffering }
    }

    pub fn write(&mut self, data: &[u8]) -> io::Result<()> {
        let through = match self.buffering {
            Buffering::None => true,
            Buffering::Line => data.contains(&b'\n'),
            Buffering::Full => false,
        };
        if self.buffer.is_empty() && (through || data.len() >= CAPACITY) {
            self.sink.write_all(data)?;
            return self.sink.flush();
        }
        self.buffer.extend_from_slice(data);
        if through || self.buffer.len() >= CAPACITY { self.flush() } else { Ok(()) }
    }

    /// Writes what was held back. What a broken sink refuses is dropped, so that one mistake is told once.
    pub fn flush(&mut self) -> io::Result<()> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        let result = self.sink.write_all(&self.buffer).and_then(|()| self.sink.flush());
        self.buffer.clear();
        result
    }
}

/// A source of lines.
pub(crate) struct Input {
    source: Box<dyn Read + Send>,
    buffer: Vec<u8>,
    /// How much of the buffer was given out.
    taken: usize,
}

impl Input {
    pub fn new(source: Box<dyn Read + Send>) -> Input {
        Input { source, buffer: Vec::new(), taken: 0 }
    }

    /// The next line with its end. `ready` waits until the source has something; it may fail.
    pub fn line(&mut self, ready: &dyn Fn() -> io::Result<()>) -> io::Result<Vec<u8>> {
        let mut searched = self.taken;
        loop {
            if let Some(at) = self.buffer[searched..].iter().position(|b| *b == b'\n') {
                return Ok(self.give(searched + at + 1));
            }
            searched = self.buffer.len();
            if self.fill(ready)? == 0 {
                return Ok(self.give(self.buffer.len()));
            }
        }
    }

    /// What there is, at most so much, and not nothing before the end.
    pub fn some(&mut self, most: usize, ready: &dyn Fn() -> io::Result<()>) -> io::Result<Vec<u8>> {
        while self.buffer.is_empty() && most > 0 {
            if self.fill(ready)? == 0 {
                break;
            }
        }
        Ok(self.give(self.buffer.len().min(self.taken.saturating_add(most))))
    }

    fn fill(&mut self, ready: &dyn Fn() -> io::Result<()>) -> io::Result<usize> {
        loop {
            ready()?;
            let mut chunk = [0; CAPACITY];
            match self.source.read(&mut chunk) {
                Ok(n) => {
                    self.buffer.extend_from_slice(&chunk[..n]);
                    return Ok(n);
                }
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
    }

    fn give(&mut self, end: usize) -> Vec<u8> {
        let line = self.buffer[self.taken..end].to_vec();
        self.taken = end;
        if self.taken == self.buffer.len() {
            self.buffer.clear();
            self.taken = 0;
        }
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;
    use std::rc::Rc;

    #[derive(Clone, Default)]
    struct Shared(Rc<RefCell<Vec<u8>>>);

    impl Write for Shared {
        fn write(&mut self, data: &[u8]) -> io::Result<usize> {
            self.0.borrow_mut().extend_from_slice(data);
            Ok(data.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn each_policy_holds_back_what_it_should() -> io::Result<()> {
        for (buffering, expected) in [(Buffering::None, "a b\nc"), (Buffering::Line, "a b\n"), (Buffering::Full, "")] {
            let sink = Shared::default();
            let mut output = Output::new(Box::new(sink.clone()), buffering);
            for part in ["a ", "b\n", "c"] {
                output.write(part.as_bytes())?;
            }
            assert_eq!(String::from_utf8_lossy(&sink.0.borrow()), expected);
            output.flush()?;
            assert_eq!(sink.0.borrow().as_slice(), b"a b\nc");
        }
        Ok(())
    }

    #[test]
    fn lines_come_with_their_ends() -> io::Result<()> {
        let long = format!("{}\nlast", "x".repeat(20_000));
        let mut input = Input::new(Box::new(io::Cursor::new(format!("one\n\n{long}"))));
        let mut lines = Vec::new();
        loop {
            let line = input.line(&|| Ok(()))?;
            if line.is_empty() {
                break;
            }
            lines.push(line.len());
        }
        assert_eq!(lines, [4, 1, 20_001, 4]);
        Ok(())
    }
}
