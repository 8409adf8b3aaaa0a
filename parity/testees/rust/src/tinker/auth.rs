//! Who is asking.

use crate::message;
use crate::wire::Presence::Always;
use crate::wire::Rule;

message! {
    /// The organisation that an API key belongs to.
    pub struct ApiKeyOrgDetails (Ignore) {
        name: String = Rule::new(Always),
    }
}
