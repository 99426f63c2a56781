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
        crate::renamed::__private::Vec::from([
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
        reader: &mut crate::renamed::__private::FormReader<'_>,
        current: crate::renamed::__private::Option<&Self>,
    ) -> crate::renamed::__private::Option<Self> {
        let _ = <String as crate::renamed::__private::SettingValue>::REQUIRED;
        let _ = <Option<Secret> as crate::renamed::__private::SettingValue>::REQUIRED;
        let _ = <u32 as crate::renamed::__private::SettingValue>::REQUIRED;
        let _ = <Vec<Upload> as crate::renamed::__private::SettingValue>::REQUIRED;
        let _ = <T as crate::renamed::__private::SettingValue>::REQUIRED;
        let address = crate::renamed::__private::FormReader::value::<
            String,
        >(reader, "address", current.map(|current| &current.address));
        let api_key = crate::renamed::__private::FormReader::value::<
            Option<Secret>,
        >(reader, "api_key", current.map(|current| &current.api_key));
        let r#type = crate::renamed::__private::FormReader::value::<
            u32,
        >(reader, "type", current.map(|current| &current.r#type));
        let files = crate::renamed::__private::FormReader::value::<
            Vec<Upload>,
        >(reader, "files", current.map(|current| &current.files));
        let other = crate::renamed::__private::FormReader::value::<
            T,
        >(reader, "other", current.map(|current| &current.other));
        crate::renamed::__private::Some(Self {
            address: address?,
            api_key: api_key?,
            r#type: r#type?,
            files: files?,
            other: other?,
        })
    }
}
