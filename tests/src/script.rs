//! Finding the scripts of a suite, and the directives in their opening comments.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// One script of a suite: a file, or a folder whose `main.aio` imports its siblings.
#[derive(Debug, Clone)]
pub struct Script {
    /// The path below the suite's folder without suffix, such as `lang/closures`.
    pub name: String,
    /// The file that is run.
    pub main: PathBuf,
    /// Whether the script is a folder; then everything in it is copied beside `main.aio`.
    pub folder: bool,
    pub directives: Directives,
}

/// What a script says about its own test, in the comment lines at its top.
#[derive(Debug, Clone, Default)]
pub struct Directives {
    /// `# stderr: not compared`: the last line of standard error is incidental.
    pub ignore_stderr: bool,
    /// `# real time only: reason`: no second run on the virtual clock.
    pub real_time_only: bool,
    /// `# any order`: prints the same whichever of the tasks that are ready goes first.
    pub any_order: bool,
    /// `# needs: folder`: the folder of that name beside the script is copied with it.
    pub needs: Option<String>,
}

impl Directives {
    fn of(text: &str) -> Directives {
        let mut found = Directives::default();
        for line in text.lines().take_while(|line| line.starts_with('#')) {
            let line = line.trim_start_matches('#').trim();
            found.ignore_stderr |= line == "stderr: not compared";
            found.any_order |= line == "any order";
            if let Some(name) = line.strip_prefix("needs: ") {
                found.needs = Some(name.to_owned());
            }
            found.real_time_only |= line.starts_with("real time only: ");
        }
        found
    }
}

impl Script {
    /// The committed expectation, beside the file that is run.
    pub fn expectation(&self) -> PathBuf {
        self.main.with_extension("out")
    }

    /// Copies the script into `target` with `suffix` in place of `.aio` and returns the copy of the main file.
    pub fn copy_to(&self, target: &Path, suffix: &str) -> io::Result<PathBuf> {
        if !self.folder {
            let stem = self.main.file_stem().unwrap_or_default();
            let copy = target.join(stem).with_extension(suffix);
            fs::copy(&self.main, &copy)?;
            if let Some(name) = &self.directives.needs {
                copy_tree(&self.main.with_file_name(name), &target.join(name), suffix)?;
            }
            return Ok(copy);
        }
        let source = self.main.parent().unwrap_or(Path::new("."));
        let folder = target.join(source.file_name().unwrap_or_default());
        copy_tree(source, &folder, suffix)?;
        Ok(folder.join("main").with_extension(suffix))
    }
}

fn copy_tree(from: &Path, to: &Path, suffix: &str) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let path = entry?.path();
        let copy = to.join(path.file_name().unwrap_or_default());
        if path.is_dir() {
            copy_tree(&path, &copy, suffix)?;
        } else if path.extension().is_some_and(|e| e == "aio") {
            fs::copy(&path, copy.with_extension(suffix))?;
        } else if path.extension().is_none_or(|e| e != "out") {
            fs::copy(&path, copy)?;
        }
    }
    Ok(())
}

/// The scripts of the suite, or how a test program ends that cannot read it.
pub fn suite() -> Result<Vec<Script>, ExitCode> {
    scripts(&Path::new(env!("CARGO_MANIFEST_DIR")).join("suite")).map_err(|err| {
        eprintln!("the suite cannot be read: {err}");
        ExitCode::FAILURE
    })
}

/// All scripts below `folder`, in order of their names.
pub fn scripts(folder: &Path) -> io::Result<Vec<Script>> {
    let mut found = Vec::new();
    collect(folder, folder, &mut found)?;
    found.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(found)
}

fn collect(root: &Path, folder: &Path, found: &mut Vec<Script>) -> io::Result<()> {
    let main = folder.join("main.aio");
    if main.is_file() {
        let name = name_below(root, folder);
        let directives = Directives::of(&fs::read_to_string(&main)?);
        found.push(Script { name, main, folder: true, directives });
        return Ok(());
    }
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(root, &path, found)?;
        } else if path.extension().is_some_and(|e| e == "aio") {
            let name = name_below(root, &path.with_extension(""));
            let directives = Directives::of(&fs::read_to_string(&path)?);
            found.push(Script { name, main: path, folder: false, directives });
        }
    }
    Ok(())
}

fn name_below(root: &Path, path: &Path) -> String {
    let below = path.strip_prefix(root).unwrap_or(path);
    let words: Vec<_> = below.iter().map(|word| word.to_string_lossy()).collect();
    words.join("/")
}
