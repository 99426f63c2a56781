//! Reads Rust as far as the rules need it: words, texts and signs, without comments and without the code of tests.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Token {
    /// An identifier or a keyword.
    Word(String),
    /// What stands in a literal text, raw or not.
    Text(String),
    /// `::`
    Colons,
    /// Any other character.
    Sign(char),
}

impl Token {
    pub(crate) fn word(&self) -> Option<&str> {
        if let Self::Word(word) = self { Some(word) } else { None }
    }

    pub(crate) fn text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    pub(crate) fn is(&self, what: &str) -> bool {
        match self {
            Self::Word(word) => word == what,
            Self::Sign(sign) => what.chars().eq([*sign]),
            Self::Text(_) | Self::Colons => false,
        }
    }
}

/// A file of a crate: its path below `src`, its tokens, and the line of each.
#[derive(Debug)]
pub(crate) struct File {
    pub(crate) path: String,
    pub(crate) tokens: Vec<Token>,
    pub(crate) lines: Vec<usize>,
}

impl File {
    pub(crate) fn new(path: &str, text: &str) -> Self {
        let (lines, tokens) = without_tests(&tokens(text)).into_iter().unzip();
        Self { path: path.to_owned(), tokens, lines }
    }

    pub(crate) fn word(&self, index: usize) -> Option<&str> {
        self.tokens.get(index)?.word()
    }

    pub(crate) fn is(&self, index: usize, what: &str) -> bool {
        self.tokens.get(index).is_some_and(|token| token.is(what))
    }

    /// The attribute that begins there, as a range of tokens.
    pub(crate) fn attribute(&self, index: usize) -> Option<Range<usize>> {
        let bracket = index + if self.is(index + 1, "!") { 2 } else { 1 };
        let begins = self.is(index, "#") && self.is(bracket, "[");
        begins.then(|| index..closed(&self.tokens, bracket))
    }
}

/// The tokens of a text, each with its line.
fn tokens(text: &str) -> Vec<(usize, Token)> {
    static TOKEN: LazyLock<Regex> = LazyLock::new(|| {
        let pattern = r##"(?xs)
            //[^\n]* | /\*.*?\*/ | \s+
            | [bc]?r"(?<r0>[^"]*)" | [bc]?r\#"(?<r1>.*?)"\# | [bc]?r\#\#"(?<r2>.*?)"\#\#
            | [bc]?"(?<text>(?:[^"\\]|\\.)*)"
            | b?'(?:[^'\\\n]|\\.[^'\n]*)' | '\w+
            | (?:r\#)?(?<word>[A-Za-z_]\w*)
            | \d\w*
            | (?<colons>::)
            | (?<sign>.)"##;
        crate::regex(pattern)
    });
    let (mut line, mut found) = (1, Vec::new());
    for captures in TOKEN.captures_iter(text) {
        let get = |name| captures.name(name).map(|found| found.as_str());
        let raw = get("r0").or_else(|| get("r1")).or_else(|| get("r2"));
        let token = if let Some(word) = get("word") {
            Some(Token::Word(word.to_owned()))
        } else if let Some(raw) = raw {
            Some(Token::Text(raw.to_owned()))
        } else if let Some(escaped) = get("text") {
            Some(Token::Text(escaped.replace("\\\"", "\"")))
        } else if get("colons").is_some() {
            Some(Token::Colons)
        } else {
            get("sign").and_then(|sign| sign.chars().next()).map(Token::Sign)
        };
        found.extend(token.map(|token| (line, token)));
        line += captures[0].matches('\n').count();
    }
    found
}

/// Where what is opened at `index` is closed: the index after that.
pub(crate) fn closed(tokens: &[Token], index: usize) -> usize {
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate().skip(index) {
        match token {
            Token::Sign('(' | '[' | '{') => depth += 1,
            Token::Sign(')' | ']' | '}') => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return at + 1;
        }
    }
    tokens.len()
}

/// Leaves out the items that are there for tests only.
fn without_tests(tokens: &[(usize, Token)]) -> Vec<(usize, Token)> {
    const ITEMS: [&str; 10] =
        ["async", "const", "enum", "fn", "impl", "mod", "pub", "static", "struct", "use"];
    let only: Vec<_> = tokens.iter().map(|(_, token)| token.clone()).collect();
    let is = |index: usize, what: &str| only.get(index).is_some_and(|token| token.is(what));
    let begins = |index: usize| {
        let cfg = ["#", "[", "cfg", "(", "test", ")", "]"].iter();
        cfg.enumerate().all(|(offset, what)| is(index + offset, what))
    };
    let (mut index, mut kept) = (0, Vec::new());
    while index < tokens.len() {
        let mut item = index + 7;
        while begins(index) && is(item, "#") {
            item = closed(&only, item + 1);
        }
        if begins(index) && ITEMS.iter().any(|keyword| is(item, keyword)) {
            while item < only.len() && !is(item, ";") && !is(item, "{") {
                item = closed(&only, item);
            }
            index = closed(&only, item);
        } else {
            kept.push(tokens[index].clone());
            index += 1;
        }
    }
    kept
}

#[test]
fn comments_and_tests_are_not_read() {
    let text = "//! use axum::Router;\nfn a() {} // tokio::spawn\n/* b */\n#[cfg(test)]\n#[expect(x)]\nmod tests { use q::{r}; }\nfn c() {}";
    let file = File::new("a.rs", text);
    let words: Vec<_> = file.tokens.iter().filter_map(Token::word).collect();
    assert_eq!(words, ["fn", "a", "fn", "c"]);
    assert_eq!(file.lines.last(), Some(&7));
    assert_eq!(File::new("a.rs", "#[cfg(test)]\nuse a::b;\nuse c;").tokens.len(), 3);
}

#[test]
fn texts_characters_and_lifetimes_are_told_apart() {
    let file = File::new("a.rs", r##"f::<'a>('"', '\'', "a\"b // c", r#"{"d":1}"#, br"e", 0..1, r#type)"##);
    let texts: Vec<_> = file.tokens.iter().filter_map(Token::text).collect();
    assert_eq!(texts, ["a\"b // c", "{\"d\":1}", "e"]);
    assert_eq!(file.tokens.iter().filter_map(Token::word).collect::<Vec<_>>(), ["f", "type"]);
}
