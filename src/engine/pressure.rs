//! How much this machine's processors are fought over, as Linux tells it (pressure stall information).

/// The share of the last 10 s in which some task waited for a processor; none where the system does not tell.
pub(super) fn cpu_pressure_ratio() -> Option<f64> {
    if cfg!(target_os = "linux") {
        some_avg10(&std::fs::read_to_string("/proc/pressure/cpu").ok()?)
    } else {
        None
    }
}

/// Reads `some avg10=8.20 …`, a percentage.
fn some_avg10(text: &str) -> Option<f64> {
    let some = text.lines().find_map(|line| line.strip_prefix("some "))?;
    let percent = some.split(' ').find_map(|word| word.strip_prefix("avg10="))?;
    percent.parse::<f64>().ok().map(|percent| percent / 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ten_second_mean_of_waiting_tasks_is_read() {
        let check = |text: &str, expected| assert_eq!(some_avg10(text), expected, "{text}");
        let both = "some avg10=12.50 avg60=7.11 avg300=3.51 total=1372275049\n\
                    full avg10=99.00 avg60=0.00 avg300=0.00 total=0\n";
        check(both, Some(0.125));
        check("full avg10=99.00 avg60=0.00 avg300=0.00 total=0\n", None);
        check("some avg60=1.00\n", None);
        check("", None);
    }

    #[test]
    fn where_this_machine_tells_it_is_a_share() {
        assert!(cpu_pressure_ratio().is_none_or(|ratio| (0.0..=1.0).contains(&ratio)));
    }
}
