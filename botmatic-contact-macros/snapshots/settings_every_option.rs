#[allow(
    deprecated,
    unused_qualifications,
    clippy::absolute_paths,
    clippy::allow_attributes,
    clippy::allow_attributes_without_reason
)]
#[automatically_derived]
impl<T: Kind> crate::renamed::__private::SettingsForm for Settings<T>
where
    T: Copy,
{
    fn form() -> crate::renamed::__private::Form {
        let _ = <String as crate::renamed::__private::SettingValue>::REQUIRED;
        let _ = <Option<Secret> as crate::renamed::__private::SettingValue>::REQUIRED;
        let _ = <u32 as crate::renamed::__private::SettingValue>::REQUIRED;
        let _ = <Vec<Upload> as crate::renamed::__private::SettingValue>::REQUIRED;
        let _ = <T as crate::renamed::__private::SettingValue>::REQUIRED;
        crate::renamed::__private::Form::new([
            crate::renamed::__private::Field::new::<String>("address")
                .label("Address")
                .help("Where the CRM answers.")
                .kind::<String>(crate::renamed::__private::TextKind::Url),
            crate::renamed::__private::Field::new::<Option<Secret>>("api_key")
                .label("Api key")
                .help("From the CRM."),
            crate::renamed::__private::Field::new::<u32>("type")
                .label("Type")
                .min::<u32>(1)
                .max::<u32>(LIMIT),
            crate::renamed::__private::Field::new::<Vec<Upload>>("files")
                .label("Files")
                .max_size::<Vec<Upload>>(2 * MB)
                .accept::<Vec<Upload>>(".pdf"),
            crate::renamed::__private::Field::new::<T>("other").label("Other"),
        ])
    }
    fn show(&self) -> crate::renamed::__private::Vec<crate::renamed::__private::Shown> {
        let _ = <String as crate::renamed::__private::SettingValue>::REQUIRED;
        let _ = <Option<Secret> as crate::renamed::__private::SettingValue>::REQUIRED;
        let _ = <u32 as crate::renamed::__private::SettingValue>::REQUIRED;
        let _ = <Vec<Upload> as crate::renamed::__private::SettingValue>::REQUIRED;
        let _ = <T as crate::renamed::__private::SettingValue>::REQUIRED;
        ::core::convert::From::from([
            <String as crate::renamed::__private::SettingValue>::show(&self.address),
            <Option<
                Secret,
            > as crate::renamed::__private::SettingValue>::show(&self.api_key),
            <u32 as crate::renamed::__private::SettingValue>::show(&self.r#type),
            <Vec<Upload> as crate::renamed::__private::SettingValue>::show(&self.files),
            <T as crate::renamed::__private::SettingValue>::show(&self.other),
        ])
    }
    fn read(
        __reader: &mut crate::renamed::__private::FormReader<'_>,
        __current: crate::renamed::__private::Option<&Self>,
    ) -> crate::renamed::__private::Option<Self> {
        let _ = <String as crate::renamed::__private::SettingValue>::REQUIRED;
        let _ = <Option<Secret> as crate::renamed::__private::SettingValue>::REQUIRED;
        let _ = <u32 as crate::renamed::__private::SettingValue>::REQUIRED;
        let _ = <Vec<Upload> as crate::renamed::__private::SettingValue>::REQUIRED;
        let _ = <T as crate::renamed::__private::SettingValue>::REQUIRED;
        let __field_address = crate::renamed::__private::FormReader::value::<
            String,
        >(__reader, "address", __current.map(|__current| &__current.address));
        let __field_api_key = crate::renamed::__private::FormReader::value::<
            Option<Secret>,
        >(__reader, "api_key", __current.map(|__current| &__current.api_key));
        let __field_type = crate::renamed::__private::FormReader::value::<
            u32,
        >(__reader, "type", __current.map(|__current| &__current.r#type));
        let __field_files = crate::renamed::__private::FormReader::value::<
            Vec<Upload>,
        >(__reader, "files", __current.map(|__current| &__current.files));
        let __field_other = crate::renamed::__private::FormReader::value::<
            T,
        >(__reader, "other", __current.map(|__current| &__current.other));
        crate::renamed::__private::Some(Self {
            address: __field_address?,
            api_key: __field_api_key?,
            r#type: __field_type?,
            files: __field_files?,
            other: __field_other?,
        })
    }
}
