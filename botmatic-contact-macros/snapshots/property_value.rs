#[allow(
    deprecated,
    unused_qualifications,
    clippy::absolute_paths,
    clippy::allow_attributes,
    clippy::allow_attributes_without_reason
)]
#[automatically_derived]
impl ::botmatic_contact::__private::PropertyValue for Status {
    const KIND: ::botmatic_contact::__private::PropertyKind = ::botmatic_contact::__private::PropertyKind::Text;
    const CHOICES: &'static [&'static ::core::primitive::str] = &[
        "active",
        "on_leave",
        "former member",
    ];
    fn to_value(
        &self,
    ) -> ::botmatic_contact::__private::Result<
        ::botmatic_contact::__private::Value,
        ::botmatic_contact::__private::ValueError,
    > {
        ::botmatic_contact::__private::write_choice(
            match self {
                Self::Active => "active",
                Self::OnLeave => "on_leave",
                Self::Left => "former member",
            },
        )
    }
    fn from_value(
        __value: &::botmatic_contact::__private::Value,
    ) -> ::botmatic_contact::__private::Result<
        Self,
        ::botmatic_contact::__private::ValueError,
    > {
        ::botmatic_contact::__private::read_choice(
            __value,
            <Self as ::botmatic_contact::__private::PropertyValue>::CHOICES,
            [Self::Active, Self::OnLeave, Self::Left],
        )
    }
}
#[allow(
    deprecated,
    unused_qualifications,
    clippy::absolute_paths,
    clippy::allow_attributes,
    clippy::allow_attributes_without_reason
)]
#[automatically_derived]
impl<T: Clone> ::botmatic_contact::__private::PropertyValue for Wrapper<T>
where
    T: ::botmatic_contact::__private::PropertyValue,
{
    const KIND: ::botmatic_contact::__private::PropertyKind = <T as ::botmatic_contact::__private::PropertyValue>::KIND;
    const CHOICES: &'static [&'static ::core::primitive::str] = <T as ::botmatic_contact::__private::PropertyValue>::CHOICES;
    fn to_value(
        &self,
    ) -> ::botmatic_contact::__private::Result<
        ::botmatic_contact::__private::Value,
        ::botmatic_contact::__private::ValueError,
    > {
        <T as ::botmatic_contact::__private::PropertyValue>::to_value(&self.value)
    }
    fn from_value(
        __value: &::botmatic_contact::__private::Value,
    ) -> ::botmatic_contact::__private::Result<
        Self,
        ::botmatic_contact::__private::ValueError,
    > {
        ::botmatic_contact::__private::Ok(Self {
            value: <T as ::botmatic_contact::__private::PropertyValue>::from_value(
                __value,
            )?,
        })
    }
    fn canonical(
        __value: ::botmatic_contact::__private::Value,
    ) -> ::botmatic_contact::__private::Result<
        ::botmatic_contact::__private::Value,
        ::botmatic_contact::__private::ValueError,
    > {
        <T as ::botmatic_contact::__private::PropertyValue>::canonical(__value)
    }
}
#[allow(
    deprecated,
    unused_qualifications,
    clippy::absolute_paths,
    clippy::allow_attributes,
    clippy::allow_attributes_without_reason
)]
#[automatically_derived]
impl ::botmatic_contact::__private::IdValue for CandidateId {
    fn to_external_id(
        &self,
    ) -> ::botmatic_contact::__private::Option<
        ::botmatic_contact::__private::ExternalId,
    > {
        <u64 as ::botmatic_contact::__private::IdValue>::to_external_id(&self.0)
    }
    fn unassigned() -> Self {
        Self {
            0: <u64 as ::botmatic_contact::__private::IdValue>::unassigned(),
        }
    }
}
