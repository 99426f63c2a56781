//! The paths that a file names: in `use` items, however they are grouped, and in code.

use crate::source::{File, Token};

/// One path, with the place where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Named {
    pub(crate) line: usize,
    pub(crate) path: Vec<String>,
    /// The modules within the file around it.
    pub(crate) within: Vec<String>,
    /// Of a `use`: the name that is brought.
    pub(crate) brings: Option<String>,
    /// Whether it is a `use` that others see.
    pub(crate) is_public: bool,
}

/// All paths of a file. Of code only those of more than one word.
pub(crate) fn paths(file: &File) -> Vec<Named> {
    let (mut found, mut within, mut depth, mut index) = (Vec::new(), Vec::new(), 0_usize, 0);
    while index < file.tokens.len() {
        let modules = || within.iter().map(|(name, _): &(String, usize)| name.clone()).collect::<Vec<_>>();
        match &file.tokens[index] {
            Token::Sign('{') => depth += 1,
            Token::Sign('}') => {
                depth = depth.saturating_sub(1);
                within.retain(|(_, opened)| *opened < depth);
            }
            Token::Word(word) if word == "mod" && file.is(index + 2, "{") => {
                within.extend(file.word(index + 1).map(|name| (name.to_owned(), depth)));
                index += 1;
            }
            Token::Word(word) if word == "use" && !file.is(index + 1, "<") => {
                let before = index.checked_sub(1).and_then(|before| file.tokens.get(before));
                let is_public = before.is_some_and(|token| token.is("pub") || token.is(")"));
                let first = found.len();
                index = tree(file, index + 1, &[], &mut found);
                for named in &mut found[first..] {
                    (named.within, named.is_public) = (modules(), is_public);
                }
                continue;
            }
            Token::Word(_) => {
                let line = file.lines[index];
                let (path, end) = words(file, index);
                if path.len() > 1 {
                    found.push(Named { line, path, within: modules(), brings: None, is_public: false });
                }
                index = end;
                continue;
            }
            _ => {}
        }
        index += 1;
    }
    found
}

/// The words from `index` on that `::` joins, and where they end.
fn words(file: &File, mut index: usize) -> (Vec<String>, usize) {
    let mut path = Vec::new();
    while let Some(word) = file.word(index) {
        path.push(word.to_owned());
        index += 1;
        if file.tokens.get(index) != Some(&Token::Colons) || file.word(index + 1).is_none() {
            break;
        }
        index += 1;
    }
    (path, index)
}

/// One tree of a `use`, and the index after it.
fn tree(file: &File, mut index: usize, before: &[String], found: &mut Vec<Named>) -> usize {
    let colons = |index: usize| file.tokens.get(index) == Some(&Token::Colons);
    let line = file.lines.get(index).copied().unwrap_or_default();
    index += usize::from(colons(index));
    let (more, mut index) = words(file, index);
    let mut path = [before, &more].concat();
    index += usize::from(colons(index));
    if file.is(index, "{") {
        index += 1;
        while index < file.tokens.len() && !file.is(index, "}") {
            index = tree(file, index, &path, found);
            index += usize::from(file.is(index, ","));
        }
        return index + 1;
    }
    if path.len() > 1 && path.last().is_some_and(|last| last == "self") {
        path.pop();
    }
    let mut brings = path.last().cloned();
    if file.is(index, "*") {
        (brings, index) = (None, index + 1);
        path.push("*".to_owned());
    } else if file.is(index, "as") {
        (brings, index) = (file.word(index + 1).map(str::to_owned), index + 2);
    } else if more.is_empty() {
        // Nothing that one could read: go on behind it.
        return index + 1;
    }
    found.push(Named { line, path, within: Vec::new(), brings, is_public: false });
    index
}

#[test]
fn groups_renamings_and_lines_are_read() {
    let text = "pub use crate::{\n a::{self, B as C},\n d::*,\n};\nuse ::e;\nfn f() -> impl G + use<'_> { crate::h::i::<J>() }";
    let found = paths(&File::new("x.rs", text));
    let shown: Vec<_> = found.iter().map(|named| (named.line, named.path.join("::"))).collect();
    let expected = [(2, "crate::a"), (2, "crate::a::B"), (3, "crate::d::*"), (5, "e"), (6, "crate::h::i")];
    assert_eq!(shown, expected.map(|(line, path)| (line, path.to_owned())));
    assert_eq!(found[1].brings.as_deref(), Some("C"));
    assert!(found[1].is_public && !found[3].is_public);
}

#[test]
fn the_modules_within_a_file_are_known() {
    let found = paths(&File::new("x.rs", "mod a { mod b { use super::c; } use d; } use e;"));
    let shown: Vec<_> = found.iter().map(|named| named.within.join("/")).collect();
    assert_eq!(shown, ["a/b", "a", ""]);
}
