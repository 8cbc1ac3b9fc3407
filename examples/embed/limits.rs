//! Scripts that never end: fuel, memory, and a thread that has waited long enough.

use aiolang::{Engine, Error, Limits};
use std::time::Duration;

fn main() -> Result<(), Error> {
    let limits = Limits { fuel: Some(1_000_000), memory: Some(16 << 20), ..Limits::default() };
    let isolate = Engine::builder().limits(limits).build()?.isolate();
    for program in ["while True: pass", "pile = []\nwhile True: pile.append('x' * 100_000)"] {
        isolate.set_fuel(Some(1_000_000));
        if let Err(error) = isolate.run(program) {
            println!("{:?}: {error}", error.kind());
        }
    }
    isolate.set_fuel(None);
    isolate.run("pile = None")?;
    let handle = isolate.interrupt_handle();
    let watch = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(50));
        handle.stop();
    });
    if let Err(error) = isolate.run("while True:\n    try:\n        while True: pass\n    except BaseException: pass") {
        println!("{:?}: {error}", error.kind());
    }
    let _ = watch.join();
    println!("still valid: {}", isolate.eval::<i64>("6 * 7")?);
    Ok(())
}
