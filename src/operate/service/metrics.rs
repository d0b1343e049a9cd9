//! What Prometheus reads: gauges of how things stand, and counters of what happened since the service started.
//!
//! Set by every round and every run, encoded by `http`. Labels are ids of districts, outcomes and codes; never a person, never a cell.

use std::sync::atomic::AtomicU64;

use chrono::{DateTime, Utc};
use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Metric, Registry, Unit};

use super::process::Process;
use crate::operate::picture::{Picture, seconds_since};
use crate::operate::versions::Versions;
use crate::report::RunReport;

/// Upper ends of the run durations that are counted, in seconds.
const DURATIONS: [f64; 9] = [0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0];

/// How the answer of `/metrics` is called.
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfDistrict {
    district: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfOutcome {
    district: String,
    outcome: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfAlarm {
    district: String,
    code: String,
}

type Gauges<L> = Family<L, Gauge>;
type Counters<L> = Family<L, Counter>;
type Amount = Gauge<u64, AtomicU64>;

/// All of them.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    waiting: Gauges<OfDistrict>,
    oldest: Gauges<OfDistrict>,
    holds: Gauges<OfDistrict>,
    questions: Gauges<OfDistrict>,
    alarms: Gauges<OfAlarm>,
    last_success: Gauges<OfDistrict>,
    letters: Gauge,
    last_round: Gauge,
    free: Amount,
    runs: Counters<OfOutcome>,
    rows_read: Counters<OfDistrict>,
    rows_refused: Counters<OfDistrict>,
    looks: Counter,
    durations: Histogram,
    memory: Amount,
    open_files: Amount,
}

impl Metrics {
    /// All at zero.
    pub fn new(versions: &Versions) -> Self {
        let mut registry = Registry::default();
        let memory = add(&mut registry, "process_resident_memory_bytes", "Resident memory of the service");
        let open_files = add(&mut registry, "process_open_fds", "Open files of the service");
        let ours = registry.sub_registry_with_prefix("rosterd");
        ours.register("build", "Versions at work", Info::new(labels(versions)));
        let durations = Histogram::new(DURATIONS);
        ours.register_with_unit("run_duration", "How long runs took", Unit::Seconds, durations.clone());
        Self {
            waiting: add(ours, "deliveries_waiting", "Deliveries that wait for their run"),
            oldest: add(ours, "oldest_delivery_age_seconds", "How long the oldest of them has waited"),
            holds: add(ours, "holds_open", "Holds that wait for a person"),
            questions: add(ours, "questions_open", "Questions about single people"),
            alarms: add(ours, "alarm", "What is wrong now; district is blank for the service itself"),
            last_success: add(
                ours,
                "last_success_timestamp_seconds",
                "When the newest run began that wrote or found nothing to write",
            ),
            letters: add(ours, "letters_waiting", "E-mail that waits to be sent"),
            last_round: add(ours, "last_round_timestamp_seconds", "When everything was last looked at"),
            free: add(ours, "store_free_bytes", "Bytes that may still be written to the disk of the store"),
            runs: add(ours, "runs", "Runs, by how they ended"),
            rows_read: add(ours, "rows_read", "Rows of the files that runs read"),
            rows_refused: add(ours, "rows_refused", "Rows that runs refused"),
            looks: add(ours, "folder_looks", "How often the drop folders were looked at"),
            durations,
            memory,
            open_files,
            registry,
        }
    }

    /// Shows how things stand. What is not in `picture` any more is not shown any more.
    pub fn show(&self, picture: &Picture, free_bytes: Option<u64>, now: DateTime<Utc>) {
        for family in [&self.waiting, &self.oldest, &self.holds, &self.questions, &self.last_success] {
            family.clear();
        }
        for district in &picture.districts {
            let set = |family: &Gauges<OfDistrict>, value: u64| {
                family.get_or_create(&of(&district.id)).set(value.cast_signed());
            };
            set(&self.waiting, district.waiting);
            set(&self.oldest, seconds_since(&district.oldest, now));
            set(&self.holds, district.holds);
            set(&self.questions, district.questions);
            if let Ok(time) = district.last_success.parse::<DateTime<Utc>>() {
                set(&self.last_success, time.timestamp().cast_unsigned());
            }
        }
        self.show_alarms(picture);
        self.letters.set(picture.letters_waiting.cast_signed());
        self.last_round.set(now.timestamp());
        self.free.set(free_bytes.unwrap_or(0));
    }

    fn show_alarms(&self, picture: &Picture) {
        self.alarms.clear();
        for row in &picture.alarms {
            let labels = OfAlarm { district: picture.id_of(row.district).to_owned(), code: row.code.clone() };
            self.alarms.get_or_create(&labels).set(1);
        }
    }

    /// Counts a run of the service that has ended.
    pub fn run_ended(&self, report: &RunReport) {
        let outcome = OfOutcome { district: report.district.clone(), outcome: report.outcome.word().to_owned() };
        self.runs.get_or_create(&outcome).inc();
        let rows = report.files.iter().map(|file| file.rows).sum();
        self.rows_read.get_or_create(&of(&report.district)).inc_by(rows);
        self.rows_refused.get_or_create(&of(&report.district)).inc_by(report.refused_rows());
        self.durations.observe(report.duration_ms as f64 / 1000.0);
    }

    /// Counts a look at the drop folders.
    pub fn looked(&self) {
        self.looks.inc();
    }

    /// Everything as text, in the form that OpenMetrics describes.
    pub fn encode(&self, process: Process) -> String {
        self.memory.set(process.resident_bytes);
        self.open_files.set(process.open_files);
        let mut encoded = String::new();
        // Writing into a string does not fail.
        let _ = text::encode(&mut encoded, &self.registry);
        encoded
    }
}

/// Registers a metric that starts at nothing.
fn add<M: Metric + Clone + Default>(registry: &mut Registry, name: &str, help: &str) -> M {
    let metric = M::default();
    registry.register(name, help, metric.clone());
    metric
}

fn of(district: &str) -> OfDistrict {
    OfDistrict { district: district.to_owned() }
}

fn labels(versions: &Versions) -> Vec<(String, String)> {
    let named = [("version", &versions.rosterd), ("sqlite", &versions.sqlite), ("time_zones", &versions.time_zones)];
    named.into_iter().map(|(name, value)| (name.to_owned(), value.clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Outcome;
    use crate::store::{AlarmRow, DistrictState, SERVICE};

    const NOW: &str = "2026-11-20T12:00:00Z";

    fn metrics() -> Metrics {
        Metrics::new(&Versions { rosterd: "1.2.3".into(), sqlite: "3.9".into(), time_zones: "2026c".into() })
    }

    fn picture() -> Picture {
        let district = DistrictState {
            seq: 7,
            id: "spring\"field".into(),
            waiting: 2,
            oldest: "2026-11-20T11:59:00Z".into(),
            holds: 3,
            last_success: "2026-11-20T02:00:00Z".into(),
            ..DistrictState::default()
        };
        let alarm = |district, code: &str| AlarmRow { district, code: code.into(), ..AlarmRow::default() };
        let alarms = vec![alarm(SERVICE, "disk_full"), alarm(7, "run_failed")];
        Picture { districts: vec![district], alarms, letters_waiting: 4 }
    }

    fn encoded(metrics: &Metrics) -> String {
        metrics.encode(Process { resident_bytes: 5000, open_files: 9 })
    }

    #[track_caller]
    fn says(text: &str, lines: &[&str]) {
        for line in lines {
            assert!(text.lines().any(|other| other == *line), "{line} is missing in\n{text}");
        }
    }

    #[test]
    fn how_things_stand_is_shown_and_what_is_over_goes() {
        let metrics = metrics();
        metrics.show(&picture(), Some(1 << 40), NOW.parse().unwrap());
        let text = encoded(&metrics);
        says(
            &text,
            &[
                r#"rosterd_build_info{version="1.2.3",sqlite="3.9",time_zones="2026c"} 1"#,
                r#"rosterd_deliveries_waiting{district="spring\"field"} 2"#,
                r#"rosterd_oldest_delivery_age_seconds{district="spring\"field"} 60"#,
                r#"rosterd_holds_open{district="spring\"field"} 3"#,
                r#"rosterd_alarm{district="",code="disk_full"} 1"#,
                r#"rosterd_alarm{district="spring\"field",code="run_failed"} 1"#,
                r#"rosterd_last_success_timestamp_seconds{district="spring\"field"} 1795140000"#,
                "rosterd_letters_waiting 4",
                "rosterd_store_free_bytes 1099511627776",
                "process_resident_memory_bytes 5000",
                "process_open_fds 9",
                "# EOF",
            ],
        );
        metrics.show(&Picture::default(), None, NOW.parse().unwrap());
        assert!(!encoded(&metrics).contains("field"), "{}", encoded(&metrics));
    }

    #[test]
    fn runs_are_counted_with_their_rows() {
        let metrics = metrics();
        let mut report = RunReport::new(Outcome::Applied);
        report.district = "a".into();
        report.duration_ms = 700;
        metrics.run_ended(&report);
        metrics.run_ended(&report);
        metrics.looked();
        says(
            &encoded(&metrics),
            &[
                r#"rosterd_runs_total{district="a",outcome="applied"} 2"#,
                r#"rosterd_rows_read_total{district="a"} 0"#,
                r#"rosterd_run_duration_seconds_bucket{le="0.5"} 0"#,
                r#"rosterd_run_duration_seconds_bucket{le="1.0"} 2"#,
                "rosterd_folder_looks_total 1",
            ],
        );
    }
}
