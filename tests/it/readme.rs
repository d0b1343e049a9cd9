//! The README shows what is really printed.

use super::support::Desk;

const README: &str = include_str!("../../README.md");

fn sample(name: &str) -> String {
    format!("{}/sample-csv/{name}", env!("CARGO_MANIFEST_DIR"))
}

/// Everything before the heading `end`, without the run's own id and time.
fn until<'t>(text: &'t str, end: &str) -> &'t str {
    text.split(end).next().unwrap().trim_end()
}

#[track_caller]
fn shown(printed: &str) {
    assert!(README.contains(printed), "README.md does not show what is printed:\n{printed}");
}

#[test]
fn the_first_minute_prints_what_the_readme_shows() {
    let desk = Desk::new();
    let ended = desk.run(&["ingest", &sample("good")]);
    shown(&ended.err);
    shown(until(&ended.out, "\nRun "));
    shown(until(&desk.run(&["ingest", &sample("good")]).out, "\nFiles"));
    let mistake = desk.run(&["check", &sample("bad/students-last-name-blank")]);
    assert_eq!(mistake.code, 4);
    shown(until(&mistake.out, "\nFiles"));
    let preview = desk.run(&["preview", &sample("next-night")]);
    shown(until(&preview.out, "\n  update     students:S2037"));
    shown(until(&desk.run(&["ingest", &sample("next-night")]).out, "\nFiles"));
}

#[test]
fn every_file_that_the_readme_links_to_is_there() {
    let links = README.split("](").skip(1).map(|rest| rest.split(')').next().unwrap());
    for link in links.filter(|link| !link.starts_with("http")) {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(link);
        assert!(path.exists(), "README.md links to {link}, which is not there");
    }
}
