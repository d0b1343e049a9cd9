//! What the three addresses answer, over real connections.

use std::io::{Read, Write};
use std::net::SocketAddr;

use super::*;
use crate::operate::service::health::Readiness;
use crate::operate::service::metrics::Metrics;
use crate::operate::versions::Versions;

/// A listening service; without time for a round, every round is stuck at once.
async fn start(longest_round: Duration, limits: Limits) -> (SocketAddr, Health) {
    let health = Health::new(Metrics::new(&Versions::of_process("")), longest_round, Instant::now());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(serve_within(limits, listener, health.clone()));
    (address, health)
}

/// Everything that is answered to `request`.
fn say(address: SocketAddr, request: &str) -> String {
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    // A connection that is closed while we still write is an end as well.
    let _ = stream.write_all(request.as_bytes());
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8(answer).unwrap()
}

fn request(address: SocketAddr, line: &str) -> String {
    say(address, &format!("{line} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"))
}

const HOUR: Duration = Duration::from_secs(3600);
const READY: Readiness = Readiness { is_store_usable: true, are_folders_watched: true };

#[tokio::test(flavor = "multi_thread")]
async fn the_three_addresses_answer_and_nothing_else_does() {
    let (address, health) = start(HOUR, LIMITS).await;
    assert!(request(address, "GET /healthz").starts_with("HTTP/1.1 200 OK"));
    let unready = request(address, "GET /readyz");
    assert!(unready.starts_with("HTTP/1.1 503") && unready.ends_with("not ready: the store cannot be used\n"));
    health.round_ended(READY, Instant::now());
    assert!(request(address, "GET /readyz").starts_with("HTTP/1.1 200 OK"));
    let metrics = request(address, "GET /metrics");
    assert!(metrics.contains("content-type: application/openmetrics-text"), "{metrics}");
    assert!(metrics.contains("\nrosterd_letters_waiting 0\n") && metrics.ends_with("# EOF\n"), "{metrics}");
    for other in ["GET /", "GET /metrics/", "GET /../etc/passwd", "POST /x"] {
        assert!(request(address, other).starts_with("HTTP/1.1 404"), "{other}");
    }
    for other in ["POST /metrics", "PUT /healthz", "DELETE /readyz"] {
        assert!(request(address, other).starts_with("HTTP/1.1 405"), "{other}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stuck_round_is_told() {
    let (address, _) = start(Duration::ZERO, LIMITS).await;
    for path in ["GET /healthz", "GET /readyz"] {
        let answer = request(address, path);
        assert!(answer.starts_with("HTTP/1.1 503") && answer.contains("stuck: no round has ended"), "{answer}");
    }
    assert!(request(address, "GET /metrics").starts_with("HTTP/1.1 200 OK"));
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_and_too_large_headers_are_refused() {
    let (address, _) = start(HOUR, LIMITS).await;
    let many: String = (0..HEADERS + 1).map(|number| format!("H{number}: x\r\n")).collect();
    let answer = say(address, &format!("GET /healthz HTTP/1.1\r\n{many}\r\n"));
    assert!(answer.starts_with("HTTP/1.1 431"), "{answer}");
    let large = "x".repeat(HEADER_BYTES * 2);
    let answer = say(address, &format!("GET /healthz HTTP/1.1\r\nH: {large}\r\n\r\n"));
    assert!(!answer.contains("200 OK"), "{answer}");
    assert!(request(address, "GET /healthz").contains("200 OK"));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_says_nothing_makes_room_for_the_next() {
    let limits = Limits { connections: 2, header_time: Duration::from_millis(50), ..LIMITS };
    let (address, _) = start(HOUR, limits).await;
    let idle: Vec<_> = (0..limits.connections).map(|_| std::net::TcpStream::connect(address).unwrap()).collect();
    assert!(request(address, "GET /healthz").contains("200 OK"));
    for mut stream in idle {
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(!answer.contains("200 OK"), "{answer}");
    }
}
