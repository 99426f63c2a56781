//! UUIDs, as properties and as external ids.

use uuid::Uuid;

use crate::contact::{PropertyKind, Value};
use crate::id::{ExternalId, IdValue};
use crate::mapping::value::{PropertyValue, ValueError, parsed};

impl PropertyValue for Uuid {
    const KIND: PropertyKind = PropertyKind::Text;

    fn to_value(&self) -> Result<Value, ValueError> {
        Ok(Value::String(self.to_string()))
    }

    /// Also without hyphens, in braces, in capitals, or as a URN.
    fn from_value(value: &Value) -> Result<Self, ValueError> {
        parsed(value, "a UUID as in `67e55044-10b1-426f-9247-bb680e5fe0c8`")
    }
}

/// A contact that has no id yet has the nil UUID.
impl IdValue for Uuid {
    fn to_external_id(&self) -> Option<ExternalId> {
        (!self.is_nil()).then(|| ExternalId::from(self.to_string()))
    }

    fn unassigned() -> Self {
        Self::nil()
    }
}
