//! Own presets lie beside the library and work by name, as those that come with the program.

use crate::program::Workbench;

#[test]
fn own_presets_are_listed_shown_and_run_by_name() {
    let bench = Workbench::new();
    let quickstart = bench.run(&["presets", "show", "quickstart"]).out;
    std::fs::create_dir(bench.path("presets")).unwrap();
    bench.write("presets/My checkout.toml", quickstart.replace("\"Quickstart\"", "\"Checkout\""));
    bench.write("presets/smoke.toml", &quickstart);
    bench.write("presets/broken.toml", "format = 1\n");
    let listed = bench.json(&["presets", "list", "--json"]);
    let own: Vec<_> = listed.as_array().unwrap().iter().filter(|preset| preset["own"] == true).collect();
    assert_eq!(own.len(), 1, "names of built-in presets stay theirs: {listed}");
    assert_eq!((&own[0]["preset"], &own[0]["scenario"]), (&"My checkout".into(), &"Checkout".into()));
    let answer = bench.run(&["presets", "list"]);
    assert!(answer.out.contains("My checkout (own)") && answer.err.contains("broken"), "{answer:?}");
    assert!(bench.run(&["presets", "show", "My checkout"]).out.contains("\"Checkout\""));
    assert!(bench.run(&["presets", "show", "smoke"]).out.contains("\"Smoke\""));
    let run = bench.run(&["run", "My checkout", "--time-scale", "0.02", "--quiet"]);
    assert!(run.is_of_a_run(), "{run:?}");
    assert_eq!(bench.json(&["runs", "list", "--json"])[0]["scenario"], "Checkout");
}
