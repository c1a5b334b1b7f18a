//! Identities sealed at rest. Each person has a data key of their own, which the newest key of the [`Keyring`] wraps:
//! rotation wraps anew and leaves the texts alone; destroying the wrapped key destroys, at once and for good, everything that
//! was sealed under it. XChaCha20-Poly1305 throughout: random nonces are long enough never to meet twice.
//!
//! Every sealed value is bound to its column and row, so one that is moved to another row does not open. What is sealed, and
//! where keys are kept, is not known here.

use std::collections::BTreeMap;
use std::fmt;

use anyhow::anyhow;
use base64ct::{Base64, Encoding};
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac};
use serde::Deserialize;
use sha2::Sha256;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::base::{Error, IdSource, Message, Result};

const NONCE: usize = 24;
const KEY_ID: usize = 4;

type Key = Zeroizing<[u8; 32]>;

/// The keys of an installation, by number; the newest seals, any of them opens.
#[derive(Clone)]
pub struct Keyring {
    newest: u32,
    keys: BTreeMap<u32, Key>,
    index: Key,
}

/// The key of one person, unwrapped.
pub struct DataKey(Key);

/// Where a sealed value lives. It opens nowhere else.
#[derive(Debug, Clone, Copy)]
pub struct Cell {
    /// `table.column`.
    pub column: &'static str,
    /// The id of the row.
    pub row: Uuid,
}

impl Keyring {
    /// A ring with one key, for a first start.
    pub fn generate(chance: &IdSource) -> Self {
        Self { newest: 1, keys: BTreeMap::from([(1, Key::new(chance.bytes()))]), index: Key::new(chance.bytes()) }
    }

    /// The same ring with one more key, which seals from now on.
    #[must_use]
    pub fn rotated(mut self, chance: &IdSource) -> Self {
        self.newest = self.keys.last_key_value().map_or(1, |(id, _)| id + 1);
        self.keys.insert(self.newest, Key::new(chance.bytes()));
        self
    }

    /// Reads a keys file: `newest = 1`, `index = "…"`, and `[[key]]` tables with `id` and `secret`; secrets are 32 bytes in
    /// base64. What is wrong is said without quoting the file.
    pub fn parse(text: &str) -> Result<Self, Message> {
        let bad = |reason: &str| Message::new("bad_keys_file").with("reason", reason);
        let file: KeysFile = toml::from_str(text).map_err(|fault| {
            let line = fault.span().map_or(1, |span| 1 + text[..span.start.min(text.len())].matches('\n').count());
            bad("not_toml").with("line", line)
        })?;
        let mut keys = BTreeMap::new();
        for key in &file.key {
            if keys.insert(key.id, secret(&key.secret).ok_or_else(|| bad("bad_secret"))?).is_some() {
                return Err(bad("twice"));
            }
        }
        if !keys.contains_key(&file.newest) {
            return Err(bad("no_newest"));
        }
        Ok(Self { newest: file.newest, keys, index: secret(&file.index).ok_or_else(|| bad("bad_secret"))? })
    }

    /// The text of a keys file, which [`Keyring::parse`] reads. It holds every secret: it is written only where nobody else
    /// reads.
    pub fn to_text(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(format!("newest = {}\nindex = \"{}\"\n", self.newest, Base64::encode_string(self.index.as_ref())));
        for (id, key) in &self.keys {
            text.push_str(&format!("\n[[key]]\nid = {id}\nsecret = \"{}\"\n", Base64::encode_string(key.as_ref())));
        }
        text
    }

    /// The number of the key that seals now.
    pub fn newest(&self) -> u32 {
        self.newest
    }

    /// Makes a key for the person `owner`, and its wrapped form to store: key id, nonce and ciphertext, 76 bytes.
    pub fn new_key(&self, owner: Uuid, chance: &IdSource) -> Result<(DataKey, Vec<u8>)> {
        let key = DataKey(Key::new(chance.bytes()));
        let wrapped = self.wrap(owner, &key, chance)?;
        Ok((key, wrapped))
    }

    /// Unwraps the stored key of `owner`.
    ///
    /// # Errors
    /// Unavailable if the key that wrapped it is not in the ring; internal if it was changed or belongs to another.
    pub fn unwrap(&self, owner: Uuid, wrapped: &[u8]) -> Result<DataKey> {
        let cell = wrapping(owner);
        let id = key_id(wrapped).ok_or_else(|| anyhow!("{cell}: no wrapped key"))?;
        let key = unlock(self.keys.get(&id).ok_or_else(|| missing(id))?, cell, &wrapped[KEY_ID..])?;
        let key: [u8; 32] = key.as_slice().try_into().map_err(|_| anyhow!("{cell}: the wrapped key is not 32 bytes long"))?;
        Ok(DataKey(Key::new(key)))
    }

    /// Wraps the stored key of `owner` anew under the newest key; none if it already is.
    pub fn rewrap(&self, owner: Uuid, wrapped: &[u8], chance: &IdSource) -> Result<Option<Vec<u8>>> {
        if key_id(wrapped) == Some(self.newest) { Ok(None) } else { self.wrap(owner, &self.unwrap(owner, wrapped)?, chance).map(Some) }
    }

    /// Tells this installation's keys from another's without telling anything of them. Rotation keeps it.
    pub fn fingerprint(&self) -> [u8; 16] {
        self.blind_index("keyring").of("fingerprint")
    }

    /// A secret for another purpose, which follows from the ring and stays when it is rotated.
    pub(super) fn derived(&self, purpose: &str) -> [u8; 32] {
        keyed(self.index.as_ref()).chain_update(b"derived\0").chain_update(purpose).finalize().into_bytes().into()
    }

    /// Prepares the keyed hash by which `column` is searched for equal values.
    pub fn blind_index(&self, column: &str) -> BlindIndex {
        let key = keyed(self.index.as_ref()).chain_update(b"blind index\0").chain_update(column).finalize().into_bytes();
        BlindIndex(keyed(&key))
    }

    fn wrap(&self, owner: Uuid, key: &DataKey, chance: &IdSource) -> Result<Vec<u8>> {
        let newest = self.keys.get(&self.newest).ok_or_else(|| missing(self.newest))?;
        Ok([self.newest.to_be_bytes().as_slice(), &lock(newest, wrapping(owner), key.0.as_ref(), chance)?].concat())
    }
}

impl DataKey {
    /// Seals `plain` for `cell`: nonce and ciphertext, 40 bytes more than what was sealed.
    pub fn seal(&self, cell: Cell, plain: &[u8], chance: &IdSource) -> Result<Vec<u8>> {
        lock(&self.0, cell, plain, chance)
    }

    /// Opens what was sealed for `cell`.
    ///
    /// # Errors
    /// Internal if the value was changed or moved.
    pub fn open(&self, cell: Cell, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
        unlock(&self.0, cell, sealed)
    }
}

/// A keyed hash of one column: equal values have equal hashes, and without the key a hash tells nothing.
#[derive(Clone)]
pub struct BlindIndex(Hmac<Sha256>);

impl BlindIndex {
    /// The hash of a value, which must have been brought into its one normal form before.
    pub fn of(&self, normalised: impl AsRef<[u8]>) -> [u8; 16] {
        let whole: [u8; 32] = self.0.clone().chain_update(normalised).finalize().into_bytes().into();
        std::array::from_fn(|n| whole[n])
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KeysFile {
    newest: u32,
    index: Zeroizing<String>,
    key: Vec<KeyEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyEntry {
    id: u32,
    secret: Zeroizing<String>,
}

fn secret(text: &str) -> Option<Key> {
    let mut key = Key::new([0; 32]);
    let length = Base64::decode(text.trim(), key.as_mut()).ok()?.len();
    (length == 32).then_some(key)
}

fn key_id(wrapped: &[u8]) -> Option<u32> {
    wrapped.first_chunk::<KEY_ID>().map(|id| u32::from_be_bytes(*id))
}

fn wrapping(owner: Uuid) -> Cell {
    Cell { column: "key", row: owner }
}

fn missing(id: u32) -> Error {
    Error::Unavailable(Message::new("sealing_key_missing").with("key", id))
}

/// HMAC-SHA256 under a key, nothing fed to it yet.
pub fn keyed(key: &[u8]) -> Hmac<Sha256> {
    #[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
    Hmac::new_from_slice(key).expect("HMAC takes any key")
}

fn lock(key: &Key, cell: Cell, plain: &[u8], chance: &IdSource) -> Result<Vec<u8>> {
    let nonce = chance.bytes::<NONCE>();
    let text = cipher(key).encrypt(&XNonce::from(nonce), Payload { msg: plain, aad: &cell.bytes() }).map_err(|_| anyhow!("{cell}: too long to seal"))?;
    Ok([nonce.as_slice(), &text].concat())
}

fn unlock(key: &Key, cell: Cell, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
    let (nonce, text) = sealed.split_first_chunk::<NONCE>().ok_or_else(|| anyhow!("{cell}: the sealed value is cut off"))?;
    let plain = cipher(key).decrypt(&XNonce::from(*nonce), Payload { msg: text, aad: &cell.bytes() });
    Ok(Zeroizing::new(plain.map_err(|_| anyhow!("{cell}: the sealed value was changed or moved"))?))
}

fn cipher(key: &Key) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new((&**key).into())
}

impl Cell {
    fn bytes(self) -> Vec<u8> {
        [self.column.as_bytes(), b":", self.row.as_bytes()].concat()
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.column, self.row)
    }
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keyring(newest {}, {} keys)", self.newest, self.keys.len())
    }
}

impl fmt::Debug for DataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DataKey(…)")
    }
}

impl fmt::Debug for BlindIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BlindIndex(…)")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::base::Language;

    const OWNER: Uuid = Uuid::from_u128(7);
    const CELL: Cell = Cell { column: "travellers.identity", row: OWNER };

    fn ring() -> (Keyring, IdSource) {
        let chance = IdSource::seeded(1);
        (Keyring::generate(&chance), chance)
    }

    #[test]
    fn what_was_sealed_opens_and_does_not_show() {
        let (ring, chance) = ring();
        let plain = "张小伟 E12341660".as_bytes();
        let (key, wrapped) = ring.new_key(OWNER, &chance).unwrap();
        let sealed = key.seal(CELL, plain, &chance).unwrap();
        assert_eq!(*ring.unwrap(OWNER, &wrapped).unwrap().open(CELL, &sealed).unwrap(), plain);
        assert_eq!((wrapped.len(), sealed.len()), (76, plain.len() + 40));
        assert!(!sealed.windows(5).any(|part| part == b"E1234"));
        assert_ne!(key.seal(CELL, plain, &chance).unwrap(), sealed, "equal identities do not look equal");
        assert_eq!(format!("{key:?}"), "DataKey(…)");
    }

    #[test]
    fn a_value_moved_to_another_row_or_column_does_not_open() {
        let (ring, chance) = ring();
        let other = Uuid::from_u128(8);
        let (key, wrapped) = ring.new_key(OWNER, &chance).unwrap();
        let sealed = key.seal(CELL, b"somebody", &chance).unwrap();
        for moved in [Cell { row: other, ..CELL }, Cell { column: "travellers.phone", ..CELL }] {
            assert!(matches!(key.open(moved, &sealed), Err(Error::Internal(_))));
        }
        assert!(ring.unwrap(other, &wrapped).is_err());
        assert!(ring.new_key(other, &chance).unwrap().0.open(CELL, &sealed).is_err());
    }

    #[test]
    fn rotation_wraps_the_data_key_anew_and_leaves_the_text_alone() {
        let (ring, chance) = ring();
        let (key, wrapped) = ring.new_key(OWNER, &chance).unwrap();
        let sealed = key.seal(CELL, b"somebody", &chance).unwrap();
        let rotated = ring.clone().rotated(&chance);
        assert_eq!(rotated.newest(), 2);
        assert_eq!(*rotated.unwrap(OWNER, &wrapped).unwrap().open(CELL, &sealed).unwrap(), b"somebody", "an older key still opens");
        let wrapped = rotated.rewrap(OWNER, &wrapped, &chance).unwrap().expect("it was under key 1");
        assert_eq!(*rotated.unwrap(OWNER, &wrapped).unwrap().open(CELL, &sealed).unwrap(), b"somebody");
        assert_eq!(rotated.rewrap(OWNER, &wrapped, &chance).unwrap(), None, "nothing is left to do");
        let Err(Error::Unavailable(message)) = ring.unwrap(OWNER, &wrapped) else { panic!("key 2 is not in the old ring") };
        assert_eq!(message.text(Language::En), "Key 2 is not in the keys file, so what it sealed cannot be opened. Add it and try again.");
    }

    #[test]
    fn a_keys_file_reads_back_what_was_written() {
        let (ring, chance) = ring();
        let ring = ring.rotated(&chance);
        let (key, wrapped) = ring.new_key(OWNER, &chance).unwrap();
        let sealed = key.seal(CELL, b"somebody", &chance).unwrap();
        let read = Keyring::parse(&ring.to_text()).unwrap();
        assert_eq!(*read.unwrap(OWNER, &wrapped).unwrap().open(CELL, &sealed).unwrap(), b"somebody");
        assert_eq!(read.blind_index("a").of("x"), ring.blind_index("a").of("x"));
        assert_eq!(*read.to_text(), *ring.to_text());
        assert_eq!(format!("{read:?}"), "Keyring(newest 2, 2 keys)");
    }

    #[test]
    fn a_bad_keys_file_is_refused_without_quoting_it() {
        let text = ring().0.to_text();
        let (_, keys) = text.split_once("[[key]]").unwrap();
        for (file, said) in [
            (text.replace("id = 1", "id = !"), "it is not valid TOML (line 5)"),
            (text.replace("secret", "sceret"), "it is not valid TOML"),
            (text.replace("newest = 1", "newest = 2"), "the newest key it names is not in it"),
            (text.replace("=\"", "\""), "a secret is not 32 bytes in base64"),
            (text.replace("secret = \"", "secret = \"AAAA"), "a secret is not 32 bytes in base64"),
            (format!("{}[[key]]{keys}", *text), "two keys have the same number"),
            (String::new(), "it is not valid TOML"),
        ] {
            let message = Keyring::parse(&file).unwrap_err();
            assert!(message.text(Language::En).contains(said), "{}", message.text(Language::En));
            assert_eq!(message.code, "bad_keys_file");
        }
    }

    #[test]
    fn a_blind_index_tells_equal_values_of_one_column_and_needs_the_key() {
        let (ring, chance) = ring();
        let index = ring.blind_index("travellers.document");
        assert_eq!(index.of("passport|E12341660|CHN"), ring.blind_index("travellers.document").of("passport|E12341660|CHN"));
        assert_ne!(index.of("passport|E12341660|CHN"), index.of("passport|E12341661|CHN"));
        assert_ne!(index.of("x"), ring.blind_index("travellers.phone").of("x"));
        assert_ne!(index.of("x"), Keyring::generate(&chance).blind_index("travellers.document").of("x"));
        assert_eq!(index.of("x"), ring.clone().rotated(&chance).blind_index("travellers.document").of("x"), "rotation keeps the index");
    }

    proptest! {
        #[test]
        fn any_change_of_any_byte_is_noticed(plain in proptest::collection::vec(any::<u8>(), 0..80), at in any::<prop::sample::Index>(), bit in 0..8_u8) {
            let (ring, chance) = ring();
            let (key, mut wrapped) = ring.new_key(OWNER, &chance).unwrap();
            let mut sealed = key.seal(CELL, &plain, &chance).unwrap();
            prop_assert_eq!(&*key.open(CELL, &sealed).unwrap(), &plain);
            let (in_key, in_text) = (at.index(wrapped.len()), at.index(sealed.len()));
            wrapped[in_key] ^= 1_u8 << bit;
            sealed[in_text] ^= 1_u8 << bit;
            prop_assert!(ring.unwrap(OWNER, &wrapped).is_err());
            prop_assert!(key.open(CELL, &sealed).is_err());
        }

        #[test]
        fn cut_off_values_are_refused(length in 0_usize..76) {
            let (ring, chance) = ring();
            let (key, wrapped) = ring.new_key(OWNER, &chance).unwrap();
            let sealed = key.seal(CELL, b"somebody", &chance).unwrap();
            prop_assert!(ring.unwrap(OWNER, &wrapped[..length]).is_err());
            prop_assert!(key.open(CELL, &sealed[..length.min(47)]).is_err());
        }
    }
}
