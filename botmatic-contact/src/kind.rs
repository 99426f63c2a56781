//! What the kinds of call have to offer: each parameter asks for the kinds that it can be taken from.
//!
//! A kind is [`Action`], [`Pattern`], or the payload type of an event. To add one, add it to the lists below.

use crate::call::{Action, Pattern};
use crate::event::{
    BotReply, ContactCreated, ContactDeleted, ContactUpdated, Custom, Install, Uninstall, UserReply,
};

/// The kind of call that an event with the payload `P` makes.
#[diagnostic::on_unimplemented(
    message = "`{P}` does not come with this kind of call",
    label = "the payload of another event",
    note = "a payload is for handlers of its own event, as `UserReply` is for `#[botmatic::on(user_reply)]` and `Install` \
            for `#[botmatic::on(install)]`",
    note = "for the `data` of any call write `Params<YourType>`"
)]
pub trait HasPayload<P> {}

impl<P> HasPayload<P> for P {}

/// The kinds of call that have the named groups of a pattern.
#[diagnostic::on_unimplemented(
    message = "`Captures` does not come with this kind of call",
    label = "nothing was captured here",
    note = "`Captures` holds the named groups of a pattern: write \
            `#[botmatic::action(pattern = r\"name_(?<value>\\w+)\")]`, or take what was sent with `Params<YourType>`"
)]
pub trait HasCaptures {}

impl HasCaptures for Pattern {}

/// The kinds of call that come with `data`: all but those of the settings page.
#[diagnostic::on_unimplemented(
    message = "this kind of call has no `data`",
    label = "there is nothing to read this from",
    note = "a method of the settings page is not called by Botmatic: what was entered is the first argument of the one \
            that saves; both can take `Auth<…>`, `Token`, `Botmatic<Self>` and `State<Self>`"
)]
pub trait HasData {}

/// The kinds of call that are about one contact.
#[diagnostic::on_unimplemented(
    message = "this kind of call is not about a contact",
    label = "there is no contact to name",
    note = "`ContactId` can be a parameter of actions, contact events, `user_reply` and `bot_reply`"
)]
pub trait AboutContact {
    /// Whether the data is the contact, so that its id is not named as somebody else's.
    #[doc(hidden)]
    const IS_THE_CONTACT: bool = false;
}

macro_rules! kinds {
    ($of:ident: $($kind:ty),* $(,)?) => { $(impl $of for $kind {})* };
}

kinds! {
    HasData: Action, Pattern, Install, Uninstall, ContactCreated, ContactUpdated, ContactDeleted, UserReply, BotReply,
    Custom,
}
kinds! { AboutContact: Action, Pattern, ContactDeleted, UserReply, BotReply }

impl AboutContact for ContactCreated {
    const IS_THE_CONTACT: bool = true;
}

impl AboutContact for ContactUpdated {
    const IS_THE_CONTACT: bool = true;
}
