//! The C library's memory: what a software renderer takes for one frame is kept for the next.

/// Asks the C library to keep what is given back, up to 128 MB of it.
///
/// Mesa takes the vertices and buffers of each frame from there and gives them back at its end. By default the C
/// library returns them to the system at once, which clears every page anew for the next frame: a third of what
/// a frame took of the window's thread. To be called before anything is painted; memory of Rust's own is elsewhere.
pub fn keep_between_frames() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        const KEPT_BYTES: libc::c_int = 128 << 20;
        // The most that mallopt(3) takes: what is larger than this goes back to the system on its own.
        const LARGEST_BYTES: libc::c_int = 32 << 20;
        for (parameter, bytes) in
            [(libc::M_TRIM_THRESHOLD, KEPT_BYTES), (libc::M_MMAP_THRESHOLD, LARGEST_BYTES)]
        {
            // SAFETY: it only sets a number of the allocator, under the allocator's own lock. A refusal leaves things
            // as they were.
            let _ = unsafe { libc::mallopt(parameter, bytes) };
        }
    }
}
