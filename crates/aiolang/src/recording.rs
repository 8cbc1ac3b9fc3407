//! Recordings of runs: what was run, and all that the world answered.

use crate::host::tape::FORMAT;
use crate::program::{Main, Program};
use serde_json::{Value, json};
use std::hash::Hasher;
use std::sync::Arc;

/// A recording that was read.
#[derive(Debug, Clone)]
pub struct Recording {
    header: Value,
    bytes: Arc<[u8]>,
    /// Where the entries begin.
    at: usize,
}

impl Recording {
    /// Reads a recording. The error is what the user is told.
    pub fn open(path: &str) -> Result<Recording, String> {
        let bytes = std::fs::read(path).map_err(|e| format!("the recording '{path}' cannot be read: {e}"))?;
        let line = bytes.iter().position(|b| *b == b'\n').unwrap_or(bytes.len());
        let header: Value = serde_json::from_slice(&bytes[..line]).unwrap_or_default();
        match header["recording"].as_u64() {
            Some(FORMAT) => Ok(Recording { header, bytes: bytes.into(), at: line + 1 }),
            Some(other) => Err(format!(
                "the recording '{path}' has the format {other}; this version of aio reads the format {FORMAT}"
            )),
            None => Err(format!("'{path}' is not a recording")),
        }
    }

    /// What was run: the path of a script, and its text only where that is not in a file.
    pub fn main(&self) -> Option<Main> {
        let main = &self.header["main"];
        let text = |key: &str| main[key].as_str().map(str::to_owned);
        if let Some(path) = text("file") {
            return Some(Main::File { path, bytes: Vec::new() });
        }
        if let Some(module) = text("module") {
            return Some(Main::Module(module));
        }
        let name = if main["name"] == "<stdin>" { "<stdin>" } else { "<string>" };
        Some(Main::Text { name, bytes: text("text")?.into_bytes() })
    }

    /// `sys.argv` as it was.
    pub fn argv(&self) -> Vec<String> {
        self.strings("argv")
    }

    /// `sys.path` as it was.
    pub fn path(&self) -> Vec<String> {
        self.strings("path")
    }

    /// The seed of the run.
    pub fn seed(&self) -> Option<u64> {
        self.header["seed"].as_u64()
    }

    fn strings(&self, key: &str) -> Vec<String> {
        let all = self.header[key].as_array().into_iter().flatten();
        all.filter_map(|v| v.as_str().map(str::to_owned)).collect()
    }

    /// The entries, and where they begin.
    pub(crate) fn entries(&self) -> (Arc<[u8]>, usize) {
        (Arc::clone(&self.bytes), self.at)
    }

    /// Whether the text of a program is that of the recorded one.
    pub(crate) fn is_of(&self, program: &Program) -> bool {
        self.header["digest"] == digest(&program.main)
    }
}

/// The first line of a recording of a program.
pub(crate) fn header(program: &Program) -> String {
    let main = match &program.main {
        Main::File { path, .. } => json!({"file": path}),
        Main::Text { name, bytes } => json!({"name": name, "text": String::from_utf8_lossy(bytes)}),
        Main::Module(name) => json!({"module": name}),
    };
    let header = json!({
        "aio": env!("CARGO_PKG_VERSION"),
        "recording": FORMAT,
        "main": main,
        "argv": program.argv,
        "path": program.path,
        "seed": program.seed,
        "digest": digest(&program.main),
    });
    header.to_string()
}

fn digest(main: &Main) -> String {
    let mut hasher = rustc_hash::FxHasher::default();
    match main {
        Main::File { bytes, .. } | Main::Text { bytes, .. } => hasher.write(bytes),
        Main::Module(name) => hasher.write(name.as_bytes()),
    }
    format!("{:016x}", hasher.finish())
}
