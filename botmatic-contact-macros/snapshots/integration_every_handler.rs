#[cfg(feature = "recruiting")]
#[allow(clippy::unused_self)]
impl<S: Store, const N: usize> Recruiting<S, N>
where
    S::Key: Clone,
{
    const LIMIT: Limit = Limit { jobs: 3 };
    pub fn new() -> Self {
        Self::default()
    }
    #[allow(clippy::unused_async)]
    async fn installed(&self, install: Install) -> Result<(), AppError> {
        Ok(())
    }
    #[allow(clippy::unused_async)]
    async fn seat_taken(&self) {}
    #[allow(clippy::unused_async)]
    /// Takes the sync over.
    async fn created(
        &self,
        mut contact: ContactCreated,
        #[cfg(audit)]
        log: Log,
    ) -> anyhow::Result<Reply> {
        self.create(contact).await
    }
    #[allow(clippy::unused_async)]
    #[cfg(feature = "jobs")]
    #[tracing::instrument(skip_all)]
    pub(crate) async fn find_jobs(&self, Params(query): Params<JobQuery>) -> Jobs {
        self.jobs(query).await
    }
    #[allow(clippy::unused_async)]
    async fn set(
        &self,
        Captures(c): Captures<Set>,
        who: ContactId,
        botmatic: Botmatic<Self>,
    ) -> Result<(), AppError> {
        Ok(())
    }
    generated! {
        more methods
    }
}
#[cfg(feature = "recruiting")]
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
impl<S: Store, const N: usize> ::botmatic_contact::__private::Integration
for Recruiting<S, N>
where
    S::Key: Clone,
{
    ::botmatic_contact::__private::probed!();
    fn table() -> ::botmatic_contact::__private::Table<Self> {
        let __table = ::botmatic_contact::__private::Table::<Self>::new();
        let __table = ::botmatic_contact::__private::Table::on(
            __table,
            ::botmatic_contact::__private::event::install,
            |__call| ::botmatic_contact::__private::boxed(async move {
                use ::botmatic_contact::__private::AnsweredValue as _;
                let __p0: Install = __call.extract().await?;
                let __answer = ::botmatic_contact::__private::assert_send(
                        Self::installed(
                            ::botmatic_contact::__private::Call::integration(__call),
                            __p0,
                        ),
                    )
                    .await;
                ::botmatic_contact::__private::Answered(__answer).__reply()
            }),
        );
        let __table = ::botmatic_contact::__private::Table::on(
            __table,
            ::botmatic_contact::__private::event::custom("seat_taken"),
            |__call| ::botmatic_contact::__private::boxed(async move {
                use ::botmatic_contact::__private::AnsweredValue as _;
                let __answer = ::botmatic_contact::__private::assert_send(
                        Self::seat_taken(
                            ::botmatic_contact::__private::Call::integration(__call),
                        ),
                    )
                    .await;
                ::botmatic_contact::__private::Answered(__answer).__reply()
            }),
        );
        let __table = ::botmatic_contact::__private::Table::replace(
            __table,
            ::botmatic_contact::__private::event::contact_created,
            |__call| ::botmatic_contact::__private::boxed(async move {
                use ::botmatic_contact::__private::AnsweredValue as _;
                let __p0: ContactCreated = __call.extract().await?;
                #[cfg(audit)]
                let __p1: Log = __call.extract().await?;
                let __answer = ::botmatic_contact::__private::assert_send(
                        Self::created(
                            ::botmatic_contact::__private::Call::integration(__call),
                            __p0,
                            #[cfg(audit)]
                            __p1,
                        ),
                    )
                    .await;
                ::botmatic_contact::__private::Answered(__answer).__reply()
            }),
        );
        let __table = ::botmatic_contact::__private::describe!(
            __table,
            ::botmatic_contact::__private::Description::new("Takes the sync over.")
        );
        #[cfg(feature = "jobs")]
        let __table = ::botmatic_contact::__private::Table::action(
            __table,
            "find_jobs",
            |__call| ::botmatic_contact::__private::boxed(async move {
                use ::botmatic_contact::__private::AnsweredValue as _;
                let __p0: Params<JobQuery> = __call.extract().await?;
                let __answer = ::botmatic_contact::__private::assert_send(
                        Self::find_jobs(
                            ::botmatic_contact::__private::Call::integration(__call),
                            __p0,
                        ),
                    )
                    .await;
                ::botmatic_contact::__private::Answered(__answer).__reply()
            }),
        );
        #[cfg(feature = "jobs")]
        let __table = ::botmatic_contact::__private::describe!(
            __table, ::botmatic_contact::__private::undescribed(), @ params JobQuery, @
            answer Jobs
        );
        let __table = ::botmatic_contact::__private::Table::pattern(
            __table,
            r"set_(?<property>\w+)_(?<value>.+)",
            |__call| ::botmatic_contact::__private::boxed(async move {
                use ::botmatic_contact::__private::AnsweredValue as _;
                let __p0: Captures<Set> = __call.extract().await?;
                let __p1: ContactId = __call.extract().await?;
                let __p2: Botmatic<Self> = __call.extract().await?;
                let __answer = ::botmatic_contact::__private::assert_send(
                        Self::set(
                            ::botmatic_contact::__private::Call::integration(__call),
                            __p0,
                            __p1,
                            __p2,
                        ),
                    )
                    .await;
                ::botmatic_contact::__private::Answered(__answer).__reply()
            }),
        );
        let __table = ::botmatic_contact::__private::describe!(
            __table, ::botmatic_contact::__private::undescribed(), @ captures Set
        );
        __table
    }
}
