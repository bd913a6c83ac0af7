//! The ribbon by label and role: what is drawn, ordered and refused.

use std::{sync::Arc, time::Duration};

use egui::{Key, Modifiers, Pos2, Vec2, vec2};
use egui_kittest::{Harness, kittest::Queryable as _};

use super::{RibbonView, ribbon_ui};
use crate::{
    analysis::sample,
    app::{
        charts::ChartGroup,
        command::{Command, Commands},
        run::{sight::Sight, tiles},
        state::{LiveNow, LoadedRun, Redraw},
        theme,
    },
    metrics::{LiveSnapshot, RunId},
    model::{Plan, PlanChange, PlanChangeKind},
};

/// The sample's run after twelve seconds: Sustain (50) until 0:30, Spike (200) until 0:40.
struct Bench {
    view: RibbonView,
    group: ChartGroup,
    now: LiveNow,
    asked: Vec<Command>,
}

struct Ribbon {
    harness: Harness<'static, Bench>,
}

impl Ribbon {
    fn new() -> Self {
        let mut group = ChartGroup::selecting();
        group.extent_secs = 40.0;
        let bench = Bench {
            view: RibbonView::default(),
            group,
            now: tiles::tests::now(Vec::new()),
            asked: Vec::new(),
        };
        let mut is_installed = false;
        let harness = Harness::builder().with_size([1100.0, 700.0]).build_ui_state(
            move |ui, bench: &mut Bench| {
                if !std::mem::replace(&mut is_installed, true) {
                    theme::install(ui.ctx());
                    ui.ctx().request_repaint();
                    return;
                }
                let mut commands = Commands::default();
                bench.group.begin_frame();
                let Bench { view, group, now, asked } = bench;
                ribbon_ui(ui, view, group, &Sight::live(now), &mut commands);
                asked.extend(commands.take());
            },
            bench,
        );
        let mut ribbon = Self { harness };
        ribbon.harness.run();
        ribbon
    }

    /// Presses on a handle and moves it, without letting go.
    fn hold(&mut self, label: &str, by: Vec2) -> Pos2 {
        let from = self.harness.get_by_label(label).rect().center();
        self.harness.hover_at(from);
        self.harness.step();
        self.harness.drag_at(from);
        self.harness.step();
        for part in 1..=4 {
            self.harness.hover_at(from + by * (part as f32 / 4.0));
            self.harness.step();
        }
        from + by
    }

    fn drag(&mut self, label: &str, by: Vec2) {
        let to = self.hold(label, by);
        self.harness.drop_at(to);
        self.harness.run_steps(3);
    }

    fn focus(&mut self, label: &str) {
        self.harness.get_by_label(label).focus();
        self.harness.run_steps(2);
    }

    fn press(&mut self, modifiers: Modifiers, key: Key) {
        self.harness.key_press_modifiers(modifiers, key);
        self.harness.run_steps(3);
    }

    fn click(&mut self, label: &str) {
        self.harness.get_by_label(label).click();
        self.harness.run_steps(3);
    }

    fn shows(&self, text: &str) -> bool {
        self.harness.query_all_by_label_contains(text).next().is_some()
    }

    /// The run as it is a while later, or changed.
    fn goes_on(&mut self, change: impl FnOnce(&mut LiveSnapshot)) {
        let now = &mut self.harness.state_mut().now;
        let mut snapshot = (*now.snapshot).clone();
        change(&mut snapshot);
        *now = LiveNow::new(now.run_id, Arc::clone(&now.scenario), Arc::new(snapshot));
        self.harness.run_steps(2);
    }

    fn asked(&mut self) -> Vec<Redraw> {
        let asked = std::mem::take(&mut self.harness.state_mut().asked);
        let redraw = |command| match command {
            Command::RedrawRun(redraw) => *redraw,
            other => panic!("{other:?}"),
        };
        asked.into_iter().map(redraw).collect()
    }

    /// What was asked for, which is one change, in words.
    fn only_order(&mut self) -> String {
        let asked = self.asked();
        let [redraw] = asked.as_slice() else { panic!("{asked:?}") };
        let now = &self.harness.state().now;
        redraw.order(&now.plan, now.snapshot.elapsed).unwrap().words.unwrap()
    }
}

#[test]
fn a_drag_is_one_order_when_it_ends_and_none_before() {
    let mut ribbon = Ribbon::new();
    let at = ribbon.hold("End of Sustain (50)", vec2(-130.0, -20.0));
    assert!(ribbon.asked().is_empty(), "nothing before it ends");
    let told = ribbon.harness.get_by_label("End of Sustain (50)").value().unwrap();
    assert!(told.contains("not in force yet"), "{told}");
    assert!(ribbon.shows("drawn, not in force yet"));
    ribbon.harness.drop_at(at);
    ribbon.harness.run_steps(3);
    let words = ribbon.only_order();
    assert!(words.starts_with("Sustain (50) now ends at 0:25 at "), "{words}");
    assert!(words.ends_with("load ends at 0:35 instead of 0:40"), "what follows moves along: {words}");
    ribbon.harness.run_steps(200);
    assert!(!ribbon.shows("not in force yet"), "an order that came to nothing is not shown for ever");
    assert!(ribbon.asked().is_empty());
}

#[test]
fn escape_gives_a_drag_up() {
    let mut ribbon = Ribbon::new();
    let at = ribbon.hold("End of Spike (200)", vec2(-60.0, 30.0));
    ribbon.press(Modifiers::NONE, Key::Escape);
    ribbon.harness.drop_at(at);
    ribbon.harness.run_steps(3);
    assert!(ribbon.asked().is_empty());
    assert!(!ribbon.shows("PENDING"));
}

#[test]
fn what_keys_draw_waits_until_it_is_applied() {
    let mut ribbon = Ribbon::new();
    ribbon.focus("End of Spike (200)");
    ribbon.press(Modifiers::NONE, Key::ArrowUp);
    ribbon.press(Modifiers::SHIFT, Key::ArrowRight);
    assert!(ribbon.asked().is_empty() && ribbon.shows("PENDING"));
    assert!(ribbon.shows("Spike (200) now ends at 0:45 at 205 users; load ends at 0:45 instead of 0:40"));
    ribbon.press(Modifiers::NONE, Key::Escape);
    assert!(ribbon.asked().is_empty() && !ribbon.shows("PENDING"));
    ribbon.focus("End of Spike (200)");
    ribbon.press(Modifiers::NONE, Key::ArrowDown);
    ribbon.press(Modifiers::NONE, Key::Enter);
    assert_eq!(ribbon.only_order(), "Spike (200) now ends at 0:40 at 195 users");
    assert!(!ribbon.shows("PENDING"), "it is on its way");
}

#[test]
fn stages_are_added_and_dropped_and_the_present_one_stays() {
    let mut ribbon = Ribbon::new();
    ribbon.click("Add stage");
    assert!(ribbon.shows("End of Stage 4") && ribbon.shows("PENDING"));
    ribbon.drag("End of Stage 4", vec2(0.0, 40.0));
    assert!(ribbon.asked().is_empty(), "a drag on what waits waits as well");
    ribbon.focus("End of Spike (200)");
    ribbon.press(Modifiers::NONE, Key::Delete);
    ribbon.click("Apply");
    let words = ribbon.only_order();
    assert!(words.contains("Stage 4 was added") && words.contains("Spike (200) was dropped"), "{words}");
    let mut ribbon = Ribbon::new();
    ribbon.focus("End of Sustain (50)");
    ribbon.press(Modifiers::NONE, Key::Delete);
    assert!(ribbon.shows("The run is in this stage; skip it to end it now"));
    ribbon.press(Modifiers::NONE, Key::Insert);
    assert!(ribbon.shows("Stage 4 was added"));
    ribbon.click("Discard");
    assert!(ribbon.asked().is_empty() && !ribbon.shows("PENDING"));
}

#[test]
fn what_the_run_has_reached_meanwhile_is_given_up_with_the_reason() {
    let mut ribbon = Ribbon::new();
    ribbon.focus("End of Sustain (50)");
    ribbon.press(Modifiers::NONE, Key::ArrowUp);
    ribbon.goes_on(|snapshot| snapshot.elapsed = Duration::from_secs(20));
    assert!(ribbon.shows("PENDING"), "time alone refuses nothing");
    ribbon.goes_on(|snapshot| snapshot.elapsed = Duration::from_secs(31));
    assert!(ribbon.shows("Sustain (50) ended at 0:30, before its change was applied"));
    assert!(ribbon.harness.query_by_label("End of Sustain (50)").is_none(), "it is no handle any more");
    ribbon.focus("End of Spike (200)");
    ribbon.press(Modifiers::NONE, Key::ArrowUp);
    ribbon.goes_on(|snapshot| {
        let change = PlanChangeKind::ReplaceFuture(sample::scenario().load.stages[..1].to_vec());
        Arc::make_mut(&mut snapshot.plan).apply(&PlanChange { at: Duration::from_secs(20), kind: change });
    });
    assert!(ribbon.shows("The plan was changed in another way meanwhile"));
    assert!(ribbon.asked().is_empty());
}

#[test]
fn an_order_is_shown_until_the_plan_has_it() {
    let mut ribbon = Ribbon::new();
    ribbon.drag("End of Spike (200)", vec2(0.0, 30.0));
    let redraw = ribbon.asked().remove(0);
    assert!(ribbon.shows("drawn, not in force yet"));
    ribbon.goes_on(|snapshot| {
        let at = snapshot.elapsed;
        let kind = redraw.order(&snapshot.plan, at).unwrap().kind;
        Arc::make_mut(&mut snapshot.plan).apply(&PlanChange { at, kind });
    });
    assert!(!ribbon.shows("not in force yet") && ribbon.shows("plan as changed"));
    assert!(ribbon.shows("planned at the start"));
}

#[test]
fn a_drag_elsewhere_selects_and_a_double_click_ends_that() {
    let mut ribbon = Ribbon::new();
    let rect = ribbon.harness.get_by_label_contains("Progress: ").rect();
    let at = |part: f32| egui::pos2(rect.left() + rect.width() * part, rect.bottom() - 20.0);
    ribbon.harness.drag_at(at(0.1));
    ribbon.harness.step();
    ribbon.harness.hover_at(at(0.2));
    ribbon.harness.step();
    ribbon.harness.drop_at(at(0.2));
    ribbon.harness.run_steps(2);
    assert_eq!(ribbon.harness.state().group.selection(), Some((4.0, 8.0)));
    assert!(ribbon.asked().is_empty());
}

#[test]
fn a_kept_run_shows_its_curves_and_nothing_to_drag() {
    let mut record = sample::record(sample::scenario());
    record.run_id = RunId(4);
    let kind = PlanChangeKind::ExtendStage(Duration::from_secs(5));
    record.plan_changes = vec![PlanChange { at: Duration::from_secs(12), kind }];
    let run = LoadedRun::new(record).unwrap();
    assert_eq!(run.planned, Plan::new(&sample::scenario(), 1.0));
    let (mut view, mut group) = (RibbonView::default(), ChartGroup::selecting());
    let mut is_installed = false;
    let mut harness = Harness::builder().with_size([1100.0, 700.0]).build_ui(move |ui| {
        if !std::mem::replace(&mut is_installed, true) {
            theme::install(ui.ctx());
            ui.ctx().request_repaint();
            return;
        }
        ribbon_ui(ui, &mut view, &mut group, &Sight::kept(&run), &mut Commands::default());
    });
    harness.run();
    assert!(harness.query_by_label("planned at the start").is_some());
    assert!(harness.query_all_by_label_contains("End of ").next().is_none());
    assert!(harness.query_by_label("Add stage").is_none());
}
