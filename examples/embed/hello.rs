//! The first screen: a function of the host, a script that calls it, a call into the script.

use aiolang::{Engine, Error};

fn main() -> Result<(), Error> {
    let isolate = Engine::builder().build()?.isolate();
    isolate.register("shout", |text: String| text.to_uppercase())?;
    isolate.run("def greet(name):\n    return shout('hello, ' + name) + '!'")?;
    let text: String = isolate.call("greet", ("world",))?;
    println!("{text}");
    Ok(())
}
