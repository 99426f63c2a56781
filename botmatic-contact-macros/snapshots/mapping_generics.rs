///A change to a [`Person`]: each field is left alone, cleared or set.
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
struct PersonPatch<'a: 'static, Id, V: Value = u8, const N: usize = 3>
where
    V: Clone,
{
    /// What happens to `name`.
    name: crate::reexport::__private::Change<&'a str>,
    /// What happens to `values`.
    values: crate::reexport::__private::Change<[V; N]>,
    #[doc(hidden)]
    __generics: ::core::marker::PhantomData<fn() -> (&'a (), *const Id, *const V)>,
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
    struct __With_name<'a, Id, V, const N: usize>(
        ::core::marker::PhantomData<fn() -> (&'a (), *const Id, *const V)>,
    );
    impl<'a: 'static, Id, V: Value, const N: usize> __With_name<'a, Id, V, N>
    where
        V: Clone,
    {
        const fn conversion() -> impl crate::reexport::__private::Conversion<
            &'a str,
        > + ::core::marker::Copy {
            crate::reexport::__private::conversion(
                name::to_botmatic,
                name::from_botmatic,
            )
        }
    }
    #[automatically_derived]
    impl<
        'a: 'static,
        Id,
        V: Value,
        const N: usize,
    > crate::reexport::__private::Codec<&'a str> for __With_name<'a, Id, V, N>
    where
        V: Clone,
    {
        const KIND: crate::reexport::__private::PropertyKind = crate::reexport::__private::kind_of(
            Self::conversion(),
        );
        fn encode(
            __value: &&'a str,
        ) -> crate::reexport::__private::Result<
            crate::reexport::__private::Value,
            crate::reexport::__private::ValueError,
        > {
            crate::reexport::__private::Conversion::encode(Self::conversion(), __value)
        }
        fn decode(
            __value: &crate::reexport::__private::Value,
        ) -> crate::reexport::__private::Result<
            &'a str,
            crate::reexport::__private::ValueError,
        > {
            crate::reexport::__private::Conversion::decode(Self::conversion(), __value)
        }
    }
    #[automatically_derived]
    impl<'a: 'static, Id, V: Value, const N: usize> crate::reexport::__private::Default
    for PersonPatch<'a, Id, V, N>
    where
        V: Clone,
    {
        fn default() -> Self {
            Self {
                name: crate::reexport::__private::Change::Keep,
                values: crate::reexport::__private::Change::Keep,
                __generics: ::core::marker::PhantomData,
            }
        }
    }
    #[automatically_derived]
    impl<
        'a: 'static,
        Id,
        V: Value,
        const N: usize,
    > crate::reexport::__private::fmt::Debug for PersonPatch<'a, Id, V, N>
    where
        V: Clone,
    {
        fn fmt(
            &self,
            __formatter: &mut crate::reexport::__private::fmt::Formatter<'_>,
        ) -> crate::reexport::__private::fmt::Result {
            __formatter
                .debug_struct("PersonPatch")
                .field("name", &crate::reexport::__private::Change::state(&self.name))
                .field(
                    "values",
                    &crate::reexport::__private::Change::state(&self.values),
                )
                .finish()
        }
    }
    #[automatically_derived]
    impl<
        'a: 'static,
        Id,
        V: Value,
        const N: usize,
    > crate::reexport::__private::ContactPatch for PersonPatch<'a, Id, V, N>
    where
        V: Clone,
    {
        type Contact = Person<'a, Id, V, N>;
        fn from_properties(
            __properties: &crate::reexport::__private::Properties,
        ) -> crate::reexport::__private::Result<
            Self,
            crate::reexport::__private::MappingError,
        > {
            let _ = <__With_name<
                'a,
                Id,
                V,
                N,
            > as crate::reexport::__private::Codec<&'a str>>::KIND;
            let _ = <crate::reexport::__private::Plain as crate::reexport::__private::Codec<
                [V; N],
            >>::KIND;
            let mut __reader = crate::reexport::__private::Reader::new(__properties);
            let __patch = Self {
                name: __reader
                    .change::<
                        __With_name<'a, Id, V, N>,
                        &'a str,
                    >("name", crate::reexport::__private::Presence::Required),
                values: __reader
                    .change::<
                        crate::reexport::__private::Plain,
                        [V; N],
                    >("values", crate::reexport::__private::Presence::Required),
                __generics: ::core::marker::PhantomData,
            };
            __reader.finish(__patch)
        }
        fn to_properties(
            &self,
        ) -> crate::reexport::__private::Result<
            crate::reexport::__private::Properties,
            crate::reexport::__private::MappingError,
        > {
            let _ = <__With_name<
                'a,
                Id,
                V,
                N,
            > as crate::reexport::__private::Codec<&'a str>>::KIND;
            let _ = <crate::reexport::__private::Plain as crate::reexport::__private::Codec<
                [V; N],
            >>::KIND;
            let mut __writer = crate::reexport::__private::Writer::with_capacity(2usize);
            __writer.change::<__With_name<'a, Id, V, N>, &'a str>("name", &self.name);
            __writer
                .change::<
                    crate::reexport::__private::Plain,
                    [V; N],
                >("values", &self.values);
            __writer.finish()
        }
        fn is_empty(&self) -> ::core::primitive::bool {
            crate::reexport::__private::Change::is_keep(&self.name)
                && crate::reexport::__private::Change::is_keep(&self.values)
        }
        fn apply(
            self,
            __contact: &mut Self::Contact,
        ) -> crate::reexport::__private::Result<
            (),
            crate::reexport::__private::MappingError,
        > {
            let mut __outcome = crate::reexport::__private::Ok(());
            crate::reexport::__private::Change::apply_required(
                self.name,
                "name",
                &mut __contact.name,
                &mut __outcome,
            );
            crate::reexport::__private::Change::apply_required(
                self.values,
                "values",
                &mut __contact.values,
                &mut __outcome,
            );
            __outcome
        }
    }
    struct __As_name<'__value, 'a, __V, Id, V, const N: usize>(
        &'__value __V,
        ::core::marker::PhantomData<fn() -> (&'a (), *const Id, *const V)>,
    );
    #[automatically_derived]
    impl<
        '__value,
        'a: 'static,
        Id,
        V: Value,
        const N: usize,
    > crate::reexport::__private::Serialize
    for __As_name<'__value, 'a, &'a str, Id, V, N>
    where
        V: Clone,
    {
        fn serialize<__S: crate::reexport::__private::Serializer>(
            &self,
            __serializer: __S,
        ) -> crate::reexport::__private::Result<__S::Ok, __S::Error> {
            short(self.0, __serializer)
        }
    }
    #[automatically_derived]
    impl<'a: 'static, Id, V: Value, const N: usize> crate::reexport::__private::Serialize
    for PersonPatch<'a, Id, V, N>
    where
        V: Clone,
        for<'__a> [V; N]: crate::reexport::__private::Serialize,
    {
        fn serialize<__S: crate::reexport::__private::Serializer>(
            &self,
            __serializer: __S,
        ) -> crate::reexport::__private::Result<__S::Ok, __S::Error> {
            let mut __map = crate::reexport::__private::Serializer::serialize_map(
                __serializer,
                crate::reexport::__private::None,
            )?;
            crate::reexport::__private::serialize_change_with(
                &mut __map,
                "name",
                &self.name,
                |__value| __As_name::<
                    '_,
                    'a,
                    &'a str,
                    Id,
                    V,
                    N,
                >(__value, ::core::marker::PhantomData),
            )?;
            crate::reexport::__private::serialize_change(
                &mut __map,
                "values",
                &self.values,
            )?;
            crate::reexport::__private::SerializeMap::end(__map)
        }
    }
    #[automatically_derived]
    impl<
        'a: 'static,
        Id,
        V: Value,
        const N: usize,
    > crate::reexport::__private::ContactMapping for Person<'a, Id, V, N>
    where
        V: Clone,
    {
        type Patch = PersonPatch<'a, Id, V, N>;
        const PROPERTIES: &'static [crate::reexport::__private::Property] = &[
            {
                let _ = <__With_name<
                    'a,
                    Id,
                    V,
                    N,
                > as crate::reexport::__private::Codec<&'a str>>::KIND;
                crate::reexport::__private::Property::of::<
                    __With_name<'a, Id, V, N>,
                    &'a str,
                >("name")
            },
            {
                let _ = <crate::reexport::__private::Plain as crate::reexport::__private::Codec<
                    [V; N],
                >>::KIND;
                crate::reexport::__private::Property::of::<
                    crate::reexport::__private::Plain,
                    [V; N],
                >("values")
            },
        ];
        const EMAIL: crate::reexport::__private::Option<
            &'static ::core::primitive::str,
        > = crate::reexport::__private::None;
        fn external_id(
            &self,
        ) -> crate::reexport::__private::Option<crate::reexport::__private::ExternalId> {
            <Id as crate::reexport::__private::IdValue>::to_external_id(&self.id)
        }
        fn to_properties(
            &self,
        ) -> crate::reexport::__private::Result<
            crate::reexport::__private::Properties,
            crate::reexport::__private::MappingError,
        > {
            let _ = <__With_name<
                'a,
                Id,
                V,
                N,
            > as crate::reexport::__private::Codec<&'a str>>::KIND;
            let _ = <crate::reexport::__private::Plain as crate::reexport::__private::Codec<
                [V; N],
            >>::KIND;
            let mut __writer = crate::reexport::__private::Writer::with_capacity(2usize);
            __writer.required::<__With_name<'a, Id, V, N>, &'a str>("name", &self.name);
            __writer
                .required::<
                    crate::reexport::__private::Plain,
                    [V; N],
                >("values", &self.values);
            __writer.finish()
        }
        fn from_properties(
            __properties: &crate::reexport::__private::Properties,
        ) -> crate::reexport::__private::Result<
            Self,
            crate::reexport::__private::MappingError,
        > {
            let _ = <__With_name<
                'a,
                Id,
                V,
                N,
            > as crate::reexport::__private::Codec<&'a str>>::KIND;
            let _ = <crate::reexport::__private::Plain as crate::reexport::__private::Codec<
                [V; N],
            >>::KIND;
            let mut __reader = crate::reexport::__private::Reader::new(__properties);
            crate::reexport::__private::Ok(Self {
                id: <Id as crate::reexport::__private::IdValue>::unassigned(),
                name: __reader.required::<__With_name<'a, Id, V, N>, &'a str>("name")?,
                values: __reader
                    .required::<crate::reexport::__private::Plain, [V; N]>("values")?,
            })
        }
        fn canonical(
            __properties: crate::reexport::__private::Properties,
        ) -> crate::reexport::__private::Result<
            crate::reexport::__private::Properties,
            crate::reexport::__private::MappingError,
        > {
            let _ = <__With_name<
                'a,
                Id,
                V,
                N,
            > as crate::reexport::__private::Codec<&'a str>>::KIND;
            let _ = <crate::reexport::__private::Plain as crate::reexport::__private::Codec<
                [V; N],
            >>::KIND;
            let mut __fields = crate::reexport::__private::Canonical::new(
                __properties,
                2usize,
            );
            __fields
                .field::<
                    __With_name<'a, Id, V, N>,
                    &'a str,
                >("name", crate::reexport::__private::Presence::Required);
            __fields
                .field::<
                    crate::reexport::__private::Plain,
                    [V; N],
                >("values", crate::reexport::__private::Presence::Required);
            __fields.finish()
        }
    }
    crate::reexport::__private::samples! {
        [< 'a : 'static, Id, V : Value, const N : usize >] [Person < 'a, Id, V, N >]
        [where V : Clone] { id : < Id as crate ::reexport::__private::IdValue >
        ::unassigned(), } { name : @ required "name"[__With_name < 'a, Id, V, N >, & 'a
        str] values : @ required "values"[crate ::reexport::__private::Plain, [V; N]] }
    }
};
