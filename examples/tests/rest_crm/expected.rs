//! The contacts of the tests, as loose as real ones, and what each of them has to be on Botmatic: said here once more, in
//! another way than the integration says it.

use serde_json::{Map, Value, json};

/// Those whose date is none.
pub(crate) const BROKEN: [u64; 3] = [50, 150, 250];

/// A contact as a service may have it that looks at nothing.
pub(crate) fn contact(number: u64) -> Value {
    let every = |n: u64| number.is_multiple_of(n);
    let mut contact = json!({
        "id": number,
        "prenom": format!("Zoé {number}"),
        "nom": "O'Hara-Müller",
        "email": format!("zoe.{number}@c4n4ry.test"),
        "telephone": format!("06{number:08}"),
        "date_inscription": format!("2018-02-09 12:44:{:02}", number % 60),
        "validation": number % 4,
        "compte": "01234",
        "provenance": "salon 🎓",
        "etablissement": { "nom": "Lycée Camus", "code": "0012345", "ville": null },
        "demarches": [{ "type": "visite", "le": "2018-03-01" }, number],
        "notes": { "interne": ["ne pas\ntoucher"] },
        "vu": false,
    });
    let mut set = |is_so: bool, member: &str, value: Option<Value>| {
        let members = contact.as_object_mut().unwrap();
        match value {
            _ if !is_so => {}
            Some(value) => drop(members.insert(member.to_owned(), value)),
            None => drop(members.remove(member)),
        }
    };
    set(every(3), "telephone", Some(json!(33_600_000_000 + number)));
    set(every(5), "telephone", Some(Value::Null));
    set(every(17), "prenom", Some(Value::Null));
    set(every(19), "nom", None);
    set(every(7), "email", None);
    set(every(11), "email", Some("".into()));
    set(every(13), "date_inscription", None);
    set(every(23), "date_inscription", Some("".into()));
    set(every(29), "date_inscription", Some("2018-02-09".into()));
    set(every(6), "validation", Some(" 2 ".into()));
    set(every(8), "validation", Some(json!(1.5)));
    set(every(28), "validation", Some(json!(2.0)));
    set(every(31), "validation", Some("".into()));
    set(every(41), "validation", Some(true.into()));
    set(every(37), "etablissement", Some("Lycée".into()));
    set(every(43), "demarches", Some(json!([])));
    set(every(47), "compte", Some(json!(true)));
    let no_dates = [json!("0000-00-00 00:00:00"), json!("hier c4n4ry"), json!(20_180_209)];
    for (broken, date) in BROKEN.into_iter().zip(no_dates) {
        set(number == broken, "date_inscription", Some(date));
    }
    contact
}

/// What a contact of the service is on Botmatic.
pub(crate) fn properties(contact: &Value) -> Value {
    let text = |value: &Value| match value {
        Value::String(_) => value.clone(),
        other => other.to_string().into(),
    };
    let number = |value: &Value| match value {
        Value::String(text) if text.is_empty() => Value::Null,
        Value::String(text) => text.trim().parse::<i64>().unwrap().into(),
        Value::Bool(yes) => i64::from(*yes).into(),
        Value::Number(number) if number.as_f64() == Some(2.0) => 2.into(),
        other => other.clone(),
    };
    let date = |value: &Value| match value.as_str().unwrap() {
        "" => Value::Null,
        day if day.len() == 10 => format!("{day}T00:00:00Z").into(),
        moment => format!("{}Z", moment.replace(' ', "T")).into(),
    };
    let structured = |value: &Value| {
        let mut value = value.clone();
        // A feature that another crate turns on keeps the order in which members were written.
        value.sort_all_objects();
        value.to_string().into()
    };
    type Convert<'a> = &'a dyn Fn(&Value) -> Value;
    let mapping: [(&str, &str, Convert<'_>); 10] = [
        ("prenom", "firstname", &text),
        ("nom", "lastname", &text),
        ("email", "email", &text),
        ("telephone", "phone", &text),
        ("date_inscription", "signup_date", &date),
        ("validation", "validation", &number),
        ("compte", "account", &text),
        ("provenance", "origin", &text),
        ("etablissement", "school", &structured),
        ("demarches", "demarches", &structured),
    ];
    let values = mapping.into_iter().filter(|(member, ..)| !contact[*member].is_null());
    let values = values.map(|(member, name, convert)| (name.to_owned(), convert(&contact[member])));
    Value::Object(values.filter(|(_, value)| !value.is_null()).collect::<Map<_, _>>())
}
