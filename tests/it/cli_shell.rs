//! What a shell and `man` get: completions that a real bash takes, and pages that groff sets without a warning.

use std::process::{Command, Output};

use crate::support::{Desk, names_in, repository};

/// Tells that a test could not be done here.
#[expect(clippy::disallowed_macros, reason = "tests talk to whoever runs them")]
fn skipped(why: &str) {
    eprintln!("skipped: {why}");
}

/// The output of a program; `None`, with a message, where this machine does not have it.
fn output(command: &mut Command) -> Option<Output> {
    let output = command.output().ok();
    if output.is_none() {
        skipped(&format!("there is no {:?} here", command.get_program()));
    }
    output
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// What bash offers for the last of `words`.
fn offered(desk: &Desk, words: &[&str]) -> Vec<String> {
    let last = words.len() - 1;
    let quoted: Vec<String> = words.iter().map(|word| format!("'{word}'")).collect();
    let script = format!(
        "source rosterd.bash; COMP_WORDS=({}); COMP_CWORD={last}; _rosterd rosterd '{}' '{}'; printf '%s\\n' \"${{COMPREPLY[@]}}\"",
        quoted.join(" "),
        words[last],
        words[last - 1],
    );
    let bash = Command::new("bash").current_dir(desk.path("")).args(["--norc", "-c", &script]).output().unwrap();
    assert!(bash.status.success() && bash.stderr.is_empty(), "{bash:?}");
    text(&bash.stdout).lines().map(str::to_owned).collect()
}

#[test]
fn bash_completes_commands_options_and_values() {
    let desk = Desk::new();
    desk.write("rosterd.bash", desk.line("completions bash").well());
    assert_eq!(offered(&desk, &["rosterd", "bac"])[0], "backfill");
    assert_eq!(offered(&desk, &["rosterd", "district", "site"]), ["site-map"]);
    assert_eq!(offered(&desk, &["rosterd", "district", "site-map", "--ig"]), ["--ignore"]);
    assert_eq!(offered(&desk, &["rosterd", "check", "--format", "js"]), ["json"]);
    assert_eq!(offered(&desk, &["rosterd", "completions", "f"]), ["fish"]);
}

#[test]
fn every_shell_reads_its_script() {
    let desk = Desk::new();
    for shell in ["bash", "zsh", "fish"] {
        desk.write(shell, desk.run(&["completions", shell]).well());
        let read = Command::new(shell).current_dir(desk.path("")).arg("-n").arg(shell).output();
        match read {
            Ok(read) => assert!(read.status.success() && read.stderr.is_empty(), "{read:?}"),
            Err(_) => skipped(&format!("there is no {shell} here")),
        }
    }
    desk.line("completions tcsh").refused(2, &["bash, zsh, fish"]);
}

#[test]
fn every_command_has_a_page_that_is_set_without_a_warning() {
    let desk = Desk::new();
    assert!(desk.line("man pages/man1").well().contains("man -l pages/man1/rosterd.1"));
    let pages = names_in(&desk.path("pages/man1"));
    let helps = names_in(&repository("tests/snapshots/help"));
    let expected: Vec<String> = helps.iter().map(|help| help.replace(".txt", ".1")).collect();
    assert_eq!(pages, expected, "a page for each command that has a help");
    for page in &pages {
        let mut groff = Command::new("groff");
        groff.current_dir(desk.path("pages/man1")).args(["-Kutf8", "-man", "-Tutf8", "-ww", "-P-c", "-z", page]);
        let Some(set) = output(&mut groff) else { return };
        assert!(set.status.success() && set.stderr.is_empty(), "{page}: {}", text(&set.stderr));
    }
}

#[test]
fn the_example_of_a_page_keeps_its_lines() {
    let desk = Desk::new();
    desk.line("man .").well();
    let Some(page) = output(Command::new("groff").current_dir(desk.path("")).args([
        "-man",
        "-Tascii",
        "-P-cbou",
        "rosterd-district-site-map.1",
    ])) else {
        return;
    };
    let page = text(&page.stdout);
    let ignored = page.lines().find(|line| line.contains("--ignore --district springfield"));
    assert_eq!(
        ignored.map(str::trim),
        Some("rosterd district site-map 1043 --ignore --district springfield"),
        "{page}"
    );
}

#[test]
fn a_page_that_cannot_be_written_is_named() {
    let desk = Desk::new();
    desk.write("taken", "");
    desk.line("man taken").refused(1, &["failed to create the folder taken"]);
    assert_eq!(desk.files(), ["taken"]);
}
