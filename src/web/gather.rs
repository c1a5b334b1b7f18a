//! What is asked at the same moment is done together: whoever asks while the last group is at work is of the next. A busy server so does by sets
//! what it would do one by one, and a quiet one waits for nobody.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, mpsc};

use tokio::sync::oneshot;

use crate::base::{Error, Result};

/// At most so many in one group, so that the first of them does not wait long for the last.
const LARGEST_GROUP: usize = 64;

/// Threads that do things of one kind in groups. They end when the last handle is dropped.
pub struct Gatherer<A, R>(mpsc::Sender<Asked<A, R>>);

struct Asked<A, R> {
    what: A,
    reply: oneshot::Sender<Result<R>>,
}

impl<A: Send + 'static, R: Send + 'static> Gatherer<A, R> {
    /// Starts so many threads; while one of two waits for the disk the other is at work. `work` answers each of a group, in their order.
    pub fn start(name: &str, threads: usize, work: impl Fn(Vec<A>) -> Vec<Result<R>> + Clone + Send + 'static) -> Result<Self> {
        let (sender, queue) = mpsc::channel::<Asked<A, R>>();
        let queue = Arc::new(Mutex::new(queue));
        for _ in 0..threads {
            let (queue, work) = (Arc::clone(&queue), work.clone());
            let run = move || Self::run(&queue, &work);
            std::thread::Builder::new().name(name.to_owned()).spawn(run).map_err(|cause| Error::Internal(cause.into()))?;
        }
        Ok(Self(sender))
    }

    fn run(queue: &Mutex<mpsc::Receiver<Asked<A, R>>>, work: &impl Fn(Vec<A>) -> Vec<Result<R>>) {
        while let Some((whats, replies)) = Self::group(queue) {
            // A panic must not take down whoever asks next; those of this group find nobody who answers.
            let answers = catch_unwind(AssertUnwindSafe(|| work(whats))).unwrap_or_default();
            for (reply, answer) in replies.into_iter().zip(answers) {
                // Whoever asked may have gone away; what was done is done.
                let _ = reply.send(answer);
            }
        }
    }

    /// Those who ask now, or the next who does; none when nobody can ask any more.
    fn group(queue: &Mutex<mpsc::Receiver<Asked<A, R>>>) -> Option<(Vec<A>, Vec<oneshot::Sender<Result<R>>>)> {
        let queue = queue.lock().ok()?;
        let first = queue.recv().ok()?;
        let group = std::iter::once(first).chain(queue.try_iter()).take(LARGEST_GROUP);
        Some(group.map(|asked| (asked.what, asked.reply)).unzip())
    }

    /// Waits for the answer to one.
    pub async fn ask(&self, what: A) -> Result<R> {
        let (reply, answer) = oneshot::channel();
        let gone = || Error::Internal(anyhow::anyhow!("nobody answers what was gathered"));
        self.0.send(Asked { what, reply }).map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[actix_web::test]
    async fn whoever_asks_meanwhile_is_of_the_next_group() {
        let (started, starts) = mpsc::channel();
        let (open, door) = mpsc::channel::<()>();
        let door = Arc::new(Mutex::new(door));
        let work = move |group: Vec<i32>| {
            started.send(()).unwrap();
            door.lock().unwrap().recv().unwrap();
            let n = group.len();
            group.into_iter().map(|one| if one == 13 { Err(Error::NotFound("luck")) } else { Ok((one, n)) }).collect()
        };
        let gatherer = Gatherer::start("test", 1, work).unwrap();
        let at_work = async {
            starts.recv().unwrap();
        };
        let opened = async {
            open.send(()).unwrap();
            open.send(()).unwrap();
        };
        // They ask in this order; the door opens when all have.
        let (alone, (), second, unlucky, last, ()) = tokio::join!(gatherer.ask(1), at_work, gatherer.ask(2), gatherer.ask(13), gatherer.ask(4), opened);
        assert_eq!((alone.unwrap(), second.unwrap(), last.unwrap()), ((1, 1), (2, 3), (4, 3)));
        assert!(matches!(unlucky, Err(Error::NotFound("luck"))), "one that fails takes no other with it");
    }

    #[actix_web::test]
    async fn a_panic_is_told_and_the_next_are_answered() {
        let gatherer =
            Gatherer::start("test", 1, |group: Vec<i32>| group.into_iter().map(|one| if one < 0 { panic!("below zero") } else { Ok(one) }).collect());
        let gatherer = gatherer.unwrap();
        assert!(matches!(gatherer.ask(-1).await, Err(Error::Internal(_))));
        assert_eq!(gatherer.ask(7).await.unwrap(), 7);
    }
}
