//! Sending what is in the outbox: mail by SMTP, to systems by signed requests. Each notice is claimed, sent and marked, so that it is sent again
//! under the same id only if a node dies between the other side's taking it and its mark.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use lettre::message::header::{Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::transport::smtp::response::Category;
use lettre::{AsyncSmtpTransport, AsyncTransport, Message as Mail, Tokio1Executor};
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

use crate::access::Keyring;
use crate::base::{Error, Language, Message, Result};
use crate::bulletin::{self, Channel, Failure, Notice};
use crate::config;
use crate::db::Db;
use crate::places::Organisations;

/// How many are on their way at once.
const AT_ONCE: u32 = 16;

/// How many batches one round sends at the most, so that other work is not kept waiting by a long outbox.
const BATCHES: usize = 20;

/// How long a system may take to answer a request.
const WEBHOOK_TIMEOUT: Duration = Duration::from_secs(20);

type Transport = AsyncSmtpTransport<Tokio1Executor>;

/// What sends notices.
pub(super) struct Sender {
    runtime: Runtime,
    mailer: Option<Arc<Mailer>>,
    agent: ureq::Agent,
    keyring: Arc<Keyring>,
    link: Option<String>,
}

/// The way to the mail server, its connections kept open between mails.
struct Mailer {
    transport: Transport,
    from: Mailbox,
    timeout: Duration,
}

/// `Auto-Submitted` (RFC 3834): no absence message answers a mail that nobody wrote.
#[derive(Clone)]
struct AutoSubmitted(String);

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(text: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self(text.to_owned()))
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), self.0.clone())
    }
}

impl Sender {
    /// Prepares to send; connects to nobody yet.
    ///
    /// # Errors
    /// Invalid: a mail setting that cannot be used, by its path.
    pub(super) fn new(settings: &config::Mail, keyring: Arc<Keyring>) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|cause| Error::Internal(cause.into()))?;
        let mailer = {
            // The pool of connections starts its housekeeping on the runtime.
            let _within = runtime.enter();
            settings.host.as_deref().map(|host| Mailer::new(host, settings)).transpose()?.map(Arc::new)
        };
        let agent = super::http_agent(WEBHOOK_TIMEOUT);
        Ok(Self { runtime, mailer, agent, keyring, link: settings.link.clone() })
    }

    /// Sends what is due; mails call organisations as these do.
    pub(super) fn send_due(&self, db: &Db, organisations: &Organisations) -> Result<()> {
        let channels: &[Channel] = if self.mailer.is_some() { &[Channel::Mail, Channel::Webhook] } else { &[Channel::Webhook] };
        for _ in 0..BATCHES {
            let claimed = db.write(move |tx| bulletin::claim(tx, channels, AT_ONCE))?;
            if claimed.is_empty() {
                break;
            }
            self.runtime.block_on(self.send_all(db, organisations, claimed))?;
        }
        Ok(())
    }

    /// Sends all at once and marks each as soon as the other side has taken it.
    async fn send_all(&self, db: &Db, organisations: &Organisations, claimed: Vec<Notice>) -> Result<()> {
        let mut on_their_way = JoinSet::new();
        for notice in claimed {
            let now = db.clock().now().timestamp();
            match (notice.address.channel, &self.mailer) {
                (Channel::Mail, Some(mailer)) => {
                    let (mailer, mail) = (Arc::clone(mailer), self.mail(mailer, organisations, &notice));
                    on_their_way.spawn(async move { (notice, mailer.send(mail).await) });
                }
                (Channel::Mail, None) => {}
                (Channel::Webhook, _) => {
                    let (agent, secret) = (self.agent.clone(), bulletin::secret_of(&self.keyring, notice.address.id));
                    on_their_way.spawn_blocking(move || {
                        let outcome = call(&agent, &notice, &secret, now);
                        (notice, outcome)
                    });
                }
            }
        }
        while let Some(done) = on_their_way.join_next().await {
            let (notice, outcome) = done.map_err(|cause| Error::Internal(cause.into()))?;
            if let Err(failure) = &outcome {
                tracing::warn!(notice = %notice.id, attempts = notice.attempts, cause = failure.cause, "a notice was not taken");
            }
            db.write(move |tx| match &outcome {
                Ok(()) => bulletin::sent(tx, notice.id),
                Err(failure) => bulletin::failed(tx, &notice, failure),
            })?;
        }
        Ok(())
    }

    /// The mail of a notice: the same, and under the same Message-ID, however often it is sent.
    fn mail(&self, mailer: &Mailer, organisations: &Organisations, notice: &Notice) -> Result<Mail, Failure> {
        let letter = bulletin::compose(&notice.news, notice.address.language, organisations, self.link.as_deref()).map_err(unwritten)?;
        let mail = Mail::builder()
            .from(mailer.from.clone())
            .to(notice.address.target.as_str().parse().map_err(unwritten)?)
            .subject(letter.subject)
            .date(SystemTime::from(notice.created_at))
            .message_id(Some(format!("<{}@{}>", notice.id, mailer.from.email.domain())))
            .header(AutoSubmitted("auto-generated".into()));
        mail.multipart(MultiPart::alternative_plain_html(letter.text, letter.html)).map_err(unwritten)
    }
}

/// The connections are closed on the runtime that they live on.
impl Drop for Sender {
    fn drop(&mut self) {
        let _within = self.runtime.enter();
        self.mailer = None;
    }
}

impl Mailer {
    fn new(host: &str, settings: &config::Mail) -> Result<Self> {
        let wrong = |path: &str, cause: &dyn std::fmt::Display| Error::invalid(path, Message::new("mail_setting_wrong").with("cause", cause));
        let from = settings.from.parse().map_err(|cause| wrong("mail.from", &cause))?;
        let mut tls = TlsParameters::builder(host.to_owned());
        if let Some(file) = &settings.root_certificates {
            let pem = std::fs::read(file).map_err(|cause| wrong("mail.root_certificates", &cause))?;
            tls = tls.add_root_certificate(Certificate::from_pem(&pem).map_err(|cause| wrong("mail.root_certificates", &cause))?);
        }
        let tls = tls.build().map_err(|cause| wrong("mail.tls", &cause))?;
        let tls = match settings.tls {
            config::Tls::None => Tls::None,
            config::Tls::Starttls => Tls::Required(tls),
            config::Tls::Implicit => Tls::Wrapper(tls),
        };
        let timeout = Duration::from_secs(settings.timeout_seconds);
        let mut transport = Transport::builder_dangerous(host).port(settings.port).tls(tls).timeout(Some(timeout));
        if let Some((user, password)) = settings.user.clone().zip(settings.password.as_ref()) {
            transport = transport.credentials(Credentials::new(user, password.expose().to_owned()));
        }
        Ok(Self { transport: transport.build(), from, timeout })
    }

    async fn send(&self, mail: Result<Mail, Failure>) -> Result<(), Failure> {
        // The transport's own timeout does not bound a server that takes its time over the data.
        match tokio::time::timeout(self.timeout, self.transport.send(mail?)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(cause)) => Err(refused(&cause)),
            Err(_) => {
                let message = Message::new("mail_timed_out").with("seconds", self.timeout.as_secs());
                Err(Failure { cause: message.text(Language::En), is_final: false })
            }
        }
    }
}

/// A refusal is final only if it is about this mail: that we may not sign in, or that nobody answers, will be put right.
fn refused(cause: &lettre::transport::smtp::Error) -> Failure {
    let is_about_mail = cause.status().is_some_and(|code| code.category == Category::MailSystem);
    let reasons: Vec<String> = std::iter::successors(Some(cause as &dyn std::error::Error), |error| error.source()).map(ToString::to_string).collect();
    Failure { cause: reasons.join(": "), is_final: cause.is_permanent() && is_about_mail }
}

/// A mail that cannot be written will not be written the next time either.
fn unwritten(cause: impl std::fmt::Display) -> Failure {
    Failure { cause: cause.to_string(), is_final: true }
}

/// Sends a notice to a system. 2xx takes it; 410 says that nobody will ever.
fn call(agent: &ureq::Agent, notice: &Notice, secret: &str, at: i64) -> Result<(), Failure> {
    let body = bulletin::document(notice).map_err(unwritten)?;
    let request = agent
        .post(notice.address.target.as_str())
        .header("Content-Type", "application/json")
        .header("Idempotency-Key", notice.id.to_string())
        .header("Jiezhuan-Signature", bulletin::sign(secret, at, &body));
    match request.send(&body) {
        Ok(response) if response.status().is_success() => Ok(()),
        Ok(response) => Err(Failure { cause: response.status().to_string(), is_final: response.status().as_u16() == 410 }),
        Err(cause) => Err(Failure { cause: cause.to_string(), is_final: false }),
    }
}
