//! What a system is sent instead of a letter: one JSON document, signed by HMAC-SHA256 so that it can be told from a forgery and, by its
//! instant, from a replay. The signature is `t=UNIX,v1=HEX`, where HEX is the HMAC of `UNIX.BODY` under the address's secret.

use base16ct::lower;
use hmac::Mac;
use serde::Serialize;

use super::model::{Address, News, Notice};
use crate::access::{self, Keyring};
use crate::base::{Error, Id, Result, time};

#[derive(Serialize)]
struct Body<'b> {
    id: Id<Notice>,
    created_at: String,
    news: &'b News,
}

/// The document of a notice.
pub fn document(notice: &Notice) -> Result<String> {
    let body = Body { id: notice.id, created_at: time::in_shanghai(notice.created_at), news: &notice.news };
    serde_json::to_string(&body).map_err(|fault| Error::Internal(fault.into()))
}

/// The secret that requests to an address are signed with. It follows from the installation's keys, so it is kept nowhere.
pub fn secret_of(keyring: &Keyring, address: Id<Address>) -> String {
    let secret = keyring.blind_index("notice_addresses.secret").of(address.uuid().as_bytes());
    lower::encode_string(&secret)
}

/// The signature of a document sent at `at`, in seconds since 1970.
pub fn sign(secret: &str, at: i64, body: &str) -> String {
    let mut mac = access::keyed(secret.as_bytes());
    mac.update(format!("{at}.{body}").as_bytes());
    let signature = lower::encode_string(&mac.finalize().into_bytes());
    format!("t={at},v1={signature}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::IdSource;

    #[test]
    fn a_signature_is_what_any_hmac_tool_makes_of_the_same() {
        // printf '1600000000.{}' | openssl dgst -sha256 -hmac secret
        assert_eq!(sign("secret", 1_600_000_000, "{}"), "t=1600000000,v1=1e56a11da123b137c26fa37b7c222060bdf22988aa9b3248c31244f8b2ef4a28");
        assert_ne!(sign("secret", 1_600_000_000, "{}"), sign("other", 1_600_000_000, "{}"));
    }

    #[test]
    fn every_address_has_a_secret_of_its_own_that_stays() {
        let keyring = Keyring::generate(&IdSource::seeded(1));
        let [one, other] = [1, 2].map(|n| Id::from_uuid(uuid::Uuid::from_u128(n)));
        assert_eq!(secret_of(&keyring, one), secret_of(&keyring.clone().rotated(&IdSource::seeded(2)), one));
        assert_ne!(secret_of(&keyring, one), secret_of(&keyring, other));
        assert_eq!(secret_of(&keyring, one).len(), 32);
    }
}
