//! What Linux says of the machine, out of the texts of `/proc`: pure functions, a missing value is none.
//!
//! Fields: <https://docs.kernel.org/filesystems/proc.html>, <https://docs.kernel.org/admin-guide/iostats.html>,
//! <https://docs.kernel.org/accounting/psi.html>, <https://docs.kernel.org/admin-guide/cgroup-v2.html>.

/// Processor time since the machine started, over all processors, in ticks.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct CpuTicks {
    pub busy: f64,
    pub stolen: f64,
    pub total: f64,
    pub n_cpus: u32,
}

/// `/proc/stat`.
// Time of guests is within that of users already. Time stolen was neither idle nor ours: it is part of what was
// busy, and told apart.
pub(super) fn cpu_ticks(stat: &str) -> Option<CpuTicks> {
    let mut lines = stat.lines().take_while(|line| line.starts_with("cpu"));
    let fields: Vec<f64> = numbers(lines.next()?.strip_prefix("cpu ")?).collect();
    let &[user, nice, system, idle, iowait, irq, softirq, ..] = fields.as_slice() else { return None };
    let stolen = fields.get(7).copied().unwrap_or(0.0);
    let busy = user + nice + system + irq + softirq + stolen;
    Some(CpuTicks { busy, stolen, total: busy + idle + iowait, n_cpus: lines.count() as u32 })
}

/// `/proc/loadavg`: tasks that run or want to, this one included.
pub(super) fn runnable(loadavg: &str) -> Option<f64> {
    let (runnable, _) = loadavg.split_whitespace().nth(3)?.split_once('/')?;
    runnable.parse().ok()
}

/// `/proc/pressure/*`: how long some task has waited since the machine started, in microseconds.
pub(super) fn waited_micros(pressure: &str) -> Option<f64> {
    let some = pressure.lines().find_map(|line| line.strip_prefix("some "))?;
    some.split_whitespace().find_map(|field| field.strip_prefix("total="))?.parse().ok()
}

/// A control group's `cpu.stat`: its periods, and those in which it was throttled.
pub(super) fn periods(cpu_stat: &str) -> Option<(f64, f64)> {
    Some((named(cpu_stat, "nr_periods")?, named(cpu_stat, "nr_throttled")?))
}

/// `/proc/self/cgroup`: the path of the control group within the unified hierarchy, and within that of the processor.
pub(super) fn groups(cgroup: &str) -> (Option<&str>, Option<&str>) {
    let path = |is_wanted: &dyn Fn(&str, &str) -> bool| {
        cgroup.lines().find_map(|line| {
            let mut parts = line.splitn(3, ':');
            let (number, controllers, path) = (parts.next()?, parts.next()?, parts.next()?);
            is_wanted(number, controllers).then_some(path)
        })
    };
    let unified = path(&|number, controllers| number == "0" && controllers.is_empty());
    (unified, path(&|_, controllers| controllers.split(',').any(|controller| controller == "cpu")))
}

/// `/proc/meminfo`: what is not available ÷ what there is.
pub(super) fn memory_used(meminfo: &str) -> Option<f64> {
    let kilobytes = |name: &str| {
        let line = meminfo.lines().find_map(|line| line.strip_prefix(name))?;
        line.trim_start_matches(':').split_whitespace().next()?.parse::<f64>().ok()
    };
    let (total, available) = (kilobytes("MemTotal:")?, kilobytes("MemAvailable:")?);
    (total > 0.0).then(|| 1.0 - available / total)
}

/// `/proc/vmstat`, as counts since the machine started.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Paging {
    pub major_faults: Option<f64>,
    pub swapped: Option<f64>,
    pub kills: Option<f64>,
}

pub(super) fn paging(vmstat: &str) -> Paging {
    let swapped = named(vmstat, "pswpin").zip(named(vmstat, "pswpout"));
    Paging {
        major_faults: named(vmstat, "pgmajfault"),
        swapped: swapped.map(|(into, out)| into + out),
        kills: named(vmstat, "oom_kill"),
    }
}

/// A disk's counts since the machine started.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct DiskCounts {
    pub name: String,
    pub n_requests: f64,
    pub read_bytes: f64,
    pub written_bytes: f64,
    /// Time that its requests took, all together.
    pub request_millis: f64,
    pub busy_millis: f64,
    /// Requests under way, times the time that they were.
    pub weighted_millis: f64,
}

/// A sector is 512 bytes here, whatever the disk's own are.
const SECTOR: f64 = 512.0;

/// `/proc/diskstats`: disks as a whole, those that were ever used.
// What stands on other disks (`dm-`, `md`) would count their work again; `loop`, `ram` and `zram` are no disks.
pub(super) fn disks(diskstats: &str) -> Vec<DiskCounts> {
    let disk = |line: &str| {
        let mut fields = line.split_whitespace().skip(2);
        let name = fields.next().filter(|name| is_whole_disk(name))?;
        let counts: Vec<f64> = fields.filter_map(|field| field.parse().ok()).collect();
        let &[reads, _, sectors_read, reading, writes, _, sectors_written, writing, _, busy, weighted, ..] =
            counts.as_slice()
        else {
            return None;
        };
        (reads + writes > 0.0).then(|| DiskCounts {
            name: name.to_owned(),
            n_requests: reads + writes,
            read_bytes: sectors_read * SECTOR,
            written_bytes: sectors_written * SECTOR,
            request_millis: reading + writing,
            busy_millis: busy,
            weighted_millis: weighted,
        })
    };
    diskstats.lines().filter_map(disk).collect()
}

fn is_whole_disk(name: &str) -> bool {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    // nvme0n1 and mmcblk0; their partitions have a `p` and a number behind, controllers of several paths a `c`.
    if let Some(rest) = name.strip_prefix("nvme") {
        return rest
            .split_once('n')
            .is_some_and(|(controller, disk)| is_number(controller) && is_number(disk));
    }
    if let Some(rest) = name.strip_prefix("mmcblk") {
        return is_number(rest);
    }
    // sda, vdb, xvdc, hdd; a number behind makes a partition. Xen has disks such as xvda1 without an xvda: not told apart.
    ["sd", "vd", "xvd", "hd"].iter().any(|kind| {
        let letters = name.strip_prefix(kind);
        letters.is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_lowercase()))
    })
}

/// A link's counts since it came up.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct LinkCounts {
    pub name: String,
    pub received_bytes: f64,
    pub sent_bytes: f64,
    pub drops: f64,
    pub errors: f64,
}

/// `/proc/net/dev`: all links but loopback.
pub(super) fn links(dev: &str) -> Vec<LinkCounts> {
    let link = |line: &str| {
        let (name, counts) = line.split_once(':')?;
        let name = name.trim();
        let counts: Vec<f64> = numbers(counts).collect();
        let &[received, _, bad_in, drops_in, _, _, _, _, sent, _, bad_out, drops_out, ..] = counts.as_slice()
        else {
            return None;
        };
        (name != "lo").then(|| LinkCounts {
            name: name.to_owned(),
            received_bytes: received,
            sent_bytes: sent,
            drops: drops_in + drops_out,
            errors: bad_in + bad_out,
        })
    };
    dev.lines().filter_map(link).collect()
}

/// `/proc/net/snmp` and `/proc/net/netstat`: a field of a protocol, whose names stand in the line above their values.
pub(super) fn protocol_field(text: &str, protocol: &str, field: &str) -> Option<f64> {
    let mut lines = text.lines().filter_map(|line| line.strip_prefix(protocol)?.strip_prefix(':'));
    let (names, values) = (lines.next()?, lines.next()?);
    let place = names.split_whitespace().position(|name| name == field)?;
    values.split_whitespace().nth(place)?.parse().ok()
}

/// The value behind a name, in a text of one name and value a line.
fn named(text: &str, name: &str) -> Option<f64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '))?;
    line.trim().parse().ok()
}

fn numbers(text: &str) -> impl Iterator<Item = f64> {
    text.split_whitespace().map_while(|field| field.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_of_guests_counts_once_and_waiting_for_disks_is_idle() {
        let stat = "cpu  100 10 50 800 40 5 5 20 30 0\ncpu0 50 5 25 400 20 2 3 10 15 0\ncpu1 50 5 25 400 20 3 2 10 15 0\nintr 1 2\n";
        let expected = CpuTicks { busy: 190.0, stolen: 20.0, total: 1030.0, n_cpus: 2 };
        assert_eq!(cpu_ticks(stat), Some(expected));
        assert_eq!(cpu_ticks("cpu  1 2\n"), None);
        assert_eq!(cpu_ticks(""), None);
    }

    #[test]
    fn queues_and_pressure_are_read() {
        assert_eq!(runnable("0.20 0.18 0.12 3/80 11206\n"), Some(3.0));
        let pressure = "some avg10=0.73 avg60=0.99 avg300=3.30 total=92559706\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=7\n";
        assert_eq!(waited_micros(pressure), Some(92_559_706.0));
        assert_eq!(waited_micros(""), None);
        assert_eq!(
            periods("usage_usec 9\nnr_periods 40\nnr_throttled 10\nthrottled_usec 7\n"),
            Some((40.0, 10.0))
        );
        assert_eq!(periods("usage_usec 9\n"), None, "a group without a limit has no periods");
    }

    #[test]
    fn the_control_group_is_found_in_either_hierarchy() {
        assert_eq!(groups("0::/user.slice/app.scope\n"), (Some("/user.slice/app.scope"), None));
        let both = "4:memory:/a\n2:cpu,cpuacct:/docker/b\n0::/\n";
        assert_eq!(groups(both), (Some("/"), Some("/docker/b")));
    }

    #[test]
    fn memory_is_what_is_not_available_rather_than_what_is_not_free() {
        let meminfo = "MemTotal:       1000 kB\nMemFree:         100 kB\nMemAvailable:    600 kB\n";
        assert_eq!(memory_used(meminfo), Some(0.4));
        assert_eq!(memory_used("MemTotal: 1000 kB\n"), None);
        let vmstat = "pgfault 9\npgmajfault 5\npswpin 1\npswpout 2\noom_kill 0\n";
        let expected = Paging { major_faults: Some(5.0), swapped: Some(3.0), kills: Some(0.0) };
        assert_eq!(paging(vmstat), expected);
        assert_eq!(paging("pgfault 9\n"), Paging::default());
    }

    #[test]
    fn whole_disks_count_and_partitions_and_what_stands_on_disks_do_not() {
        let diskstats = "\
   7       0 loop0 5 0 8 1 0 0 0 0 0 1 1 0 0 0 0 0 0
 259       0 nvme0n1 100 3 2000 50 40 2 800 30 1 70 90 0 0 0 0 8 6
 259       1 nvme0n1p1 90 3 1900 45 40 2 800 30 0 60 80 0 0 0 0 0 0
   8       0 sda 10 0 20 5 0 0 0 0 0 5 5
   8       1 sda1 10 0 20 5 0 0 0 0 0 5 5
   8      16 sdb 0 0 0 0 0 0 0 0 0 0 0
 253       0 dm-0 100 0 2000 50 40 0 800 30 0 70 80 0 0 0 0 0 0
 252       0 zram0 1 0 1 1 1 0 1 1 0 1 1 0 0 0 0 0 0
";
        let disks = disks(diskstats);
        assert_eq!(disks.iter().map(|disk| &*disk.name).collect::<Vec<_>>(), ["nvme0n1", "sda"]);
        let expected = DiskCounts {
            name: "nvme0n1".into(),
            n_requests: 140.0,
            read_bytes: 1_024_000.0,
            written_bytes: 409_600.0,
            request_millis: 80.0,
            busy_millis: 70.0,
            weighted_millis: 90.0,
        };
        assert_eq!(disks[0], expected);
        for (name, is_whole) in [
            ("vda", true),
            ("vda2", false),
            ("xvdf", true),
            ("mmcblk0", true),
            ("mmcblk0p1", false),
            ("nvme1c0n1", false),
            ("sr0", false),
        ] {
            assert_eq!(is_whole_disk(name), is_whole, "{name}");
        }
    }

    #[test]
    fn links_count_but_loopback() {
        let dev = "Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo: 26671259   84443    0    0    0     0          0         0 26671259   84443    0    0    0     0       0          0
  eth0:655562010   28362    1    2    0     0          0         0  1573263   14939    3    4    0     0       0          0
";
        let expected = LinkCounts {
            name: "eth0".into(),
            received_bytes: 655_562_010.0,
            sent_bytes: 1_573_263.0,
            drops: 6.0,
            errors: 4.0,
        };
        assert_eq!(links(dev), [expected]);
    }

    #[test]
    fn fields_of_protocols_stand_below_their_names() {
        let snmp = "Ip: Forwarding\nIp: 1\nTcp: RtoMin OutSegs RetransSegs\nTcp: 200 5000 25\n";
        assert_eq!(protocol_field(snmp, "Tcp", "RetransSegs"), Some(25.0));
        assert_eq!(protocol_field(snmp, "Tcp", "None"), None);
        assert_eq!(protocol_field(snmp, "TcpExt", "ListenDrops"), None);
    }
}
