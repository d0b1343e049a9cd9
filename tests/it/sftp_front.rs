//! OpenSSH in front of the drop folders, with the configuration of `deploy/`: a real `sshd`, real accounts, the real `sftp`.
//!
//! Only root may start it so. The accounts are two that every Debian has and nobody uses: `games` and `man` are districts,
//! `news` is the service.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::channel;
use std::time::Duration;

use crate::support::{Desk, repository};

const SSHD: &str = "/usr/sbin/sshd";
const SERVICE: &str = "news";
const DISTRICTS: [&str; 2] = ["games", "man"];

/// A running server with a folder for each district.
struct Front {
    /// Belongs to root, as does everything above it: OpenSSH takes nothing else.
    home: PathBuf,
    desk: Desk,
    port: u16,
    server: Child,
}

impl Drop for Front {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
        let _ = std::fs::remove_dir_all(&self.home);
    }
}

/// Tells that a test could not be done here.
#[expect(clippy::disallowed_macros, reason = "tests talk to whoever runs them")]
fn skipped(why: &str) {
    eprintln!("skipped: {why}");
}

/// What is missing on this machine, if anything is.
fn is_missing() -> Option<String> {
    if !rustix::process::getuid().is_root() {
        return Some("only root can start an SSH server that shuts others in".into());
    }
    let programs = [SSHD, "/usr/bin/sftp", "/usr/bin/ssh-keygen", "/usr/bin/setpriv"];
    if let Some(program) = programs.iter().find(|program| !Path::new(program).exists()) {
        return Some(format!("there is no {program} here; tests/run installs it"));
    }
    let account = DISTRICTS.iter().chain([&SERVICE]).find(|name| id_of("-u", name).is_none());
    account.map(|name| format!("there is no account {name} here"))
}

/// The number of a user (`-u`) or of the user's group (`-g`).
fn id_of(what: &str, name: &str) -> Option<u32> {
    let id = Command::new("id").args([what, name]).output().unwrap();
    String::from_utf8(id.stdout).unwrap().trim().parse().ok()
}

#[track_caller]
fn done(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// A folder made as deploy/sftp.md makes it.
fn install(mode: &str, owner: &str, group: &str, folder: &Path) {
    done(Command::new("install").args(["-d", "-m", mode, "-o", owner, "-g", group]).arg(folder));
}

fn keygen(file: &Path) {
    done(Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-C", "test", "-f"]).arg(file));
}

/// The configuration of `deploy/` with the paths and the group of this test.
fn configuration(home: &Path) -> String {
    let text = std::fs::read_to_string(repository("deploy/sshd_config")).unwrap();
    let here = [
        ("/srv/rosterd/sftp", home.join("sftp").display().to_string()),
        ("/etc/ssh/senders", home.join("senders").display().to_string()),
        ("Match Group rosterd-senders", format!("Match Group {}", DISTRICTS.join(","))),
    ];
    here.iter().fold(text, |text, (there, here)| {
        assert_eq!(text.matches(there).count(), 1, "deploy/sshd_config says {there} once");
        text.replace(there, here)
    })
}

impl Front {
    /// `None`, with a message, where this machine does not let us.
    fn start() -> Option<Self> {
        if let Some(why) = is_missing() {
            skipped(&why);
            return None;
        }
        let desk = Desk::new();
        let home = PathBuf::from(format!("/var/lib/rosterd-test-{}", std::process::id()));
        let root = |name: &str| install("0755", "root", "root", &home.join(name));
        ["", "sftp", "senders"].into_iter().for_each(root);
        std::fs::create_dir_all("/run/sshd").unwrap();
        keygen(&home.join("host_key"));
        for district in DISTRICTS {
            keygen(&desk.path(district));
            std::fs::copy(desk.path(&format!("{district}.pub")), home.join("senders").join(district)).unwrap();
            root(&format!("sftp/{district}"));
            install("3770", SERVICE, district, &home.join("sftp").join(district).join("upload"));
        }
        let (server, port) = serve(&home);
        let host = std::fs::read_to_string(home.join("host_key.pub")).unwrap();
        desk.write("known_hosts", format!("[127.0.0.1]:{port} {host}"));
        Some(Self { home, desk, port, server })
    }

    /// The drop folder of a district, as the service sees it.
    fn upload(&self, district: &str) -> PathBuf {
        self.home.join("sftp").join(district).join("upload")
    }

    /// A client program with the key and the server of a district.
    fn client(&self, program: &str, district: &str) -> Command {
        let mut client = Command::new(program);
        client.current_dir(self.desk.path("")).args(["-F", "none", "-o", "BatchMode=yes", "-i", district]);
        client.args(["-o", "UserKnownHostsFile=known_hosts", "-o", &format!("Port={}", self.port)]);
        client.stdin(Stdio::null());
        client
    }

    /// Runs lines of `sftp`; the first that fails ends it.
    fn sftp(&self, district: &str, lines: &str) -> Output {
        self.desk.write("batch", lines);
        self.client("sftp", district).args(["-b", "batch", &format!("{district}@127.0.0.1")]).output().unwrap()
    }

    /// All of the lines work; gives what was printed.
    #[track_caller]
    fn allowed(&self, district: &str, lines: &str) -> String {
        let output = self.sftp(district, lines);
        assert!(output.status.success(), "{lines}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// The line does not work.
    #[track_caller]
    fn forbidden(&self, district: &str, line: &str) {
        let output = self.sftp(district, line);
        assert!(!output.status.success(), "{line}: {output:?}");
    }

    /// Runs `rosterd` as the service does, which is in the groups of all districts, and with its umask.
    fn service(&self, words: &[&str]) -> Output {
        let store = self.home.join("service");
        install("0700", SERVICE, SERVICE, &store);
        // Where it was built, the service may not be allowed to look.
        let rosterd = self.home.join("rosterd");
        if !rosterd.exists() {
            std::fs::copy(assert_cmd::cargo::cargo_bin!("rosterd"), &rosterd).unwrap();
            std::fs::set_permissions(&rosterd, std::fs::Permissions::from_mode(0o755)).unwrap();
        }
        let [user, group] = ["-u", "-g"].map(|what| id_of(what, SERVICE).unwrap());
        let groups: Vec<String> = DISTRICTS.iter().map(|name| id_of("-g", name).unwrap().to_string()).collect();
        let mut command = Command::new("setpriv");
        command.current_dir(&store).args([&format!("--reuid={user}"), &format!("--regid={group}")]);
        command.args([&format!("--groups={}", groups.join(",")), "--inh-caps=-all", "--no-new-privs"]);
        command.args(["sh", "-c", "umask 0027; exec \"$0\" \"$@\""]).arg(rosterd).args(words);
        command.env_remove("ROSTERD_STORE").output().unwrap()
    }

    /// What the service does with what lies in a drop folder, when somebody asks it to.
    fn take(&self, district: &str) -> Output {
        let settings = self.home.join("district.toml");
        let folder = self.upload(district);
        std::fs::write(&settings, format!("id = \"{district}\"\n[intake]\nfolder = {folder:?}\n")).unwrap();
        let applied = self.service(&["district", "apply", settings.to_str().unwrap()]);
        assert!(applied.status.success(), "{applied:?}");
        self.service(&["take", "--district", district])
    }
}

/// Starts the server as Debian does, with our lines included first; gives its port when it listens.
fn serve(home: &Path) -> (Child, u16) {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    std::fs::write(home.join("rosterd.conf"), configuration(home)).unwrap();
    let place = home.display();
    let debian = format!(
        "Include {place}/rosterd.conf\nPort {port}\nListenAddress 127.0.0.1\nHostKey {place}/host_key\nPidFile none\nUsePAM no\n\
         KbdInteractiveAuthentication no\nX11Forwarding yes\nAllowAgentForwarding yes\nSubsystem sftp /usr/lib/openssh/sftp-server\n"
    );
    let config = home.join("sshd_config");
    std::fs::write(&config, debian).unwrap();
    let mut server = Command::new(SSHD).args(["-D", "-e", "-f"]).arg(config).stderr(Stdio::piped()).spawn().unwrap();
    let log = BufReader::new(server.stderr.take().unwrap());
    let (tell, told) = channel();
    // Reads to the end, so that the server never waits for a reader.
    std::thread::spawn(move || log.lines().map_while(Result::ok).for_each(|line| drop(tell.send(line))));
    let is_listening = || told.recv_timeout(Duration::from_secs(60)).unwrap().contains("Server listening");
    while !is_listening() {}
    (server, port)
}

/// Mode, user and group of a file.
fn rights(path: &Path) -> (u32, u32, u32) {
    let about = path.metadata().unwrap();
    (about.mode() & 0o7777, about.uid(), about.gid())
}

#[test]
fn the_sender_uploads_and_finds_the_results_in_the_same_place() {
    let Some(front) = Front::start() else { return };
    front.desk.copy("sample-csv/good", "tonight");
    front.allowed("games", "put tonight/*.csv");
    let [sender, group, service] =
        [("-u", "games"), ("-g", "games"), ("-u", SERVICE)].map(|(what, name)| id_of(what, name).unwrap());
    let upload = front.upload("games");
    assert_eq!(rights(&upload.join("students.csv")), (0o640, sender, group));
    let taken = front.take("games");
    assert!(taken.status.success(), "{taken:?}");
    assert_eq!(rights(&upload.join("results")), (0o2750, service, group));
    assert_eq!(rights(&upload.join("results/latest.txt")), (0o640, service, group));
    front.allowed("games", "get results/latest.txt got.txt");
    let report = std::fs::read_to_string(front.desk.path("got.txt")).unwrap();
    assert!(report.starts_with("Applied: 65 people added."), "{report}");
}

#[test]
fn results_are_the_services_and_the_sender_can_only_read_them() {
    let Some(front) = Front::start() else { return };
    front.desk.copy("sample-csv/good", "tonight");
    front.allowed("games", "put tonight/*.csv");
    front.take("games");
    for line in [
        "put tonight/students.csv results/latest.txt",
        "put tonight/students.csv results/other.txt",
        "rm results/latest.txt",
        "rename results elsewhere",
        "rmdir results",
        "chmod 777 results",
    ] {
        front.forbidden("games", line);
    }
    let listed = front.allowed("games", "ls results");
    assert!(listed.contains("latest.txt") && !listed.contains("other.txt"), "{listed}");
    front.allowed("games", "put tonight/students.csv\nrm students.csv");
}

#[test]
fn a_sender_sees_the_own_folder_and_nothing_else() {
    let Some(front) = Front::start() else { return };
    front.desk.write("note.csv", "x");
    front.allowed("man", "put note.csv");
    assert_eq!(
        front.allowed("games", "pwd\nls -1 /").lines().filter(|line| !line.starts_with("sftp>")).collect::<Vec<_>>(),
        ["Remote working directory: /upload", "/upload"]
    );
    for line in [
        "get /etc/passwd",
        "get ../../../../etc/passwd",
        "ls /../man/upload",
        "get ../../man/upload/note.csv",
        "put note.csv /note.csv",
        "put note.csv ../note.csv",
        "mkdir /other",
        "rename /upload /other",
        "symlink /etc/passwd students.csv",
        "ln note.csv students.csv",
    ] {
        front.forbidden("games", line);
    }
    assert_eq!(std::fs::read_dir(front.upload("games")).unwrap().count(), 0);
    // With the key of another district nobody comes in.
    let mut other = front.client("sftp", "man");
    let other = other.args(["-b", "batch", "games@127.0.0.1"]).output().unwrap();
    assert!(
        !other.status.success() && String::from_utf8_lossy(&other.stderr).contains("Permission denied (publickey)")
    );
}

#[test]
fn a_sender_gets_no_shell_no_terminal_and_no_way_through() {
    let Some(front) = Front::start() else { return };
    let ssh = |options: &[&str], words: &[&str]| {
        let output = front.client("ssh", "games").args(options).arg("games@127.0.0.1").args(words).output().unwrap();
        (
            output.status.success(),
            String::from_utf8_lossy(&output.stdout).into_owned(),
            String::from_utf8_lossy(&output.stderr).into_owned(),
        )
    };
    let (_, out, _) = ssh(&[], &["id; touch /upload/shell"]);
    assert!(!out.contains("uid="), "{out}");
    let (_, _, err) = ssh(&["-tt"], &[]);
    assert!(err.contains("PTY allocation request failed"), "{err}");
    let own = front.port.to_string();
    let (went, _, err) = ssh(&["-W", &format!("127.0.0.1:{own}")], &[]);
    assert!(!went && err.contains("administratively prohibited"), "{err}");
    for back in [format!("0:127.0.0.1:{own}"), format!("/upload/socket:127.0.0.1:{own}")] {
        let (went, _, err) = ssh(&["-N", "-o", "ExitOnForwardFailure=yes", "-R", &back], &[]);
        assert!(!went && err.contains("forwarding failed"), "{back}: {err}");
    }
    assert_eq!(std::fs::read_dir(front.upload("games")).unwrap().count(), 0);
    let passwords = ["-o", "BatchMode=no", "-o", "PreferredAuthentications=password,keyboard-interactive"];
    let (went, _, err) = ssh(&passwords, &[]);
    assert!(!went && err.contains("Permission denied (publickey)"), "{err}");
}

#[test]
fn everything_that_the_server_could_offer_is_switched_off_for_senders_only() {
    let Some(front) = Front::start() else { return };
    let settings = |user: &str| {
        let who = format!("user={user},host=localhost,addr=127.0.0.1");
        done(Command::new(SSHD).args(["-T", "-C", &who, "-f"]).arg(front.home.join("sshd_config")))
    };
    let sender = settings("games");
    for name in [
        "x11forwarding",
        "allowagentforwarding",
        "allowtcpforwarding",
        "allowstreamlocalforwarding",
        "permittty",
        "permittunnel",
        "permituserrc",
    ] {
        assert!(sender.contains(&format!("\n{name} no\n")), "{name} is on: {sender}");
    }
    let other = settings(SERVICE);
    assert!(other.contains("\nx11forwarding yes\n") && other.contains("\nforcecommand none\n"), "{other}");
}

#[test]
fn a_file_that_only_its_sender_may_read_is_not_taken_and_hurts_nobody() {
    let Some(front) = Front::start() else { return };
    let tonight = front.desk.copy("sample-csv/good", "tonight");
    std::fs::set_permissions(tonight.join("students.csv"), std::fs::Permissions::from_mode(0o600)).unwrap();
    front.allowed("games", "put tonight/*.csv");
    assert_eq!(rights(&front.upload("games").join("students.csv")).0, 0o600, "OpenSSH's sftp sends the mode");
    let upload = front.upload("games");
    let refused = front.service(&["ingest", upload.to_str().unwrap()]);
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && said.contains("students.csv: Permission denied"), "{refused:?}");
    front.allowed("games", "chmod 640 students.csv");
    assert!(front.take("games").status.success());
    assert!(upload.join("results/latest.txt").exists());
}
