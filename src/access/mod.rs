//! Who is asking, what they may do, whom they may see, and how identities are kept from everybody else.
//!
//! Nothing happens without an [`Actor`], and an actor is made only by the doors in this slice. What is not allowed in
//! [`Role::may`] is refused; what is not covered by a [`Scope`] does not exist for the one who asks. It does not know what
//! a traveller or a trip is.

mod keys;
pub mod mask;
pub mod model;
pub mod password;
pub mod role;
pub mod seal;
pub mod token;

pub use keys::keys_belong;
pub use model::{Actor, OrganisationCode, Scope, Territory, User, UserName};
pub use password::{Password, PasswordHash};
pub use role::{Act, Role};
pub use seal::{BlindIndex, Cell, DataKey, Keyring};
