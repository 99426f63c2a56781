//! Requests to a router, and the answers as a test wants to read them.

use std::convert::Infallible;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderValue, Method, Request, header};
use futures_util::stream;
use serde_json::Value;
use tower::ServiceExt;

/// The token of the installation that is served.
pub(crate) const TOKEN: &str = "tok-alpha";

/// What came back.
#[derive(Debug, PartialEq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) content_type: String,
    pub(crate) retry_after: Option<String>,
    pub(crate) body: String,
}

impl Answer {
    /// The body, which has to be JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The `data` of an answer under 200.
    pub(crate) fn data(&self) -> Value {
        assert_eq!((self.status, self.content_type.as_str()), (200, "application/json; charset=utf-8"));
        self.json()["data"].take()
    }

    /// An answer under 200 that speaks of failure: the reason.
    pub(crate) fn refusal(&self) -> String {
        assert_eq!(self.status, 200, "{self:?}");
        let answer = self.json();
        assert_eq!(answer["success"], false, "{self:?}");
        answer["data"]["error"].as_str().unwrap_or_else(|| panic!("{self:?}")).to_owned()
    }
}

/// A request that is being put together: a POST of JSON with the token, until it is told otherwise.
pub(crate) struct Call {
    method: Method,
    path: String,
    authorization: Vec<HeaderValue>,
    content_type: Option<&'static str>,
    further: Vec<(&'static str, HeaderValue)>,
    body: Vec<u8>,
    /// Of how many bytes the parts are in which the body comes, if it does not come at once.
    parts: Option<usize>,
}

impl Call {
    pub(crate) fn new(body: impl Into<Vec<u8>>) -> Self {
        Self {
            method: Method::POST,
            path: "/".to_owned(),
            authorization: vec![HeaderValue::from_str(&format!("Bearer {TOKEN}")).unwrap()],
            content_type: Some("application/json"),
            further: Vec::new(),
            body: body.into(),
            parts: None,
        }
    }

    /// An action with data.
    pub(crate) fn action(name: &str, data: impl Into<Value>) -> Self {
        Self::new(serde_json::json!({ "action": name, "data": data.into() }).to_string())
    }

    /// An event with data.
    pub(crate) fn event(name: &str, data: impl Into<Value>) -> Self {
        Self::new(serde_json::json!({ "event": name, "data": data.into() }).to_string())
    }

    pub(crate) fn method(mut self, method: Method) -> Self {
        self.method = method;
        self
    }

    pub(crate) fn path(mut self, path: &str) -> Self {
        path.clone_into(&mut self.path);
        self
    }

    /// The whole value of the header.
    pub(crate) fn authorization(mut self, value: &[u8]) -> Self {
        self.authorization = vec![HeaderValue::from_bytes(value).unwrap()];
        self
    }

    /// One more header of that name.
    pub(crate) fn second_authorization(mut self, value: &'static str) -> Self {
        self.authorization.push(HeaderValue::from_static(value));
        self
    }

    pub(crate) fn token(self, token: &str) -> Self {
        self.authorization(format!("Bearer {token}").as_bytes())
    }

    pub(crate) fn without_token(mut self) -> Self {
        self.authorization.clear();
        self
    }

    pub(crate) fn content_type(mut self, content_type: Option<&'static str>) -> Self {
        self.content_type = content_type;
        self
    }

    /// One more header.
    pub(crate) fn header(mut self, name: &'static str, value: &[u8]) -> Self {
        self.further.push((name, HeaderValue::from_bytes(value).unwrap()));
        self
    }

    /// The body comes in parts of this many bytes.
    pub(crate) fn in_parts(mut self, size: usize) -> Self {
        self.parts = Some(size);
        self
    }

    pub(crate) async fn send(self, router: &Router) -> Answer {
        let mut request = Request::builder().method(self.method).uri(self.path);
        for value in self.authorization {
            request = request.header(header::AUTHORIZATION, value);
        }
        if let Some(content_type) = self.content_type {
            request = request.header(header::CONTENT_TYPE, content_type);
        }
        for (name, value) in self.further {
            request = request.header(name, value);
        }
        let body = match self.parts {
            None => Body::from(self.body),
            Some(size) => {
                let parts: Vec<_> =
                    self.body.chunks(size).map(|part| Ok::<_, Infallible>(part.to_vec())).collect();
                Body::from_stream(stream::iter(parts))
            }
        };
        let request = request.body(body).unwrap();
        let response = router.clone().oneshot(request).await.unwrap();
        let header =
            |name| response.headers().get(name).map(|value: &HeaderValue| value.to_str().unwrap().to_owned());
        let (content_type, retry_after) = (header(header::CONTENT_TYPE), header(header::RETRY_AFTER));
        let (status, content_type) = (response.status().as_u16(), content_type.unwrap_or_default());
        let body = to_bytes(response.into_body(), 1 << 20).await.unwrap();
        Answer { status, content_type, retry_after, body: String::from_utf8(body.to_vec()).unwrap() }
    }
}
