//! Keep contacts in step between Botmatic and any external service.
