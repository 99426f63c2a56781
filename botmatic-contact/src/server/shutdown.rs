//! Ending without cutting anybody off, and without waiting for ever.

use std::future::{Future, IntoFuture};
use std::io;
use std::time::Duration;

use axum::extract::Request;
use axum::{Router, ServiceExt};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tower::util::MapRequest;

/// Serves until `end`; then takes no new connection, answers what is in flight, and gives up on it after `grace`.
pub(super) async fn serve<F: FnMut(Request) -> Request + Clone + Send + 'static>(
    listener: TcpListener,
    app: MapRequest<Router, F>,
    end: impl Future<Output = ()> + Send + 'static,
    grace: Duration,
) -> io::Result<()> {
    let (ending, ended) = oneshot::channel();
    let end = async move {
        end.await;
        let _ = ending.send(());
    };
    let patience = async {
        match ended.await {
            Ok(()) => tokio::time::sleep(grace).await,
            // The server came to an end by itself and says so.
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        served = axum::serve(listener, app.into_make_service()).with_graceful_shutdown(end).into_future() => served,
        () = patience => {
            tracing::warn!(?grace, "some calls were not answered in time");
            Ok(())
        }
    }
}

/// Listens from now on for the process being asked to end: by SIGTERM, or by Ctrl-C. The future comes to an end when it
/// is. For [`serve_with`](crate::Service::serve_with); [`serve`](crate::Service::serve) does so by itself.
///
/// Has to be called within a tokio runtime, and best before anybody is told that the service is there. Where signals
/// cannot be heard, that is logged, and the future never comes to an end.
///
/// ```no_run
/// # use axum::Router;
/// # use botmatic_contact::{Integration, Service, asked_to_end};
/// # use tokio::net::TcpListener;
/// # async fn run<I: Integration>(service: Service<I>, routes: Router) -> botmatic_contact::Result<()> {
/// # let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
/// let end = asked_to_end();
/// println!("ready");
/// service.serve_with(listener, routes, end).await
/// # }
/// ```
#[cfg(unix)]
pub fn asked_to_end() -> impl Future<Output = ()> + Send + 'static {
    use tokio::signal::unix::{Signal, SignalKind, signal};

    async fn received(signal: io::Result<Signal>) {
        match signal {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(error) => {
                tracing::error!(%error, "cannot listen for a signal");
                std::future::pending::<()>().await;
            }
        }
    }

    let (terminate, interrupt) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()));
    async move {
        tokio::select! {
            () = received(terminate) => {}
            () = received(interrupt) => {}
        }
        tracing::info!("asked to end");
    }
}

/// The future comes to an end when the process is asked to, by Ctrl-C. For
/// [`serve_with`](crate::Service::serve_with); [`serve`](crate::Service::serve) does so by itself.
#[cfg(not(unix))]
pub async fn asked_to_end() {
    if let Err(error) = tokio::signal::ctrl_c().await {
        tracing::error!(%error, "cannot listen for Ctrl-C");
        std::future::pending::<()>().await;
    }
    tracing::info!("asked to end");
}
