//! Comments stay where they belong.

use super::tests::{SMALL, everything, read, step};
use super::*;

#[test]
fn comments_stay_with_their_keys_when_the_scenario_changes() {
    let text = SMALL
        .replace("format", "# At the top.\n\n# Of the format.\nformat")
        .replace("users = 5", "# How many?\nusers = 5 # few")
        .replace("[[journeys]]", "# Who comes?\n[[journeys]] # one")
        + "checks = [\n  { status = 200 }, # fine\n]\n\n# The end.\n";
    let mut scenario = read(&text);
    scenario.load.stages[0].end_level = 9.0;
    scenario.load.stages[0].name = "Renamed".into();
    scenario.journeys[0].steps.insert(0, step("New", "/new"));
    let written = write_scenario(&scenario, Some(&text));
    insta::assert_snapshot!("comments", written);
    assert_eq!(read(&written), scenario);
    assert_eq!(write_scenario(&scenario, Some(&written)), written);
}

#[test]
fn comments_follow_tables_that_move() {
    let text = SMALL.to_owned()
        + "\n# First.\n[[thresholds]]\nmetric = \"p50\"\nlimit = \"1s\"\n\n# Second.\n[[thresholds]]\nmetric = \"p95\"\nlimit = \"2s\" # s\n";
    let mut scenario = read(&text);
    scenario.thresholds.swap(0, 1);
    let written = write_scenario(&scenario, Some(&text));
    let place = |part: &str| written.find(part).unwrap();
    assert!(place("# Second.") < place("\"p95\"") && place("\"p95\"") < place("# First."), "{written}");
    scenario.thresholds.remove(0);
    assert!(!write_scenario(&scenario, Some(&text)).contains("Second"));
}

#[test]
fn comments_within_a_table_move_above_the_line_it_becomes() {
    let text = SMALL.to_owned()
        + "\n# What we accept.\n[journeys.steps.headers]\n# Only JSON.\naccept = \"application/json\" # always\n";
    let written = write_scenario(&read(&text), Some(&text));
    let expected = "# What we accept.\n# Only JSON.\n# always\nheaders = { accept = \"application/json\" }\n";
    assert!(written.ends_with(expected), "{written}");
    assert_eq!(write_scenario(&read(&text), Some(&written)), written);
}

#[test]
fn comments_of_an_interleaved_scenario_stay_when_its_blocks_change() {
    let table = "# Old against new.\n[interleave] # by turns\n# The new one.\ncandidate = { base_url = \"sandbox:?slower=0.1\" } \
                 # 10 %\nblock = \"5s\" # short\n\n[load]";
    let text = SMALL.replace("[load]", table);
    let mut scenario = read(&text);
    assert_eq!(write_scenario(&scenario, Some(&text)), text);
    scenario.interleave.as_mut().unwrap().block = std::time::Duration::from_secs(20);
    let written = write_scenario(&scenario, Some(&text));
    assert_eq!(written, text.replace("\"5s\"", "\"20s\""));
    assert_eq!(read(&written), scenario);
}

#[test]
fn a_comment_at_the_top_stays_there_whichever_key_came_first() {
    let text = "# Mine.\n".to_owned()
        + &SMALL.replace("format = 1\n", "").replace("\n[load]", "format = 1\n\n[load]");
    let written = write_scenario(&read(&text), Some(&text));
    assert!(written.starts_with("# Mine.\nformat = 1\nname"), "{written}");
}

#[test]
fn text_that_is_no_toml_gives_no_comments_and_no_panic() {
    let scenario = everything();
    assert_eq!(write_scenario(&scenario, Some("= = =")), write_scenario(&scenario, None));
    assert_eq!(write_scenario(&scenario, Some("")), write_scenario(&scenario, None));
}
