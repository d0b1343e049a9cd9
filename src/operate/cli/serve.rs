//! `rosterd serve`: the daemon. Starts the service, and says when it is to end or to read its settings anew.
//!
//! Called by `cli::main`. Knows signals; what the service does, `operate::service` knows.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::Notify;

use super::context::Context;
use super::failure::Failure;
use super::output::{self, exit};
use crate::operate::service::clock::Clock;
use crate::operate::service::config::{ListenAddress, ServeSettings, read_serve_settings};
use crate::operate::service::lock::ServeLock;
use crate::operate::service::serve::{Crew, Service, home_of};
use crate::operate::service::{http, systemd};
use crate::store::Store;

/// The service's settings in the file that was named, or the defaults.
pub fn settings(config: Option<&Path>) -> Result<ServeSettings, Failure> {
    Ok(config.map(read_serve_settings).transpose()?.unwrap_or_default())
}

/// Runs the command.
pub fn run(context: &Context, config: Option<&Path>) -> Result<u8, Failure> {
    let settings = settings(config)?;
    // Nobody watches a service: what it did is logged without being asked for.
    output::start_logging(context.common.verbose.saturating_add(1), context.common.quiet, settings.log);
    let store = context.store()?;
    let home = home_of(&store);
    let lock = ServeLock::take(&home).map_err(|error| Failure::ours(&error))?;
    let Some(_lock) = lock else {
        return Err(Failure::usage(format!(
            "another rosterd serves {} already; `rosterd status` tells how it is",
            context.common.store
        )));
    };
    let clock = context.common.now.map_or(Clock::OfMachine, Clock::set_to);
    let service = Arc::new(Service::new(
        context.common.store.clone(),
        context.schemas()?,
        clock,
        settings,
        config.map(Into::into),
    ));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(|error| Failure::ours(&error))?.block_on(serve(context, &service))
}

/// Until a signal ends it, or a part of it is over that should not be.
async fn serve(context: &Context, service: &Arc<Service>) -> Result<u8, Failure> {
    let mut signals = Signals::listen().map_err(|error| Failure::ours(&error))?;
    listen(service).await?;
    let broken = Arc::new(Notify::new());
    let crew = Crew::start(service, {
        let broken = broken.clone();
        move || broken.notify_one()
    })?;
    tracing::info!(version = env!("CARGO_PKG_VERSION"), "the service is at work");
    context.output.note(&format!("rosterd serves {}; end it with Ctrl-C", context.common.store));
    systemd::ready("at work");
    tokio::spawn(systemd::keep_alive(service.health.clone()));
    let code = loop {
        tokio::select! {
            () = broken.notified() => break exit::FAILED,
            is_end = signals.next() => match is_end {
                true => break exit::DONE,
                false => reload(service),
            },
        }
    };
    systemd::stopping();
    service.end();
    if !crew.wait() {
        tracing::warn!("what is under way is not waited for any longer; the next start does it again");
    }
    tracing::info!("the service has ended");
    Ok(code)
}

/// Answers over HTTP where the settings say so.
async fn listen(service: &Service) -> Result<(), Failure> {
    let Some(ListenAddress(address)) = service.settings().listen else { return Ok(()) };
    let listener = TcpListener::bind(address).await.map_err(|error| {
        Failure::usage(format!(
            "serve.listen: nobody can listen on {address}: {error}; name another address, or \"\" for none"
        ))
    })?;
    tokio::spawn(http::serve(listener, service.health.clone()));
    Ok(())
}

/// Takes the settings over as they are now. Wrong ones are refused as a whole.
fn reload(service: &Service) {
    systemd::reloading();
    take_over(service);
    systemd::ready("at work");
}

fn take_over(service: &Service) {
    match settings(service.config.as_deref()) {
        Ok(settings) => {
            service.reload(settings);
            note_config_error(service, "");
            tracing::info!("the settings were read anew");
        }
        Err(failure) => {
            service.is_config_refused.store(true, Ordering::Relaxed);
            service.bell.ring();
            note_config_error(service, &failure.message);
            tracing::error!(error = %failure.message, "the changed settings are wrong; those of before stay");
        }
    }
}

/// For `rosterd status`, which another process asks. The log has it in any case.
fn note_config_error(service: &Service, error: &str) {
    let noted = Store::open(&service.store).and_then(|store| store.put_service_note("config_error", error));
    noted.inspect_err(|error| tracing::debug!(%error, "a note could not be made")).ok();
}

/// The signals that mean something.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hang_up: Signal,
}

impl Signals {
    fn listen() -> std::io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hang_up: signal(SignalKind::hangup())?,
        })
    }

    /// The next one: whether it is to end the service; otherwise the settings are to be read anew.
    async fn next(&mut self) -> bool {
        tokio::select! {
            _ = self.terminate.recv() => true,
            _ = self.interrupt.recv() => true,
            _ = self.hang_up.recv() => false,
        }
    }
}
