//! That the macros work wherever they are used: `everything.rs` is code that uses all of them, and each module puts it
//! into another surrounding. The package in `renamed/` knows the framework under another name.

#![cfg(test)]

use ::botmatic_contact as runtime;

mod everything;
mod fragments;
mod lints;
mod names;
mod no_prelude;
mod places;
mod shadowed_prelude;
mod works;

use works::works;

#[tokio::test]
async fn in_a_module_like_any_other() {
    works::<everything::Crm>().await;
}

#[tokio::test]
async fn without_a_prelude() {
    works::<no_prelude::Crm>().await;
}

#[tokio::test]
async fn where_the_names_of_the_prelude_mean_something_else() {
    works::<shadowed_prelude::Crm>().await;
}

#[tokio::test]
async fn where_other_things_have_the_names_of_generated_ones() {
    works::<names::Crm>().await;
}

#[tokio::test]
async fn where_every_lint_is_denied() {
    works::<lints::Crm>().await;
}
