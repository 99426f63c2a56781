//! What the server does in one go: a script each, which runs while nothing else does.

use redis::Script;

/// The scripts, with the digests by which the server knows them.
pub(super) struct Scripts {
    pub(super) take: Script,
    pub(super) renew: Script,
    pub(super) release: Script,
    pub(super) installation: Script,
    pub(super) install: Script,
    pub(super) uninstall: Script,
    pub(super) look_up: Script,
    pub(super) intents: Script,
    pub(super) pairs: Script,
    pub(super) entries: Script,
    pub(super) installations: Script,
    pub(super) commit: Script,
}

impl Scripts {
    pub(super) fn new() -> Self {
        Self {
            take: Script::new(include_str!("take.lua")),
            renew: Script::new(include_str!("renew.lua")),
            release: Script::new(include_str!("release.lua")),
            installation: Script::new("return redis.call('GET', KEYS[1])"),
            install: Script::new(include_str!("install.lua")),
            uninstall: Script::new(include_str!("uninstall.lua")),
            look_up: Script::new(include_str!("look_up.lua")),
            intents: Script::new("return redis.call('HVALS', KEYS[1])"),
            pairs: Script::new(include_str!("pairs.lua")),
            entries: Script::new(include_str!("entries.lua")),
            installations: Script::new(
                "return redis.call('ZRANGE', KEYS[1], ARGV[1], '+', 'BYLEX', 'LIMIT', 0, ARGV[2])",
            ),
            commit: Script::new(include_str!("commit.lua")),
        }
    }
}
