//! Streams both ways: a Rust stream in `async for`, an asynchronous generator as a Rust stream.

use aiolang::{Engine, Error, Grant};
use futures_util::StreamExt;
use std::time::Duration;

#[tokio::main]
async fn main() -> Result<(), Error> {
    let isolate = Engine::builder().grant(Grant::Clock).build()?.isolate();
    isolate.register_stream("ticks(n)", |n: u32| {
        futures_util::stream::iter(0..n).then(|i| async move {
            tokio::time::sleep(Duration::from_millis(2)).await;
            i
        })
    })?;
    isolate.run(
        "async def averages(n):\n    \
             total = 0\n    \
             try:\n        \
                 async for i in ticks(n):\n            \
                     total += i\n            \
                     yield total / (i + 1)\n    \
             finally:\n        \
                 print('closed after', total)",
    )?;
    let mut averages = isolate.stream::<f64>("averages", (10,));
    while let Some(average) = averages.next().await {
        let average = average?;
        println!("{average}");
        if average >= 2.0 {
            break;
        }
    }
    drop(averages);
    Ok(())
}
