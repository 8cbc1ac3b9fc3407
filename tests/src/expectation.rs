//! The `.out` file beside a script: one JSON line, then standard output byte for byte.

use std::fmt;
use std::fs;
use std::io;
use std::path::Path;

/// What a script must do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expectation {
    pub exit: i32,
    /// The last line of standard error, or `None` when it is not compared.
    pub stderr_last: Option<String>,
    pub stdout: Vec<u8>,
}

/// Why an expectation could not be read.
#[derive(Debug)]
pub enum ReadError {
    Io(io::Error),
    Header(String),
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReadError::Io(err) => write!(f, "{err} (run `cargo xtask oracle` to write expectations)"),
            ReadError::Header(text) => write!(f, "the first line is not the expected JSON: {text}"),
        }
    }
}

impl Expectation {
    pub fn read(path: &Path) -> Result<Expectation, ReadError> {
        let bytes = fs::read(path).map_err(ReadError::Io)?;
        let split = bytes.iter().position(|&b| b == b'\n').unwrap_or(bytes.len());
        let (head, rest) = bytes.split_at(split);
        let header: serde_json::Value =
            serde_json::from_slice(head).map_err(|err| ReadError::Header(err.to_string()))?;
        let exit = header["exit"]
            .as_i64()
            .and_then(|code| i32::try_from(code).ok())
            .ok_or_else(|| ReadError::Header("no `exit`".to_owned()))?;
        Ok(Expectation {
            exit,
            stderr_last: header["stderr_last"].as_str().map(str::to_owned),
            stdout: rest.strip_prefix(b"\n").unwrap_or(rest).to_vec(),
        })
    }

    pub fn write(&self, path: &Path) -> io::Result<()> {
        let last = match &self.stderr_last {
            Some(text) => serde_json::Value::from(text.as_str()),
            None => serde_json::Value::Null,
        };
        let mut bytes = format!("{{\"exit\": {}, \"stderr_last\": {last}}}\n", self.exit).into_bytes();
        bytes.extend_from_slice(&self.stdout);
        fs::write(path, bytes)
    }
}
