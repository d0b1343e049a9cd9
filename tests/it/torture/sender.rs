//! A sender of any kind: what it means to deliver, and the single steps by which it does. It knows nothing of who takes the files.

use std::collections::{BTreeMap, VecDeque};
use std::fmt::Write as _;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

use proptest::prelude::Strategy;
use proptest::{arbitrary::any, collection::vec, option, prop_oneof, sample::select, strategy::Just};
use rosterd::files::hash;

/// Seconds for which a folder must be quiet. Senders pause less, but for those that stop.
pub const QUIET: i64 = 300;

const KINDS: [(&str, &str, &str); 5] = [
    ("schools", "School_id,School_name,School_number,ext.version", "S#,Evergreen,#"),
    ("teachers", "School_id,Teacher_id,First_name,Last_name,ext.version", "S1,T#,Tom,Tall"),
    ("students", "School_id,Student_id,First_name,Last_name,ext.version", "S1,A#,Ada,Able"),
    ("sections", "School_id,Section_id,Teacher_id,Name,ext.version", "S1,C#,T1,Reading"),
    ("enrollments", "School_id,Section_id,Student_id,ext.version", "S1,C1,A#"),
];

/// How a file comes into the folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Emptied, then written piece by piece.
    Append,
    /// Written over in place, and cut to its new size at the end.
    Overwrite,
    /// Given its size at once, then filled.
    Preallocate,
    /// Removed, then written piece by piece.
    Anew,
    /// Written under another name, then renamed.
    Rename(Unfinished),
}

/// The name of a file that is not finished.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unfinished {
    Ending(&'static str),
    Hidden,
}

/// Which time a file gets once it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Times {
    OfTheDisk,
    /// The same at every upload.
    Old,
    /// A sender whose clock is ahead.
    InFuture,
}

/// How the sender says that everything was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Says {
    Nothing,
    DoneLast,
    DoneFirst,
    DoneForEachFile,
    Manifest { first: bool, hashes: bool },
}

/// A sender that stops in the middle of a file for longer than it should.
#[derive(Debug, Clone, Copy)]
pub struct Stop {
    pub file: u8,
    pub seconds: u16,
}

/// One upload.
#[derive(Debug, Clone)]
pub struct Upload {
    /// Seconds since the last one was finished.
    pub wait: u16,
    pub style: Style,
    pub times: Times,
    pub says: Says,
    /// Which files are sent; the others stay as they are.
    pub kinds: u8,
    pub order: u8,
    pub pieces: u8,
    /// Seconds between steps, in turn.
    pub pauses: Vec<u16>,
    /// The same bytes as last time.
    pub is_same: bool,
    pub stop: Option<Stop>,
    /// Whether older dated files are removed afterwards.
    pub tidies: bool,
}

/// A sender.
#[derive(Debug, Clone)]
pub struct Sender {
    /// Whether every version of a file has the same size.
    pub has_fixed_sizes: bool,
    /// Whether names bear a date.
    pub is_dated: bool,
    pub uploads: Vec<Upload>,
}

pub fn sender() -> impl Strategy<Value = Sender> {
    (any::<bool>(), prop_oneof![4 => Just(false), 1 => Just(true)], vec(upload(), 1..4))
        .prop_map(|(has_fixed_sizes, is_dated, uploads)| Sender { has_fixed_sizes, is_dated, uploads })
}

fn upload() -> impl Strategy<Value = Upload> {
    let wait = prop_oneof![3 => 400..900u16, 2 => 0..200u16, 1 => 290..310u16, 1 => Just(300u16)];
    let pause = prop_oneof![6 => 0..5u16, 2 => 20..90u16, 1 => 200..300u16];
    let unfinished = prop_oneof![
        3 => select(vec![".part", ".filepart", ".tmp", ".crdownload", ".uploading"]).prop_map(Unfinished::Ending),
        1 => Just(Unfinished::Hidden),
    ];
    let style = prop_oneof![
        2 => Just(Style::Append),
        2 => Just(Style::Overwrite),
        1 => Just(Style::Preallocate),
        1 => Just(Style::Anew),
        2 => unfinished.prop_map(Style::Rename),
    ];
    let times = prop_oneof![3 => Just(Times::OfTheDisk), 3 => Just(Times::Old), 1 => Just(Times::InFuture)];
    let manifest = (any::<bool>(), any::<bool>()).prop_map(|(first, hashes)| Says::Manifest { first, hashes });
    let says = prop_oneof![
        3 => Just(Says::Nothing),
        2 => Just(Says::DoneLast),
        1 => Just(Says::DoneFirst),
        1 => Just(Says::DoneForEachFile),
        2 => manifest,
    ];
    let kinds = prop_oneof![2 => Just(31u8), 1 => 1..32u8];
    let stop = option::weighted(0.1, (0..5u8, 320..900u16).prop_map(|(file, seconds)| Stop { file, seconds }));
    let how = (style, times, says, kinds, any::<u8>(), 1..4u8);
    let rarely = || prop_oneof![5 => Just(false), 1 => Just(true)];
    (wait, how, vec(pause, 1..8), rarely(), stop, rarely()).prop_map(
        |(wait, (style, times, says, kinds, order, pieces), pauses, is_same, stop, tidies)| Upload {
            wait,
            style,
            times,
            says,
            kinds,
            order,
            pieces,
            pauses,
            is_same,
            stop,
            tidies,
        },
    )
}

/// A single step that a sender takes.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    Create { name: String, text: String },
    Append { name: String, text: String },
    WriteAt { name: String, at: u64, text: String },
    SetSize { name: String, bytes: u64 },
    Rename { from: String, to: String },
    Remove { name: String },
    SetTime { name: String, seconds: u64 },
}

/// What a folder's files of rows hold, by kind.
pub type State = BTreeMap<&'static str, String>;

/// A step, and when.
#[derive(Debug, Clone)]
pub struct Planned {
    /// Seconds since the step before.
    pub pause: i64,
    pub step: Step,
    /// The upload that it belongs to.
    pub upload: usize,
    /// What is finished with it.
    pub finishes: Option<State>,
    /// What it declares by hash, so that it counts as finished as soon as it is there.
    pub declares: Option<State>,
    /// The sender stops before it for longer than it should; what is there is cut off within a row.
    pub after_stop: bool,
}

impl Step {
    /// Takes it.
    pub fn take(&self, folder: &Path) {
        match self {
            Self::Create { name, text } => std::fs::write(folder.join(name), text).unwrap(),
            Self::Append { name, text } => {
                let file = OpenOptions::new().create(true).append(true).open(folder.join(name));
                file.unwrap().write_all(text.as_bytes()).unwrap();
            }
            Self::WriteAt { name, at, text } => in_place(folder, name).write_all_at(text.as_bytes(), *at).unwrap(),
            Self::SetSize { name, bytes } => in_place(folder, name).set_len(*bytes).unwrap(),
            Self::Rename { from, to } => std::fs::rename(folder.join(from), folder.join(to)).unwrap(),
            Self::Remove { name } => std::fs::remove_file(folder.join(name)).unwrap(),
            Self::SetTime { name, seconds } => {
                File::open(folder.join(name))
                    .unwrap()
                    .set_modified(UNIX_EPOCH + Duration::from_secs(*seconds))
                    .unwrap();
            }
        }
    }
}

fn in_place(folder: &Path, name: &str) -> File {
    OpenOptions::new().create(true).truncate(false).write(true).open(folder.join(name)).unwrap()
}

impl Sender {
    /// Everything that the sender does, in order. `is_moved`: taken files go away, so that every upload has to be whole.
    pub fn plan(&self, is_moved: bool) -> VecDeque<Planned> {
        let mut plan =
            Plan { sender: self, steps: VecDeque::new(), state: State::new(), version: 0, names: Vec::new() };
        for (number, upload) in self.uploads.iter().enumerate() {
            plan.upload(number, upload, is_moved);
        }
        plan.steps
    }

    /// Whether a done-file or a manifest of this sender can be trusted to speak at once.
    pub fn is_ahead(&self) -> bool {
        self.uploads.iter().any(|upload| upload.times == Times::InFuture)
    }
}

struct Plan<'s> {
    sender: &'s Sender,
    steps: VecDeque<Planned>,
    state: State,
    version: usize,
    /// Names of files that were sent and are still there.
    names: Vec<String>,
}

impl Plan<'_> {
    fn upload(&mut self, number: usize, upload: &Upload, is_moved: bool) {
        let is_whole = number == 0 || is_moved;
        // Who declares by hash what is there already declares it finished before it is sent again.
        let is_declared_first = upload.says == Says::Manifest { first: true, hashes: true };
        if number == 0 || !upload.is_same || is_declared_first {
            self.version += 1;
        }
        let mut kinds: Vec<usize> = (0..5).filter(|kind| is_whole || upload.kinds & (1 << kind) != 0).collect();
        let middle = usize::from(upload.order) % kinds.len();
        kinds.rotate_left(middle);
        if upload.order & 64 != 0 {
            kinds.reverse();
        }
        let mut steps = Vec::new();
        let mut sent = Vec::new();
        for (place, kind) in kinds.iter().enumerate() {
            let (word, ..) = KINDS[*kind];
            let name = if self.sender.is_dated {
                format!("{word}_2026-11-{:02}.csv", number + 1)
            } else {
                format!("{word}.csv")
            };
            let text = self.text(*kind);
            let stop = upload.stop.filter(|stop| !is_moved && usize::from(stop.file) % kinds.len() == place);
            self.file(&mut steps, upload, &name, &text, stop);
            self.state.insert(word, text.clone());
            if upload.says == Says::DoneForEachFile {
                steps.push((0, Step::Create { name: format!("{name}.done"), text: format!("{number}") }));
            }
            sent.push((name, text));
        }
        // A sender whose files are moved away once they are as declared must have nothing left to do.
        let says = match upload.says {
            Says::Manifest { hashes: true, .. } if is_moved => Says::Manifest { first: false, hashes: true },
            says => says,
        };
        let is_declared_first = is_declared_first && says == upload.says && !self.sender.is_dated;
        self.say(&mut steps, says, number);
        let last = steps.len() - 1;
        for (place, (stopped, step)) in steps.into_iter().enumerate() {
            let pause = if place == 0 { upload.wait } else { upload.pauses[place % upload.pauses.len()] };
            let pause = i64::from(pause).min(if place == 0 { i64::MAX } else { QUIET - 1 });
            self.steps.push_back(Planned {
                pause: pause + stopped,
                step,
                upload: number,
                finishes: (place == last).then(|| self.state.clone()),
                declares: (place == 0 && is_declared_first).then(|| self.state.clone()),
                after_stop: stopped > 0,
            });
        }
        if upload.tidies && self.sender.is_dated && !is_moved {
            self.tidy(number, &sent);
        }
        if !is_moved {
            self.names.extend(sent.into_iter().map(|(name, _)| name));
        }
    }

    /// Files of earlier days that were sent again today are removed; that is no upload.
    fn tidy(&mut self, number: usize, sent: &[(String, String)]) {
        let kind = |name: &str| name.split('_').next().unwrap_or_default().to_owned();
        let is_old = |name: &String| sent.iter().any(|(new, _)| kind(new) == kind(name));
        let (old, kept): (Vec<_>, Vec<_>) = std::mem::take(&mut self.names).into_iter().partition(is_old);
        self.names = kept;
        for name in old {
            self.steps.push_back(Planned {
                pause: 1,
                step: Step::Remove { name },
                upload: number,
                finishes: None,
                declares: None,
                after_stop: false,
            });
        }
    }

    fn text(&self, kind: usize) -> String {
        let (_, header, row) = KINDS[kind];
        let rows = if self.sender.has_fixed_sizes { 3 } else { 1 + (self.version * 3 + kind) % 4 };
        let row = |number: usize| format!("{},v{:05}\n", row.replace('#', &number.to_string()), self.version);
        format!("{header}\n{}", (1..=rows).map(row).collect::<String>())
    }

    fn file(&self, steps: &mut Vec<(i64, Step)>, upload: &Upload, name: &str, text: &str, stop: Option<Stop>) {
        let style = if stop.is_some() && upload.style != Style::Anew { Style::Append } else { upload.style };
        let written = match style {
            Style::Rename(Unfinished::Ending(ending)) => format!("{name}{ending}"),
            Style::Rename(Unfinished::Hidden) => format!(".{name}.x7"),
            _ => name.to_owned(),
        };
        // What is not there cannot be removed, and nobody would see the sender at work.
        if style == Style::Anew && self.names.iter().any(|sent| sent == name) {
            steps.push((0, Step::Remove { name: name.into() }));
        }
        if style == Style::Preallocate {
            steps.push((0, Step::Create { name: written.clone(), text: String::new() }));
            steps.push((0, Step::SetSize { name: written.clone(), bytes: text.len() as u64 }));
        }
        let mut at = 0;
        for (place, piece) in pieces(text, upload.pieces, stop.is_some()).into_iter().enumerate() {
            let (name, text) = (written.clone(), piece.to_owned());
            let stopped = stop.filter(|_| place == 1).map_or(0, |stop| i64::from(stop.seconds));
            let step = match style {
                Style::Overwrite | Style::Preallocate => Step::WriteAt { name, at, text },
                _ if place == 0 => Step::Create { name, text },
                _ => Step::Append { name, text },
            };
            steps.push((stopped, step));
            at += piece.len() as u64;
        }
        if style == Style::Overwrite {
            steps.push((0, Step::SetSize { name: written.clone(), bytes: at }));
        }
        let time = match upload.times {
            Times::OfTheDisk => None,
            Times::Old => Some(1_000_000_000),
            Times::InFuture => Some(4_000_000_000),
        };
        steps.extend(time.map(|seconds| (0, Step::SetTime { name: written.clone(), seconds })));
        if let Style::Rename(_) = style {
            steps.push((0, Step::Rename { from: written, to: name.into() }));
        }
    }

    fn say(&self, steps: &mut Vec<(i64, Step)>, says: Says, number: usize) {
        let done = Step::Create { name: "upload.done".into(), text: format!("{number}") };
        match says {
            Says::DoneLast => steps.push((0, done)),
            Says::DoneFirst => steps.insert(0, (0, done)),
            Says::Manifest { first, hashes } if !self.sender.is_dated => {
                let step = Step::Create { name: "manifest.csv".into(), text: manifest(&self.state, hashes) };
                if first { steps.insert(0, (0, step)) } else { steps.push((0, step)) }
            }
            Says::Nothing | Says::DoneForEachFile | Says::Manifest { .. } => {}
        }
    }
}

/// A manifest that gives the size, or the hash, of each file.
fn manifest(state: &State, hashes: bool) -> String {
    let mut text = "propertyName,value\n".to_owned();
    for (word, content) in state {
        let value = if hashes { hash::text(content) } else { content.len().to_string() };
        let _ = writeln!(text, "file.{word},bulk\n{}.{word}.csv,{value}", if hashes { "sha256" } else { "size" });
    }
    text
}

/// `text` in so many pieces; cut after the first cell of its last row where the sender stops after the first piece.
fn pieces(text: &str, count: u8, stops: bool) -> Vec<&str> {
    if stops {
        let row = text.trim_end().rfind('\n').unwrap() + 1;
        let at = row + text[row..].find(',').unwrap() + 1;
        return vec![&text[..at], &text[at..]];
    }
    let count = usize::from(count);
    (0..count).map(|place| &text[text.len() * place / count..text.len() * (place + 1) / count]).collect()
}
