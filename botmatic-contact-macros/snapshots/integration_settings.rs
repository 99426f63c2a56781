impl Recruiting {
    #[cfg(feature = "page")]
    async fn settings(&self, auth: Auth<Account>) -> Result<Settings, AppError> {}
    #[cfg(feature = "page")]
    async fn save(
        &self,
        Settings { key, .. }: Settings,
        #[cfg(audit)]
        log: Log,
        token: Token,
    ) {}
}
#[allow(
    deprecated,
    unused_imports,
    unused_qualifications,
    clippy::absolute_paths,
    clippy::allow_attributes,
    clippy::allow_attributes_without_reason,
    clippy::large_futures,
    clippy::shadow_unrelated
)]
#[automatically_derived]
impl ::botmatic_contact::__private::Integration for Recruiting {
    const HAS_CONSUMER: bool = {
        use ::botmatic_contact::__private::NoConsumer as _;
        ::botmatic_contact::__private::Probe::<Self>::HAS_CONSUMER
    };
    fn table() -> ::botmatic_contact::__private::Table<Self> {
        let table = ::botmatic_contact::__private::Table::new();
        #[cfg(feature = "page")]
        let table = ::botmatic_contact::__private::settings_page(
            table,
            "/settings",
            |call| ::botmatic_contact::__private::boxed(async move {
                let __p0 = ::botmatic_contact::__private::Call::extract::<
                    Auth<Account>,
                >(call)
                    .await?;
                let answer = ::botmatic_contact::__private::assert_send(
                        Self::settings(
                            ::botmatic_contact::__private::Call::integration(call),
                            __p0,
                        ),
                    )
                    .await;
                ::botmatic_contact::__private::shown_result(answer)
            }),
            |call, settings| ::botmatic_contact::__private::boxed(async move {
                let settings: Settings = settings;
                #[cfg(audit)]
                let __p0 = ::botmatic_contact::__private::Call::extract::<Log>(call)
                    .await?;
                let __p1 = ::botmatic_contact::__private::Call::extract::<Token>(call)
                    .await?;
                let answer = ::botmatic_contact::__private::assert_send(
                        Self::save(
                            ::botmatic_contact::__private::Call::integration(call),
                            settings,
                            #[cfg(audit)]
                            __p0,
                            __p1,
                        ),
                    )
                    .await;
                ::botmatic_contact::__private::saved_value(answer)
            }),
        );
        table
    }
}
