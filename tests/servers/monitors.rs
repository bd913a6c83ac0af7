//! Monitors of real servers: what they say is what the test did there, and a server that stops is a gap and no more.

use stagewright::metrics::Watched;
use stagewright::model::{Monitor, Probe};
use stagewright::monitor::{ProbeError, test_connection};

use super::postgres::{MAX_CONNECTIONS, Postgres};
use super::process::wait_until;
use super::prometheus::{Exporter, Prometheus};
use super::redis::Redis;
use super::watching::{PATIENCE_OF_A_TEST, Watching, facts, total, values};

fn refused(monitor: &Monitor) -> String {
    let ProbeError(text) = test_connection(monitor, PATIENCE_OF_A_TEST).err().unwrap();
    text
}

/// What a monitor says of a server is not all gaps, and never goes beyond `least` and `most`.
fn check_range(watched: &Watched, monitor: &str, series: &str, least: f64, most: f64) {
    let values = values(watched, monitor, series);
    assert!(!values.is_empty(), "{monitor}: {series}: {:?}", facts(watched, monitor));
    assert!(values.iter().all(|value| (least..=most).contains(value)), "{monitor}: {series}: {values:?}");
}

#[test]
fn statements_are_counted_to_the_last_one() {
    let postgres = Postgres::start();
    let application = postgres.application();
    application.run("CREATE TABLE courses (id int PRIMARY KEY, title text)");
    application.run("INSERT INTO courses SELECT n, 'course ' || n FROM generate_series(1, 1000) n");
    let watching = Watching::start(&[postgres.monitor()]);
    for second in 0..3 {
        for n in 0..50 {
            application.run(&format!("SELECT title FROM courses WHERE id = {}", second * 50 + n));
        }
        application.run("SELECT count(*), pg_sleep(0.15) FROM courses WHERE title LIKE '%7%'");
        application.run("BEGIN; UPDATE courses SET title = 'x' WHERE id < 11; ROLLBACK");
        watching.pass(1);
    }
    // Sessions hand their counters on with their next statement, once a second.
    watching.pass(1);
    application.run("SELECT 1");
    watching.pass(1);
    let watched = watching.finish();

    let facts = facts(&watched, "database");
    assert!(facts.version.starts_with("PostgreSQL ") && facts.notes.is_empty(), "{facts:?}");
    let used = |part: &str| facts.statements.iter().find(|used| used.text.contains(part)).unwrap();
    let found = used("WHERE id = $1");
    assert_eq!((found.n_calls, found.rows_per_call), (150, 149.0 / 150.0));
    assert_eq!(found.text, "SELECT title FROM courses WHERE id = $1");
    let slow = &facts.statements[0];
    assert!(slow.text.contains("pg_sleep") && slow.n_calls == 3, "{slow:?}");
    assert!(slow.mean_time.as_millis() >= 150 && slow.load_ratio > 0.8, "{slow:?}");
    assert_eq!((used("UPDATE").n_calls, used("UPDATE").rows_per_call), (3, 10.0));
    // SELECT, count, BEGIN, UPDATE, ROLLBACK, and the one at the end; none of the monitor's own.
    assert_eq!(total(&watched, "database", "statements"), Some((150 + 3 + 9 + 1) as f64));
    assert!(facts.statements.iter().all(|used| !used.text.contains("pg_stat")), "{:?}", facts.statements);
    assert_eq!(total(&watched, "database", "slow statements"), Some(1.0));
    assert_eq!(total(&watched, "database", "rollbacks"), Some(3.0));
    // The server counts its own helpers' transactions too, and may tell of those before the run late.
    let n_transactions = total(&watched, "database", "transactions").unwrap();
    assert!((157.0..170.0).contains(&n_transactions), "{n_transactions}");
    assert!(total(&watched, "database", "block hit share").unwrap() > 0.5);
    let n_counted: f64 = values(&watched, "database", "statements").iter().sum();
    assert!((n_counted - 163.0).abs() < 25.0, "{n_counted}");
    let clock = facts.clock.unwrap();
    assert!(clock.ahead_secs.abs() <= clock.uncertainty_secs + 0.01, "{clock:?}");
}

#[test]
fn sessions_are_seen_as_what_they_are() {
    let postgres = Postgres::start();
    postgres.application().run("CREATE TABLE locked (id int); INSERT INTO locked VALUES (1)");
    let holder = postgres.application();
    let waiter = postgres.application();
    let idle = postgres.application();
    let watching = Watching::start(&[postgres.monitor()]);
    watching.pass(1);
    holder.run("BEGIN; UPDATE locked SET id = 2");
    let waiting = waiter.begin("UPDATE locked SET id = 3");
    watching.pass(3);
    holder.run("ROLLBACK");
    waiting.join().unwrap();
    drop(idle);
    let watched = watching.finish();
    let last = |series: &str| values(&watched, "database", series)[2];
    assert_eq!((last("clients"), last("connections")), (3.0, 3.0 / f64::from(MAX_CONNECTIONS - 3)));
    assert_eq!((last("active"), last("waiting"), last("waiting for locks")), (1.0, 1.0, 1.0));
    // Ten connections in the pool, as the monitor says.
    assert_eq!((last("idle in transaction"), last("pool")), (1.0, 0.2));
}

#[test]
fn a_user_without_privileges_gets_what_it_may_see_and_a_note() {
    let postgres = Postgres::start();
    let application = postgres.application();
    application.run("CREATE USER watch PASSWORD 'of watch'");
    let plain = postgres.monitor_of("watch", "of watch");
    let watching = Watching::start(std::slice::from_ref(&plain));
    watching.pass(2);
    let watched = watching.finish();
    check_range(&watched, "database", "clients", 1.0, 1.0);
    assert!(values(&watched, "database", "active").is_empty());
    let notes = &facts(&watched, "database").notes;
    assert!(notes.iter().any(|note| note.contains("GRANT pg_monitor")), "{notes:?}");

    application.run("GRANT pg_monitor TO watch");
    let test = test_connection(&plain, PATIENCE_OF_A_TEST).unwrap();
    assert_eq!(test.notes, Vec::<String>::new());
    application.run("DROP EXTENSION pg_stat_statements");
    let test = test_connection(&plain, PATIENCE_OF_A_TEST).unwrap();
    assert!(test.notes.iter().any(|note| note.contains("CREATE EXTENSION")), "{:?}", test.notes);
}

#[test]
fn the_share_of_hits_is_that_of_the_run() {
    let redis = Redis::start();
    let mut application = redis.application();
    let mut run = |command: &str, arguments: &[&str]| -> ::redis::Value {
        ::redis::cmd(command).arg(arguments).query(&mut application).unwrap()
    };
    run("SET", &["there", "1"]);
    // Before the run, and none of its affair.
    (0..500).for_each(|_| _ = run("GET", &["there"]));
    let watching = Watching::start(&[redis.monitor()]);
    watching.pass(1);
    (0..30).for_each(|_| _ = run("GET", &["there"]));
    (0..10).for_each(|_| _ = run("GET", &["missing"]));
    watching.pass(1);
    (0..5).for_each(|_| _ = run("SET", &["short", "1", "PX", "1"]));
    watching.pass(2);
    let watched = watching.finish();
    let facts = facts(&watched, "cache");
    assert!(facts.version.starts_with("Redis ") && facts.notes.is_empty(), "{facts:?}");
    assert_eq!(total(&watched, "cache", "hit share"), Some(0.75));
    assert_eq!(total(&watched, "cache", "lookups"), Some(40.0));
    assert_eq!(total(&watched, "cache", "rejected connections"), Some(0.0));
    let commands: Vec<_> =
        facts.commands.iter().map(|command| (command.name.as_str(), command.n_calls)).collect();
    assert!(commands.contains(&("get", 40)) && commands.contains(&("set", 5)), "{commands:?}");
    assert!(!commands.iter().any(|(name, _)| matches!(*name, "info" | "time")), "{commands:?}");
    assert_eq!(values(&watched, "cache", "hit share"), [0.75]);
    check_range(&watched, "cache", "memory use", 0.001, 0.5);
    check_range(&watched, "cache", "clients", 1.0, 1.0);
    check_range(&watched, "cache", "CPU", 0.0, 1.0);
}

#[test]
fn wrong_passwords_are_told_as_such_and_never_shown() {
    let (postgres, redis) = (Postgres::start(), Redis::start());
    let text = refused(&postgres.monitor_of("postgres", "not-the-password"));
    assert!(text.contains("correct the monitor's `password`") && text.contains("127.0.0.1:"), "{text}");
    let text = refused(&redis.monitor_of(redis.url(), "not-the-password"));
    assert!(text.contains("password is not accepted") && text.contains("127.0.0.1:"), "{text}");
    for text in [refused(&postgres.monitor_of("postgres", "")), refused(&redis.monitor_of(redis.url(), ""))] {
        assert!(text.contains("set the monitor's `password`"), "{text}");
    }
    let text = refused(&postgres.monitor_of("nobody", "not-the-password"));
    assert!(text.contains("nobody") && !text.contains("not-the-password"), "{text}");
}

#[test]
fn users_of_redis_are_let_in_by_their_rights() {
    let redis = Redis::start();
    let mut application = redis.application();
    for (user, rights) in [("watch", vec!["+info", "+time"]), ("blind", vec!["+get"])] {
        let () = ::redis::cmd("ACL")
            .arg("SETUSER")
            .arg(user)
            .arg("on")
            .arg(">of it")
            .arg(rights)
            .query(&mut application)
            .unwrap();
    }
    let of =
        |user: &str| redis.monitor_of(redis.url().replace("redis://", &format!("redis://{user}@")), "of it");
    let test = test_connection(&of("watch"), PATIENCE_OF_A_TEST).unwrap();
    assert!(test.version.starts_with("Redis ") && test.clock.is_some(), "{test:?}");
    let text = refused(&of("blind"));
    assert!(text.contains("ACL SETUSER"), "{text}");
}

#[test]
fn secured_connections_are_verified_where_they_are_asked_to_be() {
    let (postgres, redis) = (Postgres::start(), Redis::start());
    let with = |words: &str| {
        let mut monitor = postgres.monitor();
        if let Probe::Postgres(probe) = &mut monitor.probe {
            probe.url += words;
        }
        monitor
    };
    for words in ["?sslmode=disable", "?sslmode=require"] {
        assert!(test_connection(&with(words), PATIENCE_OF_A_TEST).is_ok(), "{words}");
    }
    let text = refused(&with("?sslmode=verify-full"));
    assert!(text.contains("certificate is not trusted"), "{text}");
    let trusting = format!("?sslmode=verify-full&sslrootcert={}", postgres.certificate());
    assert!(test_connection(&with(&trusting), PATIENCE_OF_A_TEST).is_ok());

    let text = refused(&redis.monitor_of(redis.secure_url(), super::redis::PASSWORD));
    assert!(text.contains("certificate is not trusted"), "{text}");
    let trusting = redis.monitor_of(redis.secure_url() + "/#insecure", super::redis::PASSWORD);
    assert!(test_connection(&trusting, PATIENCE_OF_A_TEST).is_ok());
}

#[test]
fn an_exporter_and_its_history_are_read() {
    let exporter = Exporter::start();
    let prometheus = Prometheus::start(&exporter);
    let watching =
        Watching::start(&[Monitor::new("here", Probe::Machine), exporter.monitor(), prometheus.monitor()]);
    // Two readings of its own, so that there is a rate.
    watching.pass(8);
    let watched = watching.finish();
    check_range(&watched, "exporter", "CPU", -0.05, 1.0);
    check_range(&watched, "here", "CPU", 0.0, 1.0);
    let memory = values(&watched, "exporter", "memory");
    let here = std::fs::read_to_string("/proc/meminfo").unwrap();
    let total_kib: f64 = here.lines().next().unwrap().split_whitespace().nth(1).unwrap().parse().unwrap();
    assert_eq!(memory[0], total_kib * 1024.0);
    check_range(&watched, "exporter", "switches", 1.0, 1e8);
    // Read once the run was over, for the run's own seconds.
    let history = watched.series("history", "load").unwrap();
    assert!(
        values(&watched, "history", "load").len() >= 4,
        "{:?} {:?}",
        history.values,
        facts(&watched, "history")
    );
    assert!(history.values.len() <= 10, "{:?}", history.values);
    check_range(&watched, "history", "switches", 1.0, 1e8);
    assert!(facts(&watched, "history").version.contains("2."), "{:?}", facts(&watched, "history"));
}

#[test]
fn a_server_that_stops_leaves_a_gap_and_the_others_go_on() {
    let (mut postgres, mut redis, mut exporter) = (Postgres::start(), Redis::start(), Exporter::start());
    let monitors =
        [postgres.monitor(), redis.monitor(), exporter.monitor(), Monitor::new("here", Probe::Machine)];
    let watching = Watching::start(&monitors);
    watching.pass(2);
    postgres.stop();
    redis.kill();
    exporter.kill();
    for place in 0..3 {
        let trouble = watching.until_trouble(place, true).unwrap();
        assert!(trouble.contains("127.0.0.1:"), "{trouble}");
    }
    watching.pass(2);
    let back = watching.second();
    postgres.start_again();
    redis.start_again();
    exporter.start_again();
    (0..3).for_each(|place| _ = watching.until_trouble(place, false));
    watching.pass(3);
    let watched = watching.finish();
    for (monitor, series) in [("database", "clients"), ("cache", "memory"), ("exporter", "memory")] {
        let facts = facts(&watched, monitor);
        assert!(!facts.troubles.is_empty() && facts.n_read + 2 <= facts.n_asked, "{facts:?}");
        let trouble = &facts.troubles[0];
        let series = watched.series(monitor, series).unwrap();
        assert!(series.at(0).is_some() && series.at(trouble.from + 1).is_none(), "{trouble:?} {series:?}");
        assert!(series.values.iter().skip(back as usize).any(|value| value.is_finite()), "{series:?}");
    }
    let here = facts(&watched, "here");
    assert!(here.troubles.is_empty() && here.n_read >= here.n_asked - 1, "{here:?}");
    // Its statements outlive a restart; a Redis in a new life counts from its beginning.
    assert!(facts(&watched, "database").notes.iter().any(|note| note.contains("started anew")));
    assert!(facts(&watched, "cache").notes.iter().any(|note| note.contains("started anew")));
}

#[test]
fn counters_that_are_reset_give_no_number_that_never_was() {
    let (postgres, redis) = (Postgres::start(), Redis::start());
    let application = postgres.application();
    let mut on_redis = redis.application();
    let mut get = || -> Option<String> { ::redis::cmd("GET").arg("missing").query(&mut on_redis).unwrap() };
    (0..100).for_each(|_| assert_eq!(get(), None));
    (0..100).for_each(|_| application.run("SELECT 1"));
    let watching = Watching::start(&[postgres.monitor(), redis.monitor()]);
    watching.pass(1);
    application.run("SELECT pg_stat_reset(); SELECT pg_stat_statements_reset()");
    let () = ::redis::cmd("CONFIG").arg("RESETSTAT").query(&mut redis.application()).unwrap();
    watching.pass(2);
    let watched = watching.finish();
    for (monitor, series) in [("database", "statements"), ("database", "commits"), ("cache", "lookups")] {
        let values = values(&watched, monitor, series);
        assert!(values.iter().all(|value| *value >= 0.0), "{series}: {values:?}");
    }
    let database = facts(&watched, "database");
    assert!(
        database.statements.is_empty() && database.notes.iter().any(|note| note.contains("reset")),
        "{database:?}"
    );
    assert!(facts(&watched, "cache").notes.iter().any(|note| note.contains("were reset")));
}

#[test]
fn what_is_not_there_is_told_with_its_address() {
    let (mut postgres, mut redis) = (Postgres::start(), Redis::start());
    let (database, cache) = (postgres.monitor(), redis.monitor());
    postgres.stop();
    redis.kill();
    wait_until("end", || test_connection(&cache, PATIENCE_OF_A_TEST).is_err(), String::new);
    for text in [refused(&database), refused(&cache)] {
        assert!(text.contains("nothing accepts connections there") && text.contains("127.0.0.1:"), "{text}");
    }
}
