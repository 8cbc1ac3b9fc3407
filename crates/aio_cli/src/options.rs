//! The command line: one table of options, and how arguments are read by it.

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Command {
    /// Run a program with these arguments behind its name.
    Run {
        start: Start,
        arguments: Vec<String>,
    },
    /// Look for errors in files without running them.
    Check(crate::check::Request),
    /// Run a script and write the timeline of its tasks.
    Trace {
        file: String,
        output: String,
        arguments: Vec<String>,
    },
    /// Run the tests in files and folders.
    Test {
        arguments: Vec<String>,
    },
    /// Show the programs that run, or the tasks of one.
    Ps {
        process: Option<i32>,
        json: bool,
    },
    /// Show which task of a program waits for which.
    PsTree {
        process: i32,
        json: bool,
    },
    /// Show the bytecode of a file.
    Disassemble {
        file: String,
    },
    /// The prompt.
    Repl,
    Version,
    Help,
}

/// Where the program is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Start {
    File(String),
    Code(String),
    Module(String),
    /// Standard input; said by `-` or by giving nothing.
    Stdin {
        named: bool,
    },
}

/// Options that change how a program runs.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Settings {
    pub virtual_time: bool,
    pub tests: bool,
    pub seed: Option<u64>,
    pub trace: Option<String>,
    pub warn_slow: Option<f64>,
    pub record: Option<String>,
    pub replay: Option<String>,
    pub unbuffered: bool,
    pub ignore_environment: bool,
    pub isolated: bool,
    pub safe_path: bool,
    pub warnings: Vec<String>,
    pub implementation: Vec<String>,
}

/// The whole command line.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Parsed {
    /// How the program was called.
    pub program: String,
    pub command: Command,
    pub settings: Settings,
}

/// What an option does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Effect {
    Code,
    Module,
    Version,
    Help,
    VirtualTime,
    Seed,
    WarnSlow,
    Record,
    Replay,
    Unbuffered,
    IgnoreEnvironment,
    Isolated,
    SafePath,
    Warning,
    Implementation,
    /// Known to CPython and without meaning here.
    Nothing,
    /// Likewise, with a value.
    NothingWithValue,
}

/// One option.
struct Row {
    /// The letter behind one dash, or a blank.
    short: char,
    /// The word behind two dashes, or nothing.
    long: &'static str,
    /// The name of its value, if it takes one.
    value: &'static str,
    effect: Effect,
    /// Nothing for options that `--help` leaves out.
    help: &'static str,
}

const fn row(short: char, long: &'static str, value: &'static str, effect: Effect, help: &'static str) -> Row {
    Row { short, long, value, effect, help }
}

/// All options. Those of CPython have the same letters.
const OPTIONS: &[Row] = &[
    row('c', "", "CODE", Effect::Code, "run CODE; what follows are its arguments"),
    row('m', "", "MODULE", Effect::Module, "run a module or package as a program; what follows are its arguments"),
    row(' ', "virtual-time", "", Effect::VirtualTime, "time passes only while the script sleeps, and then at once"),
    row(' ', "seed", "NUMBER", Effect::Seed, "choose the order of ready tasks, and what is random, by a number"),
    row(' ', "warn-slow", "SECONDS", Effect::WarnSlow, "tell which line held the event loop for so many SECONDS"),
    row(' ', "record", "FILE", Effect::Record, "keep all that comes from outside (clock, input, network) in FILE"),
    row(' ', "replay", "FILE", Effect::Replay, "run again as recorded, without the world; the script may be left out"),
    row('u', "", "", Effect::Unbuffered, "do not hold back standard output"),
    row('W', "", "FILTER", Effect::Warning, "warning filter, as in python -W"),
    row('X', "", "OPTION", Effect::Implementation, "implementation option; dev turns on asyncio's debug mode"),
    row('E', "", "", Effect::IgnoreEnvironment, "ignore AIOPATH and other variables"),
    row('I', "", "", Effect::Isolated, "like -E, and do not look for modules beside the script"),
    row('P', "", "", Effect::SafePath, "do not look for modules beside the script"),
    row('V', "version", "", Effect::Version, "show the version"),
    row('h', "help", "", Effect::Help, "show this text"),
    row('?', "", "", Effect::Help, ""),
    row('b', "", "", Effect::Nothing, ""),
    row('B', "", "", Effect::Nothing, ""),
    row('d', "", "", Effect::Nothing, ""),
    row('i', "", "", Effect::Nothing, ""),
    row('O', "", "", Effect::Nothing, ""),
    row('q', "", "", Effect::Nothing, ""),
    row('R', "", "", Effect::Nothing, ""),
    row('s', "", "", Effect::Nothing, ""),
    row('S', "", "", Effect::Nothing, ""),
    row('v', "", "", Effect::Nothing, ""),
    row('x', "", "", Effect::Nothing, ""),
    row(' ', "check-hash-based-pycs", "MODE", Effect::NothingWithValue, ""),
];

/// The text of `--help`.
pub(crate) fn help() -> String {
    let mut text = String::from(
        "Usage:\n  aio [OPTIONS] FILE [ARGUMENTS]       run a script (.aio or .py)\n  \
         aio [OPTIONS] -c CODE [ARGUMENTS]    run a text\n  \
         aio [OPTIONS] -m MODULE [ARGUMENTS]  run a module\n  \
         aio [OPTIONS] - [ARGUMENTS]          run what standard input holds\n  \
         aio repl                             a prompt; also what aio does on a terminal\n  \
         aio check PATH... [--strict] [--no-warn NAME] [--format json]  look for mistakes without running\n  \
         aio check --list                     the kinds of warnings\n  \
         aio dis FILE                         show the bytecode\n  \
         aio test [PATH...] [-v] [-x] [-k WORD]  run test_*.aio and *_test.aio on virtual time\n  \
         aio trace FILE [-o PAGE.html|TRACE.json] [ARGUMENTS]  run, and show the timeline of all tasks\n  \
         aio ps [PID] [--format json]         programs of aio that run, or the tasks of one\n  \
         aio pstree PID [--format json]       which task of a running program waits for which\n\nOptions (they end where the script begins):\n",
    );
    for o in OPTIONS.iter().filter(|o| !o.help.is_empty()) {
        let mut name = String::new();
        if o.short != ' ' {
            name.push_str(&format!("-{}", o.short));
        }
        if !o.long.is_empty() {
            let between = if name.is_empty() { "" } else { ", " };
            name.push_str(&format!("{between}--{}", o.long));
        }
        if !o.value.is_empty() {
            name.push_str(&format!(" {}", o.value));
        }
        text.push_str(&format!("  {name:<20} {}\n", o.help));
    }
    text.push_str(
        "\nEnvironment:\n  AIOPATH      folders in which modules are looked for, after that of the script\n  \
         NO_COLOR     never use colours\n  FORCE_COLOR  use colours also where there is no terminal\n\
         \nExamples:\n  aio hello.aio\n  aio -c 'import sys; print(sys.argv)' one two\n  \
         echo 'print(6 * 7)' | aio -\n  aio check --format json src/*.aio\n  aio --virtual-time slow.aio\n",
    );
    text
}

/// Reads the arguments of the process. The error is what the user is told.
pub(crate) fn parse(arguments: Vec<String>) -> Result<Parsed, String> {
    let mut rest = arguments.into_iter();
    let program = rest.next().unwrap_or_else(|| "aio".to_owned());
    let mut settings = Settings::default();
    let mut command = None;
    while command.is_none() {
        let Some(argument) = rest.next() else { break };
        if argument == "-" {
            command = Some(Command::Run { start: Start::Stdin { named: true }, arguments: Vec::new() });
        } else if argument == "--" {
            let start = rest.next().map_or(Start::Stdin { named: false }, Start::File);
            command = Some(Command::Run { start, arguments: Vec::new() });
        } else if let Some(long) = argument.strip_prefix("--") {
            let (name, value) = match long.split_once('=') {
                Some((name, value)) => (name, Some(value.to_owned())),
                None => (long, None),
            };
            let row = OPTIONS.iter().find(|o| !o.long.is_empty() && o.long == name);
            let row = row.ok_or_else(|| format!("aio: unknown option --{name}"))?;
            let value = value_of(row, value, &mut rest, &format!("--{name}"))?;
            let seconds = value.as_ref().and_then(|v| v.parse::<f64>().ok()).filter(|s| *s >= 0.0 && s.is_finite());
            if row.effect == Effect::WarnSlow && seconds.is_none() {
                return Err("aio: --warn-slow takes a number of seconds".to_owned());
            }
            if row.effect == Effect::Seed && value.as_ref().is_none_or(|v| v.parse::<u64>().is_err()) {
                return Err("aio: --seed takes a whole number".to_owned());
            }
            command = apply(row, value, &mut settings);
        } else if let Some(letters) = argument.strip_prefix('-') {
            command = short_options(letters, &mut rest, &mut settings)?;
        } else {
            command = Some(named_command(argument, &mut rest)?);
        }
    }
    let mut command = command.unwrap_or(Command::Run { start: Start::Stdin { named: false }, arguments: Vec::new() });
    if let Command::Run { arguments, .. } = &mut command {
        arguments.extend(rest);
    }
    Ok(Parsed { program, command, settings })
}

/// A cluster such as `-uBc CODE`.
fn short_options(
    letters: &str,
    rest: &mut impl Iterator<Item = String>,
    settings: &mut Settings,
) -> Result<Option<Command>, String> {
    let mut letters = letters.chars();
    while let Some(letter) = letters.next() {
        let row = OPTIONS.iter().find(|o| o.short == letter && letter != ' ');
        let row = row.ok_or_else(|| format!("aio: unknown option -{letter}"))?;
        let attached = match row.value {
            "" => None,
            _ => Some(letters.as_str()).filter(|s| !s.is_empty()).map(str::to_owned),
        };
        let value = value_of(row, attached, rest, &format!("-{letter}"))?;
        let has_value = value.is_some();
        let command = apply(row, value, settings);
        if command.is_some() || has_value {
            return Ok(command);
        }
    }
    Ok(None)
}

fn value_of(
    row: &Row,
    given: Option<String>,
    rest: &mut impl Iterator<Item = String>,
    shown: &str,
) -> Result<Option<String>, String> {
    match (row.value, given) {
        ("", None) => Ok(None),
        ("", Some(_)) => Err(format!("aio: option {shown} takes no value")),
        (_, Some(value)) => Ok(Some(value)),
        (_, None) => match rest.next() {
            Some(value) => Ok(Some(value)),
            None => Err(format!("Argument expected for the {shown} option")),
        },
    }
}

fn apply(row: &Row, value: Option<String>, settings: &mut Settings) -> Option<Command> {
    let run = |start| Some(Command::Run { start, arguments: Vec::new() });
    match row.effect {
        Effect::Code => return run(Start::Code(value.unwrap_or_default())),
        Effect::Module => return run(Start::Module(value.unwrap_or_default())),
        Effect::Version => return Some(Command::Version),
        Effect::Help => return Some(Command::Help),
        Effect::VirtualTime => settings.virtual_time = true,
        Effect::Seed => settings.seed = value.and_then(|v| v.parse().ok()),
        Effect::WarnSlow => settings.warn_slow = value.and_then(|v| v.parse().ok()),
        Effect::Record => settings.record = value,
        Effect::Replay => settings.replay = value,
        Effect::Unbuffered => settings.unbuffered = true,
        Effect::IgnoreEnvironment => settings.ignore_environment = true,
        Effect::Isolated => {
            settings.isolated = true;
            settings.ignore_environment = true;
            settings.safe_path = true;
        }
        Effect::SafePath => settings.safe_path = true,
        Effect::Warning => settings.warnings.extend(value),
        Effect::Implementation => settings.implementation.extend(value),
        Effect::Nothing | Effect::NothingWithValue => {}
    }
    None
}

/// `aio trace FILE -o PAGE [ARGUMENTS]`: the script runs as always.
fn trace_command(rest: &mut impl Iterator<Item = String>) -> Result<Command, String> {
    let mut output = None;
    loop {
        match rest.next() {
            Some(word) if word == "--help" || word == "-h" => return Ok(Command::Help),
            Some(word) if word == "-o" => {
                output = Some(rest.next().ok_or("Argument expected for the -o option")?);
            }
            Some(word) if word.starts_with('-') => return Err(format!("aio trace: unknown option {word}")),
            Some(file) => {
                let mut arguments: Vec<String> = rest.collect();
                // The option may also follow the file.
                if output.is_none() && arguments.first().is_some_and(|a| a == "-o") && arguments.len() > 1 {
                    output = Some(arguments.remove(1));
                    arguments.remove(0);
                }
                return Ok(Command::Trace { file, output: output.unwrap_or_default(), arguments });
            }
            None => return Err("aio trace: which file?".to_owned()),
        }
    }
}

/// `aio ps [PID]` and `aio pstree PID`.
fn process_command(word: &str, rest: &mut impl Iterator<Item = String>) -> Result<Command, String> {
    let (mut process, mut json) = (None, false);
    while let Some(argument) = rest.next() {
        match argument.as_str() {
            "--help" | "-h" => return Ok(Command::Help),
            "--format" => match rest.next().as_deref() {
                Some("json") => json = true,
                Some("text") => json = false,
                Some(other) => return Err(format!("aio {word}: unknown format '{other}'")),
                None => return Err("Argument expected for the --format option".to_owned()),
            },
            _ => match argument.parse::<i32>() {
                Ok(number) if number > 0 && process.is_none() => process = Some(number),
                _ => return Err(format!("aio {word}: {argument} is not the number of a process")),
            },
        }
    }
    match (word, process) {
        ("ps", process) => Ok(Command::Ps { process, json }),
        (_, Some(process)) => Ok(Command::PsTree { process, json }),
        (_, None) => Err("aio pstree: which process? 'aio ps' shows them".to_owned()),
    }
}

/// A word that is not an option: a command, unless a file has that name, or a script.
fn named_command(word: String, rest: &mut impl Iterator<Item = String>) -> Result<Command, String> {
    if word == "repl" && !std::path::Path::new(&word).is_file() {
        return match rest.next() {
            None => Ok(Command::Repl),
            Some(help) if help == "--help" || help == "-h" => Ok(Command::Help),
            Some(other) => Err(format!("aio repl: unknown argument {other}")),
        };
    }
    let is_command = matches!(word.as_str(), "check" | "dis" | "test" | "trace" | "ps" | "pstree")
        && !std::path::Path::new(&word).is_file();
    if !is_command {
        return Ok(Command::Run { start: Start::File(word), arguments: Vec::new() });
    }
    if word == "trace" {
        return trace_command(rest);
    }
    if word == "ps" || word == "pstree" {
        return process_command(&word, rest);
    }
    if word == "test" {
        return Ok(Command::Test { arguments: rest.collect() });
    }
    if word == "check" {
        return crate::check::Request::read(rest);
    }
    match (rest.next(), rest.next()) {
        (Some(help), None) if help == "--help" || help == "-h" => Ok(Command::Help),
        (Some(option), _) if option.starts_with('-') && option.len() > 1 => {
            Err(format!("aio dis: unknown option {option}"))
        }
        (Some(file), None) => Ok(Command::Disassemble { file }),
        (Some(_), Some(_)) => Err("aio dis: one file at a time".to_owned()),
        (None, _) => Err("aio dis: which file?".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Parsed, String> {
        parse(line.split(' ').filter(|w| !w.is_empty()).map(str::to_owned).collect())
    }

    fn started(line: &str) -> Option<(Start, Vec<String>, Settings)> {
        match parsed(line).ok()? {
            Parsed { command: Command::Run { start, arguments }, settings, .. } => Some((start, arguments, settings)),
            _ => None,
        }
    }

    #[test]
    fn options_end_at_the_script() {
        let (start, arguments, settings) = started("aio -u a.aio -u --version").expect("runs");
        assert_eq!(start, Start::File("a.aio".into()));
        assert_eq!(arguments, ["-u", "--version"]);
        assert!(settings.unbuffered);
        let (start, arguments, _) = started("aio -c 1 -c 2").expect("runs");
        assert_eq!(start, Start::Code("1".into()));
        assert_eq!(arguments, ["-c", "2"]);
    }

    #[test]
    fn clusters_and_values() {
        let (start, arguments, settings) = started("aio -uBWignore -W error -Xdev -cpass x").expect("runs");
        assert_eq!(start, Start::Code("pass".into()));
        assert_eq!(arguments, ["x"]);
        assert_eq!(settings.warnings, ["ignore", "error"]);
        assert_eq!(settings.implementation, ["dev"]);
        assert!(settings.unbuffered);
    }

    #[test]
    fn mistakes_are_told() {
        assert_eq!(parsed("aio --nonsense"), Err("aio: unknown option --nonsense".into()));
        assert_eq!(parsed("aio -uZ"), Err("aio: unknown option -Z".into()));
        assert_eq!(parsed("aio -c"), Err("Argument expected for the -c option".into()));
        assert_eq!(parsed("aio check"), Err("aio check: which file?".into()));
    }

    #[test]
    fn help_names_every_option_that_has_one() {
        let help = help();
        assert!(OPTIONS.iter().all(|o| help.contains(o.help)));
        assert!(help.lines().all(|line| line.len() <= 110));
    }
}
