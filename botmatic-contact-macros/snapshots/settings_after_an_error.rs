::core::compile_error! {
    "no number is at least this and at most `max`; exchange the two"
}
::core::compile_error! {
    "`kind` says what a `String` holds, and this follows from the type; give the field the type `jiff::civil::Date`"
}
::core::compile_error! {
    "the input `token` is the page's own; give the field another name, and say `token` in its `label`"
}
#[allow(
    deprecated,
    unused_qualifications,
    clippy::absolute_paths,
    clippy::allow_attributes,
    clippy::allow_attributes_without_reason
)]
#[automatically_derived]
impl ::botmatic_contact::__private::SettingsForm for Settings {
    fn form() -> ::botmatic_contact::__private::Form {
        ::botmatic_contact::__private::unreachable_after_error()
    }
    fn show(
        &self,
    ) -> ::botmatic_contact::__private::Vec<::botmatic_contact::__private::Shown> {
        ::botmatic_contact::__private::unreachable_after_error()
    }
    fn read(
        _: &mut ::botmatic_contact::__private::FormReader<'_>,
        _: ::botmatic_contact::__private::Option<&Self>,
    ) -> ::botmatic_contact::__private::Option<Self> {
        ::botmatic_contact::__private::unreachable_after_error()
    }
}
