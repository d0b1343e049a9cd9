//! Letters on their way through a real mail server (tests/smtp/server.py): what arrives, and what becomes of those that do not.

use std::io::ErrorKind;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use rosterd::operate::service::config::{MailSettings, parse_serve_settings};
use rosterd::operate::service::letters::post::{PostError, send_due};
use rosterd::operate::service::letters::{Sent, note_sent, write_letters};
use rosterd::roster::settings::Settings;
use rosterd::store::{AlarmRow, LetterRow, Store};
use serde_json::Value;
use tempfile::TempDir;

use crate::support::repository;

/// Only a hung test waits so long.
const HUNG: Duration = Duration::from_secs(120);
/// Long enough for a server on this machine, and short enough to wait for one that is silent.
const TIMEOUT: Duration = Duration::from_secs(3);

/// A mail server with a folder of its own; it ends with the value.
struct Server {
    folder: TempDir,
    process: Child,
    port: String,
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        self.process.wait().unwrap();
    }
}

impl Server {
    fn start(options: &[&str]) -> Self {
        let folder = TempDir::new().unwrap();
        let python = repository("tests/.venv/bin/python");
        assert!(python.exists(), "aiosmtpd is not installed; run tests/run once, which prepares tests/.venv with it");
        let mut command = Command::new(python);
        command.arg(repository("tests/smtp/server.py")).arg(folder.path()).args(options);
        let process = command.stdin(Stdio::piped()).spawn().unwrap();
        let mut server = Self { folder, process, port: String::new() };
        server.port = server.await_file("port");
        server
    }

    /// The text of a file as soon as it is there.
    fn await_file(&self, name: &str) -> String {
        let (_nobody, never) = mpsc::channel::<()>();
        let began = Instant::now();
        loop {
            match std::fs::read_to_string(self.folder.path().join(name)) {
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                text => return text.unwrap(),
            }
            assert!(began.elapsed() < HUNG, "{name} does not come");
            let _ = never.recv_timeout(Duration::from_millis(10));
        }
    }

    fn mode(&self, mode: &str) {
        std::fs::write(self.folder.path().join("mode"), mode).unwrap();
    }

    /// What has arrived, in order.
    fn mail(&self) -> Vec<Value> {
        let read = |number: usize| std::fs::read(self.folder.path().join(format!("mail-{number}.json"))).ok();
        (1..).map_while(read).map(|bytes| serde_json::from_slice(&bytes).unwrap()).collect()
    }

    /// Settings that send to this server; `url` with PORT in it.
    fn settings(&self, url: &str, more: &str) -> MailSettings {
        let url = url.replace("PORT", &self.port);
        settings(&url, more)
    }
}

fn settings(url: &str, more: &str) -> MailSettings {
    let text = format!("[serve.mail]\nserver = \"{url}\"\nfrom = \"rosterd@vendor.example\"\n{more}\n");
    parse_serve_settings(&text, "rosterd.toml").unwrap().mail
}

fn now() -> DateTime<Utc> {
    "2026-11-20T12:00:00Z".parse().unwrap()
}

fn letter(seq: i64, to: &str) -> LetterRow {
    LetterRow {
        seq,
        recipients: format!("[\"{to}\"]"),
        subject: "[rosterd] springfield: disk full".into(),
        body: "Zoë’s disk is full.\n.\nA line with a dot alone, and a very long one: ".to_owned()
            + &"x".repeat(1200)
            + "\n",
        written_at: "2026-11-20T11:00:00Z".into(),
        ..LetterRow::default()
    }
}

fn results(sent: &[Sent]) -> Vec<Result<(), PostError>> {
    sent.iter().map(|sent| sent.result.clone()).collect()
}

fn send(letters: Vec<LetterRow>, mail: &MailSettings) -> Vec<Result<(), PostError>> {
    results(&send_due(letters, mail, TIMEOUT, now()))
}

fn header<'m>(mail: &'m Value, name: &str) -> Vec<&'m str> {
    let headers = mail["headers"].as_array().unwrap().iter();
    headers.filter(|pair| pair[0] == name).map(|pair| pair[1].as_str().unwrap()).collect()
}

#[test]
fn a_letter_arrives_as_it_was_written() {
    let server = Server::start(&[]);
    let sent = send(vec![letter(1, "it@springfield.example")], &server.settings("smtp://localhost:PORT", ""));
    assert_eq!(sent, [Ok(())]);
    let mail = server.mail().remove(0);
    assert_eq!((&mail["from"], &mail["to"][0]), (&"rosterd@vendor.example".into(), &"it@springfield.example".into()));
    assert_eq!(header(&mail, "Subject"), ["[rosterd] springfield: disk full"]);
    assert_eq!(header(&mail, "Date"), ["Fri, 20 Nov 2026 11:00:00 +0000"]);
    assert_eq!(header(&mail, "Auto-Submitted"), ["auto-generated"]);
    assert_eq!(mail["text"].as_str().unwrap().replace("\r\n", "\n").trim_end(), letter(1, "").body.trim_end());
}

#[test]
fn a_server_that_refuses_is_asked_again_and_its_words_are_not_repeated() {
    let server = Server::start(&[]);
    let mail = server.settings("smtp://localhost:PORT", "");
    for (mode, code) in [("refuse", "550"), ("later", "451")] {
        server.mode(mode);
        let sent = send(vec![letter(1, "it@springfield.example"), letter(2, "it@springfield.example")], &mail);
        assert_eq!(sent, [Err(PostError::Refused(code.into())), Err(PostError::Refused(code.into()))], "{mode}");
        let said = sent[0].clone().unwrap_err().to_string();
        assert!(!said.contains('@'), "{said}");
    }
    assert_eq!(server.mail(), Vec::<Value>::new());
    server.mode("accept");
    assert_eq!(send(vec![letter(1, "it@springfield.example")], &mail), [Ok(())]);
    assert_eq!(server.mail().len(), 1);
}

#[test]
fn an_address_that_is_refused_keeps_nobody_else_from_mail() {
    let server = Server::start(&[]);
    server.mode("stranger");
    let letters = vec![letter(1, "stranger@springfield.example"), letter(2, "it@springfield.example")];
    let sent = send(letters, &server.settings("smtp://localhost:PORT", ""));
    assert_eq!(sent, [Err(PostError::Refused("550".into())), Ok(())]);
    assert_eq!(server.mail().len(), 1);
}

#[test]
fn a_connection_that_breaks_sends_the_letter_again_under_the_same_id() {
    let server = Server::start(&[]);
    let mail = server.settings("smtp://localhost:PORT", "");
    server.mode("drop");
    assert_eq!(send(vec![letter(1, "it@springfield.example")], &mail), [Err(PostError::Unreachable)]);
    server.mode("accept");
    assert_eq!(send(vec![letter(1, "it@springfield.example")], &mail), [Ok(())]);
    let [first, second] = &*server.mail() else { panic!("the server kept both") };
    assert_eq!(header(first, "Message-ID"), header(second, "Message-ID"));
}

#[test]
fn a_silent_server_is_not_waited_for_once_more_for_every_letter() {
    let server = Server::start(&[]);
    server.mode("silent");
    let letters = (0..15).map(|seq| letter(seq, "it@springfield.example")).collect();
    let began = Instant::now();
    let sent = send_due(letters, &server.settings("smtp://localhost:PORT", ""), TIMEOUT, now());
    assert_eq!(results(&sent), vec![Err(PostError::Unreachable); 15]);
    assert!(began.elapsed() < HUNG, "it waited for each");
    assert_eq!(server.mail(), Vec::<Value>::new());
}

#[test]
fn where_nobody_listens_the_letter_waits() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let sent = send(vec![letter(1, "it@springfield.example")], &settings(&format!("smtp://127.0.0.1:{port}"), ""));
    assert_eq!(sent, [Err(PostError::Unreachable)]);
}

#[test]
fn a_user_signs_in_with_the_password_of_the_file() {
    let server = Server::start(&["--auth", "rosterd:geheim ✓"]);
    let file = server.folder.path().join("password");
    let more = format!("password_file = \"{}\"", file.display());
    let mail = server.settings("smtp://rosterd@localhost:PORT", &more);
    let one = || vec![letter(1, "it@springfield.example")];
    assert_eq!(send(one(), &mail), [Err(PostError::NoPassword(ErrorKind::NotFound))]);
    std::fs::write(&file, "wrong\n").unwrap();
    assert_eq!(send(one(), &mail), [Err(PostError::Refused("535".into()))]);
    std::fs::write(&file, "geheim ✓\n").unwrap();
    assert_eq!(send(one(), &mail), [Ok(())], "a corrected password counts without a restart");
    assert_eq!(server.mail()[0]["user"], "rosterd");
    let nobody = server.settings("smtp://localhost:PORT", "");
    assert_eq!(send(one(), &nobody), [Err(PostError::Refused("530".into()))]);
    assert_eq!(server.mail().len(), 1);
}

#[test]
fn without_tls_that_can_be_trusted_nothing_is_sent() {
    let one = || vec![letter(1, "it@springfield.example")];
    let plain = Server::start(&[]);
    assert_eq!(send(one(), &plain.settings("smtp://localhost:PORT?tls=required", "")), [Err(PostError::Unable)]);
    assert_eq!(plain.mail(), Vec::<Value>::new());
    for (option, url) in [("--starttls", "smtp://localhost:PORT?tls=required"), ("--smtps", "smtps://localhost:PORT")] {
        let server = Server::start(&[option]);
        assert_eq!(send(one(), &server.settings(url, "")), [Err(PostError::NoTls)], "{url}");
        assert_eq!(server.mail(), Vec::<Value>::new());
    }
}

#[test]
fn mail_goes_over_tls_to_a_server_that_is_trusted() {
    for (option, url) in [
        ("--starttls", "smtp://rosterd@localhost:PORT?tls=required"),
        ("--smtps", "smtps://rosterd@localhost:PORT"),
        ("--starttls", "smtp://localhost:PORT?tls=opportunistic"),
    ] {
        let signs_in = url.contains('@');
        let auth: &[&str] = if signs_in { &["--auth", "rosterd:geheim"] } else { &[] };
        let server = Server::start(&[&[option], auth].concat());
        std::fs::write(server.folder.path().join("password"), "geheim").unwrap();
        send_from_a_process_that_trusts(&server.folder.path().join("ca.pem"), &url.replace("PORT", &server.port));
        let mail = server.mail().remove(0);
        assert_eq!(mail["tls"], true, "{url}");
        assert_eq!(mail["user"], if signs_in { "rosterd".into() } else { Value::Null }, "{url}");
    }
}

/// Whom a process trusts is a matter of its surroundings, which a test does not change under the others.
fn send_from_a_process_that_trusts(authority: &Path, url: &str) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--ignored", "--exact", "letters::sends_one_letter_to_the_server_in_the_environment"]);
    command.env("SSL_CERT_FILE", authority).env("ROSTERD_TEST_URL", url);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
#[ignore = "a part of another test, which starts it as a process"]
fn sends_one_letter_to_the_server_in_the_environment() {
    let authority = std::env::var("SSL_CERT_FILE").unwrap();
    let password = Path::new(&authority).with_file_name("password");
    let url = std::env::var("ROSTERD_TEST_URL").unwrap();
    let more = format!("password_file = \"{}\"", password.display());
    let mail = settings(&url, if url.contains('@') { &more } else { "" });
    assert_eq!(send(vec![letter(1, "it@springfield.example")], &mail), [Ok(())]);
}

#[test]
fn from_an_alarm_to_the_mailbox_and_never_twice() {
    let server = Server::start(&[]);
    let mail = server.settings("smtp://localhost:PORT", "to = [\"ops@vendor.example\"]");
    let folder = TempDir::new().unwrap();
    let store = Store::open(folder.path().join("rosterd.db").to_str().unwrap()).unwrap();
    let mut district = Settings::new("springfield");
    district.name = "Springfield\r\nBcc: thief@example.org\r\n\r\nX".into();
    district.notify.email = vec!["it@springfield.example".into()];
    store.put_district(&district).unwrap();
    let since = "2026-11-20T11:00:00Z".to_owned();
    store.put_alarm(&AlarmRow { code: "disk_full".into(), since, ..AlarmRow::default() }).unwrap();

    server.mode("later");
    let round = |at: DateTime<Utc>| {
        write_letters(&store, &mail, at).unwrap();
        let sent = send_due(store.letters().unwrap(), &mail, TIMEOUT, at);
        note_sent(&store, &sent, at).unwrap();
    };
    round(now());
    assert_eq!((store.letters().unwrap().len(), server.mail().len()), (2, 0));
    server.mode("accept");
    round(now() + TimeDelta::seconds(30));
    assert_eq!(server.mail().len(), 0, "it is not tried again at once");
    for minutes in [1, 2, 3, 90] {
        round(now() + TimeDelta::minutes(minutes));
    }
    assert_eq!(store.letters().unwrap(), []);
    let all = server.mail();
    let recipients: Vec<&Value> = all.iter().map(|mail| &mail["to"]).collect();
    assert_eq!(
        recipients,
        [&serde_json::json!(["it@springfield.example"]), &serde_json::json!(["ops@vendor.example"])]
    );
    for mail in &all {
        assert_eq!(header(mail, "Bcc"), Vec::<&str>::new());
        assert_eq!(header(mail, "Subject"), ["[rosterd] springfield: disk full"]);
        let text = mail["text"].as_str().unwrap();
        assert!(
            text.starts_with("Springfield\\r\\nBcc: thief@example.org\\r\\n\\r\\nX (district springfield)"),
            "{text}"
        );
    }
}
