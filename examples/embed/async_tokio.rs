//! Futures of tokio awaited by a script, and calls of the script awaited by tokio.

use aiolang::{Engine, Error, Grant};
use std::time::Duration;

#[tokio::main]
async fn main() -> Result<(), Error> {
    let isolate = Engine::builder().grant(Grant::Clock).build()?.isolate();
    isolate.register_async("fetch(url, delay=0.01)", |url: String, delay: f64| async move {
        tokio::time::sleep(Duration::from_secs_f64(delay)).await;
        format!("body of {url}")
    })?;
    isolate.run(
        "import asyncio\n\
         async def crawl(urls):\n    \
             return await asyncio.gather(*[fetch(url) for url in urls])\n\
         async def patient(url):\n    \
             try:\n        \
                 async with asyncio.timeout(0.05):\n            \
                     return await fetch(url, delay=60)\n    \
             except TimeoutError:\n        \
                 return 'too late'",
    )?;
    // Both are under way in one isolate at the same time.
    let pages = isolate.call_async::<Vec<String>>("crawl", (vec!["/a", "/b", "/c"],));
    let slow = isolate.call_async::<String>("patient", ("/slow",));
    let (pages, slow) = tokio::try_join!(pages, slow)?;
    println!("{pages:?}\n{slow}");
    Ok(())
}
