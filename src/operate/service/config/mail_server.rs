//! A mail server as `rosterd.toml` names it: `smtps://user@mail.example.org:465`. No password stands in it.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

/// How the connection to a mail server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protection {
    /// Not at all: `smtp://`.
    None,
    /// TLS if the server offers it: `smtp://…?tls=opportunistic`.
    IfOffered,
    /// TLS, begun with STARTTLS, or no mail: `smtp://…?tls=required`.
    Required,
    /// TLS from the first byte: `smtps://`.
    FromTheStart,
}

impl Protection {
    fn usual_port(self) -> u16 {
        match self {
            Self::None => 25,
            Self::IfOffered | Self::Required => 587,
            Self::FromTheStart => 465,
        }
    }
}

/// Where mail is sent to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailServer {
    text: String,
    user: Option<String>,
    host: String,
    port: u16,
    protection: Protection,
}

impl MailServer {
    /// Who signs in, if anybody.
    pub fn user(&self) -> Option<&str> {
        self.user.as_deref()
    }

    /// The machine.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// How the connection is protected.
    pub fn protection(&self) -> Protection {
        self.protection
    }
}

impl fmt::Display for MailServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for MailServer {
    type Err = String;

    /// Complaints do not repeat the text: somebody may have written a password into it.
    fn from_str(text: &str) -> Result<Self, String> {
        let (scheme, rest) = text.split_once("://").ok_or_else(example)?;
        let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
        let protection = protection(scheme, query)?;
        let (user, place) = place.trim_end_matches('/').rsplit_once('@').map_or((None, place), |(u, p)| (Some(u), p));
        let user = user.map(read_user).transpose()?;
        let (host, port) = host_and_port(place.trim_end_matches('/'))?;
        if user.is_some() && matches!(protection, Protection::None | Protection::IfOffered) && !is_this_machine(&host) {
            return Err("would send the password in the clear; write smtps://…, or add ?tls=required".to_owned());
        }
        Ok(Self { text: text.to_owned(), user, host, port: port.unwrap_or(protection.usual_port()), protection })
    }
}

fn example() -> String {
    "this is not a mail server; write \"smtp://localhost:25\", \"smtps://user@mail.example.org:465\" or \
     \"smtp://user@mail.example.org:587?tls=required\""
        .to_owned()
}

fn protection(scheme: &str, query: &str) -> Result<Protection, String> {
    match (scheme, query) {
        ("smtp", "") => Ok(Protection::None),
        ("smtp", "tls=opportunistic") => Ok(Protection::IfOffered),
        ("smtp", "tls=required") => Ok(Protection::Required),
        ("smtps", "") => Ok(Protection::FromTheStart),
        _ => Err(example()),
    }
}

fn read_user(user: &str) -> Result<String, String> {
    if user.contains(':') {
        return Err("a password does not belong here; put it into a file, and name that in password_file".to_owned());
    }
    let user = percent_decoded(user).filter(|user| !user.is_empty() && !user.contains(char::is_control));
    user.ok_or_else(example)
}

/// `%40` and the like, as URLs write what would end a name.
fn percent_decoded(text: &str) -> Option<String> {
    let mut parts = text.split('%');
    let mut bytes = parts.next()?.as_bytes().to_vec();
    for part in parts {
        bytes.push(u8::from_str_radix(part.get(..2)?, 16).ok()?);
        bytes.extend(part.get(2..)?.bytes());
    }
    String::from_utf8(bytes).ok()
}

/// `mail.example.org:465`, `[::1]:25`; the port may be absent.
fn host_and_port(place: &str) -> Result<(String, Option<u16>), String> {
    let at = place.rfind(']').map_or(0, |end| end + 1);
    let (host, port) = match place.get(at..).and_then(|rest| rest.split_once(':')) {
        Some((rest, port)) => (&place[..at + rest.len()], Some(port.parse().map_err(|_| example())?)),
        None => (place, None),
    };
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let is_name = |host: &str| host.chars().all(|char| char.is_alphanumeric() || "-._".contains(char));
    let is_host = !host.is_empty() && (is_name(host) || host.parse::<IpAddr>().is_ok());
    if is_host { Ok((host.to_owned(), port)) } else { Err(example()) }
}

fn is_this_machine(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Option<String>, String, u16, Protection) {
        let server: MailServer = text.parse().unwrap();
        assert_eq!(server.to_string(), text);
        (server.user, server.host, server.port, server.protection)
    }

    fn complaint(text: &str) -> String {
        text.parse::<MailServer>().unwrap_err()
    }

    #[test]
    fn every_documented_form_is_read() {
        let host = || "mail.example.org".to_owned();
        assert_eq!(read("smtp://localhost:25"), (None, "localhost".into(), 25, Protection::None));
        assert_eq!(read("smtp://mail.example.org"), (None, host(), 25, Protection::None));
        assert_eq!(read("smtp://[::1]:2525"), (None, "::1".into(), 2525, Protection::None));
        let user = || Some("rosterd@example.org".to_owned());
        assert_eq!(
            read("smtps://rosterd%40example.org@mail.example.org"),
            (user(), host(), 465, Protection::FromTheStart)
        );
        assert_eq!(
            read("smtp://rosterd@example.org@mail.example.org:2587?tls=required"),
            (user(), host(), 2587, Protection::Required)
        );
        assert_eq!(read("smtp://mail.example.org?tls=opportunistic"), (None, host(), 587, Protection::IfOffered));
    }

    #[test]
    fn a_password_in_it_is_refused_and_not_repeated() {
        let text = complaint("smtps://rosterd:geheim@mail.example.org");
        assert!(text.contains("password_file") && !text.contains("geheim"), "{text}");
    }

    #[test]
    fn a_password_is_not_sent_in_the_clear_to_another_machine() {
        for bad in ["smtp://user@mail.example.org", "smtp://user@mail.example.org?tls=opportunistic"] {
            assert!(complaint(bad).contains("in the clear"), "{bad}");
        }
        assert!("smtp://user@localhost:2525".parse::<MailServer>().is_ok());
    }

    #[test]
    fn what_is_no_server_gets_an_example() {
        for bad in [
            "mail.example.org",
            "http://mail.example.org",
            "smtp://",
            "smtp://host:many",
            "smtp://ho st",
            "smtps://host?tls=required",
            "smtp://@host",
            "smtp://%zz@host?tls=required",
            "smtp://host\r\nRCPT TO",
        ] {
            assert!(complaint(bad).contains("smtp://localhost:25"), "{bad}");
        }
    }
}
