//! A short soak: the program that runs for half an hour elsewhere runs for some seconds here, so that it is known to work.

use std::process::Command;

use crate::support::repository;

#[test]
fn some_districts_upload_with_all_their_faults_and_everything_settles() {
    let soak = Command::new(repository("tests/soak/run"))
        .args(["--minutes", "0.4", "--districts", "5", "--students", "40", "--binary"])
        .arg(assert_cmd::cargo::cargo_bin!("rosterd"))
        .output()
        .unwrap();
    let printed = String::from_utf8_lossy(&soak.stdout);
    assert!(soak.status.success(), "{printed}\n{}", String::from_utf8_lossy(&soak.stderr));
    assert!(printed.contains("all as it should be"), "{printed}");
}
