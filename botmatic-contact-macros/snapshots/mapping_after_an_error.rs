::core::compile_error! {
    "unknown option `emial`; did you mean `email`?"
}
::core::compile_error! {
    "`json` takes no value; write `json`, or leave it out"
}
::core::compile_error! {
    "`with` takes a path, not text; write it without quotes: `with = m`"
}
::core::compile_error! {
    "`Candidate` has no external id; mark the field that holds it with `#[contact(id)]`"
}
::core::compile_error! {
    "`id` is Botmatic's own contact id and cannot be a property; write another name, or `#[contact(id)]` if this field holds the external id"
}
::core::compile_error! {
    "the property `a` belongs to another field already; write another name"
}
::core::compile_error! {
    "`a` is mapped here"
}
::core::compile_error! {
    "a skipped field is not a property, so `skip` stands alone; write `#[contact(skip)]`"
}
///A change to a [`Candidate`]: each field is left alone, cleared or set.
#[allow(
    dead_code,
    deprecated,
    missing_copy_implementations,
    non_camel_case_types,
    non_snake_case,
    unreachable_pub,
    unused_qualifications,
    clippy::absolute_paths,
    clippy::allow_attributes,
    clippy::allow_attributes_without_reason,
    clippy::exhaustive_structs,
    clippy::module_name_repetitions,
    clippy::partial_pub_fields,
    clippy::pub_underscore_fields,
    clippy::struct_field_names
)]
pub struct CandidatePatch<T: Clone> {
    /// What happens to `id`.
    id: ::botmatic_contact::__private::Change<u64>,
    /// What happens to `a`.
    pub a: ::botmatic_contact::__private::Change<T>,
    /// What happens to `b`.
    b: ::botmatic_contact::__private::Change<String>,
}
#[allow(
    deprecated,
    non_camel_case_types,
    trivial_bounds,
    unused_mut,
    unused_qualifications,
    unused_variables,
    clippy::absolute_paths,
    clippy::allow_attributes,
    clippy::allow_attributes_without_reason,
    clippy::used_underscore_binding
)]
const _: () = {
    #[automatically_derived]
    impl<T: Clone> ::botmatic_contact::__private::Default for CandidatePatch<T> {
        fn default() -> Self {
            ::botmatic_contact::__private::unreachable_after_error()
        }
    }
    #[automatically_derived]
    impl<T: Clone> ::botmatic_contact::__private::fmt::Debug for CandidatePatch<T> {
        fn fmt(
            &self,
            _: &mut ::botmatic_contact::__private::fmt::Formatter<'_>,
        ) -> ::botmatic_contact::__private::fmt::Result {
            ::botmatic_contact::__private::unreachable_after_error()
        }
    }
    #[automatically_derived]
    impl<T: Clone> ::botmatic_contact::__private::ContactPatch for CandidatePatch<T> {
        type Contact = Candidate<T>;
        fn from_properties(
            _: &::botmatic_contact::__private::Properties,
        ) -> ::botmatic_contact::__private::Result<
            Self,
            ::botmatic_contact::__private::MappingError,
        > {
            ::botmatic_contact::__private::unreachable_after_error()
        }
        fn to_properties(
            &self,
        ) -> ::botmatic_contact::__private::Result<
            ::botmatic_contact::__private::Properties,
            ::botmatic_contact::__private::MappingError,
        > {
            ::botmatic_contact::__private::unreachable_after_error()
        }
        fn is_empty(&self) -> ::core::primitive::bool {
            ::botmatic_contact::__private::unreachable_after_error()
        }
        fn apply(
            self,
            _: &mut Self::Contact,
        ) -> ::botmatic_contact::__private::Result<
            (),
            ::botmatic_contact::__private::MappingError,
        > {
            ::botmatic_contact::__private::unreachable_after_error()
        }
    }
    #[automatically_derived]
    impl<T: Clone> ::botmatic_contact::__private::Serialize for CandidatePatch<T> {
        fn serialize<__S: ::botmatic_contact::__private::Serializer>(
            &self,
            _: __S,
        ) -> ::botmatic_contact::__private::Result<__S::Ok, __S::Error> {
            ::botmatic_contact::__private::unreachable_after_error()
        }
    }
    #[automatically_derived]
    impl<T: Clone> ::botmatic_contact::__private::ContactMapping for Candidate<T> {
        type Patch = CandidatePatch<T>;
        const PROPERTIES: &'static [::botmatic_contact::__private::Property] = &[];
        const EMAIL: ::botmatic_contact::__private::Option<
            &'static ::core::primitive::str,
        > = ::botmatic_contact::__private::None;
        fn external_id(
            &self,
        ) -> ::botmatic_contact::__private::Option<
            ::botmatic_contact::__private::ExternalId,
        > {
            ::botmatic_contact::__private::unreachable_after_error()
        }
        fn to_properties(
            &self,
        ) -> ::botmatic_contact::__private::Result<
            ::botmatic_contact::__private::Properties,
            ::botmatic_contact::__private::MappingError,
        > {
            ::botmatic_contact::__private::unreachable_after_error()
        }
        fn from_properties(
            _: &::botmatic_contact::__private::Properties,
        ) -> ::botmatic_contact::__private::Result<
            Self,
            ::botmatic_contact::__private::MappingError,
        > {
            ::botmatic_contact::__private::unreachable_after_error()
        }
    }
    ::botmatic_contact::__private::samples! {
        [< T : Clone >] [Candidate < T >] []
    }
};
