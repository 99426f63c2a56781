#[allow(clippy::unused_async)]
/// Finds jobs.
#[cfg(feature = "jobs")]
#[tracing::instrument(skip_all)]
pub(crate) async fn find_jobs(
    state: State<Recruiting>,
    Params(query): Params<JobQuery>,
) -> Result<Jobs, AppError> {
    state.jobs(query).await
}
#[cfg(feature = "jobs")]
#[allow(
    missing_copy_implementations,
    missing_debug_implementations,
    non_camel_case_types,
    clippy::empty_structs_with_brackets,
    clippy::allow_attributes,
    clippy::allow_attributes_without_reason
)]
#[doc(hidden)]
pub(crate) struct find_jobs {}
#[cfg(feature = "jobs")]
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
impl ::botmatic_contact::__private::Handlers<Recruiting> for find_jobs {
    fn into_table(self) -> ::botmatic_contact::__private::Table<Recruiting> {
        let __table = ::botmatic_contact::__private::Table::<Recruiting>::new();
        let __table = ::botmatic_contact::__private::Table::action(
            __table,
            "find_jobs",
            |__call| ::botmatic_contact::__private::boxed(async move {
                use ::botmatic_contact::__private::AnsweredValue as _;
                let __p0: State<Recruiting> = __call.extract().await?;
                let __p1: Params<JobQuery> = __call.extract().await?;
                let __answer = ::botmatic_contact::__private::assert_send(
                        find_jobs(__p0, __p1),
                    )
                    .await;
                ::botmatic_contact::__private::Answered(__answer).__reply()
            }),
        );
        let __table = ::botmatic_contact::__private::describe!(
            __table, ::botmatic_contact::__private::Description::new("Finds jobs."), @
            params JobQuery, @ answer Jobs
        );
        __table
    }
}
