//! What scripts may do in the world: each grant denied and given.

use aiolang::{Clock, Engine, Error, Grant, Isolate};
use std::io::{Read, Write};
use std::time::{Duration, SystemTime};

fn isolate(grants: impl IntoIterator<Item = Grant>) -> Result<Isolate, Error> {
    let engine = grants.into_iter().fold(Engine::builder(), |engine, grant| engine.grant(grant));
    Ok(engine.build()?.isolate())
}

/// What became of a program: the name `seen`, or the class of the error.
fn outcome(isolate: &Isolate, program: &str) -> Result<String, Error> {
    match isolate.run(program) {
        Ok(()) => isolate.get("seen")?.text(isolate),
        Err(e) => Ok(e.type_name().to_owned()),
    }
}

#[test]
fn without_grants_nothing_is_reached() -> Result<(), Error> {
    let isolate = isolate([])?;
    for (program, expected) in [
        ("open('/etc/hostname')", "PermissionError"),
        ("open('new.txt', 'w')", "PermissionError"),
        ("import os\nos.listdir('/')", "PermissionError"),
        ("import os\nseen = dict(os.environ)", "{}"),
        ("import os\nos.getenv('PATH')\nseen = os.getenv('PATH', 'none')", "none"),
        ("import socket\nsocket.create_connection(('127.0.0.1', 80))", "PermissionError"),
        ("import asyncio\nawait asyncio.open_connection('localhost', 80)", "PermissionError"),
        ("import asyncio\nawait asyncio.start_server(print, '127.0.0.1', 0)", "PermissionError"),
        ("import subprocess\nsubprocess.run(['true'])", "PermissionError"),
        ("import asyncio\nawait asyncio.create_subprocess_exec('true')", "PermissionError"),
        ("import os, signal\nos.kill(1, 0)", "PermissionError"),
        ("import time\nseen = int(time.time()) == 1735689600", "True"),
        ("import time\na = time.time(); time.sleep(0.01); seen = time.time() - a > 0.009", "True"),
    ] {
        assert_eq!(outcome(&isolate, program)?, expected, "{program}");
    }
    Ok(())
}

#[test]
fn folders_are_read_or_written_and_nothing_above_them() -> Result<(), Error> {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let inside = folder.path().join("inside");
    std::fs::create_dir(&inside).expect("a folder can be made");
    std::fs::write(inside.join("a.txt"), "text").expect("it can be written");
    std::fs::write(folder.path().join("above.txt"), "secret").expect("it can be written");
    let path = |name: &str| inside.join(name).to_string_lossy().into_owned();
    let read = |name: &str| format!("seen = open({:?}).read()", path(name));
    let write = |name: &str| format!("with open({:?}, 'w') as f: f.write('new')\nseen = 'written'", path(name));
    let reader = isolate([Grant::Read(inside.clone())])?;
    assert_eq!(outcome(&reader, &read("a.txt"))?, "text");
    assert_eq!(outcome(&reader, &write("a.txt"))?, "PermissionError");
    assert_eq!(outcome(&reader, &write("b.txt"))?, "PermissionError");
    assert_eq!(outcome(&reader, &format!("import os\nos.remove({:?})", path("a.txt")))?, "PermissionError");
    assert_eq!(outcome(&reader, &read("../above.txt"))?, "PermissionError");
    let writer = isolate([Grant::Write(inside.clone())])?;
    assert_eq!(outcome(&writer, &write("b.txt"))?, "written");
    assert_eq!(outcome(&writer, &read("b.txt"))?, "new");
    assert_eq!(outcome(&writer, &write("../above.txt"))?, "PermissionError");
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(folder.path().join("above.txt"), inside.join("link")).expect("a link can be made");
        assert_eq!(outcome(&writer, &read("link"))?, "PermissionError");
    }
    assert_eq!(std::fs::read_to_string(folder.path().join("above.txt")).expect("it is there"), "secret");
    Ok(())
}

#[test]
fn variables_are_seen_one_by_one() -> Result<(), Error> {
    let one = isolate([Grant::Variable("CARGO_PKG_NAME".to_owned())])?;
    assert_eq!(outcome(&one, "import os\nseen = dict(os.environ)")?, "{'CARGO_PKG_NAME': 'aiolang'}");
    let all = isolate([Grant::Variable("*".to_owned())])?;
    assert_eq!(outcome(&all, "import os\nseen = len(os.environ) > 1")?, "True");
    Ok(())
}

/// A fixed time.
struct Stopped;

impl Clock for Stopped {
    fn monotonic(&self) -> Duration {
        Duration::from_secs(5)
    }

    fn wall(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(86_400)
    }
}

#[test]
fn time_and_randomness_are_real_or_replaced() -> Result<(), Error> {
    let real = isolate([Grant::Clock, Grant::Entropy])?;
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("it is later").as_secs_f64();
    assert!((real.eval::<f64>("__import__('time').time()")? - now).abs() < 3600.0);
    let bytes = "__import__('os').urandom(16).hex()";
    assert_ne!(real.eval::<String>(bytes)?, isolate([Grant::Entropy])?.eval::<String>(bytes)?);
    assert_eq!(isolate([])?.eval::<String>(bytes)?, isolate([])?.eval::<String>(bytes)?);
    let replaced = Engine::builder().clock(Stopped).random(|buffer| buffer.fill(7)).build()?.isolate();
    assert_eq!(replaced.eval::<f64>("__import__('time').time()")?, 86_400.0);
    assert_eq!(replaced.eval::<f64>("__import__('time').monotonic()")?, 5.0);
    assert_eq!(replaced.eval::<String>(bytes)?, "07".repeat(16));
    Ok(())
}

#[test]
fn connections_are_granted_by_host_and_port() -> Result<(), Error> {
    let echo = "import asyncio\n\
         async def serve(reader, writer):\n    \
             writer.write((await reader.readline()).upper())\n    \
             await writer.drain()\n    \
             writer.close()\n\
         async def main(connect_to):\n    \
             async with await asyncio.start_server(serve, '127.0.0.1', 0) as server:\n        \
                 port = server.sockets[0].getsockname()[1]\n        \
                 reader, writer = await asyncio.open_connection(connect_to, port)\n        \
                 writer.write(b'hello\\n')\n        \
                 answer = await reader.read()\n        \
                 writer.close()\n        \
                 return answer.decode()\n";
    let any = |host: &str| (host.to_owned(), 0);
    let (listen, connect) = (any("127.0.0.1"), any("127.0.0.1"));
    let both = isolate([Grant::Listen(listen.0.clone(), listen.1), Grant::Connect(connect.0, connect.1)])?;
    both.run(echo)?;
    assert_eq!(both.call::<String>("main", ("127.0.0.1",))?, "HELLO\n");
    let listening = isolate([Grant::Listen(listen.0, listen.1)])?;
    listening.run(echo)?;
    let refused = listening.call::<String>("main", ("127.0.0.1",)).expect_err("no connection is granted");
    assert_eq!(refused.type_name(), "PermissionError");
    // A name that may be listened at is none to connect to.
    let named = isolate([Grant::Listen("localhost".to_owned(), 0)])?;
    named.run(&echo.replace("'127.0.0.1', 0", "'localhost', 0"))?;
    let refused = named.call::<String>("main", ("localhost",)).expect_err("no connection is granted");
    assert_eq!(refused.type_name(), "PermissionError");
    let elsewhere = isolate([Grant::Connect("127.0.0.1".to_owned(), 1)])?;
    let program = "import asyncio\nawait asyncio.open_connection('127.0.0.1', 2)";
    assert_eq!(outcome(&elsewhere, program)?, "PermissionError");
    // Port 1 may be tried; nobody listens there.
    assert_eq!(outcome(&elsewhere, &program.replace("2)", "1)"))?, "ConnectionRefusedError");
    Ok(())
}

/// Answers each connection like a web server, once.
fn web_server() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("there is a port");
    let port = listener.local_addr().expect("it listens").port();
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            let Ok(mut connection) = connection else { return };
            let mut request = [0; 1024];
            let n = connection.read(&mut request).unwrap_or(0);
            let path = String::from_utf8_lossy(&request[..n]).split(' ').nth(1).unwrap_or_default().to_owned();
            let text = format!("HTTP/1.0 200 OK\r\nContent-Length: {}\r\n\r\n{path}", path.len());
            let _ = connection.write_all(text.as_bytes());
        }
    });
    port
}

#[cfg(unix)]
#[test]
fn sockets_by_hand_follow_the_same_rules() -> Result<(), Error> {
    let port = web_server();
    let client = isolate([Grant::Connect("127.0.0.1".to_owned(), port)])?;
    client.set("port", port)?;
    let fetch = "import socket\n\
         with socket.create_connection(('127.0.0.1', port)) as c:\n    \
             c.sendall(b'GET /page HTTP/1.0\\r\\n\\r\\n')\n    \
             seen = c.makefile('rb').read().split(b'\\r\\n')[-1].decode()";
    assert_eq!(outcome(&client, fetch)?, "/page");
    for (program, expected) in [
        ("import socket\nsocket.create_connection(('127.0.0.1', port + 1))", "PermissionError"),
        ("import socket\nsocket.socket().bind(('127.0.0.1', 0))", "PermissionError"),
        ("import socket\nsocket.socket().listen()", "PermissionError"),
        ("import socket\nsocket.socket(socket.AF_UNIX)", "PermissionError"),
        ("import socket\nsocket.socket(socket.AF_INET, socket.SOCK_RAW)", "PermissionError"),
        (
            "import socket\nsocket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', 9))",
            "PermissionError",
        ),
        ("import socket\nsocket.gethostname()", "PermissionError"),
    ] {
        assert_eq!(outcome(&client, program)?, expected, "{program}");
    }
    let server = isolate([Grant::Listen("127.0.0.1".to_owned(), 0), Grant::Connect("127.0.0.1".to_owned(), 0)])?;
    let echo = "import socket, threading\n\
         s = socket.create_server(('127.0.0.1', 0))\n\
         def serve():\n    \
             with s.accept()[0] as c: c.sendall(c.recv(100).upper())\n\
         t = threading.Thread(target=serve)\n\
         t.start()\n\
         with socket.create_connection(s.getsockname()) as c:\n    \
             c.sendall(b'hello')\n    \
             seen = c.recv(100).decode()\n\
         t.join()";
    assert_eq!(outcome(&server, echo)?, "HELLO");
    assert_eq!(outcome(&server, "import socket\nsocket.socket().listen()")?, "PermissionError");
    assert_eq!(outcome(&server, "import socket\nsocket.create_server(('', 0))")?, "PermissionError");
    Ok(())
}

#[cfg(unix)]
#[test]
fn programs_are_granted_by_name() -> Result<(), Error> {
    let may = isolate([Grant::Run("echo".to_owned()), Grant::Run("env".to_owned()), Grant::Run("sleep".to_owned())])?;
    let run = |line: &str| {
        format!(
            "import asyncio\n\
             async def main():\n    \
                 p = await asyncio.create_subprocess_exec({line}, stdout=asyncio.subprocess.PIPE)\n    \
                 return (await p.communicate())[0].decode()\n\
             seen = await main()"
        )
    };
    assert_eq!(outcome(&may, &run("'echo', 'hi'"))?, "hi\n");
    assert_eq!(outcome(&may, &run("'cat', '/etc/passwd'"))?, "PermissionError");
    // Nothing of the environment gets through that was not granted.
    assert!(!outcome(&may, &run("'env'"))?.contains("CARGO"));
    let kill = "import asyncio\n\
         async def main():\n    \
             p = await asyncio.create_subprocess_exec('sleep', '1000')\n    \
             p.kill()\n    \
             return await p.wait()\n\
         seen = await main()";
    assert_eq!(outcome(&may, kill)?, "-9");
    assert_eq!(outcome(&may, "import os\nos.kill(2 ** 22 - 3, 0)")?, "PermissionError");
    Ok(())
}
