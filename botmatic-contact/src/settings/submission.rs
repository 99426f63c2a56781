//! What a browser submitted, before it is known what it means.

use std::fmt;

/// What was entered, by the names of the inputs. `Debug` prints neither names nor values.
#[derive(Default, Clone)]
pub struct Submission {
    entries: Vec<(String, Entry)>,
}

/// One thing that was entered.
#[derive(Clone)]
pub enum Entry {
    /// A text.
    Text(String),
    /// A file.
    Upload(Upload),
}

impl Submission {
    /// Adds what was entered in an input.
    pub fn push(&mut self, name: impl Into<String>, entry: Entry) {
        self.entries.push((name.into(), entry));
    }

    /// Takes out all that was entered in the inputs of that name, in the order in which it came.
    pub fn take(&mut self, name: &str) -> Vec<Entry> {
        let taken = self.entries.extract_if(.., |(known, _)| known == name);
        taken.map(|(_, entry)| entry).collect()
    }
}

impl FromIterator<(String, Entry)> for Submission {
    fn from_iter<T: IntoIterator<Item = (String, Entry)>>(entries: T) -> Self {
        Self { entries: entries.into_iter().collect() }
    }
}

impl fmt::Debug for Submission {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Submission").field("entries", &self.entries.len()).finish_non_exhaustive()
    }
}

impl Entry {
    /// The text, unless it is a file.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Upload(_) => None,
        }
    }

    /// Whether nothing was entered: no text but spaces, or no file chosen.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Text(text) => text.trim().is_empty(),
            Self::Upload(upload) => upload.is_empty(),
        }
    }
}

impl fmt::Debug for Entry {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(_) => formatter.write_str("Text(…)"),
            Self::Upload(upload) => upload.fmt(formatter),
        }
    }
}

/// A file that was uploaded. `Debug` prints its size and nothing else.
#[derive(Clone, PartialEq, Eq)]
pub struct Upload {
    /// The name that the browser gave, without any folder. Not to be used as a path: it can still be any text.
    pub name: String,
    /// The media type that the browser gave, for example `image/png`. It says what the sender claims.
    pub content_type: String,
    /// What is in it.
    pub content: Vec<u8>,
    /// How many bytes were sent; more than the content has if they were too many to be kept.
    size: u64,
}

impl Upload {
    /// A file of that name.
    pub fn new(name: &str, content_type: impl Into<String>, content: impl Into<Vec<u8>>) -> Self {
        let content = content.into();
        let size = content.len() as u64;
        Self::received(name, content_type.into(), content, size)
    }

    /// What is left of a file of this size.
    pub(crate) fn received(name: &str, content_type: String, content: Vec<u8>, size: u64) -> Self {
        let name = name.rsplit(['/', '\\']).next().unwrap_or_default().to_owned();
        Self { name, content_type, content, size }
    }

    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// Whether it stands for no file: it has neither a name nor content.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.name.is_empty() && self.size == 0
    }

    /// Whether the name or the type is in a list like `.pdf, image/*`.
    pub(crate) fn is_one_of(&self, accept: &str) -> bool {
        let (name, content_type) = (self.name.to_lowercase(), self.content_type.to_lowercase());
        let essence = content_type.split(';').next().unwrap_or_default().trim();
        accept.split(',').map(|one| one.trim().to_lowercase()).any(|one| match one.strip_suffix("/*") {
            Some(family) => essence.split('/').next() == Some(family),
            None if one.starts_with('.') => name.ends_with(&one),
            None => essence == one,
        })
    }
}

impl fmt::Debug for Upload {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Upload").field("size", &self.size()).finish_non_exhaustive()
    }
}
