//! A sandboxed plugin: it sees one folder, to read, and the module of its host, and nothing else.

use aiolang::{Engine, Error, Grant, Limits, Module};
use std::time::Duration;

const PLUGIN: &str = r#"
import host

def on_save(name, text):
    """Called for each document that is saved."""
    words = len(text.split())
    host.log(f"{name}: {words} words", level="info")
    return {"words": words, "title": text.splitlines()[0].strip('# ')}
"#;

fn main() -> Result<(), Error> {
    let folder = std::env::temp_dir();
    let host = Module::new("host").doc("What plugins may ask for.").function(
        "log(text, *, level='debug')",
        "Write a line into the log.",
        |text: String, level: String| println!("[{level}] {text}"),
    );
    let engine = Engine::builder()
        .grant(Grant::Read(folder))
        .limits(Limits { time: Some(Duration::from_secs(1)), memory: Some(32 << 20), ..Limits::default() })
        .module(host)
        .build()?;
    let plugin = engine.isolate();
    plugin.run_named(PLUGIN, "<plugin words>")?;
    let facts: aiolang::Data = plugin.call("on_save", ("notes", "# Title\nsome words more"))?;
    println!("{facts:?}");
    for attempt in ["open('/etc/hostname')", "__import__('os').environ['HOME']", "__import__('time').time() > 1.8e9"] {
        match plugin.eval::<aiolang::Data>(attempt) {
            Ok(value) => println!("{attempt}: {value:?}"),
            Err(error) => println!("{attempt}: {}", error.type_name()),
        }
    }
    Ok(())
}
