//! Pairs, tombstones and intents.

use botmatic_contact::key_store::{Half, KeyStore, Known, Pair, Write};
use botmatic_contact::{ContactId, ExternalId, Properties, Value};
use serde_json::json;

use super::{
    at, battery, by_contact, by_external, claim_for, contact, deleted, elsewhere, external, here, intent,
    pair, write, write_for,
};

battery! {
    a_pair_is_found_by_either_of_its_ids,
    what_was_never_saved_is_not_known,
    whoever_is_half_of_a_pair_gets_no_other_one,
    two_pairs_that_share_an_id_are_not_saved_by_one_commit,
    who_is_taken_apart_can_be_paired_otherwise_by_the_same_commit,
    saving_a_pair_again_replaces_its_snapshot,
    a_new_pair_leaves_what_was_saved_of_it,
    a_snapshot_comes_back_value_by_value,
    an_id_comes_back_in_the_form_it_was_saved_in,
    a_deleted_pair_leaves_a_tombstone_for_both_ids,
    an_id_without_a_pair_gets_a_tombstone_in_place_of_its_intent,
    a_new_pair_replaces_the_tombstones_of_its_ids,
    tombstones_that_are_past_are_removed_by_those_that_follow,
    a_deletion_takes_apart_whatever_pairs_its_ids_have,
    an_intent_is_open_until_it_is_withdrawn,
    a_pair_withdraws_the_intents_of_both_its_ids,
    an_intent_replaces_the_one_before_it,
    the_two_halves_of_one_id_never_meet,
    tenants_never_mix,
    ids_with_any_character_stay_apart,
    pairs_are_walked_through_page_by_page_in_the_order_of_contact_ids,
    all_writes_of_a_commit_are_made_together,
}

async fn a_pair_is_found_by_either_of_its_ids(store: impl KeyStore) {
    write(&store, vec![Write::Pair(pair("9001", "4001"))]).await;
    assert_eq!(by_contact(&store, "9001").await, Known::Paired(pair("9001", "4001").into()));
    assert_eq!(by_external(&store, "4001").await, Known::Paired(pair("9001", "4001").into()));
}

async fn what_was_never_saved_is_not_known(store: impl KeyStore) {
    write(&store, vec![Write::Pair(pair("9001", "4001"))]).await;
    assert_eq!(by_contact(&store, "4001").await, Known::No);
    assert_eq!(by_external(&store, "9001").await, Known::No);
    assert_eq!(by_contact(&store, "900").await, Known::No);
    assert_eq!(by_contact(&store, "90011").await, Known::No);
    assert!(store.pairs(elsewhere(), None, 10).await.unwrap().is_empty());
}

async fn whoever_is_half_of_a_pair_gets_no_other_one(store: impl KeyStore) {
    let kept = [pair("1", "a"), pair("2", "b")];
    write(&store, kept.clone().map(Write::Pair).into()).await;
    for other in [pair("1", "c"), pair("3", "a"), pair("1", "b")] {
        let unpaired = pair(&format!("{}x", other.contact), "x");
        let writes = vec![Write::Pair(unpaired.clone()), Write::Pair(other)];
        let claim = claim_for(&store, here(), &writes).await;
        let refused = store.commit(&claim, writes).await.unwrap_err();
        assert!(refused.is_conflict(), "{refused}");
        // Nothing of that commit was done.
        assert_eq!(by_contact(&store, unpaired.contact.as_str()).await, Known::No);
        assert_eq!(store.pairs(here(), None, 10).await.unwrap(), kept);
    }
    assert_eq!(by_external(&store, "c").await, Known::No);
}

async fn two_pairs_that_share_an_id_are_not_saved_by_one_commit(store: impl KeyStore) {
    for (one, other) in [(pair("1", "a"), pair("1", "b")), (pair("1", "a"), pair("2", "a"))] {
        for kind in [Write::Pair, Write::NewPair] {
            let writes = vec![kind(one.clone()), Write::Pair(pair("9", "z")), kind(other.clone())];
            let claim = claim_for(&store, here(), &writes).await;
            let refused = store.commit(&claim, writes).await.unwrap_err();
            assert!(refused.is_conflict(), "{refused}");
            assert!(store.pairs(here(), None, 10).await.unwrap().is_empty());
            for id in ["a", "b", "z"] {
                assert_eq!(by_external(&store, id).await, Known::No);
            }
        }
    }
    // The same pair twice is one pair.
    let renamed = Pair { snapshot: Properties::from_iter([("firstname", "Grace")]), ..pair("1", "a") };
    write(&store, vec![Write::NewPair(pair("1", "a")), Write::Pair(renamed.clone())]).await;
    assert_eq!(by_external(&store, "a").await, Known::Paired(renamed.into()));
}

async fn who_is_taken_apart_can_be_paired_otherwise_by_the_same_commit(store: impl KeyStore) {
    write(&store, vec![Write::Pair(pair("1", "a")), Write::Pair(pair("2", "b"))]).await;
    write(
        &store,
        vec![
            deleted(&pair("1", "b"), 5),
            Write::Pair(pair("1", "c")),
            Write::Pair(pair("2", "a")),
            Write::Pair(pair("3", "b")),
        ],
    )
    .await;
    for (contact, external) in [("1", "c"), ("2", "a"), ("3", "b")] {
        assert_eq!(by_contact(&store, contact).await, Known::Paired(pair(contact, external).into()));
        assert_eq!(by_external(&store, external).await, Known::Paired(pair(contact, external).into()));
    }
}

async fn saving_a_pair_again_replaces_its_snapshot(store: impl KeyStore) {
    write(&store, vec![Write::Pair(pair("1", "a"))]).await;
    let renamed = Pair { snapshot: Properties::from_iter([("firstname", "Grace")]), ..pair("1", "a") };
    write(&store, vec![Write::Pair(renamed.clone())]).await;
    assert_eq!(by_contact(&store, "1").await, Known::Paired(renamed.clone().into()));
    assert_eq!(by_external(&store, "a").await, Known::Paired(renamed.into()));
}

async fn a_new_pair_leaves_what_was_saved_of_it(store: impl KeyStore) {
    write(&store, vec![Write::NewPair(pair("1", "a"))]).await;
    let renamed = Pair { snapshot: Properties::from_iter([("firstname", "Grace")]), ..pair("1", "a") };
    write(&store, vec![Write::Pair(renamed.clone())]).await;
    write(&store, vec![Write::Intent(intent(external("a").into()))]).await;
    write(&store, vec![Write::NewPair(pair("1", "a"))]).await;
    assert_eq!(by_contact(&store, "1").await, Known::Paired(renamed.into()));
    assert!(store.intents(here()).await.unwrap().is_empty());
    for other in [pair("1", "b"), pair("2", "a")] {
        let writes = vec![Write::NewPair(other)];
        let claim = claim_for(&store, here(), &writes).await;
        assert!(store.commit(&claim, writes).await.unwrap_err().is_conflict());
    }
}

async fn a_snapshot_comes_back_value_by_value(store: impl KeyStore) {
    let values = [
        json!("01234"),
        json!(""),
        json!(0.1),
        json!(-0.0),
        json!(1e300),
        json!(u64::MAX),
        json!(i64::MIN),
        json!(true),
        json!({ "a": [null, { "b": "\u{202e}é\0" }] }),
    ];
    let snapshot: Properties =
        values.into_iter().enumerate().map(|(number, value)| (format!("p{number}"), value)).collect();
    write(&store, vec![Write::Pair(Pair { snapshot: snapshot.clone(), ..pair("1", "a") })]).await;
    let Known::Paired(found) = by_external(&store, "a").await else { panic!("not paired") };
    assert_eq!(found.snapshot, snapshot);
    let types = |properties: &Properties| -> Vec<Value> {
        properties.iter().map(|(_, value)| value.clone()).collect()
    };
    assert_eq!(types(&found.snapshot), types(&snapshot), "in the same order");
}

async fn an_id_comes_back_in_the_form_it_was_saved_in(store: impl KeyStore) {
    let numeric = Pair { contact: 9001_u64.into(), external: "4001".into(), ..pair("1", "a") };
    write(&store, vec![Write::Pair(numeric)]).await;
    // Equal ids are found whatever their form; what is found has the form that was saved.
    for id in [ContactId::from("9001"), ContactId::from(9001_u64)] {
        let Known::Paired(found) = store.look_up(here(), &id.into()).await.unwrap() else {
            panic!("not paired")
        };
        assert!(found.contact.is_number() && !found.external.is_number());
    }
    let found = store.look_up(here(), &ExternalId::from(4001_u64).into()).await.unwrap();
    assert!(matches!(found, Known::Paired(pair) if !pair.external.is_number()));
}

async fn a_deleted_pair_leaves_a_tombstone_for_both_ids(store: impl KeyStore) {
    write(&store, vec![Write::Pair(pair("1", "a"))]).await;
    write(&store, vec![deleted(&pair("1", "a"), 1_700_000_000)]).await;
    assert_eq!(by_contact(&store, "1").await, Known::Deleted(at(1_700_000_000)));
    assert_eq!(by_external(&store, "a").await, Known::Deleted(at(1_700_000_000)));
    assert!(store.pairs(here(), None, 10).await.unwrap().is_empty());
}

async fn an_id_without_a_pair_gets_a_tombstone_in_place_of_its_intent(store: impl KeyStore) {
    let halves: [Half; 2] = [contact("1").into(), external("1").into()];
    for (half, second) in halves.into_iter().zip([10, 20]) {
        write(&store, vec![Write::Intent(intent(half.clone()))]).await;
        write(&store, vec![Write::Tombstone { half: half.clone(), at: at(second) }]).await;
        assert_eq!(store.look_up(here(), &half).await.unwrap(), Known::Deleted(at(second)));
        assert!(store.intents(here()).await.unwrap().is_empty());
    }
    assert_eq!(by_contact(&store, "1").await, Known::Deleted(at(10)), "each has its own");
}

async fn a_new_pair_replaces_the_tombstones_of_its_ids(store: impl KeyStore) {
    write(&store, vec![deleted(&pair("1", "a"), 1)]).await;
    write(&store, vec![Write::Pair(pair("1", "b"))]).await;
    assert_eq!(by_contact(&store, "1").await, Known::Paired(pair("1", "b").into()));
    assert_eq!(by_external(&store, "a").await, Known::Deleted(at(1)));
    // The tombstone is gone for good, not only covered.
    write(&store, vec![deleted(&pair("2", "b"), 2)]).await;
    assert_eq!(by_contact(&store, "1").await, Known::No);
}

async fn tombstones_that_are_past_are_removed_by_those_that_follow(store: impl KeyStore) {
    const MONTH: i64 = 30 * 24 * 60 * 60;
    let ids: Vec<_> = (0..40).map(|number| number.to_string()).collect();
    let old = |id: &String| deleted(&pair(id, id), 100 + id.parse::<i64>().unwrap());
    write(&store, ids.iter().map(old).collect()).await;
    write_for(&store, elsewhere(), vec![old(&ids[0])]).await;
    // One of them was paired again, and one was deleted again since.
    write(&store, vec![Write::Pair(pair("0", "0")), deleted(&pair("1", "1"), MONTH + 90)]).await;
    write(&store, vec![deleted(&pair("new", "new"), MONTH + 102)]).await;
    assert_eq!(by_contact(&store, "2").await, Known::Deleted(at(102)), "just not older than 30 days");

    let newer: Vec<_> = ids.iter().map(|id| format!("newer{id}")).collect();
    for id in &newer {
        write(&store, vec![deleted(&pair(id, id), 2 * MONTH + 80)]).await;
    }
    for id in &ids[2..] {
        assert_eq!(by_contact(&store, id).await, Known::No, "{id}");
        assert_eq!(by_external(&store, id).await, Known::No, "{id}");
    }
    assert_eq!(by_contact(&store, "0").await, Known::Paired(pair("0", "0").into()));
    for id in ["1", "new"].into_iter().chain(newer.iter().map(String::as_str)) {
        assert!(matches!(by_contact(&store, id).await, Known::Deleted(_)), "{id}");
    }
    let there = store.look_up(elsewhere(), &contact("0").into()).await.unwrap();
    assert_eq!(there, Known::Deleted(at(100)));
}

async fn a_deletion_takes_apart_whatever_pairs_its_ids_have(store: impl KeyStore) {
    write(&store, vec![Write::Pair(pair("1", "a")), Write::Pair(pair("2", "b"))]).await;
    write(&store, vec![deleted(&pair("1", "b"), 5)]).await;
    assert_eq!(by_contact(&store, "1").await, Known::Deleted(at(5)));
    assert_eq!(by_external(&store, "b").await, Known::Deleted(at(5)));
    assert_eq!(by_contact(&store, "2").await, Known::No);
    assert_eq!(by_external(&store, "a").await, Known::No);
}

async fn an_intent_is_open_until_it_is_withdrawn(store: impl KeyStore) {
    let (one, two) = (Half::Contact(contact("1")), Half::External(external("a")));
    write(&store, vec![Write::Intent(intent(one.clone())), Write::Intent(intent(two.clone()))]).await;
    let mut open = store.intents(here()).await.unwrap();
    open.sort_by(|one, other| one.half.cmp(&other.half));
    assert_eq!(open, [intent(one.clone()), intent(two.clone())]);
    write(&store, vec![Write::Withdraw(one)]).await;
    assert_eq!(store.intents(here()).await.unwrap(), [intent(two.clone())]);
    write(&store, vec![Write::Withdraw(two)]).await;
    assert!(store.intents(here()).await.unwrap().is_empty());
}

async fn a_pair_withdraws_the_intents_of_both_its_ids(store: impl KeyStore) {
    let bystander = intent(Half::Contact(contact("2")));
    write(
        &store,
        vec![
            Write::Intent(intent(Half::Contact(contact("1")))),
            Write::Intent(intent(Half::External(external("a")))),
            Write::Intent(bystander.clone()),
        ],
    )
    .await;
    write(&store, vec![Write::Pair(pair("1", "a"))]).await;
    assert_eq!(store.intents(here()).await.unwrap(), [bystander]);
}

async fn an_intent_replaces_the_one_before_it(store: impl KeyStore) {
    let mut second = intent(Half::Contact(contact("1")));
    write(&store, vec![Write::Intent(second.clone())]).await;
    second.properties = Properties::from_iter([("firstname", "Grace")]).into();
    write(&store, vec![Write::Intent(second.clone())]).await;
    assert_eq!(store.intents(here()).await.unwrap(), [second]);
}

async fn the_two_halves_of_one_id_never_meet(store: impl KeyStore) {
    let same = "same";
    let halves = [Half::Contact(contact(same)), Half::External(external(same))];
    write(&store, halves.iter().cloned().map(|half| Write::Intent(intent(half))).collect()).await;
    assert_eq!(store.intents(here()).await.unwrap().len(), 2);
    write(&store, vec![Write::Withdraw(halves[1].clone())]).await;
    assert_eq!(store.intents(here()).await.unwrap(), [intent(halves[0].clone())]);
}

async fn tenants_never_mix(store: impl KeyStore) {
    write_for(
        &store,
        here(),
        vec![
            Write::Pair(pair("1", "a")),
            Write::Pair(pair("2", "b")),
            deleted(&pair("3", "c"), 3),
            Write::Intent(intent(Half::Contact(contact("4")))),
        ],
    )
    .await;
    write_for(&store, elsewhere(), vec![Write::Pair(pair("1", "b")), deleted(&pair("2", "a"), 9)]).await;

    assert_eq!(by_contact(&store, "1").await, Known::Paired(pair("1", "a").into()));
    assert_eq!(by_external(&store, "b").await, Known::Paired(pair("2", "b").into()));
    let there = async |id: &str| store.look_up(elsewhere(), &contact(id).into()).await.unwrap();
    assert_eq!(there("1").await, Known::Paired(pair("1", "b").into()));
    assert_eq!(there("2").await, Known::Deleted(at(9)));
    assert_eq!(there("3").await, Known::No);
    assert!(store.intents(elsewhere()).await.unwrap().is_empty());
    assert_eq!(store.pairs(elsewhere(), None, 10).await.unwrap(), [pair("1", "b")]);
}

async fn ids_with_any_character_stay_apart(store: impl KeyStore) {
    let ids = [
        "a",
        "a:b",
        "a:b:c",
        "a/b",
        "/",
        ":",
        "::",
        " ",
        "a b",
        "a\0b",
        "\0",
        "é",
        "e\u{301}",
        "שלום",
        "👩‍👩‍👧",
        "c1",
        "e1",
        "m1",
        "%3A",
        "..",
        "\u{10ffff}",
        "A",
    ];
    let pairs: Vec<_> =
        ids.iter().zip(ids.iter().rev()).map(|(contact, external)| pair(contact, external)).collect();
    write(&store, pairs.iter().cloned().map(Write::Pair).collect()).await;
    for pair in &pairs {
        assert_eq!(by_contact(&store, pair.contact.as_str()).await, Known::Paired(pair.clone().into()));
        assert_eq!(by_external(&store, pair.external.as_str()).await, Known::Paired(pair.clone().into()));
    }
    assert_eq!(store.pairs(here(), None, 100).await.unwrap().len(), ids.len());
}

async fn pairs_are_walked_through_page_by_page_in_the_order_of_contact_ids(store: impl KeyStore) {
    let mut ids: Vec<_> = (0..25).map(|number| format!("{number}")).collect();
    write(&store, ids.iter().map(|id| Write::Pair(pair(id, &format!("x{id}")))).collect()).await;
    write_for(&store, elsewhere(), vec![Write::Pair(pair("11", "y"))]).await;
    ids.sort();

    let mut walked = Vec::new();
    loop {
        let after = walked.last().cloned();
        let page = store.pairs(here(), after.as_ref(), 10).await.unwrap();
        assert!(page.len() <= 10);
        if page.is_empty() {
            break;
        }
        walked.extend(page.into_iter().map(|pair| pair.contact));
        assert!(walked.len() <= ids.len(), "a page came twice");
    }
    assert_eq!(walked.iter().map(ContactId::as_str).collect::<Vec<_>>(), ids);
    // An id that is not there any more still says where to go on.
    let page = store.pairs(here(), Some(&contact("105")), 1).await.unwrap();
    assert_eq!(page[0].contact, contact("11"));
    assert!(store.pairs(here(), None, 0).await.unwrap().is_empty());
}

async fn all_writes_of_a_commit_are_made_together(store: impl KeyStore) {
    let writes = vec![
        Write::Intent(intent(Half::Contact(contact("1")))),
        Write::Pair(pair("1", "a")),
        deleted(&pair("1", "a"), 1),
        Write::Pair(pair("1", "b")),
    ];
    let claim = claim_for(&store, here(), &writes).await;
    store.commit(&claim, writes).await.unwrap();
    assert_eq!(by_contact(&store, "1").await, Known::Paired(pair("1", "b").into()));
    assert_eq!(by_external(&store, "a").await, Known::Deleted(at(1)));
    assert!(store.intents(here()).await.unwrap().is_empty());
}
