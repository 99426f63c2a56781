//! How many instructions a call takes in the router, without any network: the framework beside a bare axum handler that
//! does the same work. The counts are the same in every run, so that a change shows.

#![expect(missing_docs, unused_qualifications, reason = "what the macros of the harness write")]
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot run should stop")]

mod subjects;

use std::hint::black_box;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use gungraun::{library_benchmark, library_benchmark_group, main};
use tokio::runtime::{Builder, Runtime};
use tower::ServiceExt;

use subjects::{TOKEN, action, by_hand, ours, updated};

/// A router that has answered before, and the request that it is to answer now.
struct Prepared {
    runtime: Runtime,
    router: Router,
    request: Request<Body>,
}

impl Prepared {
    fn new(is_ours: bool, bodies: [String; 2]) -> Self {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let router = if is_ours { runtime.block_on(ours()).router() } else { by_hand() };
        let [before, now] = bodies.map(request);
        let mut prepared = Self { runtime, router, request: before };
        prepared.answer();
        prepared.request = now;
        prepared
    }

    fn answer(&mut self) -> StatusCode {
        let request = std::mem::take(&mut self.request);
        let response = self.runtime.block_on(self.router.clone().oneshot(request)).unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        response.status()
    }
}

fn request(body: String) -> Request<Body> {
    Request::post("/")
        .header(header::AUTHORIZATION, format!("Bearer {TOKEN}"))
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(body))
        .unwrap()
}

fn prepared_action(is_ours: bool) -> Prepared {
    Prepared::new(is_ours, [action(), action()])
}

fn prepared_update(is_ours: bool) -> Prepared {
    Prepared::new(is_ours, [1, 2].map(|score| updated(9001, score)))
}

fn prepared_echo(is_ours: bool) -> Prepared {
    Prepared::new(is_ours, [1, 1].map(|score| updated(9001, score)))
}

#[library_benchmark]
#[bench::action_by_hand(args = (false), setup = prepared_action)]
#[bench::action_ours(args = (true), setup = prepared_action)]
#[bench::contact_updated_by_hand(args = (false), setup = prepared_update)]
#[bench::contact_updated_ours(args = (true), setup = prepared_update)]
#[bench::echo_by_hand(args = (false), setup = prepared_echo)]
#[bench::echo_ours(args = (true), setup = prepared_echo)]
fn call(mut prepared: Prepared) -> Prepared {
    black_box(prepared.answer());
    prepared
}

library_benchmark_group!(name = router, benchmarks = call);
main!(library_benchmark_groups = router);
