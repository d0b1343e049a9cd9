//! Times as people read them: in their own time zone, to the minute.

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// `2026-11-20 02:00 CST` of an RFC 3339 time; what is no time stays as it is.
pub fn local_time(time: &str, zone: &TimeZone) -> String {
    match time.parse::<Timestamp>() {
        Ok(time) => time.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M %Z").to_string(),
        Err(_) => time.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_local_with_the_name_of_the_zone() {
        let zone = crate::files::zones::Zones::newest().get("America/Chicago").unwrap();
        assert_eq!(local_time("2026-11-20T08:00:59Z", &zone), "2026-11-20 02:00 CST");
        assert_eq!(local_time("2026-07-20T08:00:00Z", &zone), "2026-07-20 03:00 CDT");
        assert_eq!(local_time("never", &zone), "never");
    }
}
