//! Two workers beside two processes of one worker each: what a request costs must be the same, since workers share
//! nothing. Beside one worker, which says more the more processors there are.

use std::thread;
use std::time::Duration;

use crate::machine::{all_cpus, cpu_of_children, generator_cpus, server_cpus};
use crate::ours::{Load, Ours};
use crate::parts::Extent;
use crate::table::{self, median, spread};
use crate::target::Target;

const N_USERS: u32 = 64;
const DURATION: Duration = Duration::from_secs(4);

/// All rounds of one arrangement.
struct Rounds {
    n_processes: u32,
    n_workers: usize,
    cpu_micros: Vec<f64>,
    per_sec: Vec<f64>,
}

/// Prints the comparison.
pub fn measure(extent: Extent) {
    let apart = generator_cpus().len() > 1;
    let everywhere = all_cpus();
    let (of_server, of_generator) =
        if apart { (server_cpus(), generator_cpus()) } else { (everywhere.clone(), everywhere) };
    let target = Target::null_on(&of_server);
    let mut all = [Rounds::new(1, 1), Rounds::new(1, 2), Rounds::new(2, 1)];
    for n in 1..=extent.n_rounds {
        eprintln!("scaling: round {n} of {}", extent.n_rounds);
        all.iter_mut().for_each(|rounds| rounds.go_on(&target, &of_generator));
    }
    let sentence = if apart {
        "Generator and server on processors of their own; 64 connections in all."
    } else {
        "Generator and server share all processors, so the rate says little; 64 connections in all."
    };
    let rows: Vec<_> = all.iter().map(Rounds::row).collect();
    let columns = ["processes × workers", "CPU per request, µs", "requests/s"];
    table::print("Workers", sentence, &columns, &rows);
    let [one, two, processes] = &all;
    println!(
        "CPU per request, two workers ÷ two processes: {:.2}; rate, two workers ÷ one: {:.2}.\n",
        median(&two.cpu_micros) / median(&processes.cpu_micros),
        median(&two.per_sec) / median(&one.per_sec)
    );
}

impl Rounds {
    fn new(n_processes: u32, n_workers: usize) -> Self {
        Self { n_processes, n_workers, cpu_micros: Vec::new(), per_sec: Vec::new() }
    }

    fn go_on(&mut self, target: &Target, cpus: &[usize]) {
        let load = Load::Users { n: N_USERS / self.n_processes, ramp: Duration::ZERO, duration: DURATION };
        let run =
            Ours { n_workers: self.n_workers, cpus: cpus.to_vec(), ..Ours::new(&target.base_url, load) };
        let before = cpu_of_children();
        let n_requests: u64 = thread::scope(|scope| {
            let runs: Vec<_> =
                (0..self.n_processes).map(|_| scope.spawn(|| run.run().0.n_requests())).collect();
            runs.into_iter().map(|run| run.join().expect("the run is made")).sum()
        });
        let cpu = cpu_of_children() - before;
        self.cpu_micros.push(cpu.as_secs_f64() * 1e6 / n_requests as f64);
        self.per_sec.push(n_requests as f64 / DURATION.as_secs_f64());
    }

    fn row(&self) -> Vec<String> {
        let arrangement = format!("{} × {}", self.n_processes, self.n_workers);
        vec![arrangement, spread(&self.cpu_micros, 2), spread(&self.per_sec, 0)]
    }
}
