//! What `rosterd.toml` may hold, and what is said of what it may not.

use super::*;

fn complaint(text: &str) -> String {
    parse_serve_settings(text, "rosterd.toml").unwrap_err().to_string()
}

#[test]
fn an_empty_file_gives_every_default_and_prints_back() {
    let settings = parse_serve_settings("", "x").unwrap();
    assert_eq!(settings, ServeSettings::default());
    let text = toml::to_string(&ServiceFile { serve: settings.clone() }).unwrap();
    assert!(text.contains("listen = \"127.0.0.1:8310\"") && text.contains("digest = \"Mon 07:00\""), "{text}");
    assert_eq!(parse_serve_settings(&text, "x").unwrap(), settings);
}

#[test]
fn an_unknown_key_gets_the_nearest_known_one_and_its_line() {
    let text = "[serve]\n[serve.mail]\nsevrer = \"x\"\n";
    assert_eq!(complaint(text), "rosterd.toml line 3: [serve.mail] has no key \"sevrer\"; did you mean \"server\"?");
    let text = "[serve]\nworker = 3\n";
    assert_eq!(complaint(text), "rosterd.toml line 2: [serve] has no key \"worker\"; did you mean \"workers\"?");
    assert!(complaint("[served]\n").contains("the service has no key \"served\"; did you mean \"serve\"?"));
}

#[test]
fn a_value_that_cannot_be_read_is_named_with_what_to_write() {
    for (line, words) in [
        ("listen = \"localhost\"", "serve.listen: \"localhost\" is not an address with a port"),
        ("scan_interval = \"60\"", "serve.scan_interval: \"60\" is not a duration"),
        ("log = \"xml\"", "serve.log cannot be \"xml\"; write \"text\" or \"json\"."),
        ("mail.to = [\"it@example.org\", \"nobody\"]", "\"nobody\" is not an e-mail address"),
        ("mail.to = [\"it@example.org\\r\\nBcc: x@example.org\"]", "is not an e-mail address"),
        ("mail.digest = \"someday 07:00\"", "serve.mail.digest: \"someday 07:00\" is not a time of the week"),
        ("mail.server = \"mail.example.org\"", "serve.mail.server: this is not a mail server"),
    ] {
        let text = complaint(&format!("[serve]\n{line}\n"));
        assert!(text.starts_with("rosterd.toml line 2: ") && text.contains(words), "{line}: {text}");
    }
}

#[test]
fn values_that_make_no_sense_are_all_named_at_once() {
    let text = "[serve]\ndrop_folders = \"\"\nworkers = 0\nscan_interval = \"0s\"\n[serve.mail]\ntimezone = \"Mars\"\n\
                server = \"smtps://user@mail.example.org\"\n";
    let expected = "\
rosterd.toml line 2: serve.drop_folders must not be blank; write a folder such as \"/srv/rosterd/drop\".
rosterd.toml line 3: serve.workers cannot be 0; write how many runs there may be at a time.
rosterd.toml line 4: serve.scan_interval cannot be 0; write a time such as \"60s\".
rosterd.toml line 6: serve.mail.timezone cannot be \"Mars\"; write the name of a zone such as \"America/Chicago\" or \"UTC\".
rosterd.toml serve.mail.from must not be blank where there is a server; write from whom mail is.
rosterd.toml serve.mail.password_file must not be blank where the server has a user; write the file that holds the password.";
    assert_eq!(complaint(text), expected);
    let text = "[serve.mail]\nserver = \"smtp://localhost\"\nfrom = \"a@b.example\"\npassword_file = \"p\"\n";
    assert!(complaint(text).contains("password_file is of no use without a user"));
}

#[test]
fn blank_means_none() {
    let text = "[serve]\nlisten = \"\"\n[serve.mail]\ndigest = \"\"\n";
    let settings = parse_serve_settings(text, "x").unwrap();
    assert_eq!((settings.listen, settings.mail.digest), (None, None));
}

#[test]
fn a_file_of_the_service_is_told_from_one_of_a_district() {
    assert!(is_of_the_service("[serve.mail]\n"));
    assert!(!is_of_the_service("id = \"serve\"\n"));
    assert!(!is_of_the_service("[serve"));
}

#[test]
fn the_example_has_every_key_with_its_default_and_says_something_about_each() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/example-rosterd.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    let mut expected = ServeSettings { drop_folders: "/srv/rosterd/drop".into(), ..ServeSettings::default() };
    expected.mail.server = Some("smtp://rosterd@mail.example.org:587?tls=required".parse().unwrap());
    expected.mail.password_file = "/etc/rosterd/mail-password".into();
    expected.mail.from = Some("rosterd@vendor.example".parse().unwrap());
    expected.mail.to = vec!["operators@vendor.example".parse().unwrap()];
    expected.mail.timezone = "America/Chicago".into();
    assert_eq!(read_serve_settings(&path).unwrap(), expected);
    let all: toml::Table = toml::to_string(&ServiceFile { serve: expected }).unwrap().parse().unwrap();
    assert_eq!(toml_file::keys("", &all), toml_file::keys("", &text.parse().unwrap()));
    assert_eq!(toml_file::keys_without_comment(&text), Vec::<&str>::new(), "these keys have no comment");
}
