//! A body that is written while it is being read, so that a long list or a stream without an end stays small in memory.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::body::{BodySize, MessageBody};
use actix_web::web::Bytes;
use tokio::sync::mpsc;

/// The reading end; the body ends when the writing end is dropped.
pub struct Pipe(mpsc::Receiver<Bytes>);

/// Makes both ends. The writer waits when the reader is slow, and learns when the reader has gone.
pub fn pipe() -> (mpsc::Sender<Bytes>, Pipe) {
    let (sender, receiver) = mpsc::channel(4);
    (sender, Pipe(receiver))
}

impl MessageBody for Pipe {
    type Error = Infallible;

    fn size(&self) -> BodySize {
        BodySize::Stream
    }

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Infallible>>> {
        self.0.poll_recv(cx).map(|part| part.map(Ok))
    }
}
