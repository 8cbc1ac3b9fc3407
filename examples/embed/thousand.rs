//! A thousand isolates on one runtime with threads, each with a script that waits.

use aiolang::{Engine, Error, Grant};
use tokio::task::JoinSet;

#[tokio::main]
async fn main() -> Result<(), Error> {
    let engine = Engine::builder().grant(Grant::Clock).build()?;
    let mut all = JoinSet::new();
    for n in 0..1000_i64 {
        let engine = engine.clone();
        all.spawn(async move {
            let isolate = engine.isolate();
            isolate.run("import asyncio\nasync def main(n):\n    await asyncio.sleep(0.01)\n    return n * n")?;
            isolate.call_async::<i64>("main", (n,)).await
        });
    }
    let mut sum = 0;
    while let Some(done) = all.join_next().await {
        sum += done.map_err(|e| Error::exception("RuntimeError", e.to_string()))??;
    }
    println!("{sum}");
    Ok(())
}
