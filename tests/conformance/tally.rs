//! Counts what was replayed, and insists that nothing is left over.

use std::fmt::Debug;

use crate::differences::Difference;

/// One recording after its replay.
pub(crate) struct Replayed<O> {
    /// Its name; where a name was recorded with two variants of the package, with the variant in parentheses.
    pub(crate) name: String,
    /// What was recorded, in the form in which it can be compared.
    pub(crate) recorded: O,
    /// What ours did.
    pub(crate) observed: O,
}

/// Prints the counts, and fails for every recording that neither came out as recorded nor is a known difference, for
/// every difference that is none, and for every row of the table that speaks of nothing.
pub(crate) fn settle<O: Debug + PartialEq>(topic: &str, replayed: &[Replayed<O>], table: &[Difference<O>]) {
    let mut wrong = Vec::new();
    let mut different = 0;
    for one in replayed {
        let mut rows = table.iter().filter(|row| row.covers(&one.name));
        let (row, further) = (rows.next(), rows.next());
        let same = one.recorded == one.observed;
        match row {
            _ if further.is_some() => wrong.push(format!("`{}` is in two rows of the table", one.name)),
            None if same => {}
            None => wrong.push(format!(
                "`{}` came out otherwise\n  recorded {:?}\n  observed {:?}",
                one.name, one.recorded, one.observed
            )),
            Some(row) if same => {
                wrong.push(format!("`{}` came out as recorded: not `{}`", one.name, row.what));
            }
            Some(row) if (row.instead)(&one.observed) => different += 1,
            Some(row) => wrong.push(format!(
                "`{}` is not what `{}` says\n  recorded {:?}\n  observed {:?}",
                one.name, row.what, one.recorded, one.observed
            )),
        }
    }
    for row in table {
        for name in row.recordings {
            let named = Difference { recordings: std::slice::from_ref(name), ..*row };
            if !replayed.iter().any(|one| named.covers(&one.name)) {
                wrong.push(format!("`{}` names `{name}`, which was not recorded", row.what));
            }
        }
        if !row.is_documented() {
            wrong.push(format!("the documentation has no row that begins with `{}`", row.what));
        }
    }
    let (all, same) = (replayed.len(), replayed.len() - different);
    println!("{topic}: {all} recordings, {same} as recorded, {different} different on purpose");
    assert!(wrong.is_empty(), "{topic}: {} of {all} are wrong\n{}", wrong.len(), wrong.join("\n"));
}
