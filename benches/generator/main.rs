//! What the generator costs and how true it is, measured beside other tools: `cargo bench --bench generator -- NAME…`.
//!
//! Prints Markdown, ready for `benches/README.md`, which says what each part shows and how to read it.

#[cfg(target_os = "linux")]
mod accuracy;
#[cfg(target_os = "linux")]
mod bare;
#[cfg(target_os = "linux")]
mod cost;
#[cfg(target_os = "linux")]
mod delays;
#[cfg(target_os = "linux")]
mod machine;
#[cfg(target_os = "linux")]
mod ours;
#[cfg(target_os = "linux")]
mod overload;
#[cfg(target_os = "linux")]
mod parts;
#[cfg(target_os = "linux")]
mod scaling;
#[cfg(target_os = "linux")]
mod schedule;
#[cfg(target_os = "linux")]
mod soak;
#[cfg(target_os = "linux")]
mod storm;
#[cfg(target_os = "linux")]
mod table;
#[cfg(target_os = "linux")]
mod target;
#[cfg(target_os = "linux")]
mod users;

#[cfg(target_os = "linux")]
fn main() -> std::process::ExitCode {
    parts::run(std::env::args().skip(1).collect())
}

#[cfg(not(target_os = "linux"))]
fn main() {
    println!("These benches pin processes to processors and read /proc: they run on Linux only.");
}
