//! The body of a call: what is read, inflated, and refused.

use std::io::Read;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use flate2::bufread::{MultiGzDecoder, ZlibDecoder};
use futures_util::TryStreamExt;

/// The largest body that is read, in bytes; one that comes compressed is measured as it was before.
pub(super) const LIMIT: usize = 102_400;

/// How long a caller may take to send a body.
const PATIENCE: Duration = Duration::from_secs(30);

/// Reads the text of a call, which may be no JSON. Where there is none it is the empty object.
pub(super) async fn read(request: Request) -> Result<Bytes, Refusal> {
    let form = form(request.headers());
    let body = tokio::time::timeout(PATIENCE, whole(request.into_body()))
        .await
        .map_err(|_| Refusal(StatusCode::REQUEST_TIMEOUT, "the body did not arrive in time"))??;
    let text = match form {
        Form::Unread => Bytes::new(),
        _ if body.is_empty() => body,
        Form::Foreign(why) => return Err(Refusal(StatusCode::UNSUPPORTED_MEDIA_TYPE, why)),
        Form::Plain => body,
        Form::Gzip => inflate(MultiGzDecoder::new(&*body))?,
        Form::Deflate => inflate(ZlibDecoder::new(&*body))?,
    };
    Ok(if text.is_empty() { Bytes::from_static(b"{}") } else { text })
}

/// All parts of a body, as far as they are not too large. Most bodies come in one.
async fn whole(body: Body) -> Result<Bytes, Refusal> {
    let broken = |_| Refusal(StatusCode::BAD_REQUEST, "the body could not be read");
    let mut parts = body.into_data_stream();
    let (mut first, mut rest) = (Bytes::new(), Vec::new());
    while let Some(part) = parts.try_next().await.map_err(broken)? {
        if first.len() + rest.len() + part.len() > LIMIT {
            return Err(TOO_LARGE);
        }
        if first.is_empty() {
            first = part;
        } else {
            rest.extend_from_slice(&part);
        }
    }
    Ok(if rest.is_empty() { first } else { [&first[..], &rest].concat().into() })
}

/// Why a body is not read. What it holds is not repeated.
pub(super) struct Refusal(StatusCode, &'static str);

const TOO_LARGE: Refusal = Refusal(StatusCode::PAYLOAD_TOO_LARGE, "the body is larger than 102400 bytes");

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        (self.0, self.1).into_response()
    }
}

/// What the headers say of a body.
enum Form {
    /// It is not declared as JSON.
    Unread,
    Plain,
    Gzip,
    Deflate,
    /// It is in a form that is not read.
    Foreign(&'static str),
}

/// Whether a body is declared as JSON.
pub(super) fn is_json(headers: &HeaderMap) -> bool {
    let essence = text(headers, header::CONTENT_TYPE).split(';').next().unwrap_or_default();
    essence.trim_end().eq_ignore_ascii_case("application/json")
}

/// The text of a header, empty where there is none.
fn text(headers: &HeaderMap, name: HeaderName) -> &str {
    headers.get(name).map_or("", |value| value.to_str().unwrap_or("?").trim())
}

fn form(headers: &HeaderMap) -> Form {
    if !is_json(headers) {
        return Form::Unread;
    }
    let parameters = text(headers, header::CONTENT_TYPE).split(';').skip(1);
    let charset = parameters.filter_map(|parameter| parameter.split_once('=')).find_map(|(name, value)| {
        name.trim().eq_ignore_ascii_case("charset").then(|| value.trim().trim_matches('"'))
    });
    if charset.is_some_and(|name| !["utf-8", "utf8"].iter().any(|known| name.eq_ignore_ascii_case(known))) {
        return Form::Foreign("send the body in UTF-8");
    }
    let encoding = text(headers, header::CONTENT_ENCODING);
    let known =
        [("", Form::Plain), ("identity", Form::Plain), ("gzip", Form::Gzip), ("deflate", Form::Deflate)];
    let form = known.into_iter().find(|(name, _)| encoding.eq_ignore_ascii_case(name));
    form.map_or(Form::Foreign("send the body as it is, or compressed with gzip or deflate"), |(_, form)| form)
}

fn inflate(compressed: impl Read) -> Result<Bytes, Refusal> {
    let mut text = Vec::new();
    match compressed.take(LIMIT as u64 + 1).read_to_end(&mut text) {
        Ok(length) if length > LIMIT => Err(TOO_LARGE),
        Ok(_) => Ok(text.into()),
        Err(_) => Err(Refusal(StatusCode::BAD_REQUEST, "the body is not compressed as its header says")),
    }
}
