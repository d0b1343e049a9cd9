//! `GET /metrics`, `/healthz` and `/readyz` over HTTP, and nothing else. Everything else is 404, and other methods 405.
//!
//! Started by `serve` on its listen address. Answers from [`Health`]; knows no store. Whoever connects gets little room and little time.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::health::Health;
use super::metrics::CONTENT_TYPE;

/// Headers of a request.
const HEADERS: usize = 64;
/// Bytes of a request's headers.
const HEADER_BYTES: usize = 16 << 10;
/// How long accepting rests when the machine has no room for another connection.
const REST: Duration = Duration::from_millis(200);

/// What everybody who connects gets of room and time.
#[derive(Debug, Clone, Copy)]
struct Limits {
    /// Connections at a time; the next one waits.
    connections: usize,
    /// How long a request's headers may take.
    header_time: Duration,
    /// How long a connection may last, whatever is said on it.
    connection_time: Duration,
}

const LIMITS: Limits =
    Limits { connections: 32, header_time: Duration::from_secs(5), connection_time: Duration::from_secs(30) };

/// Answers on `listener` until it is dropped.
pub async fn serve(listener: TcpListener, health: Health) {
    serve_within(LIMITS, listener, health).await;
}

async fn serve_within(limits: Limits, listener: TcpListener, health: Health) {
    let router = router(health);
    let room = Arc::new(Semaphore::new(limits.connections));
    while let Ok(permit) = room.clone().acquire_owned().await {
        match listener.accept().await {
            Ok((stream, _)) => {
                tokio::spawn(converse(limits, stream, router.clone(), permit));
            }
            Err(error) => {
                tracing::debug!(%error, "failed to accept a connection");
                tokio::time::sleep(REST).await;
            }
        }
    }
}

/// One connection, to its end or to the end of its time.
async fn converse(limits: Limits, stream: TcpStream, router: Router, _permit: OwnedSemaphorePermit) {
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header_time)
        .max_headers(HEADERS)
        .max_buf_size(HEADER_BYTES)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    // What goes wrong here is the other side's affair, and it is gone.
    let _ = tokio::time::timeout(limits.connection_time, connection).await;
}

fn router(health: Health) -> Router {
    Router::new()
        .route("/metrics", get(metrics))
        .route("/healthz", get(healthz))
        .route("/readyz", get(readyz))
        .with_state(health)
}

async fn metrics(State(health): State<Health>) -> Response {
    ([(header::CONTENT_TYPE, CONTENT_TYPE)], health.encode()).into_response()
}

async fn healthz(State(health): State<Health>) -> Response {
    verdict(health.is_stuck(Instant::now()))
}

async fn readyz(State(health): State<Health>) -> Response {
    verdict(health.is_unready(Instant::now()))
}

fn verdict(trouble: Option<String>) -> Response {
    match trouble {
        None => (StatusCode::OK, "ok\n").into_response(),
        Some(trouble) => (StatusCode::SERVICE_UNAVAILABLE, trouble + "\n").into_response(),
    }
}

#[cfg(test)]
mod tests;
