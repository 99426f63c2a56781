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
pub(crate) struct CandidatePatch {
    /// What happens to `first_name`.
    pub first_name: ::botmatic_contact::__private::Change<String>,
    /// What happens to `email_address`.
    email_address: ::botmatic_contact::__private::Change<String>,
    /// What happens to `signed_up`.
    signed_up: ::botmatic_contact::__private::Change<jiff::Timestamp>,
    /// What happens to `validation`.
    validation: ::botmatic_contact::__private::Change<u8>,
    /// What happens to `school`.
    school: ::botmatic_contact::__private::Change<School>,
    /// What happens to `birth_date`.
    birth_date: ::botmatic_contact::__private::Change<Date>,
    /// What happens to `type`.
    r#type: ::botmatic_contact::__private::Change<u8>,
    /// What happens to `colour`.
    colour: ::botmatic_contact::__private::Change<Colour>,
    /// What happens to `greeting`.
    greeting: ::botmatic_contact::__private::Change<String>,
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
    #[allow(dead_code)]
    struct __With_signed_up;
    impl __With_signed_up {
        const fn conversion() -> impl ::botmatic_contact::__private::Conversion<
            jiff::Timestamp,
        > + ::core::marker::Copy {
            ::botmatic_contact::__private::conversion(
                legacy::datetime::to_botmatic,
                legacy::datetime::from_botmatic,
            )
        }
    }
    #[automatically_derived]
    impl ::botmatic_contact::__private::Codec<jiff::Timestamp> for __With_signed_up {
        const KIND: ::botmatic_contact::__private::PropertyKind = ::botmatic_contact::__private::kind_of(
            Self::conversion(),
        );
        fn encode(
            __value: &jiff::Timestamp,
        ) -> ::botmatic_contact::__private::Result<
            ::botmatic_contact::__private::Value,
            ::botmatic_contact::__private::ValueError,
        > {
            ::botmatic_contact::__private::Conversion::encode(
                Self::conversion(),
                __value,
            )
        }
        fn decode(
            __value: &::botmatic_contact::__private::Value,
        ) -> ::botmatic_contact::__private::Result<
            jiff::Timestamp,
            ::botmatic_contact::__private::ValueError,
        > {
            ::botmatic_contact::__private::Conversion::decode(
                Self::conversion(),
                __value,
            )
        }
    }
    #[automatically_derived]
    impl ::botmatic_contact::__private::Default for CandidatePatch {
        fn default() -> Self {
            Self {
                first_name: ::botmatic_contact::__private::Change::Keep,
                email_address: ::botmatic_contact::__private::Change::Keep,
                signed_up: ::botmatic_contact::__private::Change::Keep,
                validation: ::botmatic_contact::__private::Change::Keep,
                school: ::botmatic_contact::__private::Change::Keep,
                birth_date: ::botmatic_contact::__private::Change::Keep,
                r#type: ::botmatic_contact::__private::Change::Keep,
                colour: ::botmatic_contact::__private::Change::Keep,
                greeting: ::botmatic_contact::__private::Change::Keep,
            }
        }
    }
    #[automatically_derived]
    impl ::botmatic_contact::__private::fmt::Debug for CandidatePatch {
        fn fmt(
            &self,
            __formatter: &mut ::botmatic_contact::__private::fmt::Formatter<'_>,
        ) -> ::botmatic_contact::__private::fmt::Result {
            __formatter
                .debug_struct("CandidatePatch")
                .field(
                    "first_name",
                    &::botmatic_contact::__private::Change::state(&self.first_name),
                )
                .field(
                    "email_address",
                    &::botmatic_contact::__private::Change::state(&self.email_address),
                )
                .field(
                    "signed_up",
                    &::botmatic_contact::__private::Change::state(&self.signed_up),
                )
                .field(
                    "validation",
                    &::botmatic_contact::__private::Change::state(&self.validation),
                )
                .field(
                    "school",
                    &::botmatic_contact::__private::Change::state(&self.school),
                )
                .field(
                    "birth_date",
                    &::botmatic_contact::__private::Change::state(&self.birth_date),
                )
                .field(
                    "type",
                    &::botmatic_contact::__private::Change::state(&self.r#type),
                )
                .field(
                    "colour",
                    &::botmatic_contact::__private::Change::state(&self.colour),
                )
                .field(
                    "greeting",
                    &::botmatic_contact::__private::Change::state(&self.greeting),
                )
                .finish()
        }
    }
    #[automatically_derived]
    impl ::botmatic_contact::__private::ContactPatch for CandidatePatch {
        type Contact = Candidate;
        fn from_properties(
            __properties: &::botmatic_contact::__private::Properties,
        ) -> ::botmatic_contact::__private::Result<
            Self,
            ::botmatic_contact::__private::MappingError,
        > {
            let _ = <::botmatic_contact::__private::Plain as ::botmatic_contact::__private::Codec<
                String,
            >>::KIND;
            let _ = <::botmatic_contact::__private::Plain as ::botmatic_contact::__private::Codec<
                String,
            >>::KIND;
            let _ = <__With_signed_up as ::botmatic_contact::__private::Codec<
                jiff::Timestamp,
            >>::KIND;
            let _ = <::botmatic_contact::__private::Plain as ::botmatic_contact::__private::Codec<
                u8,
            >>::KIND;
            let _ = <::botmatic_contact::__private::Json as ::botmatic_contact::__private::Codec<
                School,
            >>::KIND;
            let _ = <::botmatic_contact::__private::Plain as ::botmatic_contact::__private::Codec<
                Date,
            >>::KIND;
            let _ = <::botmatic_contact::__private::Plain as ::botmatic_contact::__private::Codec<
                u8,
            >>::KIND;
            let _ = <::botmatic_contact::__private::Display as ::botmatic_contact::__private::Codec<
                Colour,
            >>::KIND;
            let _ = <::botmatic_contact::__private::Plain as ::botmatic_contact::__private::Codec<
                String,
            >>::KIND;
            let mut __reader = ::botmatic_contact::__private::Reader::new(__properties);
            let __patch = Self {
                first_name: __reader
                    .change::<
                        ::botmatic_contact::__private::Plain,
                        String,
                    >("firstname", ::botmatic_contact::__private::Presence::Required),
                email_address: __reader
                    .change::<
                        ::botmatic_contact::__private::Plain,
                        String,
                    >("email", ::botmatic_contact::__private::Presence::Optional),
                signed_up: __reader
                    .change::<
                        __With_signed_up,
                        jiff::Timestamp,
                    >("signup_date", ::botmatic_contact::__private::Presence::Required),
                validation: __reader
                    .change::<
                        ::botmatic_contact::__private::Plain,
                        u8,
                    >("validation", ::botmatic_contact::__private::Presence::Defaulted),
                school: __reader
                    .change::<
                        ::botmatic_contact::__private::Json,
                        School,
                    >("school", ::botmatic_contact::__private::Presence::Optional),
                birth_date: __reader
                    .change::<
                        ::botmatic_contact::__private::Plain,
                        Date,
                    >("birth_date", ::botmatic_contact::__private::Presence::Optional),
                r#type: __reader
                    .change::<
                        ::botmatic_contact::__private::Plain,
                        u8,
                    >("type", ::botmatic_contact::__private::Presence::Required),
                colour: __reader
                    .change::<
                        ::botmatic_contact::__private::Display,
                        Colour,
                    >("colour", ::botmatic_contact::__private::Presence::Required),
                greeting: __reader
                    .change::<
                        ::botmatic_contact::__private::Plain,
                        String,
                    >("greeting", ::botmatic_contact::__private::Presence::Optional),
            };
            __reader.finish(__patch)
        }
        fn to_properties(
            &self,
        ) -> ::botmatic_contact::__private::Result<
            ::botmatic_contact::__private::Properties,
            ::botmatic_contact::__private::MappingError,
        > {
            let _ = <::botmatic_contact::__private::Plain as ::botmatic_contact::__private::Codec<
                String,
            >>::KIND;
            let _ = <::botmatic_contact::__private::Plain as ::botmatic_contact::__private::Codec<
                String,
            >>::KIND;
            let _ = <__With_signed_up as ::botmatic_contact::__private::Codec<
                jiff::Timestamp,
            >>::KIND;
            let _ = <::botmatic_contact::__private::Plain as ::botmatic_contact::__private::Codec<
                u8,
            >>::KIND;
            let _ = <::botmatic_contact::__private::Json as ::botmatic_contact::__private::Codec<
                School,
            >>::KIND;
            let _ = <::botmatic_contact::__private::Plain as ::botmatic_contact::__private::Codec<
                Date,
            >>::KIND;
            let _ = <::botmatic_contact::__private::Plain as ::botmatic_contact::__private::Codec<
                u8,
            >>::KIND;
            let _ = <::botmatic_contact::__private::Display as ::botmatic_contact::__private::Codec<
                Colour,
            >>::KIND;
            let _ = <::botmatic_contact::__private::Plain as ::botmatic_contact::__private::Codec<
                String,
            >>::KIND;
            let mut __writer = ::botmatic_contact::__private::Writer::with_capacity(
                9usize,
            );
            __writer
                .change::<
                    ::botmatic_contact::__private::Plain,
                    String,
                >("firstname", &self.first_name);
            __writer
                .change::<
                    ::botmatic_contact::__private::Plain,
                    String,
                >("email", &self.email_address);
            __writer
                .change::<
                    __With_signed_up,
                    jiff::Timestamp,
                >("signup_date", &self.signed_up);
            __writer
                .change::<
                    ::botmatic_contact::__private::Plain,
                    u8,
                >("validation", &self.validation);
            __writer
                .change::<
                    ::botmatic_contact::__private::Json,
                    School,
                >("school", &self.school);
            __writer
                .change::<
                    ::botmatic_contact::__private::Plain,
                    Date,
                >("birth_date", &self.birth_date);
            __writer
                .change::<
                    ::botmatic_contact::__private::Plain,
                    u8,
                >("type", &self.r#type);
            __writer
                .change::<
                    ::botmatic_contact::__private::Display,
                    Colour,
                >("colour", &self.colour);
            __writer
                .change::<
                    ::botmatic_contact::__private::Plain,
                    String,
                >("greeting", &self.greeting);
            __writer.finish()
        }
        fn is_empty(&self) -> ::core::primitive::bool {
            ::botmatic_contact::__private::Change::is_keep(&self.first_name)
                && ::botmatic_contact::__private::Change::is_keep(&self.email_address)
                && ::botmatic_contact::__private::Change::is_keep(&self.signed_up)
                && ::botmatic_contact::__private::Change::is_keep(&self.validation)
                && ::botmatic_contact::__private::Change::is_keep(&self.school)
                && ::botmatic_contact::__private::Change::is_keep(&self.birth_date)
                && ::botmatic_contact::__private::Change::is_keep(&self.r#type)
                && ::botmatic_contact::__private::Change::is_keep(&self.colour)
                && ::botmatic_contact::__private::Change::is_keep(&self.greeting)
        }
        fn apply(
            self,
            __contact: &mut Self::Contact,
        ) -> ::botmatic_contact::__private::Result<
            (),
            ::botmatic_contact::__private::MappingError,
        > {
            let mut __outcome = ::botmatic_contact::__private::Ok(());
            ::botmatic_contact::__private::Change::apply_required(
                self.first_name,
                "firstname",
                &mut __contact.first_name,
                &mut __outcome,
            );
            ::botmatic_contact::__private::Change::apply_optional(
                self.email_address,
                &mut __contact.email_address,
            );
            ::botmatic_contact::__private::Change::apply_required(
                self.signed_up,
                "signup_date",
                &mut __contact.signed_up,
                &mut __outcome,
            );
            ::botmatic_contact::__private::Change::apply_or(
                self.validation,
                &mut __contact.validation,
                <u8 as ::botmatic_contact::__private::Default>::default,
            );
            ::botmatic_contact::__private::Change::apply_optional(
                self.school,
                &mut __contact.school,
            );
            ::botmatic_contact::__private::Change::apply_optional(
                self.birth_date,
                &mut __contact.birth_date,
            );
            ::botmatic_contact::__private::Change::apply_required(
                self.r#type,
                "type",
                &mut __contact.r#type,
                &mut __outcome,
            );
            ::botmatic_contact::__private::Change::apply_required(
                self.colour,
                "colour",
                &mut __contact.colour,
                &mut __outcome,
            );
            ::botmatic_contact::__private::Change::apply_optional(
                self.greeting,
                &mut __contact.greeting,
            );
            __outcome
        }
    }
    struct __As_birth_date<'__value, __V>(
        &'__value __V,
        ::core::marker::PhantomData<fn() -> ()>,
    );
    #[automatically_derived]
    impl<'__value> ::botmatic_contact::__private::Serialize
    for __As_birth_date<'__value, Date>
    where
        for<'__a> Date: ::core::clone::Clone,
    {
        fn serialize<__S: ::botmatic_contact::__private::Serializer>(
            &self,
            __serializer: __S,
        ) -> ::botmatic_contact::__private::Result<__S::Ok, __S::Error> {
            days::serialize(
                &::botmatic_contact::__private::Some(
                    ::core::clone::Clone::clone(self.0),
                ),
                __serializer,
            )
        }
    }
    struct __As_type<'__value, __V>(
        &'__value __V,
        ::core::marker::PhantomData<fn() -> ()>,
    );
    #[automatically_derived]
    impl<'__value> ::botmatic_contact::__private::Serialize for __As_type<'__value, u8> {
        fn serialize<__S: ::botmatic_contact::__private::Serializer>(
            &self,
            __serializer: __S,
        ) -> ::botmatic_contact::__private::Result<__S::Ok, __S::Error> {
            as_text(self.0, __serializer)
        }
    }
    #[automatically_derived]
    impl ::botmatic_contact::__private::Serialize for CandidatePatch
    where
        for<'__a> String: ::botmatic_contact::__private::Serialize,
        for<'__a> jiff::Timestamp: ::botmatic_contact::__private::Serialize,
        for<'__a> u8: ::botmatic_contact::__private::Serialize,
        for<'__a> Date: ::core::clone::Clone,
        for<'__a> Colour: ::botmatic_contact::__private::Serialize,
    {
        fn serialize<__S: ::botmatic_contact::__private::Serializer>(
            &self,
            __serializer: __S,
        ) -> ::botmatic_contact::__private::Result<__S::Ok, __S::Error> {
            let mut __map = ::botmatic_contact::__private::Serializer::serialize_map(
                __serializer,
                ::botmatic_contact::__private::None,
            )?;
            ::botmatic_contact::__private::serialize_change(
                &mut __map,
                "firstName",
                &self.first_name,
            )?;
            ::botmatic_contact::__private::serialize_change(
                &mut __map,
                "emailAddress",
                &self.email_address,
            )?;
            ::botmatic_contact::__private::serialize_change(
                &mut __map,
                "signedUp",
                &self.signed_up,
            )?;
            ::botmatic_contact::__private::serialize_change(
                &mut __map,
                "valid",
                &self.validation,
            )?;
            ::botmatic_contact::__private::serialize_change_with(
                &mut __map,
                "birthDate",
                &self.birth_date,
                |__value| __As_birth_date::<
                    '_,
                    Date,
                >(__value, ::core::marker::PhantomData),
            )?;
            ::botmatic_contact::__private::serialize_change_with(
                &mut __map,
                "type",
                &self.r#type,
                |__value| __As_type::<'_, u8>(__value, ::core::marker::PhantomData),
            )?;
            ::botmatic_contact::__private::serialize_change(
                &mut __map,
                "colour",
                &self.colour,
            )?;
            ::botmatic_contact::__private::serialize_change(
                &mut __map,
                "greeting",
                &self.greeting,
            )?;
            ::botmatic_contact::__private::SerializeMap::end(__map)
        }
    }
    const _: ::botmatic_contact::__private::Option<&'static ::core::primitive::str> = <Candidate as ::botmatic_contact::__private::ContactMapping>::EMAIL;
    #[automatically_derived]
    impl ::botmatic_contact::__private::ContactMapping for Candidate {
        type Patch = CandidatePatch;
        const PROPERTIES: &'static [::botmatic_contact::__private::Property] = &[
            {
                let _ = <::botmatic_contact::__private::Plain as ::botmatic_contact::__private::Codec<
                    String,
                >>::KIND;
                ::botmatic_contact::__private::Property::of::<
                    ::botmatic_contact::__private::Plain,
                    String,
                >("firstname")
            },
            {
                let _ = <::botmatic_contact::__private::Plain as ::botmatic_contact::__private::Codec<
                    String,
                >>::KIND;
                ::botmatic_contact::__private::Property::of::<
                    ::botmatic_contact::__private::Plain,
                    String,
                >("email")
            },
            {
                let _ = <__With_signed_up as ::botmatic_contact::__private::Codec<
                    jiff::Timestamp,
                >>::KIND;
                ::botmatic_contact::__private::Property::of::<
                    __With_signed_up,
                    jiff::Timestamp,
                >("signup_date")
            },
            {
                let _ = <::botmatic_contact::__private::Plain as ::botmatic_contact::__private::Codec<
                    u8,
                >>::KIND;
                ::botmatic_contact::__private::Property::of::<
                    ::botmatic_contact::__private::Plain,
                    u8,
                >("validation")
            },
            {
                let _ = <::botmatic_contact::__private::Json as ::botmatic_contact::__private::Codec<
                    School,
                >>::KIND;
                ::botmatic_contact::__private::Property::of::<
                    ::botmatic_contact::__private::Json,
                    School,
                >("school")
            },
            {
                let _ = <::botmatic_contact::__private::Plain as ::botmatic_contact::__private::Codec<
                    Date,
                >>::KIND;
                ::botmatic_contact::__private::Property::of::<
                    ::botmatic_contact::__private::Plain,
                    Date,
                >("birth_date")
            },
            {
                let _ = <::botmatic_contact::__private::Plain as ::botmatic_contact::__private::Codec<
                    u8,
                >>::KIND;
                ::botmatic_contact::__private::Property::of::<
                    ::botmatic_contact::__private::Plain,
                    u8,
                >("type")
            },
            {
                let _ = <::botmatic_contact::__private::Display as ::botmatic_contact::__private::Codec<
                    Colour,
                >>::KIND;
                ::botmatic_contact::__private::Property::of::<
                    ::botmatic_contact::__private::Display,
                    Colour,
                >("colour")
            },
            {
                let _ = <::botmatic_contact::__private::Plain as ::botmatic_contact::__private::Codec<
                    u32,
                >>::KIND;
                ::botmatic_contact::__private::Property::of::<
                    ::botmatic_contact::__private::Plain,
                    u32,
                >("visits")
                    .one_way(::botmatic_contact::__private::Access::ReadOnly)
            },
            {
                let _ = <::botmatic_contact::__private::Plain as ::botmatic_contact::__private::Codec<
                    String,
                >>::KIND;
                ::botmatic_contact::__private::Property::of::<
                    ::botmatic_contact::__private::Plain,
                    String,
                >("greeting")
                    .one_way(::botmatic_contact::__private::Access::WriteOnly)
            },
        ];
        const EMAIL: ::botmatic_contact::__private::Option<
            &'static ::core::primitive::str,
        > = ::botmatic_contact::__private::Some({
            let _ = <::botmatic_contact::__private::Plain as ::botmatic_contact::__private::Codec<
                String,
            >>::KIND;
            ::botmatic_contact::__private::email_of::<
                ::botmatic_contact::__private::Plain,
                String,
            >("email")
        });
        fn external_id(
            &self,
        ) -> ::botmatic_contact::__private::Option<
            ::botmatic_contact::__private::ExternalId,
        > {
            <u64 as ::botmatic_contact::__private::IdValue>::to_external_id(
                &self.id_candidate,
            )
        }
        fn to_properties(
            &self,
        ) -> ::botmatic_contact::__private::Result<
            ::botmatic_contact::__private::Properties,
            ::botmatic_contact::__private::MappingError,
        > {
            let _ = <::botmatic_contact::__private::Plain as ::botmatic_contact::__private::Codec<
                String,
            >>::KIND;
            let _ = <::botmatic_contact::__private::Plain as ::botmatic_contact::__private::Codec<
                String,
            >>::KIND;
            let _ = <__With_signed_up as ::botmatic_contact::__private::Codec<
                jiff::Timestamp,
            >>::KIND;
            let _ = <::botmatic_contact::__private::Plain as ::botmatic_contact::__private::Codec<
                u8,
            >>::KIND;
            let _ = <::botmatic_contact::__private::Json as ::botmatic_contact::__private::Codec<
                School,
            >>::KIND;
            let _ = <::botmatic_contact::__private::Plain as ::botmatic_contact::__private::Codec<
                Date,
            >>::KIND;
            let _ = <::botmatic_contact::__private::Plain as ::botmatic_contact::__private::Codec<
                u8,
            >>::KIND;
            let _ = <::botmatic_contact::__private::Display as ::botmatic_contact::__private::Codec<
                Colour,
            >>::KIND;
            let _ = <::botmatic_contact::__private::Plain as ::botmatic_contact::__private::Codec<
                u32,
            >>::KIND;
            let mut __writer = ::botmatic_contact::__private::Writer::with_capacity(
                9usize,
            );
            __writer
                .required::<
                    ::botmatic_contact::__private::Plain,
                    String,
                >("firstname", &self.first_name);
            __writer
                .optional::<
                    ::botmatic_contact::__private::Plain,
                    String,
                >("email", &self.email_address);
            __writer
                .required::<
                    __With_signed_up,
                    jiff::Timestamp,
                >("signup_date", &self.signed_up);
            __writer
                .required::<
                    ::botmatic_contact::__private::Plain,
                    u8,
                >("validation", &self.validation);
            __writer
                .optional::<
                    ::botmatic_contact::__private::Json,
                    School,
                >("school", &self.school);
            __writer
                .optional::<
                    ::botmatic_contact::__private::Plain,
                    Date,
                >("birth_date", &self.birth_date);
            __writer
                .required::<
                    ::botmatic_contact::__private::Plain,
                    u8,
                >("type", &self.r#type);
            __writer
                .required::<
                    ::botmatic_contact::__private::Display,
                    Colour,
                >("colour", &self.colour);
            __writer
                .required::<
                    ::botmatic_contact::__private::Plain,
                    u32,
                >("visits", &self.visits);
            __writer.finish()
        }
        fn write_only(
            &self,
        ) -> ::botmatic_contact::__private::Result<
            ::botmatic_contact::__private::Properties,
            ::botmatic_contact::__private::MappingError,
        > {
            let _ = <::botmatic_contact::__private::Plain as ::botmatic_contact::__private::Codec<
                String,
            >>::KIND;
            let mut __writer = ::botmatic_contact::__private::Writer::with_capacity(
                1usize,
            );
            __writer
                .optional::<
                    ::botmatic_contact::__private::Plain,
                    String,
                >("greeting", &self.greeting);
            __writer.finish()
        }
        fn from_properties(
            __properties: &::botmatic_contact::__private::Properties,
        ) -> ::botmatic_contact::__private::Result<
            Self,
            ::botmatic_contact::__private::MappingError,
        > {
            let _ = <::botmatic_contact::__private::Plain as ::botmatic_contact::__private::Codec<
                String,
            >>::KIND;
            let _ = <::botmatic_contact::__private::Plain as ::botmatic_contact::__private::Codec<
                String,
            >>::KIND;
            let _ = <__With_signed_up as ::botmatic_contact::__private::Codec<
                jiff::Timestamp,
            >>::KIND;
            let _ = <::botmatic_contact::__private::Plain as ::botmatic_contact::__private::Codec<
                u8,
            >>::KIND;
            let _ = <::botmatic_contact::__private::Json as ::botmatic_contact::__private::Codec<
                School,
            >>::KIND;
            let _ = <::botmatic_contact::__private::Plain as ::botmatic_contact::__private::Codec<
                Date,
            >>::KIND;
            let _ = <::botmatic_contact::__private::Plain as ::botmatic_contact::__private::Codec<
                u8,
            >>::KIND;
            let _ = <::botmatic_contact::__private::Display as ::botmatic_contact::__private::Codec<
                Colour,
            >>::KIND;
            let _ = <::botmatic_contact::__private::Plain as ::botmatic_contact::__private::Codec<
                u32,
            >>::KIND;
            let _ = <::botmatic_contact::__private::Plain as ::botmatic_contact::__private::Codec<
                String,
            >>::KIND;
            let mut __reader = ::botmatic_contact::__private::Reader::new(__properties);
            ::botmatic_contact::__private::Ok(Self {
                id_candidate: <u64 as ::botmatic_contact::__private::IdValue>::unassigned(),
                first_name: __reader
                    .required::<
                        ::botmatic_contact::__private::Plain,
                        String,
                    >("firstname")?,
                email_address: __reader
                    .optional::<::botmatic_contact::__private::Plain, String>("email")?,
                signed_up: __reader
                    .required::<__With_signed_up, jiff::Timestamp>("signup_date")?,
                validation: __reader
                    .optional_or::<
                        ::botmatic_contact::__private::Plain,
                        u8,
                    >(
                        "validation",
                        <u8 as ::botmatic_contact::__private::Default>::default,
                    )?,
                school: __reader
                    .optional::<::botmatic_contact::__private::Json, School>("school")?,
                birth_date: __reader
                    .optional::<
                        ::botmatic_contact::__private::Plain,
                        Date,
                    >("birth_date")?,
                r#type: __reader
                    .required::<::botmatic_contact::__private::Plain, u8>("type")?,
                password_hash: <String as ::botmatic_contact::__private::Default>::default(),
                colour: __reader
                    .required::<
                        ::botmatic_contact::__private::Display,
                        Colour,
                    >("colour")?,
                visits: <u32 as ::botmatic_contact::__private::Default>::default(),
                greeting: __reader
                    .optional::<
                        ::botmatic_contact::__private::Plain,
                        String,
                    >("greeting")?,
            })
        }
        fn canonical(
            __properties: ::botmatic_contact::__private::Properties,
        ) -> ::botmatic_contact::__private::Result<
            ::botmatic_contact::__private::Properties,
            ::botmatic_contact::__private::MappingError,
        > {
            let _ = <::botmatic_contact::__private::Plain as ::botmatic_contact::__private::Codec<
                String,
            >>::KIND;
            let _ = <::botmatic_contact::__private::Plain as ::botmatic_contact::__private::Codec<
                String,
            >>::KIND;
            let _ = <__With_signed_up as ::botmatic_contact::__private::Codec<
                jiff::Timestamp,
            >>::KIND;
            let _ = <::botmatic_contact::__private::Plain as ::botmatic_contact::__private::Codec<
                u8,
            >>::KIND;
            let _ = <::botmatic_contact::__private::Json as ::botmatic_contact::__private::Codec<
                School,
            >>::KIND;
            let _ = <::botmatic_contact::__private::Plain as ::botmatic_contact::__private::Codec<
                Date,
            >>::KIND;
            let _ = <::botmatic_contact::__private::Plain as ::botmatic_contact::__private::Codec<
                u8,
            >>::KIND;
            let _ = <::botmatic_contact::__private::Display as ::botmatic_contact::__private::Codec<
                Colour,
            >>::KIND;
            let _ = <::botmatic_contact::__private::Plain as ::botmatic_contact::__private::Codec<
                u32,
            >>::KIND;
            let _ = <::botmatic_contact::__private::Plain as ::botmatic_contact::__private::Codec<
                String,
            >>::KIND;
            let mut __fields = ::botmatic_contact::__private::Canonical::new(
                __properties,
                9usize,
            );
            __fields
                .field::<
                    ::botmatic_contact::__private::Plain,
                    String,
                >("firstname", ::botmatic_contact::__private::Presence::Required);
            __fields
                .field::<
                    ::botmatic_contact::__private::Plain,
                    String,
                >("email", ::botmatic_contact::__private::Presence::Optional);
            __fields
                .field::<
                    __With_signed_up,
                    jiff::Timestamp,
                >("signup_date", ::botmatic_contact::__private::Presence::Required);
            __fields
                .field::<
                    ::botmatic_contact::__private::Plain,
                    u8,
                >("validation", ::botmatic_contact::__private::Presence::Defaulted);
            __fields
                .field::<
                    ::botmatic_contact::__private::Json,
                    School,
                >("school", ::botmatic_contact::__private::Presence::Optional);
            __fields
                .field::<
                    ::botmatic_contact::__private::Plain,
                    Date,
                >("birth_date", ::botmatic_contact::__private::Presence::Optional);
            __fields
                .field::<
                    ::botmatic_contact::__private::Plain,
                    u8,
                >("type", ::botmatic_contact::__private::Presence::Required);
            __fields
                .field::<
                    ::botmatic_contact::__private::Display,
                    Colour,
                >("colour", ::botmatic_contact::__private::Presence::Required);
            __fields
                .field::<
                    ::botmatic_contact::__private::Plain,
                    String,
                >("greeting", ::botmatic_contact::__private::Presence::Optional);
            __fields.finish()
        }
    }
    ::botmatic_contact::__private::samples! {
        [] [Candidate] [] { id_candidate : < u64 as
        ::botmatic_contact::__private::IdValue > ::unassigned(), password_hash : < String
        as ::botmatic_contact::__private::Default > ::default(), visits : < u32 as
        ::botmatic_contact::__private::Default > ::default(), } { first_name : @ required
        "firstname"[::botmatic_contact::__private::Plain, String] email_address : @
        optional "email"[::botmatic_contact::__private::Plain, String] signed_up : @
        required "signup_date"[__With_signed_up, jiff::Timestamp] validation : @ required
        "validation"[::botmatic_contact::__private::Plain, u8] school : @ optional
        "school"[::botmatic_contact::__private::Json, School] birth_date : @ optional
        "birth_date"[::botmatic_contact::__private::Plain, Date] r#type : @ required
        "type"[::botmatic_contact::__private::Plain, u8] colour : @ required
        "colour"[::botmatic_contact::__private::Display, Colour] greeting : @ optional
        "greeting"[::botmatic_contact::__private::Plain, String] }
    }
};
