//! The struct with named fields that a derive needs, or what stands there instead.

use std::collections::BTreeSet;

use proc_macro2::{Ident, Span};
use syn::{Data, DeriveInput, Field, Fields};

use crate::emit::Errors;

/// A type with its fields as `F`.
pub(crate) struct Shape<F> {
    /// The fields; of several with one name the first.
    pub(crate) fields: Vec<F>,
    /// Whether several fields have one name, which the compiler reports.
    pub(crate) repeats_a_name: bool,
    /// Why there are no fields with names, and the token that shows it.
    problem: Option<(Span, &'static str)>,
}

impl<F> Shape<F> {
    /// Reads each field with its name.
    pub(crate) fn read(input: &DeriveInput, mut field: impl FnMut(&Ident, &Field) -> F) -> Self {
        let (fields, problem) = match &input.data {
            Data::Struct(data) => (Some(&data.fields), Self::problem(&input.ident, &data.fields)),
            Data::Enum(data) => (None, Some((data.enum_token.span, "this is an enum"))),
            Data::Union(data) => (None, Some((data.union_token.span, "this is a union"))),
        };
        let named = fields.into_iter().flatten().filter_map(|field| Some((field.ident.as_ref()?, field)));
        let mut names = BTreeSet::new();
        let (first, again): (Vec<_>, Vec<_>) = named.partition(|(name, _)| names.insert(*name));
        let fields = first.into_iter().map(|(name, written)| field(name, written)).collect();
        Self { fields, repeats_a_name: !again.is_empty(), problem }
    }

    fn problem(struct_name: &Ident, fields: &Fields) -> Option<(Span, &'static str)> {
        match fields {
            Fields::Named(_) => None,
            Fields::Unnamed(fields) => {
                Some((fields.paren_token.span.join(), "the fields of a tuple struct have no names"))
            }
            Fields::Unit => Some((struct_name.span(), "this struct has no fields")),
        }
    }

    /// Whether it is a struct with named fields; says so if it is not.
    pub(crate) fn has_names(&self, derive: &str, example: &str, errors: &mut Errors) -> bool {
        if let Some((place, problem)) = self.problem {
            errors.at_span(
                place,
                format_args!("{problem}; `{derive}` needs a struct with named fields: write `{example}`"),
            );
        }
        self.problem.is_none()
    }
}
