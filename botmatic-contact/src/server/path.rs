//! The paths under which a service answers.

use axum::http::Uri;
use axum::http::uri::PathAndQuery;

/// The same path with a slash at its end, which does not matter; the root has but one form.
pub(super) fn with_slash(path: &str) -> Option<String> {
    (path != "/").then(|| format!("{path}/"))
}

/// Spells the endpoint as it was given to the builder, where a request spells it with other letter cases. All other
/// paths stay.
pub(super) fn as_configured(endpoint: &str, uri: &Uri) -> Option<Uri> {
    let path = uri.path();
    let asked = if path == "/" { path } else { path.strip_suffix('/').unwrap_or(path) };
    if asked == endpoint || !asked.eq_ignore_ascii_case(endpoint) {
        return None;
    }
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(PathAndQuery::try_from(format!("{endpoint}{query}")).ok()?);
    Uri::from_parts(parts).ok()
}
