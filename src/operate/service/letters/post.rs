//! Sending letters to the mail server. Called from a thread of its own: it waits for a network.
//!
//! Knows the settings and letters, no store. What the mail server says is never repeated in a log: it may name people's addresses.

use std::error::Error;
use std::time::Duration;

use chrono::{DateTime, Utc};
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message};
use lettre::transport::smtp;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::{SmtpTransport, Transport};

use super::Sent;
use crate::operate::service::config::{MailAddress, MailServer, MailSettings, Protection};
use crate::store::LetterRow;

/// How long the mail server may take for each answer.
pub const TIMEOUT: Duration = Duration::from_secs(15);
/// Letters that are sent in one go, so that nobody waits for the end of a long queue.
const AT_A_TIME: usize = 20;

/// Why a letter is not on its way.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PostError {
    /// The settings name no server or no sender.
    #[error("there is no mail server or no sender in [serve.mail]")]
    NoServer,
    /// The password is out of reach.
    #[error("failed to read the password file: {0}")]
    NoPassword(std::io::ErrorKind),
    /// TLS could not be set up, or the server's certificate is not to be trusted.
    #[error("failed to agree on TLS with the mail server")]
    NoTls,
    /// The server lacks something: STARTTLS, a way to sign in that we know, or addresses that are not ASCII.
    #[error("the mail server cannot do what is asked of it: STARTTLS, signing in, or such an address")]
    Unable,
    /// Nobody answered, or not in time.
    #[error("failed to reach the mail server")]
    Unreachable,
    /// The server said no.
    #[error("the mail server refused with code {0}")]
    Refused(String),
    /// The letter is none.
    #[error("the letter has no valid address or text")]
    Malformed,
}

impl PostError {
    /// Whether it is about this letter only, so that the next one may fare better.
    fn is_of_one_letter(&self) -> bool {
        matches!(self, Self::Refused(_) | Self::Unable | Self::Malformed)
    }
}

/// Sends those of `letters` that may be tried now, in their order. When the server cannot be reached, the rest fails alike without a try.
pub fn send_due(letters: Vec<LetterRow>, mail: &MailSettings, timeout: Duration, now: DateTime<Utc>) -> Vec<Sent> {
    let is_due = |letter: &LetterRow| letter.not_before.parse().map_or(true, |time: DateTime<Utc>| time <= now);
    let due: Vec<LetterRow> = letters.into_iter().filter(is_due).take(AT_A_TIME).collect();
    if due.is_empty() {
        return Vec::new();
    }
    let mut post = Post::new(mail, timeout);
    due.into_iter()
        .map(|letter| {
            let result = post.as_ref().map_err(Clone::clone).and_then(|post| post.send(&letter));
            if let Err(error) = &result
                && !error.is_of_one_letter()
            {
                post = Err(error.clone());
            }
            Sent { letter, result }
        })
        .collect()
}

/// The way to the mail server.
struct Post {
    transport: SmtpTransport,
    from: MailAddress,
}

impl Post {
    fn new(mail: &MailSettings, timeout: Duration) -> Result<Self, PostError> {
        let (Some(server), Some(from)) = (&mail.server, &mail.from) else { return Err(PostError::NoServer) };
        let mut builder = SmtpTransport::builder_dangerous(server.host())
            .port(server.port())
            .tls(tls(server)?)
            .timeout(Some(timeout));
        if let Some(user) = server.user() {
            let password = std::fs::read_to_string(&mail.password_file);
            let password = password.map_err(|error| PostError::NoPassword(error.kind()))?;
            let password = password.trim_end_matches(['\r', '\n']).to_owned();
            builder = builder.credentials(Credentials::new(user.to_owned(), password));
        }
        Ok(Self { transport: builder.build(), from: from.clone() })
    }

    fn send(&self, letter: &LetterRow) -> Result<(), PostError> {
        let message = message(letter, &self.from).ok_or(PostError::Malformed)?;
        self.transport.send(&message).map(|_| ()).map_err(|error| explain(&error))
    }
}

fn tls(server: &MailServer) -> Result<Tls, PostError> {
    let parameters = || TlsParameters::new(server.host().to_owned()).map_err(|_| PostError::NoTls);
    Ok(match server.protection() {
        Protection::None => Tls::None,
        Protection::IfOffered => Tls::Opportunistic(parameters()?),
        Protection::Required => Tls::Required(parameters()?),
        Protection::FromTheStart => Tls::Wrapper(parameters()?),
    })
}

fn explain(error: &smtp::Error) -> PostError {
    match error.status() {
        Some(code) => PostError::Refused(code.to_string()),
        None if error.is_tls() || is_about_certificates(error) => PostError::NoTls,
        None if error.is_client() => PostError::Unable,
        None => PostError::Unreachable,
    }
}

/// TLS is agreed upon with the first bytes, so that what is wrong with it comes as a failure to read them.
fn is_about_certificates(error: &smtp::Error) -> bool {
    let cause = error.source().and_then(|cause| cause.downcast_ref::<std::io::Error>());
    cause.is_some_and(|cause| cause.kind() == std::io::ErrorKind::InvalidData)
}

/// The letter as mail: its date is when it was written, and its id is the same however often it is tried.
fn message(letter: &LetterRow, from: &MailAddress) -> Option<Message> {
    let written: DateTime<Utc> = letter.written_at.parse().ok()?;
    let addresses: Vec<String> = serde_json::from_str(&letter.recipients).ok()?;
    let mailbox = |address: &MailAddress| Mailbox::new(None, address.address().clone());
    let mut builder = Message::builder()
        .from(mailbox(from))
        .subject(one_line(&letter.subject))
        .date(written.into())
        .message_id(Some(message_id(letter, from)))
        .header(ContentType::TEXT_PLAIN)
        .raw_header(HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned()));
    for address in addresses {
        builder = builder.to(mailbox(&address.parse().ok()?));
    }
    builder.body(letter.body.clone()).ok()
}

/// A subject cannot become a second header.
fn one_line(text: &str) -> String {
    text.chars().map(|char| if char.is_control() { ' ' } else { char }).collect()
}

fn message_id(letter: &LetterRow, from: &MailAddress) -> String {
    let whole = [&*letter.seq.to_string(), &letter.written_at, &letter.recipients, &letter.subject, &letter.body];
    let id = uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_URL, whole.join("\n").as_bytes());
    format!("<{id}@{}>", from.address().domain())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letter() -> LetterRow {
        LetterRow {
            seq: 7,
            recipients: "[\"it@springfield.example\"]".into(),
            subject: "[rosterd] a: disk full".into(),
            body: "Zoë\n".into(),
            written_at: "2026-11-20T12:00:00Z".into(),
            ..LetterRow::default()
        }
    }

    fn formatted(letter: &LetterRow) -> Option<String> {
        let from: MailAddress = "rosterd@vendor.example".parse().unwrap();
        message(letter, &from).map(|message| String::from_utf8(message.formatted()).unwrap())
    }

    #[test]
    fn a_letter_has_its_date_its_id_and_says_that_a_machine_wrote_it() {
        let text = formatted(&letter()).unwrap();
        for header in [
            "From: rosterd@vendor.example\r\n",
            "To: it@springfield.example\r\n",
            "Subject: [rosterd] a: disk full\r\n",
            "Date: Fri, 20 Nov 2026 12:00:00 +0000\r\n",
            "Auto-Submitted: auto-generated\r\n",
            "Content-Type: text/plain; charset=utf-8\r\n",
            "@vendor.example>\r\n",
        ] {
            assert!(text.contains(header), "{header:?} is missing in\n{text}");
        }
        assert_eq!(formatted(&letter()), Some(text), "the same letter has the same id");
    }

    #[test]
    fn a_name_cannot_become_a_header_or_a_recipient() {
        let subject = "[rosterd] a\r\nBcc: thief@example.org\n\n: disk full";
        let text = formatted(&LetterRow { subject: subject.into(), ..letter() }).unwrap();
        assert!(!text.contains("\nBcc:") && text.contains("To: it@springfield.example\r\n"), "{text}");
        for bad in ["[\"it@springfield.example\\r\\nBcc: x@example.org\"]", "[\"a@b.example, c@d.example\"]", "[]", "x"]
        {
            assert_eq!(formatted(&LetterRow { recipients: bad.into(), ..letter() }), None, "{bad}");
        }
    }

    #[test]
    fn without_a_server_nothing_is_sent_and_nothing_lost() {
        let now = "2026-11-20T12:00:00Z".parse().unwrap();
        let later = LetterRow { not_before: "2026-11-20T12:00:01Z".into(), ..letter() };
        let sent = send_due(vec![later, letter()], &MailSettings::default(), TIMEOUT, now);
        assert_eq!(sent.into_iter().map(|sent| sent.result).collect::<Vec<_>>(), [Err(PostError::NoServer)]);
    }
}
