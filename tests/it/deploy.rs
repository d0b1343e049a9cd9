//! What lies in `deploy/` fits the program: units that systemd takes and finds safe, an image built with the right Rust, and
//! guides whose commands are understood.

use std::path::Path;
use std::process::Command;

use rosterd::operate::cli::args::CommandLine;

use crate::support::{Desk, names_in, repository};

/// Tells that a test could not be done here.
#[expect(clippy::disallowed_macros, reason = "tests talk to whoever runs them")]
fn skipped(why: &str) {
    eprintln!("skipped: {why}");
}

fn text(name: &str) -> String {
    std::fs::read_to_string(repository("deploy").join(name)).unwrap()
}

/// The units, with the program where it was built, in a folder here. `None`, with a message, where there is no systemd to ask.
fn units(desk: &Desk) -> Option<Vec<String>> {
    if Command::new("systemd-analyze").arg("--version").output().is_err() {
        skipped("there is no systemd-analyze here; tests/run installs it");
        return None;
    }
    let is_unit = |name: &String| name.ends_with(".service") || name.ends_with(".timer");
    let names: Vec<String> = names_in(&repository("deploy")).into_iter().filter(is_unit).collect();
    let rosterd = assert_cmd::cargo::cargo_bin!("rosterd").display().to_string();
    for name in &names {
        desk.write(name, text(name).replace("/usr/local/bin/rosterd", &rosterd));
    }
    Some(names)
}

#[track_caller]
fn analyzed(desk: &Desk, words: &[&str]) -> String {
    let output = Command::new("systemd-analyze").current_dir(desk.path("")).args(words).output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    assert!(output.status.success(), "{words:?}: {said}");
    said
}

#[test]
fn systemd_takes_the_units_without_a_word() {
    let desk = Desk::new();
    let Some(names) = units(&desk) else { return };
    assert_eq!(names, ["rosterd-backup.service", "rosterd-backup.timer", "rosterd.service"]);
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let said = analyzed(&desk, &[&["verify", "--man=no", "--recursive-errors=no"], &names[..]].concat());
    assert_eq!(said, "");
}

#[test]
fn systemd_finds_the_services_safe() {
    let desk = Desk::new();
    let Some(names) = units(&desk) else { return };
    // Tenths: 10 is an exposure of 1.0, the best that a service can have that talks to the network.
    for name in names.iter().filter(|name| name.ends_with(".service")) {
        analyzed(&desk, &["security", "--offline=true", "--threshold=10", name]);
    }
}

/// What follows `Exec…=/usr/local/bin/rosterd` in a unit, or `rosterd` in a block of commands.
fn commands(text: &str, is_command: impl Fn(&str) -> Option<&str>) -> Vec<Vec<String>> {
    let lines = text.lines().filter_map(is_command);
    let until_shell = |line: &str| line.split(['>', '|', '#', '"']).next().unwrap().to_owned();
    lines.map(until_shell).map(|line| line.split_whitespace().map(str::to_owned).collect()).collect()
}

#[track_caller]
fn understood(words: &[String]) {
    let line = std::iter::once("rosterd").chain(words.iter().map(String::as_str));
    if let Err(error) = CommandLine::read(line) {
        panic!("{words:?}: {error}");
    }
}

#[test]
fn the_units_start_commands_that_there_are() {
    let started = |line: &str| line.strip_prefix("ExecStart=/usr/local/bin/rosterd ").map(str::to_owned);
    let service = text("rosterd.service");
    let words = service.lines().find_map(started).unwrap();
    understood(&words.split(' ').map(str::to_owned).collect::<Vec<_>>());
    assert!(text("rosterd-backup.service").contains("/usr/local/bin/rosterd backup \"/var/backups/rosterd/"));
    let image = text("Containerfile");
    let start = image.lines().find_map(|line| line.strip_prefix("CMD [\"")?.strip_suffix("\"]")).unwrap();
    understood(&[start.to_owned()]);
    let health = image.lines().find_map(|line| line.split_once(" CMD rosterd ")?.1.split_once(" || ")).unwrap();
    understood(&health.0.split(' ').map(str::to_owned).collect::<Vec<_>>());
}

#[test]
fn every_command_of_the_guides_is_understood() {
    for guide in ["README.md", "sftp.md"] {
        let text = text(guide);
        let blocks = text.split("```sh\n").skip(1).map(|block| block.split("```").next().unwrap());
        let found: Vec<_> = blocks.flat_map(|block| commands(block, |line| line.strip_prefix("rosterd "))).collect();
        found.iter().for_each(|words| understood(words));
        assert!(guide != "README.md" || found.len() > 8, "{found:?}");
    }
}

#[test]
fn every_file_that_the_guides_link_to_is_there() {
    for guide in ["README.md", "sftp.md"] {
        let text = text(guide);
        let links = text.split("](").skip(1).map(|rest| rest.split([')', '#']).next().unwrap());
        for link in links.filter(|link| !link.starts_with("http")) {
            assert!(repository("deploy").join(link).exists(), "deploy/{guide} links to {link}, which is not there");
        }
    }
    let guide = text("README.md");
    for name in names_in(&repository("deploy")).iter().filter(|name| *name != "README.md") {
        assert!(guide.contains(&format!("({name})")), "deploy/README.md does not say what {name} is for");
    }
}

#[test]
fn the_first_district_works_as_the_guide_says() {
    let desk = Desk::new();
    desk.copy("sample-csv/good", "sample-csv/good");
    let guide = text("README.md");
    let block = guide.split("## The first district").nth(1).unwrap().split("```sh\n").nth(1).unwrap();
    let script = block.split("```").next().unwrap();
    let programs = assert_cmd::cargo::cargo_bin!("rosterd");
    let path = format!("{}:{}", programs.parent().unwrap().display(), std::env::var("PATH").unwrap());
    let mut shell = Command::new("sh");
    shell.current_dir(desk.path("")).env("PATH", path).env_remove("ROSTERD_STORE").env_remove("ROSTERD_CONFIG");
    let output = shell.args(["-euc", script]).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let said = String::from_utf8(output.stdout).unwrap();
    let report = said.rsplit_once("Applied: 65 people added.");
    assert!(
        report.is_some_and(|(before, _)| before.contains("Applied: 65 people added.")),
        "printed, and in the folder: {said}"
    );
}

#[test]
fn what_is_above_a_senders_folder_belongs_to_root() {
    // OpenSSH lets nobody in otherwise.
    for (guide, line) in
        [("README.md", "\ninstall -d -m 0755 /srv/rosterd\n"), ("sftp.md", "\ninstall -d -m 0755 /srv/rosterd/sftp ")]
    {
        assert!(text(guide).contains(line), "deploy/{guide} does not make it so: {line}");
    }
}

#[test]
fn settings_in_the_guides_pass_the_check() {
    let desk = Desk::new();
    let guide = text("sftp.md");
    desk.write("springfield.toml", guide.split("```toml\n").nth(1).unwrap().split("```").next().unwrap());
    desk.line("config check springfield.toml").well();
}

#[test]
fn the_image_is_built_with_the_rust_that_the_program_asks_for() {
    let manifest: toml::Table = toml::from_str(&std::fs::read_to_string(repository("Cargo.toml")).unwrap()).unwrap();
    let wanted = manifest["package"]["rust-version"].as_str().unwrap();
    let image = text("Containerfile");
    let from: Vec<&str> = image.lines().filter_map(|line| line.strip_prefix("FROM ")).collect();
    let expected =
        [format!("docker.io/library/rust:{wanted}-bookworm AS build"), "docker.io/library/debian:bookworm-slim".into()];
    assert_eq!(from, expected, "both of one Debian, so that the program finds the C library that it was built with");
    let copied = image.lines().filter_map(|line| line.strip_prefix("COPY ")).filter(|line| !line.starts_with("--from"));
    for name in copied.flat_map(|line| line.rsplit_once(' ').unwrap().0.split(' ')) {
        assert!(Path::new(&repository(name)).exists(), "the image is built from {name}, which is not there");
    }
}
