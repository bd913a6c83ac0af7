//! A TCP stream that knows when what it read had come: by the system's stamp where there is one, else by the read.
//!
//! A generator may read late: its thread sleeps, waits for a processor, or has other users to serve first. The
//! system stamps bytes as they come off the network (Linux: `SO_TIMESTAMPNS`, Documentation/networking/
//! timestamping.rst), so that this lateness does not pass for the target's.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

#[cfg(target_os = "linux")]
use rustix::net::SendFlags;
#[cfg(target_os = "linux")]
use tokio::io::Interest;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::Instant;

/// A connected stream, and when the last bytes read from it came.
pub(super) struct StampedStream {
    stream: TcpStream,
    arrived_at: Instant,
    #[cfg(target_os = "linux")]
    has_stamps: bool,
}

impl StampedStream {
    /// Asks the system for stamps; a refusal leaves the time of the read.
    pub fn new(stream: TcpStream) -> Self {
        Self {
            #[cfg(target_os = "linux")]
            has_stamps: stamps::ask(&stream),
            stream,
            arrived_at: Instant::now(),
        }
    }

    pub fn get_ref(&self) -> &TcpStream {
        &self.stream
    }

    /// Hands bytes to the system without waiting; returns how many it took.
    pub fn try_write(&self, bytes: &[u8]) -> io::Result<usize> {
        // Without the C library's: where a program has threads, that looks out for their cancellation in each call.
        #[cfg(target_os = "linux")]
        return self
            .stream
            .try_io(Interest::WRITABLE, || Ok(rustix::net::send(&self.stream, bytes, SendFlags::NOSIGNAL)?));
        #[cfg(not(target_os = "linux"))]
        self.stream.try_write(bytes)
    }

    /// When the last bytes that were read came, or the end of the stream was seen.
    pub fn arrived_at(&self) -> Instant {
        self.arrived_at
    }
}

/// Whether this system stamps what comes; tried once, over loopback.
pub(super) fn is_stamping() -> bool {
    #[cfg(target_os = "linux")]
    {
        static TRIED: std::sync::OnceLock<bool> = std::sync::OnceLock::new();
        *TRIED.get_or_init(|| stamps::are_given().unwrap_or(false))
    }
    #[cfg(not(target_os = "linux"))]
    false
}

impl AsyncRead for StampedStream {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        #[cfg(target_os = "linux")]
        if this.has_stamps {
            let result = ready!(stamps::poll_read(&this.stream, context, into));
            return Poll::Ready(result.map(|arrived_at| this.arrived_at = arrived_at));
        }
        let result = ready!(Pin::new(&mut this.stream).poll_read(context, into));
        this.arrived_at = Instant::now();
        Poll::Ready(result)
    }
}

impl AsyncWrite for StampedStream {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write_vectored(context, pieces)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(context)
    }
}

/// Linux: each read brings the stamp of the newest bytes in it.
#[cfg(target_os = "linux")]
mod stamps {
    use std::cell::Cell;
    use std::io::{self, Write as _};
    use std::mem;
    use std::net::{self, Ipv4Addr};
    use std::os::fd::{AsFd, AsRawFd};
    use std::task::{Context, Poll, ready};
    use std::thread;
    use std::time::{Duration, SystemTime, UNIX_EPOCH};

    use nix::sys::socket::{setsockopt, sockopt::ReceiveTimestampns};
    use tokio::io::{Interest, ReadBuf};
    use tokio::net::TcpStream;
    use tokio::time::Instant;

    /// How long a look at the system's clock is good for: one for each answer costs more than the clock moves.
    const FRESH: Duration = Duration::from_millis(1);
    const N_TRIES: usize = 50;
    /// Room for the stamp: a header of 16 bytes and two numbers of 8.
    const STAMP_BYTES: usize = 32;

    pub fn ask(stream: &impl AsFd) -> bool {
        setsockopt(stream, ReceiveTimestampns, &true).is_ok()
    }

    /// Sends bytes to itself until they come stamped.
    pub fn are_given() -> io::Result<bool> {
        let listener = net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let reader = net::TcpStream::connect(listener.local_addr()?)?;
        reader.set_read_timeout(Some(Duration::from_secs(1)))?;
        let (mut writer, _) = listener.accept()?;
        if !ask(&reader) {
            return Ok(false);
        }
        // The system begins to stamp a little later where nobody has asked before.
        for _ in 0..N_TRIES {
            writer.write_all(b"?")?;
            if receive(&reader, &mut [0])?.1.is_some() {
                return Ok(true);
            }
            thread::sleep(Duration::from_millis(1));
        }
        Ok(false)
    }

    /// Reads what is there, and tells when it came.
    pub fn poll_read(
        stream: &TcpStream,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<Instant>> {
        let room = into.remaining();
        loop {
            ready!(stream.poll_read_ready(context))?;
            let mut read = None;
            let tried = stream.try_io(Interest::READABLE, || {
                let (n_read, stamp) = receive(stream, into.initialize_unfilled())?;
                read = Some((n_read, stamp));
                // Less than there was room for: nothing is left, and what comes next will be told again.
                if n_read > 0 && n_read < room { Err(io::ErrorKind::WouldBlock.into()) } else { Ok(()) }
            });
            match (read, tried) {
                (Some((n_read, stamp)), _) => {
                    into.advance(n_read);
                    return Poll::Ready(Ok(arrival(stamp)));
                }
                (None, Err(error)) if error.kind() != io::ErrorKind::WouldBlock => {
                    return Poll::Ready(Err(error));
                }
                (None, _) => {}
            }
        }
    }

    /// Reads once; returns how many bytes, and what the system's clock showed since the epoch when they came.
    // Not the C library's, and parsed here: each answer takes one, and this way one is 2 % of its whole cost cheaper.
    fn receive(stream: &impl AsRawFd, into: &mut [u8]) -> io::Result<(usize, Option<Duration>)> {
        let mut control = Control([0; STAMP_BYTES]);
        let mut piece = libc::iovec { iov_base: into.as_mut_ptr().cast(), iov_len: into.len() };
        // SAFETY: the structure is plain numbers and pointers, for all of which zero is a value.
        let mut message: libc::msghdr = unsafe { mem::zeroed() };
        message.msg_iov = &raw mut piece;
        message.msg_iovlen = 1;
        message.msg_control = (&raw mut control).cast();
        message.msg_controllen = STAMP_BYTES as _;
        // SAFETY: the message names two places to write to, each with its true size; both outlive the call, and
        // nobody else holds them.
        let n_read = unsafe { libc::syscall(libc::SYS_recvmsg, stream.as_raw_fd(), &raw mut message, 0) };
        let n_read = usize::try_from(n_read).map_err(|_| io::Error::last_os_error())?;
        // SAFETY: the system has written whole control messages to a place aligned for them, and to `message` how
        // long they are; the first of them is within it or null, and one of this level and kind holds a timespec.
        let stamp = unsafe {
            let first = libc::CMSG_FIRSTHDR(&raw const message);
            let is_stamp = !first.is_null()
                && (*first).cmsg_level == libc::SOL_SOCKET
                && (*first).cmsg_type == libc::SCM_TIMESTAMPNS;
            is_stamp.then(|| libc::CMSG_DATA(first).cast::<libc::timespec>().read_unaligned())
        };
        Ok((n_read, stamp.map(|stamp| Duration::new(stamp.tv_sec as u64, stamp.tv_nsec as u32))))
    }

    /// Where the system writes what comes beside the bytes.
    #[repr(C, align(8))]
    struct Control([u8; STAMP_BYTES]);

    /// When it was that the system's clock showed a stamp; now where that clock has been set back since, or without one.
    fn arrival(stamp: Option<Duration>) -> Instant {
        let now = Instant::now();
        let Some(stamp) = stamp else { return now };
        now.checked_sub(system_clock(now).saturating_sub(stamp)).unwrap_or(now)
    }

    /// What the system's clock, which may be set at any time, shows since the epoch.
    fn system_clock(now: Instant) -> Duration {
        thread_local! {
            static LAST: Cell<Option<(Instant, Duration)>> = const { Cell::new(None) };
        }
        let last = LAST.get().filter(|(read_at, _)| now.saturating_duration_since(*read_at) < FRESH);
        let (read_at, shown) = last.unwrap_or_else(|| {
            let read = (now, SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default());
            LAST.set(Some(read));
            read
        });
        shown + (now - read_at)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    use super::*;

    /// A stream, and the other end of it.
    async fn pair() -> (StampedStream, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (near, far) = tokio::join!(TcpStream::connect(address), listener.accept());
        (StampedStream::new(near.unwrap()), far.unwrap().0)
    }

    #[tokio::test]
    async fn what_is_read_late_came_when_it_was_sent() {
        assert!(!cfg!(target_os = "linux") || is_stamping());
        let (mut near, mut far) = pair().await;
        for _ in 0..3 {
            let before = Instant::now();
            far.write_all(b"hello").await.unwrap();
            let sent_at = Instant::now();
            std::thread::sleep(Duration::from_millis(30));
            let mut buffer = [0; 64];
            assert_eq!(near.read(&mut buffer).await.unwrap(), 5);
            assert!(near.arrived_at() >= before - Duration::from_millis(1), "not before it was sent");
            if is_stamping() {
                let late = near.arrived_at().saturating_duration_since(sent_at);
                assert!(late < Duration::from_millis(15), "{late:?}");
            }
        }
    }

    #[tokio::test]
    async fn what_is_read_at_once_came_between_its_sending_and_its_reading() {
        // Slewed clocks and the resolution of stamps.
        let tolerance = Duration::from_micros(100);
        let (mut near, mut far) = pair().await;
        let mut last = Instant::now();
        for _ in 0..1_000 {
            let before = Instant::now();
            far.write_all(b"hello").await.unwrap();
            near.read_exact(&mut [0; 5]).await.unwrap();
            let arrived_at = near.arrived_at();
            assert!(arrived_at + tolerance >= before && arrived_at <= Instant::now());
            assert!(arrived_at + tolerance >= last, "one after the other");
            last = arrived_at;
        }
    }

    #[tokio::test]
    async fn pieces_larger_than_the_room_for_them_and_the_end_are_read() {
        let (mut near, mut far) = pair().await;
        let writing = tokio::spawn(async move {
            for _ in 0..100 {
                far.write_all(&[b'x'; 1_000]).await.unwrap();
                tokio::task::yield_now().await;
            }
        });
        let (mut n_read, mut buffer) = (0, [0; 300]);
        loop {
            match near.read(&mut buffer).await.unwrap() {
                0 => break,
                n => n_read += n,
            }
        }
        writing.await.unwrap();
        assert_eq!(n_read, 100_000);
        let (mut near, far) = pair().await;
        // Closed with something unread, it ends in a reset.
        near.write_all(b"unread").await.unwrap();
        far.readable().await.unwrap();
        drop(far);
        assert!(near.read(&mut buffer).await.is_err());
    }
}
