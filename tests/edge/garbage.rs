//! Arbitrary input never makes the server fail.

use proptest::prelude::*;
use serde_json::{Map, Value};
use tokio::runtime::{Builder, Runtime};

use crate::contacts;
use crate::endpoint::parrot;
use crate::requests::{Answer, Call};

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

/// What both services answer: the one without contacts, and the one with.
fn answers(make: impl Fn() -> Call) -> Vec<Answer> {
    runtime().block_on(async {
        let plain = make().send(&parrot().router()).await;
        let (_, service) = contacts::watching();
        contacts::install(&service).await;
        vec![plain, make().send(&service.router()).await]
    })
}

/// JSON of all shapes, with the names that mean something to the endpoint among its keys and texts.
fn json() -> impl Strategy<Value = Value> {
    let text = prop_oneof![
        prop::sample::select(vec![
            "install",
            "uninstall",
            "contact_created",
            "contact_updated",
            "contact_deleted",
            "user_reply",
            "bot_reply",
            "heard",
            "repeat",
            "repeat all",
            "who",
        ])
        .prop_map(str::to_owned),
        any::<String>(),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        text.prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        let name = prop_oneof![
            prop::sample::select(vec![
                "event",
                "action",
                "data",
                "contact_id",
                "id",
                "email",
                "name",
                "born",
                "result",
                "message",
            ])
            .prop_map(str::to_owned),
            any::<String>(),
        ];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((name, inner), 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

/// A call with arbitrary JSON where the data is, and arbitrary members beside it.
fn call() -> impl Strategy<Value = Value> {
    let name = prop::sample::select(vec![
        "contact_created",
        "contact_updated",
        "contact_deleted",
        "user_reply",
        "bot_reply",
        "install",
        "uninstall",
        "repeat all",
        "who",
    ]);
    (prop::sample::select(vec!["event", "action"]), name, json(), json()).prop_map(
        |(kind, name, data, member)| serde_json::json!({ kind: name, "data": data, "member": member }),
    )
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes_are_never_a_failure_of_the_server(body in prop::collection::vec(any::<u8>(), 0..300)) {
        for answer in answers(|| Call::new(body.clone())) {
            prop_assert!(answer.status < 500, "{answer:?}");
        }
    }

    #[test]
    fn arbitrary_json_is_never_a_failure_of_the_server(body in json()) {
        for answer in answers(|| Call::new(body.to_string())) {
            prop_assert!(answer.status < 500, "{answer:?}");
            prop_assert!(answer.status != 400 || !(body.is_object() || body.is_array()), "{answer:?}");
        }
    }

    #[test]
    fn arbitrary_data_under_a_known_name_is_answered(body in call()) {
        for answer in answers(|| Call::new(body.to_string())) {
            prop_assert_eq!(answer.status, 200, "{:?}", answer);
            prop_assert!(answer.json()["success"].is_boolean());
        }
    }

    #[test]
    fn a_body_that_is_cut_off_anywhere_is_never_a_failure_of_the_server(body in call(), cut in 0.0..1.0_f64) {
        let text = body.to_string();
        let length = text.len();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place in a short text")]
        let cut = (length as f64 * cut) as usize;
        for answer in answers(|| Call::new(&text.as_bytes()[..cut])) {
            prop_assert!(answer.status < 500, "{answer:?}");
        }
    }

    #[test]
    fn arbitrary_headers_never_authorize_and_never_fail(
        header in prop::collection::vec(prop_oneof![Just(b'\t'), 32..=126_u8, 128..=255_u8], 0..80)
    ) {
        for answer in answers(|| Call::action("repeat", 1).authorization(&header)) {
            prop_assert_eq!(answer.status, 401, "{:?}", answer);
        }
    }
}
