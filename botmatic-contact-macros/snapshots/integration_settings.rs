impl Recruiting {
    #[allow(clippy::unused_async)]
    #[cfg(feature = "page")]
    async fn settings(&self, auth: Auth<Account>) -> Result<Settings, AppError> {}
    #[allow(clippy::unused_async)]
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
    ::botmatic_contact::__private::probed!();
    fn table() -> ::botmatic_contact::__private::Table<Self> {
        let __table = ::botmatic_contact::__private::Table::<Self>::new();
        #[cfg(feature = "page")]
        let __table = ::botmatic_contact::__private::settings_page(
            __table,
            "/settings",
            |__call| ::botmatic_contact::__private::boxed(async move {
                use ::botmatic_contact::__private::AnsweredPage as _;
                let __p0: Auth<Account> = __call.extract().await?;
                let __answer = ::botmatic_contact::__private::assert_send(
                        Self::settings(
                            ::botmatic_contact::__private::Call::integration(__call),
                            __p0,
                        ),
                    )
                    .await;
                ::botmatic_contact::__private::Answered(__answer).__shown()
            }),
            |__call, __settings| ::botmatic_contact::__private::boxed(async move {
                let __settings: Settings = ::botmatic_contact::__private::submitted(
                    __settings,
                );
                use ::botmatic_contact::__private::AnsweredPage as _;
                #[cfg(audit)]
                let __p0: Log = __call.extract().await?;
                let __p1: Token = __call.extract().await?;
                let __answer = ::botmatic_contact::__private::assert_send(
                        Self::save(
                            ::botmatic_contact::__private::Call::integration(__call),
                            __settings,
                            #[cfg(audit)]
                            __p0,
                            __p1,
                        ),
                    )
                    .await;
                ::botmatic_contact::__private::Answered(__answer).__saved()
            }),
        );
        __table
    }
}
