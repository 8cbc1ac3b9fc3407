//! How an interrupt (Ctrl-C) gets from a signal handler into a machine that runs or waits.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// A flag that interrupts a machine and, where the system can wait for that, a pipe that wakes it.
///
/// A signal handler sets the flag and writes a byte into the waker; both are allowed in handlers.
#[derive(Debug, Clone)]
pub struct Interrupt {
    flag: Arc<AtomicBool>,
    /// Somebody wants to know what the machine is doing.
    question: Arc<AtomicBool>,
    #[cfg(unix)]
    pipe: Option<Arc<(std::os::unix::net::UnixStream, std::os::unix::net::UnixStream)>>,
}

impl Default for Interrupt {
    fn default() -> Interrupt {
        Interrupt::new()
    }
}

impl Interrupt {
    /// An interrupt that has not happened.
    pub fn new() -> Interrupt {
        Interrupt {
            flag: Arc::default(),
            question: Arc::default(),
            #[cfg(unix)]
            pipe: waking_pipe().ok().map(Arc::new),
        }
    }

    /// The flag to be set.
    pub fn flag(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.flag)
    }

    /// The flag to be set by whoever wants to know what the machine is doing; the waker wakes for it, too.
    pub fn question(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.question)
    }

    /// The end of the pipe into which a byte is written after the flag was set.
    #[cfg(unix)]
    pub fn waker(&self) -> io::Result<std::os::unix::net::UnixStream> {
        match &self.pipe {
            Some(pipe) => pipe.1.try_clone(),
            None => Err(io::ErrorKind::Unsupported.into()),
        }
    }

    /// The end of the pipe that can be read after an interrupt.
    #[cfg(unix)]
    pub(crate) fn wakened(&self) -> Option<std::os::unix::net::UnixStream> {
        self.pipe.as_ref().and_then(|pipe| pipe.0.try_clone().ok())
    }

    /// Interrupts from another thread.
    pub fn raise(&self) {
        self.flag.store(true, Ordering::SeqCst);
        #[cfg(unix)]
        if let Some(pipe) = &self.pipe {
            // A full pipe wakes as well.
            let _ = io::Write::write(&mut &pipe.1, b"!");
        }
    }

    /// Whether it happened; does not take it.
    pub fn is_raised(&self) -> bool {
        self.flag.load(Ordering::Relaxed)
    }

    /// Whether it happened since the last question.
    pub fn take(&self) -> bool {
        self.is_raised() && self.take_flag(&self.flag)
    }

    /// Whether somebody has wanted to know since the last question what the machine is doing.
    pub(crate) fn take_question(&self) -> bool {
        self.question.load(Ordering::Relaxed) && self.take_flag(&self.question)
    }

    /// Whether there is a reason not to wait.
    pub(crate) fn wakes(&self) -> bool {
        self.is_raised() || self.question.load(Ordering::Relaxed)
    }

    fn take_flag(&self, flag: &AtomicBool) -> bool {
        #[cfg(unix)]
        if let Some(pipe) = &self.pipe {
            let mut bytes = [0; 64];
            while matches!(io::Read::read(&mut &pipe.0, &mut bytes), Ok(64)) {}
        }
        flag.swap(false, Ordering::SeqCst)
    }

    /// Waits that long or until it happens.
    pub fn sleep(&self, time: Duration) {
        let end = Instant::now() + time.min(Duration::from_secs(1 << 40));
        loop {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() || self.wakes() {
                return;
            }
            self.wait(left);
        }
    }

    #[cfg(unix)]
    fn wait(&self, time: Duration) {
        let Some(pipe) = &self.pipe else {
            return std::thread::sleep(time.min(Duration::from_millis(50)));
        };
        let mut fds = [rustix::event::PollFd::new(&pipe.0, rustix::event::PollFlags::IN)];
        let time = rustix::event::Timespec::try_from(time).ok();
        // Waking too early is fine: the caller looks at the clock.
        let _ = rustix::event::poll(&mut fds, time.as_ref());
    }

    #[cfg(not(unix))]
    fn wait(&self, time: Duration) {
        std::thread::sleep(time.min(Duration::from_millis(50)));
    }

    /// Waits until `source` can be read; an error of kind `Interrupted` if the interrupt comes first.
    #[cfg(unix)]
    pub(crate) fn readable(&self, source: &dyn std::os::fd::AsFd) -> io::Result<()> {
        use rustix::event::{PollFd, PollFlags, poll};
        let Some(pipe) = &self.pipe else {
            return Ok(());
        };
        loop {
            if self.wakes() {
                return Err(io::ErrorKind::Interrupted.into());
            }
            let source = source.as_fd();
            let mut fds = [PollFd::new(&source, PollFlags::IN), PollFd::new(&pipe.0, PollFlags::IN)];
            match poll(&mut fds, None) {
                Ok(_) if !fds[0].revents().is_empty() => return Ok(()),
                Ok(_) | Err(rustix::io::Errno::INTR) => {}
                Err(e) => return Err(e.into()),
            }
        }
    }
}

#[cfg(unix)]
fn waking_pipe() -> io::Result<(std::os::unix::net::UnixStream, std::os::unix::net::UnixStream)> {
    let pair = std::os::unix::net::UnixStream::pair()?;
    pair.0.set_nonblocking(true)?;
    pair.1.set_nonblocking(true)?;
    Ok(pair)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sleeping_ends_with_the_interrupt() {
        let interrupt = Interrupt::new();
        let other = interrupt.clone();
        let start = Instant::now();
        let thread = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(20));
            other.raise();
        });
        interrupt.sleep(Duration::from_secs(20));
        assert!(start.elapsed() < Duration::from_secs(10));
        assert!(interrupt.take());
        assert!(!interrupt.take());
        assert!(thread.join().is_ok());
    }
}
