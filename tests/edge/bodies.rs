//! How the body of a call may be written, and what is refused.

use std::io::Write;

use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};

use crate::endpoint::parrot;
use crate::requests::{Answer, Call};

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

fn deflate(text: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

async fn send(encoding: &[u8], body: impl Into<Vec<u8>>) -> Answer {
    Call::new(body).header("content-encoding", encoding).send(&parrot().router()).await
}

/// A call of this length that is answered with 7.
fn of_length(length: usize) -> Vec<u8> {
    let call = r#"{"action":"repeat","data":7}"#;
    format!("{call}{}", " ".repeat(length - call.len())).into_bytes()
}

#[tokio::test]
async fn a_body_may_come_in_parts_and_the_limit_is_that_of_all_of_them() {
    for size in [1, 7, 40_000, 102_399] {
        let call = |length| Call::new(of_length(length)).in_parts(size);
        assert_eq!(call(102_400).send(&parrot().router()).await.data(), 7, "{size}");
        assert_eq!(call(102_401).send(&parrot().router()).await.status, 413, "{size}");
    }
}

#[tokio::test]
async fn a_compressed_body_is_read_as_what_it_was() {
    let call = of_length(100);
    for encoding in [&b"gzip"[..], b"GZIP", b" gzip "] {
        assert_eq!(send(encoding, gzip(&call)).await.data(), 7);
    }
    assert_eq!(send(b"deflate", deflate(&call)).await.data(), 7);
    assert_eq!(send(b"identity", call.clone()).await.data(), 7);
    assert_eq!(send(b"", call.clone()).await.data(), 7);
    let (start, end) = call.split_at(10);
    assert_eq!(send(b"gzip", [gzip(start), gzip(end)].concat()).await.data(), 7, "in two parts");
    assert_eq!(send(b"gzip", gzip(b"")).await.status, 403, "no body is no call");
    assert_eq!(send(b"gzip", "").await.status, 403);
}

#[tokio::test]
async fn the_limit_is_that_of_the_inflated_body() {
    assert_eq!(send(b"gzip", gzip(&of_length(102_400))).await.data(), 7);
    assert_eq!(send(b"deflate", deflate(&of_length(102_400))).await.data(), 7);
    for length in [102_401, 1 << 20, 1 << 26] {
        let (mut gzip, deflate) = (gzip(&of_length(length)), deflate(&of_length(length)));
        // What is beyond the limit is not even read.
        *gzip.last_mut().unwrap() ^= 1;
        assert_eq!(send(b"gzip", gzip).await.status, 413, "{length}");
        let answer = send(b"deflate", deflate).await;
        assert_eq!((answer.status, answer.body.as_str()), (413, "the body is larger than 102400 bytes"));
    }
}

#[tokio::test]
async fn a_body_that_is_not_what_its_header_says_is_refused() {
    let call = of_length(100);
    let zipped = gzip(&call);
    let mut spoilt = zipped.clone();
    *spoilt.last_mut().unwrap() ^= 1;
    for (encoding, body) in [
        (&b"gzip"[..], call.clone()),
        (b"deflate", call.clone()),
        (b"deflate", zipped.clone()),
        (b"gzip", deflate(&call)),
        (b"gzip", zipped[..zipped.len() - 1].to_vec()),
        (b"gzip", spoilt),
    ] {
        let answer = send(encoding, body).await;
        let refusal = (answer.status, answer.body.as_str());
        assert_eq!(refusal, (400, "the body is not compressed as its header says"));
    }
    assert_eq!(send(b"identity", zipped).await.status, 400);
}

#[tokio::test]
async fn another_encoding_or_charset_is_refused_with_what_to_send() {
    for encoding in [&b"br"[..], b"zstd", b"compress", b"gzip, gzip", b"gzip;q=1", b"\xff", b"x-gzip"] {
        let answer = send(encoding, of_length(100)).await;
        assert_eq!((answer.status, answer.body.contains("gzip or deflate")), (415, true));
    }
    let call = async |content_type: &'static str| {
        Call::new(of_length(100)).content_type(Some(content_type)).send(&parrot().router()).await
    };
    for read in [
        "application/json; charset=utf-8",
        "application/json;charset=\"UTF-8\"",
        "application/json; x=y; charset=utf8",
    ] {
        assert_eq!(call(read).await.data(), 7, "{read}");
    }
    for refused in ["iso-8859-1", "utf-16", "\"latin1\"", "", "us-ascii"] {
        let content_type = format!("application/json; charset={refused}").leak();
        let answer = call(content_type).await;
        assert_eq!((answer.status, answer.body.as_str()), (415, "send the body in UTF-8"), "{refused}");
    }
}

#[tokio::test]
async fn what_is_not_declared_as_json_is_not_looked_at_however_it_is_encoded() {
    let call = Call::new("anything").content_type(Some("text/plain; charset=utf-16"));
    let answer = call.header("content-encoding", b"br").send(&parrot().router()).await;
    assert_eq!((answer.status, answer.body.as_str()), (403, "Bad Request"));
}
