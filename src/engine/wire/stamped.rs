//! A TCP stream that knows when what it read had come: by the system's stamp where there is one, else by the read.
//!
//! A generator may read late: its thread sleeps, waits for a processor, or has other users to serve first. The
//! system stamps bytes as they come off the network (Linux: `SO_TIMESTAMPNS`, Documentation/networking/
//! timestamping.rst), so that this lateness does not pass for the target's.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
#[cfg(target_os = "linux")]
use std::time::Duration;

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
            let (now, age) = (Instant::now(), *result.as_ref().unwrap_or(&Duration::ZERO));
            this.arrived_at = now.checked_sub(age).unwrap_or(now);
            return Poll::Ready(result.map(drop));
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
    use std::io::{self, IoSliceMut, Write as _};
    use std::net::{self, Ipv4Addr};
    use std::os::fd::{AsFd, AsRawFd};
    use std::task::{Context, Poll, ready};
    use std::thread;
    use std::time::{Duration, SystemTime, UNIX_EPOCH};

    use nix::sys::socket::{ControlMessageOwned, MsgFlags, recvmsg, setsockopt, sockopt::ReceiveTimestampns};
    use nix::sys::time::TimeSpec;
    use tokio::io::{Interest, ReadBuf};
    use tokio::net::TcpStream;

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

    /// Reads what is there, and tells how long ago it came.
    pub fn poll_read(
        stream: &TcpStream,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<Duration>> {
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
                    return Poll::Ready(Ok(stamp.map(age).unwrap_or_default()));
                }
                (None, Err(error)) if error.kind() != io::ErrorKind::WouldBlock => {
                    return Poll::Ready(Err(error));
                }
                (None, _) => {}
            }
        }
    }

    fn receive(stream: &impl AsRawFd, into: &mut [u8]) -> io::Result<(usize, Option<TimeSpec>)> {
        let mut control = [0; STAMP_BYTES];
        let mut pieces = [IoSliceMut::new(into)];
        let received = recvmsg::<()>(stream.as_raw_fd(), &mut pieces, Some(&mut control), MsgFlags::empty())?;
        let stamp = received.cmsgs()?.find_map(|message| match message {
            ControlMessageOwned::ScmTimestampns(stamp) => Some(stamp),
            _ => None,
        });
        Ok((received.bytes, stamp))
    }

    /// How long ago it was by the system's clock; nothing where that has been set back since.
    fn age(stamp: TimeSpec) -> Duration {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        since_epoch.saturating_sub(Duration::from(stamp))
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
