//! Processor time of the window's own thread, and of the threads that paint in place of a graphics card.

use std::time::Duration;

use cpu_time::ThreadTime;

use super::FrameCost;

/// Looks for painters while the first frames are drawn; whoever has none by then has a graphics card.
const N_LOOKS: u32 = 3;

/// Tells what was used since the last look.
#[derive(Default)]
pub struct Meter {
    last: Option<FrameCost>,
    painters: Vec<Painter>,
    n_looks: u32,
}

impl Meter {
    /// What was used since the last look; none at the first, or where the system does not tell.
    pub fn take(&mut self) -> Option<FrameCost> {
        let now = ThreadTime::try_now().ok().map(|time| FrameCost {
            main_thread: time.as_duration(),
            painters: self.painters.iter().filter_map(Painter::cpu).sum(),
        });
        let last = std::mem::replace(&mut self.last, now)?;
        let now = now?;
        Some(FrameCost {
            main_thread: now.main_thread.saturating_sub(last.main_thread),
            painters: now.painters.saturating_sub(last.painters),
        })
    }

    /// Learns of the painters, which are there once something was painted.
    pub fn look_for_painters(&mut self) {
        if self.painters.is_empty() && self.n_looks < N_LOOKS {
            self.n_looks += 1;
            self.painters = painters();
            if let Some(last) = &mut self.last {
                last.painters = self.painters.iter().filter_map(Painter::cpu).sum();
            }
        }
    }
}

/// A thread that paints.
#[cfg(target_os = "linux")]
struct Painter(std::fs::File);

#[cfg(target_os = "linux")]
impl Painter {
    /// The first number of `schedstat` (Documentation/scheduler/sched-stats.rst), nanoseconds.
    // The file lags behind a thread that runs; painters rest when a frame has been shown.
    fn cpu(&self) -> Option<Duration> {
        use std::os::unix::fs::FileExt as _;
        let mut text = [0; 96];
        let n_bytes = self.0.read_at(&mut text, 0).ok()?;
        let number = text[..n_bytes].split(|byte| *byte == b' ').next()?;
        std::str::from_utf8(number).ok()?.parse().ok().map(Duration::from_nanos)
    }
}

/// Mesa's software renderer names its threads.
#[cfg(target_os = "linux")]
fn painters() -> Vec<Painter> {
    let threads = std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let painting = threads.filter(|thread| {
        let name = std::fs::read_to_string(thread.path().join("comm"));
        name.is_ok_and(|name| name.starts_with("llvmpipe"))
    });
    painting
        .filter_map(|thread| std::fs::File::open(thread.path().join("schedstat")).ok().map(Painter))
        .collect()
}

/// Elsewhere only the window's own thread is known.
#[cfg(not(target_os = "linux"))]
enum Painter {}

#[cfg(not(target_os = "linux"))]
impl Painter {
    fn cpu(&self) -> Option<Duration> {
        match *self {}
    }
}

#[cfg(not(target_os = "linux"))]
fn painters() -> Vec<Painter> {
    Vec::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_meter_tells_what_this_thread_used_since_the_last_look() {
        let mut meter = Meter::default();
        assert_eq!(meter.take(), None);
        let begun = ThreadTime::now();
        while begun.elapsed() < Duration::from_millis(5) {
            std::hint::spin_loop();
        }
        let used = meter.take().unwrap();
        assert!(used.main_thread >= Duration::from_millis(5), "{used:?}");
        assert_eq!(used.painters, Duration::ZERO);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn threads_that_paint_in_software_are_found_by_name_and_their_time_counts() {
        use std::sync::mpsc::channel;
        let (go, wait) = channel::<()>();
        let (done, told) = channel();
        let painter = std::thread::Builder::new().name("llvmpipe-0".to_owned());
        let painter = painter.spawn(move || {
            // It has its name by now.
            done.send(()).unwrap();
            wait.recv().unwrap();
            let begun = ThreadTime::now();
            while begun.elapsed() < Duration::from_millis(5) {
                std::hint::spin_loop();
            }
            done.send(()).unwrap();
            wait.recv().unwrap();
        });
        let painter = painter.unwrap();
        told.recv().unwrap();
        let mut meter = Meter::default();
        meter.take();
        meter.look_for_painters();
        assert_eq!(meter.painters.len(), 1);
        go.send(()).unwrap();
        told.recv().unwrap();
        let mut used = Duration::ZERO;
        // The system's account follows once the thread rests.
        while used < Duration::from_millis(4) {
            used += meter.take().unwrap().painters;
        }
        go.send(()).unwrap();
        painter.join().unwrap();
    }
}
