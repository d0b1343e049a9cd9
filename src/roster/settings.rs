//! A district's settings: every key with its default. This file is the manual of `district apply`.
//!
//! Read from TOML by `operate::config`, which adds the nearest known key to a complaint about an unknown one.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use super::{FileKind, PersonKind};

/// Everything a district can decide. All keys but `id` may be left out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The district's id, as in `--district`.
    #[serde(default = "default_id")]
    pub id: String,
    /// The name that people know it by.
    #[serde(default)]
    pub name: String,
    /// IANA time zone.
    #[serde(default = "utc")]
    pub timezone: String,
    /// Which file kinds a full set must have.
    #[serde(default)]
    pub set: SetSettings,
    /// What is written at all.
    #[serde(default)]
    pub sync: SyncSettings,
    /// How bytes become rows.
    #[serde(default)]
    pub reading: ReadingSettings,
    /// How a person finds a patron.
    #[serde(default, rename = "match")]
    pub matching: MatchSettings,
    /// Which column feeds barcode and community id, by person kind.
    #[serde(default)]
    pub map: MapSettings,
    /// Who owns which patron field. Keys are patron fields.
    #[serde(default)]
    pub fields: BTreeMap<String, FieldSettings>,
    /// What a new patron starts with.
    #[serde(default)]
    pub defaults: DefaultSettings,
    /// Patrons who work for the library.
    #[serde(default)]
    pub operators: OperatorSettings,
    /// Names of sections.
    #[serde(default)]
    pub sections: SectionSettings,
    /// Limits on what is taken in.
    #[serde(default)]
    pub limits: LimitSettings,
    /// When a run is held.
    #[serde(default)]
    pub guard: GuardSettings,
    /// Times of the year without changes, or without removals.
    #[serde(default)]
    pub windows: WindowSettings,
    /// How waiting files are taken.
    #[serde(default)]
    pub intake: IntakeSettings,
    /// When deliveries are expected.
    #[serde(default)]
    pub schedule: ScheduleSettings,
    /// Who is told.
    #[serde(default)]
    pub notify: NotifySettings,
    /// How long copies are kept.
    #[serde(default)]
    pub retention: RetentionSettings,
}

fn default_id() -> String {
    "default".into()
}

fn utc() -> String {
    "UTC".into()
}

impl Settings {
    /// The settings of a district of which nothing but its id is known.
    pub fn new(id: &str) -> Self {
        toml::from_str::<Self>("")
            .map_or_else(|_| unreachable!("every key has a default"), |settings| Self { id: id.into(), ..settings })
    }

    /// Who owns `field` and what a blank cell does to it.
    pub fn field(&self, field: &str) -> FieldSettings {
        let usual = FieldSettings { owner: None, blank: Blank::Keep };
        self.fields.get(field).copied().unwrap_or(usual)
    }
}

macro_rules! words {
    ($(#[doc = $doc:literal])+ $name:ident { $($(#[doc = $vdoc:literal])+ $variant:ident = $word:literal,)+ } default $default:ident) => {
        $(#[doc = $doc])+
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
        pub enum $name { $($(#[doc = $vdoc])+ #[serde(rename = $word)] $variant,)+ }
        impl Default for $name { fn default() -> Self { Self::$default } }
        impl $name {
            /// The word as it stands in the settings.
            pub fn word(self) -> &'static str { match self { $(Self::$variant => $word,)+ } }
        }
    };
}

words! {
    /// Whether a file kind must be there.
    Presence {
        /// A full set without it is refused.
        Required = "required",
        /// It may be absent; absent is not empty.
        Optional = "optional",
        /// It is not read even when it is there.
        Ignored = "ignored",
    } default Required
}

words! {
    /// Whom a run may create and update.
    SyncMode {
        /// Both.
        CreateAndUpdate = "create_and_update",
        /// Only patrons found by `match.identity`; nobody is created.
        UpdateOnly = "update_only",
        /// Only new patrons; those that exist are left alone.
        CreateOnly = "create_only",
    } default CreateAndUpdate
}

words! {
    /// How `03/04/2012` is read.
    DateOrder {
        /// Month first, as the specification says.
        Mdy = "mdy",
        /// Day first.
        Dmy = "dmy",
    } default Mdy
}

words! {
    /// Keys by which a person may find a patron.
    MatchKey {
        /// The guid that was derived from the person's id.
        Guid = "guid",
        /// Student number, for employees the teacher number.
        StudentNumber = "student_number",
        /// E-mail.
        Email = "email",
        /// Barcode, where mapped.
        Barcode = "barcode",
        /// Community id, where mapped.
        CommunityId = "community_id",
    } default Guid
}

words! {
    /// The one attribute of `update_only`.
    Identity {
        /// username
        Username = "username",
        /// secondary e-mail
        SecondaryEmail = "secondary_email",
        /// student number or teacher number
        Number = "number",
    } default Number
}

words! {
    /// Whether equal names are worth a question.
    ByName {
        /// Names alone say nothing.
        Never = "never",
        /// Equal names become candidates for a person to decide.
        Review = "review",
    } default Never
}

words! {
    /// A column that may feed barcode or community id.
    NumberSource {
        /// Student_number, Teacher_number
        StudentNumber = "student_number",
        /// The id itself.
        SisId = "sis_id",
        /// State_id, State_teacher_id
        StateId = "state_id",
        /// Staff_id
        StaffId = "staff_id",
        /// Teacher_number
        TeacherNumber = "teacher_number",
    } default StudentNumber
}

words! {
    /// Who owns a patron field.
    Owner {
        /// The file wins; an edited value is restored and reported.
        Sis = "sis",
        /// Never written after creation.
        Library = "library",
        /// Written only where blank.
        Fill = "fill",
        /// An edit is reported as a question and kept.
        Ask = "ask",
    } default Sis
}

words! {
    /// What a blank cell does.
    Blank {
        /// Nothing.
        Keep = "keep",
        /// It empties the field.
        Clear = "clear",
    } default Keep
}

words! {
    /// Where a section's name comes from.
    NameFrom {
        /// As Clever makes them.
        Clever = "clever",
        /// The Name column first.
        Name = "name",
    } default Clever
}

words! {
    /// What becomes of sections without students.
    EmptySections {
        /// They are not written, and counted.
        Skip = "skip",
        /// They are written.
        Keep = "keep",
    } default Skip
}

words! {
    /// What happens at a removal limit.
    AtLimit {
        /// The removals wait, everything else is applied.
        HoldRemovals = "hold_removals",
        /// Everything waits.
        HoldAll = "hold_all",
        /// The set is rejected.
        Stop = "stop",
    } default HoldRemovals
}

words! {
    /// The first run that would touch patrons who were there before.
    FirstRun {
        /// It waits for approval.
        Hold = "hold",
        /// It is applied.
        Apply = "apply",
    } default Hold
}

words! {
    /// What becomes of taken files.
    After {
        /// They stay.
        Leave = "leave",
        /// They are moved away.
        Move = "move",
    } default Leave
}

macro_rules! section {
    ($(#[doc = $doc:literal])+ $name:ident { $($(#[doc = $fdoc:literal])+ $field:ident: $ty:ty = $default:expr,)+ }) => {
        $(#[doc = $doc])+
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields, default)]
        pub struct $name { $($(#[doc = $fdoc])+ pub $field: $ty,)+ }
        impl Default for $name { fn default() -> Self { Self { $($field: $default,)+ } } }
    };
}

section! {
    /// `[set]`
    SetSettings {
        /// schools.csv
        schools: Presence = Presence::Required,
        /// students.csv
        students: Presence = Presence::Required,
        /// teachers.csv
        teachers: Presence = Presence::Required,
        /// sections.csv
        sections: Presence = Presence::Required,
        /// enrollments.csv
        enrollments: Presence = Presence::Required,
        /// staff.csv or admins.csv
        staff: Presence = Presence::Optional,
        /// A file older than the newest by more than this is worth a warning.
        max_age_spread: Duration = Duration::hours(36),
    }
}

impl SetSettings {
    /// Whether files of `kind` must, may or must not be read.
    pub fn presence(&self, kind: FileKind) -> Presence {
        match kind {
            FileKind::Schools => self.schools,
            FileKind::Students => self.students,
            FileKind::Teachers => self.teachers,
            FileKind::Staff => self.staff,
            FileKind::Sections => self.sections,
            FileKind::Enrollments => self.enrollments,
        }
    }
}

section! {
    /// `[sync]`
    SyncSettings {
        /// Students are written.
        students: bool = true,
        /// Teachers are written.
        teachers: bool = true,
        /// Staff are written.
        staff: bool = true,
        /// Whom a run may create and update.
        mode: SyncMode = SyncMode::CreateAndUpdate,
        /// Days a person must be missing before removal.
        grace_days: u32 = 0,
    }
}

impl SyncSettings {
    /// Whether people of `kind` are written.
    pub fn writes(&self, kind: PersonKind) -> bool {
        match kind {
            PersonKind::Students => self.students,
            PersonKind::Teachers => self.teachers,
            PersonKind::Staff => self.staff,
        }
    }
}

section! {
    /// `[reading]`
    ReadingSettings {
        /// `auto`, `strict`, or the name of an encoding as the WHATWG lists them.
        encoding: String = "auto".into(),
        /// How `03/04/2012` is read.
        date_order: DateOrder = DateOrder::Mdy,
    }
}

section! {
    /// `[match]`
    MatchSettings {
        /// The keys that count.
        keys: Vec<MatchKey> = vec![MatchKey::Guid, MatchKey::StudentNumber, MatchKey::Email, MatchKey::Barcode, MatchKey::CommunityId],
        /// The one attribute of `update_only`.
        identity: Identity = Identity::Number,
        /// Whether equal names are worth a question.
        by_name: ByName = ByName::Never,
    }
}

section! {
    /// `[map.<kind>]`
    MapKind {
        /// What feeds the barcode; absent: not mapped.
        barcode: Option<NumberSource> = None,
        /// What feeds the community id; absent: not mapped.
        community_id: Option<NumberSource> = None,
    }
}

section! {
    /// `[map]`
    MapSettings {
        /// Students.
        students: MapKind = MapKind::default(),
        /// Teachers.
        teachers: MapKind = MapKind::default(),
        /// Staff.
        staff: MapKind = MapKind::default(),
    }
}

impl MapSettings {
    /// The mapping of one person kind.
    pub fn of(&self, kind: PersonKind) -> &MapKind {
        match kind {
            PersonKind::Students => &self.students,
            PersonKind::Teachers => &self.teachers,
            PersonKind::Staff => &self.staff,
        }
    }
}

/// `[fields.<name>]`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldSettings {
    /// Who owns it; absent: `fill` for barcode, `sis` for everything else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<Owner>,
    /// What a blank cell does.
    #[serde(default)]
    pub blank: Blank,
}

section! {
    /// `[defaults]`
    DefaultSettings {
        /// Policy of a new patron.
        policy: String = String::new(),
        /// Security group of a new patron.
        security_group: String = String::new(),
        /// Exceptions; the first that fits wins, field by field.
        when: Vec<DefaultWhen> = Vec::new(),
    }
}

section! {
    /// `[[defaults.when]]`: every condition given must hold.
    DefaultWhen {
        /// Person kind.
        kind: Option<PersonKind> = None,
        /// Grade word.
        grade: Option<String> = None,
        /// Site.
        site: Option<String> = None,
        /// Policy instead.
        policy: Option<String> = None,
        /// Security group instead.
        security_group: Option<String> = None,
    }
}

section! {
    /// `[operators]`
    OperatorSettings {
        /// Security groups whose members never lose status, username or group to a run.
        groups: Vec<String> = vec!["operator".into()],
    }
}

section! {
    /// `[sections]`
    SectionSettings {
        /// Where a section's name comes from.
        name_from: NameFrom = NameFrom::Clever,
        /// Whether ` - <section id>` is added.
        unique_names: bool = false,
        /// What becomes of sections without students.
        empty: EmptySections = EmptySections::Skip,
    }
}

section! {
    /// `[limits]`
    LimitSettings {
        /// Share of refused rows of schools, students or teachers above which the set is refused.
        error_rate: f64 = 0.25,
        /// Entries in a zip.
        zip_entries: usize = 200,
        /// Bytes that a zip, or a set, may have when unpacked.
        unpacked_bytes: Size = Size(20 << 30),
        /// Unpacked by packed size of an entry.
        zip_ratio: u64 = 200,
    }
}

section! {
    /// `[guard]`
    GuardSettings {
        /// What happens at a removal limit.
        at_limit: AtLimit = AtLimit::HoldRemovals,
        /// Days after which a hold is asked anew.
        approval_days: u32 = 7,
        /// The first run on a library that has patrons.
        first_run: FirstRun = FirstRun::Hold,
        /// Removal limits.
        removals: RemovalLimits = RemovalLimits::default(),
    }
}

section! {
    /// `[guard.removals]`
    RemovalLimits {
        /// Per cent of a kind above which removals are held.
        percent: f64 = 10.0,
        /// People of a kind below which they never are.
        at_least: u64 = 10,
        /// Days whose unapproved removals count along.
        days: u32 = 7,
        /// Per cent of a school's people of a kind.
        school_percent: f64 = 50.0,
        /// Schools with fewer people of the kind are not guarded by themselves.
        school_at_least: u64 = 20,
        /// Per cent of a kind's patrons above which changes in name, number, birth date or e-mail are held, if they are at least ten.
        mass_change_percent: f64 = 75.0,
    }
}

section! {
    /// `[windows]`
    WindowSettings {
        /// Take, check, preview; apply nothing.
        blackout: Vec<Window> = Vec::new(),
        /// Create and update; no removals.
        additive: Vec<Window> = Vec::new(),
    }
}

impl WindowSettings {
    /// Whether nothing is applied on this day.
    pub fn is_blackout(&self, day: chrono::NaiveDate) -> bool {
        self.blackout.iter().any(|window| window.contains(day))
    }

    /// Whether nobody is removed on this day.
    pub fn is_additive(&self, day: chrono::NaiveDate) -> bool {
        self.additive.iter().any(|window| window.contains(day))
    }
}

impl Window {
    fn contains(&self, day: chrono::NaiveDate) -> bool {
        (self.from..=self.to).contains(&day)
    }
}

/// A span of days, both ends included.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// First day.
    pub from: chrono::NaiveDate,
    /// Last day.
    pub to: chrono::NaiveDate,
}

section! {
    /// `[intake]`
    IntakeSettings {
        /// Time without a change after which waiting files are taken.
        quiet_period: Duration = Duration::minutes(5),
        /// What becomes of taken files.
        after: After = After::Leave,
        /// The drop folder; absent: the folder with the district's id below the service's `drop_folders`.
        folder: Option<std::path::PathBuf> = None,
    }
}

section! {
    /// `[schedule]`
    ScheduleSettings {
        /// Local time at which what has come is run; absent: when it comes.
        run_at: Option<String> = None,
        /// When runs may begin; none: at any time.
        window: Vec<RunWindow> = Vec::new(),
        /// Local time by which something new must have come.
        expect_by: Option<String> = None,
        /// Deliveries of the same bytes after which the feed counts as stuck.
        stale_after: u32 = 3,
    }
}

/// A span of local time in which runs may begin: every day (`22:00` to `05:00`), or every week (`Sat 00:01` to `Sun 23:59`). The
/// last minute belongs to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunWindow {
    /// Its first minute.
    pub from: String,
    /// Its last minute.
    pub to: String,
}

section! {
    /// `[notify]`
    NotifySettings {
        /// Who is told of what happens to the district's deliveries.
        email: Vec<String> = Vec::new(),
    }
}

section! {
    /// `[retention]`
    RetentionSettings {
        /// Days for which kept copies stay.
        raw_days: u32 = 30,
    }
}

/// A span of time as the settings write it: `36h`, `5m`, `30s`, `2d`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd)]
pub struct Duration {
    /// Whole seconds.
    pub seconds: u64,
}

impl Duration {
    const UNITS: [(&'static str, u64); 4] = [("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)];

    const fn hours(hours: u64) -> Self {
        Self { seconds: hours * 3_600 }
    }

    const fn minutes(minutes: u64) -> Self {
        Self { seconds: minutes * 60 }
    }
}

/// A number of bytes as the settings write it: `20GiB`, `512MiB`, `100KiB`, `4096B`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd)]
pub struct Size(
    /// Bytes.
    pub u64,
);

impl Size {
    const UNITS: [(&'static str, u64); 5] =
        [("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("B", 1)];
}

fn parse_units(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let (suffix, unit) = units.iter().find(|(suffix, _)| text.ends_with(suffix))?;
    let number: u64 = text.strip_suffix(suffix)?.trim().parse().ok()?;
    number.checked_mul(*unit)
}

fn print_units(value: u64, units: &[(&str, u64)]) -> String {
    let fits = |(_, unit): &&(&str, u64)| value >= *unit && value.is_multiple_of(*unit);
    units.iter().find(fits).map_or_else(|| value.to_string(), |(suffix, unit)| format!("{}{suffix}", value / unit))
}

impl std::fmt::Display for Duration {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&print_units(self.seconds, &Self::UNITS))
    }
}

impl std::fmt::Display for Size {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&print_units(self.0, &Self::UNITS))
    }
}

impl Serialize for Duration {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Serialize for Size {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Duration {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let unknown = || serde::de::Error::custom(format!("{text:?} is not a duration; write 36h, 5m, 30s or 2d"));
        parse_units(&text, &Self::UNITS).map(|seconds| Self { seconds }).ok_or_else(unknown)
    }
}

impl<'de> Deserialize<'de> for Size {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let unknown = || serde::de::Error::custom(format!("{text:?} is not a size; write 20GiB, 512MiB or 4096B"));
        parse_units(&text, &Self::UNITS).map(Self).ok_or_else(unknown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_file_gives_every_default_and_prints_back() {
        let settings = Settings::new("springfield");
        let text = toml::to_string(&settings).expect("settings are TOML");
        assert!(text.contains("max_age_spread = \"36h\"") && text.contains("unpacked_bytes = \"20GiB\""), "{text}");
        assert_eq!(toml::from_str::<Settings>(&text).expect("it reads what it wrote"), settings);
    }
}
