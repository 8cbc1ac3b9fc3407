//! The prompt on a pseudo-terminal: what is typed, and what appears.

use rexpect::session::{PtySession, spawn_command};
use std::path::Path;
use std::process::Command;

/// How long an answer may take, in milliseconds: machines that test are slow.
const PATIENCE: u64 = 60_000;

/// What the editor writes when it begins and when it ends; the prompt itself is drawn anew with each key.
pub const BEGINS: &str = "\x1b[?2004h";
const ENDS: &str = "\x1b[?2004l";

pub type Done = Result<(), rexpect::error::Error>;

pub struct Prompt {
    session: PtySession,
    folder: tempfile::TempDir,
}

/// The program, with its history in a folder.
pub fn command(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_aio"));
    command.env("NO_COLOR", "1").env("TERM", "xterm").env_remove("AIOPATH");
    command.env("AIO_HISTORY", folder.join("history")).current_dir(folder);
    command
}

impl Prompt {
    pub fn new() -> Result<Prompt, rexpect::error::Error> {
        let folder = tempfile::tempdir().expect("a folder can be made");
        Prompt::in_folder(folder)
    }

    pub fn in_folder(folder: tempfile::TempDir) -> Result<Prompt, rexpect::error::Error> {
        let command = command(folder.path());
        Prompt::of(command, folder)
    }

    /// A prompt that may use colours.
    pub fn in_colors() -> Result<Prompt, rexpect::error::Error> {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let mut command = command(folder.path());
        command.env_remove("NO_COLOR");
        Prompt::of(command, folder)
    }

    fn of(command: Command, folder: tempfile::TempDir) -> Result<Prompt, rexpect::error::Error> {
        let session = spawn_command(command, Some(PATIENCE))?;
        let mut prompt = Prompt { session, folder };
        prompt.sees("help(x)")?;
        prompt.sees(BEGINS)?;
        Ok(prompt)
    }

    /// Where the program runs.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Types without Enter.
    pub fn keys(&mut self, keys: &str) -> Done {
        self.session.send(keys)?;
        self.session.flush()
    }

    /// Types a letter with the control key.
    pub fn control(&mut self, letter: char) -> Done {
        self.session.send_control(letter)?;
        self.session.flush()
    }

    /// Types a line and Enter.
    pub fn types(&mut self, line: &str) -> Done {
        self.keys(line)?;
        self.keys("\r")
    }

    pub fn sees(&mut self, text: &str) -> Done {
        self.session.exp_string(text).map(drop)
    }

    /// Types an input and waits for what it prints and for the next prompt.
    pub fn answers(&mut self, line: &str, text: &str) -> Done {
        self.types(line)?;
        self.sees(ENDS)?;
        self.sees(text)?;
        self.sees(BEGINS)
    }

    /// Types the lines of a block, with Enter after each, and an empty line, which ends it.
    pub fn block(&mut self, lines: &[&str]) -> Done {
        for line in lines {
            self.types(line)?;
        }
        self.answers("", "")
    }

    pub fn ends(&mut self) -> Done {
        self.session.exp_eof().map(drop)
    }

    pub fn leaves(mut self) -> Result<tempfile::TempDir, rexpect::error::Error> {
        self.control('d')?;
        self.ends()?;
        Ok(self.folder)
    }
}
