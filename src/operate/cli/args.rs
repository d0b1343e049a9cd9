//! The command line as types: every command, its options, and its help with an example.
//!
//! Called by `cli::main`. Knows words and their forms, not what the commands do.

use std::path::PathBuf;

use chrono::{DateTime, NaiveDate, Utc};
use clap::error::ErrorKind;
use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};

use crate::roster::FileKind;

/// School rosters in Clever's format, checked, matched to library patrons, and written safely
#[derive(Debug, Clone, PartialEq, Parser)]
#[command(name = "rosterd", version, after_help = EXAMPLE)]
pub struct CommandLine {
    /// Options that every command knows.
    #[command(flatten)]
    pub common: Common,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

const EXAMPLE: &str = "\
Example:
  rosterd check sample-csv/good      what is wrong with these files? No database is opened
  rosterd preview sample-csv/good    what would change? Nothing is written
  rosterd ingest sample-csv/good     write it to rosterd.db, and print the report

Exit codes: 0 done, 1 failed, 2 wrong usage or settings, 3 something waits for approval,
4 rejected, or errors found";

/// Options that every command knows, before or after its name.
#[derive(Debug, Clone, PartialEq, Args)]
#[command(next_help_heading = "Common options")]
pub struct Common {
    /// Where records are kept: a path, or sqlite:PATH
    #[arg(long, global = true, value_name = "URL", env = "ROSTERD_STORE", hide_env_values = true)]
    #[arg(default_value = "rosterd.db")]
    pub store: String,
    /// The district
    #[arg(long, global = true, value_name = "ID", default_value = "default")]
    pub district: String,
    /// Schema files to use: a folder, or clever-csv, sds-existing or sds-create [default: clever-csv]
    #[arg(long, global = true, value_name = "DIR")]
    pub schemas: Option<PathBuf>,
    /// How results are printed: every command knows text and json; `preview` also csv, `patrons export` also csv and
    /// ndjson, `district show` also toml
    #[arg(long, global = true, value_name = "FORMAT", value_enum, default_value_t, hide_possible_values = true)]
    pub format: Format,
    /// The day for which the set speaks (2026-11-20); default: today
    #[arg(long, global = true, value_name = "DATE", value_parser = date)]
    pub as_of: Option<NaiveDate>,
    /// Take the set as a delta: only what is in it changes, and who is absent is not gone
    #[arg(long, global = true)]
    pub delta: bool,
    /// Pretend that it is this time (2026-11-20T02:00:00Z), for tests and rehearsals
    #[arg(long, global = true, value_name = "TIME", value_parser = time)]
    pub now: Option<DateTime<Utc>>,
    /// Log more to standard error; twice for still more
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
    /// Log errors only, and show no progress
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
}

/// How results are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// For programs.
    Json,
    /// For spreadsheets.
    Csv,
    /// A JSON object a line.
    Ndjson,
    /// As settings are written.
    Toml,
}

fn date(text: &str) -> Result<NaiveDate, String> {
    text.parse().map_err(|_| "write a day such as 2026-11-20".to_owned())
}

fn time(text: &str) -> Result<DateTime<Utc>, String> {
    let time =
        DateTime::parse_from_rfc3339(text).map_err(|_| "write a time such as 2026-11-20T02:00:00Z".to_owned())?;
    Ok(time.with_timezone(&Utc))
}

/// What to do.
#[derive(Debug, Clone, PartialEq, Subcommand)]
pub enum Command {
    /// Validate files only; no database is opened
    #[command(after_help = "\
Example:
  rosterd check exports/tonight
  rosterd check roster.zip --settings springfield.toml --results exports/results")]
    Check {
        /// The set
        #[command(flatten)]
        set: SetPath,
        /// A district's settings; default: those that a district starts with
        #[arg(long, value_name = "FILE")]
        settings: Option<PathBuf>,
        /// Where to put the report and the refused rows
        #[command(flatten)]
        results: ResultsDir,
    },
    /// Take in one batch now: check it, match it, and write what changed
    #[command(after_help = "\
Example:
  rosterd ingest sample-csv/good
  rosterd ingest roster.zip --district springfield --results exports/results
  curl -s https://sis.example.org/roster.zip | rosterd ingest -")]
    Ingest {
        /// The set
        #[command(flatten)]
        set: SetPath,
        /// Print the plan and write nothing, as `preview` does
        #[arg(long)]
        dry_run: bool,
        /// Where to put the report and the refused rows
        #[command(flatten)]
        results: ResultsDir,
    },
    /// Show what ingest would change, field by field, and write nothing
    #[command(after_help = "\
Example:
  rosterd preview exports/tonight --district springfield
  rosterd preview exports/tonight --format csv > changes.csv")]
    Preview {
        /// The set
        #[command(flatten)]
        set: SetPath,
    },
    /// Take in old sets, oldest first: history, and the newest as an ordinary run if it is newer than the patrons
    #[command(after_help = "\
Example:
  rosterd backfill archive/2025-26 --district springfield          a folder of dated folders or zips
  rosterd backfill roster_2026-01-12.zip roster_2026-01-05.zip     in any order
  rosterd backfill old-export.zip --as-of 2025-09-01

Each set needs its day: in its name (roster_2026-01-12.zip), in its manifest.csv (date,2026-01-12), or with --as-of if it is
the only one. Interrupted, the same command goes on where it stopped.")]
    Backfill {
        /// Sets: folders, zips, or folders of them
        #[arg(value_name = "PATH", required = true)]
        sets: Vec<PathBuf>,
    },
    /// Run as a daemon: take deliveries from drop folders, run them in order, and leave the results there
    #[command(after_help = "\
Example:
  rosterd serve                                    every district's folder is drop/<district>
  rosterd serve --config /etc/rosterd.toml --store /var/lib/rosterd/rosterd.db

It ends with SIGTERM or Ctrl-C, and reads its settings anew with SIGHUP.")]
    Serve {
        /// The service's own settings
        #[command(flatten)]
        config: ServiceConfig,
    },
    /// Take what lies in the district's drop folder now, and run what waits, whatever the schedule says
    #[command(after_help = "\
Example:
  rosterd take --district springfield

Where the service runs, it is asked to do that; otherwise this command does it.")]
    Take {
        /// The service's own settings
        #[command(flatten)]
        config: ServiceConfig,
    },
    /// Is it healthy, what waits, which districts are late, and what to do
    #[command(after_help = "\
Example:
  rosterd status
  rosterd status --format json --store /var/lib/rosterd/rosterd.db

Exit codes: 0 healthy, 3 somebody has to look at something, 1 not healthy: deliveries wait and no service runs,
or something fails")]
    Status,
    /// Look at runs and at what waits for approval
    #[command(after_help = "Example:\n  rosterd runs list --district springfield")]
    Runs {
        /// What to look at
        #[command(subcommand)]
        command: RunsCommand,
    },
    /// Look at patrons, edit and export them
    #[command(after_help = "Example:\n  rosterd patrons list --district springfield")]
    Patrons {
        /// What to do
        #[command(subcommand)]
        command: PatronsCommand,
    },
    /// Districts, their settings, and which school is which site
    #[command(after_help = "Example:\n  rosterd district apply springfield.toml")]
    District {
        /// What to do
        #[command(subcommand)]
        command: DistrictCommand,
    },
    /// The columns of each file, as they can be sent to a district
    #[command(after_help = "Example:\n  rosterd schema show students")]
    Schema {
        /// What to show
        #[command(subcommand)]
        command: SchemaCommand,
    },
    /// Settings files
    #[command(after_help = "Example:\n  rosterd config check springfield.toml")]
    Config {
        /// What to do
        #[command(subcommand)]
        command: ConfigCommand,
    },
    /// Save the database and the kept copies of deliveries in a new folder, while everything runs on
    #[command(after_help = "\
Example:
  rosterd backup /var/backups/rosterd/2026-11-20

The database is copied as it is at one moment, and looked through. To restore, put what is in the folder where the database
lay (rosterd.db and rosterd.db.d), after everything that lay there was moved away. `sha256sum -c SHA256SUMS` in it checks a
backup that was moved.")]
    Backup {
        /// The folder; it must not be there yet
        #[arg(value_name = "DIR")]
        folder: PathBuf,
    },
    /// Print the script with which a shell completes commands and options
    #[command(after_help = "\
Example:
  rosterd completions bash > /usr/local/share/bash-completion/completions/rosterd
  rosterd completions zsh > /usr/local/share/zsh/site-functions/_rosterd
  rosterd completions fish > ~/.config/fish/completions/rosterd.fish")]
    Completions {
        /// The shell
        #[arg(value_name = "SHELL", value_enum)]
        shell: Shell,
    },
    /// Write a manual page for each command
    #[command(after_help = "Example:\n  rosterd man /usr/local/share/man/man1")]
    Man {
        /// The folder; it is created if it is not there
        #[arg(value_name = "DIR")]
        folder: PathBuf,
    },
}

/// A shell that completes commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Shell {
    /// GNU bash, with the package bash-completion
    Bash,
    /// zsh
    Zsh,
    /// fish
    Fish,
}

/// Where a set lies.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct SetPath {
    /// A folder, a zip, or - for a zip on standard input
    #[arg(value_name = "PATH")]
    pub path: PathBuf,
}

impl SetPath {
    /// Whether the set comes as a zip on standard input.
    pub fn is_standard_input(&self) -> bool {
        self.path.as_os_str() == "-"
    }
}

/// Where the service's own settings are.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct ServiceConfig {
    /// The service's own settings, as in deploy/example-rosterd.toml [default: none, and every key has its default]
    #[arg(long = "config", value_name = "FILE", env = "ROSTERD_CONFIG", hide_env_values = true)]
    pub file: Option<PathBuf>,
}

/// Where results go.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct ResultsDir {
    /// Write the report (.txt, .json) and the refused rows (students.rejected.csv, …) into this folder
    #[arg(long, value_name = "DIR")]
    pub results: Option<PathBuf>,
}

/// `rosterd runs …`
#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub enum RunsCommand {
    /// The latest runs of the district, newest first
    #[command(after_help = "Example:\n  rosterd runs list --district springfield --limit 5")]
    List {
        /// How many
        #[arg(long, value_name = "N", default_value_t = 20)]
        limit: u32,
    },
    /// The report of one run, as it was printed then
    #[command(after_help = "Example:\n  rosterd runs show 019ac2f0-5d6e-7c11-9a52-0c6d3f6b8a10 --format json")]
    Show {
        /// The run's id; its beginning is enough if no other begins so
        #[arg(value_name = "RUN")]
        run: String,
    },
    /// What waits for a person to approve, and why
    #[command(after_help = "Example:\n  rosterd runs holds --district springfield")]
    Holds,
    /// Let pass what a run holds; it is applied at once
    #[command(after_help = "\
Example:
  rosterd runs approve 019ac2f0 --plan sha256:5d41… --by 'Ms Lee' --why 'the school closed'
  The hash stands in `rosterd runs holds`: that of the plan approves all that the run holds, that of a hold only this one")]
    Approve {
        /// The run's id; its beginning is enough if no other begins so
        #[arg(value_name = "RUN")]
        run: String,
        /// The hash of the run's plan, or of one of its holds
        #[arg(long, value_name = "HASH")]
        plan: String,
        /// Who decides
        #[command(flatten)]
        by: Decider,
    },
    /// Leave undone what a run holds; the same changes are not asked again
    #[command(
        after_help = "Example:\n  rosterd runs discard 019ac2f0 --by 'Ms Lee' --why 'the export lacked a school'"
    )]
    Discard {
        /// The run's id; its beginning is enough if no other begins so
        #[arg(value_name = "RUN")]
        run: String,
        /// Only the hold with this hash
        #[arg(long, value_name = "HASH")]
        plan: Option<String>,
        /// Who decides
        #[command(flatten)]
        by: Decider,
    },
    /// Say which patron a person is; it is applied at once, and holds for later runs
    #[command(after_help = "\
Example:
  rosterd runs decide 019ac2f0 students:S004 link 17 --by 'Ms Lee'
  rosterd runs decide 019ac2f0 students:S004 create --by 'Ms Lee'     (a patron of its own)
  rosterd runs decide 019ac2f0 students:S004 skip --by 'Ms Lee'       (leave everything as it is)")]
    Decide {
        /// The run that asked; the beginning of its id is enough if no other begins so
        #[arg(value_name = "RUN")]
        run: String,
        /// The person as `rosterd runs holds` shows it, such as students:S004
        #[arg(value_name = "PERSON")]
        person: String,
        /// What to do
        #[arg(value_name = "ANSWER", value_enum)]
        answer: AnswerWord,
        /// The patron to link
        #[arg(value_name = "PATRON_ID", value_parser = patron_number, required_if_eq("answer", "link"))]
        patron: Option<i64>,
        /// Who decides
        #[command(flatten)]
        by: Decider,
    },
    /// Take a run back: what it wrote and nobody changed since is as before
    #[command(after_help = "\
Example:
  rosterd runs undo 019ac2f0 --by 'Ms Ito' --why 'last year’s file'

Values that somebody changed after the run are kept and listed. Patrons that the run created get
status 4 (transferred). The same files tomorrow are held, not applied.")]
    Undo(Undo),
}

/// Answers to a question about one person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum AnswerWord {
    /// It is this patron
    Link,
    /// It is nobody who is there: a new patron
    Create,
    /// Leave everything as it is
    Skip,
}

/// Who decides, for the audit.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct Decider {
    /// Who decides
    #[arg(long = "by", value_name = "WHO", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    pub who: String,
    /// Why
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub why: String,
}

/// `rosterd runs undo`
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct Undo {
    /// The run's id; its beginning is enough if no other begins so
    #[arg(value_name = "RUN")]
    pub run: String,
    /// Delete patrons that the run created, where nothing refers to them by now
    #[arg(long)]
    pub delete_created: bool,
    /// Who decides
    #[command(flatten)]
    pub by: Decider,
}

/// `rosterd patrons …`
#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub enum PatronsCommand {
    /// The patrons of the district
    #[command(after_help = "Example:\n  rosterd patrons list --district springfield")]
    List,
    /// One patron with all fields, and the person it is linked to
    #[command(after_help = "Example:\n  rosterd patrons show 17")]
    Show {
        /// The patron's number
        #[arg(value_name = "ID", value_parser = patron_number)]
        patron: i64,
    },
    /// Edit fields of one patron, as the library's own program would
    #[command(after_help = "\
Example:
  rosterd patrons set 17 status=3 notes='lost two books'
  rosterd patrons set 17 email=             makes the e-mail blank")]
    Set {
        /// The patron's number
        #[arg(value_name = "ID", value_parser = patron_number)]
        patron: i64,
        /// Fields and their new values
        #[arg(value_name = "FIELD=VALUE", required = true, value_parser = field_and_value)]
        fields: Vec<(String, String)>,
    },
    /// All patrons of the district with all columns, as CSV or as JSON lines
    #[command(after_help = "Example:\n  rosterd patrons export --district springfield --format csv > patrons.csv")]
    Export,
    /// Every run that touched a patron or a person: file and line, evidence, old and new values, and who decided
    #[command(after_help = "\
Example:
  rosterd patrons explain 17
  rosterd patrons explain students:S004 --district springfield")]
    Explain {
        /// The patron's number, or a person as kind:id
        #[arg(value_name = "ID-or-PERSON", value_parser = subject)]
        subject: Subject,
    },
    /// Remove one person for good: fields, history, reports and kept copies; later files do not bring the person back
    #[command(after_help = "\
Example:
  rosterd patrons erase students:S004 --by 'Ms Ito' --why 'the parents asked for it'
  rosterd patrons erase 17 --by 'Ms Ito'

It cannot be taken back. The patron's row stays with status 4 and blank fields, because loans may refer to it.")]
    Erase(Erase),
}

/// `rosterd patrons erase`
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct Erase {
    /// The patron's number, or a person as kind:id
    #[arg(value_name = "ID-or-PERSON", value_parser = subject)]
    pub subject: Subject,
    /// Who decides
    #[command(flatten)]
    pub by: Decider,
}

/// A patron by number, or a person by kind and id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// The number in the table.
    Patron(i64),
    /// As the files know it.
    Person(FileKind, String),
}

fn subject(text: &str) -> Result<Subject, String> {
    if let Ok(number) = text.trim().parse() {
        return Ok(Subject::Patron(number));
    }
    let person = text
        .split_once(':')
        .and_then(|(kind, id)| Some((FileKind::from_word(&kind.trim().to_lowercase())?, id.trim())));
    match person {
        Some((kind, id)) if kind.person().is_some() && !id.is_empty() => Ok(Subject::Person(kind, id.to_owned())),
        _ => Err("write a patron's number, such as 17, or a person, such as students:S004".to_owned()),
    }
}

fn patron_number(text: &str) -> Result<i64, String> {
    text.parse().map_err(|_| "a patron is named by its number, as `rosterd patrons list` shows it".to_owned())
}

fn field_and_value(text: &str) -> Result<(String, String), String> {
    let (field, value) = text.split_once('=').ok_or("write field=value, such as status=3")?;
    Ok((field.trim().to_owned(), value.to_owned()))
}

/// `rosterd district …`
#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub enum DistrictCommand {
    /// All districts
    #[command(after_help = "Example:\n  rosterd district list")]
    List,
    /// The settings of a district, defaults included
    #[command(after_help = "Example:\n  rosterd district show springfield --format toml > springfield.toml")]
    Show {
        /// The district; default: that of --district
        #[arg(value_name = "ID")]
        id: Option<String>,
    },
    /// Take over settings from a file; the district is created if it is new
    #[command(after_help = "Example:\n  rosterd district apply springfield.toml")]
    Apply {
        /// The settings
        #[arg(value_name = "FILE.toml")]
        file: PathBuf,
    },
    /// Which school is which site of the library; without arguments the whole list
    #[command(after_help = "\
Example:
  rosterd district site-map --district springfield
  rosterd district site-map 1042 MAIN --district springfield
  rosterd district site-map 1043 --ignore --district springfield
  rosterd district site-map --from sites.csv --district springfield     (columns: school, site)")]
    SiteMap(SiteMap),
}

/// `rosterd district site-map`
#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
pub struct SiteMap {
    /// The school's id
    #[arg(value_name = "SCHOOL")]
    pub school: Option<String>,
    /// The library's code for it
    #[arg(value_name = "SITE", requires = "school")]
    pub site: Option<String>,
    /// The school's people are no patrons of this library
    #[arg(long, requires = "school", conflicts_with = "site")]
    pub ignore: bool,
    /// Forget what was decided about the school
    #[arg(long, requires = "school", conflicts_with_all = ["site", "ignore"])]
    pub clear: bool,
    /// Take many from a CSV with the columns school and site; a blank site ignores the school
    #[arg(long, value_name = "FILE.csv", conflicts_with = "school")]
    pub from: Option<PathBuf>,
}

/// `rosterd schema …`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Subcommand)]
pub enum SchemaCommand {
    /// The formats and their files
    #[command(after_help = "Example:\n  rosterd schema list")]
    List,
    /// The columns of one file: which are required, and what they may hold
    #[command(after_help = "Example:\n  rosterd schema show students")]
    Show {
        /// schools, students, teachers, staff, sections or enrollments
        #[arg(value_name = "KIND", value_parser = kind)]
        kind: FileKind,
    },
}

fn kind(text: &str) -> Result<FileKind, String> {
    let words = FileKind::ALL.map(FileKind::word).join(", ");
    FileKind::from_word(&text.to_lowercase()).ok_or_else(|| format!("the kinds are {words}"))
}

/// `rosterd config …`
#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub enum ConfigCommand {
    /// Try settings files without applying them; without a file, the schemas and the stored settings
    #[command(after_help = "Example:\n  rosterd config check rosterd.toml springfield.toml")]
    Check {
        /// Settings of districts, and of the service.
        #[arg(help = "Settings of districts, and of the service: a file with [serve]")]
        #[arg(value_name = "FILE.toml")]
        files: Vec<PathBuf>,
    },
}

impl CommandLine {
    /// The command line of this process. Help and wrong usage end the process here, with clap's exit codes 0 and 2.
    pub fn from_process() -> Self {
        Self::read(std::env::args_os()).unwrap_or_else(|error| error.exit())
    }

    /// The command line that `words` make, the first being the program's name.
    pub fn read<I, T>(words: I) -> Result<Self, clap::Error>
    where
        I: IntoIterator<Item = T>,
        T: Into<std::ffi::OsString> + Clone,
    {
        let line = Self::try_parse_from(words)?;
        line.check_format()?;
        Ok(line)
    }

    fn check_format(&self) -> Result<(), clap::Error> {
        let allowed = self.command.formats();
        if allowed.contains(&self.common.format) {
            return Ok(());
        }
        let words: Vec<String> = allowed.iter().map(|format| format!("{format:?}").to_lowercase()).collect();
        let sentence = format!("--format of this command is one of: {}", words.join(", "));
        Err(Self::command().error(ErrorKind::InvalidValue, sentence))
    }
}

impl Command {
    fn formats(&self) -> &'static [Format] {
        match self {
            Self::Preview { .. } | Self::Ingest { dry_run: true, .. } => &[Format::Text, Format::Json, Format::Csv],
            Self::Patrons { command: PatronsCommand::Export } => {
                &[Format::Text, Format::Json, Format::Csv, Format::Ndjson]
            }
            Self::District { command: DistrictCommand::Show { .. } } => &[Format::Text, Format::Json, Format::Toml],
            _ => &[Format::Text, Format::Json],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn read(line: &str) -> Result<CommandLine, clap::Error> {
        CommandLine::read(std::iter::once("rosterd").chain(line.split_whitespace()))
    }

    #[test]
    fn the_definition_is_sound() {
        CommandLine::command().debug_assert();
    }

    #[test]
    fn common_options_work_before_and_after_the_command() {
        let before = read("--store x.db --district a --format json --delta -q runs show 019").unwrap();
        let after = read("runs show 019 --store x.db --district a --format json --delta -q").unwrap();
        assert_eq!(before, after);
        assert_eq!((before.common.store.as_str(), before.common.format), ("x.db", Format::Json));
    }

    #[test]
    fn times_and_days_are_read_and_wrong_ones_explained() {
        let line = read("ingest - --now 2026-11-20T03:00:00+01:00 --as-of 2026-11-20").unwrap();
        assert_eq!(line.common.now, Some("2026-11-20T02:00:00Z".parse().unwrap()));
        let Command::Ingest { set, .. } = line.command else { panic!("not an ingest") };
        assert!(set.is_standard_input());
        let error = read("ingest . --as-of 20.11.2026").unwrap_err();
        assert!(error.to_string().contains("write a day such as 2026-11-20"), "{error}");
        assert_eq!(error.exit_code(), 2);
    }

    #[test]
    fn formats_that_a_command_does_not_have_are_wrong_usage() {
        for good in [
            "preview . --format csv",
            "patrons export --format ndjson",
            "district show a --format toml",
            "ingest . --dry-run --format csv",
        ] {
            assert!(read(good).is_ok(), "{good}");
        }
        for bad in
            ["check . --format csv", "runs list --format ndjson", "ingest . --format csv", "preview . --format toml"]
        {
            let error = read(bad).unwrap_err();
            assert_eq!((error.exit_code(), error.kind()), (2, ErrorKind::InvalidValue), "{bad}");
        }
    }

    #[test]
    fn fields_are_split_at_the_first_equals_sign() {
        let Command::Patrons { command: PatronsCommand::Set { patron, fields } } =
            read("patrons set 17 notes=a=b email=").unwrap().command
        else {
            panic!("not a set")
        };
        assert_eq!(patron, 17);
        assert_eq!(fields, [("notes".into(), "a=b".into()), ("email".into(), String::new())]);
        assert_eq!(read("patrons set 17 notes").unwrap_err().exit_code(), 2);
        assert_eq!(read("patrons set 17").unwrap_err().exit_code(), 2);
    }

    #[test]
    fn a_site_map_takes_one_decision_at_a_time() {
        for good in ["", "S1 MAIN", "S1 --ignore", "S1 --clear", "--from sites.csv"] {
            assert!(read(&format!("district site-map {good}")).is_ok(), "{good}");
        }
        for bad in ["--ignore", "S1 MAIN --ignore", "S1 --ignore --clear", "S1 --from sites.csv"] {
            assert_eq!(read(&format!("district site-map {bad}")).unwrap_err().exit_code(), 2, "{bad}");
        }
    }

    #[test]
    fn kinds_are_known_in_any_case() {
        let Command::Schema { command } = read("schema show Students").unwrap().command else { panic!("not a schema") };
        assert_eq!(command, SchemaCommand::Show { kind: FileKind::Students });
        assert!(read("schema show pupils").unwrap_err().to_string().contains("the kinds are schools"));
    }

    #[test]
    fn every_help_has_an_example_and_is_as_it_was_approved() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots/help");
        let helps = all_helps(&mut CommandLine::command().term_width(100));
        for (name, help) in &helps {
            assert!(help.contains("Example:\n"), "the help of {name} has no example");
            let path = folder.join(format!("{}.txt", name.replace(' ', "-")));
            if std::env::var_os("UPDATE_DOCS").is_some() {
                std::fs::create_dir_all(&folder).unwrap();
                std::fs::write(&path, help).unwrap();
            }
            let approved = std::fs::read_to_string(&path).unwrap_or_default();
            assert_eq!(&approved, help, "the help of {name} changed; if it should, UPDATE_DOCS=1 cargo test args");
        }
        assert_eq!(std::fs::read_dir(&folder).unwrap().count(), helps.len(), "a snapshot belongs to no command");
    }

    fn all_helps(root: &mut clap::Command) -> Vec<(String, String)> {
        root.build();
        let mut helps = Vec::new();
        collect_helps(root, &mut helps);
        helps
    }

    fn collect_helps(command: &mut clap::Command, helps: &mut Vec<(String, String)>) {
        let name = command.get_bin_name().unwrap_or("rosterd").to_owned();
        helps.push((name, command.render_long_help().to_string()));
        for inner in command.get_subcommands_mut().filter(|inner| inner.get_name() != "help") {
            collect_helps(inner, helps);
        }
    }
}
