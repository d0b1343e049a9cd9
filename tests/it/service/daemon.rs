//! `rosterd serve` as a process of its own, on a desk with a folder for each district.

use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use rosterd::store::AlarmRow;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::support::{Desk, names_in, repository};

/// How long a condition is waited for until the service counts as hung.
const HUNG: Duration = Duration::from_secs(120);

/// A running service.
pub struct Daemon {
    pub desk: Desk,
    child: Option<Child>,
}

impl Daemon {
    /// A service for `districts`, each with these further settings.
    pub fn for_districts(districts: &[&str], settings: &str) -> Self {
        let mut daemon = Self::prepared(districts, settings);
        daemon.start();
        daemon
    }

    /// The same before it is started.
    pub fn prepared(districts: &[&str], settings: &str) -> Self {
        let desk = Desk::new();
        desk.write("rosterd.toml", "[serve]\nlisten = \"\"\nscan_interval = \"1s\"\n");
        for id in districts {
            // A later table of the settings may say more of the same.
            let quiet = if settings.contains("[intake]") { "" } else { "[intake]\nquiet_period = \"1s\"\n" };
            desk.write("settings.toml", format!("id = \"{id}\"\n{settings}\n{quiet}"));
            desk.line("district apply settings.toml").well();
        }
        Self { desk, child: None }
    }

    /// Starts it, and waits until every district has its folder.
    pub fn start(&mut self) {
        let log = std::fs::File::options().create(true).append(true).open(self.desk.path("serve.log")).unwrap();
        let mut command = std::process::Command::new(assert_cmd::cargo::cargo_bin!("rosterd"));
        command.current_dir(self.desk.path("")).args(["serve", "--config", "rosterd.toml"]);
        command.env_remove("ROSTERD_STORE").env("ROSTERD_LOG", "rosterd=trace");
        self.child = Some(command.stdout(Stdio::null()).stderr(log).spawn().unwrap());
        let districts = self.desk.store().district_ids().unwrap();
        self.until("every district has its folder", |daemon| districts.iter().all(|id| daemon.folder(id).is_dir()));
    }

    /// Everything that it has logged so far, at every level.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.desk.path("serve.log")).unwrap_or_default()
    }

    /// Waits until `holds`; the state decides, the time only ends a test that hangs.
    #[track_caller]
    pub fn until(&self, what: &str, holds: impl Fn(&Self) -> bool) {
        let (begun, (_keep, nobody_sends)) = (Instant::now(), channel::<()>());
        while !holds(self) {
            assert!(begun.elapsed() < HUNG, "never: {what}\n{}", self.log());
            let _ = nobody_sends.recv_timeout(Duration::from_millis(50));
        }
    }

    /// Ends it as a system does, and gives its exit code.
    pub fn end(&mut self) -> Option<i32> {
        self.send(Signal::TERM);
        self.child.take().unwrap().wait().unwrap().code()
    }

    /// Ends it as a power cut does.
    pub fn kill(&mut self) {
        let mut child = self.child.take().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    }

    pub fn send(&self, signal: Signal) {
        let child = self.child.as_ref().unwrap();
        kill_process(Pid::from_child(child), signal).unwrap();
    }

    pub fn folder(&self, district: &str) -> PathBuf {
        self.desk.path("drop").join(district)
    }

    /// Puts a folder of samples into a district's folder, as an upload that overwrites.
    pub fn upload(&self, from: &str, district: &str) {
        self.desk.copy(from, &format!("drop/{district}"));
    }

    /// Puts one file there.
    pub fn put(&self, district: &str, name: &str, bytes: impl AsRef<[u8]>) {
        std::fs::write(self.folder(district).join(name), bytes).unwrap();
    }

    /// Outcomes of a district's runs, oldest first.
    pub fn outcomes(&self, district: &str) -> Vec<String> {
        let runs = self.desk.store().runs(Some(district), 1000).unwrap();
        runs.into_iter().rev().map(|run| run.outcome).collect()
    }

    /// The newest report that the sender finds.
    pub fn latest(&self, district: &str) -> Value {
        let text = std::fs::read(self.folder(district).join("results/latest.json"));
        text.map_or(Value::Null, |text| serde_json::from_slice(&text).unwrap())
    }

    /// How many reports the sender finds.
    pub fn reports(&self, district: &str) -> usize {
        let results = self.folder(district).join("results");
        if !results.is_dir() {
            return 0;
        }
        names_in(&results).iter().filter(|name| name.ends_with(".txt") && *name != "latest.txt").count()
    }

    /// Alarms that are on.
    pub fn alarms(&self, district: &str) -> Vec<String> {
        let seq = self.desk.seq(district);
        let is_on = |row: &AlarmRow| row.district == seq && row.cleared_at.is_empty();
        let rows = self.desk.store().alarms().unwrap();
        rows.into_iter().filter(is_on).map(|row| row.code).collect()
    }

    pub fn patrons(&self, district: &str) -> i64 {
        let sql = "SELECT count(*) FROM patrons WHERE district = ?";
        self.desk.database().query_row(sql, [district], |row| row.get(0)).unwrap()
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// A file of the good sample.
pub fn good(name: &str) -> Vec<u8> {
    std::fs::read(repository("sample-csv/good").join(name)).unwrap()
}
