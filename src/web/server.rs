//! Serving: the listeners, the threads, and a stop that lets requests in progress finish.

use std::net::{SocketAddr, TcpListener};

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::middleware::{Compress, from_fn};
use actix_web::{HttpResponse, HttpServer, web};
use tokio::signal::unix::{SignalKind, signal};
use tracing_actix_web::TracingLogger;

use super::app::App;
use super::problem::Problem;
use super::{finish, log, routes};
use crate::base::{Error, Message, Result};

/// Serves until SIGTERM or SIGINT, then finishes what is in progress. `ready` is told the address when requests are taken.
pub fn run(app: &App, ready: impl FnOnce(SocketAddr)) -> Result<()> {
    let settings = app.settings();
    let listener = listen(settings.server.listen)?;
    let address = listener.local_addr().map_err(|cause| cannot_listen(settings.server.listen, &cause))?;
    let metrics = settings.metrics.listen.map(listen).transpose()?;
    let served = actix_web::rt::System::new().block_on(serve(app.clone(), listener, metrics, || ready(address)));
    app.stop();
    app.finish_searches();
    served.map_err(|cause| Error::Internal(cause.into()))
}

/// The whole application, in every thread of the server and in tests.
pub fn build(
    app: &App,
) -> actix_web::App<
    impl ServiceFactory<ServiceRequest, Config = (), Response = ServiceResponse<impl MessageBody + use<>>, Error = actix_web::Error, InitError = ()> + use<>,
> {
    let nowhere = || async { Err::<HttpResponse, _>(Problem(Error::NotFound("resource"))) };
    actix_web::App::new()
        .app_data(app.clone())
        .app_data(routes::path_faults())
        .app_data(routes::query_faults())
        .configure(|config| routes::install(&routes::table(), config))
        .default_service(web::to(nowhere))
        .wrap(Compress::default())
        .wrap(from_fn(finish::finish))
        .wrap(TracingLogger::<log::RequestSpan>::new())
}

async fn serve(app: App, listener: TcpListener, metrics: Option<TcpListener>, ready: impl FnOnce()) -> std::io::Result<()> {
    let (shared, settings) = (app.clone(), app.settings().server.clone());
    let mut server = HttpServer::new(move || build(&shared));
    if settings.workers > 0 {
        server = server.workers(settings.workers);
    }
    let server = server.disable_signals().shutdown_timeout(settings.stop_seconds).listen(listener)?.run();
    let inner = metrics.map(|listener| serve_metrics(app.clone(), listener)).transpose()?;
    let (handle, inner_handle) = (server.handle(), inner.as_ref().map(|inner| inner.handle()));
    if let Some(inner) = inner {
        actix_web::rt::spawn(inner);
    }
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let mut stopping = app.stopping();
    actix_web::rt::spawn(async move {
        tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {}, _ = stopping.wait_for(|stopping| *stopping) => {} }
        tracing::info!("stopping");
        app.stop();
        if let Some(inner) = inner_handle {
            inner.stop(false).await;
        }
        handle.stop(true).await;
    });
    ready();
    server.await
}

fn serve_metrics(app: App, listener: TcpListener) -> std::io::Result<actix_web::dev::Server> {
    let answer = move || {
        let app = app.clone();
        async move { HttpResponse::Ok().content_type("text/plain; version=0.0.4").body(app.metrics().text()) }
    };
    let server = HttpServer::new(move || actix_web::App::new().route("/metrics", web::get().to(answer.clone())));
    Ok(server.workers(1).disable_signals().listen(listener)?.run())
}

fn listen(address: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(address).map_err(|cause| cannot_listen(address, &cause))
}

fn cannot_listen(address: SocketAddr, cause: &std::io::Error) -> Error {
    Error::Unavailable(Message::new("cannot_listen").with("address", address).with("cause", cause.kind()))
}
