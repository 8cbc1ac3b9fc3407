//! What the machine does without an interpreter: lines of 64 bytes, echoed by a server to a hundred clients in the same
//! process, on tokio with one thread. It is the peer of the programs that measure sockets; both are run in turn.
//!
//! `cargo run --release -p aiolang --example echo_peer [CLIENTS] [MESSAGES]`

use std::io::Result;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// Bytes of a line, its end included.
const SIZE: usize = 64;

async fn handle(socket: TcpStream) -> Result<()> {
    let (reader, mut writer) = socket.into_split();
    let (mut reader, mut line) = (BufReader::new(reader), Vec::with_capacity(SIZE));
    while reader.read_until(b'\n', &mut line).await? != 0 {
        writer.write_all(&line).await?;
        line.clear();
    }
    writer.shutdown().await
}

async fn client(port: u16, messages: usize) -> Result<usize> {
    let (reader, mut writer) = TcpStream::connect(("127.0.0.1", port)).await?.into_split();
    let (mut reader, mut back) = (BufReader::new(reader), Vec::with_capacity(SIZE));
    let mut line = [b'x'; SIZE];
    line[SIZE - 1] = b'\n';
    let mut total = 0;
    for _ in 0..messages {
        writer.write_all(&line).await?;
        back.clear();
        total += reader.read_until(b'\n', &mut back).await?;
    }
    writer.shutdown().await?;
    Ok(total)
}

async fn run(clients: usize, messages: usize) -> Result<usize> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let port = listener.local_addr()?.port();
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            tokio::spawn(handle(socket));
        }
    });
    let clients: Vec<_> = (0..clients).map(|_| tokio::spawn(client(port, messages))).collect();
    let mut total = 0;
    for client in clients {
        total += client.await??;
    }
    Ok(total)
}

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1).map(|a| a.parse());
    let mut number = |usual| arguments.next().and_then(|a| a.ok()).unwrap_or(usual);
    let (clients, messages) = (number(100), number(500));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    println!("{} {clients}", runtime.block_on(run(clients, messages))?);
    Ok(())
}
