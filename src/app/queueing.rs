//! Obeys what is asked of the run queue, and starts what waits in it.

use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use egui::Context;

use super::{
    command::Command,
    running::RunAsked,
    shell::{Dialog, QueueForm},
    state::{QUEUE_SETTING, Queue, QueueEntry, State},
};
use crate::{humanize, launch::Series};

/// While a pause is counted down.
const COUNT_EVERY: Duration = Duration::from_millis(250);

impl State {
    /// The queue of the last visit.
    pub fn restore_queue(&mut self, kept: Option<String>) {
        match kept.map_or_else(|| Ok(Queue::default()), |text| Queue::restored(&text)) {
            Ok(queue) => self.queue = queue,
            Err(error) => self.messages.fail(format!("The run queue of the last visit is damaged: {error}")),
        }
        if !self.queue.is_empty() {
            let n = humanize::counted(self.queue.n_waiting().into(), "run");
            self.messages.offer(
                format!("{n} waited in the queue when the last visit ended"),
                ("Show queue", Command::ShowQueue),
            );
        }
    }

    pub fn show_queue(&mut self) {
        self.dialog = Some(Dialog::Queue(QueueForm::default()));
    }

    /// Why the open scenario cannot be queued; none when it can.
    pub fn queue_refusal(&self) -> Option<String> {
        if !self.shelf.is_usable() {
            return Some("The run library cannot be opened, so a run could not be kept".to_owned());
        }
        self.bench.run_refusal()
    }

    /// Queues repetitions of the open scenario as it is now.
    pub fn queue_runs(&mut self, n_repetitions: u32, pause: Duration) {
        if let Some(reason) = self.queue_refusal() {
            self.messages.fail(format!("Nothing was queued. {reason}"));
            return;
        }
        let Some(scenario) = self.bench.scenario().map(Arc::clone) else { return };
        let name = scenario.name.clone();
        self.queue.add(QueueEntry {
            series: Series::new(n_repetitions),
            scenario,
            files_root: self.bench.path().and_then(|path| path.parent()).map(Path::to_owned),
            n_started: 0,
            pause,
        });
        let runs = humanize::counted(n_repetitions.into(), "run");
        self.messages.ok(format!("Queued {runs} of {name}"));
    }

    /// Starts the next run if its time has come, and keeps what waits; returns when to look again.
    pub fn follow_queue(&mut self, ctx: &Context) -> Option<Duration> {
        let is_free =
            !self.run_state.is_busy() && self.machine.measuring().is_none() && self.closing.is_none();
        if is_free && let Some(next) = self.queue.next(Instant::now()) {
            let labels = next.labels();
            let QueueEntry { scenario, files_root, .. } = next.entry;
            self.launch_run(ctx, RunAsked { scenario, files_root, labels, time_scale: 1.0 });
        }
        if let Some(text) = self.queue.take_text_to_keep() {
            self.jobs.keep_setting(QUEUE_SETTING, text);
        }
        (is_free && self.queue.goes_on()).then_some(COUNT_EVERY)
    }

    /// What is to be known of the queue before the window closes; none where nothing waits.
    pub fn queue_words(&self) -> Option<String> {
        let n = humanize::counted(self.queue.n_waiting().into(), "run");
        let wait = if self.queue.n_waiting() == 1 { "waits" } else { "wait" };
        (!self.queue.is_empty()).then(|| {
            format!(
                "{n} {wait} in the queue. What waits stays in the library and is offered when the window is opened \
                 again; nothing starts by itself."
            )
        })
    }
}
