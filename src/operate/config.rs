//! A district's settings file, read and judged: every mistake gets a sentence with its line and what to write instead.
//!
//! Called by `district apply`, `config check` and `check --settings`. Knows TOML and the settings, no store.

use std::path::Path;

use jiff::tz::TimeZone;

use crate::files::zones::Zones;
use crate::operate::service::config::MailAddress;
use crate::operate::service::schedule::Schedule;
use crate::operate::toml_file::{self, Complaints, nearest_or_all, quoted_list};
use crate::roster::PersonKind;
use crate::roster::settings::{NumberSource, Settings, Window};

pub use crate::operate::toml_file::{ConfigError, read as read_settings_file};

/// The settings in the file at `path`. `patron_fields` are the names that `[fields.<name>]` may have.
pub fn read_settings(path: &Path, patron_fields: &[&str]) -> Result<Settings, ConfigError> {
    parse_settings(&toml_file::read(path)?, &path.display().to_string(), patron_fields)
}

/// The settings that `text` holds; `origin` is what the sentences call it.
pub fn parse_settings(text: &str, origin: &str, patron_fields: &[&str]) -> Result<Settings, ConfigError> {
    toml_file::parse(text, origin, "a district", |settings, complaints| {
        Judge { complaints }.all(settings, patron_fields)
    })
}

/// Judges what types cannot: values that only make sense together, or against a list from elsewhere.
struct Judge<'a, 't> {
    complaints: &'a mut Complaints<'t>,
}

impl Judge<'_, '_> {
    fn all(mut self, settings: &Settings, patron_fields: &[&str]) {
        self.names(settings);
        self.encoding(&settings.reading.encoding);
        self.mapping(settings);
        self.fields(settings, patron_fields);
        self.shares(settings);
        self.windows("blackout", &settings.windows.blackout);
        self.windows("additive", &settings.windows.additive);
        self.schedule(settings);
        self.addresses(&settings.notify.email);
    }

    /// Adds `sentence` with the line on which `path` stands.
    fn complain(&mut self, path: &[&str], sentence: &str) {
        self.complaints.add(path, sentence);
    }

    fn names(&mut self, settings: &Settings) {
        for (key, value) in [("id", &settings.id), ("timezone", &settings.timezone)] {
            if value.trim().is_empty() || value.chars().any(char::is_control) {
                self.complain(&[key], "must not be blank and holds no control characters.");
            } else if key == "timezone" && Zones::newest().get(value).is_none() {
                let sentence =
                    format!("cannot be {value:?}; write the name of a zone such as \"America/Chicago\" or \"UTC\".");
                self.complain(&[key], &sentence);
            }
        }
    }

    fn encoding(&mut self, label: &str) {
        let is_known = matches!(label, "auto" | "strict")
            || encoding_rs::Encoding::for_label_no_replacement(label.as_bytes()).is_some();
        if !is_known {
            let sentence =
                format!("cannot be {label:?}; write \"auto\", \"strict\", or a name such as \"windows-1252\".");
            self.complain(&["reading", "encoding"], &sentence);
        }
    }

    fn mapping(&mut self, settings: &Settings) {
        for kind in PersonKind::ALL {
            let map = settings.map.of(kind);
            for (key, source) in [("barcode", map.barcode), ("community_id", map.community_id)] {
                let Some(source) = source.filter(|source| !sources_of(kind).contains(source)) else { continue };
                let words: Vec<&str> = sources_of(kind).iter().map(|source| source.word()).collect();
                let sentence = format!("cannot be {:?}; write {}.", source.word(), quoted_list(&words));
                self.complain(&["map", kind.word(), key], &sentence);
            }
        }
    }

    fn fields(&mut self, settings: &Settings, patron_fields: &[&str]) {
        for name in settings.fields.keys().filter(|name| !patron_fields.contains(&name.as_str())) {
            let hint = nearest_or_all(name, patron_fields);
            self.complain(&["fields", name], &format!("is not a field of a patron; {hint}"));
        }
    }

    fn shares(&mut self, settings: &Settings) {
        let removals = &settings.guard.removals;
        let per_cent = [
            ("percent", removals.percent),
            ("school_percent", removals.school_percent),
            ("mass_change_percent", removals.mass_change_percent),
        ];
        for (key, value) in per_cent.into_iter().filter(|(_, value)| !(0.0..=100.0).contains(value)) {
            self.complain(&["guard", "removals", key], &format!("cannot be {value}; write a number from 0 to 100."));
        }
        let error_rate = settings.limits.error_rate;
        if !(0.0..=1.0).contains(&error_rate) {
            let sentence = format!("cannot be {error_rate}; write a share from 0 to 1, such as 0.25.");
            self.complain(&["limits", "error_rate"], &sentence);
        }
    }

    fn windows(&mut self, key: &str, windows: &[Window]) {
        for window in windows.iter().filter(|window| window.from > window.to) {
            let sentence = format!("ends ({}) before it begins ({}).", window.to, window.from);
            self.complain(&["windows", key], &sentence);
        }
    }

    fn schedule(&mut self, settings: &Settings) {
        // Where the zone is wrong that is said elsewhere; the times mean the same in every zone.
        let zone = Zones::newest().get(&settings.timezone).unwrap_or(TimeZone::UTC);
        for mistake in Schedule::new(&settings.schedule, zone).err().unwrap_or_default() {
            self.complain(&["schedule", mistake.key], &mistake.sentence);
        }
    }

    fn addresses(&mut self, addresses: &[String]) {
        for address in addresses.iter().filter(|address| address.parse::<MailAddress>().is_err()) {
            let sentence = format!("cannot hold {address:?}; write an address such as \"it@springfield.example\".");
            self.complain(&["notify", "email"], &sentence);
        }
    }
}

/// The columns that may feed barcode and community id.
fn sources_of(kind: PersonKind) -> &'static [NumberSource] {
    match kind {
        PersonKind::Students => &[NumberSource::StudentNumber, NumberSource::SisId, NumberSource::StateId],
        PersonKind::Teachers => &[NumberSource::TeacherNumber, NumberSource::SisId, NumberSource::StateId],
        PersonKind::Staff => &[NumberSource::StaffId],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::roster::settings::{Blank, DefaultWhen, FieldSettings, Owner, RunWindow};

    const FIELDS: [&str; 4] = ["email", "barcode", "first_name", "last_name"];

    fn complaint(text: &str) -> String {
        parse_settings(text, "district.toml", &FIELDS).unwrap_err().to_string()
    }

    fn example() -> (String, Settings) {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/example-district.toml");
        (std::fs::read_to_string(&path).unwrap(), read_settings(&path, &FIELDS).unwrap())
    }

    #[test]
    fn an_unknown_key_gets_the_nearest_known_one_and_its_line() {
        let text = "id = \"a\"\n[set]\nstudnts = \"required\"\n";
        assert_eq!(complaint(text), "district.toml line 3: [set] has no key \"studnts\"; did you mean \"students\"?");
        let text = "[guard.removals]\npercnt = 3\n";
        let expected = "district.toml line 2: [guard.removals] has no key \"percnt\"; did you mean \"percent\"?";
        assert_eq!(complaint(text), expected);
        assert_eq!(
            complaint("nmae = \"x\"\n"),
            "district.toml line 1: a district has no key \"nmae\"; did you mean \"name\"?"
        );
        assert!(complaint("[reading]\nqqqq = 1\n").ends_with("it knows \"encoding\" or \"date_order\"."));
    }

    #[test]
    fn a_wrong_word_gets_the_allowed_ones() {
        let expected =
            "district.toml line 2: set.students cannot be \"must\"; write \"required\", \"optional\" or \"ignored\".";
        assert_eq!(complaint("[set]\nstudents = \"must\"\n"), expected);
    }

    #[test]
    fn a_wrong_type_or_unit_is_said_with_line_and_key() {
        let text = complaint("\n[sync]\nstudents = \"yes\"\n");
        assert!(text.starts_with("district.toml line 3: sync.students: ") && text.contains("boolean"), "{text}");
        let text = complaint("[set]\nmax_age_spread = \"36 parsecs\"\n");
        assert!(text.contains("line 2: set.max_age_spread: ") && text.contains("write 36h"), "{text}");
        let text = complaint("id = \n");
        assert!(text.starts_with("district.toml line 1: this is not TOML: "), "{text}");
    }

    #[test]
    fn values_that_make_no_sense_are_all_named_at_once() {
        let text = "timezone = \" \"\n[reading]\nencoding = \"klingon\"\n[map.teachers]\nbarcode = \"student_number\"\n\
                    [fields.emial]\nowner = \"ask\"\n[limits]\nerror_rate = 25\n[guard.removals]\npercent = 101\n\
                    [windows]\nblackout = [{ from = \"2027-08-10\", to = \"2027-06-15\" }]\n[schedule]\nexpect_by = \"5 am\"\n\
                    [notify]\nemail = [\"it\"]\n";
        let text = complaint(text);
        let expected = "\
district.toml line 1: timezone must not be blank and holds no control characters.
district.toml line 3: reading.encoding cannot be \"klingon\"; write \"auto\", \"strict\", or a name such as \"windows-1252\".
district.toml line 5: map.teachers.barcode cannot be \"student_number\"; write \"teacher_number\", \"sis_id\" or \"state_id\".
district.toml line 6: fields.emial is not a field of a patron; did you mean \"email\"?
district.toml line 11: guard.removals.percent cannot be 101; write a number from 0 to 100.
district.toml line 9: limits.error_rate cannot be 25; write a share from 0 to 1, such as 0.25.
district.toml line 13: windows.blackout ends (2027-06-15) before it begins (2027-08-10).
district.toml line 15: schedule.expect_by cannot be \"5 am\"; write a time such as \"05:00\".
district.toml line 17: notify.email cannot hold \"it\"; write an address such as \"it@springfield.example\".";
        assert_eq!(text, expected);
    }

    #[test]
    fn a_schedule_that_makes_no_sense_is_told_so_with_what_to_write() {
        let schedule =
            |text: &str| complaint(&format!("[schedule]\n{text}\n")).replace("district.toml line 2: schedule.", "");
        assert_eq!(schedule("run_at = \"25:00\""), "run_at cannot be \"25:00\"; write a time such as \"05:00\".");
        assert_eq!(schedule("stale_after = 1"), "stale_after cannot be 1; write 2 or more.");
        let window = |from: &str, to: &str| schedule(&format!("window = [{{ from = {from:?}, to = {to:?} }}]"));
        assert_eq!(
            window("Sut 00:01", "Sun 23:59"),
            "window cannot have \"Sut 00:01\": \"Sut\" is no day of the week; write one of Mon, Tue, Wed, Thu, Fri, Sat, Sun."
        );
        for wrong in ["25:00", "", "Sat", "Sat 24:00", "on Sat 05:00"] {
            let expected = format!(
                "window cannot have {wrong:?}; write a time such as \"22:00\", or a day and a time such as \"Sat 00:01\"."
            );
            assert_eq!(window("Sat 00:01", wrong), expected);
        }
        for (from, to) in [("Sat 00:01", "23:59"), ("22:00", "Sun 05:00")] {
            let expected = format!(
                "window goes from {from:?} to {to:?}; write a day at both ends for every week, or at none for every day."
            );
            assert_eq!(window(from, to), expected);
        }
        for time in ["22:00", "Sat 22:00"] {
            assert!(
                window(time, time).starts_with(&format!("window begins and ends at {time:?}; write an end ")),
                "{time}"
            );
        }
        let never = schedule("run_at = \"12:00\"\nwindow = [{ from = \"22:00\", to = \"05:00\" }]");
        assert!(never.starts_with("run_at is 12:00, which lies outside of every schedule.window, "), "{never}");
    }

    #[test]
    fn every_sensible_value_passes() {
        let text = "[reading]\nencoding = \"latin1\"\n[map.staff]\nbarcode = \"staff_id\"\n[fields.email]\nowner = \"ask\"\n\
                    [windows]\nadditive = [{ from = \"2027-08-10\", to = \"2027-08-10\" }]\n";
        assert!(parse_settings(text, "x", &FIELDS).is_ok());
        assert_eq!(parse_settings("", "x", &FIELDS).unwrap(), Settings::new("default"));
    }

    #[test]
    fn a_file_that_is_not_there_is_named() {
        let text = read_settings(Path::new("/nowhere/a.toml"), &FIELDS).unwrap_err().to_string();
        assert!(text.starts_with("failed to read /nowhere/a.toml: "), "{text}");
    }

    #[test]
    fn the_example_shows_the_defaults_and_a_few_documented_values() {
        let mut expected = Settings::new("springfield");
        expected.name = "Springfield Public Schools".into();
        expected.timezone = "America/Chicago".into();
        expected.map.students.barcode = Some(NumberSource::StudentNumber);
        expected.map.teachers.community_id = Some(NumberSource::SisId);
        expected.map.staff.barcode = Some(NumberSource::StaffId);
        expected.fields.insert("email".into(), FieldSettings { owner: Some(Owner::Sis), blank: Blank::Keep });
        expected.defaults.policy = "STUD".into();
        expected.defaults.security_group = "patron".into();
        let faculty =
            DefaultWhen { kind: Some(PersonKind::Teachers), policy: Some("FAC".into()), ..DefaultWhen::default() };
        expected.defaults.when.push(faculty);
        let [from, to] = ["2027-06-15", "2027-08-10"].map(|day| day.parse().unwrap());
        expected.windows.blackout.push(Window { from, to });
        expected.intake.folder = Some("/srv/rosterd/drop/springfield".into());
        expected.schedule.run_at = Some("02:00".into());
        expected.schedule.window.push(RunWindow { from: "22:00".into(), to: "05:00".into() });
        expected.schedule.expect_by = Some("05:00".into());
        expected.notify.email.push("it@springfield.example".into());
        assert_eq!(example().1, expected);
    }

    #[test]
    fn the_example_has_every_key_and_says_something_about_each() {
        let (text, settings) = example();
        let example: toml::Table = text.parse().unwrap();
        let all: toml::Table = toml::to_string(&settings).unwrap().parse().unwrap();
        assert_eq!(toml_file::keys("", &all), toml_file::keys("", &example));
        assert_eq!(toml_file::keys_without_comment(&text), Vec::<&str>::new(), "these keys have no comment");
    }
}
